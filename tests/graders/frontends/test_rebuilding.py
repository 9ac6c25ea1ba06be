"""The notebook that marks are written into: the released cells, whatever a student's editor did."""

import copy
import json

import pytest

pytest.importorskip("nbgrader")

import nbformat
from hypothesis import given, settings
from hypothesis import strategies as st
from nbgrader.nbgraderformat import MetadataValidator

from backproof.frontends.nbgrader.course import is_marking
from backproof.frontends.nbgrader.handed_in import NOT_FOUND, _rebuilt
from backproof.loading.assignments import assignments_root

HOMEWORK = "first_layers"


def _handed_out():
    path = assignments_root() / HOMEWORK / "release" / f"{HOMEWORK}.ipynb"
    nb = json.loads(path.read_text("utf-8"))
    for cell in nb["cells"]:
        cell["source"] = "".join(cell["source"])
    mark = {"grade": True, "solution": True, "locked": False, "task": False, "schema_version": 3}
    mark |= {"grade_id": "essay", "points": 3, "cell_type": "markdown"}
    essay = {"cell_type": "markdown", "id": "e", "metadata": {"nbgrader": mark}}
    nb["cells"].append(essay | {"source": "Your essay."})
    return nb


RELEASED = _handed_out()


def mark_of(cell):
    return cell["metadata"].get("nbgrader", {})


CELLS = {
    mark_of(cell)["grade_id"]: nbformat.from_dict(cell)
    for cell in RELEASED["cells"]
    if mark_of(cell)
}
MARKING = {id_: cell for id_, cell in CELLS.items() if is_marking(cell)}


@pytest.fixture
def rebuilt(tmp_path):
    """What becomes of a notebook: its cells, and which free texts were not found."""

    def rebuild(nb):
        path = tmp_path / f"{HOMEWORK}.ipynb"
        path.write_text(json.dumps(nb), "utf-8")
        return checked(*_rebuilt(path, CELLS))

    return rebuild


def checked(nb, lost):
    """All that has to hold whatever was handed in."""
    nbformat.validate(nb)
    assert len({cell.id for cell in nb.cells}) == len(nb.cells)
    marked = [cell for cell in nb.cells if "nbgrader" in cell.metadata]
    names = [cell.metadata.nbgrader.grade_id for cell in marked]
    assert len(names) == len(set(names))
    assert set(names) >= {*MARKING, "essay"}
    for cell in marked:
        released = CELLS[cell.metadata.nbgrader.grade_id]
        assert cell.metadata == released.metadata
        assert cell.cell_type == released.cell_type
        if not cell.metadata.nbgrader.solution:
            assert cell.source == released.source
        MetadataValidator().validate_cell(cell)
    assert not any(cell.get("outputs") for cell in nb.cells)
    assert not any("tags" in cell.metadata for cell in nb.cells)
    return nb.cells, lost


def changed(change):
    nb = copy.deepcopy(RELEASED)
    change(nb["cells"])
    return nb


def named(cells, id_):
    return next(cell for cell in cells if mark_of(cell).get("grade_id") == id_)


def test_what_was_handed_out_stays_as_it_is(rebuilt):
    cells, lost = rebuilt(RELEASED)
    assert [cell.source for cell in cells] == [cell["source"] for cell in RELEASED["cells"]]
    assert lost == []


def test_a_copied_solution_is_there_with_its_mark_once(rebuilt):
    """Stock nbgrader ends the whole batch here."""

    def copy_one(cells):
        solution = next(cell for cell in cells if mark_of(cell).get("solution"))
        cells.append({**copy.deepcopy(solution), "source": "mine = 1"})

    cells, _ = rebuilt(changed(copy_one))
    marked = [cell for cell in cells if cell.source == "mine = 1"]
    assert [cell.metadata.nbgrader.solution for cell in marked] == [True]


def test_all_marks_lost_are_found_by_id(rebuilt):
    """Another editor drops the metadata: stock nbgrader gives no marks, and does not say so."""

    def strip(cells):
        named(cells, "essay").update(source="my essay", id="essay")
        for cell in cells:
            cell["metadata"] = {}

    cells, lost = rebuilt(changed(strip))
    assert lost == []
    assert {mark_of(cell)["grade_id"] for cell in cells if mark_of(cell)} == CELLS.keys()
    assert named(cells, "essay").source == "my essay"


