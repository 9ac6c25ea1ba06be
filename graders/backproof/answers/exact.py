"""Typed answers by spelling: right if spelled as a known right one, wrong if as a known wrong one.

Everything else is undecided and goes to a person, because a formula has more right spellings than
a list can hold.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum

_GREEK = {
    "α": "alpha",
    "β": "beta",
    "γ": "gamma",
    "Γ": "Gamma",
    "λ": "lam",
    "lambda": "lam",
    "σ": "sigma",
    "√": "sqrt",
    "·": "*",
    "×": "*",
    "−": "-",
    "**": "^",
    "ᵀ": ".T",
    "⁻¹": "^(-1)",
}

MAX_LENGTH = 2000


class Decision(StrEnum):
    """How a typed answer compares."""

    CORRECT = "correct"
    WRONG = "wrong"
    EMPTY = "empty"
    UNDECIDED = "undecided"


def normal(text: str) -> str:
    """One spelling for texts that differ only in white space, Greek letters or operator signs."""
    for spelled, plain in _GREEK.items():
        text = text.replace(spelled, plain)
    return "".join(unicodedata.normalize("NFC", text).split())


def same(first: str, second: str) -> bool:
    """Whether two texts have the same normal spelling."""
    return normal(first) == normal(second)


def decide(text: str, accepted: tuple[str, ...], refused: tuple[str, ...]) -> Decision:
    """Decide a typed answer by its normal spelling."""
    if len(text) > MAX_LENGTH:
        return Decision.UNDECIDED  # cut, it could hide a second answer
    spelled = normal(text)
    if not spelled:
        return Decision.EMPTY
    if spelled in {normal(answer) for answer in accepted}:
        return Decision.CORRECT
    if spelled in {normal(answer) for answer in refused}:
        return Decision.WRONG
    return Decision.UNDECIDED
