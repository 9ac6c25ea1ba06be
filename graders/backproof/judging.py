"""From what a student's process answered to a verdict with its reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from backproof.answers import Decision, decide, same
from backproof.model import (
    AcceptedAnswers,
    CaseKey,
    Check,
    Fault,
    Lookalike,
    Mismatch,
    MismatchKind,
    Outcome,
    Relation,
    Returned,
    Stopped,
    Value,
    Verdict,
)
from backproof.tensors import RELATIONS, compare, resemblance, tolerance_for

_VERDICT_OF_FAULT = {
    Fault.TIMEOUT: Verdict.TIMEOUT,
    Fault.OUT_OF_MEMORY: Verdict.OUT_OF_MEMORY,
    Fault.STRUCTURE: Verdict.FAILED,
}
_VERDICT_OF_DECISION = {
    Decision.CORRECT: Verdict.PASSED,
    Decision.WRONG: Verdict.FAILED,
    Decision.UNDECIDED: Verdict.UNDECIDED,
}

Others: TypeAlias = Callable[[], Mapping[str, Lookalike]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """One case's verdict. The texts are for the student."""

    verdict: Verdict
    observed: str = ""
    mismatch: Mismatch | None = None
    size: float | None = None
    remark: str = ""
    misconception: str = ""
    misconception_id: str = ""


def judge(
    check: Check, key: CaseKey, outcome: Outcome, others: Others, device: str = "cpu"
) -> Judgement:
    """Decide one case of one check; a wrong answer gets the misconception that it looks like.

    `others` gives the known wrong answers, and is only asked when it matters.

    Raises whatever a broken oracle or relation raises: that is the grader's failure, and the
    caller reports it as such.
    """
    if isinstance(check.oracle, AcceptedAnswers) and isinstance(outcome, Returned):
        assert check.probe.answer is not None
        return _judge_answer(check.oracle, outcome.values[check.probe.answer], others())
    judgement = _judge_probe(check, key, outcome, device)
    if judgement.verdict not in (Verdict.FAILED, Verdict.STUDENT_ERROR):
        return judgement
    alike = {
        id_: distance
        for id_, other in others().items()
        if (distance := _distance(other, check, key, outcome)) is not None
    }
    if not alike:
        return judgement
    nearest = min(alike, key=alike.__getitem__)
    return replace(
        judgement, misconception=others()[nearest].misconception, misconception_id=nearest
    )


def _distance(other: Lookalike, check: Check, key: CaseKey, outcome: Outcome) -> float | None:
    """How far an answer is from a known wrong one; None when it is not that one."""
    if isinstance(outcome, Stopped):
        # The whole message: the type alone would name a cause for any index out of range.
        same_error = other.error == outcome.message and outcome.error != "NotImplementedError"
        return 0.0 if same_error else None
    if isinstance(check.oracle, Relation) or not other.outputs.keys() >= set(check.judged):
        return None  # a random output, or a side effect, does not show in values
    tolerance = tolerance_for(check.dtype, check.terms)
    largest = 0.0
    for name in other.outputs:
        noise = key.noise.get(name, 0.0)
        size = resemblance(outcome.values[name], other.outputs[name], noise, tolerance)
        if size is None:
            return None
        largest = max(largest, size)
    return largest


def _judge_probe(check: Check, key: CaseKey, outcome: Outcome, device: str) -> Judgement:
    if isinstance(outcome, Stopped):
        return _judge_stopped(outcome)
    if isinstance(check.oracle, Relation):
        relation = RELATIONS[check.oracle.name]
        return _judgement(relation(key.inputs, outcome, check.oracle.parameters))
    return _judge_values(check, key, outcome, device)


def _judge_stopped(outcome: Stopped) -> Judgement:
    observed = outcome.message + (f"\n{outcome.trace}" if outcome.trace else "")
    if outcome.error == "NotImplementedError":
        observed = f"{outcome.message.partition(' raised ')[0]} is not written yet"
    return Judgement(
        verdict=_VERDICT_OF_FAULT.get(outcome.fault, Verdict.STUDENT_ERROR),
        observed=observed,
        mismatch=Mismatch(kind=MismatchKind.ERROR, output="", observed=observed),
    )


def _judgement(mismatch: Mismatch | None) -> Judgement:
    if mismatch is None:
        return Judgement(verdict=Verdict.PASSED)
    return Judgement(verdict=Verdict.FAILED, observed=mismatch.observed, mismatch=mismatch)


def _judge_values(check: Check, key: CaseKey, outcome: Returned, device: str) -> Judgement:
    tolerance = tolerance_for(check.dtype, check.terms)
    largest, remark = 0.0, ""
    for name in check.judged:
        found = compare(
            name, outcome.values[name], key.expected[name], key.noise[name], tolerance, device
        )
        if found.mismatch is not None:
            return replace(_judgement(found.mismatch), size=found.size)
        largest, remark = max(largest, found.size or 0.0), found.remark or remark
    return Judgement(verdict=Verdict.PASSED, size=largest, remark=remark)


def _judge_answer(
    oracle: AcceptedAnswers, value: Value, others: Mapping[str, Lookalike]
) -> Judgement:
    if value.form not in ("text", "number"):
        return Judgement(
            verdict=Verdict.FAILED,
            observed=f"your answer is {value.text or value.form}, not a text or a number",
        )
    wrong = {id_: other for id_, other in others.items() if other.text is not None}
    decision = decide(
        value.text, oracle.accepted, tuple(other.text or "" for other in wrong.values())
    )
    if decision is Decision.EMPTY:
        return Judgement(verdict=Verdict.FAILED, observed="no answer was typed")
    judgement = Judgement(
        verdict=_VERDICT_OF_DECISION[decision], observed=f"your answer is {value.text[:200]!r}"
    )
    if decision is Decision.WRONG:
        for id_, other in wrong.items():
            if same(value.text, other.text or ""):
                return replace(judgement, misconception=other.misconception, misconception_id=id_)
    return judgement
