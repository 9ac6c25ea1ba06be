"""The engine without FLINT: mpmath at two precisions, whose difference stands for the error.

Its results are plausible, not proven, and are labelled "numeric".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import mpmath

from backproof.answers.arithmetic import NoValueError, UnsupportedError

_HUGE = 10**6
_ANY_SIZE = {"log", "log2", "log10", "sqrt", "cbrt", "abs", "sign", "max", "min", "relu"}
"""Functions whose cost does not grow with their arguments."""


class Approximations:
    """Pairs of one value at the working precision and at twice that."""

    label = " (numeric)"
    deepest = 240

    def __init__(self) -> None:
        self.digits = 60

    @property
    def effort(self) -> int:
        """More than balls, and more for more digits."""
        return 6 + self.digits // 60

    @contextmanager
    def working(self, digits: int) -> Iterator[None]:
        """Set the lower of the two precisions, and put it back."""
        before, self.digits = self.digits, digits
        try:
            yield
        finally:
            self.digits = before

    def _both(self, operation: Any, *values: Any) -> Any:
        found = []
        for place, digits in enumerate((self.digits, 2 * self.digits)):
            with mpmath.workdps(digits):
                try:
                    found.append(mpmath.mpc(operation(*(value[place] for value in values))))
                except (ValueError, OverflowError, ZeroDivisionError):
                    found.append(mpmath.mpc(mpmath.nan))
        return tuple(found)

    # --- what results say ---

    def _error(self, value: Any) -> Any:
        with mpmath.workdps(20):
            size = abs(value[1])
            return 1000 * abs(value[0] - value[1]) + size * mpmath.mpf(10) ** (5 - self.digits)

    def finite(self, value: Any) -> bool:
        """Whether a value is a number."""
        return bool(mpmath.isfinite(value[0]) and mpmath.isfinite(value[1]))

    def certainly_complex(self, value: Any) -> bool:
        """Whether the imaginary part is more than the error."""
        return self.finite(value) and bool(abs(value[1].imag) > self._error(value))

    def certainly_differ(self, left: Any, right: Any) -> bool:
        """Whether two values differ by more than their errors."""
        if not (self.finite(left) and self.finite(right)):
            return False
        with mpmath.workdps(2 * self.digits):
            return bool(abs(left[1] - right[1]) > self._error(left) + self._error(right))

    def known(self, value: Any, digits: int) -> bool:
        """Whether the error is small enough for so many digits."""
        if not self.finite(value):
            return False
        error = self._error(value)
        return bool(
            error < mpmath.mpf(10) ** -200 or error < abs(value[1]) * mpmath.mpf(10) ** -digits
        )

    def agree(self, left: Any, right: Any, digits: int) -> bool:
        """Whether two values are known to so many digits and do not differ."""
        if not (self.known(left, digits) and self.known(right, digits)):
            return False
        return not self.certainly_differ(left, right)

    def usable_pivot(self, value: Any) -> bool:
        """Whether a value is more than its error."""
        return self.finite(value) and bool(abs(value[1]) > self._error(value))

    def is_zero(self, value: Any) -> bool:
        """Whether a value is 0 at both precisions."""
        return bool(value[0] == value[1] == 0)

    def may_be_positive(self, value: Any) -> bool:
        """Whether a value is real and positive."""
        return bool(value[1].imag == 0 and value[1].real > 0)

    def show(self, value: Any, digits: int = 6) -> str:
        """A value for people."""
        if not self.certainly_complex(value):
            return str(mpmath.nstr(value[1].real, digits))
        return str(mpmath.nstr(value[1], digits))

    # --- arithmetic ---

    def number(self, value: Fraction) -> Any:
        """An exact number."""
        return self._both(lambda: mpmath.mpf(value.numerator) / value.denominator)

    def complex_number(self, real: Fraction, imaginary: Fraction) -> Any:
        """An exact complex number."""
        return self.add(
            self.number(real), self.multiply(self.number(imaginary), self.constant("i"))
        )

    def constant(self, name: str) -> Any:
        """`pi`, `e` or `i`."""
        return self._both(lambda: {"pi": +mpmath.pi, "e": +mpmath.e, "i": mpmath.mpc(0, 1)}[name])

    def add(self, left: Any, right: Any) -> Any:
        """left + right."""
        return self._both(lambda a, b: a + b, left, right)

    def multiply(self, left: Any, right: Any) -> Any:
        """left * right."""
        return self._both(lambda a, b: a * b, left, right)

    def divide(self, left: Any, right: Any) -> Any:
        """left / right."""
        if right[0] == right[1] == 0:
            raise NoValueError("it divides by 0")
        return self._both(lambda a, b: a / b, left, right)

    def integer_power(self, base: Any, exponent: int) -> Any:
        """base ^ exponent."""
        if abs(exponent) > _HUGE:
            raise UnsupportedError("exponent")
        if exponent < 0 and base[0] == base[1] == 0:
            raise NoValueError("it divides by 0")
        return self._both(lambda a: a**exponent, base)

    def power(self, base: Any, exponent: Any) -> Any:
        """base ^ exponent, principal value."""
        self._bounded(exponent, _HUGE)
        return self._both(mpmath.power, base, exponent)

    def _bounded(self, value: Any, limit: int) -> None:
        if not self.finite(value) or abs(value[0]) > limit:
            raise UnsupportedError("too large")

    def call(self, function: str, arguments: list[Any]) -> Any:
        """A function of the language, for arguments that are not huge."""
        for argument in arguments:
            if function not in _ANY_SIZE or not self.finite(argument):
                limited = function in ("gamma", "factorial", "binomial")
                self._bounded(argument, 10**4 if limited else _HUGE)
        if function == "log" and arguments[0][0] == 0:
            raise NoValueError("it takes the logarithm of 0")
        if function in ("max", "min", "floor", "ceil", "sign", "relu"):
            if any(self.certainly_complex(argument) for argument in arguments):
                raise UnsupportedError(function)
            arguments = [(a[0].real, a[1].real) for a in arguments]
        return self._both(_FUNCTIONS[function], *arguments)


def _root(value: Any, degree: Any) -> Any:
    """The real root of a negative number for odd degrees, else the principal one."""
    if value.imag == 0 and value.real < 0 and degree.imag == 0 and degree.real % 2 == 1:
        return -mpmath.root(-value, int(degree.real))
    return mpmath.power(value, mpmath.mpf(1) / degree)


_FUNCTIONS: dict[str, Any] = {
    "sqrt": mpmath.sqrt,
    "exp": mpmath.exp,
    "log": mpmath.log,
    "sin": mpmath.sin,
    "cos": mpmath.cos,
    "tan": mpmath.tan,
    "asin": mpmath.asin,
    "acos": mpmath.acos,
    "atan": mpmath.atan,
    "sinh": mpmath.sinh,
    "cosh": mpmath.cosh,
    "tanh": mpmath.tanh,
    "asinh": mpmath.asinh,
    "acosh": mpmath.acosh,
    "atanh": mpmath.atanh,
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "gamma": mpmath.gamma,
    "cot": mpmath.cot,
    "sec": mpmath.sec,
    "csc": mpmath.csc,
    "coth": mpmath.coth,
    "sech": mpmath.sech,
    "csch": mpmath.csch,
    "factorial": mpmath.factorial,
    "floor": mpmath.floor,
    "ceil": mpmath.ceil,
    "binomial": mpmath.binomial,
    "abs": abs,
    "max": max,
    "min": min,
    "relu": lambda x: max(x, mpmath.mpf(0)),
    "root": lambda x, n=2: _root(x, n),
    "cbrt": lambda x: _root(x, 3),
    "log2": lambda x: mpmath.log(x) / mpmath.log(2),
    "log10": lambda x: mpmath.log(x) / mpmath.log(10),
    "Phi": lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "sigmoid": lambda x: 1 / (1 + mpmath.exp(-x)),
    "softplus": lambda x: mpmath.log(1 + mpmath.exp(x)),
    "sign": mpmath.sign,
}
