"""The value of a tree at a point, in any arithmetic; matrices, arrays and sums included."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeAlias, TypeVar

from backproof.answers.arithmetic import (
    Arithmetic,
    NoValueError,
    T,
    UnsupportedError,
)
from backproof.answers.exact import exact_value
from backproof.answers.grids import (
    DIVISION,
    ENTRYWISE_POWER,
    FUNCTION,
    Algebra,
    AmbiguousError,
    Grid,
    ShapeError,
)
from backproof.answers.points import Point
from backproof.answers.syntax import (
    Call,
    Chain,
    Entry,
    MatrixLiteral,
    Name,
    Negative,
    Node,
    Number,
    Power,
    Sum,
    Transpose,
    rebuild,
    uneven,
    walk,
)
from backproof.model.vocabulary import MATRIX_FUNCTIONS

V = TypeVar("V")
Value: TypeAlias = "V | Grid[V]"


class TooMuchWorkError(Exception):
    """The budget of steps is used up."""


@dataclass(slots=True)
class Budget:
    """How many tree nodes may still be visited; a call or a matrix product counts for several."""

    left: int = 80_000

    def spend(self, cost: int = 1) -> None:
        """Count one visit, or work that is worth several."""
        self.left -= cost
        if self.left < 0:
            raise TooMuchWorkError


def expand(node: Node, definitions: Mapping[str, Node]) -> Node:
    """The tree with every defined symbol replaced by what it stands for."""
    if isinstance(node, Name) and node.name in definitions:
        return definitions[node.name]
    return rebuild(node, lambda child: expand(child, definitions))


class Evaluator(Generic[T]):
    """Evaluates trees at one point in one arithmetic."""

    def __init__(self, arithmetic: Arithmetic[T], point: Point[T], budget: Budget) -> None:
        self.of = arithmetic
        self.point = point
        self.budget = budget
        self.algebra = Algebra(arithmetic, point.dimensions)
        self.exact = dict(point.exact)
        self.minus = arithmetic.number(Fraction(-1))
        self.refuses: Callable[[T], bool] | None = None
        self.sums = 0
        """How many sums the node that is evaluated is inside."""
        self.in_diag = False
        """The argument of `diag` is evaluated: what is done to a vector there is entrywise."""

    def real_value(self, node: Node, certainly_complex: Callable[[T], bool]) -> Value[T]:
        """The value of a tree where every function and power in it is real.

        Raises:
            NoValueError: one of them is not, or as `value` raises it.
        """
        self.refuses = certainly_complex
        try:
            return self.value(node)
        finally:
            self.refuses = None

    def value(self, node: Node) -> Value[T]:
        """The value of a tree.

        Raises:
            NoValueError: it has none here (with the reason).
            UnsupportedError: this arithmetic does not cover it.
            AnotherPointError: the point is an unlucky one.
            TooMuchWorkError: the budget is used up.
        """
        self.budget.spend(self.of.effort)
        match node:
            case Number(value):
                return self.of.number(value)
            case Name(name):
                return self._name(name)
            case Negative(operand):
                return self._times(self.minus, self.value(operand), "*")
            case Chain(items):
                return self._sum(items) if node.is_sum else self._product(items)
            case Power(base, exponent):
                return self._real(self._power(base, exponent))
            case Call(function, arguments):
                return self._real(self._call(function, arguments))
            case Entry(array, indices):
                return self._entry(array, indices)
            case Sum(index, low, high, body):
                return self._indexed_sum(index, low, high, body)
            case Transpose(operand):
                inner = self.value(operand)
                return inner.transposed if isinstance(inner, Grid) else inner
            case MatrixLiteral(rows):
                if problem := uneven(node):
                    raise ShapeError(problem)
                return Grid(tuple(tuple(self._scalar(entry) for entry in row) for row in rows))
            case _:
                raise UnsupportedError("equations and sets have no value")

    def _real(self, value: Value[T]) -> Value[T]:
        if self.refuses and not isinstance(value, Grid) and self.refuses(value):
            raise NoValueError("it is not a real number")
        return value

    def _spend_on(self, products: int) -> None:
        """Count the work of so many products of entries."""
        self.budget.spend(products * self.of.effort // 4)

    def _scalar(self, node: Node) -> T:
        return self._plain(self.value(node), "it needs a number and has a matrix")

    def _plain(self, value: Value[T], message: str) -> T:
        """A number, also where it comes as a 1×1 matrix."""
        if not isinstance(value, Grid):
            return value
        if value.shape != (1, 1):
            raise ShapeError(f"{message} ({self.algebra.shown(value)})")
        return value.rows[0][0]

    def _name(self, name: str) -> Value[T]:
        if name in self.point.scalars:
            return self.point.scalars[name]
        if name in self.exact:
            return self.of.number(self.exact[name])
        if name in self.point.grids:
            return self.point.grids[name]
        return self.of.constant(name)

    def _sum(self, items: tuple[tuple[str, Node], ...]) -> Value[T]:
        total = self.value(items[0][1])
        for operator, operand in items[1:]:
            term = self.value(operand)
            if operator == "-":
                term = self._times(self.minus, term, "*")
            total = self._add(total, term)
        return total

    def _add(self, left: Value[T], right: Value[T]) -> Value[T]:
        if isinstance(left, Grid) and isinstance(right, Grid):
            return self.algebra.add(left, right)
        if isinstance(left, Grid) or isinstance(right, Grid):
            message = "it adds a number and a matrix"
            return self.of.add(self._plain(left, message), self._plain(right, message))
        return self.of.add(left, right)

    def _product(self, items: tuple[tuple[str, Node], ...]) -> Value[T]:
        total = self.value(items[0][1])
        for operator, operand in items[1:]:
            factor = self.value(operand)
            if operator == "/":
                total = self._divide(total, factor)
            else:
                total = self._times(total, factor, operator)
        return total

    def _divide(self, above: Value[T], below: Value[T]) -> Value[T]:
        if isinstance(below, Grid) and below.shape == (1, 1):
            below = below.rows[0][0]
        if isinstance(below, Grid):
            if self._is_entrywise(below) and not isinstance(above, Grid):
                return self.algebra.each(below, lambda entry: self.of.divide(above, entry))
            if self._is_entrywise(below) and isinstance(above, Grid):
                return self.algebra.quotient(above, below)
            self._check_divisible(above, below)
            raise AmbiguousError(DIVISION)
        if isinstance(above, Grid):
            return self.algebra.scale(self.of.divide(self.of.number(Fraction(1)), below), above)
        return self.of.divide(above, below)

    def _check_divisible(self, above: Value[T], below: Grid[T]) -> None:
        """No meaning of `/` helps where neither an inverse nor entries would fit."""
        if not isinstance(above, Grid) or above.shape == (1, 1):
            return
        rows, columns = below.shape
        square = rows == columns and rows in above.shape
        if not square and rows not in (1, above.shape[0]):
            raise ShapeError(
                f"it divides {self.algebra.shown(above)} by {self.algebra.shown(below)}"
            )

    def _is_entrywise(self, grid: Grid[T]) -> bool:
        return self.in_diag and 1 in grid.shape

    def _star(self, left: Grid[T], right: Grid[T]) -> Grid[T]:
        """`*` between matrices means the one product that their shapes allow."""
        if left.shape[1] == right.shape[0] and left.shape == right.shape:
            raise AmbiguousError(
                "`*` between square matrices can mean two products: write `@` for the matrix "
                "product, `⊙` for the entrywise one"
            )
        if left.shape == right.shape:
            return self.algebra.hadamard(left, right)
        return self.algebra.matmul(left, right)

    def _times(self, left: Value[T], right: Value[T], operator: str) -> Value[T]:
        if isinstance(left, Grid) and isinstance(right, Grid):
            if operator == "@":
                self._spend_on(left.shape[0] * left.shape[1] * right.shape[1])
                return self.algebra.matmul(left, right)
            if operator == "⊙":
                return self.algebra.hadamard(left, right)
            if left.shape == (1, 1):
                return self.algebra.scale(left.rows[0][0], right)
            if right.shape == (1, 1):
                return self.algebra.scale(right.rows[0][0], left)
            return self._star(left, right)
        if isinstance(left, Grid):
            return self.algebra.scale(self._plain(right, ""), left)
        if isinstance(right, Grid):
            return self.algebra.scale(left, right)
        return self.of.multiply(left, right)

    def _power(self, base: Node, exponent: Node) -> Value[T]:
        below = self.value(base)
        whole = exact_value(exponent, self.exact)
        if isinstance(below, Grid) and below.shape != (1, 1):
            return self._matrix_power(below, whole)
        scalar = self._plain(below, "")
        if whole is not None and whole.denominator == 1 and abs(whole) < 10**18:
            return self.of.integer_power(scalar, int(whole))
        if whole == Fraction(1, 2):
            return self.of.call("sqrt", [scalar])
        above = self.value(exponent)
        if isinstance(above, Grid) and above.shape != (1, 1):
            raise AmbiguousError(FUNCTION.format("a power with a matrix in its exponent"))
        return self.of.power(scalar, self._plain(above, ""))

    def _matrix_power(self, base: Grid[T], exponent: Fraction | None) -> Grid[T]:
        """A whole power; any other only of a diagonal matrix with a positive diagonal."""
        if exponent is not None and self._is_entrywise(base):
            return self.algebra.each(base, lambda entry: self._fractional(entry, exponent))
        if exponent is None or exponent.denominator != 1:
            if exponent is None or not self.algebra.is_diagonal(base):
                raise AmbiguousError(FUNCTION.format("a power of a matrix that is not whole"))
            self._check_positive(base)
            return self.algebra.on_diagonal(base, lambda entry: self._fractional(entry, exponent))
        if base.shape[0] != base.shape[1] and exponent > 1:
            raise AmbiguousError(ENTRYWISE_POWER)
        self._spend_on(base.shape[0] ** 3 * min(abs(int(exponent)), 20))
        return self.algebra.power(base, int(exponent))

    def _fractional(self, entry: T, exponent: Fraction) -> T:
        if exponent.denominator <= 2:
            root = self.of.call("sqrt", [entry]) if exponent.denominator == 2 else entry
            return self.of.integer_power(root, exponent.numerator)
        return self.of.power(entry, self.of.number(exponent))

    def _check_positive(self, grid: Grid[T]) -> None:
        if not all(self.of.may_be_positive(row[place]) for place, row in enumerate(grid.rows)):
            raise AmbiguousError(FUNCTION.format("a root of a matrix"))

    def _call(self, function: str, arguments: tuple[Node, ...]) -> Value[T]:
        if function in MATRIX_FUNCTIONS:
            before, self.in_diag = self.in_diag, function == "diag"
            argument = self.value(arguments[0])
            self.in_diag = before
            return self._matrix_call(function, argument)
        if function in ("factorial", "gamma"):
            whole = exact_value(arguments[0], self.exact)
            if whole is not None and whole.denominator == 1:
                shifted = int(whole) - (function == "gamma")
                if shifted < 0:
                    raise NoValueError("it takes the factorial of a negative number")
                if shifted <= 200:
                    return self.of.number(Fraction(math.factorial(shifted)))
        if function in ("floor", "ceil", "sign"):
            self.budget.spend(sum(1 for _ in walk(arguments[0])))
            if (exact := exact_value(Call(function, arguments), self.exact)) is not None:
                return self.of.number(exact)  # no ball around it has two sides
        if function == "binomial" and self.refuses and not self.sums:
            self._check_binomial(arguments)
        self.budget.spend(4 * self.of.effort)
        values = [self.value(argument) for argument in arguments]
        first = values[0]
        if isinstance(first, Grid) and len(values) == 1 and first.shape != (1, 1):
            return self._of_matrix(function, first)
        if any(isinstance(value, Grid) and value.shape != (1, 1) for value in values):
            raise AmbiguousError(FUNCTION.format(f"`{function}` of a matrix"))
        return self.of.call(function, [self._plain(value, "") for value in values])

    def _of_matrix(self, function: str, argument: Grid[T]) -> Grid[T]:
        """A function of every entry of a vector in `diag`; the root of a diagonal matrix."""
        call = lambda entry: self.of.call(function, [entry])  # noqa: E731
        if self._is_entrywise(argument):
            return self.algebra.each(argument, call)
        if function in ("sqrt", "root") and self.algebra.is_diagonal(argument):
            self._check_positive(argument)
            return self.algebra.on_diagonal(argument, call)
        raise AmbiguousError(FUNCTION.format(f"`{function}` of a matrix"))

    def _check_binomial(self, arguments: tuple[Node, ...]) -> None:
        """A reference asks for no binomial outside 0..n, where n!/(k! (n-k)!) has no value."""
        above, below = (exact_value(argument, self.exact) for argument in arguments)
        if above is not None and below is not None and not 0 <= below <= above:
            raise NoValueError("it takes a binomial outside its triangle")

    def _matrix_call(self, function: str, argument: Value[T]) -> Value[T]:
        if not isinstance(argument, Grid):
            one = self.of.number(Fraction(1))
            return self.of.divide(one, argument) if function == "inv" else argument
        match function:
            case "inv":
                self._spend_on(2 * argument.shape[0] ** 3)
                return self.algebra.inverse(argument)
            case "tr":
                return self.algebra.trace(argument)
            case "det":
                self._spend_on(2 * argument.shape[0] ** 3)
                return self.algebra.determinant(argument)
            case _:
                return self.algebra.diagonal(argument)

    def _whole(self, node: Node, what: str) -> int:
        value = exact_value(node, self.exact)
        if value is None:
            raise UnsupportedError(what)  # it may be whole all the same
        if value.denominator != 1:
            raise NoValueError(f"its {what} is not a whole number")
        return int(value)

    def _entry(self, array: str, indices: tuple[Node, ...]) -> T:
        values = self.point.arrays[array]
        place = tuple(self._whole(index, f"index of {array}") for index in indices)
        if place not in values.entries:
            last = ", ".join(f"{values.base}..{size - 1 + values.base}" for size in values.shape)
            shown = ", ".join(map(str, place))
            raise NoValueError(f"it uses {array}[{shown}], outside {array}[{last}]")
        return values.entries[place]

    def _indexed_sum(self, index: str, low: Node, high: Node, body: Node) -> Value[T]:
        first = self._whole(low, "first index")
        last = self._whole(high, "last index")
        outer = self.exact.get(index)
        total: Value[T] = self.of.number(Fraction(0))
        for step, place in enumerate(range(first, last + 1)):
            self.budget.spend()
            self.exact[index] = Fraction(place)
            self.sums += 1
            term = self.value(body)
            self.sums -= 1
            total = term if step == 0 else self._add(total, term)
        if outer is None:
            self.exact.pop(index, None)
        else:
            self.exact[index] = outer
        return total
