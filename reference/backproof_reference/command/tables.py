"""What the command prints: a progress display, a table, failures, one derivation in full."""

import importlib.util
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from backproof_reference.command.evidence import Announce, Evidence
from backproof_reference.handouts.conditions import conditions, plain
from backproof_reference.handouts.layout import Reader
from backproof_reference.handouts.operations import described
from backproof_reference.handouts.shared import GIVEN, said, state, used_names
from backproof_reference.handouts.typed import to_text
from backproof_reference.prove import Derivation, Expr, StepReport, Verdict

Row = tuple[str, ...]
HAS_RICH = importlib.util.find_spec("rich") is not None
SHORT = {
    Verdict.PROVED_ALL_SIZES: "all sizes",
    Verdict.PROVED_AT: "listed sizes",
    Verdict.NUMERIC_ONLY: "numeric only",
    Verdict.REFUTED: "REFUTED",
    Verdict.UNDECIDED: "UNDECIDED",
}


@contextmanager
def progress(total: int, stream: TextIO) -> Iterator[Announce]:
    """Says which derivations are done: a bar on a terminal with rich, else a line for each."""
    if HAS_RICH and stream.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, console=Console(file=stream), transient=True) as bar:
            task = bar.add_task("checking", total=total)
            yield lambda id: bar.update(task, advance=1, description=id)
        return
    done = 0

    def line(id: str) -> None:
        nonlocal done
        done += 1
        print(f"[{done}/{total}] {id}", file=stream, flush=True)

    yield line


def listing(library: Sequence[Derivation]) -> Sequence[Row]:
    """Header and rows for ``list``."""
    header = ("id", "title", "level", "steps", "mutants")
    return [header] + [
        (each.id, each.title, SHORT[each.level], str(len(each.steps)), str(len(each.mutants)))
        for each in library
    ]


def summary(library: Sequence[Derivation], found: dict[str, Evidence]) -> Sequence[Row]:
    """Header and rows for ``check``."""
    rows = [("id", "level", "steps", "mutants refused", "oracle error", "seconds", "")]
    for each in library:
        evidence = found[each.id]
        refused = f"{len(evidence.mutants) - len(evidence.accepted)} of {len(each.mutants)}"
        level, error = "ERROR", "-"
        if evidence.report is not None:
            level = SHORT[evidence.report.level]
            error = f"{evidence.report.oracle.max_error:.1e}"
        verdict = "ok" if evidence.proved else "NOT PROVED"
        seconds = f"{evidence.seconds:.2f}"
        rows.append((each.id, level, str(len(each.steps)), refused, error, seconds, verdict))
    return rows


def show_table(rows: Sequence[Row], stream: TextIO, left: Sequence[int]) -> None:
    """A table; the columns in ``left`` are aligned to the left."""
    if HAS_RICH and stream.isatty():
        from rich.console import Console
        from rich.table import Table

        table = Table(*(), box=None, header_style="bold", pad_edge=False)
        for at, title in enumerate(rows[0]):
            table.add_column(title, justify="left" if at in left else "right", overflow="fold")
        for row in rows[1:]:
            table.add_row(*row, style="bold red" if row[-1] == "NOT PROVED" else None)
        Console(file=stream, markup=False, highlight=False).print(table)
        return
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        cells = (
            cell.ljust(width) if at in left else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        print("  ".join(cells).rstrip(), file=stream)


def full(derivation: Derivation, evidence: Evidence) -> str:
    """Everything about one derivation."""
    kind, whole = state(evidence)
    whole = whole.upper() if kind == "bad" else whole
    lines = [f"{derivation.id}: {derivation.title}", f"  {whole}"]
    lines += ["", "Claim", f"  {derivation.claim}"]
    lines += ["", "Assumptions", *(f"  - {each.text}" for each in derivation.assumptions)]
    lines += ["", GIVEN, *(f"  - {plain(each)}" for each in conditions(derivation))]
    named = used_names(derivation)
    lines += ["", "Names"] * bool(named)
    lines += [f"  {_text(n.symbol)} = {to_text(Reader().meaning(n))}" for n in named]
    lines += ["", f"Steps (declared: {derivation.level.value})"]
    lines += [f"  because {derivation.level_reason}"] * bool(derivation.level_reason)
    lines += ["", f"  start: {_text(derivation.start)}"]
    reports = evidence.report.steps if evidence.report else (None,) * len(derivation.steps)
    for at, (step, report) in enumerate(zip(derivation.steps, reports, strict=True), 1):
        lines += ["", f"  {at}. {step.name}: {step.because}"]
        lines += [f"     {described(step.op)}"] * (step.op is not None)
        lines += [f"     = {_text(step.expr)}"]
        lines += [f"     {_found(report)}"] * (report is not None)
    lines += ["", "Mistakes"]
    mutants = evidence.mutants or (None,) * len(derivation.mutants)
    for mutant, found in zip(derivation.mutants, mutants, strict=True):
        lines += [f"  - {mutant.id} (step {mutant.step}): {mutant.misconception}"]
        lines += [f"    {_text(mutant.expr)}"]
        lines += [f"    {_found(found)}"] * (found is not None)
    lines += ["", *_closing(evidence)]
    return "\n".join(lines)


def _closing(evidence: Evidence) -> list[str]:
    if evidence.report is None:
        return [f"The check ended with {evidence.error}"]
    oracle = evidence.report.oracle
    relation = "within" if oracle.passed else "NOT within"
    return [f"Oracle: error {oracle.max_error:.1e} is {relation} {oracle.tolerance:.1e}"]


def _found(report: StepReport | None) -> str:
    return said(report) if report is not None else ""


def _text(expr: Expr) -> str:
    return to_text(Reader()(expr))
