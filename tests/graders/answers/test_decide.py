"""Decisions on formulas, equations, sets, matrices and indexed sums."""

from fractions import Fraction

import pytest

from backproof.answers.deciding import decide
from backproof.answers.numbers import decide_number
from backproof.answers.verdicts import Ruling
from backproof.model.typed import Form, NumberDemand
from backproof.model.vocabulary import (
    ArraySymbol,
    IndexSymbol,
    MatrixSymbol,
    Property,
    Vocabulary,
)

WORDS = Vocabulary(
    symbols={
        "x": "real", "y": "real", "p": "unit", "var": "positive", "eps": "positive", "n": "int",
        "a": "positive", "b": "(0, 1/2)",
    },
    definitions={"q": "1 - p", "sigma": "sqrt(var + eps)"},
)  # fmt: skip
C, W, U, S = Ruling.CORRECT, Ruling.WRONG, Ruling.UNDECIDED, Ruling.SYNTAX


@pytest.mark.parametrize(
    ("student", "reference", "ruling"),
    [
        ("2x^2", "x*x*2", C),
        ("p*(1-p)", "p*q", C),
        ("x/σ", "x/sqrt(var + ε)", C),
        ("x/(sqrt(var) + eps)", "x/sigma", W),
        ("0.1 + 0.2", "0.3", C),
        ("0.333333333333333", "1/3", W),
        ("(x-a)^6000", "(a-x)^6000", C),
        ("(x-a)^6000", "(x-a)^5999", W),
        ("sin(x)^2 + cos(x)^2", "1", C),
        ("x", "sqrt(x^2)", W),
        ("2 log(x)", "log(x^2)", W),
        ("log(x^2)", "2 log(x)", C),
        ("max(x, 0)", "relu(x)", C),
        ("x*(sign(x)+1)/2", "relu(x)", C),
        ("(-1)^n", "cos(pi*n)", C),
        ("sqrt(b^2 - b + 1/4)", "1/2 - b", C),
        ("1/(x-x)", "x", W),
        ("n!", "gamma(n+1)", C),
        ("(77+20*sqrt(13))^(1/6)-(77-20*sqrt(13))^(1/6)", "1", C),
        ("9^9^9^9", "1", U),
        ("x = 2y", "3x - 6y = 0", C),
        ("x = 3y", "x = 2y", W),
        ("x", "x = 2y", U),
        ("{x, y}", "{y, x}", C),
        ("{x, y}", "{y, x, 1}", W),
        ("{x, x}", "{x, y}", W),
        ("[[x, y], [y, 2x]]", "[[x, y], [y, x + x]]", C),
        ("[[x, y], [y, x]]", "[[x, y], [y, x + 1]]", W),
        ("[[x], [y]]", "[[x, y]]", W),
        ("mu", "x", S),
    ],
)
def test_decisions(student: str, reference: str, ruling: Ruling) -> None:
    found = decide(student, reference, WORDS)

    assert found.verdict is ruling, found
    if ruling is W:
        assert found.witness is not None


def test_the_wrong_cell_and_the_wrong_shape_are_named() -> None:
    cell = decide("[[x, y], [y, x]]", "[[x, y], [y, x + 1]]", WORDS)
    shape = decide("[[x], [y]]", "[[x, y]]", WORDS)

    assert "entry (2, 2)" in cell.message
    assert shape.message == "your matrix is 2×1, expected 1×2"


def test_critical_points_find_what_chance_misses() -> None:
    hidden = "relu(x - exp(7))"

    missed = decide(hidden, "0", WORDS)
    found = decide(hidden, "0", WORDS, critical=({"x": Fraction(1101)},))

    assert missed.verdict is U  # a part that matters nowhere
    assert found.verdict is W


def test_different_formulas_that_agree_on_the_domain_go_to_a_person() -> None:
    words = Vocabulary(symbols={"n": "int[0, 1]"})

    assert decide("n^2", "n", words).verdict is U


@pytest.mark.parametrize(
    ("student", "form", "ruling"),
    [
        ("6/8", Form.FRACTION, Ruling.FORM),
        ("3/4", Form.FRACTION, C),
        ("1/2 + 1/4", Form.NUMBER, Ruling.FORM),
        ("0.75", Form.NUMBER, C),
    ],
)
def test_forms(student: str, form: Form, ruling: Ruling) -> None:
    assert decide(student, "3/4", WORDS, form=form).verdict is ruling


def _matrix(name: str, shape: tuple[str, str], *properties: Property) -> MatrixSymbol:
    return MatrixSymbol(name=name, shape=shape, properties=frozenset(properties))


