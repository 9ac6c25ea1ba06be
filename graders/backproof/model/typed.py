"""Typed answers: what they may look like, and what the trusted side knows about one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from backproof.model.vocabulary import Domain, Vocabulary


class Form(StrEnum):
    """A form that a formula is to have."""

    ANY = "any"
    NUMBER = "number"
    """One number, such as -3 or 0.25."""
    FRACTION = "fraction"
    """A whole number or a fraction of whole numbers in lowest terms."""
    FACTORED = "factored"
    """Not a sum at the top."""
    EXPANDED = "expanded"
    """No product with a sum as a factor."""
    PLAIN = "plain"
    """No functions."""

    @property
    def wanted(self) -> str:
        """The end of "the answer is to be ..."."""
        return {
            Form.ANY: "anything",
            Form.NUMBER: "one number",
            Form.FRACTION: "a fraction in lowest terms",
            Form.FACTORED: "a product, not a sum",
            Form.EXPANDED: "expanded",
            Form.PLAIN: "without functions",
        }[self]


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberDemand:
    """How precise a number is to be.

    minimum_digits: significant digits that must be shown at least; near one digit alone lie too
        many numbers. whole: a count, exact, with thousands separators allowed. rounded: digits cut
        off do not count as right. relative, absolute: an error that is allowed instead of the rule
        for the last digit.
    """

    minimum_digits: int = 2
    whole: bool = False
    rounded: bool = False
    relative: Fraction | None = None
    absolute: Fraction | None = None


# --- what may be typed -----------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class FormulaField:
    """A formula, an equation, a set, or a matrix, in a declared vocabulary.

    critical: further points to try, complete in the symbols, for functions such as `max` that can
        hide a difference; they are never released. labels: names that may stand before an equals
        sign, as in "c = sqrt(p)"; the ask's own name always may.
    """

    vocabulary: Vocabulary
    form: Form = Form.ANY
    critical: tuple[Mapping[str, Fraction], ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberField:
    """A number.

    domain: the values that make sense (see `Domain.of`). A wrong answer outside it is not followed
        into later questions.
    """

    demand: NumberDemand = NumberDemand()
    domain: str = "real"

    def __post_init__(self) -> None:
        Domain.of(self.domain)


@dataclass(frozen=True, kw_only=True, slots=True)
class QuantityField:
    """A number with a unit, such as "815 MiB"."""

    demand: NumberDemand = NumberDemand()


TRUE_OR_FALSE = ("true", "false")


@dataclass(frozen=True, kw_only=True, slots=True)
class ChoiceField:
    """One of the options (several of them, where `several` says so)."""

    options: tuple[str, ...] = TRUE_OR_FALSE
    several: bool = False

    def __post_init__(self) -> None:
        if len({option.casefold() for option in self.options}) < max(2, len(self.options)):
            raise ValueError(f"options must be different, and at least two: {self.options}")


@dataclass(frozen=True, kw_only=True, slots=True)
class TextField:
    """Words, such as the reason for a choice: a person reads them."""


IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
AnswerField: TypeAlias = FormulaField | NumberField | QuantityField | ChoiceField | TextField


def describe_field(field: AnswerField) -> str:
    """What is to be typed, in words."""
    match field:
        case FormulaField(vocabulary=words, form=form):
            names = ", ".join(dict.fromkeys(words.names))
            text = f"a formula in {names}" if names else "a formula"
            return text if form is Form.ANY else f"{text}, {form.wanted}"
        case NumberField(demand=demand):
            return "a whole number" if demand.whole else f"a number{_digits(demand)}"
        case QuantityField(demand=demand):
            return f"a number with its unit{_digits(demand)}"
        case ChoiceField(options=options, several=several):
            if several:
                return f"one or more of: {', '.join(options)}"
            return " or ".join(options) if len(options) == 2 else f"one of: {', '.join(options)}"
        case TextField():
            return "a sentence or two, read by a person"


def _digits(demand: NumberDemand) -> str:
    least = demand.minimum_digits
    shown = f", {least} significant digits or more" if least > 1 else ""
    if demand.relative is not None:
        return f"{shown}, to within {float(100 * demand.relative):g} %"
    return shown if demand.absolute is None else f"{shown}, to within {float(demand.absolute):g}"


def names_in(rule: str) -> frozenset[str]:
    """The identifiers in a rule."""
    return frozenset(IDENTIFIER.findall(rule))


# --- what is known about it ------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class WrongAnswer:
    """A wrong answer that the author expects, with what to say to it.

    rule: how it follows from earlier answers (see `TypedAnswer.rule`). cause: the misconception
    that it shares with wrong answers to other questions.
    """

    id: str
    answer: str
    sentence: str
    rule: str = ""
    cause: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Given:
    """An earlier typed answer that a rule uses, with its right value.

    wrong: the wrong answers to it that the author expects.
    """

    name: str
    answer: str
    field: AnswerField
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedKey:
    """What the trusted side knows about a typed answer.

    answer: None where only the spelling can be looked at, as in a released check.
    """

    name: str
    field: AnswerField
    answer: str | None = None
    rule: str = ""
    given: tuple[Given, ...] = ()
    wrong: tuple[WrongAnswer, ...] = ()
