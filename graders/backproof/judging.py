"""From what a student's process answered to a verdict with its reason."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from backproof.answers import BARE, Marking, Ruling, read
from backproof.fence import fence
from backproof.model import (
    AnswerField,
    CaseKey,
    Check,
    Fault,
    FormulaField,
    Lookalike,
    MatrixPicture,
    Mismatch,
    MismatchKind,
    Outcome,
    Picture,
    Relation,
    Returned,
    Stopped,
    TypedAnswer,
    TypedKey,
    Value,
    Verdict,
)
from backproof.tensors import RELATIONS, WATCHING, compare, drawn, resemblance, tolerance_for

_VERDICT_OF_FAULT = {
    Fault.TIMEOUT: Verdict.TIMEOUT,
    Fault.OUT_OF_MEMORY: Verdict.OUT_OF_MEMORY,
    Fault.STRUCTURE: Verdict.FAILED,
}
_VERDICT_OF_RULING = {
    Ruling.CORRECT: Verdict.PASSED,
    Ruling.FOLLOWS: Verdict.FOLLOWS,
    Ruling.WRONG: Verdict.FAILED,
    Ruling.FORM: Verdict.FAILED,
    Ruling.EMPTY: Verdict.FAILED,
    Ruling.UNDECIDED: Verdict.UNDECIDED,
    Ruling.SYNTAX: Verdict.UNDECIDED,  # perhaps right, only written in a way that we cannot read
}

_CELL = 40
"""Characters of an entry that a picture of a matrix shows."""

Others: TypeAlias = Callable[[], Mapping[str, Lookalike]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """One case's verdict. The texts are for the student, `evidence` is for staff.

    cause: name of the misconception, where it is one that is deducted once.
    credit: the fraction of the points that a wrong answer earns.
    pictures: of what is wrong. drawn: of what came back, right or wrong.
    """

    verdict: Verdict
    observed: str = ""
    mismatch: Mismatch | None = None
    size: float | None = None
    remark: str = ""
    misconception: str = ""
    misconception_id: str = ""
    evidence: str = ""
    cause: str = ""
    credit: float = 0.0
    pictures: tuple[Picture, ...] = ()
    drawn: tuple[Picture, ...] = ()


@np.errstate(all="ignore")  # any number may come back, and none is worth a warning of ours
def judge(
    check: Check,
    key: CaseKey,
    outcome: Outcome,
    others: Others,
    device: str = "cpu",
    earlier: Mapping[str, str] | None = None,
    seed: str = "",
) -> Judgement:
    """Decide one case of one check; a wrong answer gets the misconception that it looks like.

    others: gives the known wrong answers, and is only asked when it matters.
    earlier: the student's own earlier typed answers, those that are not right.

    Raises whatever a broken oracle or relation raises: that is the grader's failure, and the
    caller reports it as such.
    """
    if isinstance(check.oracle, TypedAnswer) and isinstance(outcome, Returned):
        assert key.typed is not None
        value = outcome.values[key.typed.name]
        if (text := typed_text(value, key.typed.field)) is None:
            return Judgement(
                verdict=Verdict.FAILED,
                observed=f"your answer is {value.text or value.form}, not a text or a number",
            )
        if key.typed.answer is None:
            marking = read(text, key.typed)
        else:
            marking = fence().mark(text, key.typed, earlier, seed)
        return _judge_answer(check, key.typed, text, marking)
    judgement = _judge_probe(check, key, outcome, device)
    if isinstance(outcome, Returned):
        judgement = replace(judgement, drawn=drawn(check.draws, key, outcome))
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
    known = others()[nearest]
    return replace(
        judgement,
        misconception=known.misconception,
        misconception_id=nearest,
        cause=known.cause,
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
        judgement = _judgement(relation(key.inputs, outcome, check.oracle.parameters))
        return replace(judgement, remark=_unseen(check.oracle, outcome))
    return _judge_values(check, key, outcome, device)


def _unseen(oracle: Relation, outcome: Returned) -> str:
    """What a verdict on changed inputs rests on, where the grader could not look itself."""
    if oracle.name not in WATCHING or not outcome.unseen_inputs:
        return ""
    names = ", ".join(outcome.unseen_inputs)
    return f"whether {names} changed is the word of the submission's own process"


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
    verdict = Verdict.UNDECIDED if mismatch.kind is MismatchKind.UNCHECKABLE else Verdict.FAILED
    return Judgement(verdict=verdict, observed=mismatch.observed, mismatch=mismatch)


def _judge_values(check: Check, key: CaseKey, outcome: Returned, device: str) -> Judgement:
    tolerance = tolerance_for(check.dtype, check.terms)
    largest, remark = 0.0, ""
    for name in check.judged:
        found = compare(
            name, outcome.values[name], key.expected[name], key.noise[name], tolerance, device
        )
        if found.mismatch is not None:
            pictures = (found.errors,) if found.errors else ()
            return replace(_judgement(found.mismatch), size=found.size, pictures=pictures)
        largest, remark = max(largest, found.size or 0.0), found.remark or remark
    return Judgement(verdict=Verdict.PASSED, size=largest, remark=remark)


MOST_ENTRIES = 100
"""Of a matrix that was computed instead of typed; larger ones are no answers to a question."""


def typed_text(value: Value, field: AnswerField) -> str | None:
    """The text of a typed answer; None if it is none, nor one number, nor a matrix of numbers."""
    if value.form == "text":
        return value.text
    array = value.array
    if array is None or array.dtype.kind not in "biuf":
        return None
    if array.size == 1:
        return _number_text(array.reshape(()).item())
    if array.ndim != 2 or not 1 < array.size <= MOST_ENTRIES or not isinstance(field, FormulaField):
        return None
    rows = (", ".join(map(_number_text, row)) for row in array.tolist())
    return f"[[{'], ['.join(rows)}]]"


def is_plain(text: str) -> bool:
    """Whether a typed answer is 0, 1 or -1, or a matrix of one and the same entry: a guess as good
    as any. Decided by the letters alone, since nothing is evaluated outside the fence.
    """
    entries = re.findall(r"[^\s\[\](){},;]+", text)
    return len(set(entries)) == 1 and (len(entries) > 1 or entries[0] in BARE)


def _number_text(number: float | bool) -> str:
    if isinstance(number, float) and math.isfinite(number):
        # A computed number carries rounding errors in its last digits, which nobody typed.
        return str(int(number)) if number.is_integer() else f"{number:.13g}"
    return str(number)


def _judge_answer(check: Check, key: TypedKey, text: str, marking: Marking) -> Judgement:
    oracle = check.oracle
    assert isinstance(oracle, TypedAnswer)
    observed = f"your answer is {text[:200]!r}"
    if marking.ruling is Ruling.EMPTY:
        observed = marking.reason
    elif marking.read_as and (key.answer is None or _squeezed(marking.read_as) != _squeezed(text)):
        observed += f", read as {marking.read_as[:200]}"
    if marking.reason and marking.ruling is not Ruling.EMPTY:
        observed += f"\n{marking.reason}"
    causes = {wrong.id: wrong.cause for wrong in key.wrong}
    kind = marking.cause_id.removeprefix("slip: ")
    follows = marking.ruling is Ruling.FOLLOWS
    verdict = _VERDICT_OF_RULING[marking.ruling]
    if key.answer is None and marking.ruling is Ruling.SYNTAX:
        verdict = Verdict.FAILED  # a self-check: the student can still mend it
    return Judgement(
        verdict=verdict,
        observed=observed,
        remark=marking.reason if follows else "",
        misconception=marking.cause,
        misconception_id=marking.cause_id,
        evidence=marking.evidence,
        cause=causes.get(marking.cause_id, ""),
        credit=oracle.credit.get(kind, 0.0) if marking.ruling is Ruling.WRONG else 0.0,
        pictures=_matrix(check, key, marking),
    )


def _matrix(check: Check, key: TypedKey, marking: Marking) -> tuple[Picture, ...]:
    """A wrong matrix as it was typed, the wrong entry marked, in the blocks of the check."""
    if marking.ruling is not Ruling.WRONG or not marking.cells:
        return ()
    cells = tuple(tuple(entry[:_CELL] for entry in row) for row in marking.cells)
    frame = MatrixPicture(name=key.name)
    if isinstance(check.picture, MatrixPicture):
        named = replace(check.picture, cells=())
        if named.shape == (len(cells), max(map(len, cells))):
            frame = named
    return (replace(frame, name=key.name, cells=cells, wrong=marking.wrong),)


def _squeezed(text: str) -> str:
    return "".join(text.split())
