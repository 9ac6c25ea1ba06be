"""`backproof course init`: an nbgrader course from nothing, and again without harm."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys

import pytest

pytest.importorskip("nbgrader")

from backproof.frontends.cli import main
from backproof.frontends.nbgrader.founding import CONFIG, database_of
from backproof.loading.assignments import assignments_root

HOMEWORK = "first_layers"


def files_of(folder):
    """All files with what they hold; the gradebook is a database and has its own test."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("gradebook.db")
    }


@pytest.fixture(scope="module")
def fresh(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fresh") / "a course's folder, 100 %"
    assert main(["course", "init", str(folder), "--homework", HOMEWORK]) == 0
    return folder


@pytest.fixture
def course(fresh, tmp_path):
    shutil.copytree(fresh, tmp_path / "course")
    return tmp_path / "course"


def again(course, capsys):
    capsys.readouterr()
    assert main(["course", "init", str(course), "--homework", HOMEWORK]) == 0
    return capsys.readouterr().out


def notebook_path(course):
    return course / "source" / HOMEWORK / f"{HOMEWORK}.ipynb"


def edited(course, change):
    path = notebook_path(course)
    nb = json.loads(path.read_text("utf-8"))
    change(nb)
    path.write_text(json.dumps(nb), "utf-8")


def cell_of(nb, id_):
    return next(c for c in nb["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == id_)


def test_a_new_course_has_all_that_nbgrader_needs(fresh):
    """Configuration, a gradebook with its version, and the notebook beside its public cases."""
    assert {path.name for path in (fresh / "source" / HOMEWORK).iterdir()} == {
        f"{HOMEWORK}.ipynb",
        "public_cases.json",
        "README.md",
    }
    release = assignments_root() / HOMEWORK / "release"
    released = json.loads((release / f"{HOMEWORK}.ipynb").read_text("utf-8"))
    assert json.loads(notebook_path(fresh).read_text("utf-8"))["cells"] == released["cells"]
    with sqlite3.connect(fresh / "gradebook.db") as gradebook:
        assert gradebook.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
    assert "timeout=60" in database_of(fresh)[0]


def test_nbgrader_generates_the_assignment_without_an_activated_environment(course):
    """No command needs `alembic` or anything else of the environment on the PATH."""
    (course / "gradebook.db").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "generate_assignment", HOMEWORK],
        cwd=course,
        env={**os.environ, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (course / "release" / HOMEWORK / "public_cases.json").is_file()
    with sqlite3.connect(course / "gradebook.db") as gradebook:
        assert gradebook.execute("SELECT count(*) FROM alembic_version").fetchone() == (1,)
        assert gradebook.execute("SELECT name FROM assignment").fetchall() == [(HOMEWORK,)]


def test_a_second_run_changes_nothing(course, capsys):
    """Whoever runs it again reads that all is up to date."""
    before = files_of(course)
    assert "up to date" in again(course, capsys)
    assert files_of(course) == before


def test_lines_of_the_instructor_stay_in_the_configuration(course, capsys):
    """Our block is replaced where it stands, and what is around it is not read even."""
    path = course / CONFIG
    path.write_text("# mine\n" + path.read_text().replace("Path(__file__)", "'old'") + "x = 1\n")
    assert CONFIG in again(course, capsys)
    text = path.read_text()
    assert text.startswith("# mine\n")
    assert text.endswith("x = 1\n")
    assert text.count("course=Path(__file__).parent") == 1


def test_an_existing_course_keeps_its_configuration_and_its_gradebook(tmp_path, capsys):
    """The block goes below what is there, and an address of the instructor's is the one used."""
    theirs = "c = get_config()\nc.CourseDirectory.db_url = 'sqlite:///{}'\n".format(
        tmp_path / "other.db"
    )
    (tmp_path / CONFIG).write_text(theirs)
    again(tmp_path, capsys)
    assert (tmp_path / CONFIG).read_text().startswith(theirs)
    assert database_of(tmp_path) == (f"sqlite:///{tmp_path / 'other.db'}", "")
    assert (tmp_path / "other.db").is_file()
    assert not (tmp_path / "gradebook.db").exists()


def test_a_configuration_that_cannot_be_read_is_said(course, capsys):
    """nbgrader would print a warning and grade without backproof."""
    (course / CONFIG).write_text("import no_such_module_here\n")
    assert main(["course", "init", str(course), "--homework", HOMEWORK]) == 4
    assert "No module named 'no_such_module_here'" in capsys.readouterr().err


def test_cells_and_files_of_the_instructor_stay(course, capsys):
    """An essay question behind a question of ours, a changed text, a file, a notebook beside it."""
    essay = {"cell_type": "markdown", "metadata": {}, "source": "Why?", "id": "essay"}

    def change(nb):
        place = next(n for n, cell in enumerate(nb["cells"]) if cell is cell_of(nb, "how-to"))
        nb["cells"].insert(place + 1, essay)
        cell_of(nb, "how-to")["source"] = "My own words."

    edited(course, change)
    (course / "source" / HOMEWORK / "data.csv").write_text("1,2\n")
    (course / "source" / "mine").mkdir()
    (course / "source" / "mine" / "mine.ipynb").write_text("{}")
    (course / "source" / HOMEWORK / "README.md").write_text("My own page.")
    out = again(course, capsys)
    assert "left as it is" in out
    assert "how-to, as you changed it" in out
    assert "README.md: as you changed it" in out
    nb = json.loads(notebook_path(course).read_text("utf-8"))
    assert cell_of(nb, "how-to")["source"] == "My own words."
    assert nb["cells"][1] == essay
    assert (course / "source" / "mine" / "mine.ipynb").read_text() == "{}"
    assert (course / "source" / HOMEWORK / "data.csv").read_text() == "1,2\n"
    assert (course / "source" / HOMEWORK / "README.md").read_text() == "My own page."
    before = files_of(course)
    again(course, capsys)
    assert files_of(course) == before


def test_a_new_version_of_the_homework_reaches_cells_that_nobody_changed(course, capsys):
    """What an older run wrote is replaced, and an old cell of ours disappears."""

    def change(nb):
        nb["cells"].append(
            {
                "cell_type": "markdown",
                "source": "an old question",
                "metadata": {"nbgrader": {"grade_id": "q-gone", "grade": False}},
            }
        )
        record = nb["metadata"]["backproof"]["cells"]
        from backproof.frontends.nbgrader.merging import text_digest

        record["q-gone"] = text_digest("an old question")
        cell_of(nb, "how-to")["source"] = "old words"
        record["how-to"] = text_digest("old words")

    right = json.loads(notebook_path(course).read_text("utf-8"))
    edited(course, change)
    assert f"{HOMEWORK}.ipynb" in again(course, capsys)
    assert json.loads(notebook_path(course).read_text("utf-8")) == right


def test_marking_cells_are_ours_whatever_somebody_did_to_them(course, capsys):
    """Other points, or a marking cell that was taken out, would cost students their marks."""

    def change(nb):
        marking = [c for c in nb["cells"] if c["metadata"].get("nbgrader", {}).get("grade")]
        marking[0]["metadata"]["nbgrader"]["points"] = 99
        marking[0]["source"] = "pass"
        nb["cells"].remove(marking[1])

    right = json.loads(notebook_path(course).read_text("utf-8"))
    edited(course, change)
    again(course, capsys)
    assert json.loads(notebook_path(course).read_text("utf-8")) == right


def test_a_notebook_that_nobody_knows_is_not_overwritten(course, capsys):
    """Of a notebook of another version that this command did not write, nothing is lost."""

    def change(nb):
        del nb["metadata"]["backproof"]["cells"]
        nb["metadata"]["backproof"]["digest"] = "another"

    edited(course, change)
    before = files_of(course)
    assert main(["course", "init", str(course), "--homework", HOMEWORK]) == 4
    assert "move it away" in capsys.readouterr().err
    assert files_of(course) == before


def test_an_unknown_homework_is_said_before_anything_is_written(tmp_path, capsys):
    """One line, with the nearest name."""
    assert main(["course", "init", str(tmp_path / "new"), "--homework", "first_layer"]) == 4
    assert f"did you mean {HOMEWORK!r}" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()
