"""`backproof grade`: submissions in, reports out."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from backproof.answer_key import AnswerKey
from backproof.audit import stub_of
from backproof.frontends.cli import ExitCode
from backproof.grading import grade
from backproof.loading import (
    find_assignment,
    find_submissions,
    load_assignment,
    render_solution,
)
from backproof.model import Assignment, BackproofError, Limits, Report, Submission
from backproof.reporting import junit_xml, report_json, report_table, summary_line, text_report
from backproof.reporting.text import one_line
from backproof.sandbox import Isolated


def run_grade(options: argparse.Namespace) -> int:
    """Grade all submissions that the command line names; a bad one never stops the others."""
    assignment = load_assignment(find_assignment(options.assignment))
    submissions, faults = _collect(options.submissions, assignment.name)
    if options.controls:
        submissions = [*_controls(assignment), *submissions]
    if not submissions and not faults:
        raise BackproofError("nothing to grade: name submissions, or use --controls")
    for fault in faults:
        print(f"backproof: {one_line(fault)}", file=sys.stderr)
    if not submissions:
        return ExitCode.USAGE  # and no output file is replaced by an empty one
    outputs = [path for path in (options.json, options.junit) if path not in (None, "-")]
    for path in outputs:
        _check_writable(path)
    if options.html:
        _check_folder(options.html)
    reports, interrupted = _grade_all(assignment, submissions, options)
    _write(options, reports, interrupted)
    if interrupted:
        print(f"stopped after {len(reports)} of {len(submissions)}", file=sys.stderr)
        return ExitCode.INTERRUPTED
    if any(report.grader_failed for report in reports):
        return ExitCode.OWN_ERROR
    if faults:
        return ExitCode.USAGE
    passed = all(r.all_passed for r in reports if not r.submission.startswith("control: "))
    return ExitCode.OK if passed or options.exit_zero else ExitCode.SOMETHING_FAILED


def _grade_all(
    assignment: Assignment, submissions: list[Submission], options: argparse.Namespace
) -> tuple[list[Report], bool]:
    """The reports, and whether the caller interrupted: what is finished is kept."""
    key = AnswerKey(options.seed or secrets.token_hex(8))
    reports: list[Report] = []
    try:
        runner = Isolated(_limits(options), options.device, options.isolation)
        with runner, _progress(len(submissions)) as advance, _kept(options.json) as keep:
            for submission in submissions:
                report = grade(assignment, submission, runner, key, options.device)
                reports.append(report)
                keep(report)
                advance(report)
    except KeyboardInterrupt:
        return reports, True
    return reports, False


def _collect(paths: list[Path], assignment: str) -> tuple[list[Submission], list[str]]:
    found: list[Submission] = []
    faults = []
    for path in paths:
        try:
            found += find_submissions(path, assignment)
        except BackproofError as error:
            faults.append(str(error))
    return found, faults


def _controls(assignment: Assignment) -> list[Submission]:
    """The reference solution and the untouched stub: if these two are off, everything is."""
    asks = [ask for problem in assignment.problems for ask in problem.asks]
    return [
        Submission(name=f"control: {name}", path=Path(f"{name}.py"), digest="", cells=(code,))
        for name, code in (
            ("reference", render_solution(asks)),
            ("stub", stub_of(asks)),
        )
    ]


def _limits(options: argparse.Namespace) -> Limits:
    named = {
        "load_seconds": options.load_seconds,
        "call_seconds": options.call_seconds,
        "memory_bytes": options.memory_mb and options.memory_mb << 20,
        "gpu_memory_bytes": options.gpu_memory_mb and options.gpu_memory_mb << 20,
    }
    if wrong := [name for name, value in named.items() if value is not None and not value > 0]:
        raise BackproofError(f"{wrong[0].replace('_', ' ')}: a limit must be above 0")
    return replace(Limits(), **{name: value for name, value in named.items() if value is not None})


@contextmanager
def _progress(total: int) -> Iterator[Callable[[Report], None]]:
    """A bar on standard error for many submissions, when somebody watches it."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.description}", markup=False),
        console=console,
        disable=total < 2 or not console.is_terminal,
        transient=True,
    )
    with bar:
        task = bar.add_task("", total=total)

        def advance(report: Report) -> None:
            bar.update(
                task,
                advance=1,
                description=one_line("/".join(Path(report.submission).parts[-2:]))[-40:],
            )

        yield advance


def _write(options: argparse.Namespace, reports: list[Report], interrupted: bool) -> None:
    if options.junit:
        _write_file(options.junit, junit_xml(reports))
    if options.html:
        from backproof.reporting.webpage import page_name, student_page

        for report in reports:
            name = Path(options.html) / page_name(report.submission)
            _write_file(str(name), student_page(report))
    if options.json == "-":
        print(report_json(reports, complete=not interrupted))
        return
    if options.json:
        _write_file(options.json, report_json(reports, complete=not interrupted))
    if options.verbose or len(reports) == 1:
        print("\n\n".join(text_report(report, rubrics=True) for report in reports))
    else:
        for report in reports:
            print(summary_line(report))
    if reports:
        print(f"\n{len(reports)} graded; isolation: {reports[0].isolation}", file=sys.stderr)


@contextmanager
def _kept(path: str | None) -> Iterator[Callable[[Report], None]]:
    """Write each finished report to PATH.part at once, a line each: for whoever was killed."""
    if path in (None, "-"):
        yield lambda _: None
        return
    with open(_part(path), "w", encoding="utf-8") as part:

        def keep(report: Report) -> None:
            try:
                print(json.dumps(report_table(report), ensure_ascii=False), file=part, flush=True)
            except OSError as error:  # a full disk is no reason to stop grading
                print(f"backproof: cannot write {part.name!r}: {error.strerror}", file=sys.stderr)

        yield keep


def _part(path: str) -> Path:
    return Path(f"{path}.part")


def _check_writable(path: str) -> None:
    """Find out before grading whether an output can be written, and change nothing."""
    try:
        with open(path, "a", encoding="utf-8"):
            pass
    except OSError as error:
        raise BackproofError(f"cannot write {path!r}: {error.strerror}") from error


def _check_folder(path: str) -> None:
    """Find out before grading whether pages can be made and written."""
    if find_spec("jinja2") is None:
        raise BackproofError("--html needs Jinja2: pip install 'backproof[report]'")
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackproofError(f"cannot make the folder {path!r}: {error.strerror}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise BackproofError(f"cannot write to the folder {path!r}: permission denied")


def _write_file(path: str, text: str) -> None:
    """Replace a file as a whole: an interruption leaves the old one or the new one."""
    part = _part(path)
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
    except OSError as error:
        print(f"backproof: cannot write {path!r}: {error.strerror}", file=sys.stderr)
