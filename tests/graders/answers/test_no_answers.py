"""Texts that can be read and yet state no answer: rows of several lengths, answers to choose from."""

import pytest

from backproof.answers import Ruling, mark, read
from backproof.model import (
    ChoiceField,
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

MATRIX = TypedKey(
    name="A",
    field=FormulaField(vocabulary=Vocabulary(symbols={"a": "real", "b": "real"})),
    answer="[[a, b, 0], [0, a, b], [0, 0, a]]",
    wrong=(
        WrongAnswer(
            id="lost_zero", answer="[[a, b, 0], [0, a, b], [0, a]]", sentence="a zero is lost"
        ),
    ),
)
SHARE = TypedKey(name="share", field=NumberField(), answer="-0.785")


# --- rows of several lengths -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("[[a, b, 0], [0, a], [0, 0, a]]", "row 2 has 2 entries, the others 3"),
        ("[[a], [0, a, b], [0, 0, a]]", "row 1 has 1 entry, the others 3"),
        ("[[a, b], [0]]", "row 2 has 1 entry, row 1 has 2"),
        ("[[a, b, 0], [0], [0, a]]", "row 2 has 1 entry, row 1 has 3"),
        ("2*[[a, b, 0], [0, a, b], [a]]", "row 3 has 1 entry, the others 3"),
        ("[[a, b, 0], [0, a, b], [a]].T", "row 3 has 1 entry, the others 3"),
    ],
)
def test_rows_of_several_lengths_are_wrong_and_the_odd_row_is_named(typed: str, says: str) -> None:
    """Both when it is graded and when a student tries it out."""
    for found in (mark(typed, MATRIX), read(typed, MATRIX)):
        assert (found.ruling, found.reason) == (Ruling.WRONG, says)


def test_a_known_matrix_with_a_short_row_is_recognised_in_any_spelling() -> None:
    found = mark("[[a, b, 0], [0, 1*a, b], [a - a, a]]", MATRIX)

    assert (found.cause_id, found.cause) == ("lost_zero", "a zero is lost")
    assert found.reason == "row 3 has 2 entries, the others 3"


def test_another_short_row_is_not_taken_for_the_known_one() -> None:
    assert mark("[[a, b, 0], [0, a], [0, 0, a]]", MATRIX).cause_id == ""
    assert mark("[[a, b, 0], [0, a, b], [0, b]]", MATRIX).cause_id == ""


def test_a_right_matrix_is_not_taken_for_a_known_one_with_a_short_row() -> None:
    assert mark("[[a, b, 0], [0, a, b], [0, 0, a]]", MATRIX).ruling is Ruling.CORRECT
    assert mark("[[a, b, 0], [0, a, b], [0, 0, b]]", MATRIX).cause_id == ""


def test_nothing_follows_from_rows_of_several_lengths() -> None:
    """An earlier answer without a value is not put into a rule."""
    vocabulary = Vocabulary(matrices=(MatrixSymbol(name="X", shape=("2", "2")),))
    first = Given(name="M", answer="[[1, 2], [3, 4]]", field=FormulaField(vocabulary=vocabulary))
    key = TypedKey(
        name="twice",
        field=FormulaField(vocabulary=vocabulary),
        answer="[[2, 4], [6, 8]]",
        rule="2*M",
        given=(first,),
    )

    assert mark("[[2, 4], [6, 9]]", key, {"M": "[[1, 2], [3]]"}).ruling is Ruling.WRONG
    assert mark("[[2, 4], [6, 10]]", key, {"M": "[[1, 2], [3, 5]]"}).ruling is Ruling.FOLLOWS


# --- answers to choose from ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "answer", "typed"),
    [
        (NumberField(), "-0.785", "-90.23 % or -78.5 %"),
        (NumberField(demand=NumberDemand(whole=True)), "32", "32 or 33"),
        (MATRIX.field, "a + b", "a + b or a - b"),
        (QuantityField(), "2 MiB", "2 MiB or 3 MiB"),
        (ChoiceField(), "true", "True OR false"),
        (NumberField(), "1/3", "1/3 or 2/3 or 1/2"),
    ],
)
def test_a_choice_of_answers_is_wrong_even_if_the_right_one_is_among_them(
    field: NumberField, answer: str, typed: str
) -> None:
    key = TypedKey(name="x", field=field, answer=answer)

    assert mark(answer, key).ruling is Ruling.CORRECT
    for found in (mark(typed, key), read(typed, key)):
        assert found.ruling is Ruling.WRONG
        assert "answers to choose from: type the one that you stand by" in found.reason


def test_the_right_answer_in_two_spellings_is_right() -> None:
    assert mark("-0.785 or -78.5 %", SHARE).ruling is Ruling.CORRECT


def test_staff_see_what_each_of_the_alternatives_is() -> None:
    found = mark("-90.23 % or -78.5 %", SHARE)

    assert found.evidence == "'-90.23 %' is wrong; '-78.5 %' is correct"


def test_nothing_follows_from_a_choice_of_answers() -> None:
    given = (Given(name="n", answer="3", field=NumberField()),)
    key = TypedKey(name="m", field=NumberField(), answer="9", rule="n^2", given=given)

    assert mark("16", key, {"n": "4"}).ruling is Ruling.FOLLOWS
    assert mark("16 or 9", key, {"n": "4"}).ruling is Ruling.WRONG
    assert mark("16", key, {"n": "4 or 5"}).ruling is Ruling.WRONG


def test_words_with_or_in_them_are_still_words() -> None:
    """Neither a text for a person nor what cannot be read is taken for a choice."""
    key = TypedKey(name="why", field=TextField(), answer="it depends")

    assert mark("one or the other", key).ruling is Ruling.UNDECIDED
    assert mark("half or so", SHARE).ruling is Ruling.SYNTAX
