"""generate_assignment: what students get."""

from __future__ import annotations

from typing import Any

from nbgrader.preprocessors import ClearSolutions

from backproof.frontends.nbgrader.course import (
    KEY,
    BackproofCourse,
    check_marking_cells,
    homework_of,
)
from backproof.model import BackproofError


class KeepStubs(BackproofCourse, ClearSolutions):  # type: ignore[misc]  # nbgrader is untyped
    """ClearSolutions, except that a released notebook is already what students get."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """One notebook; one of ours must carry the homework's marking cells."""
        folder = self.homework(resources)
        if folder is None and KEY not in nb.metadata:
            return super().preprocess(nb, resources)  # type: ignore[no-any-return]
        if folder is None:
            named = nb.metadata[KEY].get("assignment", "?")
            raise BackproofError(
                f"the notebook was released by backproof for {named!r}, but this course has no "
                f"homework of that name here: call it source/{named}/{named}.ipynb, and check "
                "BACKPROOF_ASSIGNMENTS"
            )
        assignment = homework_of(folder)
        check_marking_cells(nb, assignment)
        if nb.metadata.get(KEY, {}).get("digest") != assignment.digest:
            self.log.warning(
                "The homework has changed since this notebook was written: compare with "
                "'backproof release --check %s'",
                assignment.name,
            )
        return nb, resources
