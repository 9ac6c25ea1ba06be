"""Judge one step: at symbolic sizes, and exactly at every declared size; both must agree.

Where exact arithmetic is not possible either, the two sides are compared at sample points.
"""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backproof_reference.prove.evaluate import Atom, Env, Evaluator, NotRationalError, whole
from backproof_reference.prove.exact import Workspace
from backproof_reference.prove.form import (
    expressions_in,
    expressions_of,
    require_one_meaning,
    require_operand,
)
from backproof_reference.prove.index import IndexAnswer, equal_at_all_sizes
from backproof_reference.prove.model import (
    Counterexample,
    Expr,
    Finding,
    OneHot,
    Reindex,
    Setting,
    Sizes,
    Step,
    StepReport,
    Substitute,
    Verdict,
)
from backproof_reference.prove.operators import (
    name_of,
    op_expressions,
    require_free,
    require_visible,
    substitute,
)
from backproof_reference.prove.points import Point, differ, points
from backproof_reference.prove.recorder import recorded_atoms
from backproof_reference.prove.split import Split

Side = Callable[[Point], Any]


def judge(
    previous: Expr, step: Step, setting: Setting, sizes: Sequence[Sizes], name: str
) -> StepReport:
    """The verdict on a step; it is proved only if it is proved at every declared size.

    It is proved at all sizes only if the index level says so as well.
    """
    started = time.perf_counter()
    answer = equal_at_all_sizes(previous, step, setting)
    finding = combined(_judge_at_sizes(previous, step, setting, sizes), answer)
    seconds = time.perf_counter() - started
    return StepReport(name=name, finding=finding, sizes=tuple(sizes), seconds=seconds)


def combined(exact: Finding, index: IndexAnswer) -> Finding:
    """The verdict of both levels; a contradiction between them is never a pass."""
    if exact.verdict is Verdict.REFUTED and index.equal:
        reason = "ENGINE ERROR: the index level calls equal what this counterexample refutes"
        return replace(exact, verdict=Verdict.UNDECIDED, reason=reason)
    if exact.verdict is not Verdict.PROVED_AT:
        return exact
    if index.equal:
        return replace(exact, verdict=Verdict.PROVED_ALL_SIZES)
    return replace(exact, reason=f"not at all sizes: {index.reason}")


def _judge_at_sizes(
    previous: Expr, step: Step, setting: Setting, sizes: Sequence[Sizes]
) -> Finding:
    finding = Finding(verdict=Verdict.PROVED_AT)
    for chosen in sizes:
        try:
            require_one_meaning(
                (previous, *expressions_of(step), *expressions_in(setting), *chosen)
            )
            require_operand(previous, step, setting, chosen)
            finding = _judge_at(previous, step, setting, chosen)
        except Exception as error:
            # A step the engine cannot read is a failure of the derivation, never a pass.
            reason = f"{type(error).__name__}: {error}"
            finding = Finding(verdict=Verdict.UNDECIDED, reason=reason)
        if finding.verdict is not Verdict.PROVED_AT:
            break
    return finding


def _judge_at(previous: Expr, step: Step, setting: Setting, sizes: Sizes) -> Finding:
    places = _places(previous, step, setting, sizes)
    if not places:
        raise ValueError("an index range is empty at these sizes, so nothing would be checked")
    atoms = recorded_atoms(previous, step, setting, [{**sizes, **place} for place in places])
    _require_values(setting, sizes, atoms)
    workspace = Workspace(setting, sizes, atoms)
    weakest = Finding(verdict=Verdict.PROVED_AT)
    one_hot = name_of(step.op.variable) if isinstance(step.op, OneHot) else setting.one_hot
    for place in places:
        search = _Search(setting, sizes, place, atoms, one_hot)
        finding = _judge_place(previous, step, workspace, search)
        if finding.verdict in (Verdict.REFUTED, Verdict.UNDECIDED):
            return finding
        if finding.verdict is Verdict.NUMERIC_ONLY:
            weakest = finding
    return weakest


