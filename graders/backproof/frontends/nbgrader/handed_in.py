"""autograde, first half: reading what was handed in."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat.v4 import new_notebook
from nbgrader import utils
from nbgrader.api import Gradebook
from nbgrader.nbgraderformat import SCHEMA_VERSION

from backproof.frontends.nbgrader.course import BackproofCourse, is_marking
from backproof.loading import read_submission

NOT_FOUND = (
    "This cell was not found in what was handed in: the answer may stand in another cell, without "
    "a mark. A person looks at it."
)


class SubmissionReader(BackproofCourse, NotebookExporter):
    """Reads a notebook as text and gives it back the instructor's cells, as in the gradebook.

    nbgrader trusts the cell metadata of a submission, where a copied cell or another schema
    version ends the whole batch and a file that is no notebook loses its marks without a word.
    """

    def from_filename(
        self, filename: str, resources: Any = None, **kw: Any
    ) -> tuple[Any, dict[str, Any]]:
        """Convert one notebook; one of ours is rebuilt, whatever stands in the file."""
        is_ours = self.homework(resources) is not None
        # What our own steps make is valid: looking at it once, at the end, saves time.
        self.optimistic_validation = is_ours
        if not is_ours:
            return super().from_filename(filename, resources, **kw)
        names = resources["nbgrader"]
        with Gradebook(names["db_url"]) as gradebook:
            released = gradebook.find_notebook(names["notebook"], names["assignment"])
            nb, lost = _rebuilt(Path(filename), _released_cells(released))
            nb.metadata["kernelspec"] = json.loads(released.kernelspec or "{}")
        for name in lost:
            self.parent.notice(names["student"], f"{name} was not found")  # type: ignore[union-attr]
        return self.from_notebook_node(nb, resources, **kw)  # type: ignore[no-any-return,no-untyped-call]


def stand_in(released: Any, words: str) -> Any:
    """A notebook for who has handed in none of its name: these words, and the released cells.

    Without a notebook, formgrader lists nobody, and there is no page that says why.
    """
    cells = [_cell("markdown", words, {}), *_released_cells(released).values()]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"kernelspec": json.loads(released.kernelspec or "{}")}
    return new_notebook(cells=cells, metadata=kernel)  # type: ignore[no-untyped-call]


def _released_cells(released: Any) -> dict[str, Any]:
    """The cells that nbgrader knows by id, as they were handed out."""
    worth = {cell.name: cell.max_score for cell in (*released.grade_cells, *released.task_cells)}
    grades = {cell.name for cell in released.grade_cells}
    solutions = {cell.name for cell in released.solution_cells}
    tasks = {cell.name for cell in released.task_cells}
    cells = {}
    for source in released.source_cells:
        mark = {
            "grade_id": source.name,
            "grade": source.name in grades,
            "solution": source.name in solutions,
            "task": source.name in tasks,
            "locked": source.locked,
            "cell_type": source.cell_type,
            "checksum": source.checksum,
            "schema_version": SCHEMA_VERSION,
        }
        if source.name in worth:
            mark["points"] = worth[source.name]
        cells[source.name] = _cell(source.cell_type, source.source, {"nbgrader": mark})
    return cells


def _rebuilt(path: Path, released: Mapping[str, Any]) -> tuple[Any, list[str]]:
    """The submitted text around the released cells, which stand in it exactly once.

    Also the names of cells for free text that were not found: they say so, and wait for a person.
    """
    unreadable = read_submission(path).fault is not None
    submitted = [] if unreadable else json.loads(path.read_bytes())["cells"]
    names = _names(submitted, released)
    # Of several copies the last one counts, as in nbgrader; the others are cells without a mark.
    places = {name: place for place, name in enumerate(names) if name}
    cells = [
        _merged(cell, released.get(name) if places.get(name) == place else None)
        for place, (cell, name) in enumerate(zip(submitted, names, strict=True))
    ]
    cells += [cell for id_, cell in released.items() if is_marking(cell) and id_ not in places]
    lost = [id_ for id_, cell in released.items() if _is_free(cell) and id_ not in places]
    cells += [
        _cell(released[id_].cell_type, NOT_FOUND, released[id_].metadata) for id_ in sorted(lost)
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return new_notebook(cells=cells), sorted(lost)  # type: ignore[no-untyped-call]


def _names(submitted: Sequence[Mapping[str, Any]], released: Mapping[str, Any]) -> list[str]:
    """Which released cell each submitted one is; "" for a cell of the student's own.

    Where an editor has dropped the marks, the cell's id may still say it, else its text, as long as
    that is what was handed out.
    """
    names = [_grade_id(cell) for cell in submitted]
    missing = released.keys() - set(names)
    by_text = {released[id_].source: id_ for id_ in sorted(missing)}
    for place, cell in enumerate(submitted):
        if names[place]:
            continue
        for name in (cell.get("id"), by_text.get(_text(cell))):
            if isinstance(name, str) and name in missing:
                names[place] = name
                missing.discard(name)
                break
    return names


def _is_free(cell: Any) -> bool:
    """Whether a person gives the marks of a released cell."""
    return bool((utils.is_grade(cell) and utils.is_solution(cell)) or utils.is_task(cell))


def _grade_id(cell: Mapping[str, Any]) -> str:
    mark = cell.get("metadata", {}).get("nbgrader")
    id_ = mark.get("grade_id") if isinstance(mark, dict) else None
    return id_ if isinstance(id_, str) else ""


def _text(submitted: Mapping[str, Any]) -> str:
    source = submitted.get("source", "")
    lines = source if isinstance(source, list) else [source]
    text = "".join(line for line in lines if isinstance(line, str))
    return text.encode("utf-8", "replace").decode()  # lone surrogates cannot be written to a file


def _merged(submitted: Mapping[str, Any], released: Any) -> Any:
    """A submitted cell as a cell of the rebuilt notebook: its text counts unless it is locked."""
    text = _text(submitted)
    if released is None:
        return _cell(submitted.get("cell_type"), text, {}, submitted.get("attachments"))
    if utils.is_locked(released):
        return released
    return _cell(released.cell_type, text, released.metadata, submitted.get("attachments"))


def _cell(kind: Any, text: str, metadata: Mapping[str, Any], attachments: Any = None) -> Any:
    cell = {"cell_type": kind, "source": text, "metadata": metadata}
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    elif kind == "markdown" and _is_attachments(attachments):
        cell["attachments"] = attachments  # a photograph of an answer is for the person who marks
    elif kind != "markdown":
        cell["cell_type"] = "raw"
        # Without a type, raw text stands in a page as it is, tags and all.
        cell["metadata"] = metadata or {"raw_mimetype": "text/plain"}
    return nbformat.from_dict(cell)  # type: ignore[no-untyped-call]


def _is_attachments(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(bundle, dict) and all(isinstance(data, str) for data in bundle.values())
        for bundle in value.values()
    )
