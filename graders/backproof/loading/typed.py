"""Rules that typed answers of the bank keep, checked when their problem is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backproof.model import (
    AnswerAsk,
    Check,
    ChoiceField,
    FormulaField,
    NumberField,
    OracleKind,
    Problem,
    TextField,
    TypedAnswer,
    names_in,
)

LEAST_WRONG = 2
"""Wrong answers that each typed check is seen to refuse."""
LEAST_ALSO = 2
"""Further ways of writing the right answer, which each is seen to accept."""


def typed_faults(problem: Problem) -> Iterator[str]:
    """What is wrong with the typed answers of a problem, one sentence each."""
    answers = {ask.name: ask for ask in problem.asks if isinstance(ask, AnswerAsk)}
    for ask in answers.values():
        if ask.answer is None:
            yield f"{ask.name!r} has no answer"
        if len(ask.also) < LEAST_ALSO and not isinstance(ask.field, TextField):
            yield f"{ask.name!r} needs {LEAST_ALSO} further spellings in also, found {ask.also!r}"
    earlier: dict[str, AnswerAsk] = {}
    for check in problem.checks:
        if check.probe.answer in answers:
            ask = answers[check.probe.answer]
            yield from _check_faults(check, ask, problem)
            for rule in _rules(check, ask, problem):
                yield from _rule_faults(check, rule, earlier, answers)
            earlier[ask.name] = ask
        elif isinstance(check.oracle, TypedAnswer):
            yield f"check {check.id!r}: its oracle is for a typed answer, its probe reads none"
    for mutant in problem.mutants:
        if mutant.answer is not None and mutant.of not in answers:
            yield f"mutant {mutant.id!r}: {mutant.of!r} is no typed answer; use edit or code"
        if mutant.rule and mutant.answer is None:
            yield f"mutant {mutant.id!r} has a rule, but no answer"


def _check_faults(check: Check, ask: AnswerAsk, problem: Problem) -> Iterator[str]:
    oracle = check.oracle
    if not isinstance(oracle, TypedAnswer):
        yield f"check {check.id!r} reads a typed answer; its oracle must be TypedAnswer(...)"
        return
    words = isinstance(ask.field, TextField)
    if words != (oracle.kind is OracleKind.PERSON):
        yield f"check {check.id!r}: a TextField, and nothing else, has an oracle of kind PERSON"
    wrong = sum(check.id in m.killed_by and m.answer is not None for m in problem.mutants)
    least = 0 if words else LEAST_WRONG
    if isinstance(ask.field, ChoiceField):
        least = min(least, len(ask.field.options) - 1)
    if wrong < least:
        yield f"check {check.id!r} needs {least} mutants with a wrong answer, found {wrong}"
    for kind, credit in oracle.credit.items():
        if not 0 <= credit <= 1:
            yield f"check {check.id!r}: credit for {kind!r} is {credit:g}, not from 0 to 1"


def _rules(check: Check, ask: AnswerAsk, problem: Problem) -> Iterator[str]:
    if isinstance(check.oracle, TypedAnswer) and check.oracle.rule:
        yield check.oracle.rule
    yield from (mutant.rule for mutant in problem.mutants if mutant.of == ask.name and mutant.rule)


def _rule_faults(
    check: Check, rule: str, earlier: Mapping[str, AnswerAsk], answers: Mapping[str, AnswerAsk]
) -> Iterator[str]:
    used = names_in(rule) & answers.keys()
    if not used:
        yield f"check {check.id!r}: the rule {rule!r} uses no typed answer"
    for name in sorted(used):
        if name not in earlier:
            yield f"check {check.id!r}: the rule {rule!r} uses {name!r}, which is not earlier"
        elif not isinstance(earlier[name].field, FormulaField | NumberField):
            yield f"check {check.id!r}: the rule {rule!r} uses {name!r}, which has no value"
