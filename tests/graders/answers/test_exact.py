"""Typed answers by spelling."""

import pytest

from backproof.answers import Decision, decide, same

ACCEPTED = ("sqrt((1-p)/p)",)
REFUSED = ("sqrt(p/(1-p))",)


@pytest.mark.parametrize("text", ["sqrt((1-p)/p)", " sqrt( (1 − p) / p )", "√((1-p)/p)"])
def test_spellings_that_differ_in_signs_and_spaces_are_the_same(text: str) -> None:
    """White space, Unicode operators and Greek letters do not matter."""
    assert decide(text, ACCEPTED, REFUSED) is Decision.CORRECT


def test_a_known_wrong_answer_is_wrong() -> None:
    """An answer spelled like a mutant is refused."""
    assert decide("sqrt(p/(1 - p))", ACCEPTED, REFUSED) is Decision.WRONG


@pytest.mark.parametrize("text", ["", "  \n"])
def test_an_empty_answer_is_no_answer(text: str) -> None:
    """Nothing typed is told apart from something wrong."""
    assert decide(text, ACCEPTED, REFUSED) is Decision.EMPTY


def test_an_unknown_spelling_goes_to_a_person() -> None:
    """What is in neither list is undecided, never a zero."""
    assert decide("(1/p - 1)**0.5", ACCEPTED, REFUSED) is Decision.UNDECIDED


def test_powers_and_greek_letters_have_one_spelling() -> None:
    """The two signs for powers and the two ways to write lambda are equal."""
    assert same("λ**2", "lambda ^ 2")
