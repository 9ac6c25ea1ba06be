"""What the HTML and the Markdown pages say in the same words."""

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import sympy as sp

from backproof_reference.command.evidence import Evidence
from backproof_reference.prove import (
    Counterexample,
    Definition,
    Derivation,
    OracleReport,
    StepReport,
    Verdict,
)
from backproof_reference.prove.operators import definitions_by_name

CHECKED = "computer-algebra checked under the listed assumptions"
NOT_PROVED = "not proved"
GIVEN = "What the checker takes as given"
METHOD = (
    "Computer-algebra checked under the listed assumptions: a program compared the two sides of "
    "each step, by a normal form with sizes as symbols and by exact arithmetic at the listed "
    "sizes, and refused every listed mistake with a counterexample."
)
ROUND_OFF = 1e-12
BADGES = {
    Verdict.PROVED_ALL_SIZES: ("good", "proved at all sizes"),
    Verdict.PROVED_AT: ("fair", "proved at the listed sizes"),
    Verdict.NUMERIC_ONLY: ("bad", "equal at sampled points, not proved"),
    Verdict.REFUTED: ("bad", "refuted"),
    Verdict.UNDECIDED: ("bad", "undecided"),
}


def state(evidence: Evidence) -> tuple[str, str]:
    """good or bad, and what may be said of the whole derivation."""
    return ("good", CHECKED) if evidence.proved else ("bad", NOT_PROVED)


def method(found: Iterable[Evidence]) -> str:
    """How the derivations on a page were checked; says so if that does not hold for all."""
    if all(evidence.proved for evidence in found):
        return METHOD
    return "What is not proved here is not to be relied on."


def badge_of(verdict: Verdict) -> tuple[str, str]:
    """good, fair or bad, and the words for it."""
    return BADGES[verdict]


def problems(derivation: Derivation, evidence: Evidence) -> list[str]:
    """Why a derivation is not proved, a sentence each; nothing if it is."""
    if evidence.report is None:
        return [f"the check ended with an error: {evidence.error}"]
    found = []
    for step in evidence.report.steps:
        if not step.verdict.reaches(derivation.level):
            found.append(f"step {step.name!r} is {said(step)}")
    oracle = evidence.report.oracle
    if not oracle.passed:
        found.append(
            f"the oracle's error {oracle.max_error:.1e} is not within {oracle.tolerance:.1e} "
            f"{oracle.reason}".rstrip()
        )
    for mutant in evidence.accepted:
        found.append(f"mutant {mutant.name!r} is not refused: {said(mutant)}")
    return found


def said(report: StepReport) -> str:
    """The verdict, the sizes it is for, the counterexample and the reason of a report."""
    details: list[Any] = [report.finding.counterexample, report.finding.reason]
    if report.verdict.reaches(Verdict.NUMERIC_ONLY):
        details.insert(0, f"({at_sizes(report)})")
    return " ".join([report.verdict.value, *(str(each) for each in details if each)])


def at_sizes(report: StepReport) -> str:
    """The sizes at which a step was checked exactly, every one of them."""
    names = {tuple(map(str, sizes)) for sizes in report.sizes}
    numbers = [tuple(map(str, sizes.values())) for sizes in report.sizes]
    if names == {()}:
        return "exactly; no size enters"
    if len(names) == 1:
        ((*shared,),) = names
        if len(shared) == 1:
            return f"exactly at {shared[0]} = {', '.join(number for (number,) in numbers)}"
        listed = ", ".join(f"({', '.join(each)})" for each in numbers)
        return f"exactly at ({', '.join(shared)}) = {listed}"
    sets = [", ".join(f"{name} = {size}" for name, size in sizes.items()) for sizes in report.sizes]
    return "exactly at " + "; ".join(sets)


def used_names(derivation: Derivation) -> list[Definition]:
    """The named values that the expressions mention, directly or by another one."""
    mutants = derivation.mutants
    shown = [derivation.start, *(s.expr for s in derivation.steps), *(m.expr for m in mutants)]
    found: list[Definition] = []
    # Backwards: a base uses earlier names.
    for name, named in reversed(definitions_by_name(derivation.setting).items()):
        bases = [other.base for other in found]
        if any(name == str(s) for expr in [*shown, *bases] for s in expr.atoms(sp.Symbol)):
            found.insert(0, named)
    return found


def oracle_sentence(oracle: OracleReport) -> str:
    """How far an independent computation is away."""
    if oracle.reason:
        return f"The comparison ended with {oracle.reason}"
    return (
        "The last expression was evaluated in double precision and compared with automatic "
        "differentiation, enumeration or direct computation that does not use the derivation: "
        f"the largest relative error is {_power(oracle.max_error)}, allowed is up to "
        f"{_power(oracle.tolerance)}."
    )


def counterexample_parts(
    counterexample: Counterexample,
) -> tuple[list[tuple[str, str]], list[tuple[str, str]], str]:
    """Sizes and indices, values, and what comes out: all as text."""
    place = {**counterexample.sizes, **counterexample.indices}
    values = [(name, number(value)) for name, value in counterexample.values.items()]
    right, wrong = number(counterexample.left), number(counterexample.right)
    if right == wrong:  # alike after rounding
        right, wrong = repr(counterexample.left), repr(counterexample.right)
    verdict = f"the formula gives {wrong}, but the right value is {right}."
    return [(name, str(size)) for name, size in place.items()], values, verdict


def number(value: Any) -> str:
    """An exact fraction as it is, a float with six digits."""
    if isinstance(value, Fraction | int):
        return str(value)
    return "0" if abs(value) < ROUND_OFF else f"{float(value):.6g}"


def _power(value: float) -> str:
    if not math.isfinite(value) or not value:
        return f"{value:.0f}"
    digit, exponent = f"{value:.0e}".split("e")
    return f"{digit} × 10^({int(exponent)})".removeprefix("1 × ")
