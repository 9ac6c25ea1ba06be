"""Which file a student has worked in."""

import json
from pathlib import Path

import pytest

from backproof.authoring.manifest import files_to_check

NAME = "first_layers"


@pytest.fixture
def folder(tmp_path: Path, release: dict[str, bytes]) -> Path:
    for name, data in release.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def edit_notebook(folder: Path, code: str) -> None:
    path = folder / f"{NAME}.ipynb"
    notebook = json.loads(path.read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["execution_count"] = 1
    cell = next(cell for cell in notebook["cells"] if cell["id"] == "ask-dropout")
    cell["source"] = code or cell["source"]
    path.write_text(json.dumps(notebook))


def names(folder: Path) -> list[str]:
    return [path.suffix for path in files_to_check(folder)]


def test_an_untouched_folder_checks_the_module(folder: Path) -> None:
    """A student who has just begun sees what is to be done."""
    assert names(folder) == [".py"]


def test_an_edited_notebook_is_the_work(folder: Path) -> None:
    """The untouched module beside it does not count."""
    edit_notebook(folder, "def dropout(*_): ...")
    assert names(folder) == [".ipynb"]


def test_a_notebook_that_was_only_run_is_untouched(folder: Path) -> None:
    """Jupyter changes the file on disk; the code in it is what counts."""
    edit_notebook(folder, "")
    assert names(folder) == [".py"]


def test_two_edited_files_are_both_the_work(folder: Path) -> None:
    """Nobody but the student can say which one counts."""
    edit_notebook(folder, "def dropout(*_): ...")
    (folder / f"{NAME}.py").write_text("x = 1")
    assert names(folder) == [".py", ".ipynb"]


def test_a_file_with_a_syntax_error_is_edited(folder: Path) -> None:
    """It cannot be read as code, but what was handed out can."""
    (folder / f"{NAME}.py").write_text("def")
    assert names(folder) == [".py"]


def test_without_manifest_every_file_counts(folder: Path) -> None:
    """The name then comes from the public cases."""
    (folder / "manifest.json").unlink()
    assert names(folder) == [".py", ".ipynb"]
