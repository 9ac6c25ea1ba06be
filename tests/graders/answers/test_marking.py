"""One typed answer, from its text to what the student and staff read about it."""

from dataclasses import replace
from fractions import Fraction

import pytest

from backproof.answers import Ruling, key_faults, mark, read
from backproof.model import (
    ChoiceField,
    Form,
    FormulaField,
    Given,
    MatrixSymbol,
    NumberDemand,
    NumberField,
    QuantityField,
    TextField,
    TypedKey,
    Vocabulary,
    WrongAnswer,
)

P = FormulaField(vocabulary=Vocabulary(symbols={"p": "unit"}), labels=("c",))
FACTOR = TypedKey(
    name="factor",
    field=P,
    answer="sqrt((1-p)/p)",
    wrong=(
        WrongAnswer(id="inverted", answer="sqrt(p/(1-p))", sentence="this is the inverse"),
        WrongAnswer(id="odd", answer="no formula at all", sentence="these are words"),
    ),
)
COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")


# --- formulas --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ["sqrt((1-p)/p)", "c = √(1/p − 1)", "factor = (1/p-1)**0.5", " c=sqrt(1-p)/sqrt(p) "],
)
def test_a_right_formula_is_right_however_it_is_written(text: str) -> None:
    """With or without the name that the answer has in the question."""
    assert mark(text, FACTOR).ruling is Ruling.CORRECT


def test_a_wrong_formula_comes_with_a_point_and_not_with_the_answer() -> None:
    """The student reads their own value at a point; staff read both."""
    found = mark("p + 1", FACTOR)

    assert found.ruling is Ruling.WRONG
    assert "at p = " in found.reason
    assert "your answer is " in found.reason
    assert "expected" not in found.reason
    assert "expected" in found.evidence


def test_a_known_wrong_answer_is_recognised_in_any_spelling() -> None:
    found = mark("(1/p - 1)^(-1/2)", FACTOR)

    assert (found.cause_id, found.cause) == ("inverted", "this is the inverse")


def test_a_common_slip_is_named_where_no_wrong_answer_is_known() -> None:
    found = mark("3*sqrt((1-p)/p)", FACTOR)

    assert found.cause_id == "slip: constant factor"
    assert found.cause == "your answer is 3 times the expected one"


def test_what_cannot_be_read_is_neither_right_nor_wrong() -> None:
    found = mark("sqrt((1-q)/q)", FACTOR)

    assert found.ruling is Ruling.SYNTAX
    assert "unknown name `q`" in found.reason


def test_an_equation_in_place_of_a_formula_waits_for_a_person() -> None:
    """Only a label that the question uses can be dropped: other names may mean anything."""
    assert mark("p = 1/2", FACTOR).ruling is Ruling.UNDECIDED


def test_an_empty_answer_is_empty_even_after_its_label() -> None:
    assert mark(" \n", FACTOR).ruling is Ruling.EMPTY
    assert mark("c = ", FACTOR).ruling is Ruling.EMPTY


def test_an_overlong_answer_is_not_cut_but_refused() -> None:
    assert mark("p+" * 1001 + "p", FACTOR).ruling is Ruling.SYNTAX


def test_the_echo_shows_text_and_latex() -> None:
    found = read("√p / 2", FACTOR)

    assert (found.read_as, found.latex) == ("sqrt(p)/2", r"\frac{\sqrt{p}}{2}")


def test_nothing_is_judged_without_a_key() -> None:
    """A release can read answers, and knows no more."""
    released = replace(FACTOR, answer=None, wrong=())

    assert mark("sqrt((1-p)/p)", released) == mark("sqrt((1-p)/p)", FACTOR).__class__(
        ruling=Ruling.UNDECIDED, read_as="sqrt((1 - p)/p)", latex=r"\sqrt{\frac{1 - p}{p}}"
    )
    assert mark("p", released).ruling is Ruling.UNDECIDED


