"""What hostile students try with the right answer beside them, and right answers that look odd."""

import time

import pytest

from backproof.answers import balls
from backproof.answers.deciding import decide
from backproof.answers.numbers import decide_number
from backproof.answers.parser import parse
from backproof.answers.syntax import AnswerSyntaxError
from backproof.answers.units import decide_quantity
from backproof.answers.verdicts import Ruling
from backproof.model.typed import NumberDemand
from backproof.model.vocabulary import (
    ArraySymbol,
    IndexSymbol,
    MatrixSymbol,
    Property,
    Vocabulary,
)

WORDS = Vocabulary(
    symbols={
        "x": "real", "y": "real", "p": "unit", "a": "positive", "b": "(0, 1/2)", "n": "int",
        "t": "int[0, 1]", "N": "int[2, 40]", "k": "int[1, 9]", "size": "int[1, 100000]",
    }
)  # fmt: skip
SUMS = Vocabulary(
    symbols={"N": "int[4, 9]", "K": "int[2, 4]"},
    arrays=(
        ArraySymbol(name="w", shape=("K",)),
        ArraySymbol(name="d", shape=("N - K + 1",)),
    ),
    indices=(IndexSymbol(name="j", low="0", high="N - 1"),),
    constraints=("N - K + 1",),
)
MATRICES = Vocabulary(
    symbols={"lambda": "positive", "t": "real"},
    matrices=(
        MatrixSymbol(name="X", shape=("n", "d")),
        MatrixSymbol(name="A", shape=("d", "d")),
        MatrixSymbol(name="Q", shape=("d", "d"), properties=frozenset({Property.ORTHOGONAL})),
    ),
)
VANISHING = "*".join(f"(n-{k})" for k in range(1, 13))
PRIME, MATRIX_PRIME = 2**127 - 1, 2**61 - 1


@pytest.mark.parametrize(
    ("student", "reference"),
    [
        ("sin(x) + 1e-300", "sin(x)"),
        ("sin(x)*(1 + 1e-300)", "sin(x)"),
        ("sin(x) + 1e-399*1e-399", "sin(x)"),
        ("x + 10^(-100)", "x"),
        (f"n + {VANISHING}", "n"),
        (f"sin(n) + {VANISHING}", "sin(n)"),
        (f"n*(n+1)/2 + {VANISHING}", "sum(i=1, n, i)"),
        ("x + sin(97*pi*p)", "x"),
        ("x*cos(20020*pi*x)", "x"),
        ("x*(-1)^(20020*x)", "x"),
        ("floor(97*p)/97", "p"),
        ("floor(10010*x)/10010", "x"),
        ("x + relu(x - 300)", "x"),
        ("max(p, 1/97)", "p"),
        ("max(b, 0.005)", "b"),
        ("min(a, 39)", "a"),
        ("x + 0^x", "x"),
        ("erf(1000*a)", "1"),
        ("softplus(10000*a)", "10000*a"),
        ("sin(x) + p^10000", "sin(x)"),
        ("max(a, 1/130)", "a"),
    ],
)
def test_answers_that_differ_where_nobody_looks_are_not_right(student: str, reference: str) -> None:
    assert decide(student, reference, WORDS).verdict in (Ruling.WRONG, Ruling.UNDECIDED)


@pytest.mark.parametrize(
    ("student", "reference"),
    [
        ("max(p, 0)", "p"),
        ("min(1, p)*relu(a)", "a*p"),
        ("floor((n+1)/2)", "ceil(n/2)"),
        ("t*log(p) + (1-t)*log(1-p)", "log(t*p + (1-t)*(1-p))"),
        ("(-1)^n", "cos(pi*n)"),
        ("sqrt(x*y)", "sqrt(x)*sqrt(y)"),
        ("root(x^3, 3)", "x"),
        ("root(x, 5)", "-root(-x, 5)"),
        ("N!/(k!*(N-k)!)", "binomial(N, k)"),
        ("binomial(N, k)", "N!/(k!*(N-k)!)"),
        ("size*(size+1)/2", "sum(i=1, size, i)"),
        (f"x/{PRIME}*{PRIME}", "x"),
        (f"x*(y + {PRIME})/({PRIME} + y)", "x"),
    ],
)
def test_right_answers_that_look_odd_are_right(student: str, reference: str) -> None:
    found = decide(student, reference, WORDS)

    assert found.verdict is Ruling.CORRECT, found


def test_few_points_are_enough_where_there_are_no_more() -> None:
    few = Vocabulary(symbols={"N": "int[1, 3]", "K": "int[1, 3]"}, constraints=("N - K",))

    assert decide("log(N*K)", "log(N) + log(K)", few).verdict is Ruling.CORRECT
    assert decide("log(N*K) + (N-2)*(N-3)", "log(N) + log(K)", few).verdict is Ruling.CORRECT
    assert decide("log(N*K) + (N-2)", "log(N) + log(K)", few).verdict is Ruling.WRONG


