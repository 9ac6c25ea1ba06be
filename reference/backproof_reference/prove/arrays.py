"""Evaluate a checked expression as it stands, with NumPy, at all its free indices at once.

This is how a rule in index notation becomes code: sums become axes that are summed, deltas become
comparisons, and entries outside their support are zero. On small integers every result is exact.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import sympy as sp

from backproof_reference.prove.evaluate import NotRationalError, whole
from backproof_reference.prove.model import Expr, Setting, Sizes
from backproof_reference.prove.operators import indices_of, name_of

Array = npt.NDArray[Any]
# Integer arrays by symbol. Sums stand in front of the free axes, the innermost one first.
Scope = Mapping[Any, Any]


def evaluate_array(
    expr: Expr,
    setting: Setting,
    sizes: Sizes,
    axes: tuple[Expr, ...],
    values: Mapping[str, Array],
) -> Array:
    """The values of an expression as a float64 array with one axis for each free index in ``axes``.

    Every index runs over its range in ``setting``; ``values`` holds an array for every symbol
    without a definition.

    Raises:
        KeyError: if ``values`` lacks a symbol, or an axis has no range.
        IndexError: if an entry is read that does not exist and is not declared to be zero.
        NotRationalError: if the expression holds anything but sums, products, powers and deltas.
    """
    spans = []
    for axis in axes:
        low, high = setting.ranges[axis]
        spans.append(np.arange(whole(low, sizes), whole(high, sizes) + 1))
    grid = np.meshgrid(*spans, indexing="ij", sparse=True)
    scope = {**sizes, **dict(zip(axes, grid, strict=True))}
    found = _Reader(setting, values).read(expr, scope, np.asarray(True), len(axes))
    return np.array(np.broadcast_to(found, tuple(map(len, spans))), dtype=np.float64)


class _Reader:
    """Reads expressions; ``active`` says where a value is wanted, ``depth`` counts the axes."""

    def __init__(self, setting: Setting, values: Mapping[str, Array]) -> None:
        self._support = setting.support
        self._values = values
        self._definitions = {name_of(known.symbol): known for known in setting.definitions}

    def read(self, expr: Expr, scope: Scope, active: Array, depth: int) -> Any:
        match expr:
            case sp.Sum():
                return self._sum(expr.function, expr.limits, scope, active, depth)
            case sp.Indexed():
                place = tuple(whole(index, scope) for index in expr.indices)
                return self._entry(expr.base.label.name, place, scope, active, depth)
            case sp.KroneckerDelta():
                return np.equal(whole(expr.args[0], scope), whole(expr.args[1], scope)) * 1.0
            case sp.Add():
                return sum(self.read(part, scope, active, depth) for part in expr.args)
            case sp.Mul():
                return self._product(expr.args, scope, active, depth)
            case sp.Pow():
                base = self.read(expr.base, scope, active, depth)
                # Where no value is wanted the base is not the real one and might be zero.
                return np.power(np.where(active, base, 1.0), float(whole(expr.exp, scope)))
            case sp.Rational():
                return np.float64(int(expr.p)) / np.float64(int(expr.q))
            case sp.Symbol() if expr in scope:
                return np.asarray(scope[expr], dtype=np.float64)
            case sp.Symbol():
                return self._entry(expr.name, (), scope, active, depth)
        raise NotRationalError(f"{type(expr).__name__} in {expr} has no value here")

    def _sum(self, body: Expr, limits: Any, scope: Scope, active: Array, depth: int) -> Any:
        # SymPy lists the innermost limit first; outer indices may bound inner ones.
        if not limits:
            return self.read(body, scope, active, depth)
        *inner, (index, low, high) = limits
        first, last = np.asarray(whole(low, scope)), np.asarray(whole(high, scope))
        at = np.arange(first.min(), last.max() + 1).reshape(-1, *[1] * depth)
        taken = (first <= at) & (at <= last)
        terms = self._sum(body, inner, {**scope, index: at}, active & taken, depth + 1)
        return np.where(taken, terms, 0.0).sum(axis=0)

    def _product(self, factors: Any, scope: Scope, active: Array, depth: int) -> Any:
        # Deltas first: where one is zero, the other factors need not exist.
        result: Any = np.float64(1)
        for factor in sorted(factors, key=lambda part: not isinstance(part, sp.KroneckerDelta)):
            wanted = active & (result != 0)
            value = self.read(factor, scope, wanted, depth)
            result = result * np.where(wanted, value, 0.0)
        return result

    def _entry(
        self, name: str, place: tuple[Any, ...], scope: Scope, active: Array, depth: int
    ) -> Any:
        if name in self._definitions:
            known = self._definitions[name]
            bound = dict(zip(indices_of(known.symbol), place, strict=True))
            base = self.read(known.base, {**scope, **bound}, active, depth)
            return np.power(np.where(active, base, 1.0), float(known.exponent))
        array = np.asarray(self._values[name], dtype=np.float64)
        if len(place) != array.ndim:
            raise IndexError(f"{name} is read at {len(place)} indices, given with {array.ndim}")
        inside = np.asarray(True)
        for at, extent in zip(place, array.shape, strict=True):
            inside = inside & (np.less_equal(0, at) & np.less(at, extent))
        if name not in self._support:
            if np.any(active & ~inside):
                raise IndexError(f"{name} is read outside its shape {array.shape}")
        elif array.shape != tuple(whole(extent, scope) for extent in self._support[name]):
            raise IndexError(f"{name} has the shape {array.shape}, which is not its support")
        clipped = [
            np.clip(at, 0, extent - 1) for at, extent in zip(place, array.shape, strict=True)
        ]
        return np.where(inside, array[tuple(clipped)], 0.0) if place else array
