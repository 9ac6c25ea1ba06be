"""Numbers typed as answers: a decimal stands for what its digits leave open.

`0.90` means a number near 0.90 to one unit of its last digit; `3/7` or `log(10)` means exactly
that.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction

from backproof.answers.approximate import constant_value
from backproof.answers.deciding import decide
from backproof.answers.parser import parse
from backproof.answers.printing import to_text
from backproof.answers.spelling import simplified
from backproof.answers.syntax import MAX_DECIMAL_EXPONENT, MAX_NUMBER, AnswerSyntaxError, Node
from backproof.answers.verdicts import Decided, Ruling, Witness
from backproof.model.typed import NumberDemand
from backproof.model.vocabulary import Vocabulary

_LITERAL = re.compile(
    r"([+-]?)(\d+\.?\d*|\.\d+)(?:[eE]([+-]?\d{1,4})|\s*[*·×]\s*10(?:\^|\*\*)\(?([+-]?\d{1,4})\)?)?",
    re.ASCII,
)
_GROUPED = re.compile(r"[+-]?\d{1,3}([,_ \u00a0\u202f'])\d{3}(?:\1\d{3})*", re.ASCII)
_NO_SYMBOLS = Vocabulary()


@dataclass(frozen=True, kw_only=True, slots=True)
class ShownNumber:
    """A number as typed.

    unit: the value of one step of the last shown digit (0 for exact numbers).
    least, most: how many significant digits are shown; they differ where zeros end a number
        without a point, as in 1500.
    """

    value: Fraction
    unit: Fraction
    least: int
    most: int


def accepts(demand: NumberDemand, shown: ShownNumber, target: Fraction) -> bool:
    """Whether a number that need not be whole is close enough."""
    if demand.relative is None and demand.absolute is None:
        return within(shown, target, rounded=demand.rounded)
    allowed = (demand.relative or Fraction(0)) * abs(target) + (demand.absolute or Fraction(0))
    return abs(shown.value - target) <= allowed


def read_number(text: str, *, whole: bool = False) -> ShownNumber | None:
    """A number literal, perhaps with `%`; None if the text is not one."""
    plain = simplified(text).strip()
    plain = plain.removesuffix(";").rstrip()
    if plain.count(".") > 1:
        plain = plain.removesuffix(".")
    if len(plain) > MAX_NUMBER:
        return None
    percent = plain.endswith("%")
    plain = plain.removesuffix("%").strip()
    if whole and _GROUPED.fullmatch(plain):
        plain = re.sub(r"[,_ \u00a0\u202f']", "", plain)
    match = _LITERAL.fullmatch(plain)
    if match is None:
        return None
    sign, digits, power = match[1], match[2], int(match[3] or match[4] or 0)
    if abs(power) > MAX_DECIMAL_EXPONENT:
        return None
    power -= 2 * percent
    before, point, after = digits.partition(".")
    scale = Fraction(10) ** power
    value = Fraction(int(before + after or "0"), 10 ** len(after)) * scale
    least, most = _significant(before, after, bool(point))
    return ShownNumber(
        value=-value if sign == "-" else value,
        unit=scale / 10 ** len(after),
        least=least,
        most=most,
    )


def _significant(before: str, after: str, point: bool) -> tuple[int, int]:
    digits = (before + after).lstrip("0")
    if not digits:
        return max(1, len(after)), max(1, len(after) + (len(before) > 1))
    return (len(digits) if point else len(digits.rstrip("0"))), len(digits)


def round_to_digits(value: Fraction, digits: int) -> Fraction:
    """A number rounded to significant digits, halves away from 0."""
    if value == 0:
        return value
    exponent = 0
    size = abs(value)
    while size >= Fraction(10) ** (exponent + 1):
        exponent += 1
    while size < Fraction(10) ** exponent:
        exponent -= 1
    unit = Fraction(10) ** (exponent - digits + 1)
    rounded = (size / unit + Fraction(1, 2)).__floor__() * unit
    return rounded if value > 0 else -rounded


def within(shown: ShownNumber, expected: Fraction, *, rounded: bool = False) -> bool:
    """Whether these digits may show the expected value: rounded, or cut off unless `rounded`.

    So 2.30 and 2.31 are both within one unit of 2.302585..., and only 2.30 is accepted. One digit
    must be rounded, and zero shows nothing but zero: `0e9` would stand for every number otherwise.
    """
    if shown.value * expected < 0 or (shown.value == 0 and expected != 0):
        return False
    beyond = abs(expected) - abs(shown.value)
    if -shown.unit / 2 <= beyond <= shown.unit / 2:
        return True
    return not rounded and shown.most > 1 and 0 <= beyond < shown.unit


def decide_number(student: str, expected: Fraction | str, demand: NumberDemand) -> Decided:
    """Compare a typed number with the expected one.

    expected: exact, or a formula without symbols ("log(10)").
    """
    decided = _decided(student, expected, demand)
    if decided.verdict is Ruling.WRONG and "%" in student:
        # Where percent are asked for, the sign says the same once more.
        bare = _decided(student.replace("%", "").strip(), expected, demand)
        if bare.verdict is Ruling.CORRECT:
            message = "with % it is a hundredth of the number; whether that is meant, a person sees"
            return replace(decided, verdict=Ruling.UNDECIDED, message=message)
    return decided


def _decided(student: str, expected: Fraction | str, demand: NumberDemand) -> Decided:
    target, shown = expected_value(expected), read_number(student, whole=demand.whole)
    if shown is None or ("," in student and not demand.whole):
        return _by_formula(student, expected, demand)
    if demand.whole:
        if shown.value.denominator != 1:
            return _wrong(student, target, "a whole number is expected")
        if shown.value == target:
            return Decided(verdict=Ruling.CORRECT, method="whole number", parsed_text=student)
        return _wrong(student, target, "")
    if not accepts(demand, shown, target):
        return _wrong(student, target, "")
    exact = shown.value == target
    if shown.most < demand.minimum_digits and not exact:
        return Decided(
            verdict=Ruling.FORM,
            method="significant digits",
            message=f"show at least {demand.minimum_digits} significant digits",
            parsed_text=student,
        )
    return Decided(verdict=Ruling.CORRECT, method="digits", parsed_text=student)


def expected_value(expected: Fraction | str) -> Fraction:
    """The reference as a rational number, exact or to 60 digits.

    Raises:
        ValueError: the formula has no real value.
    """
    if isinstance(expected, Fraction):
        return expected
    if (literal := read_number(expected)) is not None:
        return literal.value
    found = constant_value(expected, trusted=True)
    if found is None:
        raise ValueError(f"{expected!r} has no real value")
    return found


def parse_number(text: str) -> Node:
    """The tree of a number that is typed as a formula, such as `2^10` or `max(3, 5)`.

    Raises:
        AnswerSyntaxError: it cannot be read, or holds a comma, which could mean two things.
    """
    if (comma := _loose_comma(text)) is not None:
        raise AnswerSyntaxError(
            "write the number without commas, with a point before the decimals", comma
        )
    return parse(text, _NO_SYMBOLS)


def _loose_comma(text: str) -> int | None:
    """The first comma that does not stand between a function's arguments."""
    calls: list[bool] = []
    for place, letter in enumerate(text):
        if letter in "([{":
            calls.append(letter == "(" and text[:place].rstrip()[-1:].isalnum())
        elif letter in ")]}" and calls:
            calls.pop()
        elif letter == "," and not (calls and calls[-1]):
            return place
    return None


