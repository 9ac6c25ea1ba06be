"""The released notebook, which is nbgrader's source notebook at the same time.

Built as plain data, so that it needs neither nbformat nor nbgrader. What nbgrader reads stands in
each cell's `metadata.nbgrader` and holds nothing of ours, because nbgrader refuses unknown keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TypeAlias

from backproof.authoring.stub import asks_by_question, heading, render_imports, rules_of
from backproof.loading import render_stub
from backproof.model import Ask, Assignment, GradedQuestion, Problem
from backproof.reporting.text import points

Cell: TypeAlias = dict[str, Any]

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
  write in `{name}.py` instead and run `pytest`: `README.md` says how."""


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
    return _text(f"problem-{problem.name}", f"## {problem.title}\n\n{problem.text}")


def _question(question: GradedQuestion) -> Cell:
    text = question.problem.question(question.key).text
    text += "".join(f"\n\n*{sentence}*" for sentence in rules_of(question))
    return _text(f"{question.grade_id}-text", f"### {heading(question)}\n\n{text}")


def _cells(assignment: Assignment) -> Iterator[Cell]:
    how_to = _HOW_TO.format(
        title=assignment.title,
        source=assignment.source,
        points=points(assignment.points),
        name=assignment.name,
    )
    asked = asks_by_question(assignment)
    yield _text("how-to", how_to)
    yield _cell("code", "imports", render_imports(ask for _, asks in asked for ask in asks))
    introduced = set()
    for question, asks in asked:
        if question.problem.name not in introduced:
            introduced.add(question.problem.name)
            yield _introduction(question.problem)
        yield _question(question)
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