MATRICES = Vocabulary(
    symbols={"n": "int", "lambda": "positive"},
    matrices=(
        _matrix("X", ("n", "d")),
        _matrix("w", ("d", "1")),
        _matrix("y", ("n", "1")),
        _matrix("I", ("d", "d"), Property.IDENTITY),
        _matrix("Q", ("d", "d"), Property.ORTHOGONAL),
        _matrix("S", ("d", "d"), Property.SYMMETRIC),
        _matrix("A", ("d", "d"), Property.POSITIVE_DEFINITE),
        _matrix("D", ("d", "d"), Property.DIAGONAL),
        _matrix("E", ("d", "d"), Property.DIAGONAL),
    ),
)


@pytest.mark.parametrize(
    ("student", "reference", "ruling", "says"),
    [
        ("2 X.T@(X@w - y)", "2 X.T@X@w - 2 X.T@y", C, ""),
        ("inv(X.T@X + λ I)@X.T@y", "(X.T@X + λ*I)^-1@X.T@y", C, ""),
        ("(X.T@X)@X.T@y", "inv(X.T@X)@X.T@y", W, "entry"),
        ("2 (X@w - y).T@X", "2 X.T@(X@w - y)", W, "your answer is 1×d, expected d×1"),
        ("X@X", "X.T@X", W, "it multiplies n×d by n×d"),
        ("X*X", "X.T@X", W, "your answer is n×d"),
        ("Q.T@Q", "I", C, ""),
        ("Q", "I", W, ""),
        ("inv(Q)", "Q.T", C, ""),
        ("S.T@S", "S^2", C, ""),
        ("D@E", "E@D", C, ""),
        ("D@S", "S@D", W, ""),
        ("det(A)*det(D)", "det(A@D)", C, ""),
        ("tr(X@X.T)", "tr(X.T@X)", C, ""),
        ("(y - X@w).T@(y - X@w)/n", "(w.T@X.T@X@w - 2 y.T@X@w + y.T@y)/n", C, ""),
        ("exp(w.T@w)", "exp(tr(w@w.T))", C, ""),
        ("sqrt(w.T@w)", "(w.T@w)^(1/2)", C, ""),
        ("X∘X", "X⊙X", C, ""),
    ],
)
def test_matrix_decisions(student: str, reference: str, ruling: Ruling, says: str) -> None:
    found = decide(student, reference, MATRICES)

    assert found.verdict is ruling, found
    assert says in found.message


def test_a_reference_whose_shapes_do_not_fit_is_the_authors_mistake() -> None:
    with pytest.raises(ValueError, match="the reference has no value"):
        decide("X", "X@X", MATRICES)


CONVOLUTION = Vocabulary(
    symbols={"N": "int[4, 9]", "K": "int[2, 4]"},
    arrays=(ArraySymbol(name="X", shape=("N",)), ArraySymbol(name="dZ", shape=("N - K + 1",))),
    indices=(IndexSymbol(name="j", low="0", high="K - 1"),),
    constraints=("N - K + 1",),
)


@pytest.mark.parametrize(
    ("student", "ruling", "says"),
    [
        ("sum(k=0, N-K, X[k+j]*dZ[k])", C, ""),
        ("sum(k=j, N-K+j, dZ[k-j]*X[k])", C, ""),
        ("sum(i=0, N-K, dZ[i]*X[i])", W, "not the right value"),
        ("sum(i=0, N-1, dZ[i]*X[i+j])", W, "outside dZ["),
        ("sum(i=0, N-K, dZ[i]*X[i-j])", W, "outside X["),
    ],
)
def test_indexed_sums(student: str, ruling: Ruling, says: str) -> None:
    found = decide(student, "sum(i=0, N-K, dZ[i]*X[i+j])", CONVOLUTION)

    assert found.verdict is ruling, found
    assert says in found.message


def test_a_point_inside_a_domain_is_not_shown_on_its_edge() -> None:
    found = decide("p", "p + floor(p + 1/1000)*log(p)", WORDS)

    assert found.verdict is W
    assert "p = 0.999" in found.message


def test_a_value_that_is_not_certain_is_not_shown() -> None:
    found = decide("sin(10^10000)", "5", WORDS)

    assert found.verdict is W
    assert "could not be computed exactly" in found.message


def test_a_tiny_difference_does_not_print_the_expected_value_in_full() -> None:
    found = decide("x*(1 + 1e-40)*exp(x)", "x*exp(x)", WORDS)

    assert found.witness is not None
    assert "differs in a digit beyond" in found.message
    assert len(found.witness.expected) < 25


def test_a_reference_with_a_students_long_number_is_compared_exactly() -> None:
    whole, long = NumberDemand(whole=True), 9**200

    assert decide_number(f"{9**100}", f"({9**100})", whole).verdict is C
    assert decide_number("9^200 + 1", f"({long}) + 1", whole).verdict is C
    assert decide_number("9^200 + 2", f"({long}) + 1", whole).verdict is W
    assert decide("x + 9^200", f"x + {long}", WORDS).verdict is C
