"""What must be true of a derivation as it is written, before any step is judged.

A reader must be able to take it at its word: one name means one thing, every step says something
new, an operator has something to act on and keeps within the signs that are declared, and no
mistake is listed twice.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sympy as sp

from backproof_reference.prove.model import (
    Differentiate,
    Expect,
    Expr,
    Mutant,
    OneHot,
    Op,
    Reindex,
    Setting,
    Sizes,
    Step,
    Substitute,
)
from backproof_reference.prove.split import Split, summed

ASSUMED = ("positive", "nonnegative", "negative", "nonpositive", "integer", "real", "zero")


def require_one_meaning(expressions: Iterable[Any]) -> None:
    """Refuse a name that stands for two symbols: they print alike and would be mixed up.

    Raises:
        ValueError: with the name and what tells its meanings apart.
    """
    known: dict[str, tuple[Any, int]] = {}
    for expr in expressions:
        for symbol, rank in sorted(_symbols(expr), key=str):
            name = _name(symbol)
            if not symbol.is_commutative:
                raise ValueError(f"{name} does not commute")
            other, other_rank = known.setdefault(name, (symbol, rank))
            if other != symbol or other_rank != rank:
                meanings = " and ".join(
                    sorted((_meaning(other, other_rank), _meaning(symbol, rank)))
                )
                raise ValueError(f"two different symbols are named {name}: {meanings}")


def expressions_of(step: Step) -> tuple[Any, ...]:
    """Everything that a step writes down."""
    return (step.expr, *_written(step.op))


def expressions_in(setting: Setting) -> tuple[Any, ...]:
    """Everything that the reading of the symbols writes down."""
    ends = [end for pair in setting.ranges.values() for end in pair]
    extents = [extent for shape in setting.support.values() for extent in shape]
    named = [part for each in setting.definitions for part in (each.symbol, each.base)]
    return (*setting.ranges, *ends, *extents, *named, *setting.nonnegative)


def require_progress(start: Expr, steps: Sequence[Step]) -> None:
    """Refuse a step that says nothing: the same expression again, or an operator on nothing.

    Raises:
        ValueError: with the step.
    """
    previous = start
    for step in steps:
        # exp is its own derivative: only there may the same expression come again.
        if not isinstance(step.op, Differentiate) and _plain(step.expr) == _plain(previous):
            raise ValueError(f"step {step.name!r} says the same as the expression before it")
        acted = _acted_on(step.op)
        if acted is not None and _label(acted) not in previous.atoms(sp.Symbol):
            raise ValueError(f"step {step.name!r}: there is no {acted} in the expression before it")
        _require_signs(step)
        previous = step.expr


def require_distinct(steps: Sequence[Step], mutants: Sequence[Mutant]) -> None:
    """Refuse a mistake that is listed twice, or that is no mistake.

    Raises:
        ValueError: with the two mutants.
    """
    right = {step.name: step.expr for step in steps}
    seen: dict[Any, str] = {}
    for mutant in mutants:
        wrong = _plain(mutant.expr)
        if wrong == _plain(right[mutant.step]):
            raise ValueError(f"mutant {mutant.id} is the right expression of step {mutant.step!r}")
        if wrong in seen:
            raise ValueError(f"mutants {seen[wrong]} and {mutant.id} are the same expression")
        seen[wrong] = mutant.id
    if len({mutant.id for mutant in mutants}) < len(mutants):
        raise ValueError(f"two mutants share an id: {[mutant.id for mutant in mutants]}")


def require_operand(previous: Expr, step: Step, setting: Setting, sizes: Sizes) -> None:
    """Refuse a size or an index where an unknown is meant, and the other way round.

    Raises:
        ValueError: with the symbol.
    """
    for name in setting.ranges.keys() & sizes.keys():
        raise ValueError(f"{name} is both a size and an index")
    written = (previous, *expressions_of(step), *expressions_in(setting))
    for name in set().union(*map(summed, written)) & sizes.keys():
        raise ValueError(f"{name} is both a size and a summation index")
    for shape in setting.support.values():
        for name in set().union(*(extent.free_symbols for extent in shape)) - sizes.keys():
            raise ValueError(f"the support {shape} depends on {name}, which is no size")
    if isinstance(step.op, Differentiate | Expect | Substitute | OneHot):
        symbol = _label(_written(step.op)[0])
        if symbol in setting.ranges or symbol in sizes:
            raise ValueError(f"{symbol} is a size or an index: no operator acts on it")
    _require_signs(step)


def unsettled_sign(symbol: Expr, new: Expr) -> str:
    """What ``new`` must be besides, since ``symbol`` is declared so; nothing if it certainly is.

    Raises:
        ValueError: if it certainly is not.
    """
    array = symbol.base if isinstance(symbol, sp.Indexed) else symbol
    if array.is_integer and not new.is_integer:
        raise ValueError(f"{symbol} is declared integer, and {new} may not be one")
    for sign, relation in (("positive", "> 0"), ("nonnegative", ">= 0")):
        if getattr(array, f"is_{sign}"):
            settled = getattr(new, f"is_{sign}")
            if settled is False:
                raise ValueError(f"{symbol} is declared {sign}, and {new} is not")
            return "" if settled else relation
    return ""


def _require_signs(step: Step) -> None:
    match step.op:
        case Substitute(old, new):
            unsettled_sign(old, new)
        case Expect(variable, moments):
            unsettled_sign(variable, moments[0])
            if len(moments) > 1 and (moments[1] - moments[0] ** 2).is_negative:
                raise ValueError(f"{variable} has no law with the moments {moments}")


def _acted_on(op: Op | None) -> Expr | None:
    """What an operator needs to be there; a derivative may be 0, or go through a definition."""
    match op:
        case Expect() | OneHot():
            return op.variable
        case Substitute():
            return op.old
    return None


def _written(op: Op | None) -> tuple[Any, ...]:
    match op:
        case Differentiate():
            return (op.wrt,)
        case Expect():
            return (op.variable, *op.moments)
        case Substitute():
            return (op.old, op.new)
        case OneHot():
            return (op.variable,)
        case Reindex() | Split():
            return tuple(op.indices)
    return ()


@functools.lru_cache(maxsize=1 << 14)
def _symbols(expr: Expr) -> frozenset[tuple[Any, int]]:
    """Every scalar and array with its number of indices; a scalar has none."""
    match expr:
        case sp.Indexed():
            inner = [_symbols(index) for index in expr.indices]
            return frozenset({(expr.base, len(expr.indices))}).union(*inner)
        case sp.Symbol():
            return frozenset({(expr, 0)})
    return frozenset().union(*(_symbols(part) for part in expr.args))


def _name(symbol: Any) -> str:
    return str(symbol.label.name if isinstance(symbol, sp.IndexedBase) else symbol.name)


def _label(symbol: Expr) -> Any:
    return symbol.base.label if isinstance(symbol, sp.Indexed) else symbol


def _meaning(symbol: Any, rank: int) -> str:
    known = [word for word in ASSUMED if getattr(symbol, f"is_{word}", None)]
    kind = f"an array with {rank} indices" if rank else "a scalar"
    kind = f"{kind} declared {', '.join(known)}" if known else f"{kind} of any sign"
    shape = getattr(symbol, "shape", None)
    return f"{kind} of shape {shape}" if rank and shape else kind


def _plain(expr: Expr, depth: int = 0, renamed: Mapping[Any, Any] | None = None) -> Expr:
    """The expression with summation indices named by their depth: another letter is no change."""
    renamed = renamed or {}
    match expr:
        case sp.Symbol():
            return renamed.get(expr, expr)
        case sp.Sum():
            within, limits = dict(renamed), []
            for index, low, high in reversed(expr.limits):  # the outermost comes last
                ends = (_plain(low, depth, within), _plain(high, depth, within))
                within[index] = sp.Symbol(f"%{depth}", integer=True)
                limits.append((within[index], *ends))
                depth += 1
            return sp.Sum(_plain(expr.function, depth, within), *reversed(limits))
        case _ if expr.args and not isinstance(expr, sp.IndexedBase):
            return expr.func(*(_plain(part, depth, renamed) for part in expr.args))
    return expr
