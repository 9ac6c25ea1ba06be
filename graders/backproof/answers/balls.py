"""Complex numbers with proven error bounds (FLINT), or without (mpmath) where FLINT is missing.

Source of the ball method: F. Johansson, "Arb: efficient arbitrary-precision midpoint-radius
interval arithmetic", IEEE Trans. Computers 66 (2017).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

from backproof.answers.arithmetic import NoValueError, UnsupportedError

try:
    import flint
except ImportError:  # pragma: no cover - the fallback below is tested on its own
    flint = None  # type: ignore[assignment]

HAVE_BALLS = flint is not None
_BITS = 3.3219280948873626


class Balls:
    """Complex balls at the current working precision: the true value is always inside."""

    label = ""
    deepest = 960
    effort = 1

    @contextmanager
    def working(self, digits: int) -> Iterator[None]:
        """Set FLINT's precision, and put it back."""
        before = flint.ctx.prec, self.effort
        flint.ctx.prec, self.effort = int(digits * _BITS) + 8, max(1, digits // 120)
        try:
            yield
        finally:
            flint.ctx.prec, self.effort = before

    # --- what results say ---

    def finite(self, value: Any) -> bool:
        """Whether a ball is bounded."""
        return bool(value.is_finite())

    def certainly_complex(self, value: Any) -> bool:
        """Whether a ball has no real number in it."""
        return bool(value.is_finite() and not value.imag.contains(0))

    def certainly_differ(self, left: Any, right: Any) -> bool:
        """Whether two balls are disjoint."""
        return bool(left.is_finite() and right.is_finite() and not left.overlaps(right))

    def agree(self, left: Any, right: Any, digits: int) -> bool:
        """Whether two overlapping balls are both known to so many significant digits.

        Values that are 0 as far as 200 digits after the point agree too.
        """
        if not (left.is_finite() and right.is_finite() and left.overlaps(right)):
            return False
        return all(self.known(value, digits) for value in (left, right))

    def known(self, value: Any, digits: int) -> bool:
        """Whether a ball fixes so many significant digits, or 200 digits after the point."""
        if not value.is_finite():
            return False
        radius = value.rad()
        if radius < flint.arb(10) ** -200:
            return True
        return bool(radius < value.abs_lower() * flint.arb(10) ** -digits)

    def show(self, value: Any, digits: int = 6) -> str:
        """A value for people."""
        text = str(value.real.mid().str(digits, radius=False))
        imaginary = value.imag
        if imaginary.contains(0):
            return text
        sign = "-" if imaginary < 0 else "+"
        return f"{text} {sign} {abs(imaginary.mid()).str(digits, radius=False)}i"

    def approximate(self, value: Any) -> complex:
        """The middle of a ball as a float."""
        return complex(value)

    # --- arithmetic ---

    def number(self, value: Fraction) -> Any:
        """An exact number."""
        return flint.acb(flint.fmpq(value.numerator, value.denominator))

    def complex_number(self, real: Fraction, imaginary: Fraction) -> Any:
        """An exact complex number."""
        return self.number(real) + self.number(imaginary) * flint.acb(0, 1)

    def constant(self, name: str) -> Any:
        """`pi`, `e` or `i`."""
        if name == "i":
            return flint.acb(0, 1)
        return flint.acb.pi() if name == "pi" else flint.acb(1).exp()

    def add(self, left: Any, right: Any) -> Any:
        """left + right."""
        return left + right

    def multiply(self, left: Any, right: Any) -> Any:
        """left * right."""
        return left * right

    def divide(self, left: Any, right: Any) -> Any:
        """left / right."""
        if right.is_zero():
            raise NoValueError("it divides by 0")
        return left / right

    def integer_power(self, base: Any, exponent: int) -> Any:
        """base ^ exponent."""
        if exponent < 0 and base.is_zero():
            raise NoValueError("it divides by 0")
        return base**exponent

    def power(self, base: Any, exponent: Any) -> Any:
        """base ^ exponent, principal value."""
        if base.is_zero() and exponent.imag.is_zero() and exponent.real > 0:
            return base
        return base**exponent

    def usable_pivot(self, value: Any) -> bool:
        """Whether a value is certainly not 0."""
        return bool(value.is_finite() and value.abs_lower() > 0)

    def is_zero(self, value: Any) -> bool:
        """Whether a ball is the number 0."""
        return bool(value.is_zero())

    def may_be_positive(self, value: Any) -> bool:
        """Whether a ball holds positive real numbers only."""
        return bool(value.imag.is_zero() and value.real > 0)

    def call(self, function: str, arguments: list[Any]) -> Any:
        """A function of the language."""
        first = arguments[0]
        if function in _METHODS:
            if first.is_zero() and function == "log":
                raise NoValueError("it takes the logarithm of 0")
            return _METHODS[function](first)
        if function in _REAL:
            return self._real(function, arguments)
        if function == "root":
            return first.sqrt() if len(arguments) == 1 else self._root(first, arguments[1])
        if function == "binomial":
            above, below = first + 1, arguments[1] + 1
            return above.gamma() * below.rgamma() * (above - below + 1).rgamma()
        if function == "cbrt":
            return self._root(first, flint.acb(3))
        return _MADE[function](first)

    def _root(self, value: Any, degree: Any) -> Any:
        """The real root of a negative number for odd degrees, else the principal one."""
        if degree.is_zero():
            raise NoValueError("it takes the 0th root")
        odd = degree.imag.is_zero() and ((degree.real - 1) / 2).is_integer()
        negative = value.imag.is_zero() and value.real < 0
        exponent = 1 / degree
        return -self.power(-value, exponent) if odd and negative else self.power(value, exponent)

    def _real(self, function: str, arguments: list[Any]) -> Any:
        if not all(argument.imag.is_zero() for argument in arguments):
            if function == "abs":
                return flint.acb(abs(arguments[0]))
            raise UnsupportedError(function)
        parts = [argument.real for argument in arguments]
        result = parts[0]
        if function in ("max", "min"):
            for part in parts[1:]:
                result = result.max(part) if function == "max" else result.min(part)
            return flint.acb(result)
        return flint.acb(_REAL[function](result))


_METHODS: dict[str, Callable[[Any], Any]] = {
    "sqrt": lambda x: x.sqrt(),
    "exp": lambda x: x.exp(),
    "log": lambda x: x.log(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "tan": lambda x: x.tan(),
    "asin": lambda x: x.asin(),
    "acos": lambda x: x.acos(),
    "atan": lambda x: x.atan(),
    "sinh": lambda x: x.sinh(),
    "cosh": lambda x: x.cosh(),
    "tanh": lambda x: x.tanh(),
    "asinh": lambda x: x.asinh(),
    "acosh": lambda x: x.acosh(),
    "atanh": lambda x: x.atanh(),
    "erf": lambda x: x.erf(),
    "erfc": lambda x: x.erfc(),
    "gamma": lambda x: x.gamma(),
    "cot": lambda x: x.cot(),
    "sec": lambda x: x.sec(),
    "csc": lambda x: x.csc(),
    "coth": lambda x: x.coth(),
    "sech": lambda x: x.sech(),
    "csch": lambda x: x.csch(),
}
_REAL: dict[str, Callable[[Any], Any]] = {
    "abs": abs,
    "sign": lambda x: x.sgn(),
    "relu": lambda x: x.max(flint.arb(0)),
    "floor": lambda x: x.floor(),
    "ceil": lambda x: x.ceil(),
    "max": lambda x: x,
    "min": lambda x: x,
}
_MADE: dict[str, Callable[[Any], Any]] = {
    "log2": lambda x: x.log() / flint.acb(2).log(),
    "log10": lambda x: x.log() / flint.acb(10).log(),
    "Phi": lambda x: (-x / flint.acb(2).sqrt()).erfc() / 2,
    "sigmoid": lambda x: 1 / (1 + (-x).exp()),
    "softplus": lambda x: x.exp().log1p(),
    "factorial": lambda x: (x + 1).gamma(),
}
