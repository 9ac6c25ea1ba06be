"""Values for guessing with: what is guessed from them is always decided properly afterwards."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from backproof.answers.arithmetic import AnotherPointError, NoValueError, UnsupportedError
from backproof.answers.engines import default_engine
from backproof.answers.evaluate import Budget, Evaluator, TooMuchWorkError
from backproof.answers.exact import exact_value
from backproof.answers.grids import AmbiguousError, Grid
from backproof.answers.parser import parse
from backproof.answers.sampling import Draw, Sampler
from backproof.answers.syntax import Node
from backproof.model.vocabulary import Vocabulary

DIGITS = 60
LARGEST_EXPONENT = 400


def value_at(node: Node, sampler: Sampler, draw: Draw) -> Fraction | None:
    """A real value to about 50 digits; of a matrix, its first entry. None if there is none."""
    engine = default_engine()
    with engine.working(DIGITS):
        evaluator = Evaluator(engine, sampler.ball_point(draw, engine), Budget())
        try:
            value: Any = evaluator.value(node)
        except (
            AmbiguousError,
            AnotherPointError,
            NoValueError,
            TooMuchWorkError,
            UnsupportedError,
        ):
            return None
        if isinstance(value, Grid):
            value = value.rows[0][0]
        if not engine.finite(value) or engine.certainly_complex(value):
            return None
        text = engine.show(value, 50)
    if abs(int(text.lower().partition("e")[2] or 0)) > LARGEST_EXPONENT:
        return None  # an exact fraction of it would fill the memory
    try:
        return Fraction(text)
    except ValueError:
        return None


def constant_value(text: str, *, trusted: bool = False) -> Fraction | None:
    """The value of a formula without symbols: exact where that is simple, else 50 digits of it."""
    vocabulary = Vocabulary()
    tree = parse(text, vocabulary, trusted=trusted)
    if (exact := exact_value(tree, {})) is not None:
        return exact
    sampler = Sampler(vocabulary, frozenset(), "")
    return value_at(tree, sampler, Draw(scalars={}, sizes={}))


def simple_fraction(value: Fraction, largest: int = 10_000) -> Fraction | None:
    """The fraction with a small denominator that a 50-digit value stands for, if any."""
    guess = value.limit_denominator(largest)
    if guess == 0:
        return guess if abs(value) < Fraction(1, 10**30) else None
    return guess if abs(value / guess - 1) < Fraction(1, 10**30) else None
