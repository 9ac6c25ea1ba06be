"""The audit of one problem: the graders are graded before they grade anybody.

For every check: the reference passes; the stub and trivial answers (zeros, ones, NaN, the input
handed back) do not; every mutant fails exactly the checks that it says; every honest variant
passes; and right and wrong answers are far apart from the tolerance on both sides.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from backproof.answer_key import AnswerKey, typed_key
from backproof.answers import credit_faults, key_faults
from backproof.audit.cards import CheckCard, ReportCard
from backproof.audit.mutation import DEAD
from backproof.audit.power import audit_power
from backproof.grading import grade
from backproof.loading import render_solution, render_stub
from backproof.model import (
    AnswerAsk,
    Ask,
    Assignment,
    Check,
    CheckResult,
    FunctionAsk,
    GradedQuestion,
    MismatchKind,
    Mutant,
    OracleKind,
    Problem,
    Report,
    Runner,
    Submission,
    TypedAnswer,
    Verdict,
)
from backproof.tensors import FACTOR, UNIT_ROUNDOFF

MARGIN = 4.0
"""Honest work must stay this far below the tolerance, wrong work this far above it."""

TRIVIAL = {
    "zeros": "torch.zeros_like(value)",
    "ones": "torch.ones_like(value)",
    "NaN": "torch.full_like(value, float('nan'))",
    "the input": "next(v for v in (*args, *named.values()) if isinstance(v, torch.Tensor))",
}
_TRIVIAL_CODE = """
import functools

import torch


def _trivial(function):
    @functools.wraps(function)
    def replaced(*args, **named):
        result = function(*args, **named)

        def swap(value):
            if isinstance(value, torch.nn.Module):
                return _Nothing(value)
            if isinstance(value, list):
                return [swap(item) for item in value]
            if isinstance(value, int | float):
                value = torch.tensor(float(value))
            return {expression} if isinstance(value, torch.Tensor) else value

        return tuple(map(swap, result)) if isinstance(result, tuple) else swap(result)

    return replaced


class _Nothing(torch.nn.Module):
    # Has nothing to learn with: the real network is no part of it.
    def __init__(self, real):
        super().__init__()
        self.answer = (_trivial(real),)

    def forward(self, *args, **named):
        return self.answer[0](*args, **named)
