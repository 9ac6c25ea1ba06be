"""Points to try answers at: inside the declared domains, with distinct dimensions."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, Protocol, TypeVar

from backproof.answers.arithmetic import AnotherPointError, Arithmetic, Residues, T
from backproof.answers.balls import Balls
from backproof.answers.exact import exact_value
from backproof.answers.grids import Algebra, Grid
from backproof.answers.parser import parse
from backproof.answers.points import ArrayValue, Point
from backproof.answers.syntax import Node
from backproof.model.vocabulary import (
    Domain,
    Kind,
    MatrixSymbol,
    Property,
    Vocabulary,
)

Drawn = TypeVar("Drawn", covariant=True)
_DENOMINATORS = (7, 11, 13)
_PRIMES = (97, 9_973, 999_983)
"""Denominators of points that no period of a formula meets by chance."""
_PLAIN_POINTS = 4
"""So many points look nice in a message before points like that come."""
_LONGEST = 24
"""By how much a whole symbol exceeds its least value where arrays or sums are as long as it."""
_MANY = 2000
_BEYOND = 16
"""How far whole numbers may lie beyond their range where only the formulas are compared."""


class _Entry(Protocol[Drawn]):
    """Draws an entry of a matrix or an array."""

    def __call__(self, *, positive: bool = False) -> Drawn: ...


_COMPLEX_PARTS = ("", "·i")


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """One choice of values.

    scalars: every symbol that is not whole (complex ones as two numbers).
    sizes: whole symbols, dimensions and free indices.
    seed: for the entries of matrices and arrays. generic: entries that look nice are not wanted.
    """

    scalars: Mapping[str, Fraction | tuple[Fraction, Fraction]]
    sizes: Mapping[str, Fraction]
    seed: str = ""
    generic: bool = False

    def shown(self) -> tuple[tuple[str, str], ...]:
        """Names and exact values."""
        found: list[tuple[str, str]] = []
        for name, value in (*self.scalars.items(), *self.sizes.items()):
            parts = value if isinstance(value, tuple) else (value,)
            text = " + ".join(
                f"{part}{mark}" for part, mark in zip(parts, _COMPLEX_PARTS, strict=False)
            )
            found.append((name, text))
        return tuple(sorted(found))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Texts:
    """The vocabulary's own formulas, parsed once."""

    constraints: tuple[Node, ...]
    shapes: Mapping[str, tuple[Node, ...]]
    ranges: Mapping[str, tuple[Node, Node]]


