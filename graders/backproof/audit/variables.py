"""Which variables of a reference can be taken for each other: values of one kind and shape."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from types import FrameType
from typing import Any

from backproof.answer_key import AnswerKey
from backproof.audit.edits import Alike
from backproof.loading import render_solution
from backproof.model import Problem, Submission, Visibility
from backproof.sandbox import InProcess

NEIGHBOURS = 2
"""Numbers are taken for this many others at most; arrays for all of their shape."""


def alike(problem: Problem, key: AnswerKey) -> Alike:
    """For each function, which of its variables hold the same kind of value at every call.

    The reference is run here, once for each hidden case, and looked at when its functions return.
    """
    code = render_solution(problem.asks)
    submission = Submission(
        name="reference.py", path=Path("reference.py"), digest="", cells=(code,)
    )
    seen: dict[str, list[dict[str, str]]] = defaultdict(list)
    with InProcess().open(submission) as session:
        for check in problem.checks:
            for case in check.cases if check.probe.calls else ():
                if case.visibility is Visibility.PUBLIC:
                    continue
                inputs = key.case_key(problem, check, case).inputs
                with _Watching(submission.name, seen):
                    session.run(check.probe, inputs, dtype=check.dtype, device="cpu", strided=False)
    return {function: _groups(calls) for function, calls in seen.items()}


class _Watching:
    """Notes the kinds of all local variables when a function of the given file returns."""

    def __init__(self, file: str, seen: dict[str, list[dict[str, str]]]) -> None:
        self._file, self._seen = file, seen

    def __enter__(self) -> None:
        self._before = sys.getprofile()
        sys.setprofile(self._note)

    def __exit__(self, *exc: object) -> None:
        sys.setprofile(self._before)

    def _note(self, frame: FrameType, event: str, _: Any) -> None:
        if event == "return" and frame.f_code.co_filename == self._file:
            kinds = {name: kind for name, value in frame.f_locals.items() if (kind := _kind(value))}
            self._seen[frame.f_code.co_name].append(kinds)


def _kind(value: Any) -> str:
    """A description that only values of one kind and shape share; empty for what is no number."""
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        return f"{value.dtype}{tuple(value.shape)}"
    if isinstance(value, bool | int | float):
        return type(value).__name__
    if isinstance(value, list | tuple) and value and _kind(value[0]):
        return f"{type(value).__name__} of {_kind(value[0])}"
    return ""


def _groups(calls: Iterable[dict[str, str]]) -> dict[str, tuple[str, ...]]:
    calls = list(calls)
    names = list(dict.fromkeys(name for kinds in calls for name in kinds))
    histories = {name: [kinds.get(name) for kinds in calls] for name in names}
    groups: dict[str, tuple[str, ...]] = {}
    for place, name in enumerate(names):
        others = [other for other in names if other != name and histories[other] == histories[name]]
        if "(" not in str(histories[name][-1]):
            others.sort(key=lambda other: (abs(names.index(other) - place), names.index(other)))
            others = others[:NEIGHBOURS]
        groups[name] = tuple(others)
    return groups
