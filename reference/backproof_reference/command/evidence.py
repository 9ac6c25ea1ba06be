"""What a full check of a derivation found, and how to collect it with several processes."""

import dataclasses
import importlib
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import Any

from backproof_reference import derivations
from backproof_reference.prove import Derivation, DerivationReport, StepReport, Verdict

Announce = Callable[[str], None]


@dataclasses.dataclass(frozen=True, kw_only=True)
class Evidence:
    """The report on a derivation and on its mutants; ``error`` instead, if the check crashed."""

    id: str
    seconds: float
    report: DerivationReport | None = None
    mutants: tuple[StepReport, ...] = ()
    error: str = ""

    @property
    def proved(self) -> bool:
        """The declared level is reached, the oracle agrees and every mutant is refuted."""
        return self.report is not None and self.report.passed and not self.accepted

    @property
    def accepted(self) -> tuple[StepReport, ...]:
        """The mutants that are not refuted."""
        return tuple(report for report in self.mutants if report.verdict is not Verdict.REFUTED)


def examine(derivation: Derivation) -> Evidence:
    """Check every step, the oracle and every mutant; a crash counts as a failure."""
    started = time.perf_counter()
    try:
        report, mutants = derivation.check(), derivation.check_mutants()
    except Exception as problem:
        error = f"{type(problem).__name__}: {problem}"
        return Evidence(id=derivation.id, seconds=time.perf_counter() - started, error=error)
    seconds = time.perf_counter() - started
    return Evidence(id=derivation.id, seconds=seconds, report=report, mutants=mutants)


def collect(module: str, ids: Sequence[str], jobs: int, announce: Announce) -> dict[str, Evidence]:
    """The evidence on each derivation, in the order of ``ids``; each id is announced when done."""
    found: dict[str, Evidence] = {}
    for evidence in _examined(module, ids, min(jobs, len(ids))):
        found[evidence.id] = evidence
        announce(evidence.id)
    return {id: found[id] for id in ids}


def library(module: str) -> tuple[Derivation, ...]:
    """The derivations of the bank, or those of another module (its ``ALL`` or ``DERIVATIONS``).

    Raises:
        ImportError: there is no such module.
        ValueError: it holds no derivations.
    """
    if not module:
        return derivations.ALL
    loaded = importlib.import_module(module)
    found = tuple(getattr(loaded, "ALL", getattr(loaded, "DERIVATIONS", ())))
    if not found or not all(isinstance(each, Derivation) for each in found):
        raise ValueError(f"{module} has no derivations: it needs a tuple named DERIVATIONS")
    return found


def _examined(module: str, ids: Sequence[str], jobs: int) -> Iterator[Evidence]:
    known = {derivation.id: derivation for derivation in library(module)}
    if jobs <= 1:
        yield from (examine(known[id]) for id in ids)
        return
    # Those with many sizes take longest: begun first, they do not keep the rest waiting at the end.
    ids = sorted(ids, key=lambda id: -len(known[id].sizes[0]))
    # New interpreters, not forks: torch may have threads. Derivations hold functions, which do not
    # travel between processes, so each process finds them by id.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=context) as pool:
        waiting = [pool.submit(_examine_by_id, module, id) for id in ids]
        try:
            for done in as_completed(waiting):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _examine_by_id(module: str, id: str) -> Evidence:
    (derivation,) = (known for known in library(module) if known.id == id)
    return _portable(examine(derivation))


def _portable(evidence: Evidence) -> Evidence:
    """Without the size symbols, which another process does not need."""
    if evidence.report is None:
        return evidence
    report = dataclasses.replace(evidence.report, steps=_named(evidence.report.steps))
    return dataclasses.replace(evidence, report=report, mutants=_named(evidence.mutants))


def _named(reports: Sequence[StepReport]) -> tuple[StepReport, ...]:
    return tuple(
        dataclasses.replace(report, sizes=tuple(_by_name(sizes) for sizes in report.sizes))
        for report in reports
    )


def _by_name(sizes: Any) -> dict[Any, int]:
    return {str(symbol): size for symbol, size in sizes.items()}
