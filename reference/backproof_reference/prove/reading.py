"""Read an ordinary SymPy expression as a list of terms; refuse whatever has no certain meaning.

Nothing is simplified by SymPy here: a sum over ``lo .. hi`` with ``hi < lo`` is empty, as it is for
the exact level, and a division is accepted only if the divisor cannot vanish at any size.
"""

from collections.abc import Mapping
from fractions import Fraction
from itertools import count
from typing import Any

import sympy as sp

from backproof_reference.prove.facts import Facts
from backproof_reference.prove.model import Definition, Expr, Setting
from backproof_reference.prove.operators import indices_of, name_of
from backproof_reference.prove.split import Split, parted
from backproof_reference.prove.terms import (
    Term,
    TooMuchWorkError,
    UnreadableError,
    multiplied,
)
from backproof_reference.prove.whole import Whole

Scope = Mapping[Any, Whole]
MAX_POWER = 64


class Language:
    """The symbols of one step, and what is known about them."""

    def __init__(self, setting: Setting) -> None:
        self._numbers = count()
        self.definitions = list(setting.definitions)
        self._symbols: dict[str, Any] = {}
        self._arrays: dict[str, Any] = {}
        # Sums over these are counted backwards; that never changes a value.
        self.reversed_sums: frozenset[Any] = frozenset()
        # Sums over its indices are read as a shorter sum and one term.
        self.split: Split | None = None
        self._facts: Facts | None = None
        self._extended: dict[tuple[Whole, ...], Facts] = {}
        self.indices = frozenset(self._free(index) for index in setting.ranges)
        self._ranges = [
            (self._free(index), self.whole(low, {}), self.whole(high, {}))
            for index, (low, high) in setting.ranges.items()
        ]
        self.support = {
            name: tuple(self.whole(extent, {}) for extent in shape)
            for name, shape in setting.support.items()
        }
        self._assumed = [self.whole(form, {}) for form in setting.nonnegative]

    @property
    def facts(self) -> Facts:
        """What holds in every term: declared inequalities, ranges, signs of the symbols met."""
        if self._facts is None:
            known = list(self._assumed)
            for index, low, high in self._ranges:
                known += [Whole.variable(index) - low, high - Whole.variable(index)]
            for name, symbol in self._symbols.items():
                if symbol.is_integer and symbol.is_positive:
                    known.append(Whole.variable(name) - Whole.number(1))
                elif symbol.is_integer and symbol.is_nonnegative:
                    known.append(Whole.variable(name))
            self._facts = Facts(known)
            self._extended = {}
        return self._facts

    def facts_with(self, known: tuple[Whole, ...]) -> Facts:
        """The facts of every term and more; asked for often, so they are kept."""
        general = self.facts
        if known not in self._extended:
            self._extended[known] = general.extended(known)
        return self._extended[known]

    def is_integer(self, name: str) -> bool:
        """Whether a name is a size or a free index."""
        return bool(self._symbols[name].is_integer)

    def is_scalar(self, name: str) -> bool:
        """Whether a name is a scalar or a size that has been met, not an index."""
        return name in self._symbols and name not in self.indices

    def read(self, expr: Expr, scope: Scope) -> list[Term]:
        """The terms of an expression; ``scope`` says what its bound and index symbols are."""
        match expr:
            case sp.Rational():
                number = Fraction(int(expr.p), int(expr.q))
                return [Term(number)] if number else []
            case sp.Symbol():
                if expr in scope:
                    return [Term(Fraction(c), powers) for powers, c in scope[expr].terms]
                return [Term(powers=((self._free(expr), 1),))]
            case sp.Indexed():
                return [Term(entries={self._entry(expr, scope): 1})]
            case sp.KroneckerDelta() if len(expr.args) == 2:
                form = self.whole(expr.args[0], scope) - self.whole(expr.args[1], scope)
                return [Term(deltas=frozenset((form,)))]
            case sp.Sum():
                return self._sum(expr.function, expr.limits, scope)
            case sp.Add():
                return [term for part in expr.args for term in self.read(part, scope)]
            case sp.Mul():
                found = [Term()]
                for part in expr.args:
                    found = multiplied(found, self.read(part, scope))
                return found
            case sp.Pow():
                return self._power(expr, scope)
        raise UnreadableError(f"{type(expr).__name__} in {expr} is outside the index language")

    def whole(self, expr: Expr, scope: Scope) -> Whole:
        """An index, a bound or the side of a delta: an integer polynomial."""
        match expr:
            case sp.Integer():
                return Whole.number(int(expr))
            case int():
                return Whole.number(expr)
            case sp.Symbol() if expr in scope:
                return scope[expr]
            case sp.Symbol() if expr.is_integer:
                return Whole.variable(self._free(expr))
            case sp.Add():
                total = Whole(())
                for part in expr.args:
                    total = total + self.whole(part, scope)
                return total
            case sp.Mul():
                total = Whole.number(1)
                for part in expr.args:
                    total = total * self.whole(part, scope)
                return total
            case sp.Pow() if expr.exp.is_Integer and 0 < expr.exp <= 8:
                base, total = self.whole(expr.base, scope), Whole.number(1)
                for _ in range(int(expr.exp)):
                    total = total * base
                return total
        raise UnreadableError(f"{expr} is no integer polynomial in sizes and indices")

    def definition_of(self, name: str, indexed: bool) -> Definition | None:
        """The definition of a named root, if the name has one."""
        for definition in self.definitions:
            if name_of(definition.symbol) == name:
                if isinstance(definition.symbol, sp.Indexed) != indexed:
                    raise UnreadableError(f"{name} is both a scalar and an array")
                return definition
        return None

    def base_of(self, definition: Definition, place: tuple[Whole, ...]) -> list[Term]:
        """The terms under a named root, at an index."""
        if name_of(definition.symbol) in self.support:
            raise UnreadableError(f"{definition.symbol} is a root, and zero outside its support")
        symbols = indices_of(definition.symbol)
        return self.read(definition.base, dict(zip(symbols, place, strict=True)))

    def _sum(self, body: Expr, limits: Any, scope: Scope) -> list[Term]:
        # SymPy lists the innermost limit first; the bounds of inner sums may use outer indices.
        if not limits:
            return self.read(body, scope)
        *inner, limit = limits
        if len(limit) != 3:
            raise UnreadableError(f"the sum over {limit[0]} has no limits")
        index, low, high = limit[0], self.whole(limit[1], scope), self.whole(limit[2], scope)
        alone: list[Term] = []
        if self.split is not None and index in self.split.indices:
            at, low, high = parted(self.split, low, high, self.facts)
            alone = self._sum(body, inner, {**scope, index: at})
        name = f"%{next(self._numbers):06d}"
        place = Whole.variable(name)
        shifted = high - place if index in self.reversed_sums else low + place
        bound = {name: high - low + Whole.number(1)}
        terms = self._sum(body, inner, {**scope, index: shifted})
        return alone + [term.times(Term(bounds=bound)) for term in terms]

    def _entry(self, expr: Expr, scope: Scope) -> tuple[str, tuple[Whole, ...]]:
        name = str(expr.base.label.name)
        if self._arrays.setdefault(name, expr.base) != expr.base:
            raise UnreadableError(f"two different arrays are named {name}")
        place = tuple(self.whole(index, scope) for index in expr.indices)
        shape = self.support.get(name)
        if shape is not None and len(shape) != len(place):
            raise UnreadableError(f"{expr} has not the {len(shape)} indices of its support")
        return name, place

    def _free(self, symbol: Any) -> str:
        name = str(symbol.name)
        if name.startswith("%"):
            raise UnreadableError(f"{name} looks like a dummy")
        if not symbol.is_commutative:
            raise UnreadableError(f"{name} does not commute")
        if name not in self._symbols:
            self._symbols[name] = symbol
            self._facts = None
        if self._symbols[name] != symbol:
            raise UnreadableError(f"two different symbols are named {name}")
        return name

    def _power(self, expr: Expr, scope: Scope) -> list[Term]:
        if not expr.exp.is_Integer:
            raise UnreadableError(f"the exponent of {expr} is no integer")
        exponent = int(expr.exp)
        if abs(exponent) > MAX_POWER:
            raise TooMuchWorkError(f"{exponent} factors in one power")
        if exponent > 0:
            found = [Term()]
            for _ in range(exponent):  # read again each time: every factor has its own dummies
                found = multiplied(found, self.read(expr.base, scope))
            return found
        single = self._reciprocal(self.read(expr.base, scope), expr.base)
        found = [Term()]
        for _ in range(-exponent):
            found = multiplied(found, [single])
        return found

    def _reciprocal(self, terms: list[Term], base: Expr) -> Term:
        """One over an expression that can never vanish."""
        if any(term.bounds or term.deltas for term in terms):
            raise UnreadableError(f"division by {base}, which contains a sum or a delta")
        if len(terms) == 1 and self._never_zero(terms[0]):
            (term,) = terms
            powers = tuple((name, -power) for name, power in term.powers)
            entries = {entry: -power for entry, power in term.entries.items()}
            return Term(1 / term.coefficient, powers, entries)
        names = {name for term in terms for name, _ in term.powers}
        if any(term.entries for term in terms) or not all(map(self.is_scalar, names)):
            raise UnreadableError(f"division by {base}, which depends on an index")
        if not self._sum_never_zero(terms, base):
            raise UnreadableError(f"division by {base}, which may vanish")
        return Term(powers=((self._inverse_name(terms, base), 1),))

    def _never_zero(self, term: Term) -> bool:
        """Whether every factor of a term is nonzero; indices never count as such."""
        # An array with a support is zero outside it, whatever sign it was declared with.
        return all(self._never_zero_symbol(name) for name, _ in term.powers) and all(
            self._arrays[name].is_positive and name not in self.support for name, _ in term.entries
        )

    def _never_zero_symbol(self, name: str) -> bool:
        if not self.is_scalar(name):
            return False
        if self._symbols[name].is_positive:
            return True
        return self.is_integer(name) and self.facts.nonzero(Whole.variable(name))

    def _sum_never_zero(self, terms: list[Term], base: Expr) -> bool:
        same_sign = len({term.coefficient > 0 for term in terms}) == 1
        names = {name for term in terms for name, _ in term.powers}
        if same_sign and all(self._symbols[name].is_positive for name in names):
            return True
        if all(self.is_integer(name) for name in names):
            return self.facts.nonzero(self.whole(base, {}))
        # A common factor is left out of the comparison: it must not vanish either.
        common = {n for n in names if all(term.power_of(n) for term in terms)}
        return all(map(self._never_zero_symbol, common)) and any(
            _proportional(terms, self.base_of(definition, ()))
            for definition in self.definitions
            if not indices_of(definition.symbol) and definition.base_is_positive
        )

    def _inverse_name(self, terms: list[Term], base: Expr) -> str:
        """The name of the root of order one that stands for 1 / base."""
        total: dict[Any, Fraction] = {}
        for term in terms:
            total[term.powers] = total.get(term.powers, Fraction(0)) + term.coefficient
        content = [(str(value), powers) for powers, value in sorted(total.items())]
        name = f"1/{content}"  # quoted names, so that two bases never share one
        if name not in self._symbols:
            symbol = sp.Dummy(name)
            self._symbols[name] = symbol
            self.definitions.append(Definition(symbol, sp.Integer(-1), base))
        return name


def _proportional(left: list[Term], right: list[Term]) -> bool:
    """Whether two expressions without indices differ by a number and a monomial only."""
    primitive = _primitive(left)
    return primitive is not None and primitive == _primitive(right)


def _primitive(terms: list[Term]) -> Any:
    """What is left after dividing by a number and a monomial; None if there is no such form."""
    if any(term.bounds or term.entries or term.deltas for term in terms):
        return None
    total: dict[Any, Fraction] = {}
    names = sorted({name for term in terms for name, _ in term.powers})
    least = {name: min(term.power_of(name) for term in terms) for name in names}
    for term in terms:
        key = tuple(term.power_of(name) - least[name] for name in names)
        total[key] = total.get(key, Fraction(0)) + term.coefficient
    items = sorted(item for item in total.items() if item[1])
    if not items:
        return None
    used = [name for at, name in enumerate(names) if any(key[at] for key, _ in items)]
    shown = [
        (tuple((name, key[names.index(name)]) for name in used), value / items[0][1])
        for key, value in items
    ]
    return tuple(used), tuple(shown)
