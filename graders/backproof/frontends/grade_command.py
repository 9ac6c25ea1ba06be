"""`backproof grade`: submissions in, reports out."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
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

from backproof.audit import stub_of
from backproof.batch import Journal, Run, Settings, grade_class
from backproof.frontends.cli import ExitCode
from backproof.frontends.outputs import Outputs
from backproof.intake import Scratch, scratch, take_in
from backproof.loading import find_assignment, load_assignment, render_solution
from backproof.model import CONTROL, Assignment, BackproofError, Limits, Report, Student, Submission
from backproof.reporting.text import one_line

WORTH_WORKERS = 40
"""From so many submissions on, this process does not grade alone: for fewer, starting workers costs
what they save (measured with `benchmarks/batch.py`)."""


def run_grade(options: argparse.Namespace) -> int:
    """Grade all submissions that the command line names; a bad one never stops the others."""
    folder = find_assignment(options.assignment)
    assignment = load_assignment(folder)
    with scratch() as place:
        submissions, faults = _collect(options.submissions, assignment.name, place)
        return _graded(options, folder, assignment, submissions, faults)


def _graded(
    options: argparse.Namespace,
    folder: Path,
    assignment: Assignment,
    submissions: list[Submission],
    faults: list[str],
) -> int:
    if options.controls:
        submissions = [*_controls(assignment), *submissions]
    if not submissions and not faults:
        raise BackproofError("nothing to grade: name submissions, or use --controls")
    for fault in faults:
        print(f"backproof: {one_line(fault)}", file=sys.stderr)
    _warn_of_repeats(submissions)
    if not submissions:
        return ExitCode.USAGE  # and no output file is replaced by an empty one
    outputs = Outputs(options, assignment)
    with ExitStack() as opened:
        place = _journal(options)
        journal = opened.enter_context(Journal(place)) if place else None
        advance = opened.enter_context(progress(len(submissions)))
        run = grade_class(
            assignment,
            submissions,
            _settings(folder, assignment, options, journal),
            jobs=jobs_for(options, len(submissions)),
            cluster=options.cluster,
            journal=journal,
            regrade=options.regrade,
            advance=advance,
        )
    outputs.write(run.reports, run.interrupted)
    return _ending(options, run, len(submissions), place, faults)


def _ending(
    options: argparse.Namespace, run: Run, submissions: int, journal: Path | None, faults: list[str]
) -> int:
    """Say how the run went, and with which code the command ends."""
    for fault in run.faults:
        print(f"backproof: {one_line(fault)}", file=sys.stderr)
    if run.known:
        print(
            f"{run.known} of them were graded before (journal {journal}; --regrade REASON grades "
            "them again)",
            file=sys.stderr,
        )
    if run.interrupted:
        again = "; the same command goes on from here" if journal else ""
        print(f"stopped after {len(run.reports)} of {submissions}{again}", file=sys.stderr)
        return ExitCode.INTERRUPTED
    if run.faults or any(report.grader_failed for report in run.reports):
        return ExitCode.OWN_ERROR
    if faults:
        return ExitCode.USAGE
    passed = all(r.all_passed for r in run.reports if not r.is_control)
    return ExitCode.OK if passed or options.exit_zero else ExitCode.SOMETHING_FAILED


def _journal(options: argparse.Namespace) -> Path | None:
    """Where finished reports are kept: beside the JSON, unless it is said."""
    if options.journal:
        return Path(options.journal)
    if options.json not in (None, "-"):
        return Path(f"{options.json}.journal")
    if options.regrade is not None:
        raise BackproofError("--regrade needs a journal: name it with --journal FILE")
    return None


def _settings(
    folder: Path, assignment: Assignment, options: argparse.Namespace, journal: Journal | None
) -> Settings:
    seed = options.seed or secrets.token_hex(8)
    if journal is not None and not options.seed:
        seed = journal.seed(assignment, seed)
    return Settings(
        folder=folder,
        seed=seed,
        device=options.device,
        limits=limits_of(options),
        least=options.isolation,
    )


def jobs_for(options: argparse.Namespace, submissions: int) -> int:
    """How many cores to keep busy: as asked for, else all, or two where workers do not pay."""
    if options.jobs is not None:
        if options.jobs < 1:
            raise BackproofError(f"--jobs {options.jobs}: at least one is needed")
        return int(options.jobs)
    if options.device != "cpu" or not hasattr(os, "sched_getaffinity"):
        return 1
    cores = len(os.sched_getaffinity(0))
    return cores if submissions >= WORTH_WORKERS else min(cores, 2)


def _collect(
    paths: list[Path], assignment: str, place: Scratch
) -> tuple[list[Submission], list[str]]:
    found: list[Submission] = []
    faults = []
    for path in paths:
        try:
            found += take_in(path, assignment, place)
        except BackproofError as error:
            faults.append(str(error))
    return found, faults


def _warn_of_repeats(submissions: list[Submission]) -> None:
    """Say who has several submissions: all are graded, and a person decides which one counts."""
    places: dict[Student, list[str]] = defaultdict(list)
    for submission in submissions:
        for student in submission.students:
            places[student].append(submission.name)
    for student, names in places.items():
        if len(names) > 1:
            listed = one_line(" and ".join(names))
            print(f"backproof: {one_line(str(student))} has several: {listed}", file=sys.stderr)


def _controls(assignment: Assignment) -> list[Submission]:
    """The reference solution and the untouched stub: if these two are off, everything is."""
    asks = [ask for problem in assignment.problems for ask in problem.asks]
    return [
        Submission(name=f"{CONTROL}{name}", path=Path(f"{name}.py"), digest="", cells=(code,))
        for name, code in (
            ("reference", render_solution(asks)),
            ("stub", stub_of(asks)),
        )
    ]


def limits_of(options: argparse.Namespace) -> Limits:
    """The limits of a submission that the command line names."""
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
def progress(total: int) -> Iterator[Callable[[int, Report | None], None]]:
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

        def advance(known: int, report: Report | None) -> None:
            if report is None:
                bar.update(task, completed=known)
                return
            name = one_line("/".join(Path(report.submission).parts[-2:]))
            bar.update(task, advance=1, description=name[-40:])

        yield advance
