"""Whether two formulas are the same by algebra alone, whatever their functions mean.

Residues modulo a secret prime in which every function is a table of random values: equal arguments
have equal values, so that `log(p) + sin(x) - sin(x)` is `log(p)`. What is equal here is equal
everywhere; what is not may still be equal.
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable

from backproof.answers.arithmetic import SCALAR_BITS, Residues, secret_prime

_MOST = 1000
"""Exponents up to this are powers of one value, whole or half."""


class Formal(Residues):
    """Residues with a table of values for each function."""

    def __init__(self) -> None:
        super().__init__(secret_prime(SCALAR_BITS))
        self.table: dict[tuple[str, ...], int] = {}
        self.source = random.Random(secrets.randbits(64))

    def looked_up(self, function: str, *arguments: int) -> int:
        """The value of a function that nothing is known of."""
        key = (function, *(str(argument % self.prime) for argument in arguments))
        if key not in self.table:
            self.table[key] = self.random(self.source)
        return self.table[key]

    def constant(self, name: str) -> int:
        """One value for each of `pi`, `e` and `i`."""
        return self.looked_up(name)

    def integer_power(self, base: int, exponent: int) -> int:
        """base ^ exponent, of any size."""
        return self.power_of_any_size(base, exponent)

    def power(self, base: int, exponent: int) -> int:
        """Roots are whole powers of the root; b^(-c) is 1/b^c."""
        if base == 1 or exponent == 0:
            return 1
        negative = exponent > self.prime // 2
        size = self.prime - exponent if negative else exponent
        doubled = 2 * exponent % self.prime
        doubled = min(doubled, self.prime - doubled)
        if size <= _MOST:
            found = pow(base, size, self.prime)
        elif doubled <= _MOST:
            found = pow(self.looked_up("sqrt", base), doubled, self.prime)
            negative = doubled != 2 * exponent % self.prime
        else:
            found = self.looked_up("^", base, size)
        return self.divide(1, found) if negative else found

    def call(self, function: str, arguments: list[int]) -> int:
        """A function by way of others where there is one, else from its table."""
        if function in ("max", "min"):
            return self.looked_up(function, *sorted(set(arguments)))
        if function == "root" and len(arguments) == 1:
            function = "sqrt"
        if function in _BY_OTHERS:
            return _BY_OTHERS[function](self, arguments[0])
        return self.looked_up(function, *arguments)

    def exp(self, value: int) -> int:
        """e ^ value."""
        return self.power(self.constant("e"), value % self.prime)

    def half(self, value: int, sign: int) -> int:
        """(e^value + sign * e^-value) / 2."""
        both = self.exp(value) + sign * self.exp(-value)
        return self.divide(both % self.prime, 2)

    def log(self, value: int, base: int) -> int:
        """log(value) / log(base)."""
        return self.divide(self.looked_up("log", value), self.looked_up("log", base))


def _root(of: Formal, value: int) -> int:
    return of.power(value, of.divide(1, 2))


def _sigmoid(of: Formal, value: int) -> int:
    return of.divide(1, 1 + of.exp(-value))


_BY_OTHERS: dict[str, Callable[[Formal, int], int]] = {
    "sqrt": _root,
    "exp": lambda of, x: of.exp(x),
    "sigmoid": _sigmoid,
    "tanh": lambda of, x: (2 * _sigmoid(of, 2 * x) - 1) % of.prime,
    "sinh": lambda of, x: of.half(x, -1),
    "cosh": lambda of, x: of.half(x, 1),
    "softplus": lambda of, x: of.looked_up("log", 1 + of.exp(x)),
    "log2": lambda of, x: of.log(x, 2),
    "log10": lambda of, x: of.log(x, 10),
    "tan": lambda of, x: of.divide(of.looked_up("sin", x), of.looked_up("cos", x)),
    "erfc": lambda of, x: (1 - of.looked_up("erf", x)) % of.prime,
    "Phi": lambda of, x: of.divide(1 + of.looked_up("erf", of.divide(x, _root(of, 2))), 2),
    "factorial": lambda of, x: of.looked_up("gamma", x + 1),
    "relu": lambda of, x: of.looked_up("max", *sorted({0, x % of.prime})),
}
