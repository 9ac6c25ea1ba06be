"""Named exponentials: which ones a step meets, and what may not be done with them.

Only the rule d exp(x) = exp(x) dx is used. An exponential counts as a symbol of its own, so that
exp(-2 x) is never taken for exp(-x)^2: that keeps equal expressions apart, never different ones
together.
"""

from collections.abc import Iterable
from typing import Any

from backproof_reference.prove.evaluate import Atom, Env
from backproof_reference.prove.model import Exponential, Expr, Setting
from backproof_reference.prove.operators import indices_of, name_of


def exponential_of(name: str, setting: Setting) -> Exponential | None:
    """The named exponential of this name, if there is one."""
    for exponential in setting.exponentials:
        if name_of(exponential.symbol) == name:
            return exponential
    return None


def exponentials_in(
    atoms: Iterable[Atom], setting: Setting, env: Env
) -> list[tuple[Atom, Exponential, dict[Any, int]]]:
    """Every atom that is a named exponential.

    The environment that comes with it binds the index symbols of the exponential.
    """
    found = []
    for atom in atoms:
        exponential = exponential_of(atom.name, setting)
        if exponential is not None:
            bound = zip(indices_of(exponential.symbol), atom.place, strict=True)
            found.append((atom, exponential, {**env, **dict(bound)}))
    return found


def require_no_exponential(symbol: Expr, setting: Setting) -> None:
    """Refuse an operator on an exponential as if it were free: it follows from its exponent."""
    if exponential_of(name_of(symbol), setting) is not None:
        raise ValueError(f"{symbol} is an exponential, not a free symbol")
