"""Named values of exp and log, and how they are differentiated.

The checker knows nothing else about them: e_k = exp(z_k) is one more unknown that is positive and
whose derivative by z_k is e_k. So what it proves about them holds, but a law such as
exp(a + b) = exp(a) exp(b) has to be assumed where it is used.
"""

import math
from dataclasses import dataclass
from typing import Any

import sympy as sp

from backproof_reference.prove.model import (
    Definition,
    Expr,
    expression,
    require_index_symbols,
)


@dataclass(frozen=True)
class Function(Definition):
    """``symbol = exp(base)``, or ``symbol = log(base)`` where ``reciprocal`` defines 1 / base.

    Listed among the definitions; written by ``exponential`` and ``logarithm``. ``exponent`` is
    None: a function is no root, and nothing can be replaced by its base.
    """

    reciprocal: Definition | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", expression(self.base))
        require_index_symbols(self.symbol)
        array = self.symbol.base if isinstance(self.symbol, sp.Indexed) else self.symbol
        if self.exponent is not None:
            raise ValueError(f"{self.symbol} is a function: it has no exponent")
        if bool(array.is_positive) != (self.reciprocal is None):
            raise ValueError(f"{self.symbol}: values of exp are declared positive, of log not")
        if self.reciprocal is not None:
            known = self.reciprocal
            if known.exponent != -1 or known.base != self.base:
                raise ValueError(f"{self.symbol}: {known.symbol} is not defined as 1 / base")
            if _places(known.symbol) != _places(self.symbol):
                raise ValueError(f"{self.symbol} and {known.symbol} need the same index symbols")

    @property
    def base_is_positive(self) -> bool:
        """Only a logarithm needs a positive base."""
        return self.reciprocal is not None

    @property
    def function(self) -> str:
        """exp or log."""
        return "exp" if self.reciprocal is None else "log"

    @property
    def rests_on(self) -> tuple[Definition, ...]:
        """A logarithm rests on the definition of its slope."""
        return () if self.reciprocal is None else (self.reciprocal,)

    @property
    def slope(self) -> Expr:
        """The derivative with respect to the base: the symbol itself for exp, 1 / base for log."""
        return self.symbol if self.reciprocal is None else self.reciprocal.symbol


def exponential(symbol: Expr, argument: Expr) -> Function:
    """The definition ``symbol = exp(argument)``; the symbol must be declared positive."""
    return Function(symbol, None, argument)


def logarithm(symbol: Expr, reciprocal: Definition) -> Function:
    """The definition ``symbol = log(base)``, where ``reciprocal`` defines a symbol as 1 / base.

    Writing it assumes that the base is positive.
    """
    return Function(symbol, None, reciprocal.base, reciprocal)


def value_of(definition: Definition, base: Any) -> float | None:
    """What a defined symbol is worth where its base has a value; None where it is not defined."""
    if definition.base_is_positive and base <= 0:
        return None
    if isinstance(definition, Function):
        return math.exp(base) if definition.reciprocal is None else math.log(base)
    return float(float(base) ** float(definition.exponent))


def _places(symbol: Expr) -> tuple[Expr, ...]:
    return tuple(symbol.indices) if isinstance(symbol, sp.Indexed) else ()
