"""One public check at a time: what pytest and the notebook tell students about their own work.

The checks take grading's own path; only the cases differ (public ones, with expected values).
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace

from backproof.answer_key import PUBLIC_SEED, AnswerKey
from backproof.grading import grade
from backproof.model import (
    Assignment,
    BackproofError,
    Check,
    CheckResult,
    Frozen,
    Picture,
    Problem,
    ReceptiveField,
    Runner,
    Session,
    Submission,
    Verdict,
)
from backproof.reporting import explain
from backproof.reporting.text import WIDTH

RECORDED = "judged when your homework is graded"
NOT_WRITTEN = " is not written yet"


class _NoTraceback:
    """An error whose text says everything: no frame of a self-check helps a student."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows in place of a traceback."""
        return str(self).splitlines()


class NotYetRight(_NoTraceback, AssertionError):  # noqa: N818 - students read this name
    """A public check that was not passed; the text is the whole explanation."""


class SelfCheckError(_NoTraceback, BackproofError):
    """The self-check itself cannot go on, whatever the student wrote."""


@dataclass(frozen=True, slots=True)
class _Opened:
    """A runner whose submission is loaded already."""

    session: Session
    isolation: str

    def open(self, submission: Submission) -> AbstractContextManager[Session]:
        return nullcontext(self.session)


class SelfCheck:
    """The public checks of a homework against one loaded submission."""

    def __init__(self, assignment: Assignment, submission: Submission, runner: Runner) -> None:
        self._assignment, self._submission, self._runner = assignment, submission, runner
        self._key = AnswerKey(PUBLIC_SEED)

    def result(self, problem: Problem, check: Check) -> CheckResult:
        """The result of one check, after those that it needs."""
        alone = _alone(self._assignment, problem, check)
        report = grade(alone, self._submission, self._runner, self._key)
        # Released values have too few digits for a remark on the precision of a right answer.
        result = replace(report.results[-1], remark="")
        if check.probe.answer and result.verdict is Verdict.FAILED:
            return replace(result, observed=f"{check.probe.answer}: {result.observed}")
        if check.probe.answer and result.verdict is Verdict.UNDECIDED:
            return replace(result, observed=f"{result.observed.splitlines()[0]}; {RECORDED}")
        return result


@contextmanager
def opened(assignment: Assignment, submission: Submission, runner: Runner) -> Iterator[SelfCheck]:
    """Load a submission once, for any number of checks."""
    with runner.open(submission) as session:
        yield SelfCheck(assignment, submission, _Opened(session, runner.isolation))


def _alone(assignment: Assignment, problem: Problem, check: Check) -> Assignment:
    """The homework cut down to one check, which comes last, and what that check needs."""
    wanted = {check.id}
    for earlier in reversed(problem.checks):  # `needs` only refers to earlier checks
        if earlier.id in wanted:
            wanted.update(earlier.needs)
    small = replace(problem, checks=tuple(c for c in problem.checks if c.id in wanted))
    questions = (
        replace(question, problem=small)
        for question in assignment.questions
        if question.problem.name == problem.name
    )
    return replace(assignment, questions=tuple(questions))


def explanation(check: Check, result: CheckResult) -> str:
    """Why a check was not passed. What a hidden case would not show may be shown here."""
    if result.verdict is Verdict.GRADER_ERROR:
        return (
            "The self-check itself failed here; this says nothing about your work.\n"
            f"Please tell your course: {result.check}, case {result.case}: {result.remark}"
        )
    here = _here(check, result)
    label = f"  {'here:':<15} "
    more = textwrap.wrap(here, WIDTH, initial_indent=label, subsequent_indent=" " * len(label))
    return "\n".join([explain(result), *more])


def _here(check: Check, result: CheckResult) -> str:
    """The public case, and what is expected at the place that is most wrong."""
    case = next((case for case in check.cases if case.id == result.case), None)
    if case is None or check.probe.answer or result.observed.endswith(NOT_WRITTEN):
        return ""
    text = f"public case {case.id} ({case.why})"
    wrong = result.mismatch
    if isinstance(check.oracle, Frozen) and wrong is not None and wrong.index is not None:
        expected = check.oracle.keys[case.id].expected[wrong.output][wrong.index]
        place = f"[{', '.join(map(str, wrong.index))}]" if wrong.index else ""
        text += f": {wrong.output}{place} should be {expected:.9g}"
    return text


def pictures(check: Check, result: CheckResult) -> Iterator[Picture]:
    """What is to be seen; an illustration shows the public case itself, where it can."""
    case = next((case for case in check.cases if case.id == result.case), None)
    inputs = check.oracle.keys[case.id].inputs if case and isinstance(check.oracle, Frozen) else {}
    for picture in result.pictures:
        if isinstance(picture, ReceptiveField) and {"kernels", "strides"} <= inputs.keys():
            yield ReceptiveField(
                kernels=tuple(inputs["kernels"]),
                strides=tuple(inputs["strides"]),
                dilations=tuple(inputs.get("dilations", ())),
            )
        else:
            yield picture
