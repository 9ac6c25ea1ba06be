"""Rules that every problem of the bank keeps, checked when it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from backproof.model import BackproofError, Case, Check, OracleKind, Problem


def validate_problem(problem: Problem, folder: Path) -> None:
    """Refuse a problem that is incomplete or contradicts itself.

    Raises:
        BackproofError: all that is wrong, one line each.
    """
    faults = [*_check_faults(problem), *_mutant_faults(problem), *_cover_faults(problem)]
    if faults:
        lines = "".join(f"\n  - {fault}" for fault in faults)
        raise BackproofError(f"problem {problem.name!r} in {folder} is not complete:{lines}")


def _check_faults(problem: Problem) -> Iterator[str]:
    keys = {question.key for question in problem.questions}
    asks = {ask.name for ask in problem.asks}
    seen: set[str] = set()
    cases: dict[str, Case] = {}
    for check in problem.checks:
        if check.id in seen:
            yield f"check {check.id!r} is defined twice"
        if check.question not in keys:
            yield f"check {check.id!r}: question {check.question!r} has no section in problem.md"
        for name in set(check.probe.asks) - asks:
            yield f"check {check.id!r}: its probe uses {name!r}, which is not in ASKS"
        for need in set(check.needs) - seen:
            yield f"check {check.id!r}: needs {need!r}, which is not an earlier check"
        if not check.cases:
            yield f"check {check.id!r} has no cases"
        for case in check.cases:
            if cases.setdefault(case.id, case) is not case:
                yield f"case id {case.id!r} stands for two different cases"
            if not case.why:
                yield f"case {case.id!r} does not say why it exists"
        yield from _oracle_faults(check, problem)
        seen.add(check.id)


def _oracle_faults(check: Check, problem: Problem) -> Iterator[str]:
    if check.points < 0:
        yield f"check {check.id!r} has {check.points:g} points"
    provenance = check.oracle.provenance
    if check.oracle.kind is OracleKind.REFERENCE and not provenance:
        yield f"check {check.id!r}: its oracle names no independent source"
    if check.oracle.kind is OracleKind.PROVEN:
        proven = {derivation.id for derivation in problem.derivations}
        if not provenance or set(provenance) - proven:
            yield (
                f"check {check.id!r}: provenance {provenance} must name derivations of the "
                f"problem: {', '.join(sorted(proven))}"
            )


def _mutant_faults(problem: Problem) -> Iterator[str]:
    asks = {ask.name for ask in problem.asks}
    checks = {check.id for check in problem.checks}
    for mutant in problem.mutants:
        if mutant.of not in asks:
            yield f"mutant {mutant.id!r}: of = {mutant.of!r} is not in ASKS"
        if (mutant.edit is None) == (mutant.code is None):
            yield f"mutant {mutant.id!r} needs either edit or code"
        for name in set(mutant.killed_by) - checks:
            yield f"mutant {mutant.id!r}: killed_by {name!r} is no check"


def _cover_faults(problem: Problem) -> Iterator[str]:
    probed = {name for check in problem.checks for name in check.probe.asks}
    for ask in problem.asks:
        if ask.name not in probed:
            yield f"{ask.name!r} is asked for but no check uses it"
    killed = {name for mutant in problem.mutants for name in mutant.killed_by}
    for check in problem.checks:
        if check.id not in killed:
            yield f"check {check.id!r} kills no mutant: a check never seen to fail is not a check"
    for question in problem.questions:
        if not sum(c.points for c in problem.checks if c.question == question.key):
            yield f"question {question.key!r} of problem.md has no check with points"
    if not problem.honest:
        yield "honest.py lists no honest variant"
