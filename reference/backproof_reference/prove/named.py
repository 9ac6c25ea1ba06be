"""What the named values of a setting stand for: roots, and functions where a setting has them."""

from dataclasses import dataclass
from typing import Any

from backproof_reference.prove.model import Expr, Setting
from backproof_reference.prove.operators import name_of


@dataclass(frozen=True)
class Named:
    """``symbol = base ** exponent``, or ``symbol = function(base)`` where a function is given."""

    symbol: Expr
    base: Expr
    exponent: Any = 1
    function: str = ""


def named_values(setting: Setting) -> dict[str, Named]:
    """Every named value, by its name, in an order in which bases use earlier ones."""
    # Exponentials are a part of some settings only; their exponents are free of other names.
    found = [
        Named(each.symbol, each.exponent, function="exp")
        for each in getattr(setting, "exponentials", ())
    ]
    for definition in setting.definitions:
        if definition.exponent is None:  # a function by name, not a root
            function = "exp" if getattr(definition, "reciprocal", None) is None else "log"
            found.append(Named(definition.symbol, definition.base, function=function))
        else:
            found.append(Named(definition.symbol, definition.base, definition.exponent))
    return {name_of(each.symbol): each for each in found}
