"""Matrices over any arithmetic: just enough linear algebra to try out an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic

from backproof.answers.arithmetic import AnotherPointError, Arithmetic, NoValueError, T

DIVISION = (
    "dividing by a matrix can mean several things: write `inv(...)` for its inverse, or "
    "`diag(1/v)` to divide by the entries of a vector v"
)
FUNCTION = (
    "{} can mean several things: of a diagonal matrix D write `diag(...)` of a formula in "
    "`diag(D)`, as in `diag(1/sqrt(diag(D)))`, otherwise use `inv`, whole powers and `⊙`"
)
ENTRYWISE_POWER = (
    "a power of a matrix that is not square can only be meant entry by entry: write `⊙`"
)


class AmbiguousError(Exception):
    """An answer that can be read in two ways; the message says how to write each."""


class ShapeError(NoValueError):
    """Shapes that do not fit, which no choice of the dimensions can mend."""


@dataclass(frozen=True, slots=True)
class Grid(Generic[T]):
    """A matrix, row by row."""

    rows: tuple[tuple[T, ...], ...]

    @property
    def shape(self) -> tuple[int, int]:
        """(rows, columns)."""
        return len(self.rows), len(self.rows[0])

    @property
    def transposed(self) -> Grid[T]:
        """Rows as columns."""
        return Grid(tuple(zip(*self.rows, strict=True)))


class Algebra(Generic[T]):
    """Matrix operations over one arithmetic.

    names: what to call each dimension in messages.
    """

    def __init__(self, arithmetic: Arithmetic[T], names: Mapping[int, str]) -> None:
        self.of = arithmetic
        self.names = names
        self.zero = arithmetic.number(Fraction(0))
        self.one = arithmetic.number(Fraction(1))

    def shown(self, grid: Grid[T]) -> str:
        """A shape in the names of the question."""
        return "×".join(self.names.get(size, str(size)) for size in grid.shape)

    def identity(self, size: int) -> Grid[T]:
        """The identity matrix."""
        return Grid(
            tuple(
                tuple(self.one if row == column else self.zero for column in range(size))
                for row in range(size)
            )
        )

    def add(self, left: Grid[T], right: Grid[T]) -> Grid[T]:
        """Entry by entry, equal shapes only."""
        self._same(left, right, "+")
        return self._zip(left, right, self.of.add)

    def hadamard(self, left: Grid[T], right: Grid[T]) -> Grid[T]:
        """The entrywise product, equal shapes only."""
        self._same(left, right, "⊙")
        return self._zip(left, right, self.of.multiply)

    def scale(self, factor: T, grid: Grid[T]) -> Grid[T]:
        """A number times a matrix."""
        return Grid(
            tuple(tuple(self.of.multiply(factor, entry) for entry in row) for row in grid.rows)
        )

    def each(self, grid: Grid[T], change: Callable[[T], T]) -> Grid[T]:
        """Every entry changed."""
        return Grid(tuple(tuple(map(change, row)) for row in grid.rows))

    def quotient(self, left: Grid[T], right: Grid[T]) -> Grid[T]:
        """Entry by entry, equal shapes only."""
        self._same(left, right, "/")
        return self._zip(left, right, self.of.divide)

    def is_diagonal(self, grid: Grid[T]) -> bool:
        """Whether a matrix is square and exactly 0 beside its diagonal."""
        return grid.shape[0] == grid.shape[1] and all(
            self.of.is_zero(entry)
            for here, row in enumerate(grid.rows)
            for there, entry in enumerate(row)
            if here != there
        )

    def on_diagonal(self, grid: Grid[T], change: Callable[[T], T]) -> Grid[T]:
        """A diagonal matrix with its diagonal changed."""
        return Grid(
            tuple(
                tuple(change(entry) if here == there else entry for there, entry in enumerate(row))
                for here, row in enumerate(grid.rows)
            )
        )

    def matmul(self, left: Grid[T], right: Grid[T]) -> Grid[T]:
        """The matrix product."""
        if left.shape[1] != right.shape[0]:
            raise ShapeError(f"it multiplies {self.shown(left)} by {self.shown(right)}")
        columns = right.transposed.rows
        return Grid(tuple(tuple(self._dot(row, column) for column in columns) for row in left.rows))

    def inverse(self, grid: Grid[T]) -> Grid[T]:
        """The inverse, by elimination."""
        reduced, _ = self._eliminate(grid, "the inverse")
        return reduced

    def determinant(self, grid: Grid[T]) -> T:
        """The determinant of an invertible matrix."""
        _, found = self._eliminate(grid, "the determinant")
        return found

    def trace(self, grid: Grid[T]) -> T:
        """The sum of the diagonal."""
        self._square(grid, "the trace")
        total = self.zero
        for place, row in enumerate(grid.rows):
            total = self.of.add(total, row[place])
        return total

    def diagonal(self, grid: Grid[T]) -> Grid[T]:
        """A vector as a diagonal matrix; a square matrix's diagonal as a column."""
        if 1 in grid.shape and grid.shape != (1, 1):
            entries = [entry for row in grid.rows for entry in row]
            return Grid(
                tuple(
                    tuple(entry if here == there else self.zero for there in range(len(entries)))
                    for here, entry in enumerate(entries)
                )
            )
        self._square(grid, "the diagonal")
        return Grid(tuple((row[place],) for place, row in enumerate(grid.rows)))

    def power(self, grid: Grid[T], exponent: int) -> Grid[T]:
        """A whole power between -20 and 20."""
        self._square(grid, "a power")
        if abs(exponent) > 20:
            raise NoValueError("it raises a matrix to a power beyond 20")
        base = self.inverse(grid) if exponent < 0 else grid
        result = self.identity(grid.shape[0])
        for _ in range(abs(exponent)):
            result = self.matmul(result, base)
        return result

    def _dot(self, left: tuple[T, ...], right: tuple[T, ...]) -> T:
        total = self.zero
        for one, other in zip(left, right, strict=True):
            total = self.of.add(total, self.of.multiply(one, other))
        return total

    def _zip(self, left: Grid[T], right: Grid[T], operation: Callable[[T, T], T]) -> Grid[T]:
        return Grid(
            tuple(
                tuple(operation(one, other) for one, other in zip(*rows, strict=True))
                for rows in zip(left.rows, right.rows, strict=True)
            )
        )

    def _same(self, left: Grid[T], right: Grid[T], sign: str) -> None:
        if left.shape != right.shape:
            raise ShapeError(f"it forms {self.shown(left)} {sign} {self.shown(right)}")

    def _square(self, grid: Grid[T], function: str) -> None:
        if grid.shape[0] != grid.shape[1]:
            raise ShapeError(f"it takes {function} of a {self.shown(grid)} matrix")

    def _eliminate(self, grid: Grid[T], wanted: str) -> tuple[Grid[T], T]:
        """Inverse and determinant by Gauss and Jordan."""
        self._square(grid, wanted)
        size = grid.shape[0]
        rows = [
            [*row, *unit] for row, unit in zip(grid.rows, self.identity(size).rows, strict=True)
        ]
        found = self.one
        minus = self.of.number(Fraction(-1))
        for column in range(size):
            usable = [r for r in range(column, size) if self.of.usable_pivot(rows[r][column])]
            if not usable:
                raise AnotherPointError
            if usable[0] != column:
                rows[column], rows[usable[0]] = rows[usable[0]], rows[column]
                found = self.of.multiply(found, minus)
            pivot = rows[column][column]
            found = self.of.multiply(found, pivot)
            rows[column] = [self.of.divide(entry, pivot) for entry in rows[column]]
            for other in range(size):
                if other != column:
                    factor = self.of.multiply(minus, rows[other][column])
                    rows[other] = [
                        self.of.add(entry, self.of.multiply(factor, above))
                        for entry, above in zip(rows[other], rows[column], strict=True)
                    ]
        return Grid(tuple(tuple(row[size:]) for row in rows)), found
