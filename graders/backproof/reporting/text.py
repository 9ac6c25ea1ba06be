"""Reports as plain text: what a student reads, in the terminal, in pytest and in a notebook.

Every failure has one shape: what was checked, what came back, what is expected of it (a property,
never a hidden value), the likely misconception, where to read.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterator

from backproof.model import CheckResult, Report, Verdict

MARKS = {
    Verdict.PASSED: "ok",
    Verdict.FOLLOWS: "ok, given your earlier answer",
    Verdict.FAILED: "not right",
    Verdict.STUDENT_ERROR: "stopped with an error",
    Verdict.TIMEOUT: "took too long",
    Verdict.OUT_OF_MEMORY: "ran out of memory",
    Verdict.SKIPPED: "not run",
    Verdict.UNDECIDED: "waits for a person",
    Verdict.GRADER_ERROR: "waits for a person",
}
WIDTH = 96
MAX_LINES = 12


def printable(text: str) -> str:
    """A student's text without control characters, so that it cannot steer a terminal."""
    return "".join(
        c if c in "\n\t" or unicodedata.category(c)[0] != "C" else "\N{REPLACEMENT CHARACTER}"
        for c in text
    )


def one_line(text: str) -> str:
    """A name or a sentence that cannot break out of its line."""
    return " ".join(printable(text).split())


def points(value: float) -> str:
    """Points without needless digits: 3, 2.5, 0.67."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _part(label: str, text: str) -> list[str]:
    lines: list[str] = []
    for line in printable(text).splitlines()[:MAX_LINES]:
        lines += textwrap.wrap(line, WIDTH - 18, break_on_hyphens=False) or [""]
    return [f"  {label if number == 0 else '':<15} {line}" for number, line in enumerate(lines)]


def parts(result: CheckResult) -> Iterator[tuple[str, str]]:
    """The parts of an explanation: what each is, and its text, as it came from wherever."""
    yield "checked", result.claim
    yield "yours", result.observed
    if result.verdict not in (Verdict.SKIPPED, Verdict.GRADER_ERROR):
        yield "expected", result.expects
    if result.misconception:
        yield "likely cause", result.misconception
    if result.verdict in (Verdict.FAILED, Verdict.UNDECIDED):
        yield "read", result.read
    if result.printed and result.verdict is Verdict.STUDENT_ERROR:
        yield "you printed", result.printed[-500:]


def explain(result: CheckResult) -> str:
    """The five-part explanation of one check that was not passed."""
    return "\n".join(line for label, text in parts(result) for line in _part(f"{label}:", text))


def waiting(value: float) -> str:
    """How many points wait for a person, in words."""
    return f"{points(value)} {'point waits' if value == 1 else 'points wait'}"


_STOPPED = (Verdict.STUDENT_ERROR, Verdict.TIMEOUT, Verdict.OUT_OF_MEMORY)
_LOADING = "while it was loaded: "


def _common_cause(report: Report) -> str:
    """The one reason why everything stopped, if there is one."""
    reasons = {
        one_line(r.observed.partition("\n")[0].partition(_LOADING)[2] or r.observed)
        for r in report.results
        if r.verdict in _STOPPED
    }
    stopped = sum(r.verdict in _STOPPED for r in report.results)
    return reasons.pop()[:200] if len(reasons) == 1 and stopped > 1 else ""


def summary_line(report: Report) -> str:
    """One line: points, and what stands out."""
    score = f"{points(report.points)}/{points(report.max_points)}"
    if report.fault:
        return f"{score:>7}  {one_line(report.submission)}: {one_line(report.fault)}"
    notes = []
    if report.waiting:
        notes.append(f"{waiting(report.waiting)} for a person")
    if cause := _common_cause(report):
        notes.append(cause)
    labels = {"not right": (Verdict.FAILED,), "stopped": _STOPPED, "not run": (Verdict.SKIPPED,)}
    named: set[str] = set()
    for label, verdicts in labels.items():
        concerned = {r.question for r in report.results if r.verdict in verdicts}
        numbers = [q.number for q in report.questions if q.number in concerned - named]
        named.update(numbers)
        if len(numbers) == len(report.questions):
            notes.append(f"{label}: every question")
        elif numbers:
            notes.append(f"{label}: {', '.join(numbers)}")
    text = "; ".join(notes) or "everything right"
    return f"{score:>7}  {one_line(report.submission)}: {text}"


def _rubric(result: CheckResult) -> list[str]:
    """What the person who reads an answer in words looks for."""
    return [
        line
        for number, point in enumerate(result.rubric)
        for line in _part("look for:" if number == 0 else "", f"- {point}")
    ]


def text_report(report: Report, *, rubrics: bool = False) -> str:
    """The whole report of one submission, for its student; for staff, with `rubrics`."""
    lines = [
        f"{one_line(report.submission)}: {points(report.points)} of "
        f"{points(report.max_points)} points",
    ]
    if report.waiting:
        lines.append(f"of the missing points, {waiting(report.waiting)} for a person")
    if report.fault:
        return "\n".join([*lines, f"  {printable(report.fault)}"])
    for question in report.questions:
        score = f"{points(question.points)}/{points(question.max_points)}"
        lines.append(f"\n{question.number:<5} {question.title}  [{score}]")
        for result in report.results:
            if result.question != question.number:
                continue
            lines.append(f"  {MARKS[result.verdict]}: {result.claim}")
            if not result.verdict.earns_points:
                lines.append(textwrap.indent(explain(result), "  "))
                if rubrics and result.verdict is Verdict.UNDECIDED:
                    lines += [f"  {line}" for line in _rubric(result)]
            elif result.remark:
                lines += _part("note:", result.remark)
    return "\n".join(lines)
