"""Is an answer key itself right? Asked by the audit, before anybody is marked with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from backproof.answers.hints import Slip
from backproof.answers.marking import compare_with_rule
from backproof.answers.syntax import AnswerSyntaxError
from backproof.answers.units import UnitError
from backproof.answers.verdicts import Ruling
from backproof.model.typed import TypedKey


def credit_faults(key: TypedKey, credit: Mapping[str, float]) -> Iterator[str]:
    """Names in a credit that stand for nothing."""
    known = {*Slip, *(wrong.id for wrong in key.wrong)}
    for name in credit:
        if name not in known:
            yield (
                f"credit for {name!r}, which is no mutant of this answer and no kind of slip: "
                f"{', '.join(Slip)}"
            )


def key_faults(key: TypedKey) -> Iterator[str]:
    """What is wrong with the rules of a key, one sentence each.

    At the right earlier answers, a rule gives the right answer, and the rule of a wrong answer that
    wrong answer: otherwise the two were typed for different questions.
    """
    assert key.answer is not None
    values = {given.name: f"({given.answer})" for given in key.given}
    rules = [(key.rule, key.answer), *((wrong.rule, wrong.answer) for wrong in key.wrong)]
    for rule, answer in rules:
        if not rule:
            continue
        try:
            ruling = compare_with_rule(answer, rule, key, values).verdict
        except (AnswerSyntaxError, UnitError, ValueError) as error:
            yield f"the rule {rule!r} cannot be read: {error}"
            continue
        if ruling not in (Ruling.CORRECT, Ruling.FORM):
            yield f"the rule {rule!r} does not give {answer!r} at the right earlier answers"
