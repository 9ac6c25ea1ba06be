"""Read an index expression at explicit sizes, in any algebra that has +, * and **."""

import functools
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import sympy as sp

from backproof_reference.prove.model import Expr, Setting


class NotRationalError(ValueError):
    """The expression is not a rational function of its symbols."""


class Atom(NamedTuple):
    """One unknown at explicit sizes: an entry of an indexed symbol, or a scalar (no index).

    ``sign`` is 1 or -1 where the symbol is declared not to change its sign, and 0 elsewhere.
    """

    name: str
    place: tuple[int, ...]
    sign: int
    integer: bool

    @classmethod
    def of(cls, symbol: Any, name: str, place: tuple[int, ...]) -> "Atom":
        """The atom of a scalar or of an array, with what its symbol declares."""
        sign = 1 if symbol.is_nonnegative else -1 if symbol.is_nonpositive else 0
        return cls(name, place, sign, bool(symbol.is_integer))

    def __str__(self) -> str:
        return f"{self.name}[{','.join(map(str, self.place))}]" if self.place else self.name


Env = Mapping[Any, int]


class Evaluator:
    """Evaluate expressions, asking ``value`` for atoms and ``constant`` for rational numbers."""

    def __init__(
        self, setting: Setting, value: Callable[[Atom], Any], constant: Callable[[Fraction], Any]
    ) -> None:
        self._setting = setting
        self._value = value
        self._constant = constant

    def __call__(self, expr: Expr, env: Env) -> Any:
        """The value of ``expr`` where ``env`` gives every size and every free index."""
        match expr:
            case sp.Sum():
                return self._sum(expr.function, expr.limits, env)
            case sp.Indexed():
                return self._entry(expr, env)
            case sp.KroneckerDelta() if len(expr.args) == 2:
                equal = whole(expr.args[0], env) == whole(expr.args[1], env)
                return self._constant(Fraction(equal))
            case sp.Add():
                first, *rest = (self(arg, env) for arg in expr.args)
                return sum(rest, start=first)
            case sp.Mul():
                return self._product(expr, env)
            case sp.Pow():
                return self._power(expr, env)
            case sp.Rational():
                return self._constant(Fraction(int(expr.p), int(expr.q)))
            case sp.Symbol():
                if expr in env:
                    return self._constant(Fraction(env[expr]))
                return self._value(Atom.of(expr, expr.name, ()))
        raise NotRationalError(f"{type(expr).__name__} in {expr} is outside the checker's language")

    def _sum(self, body: Expr, limits: Any, env: Env) -> Any:
        # SymPy lists the innermost limit first; outer indices may bound inner ones.
        if not limits:
            return self(body, env)
        *inner, (index, low, high) = limits
        total = self._constant(Fraction(0))
        for position in range(whole(low, env), whole(high, env) + 1):
            deeper = {**env, index: position}
            if not (inner and _vanishes(body, inner, deeper)):
                total = total + self._sum(body, inner, deeper)
        return total

    def _entry(self, expr: Expr, env: Env) -> Any:
        name = expr.base.label.name
        index = tuple(whole(part, env) for part in expr.indices)
        shape = self._setting.support.get(name)
        if shape is not None and any(
            not 0 <= at < whole(extent, env) for at, extent in zip(index, shape, strict=True)
        ):
            return self._constant(Fraction(0))
        return self._value(Atom.of(expr.base, name, index))

    def _product(self, product: Expr, env: Env) -> Any:
        # Where a delta is zero the other factors need have no value; 0 times 1/0 is no value else.
        first, *rest = _deltas_first(product)
        result, delta = self(first, env), first
        for factor in rest:
            if isinstance(delta, sp.KroneckerDelta) and not result:
                break
            result, delta = result * self(factor, env), factor
        return result

    def _power(self, expr: Expr, env: Env) -> Any:
        if isinstance(expr.exp, sp.Rational) and not expr.exp.is_Integer:
            exponent: Fraction | int = Fraction(int(expr.exp.p), int(expr.exp.q))
        else:
            exponent = whole(expr.exp, env)
        return self(expr.base, env) ** exponent


def whole(expr: Expr, env: Mapping[Any, Any]) -> Any:
    """The integer an index, a bound or an exponent stands for (or a tensor of integers)."""
    if expr in env:
        return env[expr]
    total: Any = 0
    for coefficient, symbols in _products(expr):
        product: Any = coefficient
        for symbol in symbols:
            if symbol not in env:
                raise NotRationalError(f"{symbol} in {expr} has no value, or is no integer")
            product = product * env[symbol]
        total = total + product
    return total


@functools.lru_cache(maxsize=1 << 16)
def _products(expr: Expr) -> tuple[tuple[int, tuple[Expr, ...]], ...]:
    """An integer polynomial multiplied out: numbers times symbols, to be added up."""
    match expr:
        case sp.Integer():
            return ((int(expr), ()),)
        case sp.Symbol():
            return ((1, (expr,)),)
        case sp.Add():
            return tuple(product for part in expr.args for product in _products(part))
        case sp.Mul():
            return _multiplied(expr.args)
        case sp.Pow() if expr.exp.is_Integer and expr.exp > 0:
            return _multiplied([expr.base] * int(expr.exp))
    raise NotRationalError(f"{expr} must be an integer polynomial in the sizes and indices")


def _multiplied(factors: Sequence[Expr]) -> tuple[tuple[int, tuple[Expr, ...]], ...]:
    found: tuple[tuple[int, tuple[Expr, ...]], ...] = ((1, ()),)
    for factor in factors:
        found = tuple(
            (number * other, symbols + more)
            for number, symbols in found
            for other, more in _products(factor)
        )
    return found


def _vanishes(body: Expr, inner: Any, env: Env) -> bool:
    """Whether a delta among the factors is zero already, whatever the inner indices will be."""
    later = {limit[0] for limit in inner}
    for delta in _deltas(body):
        known = delta.free_symbols
        if known.isdisjoint(later) and known <= env.keys():
            left, right = delta.args
            if whole(left, env) != whole(right, env):
                return True
    return False


@functools.lru_cache(maxsize=1 << 16)
def _deltas(body: Expr) -> tuple[Expr, ...]:
    return tuple(part for part in sp.Mul.make_args(body) if isinstance(part, sp.KroneckerDelta))


@functools.lru_cache(maxsize=1 << 16)
def _deltas_first(product: Expr) -> tuple[Expr, ...]:
    """The factors; most terms of a scatter are zero and need no further work."""
    return tuple(sorted(product.args, key=lambda part: not isinstance(part, sp.KroneckerDelta)))
