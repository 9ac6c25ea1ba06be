"""`backproof audit`: the grader report card."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path

from rich.console import Console
from rich.table import Table

from backproof.answer_key import AnswerKey
from backproof.audit import CheckCard, ReportCard, audit_problem
from backproof.frontends.cli import ExitCode
from backproof.loading import bank_problems, load_problem
from backproof.loading.assignments import assignments_root
from backproof.model import BackproofError
from backproof.sandbox import Isolated
from backproof.tensors import FACTOR

COLUMNS = (
    "check",
    "oracle",
    "reference",
    "stub fails",
    "trivial fail",
    "mutants killed",
    "named",
    "honest pass",
    "right ≤",
    "wrong ≥",
)


def run_audit(options: argparse.Namespace) -> int:
    """Audit problems of the bank; exit code 1 when anything is off."""
    bank = assignments_root() / "bank"
    known = bank_problems()
    if unknown := [name for name in options.problems if not (bank / name).is_dir()]:
        raise BackproofError(f"unknown problem {unknown}; known: {', '.join(known)}")
    total = ReportCard()
    console = Console(stderr=True)
    runner = Isolated(device=options.device, least=options.isolation)
    with runner, console.status("") as status:
        for name in options.problems or known:
            problem = load_problem(bank / name)
            card = audit_problem(
                problem,
                runner,
                AnswerKey(options.seed),
                options.device,
                lambda what, name=name: status.update(f"{name}: {what}"),  # type: ignore[misc]
            )
            total.cards += card.cards
            total.faults += card.faults
    _write(options, total)
    return ExitCode.SOMETHING_FAILED if total.faults else ExitCode.OK


def card_row(card: CheckCard) -> tuple[str, ...]:
    """One line of the table, in the order of COLUMNS."""
    return (
        f"{card.problem}/{card.check}",
        card.oracle,
        "yes" if card.reference else "NO",
        "yes" if card.stub_fails else "NO",
        f"{card.trivial_failed}/{card.trivial}",
        f"{card.killed}/{card.mutants}",
        f"{card.named}/{card.mutants}",
        f"{card.honest_passed}/{card.honest}",
        "–" if card.honest_max is None else f"{card.honest_max:.2g}",
        "–" if card.wrong_min is None else f"{card.wrong_min:.1e}",
    )


def markdown_table(total: ReportCard) -> str:
    """The table as it stands in the README: without the two measured columns."""
    shown = len(COLUMNS) - 2
    rows = [COLUMNS[:shown], ("---",) * shown, *(card_row(card)[:shown] for card in total.cards)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _write(options: argparse.Namespace, total: ReportCard) -> None:
    if options.json:
        plain = {
            "schema": "backproof.audit/1",
            "checks": [dataclasses.asdict(card) for card in total.cards],
            "faults": total.faults,
        }
        text = json.dumps(plain, indent=1)
        if options.json == "-":
            print(text)
            return
        Path(options.json).write_text(text + "\n", encoding="utf-8")
    if options.markdown:
        print(markdown_table(total))
        return
    table = Table(*COLUMNS)
    for card in total.cards:
        table.add_row(*card_row(card))
    Console(width=None if sys.stdout.isatty() else 170).print(table)
    print(
        "named: mutants whose own sentence the student reads. right, wrong: largest error of\n"
        "right answers and smallest of killed mutants, in units of rounding noise; up to "
        f"{FACTOR:g} passes."
    )
    for fault in total.faults:
        print(f"FAULT  {fault}")
    kills = sum(card.mutants for card in total.cards)
    print(f"{len(total.cards)} checks, {kills} kills demanded, {len(total.faults)} faults")
