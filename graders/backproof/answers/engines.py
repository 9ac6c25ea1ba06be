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


def shown_apart(engine: Any, mine: Any, theirs: Any) -> tuple[str, str]:
    """Two values that certainly differ, for people: in few digits, and only in certain ones."""
    digits = 6
    one, other = engine.show(mine, digits), engine.show(theirs, digits)
    if not engine.known(mine, digits):
        return "a number that could not be computed exactly", other
    if one == other:
        one, other = engine.show(mine, 2 * digits), engine.show(theirs, 2 * digits)
    if one == other:
        one += " (it differs in a digit beyond)"
    return one, other
