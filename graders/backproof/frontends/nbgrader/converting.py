"""autograde, the run over a class: nothing that one student hands in touches another.

nbgrader makes its converter by name, without a setting for it, so `install` puts ours in its place.
"""

from __future__ import annotations

import glob
import logging
import os
import stat
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat
from nbgrader.api import Grade, Gradebook
from nbgrader.apps import api as nbgrader_api
from nbgrader.apps import autogradeapp
from nbgrader.converters import Autograde, base
from nbgrader.converters.base import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import OverwriteCells
from sqlalchemy.exc import SAWarning

from backproof.frontends.nbgrader.ahead import graded_ahead
from backproof.frontends.nbgrader.course import BackproofCourse, homework_of
from backproof.frontends.nbgrader.handed_in import stand_in
from backproof.frontends.nbgrader.reopening import opened_once
from backproof.frontends.nbgrader.rows import OverwriteOurCells
from backproof.frontends.nbgrader.timestamps import parse_timestamp
from backproof.loading.files import read_file
from backproof.loading.submissions import SUFFIXES, is_called
from backproof.model import BackproofError, Report
from backproof.reporting import summary_line
from backproof.reporting.text import one_line

MAX_TIMESTAMP = 1000
_KNOWN = (  # what nbgrader says of a submission and our lines say, too, or nothing
    "Late submission penalty",
    "No notebooks found",
    "No notebooks were matched",
    "No submitted file",
    "Removing existing",
    "Removing failed",
    "Skipping unknown notebook",
    "Updating existing",
)


def install() -> None:
    """Make every autograde of this process ours: that of the command and that of formgrader."""
    autogradeapp.Autograde = nbgrader_api.Autograde = CourseAutograde
    CourseDirectory.get_existing_timestamp = _timestamp


def _timestamp(_: Any, folder: str) -> Any:
    """When the submission in a folder was handed in; None where nothing readable says so."""
    path = Path(folder) / "timestamp.txt"
    if not path.is_file():
        return None
    try:
        return parse_timestamp(read_file(path, MAX_TIMESTAMP).decode("utf-8", "replace"))
    except BackproofError:
        return None


