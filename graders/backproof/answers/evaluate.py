"""The value of a tree at a point, in any arithmetic; matrices, arrays and sums included."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Generic, TypeAlias, TypeVar

from backproof.answers.arithmetic import (
    Arithmetic,
    NoValueError,
    T,
    UnsupportedError,
)
from backproof.answers.grids import Algebra, AmbiguousError, Grid, ShapeError
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
    walk,
)
from backproof.model.vocabulary import MATRIX_FUNCTIONS

V = TypeVar("V")
Value: TypeAlias = "V | Grid[V]"

_EXACT_BITS = 512


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


def exact_value(node: Node, known: Mapping[str, Fraction]) -> Fraction | None:
    """A rational value where one follows from known ones by small exact arithmetic, else None."""
    match node:
        case Number(value):
            return value
        case Name(name):
            return known.get(name)
        case Negative(operand):
            value_ = exact_value(operand, known)
            return None if value_ is None else -value_
        case Chain(items):
            return _exact_chain(items, known)
        case Power(base, exponent):
            low, high = exact_value(base, known), exact_value(exponent, known)
            if low is None or high is None or high.denominator != 1 or abs(high) > 64:
                return None
            return None if low == 0 and high < 0 else _small(low ** int(high))
        case Call(function, arguments) if function in _WHOLE:
            values = [exact_value(argument, known) for argument in arguments]
            found = [value for value in values if value is not None]
            return Fraction(_WHOLE[function](found)) if len(found) == len(values) else None
    return None


_WHOLE: dict[str, Callable[[list[Fraction]], Fraction | int]] = {
    "floor": lambda values: math.floor(values[0]),
    "ceil": lambda values: math.ceil(values[0]),
    "abs": lambda values: abs(values[0]),
    "relu": lambda values: max(values[0], Fraction(0)),
    "sign": lambda values: (values[0] > 0) - (values[0] < 0),
    "max": max,
    "min": min,
}
"""The functions that bounds of sums and indices may use."""


def _exact_chain(
    items: tuple[tuple[str, Node], ...], known: Mapping[str, Fraction]
) -> Fraction | None:
    total = Fraction(0 if items[0][0] == "+" else 1)
    for operator, operand in items:
        value = exact_value(operand, known)
        if value is None or (operator == "/" and value == 0):
            return None
        match operator:
            case "+":
                total += value
            case "-":
                total -= value
            case "*" | "@" | "⊙":
                total *= value
            case "/":
                total /= value
        if _small(total) is None:
            return None
    return total


def _small(value: Fraction) -> Fraction | None:
    bits = max(value.numerator.bit_length(), value.denominator.bit_length())
    return value if bits <= _EXACT_BITS else None


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
                below = self._plain(factor, "it divides by a matrix")
                if isinstance(total, Grid):
                    one = self.of.number(Fraction(1))
                    total = self.algebra.scale(self.of.divide(one, below), total)
                else:
                    total = self.of.divide(total, below)
            else:
                total = self._times(total, factor, operator)
        return total

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
            if whole is None or whole.denominator != 1:
                raise ShapeError("it raises a matrix to a power that is not a whole number")
            self._spend_on(below.shape[0] ** 3 * min(abs(int(whole)), 20))
            return self.algebra.power(below, int(whole))
        scalar = self._plain(below, "")
        if whole is not None and whole.denominator == 1 and abs(whole) < 10**18:
            return self.of.integer_power(scalar, int(whole))
        if whole == Fraction(1, 2):
            return self.of.call("sqrt", [scalar])
        return self.of.power(scalar, self._scalar(exponent))

    def _call(self, function: str, arguments: tuple[Node, ...]) -> Value[T]:
        if function in MATRIX_FUNCTIONS:
            return self._matrix_call(function, self.value(arguments[0]))
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
        return self.of.call(function, [self._scalar(argument) for argument in arguments])

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
