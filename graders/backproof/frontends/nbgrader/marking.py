"""autograde, second half: grading what was handed in, and the gradebook."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nbformat.v4 import new_output
from nbgrader.api import Gradebook
from nbgrader.preprocessors import Execute, SaveAutoGrades
from nbgrader.preprocessors.base import NbGraderPreprocessor

from backproof.frontends.nbgrader.ahead import bench, grade_file
from backproof.frontends.nbgrader.course import (
    KEY,
    BackproofCourse,
    check_marking_cells,
    homework_of,
    is_marking,
)
from backproof.frontends.nbgrader.rows import Marks
from backproof.model import Assignment, Report
from backproof.reporting import explain
from backproof.reporting.text import points, printable, waiting
from backproof.reporting.webpage import question_part

FAILED = "The grader itself failed here. This is not your fault: a person will look at it."


class IsolatedGrade(BackproofCourse, Execute):  # type: ignore[misc]
    """Execute, except that notebooks of ours are graded in confined processes, without a kernel.

    Leaves the report in `resources` for SaveGrades, and an explanation in each marking cell.
    """

    def preprocess(self, nb: Any, resources: Any, km: Any = None) -> tuple[Any, Any]:
        """One notebook; what a submission does never raises here."""
        folder = self.homework(resources)
        if folder is None:
            return super().preprocess(nb, resources, km)  # type: ignore[no-any-return]
        student = resources["nbgrader"]["student"]
        converter = self.parent.parent  # type: ignore[union-attr]
        report = self._report(nb, resources, folder)
        converter.graded(student, report)
        resources[KEY] = report
        nb.metadata[KEY] = _header(report) if report else {"failed": True}
        texts = dict(_explanations(report, homework_of(folder))) if report else {}
        for cell in nb.cells:
            if is_marking(cell):
                data = texts.get(cell.metadata.nbgrader.grade_id, {"text/plain": FAILED})
                cell.outputs = [new_output("display_data", data)]  # type: ignore[no-untyped-call]
        return nb, resources

    def _report(self, nb: Any, resources: Any, folder: Path) -> Report | None:
        """The report of what was handed in; None when we failed, which SaveGrades knows of."""
        names = resources["nbgrader"]
        converter = self.parent.parent  # type: ignore[union-attr]
        ready = converter.reports.pop(names["student"], None)
        try:
            assignment = homework_of(folder)
            check_marking_cells(nb, assignment)
            if ready is not None:
                report: Report = ready()
                return report
            handed_in = converter.coursedir.format_path(
                converter.coursedir.submitted_directory, names["student"], names["assignment"]
            )
            path = Path(handed_in) / f"{names['notebook']}.ipynb"
            return grade_file(bench(folder, self.seed(assignment)), path, names["student"])
        except Exception:
            self.log.exception(
                "backproof failed on %s of %s: its marks wait for a person",
                names["notebook"],
                names["student"],
            )
            return None


def _header(report: Report) -> dict[str, Any]:
    """What a person needs to reproduce the marks; of the seed, only its hash."""
    return {
        "assignment": report.assignment,
        "assignment_digest": report.assignment_digest,
        "submission_digest": report.submission_digest,
        "seed_sha256": hashlib.sha256(report.seed.encode()).hexdigest(),
        "device": report.device,
        "isolation": report.isolation,
        "versions": dict(report.versions),
    }


def _explanations(
    report: Report, assignment: Assignment
) -> Iterator[tuple[str, Mapping[str, str]]]:
    """What each marking cell says, by grade id: as text, and as HTML with pictures."""
    for question, score in zip(assignment.questions, report.questions, strict=True):
        lines = [f"{points(score.points)} of {points(score.max_points)} points"]
        if score.waiting:
            lines.append(f"of the missing points, {waiting(score.waiting)} for a person")
        results = [result for result in report.results if result.question == question.number]
        open_ = [explain(result) for result in results if not result.verdict.earns_points]
        if report.fault is not None:
            open_ = [printable(report.fault)]
        text = "\n\n".join(["\n".join(lines), *(open_ or ["all checks passed"])])
        yield question.grade_id, {"text/plain": text, "text/html": question_part(report, score)}


class SaveGrades(BackproofCourse, SaveAutoGrades):  # type: ignore[misc]
    """SaveAutoGrades, except that marking cells of ours get the points of the report.

    Without a report (we failed, or --no-execute) nobody gets a zero: the marks wait for a person.
    """

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """One notebook; all marks and comments of one of ours are written together."""
        if self.homework(resources) is None:
            return super().preprocess(nb, resources)  # type: ignore[no-any-return]
        names = resources["nbgrader"]
        where = names["notebook"], names["assignment"], names["student"]
        self.notebook_id, self.assignment_id, self.student_id = where
        with Gradebook(names["db_url"]) as gradebook:
            self.gradebook = marks = Marks(gradebook, *where)
            nb, resources = NbGraderPreprocessor.preprocess(self, nb, resources)
            marks.save()
        return nb, resources

    def _add_score(self, cell: Any, resources: Any) -> None:
        folder = self.homework(resources)
        if folder is None or not is_marking(cell):
            super()._add_score(cell, resources)
            return
        id_ = cell.metadata.nbgrader.grade_id
        report: Report | None = resources.get(KEY)
        record = self.gradebook.find_grade(
            id_, self.notebook_id, self.assignment_id, self.student_id
        )
        if report is None:
            record.auto_score, waits = None, True
        else:
            ids = [question.grade_id for question in homework_of(folder).questions]
            score = report.questions[ids.index(id_)]
            record.auto_score, waits = score.points, score.waiting > 0
        record.needs_manual_grade = waits or record.manual_score is not None
