"""Automatic mutants: every one-edit change of a reference must fail a check of its problem."""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from backproof.answer_key import AnswerKey, typed_key
from backproof.answers import Ruling
from backproof.audit.cards import EditCard
from backproof.audit.edits import Edit, edits_of
from backproof.audit.formula_edits import answer_edits
from backproof.audit.variables import alike
from backproof.fence import fence
from backproof.judging import judge
from backproof.loading import Survivors, render_solution
from backproof.model import (
    AnswerAsk,
    Case,
    Check,
    Problem,
    Relation,
    Runner,
    Session,
    Submission,
    TypedAnswer,
    Verdict,
)
from backproof.tensors import WATCHING

LEAST_KILLED = 0.95
"""Of the edits that are not equivalent."""

DEAD = (Verdict.FAILED, Verdict.STUDENT_ERROR, Verdict.TIMEOUT, Verdict.OUT_OF_MEMORY)
_DEAD_RULINGS = (Ruling.WRONG, Ruling.FORM, Ruling.SYNTAX)

Progress = Callable[[str], None]


def edits_of_problem(problem: Problem, key: AnswerKey) -> list[Edit]:
    """All automatic mutants of a problem: of its functions, then of its typed answers."""
    answers = [ask for ask in problem.asks if isinstance(ask, AnswerAsk)]
    edits: list[Edit] = []
    if len(answers) < len(problem.asks):
        code = render_solution(problem.asks)
        edits += edits_of(code, alike(problem, key), [ask.name for ask in answers])
    return edits + [edit for ask in answers for edit in answer_edits(ask)]


def audit_edits(
    problem: Problem,
    runner: Runner,
    key: AnswerKey,
    survivors: Survivors,
    device: str = "cpu",
    progress: Progress = lambda _: None,
    sample: int | None = None,
) -> tuple[EditCard, list[str]]:
    """Run every automatic mutant until a check fails it; what survives must be listed.

    device: as the runner's. sample: run so many only (see `sample_of`); then the share of killed
    ones is not judged. Returns the problem's line of the report card, and its faults in words.
    """
    known = edits_of_problem(problem, key)
    edits = known if sample is None else sample_of(known, sample)
    trial = _Trial(problem, runner, key, device)
    alive: list[str] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = zip(edits, pool.map(trial.is_killed, edits), strict=True)
        for number, (edit, killed) in enumerate(results, 1):
            progress(f"automatic mutant {number} of {len(edits)}")
            if not killed:
                alive.append(edit.id)
    card = EditCard(
        problem=problem.name,
        edits=len(edits),
        killed=len(edits) - len(alive),
        equivalent=tuple(name for name in alive if name in survivors.equivalent),
        missed=tuple(name for name in alive if name not in survivors.equivalent),
    )
    tried, there = {edit.id for edit in edits}, {edit.id for edit in known}
    faults = list(_faults(card, survivors, there - tried, there))
    return card, faults + ([] if sample is not None else list(_too_few(card)))


def sample_of(edits: list[Edit], size: int) -> list[Edit]:
    """The same few edits at every run: those whose ids have the smallest hashes, in their order.

    An edit that is added or gone changes one place of the sample at most.
    """
    ranked = sorted(edits, key=lambda edit: hashlib.sha256(edit.id.encode()).digest())
    chosen = {edit.id for edit in ranked[:size]}
    return [edit for edit in edits if edit.id in chosen]


def _faults(
    card: EditCard, survivors: Survivors, untried: set[str], known: set[str]
) -> Iterator[str]:
    for name in card.missed:
        if name not in survivors.missed:
            yield (
                f"{card.problem}: no check fails the automatic mutant {name!r}: add a case that "
                "does, or list it in survivors.toml with the reason why none can"
            )
    alive = {*card.equivalent, *card.missed}
    for name in (*survivors.equivalent, *survivors.missed):
        if name not in alive | untried:
            ended = "is killed" if name in known else "is no automatic mutant of this problem"
            yield f"{card.problem}: survivors.toml lists {name!r}, which {ended}: take it out"


def _too_few(card: EditCard) -> Iterator[str]:
    if card.counted and card.killed < LEAST_KILLED * card.counted:
        yield (
            f"{card.problem}: {card.killed} of {card.counted} automatic mutants are killed, less "
            f"than {LEAST_KILLED:.0%}: stronger cases are needed"
        )


@dataclass(frozen=True, slots=True)
class _Trial:
    """Runs edits of one problem; safe to use from several threads."""

    problem: Problem
    runner: Runner
    key: AnswerKey
    device: str

    def is_killed(self, edit: Edit) -> bool:
        """Whether a check fails this edit. Later checks are not run."""
        asks = {ask.name: ask for ask in self.problem.asks}
        if isinstance(asks.get(edit.scope), AnswerAsk):
            return any(
                self._marks_wrong(check, check.oracle, edit.code)
                for check in self.problem.checks
                if check.probe.answer == edit.scope and isinstance(check.oracle, TypedAnswer)
            )
        name = "automatic_mutant"
        wrong = Submission(name=name, path=Path(f"{name}.py"), digest="", cells=(edit.code,))
        using = _users(edit.code, edit.scope)
        with self.runner.open(wrong) as session:
            return any(
                self._fails(session, check, case)
                for check in self.problem.checks
                if using & set(check.probe.asks)
                for case in check.cases
            )

    def _fails(self, session: Session, check: Check, case: Case) -> bool:
        key = self.key.case_key(self.problem, check, case)
        outcome = session.run(
            check.probe,
            key.inputs,
            dtype=check.dtype,
            device=self.device,
            strided=case.strided,
            watched=isinstance(check.oracle, Relation) and check.oracle.name in WATCHING,
        )
        return judge(check, key, outcome, dict, self.device).verdict in DEAD

    def _marks_wrong(self, check: Check, oracle: TypedAnswer, text: str) -> bool:
        marking = fence().mark(text, typed_key(self.problem, check, oracle), {}, self.key.secret)
        return marking.ruling in _DEAD_RULINGS


def _users(code: str, scope: str) -> set[str]:
    """The top-level names whose meaning depends on `scope`, itself included."""
    uses = {
        node.name: {inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)}
        for node in ast.parse(code).body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    found = {scope}
    while more := {name for name, used in uses.items() if used & found} - found:
        found |= more
    return found