@dataclass(slots=True)
class Sampler:
    """Draws points for the names that a question's answers use.

    Source of the Cayley transform Q = (I - A)(I + A)^-1 of a skew A: A. Cayley, 1846.
    """

    vocabulary: Vocabulary
    used: frozenset[str]
    seed: str
    sums: bool = False
    """Sums run over whole symbols: these are kept small."""
    source: random.Random = field(init=False)
    texts: _Texts = field(init=False)
    matrices: tuple[MatrixSymbol, ...] = field(init=False)
    domains: Mapping[str, Domain] = field(init=False)
    serial: Iterator[int] = field(init=False)
    generic: bool = field(init=False, default=False)
    corner: int = field(init=False, default=0)
    """Where a generic point lies: 0 for small values, 1 and 2 near the ends of intervals."""

    def __post_init__(self) -> None:
        self.source = random.Random(self.seed)
        declared = self.vocabulary
        self.matrices = tuple(m for m in declared.matrices if m.name in self.used)
        arrays = [array for array in declared.arrays if array.name in self.used]
        indices = [index for index in declared.indices if index.name in self.used]
        self.texts = _Texts(
            constraints=tuple(parse(text, declared, trusted=True) for text in declared.constraints),
            shapes={
                a.name: tuple(parse(size, declared, trusted=True) for size in a.shape)
                for a in arrays
            },
            ranges={
                i.name: (
                    parse(i.low, declared, trusted=True),
                    parse(i.high, declared, trusted=True),
                )
                for i in indices
            },
        )
        every = bool(arrays or indices or self.matrices)
        self.domains = {
            name: Domain.of(text)
            for name, text in declared.symbols.items()
            if name in self.used or (every and Domain.of(text).kind is Kind.INTEGER)
        }
        if arrays or indices or self.sums:
            self.domains = {name: _short(domain) for name, domain in self.domains.items()}
        self.serial = itertools.count()

    @property
    def is_sized(self) -> bool:
        """Whether points have arrays, matrices or free indices, or sums run over sizes."""
        return bool(self.matrices or self.texts.shapes or self.texts.ranges)

    def points(self) -> int | None:
        """How many points there are; None if they are many."""
        domains = self.domains.values()
        if self.is_sized or any(domain.kind is not Kind.INTEGER for domain in domains):
            return None
        ranges = [range(int(domain.low), int(domain.high) + 1) for domain in domains]
        size = math.prod(map(len, ranges))
        if size > _MANY or not self.texts.constraints:
            return size if size <= _MANY else None
        return sum(
            self._fits({}, dict(zip(self.domains, map(Fraction, place), strict=True)))
            for place in itertools.product(*ranges)
        )

    def draw(self, *, beyond: bool = False) -> Draw:
        """A point of the domain; with `beyond`, whole numbers lie just above their range.

        Raises:
            AnotherPointError: 200 draws met no point that satisfies the constraints.
        """
        number = next(self.serial)
        self.generic = number >= _PLAIN_POINTS
        self.corner = number % 4
        for _ in range(200):
            scalars = {
                name: self._scalar(domain)
                for name, domain in self.domains.items()
                if domain.kind is not Kind.INTEGER
            }
            sizes = {
                name: self._whole(domain, beyond)
                for name, domain in self.domains.items()
                if domain.kind is Kind.INTEGER
            }
            sizes.update(self._dimensions())
            if self._fits(scalars, sizes) and self._add_indices(sizes):
                seed = f"{self.seed}/{number}"
                return Draw(scalars=scalars, sizes=sizes, seed=seed, generic=self.generic)
        raise AnotherPointError

    def _whole(self, domain: Domain, beyond: bool) -> Fraction:
        low, high = int(domain.low), int(domain.high)
        if beyond:
            low, high = high + 1, high + _BEYOND
        return Fraction(self.source.randint(low, high))

    def _scalar(self, domain: Domain) -> Fraction | tuple[Fraction, Fraction]:
        below = self.source.choice(_DENOMINATORS)
        match domain.kind:
            case Kind.UNIT:
                return self._part()
            case Kind.INTERVAL:
                return domain.low + (domain.high - domain.low) * self._part()
            case Kind.COMPLEX:
                return self._real(below), self._real(below)
            case Kind.POSITIVE:
                return abs(self._real(below))
            case _:
                return self._real(below)

    def _part(self) -> Fraction:
        """Strictly between 0 and 1."""
        prime = self.source.choice(_PRIMES[1:]) if self.generic else _PRIMES[0]
        if self.generic and self.corner in (1, 2):
            part = Fraction(self.source.randint(1, 60), prime)
            return 1 - part if self.corner == 1 else part
        return Fraction(self.source.randint(1, prime - 1), prime)

    def _real(self, below: int) -> Fraction:
        scale = self.source.choice((1, 1, 1, 1, 1, Fraction(1, 10), 6))
        if self.generic:
            prime = self.source.choice(_PRIMES[1:])
            scale *= 1 + Fraction(self.source.randint(1, prime - 1), prime)
            scale *= Fraction(1, 1000) if self.corner == 0 else 1
        return self.source.choice((-1, 1)) * Fraction(self.source.randint(1, 45), below) * scale

    def _dimensions(self) -> dict[str, Fraction]:
        named = sorted({size for m in self.matrices for size in m.shape if not size.isdigit()})
        fixed = {int(size) for m in self.matrices for size in m.shape if size.isdigit()}
        free = [size for size in range(2, 6 + len(named)) if size not in fixed]
        drawn = self.source.sample(free, len(named))
        return {name: Fraction(size) for name, size in zip(named, drawn, strict=True)}

    def _fits(self, scalars: Mapping[str, Any], sizes: Mapping[str, Fraction]) -> bool:
        known = {**{n: v for n, v in scalars.items() if isinstance(v, Fraction)}, **sizes}
        values = [exact_value(node, known) for node in self.texts.constraints]
        return all(value is None or value > 0 for value in values)

    def _add_indices(self, sizes: dict[str, Fraction]) -> bool:
        for name, (low, high) in self.texts.ranges.items():
            first, last = exact_value(low, sizes), exact_value(high, sizes)
            if first is None or last is None or first > last:
                return False
            sizes[name] = Fraction(self.source.randint(int(first), int(last)))
        for shape in self.texts.shapes.values():
            lengths = [exact_value(length, sizes) for length in shape]
            if any(length is None or not 0 < length <= 60 for length in lengths):
                return False
        return True

    def near(self, constants: frozenset[Fraction]) -> Iterator[Draw]:
        """Points on both sides of every constant of a formula, where pieces of it may end."""
        for name, domain in self.domains.items():
            for constant in sorted({*constants, *(-value for value in constants)}):
                step = (abs(constant) or 1) / Fraction(64)
                for value in (constant - step, constant, constant + step):
                    if not _inside(domain, value):
                        continue
                    try:
                        draw = self.draw()
                    except AnotherPointError:
                        return
                    moved = {**draw.scalars, name: value}
                    if self._fits(moved, draw.sizes):
                        yield replace(draw, scalars=moved)

    # --- points ---

    def ball_point(self, draw: Draw, balls: Balls) -> Point[Any]:
        """A draw in balls of the current precision."""
        scalars: dict[str, Any] = {}
        exact = dict(draw.sizes)
        for name, value in draw.scalars.items():
            if isinstance(value, tuple):
                scalars[name] = balls.complex_number(*value)
            else:
                scalars[name], exact[name] = balls.number(value), value
        source = random.Random(draw.seed)
        most, below = (
            (19, 7) if not draw.generic else (source.choice((3, 40)) * _PRIMES[1], _PRIMES[1])
        )

        def entry(*, positive: bool = False) -> Any:
            drawn = Fraction(source.randint(-most, most), below) or Fraction(1)
            return balls.number(abs(drawn) if positive else drawn)

        return self._point(scalars, exact, balls, draw.sizes, entry)

    def residue_point(self, residues: Residues) -> tuple[Point[int], Draw]:
        """A point with random residues; whole numbers are kept only where sizes matter."""
        draw = self.draw()
        source = random.Random(draw.seed)  # its own, so that sizes do not depend on the prime
        scalars = {
            name: residues.random(
                source, square=residues.roots and self.domains[name].kind is not Kind.REAL
            )
            for name in draw.scalars
        }
        sizes = dict(draw.sizes)
        if not self.is_sized:
            scalars |= {name: residues.random(source) for name in sizes}
            sizes = {}

        def entry(*, positive: bool = False) -> int:
            return residues.random(source, square=positive and residues.roots)

        shown = Draw(scalars={}, sizes=sizes)
        return self._point(scalars, sizes, residues, sizes, entry), shown

    def _point(
        self,
        scalars: Mapping[str, T],
        exact: Mapping[str, Fraction],
        arithmetic: Arithmetic[T],
        sizes: Mapping[str, Fraction],
        entry: _Entry[T],
    ) -> Point[T]:
        names = {int(sizes[size]): size for m in self.matrices for size in m.shape if size in sizes}
        return Point(
            scalars=scalars,
            exact=exact,
            grids={m.name: self._grid(m, arithmetic, sizes, entry) for m in self.matrices},
            arrays={
                name: self._array(name, shape, sizes, entry)
                for name, shape in self.texts.shapes.items()
            },
            dimensions=names,
        )

    def _array(
        self,
        name: str,
        shape: tuple[Node, ...],
        sizes: Mapping[str, Fraction],
        entry: _Entry[T],
    ) -> ArrayValue[T]:
        base = next(array.base for array in self.vocabulary.arrays if array.name == name)
        lengths = tuple(int(exact_value(length, sizes) or 0) for length in shape)
        places = itertools.product(*(range(base, base + length) for length in lengths))
        return ArrayValue(shape=lengths, base=base, entries={place: entry() for place in places})

    def _grid(
        self,
        matrix: MatrixSymbol,
        arithmetic: Arithmetic[T],
        sizes: Mapping[str, Fraction],
        entry: _Entry[T],
    ) -> Grid[T]:
        algebra = Algebra(arithmetic, {})
        rows, columns = (int(size) if size.isdigit() else int(sizes[size]) for size in matrix.shape)
        if Property.IDENTITY in matrix.properties:
            return algebra.identity(rows)
        if Property.ONES in matrix.properties:
            return Grid(((algebra.one,) * columns,) * rows)
        if Property.DIAGONAL in matrix.properties:
            positive = Property.POSITIVE_DEFINITE in matrix.properties
            return algebra.diagonal(Grid(tuple((entry(positive=positive),) for _ in range(rows))))
        grid = Grid(tuple(tuple(entry() for _ in range(columns)) for _ in range(rows)))
        if Property.POSITIVE_DEFINITE in matrix.properties:
            return algebra.add(algebra.matmul(grid.transposed, grid), algebra.identity(rows))
        if Property.SYMMETRIC in matrix.properties:
            return algebra.add(grid, grid.transposed)
        if Property.ORTHOGONAL in matrix.properties:  # a reflection where the size is even
            minus = arithmetic.number(Fraction(-1))
            skew = algebra.add(grid, algebra.scale(minus, grid.transposed))
            unit = algebra.identity(rows)
            above = algebra.add(unit, algebra.scale(minus, skew))
            turned = algebra.matmul(above, algebra.inverse(algebra.add(unit, skew)))
            last = algebra.one if rows % 2 else minus
            return Grid(
                tuple((*row[:-1], arithmetic.multiply(last, row[-1])) for row in turned.rows)
            )
        return grid


def _inside(domain: Domain, value: Fraction) -> bool:
    match domain.kind:
        case Kind.REAL:
            return True
        case Kind.POSITIVE:
            return value > 0
        case Kind.UNIT | Kind.INTERVAL:
            return domain.low < value < domain.high
    return False


def _short(domain: Domain) -> Domain:
    if domain.kind is not Kind.INTEGER:
        return domain
    return replace(domain, high=min(domain.high, domain.low + _LONGEST))
