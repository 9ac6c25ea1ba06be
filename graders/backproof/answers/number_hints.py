"""Why a wrong number is wrong: few slips are worth naming, since any factor leads anywhere."""

from __future__ import annotations

from fractions import Fraction

from backproof.answers.approximate import constant_value
from backproof.answers.hints import Hint, Slip
from backproof.answers.numbers import ShownNumber, accepts, expected_value, read_number
from backproof.answers.syntax import AnswerSyntaxError
from backproof.model.typed import NumberDemand

_FACTORS = (
    (Fraction(2), "twice the expected one"),
    (Fraction(1, 2), "half the expected one"),
    (Fraction(100), "100 times the expected one: a percentage?"),
    (Fraction(1, 100), "the expected one divided by 100: a fraction in place of a percentage?"),
    (Fraction(10), "10 times the expected one"),
    (Fraction(1, 10), "a tenth of the expected one"),
    (Fraction(1000), "1000 times the expected one"),
    (Fraction(1, 1000), "a thousandth of the expected one"),
)
_LEAST_DIGITS = 2
"""Of one digit, too many numbers are near some multiple."""


def explain_number(student: str, expected: str, demand: NumberDemand) -> Hint | None:
    """The slip that turns the expected number into the student's; None if none does."""
    shown, target = _shown(student, demand), expected_value(expected)
    if shown is None or target == 0 or shown.value == 0:
        return None
    if _is(shown, -target, demand):
        return Hint(slip=Slip.SIGN, sentence="the sign is wrong")
    if shown.most < _LEAST_DIGITS and not demand.whole:
        return None
    if _is(shown, 1 / target, demand):
        return Hint(slip=Slip.RECIPROCAL, sentence="your answer is the reciprocal")
    for factor, words in _FACTORS:
        if _is(shown, target * factor, demand):
            return Hint(slip=Slip.FACTOR, sentence=f"your answer is {words}", factor=str(factor))
    if demand.whole and abs(shown.value - target) == 1:
        more = "more" if shown.value > target else "less"
        return Hint(slip=Slip.OFFSET, sentence=f"your answer is one {more} than the expected one")
    if not demand.whole and 0 < target < 1 and _is(shown, 1 - target, demand):
        return Hint(slip=Slip.COMPLEMENT, sentence="your answer is one minus the expected one")
    return None


def _is(shown: ShownNumber, value: Fraction, demand: NumberDemand) -> bool:
    return shown.value == value if demand.whole else accepts(demand, shown, value)


def _shown(text: str, demand: NumberDemand) -> ShownNumber | None:
    """A number as typed; a formula without symbols counts as exact to 15 digits."""
    if (literal := read_number(text, whole=demand.whole)) is not None:
        return literal
    try:
        value = constant_value(text)
    except AnswerSyntaxError:
        return None
    if value is None:
        return None
    return ShownNumber(value=value, unit=abs(value) / 10**15, least=15, most=15)
