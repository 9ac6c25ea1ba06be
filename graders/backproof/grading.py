"""grade(assignment, submission, runner, key) -> Report: the main path.

The trusted process builds inputs, asks the oracle, sends inputs only to the process that runs the
student's code, and judges what comes back.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from backproof import rules
from backproof.answer_key import AnswerKey
from backproof.judging import Judgement, Others, is_plain, judge, typed_text
from backproof.model import (
    AnswerAsk,
    Assignment,
    BackproofError,
    Case,
    CaseKey,
    Check,
    CheckResult,
    Fault,
    GradedQuestion,
    Inputs,
    Lookalike,
    Outcome,
    Picture,
    Probe,
    Problem,
    QuestionScore,
    Relation,
    Report,
    Returned,
    Runner,
    Session,
    Stopped,
    Submission,
    TypedAnswer,
    Verdict,
)
from backproof.tensors import WATCHING


def grade(
    assignment: Assignment,
    submission: Submission,
    runner: Runner,
    key: AnswerKey,
    device: str = "cpu",
) -> Report:
    """Grade one submission. Nothing that a submission does raises; our own failures are results."""
    started = time.perf_counter()
    with ExitStack() as opened:
        session = opened.enter_context(runner.open(submission))
        # Whoever remembers what was computed before has nothing to remember in a fresh process.
        fresh = cache(lambda: opened.enter_context(runner.open(submission)))
        examiner = _Examiner(submission, session, fresh, key, device)
        results = tuple(
            examiner.examine(question, check, worth)
            for question, check, worth in _in_order(assignment)
        )
    return Report(
        assignment=assignment.name,
        assignment_digest=assignment.digest,
        submission=submission.name,
        submission_digest=submission.digest,
        seed=key.secret,
        device=device,
        isolation=runner.isolation,
        versions=_versions(),
        results=results,
        questions=tuple(_score(question, results) for question in assignment.questions),
        fault=submission.fault,
        seconds=time.perf_counter() - started,
        students=submission.students,
        late=submission.late,
    )


def _in_order(assignment: Assignment) -> Iterator[tuple[GradedQuestion, Check, float]]:
    """Every check once, prerequisites first, with its points scaled to its question's points."""
    for problem in assignment.problems:
        asked = {q.key: q for q in assignment.questions if q.problem.name == problem.name}
        for check in problem.checks:  # `needs` only refers to earlier checks
            if (question := asked.get(check.question)) is not None:
                total = sum(other.points for other in question.checks)
                yield question, check, question.points * check.points / total if total else 0.0


