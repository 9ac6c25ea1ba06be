"""`backproof answer`: how a typed answer is read, without saying whether it is right."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Iterable
from pathlib import Path

from backproof.answers import Ruling, read
from backproof.loading import load_problem, load_released
from backproof.loading.assignments import assignments_root, bank_problems
from backproof.loading.released import FILE_NAME
from backproof.model import AnswerAsk, BackproofError, Problem, TypedKey, describe_field
from backproof.reporting.text import printable


def run_answer(options: argparse.Namespace) -> int:
    """Print how the answer is read; 1 if it cannot be read."""
    ask = _find(options.check, options.folder)
    reading = read(options.text, TypedKey(name=ask.name, field=ask.field))
    rows = [("asked for", f"{ask.prompt}: {describe_field(ask.field)}")]
    readable = reading.ruling not in (Ruling.SYNTAX, Ruling.EMPTY)
    if readable:
        rows += [("read as", reading.read_as), ("LaTeX", reading.latex)]
    rows.append(("", reading.reason))
    for label, text in rows:
        if text:
            print(f"{label + ':' if label else '':<11}{printable(text)}")
    if readable:
        print("Whether it is right is judged when the homework is graded.")
    return 0 if readable else 1


def _find(check: str, folder: Path) -> AnswerAsk:
    """The answer of that name, in the released homework of a folder, else in the bank.

    Raises:
        BackproofError: no such answer is known here.
    """
    problem, _, name = check.rpartition("/")
    asks = {ask.name: ask for ask in _asks(problem, folder)}
    if name in asks:
        return asks[name]
    near = difflib.get_close_matches(name, asks, n=1)
    known = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(asks) or 'none'}"
    raise BackproofError(f"no typed answer is called {check!r}; {known}")


def _asks(problem: str, folder: Path) -> Iterable[AnswerAsk]:
    for known in _problems(folder):
        if not problem or known.name == problem:
            yield from (ask for ask in known.asks if isinstance(ask, AnswerAsk))


def _problems(folder: Path) -> Iterable[Problem]:
    if (folder / FILE_NAME).is_file():
        return load_released(folder / FILE_NAME).problems
    try:
        return [load_problem(assignments_root() / "bank" / name) for name in bank_problems()]
    except BackproofError as error:
        raise BackproofError(
            f"there is no {FILE_NAME} in {folder.resolve()}: go to the folder that you got from "
            f"your course, or name it with --in ({error})"
        ) from error
