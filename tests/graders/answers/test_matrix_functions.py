"""Roots, quotients and functions of matrices: evaluated where certain, else left to a person."""

import pytest

from backproof.answers.deciding import decide
from backproof.answers.verdicts import Ruling
from backproof.model.vocabulary import MatrixSymbol, Property, Vocabulary

POSITIVE = frozenset({Property.POSITIVE_DEFINITE})
WORDS = Vocabulary(
    symbols={"lam": "positive"},
    matrices=(
        MatrixSymbol(name="X", shape=("n", "d")),
        MatrixSymbol(name="v", shape=("d", "1")),
        MatrixSymbol(name="A", shape=("d", "d"), properties=POSITIVE),
        MatrixSymbol(name="Gamma", shape=("d", "d"), properties=POSITIVE | {Property.DIAGONAL}),
    ),
)
REFERENCE = "sqrt(lam)*X*inv(Gamma)"


@pytest.mark.parametrize(
    "student",
    [
        "sqrt(lam)*X*diag(1/diag(Gamma))", "X*diag(sqrt(lam)/diag(Gamma))",
        "X*sqrt(lam*inv(Gamma^2))", "sqrt(lam)*X*(Gamma^2)^(-1/2)", "X*(lam*Gamma^-2)^0.5",
        "sqrt(lam)*X*Gamma^(-1/2)*Gamma^(-1/2)", "sqrt(lam)*X*Gamma^(-1/3)*Gamma^(-2/3)",
        "sqrt(lam)*X*diag(diag(Gamma)^-1)", "sqrt(lam)*X*diag(exp(-log(diag(Gamma))))",
    ],
)  # fmt: skip
def test_roots_of_a_positive_diagonal_are_evaluated(student: str) -> None:
    found = decide(student, REFERENCE, WORDS)

    assert found.verdict is Ruling.CORRECT, found


@pytest.mark.parametrize("student", ["sqrt(lam)*X*Gamma^(-1/2)", "X*diag(lam/diag(Gamma))"])
def test_another_root_is_wrong(student: str) -> None:
    assert decide(student, REFERENCE, WORDS).method == "witness"


@pytest.mark.parametrize(
    ("student", "says"),
    [
        ("sqrt(lam)*X/Gamma", "write `inv(...)`"),
        ("sqrt(lam)*X*(1/Gamma)", "`diag(1/v)`"),
        ("sqrt(lam)*X/diag(Gamma).T", "`diag(1/v)`"),
        ("sqrt(lam)*X*(A^2)^(-1/2)", "write `diag(...)`"),
        ("X*exp(Gamma)", "`exp` of a matrix"),
        ("max(X, 0)", "`max` of a matrix"),
        ("X*2^Gamma", "exponent"),
        ("X^2", "`⊙`"),
    ],
)
def test_what_can_mean_two_things_is_undecided_and_says_how_to_write_it(
    student: str, says: str
) -> None:
    found = decide(student, REFERENCE, WORDS)

    assert found.verdict is Ruling.UNDECIDED
    assert says in found.message


@pytest.mark.parametrize(
    ("student", "says"),
    [
        ("X@X", "multiplies n×d by n×d"),
        ("X/v", "divides n×d by d×1"),
        ("X + Gamma", "n×d + d×d"),
        ("det(X)", "takes the determinant of a n×d matrix"),
        ("inv(X)", "takes the inverse of a n×d matrix"),
        ("tr(X)", "takes the trace of a n×d matrix"),
    ],
)
def test_shapes_that_fit_in_no_reading_are_wrong(student: str, says: str) -> None:
    found = decide(student, REFERENCE, WORDS)

    assert found.verdict is Ruling.WRONG
    assert says in found.message
