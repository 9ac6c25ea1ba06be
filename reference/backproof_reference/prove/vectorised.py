"""Evaluate an expression for all its free indices at once, in float64 tensors.

The meaning is that of ``evaluate.Evaluator``: an empty sum is zero, an entry outside a declared
support is zero, any other entry that is not there is an error. It is differentiable.
"""

import functools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sympy as sp
import torch

from backproof_reference.prove.evaluate import NotRationalError, whole
from backproof_reference.prove.model import Definition, Expr, Setting, Sizes
from backproof_reference.prove.operators import definitions_by_name, indices_of, name_of

# Elements that one summation may hold at a time; a longer one is added up in pieces.
BUDGET = 1 << 22

Scope = Mapping[Any, torch.Tensor]
Matters = torch.Tensor | None
"""Where a value is wanted; None: everywhere."""


def evaluate_all(
    expr: Expr,
    setting: Setting,
    sizes: Sizes,
    values: Mapping[str, torch.Tensor],
    axes: Sequence[Any],
) -> torch.Tensor:
    """The values of an expression, with one axis for each of ``axes``, over its whole range.

    Raises:
        KeyError: a symbol has no value.
        IndexError: an array is read where it has no entry.
        NotRationalError: the expression is outside the language.
    """
    spans = [setting.ranges[axis] for axis in axes]
    bounds = [(whole(low, sizes), whole(high, sizes)) for low, high in spans]
    shape = tuple(high - low + 1 for low, high in bounds)
    if min(shape, default=1) < 1:
        raise IndexError(f"an index of {list(axes)} has no value at these sizes")
    device = next((value.device for value in values.values()), torch.device("cpu"))
    scope = {}
    for at, (axis, (low, high)) in enumerate(zip(axes, bounds, strict=True)):
        place = torch.arange(low, high + 1, device=device)
        scope[axis] = place.reshape([-1 if axis_ == at else 1 for axis_ in range(len(axes))])
    evaluator = _Evaluator(setting, sizes, values, device, len(axes))
    return evaluator.value(expr, scope, None).expand(shape).clone()


