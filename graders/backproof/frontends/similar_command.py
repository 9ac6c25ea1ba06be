"""`backproof similar`: whose code is the same, as a list for a person."""

from __future__ import annotations

import argparse
import sys

from backproof.audit import stub_of
from backproof.frontends.cli import ExitCode
from backproof.intake import scratch, take_in
from backproof.loading import find_assignment, load_assignment
from backproof.model import BackproofError, Submission
from backproof.reporting.text import one_line
from backproof.similarity import Group, find_similar


def run_similar(options: argparse.Namespace) -> int:
    """Print the groups; that there are some is no failure."""
    assignment = load_assignment(find_assignment(options.assignment))
    found: list[Submission] = []
    faults = []
    with scratch() as place:
        for path in options.submissions:
            try:
                found += take_in(path, assignment.name, place)
            except BackproofError as error:
                faults.append(str(error))
    similar = find_similar(found, [stub_of(a for p in assignment.problems for a in p.asks)])
    for name, reason in similar.left_out:
        faults.append(f"not compared: {name}: {reason}")
    for fault in faults:
        print(f"backproof: {one_line(fault)}", file=sys.stderr)
    compared = len(found) - len(similar.left_out)
    groups = f"{len(similar.groups)} {'group' if len(similar.groups) == 1 else 'groups'}"
    print(f"{compared} compared, {groups} with the same code")
    if similar.groups:
        print("What is the same may be copied, or the plain way to write it: a person decides.")
    for group in similar.groups:
        _print(group)
    return ExitCode.USAGE if faults else ExitCode.OK


def _print(group: Group) -> None:
    what = "all longer definitions" if group.whole else "in part"
    names = one_line(", ".join(group.names))
    print(f"\n{len(group.submissions)} submissions, {what}, {group.size} pieces of syntax: {names}")
    for name in group.submissions:
        print(f"  {one_line(name)}")
