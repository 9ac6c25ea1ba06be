"""Sample points that respect every definition, to refute a step or to test it by value."""

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from backproof_reference.prove.evaluate import Atom, Env, Evaluator
from backproof_reference.prove.functions import value_of
from backproof_reference.prove.model import Setting
from backproof_reference.prove.operators import defined

Point = dict[Atom, Any]
TRIES = 32
TOLERANCE = 1e-9


def points(
    setting: Setting, env: Env, atoms: Sequence[Atom], one_hot: str | None = None
) -> Iterator[Point]:
    """Up to ``TRIES`` points, the same ones in every run.

    Atoms of one sign are drawn from (0, 1) or (-1, 0), so that probabilities are legal, integers
    are whole. Free atoms get exact fractions, named roots the float that their definition gives;
    each row of the array ``one_hot`` gets at most one 1.
    """
    rng = random.Random(0)
    roots = defined(atoms, setting, env)
    free = sorted(set(atoms) - {atom for atom, _, _ in roots})
    for _ in range(TRIES):
        point: Point = {atom: _draw(atom, rng) for atom in free}
        if one_hot is not None:
            point.update(_draw_rows([atom for atom in free if atom.name == one_hot], rng))
        value = Evaluator(setting, point.__getitem__, lambda number: number)
        for atom, definition, bound in roots:
            number = value_of(definition, value(definition.base, bound))
            if number is None:
                break  # no real root here: draw another point
            point[atom] = number
        else:
            yield point


def differ(left: Any, right: Any) -> bool:
    """Whether two values differ: exactly for fractions, beyond round-off for floats."""
    if isinstance(left, Fraction) and isinstance(right, Fraction):
        return left != right
    # Written so that NaN differs from everything.
    return not abs(left - right) <= TOLERANCE * max(1.0, abs(left), abs(right))


def _draw(atom: Atom, rng: random.Random) -> Fraction:
    if atom.integer:
        return Fraction((atom.sign or rng.choice((-1, 1))) * rng.randint(1, 9))
    if atom.sign:
        return Fraction(atom.sign * rng.randint(1, 10), 11)
    return Fraction(rng.choice((-1, 1)) * rng.randint(1, 9))


def _draw_rows(atoms: Sequence[Atom], rng: random.Random) -> Point:
    """Zero everywhere but for at most one 1 in each row."""
    point: Point = dict.fromkeys(atoms, Fraction(0))
    for row in sorted({atom.place[:-1] for atom in atoms}):
        hot = rng.choice([None, *(atom for atom in atoms if atom.place[:-1] == row)])
        if hot is not None:
            point[hot] = Fraction(1)
    return point
