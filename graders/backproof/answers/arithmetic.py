"""Exact arithmetic modulo a prime, and what every arithmetic offers to the evaluator."""

from __future__ import annotations

import random
import secrets
from fractions import Fraction
from functools import lru_cache
from typing import Protocol, TypeVar

T = TypeVar("T")

LARGE_PRIME = 2**127 - 1
SCALAR_BITS, MATRIX_BITS = 127, 61
"""Sizes of the secret primes: two formulas agree at a random point with chance degree / 2^126."""
MAX_POWER = 10**6
"""Largest exponent of an exact power."""


@lru_cache(maxsize=8)
def secret_prime(bits: int) -> int:
    """A random prime, 7 modulo 8 (so that -1 is no square and 2 is one), drawn once per process.

    Nobody can know it beforehand: an answer plus a multiple of a published prime would pass, and
    one divided by it would seem to have no value. Miller and Rabin's test with 40 random bases.
    """
    while True:
        found = secrets.randbits(bits - 4) << 3 | 7 | 1 << (bits - 1)
        if all(found % small for small in (3, 5, 7, 11, 13, 17, 19, 23)) and _is_prime(found):
            return found


def _is_prime(number: int) -> bool:
    """Miller and Rabin's test for a number that is 3 modulo 4 (Rabin 1980)."""
    half = (number - 1) // 2
    bases = (secrets.randbelow(number - 3) + 2 for _ in range(40))
    return all(pow(base, half, number) in (1, number - 1) for base in bases)


class NoValueError(Exception):
    """The formula has no value here; the message says why, for the student."""


class UnsupportedError(Exception):
    """This arithmetic cannot evaluate the formula; another one may."""


class AnotherPointError(Exception):
    """Nothing wrong with the formula: draw another point."""


class Arithmetic(Protocol[T]):
    """A number system. Values may be scalars only; matrices are built on top."""

    @property
    def effort(self) -> int:
        """What an operation costs: 1 for residues and balls of 60 digits."""
        ...

    def number(self, value: Fraction) -> T:
        """An exact number."""
        ...

    def constant(self, name: str) -> T:
        """`pi`, `e` or `i`."""
        ...

    def add(self, left: T, right: T) -> T:
        """left + right."""
        ...

    def multiply(self, left: T, right: T) -> T:
        """left * right."""
        ...

    def divide(self, left: T, right: T) -> T:
        """left / right. Raises NoValueError where right is 0 for certain."""
        ...

    def integer_power(self, base: T, exponent: int) -> T:
        """base to a whole power, which may be negative; 0^0 = 1."""
        ...

    def power(self, base: T, exponent: T) -> T:
        """base to any power, principal value."""
        ...

    def call(self, function: str, arguments: list[T]) -> T:
        """A function of `vocabulary.ARITY`."""
        ...

    def usable_pivot(self, value: T) -> bool:
        """Whether a value is certainly not 0."""
        ...

    def is_zero(self, value: T) -> bool:
        """Whether a value is exactly 0."""
        ...

    def may_be_positive(self, value: T) -> bool:
        """Whether a value is positive, where this arithmetic can tell."""
        ...


class Residues:
    """Whole numbers modulo a prime.

    With `roots`, `sqrt` is the one root that is itself a square, which exists for squares only and
    multiplies like the root of positive numbers; other values ask for another point. Equal values
    then still prove nothing less, but unequal ones no longer prove that formulas differ.
    """

    effort = 1

    def __init__(self, prime: int = LARGE_PRIME, *, roots: bool = False) -> None:
        self.prime = prime
        self.roots = roots

    def number(self, value: Fraction) -> int:
        """An exact number as a residue."""
        return value.numerator * pow(value.denominator, -1, self.prime) % self.prime

    def random(self, source: random.Random, *, square: bool = False) -> int:
        """A random residue that is not 0; a square if asked."""
        drawn = source.randrange(1, self.prime)
        return drawn * drawn % self.prime if square else drawn

    def constant(self, name: str) -> int:
        """Not possible: the constants are not rational."""
        raise UnsupportedError(name)

    def add(self, left: int, right: int) -> int:
        """left + right."""
        return (left + right) % self.prime

    def multiply(self, left: int, right: int) -> int:
        """left * right."""
        return left * right % self.prime

    def divide(self, left: int, right: int) -> int:
        """left / right."""
        if right % self.prime == 0:
            raise NoValueError("it divides by 0")
        return left * pow(right, -1, self.prime) % self.prime

    def integer_power(self, base: int, exponent: int) -> int:
        """base ^ exponent, at most `MAX_POWER` either way."""
        if abs(exponent) > MAX_POWER:
            raise UnsupportedError("exponent")
        return self.power_of_any_size(base, exponent)

    def power_of_any_size(self, base: int, exponent: int) -> int:
        """base ^ exponent."""
        if exponent < 0 and base % self.prime == 0:
            raise NoValueError("it divides by 0")
        return pow(base, exponent, self.prime)

    def power(self, base: int, exponent: int) -> int:
        """Not possible unless the exponent is known to be whole."""
        raise UnsupportedError("power")

    def call(self, function: str, arguments: list[int]) -> int:
        """Only `sqrt`, and only with `roots`."""
        if function != "sqrt" or not self.roots:
            raise UnsupportedError(function)
        root = pow(arguments[0], (self.prime + 1) // 4, self.prime)
        if root * root % self.prime != arguments[0] % self.prime:
            raise AnotherPointError
        return root

    def usable_pivot(self, value: int) -> bool:
        """Whether it is not 0."""
        return value % self.prime != 0

    def is_zero(self, value: int) -> bool:
        """Whether it is 0."""
        return value % self.prime == 0

    def may_be_positive(self, value: int) -> bool:
        """Residues have no sign; their roots exist for squares only."""
        return True