@dataclass(frozen=True)
class _Evaluator:
    """Every index is a tensor of positions on an axis of its own; new axes come first."""

    setting: Setting
    sizes: Sizes
    values: Mapping[str, torch.Tensor]
    device: torch.device
    rank: int
    definitions: Mapping[str, Definition] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "definitions", definitions_by_name(self.setting))

    def value(self, expr: Expr, scope: Scope, matters: Matters) -> torch.Tensor:
        """The value where it ``matters``; anything elsewhere."""
        match expr:
            case sp.Sum():
                return self._sum(expr.function, expr.limits, scope, matters)
            case sp.Indexed():
                return self._entry(expr, scope, matters)
            case sp.KroneckerDelta():
                left, right = (self._whole(arg, scope) for arg in expr.args)
                return (left == right).to(torch.float64)
            case sp.Add():
                return sum(
                    (self.value(arg, scope, matters) for arg in expr.args), start=self._number(0.0)
                )
            case sp.Mul():
                return self._product(expr.args, scope, matters)
            case sp.Pow():
                return self._power(expr, scope, matters)
            case sp.Rational():
                return self._number(int(expr.p) / int(expr.q))
            case sp.Symbol():
                return self._scalar(expr, scope, matters)
        raise NotRationalError(f"{type(expr).__name__} in {expr} cannot be evaluated")

    def _number(self, value: float) -> torch.Tensor:
        return torch.tensor(value, dtype=torch.float64, device=self.device)

    def _scalar(self, symbol: Expr, scope: Scope, matters: Matters) -> torch.Tensor:
        if symbol in scope or symbol in self.sizes:
            return self._whole(symbol, scope).to(torch.float64)
        if symbol.name in self.definitions:
            return self._root(symbol.name, (), matters)
        value = self.values[symbol.name]
        if value.ndim:
            raise ValueError(f"{symbol} is a number, not an array of shape {tuple(value.shape)}")
        return value

    def _root(self, name: str, place: Sequence[torch.Tensor], matters: Matters) -> torch.Tensor:
        definition = self.definitions[name]
        scope = dict(zip(indices_of(definition.symbol), place, strict=True))
        base = _safe(self.value(definition.base, scope, matters), matters)
        if definition.function:
            return torch.exp(base) if definition.function == "exp" else torch.log(base)
        return torch.pow(base, float(definition.exponent))

    def _entry(self, expr: Expr, scope: Scope, matters: Matters) -> torch.Tensor:
        name = name_of(expr)
        place = _together([self._whole(index, scope) for index in expr.indices])
        if name in self.definitions:
            return self._root(name, place, matters)
        array = self.values[name]
        if array.ndim != len(place):
            raise ValueError(f"{name} has {array.ndim} axes, {expr} needs {len(place)}")
        shape = self.setting.support.get(name)
        if shape is not None and tuple(array.shape) != self._lengths(shape):
            raise IndexError(f"{name} has the shape {tuple(array.shape)}, not that of its support")
        inside = torch.ones_like(place[0], dtype=torch.bool)
        for at, length in zip(place, array.shape, strict=True):
            inside = inside & (at >= 0) & (at < length)
        if bool(inside.all()):
            return array[place]
        if shape is None and bool(_both(matters, ~inside).any()):
            raise IndexError(f"{expr} is read outside {name}, which has {tuple(array.shape)}")
        safe = tuple(torch.where(inside, at, 0) for at in place)
        return torch.where(inside, array[safe], 0.0)

    def _lengths(self, shape: Sequence[Expr]) -> tuple[int, ...]:
        return tuple(whole(extent, self.sizes) for extent in shape)

    def _product(self, factors: Any, scope: Scope, matters: Matters) -> torch.Tensor:
        deltas = [factor for factor in factors if isinstance(factor, sp.KroneckerDelta)]
        others = [factor for factor in factors if not isinstance(factor, sp.KroneckerDelta)]
        total = self._number(1.0)
        if not deltas:
            return math.prod((self.value(part, scope, matters) for part in others), start=total)
        for delta in deltas:
            total = total * self.value(delta, scope, matters)
        # Where a delta is zero the other factors need have no value.
        hit = total != 0
        for factor in others:
            total = total * self.value(factor, scope, _both(matters, hit))
        return total if bool(hit.all()) else torch.where(hit, total, 0.0)

    def _power(self, expr: Expr, scope: Scope, matters: Matters) -> torch.Tensor:
        base = _safe(self.value(expr.base, scope, matters), matters)
        if isinstance(expr.exp, sp.Rational):
            return torch.pow(base, int(expr.exp) if expr.exp.is_Integer else float(expr.exp))
        return torch.pow(base, self._whole(expr.exp, scope))

    def _sum(self, body: Expr, limits: Any, scope: Scope, matters: Matters) -> torch.Tensor:
        if not limits:
            return self.value(body, scope, matters)
        *inner, (index, low, high) = limits
        first, last = self._whole(low, scope), self._whole(high, scope)
        start, stop = int(first.min()), int(last.max()) + 1
        free = _free_symbols(body)
        used = [at for symbol, at in scope.items() if symbol in free]
        width = max(1, BUDGET // _elements(used))
        deeper = _Evaluator(self.setting, self.sizes, self.values, self.device, self.rank + 1)
        total = self._number(0.0)
        for begin in range(start, stop, width):
            place = torch.arange(begin, min(begin + width, stop), device=self.device)
            place = place.reshape([-1, *[1] * self.rank])
            within = (place >= first) & (place <= last)
            if bool(within.all()):
                term = deeper._sum(body, inner, {**scope, index: place}, matters)
            else:
                wanted = _both(matters, within)
                term = deeper._sum(body, inner, {**scope, index: place}, wanted)
                term = torch.where(within, term, 0.0)
            # A body without the index, such as a constant, still counts once for each position.
            lengths = term.shape[1:] if term.ndim > self.rank else term.shape
            total = total + term.expand(len(place), *lengths).sum(dim=0)
        return total

    def _whole(self, expr: Expr, scope: Scope) -> torch.Tensor:
        """An index or a bound, as integers."""
        # The one reading of an integer polynomial; tensors have the + and * it needs.
        env: dict[Any, Any] = {**self.sizes, **scope}
        return torch.as_tensor(whole(expr, env), device=self.device)


@functools.lru_cache(maxsize=1 << 12)
def _free_symbols(expr: Expr) -> frozenset[Any]:
    """SymPy walks the whole tree each time, which took as long as the arithmetic."""
    return frozenset(expr.free_symbols)


def _both(matters: Matters, also: torch.Tensor) -> torch.Tensor:
    """Where both hold."""
    return also if matters is None else matters & also


def _safe(base: torch.Tensor, matters: Matters) -> torch.Tensor:
    """1 where no value is wanted: a base that is not the real one may be zero there."""
    return base if matters is None else torch.where(matters, base, 1.0)


def _elements(tensors: Sequence[torch.Tensor]) -> int:
    """How many elements all of these span together."""
    return _together(tensors)[0].numel() if tensors else 1


def _together(tensors: Sequence[torch.Tensor]) -> tuple[torch.Tensor, ...]:
    """All in one shape."""
    return tuple(torch.broadcast_tensors(*tensors))  # type: ignore[no-untyped-call]
