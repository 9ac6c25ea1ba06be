"""The student's `.py` file: what to write, and nothing else."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from itertools import pairwise

from backproof.loading import render_stub
from backproof.model import Ask, Assignment, BackproofError, Check, GradedQuestion
from backproof.reporting.text import points

WIDTH = 99
_DEFINES = ("def ", "class ")


def worth(question: GradedQuestion) -> str:
    """The marks of a question in words."""
    return "1 point" if question.points == 1 else f"{points(question.points)} points"


def heading(question: GradedQuestion) -> str:
    """Number, title and marks of a question."""
    return f"{question.number} {question.title} ({worth(question)})"


def rules_of(question: GradedQuestion) -> list[str]:
    """The rules of a question, each once, as sentences."""
    rules = [rule.sentence for check in question.checks for rule in check.forbids]
    return [f"Rule: {sentence}." for sentence in dict.fromkeys(rules)]


def asks_by_question(assignment: Assignment) -> list[tuple[GradedQuestion, tuple[Ask, ...]]]:
    """Every question, with the asks that it is the first to use.

    Raises:
        BackproofError: two problems of the homework ask for the same name.
    """
    owners: dict[str, str] = {}
    for problem in assignment.problems:
        for ask in problem.asks:
            if owners.setdefault(ask.name, problem.name) != problem.name:
                raise BackproofError(
                    f"{assignment.name}: problems {owners[ask.name]!r} and {problem.name!r} both "
                    f"ask for {ask.name!r}; rename one of the two"
                )
    first = _first_uses(assignment)
    return [
        (q, tuple(ask for ask in q.problem.asks if first.get(ask.name) == q.number))
        for q in assignment.questions
    ]


def _first_uses(assignment: Assignment) -> dict[str, str]:
    """Each ask's name and the number of the question that introduces it."""
    first: dict[str, str] = {}
    for every_check in (False, True):
        for question in assignment.questions:
            for check in question.checks:
                if every_check or not _looks_ahead(question, check):
                    for name in check.probe.asks:
                        first.setdefault(name, question.number)
    return first


def _looks_ahead(question: GradedQuestion, check: Check) -> bool:
    """Whether a check is about other questions too, and so introduces nothing here."""
    own = {other.id for other in question.checks}
    return not own.issuperset(check.needs)


def render_imports(asks: Iterable[Ask]) -> str:
    """The import statements that the asks' signatures need, each once; torch in any case."""
    lines = {"import torch"}.union(*(render_stub(ask)[0] for ask in asks))
    groups: dict[bool, list[str]] = {True: [], False: []}
    for line in sorted(lines, key=lambda line: (line.startswith("from"), line)):
        package = line.split()[1].partition(".")[0]
        groups[package in sys.stdlib_module_names].append(line)
    return "\n\n".join("\n".join(group) for group in groups.values() if group)


def render_module(assignment: Assignment) -> str:
    """The text of the student's module."""
    asked = asks_by_question(assignment)
    parts = [_opening(assignment), render_imports(ask for _, asks in asked for ask in asks)]
    for question, asks in asked:
        rule = f"# --- {heading(question)} "
        line = rule.ljust(WIDTH, "-")
        if not asks:
            line += "\n# Nothing new to write: see the functions above."
        for sentence in rules_of(question):
            wrapped = textwrap.wrap(sentence, WIDTH, initial_indent="# ", subsequent_indent="# ")
            line += "\n" + "\n".join(wrapped)
        parts.append(line)
        parts += [render_stub(ask)[1] for ask in asks]
    return _joined(parts) + "\n"


def _joined(parts: list[str]) -> str:
    """Two empty lines around functions and classes, one elsewhere."""
    text = parts[0]
    for before, part in pairwise(parts):
        definition = part.startswith(_DEFINES) or before.startswith(_DEFINES)
        text += ("\n\n\n" if definition else "\n\n") + part
    return text


def _opening(assignment: Assignment) -> str:
    how = (
        f"The questions stand in {assignment.name}.ipynb. Write the functions and type the "
        "answers below: keep their names and the order of their arguments, the rest is yours. "
        "Check yourself with `pytest` in this folder; README.md says more."
    )
    title = textwrap.fill(f'"""{assignment.title}.', WIDTH)
    return f'{title}\n\n{textwrap.fill(how, WIDTH)}\n"""'
