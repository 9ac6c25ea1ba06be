"""What is said of a typed answer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

_ENTRY = re.compile(r"entry \((\d+), (\d+)\)")


class NoReferenceValueError(ValueError):
    """The formula to compare with has no value itself."""


class Ruling(StrEnum):
    """How a typed answer compares with the reference."""

    CORRECT = "correct"
    WRONG = "wrong"
    UNDECIDED = "undecided"
    """For a person to decide; never a zero by itself."""
    SYNTAX = "syntax"
    """Not an answer in the declared vocabulary."""
    FORM = "form"
    """Equal to the reference but not in the form that was asked for."""
    FOLLOWS = "follows"
    """Not the right answer, but right given the student's own earlier ones."""
    EMPTY = "empty"
    """Nothing was typed."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Witness:
    """A point at which an answer certainly differs.

    point: names and exact rational values. place: the entry of a matrix, member of a set.
    """

    point: tuple[tuple[str, str], ...]
    yours: str
    expected: str
    place: str = ""

    @property
    def cell(self) -> tuple[int, int] | None:
        """Row and column of that entry, counted from 0, as `place` counts them from 1."""
        if found := _ENTRY.fullmatch(self.place):
            return int(found[1]) - 1, int(found[2]) - 1
        return None

    @property
    def sentence(self) -> str:
        """The witness for the student: the expected value is not in it."""
        place = f"{self.place} of your answer" if self.place else "your answer"
        return f"{self._where}{place} is {self.yours}, which is not the right value"

    @property
    def evidence(self) -> str:
        """The whole witness, for staff."""
        inside = f"{self.place} of " if self.place else ""
        return f"{self._where}{inside}the answer is {self.yours}, expected {self.expected}"

    @property
    def _where(self) -> str:
        where = ", ".join(f"{name} = {_short(value)}" for name, value in self.point)
        return f"at {where}, " if where else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Decided:
    """A ruling with its grounds.

    method: how it was reached. message: one sentence for the student, without an expected value.
    position: of a syntax error, counted from 0.
    """

    verdict: Ruling
    method: str = ""
    message: str = ""
    witness: Witness | None = None
    parsed_text: str = ""
    parsed_latex: str = ""
    position: int | None = None


def _short(value: str) -> str:
    """A value in a few digits, but never so few that it seems to be another side of a limit."""
    try:
        exact = Fraction(value)
    except ValueError:
        return value
    if exact.denominator < 100:
        return str(exact)
    away = abs(exact - Fraction(round(2 * exact), 2))
    for digits in range(4, 18):
        text = f"{float(exact):.{digits}g}"
        if abs(Fraction(text) - exact) < away / 100:
            return text
    return str(exact)
