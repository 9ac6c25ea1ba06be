"""Points to try answers at: inside the declared domains, with distinct dimensions."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from backproof.answers.arithmetic import AnotherPointError, Arithmetic, Residues, T
from backproof.answers.balls import Balls
from backproof.answers.evaluate import ArrayValue, Point, exact_value
from backproof.answers.grids import Algebra, Grid
from backproof.answers.parser import parse
from backproof.answers.syntax import Node
from backproof.model.vocabulary import (
    Domain,
    Kind,
    MatrixSymbol,
    Property,
    Vocabulary,
)

_DENOMINATORS = (7, 11, 13)
_COMPLEX_PARTS = ("", "·i")


@dataclass(frozen=True, kw_only=True, slots=True)
class Draw:
    """One choice of values.

    scalars: every symbol that is not whole (complex ones as two numbers).
    sizes: whole symbols, dimensions and free indices.
    seed: for the entries of matrices and arrays.
    """

    scalars: Mapping[str, Fraction | tuple[Fraction, Fraction]]
    sizes: Mapping[str, Fraction]
    seed: str = ""

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
    source: random.Random = field(init=False)
    texts: _Texts = field(init=False)
    matrices: tuple[MatrixSymbol, ...] = field(init=False)
    domains: Mapping[str, Domain] = field(init=False)
    serial: Iterable[int] = field(init=False)

    def __post_init__(self) -> None:
        self.source = random.Random(self.seed)
        declared = self.vocabulary
        self.matrices = tuple(m for m in declared.matrices if m.name in self.used)
        arrays = [array for array in declared.arrays if array.name in self.used]
        indices = [index for index in declared.indices if index.name in self.used]
        self.texts = _Texts(
            constraints=tuple(parse(text, declared) for text in declared.constraints),
            shapes={a.name: tuple(parse(size, declared) for size in a.shape) for a in arrays},
            ranges={i.name: (parse(i.low, declared), parse(i.high, declared)) for i in indices},
        )
        every = bool(arrays or indices or self.matrices)
        self.domains = {
            name: Domain.of(text)
            for name, text in declared.symbols.items()
            if name in self.used or (every and Domain.of(text).kind is Kind.INTEGER)
        }
        self.serial = itertools.count()

    @property
    def is_sized(self) -> bool:
        """Whether points have arrays, matrices or free indices, or sums run over sizes."""
        return bool(self.matrices or self.texts.shapes or self.texts.ranges)

    def draw(self) -> Draw:
        """A point of the domain.

        Raises:
            AnotherPointError: 200 draws met no point that satisfies the constraints.
        """
        for _ in range(200):
            scalars = {
                name: self._scalar(domain)
                for name, domain in self.domains.items()
                if domain.kind is not Kind.INTEGER
            }
            sizes = {
                name: Fraction(self.source.randint(int(domain.low), int(domain.high)))
                for name, domain in self.domains.items()
                if domain.kind is Kind.INTEGER
            }
            sizes.update(self._dimensions())
            if self._fits(scalars, sizes) and self._add_indices(sizes):
                return Draw(
                    scalars=scalars, sizes=sizes, seed=f"{self.seed}/{next(iter(self.serial))}"
                )
        raise AnotherPointError

    def _scalar(self, domain: Domain) -> Fraction | tuple[Fraction, Fraction]:
        source, below = self.source, self.source.choice(_DENOMINATORS)
        match domain.kind:
            case Kind.UNIT:
                return Fraction(source.randint(1, 96), 97)
            case Kind.INTERVAL:
                return domain.low + (domain.high - domain.low) * Fraction(source.randint(1, 96), 97)
            case Kind.COMPLEX:
                return self._real(below), self._real(below)
            case Kind.POSITIVE:
                return abs(self._real(below))
            case _:
                return self._real(below)

    def _real(self, below: int) -> Fraction:
        scale = self.source.choice((1, 1, 1, 1, 1, Fraction(1, 10), 6))
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
        entry = lambda: balls.number(Fraction(source.randint(-19, 19), 7) or Fraction(1))  # noqa: E731
        return self._point(scalars, exact, balls, draw.sizes, entry)

    def residue_point(self, residues: Residues) -> tuple[Point[int], Draw]:
        """A point with random residues; whole numbers are kept only where sizes matter."""
        draw = self.draw()
        scalars = {
            name: residues.random(
                self.source, square=residues.roots and self.domains[name].kind is not Kind.REAL
            )
            for name in draw.scalars
        }
        sizes = dict(draw.sizes)
        if not self.is_sized:
            scalars |= {name: residues.random(self.source) for name in sizes}
            sizes = {}
        entry = lambda: residues.random(self.source)  # noqa: E731
        shown = Draw(scalars={}, sizes=sizes)
        return self._point(scalars, sizes, residues, sizes, entry), shown

    def _point(
        self,
        scalars: Mapping[str, T],
        exact: Mapping[str, Fraction],
        arithmetic: Arithmetic[T],
        sizes: Mapping[str, Fraction],
        entry: Callable[[], T],
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
        entry: Callable[[], T],
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
        entry: Callable[[], T],
    ) -> Grid[T]:
        algebra = Algebra(arithmetic, {})
        rows, columns = (int(size) if size.isdigit() else int(sizes[size]) for size in matrix.shape)
        if Property.IDENTITY in matrix.properties:
            return algebra.identity(rows)
        if Property.ONES in matrix.properties:
            return Grid(((algebra.one,) * columns,) * rows)
        if Property.DIAGONAL in matrix.properties:
            return algebra.diagonal(Grid(tuple((entry(),) for _ in range(rows))))
        grid = Grid(tuple(tuple(entry() for _ in range(columns)) for _ in range(rows)))
        if Property.POSITIVE_DEFINITE in matrix.properties:
            return algebra.add(algebra.matmul(grid.transposed, grid), algebra.identity(rows))
        if Property.SYMMETRIC in matrix.properties:
            return algebra.add(grid, grid.transposed)
        if Property.ORTHOGONAL in matrix.properties:
            minus = arithmetic.number(Fraction(-1))
            skew = algebra.add(grid, algebra.scale(minus, grid.transposed))
            unit = algebra.identity(rows)
            above = algebra.add(unit, algebra.scale(minus, skew))
            return algebra.matmul(above, algebra.inverse(algebra.add(unit, skew)))
        return grid
