"""What is unpacked lies where nobody else reads it, and goes, even after a kill."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from backproof.intake import Scratch, scratch, take_in

CODE = "x = 1\n"
WAITS = """
import sys, tempfile
from pathlib import Path
from backproof.intake import scratch, take_in
tempfile.tempdir = sys.argv[2]
with scratch() as place:
    take_in(Path(sys.argv[1]), "hw", place)
    print("unpacked", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for what is temporary, of this test alone."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def zipped(path: Path, files: dict[str, str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


@pytest.fixture
def with_weights(tmp_path: Path) -> Path:
    """A class, one of whom hands in weights."""
    files = {"ada/hw.py": CODE, "bob/hw.py": CODE, "bob/hw.w.npz": "w"}
    return zipped(tmp_path / "class.zip", files)


def test_only_weights_stay_unpacked(tmp_path: Path, with_weights: Path) -> None:
    take_in(with_weights, "hw", Scratch(tmp_path / "scratch"))

    left = [p.name for p in (tmp_path / "scratch").rglob("*") if p.is_file()]
    assert sorted(left) == ["hw.py", "hw.w.npz"]


def test_nothing_is_made_where_nothing_has_to_be_unpacked(
    tmp_path: Path, temporary: Path, with_weights: Path
) -> None:
    """And nothing is left, even of weights, at the end; nobody else may read it until then."""
    (tmp_path / "class" / "ada").mkdir(parents=True)
    (tmp_path / "class" / "ada" / "hw.py").write_text(CODE)

    with scratch() as place:
        take_in(tmp_path / "class", "hw", place)
        take_in(zipped(tmp_path / "plain.zip", {"ada/hw.py": CODE}), "hw", place)
        assert list(temporary.iterdir()) == []
        take_in(with_weights, "hw", place)
        (root,) = temporary.iterdir()
        assert root.stat().st_mode & 0o077 == 0
        take_in(with_weights, "hw", place)
        assert list(temporary.iterdir()) == [root]
    assert list(temporary.iterdir()) == []


def test_what_a_killed_process_left_is_removed_and_what_is_in_use_stays(
    tmp_path: Path, temporary: Path, with_weights: Path
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WAITS, str(with_weights), str(temporary)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "unpacked\n"
        (root,) = temporary.iterdir()
        with scratch():
            assert list(root.rglob("*.npz")), "it is still in use"
        other.kill()
    assert list(root.rglob("*.npz")), "nobody could remove it"

    with scratch():
        assert list(temporary.iterdir()) == []


def test_a_link_with_the_name_of_something_left_is_not_followed(
    tmp_path: Path, temporary: Path
) -> None:
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs" / "thesis.txt").write_text("all of it")
    (temporary / "backproof-unpacked-0").symlink_to(tmp_path / "theirs")

    with scratch():
        assert (tmp_path / "theirs" / "thesis.txt").exists()
