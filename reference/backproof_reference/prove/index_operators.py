"""The operators of a step on terms with symbolic sizes."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from math import factorial
from typing import TypeVar

import sympy as sp

from backproof_reference.prove.deltas import inside, known_in
from backproof_reference.prove.functions import Function
from backproof_reference.prove.model import (
    Definition,
    Differentiate,
    Expect,
    Expr,
    OneHot,
    Op,
    Reindex,
    Setting,
    Substitute,
)
from backproof_reference.prove.operators import (
    indices_of,
    name_of,
    require_free,
    require_sum,
    require_visible,
    substitute,
)
from backproof_reference.prove.reading import Language
from backproof_reference.prove.split import Split, require_split
from backproof_reference.prove.terms import Entry, Term, UnreadableError, multiplied
from backproof_reference.prove.whole import Whole

T = TypeVar("T")
MAX_RANDOM = 6


def applied(op: Op | None, expr: Expr, setting: Setting, language: Language) -> list[Term]:
    """The terms of an operator applied to an expression."""
    require_free(op, setting)
    match op:
        case None:
            return language.read(expr, {})
        case Reindex():
            require_sum(expr, op)
            language.reversed_sums = frozenset(op.indices)
            try:
                return language.read(expr, {})
            finally:
                language.reversed_sums = frozenset()
        case Split():
            require_split(expr, op)
            language.split = op
            try:
                return language.read(expr, {})
            finally:
                language.split = None
        case Differentiate():
            return _Derivative(op.wrt, language).of(language.read(expr, {}))
        case Expect():
            require_visible(op.variable, setting)
            return _Expectation(op, language).of(language.read(expr, {}))
        case OneHot():
            return one_hot(language.read(expr, {}), op)
        case Substitute():
            require_visible(op.old, setting)
            if isinstance(op.old, sp.Symbol):
                if op.old.is_integer:
                    raise UnreadableError(f"{op.old} is an integer: it may stand in a bound")
                return language.read(substitute(expr, op), {})
            return _substituted(language.read(expr, {}), op, language)


class _Derivative:
    """Differentiate with respect to one scalar or entry, through every named root."""

    def __init__(self, wrt: Expr, language: Language) -> None:
        self._language = language
        self._name = name_of(wrt)
        self._indexed = isinstance(wrt, sp.Indexed)
        if not self._indexed and wrt.is_integer:
            raise UnreadableError(f"{wrt} is an integer")
        self._place: tuple[Whole, ...] = ()
        if self._indexed:
            ((entry, _),) = language.read(wrt, {})[0].entries.items()
            self._place = entry[1]
            # Outside its support an entry is the number zero, not a variable.
            if not inside(self._name, self._place, Term(), language):
                raise UnreadableError(f"{wrt} may lie outside its support")

    def of(self, terms: Iterable[Term]) -> list[Term]:
        return [part for term in terms for part in self._of_term(term)]

    def _of_term(self, term: Term) -> Iterator[Term]:
        for name, power in term.powers:
            lower = term.with_power(name, -1).scaled(power)
            if name == self._name and not self._indexed:
                yield lower
            elif definition := self._language.definition_of(name, indexed=False):
                root = Term(powers=((name, 1),))
                yield from multiplied([lower], self._of_root(definition, (), root))
        for (name, place), power in term.entries.items():
            lower = term.without_entry((name, place)).with_entry((name, place), power - 1)
            lower = lower.scaled(power)
            if name == self._name and self._indexed:
                met = [at - own for at, own in zip(place, self._place, strict=True)]
                yield replace(lower, deltas=lower.deltas | set(met))
            elif definition := self._language.definition_of(name, indexed=True):
                root = Term(entries={(name, place): 1})
                yield from multiplied([lower], self._of_root(definition, place, root))

    def _of_root(self, definition: Definition, place: tuple[Whole, ...], root: Term) -> list[Term]:
        """s = base^q gives ds = q s^(1 - 1/q) dbase; 1/q is an integer."""
        inner = self.of(self._language.base_of(definition, place))
        if isinstance(definition, Function):
            scope = dict(zip(indices_of(definition.symbol), place, strict=True))
            return multiplied(self._language.read(definition.slope, scope), inner)
        exponent = Fraction(str(sp.Rational(definition.exponent)))
        power = int(1 - 1 / exponent)
        if root.powers:
            slope = Term(exponent, ((root.powers[0][0], power),) if power else ())
        else:
            slope = Term(exponent, entries=dict.fromkeys(root.entries, power) if power else {})
        return multiplied([slope], inner)


class _Expectation:
    """Average over independent entries (or one scalar), by their declared moments."""

    def __init__(self, op: Expect, language: Language) -> None:
        self._op = op
        self._language = language
        self._name = name_of(op.variable)
        self._scalar = isinstance(op.variable, sp.Symbol)
        if self._scalar and op.variable.is_integer:
            raise UnreadableError(f"{op.variable} is an integer: it may stand in a bound")

    def of(self, terms: Iterable[Term]) -> list[Term]:
        return [part for term in terms for part in self._of_term(term)]

    def _of_term(self, term: Term) -> list[Term]:
        for name, _ in term.powers:
            hidden = self._language.definition_of(name, indexed=False)
            if hidden and self._name in {part.name for part in hidden.base.atoms(sp.Symbol)}:
                raise UnreadableError(f"{self._op.variable} in a denominator")
        if self._scalar:
            power = term.power_of(self._name)
            rest = term.with_power(self._name, -power)
            return multiplied([rest], self._moment(power, ())) if power else [term]
        random = {entry: n for entry, n in term.entries.items() if entry[0] == self._name}
        if not random:
            return [term]
        if any(power < 0 for power in random.values()):
            raise UnreadableError(f"{self._op.variable} in a denominator has no declared moment")
        if len(random) > MAX_RANDOM:
            raise UnreadableError(f"more than {MAX_RANDOM} factors {self._op.variable}")
        rest = replace(
            term, entries={entry: n for entry, n in term.entries.items() if entry not in random}
        )
        for _, place in random:
            # Once averaged, an entry no longer says that it is zero outside its support.
            if not inside(self._name, place, rest, self._language):
                raise UnreadableError(f"{self._op.variable} may be read outside its support")
        found = []
        for blocks in partitions(sorted(random)):
            found += self._of_blocks(blocks, random, rest)
        return found

    def _of_blocks(
        self, blocks: list[list[Entry]], random: dict[Entry, int], rest: Term
    ) -> list[Term]:
        """The part of the expectation in which the entries of each block are known to be one."""
        deltas = [
            other - own
            for block in blocks
            for entry in block[1:]
            for other, own in zip(entry[1], block[0][1], strict=True)
        ]
        if any(known_in(rest, self._language).nonzero(delta) for delta in deltas):
            return []
        found = [replace(rest, deltas=rest.deltas | set(deltas))]
        for block in blocks:
            found = multiplied(found, self._excess([random[entry] for entry in block], block[0][1]))
        return found

    def _excess(self, powers: list[int], place: tuple[Whole, ...]) -> list[Term]:
        """What equal entries add to the product of the means of all finer coincidences.

        For two entries this is m2 - m1 m1; in general it is the Moebius inversion over the
        partitions of the block, so that the sum over all partitions gives the exact moment.
        """
        found: list[Term] = []
        for blocks in partitions(list(range(len(powers)))):
            weight = (-1) ** (len(blocks) - 1) * factorial(len(blocks) - 1)
            part = [Term(Fraction(weight))]
            for block in blocks:
                part = multiplied(part, self._moment(sum(powers[at] for at in block), place))
            found += part
        return found

    def _moment(self, power: int, place: tuple[Whole, ...]) -> list[Term]:
        if not 1 <= power <= len(self._op.moments):
            raise UnreadableError(f"moment {power} of {self._op.variable} is not declared")
        scope = dict(zip(indices_of(self._op.variable), place, strict=True))
        return self._language.read(self._op.moments[power - 1], scope)


def partitions(items: list[T]) -> Iterator[list[list[T]]]:
    """All ways to split a list into blocks."""
    if not items:
        yield []
        return
    first, *rest = items
    for blocks in partitions(rest):
        yield [[first], *blocks]
        for at in range(len(blocks)):
            yield [*blocks[:at], [first, *blocks[at]], *blocks[at + 1 :]]


def one_hot(terms: Iterable[Term], op: OneHot) -> list[Term]:
    """Use B_ia B_ij = delta_aj B_ia and B_ia^2 = B_ia in every term."""
    name, found = name_of(op.variable), []
    for term in terms:
        rows: dict[tuple[Whole, ...], Whole] = {}
        deltas = set(term.deltas)
        entries = {}
        for (array, place), power in sorted(term.entries.items()):
            if array != name:
                entries[array, place] = power
                continue
            if power < 0:
                raise UnreadableError(f"division by {op.variable}")
            *row, column = place
            if tuple(row) in rows:
                deltas.add(column - rows[tuple(row)])
            else:
                rows[tuple(row)] = column
                entries[array, place] = 1
        found.append(replace(term, entries=entries, deltas=frozenset(deltas)))
    return found


def _substituted(terms: list[Term], op: Substitute, language: Language) -> list[Term]:
    """Write the new expression, with dummies of its own, for every entry of the old array."""
    name, found = name_of(op.old), []
    for term in terms:
        old = {entry: n for entry, n in term.entries.items() if entry[0] == name}
        parts = [replace(term, entries={e: n for e, n in term.entries.items() if e not in old})]
        for (_, place), power in sorted(old.items()):
            # Outside its support the old entry is zero, whatever the new expression is there.
            if not all(inside(name, place, part, language) for part in parts):
                raise UnreadableError(f"{op.old} may be read outside its support")
            scope = dict(zip(op.old.indices, place, strict=True))
            parts = multiplied(parts, language.read(sp.Pow(op.new, power), scope))
        found += parts
    return found
