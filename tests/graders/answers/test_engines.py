"""The engine without FLINT reaches the same decisions, and says that it is numeric."""

import pytest

from backproof.answers import balls
from backproof.answers.deciding import decide
from backproof.answers.verdicts import Ruling
from backproof.model.vocabulary import Vocabulary

WORDS = Vocabulary(symbols={"x": "real", "p": "unit"})


@pytest.mark.parametrize(
    ("student", "reference", "ruling"),
    [
        ("sin(x)^2 + cos(x)^2", "1", Ruling.CORRECT),
        ("x", "sqrt(x^2)", Ruling.WRONG),
        ("tanh(x)", "2 sigmoid(2x) - 1", Ruling.CORRECT),
        ("p log(p)", "log(p^p)", Ruling.CORRECT),
        ("relu(x)", "max(x, 0)", Ruling.CORRECT),
        ("x(1 + erf(x/sqrt(2)))/2", "x Phi(x)", Ruling.CORRECT),
        ("x(1 + erf(x/sqrt(2)))/2", "x sigmoid(1.702x)", Ruling.WRONG),
        ("exp(exp(exp(exp(x + 99))))", "x", Ruling.UNDECIDED),
    ],
)
def test_both_engines_decide_alike(
    student: str, reference: str, ruling: Ruling, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("mpmath")
    if balls.HAVE_BALLS and ruling is not Ruling.UNDECIDED:
        assert decide(student, reference, WORDS).verdict is ruling
    monkeypatch.setattr(balls, "HAVE_BALLS", False)

    found = decide(student, reference, WORDS)

    assert found.verdict is ruling, found
    if ruling is not Ruling.UNDECIDED:
        assert "numeric" in found.method
