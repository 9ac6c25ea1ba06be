"""A SymPy expression as a small tree in reading order, which all printers share.

Reading calls no simplification: what is printed is what was checked, term by term. Positive terms
come first, sums stand last in a product, and a product is written as one
fraction before whatever is long.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import sympy as sp

from backproof_reference.prove import Definition, Expr
from backproof_reference.prove.operators import indices_of, name_of


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number that is not negative."""

    value: int


@dataclass(frozen=True, slots=True)
class Name:
    """A scalar, a size or an index."""

    name: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of an array."""

    array: str
    indices: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Total:
    """The sum of ``body`` over ``low <= index <= high``."""

    index: str
    low: "Node"
    high: "Node"
    body: "Node"


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms with their signs; a single term is there only with a minus sign."""

    items: "tuple[tuple[bool, Node], ...]"


@dataclass(frozen=True, slots=True)
class Product:
    """At least two factors."""

    factors: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Quotient:
    """above / below."""

    above: "Node"
    below: "Node"


@dataclass(frozen=True, slots=True)
class Power:
    """base ^ exponent."""

    base: "Node"
    exponent: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its arguments; ``sqrt`` and ``delta`` (Kronecker) are written specially."""

    function: str
    arguments: "tuple[Node, ...]"


Node: TypeAlias = Number | Name | Entry | Total | Terms | Product | Quotient | Power | Call


@dataclass(frozen=True, slots=True)
class Scope:
    """What bound symbols stand for, and the names of the sums around, which none may hide."""

    nodes: Mapping[Any, Node] = field(default_factory=dict)
    bound: frozenset[str] = frozenset()


Rename = Callable[[str, frozenset[str]], str]

_FUNCTIONS = {"Abs": "abs", "Max": "max", "Min": "min", "KroneckerDelta": "delta"}
# Short factors first, sums last: what follows a sum would be read as part of it.
_RANKS = (sp.Rational, sp.Symbol, sp.Pow, sp.Indexed, sp.Function, sp.Add, sp.Sum)


def _same(name: str, taken: frozenset[str]) -> str:
    return name


@dataclass(frozen=True)
class Reader:
    """Reads expressions.

    ``definitions``: named values to write out. ``rename``: gives every summation index its name,
    from its own and those of the sums around it.
    """

    definitions: Mapping[str, Definition] = field(default_factory=dict)
    rename: Rename = _same

    def __call__(self, expr: Expr, scope: Scope | None = None) -> Node:
        """The tree of an expression; ``scope`` says what bound symbols are."""
        scope = Scope() if scope is None else scope
        match expr:
            case sp.Add():
                return self._terms(expr, scope)
            case sp.Mul():
                return self._product(expr, scope)
            case sp.Rational():
                return _signed(expr < 0, _number(abs(expr)))
            case sp.Pow():
                return self._power(expr.base, expr.exp, scope)
            case sp.Symbol() if expr in scope.nodes:
                return scope.nodes[expr]
            case sp.Symbol():
                return self._named(expr, (), Name(expr.name), scope)
            case sp.Indexed():
                indices = tuple(self(index, scope) for index in expr.indices)
                return self._named(expr, indices, Entry(name_of(expr), indices), scope)
            case sp.Sum():
                return self._sum(expr.function, expr.limits, scope)
        name = type(expr).__name__
        if not expr.args:
            return Name(str(expr))
        return Call(_FUNCTIONS.get(name, name), tuple(self(arg, scope) for arg in expr.args))

    def meaning(self, named: Definition, scope: Scope | None = None) -> Node:
        """The tree of what a named value stands for; SymPy is not asked to evaluate it."""
        scope = Scope() if scope is None else scope
        if named.function:
            return Call(named.function, (self(named.base, scope),))
        return self._power(named.base, sp.Rational(named.exponent), scope)

    def _named(self, symbol: Expr, indices: tuple[Node, ...], plain: Node, scope: Scope) -> Node:
        definition = self.definitions.get(name_of(symbol))
        if definition is None:
            return plain
        nodes = dict(zip(indices_of(definition.symbol), indices, strict=True))
        within = Scope(nodes, scope.bound)
        return self.meaning(definition, within)

    def _sum(self, body: Expr, limits: Any, scope: Scope) -> Node:
        if not limits:
            return self(body, scope)
        # SymPy lists the innermost limit first; without dependent bounds the order is free, and
        # the author's reads better.
        if len(limits) > 1 and not _dependent(limits):
            limits = tuple(reversed(limits))
        return self._nested(body, limits, scope)

    def _nested(self, body: Expr, limits: Any, scope: Scope) -> Node:
        if not limits:
            return self(body, scope)
        *inner, (index, low, high) = limits
        name = self.rename(index.name, scope.bound)
        within = Scope({**scope.nodes, index: Name(name)}, scope.bound | {name})
        return Total(name, self(low, scope), self(high, scope), self._nested(body, inner, within))

    def _terms(self, expr: Expr, scope: Scope) -> Node:
        items = [_unsigned(self(term, scope)) for term in expr.as_ordered_terms()]
        return Terms(tuple(sorted(items, key=lambda item: item[0])))

    def _power(self, base: Expr, exponent: Expr, scope: Scope) -> Node:
        if exponent.is_Rational and exponent < 0:
            return Quotient(Number(1), self._power(base, -exponent, scope))
        below = self(base, scope)
        if exponent == 1:
            return below
        if exponent == sp.Rational(1, 2):
            return Call("sqrt", (below,))
        match below:
            case Quotient(Number(1), denominator):  # from a root that was written out
                return Quotient(Number(1), _raised(denominator, exponent, self(exponent, scope)))
        return _raised(below, exponent, self(exponent, scope))

    def _product(self, expr: Expr, scope: Scope) -> Node:
        above: list[Node] = []
        below: list[Node] = []
        long: list[Node] = []
        factors = sorted(expr.as_ordered_factors(), key=_rank)
        alone = sum(not (_is_division(factor) or factor.is_Rational) for factor in factors) == 1
        negative = False
        for factor in factors:
            if factor.is_Rational:
                negative = negative != bool(factor < 0)
                above += [Number(abs(int(factor.p)))] * (abs(factor.p) != 1)
                below += [Number(int(factor.q))] * (factor.q != 1)
            elif _is_division(factor):
                below.append(self._power(factor.base, -factor.exp, scope))
            elif factor.has(sp.Sum) or (isinstance(factor, sp.Add) and not (alone and not above)):
                long.append(self(factor, scope))
            else:
                above.append(self(factor, scope))
        if below:
            above = [Quotient(_multiplied(above), _multiplied(below))]
        return _signed(negative, _multiplied([*above, *long]))


def _raised(base: Node, exponent: Expr, shown: Node) -> Node:
    """A power; an even power of a root needs no root."""
    match base:
        case Call("sqrt", (inner,)) if exponent.is_Integer and exponent % 2 == 0:
            return inner if exponent == 2 else Power(inner, Number(int(exponent) // 2))
    return Power(base, shown)


def _dependent(limits: Any) -> bool:
    """Whether a bound of a sum mentions the index of another one."""
    indices = {limit[0] for limit in limits}
    return any(indices & (limit[1].free_symbols | limit[2].free_symbols) for limit in limits)


def _is_division(factor: Expr) -> bool:
    return isinstance(factor, sp.Pow) and bool(factor.exp.is_Rational and factor.exp < 0)


def _rank(factor: Expr) -> int:
    kind = factor.base if isinstance(factor, sp.Pow) and not factor.base.is_Symbol else factor
    return next((at for at, known in enumerate(_RANKS) if isinstance(kind, known)), len(_RANKS))


def _number(value: Expr) -> Node:
    above = Number(int(value.p))
    return above if value.q == 1 else Quotient(above, Number(int(value.q)))


def _multiplied(factors: list[Node]) -> Node:
    if len(factors) < 2:
        return factors[0] if factors else Number(1)
    return Product(tuple(factors))


def _signed(negative: bool, node: Node) -> Node:
    return Terms(((True, node),)) if negative else node


def _unsigned(node: Node) -> tuple[bool, Node]:
    match node:
        case Terms(((negative, inner),)):
            return negative, inner
        case _:
            return False, node


def walk(node: Node) -> Iterator[Node]:
    """A tree's nodes, the root first."""
    yield node
    match node:
        case Entry(_, below) | Product(below) | Call(_, below):
            children: tuple[Node, ...] = below
        case Total(_, low, high, body):
            children = (low, high, body)
        case Terms(items):
            children = tuple(term for _, term in items)
        case Quotient(first, second) | Power(first, second):
            children = (first, second)
        case _:
            children = ()
    for child in children:
        yield from walk(child)
