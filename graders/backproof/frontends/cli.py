"""The command `backproof`.

Exit codes as pytest's: 0 everything passed, 1 something did not, 2 interrupted, 3 our own error,
4 wrong usage.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Sequence
from enum import IntEnum
from pathlib import Path
from typing import NoReturn

from backproof.model import BackproofError


class ExitCode(IntEnum):
    """How the command ends."""

    OK = 0
    SOMETHING_FAILED = 1
    INTERRUPTED = 2
    OWN_ERROR = 3
    USAGE = 4


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(ExitCode.USAGE, f"{self.prog}: {message}\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="backproof",
        description="Grade deep-learning homework: every expected answer is proven, and no "
        "submission can mark itself.",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    _add_grade(commands)
    _add_autograde(commands)
    _add_similar(commands)
    _add_audit(commands)
    _add_release(commands)
    _add_answer(commands)
    _add_course(commands)
    _add_doctor(commands)
    return parser


def _add_grade(commands: argparse._SubParsersAction[_Parser]) -> None:
    grade = commands.add_parser(
        "grade",
        help="grade submissions",
        description="Grade .py files, notebooks, or folders of them, each isolated from the rest.",
    )
    grade.add_argument("assignment", help="name or folder of the homework")
    grade.add_argument("submissions", nargs="*", type=Path, metavar="SUBMISSION")
    _add_outputs(grade)
    grade.add_argument("--device", default="cpu", choices=("cpu", "cuda"), help="default: cpu")
    _add_isolation(grade)
    grade.add_argument(
        "--seed",
        default=os.environ.get("BACKPROOF_SECRET"),
        metavar="TEXT",
        help="secret behind the hidden cases (default: $BACKPROOF_SECRET, else the journal's, else "
        "new at each run; it stands in the JSON report)",
    )
    grade.add_argument(
        "--controls",
        action="store_true",
        help="also grade the reference solution and the untouched stub",
    )
    grade.add_argument(
        "--exit-zero",
        action="store_true",
        help="end with 0 also when a submission did not pass everything",
    )
    grade.add_argument(
        "-v", "--verbose", action="store_true", help="print whole reports, not one line each"
    )
    _add_limits(grade)


def _add_similar(commands: argparse._SubParsersAction[_Parser]) -> None:
    similar = commands.add_parser(
        "similar",
        help="list submissions with the same code, for a person",
        description="List groups of submissions whose code is the same once names, comments, "
        "formatting and the order of definitions are put aside. A list, never a verdict: what "
        "everybody was given, short functions, and what many have written is left out. Nothing is "
        "run.",
    )
    similar.add_argument("assignment", help="name or folder of the homework")
    similar.add_argument("submissions", nargs="+", type=Path, metavar="SUBMISSION")


def _add_outputs(grade: _Parser) -> None:
    grade.add_argument(
        "--json",
        nargs="?",
        const="-",
        metavar="FILE",
        help="write the reports as JSON to FILE, or to standard output instead of the text",
    )
    grade.add_argument("--junit", metavar="FILE", help="write the reports as JUnit XML")
    grade.add_argument(
        "--csv", metavar="FILE", help="write a table: a row for each submission, with its points"
    )
    grade.add_argument(
        "--report", metavar="FILE", help="write one HTML page about the class, for staff"
    )
    for platform, export in (
        ("canvas", "the exported gradebook"),
        ("moodle", "the exported grades, or an assignment's grading worksheet"),
    ):
        grade.add_argument(
            f"--{platform}",
            nargs=2,
            metavar=("EXPORT", "FILE"),
            help=f"write the points into {export}, for {platform.title()} to import",
        )
    grade.add_argument(
        "--column", metavar="TITLE", help="the column of these tables (default: the homework's)"
    )
    grade.add_argument(
        "--gradescope", metavar="DIR", help="write a results.json for each submission to DIR"
    )
    grade.add_argument(
        "--journal",
        metavar="FILE",
        help="keep finished reports here, and grade only what is not in it (default: with --json "
        "FILE, FILE.journal)",
    )
    _add_workers(grade)
    grade.add_argument(
        "--cluster",
        default="",
        metavar="WHERE",
        help="grade on a cluster of Dask: the address of its scheduler, slurm:N or local:N workers",
    )
    grade.add_argument(
        "--html", metavar="DIR", help="write a page for each student, with pictures, to this folder"
    )


def _add_workers(command: _Parser) -> None:
    command.add_argument(
        "--regrade",
        metavar="REASON",
        help="grade again what the journal holds; the old reports stay in it, with the reason",
    )
    command.add_argument(
        "--jobs",
        type=int,
        metavar="N",
        help="processor cores to keep busy (default: two; all, from 40 submissions on)",
    )


def _add_limits(command: _Parser) -> None:
    command.add_argument("--load-seconds", type=float, metavar="S", help="default: 60")
    command.add_argument(
        "--call-seconds", type=float, metavar="S", help="for one probe; default: 10"
    )
    command.add_argument("--memory-mb", type=int, metavar="MB", help="default: 2048")
    command.add_argument(
        "--gpu-memory-mb", type=int, metavar="MB", help="with --device cuda; default: 8192"
    )


def _add_autograde(commands: argparse._SubParsersAction[_Parser]) -> None:
    autograde = commands.add_parser(
        "autograde",
        help="grade a homework of an nbgrader course, in parallel",
        description="What 'nbgrader autograde' does in a course of 'backproof course init', with "
        "workers side by side, a journal, and one process that writes to the gradebook.",
    )
    autograde.add_argument("assignment", help="name of the homework")
    autograde.add_argument(
        "--course", type=Path, default=Path(), metavar="DIR", help="default: this folder"
    )
    autograde.add_argument("--student", default="*", metavar="GLOB", help="default: everybody")
    autograde.add_argument(
        "--force", action="store_true", help="write anew what is in the gradebook already"
    )
    autograde.add_argument("--device", default="cpu", choices=("cpu", "cuda"), help="default: cpu")
    _add_workers(autograde)
    _add_isolation(autograde)
    _add_limits(autograde)


def _add_isolation(command: _Parser) -> None:
    command.add_argument(
        "--isolation",
        choices=("full", "base", "cold", "none"),
        help="the least that is accepted, else nothing is run (default: $BACKPROOF_ISOLATION, else "
        "base); cold: as base, in a fresh process for each submission; none: also without any",
    )


def _add_doctor(commands: argparse._SubParsersAction[_Parser]) -> None:
    doctor = commands.add_parser(
        "doctor",
        help="what this machine offers to isolate submissions",
        description="Print which layers of isolation are in force here, why others are not, and "
        "which profile that makes.",
    )
    doctor.add_argument("--device", default="cpu", choices=("cpu", "cuda"), help="default: cpu")
    doctor.add_argument(
        "--probe",
        action="store_true",
        help="also try to get out, from inside; non-zero exit when something is possible that "
        "should not be",
    )


def _add_audit(commands: argparse._SubParsersAction[_Parser]) -> None:
    audit = commands.add_parser(
        "audit",
        help="grade the graders",
        description="The report card of every check: references and honest variants pass; stubs, "
        "trivial answers and mutants do not; test data keeps the power rules. Non-zero exit "
        "when anything is off.",
    )
    audit.add_argument("problems", nargs="*", metavar="PROBLEM", help="default: the whole bank")
    audit.add_argument("--json", nargs="?", const="-", metavar="FILE")
    audit.add_argument("--markdown", action="store_true", help="print the README's table")
    audit.add_argument(
        "--mutate",
        action="store_true",
        help="also run every one-edit change of the references: it must fail a check, or be "
        "listed in the problem's survivors.toml with a reason",
    )
    audit.add_argument(
        "--sample",
        type=int,
        metavar="N",
        help="with --mutate: N of these changes for each problem, always the same ones",
    )
    audit.add_argument("--device", default="cpu", choices=("cpu", "cuda"), help="default: cpu")
    _add_isolation(audit)
    audit.add_argument("--seed", default="audit", metavar="TEXT", help="default: audit")


def _add_release(commands: argparse._SubParsersAction[_Parser]) -> None:
    release = commands.add_parser(
        "release",
        help="generate what students get",
        description="Write the notebook, the stub, the public cases and the self-check of a "
        "homework to its folder release/.",
    )
    release.add_argument("assignment", help="name or folder of the homework")
    release.add_argument("folder", nargs="?", type=Path, help="default: the homework's release/")
    release.add_argument(
        "--check", action="store_true", help="write nothing; fail when a file is not up to date"
    )


def _add_course(commands: argparse._SubParsersAction[_Parser]) -> None:
    course = commands.add_parser("course", help="an nbgrader course from the bank")
    actions = course.add_subparsers(dest="action", required=True, metavar="ACTION")
    init = actions.add_parser(
        "init",
        help="make a course, or bring one up to date",
        description="Write configuration, gradebook and source notebooks of an nbgrader course. "
        "Run again, it updates what it wrote and leaves everything else as it is.",
    )
    init.add_argument("folder", type=Path, help="of the course")
    init.add_argument(
        "--homework", nargs="+", metavar="NAME", help="names of homeworks (default: all)"
    )


def _add_answer(commands: argparse._SubParsersAction[_Parser]) -> None:
    answer = commands.add_parser(
        "answer",
        help="try how a typed answer is read",
        description="Say how a typed answer is understood, as text and as LaTeX, and what may be "
        "typed. Whether it is right is not said. Run it in the folder that you got from your "
        "course; course staff run it anywhere.",
    )
    answer.add_argument("check", metavar="CHECK_ID", help="name of the answer, as in your file")
    answer.add_argument("text", metavar="ANSWER", nargs="?", help='between quotes: "sqrt((1-p)/p)"')
    answer.add_argument(
        "--in",
        dest="folder",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="the folder of the homework (default: this one)",
    )


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """Options and submissions in any order, which argparse alone does not allow after a command."""
    parser = _parser()
    options, more = parser.parse_known_args(arguments)
    if options.command == "answer" and options.text is None and len(more) == 1:
        options.text, more = more[0], []  # "-p^2" is an answer, and looks like an option
    if options.command == "answer" and options.text is None:
        parser.error('the answer is missing: backproof answer CHECK_ID "sqrt((1-p)/p)"')
    if more and (options.command != "grade" or any(word.startswith("-") for word in more)):
        parser.error(f"unrecognized arguments: {' '.join(more)}")
    if more:
        options.submissions += map(Path, more)
    return options


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _run(options: argparse.Namespace) -> int:
    # Imported here, so that --help and wrong usage do not wait for torch.
    if options.command in ("grade", "autograde", "audit"):
        if sys.platform != "linux" or getattr(options, "cluster", None):
            return _run_isolated(options)
        from backproof.sandbox.isolated import started_early

        with started_early(options.device, options.isolation):
            return _run_isolated(options)
    if options.command == "doctor":
        from backproof.frontends.doctor_command import run_doctor

        return run_doctor(options)
    if options.command == "similar":
        from backproof.frontends.similar_command import run_similar

        return run_similar(options)
    if options.command == "answer":
        from backproof.frontends.answer_command import run_answer

        return run_answer(options)
    if options.command == "course":
        from backproof.frontends.course_command import run_course

        return run_course(options)
    from backproof.frontends.release_command import run_release

    return run_release(options)


def _run_isolated(options: argparse.Namespace) -> int:
    """While torch is imported here, the process that runs submissions imports it, too."""
    if options.command == "grade":
        from backproof.frontends.grade_command import run_grade

        return run_grade(options)
    if options.command == "autograde":
        from backproof.frontends.autograde_command import run_autograde

        return run_autograde(options)
    from backproof.frontends.audit_command import run_audit

    return run_audit(options)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. Errors of the caller are one line, no traceback."""
    options = _parsed(arguments)
    for ending in (signal.SIGTERM, signal.SIGHUP):  # whoever ends us gets what is finished
        signal.signal(ending, _interrupt)
    try:
        return _run(options)
    except BackproofError as error:
        print(f"backproof: {error}", file=sys.stderr)
        return ExitCode.USAGE
    except BrokenPipeError:  # the reader of our output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return ExitCode.INTERRUPTED
    except KeyboardInterrupt:
        print("\nbackproof: stopped", file=sys.stderr)
        return ExitCode.INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
