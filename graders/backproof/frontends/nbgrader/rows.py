"""Cells and marks of a notebook of ours: read from the gradebook, and written to it, all at once.

nbgrader asks and writes for each cell on its own, which is most of what a submission costs there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbgrader.api import BaseCell, Comment, Grade, Gradebook, MissingEntry
from nbgrader.preprocessors import OverwriteCells
from nbgrader.preprocessors.base import NbGraderPreprocessor

from backproof.frontends.nbgrader.course import BackproofCourse


class OverwriteOurCells(BackproofCourse, OverwriteCells):  # type: ignore[misc]
    """OverwriteCells, with the cells of the gradebook read at once."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """One notebook."""
        if self.homework(resources) is None or self.add_missing_cells:
            return super().preprocess(nb, resources)  # type: ignore[no-any-return]
        names = resources["nbgrader"]
        self.notebook_id, self.assignment_id = names["notebook"], names["assignment"]
        with Gradebook(names["db_url"]) as gradebook:
            self.gradebook = _Cells(gradebook.find_notebook(self.notebook_id, self.assignment_id))
            return NbGraderPreprocessor.preprocess(self, nb, resources)  # type: ignore[no-any-return]


class _Cells:
    """The cells of one notebook as they were handed out; stands for a Gradebook."""

    def __init__(self, notebook: Any) -> None:
        self._sources = {cell.name: cell for cell in notebook.source_cells}
        graded = (*notebook.task_cells, *notebook.grade_cells)
        self._graded = {cell.name: cell for cell in graded}

    def find_source_cell(self, name: str, notebook: str, assignment: str) -> Any:
        return _found(self._sources, name)

    def find_graded_cell(self, name: str, notebook: str, assignment: str) -> Any:
        return _found(self._graded, name)


def _found(cells: Mapping[str, Any], name: str) -> Any:
    if name not in cells:
        raise MissingEntry(f"no such cell: {name}")
    return cells[name]


class Marks:
    """The marks and comments of one submitted notebook: read at once, and written at once.

    Stands for a Gradebook where nbgrader writes one cell after the other.
    """

    def __init__(self, gradebook: Any, notebook: str, assignment: str, student: str) -> None:
        self._gradebook = gradebook
        id_ = gradebook.find_submission_notebook(notebook, assignment, student).id
        self._grades, self._comments = (
            dict(
                gradebook.db.query(BaseCell.name, kind)
                .join(BaseCell, BaseCell.id == kind.cell_id)
                .filter(kind.notebook_id == id_)
                .all()
            )
            for kind in (Grade, Comment)
        )
        self.db = self

    def find_grade(self, name: str, *where: str) -> Any:
        """The marks of a cell."""
        return self._grades.get(name) or self._gradebook.find_grade(name, *where)

    def find_comment(self, name: str, *where: str) -> Any:
        """The comment on a cell."""
        return self._comments.get(name) or self._gradebook.find_comment(name, *where)

    def commit(self) -> None:
        """Nothing yet: see `save`."""

    def save(self) -> None:
        """Write all."""
        self._gradebook.db.commit()
