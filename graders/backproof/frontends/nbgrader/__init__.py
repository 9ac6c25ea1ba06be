"""backproof in an nbgrader course. In the course's `nbgrader_config.py`:

    from backproof.frontends.nbgrader import configure
    configure(c)

nbgrader keeps its gradebook, formgrader, feedback and exports. What changes, for notebooks of
backproof only: no kernel runs a submission, its code goes to confined processes instead, and the
points are written to the gradebook from the report, never read from a notebook's outputs.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearSolutions, Execute, SaveAutoGrades
from sqlalchemy import URL
from traitlets.config import Config

from backproof.frontends.nbgrader.converting import install
from backproof.frontends.nbgrader.course import alembic_on_path
from backproof.frontends.nbgrader.handed_in import SubmissionReader
from backproof.frontends.nbgrader.handout import KeepStubs
from backproof.frontends.nbgrader.marking import IsolatedGrade, SaveGrades
from backproof.frontends.nbgrader.showing import shown_markdown

__all__ = ["IsolatedGrade", "KeepStubs", "SaveGrades", "SubmissionReader", "configure"]


def configure(
    c: Config, assignments: str | Path | None = None, course: str | Path | None = None
) -> None:
    """Make a course grade backproof's notebooks with backproof, and all others as before.

    c: the configuration object of `nbgrader_config.py`.
    assignments: the folder with `bank/` and the homework; by default $BACKPROOF_ASSIGNMENTS, else
        the nearest folder `assignments` upwards from the course.
    course: the course's folder. With it the gradebook there waits for other writers, instead of
        ending a whole run, and the seeds of hidden cases are kept in the course's journal.
    """
    alembic_on_path()
    install()
    if course is not None:
        _in_folder(c, Path(course).resolve())
    if assignments is not None:
        c.BackproofCourse.assignments = str(Path(assignments).resolve())
    c.GenerateAssignment.preprocessors = _replaced(
        GenerateAssignment.preprocessors.default(), {ClearSolutions: KeepStubs}
    )
    c.Autograde.autograde_preprocessors = _replaced(
        Autograde.autograde_preprocessors.default(),
        {Execute: IsolatedGrade, SaveAutoGrades: SaveGrades},
    )
    c.Autograde.exporter_class = SubmissionReader
    c.HTMLExporter.filters = {"markdown2html": shown_markdown}


def _in_folder(c: Config, course: Path) -> None:
    c.BackproofCourse.journal = str(course / "backproof.journal")
    if "db_url" not in c.CourseDirectory:  # or it is the instructor's own choice
        file = URL.create("sqlite", database=str(course / "gradebook.db"), query={"timeout": "60"})
        c.CourseDirectory.db_url = file.render_as_string()


def _replaced(classes: list[type], ours: Mapping[type, type]) -> list[type]:
    if missing := ours.keys() - set(classes):
        # Of a configuration file, any other exception is logged and ignored: nbgrader would go on
        # without us, run the submissions itself and give full marks for every marking cell.
        names = ", ".join(cls.__name__ for cls in missing)
        raise SystemExit(f"backproof: this nbgrader does not use {names}; use nbgrader 0.9")
    return [ours.get(cls, cls) for cls in classes]
