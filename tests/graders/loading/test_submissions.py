"""Submissions are read as text; what is wrong with one becomes its fault."""

import json
import os
from pathlib import Path

import pytest

from backproof.loading import find_submissions, read_submission
from backproof.model import BackproofError


def notebook(*cells: dict[str, object]) -> str:
    return json.dumps({"cells": list(cells), "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


def cell(source: object, kind: str = "code", **nbgrader: object) -> dict[str, object]:
    return {"cell_type": kind, "source": source, "metadata": {"nbgrader": nbgrader}}


def test_a_module_is_one_cell_of_text(tmp_path: Path) -> None:
    """A module's text is kept as it is, a byte-order mark removed."""
    path = tmp_path / "hw.py"
    path.write_bytes(b"\xef\xbb\xbfx = 1\r\n")

    submission = read_submission(path)

    assert submission.cells == ("x = 1\r\n",)
    assert submission.fault is None
    assert len(submission.digest) == 64


def test_a_notebook_gives_the_students_code_cells(tmp_path: Path) -> None:
    """Markdown and marking cells are left out; sources may be text or lists of lines."""
    path = tmp_path / "hw.ipynb"
    path.write_text(
        notebook(
            cell("# title", kind="markdown"),
            cell(["x = 1\n", "y = 2"]),
            cell("check()", grade=True, solution=False),
            cell("z = 3", grade=True, solution=True),
        )
    )

    submission = read_submission(path)

    assert submission.cells == ("x = 1\ny = 2", "z = 3")
    assert submission.is_notebook


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("hw.py", b"def f(:\n", "syntax error in line 1"),
        ("hw.py", b"x = '\xff'", "not UTF-8"),
        ("hw.py", b"x = 1\0", "not Python source|null bytes"),
        ("hw.ipynb", b"not json", "not a notebook"),
        ("hw.ipynb", b"[]", "no list of cells"),
        ("hw.ipynb", b'{"cells": [3]}', "cell 1"),
        ("hw.ipynb", b'{"cells": [{"cell_type": "code", "source": 5}]}', "source of cell 1"),
        ("hw.ipynb", b'{"cells":' + b"[" * 100_000, "not a notebook"),
        ("hw.txt", b"x", "neither .py nor .ipynb"),
    ],
)
def test_an_unreadable_file_has_a_fault_and_no_exception(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    """Each kind of broken file is one readable sentence."""
    path = tmp_path / name
    path.write_bytes(content)

    submission = read_submission(path)

    assert submission.fault is not None
    assert any(word in submission.fault for word in words.split("|"))
    assert submission.fault.startswith(name)


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    """A submission that is a link to somebody's file is refused."""
    (tmp_path / "secret.py").write_text("answer = 42")
    os.symlink(tmp_path / "secret.py", tmp_path / "hw.py")

    assert "cannot be read" in (read_submission(tmp_path / "hw.py").fault or "")


def test_a_pipe_does_not_block_the_grader(tmp_path: Path) -> None:
    """A named pipe is refused instead of waited for."""
    os.mkfifo(tmp_path / "hw.py")

    assert "not a regular file" in (read_submission(tmp_path / "hw.py").fault or "")


def test_a_folder_with_the_named_file_is_one_submission(tmp_path: Path) -> None:
    """Helper files beside the named one are not submissions."""
    for name in ("hw.py", "helpers.py", "test_hw.py"):
        (tmp_path / name).write_text("")

    assert find_submissions(tmp_path, "hw") == [tmp_path / "hw.py"]


def test_a_folder_of_folders_holds_one_submission_each(tmp_path: Path) -> None:
    """A class folder is searched one level down, hidden folders left out."""
    for student in ("ada", "ben", ".git"):
        (tmp_path / student).mkdir()
        (tmp_path / student / "hw.py").write_text("")

    found = find_submissions(tmp_path, "hw")

    assert [path.parent.name for path in found] == ["ada", "ben"]


def test_two_files_of_the_right_name_are_not_guessed_between(tmp_path: Path) -> None:
    """A module and a notebook of the same name are an error that names both."""
    (tmp_path / "hw.py").write_text("")
    (tmp_path / "hw.ipynb").write_text("")

    with pytest.raises(BackproofError, match=r"hw\.ipynb and hw\.py"):
        find_submissions(tmp_path, "hw")


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    """The error repeats the path that does not exist."""
    with pytest.raises(BackproofError, match="nowhere"):
        find_submissions(tmp_path / "nowhere", "hw")