def test_a_known_wrong_answer_without_a_value_breaks_nothing() -> None:
    """The inverse of a matrix that is not square is a mistake worth naming, and has no value."""
    words = Vocabulary(matrices=(MatrixSymbol(name="A", shape=("n", "d")),))
    wrong = WrongAnswer(id="inverse", answer="inv(A)", sentence="A has no inverse")
    key = TypedKey(name="B", field=FormulaField(vocabulary=words), answer="A.T", wrong=(wrong,))

    assert mark("2*A.T", key).ruling is Ruling.WRONG
    assert mark("inv(A)", key).cause_id == "inverse"


def test_a_demanded_form_is_a_ruling_of_its_own() -> None:
    expanded = TypedKey(
        name="y",
        field=FormulaField(vocabulary=Vocabulary(symbols={"x": "real"}), form=Form.EXPANDED),
        answer="x^2 + x",
    )

    assert mark("x*(x+1)", expanded).ruling is Ruling.FORM
    assert mark("x + x*x", expanded).ruling is Ruling.CORRECT


def test_a_star_between_matrices_is_the_product_that_fits() -> None:
    """As everybody writes it; where two products fit, nobody can know."""
    shapes = (("X", ("n", "d")), ("A", ("d", "d")), ("B", ("d", "d")))
    words = Vocabulary(matrices=tuple(MatrixSymbol(name=n, shape=s) for n, s in shapes))
    product = TypedKey(name="y", field=FormulaField(vocabulary=words), answer="X@A")
    entrywise = replace(product, answer="X⊙X")
    square = replace(product, answer="A@B")

    assert mark("X*A", product).ruling is Ruling.CORRECT
    assert mark("X*X", entrywise).ruling is Ruling.CORRECT
    assert mark("A*B", square).ruling is Ruling.UNDECIDED
    assert "two products" in mark("A*B", square).reason
    assert mark("B@A", square).ruling is Ruling.WRONG


# --- numbers, quantities, choices ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ruling", "cause"),
    [
        ("14.9", Ruling.CORRECT, ""),
        ("658432/44272", Ruling.CORRECT, ""),
        ("-14.9", Ruling.WRONG, "slip: sign"),
        ("29.7", Ruling.WRONG, "slip: constant factor"),
        ("0.0672", Ruling.WRONG, "slip: reciprocal"),
        ("13.1", Ruling.WRONG, ""),
        ("15", Ruling.FORM, ""),
        ("14,9", Ruling.SYNTAX, ""),
    ],
)
def test_numbers(text: str, ruling: Ruling, cause: str) -> None:
    ratio = TypedKey(
        name="ratio",
        field=NumberField(demand=NumberDemand(minimum_digits=3)),
        answer="658432/44272",
    )
    found = mark(text, ratio)

    assert (found.ruling, found.cause_id) == (ruling, cause), found
    assert "14.87" not in found.reason


def test_a_wrong_quantity_is_told_its_unit_and_not_its_value() -> None:
    size = TypedKey(name="size", field=QuantityField(), answer="4*512^2 B")

    assert mark("1.048576 MB", size).ruling is Ruling.CORRECT
    assert mark("1 MiB", size).ruling is Ruling.CORRECT
    wrong = mark("1.048576 MiB", size)
    assert wrong.ruling is Ruling.WRONG
    assert "MB and MiB" in wrong.reason
    assert mark("7 B", size).reason == ""


@pytest.mark.parametrize(
    ("text", "ruling"),
    [
        ("True", Ruling.CORRECT),
        ("t", Ruling.CORRECT),
        (" yes. ", Ruling.CORRECT),
        ("false", Ruling.WRONG),
        ("true, because it is", Ruling.SYNTAX),
        ("true false", Ruling.SYNTAX),
        ("", Ruling.EMPTY),
    ],
)
def test_true_or_false(text: str, ruling: Ruling) -> None:
    """A choice with words around it is for a person: it may be qualified."""
    key = TypedKey(name="q", field=ChoiceField(), answer="true")

    assert mark(text, key).ruling is ruling


