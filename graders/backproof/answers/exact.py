"""Small exact arithmetic: for exponents, ranges, indices and what needs no rounding."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from backproof.answers.syntax import Call, Chain, Name, Negative, Node, Number, Power

_EXACT_BITS = 2048


def exact_value(node: Node, known: Mapping[str, Fraction]) -> Fraction | None:
    """A rational value where one follows from known ones by small exact arithmetic, else None."""
    match node:
        case Number(value):
            return value
        case Name(name):
            return known.get(name)
        case Negative(operand):
            value_ = exact_value(operand, known)
            return None if value_ is None else -value_
        case Chain(items):
            return _exact_chain(items, known)
        case Power(base, exponent):
            low, high = exact_value(base, known), exact_value(exponent, known)
            if low is None or high is None or high.denominator != 1:
                return None
            bits = max(low.numerator.bit_length(), low.denominator.bit_length())
            if abs(high) > _EXACT_BITS or abs(high) * (bits - 1) > _EXACT_BITS:
                return None
            return None if low == 0 and high < 0 else _small(low ** int(high))
        case Call(function, arguments) if function in _WHOLE:
            values = [exact_value(argument, known) for argument in arguments]
            found = [value for value in values if value is not None]
            return Fraction(_WHOLE[function](found)) if len(found) == len(values) else None
    return None


_WHOLE: dict[str, Callable[[list[Fraction]], Fraction | int]] = {
    "floor": lambda values: math.floor(values[0]),
    "ceil": lambda values: math.ceil(values[0]),
    "abs": lambda values: abs(values[0]),
    "relu": lambda values: max(values[0], Fraction(0)),
    "sign": lambda values: (values[0] > 0) - (values[0] < 0),
    "max": max,
    "min": min,
}
"""The functions that bounds of sums and indices may use."""


def _exact_chain(
    items: tuple[tuple[str, Node], ...], known: Mapping[str, Fraction]
) -> Fraction | None:
    total = Fraction(0 if items[0][0] == "+" else 1)
    for operator, operand in items:
        value = exact_value(operand, known)
        if value is None or (operator == "/" and value == 0):
            return None
        match operator:
            case "+":
                total += value
            case "-":
                total -= value
            case "*" | "@" | "⊙":
                total *= value
            case "/":
                total /= value
        if _small(total) is None:
            return None
    return total


def _small(value: Fraction) -> Fraction | None:
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    return value if bits <= _EXACT_BITS else None
