"""What the oracle alone may know never reaches the process of a submission."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backproof.answer_key import AnswerKey
from backproof.audit import assignment_of
from backproof.grading import grade
from backproof.loading import load_problem
from backproof.model import BackproofError, Fault, Returned, Stopped, Submission, Value

PROBLEM = '''
from backproof import Call, Case, Check, FunctionAsk, Probe, Relation, Visibility
import torch


def guess(x: torch.Tensor) -> torch.Tensor:
    """Scores of two classes.

    Shapes:
        x: (N,). Returns (N, 2).

    Source:
        None.
    """
    return torch.stack([-x, x], dim=1)


def build(rng):
    import numpy as np

    x = rng.permutation(np.array([-2.0, -1.0, 1.0, 3.0]))
    return {"x": x, "hidden_labels": (x > 0).astype(int), "least": 1.0}


ASKS = (FunctionAsk(reference=guess),)
CALL = Call(function="guess", takes=("x",), returns=("scores",))
CHECKS = (
    Check(
        id="shape",
        question="q",
        claim="scores",
        expects="scores",
        read="none",
        points=0,
        probe=Probe(calls=(CALL,)),
        cases=(
            Case(id="open", why="public", build=lambda rng: {"x": build(rng)["x"]},
                 visibility=Visibility.PUBLIC),
        ),
        oracle=Relation(name="inputs_unchanged"),
    ),
    Check(
        id="accuracy",
        question="q",
        claim="accuracy",
        expects="right classes",
        read="none",
        points=1,
        probe=Probe(calls=(CALL,)),
        cases=(Case(id="held", why="labels held back", build=build,
                    withheld=("hidden_labels", "least")),),
        oracle=Relation(name="accuracy"),
    ),
)
'''
MUTANTS = """
from backproof import Mutant

MUTANTS = (
    Mutant(id="changes", of="guess", misconception="x is changed", killed_by=("shape",),
           code="def guess(x):\\n    return torch.stack([-x, x.add_(1)], dim=1)"),
    Mutant(id="turned", of="guess", misconception="turned", killed_by=("accuracy",),
           edit=("[-x, x]", "[x, -x]")),
)
"""
HONEST = """
from backproof import Honest

HONEST = (Honest(id="same", why="the same", code="x = 1"),)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files = {"problem.py": PROBLEM, "mutants.py": MUTANTS, "honest.py": HONEST}
    files["problem.md"] = "# Guess\n\nGuess.\n\n## [q] Guess\n\nWrite `guess`.\n"
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    return tmp_path


class Listening:
    """A runner that notes what would have been sent."""

    isolation = "none"

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []

    @contextmanager
    def open(self, submission: Submission) -> Iterator[Any]:
        yield self

    def run(self, probe: Any, inputs: Any, **_: Any) -> Stopped:
        self.sent.append(dict(inputs))
        return Stopped(fault=Fault.CRASHED, message="not run")


def test_withheld_inputs_are_not_sent(folder: Path) -> None:
    """Only `x` is, also for the case whose labels are held back."""
    listening = Listening()
    work = Submission(name="w", path=Path("w.py"), digest="", cells=("x = 1",))

    grade(assignment_of(load_problem(folder)), work, listening, AnswerKey("secret"))  # type: ignore[arg-type]

    assert [set(inputs) for inputs in listening.sent] == [{"x"}, {"x"}]
    assert all(isinstance(inputs["x"], np.ndarray) for inputs in listening.sent)


class Answering(Listening):
    """One that answers rightly."""

    def run(self, probe: Any, inputs: Any, **_: Any) -> Any:
        self.sent.append(dict(inputs))
        x = inputs["x"]
        scores = Value(form="tensor", array=np.stack([-x, x], axis=1), dtype="float64")
        return Returned(values={"scores": scores})


def test_withheld_inputs_are_not_sent_when_rules_are_tried(folder: Path) -> None:
    """A check with a rule is run where it must be kept: its labels are held back there, too."""
    text = (folder / "problem.py").read_text().replace(
        'oracle=Relation(name="accuracy")',
        'oracle=Relation(name="accuracy"), forbids=(OWN_GRADIENT,)',
    )  # fmt: skip
    (folder / "problem.py").write_text("from backproof import OWN_GRADIENT\n" + text)
    answering = Answering()
    work = Submission(name="w", path=Path("w.py"), digest="", cells=("x = 1",))

    report = grade(assignment_of(load_problem(folder)), work, answering, AnswerKey("secret"))  # type: ignore[arg-type]

    assert report.points == 1
    assert [set(inputs) for inputs in answering.sent] == [{"x"}] * 2


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('withheld=("hidden_labels", "least")', 'withheld=("x",)', "takes 'x', which case 'held' withholds"),
        ("visibility=Visibility.PUBLIC", "visibility=Visibility.PUBLIC, withheld=('y',)", "is public and withholds y"),
        ('withheld=("hidden_labels", "least")', "withheld='least'", "must be a tuple"),
    ],
)  # fmt: skip
def test_what_is_withheld_is_neither_taken_nor_public(
    folder: Path, old: str, new: str, says: str
) -> None:
    text = (folder / "problem.py").read_text()
    assert old in text
    (folder / "problem.py").write_text(text.replace(old, new))

    with pytest.raises(BackproofError, match=says):
        load_problem(folder)
