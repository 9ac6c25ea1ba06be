"""The released notebook."""

import json
from typing import Any

import pytest

from backproof.authoring.notebook import render_notebook
from backproof.loading.submissions import notebook_cells
from backproof.model import Assignment


@pytest.fixture(scope="module")
def text(first_layers: Assignment) -> str:
    return render_notebook(first_layers)


@pytest.fixture(scope="module")
def cells(text: str) -> list[dict[str, Any]]:
    return json.loads(text)["cells"]


def marks(cell: dict[str, Any]) -> dict[str, Any]:
    return cell["metadata"].get("nbgrader", {})


def test_jupyter_would_save_the_same_bytes(text: str) -> None:
    """The notebook is valid, and opening and saving it changes nothing."""
    nbformat = pytest.importorskip("nbformat")
    notebook = nbformat.reads(text, as_version=4)

    nbformat.validate(notebook)
    assert nbformat.writes(notebook) + "\n" == text


def test_nbgrader_accepts_the_metadata(text: str) -> None:
    """The same notebook is the source of an nbgrader assignment."""
    nbformat = pytest.importorskip("nbformat")
    v3 = pytest.importorskip("nbgrader.nbgraderformat.v3")

    v3.MetadataValidatorV3().validate_nb(nbformat.reads(text, as_version=4))


def test_marking_cells_carry_the_points_of_the_homework(
    first_layers: Assignment, cells: list[dict[str, Any]]
) -> None:
    """One marking cell for each question, locked, under the name that grading looks for."""
    marking = [cell for cell in cells if marks(cell).get("grade")]

    assert [marks(c)["grade_id"] for c in marking] == [q.grade_id for q in first_layers.questions]
    assert sum(marks(cell)["points"] for cell in marking) == first_layers.points
    for cell, question in zip(marking, first_layers.questions, strict=True):
        assert f'backproof.check("{question.number}")' in "".join(cell["source"])
        assert marks(cell)["locked"]
        assert not marks(cell)["solution"]


def test_a_question_reads_from_its_text_to_its_marking_cell(cells: list[dict[str, Any]]) -> None:
    """Heading with points and statement first, then what to write, then the check."""
    ids = [cell["id"] for cell in cells]
    start = ids.index("q3_1a-text")

    assert ids[start : start + 3] == ["q3_1a-text", "ask-batchnorm_backward", "q3_1a"]
    assert (
        cells[start]["source"][0] == "### 3.1a The gradient with respect to the input (4 points)\n"
    )
    assert r"$\partial L/\partial x$" in "".join(cells[start]["source"])


def test_each_problem_is_introduced_once(cells: list[dict[str, Any]]) -> None:
    """Its title and mathematics stand before its first question."""
    ids = [cell["id"] for cell in cells]

    assert [name for name in ids if name.startswith("problem-")] == [
        "problem-dropout_tikhonov",
        "problem-weight_noise",
        "problem-dropout_layers",
        "problem-conv2d_backprop",
        "problem-batchnorm",
    ]
    assert ids.index("problem-batchnorm") + 1 == ids.index("q3_1-text")


def test_students_may_write_where_they_are_asked_to(cells: list[dict[str, Any]]) -> None:
    """Texts and marking cells are locked, solution cells and imports are not."""
    for cell in cells:
        if cell["cell_type"] == "markdown" or marks(cell).get("grade"):
            assert marks(cell)["locked"]
        else:
            assert not marks(cell).get("locked")


def test_the_code_runs_as_it_is_handed_out(cells: list[dict[str, Any]]) -> None:
    """Without the marking cells, which grading leaves out, nothing of ours is needed."""
    code = "\n".join(notebook_cells(cells))

    exec(compile(code, "notebook", "exec"), {})
    assert "backproof" not in code


def test_cell_ids_are_unique(cells: list[dict[str, Any]]) -> None:
    """They are made of names, so they are also the same at every release."""
    ids = [cell["id"] for cell in cells]

    assert len(set(ids)) == len(ids)
