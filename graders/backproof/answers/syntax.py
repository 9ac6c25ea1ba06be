"""Formulas as immutable trees, and what is said when a text is not one.

The nodes take their fields by position, so that trees read like the formulas they stand for.
Every tree that the parser builds is at most `MAX_DEPTH` plus a few levels deep: sums and products
are flat chains, so that walking a tree never exhausts Python's stack.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

MAX_LENGTH = 2000
"""Characters in an answer."""
MAX_TOKENS = 1200
MAX_DEPTH = 60
"""Nesting of brackets, signs, exponents and calls."""
MAX_NUMBER = 120
"""Characters in one number."""
LONGEST_INTEGER = 4000
"""Digits that Python reads as a number without complaint."""
MAX_DECIMAL_EXPONENT = 400
"""Largest |k| in a number written `1e<k>`."""


class AnswerSyntaxError(Exception):
    """The text is not a formula of the declared vocabulary.

    The message is one sentence for the student; `position` counts characters from 0.
    """

    def __init__(self, message: str, position: int) -> None:
        super().__init__(message)
        self.message = message
        self.position = position

    def __str__(self) -> str:
        return f"{self.message} (at character {self.position + 1})"


@dataclass(frozen=True, slots=True)
class Number:
    """An exact number. `shown` keeps the digits as typed and does not count in comparisons."""

    value: Fraction
    shown: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Name:
    """A declared symbol, matrix, definition or constant, by its declared name."""

    name: str


@dataclass(frozen=True, slots=True)
class Negative:
    """-operand."""

    operand: Node


@dataclass(frozen=True, slots=True)
class Chain:
    """A sum (`+ -`) or a product (`* / @ ⊙`), from left to right.

    Each item is (operator, operand); the first item's operator is `+` or `*`.
    """

    items: tuple[tuple[str, Node], ...]

    @property
    def is_sum(self) -> bool:
        """Whether it adds rather than multiplies."""
        return self.items[0][0] == "+"


@dataclass(frozen=True, slots=True)
class Power:
    """base ^ exponent."""

    base: Node
    exponent: Node


@dataclass(frozen=True, slots=True)
class Call:
    """function(arguments)."""

    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a declared array: array[i, j]."""

    array: str
    indices: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """sum(index = low, high, body), both ends included."""

    index: str
    low: Node
    high: Node
    body: Node


@dataclass(frozen=True, slots=True)
class Transpose:
    """operand.T."""

    operand: Node


@dataclass(frozen=True, slots=True)
class MatrixLiteral:
    """[[a, b], [c, d]], row by row. With rows of several lengths it has no value."""

    rows: tuple[tuple[Node, ...], ...]

    @property
    def lengths(self) -> tuple[int, ...]:
        """The number of entries of each row."""
        return tuple(map(len, self.rows))


@dataclass(frozen=True, slots=True)
class Equation:
    """left = right; only at the top of an answer."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class SetOf:
    """{a, b}; only at the top of an answer."""

    members: tuple[Node, ...]


Node: TypeAlias = (
    Number
    | Name
    | Negative
    | Chain
    | Power
    | Call
    | Entry
    | Sum
    | Transpose
    | MatrixLiteral
    | Equation
    | SetOf
)


def children(node: Node) -> tuple[Node, ...]:
    """The operands of a node, from left to right."""
    match node:
        case Negative(operand) | Transpose(operand):
            return (operand,)
        case Chain(items):
            return tuple(operand for _, operand in items)
        case Power(left, right) | Equation(left, right):
            return (left, right)
        case Call(_, arguments) | Entry(_, arguments) | SetOf(arguments):
            return arguments
        case Sum(_, low, high, body):
            return (low, high, body)
        case MatrixLiteral(rows):
            return tuple(entry for row in rows for entry in row)
        case _:
            return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(children(found)))


def symbols_of(node: Node) -> frozenset[str]:
    """The names in a tree that are not those of constants."""
    names = {inner.name for inner in walk(node) if isinstance(inner, Name)}
    return frozenset(names - {"pi", "e", "i"})


def uneven(node: Node) -> str:
    """What is wrong with the first matrix whose rows have several lengths; "" if there is none."""
    matrices = (found for found in walk(node) if isinstance(found, MatrixLiteral))
    odd = next((matrix for matrix in matrices if len(set(matrix.lengths)) > 1), None)
    if odd is None:
        return ""
    usual = max(odd.lengths, key=odd.lengths.count)
    others = [(row, n) for row, n in enumerate(odd.lengths, 1) if n != usual]
    row, found = others[0]
    entries = "1 entry" if found == 1 else f"{found} entries"
    if len(others) == 1 and len(odd.rows) > 2:
        return f"row {row} has {entries}, the others {usual}"
    usual_row = odd.lengths.index(usual) + 1
    return f"row {row} has {entries}, row {usual_row} has {usual}"


def height(node: Node) -> int:
    """How many nodes there are from the root to the deepest leaf."""
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [child for found in level for child in children(found)]
    return deepest


def rebuild(node: Node, change: Callable[[Node], Node]) -> Node:
    """The same node with every operand changed."""
    match node:
        case Negative(operand):
            return Negative(change(operand))
        case Transpose(operand):
            return Transpose(change(operand))
        case Chain(items):
            return Chain(tuple((operator, change(operand)) for operator, operand in items))
        case Power(base, exponent):
            return Power(change(base), change(exponent))
        case Equation(left, right):
            return Equation(change(left), change(right))
        case Call(function, arguments):
            return Call(function, tuple(change(argument) for argument in arguments))
        case Entry(array, indices):
            return Entry(array, tuple(change(index) for index in indices))
        case SetOf(members):
            return SetOf(tuple(change(member) for member in members))
        case Sum(index, low, high, body):
            return Sum(index, change(low), change(high), change(body))
        case MatrixLiteral(rows):
            return MatrixLiteral(tuple(tuple(change(entry) for entry in row) for row in rows))
        case _:
            return node


def add(*terms: Node) -> Node:
    """The sum of several nodes."""
    return Chain(tuple(("+", term) for term in terms))


def multiply(*factors: Node) -> Node:
    """The product of several nodes."""
    return Chain(tuple(("*", factor) for factor in factors))


def divide(numerator: Node, denominator: Node) -> Node:
    """numerator / denominator."""
    return Chain((("*", numerator), ("/", denominator)))


def subtract(left: Node, right: Node) -> Node:
    """left - right."""
    return Chain((("+", left), ("-", right)))
