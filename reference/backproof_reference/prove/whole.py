"""Integer polynomials in sizes and indices: what stands in an index, a bound or a delta.

They are compared, hashed and ordered by content, so nothing depends on the order in which symbols
were made or on the hash seed.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from math import gcd

Monomial = tuple[tuple[str, int], ...]


@dataclass(frozen=True, order=True, slots=True)
class Whole:
    """A polynomial with integer coefficients; every variable stands for an integer."""

    terms: tuple[tuple[Monomial, int], ...]

    @classmethod
    def of(cls, items: Iterable[tuple[Monomial, int]]) -> "Whole":
        """The sum of coefficient times monomial."""
        total: dict[Monomial, int] = {}
        for monomial, coefficient in items:
            total[monomial] = total.get(monomial, 0) + coefficient
        return cls(tuple(sorted(item for item in total.items() if item[1])))

    @classmethod
    def number(cls, value: int) -> "Whole":
        """A constant."""
        return cls((((), value),) if value else ())

    @classmethod
    def variable(cls, name: str) -> "Whole":
        """A size or an index."""
        return cls(((((name, 1),), 1),))

    def __add__(self, other: "Whole") -> "Whole":
        return Whole.of((*self.terms, *other.terms))

    def __neg__(self) -> "Whole":
        return Whole(tuple((monomial, -coefficient) for monomial, coefficient in self.terms))

    def __sub__(self, other: "Whole") -> "Whole":
        return self + -other

    def __mul__(self, other: "Whole") -> "Whole":
        return Whole.of(
            (merged(left, right), first * second)
            for left, first in self.terms
            for right, second in other.terms
        )

    @property
    def variables(self) -> frozenset[str]:
        """The names of everything it depends on."""
        return frozenset(name for monomial, _ in self.terms for name, _ in monomial)

    @property
    def constant(self) -> int | None:
        """Its value if it depends on nothing."""
        if not self.terms:
            return 0
        return self.terms[0][1] if len(self.terms) == 1 and not self.terms[0][0] else None

    def replaced(self, values: Mapping[str, "Whole"]) -> "Whole":
        """All variables in ``values`` replaced at once."""
        if not any(name in values for monomial, _ in self.terms for name, _ in monomial):
            return self
        total = Whole(())
        for monomial, coefficient in self.terms:
            product = Whole.number(coefficient)
            for name, power in monomial:
                factor = values.get(name) or Whole.variable(name)
                for _ in range(power):
                    product = product * factor
            total = total + product
        return total

    def renamed(self, name_of: Callable[[str], str]) -> "Whole":
        """Every variable under another name; variables that share a name are added up."""
        return Whole.of(
            (reduce(merged, [((name_of(name), power),) for name, power in monomial], ()), value)
            for monomial, value in self.terms
        )

    def solved(self, name: str) -> "Whole | None":
        """The only value of a variable at which this is zero, if it enters as +-name alone."""
        if any(name in dict(monomial) for monomial, _ in self.terms if monomial != ((name, 1),)):
            return None
        coefficient = dict(self.terms).get(((name, 1),))
        if coefficient not in (1, -1):
            return None
        rest = Whole(tuple(item for item in self.terms if item[0] != ((name, 1),)))
        return -rest if coefficient == 1 else rest

    def content(self) -> int:
        """The greatest common divisor of all coefficients but the constant one."""
        return gcd(*(coefficient for monomial, coefficient in self.terms if monomial))

    def either_sign(self) -> "Whole":
        """This or its negative: the same one for both."""
        return min(self, -self)


def merged(left: Monomial, right: Monomial) -> Monomial:
    """The product of two monomials; exponents may be negative, zero ones are dropped."""
    if not left or not right:
        return left or right
    powers = dict(left)
    for name, power in right:
        powers[name] = powers.get(name, 0) + power
    return tuple(sorted(item for item in powers.items() if item[1]))
