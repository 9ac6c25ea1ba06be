"""`backproof.check("3.1a")`: the self-check of one question, in a notebook's marking cell."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from backproof.frontends.selfcheck import (
    NotYetRight,
    SelfCheck,
    SelfCheckError,
    explanation,
    opened,
    pictures,
)
from backproof.loading import load_released
from backproof.loading.released import FILE_NAME as PUBLIC_CASES
from backproof.model import (
    BackproofError,
    Check,
    CheckResult,
    GradedQuestion,
    Picture,
    Submission,
    Verdict,
)
from backproof.reporting.pictures import describe, figure
from backproof.sandbox import InProcess, worker

__all__ = ["NotYetRight", "SelfCheckError", "check"]


def check(number: str) -> None:
    """Check the functions and answers of one question, as they are now, on its public cases.

    Raises:
        NotYetRight: something is not right yet; the text says what.
        SelfCheckError: the question or its public cases are not known here.
    """
    if worker.ACTIVE:
        print("backproof: no self-check while this is being graded")
        return
    folder = Path.cwd()
    if not (folder / PUBLIC_CASES).is_file():
        # An error, not a print: nbgrader on its own gives full marks for a cell without errors.
        raise SelfCheckError(
            f"{number}: not checked, because there is no {PUBLIC_CASES} in {folder}. Start the "
            "notebook in the folder that you got from your course."
        )
    try:
        assignment = load_released(folder / PUBLIC_CASES)
    except BackproofError as error:
        raise SelfCheckError(str(error)) from None
    question = next((q for q in assignment.questions if q.number == number), None)
    if question is None:
        known = ", ".join(q.number for q in assignment.questions)
        raise SelfCheckError(f"{assignment.name} has no question {number!r}; it has {known}")
    notebook = Submission(name="notebook", path=folder / "notebook.ipynb", digest="")
    runner = InProcess(namespace=vars(sys.modules["__main__"]))
    with opened(assignment, notebook, runner) as selfcheck:
        print(_check(selfcheck, question))


def _check(selfcheck: SelfCheck, question: GradedQuestion) -> str:
    """What to say about a question in which nothing is wrong; raises otherwise."""
    results = [(c, selfcheck.result(question.problem, c)) for c in question.checks]
    wrong: dict[str, str] = {}
    for check, result in results:
        # Two checks that fail for the same reason need saying once.
        reason = result.misconception_id or result.observed
        if _is_wrong(result) and reason not in wrong:
            wrong[reason] = explanation(check, result)
            _show(pictures(check, result))
        elif result.verdict.earns_points:
            _show(result.pictures)
    if wrong:
        raise NotYetRight("\n\n".join([f"{question.number}: not right yet", *wrong.values()]))
    if broken := [explanation(c, r) for c, r in results if r.verdict is Verdict.GRADER_ERROR]:
        raise SelfCheckError("\n\n".join(broken))
    return f"{question.number}: " + "\n  ".join(_notes(results))


def _show(seen: Iterable[Picture]) -> None:
    """Draw above the explanation, where somebody looks at a notebook in a browser."""
    shell = sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None
    if not hasattr(shell, "kernel"):
        return
    from IPython.display import display

    for picture in seen:
        data = {"text/html": figure(picture), "text/plain": describe(picture)}
        display(data, raw=True)  # type: ignore[no-untyped-call]


def _is_wrong(result: CheckResult) -> bool:
    return not result.verdict.earns_points and result.verdict not in (
        Verdict.SKIPPED,
        Verdict.UNDECIDED,
        Verdict.GRADER_ERROR,
    )


def _notes(results: Sequence[tuple[Check, CheckResult]]) -> list[str]:
    notes = []
    for check, result in results:
        if result.verdict is Verdict.SKIPPED:
            notes.append(f"{result.claim}: {result.observed}")
        elif not result.verdict.earns_points:
            notes.append(f"{check.probe.answer}: {result.observed}")
    if not any(result.verdict.earns_points for _, result in results):
        return notes or ["no public check; judged when your homework is graded"]
    skipped = any(result.verdict is Verdict.SKIPPED for _, result in results)
    return ["the checks that could be run pass" if skipped else "all public checks pass", *notes]
