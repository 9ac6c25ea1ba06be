"""Rational functions with exact coefficients, on top of SymPy's sparse polynomials."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from backproof_reference.prove.evaluate import NotRationalError

Polynomial = Any  # sympy.polys.rings.PolyElement


@dataclass(frozen=True, slots=True)
class Quotient:
    """``num / den``. Never cancelled: a zero test reads the numerator only."""

    num: Polynomial
    den: Polynomial

    def __bool__(self) -> bool:
        return bool(self.num)

    def __add__(self, other: "Quotient") -> "Quotient":
        if self.den == other.den:
            return Quotient(self.num + other.num, self.den)
        return Quotient(self.num * other.den + other.num * self.den, self.den * other.den)

    def __sub__(self, other: "Quotient") -> "Quotient":
        return self + Quotient(-other.num, other.den)

    def __mul__(self, other: "Quotient") -> "Quotient":
        return Quotient(self.num * other.num, self.den * other.den)

    def __pow__(self, exponent: Fraction | int) -> "Quotient":
        if not isinstance(exponent, int):
            raise NotRationalError(f"power {exponent}: give the root a name with a Definition")
        if exponent == 0:
            return Quotient(self.num.ring.one, self.num.ring.one)
        if exponent > 0:
            return Quotient(self.num**exponent, self.den**exponent)
        if not self.num:
            raise ZeroDivisionError("the expression divides by an identically zero term")
        return Quotient(self.den**-exponent, self.num**-exponent)

    def diff(self, generator: Polynomial) -> "Quotient":
        """The partial derivative with respect to one generator."""
        dnum, dden = self.num.diff(generator), self.den.diff(generator)
        if not dden:
            return Quotient(dnum, self.den)
        return Quotient(dnum * self.den - self.num * dden, self.den**2)

    def at(self, values: Sequence[Any]) -> Any:
        """The value at a point: one Fraction or float for each generator of the ring."""
        return _at(self.num, values) / _at(self.den, values)


def _at(polynomial: Polynomial, values: Sequence[Any]) -> Any:
    total: Any = Fraction(0)
    for exponents, coefficient in polynomial.terms():
        term: Any = Fraction(int(coefficient.numerator), int(coefficient.denominator))
        for value, exponent in zip(values, exponents, strict=True):
            if exponent:
                term = term * value**exponent
        total = total + term
    return total
