"""A known slip in code costs its own question: what other questions build on it follows."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backproof.answer_key import AnswerKey
from backproof.audit import assignment_of
from backproof.grading import grade
from backproof.loading import load_problem, render_solution
from backproof.model import (
    OWN_CONVOLUTION,
    Check,
    Problem,
    Relation,
    Rule,
    Submission,
    Verdict,
)
from backproof.sandbox import InProcess

Graded = Callable[..., dict[str, Verdict]]
LATER = ("batchnorm_structure", "batchnorm_training", "dropout_mask", "dropout_predict")


@pytest.fixture(scope="module")
def small_cnn(repository: Path) -> Problem:
    return load_problem(repository / "assignments" / "bank" / "small_cnn")


@pytest.fixture
def graded(small_cnn: Problem, key: AnswerKey) -> Graded:
    """Grade the reference with some edits of its text; real runs are left out."""

    def run(*edits: tuple[str, str], problem: Problem = small_cnn) -> dict[str, Verdict]:
        short = replace(
            problem,
            questions=tuple(q for q in problem.questions if q.key not in ("rerun", "selection")),
            checks=tuple(c for c in problem.checks if c.question not in ("rerun", "selection")),
        )
        code = render_solution(problem.asks)
        for old, new in edits:
            assert code.count(old) >= 1
            code = code.replace(old, new)
        work = Submission(name="w", path=Path("w.py"), digest="", cells=(code,))
        report = grade(assignment_of(short), work, InProcess(), key)
        return {r.check.partition("/")[2]: r.verdict for r in report.results}

    return run


NESTEROV = ("momentum=MOMENTUM", "momentum=MOMENTUM, nesterov=True")


def test_one_known_slip_in_the_step_costs_the_question_of_the_step_alone(graded: Graded) -> None:
    """Both other networks are trained with the same step, and right but for it."""
    found = graded(NESTEROV)

    assert found["training"] is Verdict.FAILED
    assert found["batchnorm_training"] is Verdict.FOLLOWS
    assert [found[id_] for id_ in LATER if id_ != "batchnorm_training"] == [Verdict.PASSED] * 3


def test_another_slip_on_top_of_it_does_not_follow(graded: Graded) -> None:
    """Batch normalisation without its scale is no consequence of the step."""
    found = graded(NESTEROV, ("nn.BatchNorm2d(after)", "nn.BatchNorm2d(after, eps=0.1)"))

    assert found["training"] is Verdict.FAILED
    assert found["batchnorm_training"] is Verdict.SKIPPED


def test_nothing_follows_from_a_mistake_that_nobody_knows(graded: Graded) -> None:
    found = graded(("momentum=MOMENTUM", "momentum=0.77"))

    assert found["training"] is Verdict.FAILED
    assert found["batchnorm_training"] is Verdict.SKIPPED


def test_what_follows_keeps_to_the_rules_of_its_question(
    graded: Graded, small_cnn: Problem
) -> None:
    """A slip is no way around a rule: what follows is run again with it out of reach."""

    def with_rule(*rules: Rule) -> Problem:
        checks = (
            replace(c, forbids=rules) if c.id == "batchnorm_training" else c
            for c in small_cnn.checks
        )
        return replace(small_cnn, checks=tuple(checks))

    allowed = replace(OWN_CONVOLUTION, names=(), operators=("*tanh*",))

    kept = graded(NESTEROV, problem=with_rule(OWN_CONVOLUTION))["batchnorm_training"]
    assert kept is Verdict.SKIPPED
    assert graded(NESTEROV, problem=with_rule(allowed))["batchnorm_training"] is Verdict.FOLLOWS


def test_a_slip_is_not_forgotten_on_the_way(graded: Graded, small_cnn: Problem) -> None:
    """What passes in between was trained with the slip: a failure behind it may be its consequence."""
    passes = replace(small_cnn, checks=tuple(map(_without_weights, small_cnn.checks)))
    other = ("nn.BatchNorm2d(after)", "nn.BatchNorm2d(after, momentum=0.37)")

    alone, both = graded(other, problem=passes), graded(NESTEROV, other, problem=passes)

    assert alone["batchnorm_predict"] is Verdict.FAILED
    assert both["training"] is Verdict.FAILED
    assert both["batchnorm_training"] is Verdict.PASSED
    assert both["batchnorm_predict"] is Verdict.SKIPPED


def _without_weights(check: Check) -> Check:
    """The check of the training with batch normalisation judges nothing that a step changes."""
    if check.id != "batchnorm_training":
        return check
    return replace(check, outputs=(), oracle=Relation(name="inputs_unchanged"))