def _judge_place(previous: Expr, step: Step, workspace: Workspace, search: "_Search") -> Finding:
    try:
        left = workspace.apply(step.op, previous, search.env)
        right = workspace.assuming(step.op, workspace.value(step.expr, search.env))
    except NotRationalError as error:
        return search.sampled(previous, step, str(error))
    if workspace.is_zero(workspace.assuming(step.op, left - right)):
        return Finding(verdict=Verdict.PROVED_AT)
    return search.finding(
        lambda point: left.at([point[atom] for atom in search.atoms]),
        lambda point: right.at([point[atom] for atom in search.atoms]),
        "not equal as rational functions",
        # Without named roots, unequal polynomials are unequal: agreeing points mean nothing.
        Verdict.NUMERIC_ONLY if search.setting.definitions else Verdict.UNDECIDED,
    )


def _require_values(setting: Setting, sizes: Sizes, atoms: Sequence[Atom]) -> None:
    """Refuse definitions that no values fulfil: of nothing, anything is true."""
    if setting.definitions and next(points(setting, sizes, atoms), None) is None:
        named = ", ".join(str(definition.symbol) for definition in setting.definitions)
        raise ValueError(f"no sampled values fulfil the definitions of {named}")


def _places(previous: Expr, step: Step, setting: Setting, sizes: Sizes) -> list[dict[Any, int]]:
    """Every assignment of the free indices that the step mentions."""
    mentioned: set[Any] = set()
    for expr in (previous, step.expr, *op_expressions(step.op)):
        mentioned |= expr.free_symbols
    indices = [index for index in setting.ranges if index in mentioned]
    spans = [
        range(whole(low, sizes), whole(high, sizes) + 1)
        for low, high in (setting.ranges[index] for index in indices)
    ]
    return [dict(zip(indices, values, strict=True)) for values in itertools.product(*spans)]


@dataclass(frozen=True)
class _Search:
    """The hunt for a point at which the two sides of a step differ."""

    setting: Setting
    sizes: Sizes
    place: Env
    atoms: tuple[Atom, ...]
    one_hot: str | None

    @property
    def env(self) -> Env:
        return {**self.sizes, **self.place}

    def finding(self, left: Side, right: Side, reason: str, if_equal: Verdict) -> Finding:
        agreed = 0
        for point in points(self.setting, self.sizes, self.atoms, self.one_hot):
            try:
                values = left(point), right(point)
            except ZeroDivisionError:
                continue
            if differ(*values):
                counterexample = self._counterexample(point, *values)
                return Finding(verdict=Verdict.REFUTED, counterexample=counterexample)
            agreed += 1
        reason = f"{reason}; equal at {agreed} sample points"
        return Finding(verdict=if_equal if agreed else Verdict.UNDECIDED, reason=reason)

    def sampled(self, previous: Expr, step: Step, reason: str) -> Finding:
        """Compare by value alone; an operator needs the exact form, so it stays undecided."""
        require_free(step.op, self.setting)
        if isinstance(step.op, Substitute):
            require_visible(step.op.old, self.setting)
            previous = substitute(previous, step.op)
        elif not isinstance(step.op, Reindex | OneHot | Split | None):
            return Finding(verdict=Verdict.UNDECIDED, reason=reason)

        def side(expr: Expr) -> Side:
            return lambda point: Evaluator(self.setting, point.__getitem__, _same)(expr, self.env)

        return self.finding(side(previous), side(step.expr), reason, Verdict.NUMERIC_ONLY)

    def _counterexample(self, point: Point, left: Any, right: Any) -> Counterexample:
        return Counterexample(
            sizes={str(symbol): value for symbol, value in self.sizes.items()},
            indices={str(symbol): value for symbol, value in self.place.items()},
            values={str(atom): value for atom, value in point.items()},
            left=left,
            right=right,
        )


def _same(number: Any) -> Any:
    return number
