"""Which engine computes values: proven balls where FLINT is installed."""

from __future__ import annotations

from typing import Any

from backproof.answers import balls


def default_engine() -> Any:
    """Balls, or mpmath's approximations, whose results are labelled "numeric"."""
    if balls.HAVE_BALLS:
        return balls.Balls()
    from backproof.answers.approximations import Approximations  # optional dependency

    return Approximations()
