"""A homework as files: one submission, and the calls and answers that it is graded by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from backproof.answer_key import AnswerKey
from backproof.loading import render_solution
from backproof.model import (
    AnswerAsk,
    Ask,
    Assignment,
    Case,
    Check,
    FunctionAsk,
    Mutant,
    Probe,
    Problem,
    Relation,
    TypedAnswer,
)
from backproof.tensors import tolerance_for

SECRET = "benchmark"


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedIn:
    """One submission: as a module, and as the cell that answers each ask."""

    module: str
    cells: Mapping[str, str]


def asks_of(assignment: Assignment) -> list[Ask]:
    return [ask for problem in assignment.problems for ask in problem.asks]


def handed_in(assignment: Assignment, wrong: Mutant | None = None) -> HandedIn:
    """The reference solution as a student would hand it in, with one mistake if asked for."""
    return HandedIn(
        module=render_solution(asks_of(assignment), wrong),
        cells={
            ask.name: render_solution([ask], wrong if wrong and wrong.of == ask.name else None)
            for ask in asks_of(assignment)
        },
    )


def a_mistake(assignment: Assignment) -> Mutant:
    """The first known wrong solution of a function."""
    functions = {ask.name for ask in asks_of(assignment) if isinstance(ask, FunctionAsk)}
    mutants = (mutant for problem in assignment.problems for mutant in problem.mutants)
    return next(mutant for mutant in mutants if mutant.of in functions)


class Exporter:
    """Writes the cases of a homework from the answer key, for `plain_checks`."""

    def __init__(self, assignment: Assignment) -> None:
        self._key = AnswerKey(SECRET)
        self._runs: list[dict[str, Any]] = []
        self._numbers: dict[tuple[Probe, str, str], int] = {}
        self._checks = {
            f"{question.problem.name}/{check.id}": [
                self._case(question.problem, check, case) for case in check.cases
            ]
            for question in assignment.questions
            for check in question.checks
        }

    @property
    def checks(self) -> tuple[str, ...]:
        return tuple(self._checks)

    def write(self, file: Path) -> None:
        torch.save({"runs": self._runs, "checks": self._checks}, file)

    def _case(self, problem: Problem, check: Check, case: Case) -> dict[str, Any]:
        run = {"run": self._run(problem, check, case)}
        if isinstance(check.oracle, Relation):
            return {**run, "kind": check.oracle.name}
        if isinstance(check.oracle, TypedAnswer):
            accepted = [
                spelling.replace(" ", "")
                for ask in problem.asks
                if isinstance(ask, AnswerAsk) and ask.name == check.probe.answer
                for spelling in (ask.answer or "", *ask.also)
            ]
            return {**run, "kind": "answer", "accepted": accepted}
        key = self._key.case_key(problem, check, case)
        factor = tolerance_for(check.dtype, check.terms).factor
        return {
            **run,
            "kind": "values",
            "expected": {name: torch.tensor(key.expected[name]) for name in check.judged},
            "atol": {name: float(factor * key.noise[name]) for name in check.judged},
        }

    def _run(self, problem: Problem, check: Check, case: Case) -> int:
        """The calls of a case, written once for all checks that look at their answers."""
        place = (check.probe, f"{problem.name}/{case.id}", check.dtype)
        if place not in self._numbers:
            self._numbers[place] = len(self._runs)
            inputs = self._key.case_key(problem, check, case).inputs
            self._runs.append(
                {
                    "answer": check.probe.answer,
                    "repeat": check.probe.repeat,
                    "calls": [
                        {"function": c.function, "takes": list(c.takes), "returns": list(c.returns)}
                        for c in check.probe.calls
                    ],
                    "inputs": {n: _tensor(value, case.strided) for n, value in inputs.items()},
                }
            )
        return self._numbers[place]


def _tensor(value: Any, strided: bool) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    tensor = torch.from_numpy(value.copy())
    return torch.stack((tensor, tensor), dim=-1)[..., 0] if strided else tensor
