"""The findings of a check as JSON."""

import math
from collections.abc import Sequence
from typing import Any

from backproof_reference.command.evidence import Evidence
from backproof_reference.handouts.conditions import conditions, plain
from backproof_reference.prove import Counterexample, Derivation, StepReport

VERSION = 1


def as_json(chosen: Sequence[Derivation], found: dict[str, Evidence]) -> dict[str, Any]:
    """The document: its version, whether everything is proved, and each derivation."""
    return {
        "version": VERSION,
        "proved": all(evidence.proved for evidence in found.values()),
        "derivations": [_derivation(each, found[each.id]) for each in chosen],
    }


def _derivation(derivation: Derivation, evidence: Evidence) -> dict[str, Any]:
    document: dict[str, Any] = {
        "id": derivation.id,
        "title": derivation.title,
        "claim": derivation.claim,
        "assumptions": [assumption.text for assumption in derivation.assumptions],
        "conditions": [plain(each) for each in conditions(derivation)],
        "declared": derivation.level.name,
        "proved": evidence.proved,
        "seconds": round(evidence.seconds, 3),
        "error": evidence.error,
        "steps": [],
        "mutants": [_step(report) for report in evidence.mutants],
    }
    if evidence.report is not None:
        oracle = evidence.report.oracle
        document["level"] = evidence.report.level.name
        document["steps"] = [_step(report) for report in evidence.report.steps]
        document["oracle"] = {
            "error": oracle.max_error if math.isfinite(oracle.max_error) else None,
            "tolerance": oracle.tolerance,
            "passed": oracle.passed,
            "reason": oracle.reason,
        }
    return document


def _step(report: StepReport) -> dict[str, Any]:
    counterexample = report.finding.counterexample
    return {
        "name": report.name,
        "verdict": report.verdict.name,
        "reason": report.finding.reason,
        "sizes": [{str(name): size for name, size in sizes.items()} for sizes in report.sizes],
        "counterexample": _counterexample(counterexample) if counterexample else None,
        "seconds": round(report.seconds, 3),
    }


def _counterexample(counterexample: Counterexample) -> dict[str, Any]:
    return {
        "sizes": dict(counterexample.sizes),
        "indices": dict(counterexample.indices),
        "values": {name: str(value) for name, value in counterexample.values.items()},
        "left": str(counterexample.left),
        "right": str(counterexample.right),
    }
