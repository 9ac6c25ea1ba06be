"""The index level: is a step an equality at every size inside the assumptions?

The answer is "equal" or "not shown", never "different": only an exact evaluation refutes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from backproof_reference.prove.form import (
    expressions_in,
    expressions_of,
    require_one_meaning,
)
from backproof_reference.prove.index_operators import applied, one_hot
from backproof_reference.prove.model import Expr, OneHot, Setting, Step
from backproof_reference.prove.normal_form import vanishes
from backproof_reference.prove.operators import op_expressions
from backproof_reference.prove.reading import Language
from backproof_reference.prove.terms import Term


@dataclass(frozen=True, slots=True)
class IndexAnswer:
    """Whether a step was shown to hold at all sizes, and if not, why not."""

    equal: bool
    reason: str = ""


def equal_at_all_sizes(previous: Expr, step: Step, setting: Setting) -> IndexAnswer:
    """What the index level says about a step."""
    try:
        equal = _difference_vanishes(previous, step, setting)
    except Exception as error:
        # Not a verdict: the reason is reported, and a declared level that needs it is missed.
        return IndexAnswer(equal=False, reason=f"{type(error).__name__}: {error}")
    return IndexAnswer(equal=equal, reason="" if equal else "the normal forms differ")


def _difference_vanishes(previous: Expr, step: Step, setting: Setting) -> bool:
    require_one_meaning((previous, *expressions_of(step), *expressions_in(setting)))
    # The range of an index that the step never mentions may be empty: it is no fact of the step.
    mentioned = set().union(
        *(e.free_symbols for e in (previous, step.expr, *op_expressions(step.op)))
    )
    ranges = {index: ends for index, ends in setting.ranges.items() if index in mentioned}
    language = Language(replace(setting, ranges=ranges))
    left = applied(step.op, previous, setting, language)
    right = language.read(step.expr, {})
    if isinstance(step.op, OneHot):
        right = one_hot(right, step.op)
    return vanishes(left + _negated(right), language)


def _negated(terms: Iterable[Term]) -> list[Term]:
    return [term.scaled(-1) for term in terms]
