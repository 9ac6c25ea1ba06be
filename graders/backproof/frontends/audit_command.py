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
from backproof.audit import CheckCard, EditCard, ReportCard, audit_edits, audit_problem
from backproof.frontends.cli import ExitCode
from backproof.loading import bank_problems, load_problem, load_survivors
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
    "power rules",
    "right ≤",
    "wrong ≥",
)
EDIT_COLUMNS = ("problem", "auto mutants killed", "equivalent", "missed")


def run_audit(options: argparse.Namespace) -> int:
    """Audit problems of the bank; exit code 1 when anything is off."""
    bank = assignments_root() / "bank"
    known = bank_problems()
    if unknown := [name for name in options.problems if not (bank / name).is_dir()]:
        raise BackproofError(f"unknown problem {unknown}; known: {', '.join(known)}")
    _check_sample(options)
    total = ReportCard()
    console = Console(stderr=True)
    runner = Isolated(device=options.device, least=options.isolation)
    with runner, console.status("") as status:
        key = AnswerKey(options.seed)
        for name in options.problems or known:
            problem = load_problem(bank / name)

            def show(what: str, name: str = name) -> None:
                status.update(f"{name}: {what}")

            card = audit_problem(problem, runner, key, options.device, show)
            total.cards += card.cards
            total.waivers += card.waivers
            total.faults += card.faults
            if options.mutate:
                survivors = load_survivors(bank / name)
                edits, faults = audit_edits(
                    problem, runner, key, survivors, options.device, show, options.sample
                )
                total.edits.append(edits)
                total.faults += faults
    _write(options, total)
    return ExitCode.SOMETHING_FAILED if total.faults else ExitCode.OK


def _check_sample(options: argparse.Namespace) -> None:
    if options.sample is None:
        return
    if options.sample < 1 or not options.mutate:
        raise BackproofError("--sample needs --mutate, and a number from 1 on")
    if options.markdown:
        raise BackproofError("--sample with --markdown: the README's table counts all mutants")


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
        _power(card),
        "–" if card.honest_max is None else f"{card.honest_max:.2g}",
        "–" if card.wrong_min is None else f"{card.wrong_min:.1e}",
    )


def _power(card: CheckCard) -> str:
    if not card.power_kept + card.power_waived:
        return "–"
    waived = f" +{card.power_waived} waived" if card.power_waived else ""
    return f"{card.power_kept}{waived}"


def edit_row(card: EditCard) -> tuple[str, ...]:
    """One line of the table of automatic mutants, in the order of EDIT_COLUMNS."""
    counts = (len(card.equivalent), len(card.missed))
    return (card.problem, f"{card.killed}/{card.counted}", *map(str, counts))


def edit_rows(total: ReportCard) -> list[tuple[str, ...]]:
    """The table of automatic mutants, with the sum over all problems."""
    whole = EditCard(
        problem="**all**",
        edits=sum(card.edits for card in total.edits),
        killed=sum(card.killed for card in total.edits),
        equivalent=tuple(name for card in total.edits for name in card.equivalent),
        missed=tuple(name for card in total.edits for name in card.missed),
    )
    return [edit_row(card) for card in (*total.edits, whole)]


def markdown_table(total: ReportCard) -> str:
    """The table as it stands in the README: without the two measured columns."""
    shown = len(COLUMNS) - 2
    return _markdown(COLUMNS[:shown], [card_row(card)[:shown] for card in total.cards])


def markdown_edits(total: ReportCard) -> str:
    """The table of automatic mutants as it stands in the README."""
    return _markdown(EDIT_COLUMNS, edit_rows(total))


def _markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---",) * len(head), *rows))


def _write(options: argparse.Namespace, total: ReportCard) -> None:
    if options.json:
        plain = {
            "schema": "backproof.audit/1",
            "checks": [dataclasses.asdict(card) for card in total.cards],
            "automatic_mutants": [dataclasses.asdict(card) for card in total.edits],
            "waivers": total.waivers,
            "faults": total.faults,
        }
        text = json.dumps(plain, indent=1)
        if options.json == "-":
            print(text)
            return
        Path(options.json).write_text(text + "\n", encoding="utf-8")
    if options.markdown:
        print(markdown_table(total))
        if total.edits:
            print(f"\n{markdown_edits(total)}")
        return
    table = Table(*COLUMNS)
    for card in total.cards:
        table.add_row(*card_row(card))
    Console(width=None if sys.stdout.isatty() else 170).print(table)
    print(
        "named: mutants whose own sentence the student reads. right, wrong: largest error of\n"
        "right answers and smallest of killed mutants, in units of rounding noise; up to "
        f"{FACTOR:g} passes. power rules: rules for test data that the hidden cases keep."
    )
    if total.edits:
        edits = Table(*EDIT_COLUMNS)
        for row in edit_rows(total):
            edits.add_row(*row)
        Console(width=None if sys.stdout.isatty() else 170).print(edits)
    for waiver in total.waivers:
        print(f"WAIVED {waiver}")
    for fault in total.faults:
        print(f"FAULT  {fault}")
    kills = sum(card.mutants for card in total.cards)
    print(f"{len(total.cards)} checks, {kills} kills demanded, {len(total.faults)} faults")
