"""The released notebook, which is nbgrader's source notebook at the same time.

Built as plain data, so that it needs neither nbformat nor nbgrader. What nbgrader reads stands in
each cell's `metadata.nbgrader` and holds nothing of ours, because nbgrader refuses unknown keys.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from backproof.authoring.stub import asks_by_question, heading, render_imports, rules_of
from backproof.loading import render_stub
from backproof.model import Ask, Assignment, Check, GradedQuestion, Problem, Visibility
from backproof.model.pictures import IN_TEXT
from backproof.reporting.pictures import svg
from backproof.reporting.text import points

Cell: TypeAlias = dict[str, Any]
_MARKUP = re.compile(r"[\\*<$]")
_ESCAPED = r"\\\g<0>"

_HOW_TO = """\
# {title}

{source}. {points} points.

Each question has a cell or two to write in, and below them a cell that checks your work on
**public** cases: run it as often as you like. It says what is not right yet and what is expected.
Your marks come from **hidden** cases of the same kind.

* Keep the names of the functions and the order of their arguments; everything else is yours:
  loops or none, helper functions, further cells, torch or NumPy.
* A typed answer stands between quotes, in the names of its comment: `"sqrt(p)/2"`. Any way of
  writing it that means the same is as good; `README.md` says how to type what.
* Functions get and return `torch` tensors and must leave the tensors that they get as they were.
* Start Jupyter in the folder that you got, beside `public_cases.json`. If you prefer a `.py` file,
  write in `{name}.py` instead and run `pytest`: `README.md` says how.

| question | to write | points |
|:---|:---|---:|
{overview}"""


def _cell(kind: str, id_: str, source: str, mark: dict[str, Any] | None = None) -> Cell:
    cell: Cell = {
        "cell_type": kind,
        "id": id_[:64],
        "metadata": {"nbgrader": mark} if mark else {},
        "source": source.splitlines(keepends=True),
    }
    return cell | {"execution_count": None, "outputs": []} if kind == "code" else cell


def _mark(grade_id: str, **changed: Any) -> dict[str, Any]:
    """nbgrader's metadata of one cell."""
    plain = {"grade": False, "grade_id": grade_id, "locked": False, "solution": False}
    return plain | {"schema_version": 3, "task": False} | changed


def _text(id_: str, source: str) -> Cell:
    """A text that students read and do not change."""
    return _cell("markdown", id_, source, _mark(id_, locked=True))


def _to_write(ask: Ask) -> Cell:
    id_ = f"ask-{ask.name}"
    return _cell("code", id_, render_stub(ask)[1], _mark(id_, solution=True))


def _marking(question: GradedQuestion) -> Cell:
    source = (
        f'import backproof\n\nbackproof.check("{question.number}")  '
        "# public cases; your marks come from hidden ones"
    )
    worth = int(question.points) if question.points.is_integer() else question.points
    mark = _mark(question.grade_id, grade=True, locked=True, points=worth)
    return _cell("code", question.grade_id, source, mark)


def _introduction(problem: Problem) -> Cell:
    text = _with_pictures(problem.text, problem)
    return _text(f"problem-{problem.name}", f"## {problem.title}\n\n{text}")


def _with_pictures(text: str, problem: Problem) -> str:
    """The pictures that a statement names, in the text itself: no viewer loses them.

    As an HTML element: Markdown's own images may be no SVG in some viewers, nor may attachments.
    """

    def image(found: re.Match[str]) -> str:
        picture = next(c.picture for c in problem.checks if c.id == found["check"])
        assert picture is not None  # a rule of the bank
        data = base64.b64encode(svg(picture, alone=True).encode()).decode()
        words = html.escape(found["words"])
        return f'<img alt="{words}" src="data:image/svg+xml;base64,{data}">'

    return IN_TEXT.sub(image, text)


def _question(question: GradedQuestion, assignment: Assignment) -> Cell:
    text = _with_pictures(question.problem.question(question.key).text, question.problem)
    text += "".join(f"\n\n*{sentence}*" for sentence in rules_of(question))
    return _text(
        f"{question.grade_id}-text",
        f"### {heading(question)}\n\n{text}{_builds_on(question, assignment)}{_marked(question)}",
    )


def _overview(question: GradedQuestion, asks: Sequence[Ask]) -> str:
    """A row of the table at the top."""
    names = ", ".join(f"`{ask.name}`" for ask in asks) or "nothing new"
    return f"| {question.number} {question.title} | {names} | {points(question.points)} |"


def _marked(question: GradedQuestion) -> str:
    """What the points of a question are for, where there is more than one thing.

    A check without a public case is not named: nothing of it leaves the course.
    """
    if len(question.checks) < 2:
        return ""
    total = sum(check.points for check in question.checks)
    named = [check for check in question.checks if check.points and _is_public(check)]
    shares = [(check.claim, question.points * check.points / total) for check in named]
    rest = question.points - sum(share for _, share in shares)
    if rest > 1e-9:
        shares.append(("what only hidden cases show of the same", rest))
    return "\n\n**Marked:**\n" + "".join(
        f"\n* {_MARKUP.sub(_ESCAPED, claim)} ({points(share)})" for claim, share in shares
    )


def _builds_on(question: GradedQuestion, assignment: Assignment) -> str:
    """The other questions without which a part of this one is not marked."""
    problem = question.problem
    asked = {other.key: other.number for other in assignment.questions if other.problem == problem}
    owners = {check.id: check.question for check in problem.checks}
    needed = {owners[need] for check in question.checks for need in check.needs}
    numbers = [number for key, number in asked.items() if key in needed and key != question.key]
    if not numbers:
        return ""
    listed = " and ".join(numbers)
    return (
        f"\n\n*Builds on {listed}: marked where that is right, or wrong by a slip that is known.*"
    )


def _is_public(check: Check) -> bool:
    return bool(check.probe.answer) or any(
        case.visibility is Visibility.PUBLIC for case in check.cases
    )


def _cells(assignment: Assignment) -> Iterator[Cell]:
    asked = asks_by_question(assignment)
    how_to = _HOW_TO.format(
        title=assignment.title,
        source=assignment.source,
        points=points(assignment.points),
        name=assignment.name,
        overview="\n".join(_overview(question, asks) for question, asks in asked),
    )
    yield _text("how-to", how_to)
    yield _cell("code", "imports", render_imports(ask for _, asks in asked for ask in asks))
    introduced = set()
    for question, asks in asked:
        if question.problem.name not in introduced:
            introduced.add(question.problem.name)
            yield _introduction(question.problem)
        yield _question(question, assignment)
        yield from map(_to_write, asks)
        yield _marking(question)


def render_notebook(assignment: Assignment) -> str:
    """The text of the notebook, formatted as Jupyter itself would save it."""
    notebook = {
        "cells": list(_cells(assignment)),
        "metadata": {
            "backproof": {"assignment": assignment.name, "digest": assignment.digest},
            "kernelspec": {
                "display_name": "Python 3 (ipykernel)",
                "language": "python",
                "name": "python3",
            },
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