def test_all_marks_and_ids_lost_are_found_by_text(rebuilt):
    """What is locked still says what it is; a free text that does not is a person's to find."""

    def strip(cells):
        named(cells, "essay")["source"] = "my essay"
        for cell in cells:
            cell["metadata"] = {}
            del cell["id"]

    cells, lost = rebuilt(changed(strip))
    assert lost == ["essay"]
    assert named(cells, "essay").source == NOT_FOUND
    assert sum(cell.source == "my essay" for cell in cells) == 1
    for id_ in MARKING:
        assert sum(cell.source == MARKING[id_].source for cell in cells) == 1


def test_a_free_text_that_was_taken_out_waits_for_a_person(rebuilt):
    """Its text is not the released one, so that nbgrader does not call it unanswered."""
    cells, lost = rebuilt(changed(lambda cells: cells.remove(named(cells, "essay"))))
    assert lost == ["essay"]
    assert named(cells, "essay").source == NOT_FOUND


def test_nobody_gets_marks_by_writing_their_own(rebuilt):
    """Points, flags, types and locked texts are those that were handed out."""

    def forge(cells):
        for cell in cells:
            cell["metadata"]["tags"] = ["skip-execution"]
            cell["cell_type"] = {"code": "markdown", "markdown": "code"}[cell["cell_type"]]
            cell["outputs"] = [{"output_type": "stream", "name": "stderr", "text": "x"}]
            if mark := mark_of(cell):
                mark |= {"points": 99, "grade": True, "locked": False, "schema_version": 1}
                cell["source"] = "100"

    rebuilt(changed(forge))


def test_marks_that_nobody_handed_out_are_none(rebuilt):
    """A cell that calls itself a marking cell is a cell of the student's own."""

    def forge(cells):
        for name in ("q99", "", 7, None, ["q1"], {"a": 1}):
            mark = {"grade_id": name, "grade": True, "points": 50}
            cells.append({"cell_type": "code", "source": "5", "metadata": {"nbgrader": mark}})
        cells.append({"cell_type": "code", "source": "5", "metadata": {"nbgrader": "q1"}})

    cells, _ = rebuilt(changed(forge))
    assert len(cells) == len(RELEASED["cells"]) + 7


JUNK = st.one_of(st.none(), st.integers(), st.text(max_size=5), st.lists(st.integers(), max_size=2))
CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["drop", "copy", "move", "strip", "mark", "type", "text", "id", "junk"]),
        st.integers(0, 200),
        st.integers(0, 200),
        JUNK,
    ),
    max_size=12,
)


def mutate(cells, change, place, other, junk):
    if not cells:
        return
    cell = cells[place % len(cells)]
    if change == "drop":
        cells.remove(cell)
    elif change == "copy":
        cells.insert(other % len(cells), copy.deepcopy(cell))
    elif change == "move":
        cells.remove(cell)
        cells.insert(other % (len(cells) + 1), cell)
    elif change == "strip":
        cell["metadata"] = {}
    elif change == "mark":
        cell["metadata"]["nbgrader"] = junk if other % 2 else {"grade_id": junk, "grade": junk}
    elif change == "type":
        cell["cell_type"] = ("code", "markdown", "raw", junk)[other % 4]
    elif change == "text":
        cell["source"] = junk if other % 2 else cells[other % len(cells)].get("source")
    elif change == "id":
        cell["id"] = junk if other % 2 else cells[other % len(cells)].get("id")
    else:
        cells[place % len(cells)][("metadata", "outputs", "attachments")[other % 3]] = junk


@settings(max_examples=60, deadline=None)
@given(changes=CHANGES)
def test_whatever_was_done_to_it_every_mark_is_there_once(changes, tmp_path_factory):
    """Any chain of edits gives a valid notebook with the released marks; nothing raises."""
    nb = copy.deepcopy(RELEASED)
    for change in changes:
        mutate_safely(nb["cells"], change)
    path = tmp_path_factory.getbasetemp() / "rebuilt.ipynb"
    path.write_text(json.dumps(nb), "utf-8")
    checked(*_rebuilt(path, CELLS))


def mutate_safely(cells, change):
    if all(
        isinstance(cell.get("metadata"), dict) for cell in cells
    ):  # or it is no notebook already
        mutate(cells, *change)