def shown_number(number: ShownNumber, text: str) -> str:
    """A number literal as it was understood: whole numbers in full, others as typed.

    text: the number, perhaps with a unit behind it, which is left out.
    """
    if number.value.denominator == 1 and number.unit == 1:
        return f"{int(number.value):,}"
    plain = simplified(text).strip()
    for end in range(len(plain), 0, -1):
        alone = read_number(plain[:end])
        if alone is not None and alone.value == number.value:
            return plain[:end].strip()
    return plain


def _by_formula(student: str, expected: Fraction | str, demand: NumberDemand) -> Decided:
    """A formula is exact; it is held to what the demand allows and the reference's digits show."""
    try:
        tree = parse_number(student)
    except AnswerSyntaxError as error:
        return Decided(verdict=Ruling.SYNTAX, message=str(error), position=error.position)
    room = _room(expected, demand)
    value = constant_value(student) if room else None
    if value is not None and abs(value - expected_value(expected)) <= room:
        return Decided(
            verdict=Ruling.CORRECT, method="within the tolerance", parsed_text=to_text(tree)
        )
    reference = expected if isinstance(expected, str) else f"({expected})"
    return decide(student, reference, _NO_SYMBOLS)


def _room(expected: Fraction | str, demand: NumberDemand) -> Fraction:
    """How far an exact number may be off: what is allowed, and half the reference's last digit."""
    target = abs(expected_value(expected))
    room = (demand.relative or Fraction(0)) * target + (demand.absolute or Fraction(0))
    literal = read_number(expected) if isinstance(expected, str) else None
    if literal is not None and "." in str(expected) and not demand.whole:
        room = max(room, literal.unit / 2)
    return room


def _short(value: Fraction) -> str:
    try:
        return f"{float(value):.6g}"
    except OverflowError:
        return f"about 10^{len(str(abs(int(value)))) - 1}"


def _wrong(student: str, target: Fraction, message: str) -> Decided:
    witness = Witness(point=(), yours=student.strip(), expected=_short(target))
    return Decided(
        verdict=Ruling.WRONG,
        method="digits",
        message=message,
        witness=witness,
        parsed_text=student,
    )