class CourseAutograde(Autograde):  # type: ignore[misc]  # nbgrader is untyped
    """Autograde, except that one student's files only ever concern that student.

    Of a homework of ours there is one line for each student and, at the end, a table of what needs
    a person. Plain notebooks are graded as nbgrader grades them.

    reports: what gives the report of a submission that is graded apart, by student.
    say: where the lines go.
    """

    def __init__(self, coursedir: Any = None, **options: Any) -> None:
        super().__init__(coursedir=coursedir, **options)
        self.assignments: dict[str, list[str]]
        self.notebooks: list[str]
        self.sanitize_preprocessors: list[type] = [
            OverwriteOurCells if kind is OverwriteCells else kind
            for kind in self.sanitize_preprocessors
        ]
        self.reports: dict[str, Callable[[], Report]] = {}
        self.say: Callable[[str], None] = lambda line: self.log.info("backproof: %s", line)
        self._noticed: list[tuple[str, str]] = []
        self._failed: list[str] = []

    # --- what is to be graded

    def homework(self) -> Path | None:
        """The folder of the homework that this run is for; None for a plain assignment."""
        name = self.coursedir.assignment_id
        names = {"nbgrader": {"assignment": name, "notebook": name}}
        return BackproofCourse(parent=self).homework(names)

    def init_notebooks(self) -> None:
        """As nbgrader, but who has handed in something else than a notebook is not left out."""
        super().init_notebooks()
        if self.homework() is None:
            return
        pattern = self._format_source(self.coursedir.assignment_id, self.coursedir.student_id)
        for folder in glob.glob(pattern):
            if folder not in self.assignments and os.path.isdir(folder):
                self.assignments[folder] = []

    def student_of(self, folder: str) -> str:
        """Whose folder it is."""
        names = self.init_single_notebook_resources(os.path.join(folder, "any.ipynb"))["nbgrader"]
        return str(names["student"])

    def is_due(self, folder: str) -> bool:
        """Whether nbgrader would grade this submission now; as `init_destination` decides it."""
        student = self.student_of(folder)
        if student in self.coursedir.student_id_exclude.split(","):
            return False
        done = self._format_dest(self.coursedir.assignment_id, student)
        if self.force or not os.path.exists(done):
            return True
        times = [self.coursedir.get_existing_timestamp(path) for path in (folder, done)]
        return None not in times and times[0] > times[1]

    # --- the run

    def convert_notebooks(self) -> None:
        """All submissions, each on its own."""
        if self.homework() is None:
            self.convert_each(sorted(self.assignments))
        else:
            with self.quiet(), opened_once(), self._graded_ahead():
                self.convert_each(sorted(self.assignments))
                self.tell()
        self.raise_failed()

    @contextmanager
    def _graded_ahead(self) -> Iterator[None]:
        """What is due is graded while others are written."""
        folder, name = self.homework(), self.coursedir.assignment_id
        assert folder is not None
        files = {
            self.student_of(handed_in): Path(handed_in) / f"{name}.ipynb"
            for handed_in in sorted(self.assignments)
            if self.is_due(handed_in) and (Path(handed_in) / f"{name}.ipynb").exists()
        }
        if not files:
            yield
            return
        course = BackproofCourse(parent=self)
        with ExitStack() as stack:
            if sys.platform == "linux":
                from backproof.sandbox.isolated import started_early

                with suppress(BackproofError):  # said where a submission is to be run
                    # Now, while what wants it is imported.
                    stack.enter_context(started_early("cpu", None))
            reports = graded_ahead(folder, lambda: course.seed(homework_of(folder)), files)
            self.reports.update(stack.enter_context(reports))
            yield

    def convert_each(self, folders: list[str]) -> None:
        """Some submissions; what goes wrong with one is said at the end, and stops no other."""
        everything: dict[str, list[str]] = self.assignments
        for folder in folders:
            self.assignments = {folder: everything[folder]}
            try:
                super().convert_notebooks()
            except NbGraderException:
                self._failed.append(self.student_of(folder))
            finally:
                self.assignments = everything

    def raise_failed(self) -> None:
        """End as nbgrader does when a submission could not be graded."""
        if self._failed:
            names = ", ".join(one_line(name) for name in self._failed)
            self.log.error("could not be graded: %s; the reasons are above", names)
            raise NbGraderException(f"could not be graded: {names}")

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """As nbgrader, without following what is no file of the student's own."""
        folder = Path(self._format_source(assignment_id, student_id))
        is_ours = self.homework() is not None
        for path in filter(_is_odd, base.find_all_files(str(folder))):
            self.notice(student_id, f"{Path(path).relative_to(folder)} is no plain file: left out")
        if (folder / "timestamp.txt").exists() and _timestamp(self.coursedir, str(folder)) is None:
            self.notice(student_id, "timestamp.txt is no time: whether it was late is not known")
        if not is_ours:
            self.notebooks = [path for path in self.notebooks if not _is_odd(path)]
        try:
            with _own_files_only():
                super().init_assignment(assignment_id, student_id)
        except NbGraderException:
            if not is_ours or not self._is_entered(assignment_id, student_id):
                raise
            self.notebooks = []
        if is_ours and not (folder / f"{assignment_id}.ipynb").exists():
            self._wait_for_notebook(assignment_id, student_id, _held(folder, assignment_id))

    def _is_entered(self, assignment_id: str, student_id: str) -> bool:
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            found = gradebook.find_assignment(assignment_id).notebooks
            return bool(found) and bool(gradebook.find_submission(assignment_id, student_id))

    def _wait_for_notebook(self, assignment_id: str, student_id: str, what: str) -> None:
        """Marks of a notebook with another name wait for a person: nobody gets a zero for it."""
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            found = gradebook.find_submission_notebook(assignment_id, assignment_id, student_id)
            words = f"Nothing was run: the submission {one_line(what)}. A person looks at it."
            path = Path(self._format_dest(assignment_id, student_id)) / f"{assignment_id}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(stand_in(found.notebook, words), path)  # type: ignore[no-untyped-call]
            for grade in found.grades:
                grade.auto_score, grade.needs_manual_grade = None, True
            gradebook.db.commit()

    # --- what is said

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Within it, only our lines, and what nbgrader finds wrong; with --debug, everything."""
        if getattr(self.parent, "log_level", logging.INFO) <= logging.DEBUG:
            yield
            return
        self.log.addFilter(_passes)
        try:
            with warnings.catch_warnings():  # nbgrader's rows for a new submission: nothing is lost
                warnings.filterwarnings("ignore", "Object of type <Submitted", SAWarning)
                yield
        finally:
            self.log.removeFilter(_passes)

    def graded(self, student: str, report: Report | None) -> None:
        """Say how a student has done, in one line; None is a failure of ours."""
        if report is None:
            self.notice(student, "the grader failed: its marks wait for a person")
        self.say(
            f"{one_line(student)}: the grader failed" if report is None else summary_line(report)
        )

    def notice(self, student: str, what: str) -> None:
        """Something about a student that the table at the end must say."""
        self._noticed.append((student, what))

    def tell(self) -> None:
        """The table of what needs a person: in this run, and in the gradebook."""
        held = (
            (self.student_of(f), _held(Path(f), self.coursedir.assignment_id))
            for f in self.assignments
        )
        rows = [*self._noticed, *((s, what) for s, what in held if what), *self._waiting()]
        if not rows:
            return
        width = min(max(len(one_line(student)) for student, _ in rows), 30)
        self.say("needs a person:")
        for student, what in sorted(rows):
            self.say(f"  {one_line(student):<{width}}  {one_line(what)}")

    def _waiting(self) -> Iterator[tuple[str, str]]:
        folder = self.homework()
        questions = {q.grade_id: q.number for q in homework_of(folder).questions} if folder else {}
        waiting: dict[str, list[str]] = {}
        with Gradebook(self.coursedir.db_url, self.coursedir.course_id) as gradebook:
            for grade in gradebook.db.query(Grade).filter(Grade.needs_manual_grade):
                if grade.assignment.name == self.coursedir.assignment_id:
                    name = questions.get(grade.name, grade.name)
                    waiting.setdefault(grade.student.id, []).append(name)
        for student, names in waiting.items():
            if len(names) == len(questions) > 3:
                names = ["all questions"]
            yield student, f"to be marked in formgrader: {', '.join(sorted(names))}"


def _held(folder: Path, assignment: str) -> str:
    """What a person should know of the names in a student's folder; "" if it is as it should be."""
    names = sorted(path.name for path in folder.iterdir() if path.name != "timestamp.txt")
    others = [
        name
        for name in names
        if Path(name).suffix in SUFFIXES
        and name != f"{assignment}.ipynb"
        and is_called(Path(name).stem, assignment)
    ]
    if f"{assignment}.ipynb" not in names:
        return f"holds no {assignment}.ipynb, but {_some(names) or 'nothing'}"
    return f"also holds {_some(others)}, which was not graded" if others else ""


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (" and more" if len(names) > 3 else "")


def _is_odd(path: str) -> bool:
    """Whether it is a link, a device, a pipe: anything but a file of its own."""
    try:
        return not stat.S_ISREG(os.lstat(path).st_mode)
    except OSError:
        return True


@contextmanager
def _own_files_only() -> Iterator[None]:
    """Within it, nbgrader copies no link's target, and waits for no pipe."""
    find = base.find_all_files

    def found(*arguments: Any) -> list[str]:
        return [path for path in find(*arguments) if not _is_odd(path)]

    base.find_all_files = found
    try:
        yield
    finally:
        base.find_all_files = find


def _passes(record: logging.LogRecord) -> bool:
    """Whether a line of the log says something that nobody else says."""
    text = str(record.msg)
    if record.levelno < logging.WARNING:
        return text.startswith("backproof")
    return not text.startswith(_KNOWN) and not text.endswith(" seconds late")