"""

Progress = Callable[[str], None]


def assignment_of(problem: Problem) -> Assignment:
    """A homework of just this problem, one point a question."""
    return Assignment(
        name=problem.name,
        title=problem.title,
        source="",
        digest="",
        questions=tuple(
            GradedQuestion(number=question.key, points=1.0, problem=problem, key=question.key)
            for question in problem.questions
        ),
    )


def stub_of(asks: Iterable[Ask]) -> str:
    """What a student gets, as a submission."""
    stubs = [render_stub(ask) for ask in asks]
    imports = {"import torch", *(line for lines, _ in stubs for line in lines)}
    return "\n\n\n".join(["\n".join(sorted(imports)), *(code for _, code in stubs)]) + "\n"


def trivial_of(problem: Problem, expression: str) -> str:
    """The reference with all that is returned replaced: right shapes, no thought."""
    functions = [ask.name for ask in problem.asks if isinstance(ask, FunctionAsk)]
    answers = [ask.name for ask in problem.asks if not isinstance(ask, FunctionAsk)]
    return "\n".join(
        [
            render_solution(problem.asks),
            _TRIVIAL_CODE.replace("{expression}", expression),
            *(f"{name} = _trivial({name})" for name in functions),
            *(f"{name} = '0'" for name in answers),
        ]
    )


def spellings_of(problem: Problem) -> list[str]:
    """The reference with its typed answers written differently, all of them once."""
    answers = [ask for ask in problem.asks if isinstance(ask, AnswerAsk) and ask.also]
    most = max((len(ask.also) for ask in answers), default=0)
    lines = (
        [f"{ask.name} = {ask.also[n]!r}" for ask in answers if n < len(ask.also)]
        for n in range(most)
    )
    return ["\n".join([render_solution(problem.asks), *group]) for group in lines]


class _Auditor:
    def __init__(self, problem: Problem, runner: Runner, key: AnswerKey, device: str) -> None:
        self.problem, self._runner, self._key, self._device = problem, runner, key, device
        self._assignment = assignment_of(problem)
        self._checks = {check.id: check for check in problem.checks}
        self.faults: list[str] = []
        self.waivers: list[str] = []
        self.cards = {
            check.id: CheckCard(
                problem=problem.name,
                check=check.id,
                points=check.points,
                oracle=check.oracle.kind.value,
                provenance=check.oracle.provenance,
            )
            for check in problem.checks
        }

    def _grade(self, name: str, code: str) -> dict[str, CheckResult]:
        submission = Submission(name=name, path=Path(f"{name}.py"), digest="", cells=(code,))
        report: Report = grade(self._assignment, submission, self._runner, self._key, self._device)
        results = {result.check.partition("/")[2]: result for result in report.results}
        for id_, result in results.items():
            if result.verdict is Verdict.GRADER_ERROR:
                self._fault(f"{name} broke {id_}, case {result.case!r}: {result.remark}")
        return results

    def _fault(self, text: str) -> None:
        self.faults.append(f"{self.problem.name}: {text}")

    def right(self, name: str, code: str, *, is_reference: bool) -> None:
        for id_, result in self._grade(name, code).items():
            card, passed = self.cards[id_], result.verdict is self._right(id_)
            if is_reference:
                card.reference = passed
            else:
                card.honest += 1
                card.honest_passed += passed
            if not passed:
                if result.verdict is not Verdict.GRADER_ERROR:
                    self._fault(
                        f"{name} should pass {id_} but: {result.verdict.value}: {result.observed}"
                    )
            elif result.size is not None:
                size = _accepted_size(self._checks[id_], result.size)
                card.honest_max = max(card.honest_max or 0.0, size)

    def _right(self, id_: str) -> Verdict:
        """How right work ends: words wait for a person."""
        words = self._checks[id_].oracle.kind is OracleKind.PERSON
        return Verdict.UNDECIDED if words else Verdict.PASSED

    def keys(self) -> None:
        """The rules of typed answers give the answers."""
        for check in self.problem.checks:
            if isinstance(check.oracle, TypedAnswer):
                key = typed_key(self.problem, check, check.oracle)
                for fault in (*key_faults(key), *credit_faults(key, check.oracle.credit)):
                    self._fault(f"{check.id}: {fault}")

    def power(self) -> None:
        """The hidden cases tell right from wrong: no coincidence hides a mistake."""
        found = audit_power(self.problem, self._key)
        for id_, kept in found.kept.items():
            self.cards[id_].power_kept = kept
            self.cards[id_].power_waived = found.waived[id_]
        self.waivers = [f"{self.problem.name}: {waiver}" for waiver in found.waivers]
        for fault in found.faults:
            self._fault(fault)

    def nothing(self, name: str, code: str) -> None:
        """The stub, or an answer that took no thought, must earn no check."""
        for id_, result in self._grade(name, code).items():
            card, failed = self.cards[id_], not result.verdict.earns_points
            if name == "stub":
                card.stub_fails = failed
            else:
                card.trivial += 1
                card.trivial_failed += failed
            if not failed:
                self._fault(f"the trivial answer {name!r} passes {id_}")

    def mutants(self) -> Iterator[str]:
        for mutant in self.problem.mutants:
            yield mutant.id
            code = render_solution(self.problem.asks, replacing=mutant)
            results = self._grade(mutant.id, code)
            failed = {
                id_
                for id_, r in results.items()
                if r.verdict in DEAD or (id_ in mutant.killed_by and self._is_told(mutant, r))
            }
            for id_ in mutant.killed_by:
                self.cards[id_].mutants += 1
                self.cards[id_].killed += id_ in failed
            if extra := failed - set(mutant.killed_by):
                self._fault(f"mutant {mutant.id!r} also fails {sorted(extra)}")
            if missed := set(mutant.killed_by) - failed:
                self._fault(f"mutant {mutant.id!r} survives {sorted(missed)}")
            for id_ in sorted(failed & set(mutant.killed_by)):
                card, result = self.cards[id_], results[id_]
                self._death(mutant, result, id_)
                card.named += self._is_told(mutant, result)
                if result.mismatch and result.mismatch.kind is MismatchKind.VALUE and result.size:
                    size = result.size / _single(self._checks[id_])
                    card.wrong_min = min(card.wrong_min or math.inf, size)

    def _is_told(self, mutant: Mutant, result: CheckResult) -> bool:
        """Whether a result names this mutant, or another one with the same cause."""
        told = {mutant.id}
        if mutant.cause:
            told |= {other.id for other in self.problem.mutants if other.cause == mutant.cause}
        return result.misconception_id in told

    def _death(self, mutant: Mutant, result: CheckResult, id_: str) -> None:
        """A mutant that dies of a slip in its own code, or under another's name, proves nothing."""
        other = result.misconception_id
        if other and not self._is_told(mutant, result):
            self._fault(f"mutant {mutant.id!r} is reported as {other!r} in {id_}")
        if result.verdict not in (Verdict.FAILED, Verdict.FOLLOWS) and not (
            mutant.raises and mutant.raises in result.observed
        ):
            error = result.observed.splitlines()[0]
            self._fault(
                f"mutant {mutant.id!r} ends {id_} with an error: {error}; if that is its point, "
                "say so with raises="
            )

    def margins(self) -> None:
        for card in self.cards.values():
            if card.honest_max and card.honest_max * MARGIN > FACTOR:
                self._fault(f"{card.check}: honest work comes within {card.honest_max:.3g} of K")
            if card.wrong_min and card.wrong_min < FACTOR * MARGIN:
                self._fault(f"{card.check}: a mutant is only {card.wrong_min:.3g} noises away")


