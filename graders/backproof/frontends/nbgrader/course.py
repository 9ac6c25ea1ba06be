"""What the parts know of a course: which notebooks are backproof's, and their marking cells."""

from __future__ import annotations

import functools
import os
import secrets
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from threading import Lock
from typing import Any

from nbgrader import utils
from traitlets import Unicode
from traitlets.config import Configurable

from backproof.loading import load_assignment
from backproof.loading.assignments import assignments_root
from backproof.model import Assignment, BackproofError

KEY = "backproof"
"""Where our data stand in a notebook's metadata and in nbconvert's resources."""


class BackproofCourse(Configurable):
    """Knows which notebooks of a course are backproof's: by name, never by what is in them.

    The notebook of homework `hw` is `hw/hw.ipynb`; other notebooks beside it are plain nbgrader's.
    """

    assignments = Unicode(
        help="The folder with bank/ and the homework; by default found by BACKPROOF_ASSIGNMENTS, "
        "else upwards from the course."
    ).tag(config=True)
    journal = Unicode(
        help="The journal of the course, which keeps the seeds of hidden cases; by default none."
    ).tag(config=True)

    def seed(self, assignment: Assignment) -> str:
        """What hidden cases are drawn from: $BACKPROOF_SECRET, else the seed that the course's
        journal keeps, else a new one.
        """
        if secret := os.environ.get("BACKPROOF_SECRET"):
            return secret
        if not self.journal:
            return _new_seed()
        from backproof.batch import Journal

        with Journal(Path(self.journal)) as journal:
            return journal.seed(assignment, _new_seed())

    def homework(self, resources: Mapping[str, Any]) -> Path | None:
        """The folder of the homework that a notebook belongs to; None for a plain notebook."""
        name = resources["nbgrader"]["assignment"]
        if resources["nbgrader"]["notebook"] != name:
            return None
        root = Path(self.assignments) if self.assignments else assignments_root()
        if not root.is_dir():
            raise BackproofError(f"configure(c, assignments=...): {str(root)!r} is not a folder")
        return root / name if (root / name / "assignment.toml").is_file() else None


@functools.cache
def _new_seed() -> str:
    return secrets.token_hex(16)


def alembic_on_path() -> None:
    """nbgrader calls `alembic` by its bare name, which only an activated environment knows."""
    if shutil.which("alembic") is None:
        here = str(Path(sys.executable).parent)
        os.environ["PATH"] = os.pathsep.join([here, os.environ.get("PATH", os.defpath)])


def homework_of(folder: Path) -> Assignment:
    """The homework in a folder, read once per process, whichever thread asks first."""
    with _reading:
        return _read(folder)


_reading = Lock()
_read = functools.cache(load_assignment)


def is_marking(cell: Any) -> bool:
    """Whether a cell carries marks that no person gives: a cell of ours is never run."""
    return bool(utils.is_grade(cell) and not utils.is_solution(cell))


def check_marking_cells(nb: Any, assignment: Assignment) -> None:
    """The notebook must carry the homework's questions and points, or marks would be lost."""
    asked = {question.grade_id: question.points for question in assignment.questions}
    found = {
        cell.metadata.nbgrader.grade_id: float(cell.metadata.nbgrader.points)
        for cell in nb.cells
        if is_marking(cell)
    }
    differing = [id_ for id_ in asked.keys() | found.keys() if asked.get(id_) != found.get(id_)]
    if differing:
        raise BackproofError(
            f"{assignment.name}: marking cells {', '.join(sorted(differing))} differ from "
            "assignment.toml in their presence or points: write the notebook anew with "
            f"'backproof release {assignment.name}', copy it to source/, generate_assignment"
        )
