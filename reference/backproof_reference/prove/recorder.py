"""Find every unknown a step can meet, before a polynomial ring is built over them."""

from collections.abc import Iterable
from fractions import Fraction

from backproof_reference.prove.evaluate import Atom, Env, Evaluator
from backproof_reference.prove.functions import Function
from backproof_reference.prove.model import Expect, Expr, Setting, Step, Substitute
from backproof_reference.prove.operators import defined, indices_of, name_of, substitute


def recorded_atoms(
    previous: Expr, step: Step, setting: Setting, envs: Iterable[Env]
) -> tuple[Atom, ...]:
    """The atoms of both sides, of the moments and of the definitions, in a fixed order."""
    found: dict[Atom, Fraction] = {}

    def value(atom: Atom) -> Fraction:
        # Any distinct values do that keep factors such as 1 - p away from zero.
        return found.setdefault(atom, Fraction(10 * len(found) + 3, 7))

    read = Evaluator(setting, value, lambda number: number)
    if isinstance(step.op, Substitute):
        previous = substitute(previous, step.op)
    for env in envs:
        read(previous, env)
        read(step.expr, env)
        if isinstance(step.op, Expect):
            for atom in [atom for atom in found if atom.name == name_of(step.op.variable)]:
                bound = dict(zip(indices_of(step.op.variable), atom.place, strict=True))
                for moment in step.op.moments:
                    read(moment, {**env, **bound})
        known = -1
        while known < len(found):  # a base may mention further named roots
            known = len(found)
            for _, definition, bound in defined(list(found), setting, env):
                read(definition.base, bound)
                if isinstance(definition, Function):
                    read(definition.slope, bound)
    return tuple(sorted(found))
