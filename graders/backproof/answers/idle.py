"""Parts of an answer that do not matter at any point tried: what hides a difference looks so.

An answer that agrees with the reference at some points may still differ elsewhere, as
`R + exp(-10^5*(p - 0.3)^2)` does from R. Then a number or name in it can be changed without any
effect, or a part with a root in it stays 0. Neither happens by chance in an honest answer that no
algebra proves equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from typing import Any

from backproof.answers.arithmetic import AnotherPointError, NoValueError, UnsupportedError
from backproof.answers.evaluate import Budget, Evaluator
from backproof.answers.exact import exact_value
from backproof.answers.formal import Formal
from backproof.answers.grids import AmbiguousError, Grid
from backproof.answers.points import Point
from backproof.answers.sampling import Draw, Sampler
from backproof.answers.syntax import (
    Call,
    Entry,
    Name,
    Negative,
    Node,
    Number,
    Power,
    Sum,
    add,
    children,
    multiply,
    rebuild,
    symbols_of,
    walk,
)
from backproof.model.vocabulary import PIECEWISE, Kind

DIGITS = 60
_NEARLY_ONE = Fraction(996, 997)
_STEPS = frozenset({"floor", "ceil"})
_BRANCHING = PIECEWISE | {
    "sqrt", "cbrt", "root", "log", "log2", "log10", "asin", "acos", "atan", "acosh",
}  # fmt: skip
"""Functions that are not one power series on the whole domain."""
_MOST_POINTS, _MOST_LARGE, _MOST_VALUES = 250, 60, 8
_NONE = (AmbiguousError, AnotherPointError, NoValueError, UnsupportedError)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Leaf:
    """One number, name or entry in a tree.

    path: which operand to take at each level. kind: the kind of function with pieces that it is
    inside of. whole: it counts something, so that only whole numbers may replace it.
    """

    node: Node
    path: tuple[int, ...]
    kind: str = ""
    whole: bool = False


def _leaves(node: Node, leaf: _Leaf) -> Iterator[_Leaf]:
    """The leaves of a tree; `leaf` tells where the node is."""
    if isinstance(node, Number | Name | Entry):
        yield leaf
    kind = leaf.kind
    if isinstance(node, Call) and node.function in PIECEWISE:
        kind = "steps" if node.function in _STEPS else "pieces"
    for place, child in enumerate(children(node)):
        counts = isinstance(node, Entry) or (isinstance(node, Sum) and place < 2)
        below = _Leaf(node=child, path=(*leaf.path, place), kind=kind, whole=leaf.whole or counts)
        yield from _leaves(child, below)


def _replaced(node: Node, path: tuple[int, ...], new: Node) -> Node:
    """The tree with another node at the end of the path; all others are the same objects."""
    if not path:
        return new
    place = -1

    def change(child: Node) -> Node:
        nonlocal place
        place += 1
        return _replaced(child, path[1:], new) if place == path[0] else child

    return rebuild(node, change)


class _Remembering(Evaluator[Any]):
    """Evaluates changed trees at one point: the values of what is the same are kept."""

    def __init__(self, arithmetic: Any, point: Point[Any], budget: Budget) -> None:
        super().__init__(arithmetic, point, budget)
        self.values: dict[int, Any] = {}
        self.learns = True

    def value(self, node: Node) -> Any:
        """The value of a tree."""
        if self.sums or self.in_diag:
            return super().value(node)
        if id(node) in self.values:
            self.budget.spend()
            return self.values[id(node)]
        found = super().value(node)
        if self.learns:
            self.values[id(node)] = found
        return found


@dataclass(slots=True)
class Idle:
    """Looks for idle parts of trees.

    draws: points at which the answer was found right.
    """

    sampler: Sampler
    engine: Any
    draws: Sequence[Draw]
    budget: Budget = field(default_factory=Budget)
    points: dict[int, list[_Remembering]] = field(default_factory=dict)

    def part(self, given: Node, expected: Node) -> Node | None:
        """A part of the answer that does not matter, or None.

        Raises:
            TooMuchWorkError: the answer is too large.
        """
        with self.engine.working(DIGITS):
            for leaf in _leaves(given, _Leaf(node=given, path=())):
                if self._is_idle(given, leaf) and not self._is_usual(leaf, expected):
                    return self._largest(given, leaf)
            return self._constant(given, expected)

    def _at(self, tree: Node) -> Iterator[_Remembering]:
        """The tree's values at each point, one point after the other."""
        known = self.points.setdefault(id(tree), [])
        for number, draw in enumerate(islice(self.draws, _MOST_POINTS)):
            if number == len(known):
                point = self.sampler.ball_point(draw, self.engine)
                evaluator = _Remembering(self.engine, point, self.budget)
                with suppress(*_NONE):
                    evaluator.value(tree)
                evaluator.learns = False
                known.append(evaluator)
            if id(tree) in known[number].values:
                yield known[number]

    # --- leaves ---

    def _is_idle(self, tree: Node, leaf: _Leaf) -> bool:
        """Whether no change of the leaf changes the tree, and algebra does not say why."""
        nearby = self._nearby(leaf)
        if any(self._changes(tree, leaf.path, new, _MOST_POINTS) for new in nearby):
            return False
        if leaf.kind and any(
            self._changes(tree, leaf.path, new, _MOST_LARGE) for new in self._far(leaf)
        ):
            return False
        return not self._same_by_algebra(tree, _replaced(tree, leaf.path, nearby[0]))

    def _nearby(self, leaf: _Leaf) -> list[Node]:
        match leaf.node:
            case Number(value) if leaf.whole:
                return [Number(value + 1)]
            case Number(value):
                return [Number(value * _NEARLY_ONE if value else 1 - _NEARLY_ONE)]
            case Name(name) if leaf.whole or self._is_whole(name):
                return [add(leaf.node, Number(Fraction(1)))]
            case _:
                return [multiply(Number(_NEARLY_ONE), leaf.node)]

    def _is_whole(self, name: str) -> bool:
        if name in self.sampler.domains:
            return self.sampler.domains[name].kind is Kind.INTEGER
        matrices = {matrix.name for matrix in self.sampler.matrices}
        return name not in matrices | {"pi", "e", "i"}

    def _far(self, leaf: _Leaf) -> Iterator[Node]:
        """Larger changes, which pass from one piece of a function to another."""
        match leaf.node:
            case Number(value):
                steps = (1, -1) if value.denominator == 1 else (value / 8, -value / 8)
                yield from (Number(value + step) for step in steps)
            case Name(name) if name in self.sampler.domains:
                drawn = (d.scalars.get(name, d.sizes.get(name)) for d in self.draws)
                values = dict.fromkeys(value for value in drawn if isinstance(value, Fraction))
                yield from map(Number, islice(values, _MOST_VALUES))
            case node:
                yield Negative(node)

    def _changes(self, tree: Node, path: tuple[int, ...], new: Node, most: int) -> bool:
        changed = _replaced(tree, path, new)
        return any(
            self._differs(evaluator, tree, changed) for evaluator in islice(self._at(tree), most)
        )

    def _differs(self, evaluator: _Remembering, tree: Node, changed: Node) -> bool:
        before = evaluator.values[id(tree)]
        try:
            after = evaluator.value(changed)
        except _NONE:
            return True
        pairs = _pairs(before, after)
        return pairs is None or any(
            self.engine.certainly_differ(one, other)
            or (self.engine.finite(one) and not self.engine.finite(other))
            for one, other in pairs
        )

    def _is_usual(self, leaf: _Leaf, expected: Node) -> bool:
        """Whether the reference has an idle leaf in a function of the same kind."""
        return bool(leaf.kind) and any(
            other.kind == leaf.kind and self._is_idle(expected, other)
            for other in _leaves(expected, _Leaf(node=expected, path=()))
        )

    def _largest(self, tree: Node, leaf: _Leaf) -> Node:
        """The largest part around a leaf that does not matter either."""
        found, nodes = leaf.node, [tree]
        for place in leaf.path:
            nodes.append(children(nodes[-1])[place])
        for length in range(len(leaf.path) - 1, 0, -1):
            scaled = multiply(Number(_NEARLY_ONE), nodes[length])
            if self._changes(tree, leaf.path[:length], scaled, _MOST_VALUES):
                break
            found = nodes[length]
        return found

    # --- algebra ---

    def _same_by_algebra(self, one: Node, other: Node) -> bool:
        return same_by_algebra(one, other, self.sampler, self.budget)

    # --- parts that are constant ---

    def _constant(self, given: Node, expected: Node) -> Node | None:
        """A part with symbols and branches that has one value at all points, if there is one."""
        usual = set(walk(expected))
        parts = [n for n in walk(given) if n not in usual and _branches(n) and _has_symbols(n)]
        if not parts:
            return None
        at = list(self._at(given))
        for part in parts:
            values = [e.values[id(part)] for e in at if id(part) in e.values]
            if len(values) < 3 or not self._all_equal(values):
                continue
            if not self._is_constant(part):
                return part
        return None

    def _all_equal(self, values: list[Any]) -> bool:
        for value in values[1:]:
            pairs = _pairs(values[0], value)
            if pairs is None or any(self.engine.certainly_differ(*pair) for pair in pairs):
                return False
        return True

    def _is_constant(self, part: Node) -> bool:
        """Whether algebra says so: its value is the same for other values of the symbols."""
        formal = Formal()
        points = (self.sampler.residue_point(formal)[0] for _ in range(2))
        try:
            one, other = (Evaluator(formal, point, self.budget).value(part) for point in points)
        except _NONE:
            return False
        return bool(one == other)


