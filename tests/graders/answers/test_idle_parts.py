"""Answers that agree wherever anybody looks, because a part of them matters nowhere."""

import pytest

from backproof.answers import balls
from backproof.answers.deciding import decide
from backproof.answers.numbers import decide_number
from backproof.answers.verdicts import Ruling
from backproof.model.typed import NumberDemand
from backproof.model.vocabulary import MatrixSymbol, Property, Vocabulary

R = "sqrt((1-p)/p)"
WORDS = Vocabulary(symbols={"p": "unit", "w_hat": "real", "x": "real", "y": "real"})
SIZES = Vocabulary(symbols={"W": "int[10, 60]", "k": "int[1, 9]", "S": "int[1, 4]", "x": "real"})
MATRICES = Vocabulary(
    symbols={"lam": "positive"},
    matrices=(
        MatrixSymbol(name="X", shape=("n", "d")),
        MatrixSymbol(
            name="Gamma",
            shape=("d", "d"),
            properties=frozenset({Property.DIAGONAL, Property.POSITIVE_DEFINITE}),
        ),
    ),
)
HIDDEN = (
    "R+100*(4*p*(1-p))^(10^4)", "R+exp(-3*10^4*(p-0.3)^2)", "R+exp(-10^6*sin(30*p)^2)",
    "(1/p-1)^(1/2+p^(10^9))", "R+exp(-3000)", "R+10^-10000", "min(R,1000)", "max(R,0.001)",
    "R+max(0,p-0.999999)", "R+floor(p+10^-6)", "R*sign(1-10^-12-p)",
    "R+((p-0.9999)+sqrt((p-0.9999)^2))/2", "R+((p-0.9999999)+sqrt((p-0.9999999)^2))/2",
)  # fmt: skip


@pytest.mark.parametrize("student", HIDDEN)
def test_a_difference_in_a_part_that_matters_nowhere_is_not_right(student: str) -> None:
    found = decide(student.replace("R", R), R, WORDS)

    assert found.verdict in (Ruling.UNDECIDED, Ruling.WRONG), found


def test_the_student_is_told_which_part_it_is() -> None:
    found = decide(f"{R} + exp(-3000)", R, WORDS)

    assert found.verdict is Ruling.UNDECIDED
    assert found.message == (
        "`exp(-3000)` in your answer does not seem to matter; a person decides"
    )


def test_idle_parts_are_found_without_flint_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balls, "HAVE_BALLS", False)

    assert decide(f"{R} + exp(-3000)", R, WORDS).verdict is Ruling.UNDECIDED
    assert decide("tanh(x)", "(exp(2x) - 1)/(exp(2x) + 1)", WORDS).verdict is Ruling.CORRECT
    assert decide("sin(x)^2 + cos(x)^2 - x", "1 - x", WORDS).verdict is Ruling.CORRECT


@pytest.mark.parametrize(
    ("student", "reference"),
    [
        ("p*w_hat + 100*exp(-10^5*(w_hat-1)^2)", "p*w_hat"),
        ("x = 2*y + exp(-10^5)", "x = 2*y"),
        ("[[R + exp(-3000), 1]]", "[[R, 1]]"),
        ("{R + exp(-3000), x}", "{x, R}"),
    ],
)
def test_idle_parts_are_found_in_every_kind_of_answer(student: str, reference: str) -> None:
    found = decide(student.replace("R", R), reference.replace("R", R), WORDS)

    assert found.verdict is Ruling.UNDECIDED, found


@pytest.mark.parametrize("factor", ["(1+exp(-10^5*(lam-1)^2))", "sign(1000-tr(Gamma))"])
def test_idle_factors_of_matrices_are_found(factor: str) -> None:
    found = decide(f"sqrt(lam)*X*inv(Gamma)*{factor}", "sqrt(lam)*X*inv(Gamma)", MATRICES)

    assert found.verdict is Ruling.UNDECIDED, found


def test_a_whole_number_with_an_idle_part_goes_to_a_person() -> None:
    demand = NumberDemand(whole=True)

    assert decide_number("1474560+exp(-10^5)", "1474560", demand).verdict is Ruling.UNDECIDED
    assert decide_number("floor((30-5)/4)+1", "7", demand).verdict is Ruling.CORRECT
    assert decide_number("max(7, 3)", "7", demand).verdict is Ruling.CORRECT


@pytest.mark.parametrize(
    "student",
    [
        "R + 0*sin(p)", "R*1^p", "R + p - p", "R + log(p) - log(p)", "sqrt(1/p - 1)", "max(R, 0)",
        "exp(log(1-p)/2 - log(p)/2)", "tan(acos(sqrt(p)))", "sqrt(1-p)*p^(-1/2)", "R*max(1, p)",
    ],
)  # fmt: skip
def test_honest_detours_are_right(student: str) -> None:
    found = decide(student.replace("R", R), R, WORDS)

    assert found.verdict is Ruling.CORRECT, found


@pytest.mark.parametrize(
    ("student", "reference"),
    [
        ("floor((W-k)/S) + 1", "floor((W-k)/S + 1)"),
        ("ceil((W-k+1)/S)", "floor((W-k)/S) + 1"),
        ("max(0, min(6, x))", "min(relu(x), 6)"),
        ("(abs(x) - abs(x-6) + 6)/2", "min(max(x, 0), 6)"),
        ("max(W - k, 0)*log(S^2)", "2*log(S)*relu(W - k)"),
    ],
)
def test_functions_with_pieces_are_right_as_before(student: str, reference: str) -> None:
    found = decide(student, reference, SIZES)

    assert found.verdict is Ruling.CORRECT, found
