"""The report of one submission as a web page, and of one question as a part of another page.

Every text that reaches a page is escaped by Jinja2, and its control and bidirectional characters
are replaced, whoever wrote it. Pages hold no script and load nothing.
"""

from __future__ import annotations

import functools
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from backproof.model import CheckResult, QuestionScore, Report, Verdict
from backproof.reporting.names import page_name
from backproof.reporting.pictures import figure
from backproof.reporting.text import MARKS, MAX_LINES, parts, points, printable, waiting

__all__ = ["page_name", "question_part", "rendered", "student_page"]

_MAX_LETTERS = 4000
"""Of one text: more helps nobody, and a page must stay readable."""
_FROM_STUDENT = ("yours", "you printed")


def student_page(report: Report) -> str:
    """The page for the student who handed in this submission."""
    open_ = [result for result in report.results if result.verdict.needs_person]
    return rendered(
        "student.html.j2",
        report=report,
        open=open_,
        of=lambda question: _of(report, question),
        state=lambda question: _state(question, _of(report, question)),
        isolation_is_missing="NOT ISOLATED" in report.isolation,
    )


def question_part(report: Report, question: QuestionScore) -> str:
    """What a page of somebody else's shows of one question: one element, with its style."""
    return rendered(
        "question.html.j2",
        question=question,
        results=_of(report, question),
        fault=report.fault,
    )


def _of(report: Report, question: QuestionScore) -> list[CheckResult]:
    return [result for result in report.results if result.question == question.number]


def _state(question: QuestionScore, results: list[CheckResult]) -> str:
    if question.waiting:
        return "waits for a person"
    if all(result.verdict.earns_points for result in results):
        return "right"
    return "partly right" if question.points else "not right yet"


def _css(verdict: Verdict) -> str:
    if verdict.earns_points:
        return "right"
    return "open" if verdict.needs_person or verdict is Verdict.SKIPPED else "wrong"


def _symbol(verdict: Verdict) -> str:
    return {"right": "\N{CHECK MARK}", "open": "?", "wrong": "\N{BALLOT X}"}[_css(verdict)]


def _explained(result: CheckResult) -> list[tuple[str, str]]:
    """The parts of the explanation after the claim, none of them too long."""
    return [(label, _short(text)) for label, text in parts(result) if label != "checked"]


def _short(text: str) -> str:
    lines = text.splitlines()
    short = "\n".join(lines[:MAX_LINES])[:_MAX_LETTERS]
    return f"{short} ..." if len(lines) > MAX_LINES or len(text) > _MAX_LETTERS else short


def _score(scored: QuestionScore | Report) -> str:
    return f"{points(scored.points)} of {points(scored.max_points)} points"


def _visible(value: Any) -> Any:
    """What every expression of a template passes through, so that none can be forgotten."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else printable(value)


@functools.cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("backproof.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {
        "css": _css,
        "explained": _explained,
        "figure": lambda picture: Markup(figure(picture)),
        "from_student": _FROM_STUDENT,
        "marks": MARKS,
        "points": points,
        "score": _score,
        "style": _style,
        "symbol": _symbol,
        "waiting": waiting,
    }
    return environment


def rendered(template: str, **values: Any) -> str:
    """A template with these values; whatever text they hold is escaped."""
    return _environment().get_template(template).render(**values)


@functools.cache
def _style(name: str) -> Markup:
    environment = _environment()
    assert environment.loader is not None
    return Markup(environment.loader.get_source(environment, name)[0])
