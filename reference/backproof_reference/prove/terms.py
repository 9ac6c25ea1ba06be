"""One term of an expanded expression: a number times symbols, entries and deltas, summed over
dummies that all start at 0.

A dummy is named by a percent sign and a number, which no symbol of a derivation may be, so a dummy
can never be mistaken for a free index of the same name.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import product

from backproof_reference.prove.whole import Monomial, Whole, merged

Entry = tuple[str, tuple[Whole, ...]]
MAX_TERMS = 20_000


class UnreadableError(ValueError):
    """The expression is outside the language of the index level."""


class TooMuchWorkError(RuntimeError):
    """The index level gives up; this says nothing about the step."""


@dataclass(frozen=True, slots=True)
class Term:
    """``coefficient * powers * entries * deltas``, summed over ``0 <= dummy < bounds[dummy]``.

    ``powers`` are scalars, sizes and indices with their exponents; a delta is 1 where its form is
    0. A sum whose bound is zero or negative is empty. The mappings are never changed.
    """

    coefficient: Fraction = Fraction(1)
    powers: Monomial = ()
    entries: Mapping[Entry, int] = field(default_factory=dict)
    deltas: frozenset[Whole] = frozenset()
    bounds: Mapping[str, Whole] = field(default_factory=dict)

    def times(self, other: "Term") -> "Term":
        """The product with a term that has other dummies."""
        if self.bounds.keys() & other.bounds.keys():
            raise AssertionError("two factors share a dummy")
        entries = dict(self.entries)
        for entry, power in other.entries.items():
            entries[entry] = entries.get(entry, 0) + power
        return Term(
            self.coefficient * other.coefficient,
            merged(self.powers, other.powers),
            {entry: power for entry, power in entries.items() if power},
            self.deltas | other.deltas,
            {**self.bounds, **other.bounds},
        )

    def scaled(self, number: Fraction | int) -> "Term":
        """The product with a number."""
        return replace(self, coefficient=self.coefficient * number)

    def replaced(self, values: Mapping[str, Whole]) -> list["Term"]:
        """Indices replaced everywhere, at once; a power of a sum is multiplied out."""
        entries: dict[Entry, int] = {}
        for (name, place), power in self.entries.items():
            moved = (name, tuple(index.replaced(values) for index in place))
            entries[moved] = entries.get(moved, 0) + power
        kept = Term(
            self.coefficient,
            tuple(item for item in self.powers if item[0] not in values),
            {entry: power for entry, power in entries.items() if power},
            frozenset(delta.replaced(values) for delta in self.deltas),
            {dummy: bound.replaced(values) for dummy, bound in self.bounds.items()},
        )
        found = [kept]
        for name, power in self.powers:
            if name in values:
                if power < 0:
                    raise UnreadableError(f"the index {name} stands in a denominator")
                for _ in range(power):
                    found = multiplied(found, of_whole(values[name]))
        return found

    def without_entry(self, entry: Entry) -> "Term":
        """The term divided by all powers of an entry."""
        return replace(self, entries={e: n for e, n in self.entries.items() if e != entry})

    def with_entry(self, entry: Entry, power: int) -> "Term":
        """The term times a power of an entry."""
        return self.times(Term(entries={entry: power})) if power else self

    def power_of(self, name: str) -> int:
        """The exponent of a scalar, a size or an index."""
        return dict(self.powers).get(name, 0)

    def with_power(self, name: str, power: int) -> "Term":
        """The term times a power of a scalar."""
        return replace(self, powers=merged(self.powers, ((name, power),))) if power else self

    def uses(self, dummy: str) -> bool:
        """Whether an entry, a delta or another dummy's bound depends on a dummy."""
        return (
            any(dummy in index.variables for _, place in self.entries for index in place)
            or any(dummy in delta.variables for delta in self.deltas)
            or any(dummy in bound.variables for bound in self.bounds.values())
        )


def of_whole(form: Whole) -> list[Term]:
    """An integer polynomial as terms."""
    return [Term(Fraction(value), monomial) for monomial, value in form.terms]


def multiplied(left: Sequence[Term], right: Sequence[Term]) -> list[Term]:
    """All products of two lists of terms."""
    if len(left) * len(right) > MAX_TERMS:
        raise TooMuchWorkError(f"more than {MAX_TERMS} terms")
    return [first.times(second) for first, second in product(left, right)]