@pytest.mark.parametrize(
    ("text", "ruling"),
    [
        ("a, c", Ruling.CORRECT),
        ("(C) and (A)", Ruling.CORRECT),
        ("c a", Ruling.CORRECT),
        ("a", Ruling.WRONG),
        ("a b c", Ruling.WRONG),
        ("a, e", Ruling.SYNTAX),
    ],
)
def test_several_of_several(text: str, ruling: Ruling) -> None:
    """All of the right options and no other; order and punctuation do not count."""
    field = ChoiceField(options=("a", "b", "c", "d"), several=True)

    assert mark(text, TypedKey(name="q", field=field, answer="a c")).ruling is ruling


def test_options_that_are_words_are_chosen_by_their_words() -> None:
    field = ChoiceField(options=("batch norm", "layer norm", "neither"))
    key = TypedKey(name="q", field=field, answer="layer norm")

    assert mark("Layer  norm", key).ruling is Ruling.CORRECT
    assert mark("neither", key).ruling is Ruling.WRONG


def test_words_always_go_to_a_person() -> None:
    key = TypedKey(name="why", field=TextField(), answer="because")

    assert mark("because", key).ruling is Ruling.UNDECIDED
    assert mark("", key).ruling is Ruling.EMPTY


def test_a_choice_needs_two_different_options() -> None:
    with pytest.raises(ValueError, match="different"):
        ChoiceField(options=("a", "A"))


# --- follow-through --------------------------------------------------------------------------

SIZE = Given(name="size", answer="32", field=COUNT)
MACS = TypedKey(
    name="macs",
    field=COUNT,
    answer="9216",
    rule="9*size^2",
    given=(SIZE,),
    wrong=(
        WrongAnswer(id="twice", answer="18432", sentence="twice", rule="2*9*size^2"),
        WrongAnswer(id="row", answer="288", sentence="one row", rule="9*size"),
    ),
)


def test_what_follows_from_a_wrong_answer_is_said_to_follow() -> None:
    found = mark("3969", MACS, {"size": "21"})

    assert found.ruling is Ruling.FOLLOWS
    assert "`size`" in found.reason


def test_the_right_answer_stays_right_after_a_wrong_one() -> None:
    assert mark("9216", MACS, {"size": "21"}).ruling is Ruling.CORRECT


def test_a_slip_after_a_wrong_answer_is_recognised_too() -> None:
    """By its rule, at the student's own value: nobody could list such numbers."""
    assert mark("7938", MACS, {"size": "21"}).cause_id == "twice"
    assert mark("189", MACS, {"size": "21"}).cause_id == "row"


@pytest.mark.parametrize("size", ["-21", "0", "21.5", "nonsense", "size", "1/0"])
def test_an_earlier_answer_that_makes_no_sense_is_not_followed(size: str) -> None:
    followed = str(9 * 21 * 21)

    assert mark(followed, MACS, {"size": size}).ruling is Ruling.WRONG
    assert mark(str(9 * 441), MACS, {"size": size}).ruling is Ruling.WRONG


def test_an_unrelated_earlier_answer_changes_nothing() -> None:
    assert mark("3969", MACS, {"other": "21"}).ruling is Ruling.WRONG


def test_formulas_follow_formulas() -> None:
    """The student's own factor, put into the rule as it was read."""
    words = Vocabulary(symbols={"p": "unit", "g": "positive"})
    key = TypedKey(
        name="gamma",
        field=FormulaField(vocabulary=words),
        answer="sqrt((1-p)/p)*g",
        rule="factor*g",
        given=(Given(name="factor", answer="sqrt((1-p)/p)", field=P),),
    )

    assert mark("g*p/2", key, {"factor": "c = p/2"}).ruling is Ruling.FOLLOWS
    assert mark("g*p/3", key, {"factor": "p/2"}).ruling is Ruling.WRONG
    assert mark("g*p/2", key).ruling is Ruling.WRONG