def _branches(node: Node) -> bool:
    return any(
        (isinstance(inner, Call) and inner.function in _BRANCHING)
        or (isinstance(inner, Power) and _is_root(inner.exponent))
        for inner in walk(node)
    )


def _is_root(exponent: Node) -> bool:
    value = exact_value(exponent, {})
    return value is not None and value.denominator != 1


def _has_symbols(node: Node) -> bool:
    return bool(symbols_of(node)) and not isinstance(node, Name)


def _pairs(one: Any, other: Any) -> list[tuple[Any, Any]] | None:
    """The entries side by side; None if the shapes differ."""
    rows = [value.rows if isinstance(value, Grid) else ((value,),) for value in (one, other)]
    if [len(row) for row in rows[0]] != [len(row) for row in rows[1]]:
        return None
    return list(zip(sum(rows[0], ()), sum(rows[1], ()), strict=True))


def same_by_algebra(one: Node, other: Node, sampler: Sampler, budget: Budget) -> bool:
    """Whether two trees are equal whatever the functions in them mean."""
    formal = Formal()
    try:
        for _ in range(2 if sampler.is_sized else 1):
            point, _ = sampler.residue_point(formal)
            evaluator = Evaluator(formal, point, budget)
            pairs = _pairs(evaluator.value(one), evaluator.value(other))
            if pairs is None or any(left != right for left, right in pairs):
                return False
    except _NONE:
        return False
    return True
