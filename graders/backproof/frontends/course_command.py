"""`backproof course init`: an nbgrader course from the bank."""

from __future__ import annotations

import argparse
from importlib.util import find_spec

from backproof.frontends.cli import ExitCode
from backproof.model import BackproofError
from backproof.reporting.text import one_line


def run_course(options: argparse.Namespace) -> int:
    """Write or update a course, and say what comes next."""
    if find_spec("nbgrader") is None:
        raise BackproofError("a course needs nbgrader: pip install 'backproof[nbgrader]'")
    from backproof.frontends.nbgrader.founding import found_course

    changes = found_course(options.folder, options.homework or ())
    for line in changes.written:
        print(f"written: {one_line(line)}")
    for line in changes.kept:
        print(f"left as it is: {one_line(line)}")
    if not changes.written:
        print("up to date")
    return ExitCode.OK
