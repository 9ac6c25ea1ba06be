"""Rules that typed answers of the bank keep, checked when their problem is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction

from backproof.model import (
    AnswerAsk,
    AnswerField,
    Check,
    ChoiceField,
    FormulaField,
    NumberDemand,
    NumberField,
    OracleKind,
    Problem,
    QuantityField,
    TextField,
    TypedAnswer,
    Vocabulary,
    names_in,
)

LEAST_WRONG = 2
"""Wrong answers that each typed check is seen to refuse."""
LEAST_ALSO = 2
"""Further ways of writing the right answer, which each is seen to accept."""


def typed_faults(problem: Problem) -> Iterator[str]:
    """What is wrong with the typed answers of a problem, one sentence each."""
    answers = {ask.name: ask for ask in problem.asks if isinstance(ask, AnswerAsk)}
    if types := [fault for ask in answers.values() for fault in _type_faults(ask)]:
        yield from types  # everything below would stumble over them
        return
    for ask in answers.values():
        if isinstance(ask.field, FormulaField):
            yield from _critical_faults(ask.name, ask.field)
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


def _type_faults(ask: AnswerAsk) -> Iterator[str]:
    """A string where a tuple is due is a forgotten comma; a number is no text."""
    if not isinstance(ask.answer, str):
        yield f"{ask.name!r}: answer must be a text, as a student types it, found {ask.answer!r}"
    if not isinstance(ask.also, tuple) or not all(isinstance(text, str) for text in ask.also):
        yield f"{ask.name!r}: also must be a tuple of texts, found {ask.also!r}"
    if not isinstance(ask.field, AnswerField):
        yield f"{ask.name!r}: field must be one of the fields of typed answers, found {ask.field!r}"
    if isinstance(ask.field, NumberField | QuantityField) and not isinstance(
        ask.field.demand, NumberDemand
    ):
        yield f"{ask.name!r}: demand must be a NumberDemand, found {ask.field.demand!r}"
    if isinstance(ask.field, ChoiceField) and not isinstance(ask.field.options, tuple):
        yield f"{ask.name!r}: options must be a tuple, found {ask.field.options!r}"
    if isinstance(ask.field, FormulaField):
        yield from _vocabulary_faults(ask.name, ask.field)


def _vocabulary_faults(name: str, field: FormulaField) -> Iterator[str]:
    if not isinstance(field.labels, tuple):
        yield f"{name!r}: labels must be a tuple, found {field.labels!r}"
    if not isinstance(field.vocabulary, Vocabulary):
        yield f"{name!r}: vocabulary must be a Vocabulary, found {field.vocabulary!r}"


def _critical_faults(name: str, field: FormulaField) -> Iterator[str]:
    for point in field.critical:
        for symbol, value in point.items():
            if symbol not in field.vocabulary.symbols:
                yield f"{name!r}: a critical point has {symbol!r}, which is no symbol"
            if not isinstance(value, int | Fraction):
                yield f"{name!r}: a critical point has {symbol} = {value!r}; write Fraction(1, 2)"
        if missing := field.vocabulary.symbols.keys() - point.keys():
            yield f"{name!r}: a critical point lacks {', '.join(sorted(missing))}"


def _check_faults(check: Check, ask: AnswerAsk, problem: Problem) -> Iterator[str]:
    oracle = check.oracle
    if not isinstance(oracle, TypedAnswer):
        yield f"check {check.id!r} reads a typed answer; its oracle must be TypedAnswer(...)"
        return
    words = isinstance(ask.field, TextField)
    if words != (oracle.kind is OracleKind.PERSON):
        yield f"check {check.id!r}: a TextField, and nothing else, has an oracle of kind PERSON"
    yield from _rubric_faults(check, oracle)
    wrong = sum(check.id in m.killed_by and m.answer is not None for m in problem.mutants)
    least = 0 if words else LEAST_WRONG
    if isinstance(ask.field, ChoiceField):
        least = min(least, len(ask.field.options) - 1)
    if wrong < least:
        yield f"check {check.id!r} needs {least} mutants with a wrong answer, found {wrong}"
    for kind, credit in oracle.credit.items():
        if not 0 <= credit <= 1:
            yield f"check {check.id!r}: credit for {kind!r} is {credit:g}, not from 0 to 1"


def _rubric_faults(check: Check, oracle: TypedAnswer) -> Iterator[str]:
    """Two people who read the same words must look for the same points."""
    points = oracle.rubric
    if not isinstance(points, tuple) or not all(isinstance(p, str) and p.strip() for p in points):
        yield f"check {check.id!r}: rubric must be a tuple of texts, found {points!r}"
    elif oracle.kind is OracleKind.PERSON and not points:
        yield (
            f"check {check.id!r}: a person reads this answer; list what to look for in "
            'rubric=("...", "...")'
        )
    elif points and oracle.kind is not OracleKind.PERSON:
        yield f"check {check.id!r}: a rubric is for words, which have an oracle of kind PERSON"


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
