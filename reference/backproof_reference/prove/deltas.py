"""Rewrite one term by rules that hold at every size: deltas, supports, and sums that can be done.

Every rule asks ``Facts`` for certainty and leaves the term alone without it. A rule returns the
terms that take the place of the old one, or None if it has nothing to do.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from fractions import Fraction
from math import comb

from backproof_reference.prove.facts import Facts
from backproof_reference.prove.reading import Language
from backproof_reference.prove.terms import Term, TooMuchWorkError, multiplied, of_whole
from backproof_reference.prove.whole import Whole

Rule = Callable[[Term, Language], list[Term] | None]
MAX_REWRITES = 20_000
MAX_UNROLLED = 8
ONE = Whole.number(1)


def simplified(terms: Iterable[Term], language: Language) -> list[Term]:
    """Equal terms to which no rule applies any more."""
    open_terms = list(terms)
    done: list[Term] = []
    for _ in range(MAX_REWRITES):
        if not open_terms:
            return done
        term = open_terms.pop()
        for rule in RULES:
            found = rule(term, language)
            if found is not None:
                open_terms.extend(found)
                break
        else:
            done.append(term)
    raise TooMuchWorkError(f"more than {MAX_REWRITES} rewrites")


def known_in(term: Term, language: Language) -> Facts:
    """What holds wherever a term is not zero: its dummies are in range, its entries in support."""
    known = []
    for dummy, bound in term.bounds.items():
        place = Whole.variable(dummy)
        known += [place, bound - place - ONE]
    for (name, place_of), power in term.entries.items():
        if power > 0:
            for at, extent in zip(place_of, language.support.get(name, ()), strict=False):
                known += [at, extent - at - ONE]
    for delta in term.deltas:
        known += [delta, -delta]
    return language.facts_with(tuple(known))


def inside(name: str, place: tuple[Whole, ...], term: Term, language: Language) -> bool:
    """Whether an entry certainly lies in its support wherever ``term`` is not zero."""
    known = known_in(term, language)
    return all(
        known.nonnegative(at) and known.positive(extent - at)
        for at, extent in zip(place, language.support.get(name, ()), strict=False)
    )


def _settle(term: Term, language: Language) -> list[Term] | None:
    """Deltas whose value is certain, in lowest terms."""
    for delta in sorted(term.deltas):
        rest = replace(term, deltas=term.deltas - {delta})
        if delta.constant is not None:
            return [] if delta.constant else [rest]
        divisor = delta.content()
        constant = sum(value for monomial, value in delta.terms if not monomial)
        if constant % divisor:
            return []  # the rest is a multiple of the divisor, so it never makes up for this
        reduced = Whole(tuple((monomial, value // divisor) for monomial, value in delta.terms))
        reduced = reduced.either_sign()
        if reduced != delta:
            return [replace(rest, deltas=rest.deltas | {reduced})]
        if known_in(rest, language).nonzero(delta):
            return []
    return None


def _vanish(term: Term, language: Language) -> list[Term] | None:
    """Empty sums, and entries that certainly lie outside their support."""
    for dummy, bound in term.bounds.items():
        if bound.constant is not None and bound.constant <= 0:
            return []
        others = {other: end for other, end in term.bounds.items() if other != dummy}
        around = known_in(Term(bounds=others), language)
        if bound.constant is None and around.nonnegative(-bound):
            return []
    for (name, place), power in term.entries.items():
        shape = language.support.get(name)
        if power > 0 and shape is not None:
            rest = known_in(term.without_entry((name, place)), language)
            for at, extent in zip(place, shape, strict=True):
                if rest.positive(-at) or rest.nonnegative(at - extent):
                    return []
    return None


def _contract(term: Term, language: Language) -> list[Term] | None:
    """Sum a dummy against a delta, where the only value it leaves is certainly in range."""
    for delta in sorted(term.deltas):
        for dummy in sorted(term.bounds.keys() & delta.variables):
            value = delta.solved(dummy)
            if value is None:
                continue
            bounding = any(dummy in end.variables for end in term.bounds.values())
            if bounding and value.variables & term.bounds.keys():
                continue  # a sum must not be bounded by its own dummy
            bound = term.bounds[dummy]
            others = {other: end for other, end in term.bounds.items() if other != dummy}
            rest = replace(term, deltas=term.deltas - {delta}, bounds=others)
            found = rest.replaced({dummy: value})
            # All found terms have the same entries, deltas and bounds. Where they vanish, so does
            # the sum; elsewhere the value must be one that the dummy takes.
            known = known_in(found[0], language) if found else language.facts
            if known.nonnegative(value) and known.positive(bound - value):
                return found
    return None


def _unroll(term: Term, language: Language) -> list[Term] | None:
    """A sum with a small constant number of terms."""
    for dummy, bound in term.bounds.items():
        length = bound.constant
        if length is not None and 0 < length <= MAX_UNROLLED:
            rest = replace(
                term, bounds={other: end for other, end in term.bounds.items() if other != dummy}
            )
            parts = [rest.replaced({dummy: Whole.number(at)}) for at in range(length)]
            return [found for part in parts for found in part]
    return None


def _count(term: Term, language: Language) -> list[Term] | None:
    """The sum of a power of a dummy that stands nowhere else; never if it might be empty."""
    for dummy, bound in term.bounds.items():
        if term.uses(dummy):
            continue
        power = term.power_of(dummy)
        rest = replace(
            term.with_power(dummy, -power),
            bounds={other: end for other, end in term.bounds.items() if other != dummy},
        )
        # With a negative length the formula would go on where the sum is empty.
        if known_in(rest, language).nonnegative(bound):
            return multiplied([rest], power_sum(power, bound))
    return None


def power_sum(power: int, length: Whole) -> list[Term]:
    """The sum of k ** power over 0 <= k < length, as a polynomial in a length that is >= 0."""
    total: list[Term] = []
    for j in range(power + 1):
        weight = Fraction(comb(power + 1, j), power + 1) * _bernoulli(j)
        if weight:
            product = [Term(weight)]
            for _ in range(power + 1 - j):
                product = multiplied(product, of_whole(length))
            total += product
    return total


def _bernoulli(order: int) -> Fraction:
    numbers = [Fraction(1)]
    for n in range(1, order + 1):
        known = sum((comb(n + 1, j) * numbers[j] for j in range(n)), start=Fraction(0))
        numbers.append(-known / (n + 1))
    return numbers[order]


def _tighten(term: Term, language: Language) -> list[Term] | None:
    """Sum only where an entry can be nonzero, if that is certainly within the old range."""
    for dummy, bound in term.bounds.items():
        if any(dummy in end.variables for end in term.bounds.values()):
            continue
        for (name, place), power in term.entries.items():
            for at, extent in zip(place, language.support.get(name, ()), strict=False):
                start = at.solved(dummy) if power > 0 else None
                last = (at - extent + ONE).solved(dummy)
                if start is None or last is None:
                    continue
                if at == -Whole.variable(dummy) + at.replaced({dummy: Whole(())}):
                    start, last = last, start
                if start == Whole(()) and last == bound - ONE:
                    continue
                found = _narrowed(term, dummy, start, last, language)
                if found is not None:
                    return found
    return None


def _narrowed(
    term: Term, dummy: str, start: Whole, last: Whole, language: Language
) -> list[Term] | None:
    others = {other: end for other, end in term.bounds.items() if other != dummy}
    kept = {
        entry: power
        for entry, power in term.entries.items()
        if not any(dummy in at.variables for at in entry[1])
    }
    around = known_in(Term(entries=kept, bounds=others), language)
    inner = around.nonnegative(start) and around.positive(term.bounds[dummy] - last)
    # A range that is certainly the old one, differently written, would be exchanged for ever.
    same = around.nonnegative(-start) and around.nonnegative(last - term.bounds[dummy] + ONE)
    if same or not inner:
        return None
    moved = replace(term, bounds=others).replaced({dummy: start + Whole.variable(dummy)})
    width = {dummy: last - start + ONE}
    return [replace(part, bounds={**part.bounds, **width}) for part in moved]


def _identify(term: Term, language: Language) -> list[Term] | None:
    """Where a delta ties free indices, write all others in terms of the first."""
    for delta in sorted(term.deltas):
        if delta.variables & term.bounds.keys():
            continue
        rest = replace(term, deltas=term.deltas - {delta})
        for index in sorted(delta.variables & language.indices, reverse=True):
            value = delta.solved(index)
            if value is None:
                continue
            if rest.uses(index) or rest.power_of(index):
                found = rest.replaced({index: value})
                return [replace(part, deltas=part.deltas | {delta}) for part in found]
            break
    return None


RULES: tuple[Rule, ...] = (_settle, _vanish, _contract, _unroll, _count, _tighten, _identify)
