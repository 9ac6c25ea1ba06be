"""The linter of test data: which power rules a problem breaks, keeps and waives."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from backproof.answer_key import AnswerKey
from backproof.audit.rules import RULES, Look, Rule
from backproof.model import Case, Check, FunctionAsk, Problem, Relation, Visibility

_SIDE_EFFECTS = ("inputs_unchanged",)
"""Relations for which the values of the inputs do not matter."""


@dataclass(kw_only=True, slots=True)
class Power:
    """What the rules say of a problem.

    kept, waived: how many rules, by check. waivers: those in force, and faults, in words.
    """

    kept: dict[str, int] = field(default_factory=dict)
    waived: dict[str, int] = field(default_factory=dict)
    waivers: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def audit_power(problem: Problem, key: AnswerKey) -> Power:
    """Look at the hidden cases of every check that probes functions.

    A coincidence in one case does no harm where another case of the check is without it. Options
    and remainders are looked for in all cases of a function together.
    """
    power, used = Power(), set[int]()
    power.faults += _waiver_faults(problem)
    functions_seen: set[tuple[str, str]] = set()
    for check in problem.checks:
        if not _is_about_values(check):
            continue
        counts = {"kept": 0, "waived": 0}
        for rule in RULES:
            checks = [check]
            if rule.of_function:
                calls = tuple(call.function for call in check.probe.calls)
                if (rule.name, str(calls)) in functions_seen:
                    continue
                functions_seen.add((rule.name, str(calls)))
                checks = [
                    other
                    for other in problem.checks
                    if _is_about_values(other)
                    and tuple(call.function for call in other.probe.calls) == calls
                ]
            for subject, said in _broken(problem, checks, rule, key):
                if said is None:
                    counts["kept"] += 1
                elif (number := _waiver(problem, rule, check, subject)) is not None:
                    counts["waived"] += 1
                    used.add(number)
                else:
                    power.faults.append(f"{check.id}: {said}: {rule.why} (rule {rule.name})")
        power.kept[check.id], power.waived[check.id] = counts["kept"], counts["waived"]
    _note_waivers(problem, used, power)
    return power


def _note_waivers(problem: Problem, used: set[int], power: Power) -> None:
    for number, waiver in enumerate(problem.waivers):
        place = "".join(f" {part}" for part in (waiver.check, waiver.name) if part)
        if number in used:
            power.waivers.append(f"{waiver.rule}{place}: {waiver.reason}")
        else:
            power.faults.append(f"waiver {waiver.rule}{place} waives nothing: take it out")


def _is_about_values(check: Check) -> bool:
    relation = check.oracle.name if isinstance(check.oracle, Relation) else ""
    return bool(check.probe.calls) and relation not in _SIDE_EFFECTS


def _waiver(problem: Problem, rule: Rule, check: Check, subject: str) -> int | None:
    for number, waiver in enumerate(problem.waivers):
        if (
            waiver.rule == rule.name
            and waiver.check in ("", check.id)
            and waiver.name in ("", subject, subject.partition(",")[0])
        ):
            return number
    return None


def _broken(
    problem: Problem, checks: list[Check], rule: Rule, key: AnswerKey
) -> Iterator[tuple[str, str | None]]:
    """Every subject of a rule, and how it coincides in all cases, if it does."""
    found: dict[str, list[str | None]] = {}
    cases: dict[str, list[str]] = {}
    for check in checks:
        for case in _hidden(check):
            for subject, said in rule.find(_look(problem, check, case, key)):
                found.setdefault(subject, []).append(said)
                cases.setdefault(subject, []).append(case.id)
    for subject, sayings in found.items():
        if None in sayings:
            yield subject, None
            continue
        shown = list(dict.fromkeys(said for said in sayings if said))
        where = f"in every hidden case ({', '.join(dict.fromkeys(cases[subject]))})"
        yield subject, f"{'; '.join(shown[:3])} {where}"


def _hidden(check: Check) -> tuple[Case, ...]:
    hidden = tuple(case for case in check.cases if case.visibility is Visibility.HIDDEN)
    return hidden or check.cases


def _look(problem: Problem, check: Check, case: Case, key: AnswerKey) -> Look:
    given = key.case_key(problem, check, case).inputs
    defaults = _defaults(problem, check)
    return Look(
        inputs={**defaults, **given},
        given=frozenset(given),
        defaults=defaults,
        roles=problem.roles,
    )


def _defaults(problem: Problem, check: Check) -> Mapping[str, object]:
    """Optional parameters of the probed functions."""
    asks = {ask.name: ask.reference for ask in problem.asks if isinstance(ask, FunctionAsk)}
    return {
        name: parameter.default
        for call in check.probe.calls
        if call.function in asks
        for name, parameter in inspect.signature(asks[call.function]).parameters.items()
        if parameter.default is not inspect.Parameter.empty
    }


def _waiver_faults(problem: Problem) -> Iterator[str]:
    """Waivers of what does not exist."""
    rules = [rule.name for rule in RULES]
    checks = [check.id for check in problem.checks]
    for waiver in problem.waivers:
        if waiver.rule not in rules:
            yield f"a waiver of {waiver.rule!r}, which is no rule; known: {', '.join(rules)}"
        if waiver.check not in ("", *checks):
            yield f"a waiver of {waiver.rule} in {waiver.check!r}, which is no check"
        if not waiver.reason.strip():
            yield f"a waiver of {waiver.rule} without a reason"