def test_quantities_follow_numbers() -> None:
    key = TypedKey(
        name="memory", field=QuantityField(), answer="4096 B", rule="4*size^2 B", given=(SIZE,)
    )

    assert mark("4 KiB", key).ruling is Ruling.CORRECT
    assert mark("1764 B", key, {"size": "21"}).ruling is Ruling.FOLLOWS
    assert mark("1764 kB", key, {"size": "21"}).ruling is Ruling.WRONG


@pytest.mark.parametrize("means", ["[[3, 5]]", "0", "[[3], [5], [1]]"])
def test_a_rule_without_a_value_at_an_earlier_answer_is_not_followed(means: str) -> None:
    """A row in place of a column is the student's slip, not a fault of the key."""
    matrix = FormulaField(vocabulary=Vocabulary())
    key = TypedKey(
        name="centred",
        field=matrix,
        answer="[[-1, 1], [-2, 2]]",
        rule="[[2, 4], [3, 7]] - means@[[1, 1]]",
        given=(Given(name="means", answer="[[3], [5]]", field=matrix),),
    )

    assert mark("[[0, 1], [-2, 2]]", key, {"means": means}).ruling is Ruling.WRONG
    assert mark("[[0, 2], [-2, 2]]", key, {"means": "[[2], [5]]"}).ruling is Ruling.FOLLOWS


@pytest.mark.parametrize("bare", ["1", "0", "2*p - 2*p", "-1", "1/2"])
def test_an_earlier_answer_without_anything_to_work_out_is_not_followed_unseen(bare: str) -> None:
    """A person sees it; unless it is the mistake that the author expects at this place."""
    given = Given(name="factor", answer="sqrt((1-p)/p)", field=P)
    words = Vocabulary(symbols={"p": "unit", "g": "positive"})
    key = TypedKey(
        name="gamma",
        field=FormulaField(vocabulary=words),
        answer="sqrt((1-p)/p)*g",
        rule="factor*g",
        given=(given,),
    )
    expected = replace(key, given=(replace(given, wrong=(bare,)),))

    assert mark(f"g*({bare})", key, {"factor": bare}).ruling is Ruling.UNDECIDED
    assert mark(f"g*({bare})", expected, {"factor": bare}).ruling is Ruling.FOLLOWS


# --- keys ------------------------------------------------------------------------------------


def test_a_rule_that_does_not_give_the_answer_is_a_fault_of_the_key() -> None:
    wrong = WrongAnswer(id="row", answer="289", sentence="one row", rule="9*size")

    assert list(key_faults(MACS)) == []
    assert "does not give '9215'" in next(key_faults(replace(MACS, answer="9215")))
    assert "does not give '289'" in next(key_faults(replace(MACS, wrong=(wrong,))))
    assert "cannot be read" in next(key_faults(replace(MACS, rule="9*(size")))


def test_tolerances_are_exact_fractions() -> None:
    near = NumberField(demand=NumberDemand(relative=Fraction(1, 20)))

    assert mark("1.05", TypedKey(name="x", field=near, answer="1")).ruling is Ruling.CORRECT
    assert mark("1.051", TypedKey(name="x", field=near, answer="1")).ruling is Ruling.WRONG
    assert mark("1 + 1/21", TypedKey(name="x", field=near, answer="1")).ruling is Ruling.CORRECT
    assert mark("1 + 1/19", TypedKey(name="x", field=near, answer="1")).ruling is Ruling.WRONG


def test_an_exact_formula_is_held_to_the_digits_of_a_rounded_reference() -> None:
    """log(10) is not exactly 2.302585, and as right as anything."""
    key = TypedKey(name="x", field=NumberField(), answer="2.302585")

    assert mark("log(10)", key).ruling is Ruling.CORRECT
    assert mark("2.3026", key).ruling is Ruling.CORRECT
    assert mark("log(10) + 10^(-6)", key).ruling is Ruling.WRONG
    assert mark("2", key).ruling is Ruling.FORM
