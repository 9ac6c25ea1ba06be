"""A derivation: a claim, the steps that lead to it, and the mistakes it must not accept."""

import functools
from dataclasses import dataclass, field

from backproof_reference.prove.evaluate import whole
from backproof_reference.prove.form import (
    expressions_in,
    expressions_of,
    require_distinct,
    require_one_meaning,
    require_progress,
)
from backproof_reference.prove.judge import judge
from backproof_reference.prove.model import (
    Assumption,
    DerivationReport,
    Expr,
    Mutant,
    Setting,
    Sizes,
    Step,
    StepReport,
    Verdict,
    expression,
)
from backproof_reference.prove.oracle import Oracle


@dataclass(frozen=True, kw_only=True, eq=False)
class Derivation:
    """A chain of equalities from ``start``, each checked exactly at every one of ``sizes``.

    Each step is also checked at symbolic sizes. ``level`` is what every step must reach: a
    derivation that is proved only at its declared sizes has to say so, with a ``level_reason``.

    Every mutant replaces the expression of one step; a derivation without mutants is refused,
    because a checker that has never been seen to refuse proves little.
    """

    id: str
    title: str
    claim: str
    assumptions: tuple[Assumption, ...]
    start: Expr
    steps: tuple[Step, ...]
    mutants: tuple[Mutant, ...]
    sizes: tuple[Sizes, ...]
    oracle: Oracle
    setting: Setting = field(default_factory=Setting)
    level: Verdict = Verdict.PROVED_ALL_SIZES
    level_reason: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", expression(self.start))
        names = [step.name for step in self.steps]
        if not names or len(set(names)) < len(names):
            raise ValueError(f"{self.id}: steps need distinct names, got {names}")
        if not self.sizes or not self.mutants:
            raise ValueError(f"{self.id}: declare at least one size and one mutant")
        for mutant in self.mutants:
            if mutant.step not in names:
                raise ValueError(f"{self.id}: mutant {mutant.id} replaces no step: {mutant.step!r}")
        if not self.level.reaches(Verdict.PROVED_AT):
            raise ValueError(f"{self.id}: a derivation has to be proved; {self.level} is no proof")
        if (self.level is not Verdict.PROVED_ALL_SIZES) != bool(self.level_reason):
            raise ValueError(f"{self.id}: give a reason for a level below all sizes, and only then")
        for sizes in (*self.sizes, self.oracle.sizes):
            self.require_allowed(sizes)
        try:
            require_one_meaning(self._written())
            require_progress(self.start, self.steps)
            require_distinct(self.steps, self.mutants)
        except ValueError as error:
            raise ValueError(f"{self.id}: {error}") from error

    def require_allowed(self, sizes: Sizes) -> None:
        """Refuse sizes that an assumption or the sign of a symbol excludes.

        Raises:
            ValueError: with the assumption.
        """
        for assumption in self.assumptions:
            if assumption.holds is not None and not assumption.holds(sizes):
                raise ValueError(f"{self.id}: sizes {sizes} violate {assumption.text!r}")
        for form in self.setting.nonnegative:
            if whole(form, sizes) < 0:
                raise ValueError(f"{self.id}: sizes {sizes} violate {form} >= 0")
        for size, value in sizes.items():
            if (size.is_positive and value < 1) or (size.is_nonnegative and value < 0):
                raise ValueError(f"{self.id}: {size} = {value} contradicts the sign of the symbol")

    def check(self) -> DerivationReport:
        """The verdict on every step, and the oracle's on the last expression."""
        reports = tuple(self._judge(step, step.name) for step in self.steps)
        oracle = self.oracle.compare(self.steps[-1].expr, self.setting)
        return DerivationReport(id=self.id, steps=reports, oracle=oracle, declared=self.level)

    def check_mutants(self) -> tuple[StepReport, ...]:
        """The verdict on every mutant, under the mutant's id; each must be REFUTED."""
        reports = []
        for mutant in self.mutants:
            original = next(step for step in self.steps if step.name == mutant.step)
            wrong = Step(original.name, mutant.expr, mutant.misconception, original.op)
            reports.append(self._judge(wrong, mutant.id))
        return tuple(reports)

    def result(self, name: str | None = None) -> Expr:
        """The checked expression of a step, the last one unless named.

        Raises:
            KeyError: if no step has that name.
            ValueError: if the derivation does not pass, so that nothing unproved is handed out.
        """
        expressions = {step.name: step.expr for step in self.steps}
        name = self.steps[-1].name if name is None else name
        if name not in expressions:
            raise KeyError(f"{self.id} has no step {name!r}, only {list(expressions)}")
        if not self._report.passed:
            raise ValueError(f"this derivation does not pass:\n{self._report}")
        return expressions[name]

    def _written(self) -> tuple[Expr, ...]:
        """Every expression of the derivation, its mistakes and its sizes."""
        sizes = [size for chosen in (*self.sizes, self.oracle.sizes) for size in chosen]
        steps = [part for step in self.steps for part in expressions_of(step)]
        mutants = [mutant.expr for mutant in self.mutants]
        reading = expressions_in(self.setting)
        return (self.start, *steps, *mutants, *reading, *sizes, *self.oracle.axes)

    @functools.cached_property
    def _report(self) -> DerivationReport:
        return self.check()

    def _judge(self, step: Step, name: str) -> StepReport:
        position = [other.name for other in self.steps].index(step.name)
        previous = self.steps[position - 1].expr if position else self.start
        return judge(previous, step, self.setting, self.sizes, name)
