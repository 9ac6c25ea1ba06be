"""What a run over a class does once: with the outcome that nbgrader has for each time."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from nbformat import from_dict
from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import autograde
from nbgrader.nbgraderformat import MetadataValidator, ValidationError
from nbgrader.preprocessors import overwritekernelspec
from sqlalchemy import event

from backproof.frontends.nbgrader.reopening import opened_once
from backproof.frontends.nbgrader.rows import Marks

# nbgrader's rows for a new submission: nothing is lost.
pytestmark = pytest.mark.filterwarnings("ignore:Object of type <Submitted")

WHERE = ("hw", "hw", "ada")
CELLS = ("q1", "q2", "essay")


@pytest.fixture(autouse=True)
def _alembic(monkeypatch):
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:{os.environ['PATH']}")


@pytest.fixture
def database(tmp_path):
    """A gradebook with one submission of three cells."""
    url = f"sqlite:///{tmp_path / 'gradebook.db'}"
    with Gradebook(url) as gradebook:
        gradebook.add_assignment("hw")
        gradebook.add_notebook("hw", "hw")
        for name in CELLS:
            gradebook.add_grade_cell(name, "hw", "hw", max_score=2, cell_type="code")
        gradebook.add_solution_cell("essay", "hw", "hw")
        gradebook.add_student("ada")
        gradebook.add_submission("hw", "ada")
    return url


def test_a_gradebook_that_is_opened_again_has_the_same_connection_and_its_own_session(database):
    """In all modules of nbgrader that open one; afterwards all is as before."""
    with opened_once():
        assert autograde.Gradebook is overwritekernelspec.Gradebook is not Gradebook
        with autograde.Gradebook(database) as one, autograde.Gradebook(database) as other:
            assert one.engine is other.engine
            assert one.find_student("ada") is not other.find_student("ada")
            one.find_student("ada").first_name = "Ada"
            one.db.commit()
        with autograde.Gradebook(database) as again:
            assert again.find_student("ada").first_name == "Ada"
            with pytest.raises(MissingEntry):
                again.find_student("bob")
    assert autograde.Gradebook is overwritekernelspec.Gradebook is Gradebook


def test_a_new_gradebook_gets_its_tables(tmp_path):
    """The first time, it is opened as ever."""
    with opened_once(), autograde.Gradebook(f"sqlite:///{tmp_path / 'new.db'}") as gradebook:
        assert gradebook.students == []


@pytest.mark.parametrize(
    "changed", [{}, {"points": -1}, {"grade": "yes"}, {"more": 1}, {"locked": None}]
)
def test_metadata_are_judged_as_nbgrader_judges_them(changed):
    """The same error, with the same words, the first time and the second."""
    mark = {"grade_id": "q", "grade": True, "solution": False, "locked": True, "task": False}
    mark |= {"schema_version": 3, "points": 1, "checksum": "x" * 32} | changed
    cell = from_dict({"cell_type": "code", "metadata": {"nbgrader": mark}, "source": ""})

    def said():
        try:
            MetadataValidator().validate_cell(cell)
        except ValidationError as error:
            return str(error)
        return ""

    usual = said()
    assert bool(usual) == bool(changed)
    with opened_once():
        assert [said(), said()] == [usual, usual]


def test_marks_of_a_notebook_are_written_together(database):
    """Each row is the one that nbgrader would find; one commit writes them."""
    with Gradebook(database) as gradebook:
        commits = []
        event.listen(gradebook.engine, "commit", commits.append)
        marks = Marks(gradebook, *WHERE)
        for number, name in enumerate(CELLS):
            grade = marks.find_grade(name, *WHERE)
            assert grade is gradebook.find_grade(name, *WHERE)
            grade.auto_score, grade.needs_manual_grade = number, False
            marks.db.commit()
        comment = marks.find_comment("essay", *WHERE)
        assert comment is gradebook.find_comment("essay", *WHERE)
        comment.auto_comment = "No response."
        assert not commits
        marks.save()
        assert len(commits) == 1
        with pytest.raises(MissingEntry):
            marks.find_grade("q9", *WHERE)
    with Gradebook(database) as gradebook:
        scores = [gradebook.find_grade(name, *WHERE).auto_score for name in CELLS]
        assert scores == [0, 1, 2]
        assert gradebook.find_comment("essay", *WHERE).comment == "No response."


def test_commands_that_grade_nothing_do_not_wait_for_torch():
    """The configuration is read by every command of nbgrader."""
    code = (
        "import sys; from traitlets.config import Config\n"
        "from backproof.frontends.nbgrader import configure\n"
        "configure(Config()); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0