def _single(check: Check) -> float:
    """How much larger the noise of float32 is, which a float64 check also accepts."""
    return UNIT_ROUNDOFF["float32"] / UNIT_ROUNDOFF[check.dtype]


def _accepted_size(check: Check, size: float) -> float:
    return size if size <= FACTOR else size / _single(check)


def audit_problem(
    problem: Problem,
    runner: Runner,
    key: AnswerKey,
    device: str = "cpu",
    progress: Progress = lambda _: None,
) -> ReportCard:
    """Grade everything that is known about a problem, and compare with what is claimed."""
    auditor = _Auditor(problem, runner, key, device)
    progress("reference")
    auditor.right("reference", render_solution(problem.asks), is_reference=True)
    if auditor.faults:  # everything below would only repeat it
        return ReportCard(cards=list(auditor.cards.values()), faults=auditor.faults)
    auditor.keys()
    auditor.power()
    for number, code in enumerate(spellings_of(problem), 1):
        progress(f"spelling {number}")
        auditor.right(f"spelling {number}", code, is_reference=False)
    progress("stub")
    auditor.nothing("stub", stub_of(problem.asks))
    for name, expression in TRIVIAL.items():
        progress(name)
        auditor.nothing(name, trivial_of(problem, expression))
    for honest in problem.honest:
        progress(honest.id)
        code = render_solution(problem.asks) + "\n\n" + textwrap.dedent(honest.code)
        auditor.right(f"honest variant {honest.id!r}", code, is_reference=False)
    for mutant in auditor.mutants():
        progress(mutant)
    auditor.margins()
    return ReportCard(
        cards=list(auditor.cards.values()), waivers=auditor.waivers, faults=auditor.faults
    )
