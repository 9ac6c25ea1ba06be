"""Take the first or the last term out of a sum: the step on which an induction over layers rests.

At explicit sizes a sum is the sum of its terms anyway. At symbolic sizes a sum over
low <= index <= high is one term and a shorter sum only if high >= low is certain: an empty sum has
no term to give.
"""

from dataclasses import dataclass
from typing import Any, Literal

import sympy as sp

from backproof_reference.prove.facts import Facts
from backproof_reference.prove.terms import UnreadableError
from backproof_reference.prove.whole import Whole

ONE = Whole.number(1)


@dataclass(frozen=True)
class Split:
    """Write every sum over one of ``indices`` as a shorter sum and its first or last term."""

    indices: tuple[Any, ...]
    end: Literal["first", "last"] = "last"


def summed(expr: Any) -> set[Any]:
    """Every summation index of an expression."""
    return {limit[0] for part in expr.atoms(sp.Sum) for limit in part.limits}


def require_split(expr: Any, op: Split) -> None:
    """Refuse to split a sum that is not there."""
    missing = set(op.indices) - summed(expr)
    if missing or not op.indices:
        raise ValueError(f"there is no sum over {missing or 'nothing'} to split")


def parted(op: Split, low: Whole, high: Whole, facts: Facts) -> tuple[Whole, Whole, Whole]:
    """The place of the term that is taken out, and the limits of the sum that is left."""
    if not facts.nonnegative(high - low):
        raise UnreadableError(f"a sum over {op.indices} may be empty, so it has no {op.end} term")
    if op.end == "first":
        return low, low + ONE, high
    return high, low, high - ONE
