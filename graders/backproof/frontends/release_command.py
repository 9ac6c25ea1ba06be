"""`backproof release`: what students get."""

from __future__ import annotations

import argparse
import sys

from backproof.authoring.release import release_homework
from backproof.frontends.cli import ExitCode


def run_release(options: argparse.Namespace) -> int:
    """Write a release, or with --check say which of its files are not up to date."""
    changed = release_homework(options.assignment, options.folder, options.check)
    for name in changed:
        print(f"{'not up to date' if options.check else 'written'}: {name}")
    if options.check and changed:
        print(f"run: backproof release {options.assignment}", file=sys.stderr)
        return ExitCode.SOMETHING_FAILED
    if not changed:
        print("up to date")
    return ExitCode.OK
