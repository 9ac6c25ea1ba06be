"""An expression in the grammar of typed answers: ``gamma*r/m*(m*g[a] - sum(i=0, m - 1, g[i]))``.

The text is read by a machine, so brackets say everything: a product is written out, and a division
takes just what stands behind it.
"""

from collections.abc import Iterable, Sequence

import sympy as sp

from backproof_reference.handouts.layout import (
    Call,
    Entry,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Reader,
    Terms,
    Total,
)
from backproof_reference.prove import Expr, Setting
from backproof_reference.prove.operators import definitions_by_name, name_of

# The letters that the grammar takes as an index of a sum without declaring them.
INDEX_LETTERS = tuple("ijklmnrst")
FUNCTIONS = frozenset({
    "sqrt", "exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "asin", "acos", "atan",
    "erf", "abs", "sign", "max", "min", "floor", "factorial", "gamma", "binomial",
})  # fmt: skip


class NoTypedFormError(ValueError):
    """The expression uses something that typed answers have no way to write."""


def typed(expr: Expr, setting: Setting, keep: Iterable[str] = ()) -> str:
    """The expression as an answer; named values are written out, except those to keep by name.

    Raises:
        NoTypedFormError: for a Kronecker delta or a function that the grammar does not have.
    """
    named = definitions_by_name(setting)
    used: set[str] = _names(expr) | {name for d in named.values() for name in _names(d.base)}
    expanded = {name: definition for name, definition in named.items() if name not in set(keep)}

    def rename(name: str, taken: frozenset[str]) -> str:
        for letter in (name, *INDEX_LETTERS):
            if letter in INDEX_LETTERS and letter not in used | taken:
                return letter
        raise NoTypedFormError(
            f"no letter is left for the index of a sum: {sorted(used.union(taken))}"
        )

    return to_text(Reader(expanded, rename)(expr), strict=True)


def to_text(node: Node, strict: bool = False) -> str:
    """A tree as text; ``strict`` refuses what the grammar does not have."""
    return _text(node, 0, strict)


def _level(node: Node) -> int:
    match node:
        case Terms():
            return 10
        case Product() | Quotient():
            return 20
        case Power():
            return 30
    return 40


def _text(node: Node, needed: int, strict: bool) -> str:
    text = _bare(node, strict)
    return f"({text})" if _level(node) < needed else text


def _bare(node: Node, strict: bool) -> str:
    match node:
        case Number(value):
            return str(value)
        case Name(name):
            return name
        case Entry(array, indices):
            return f"{array}[{_listed(indices, strict)}]"
        case Total(index, low, high, body):
            ends = f"{index}={to_text(low, strict)}, {to_text(high, strict)}"
            return f"sum({ends}, {to_text(body, strict)})"
        case Terms(items):
            first = "-" if items[0][0] else ""
            shown = first + _text(items[0][1], 11, strict)
            for negative, term in items[1:]:
                shown += (" - " if negative else " + ") + _text(term, 11, strict)
            return shown
        case Product(factors):
            # A quotient may lead a chain; behind a sign * it would need brackets of its own.
            first = _text(factors[0], 20, strict)
            return "*".join([first, *(_text(factor, 21, strict) for factor in factors[1:])])
        case Quotient(above, below):
            return f"{_text(above, 20, strict)}/{_text(below, 21, strict)}"
        case Power(base, exponent):
            return f"{_text(base, 31, strict)}^{_text(exponent, 31, strict)}"
        case Call(function, arguments):
            if strict and function not in FUNCTIONS:
                raise NoTypedFormError(f"typed answers have no function {function}")
            return f"{function}({_listed(arguments, strict)})"


def _listed(nodes: Sequence[Node], strict: bool) -> str:
    return ", ".join(to_text(node, strict) for node in nodes)


def _names(expr: Expr) -> set[str]:
    """Names that a summation index must not hide: of everything but summation indices."""
    bound = {limit[0] for part in expr.atoms(sp.Sum) for limit in part.limits}
    free = {symbol.name for symbol in expr.free_symbols if isinstance(symbol, sp.Symbol)}
    arrays = {name_of(part) for part in expr.atoms(sp.Indexed)}
    return free | arrays | ({s.name for s in expr.atoms(sp.Symbol)} - {s.name for s in bound})
