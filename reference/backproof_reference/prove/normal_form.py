"""The normal form of an expression at symbolic sizes: {canonical term: coefficient}.

Two expressions with one normal form are equal at every size inside the assumptions. The converse
does not hold: where a rule would need a case distinction, equal expressions stay apart.
"""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import sympy as sp

from backproof_reference.prove.canonical import Key, key_of
from backproof_reference.prove.deltas import simplified
from backproof_reference.prove.functions import Function
from backproof_reference.prove.model import Definition
from backproof_reference.prove.operators import indices_of, name_of
from backproof_reference.prove.reading import Language
from backproof_reference.prove.terms import Term, multiplied
from backproof_reference.prove.whole import Whole

Place = tuple[Whole, ...]
MAX_PASSES = 4


def normal_form(terms: Iterable[Term], language: Language) -> dict[Key, Term]:
    """One term for each canonical name, with all coefficients of that name added up."""
    found: dict[Key, Term] = {}
    for term in simplified(terms, language):
        key = key_of(term)
        known = found.get(key)
        total = term.coefficient + (known.coefficient if known else Fraction(0))
        found[key] = replace(known or term, coefficient=total)
    return {key: term for key, term in found.items() if term.coefficient}


def vanishes(terms: Iterable[Term], language: Language) -> bool:
    """Whether terms certainly add up to zero, if need be after using every definition."""
    left = normal_form(terms, language)
    for _ in range(MAX_PASSES):
        changed = False
        for definition in reversed(list(language.definitions)):
            if not left:
                return True
            used = _expanded(list(left.values()), definition, language)
            if used is not None:
                left, changed = normal_form(used, language), True
        if not changed:
            break
    return not left


def _expanded(terms: list[Term], definition: Definition, language: Language) -> list[Term] | None:
    """The terms, times a nonzero factor, after using one definition; None if it is of no use."""
    if isinstance(definition, Function):
        return None  # an unknown like any other
    name = name_of(definition.symbol)
    if not indices_of(definition.symbol):
        powers = [term.power_of(name) for term in terms]
        return _raised(terms, powers, definition, (), language)
    places = sorted(
        {
            entry[1]
            for term in terms
            for entry in term.entries
            if entry[0] == name and not any(at.variables & term.bounds.keys() for at in entry[1])
        }
    )
    for place in places:
        powers = [term.entries.get((name, place), 0) for term in terms]
        found = _raised(terms, powers, definition, place, language)
        if found is not None:
            return found
    return _inside_sums(terms, definition, language)


def _raised(
    terms: list[Term], powers: list[int], definition: Definition, place: Place, language: Language
) -> list[Term] | None:
    """Write root^(kn + i) as base^(+-k) root^i, times the power of the base that clears them.

    That power is the same for all terms, and the base is positive, so that the sum of the terms
    vanishes exactly if it did before.
    """
    root = int(1 / sp.Rational(definition.exponent))
    sign = 1 if root > 0 else -1
    wholes = [sign * (power // abs(root)) for power in powers]
    if not any(wholes):
        return None
    lowest = min(wholes)
    found: list[Term] = []
    for term, power, whole in zip(terms, powers, wholes, strict=True):
        left = power % abs(root)
        parts = [_with_root(term, left - power, definition, place)]
        for _ in range(whole - min(lowest, 0)):
            parts = multiplied(parts, language.base_of(definition, place))
        found += parts
    return found


def _with_root(term: Term, power: int, definition: Definition, place: Place) -> Term:
    name = name_of(definition.symbol)
    if not indices_of(definition.symbol):
        return term.with_power(name, power)
    return term.with_entry((name, place), power)


def _inside_sums(
    terms: list[Term], definition: Definition, language: Language
) -> list[Term] | None:
    """An indexed root at a dummy: only its whole positive powers can be replaced."""
    root = int(1 / sp.Rational(definition.exponent))
    name = name_of(definition.symbol)
    found, changed = [], False
    for term in terms:
        parts = [term]
        for entry, power in term.entries.items():
            if root > 0 and entry[0] == name and power >= root:
                parts = [_with_root(part, -root, definition, entry[1]) for part in parts]
                parts = multiplied(parts, language.base_of(definition, entry[1]))
                changed = True
        found += parts
    return found if changed else None