@pytest.mark.parametrize(
    ("student", "reference", "ruling"),
    [
        ("det(Q)", "1", Ruling.WRONG),
        ("det(Q)^2", "1", Ruling.CORRECT),
        (f"A/{MATRIX_PRIME}*{MATRIX_PRIME}", "A", Ruling.CORRECT),
        (f"A + {MATRIX_PRIME}*A", "A", Ruling.WRONG),
        ("A/(t - t)", "A", Ruling.WRONG),
        ("1/(sqrt((lambda+1)^2) + lambda + 1)", "1/(2*lambda + 2)", Ruling.CORRECT),
        ("X = X", "X = 2X", Ruling.UNDECIDED),
        ("A*A = Q", "A = 2A", Ruling.UNDECIDED),
    ],
)
def test_matrices(student: str, reference: str, ruling: Ruling) -> None:
    found = decide(student, reference, MATRICES)

    assert found.verdict is ruling, found


@pytest.mark.parametrize(
    ("student", "ruling"),
    [
        ("sum(i=max(0, j-N+K), min(K-1, j), w[i]*d[j-i])", Ruling.CORRECT),
        ("sum(i=max(0, j-N+K), min(K-1, j), w[i]*d[j-i]) + relu(d[0] - 3)", Ruling.WRONG),
        ("sum(i=max(0, j-N+K), min(K-1, j), w[i]*d[j-i] + sin(7*pi*w[i]))", Ruling.WRONG),
        ("sum(i=0, min(K-1, j), w[i]*d[j-i])", Ruling.WRONG),
    ],
)
def test_sums_may_end_at_the_edge_of_an_array(student: str, ruling: Ruling) -> None:
    found = decide(student, "sum(i=max(0, j-K+1), min(N-K, j), d[i]*w[j-i])", SUMS)

    assert found.verdict is ruling, found


def test_a_bound_that_may_be_whole_is_not_called_wrong() -> None:
    found = decide("sum(i=1, factorial(3), d[0])", "6*d[0]", SUMS)

    assert found.verdict is not Ruling.WRONG, found


@pytest.mark.parametrize("typed", ["0e9", "0.00e9", "0e400", "0", "0.000", "-0.0", ".0e300"])
def test_zero_does_not_stand_for_every_number(typed: str) -> None:
    assert decide_number(typed, "3.7", NumberDemand()).verdict is Ruling.WRONG
    assert decide_number(typed, "0.0009", NumberDemand(minimum_digits=3)).verdict is Ruling.WRONG
    assert decide_number(typed, "0", NumberDemand()).verdict is Ruling.CORRECT
    assert decide_quantity(f"{typed} MB", "815 MiB", NumberDemand()).verdict is Ruling.WRONG


@pytest.mark.parametrize(
    ("typed", "expected", "ruling"),
    [
        ("1", "1.9", Ruling.WRONG),
        ("2", "1.9", Ruling.CORRECT),
        ("0.9", "1", Ruling.WRONG),
        ("0.99", "1", Ruling.WRONG),
        ("0.66", "2/3", Ruling.CORRECT),
        ("0.67", "2/3", Ruling.CORRECT),
        ("2", "1e400", Ruling.WRONG),
    ],
)
def test_digits_cut_off(typed: str, expected: str, ruling: Ruling) -> None:
    assert decide_number(typed, expected, NumberDemand(minimum_digits=1)).verdict is ruling


def test_many_signs_behind_many_brackets_are_refused() -> None:
    """As nested calls they would be a thousand deep."""
    with pytest.raises(AnswerSyntaxError, match="nested"):
        parse("(" * 50 + "x" + (")" + "!" * 21) * 50, WORDS)


HEAVY = (
    "A^20" + "@A^20" * 200, "A^-20" + "@A^-20" * 200, "0*exp(t)*A" + "+inv(A)@A@inv(A)" * 80,
    "0*exp(t)" + "+det(X@X.T)*det(X.T@X)" * 40,
)  # fmt: skip
LONG = (
    "0*sum(i=0, 9999, gamma(p+i)) + a", "sum(i=0, 30000, i)*0 + a",
    "log(sin(x)^2 + cos(x)^2 - 1)*gamma(a)" + "+gamma(a)*gamma(p)" * 100,
    "{" + ",".join(["abs(x) - abs(x)"] * 90) + "}",
)  # fmt: skip


@pytest.mark.parametrize("flint", [True, False])
def test_work_is_bounded_and_not_only_length(flint: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(balls, "HAVE_BALLS", flint and balls.HAVE_BALLS)
    for text in HEAVY:
        before = time.process_time()
        decide(text, "A", MATRICES)
        assert time.process_time() - before < 3, text[:40]
    for text in LONG:
        before = time.process_time()
        decide(text, "{x, a, p, y}" if text.startswith("{") else "a", WORDS)
        assert time.process_time() - before < 3, text[:40]
