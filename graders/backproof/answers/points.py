"""Where an answer is evaluated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Generic

from backproof.answers.arithmetic import T
from backproof.answers.grids import Grid


@dataclass(frozen=True, kw_only=True, slots=True)
class ArrayValue(Generic[T]):
    """The entries of an array, each at its indices."""

    shape: tuple[int, ...]
    base: int
    entries: Mapping[tuple[int, ...], T]


@dataclass(frozen=True, kw_only=True, slots=True)
class Point(Generic[T]):
    """Where to evaluate.

    exact: the names whose value is a known rational number, for exponents, ranges and indices.
    dimensions: what each size of a matrix is called.
    """

    scalars: Mapping[str, T]
    exact: Mapping[str, Fraction] = field(default_factory=dict)
    grids: Mapping[str, Grid[T]] = field(default_factory=dict)
    arrays: Mapping[str, ArrayValue[T]] = field(default_factory=dict)
    dimensions: Mapping[int, str] = field(default_factory=dict)
