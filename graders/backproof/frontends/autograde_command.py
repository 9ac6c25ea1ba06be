"""`backproof autograde`: a homework of an nbgrader course, in parallel, into one gradebook."""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec

from backproof.frontends.cli import ExitCode
from backproof.frontends.grade_command import jobs_for, limits_of, progress
from backproof.model import BackproofError
from backproof.reporting.text import one_line


def run_autograde(options: argparse.Namespace) -> int:
    """Grade what nbgrader would grade now; ends with 0 also when submissions are not right."""
    if find_spec("nbgrader") is None:
        raise BackproofError("this needs nbgrader: pip install 'backproof[nbgrader]'")
    course = options.course.resolve()
    if not (course / "nbgrader_config.py").is_file():
        raise BackproofError(
            f"no nbgrader_config.py in {str(course)!r}: go to your course's folder, or name it "
            "with --course; 'backproof course init' makes one"
        )
    from backproof.frontends.nbgrader.parallel import Asked, autograde

    os.chdir(course)
    asked = Asked(
        student=options.student,
        force=options.force or options.regrade is not None,
        regrade=options.regrade,
        device=options.device,
        limits=limits_of(options),
        least=options.isolation,
        jobs=lambda submissions: jobs_for(options, submissions),
        progress=progress,
    )
    end = autograde(course, options.assignment, asked)
    for fault in end.faults:
        print(f"backproof: {one_line(fault)}", file=sys.stderr)
    if end.interrupted:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return ExitCode.INTERRUPTED
    if not end.submissions:
        print("nothing to grade: all is in the gradebook already (--force writes it anew)")
    return ExitCode.OWN_ERROR if end.faults else ExitCode.OK
