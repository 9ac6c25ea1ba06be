"""The released notebook."""

import base64
import json
import re
from typing import Any

import pytest

from backproof.audit import assignment_of
from backproof.authoring.notebook import render_notebook
from backproof.loading import load_problem
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


def test_the_first_cell_lists_what_is_to_be_written(
    first_layers: Assignment, cells: list[dict[str, Any]]
) -> None:
    """One row for each question; the points add up, every name to write stands there once."""
    rows = [line for line in cells[0]["source"] if line.startswith("| ")][1:]

    assert len(rows) == len(first_layers.questions)
    assert sum(float(row.split("|")[3]) for row in rows) == first_layers.points
    for question in first_layers.questions:
        for name in {name for check in question.checks for name in check.probe.asks}:
            assert sum(f"`{name}`" in row for row in rows) == 1


def test_a_question_with_several_checks_says_what_is_marked(
    first_layers: Assignment, cells: list[dict[str, Any]]
) -> None:
    """The points add up to the question's; checks without a public case are not named."""
    texts = {marks(c).get("grade_id"): "".join(c["source"]) for c in cells}
    listed = 0
    for question in first_layers.questions:
        _, found, marked = texts[f"{question.grade_id}-text"].partition("**Marked:**")
        assert bool(found) == (len(question.checks) > 1)
        if found:
            shares = [
                float(line.rpartition("(")[2].rstrip(")")) for line in marked.split("\n* ")[1:]
            ]
            assert sum(shares) == pytest.approx(question.points, abs=0.02)
            listed += 1
        for check in question.checks:
            public = check.probe.answer or any(c.visibility == "public" for c in check.cases)
            assert public or check.claim not in marked
    assert listed > 3


def test_a_question_names_those_that_it_builds_on(repository: Any) -> None:
    """Where a mistake there costs marks here; a question of its own says nothing of the kind."""
    folder = repository / "assignments" / "bank" / "small_cnn"
    cells = json.loads(render_notebook(assignment_of(load_problem(folder))))["cells"]
    texts = ["".join(cell["source"]) for cell in cells]
    dropout, network = (
        next(text for text in texts if text.startswith(f"### {key} "))
        for key in ("dropout", "network")
    )

    assert "*Builds on network and training and predict: marked" in dropout
    assert "Builds on" not in network


def test_a_picture_of_a_statement_stands_in_its_cell(repository: Any) -> None:
    """As an image with words for those who cannot see it; nothing is left to load."""
    folder = repository / "assignments" / "bank" / "receptive_field"
    text = render_notebook(assignment_of(load_problem(folder)))
    sources = ["".join(cell["source"]) for cell in json.loads(text)["cells"]]
    images = [found for source in sources for found in re.findall(r"<img[^>]*>", source)]

    assert len(images) == 1
    assert 'alt="Lines go from one output' in images[0]
    data = re.search(r'src="data:image/svg\+xml;base64,([^"]*)"', images[0])
    assert data is not None
    assert b"9 pixels, from first to last" in base64.b64decode(data[1])
    assert "](fields)" not in text
