"""Numbers by their digits, quantities by their units, and hints that are proven."""

from fractions import Fraction

import pytest

from backproof.answers.hints import Slip, explain
from backproof.answers.numbers import decide_number, shown_number
from backproof.answers.units import decide_quantity, read_quantity
from backproof.answers.verdicts import Ruling
from backproof.model.typed import NumberDemand
from backproof.model.vocabulary import MatrixSymbol, Vocabulary

C, W, F, S = Ruling.CORRECT, Ruling.WRONG, Ruling.FORM, Ruling.SYNTAX
U = Ruling.UNDECIDED
"""Percent of percent points, or the number in percent points: a person sees it."""


@pytest.mark.parametrize(
    ("typed", "expected", "demand", "ruling"),
    [
        ("90.23 %", "0.90234375", NumberDemand(), C),
        ("0.885 %", "0.8845", NumberDemand(), U),
        ("10%", Fraction(10), NumberDemand(), U),
        ("0.885 %", "0.7", NumberDemand(), W),
        ("0.9023", "0.90234375", NumberDemand(minimum_digits=4), C),
        ("0.90", "0.90234375", NumberDemand(minimum_digits=4), F),
        ("14.5", "14.5356", NumberDemand(), C),
        ("2.30", "log(10)", NumberDemand(), C),
        ("2.31", "log(10)", NumberDemand(), W),
        ("-2.30", "log(10)", NumberDemand(), W),
        ("14.53", "14.5356", NumberDemand(), C),
        ("14.53", "14.5356", NumberDemand(rounded=True), W),
        ("1/7", Fraction(1, 7), NumberDemand(), C),
        ("4,496,293,888", Fraction(4496293888), NumberDemand(whole=True), C),
        ("4496293889", Fraction(4496293888), NumberDemand(whole=True), W),
        ("3*5*64", Fraction(960), NumberDemand(whole=True), C),
        ("1,5", Fraction(3, 2), NumberDemand(), S),
        ("(1,5)", Fraction(3, 2), NumberDemand(), S),
        ("max(1474560,1)", Fraction(1474560), NumberDemand(whole=True), C),
        ("max(14,1,5), 1", Fraction(14), NumberDemand(), S),
        ("１２", Fraction(12), NumberDemand(), C),
        ("2.30;", "log(10)", NumberDemand(), C),
        ("2.30.", "log(10)", NumberDemand(), C),
        ("—2.30", "-log(10)", NumberDemand(), C),
        ("½", Fraction(1, 2), NumberDemand(), C),
        ("4.5×10^9", Fraction(4496293888), NumberDemand(), C),
        ("1.04", Fraction(1), NumberDemand(relative=Fraction(1, 20)), C),
    ],
)
def test_numbers(
    typed: str, expected: Fraction | str, demand: NumberDemand, ruling: Ruling
) -> None:
    assert decide_number(typed, expected, demand).verdict is ruling


@pytest.mark.parametrize(
    ("typed", "reference", "ruling", "says"),
    [
        ("854.6 MB", "815 MiB", C, ""),
        ("848 MB", "815 MiB", W, ""),
        ("815 MB", "815 MiB", W, "MB and MiB differ"),
        ("3 GMAC", "6 GFLOP", W, "one MAC is two FLOPs"),
        ("6 GFLOP", "3 GMAC", W, "one MAC is two FLOPs"),
        ("32 kB", "32 kbit", W, "bits, not bytes"),
        ("12", "12 MB", W, "the unit is missing"),
        ("50", "50%", W, "in %"),
        ("12 furlong", "12 s", S, "unknown unit"),
        ("10 GFLOPS", "10 GFLOP/s", C, ""),
        ("1500 µs", "1.5 ms", C, ""),
        ("12 s", "12 MB", W, "different things"),
    ],
)
def test_quantities(typed: str, reference: str, ruling: Ruling, says: str) -> None:
    found = decide_quantity(typed, reference, NumberDemand())

    assert found.verdict is ruling, found
    assert says in found.message


WORDS = Vocabulary(
    symbols={
        "x": "real", "y": "real", "p": "unit", "m": "int[2, 40]", "a": "positive", "b": "positive",
    },
    definitions={"q": "1 - p"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("student", "reference", "slip", "says"),
    [
        ("-x^2", "x^2", Slip.SIGN, "sign"),
        ("3 sin(x)", "sin(x)", Slip.FACTOR, "3 times"),
        ("sqrt(2) x", "x", Slip.FACTOR, "sqrt(2) times"),
        ("x + 1/2", "x", Slip.OFFSET, "plus 1/2"),
        ("x + y", "(x + y)/m", Slip.MONOMIAL, "one factor too many: m"),
        ("x + y", "(x + y)*m", Slip.MONOMIAL, "missing m"),
        ("x*sin(p)", "x*sin(1 - p)", Slip.COMPLEMENT, "1 - p"),
        ("a^2 - b", "b^2 - a", Slip.SWAPPED, "swapped"),
        ("1/(a + b)", "a + b", Slip.RECIPROCAL, "reciprocal"),
        ("(a + b)^2", "a + b", Slip.POWER, "square"),
        ("sqrt(a + b)", "a + b", Slip.POWER, "square root"),
    ],
)
def test_hints(student: str, reference: str, slip: Slip, says: str) -> None:
    hint = explain(student, reference, WORDS)

    assert hint is not None
    assert hint.slip is slip
    assert says in hint.sentence


def test_hints_for_matrices() -> None:
    shapes = (("X", ("n", "d")), ("w", ("d", "1")), ("y", ("n", "1")))
    matrices = Vocabulary(matrices=tuple(MatrixSymbol(name=n, shape=s) for n, s in shapes))
    reference = "2*X.T@(X@w - y)"

    turned = explain("2*(X@w - y).T@X", reference, matrices)
    half = explain("X.T@(X@w - y)", reference, matrices)

    assert turned is not None
    assert turned.slip is Slip.TRANSPOSED
    assert half is not None
    assert half.factor == "1/2"


def test_no_hint_is_invented() -> None:
    assert explain("x + sin(y)", "x + cos(y)", WORDS) is None


@pytest.mark.parametrize(
    ("student", "reference"),
    [("2*x/2", "x"), ("sin(x)^2 + cos(x)^2 + x", "1 + x"), ("sqrt(a)*sqrt(b)", "sqrt(a*b)")],
)
def test_no_hint_says_1_times_or_plus_0(student: str, reference: str) -> None:
    """An answer may differ only where the points of its hints do not lie."""
    assert explain(student, reference, WORDS) is None


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("4e6 bytes", "4e6"), ("4000000 B", "4,000,000"), ("50.5 %", "50.5"), ("1.50 kB", "1.50")],
)
def test_the_number_of_a_quantity_is_shown_without_its_unit(typed: str, shown: str) -> None:
    assert shown_number(read_quantity(typed).number, typed) == shown