class _Examiner:
    """Runs the checks of one submission and remembers what its process already answered."""

    def __init__(
        self,
        submission: Submission,
        session: Session,
        fresh: Callable[[], Session],
        key: AnswerKey,
        device: str,
    ) -> None:
        self._submission, self._session, self._fresh = submission, session, fresh
        self._key, self._device, self._fault = key, device, submission.fault
        self._verdicts: dict[tuple[str, str], Verdict] = {}
        self._outcomes: dict[tuple[Probe, str, str, bool], Outcome] = {}
        self._answers: dict[tuple[str, str], str] = {}
        """Typed answers that are not right, by problem and name: what follows from them counts."""
        self._waiting: set[tuple[str, str]] = set()
        """Those of them that wait for a person."""
        self._slips: dict[tuple[str, str], frozenset[str]] = {}
        """Known mistakes that a check's answers show, or that what it builds on has shown."""
        self._deducted: dict[str, str] = {}
        """Misconceptions that have cost points already, and where."""

    def examine(self, question: GradedQuestion, check: Check, worth: float) -> CheckResult:
        """The result of one check: its first case that is not passed decides."""
        started = time.perf_counter()
        result = CheckResult(
            check=f"{question.problem.name}/{check.id}",
            question=question.number,
            claim=check.claim,
            expects=check.expects,
            read=check.read,
            verdict=Verdict.PASSED,
            points=0.0,
            max_points=worth,
            provenance=check.oracle.provenance,
            rubric=check.oracle.rubric if isinstance(check.oracle, TypedAnswer) else (),
        )
        result = self._decide(question.problem, check, result)
        self._verdicts[question.problem.name, check.id] = result.verdict
        earned = worth if result.verdict.earns_points else result.points
        return replace(result, points=earned, seconds=time.perf_counter() - started)

    def _decide(self, problem: Problem, check: Check, result: CheckResult) -> CheckResult:
        if self._fault is not None:
            return replace(result, verdict=Verdict.STUDENT_ERROR, observed=self._fault)
        slips, wrong = frozenset[str](), ""
        for need in check.needs:
            verdict = self._verdicts.get((problem.name, need), Verdict.PASSED)
            known = self._slips.get((problem.name, need), frozenset())
            follows = known and _is_elsewhere(problem, need, check)
            if not (verdict.earns_points or follows):
                # What waits for a person drags its dependants along: no marks are lost unseen.
                ending = verdict if verdict.needs_person else Verdict.SKIPPED
                return replace(result, verdict=ending, observed=_skipped(problem, need))
            wrong = wrong or (need if known else "")
            slips |= known
        found = self._cases(problem, check, slips, result)
        if found.verdict in (Verdict.FAILED, Verdict.FOLLOWS) and found.misconception_id:
            slips |= {found.misconception_id}
        if check.probe.answer is None:  # a slip in words is followed by its rule
            self._slips[problem.name, check.id] = slips
        if wrong and not (found.verdict.earns_points or found.verdict.needs_person):
            return replace(result, verdict=Verdict.SKIPPED, observed=_skipped(problem, wrong))
        return found

    def _cases(
        self, problem: Problem, check: Check, slips: frozenset[str], result: CheckResult
    ) -> CheckResult:
        """The first case that earns nothing decides; else all of them pass, or follow."""
        follows: CheckResult | None = None
        for case in check.cases:
            result = self._case(problem, check, case, slips, result)
            if not result.verdict.earns_points:
                return result
            if result.verdict is Verdict.FOLLOWS:
                follows = follows or result
        return follows or result

    def _case(
        self,
        problem: Problem,
        check: Check,
        case: Case,
        slips: frozenset[str],
        result: CheckResult,
    ) -> CheckResult:
        try:
            outcome, judged = self._judged(problem, check, case, slips, result)
        except Exception as error:  # a failure of ours is never a student's zero
            return replace(
                result,
                verdict=Verdict.GRADER_ERROR,
                case=case.id,
                observed="the grader itself failed here: a person will look at it",
                remark=f"{type(error).__name__}: {error}",
            )
        size = max((s for s in (result.size, judged.size) if s is not None), default=None)
        return replace(
            result,
            verdict=judged.verdict,
            points=judged.credit * result.max_points,
            evidence=judged.evidence,
            observed=judged.observed,
            misconception=judged.misconception,
            misconception_id=judged.misconception_id,
            mismatch=judged.mismatch,
            pictures=_pictures(check, judged),
            case="" if judged.verdict is Verdict.PASSED else case.id,
            remark=judged.remark or result.remark,
            printed=outcome.printed,
            size=size,
        )

    def _judged(
        self,
        problem: Problem,
        check: Check,
        case: Case,
        slips: frozenset[str],
        result: CheckResult,
    ) -> tuple[Outcome, Judgement]:
        """What came of a case, and what it is worth."""

        def others() -> Mapping[str, Lookalike]:
            return self._key.lookalikes(problem, check, case, slips)

        key = self._key.case_key(problem, check, case)
        ruled = self._by_the_rules(check, case, key, others) if check.forbids else None
        if ruled is not None and ruled[1].verdict is Verdict.PASSED:
            # Right without what is forbidden: it would be right with it, too.
            outcome, judged = ruled
            return outcome, rules.look_for_tools(judged, check.forbids, self._submission)
        outcome = self._outcome(problem, check, case, key)
        earlier = {n: text for (owner, n), text in self._answers.items() if owner == problem.name}
        secret = self._key.secret
        judged = judge(check, key, outcome, others, self._device, earlier, secret)
        self._remember(problem, check, outcome, judged.verdict)
        waits_for = self._waits_for(problem, key)
        judged = self._once(judged, slips, problem, check, result, waits_for)
        if ruled is not None and judged.verdict.earns_points:
            judged = rules.decide(judged, *ruled, check.forbids, self._submission)
        return outcome, judged

    def _by_the_rules(
        self, check: Check, case: Case, key: CaseKey, others: Others
    ) -> tuple[Outcome, Judgement]:
        """What comes of a check where what the question's rules forbid is out of reach.

        In a process of its own, which never meets a call that is not under a rule.
        """
        probe = replace(check.probe, forbids=check.forbids)
        outcome = self._ask(self._fresh(), probe, check, case, key)
        return outcome, judge(check, key, outcome, others, self._device)

    def _remember(self, problem: Problem, check: Check, outcome: Outcome, verdict: Verdict) -> None:
        """Keep a typed answer that is not right, for the questions that build on it."""
        name = check.probe.answer
        if name is None or verdict is Verdict.PASSED or not isinstance(outcome, Returned):
            return
        field = next(a.field for a in problem.asks if isinstance(a, AnswerAsk) and a.name == name)
        if text := typed_text(outcome.values[name], field):
            self._answers[problem.name, name] = text
            if verdict.needs_person:
                self._waiting.add((problem.name, name))

    def _waits_for(self, problem: Problem, key: CaseKey) -> str:
        """The earlier answer, still to be judged by a person, that an answer may follow from."""
        given = key.typed.given if key.typed else ()
        return next((g.name for g in given if (problem.name, g.name) in self._waiting), "")

    def _once(
        self,
        judged: Judgement,
        slips: frozenset[str],
        problem: Problem,
        check: Check,
        result: CheckResult,
        waits_for: str,
    ) -> Judgement:
        """One misconception costs points once; where it shows again, the answer follows from it."""
        if judged.verdict is not Verdict.FAILED:
            return judged
        if waits_for:
            reason = f"whether it follows from `{waits_for}` is seen when that is judged"
            observed = f"{judged.observed}\n{reason}"
            return replace(judged, verdict=Verdict.UNDECIDED, observed=observed)
        first = self._deducted.get(judged.cause) if judged.cause else None
        if first is None and judged.misconception_id in slips:
            first = "a check that this one builds on"
        typed = self._answers.get((problem.name, check.probe.answer or ""), "")
        if first is not None and is_plain(typed):
            reason = f"the same as in {first}, if it is no guess: a person judges that"
            observed = f"{judged.observed}\n{reason}"
            return replace(judged, verdict=Verdict.UNDECIDED, observed=observed)
        if first is not None:
            remark = f"{judged.misconception} (as in {first}, which has cost its points)"
            return replace(judged, verdict=Verdict.FOLLOWS, remark=remark)
        if judged.cause and result.max_points > 0:
            name = check.probe.answer
            self._deducted[judged.cause] = f"`{name}`" if name else f"question {result.question}"
        return judged

    def _outcome(self, problem: Problem, check: Check, case: Case, key: CaseKey) -> Outcome:
        """What the student's process answers; asked once for checks that share probe and case."""
        place = (check.probe, f"{problem.name}/{case.id}", check.dtype, _is_watched(check))
        if place not in self._outcomes:
            self._outcomes[place] = self._ask(self._session, check.probe, check, case, key)
        return self._outcomes[place]

    def _ask(
        self, session: Session, probe: Probe, check: Check, case: Case, key: CaseKey
    ) -> Outcome:
        try:
            inputs = self._sent(check, case, key)
        except BackproofError as error:
            return Stopped(fault=Fault.STRUCTURE, message=str(error))
        return session.run(
            probe,
            inputs,
            dtype=check.dtype,
            device=self._device,
            strided=case.strided,
            watched=_is_watched(check),
        )

    def _sent(self, check: Check, case: Case, key: CaseKey) -> Inputs:
        """What a student's process gets: nothing that is withheld, and its own weights.

        Raises:
            BackproofError: the weights that were handed in are none.
        """
        inputs = dict(case.sent(key.inputs))
        if check.probe.weights and self._submission.weights is not None:
            inputs[check.probe.weights] = dict(self._submission.weights(check.probe.weights))
        return inputs


