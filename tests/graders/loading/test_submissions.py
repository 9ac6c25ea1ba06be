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
    """Markdown is left out, marking cells are emptied; sources may be text or lists of lines."""
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

    assert submission.cells == ("x = 1\ny = 2", "", "z = 3")
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
        ("hw.py", b"# coding: rot13\nvzcbeg bf", "declares the encoding 'rot13'"),
        ("hw.py", b"# coding: undefined\n", "declares the encoding 'undefined'"),
        ("hw.ipynb", notebook(*[cell("")] * 2001).encode(), "2001 code cells; at most 2000"),
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

    assert "is a link" in (read_submission(tmp_path / "hw.py").fault or "")


def test_a_pipe_does_not_block_the_grader(tmp_path: Path) -> None:
    """A named pipe is refused instead of waited for."""
    os.mkfifo(tmp_path / "hw.py")

    assert "not a regular file" in (read_submission(tmp_path / "hw.py").fault or "")


def test_a_folder_with_the_named_file_is_one_submission(tmp_path: Path) -> None:
    """Helper files beside the named one are not submissions."""
    for name in ("hw.py", "helpers.py", "test_hw.py"):
        (tmp_path / name).write_text("")

    (found,) = find_submissions(tmp_path, "hw")

    assert found.path == tmp_path / "hw.py"


def class_folder(root: Path, **students: tuple[str, ...]) -> Path:
    for student, files in students.items():
        (root / student).mkdir()
        for file in files:
            (root / student / file).parent.mkdir(parents=True, exist_ok=True)
            (root / student / file).write_text("")
    return root


def faults(root: Path) -> dict[str, str | None]:
    return {
        found.path.relative_to(root).parts[0]: found.fault for found in find_submissions(root, "hw")
    }


def test_a_folder_of_folders_holds_one_submission_each(tmp_path: Path) -> None:
    """A class folder is searched at any depth, hidden folders left out."""
    root = class_folder(
        tmp_path,
        ada=("hw.py",),
        ben=("hw/hw.ipynb",),
        cleo=("a/b/mine.py",),
        **{".git": ("hw.py",)},
    )
    (root / "ben" / "hw" / "hw.ipynb").write_text(notebook())

    assert faults(root) == {"ada": None, "ben": None, "cleo": None}


def test_nobody_in_a_class_folder_is_lost_or_guessed(tmp_path: Path) -> None:
    """Whoever hands in nothing readable, or two things, is a submission with a reason."""
    root = class_folder(
        tmp_path,
        both=("hw.py", "hw.ipynb"),
        two=("final.py", "final2.py"),
        word=("hw.docx",),
        right=("hw.py",),
    )
    (root / "empty").mkdir()
    (root / "link").symlink_to(root / "right")
    (root / "dangling").mkdir()
    (root / "dangling" / "hw.py").symlink_to("nowhere")
    (root / "looping").mkdir()
    (root / "looping" / "hw.py").symlink_to("hw.py")
    (root / "pipe").mkdir()
    os.mkfifo(root / "pipe" / "hw.py")

    found = faults(root)

    assert found.pop("right") is None
    words = {
        "both": "hw.ipynb and hw.py: which",
        "two": "final.py and final2.py: which",
        "word": "no .py or .ipynb file, but hw.docx",
        "empty": "but nothing",
        "link": "is a link to a folder",
        "dangling": "is a link",
        "looping": "is a link",
        "pipe": "not a regular file",
    }
    assert found.keys() == words.keys()
    for name, expected in words.items():
        assert expected in (found[name] or ""), name


def test_two_files_in_the_named_folder_itself_are_the_callers_choice(tmp_path: Path) -> None:
    """A module and a notebook of the same name are an error that names both."""
    (tmp_path / "hw.py").write_text("")
    (tmp_path / "hw.ipynb").write_text("")

    with pytest.raises(BackproofError, match=r"hw\.ipynb and hw\.py"):
        find_submissions(tmp_path, "hw")


def test_a_name_of_any_bytes_can_be_written_down(tmp_path: Path) -> None:
    """A file name that is not UTF-8 breaks no report."""
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/na\xefve.py"))
    path.write_text("x = 1")

    (found,) = find_submissions(path, "hw")

    assert found.fault is None
    found.name.encode("utf-8")


def test_a_declared_encoding_counts(tmp_path: Path) -> None:
    """Python reads a source file in the encoding that its first line declares; so do we."""
    path = tmp_path / "hw.py"
    path.write_bytes(b"# -*- coding: latin-1 -*-\nname = 'caf\xe9'\n")

    assert "café" in read_submission(path).cells[0]


def test_a_megabyte_of_code_is_refused(tmp_path: Path) -> None:
    """Sources that nobody writes by hand do not reach a parser."""
    path = tmp_path / "hw.py"
    path.write_text("x = 1\n" * 300_000)

    assert "at most 1048576" in (read_submission(path).fault or "")


def test_a_missing_path_is_named(tmp_path: Path) -> None:
    """The error repeats the path that does not exist."""
    with pytest.raises(BackproofError, match="nowhere"):
        find_submissions(tmp_path / "nowhere", "hw")
