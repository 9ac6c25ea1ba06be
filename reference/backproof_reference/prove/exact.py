"""Both sides of a step as exact rational functions at explicit sizes."""

from collections import defaultdict
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy as sp
from sympy.polys.domains import QQ
from sympy.polys.rings import ring

from backproof_reference.prove.evaluate import Atom, Env, Evaluator
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
    atom_of,
    defined,
    indices_of,
    name_of,
    require_free,
    require_sum,
    require_visible,
    substitute,
)
from backproof_reference.prove.quotient import Polynomial, Quotient
from backproof_reference.prove.split import Split, require_split


class Workspace:
    """A polynomial ring with one generator for each atom, and the operators on it."""

    def __init__(self, setting: Setting, env: Env, atoms: Sequence[Atom]) -> None:
        self._setting = setting
        self._env = env
        self.atoms = atoms
        self._ring, *generators = ring([str(atom) for atom in atoms], QQ)
        self._generator = dict(zip(atoms, generators, strict=True))
        self._numbers: dict[Fraction, Quotient] = {}
        self.value = Evaluator(setting, self._of_atom, self._of_number)

    def apply(self, op: Op | None, expr: Expr, env: Env) -> Quotient:
        """``op`` applied to ``expr``, as a rational function."""
        require_free(op, self._setting)
        match op:
            case None:
                result = self.value(expr, env)
            case Reindex():
                require_sum(expr, op)  # the order of a sum is nothing to a polynomial
                result = self.value(expr, env)
            case Split():
                require_split(expr, op)
                result = self.value(expr, env)
            case OneHot():
                result = self.assuming(op, self.value(expr, env))
            case Substitute():
                require_visible(op.old, self._setting)
                result = self.value(substitute(expr, op), env)
            case Differentiate():
                result = self._derivative(self.value(expr, env), atom_of(op.wrt, env))
            case Expect():
                require_visible(op.variable, self._setting)
                result = self._expectation(self.value(expr, env), op)
        assert isinstance(result, Quotient)
        return result

    def assuming(self, op: Op | None, quotient: Quotient) -> Quotient:
        """The same quotient on the values that the operator allows, in one form."""
        if not isinstance(op, OneHot):
            return quotient
        return Quotient(*(self._one_hot(part, op) for part in (quotient.num, quotient.den)))

    def is_zero(self, quotient: Quotient) -> bool:
        """Whether the quotient vanishes, if need be after using every definition."""
        if self._reduced(quotient.den) == 0:
            raise ZeroDivisionError("the expression divides by a term that its definitions make 0")
        return not quotient or not self._reduced(quotient.num)

    def _reduced(self, polynomial: Polynomial) -> Polynomial:
        """A polynomial that is zero if the definitions make the given one zero."""
        # A base may use earlier symbols, so the last definition is expanded first.
        for atom, definition, env in reversed(defined(self.atoms, self._setting, self._env)):
            if not isinstance(definition, Function):  # those are unknowns like any other
                polynomial = self._expand(polynomial, atom, definition, env)
        return polynomial

    def _of_atom(self, atom: Atom) -> Quotient:
        return Quotient(self._generator[atom], self._ring.one)

    def _of_number(self, number: Fraction) -> Quotient:
        if number not in self._numbers:
            constant = self._ring(QQ(number.numerator, number.denominator))
            self._numbers[number] = Quotient(constant, self._ring.one)
        return self._numbers[number]

    def _derivative(self, quotient: Quotient, target: Atom) -> Quotient:
        total = self._of_number(Fraction(0))
        if target in self._generator:
            total = quotient.diff(self._generator[target])
        for atom, definition, env in defined(self.atoms, self._setting, self._env):
            partial = quotient.diff(self._generator[atom])
            if partial:
                slope = self._slope(atom, definition, env)
                inner = self._derivative(self.value(definition.base, env), target)
                total = total + partial * slope * inner
        return total

    def _slope(self, atom: Atom, definition: Definition, env: Env) -> Quotient:
        """The derivative of a defined symbol with respect to its base."""
        if isinstance(definition, Function):
            result = self.value(definition.slope, env)
            assert isinstance(result, Quotient)
            return result
        # s = base^q gives ds = q s^((q-1)/q) dbase, a power of s because q is 1/n or -1/n.
        power = 1 - 1 / sp.Rational(definition.exponent)
        factor = self._of_number(Fraction(str(definition.exponent)))
        return factor * self._of_atom(atom) ** int(power)

    def _one_hot(self, polynomial: Polynomial, op: OneHot) -> Polynomial:
        """At most one entry of each row in a monomial, and no power of it."""
        places = [i for i, atom in enumerate(self.atoms) if atom.name == name_of(op.variable)]
        kept: dict[tuple[int, ...], Any] = defaultdict(int)
        for exponents, coefficient in polynomial.terms():
            hot = [self.atoms[i].place[:-1] for i in places if exponents[i]]
            if len(set(hot)) == len(hot):
                flat = (min(e, 1) if i in places else e for i, e in enumerate(exponents))
                kept[tuple(flat)] += coefficient
        return self._ring.from_dict({key: value for key, value in kept.items() if value})

    def _expectation(self, quotient: Quotient, op: Expect) -> Quotient:
        places = [i for i, atom in enumerate(self.atoms) if atom.name == name_of(op.variable)]
        if any(exponents[i] for exponents in quotient.den.monoms() for i in places):
            raise ValueError(f"{op.variable} in a denominator has no declared expectation")
        parts: dict[tuple[int, ...], dict[tuple[int, ...], Any]] = defaultdict(dict)
        for exponents, coefficient in quotient.num.terms():
            rest = tuple(0 if i in places else e for i, e in enumerate(exponents))
            parts[tuple(exponents[i] for i in places)][rest] = coefficient
        total = self._of_number(Fraction(0))
        for powers, terms in parts.items():
            part = Quotient(self._ring.from_dict(terms), quotient.den)
            for place, power in zip(places, powers, strict=True):
                if power:
                    part = part * self._moment(op, self.atoms[place], power)
            total = total + part
        return total

    def _moment(self, op: Expect, atom: Atom, power: int) -> Quotient:
        if power > len(op.moments):
            raise ValueError(f"moment {power} of {op.variable} is not declared")
        env = {**self._env, **dict(zip(indices_of(op.variable), atom.place, strict=True))}
        moment = self.value(op.moments[power - 1], env)
        assert isinstance(moment, Quotient)
        return moment

    def _expand(
        self, polynomial: Polynomial, atom: Atom, definition: Definition, env: Env
    ) -> Polynomial:
        """Write symbol^(kn + i) as base^(+-k) symbol^i; a common denominator is dropped."""
        root = int(1 / sp.Rational(definition.exponent))
        place = self.atoms.index(atom)
        parts: dict[int, dict[tuple[int, ...], Any]] = defaultdict(dict)
        for exponents, coefficient in polynomial.terms():
            whole_powers, left = divmod(exponents[place], abs(root))
            key = (*exponents[:place], left, *exponents[place + 1 :])
            parts[whole_powers][key] = coefficient
        base = self.value(definition.base, env)
        base = base ** (1 if root > 0 else -1)
        total = self._of_number(Fraction(0))
        for whole_powers, terms in parts.items():
            term = Quotient(self._ring.from_dict(terms), self._ring.one)
            total = total + term * base**whole_powers
        return total.num
