"""autograde of a whole class, side by side; this process alone writes, through nbgrader.

What is written is what the bridge of `nbgrader autograde` writes, since it is the same code.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.converters.base import NbGraderException

from backproof.batch import Journal, Settings, grade_class
from backproof.frontends.nbgrader.converting import CourseAutograde
from backproof.frontends.nbgrader.course import BackproofCourse, homework_of
from backproof.frontends.nbgrader.founding import CONFIG, JOURNAL, database_of
from backproof.frontends.nbgrader.reopening import opened_once
from backproof.loading import read_submission
from backproof.model import BackproofError, Limits, Report, Submission

Advance: TypeAlias = Callable[[int, Report | None], None]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What the caller wants.

    student: a pattern of their names. regrade: why reports that are known are not used.
    jobs: for so many submissions, how many processor cores to keep busy.
    """

    student: str
    force: bool
    regrade: str | None
    device: str
    limits: Limits
    least: str | None
    jobs: Callable[[int], int]
    progress: Callable[[int], AbstractContextManager[Advance]]


@dataclass(kw_only=True, slots=True)
class End:
    """How a run ended: how many submissions it was for, and what went wrong on our side."""

    submissions: int = 0
    faults: list[str] = field(default_factory=list)
    interrupted: bool = False


def autograde(course: Path, name: str, asked: Asked) -> End:
    """Grade a homework of the course in the current folder.

    Raises:
        BackproofError: the configuration cannot be read, does not use backproof, or knows no
            homework of this name.
    """
    database_of(course)  # nbgrader would go on without a configuration that cannot be read
    app = AutogradeApp()
    app.initialize(["--log-level=WARN"])
    app.coursedir.assignment_id = name
    app.coursedir.student_id = asked.student
    run = _ParallelAutograde(coursedir=app.coursedir, parent=app)
    if not app.config.Autograde.get("autograde_preprocessors"):
        raise BackproofError(f"{str(course / CONFIG)!r} does not call configure(c): see the docs")
    run.asked, run.force, run.say = asked, asked.force, print
    if run.homework() is None:
        raise BackproofError(
            f"{name!r} is no homework of backproof's; for a plain assignment: nbgrader autograde"
        )
    try:
        run.start()
    except NbGraderException as error:
        run.end.faults.append(str(error) or "nbgrader found nothing to grade")
    return run.end


class _ParallelAutograde(CourseAutograde):
    """The same run, with reports that come from workers."""

    def __init__(self, coursedir: Any = None, **options: Any) -> None:
        super().__init__(coursedir=coursedir, **options)
        self.asked: Asked
        self.end = End()

    def convert_notebooks(self) -> None:
        """Grade all that is due; write each as soon as its report is there."""
        due = {
            self.student_of(folder): folder for folder in self.assignments if self.is_due(folder)
        }
        left = dict(sorted(due.items()))
        submissions = [
            read_submission(path, name=student)
            for student, folder in left.items()
            for path in (Path(folder) / f"{self.coursedir.assignment_id}.ipynb",)
            if path.exists() or path.is_symlink()
        ]
        self.end.submissions = len(left)

        def write(report: Report) -> None:
            self.reports[report.submission] = lambda: report
            self.convert_each([left.pop(report.submission)])

        with self.quiet(), opened_once():
            self._grade(submissions, write)
            if not self.end.interrupted:
                self.convert_each(list(left.values()))  # who has handed in no notebook
                self.tell()
        self.raise_failed()

    def _grade(self, submissions: list[Submission], write: Callable[[Report], None]) -> None:
        folder = self.homework()
        assert folder is not None
        assignment, asked = homework_of(folder), self.asked
        course = BackproofCourse(parent=self)
        with ExitStack() as opened:
            journal = opened.enter_context(Journal(Path(course.journal or JOURNAL)))
            advance = opened.enter_context(asked.progress(len(submissions)))
            written = set()

            def told(known: int, report: Report | None) -> None:
                if report is not None:
                    written.add(report.submission)
                    write(report)
                advance(known, report)

            run = grade_class(
                assignment,
                submissions,
                Settings(
                    folder=folder,
                    seed=course.seed(assignment),
                    device=asked.device,
                    limits=asked.limits,
                    least=asked.least,
                ),
                jobs=asked.jobs(len(submissions)),
                journal=journal,
                regrade=asked.regrade,
                advance=told,
            )
        self.end.faults += run.faults
        self.end.interrupted = run.interrupted
        for report in run.reports:
            if report.submission not in written:
                write(report)
