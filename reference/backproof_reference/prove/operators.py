"""What operators and definitions mean for symbols; shared by the exact and the sampled checks."""

from collections.abc import Iterable
from typing import Any

import sympy as sp

from backproof_reference.prove.evaluate import Atom, Env, Evaluator
from backproof_reference.prove.model import (
    Definition,
    Differentiate,
    Expect,
    Expr,
    OneHot,
    Op,
    Reindex,
    Setting,
    Substitute,
)
from backproof_reference.prove.split import Split, summed


def substitute(expr: Expr, op: Substitute) -> Expr:
    """``expr`` with every entry of ``op.old`` replaced."""
    outside = op.new.free_symbols - set(indices_of(op.old))
    captured = outside & summed(expr)
    if captured:
        raise ValueError(f"{op.new} mentions the summation index {captured}: rename it")
    places = [part.indices for part in expr.atoms(sp.Indexed) if part.base == _base(op.old)]
    met = {symbol for indices in places for at in indices for symbol in at.free_symbols}
    if met & summed(op.new):
        raise ValueError(
            f"{op.new} sums over {met & summed(op.new)}, an index of {op.old}: rename it"
        )
    if isinstance(op.old, sp.Symbol):
        if op.old in summed(expr):
            raise ValueError(f"{op.old} is also a summation index: rename it")
        return expr.xreplace({op.old: op.new})
    return expr.replace(
        lambda part: isinstance(part, sp.Indexed) and part.base == op.old.base,
        lambda part: op.new.xreplace(dict(zip(op.old.indices, part.indices, strict=True))),
    )


def _base(symbol: Expr) -> Expr:
    return symbol.base if isinstance(symbol, sp.Indexed) else None


def require_sum(expr: Expr, op: Reindex) -> None:
    """Refuse to count a sum backwards that is not there."""
    missing = set(op.indices) - summed(expr)
    if missing or not op.indices:
        raise ValueError(f"there is no sum over {missing or 'nothing'} to count backwards")


def require_visible(symbol: Expr, setting: Setting) -> None:
    """Refuse to substitute or average a symbol that is hidden inside a named root."""
    for definition in setting.definitions:
        if name_of(symbol) in {part.name for part in definition.base.atoms(sp.Symbol)}:
            raise ValueError(f"{symbol} is hidden in the definition of {definition.symbol}")


def require_free(op: Op | None, setting: Setting) -> None:
    """Refuse an operator on a defined symbol as if it were free: it follows from its base.

    Only a plain name (exponent 1) may be substituted: by the value an assumption gives its base.
    """
    match op:
        case Differentiate():
            symbol = op.wrt
        case Expect() | OneHot():
            symbol = op.variable
        case Substitute():
            symbol = op.old
        case Reindex() | Split() | None:
            return
    known = definitions_by_name(setting).get(name_of(symbol))
    if known is not None and not (isinstance(op, Substitute) and known.exponent == 1):
        raise ValueError(f"{symbol} is defined by other symbols")


def op_expressions(op: Op | None) -> tuple[Expr, ...]:
    """The expressions of an operator that may mention a free index."""
    match op:
        case None:
            return ()
        case Differentiate():
            return (op.wrt,)
        case Expect():
            return op.moments
        case Substitute():
            return (op.new,)
        case Reindex() | OneHot() | Split():
            return ()


def name_of(symbol: Expr) -> str:
    """The name of a scalar, or of the array an entry belongs to."""
    return str(symbol.base.label.name if isinstance(symbol, sp.Indexed) else symbol.name)


def indices_of(symbol: Expr) -> tuple[Expr, ...]:
    """The index symbols of an entry; none for a scalar."""
    return tuple(symbol.indices) if isinstance(symbol, sp.Indexed) else ()


def atom_of(symbol: Expr, env: Env) -> Atom:
    """The atom a symbol stands for at explicit indices."""
    atom = Evaluator(Setting(), lambda atom: atom, lambda number: number)(symbol, env)
    assert isinstance(atom, Atom)
    return atom


def definitions_by_name(setting: Setting) -> dict[str, Definition]:
    """Every definition by the name of its symbol, in the order in which bases use earlier ones."""
    return {name_of(definition.symbol): definition for definition in setting.definitions}


def defined(
    atoms: Iterable[Atom], setting: Setting, env: Env
) -> list[tuple[Atom, Definition, dict[Any, int]]]:
    """Every atom that has a definition, in the order of the definitions.

    The environment that comes with it binds the index symbols of the defined symbol.
    """
    found = []
    for definition in setting.definitions:
        indices = indices_of(definition.symbol)
        for atom in atoms:
            if atom.name == name_of(definition.symbol):
                bound = dict(zip(indices, atom.place, strict=True))
                found.append((atom, definition, {**env, **bound}))
    return found