def _is_watched(check: Check) -> bool:
    return isinstance(check.oracle, Relation) and check.oracle.name in WATCHING


def _pictures(check: Check, judged: Judgement) -> tuple[Picture, ...]:
    """What came back, and of a failure what is wrong and what the problem itself shows."""
    if judged.verdict is not Verdict.FAILED:
        return judged.drawn
    own = check.picture
    if own is None or any(isinstance(picture, type(own)) for picture in judged.pictures):
        return (*judged.drawn, *judged.pictures)
    return (*judged.drawn, *judged.pictures, own)


def _is_elsewhere(problem: Problem, need: str, check: Check) -> bool:
    """Whether a check belongs to another question: within its own, nothing follows from it."""
    return any(c.id == need and c.question != check.question for c in problem.checks)


def _skipped(problem: Problem, need: str) -> str:
    needed = next((check for check in problem.checks if check.id == need), None)
    return f"not run, because this is not yet right: {needed.claim if needed else need}"


def _score(question: GradedQuestion, results: tuple[CheckResult, ...]) -> QuestionScore:
    own = [result for result in results if result.question == question.number]
    return QuestionScore(
        number=question.number,
        title=question.title,
        points=sum(result.points for result in own),
        max_points=question.points,
        waiting=sum(result.max_points for result in own if result.verdict.needs_person),
    )


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        **{name: _version(name) for name in ("backproof", "torch", "numpy")},
    }


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed: run from its source tree"
