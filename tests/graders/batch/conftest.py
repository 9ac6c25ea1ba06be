"""A homework of one small question, and a class that hands it in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from backproof.batch import Settings
from backproof.loading import load_assignment
from backproof.model import Assignment, Limits, Submission

RIGHT = "import torch\n\ndef relu_backward(dout, x):\n    return dout * (x > 0)\n"
WRONG = RIGHT.replace("x > 0", "x >= 0")


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, repository: Path) -> Path:
    """The folder of the homework, beside the real bank."""
    root = tmp_path_factory.mktemp("course")
    (root / "bank").symlink_to(repository / "assignments" / "bank")
    homework = root / "one_question"
    homework.mkdir()
    (homework / "assignment.toml").write_text(
        'title = "One question"\nsource = "tests"\npoints = 2\n\n[[question]]\nnumber = "1"\n'
        'problem = "relu_backward"\nkey = "dx"\npoints = 2\n'
    )
    return homework


@pytest.fixture(scope="session")
def homework(folder: Path) -> Assignment:
    return load_assignment(folder)


@pytest.fixture
def settings(folder: Path) -> Settings:
    return Settings(folder=folder, seed="course", device="cpu", limits=Limits(), least=None)


def handed_in(name: str, code: str) -> Submission:
    return Submission(name=name, path=Path(f"{name}.py"), digest=f"of {code}", cells=(code,))


@pytest.fixture
def right_work() -> Callable[[str], Submission]:
    """A right solution, in a file of somebody's own."""
    return lambda name: handed_in(name, RIGHT + f"# {name}\n")


@pytest.fixture
def class_of_four() -> list[Submission]:
    """Right, wrong, right in another file, and one that could not be read."""
    return [
        handed_in("ada", RIGHT),
        handed_in("bob", WRONG),
        handed_in("cyd", RIGHT + "# mine\n"),
        Submission(name="dan", path=Path("dan.py"), digest="", fault="dan.py is empty"),
    ]
