"""The audit finds each way in which a grader can be wrong (the test of the test)."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backproof import AnswerAsk, ChoiceField, Honest, Mutant, OracleKind, Probe, TextField
from backproof.answer_key import AnswerKey
from backproof.audit import audit_problem
from backproof.loading import load_problem
from backproof.loading.validation import validate_problem
from backproof.model import Check, Expected, Problem, Question, TypedAnswer
from backproof.sandbox import Isolated


@pytest.fixture(scope="module")
def relu(repository: Path) -> Problem:
    return load_problem(repository / "assignments" / "bank" / "relu_backward")


def faults(problem: Problem, runner: Isolated) -> str:
    return "\n".join(audit_problem(problem, runner, AnswerKey("audit tests")).faults)


def with_mutant(problem: Problem, code: str, killed_by: tuple[str, ...], **more: str) -> Problem:
    mutant = Mutant(
        id="new", of="relu_backward", misconception="s", killed_by=killed_by, code=code, **more
    )
    return replace(problem, mutants=(*problem.mutants, mutant))


BOTH = ("dx", "dx_float32")
RIGHT = "def relu_backward(dout, x):\n    return torch.where(x > 0, dout, 0.0)"


def test_a_sound_problem_has_no_fault(relu: Problem, runner: Isolated) -> None:
    """The example that the authors' page refers to is quiet."""
    assert faults(relu, runner) == ""


def test_a_mutant_that_is_right_survives_and_is_a_fault(relu: Problem, runner: Isolated) -> None:
    """A mutant that passes what it should fail is named."""
    assert "mutant 'new' survives ['dx', 'dx_float32']" in faults(
        with_mutant(relu, RIGHT, BOTH), runner
    )


def test_a_mutant_that_fails_more_than_it_says_is_a_fault(relu: Problem, runner: Isolated) -> None:
    """Killing is exact: what is not listed must pass."""
    wrong = RIGHT.replace("x > 0", "x < 0")

    assert "mutant 'new' also fails ['dx_float32']" in faults(
        with_mutant(relu, wrong, ("dx",)), runner
    )


@pytest.mark.parametrize("slip", ["return z", "return dout * (x >"])
def test_a_mutant_that_does_not_run_proves_nothing(
    relu: Problem, runner: Isolated, slip: str
) -> None:
    """A name error or a syntax error in a mutant is the author's slip, not a kill."""
    code = f"def relu_backward(dout, x):\n    {slip}"

    assert "mutant 'new'" in faults(with_mutant(relu, code, BOTH), runner)


def test_a_mutant_may_be_meant_to_raise(relu: Problem, runner: Isolated) -> None:
    """An error that the mutant declares is its point."""
    code = "def relu_backward(dout, x):\n    return x[99]"

    assert faults(with_mutant(relu, code, BOTH, raises="IndexError"), runner) == ""


def test_a_mutant_under_another_mutants_name_is_a_fault(relu: Problem, runner: Isolated) -> None:
    """Two mutants that answer the same would give one of them the wrong sentence."""
    twin = relu.mutants[0]
    twins = replace(relu, mutants=(*relu.mutants, replace(twin, id="twin", misconception="other")))

    assert f"mutant 'twin' is reported as '{twin.id}'" in faults(twins, runner)


def test_an_honest_variant_that_fails_is_a_fault(relu: Problem, runner: Isolated) -> None:
    """A grader that refuses a right solution is named with what it said."""
    odd = Honest(id="odd", why="w", code="def relu_backward(dout, x):\n    return dout")

    assert "honest variant 'odd' should pass dx" in faults(
        replace(relu, honest=(*relu.honest, odd)), runner
    )


def always(problem: Problem, value: float) -> Problem:
    """The problem with inputs on which every answer is the same constant."""

    def build(rng: np.random.Generator) -> dict[str, np.ndarray]:
        return {"dout": np.full((2, 3), value), "x": np.ones((2, 3))}

    def changed(check: Check) -> Check:
        return replace(
            check,
            cases=tuple(replace(case, id=f"c_{case.id}", build=build) for case in check.cases),
        )

    return replace(problem, checks=tuple(map(changed, problem.checks)), mutants=(), honest=())


@pytest.mark.parametrize(("value", "name"), [(0.0, "zeros"), (1.0, "ones"), (1.0, "the input")])
def test_a_trivial_answer_that_passes_is_a_fault(
    relu: Problem, runner: Isolated, value: float, name: str
) -> None:
    """Inputs on which a constant is right are found out."""
    assert f"the trivial answer '{name}' passes dx" in faults(always(relu, value), runner)


def test_a_reference_that_fails_stops_the_audit_with_its_reason(
    relu: Problem, runner: Isolated
) -> None:
    """Where the reference is off, one line says so, not one for every variant."""

    def wrong(dout: object, x: object) -> dict[str, object]:
        return {"dy": dout}

    checks = tuple(
        replace(c, oracle=replace(c.oracle, compute=wrong))
        for c in relu.checks
        if isinstance(c.oracle, Expected)
    )
    found = faults(replace(relu, checks=checks), runner)

    assert "KeyError: 'dx'" in found
    assert "case 'both_signs'" in found
    assert len(found.splitlines()) <= 2


def test_answers_close_to_the_tolerance_are_a_fault(relu: Problem, runner: Isolated) -> None:
    """A mutant that is barely wrong leaves no margin for other machines."""
    code = "def relu_backward(dout, x):\n    return dout * (x > 0) * (1 + 4e-6)"

    assert "noises away" in faults(with_mutant(relu, code, BOTH), runner)


# --- typed answers ---------------------------------------------------------------------------


def _answered(name: str, oracle: TypedAnswer) -> Check:
    return Check(
        id=name,
        question="bias",
        claim="whether a bias before batch normalisation changes anything",
        expects="what subtracting the mean does to a constant",
        read="Ioffe and Szegedy 2015, section 3.2",
        points=1,
        probe=Probe(answer=name),
        oracle=oracle,
    )


@pytest.fixture
def choice() -> Problem:
    """True or false, with the reason for a person."""
    return Problem(
        name="bias",
        title="Bias",
        text="",
        questions=(Question(key="bias", title="Bias", text=""),),
        asks=(
            AnswerAsk(
                name="needed", prompt="b", field=ChoiceField(), answer="false", also=("F", "no")
            ),
            AnswerAsk(name="reason", prompt="why", field=TextField(), answer="the mean has it"),
        ),
        checks=(
            _answered("needed", TypedAnswer(kind=OracleKind.REFERENCE, provenance=("paper",))),
            _answered("reason", TypedAnswer(kind=OracleKind.PERSON, rubric=("the mean",))),
        ),
        mutants=(
            Mutant(
                id="yes",
                of="needed",
                misconception="the mean takes the bias away",
                killed_by=("needed",),
                answer="true",
            ),
        ),
        honest=(Honest(id="bool", why="not a text", code="needed = False"),),
    )


def test_a_choice_with_a_reason_for_a_person_is_sound(choice: Problem, runner: Isolated) -> None:
    """The reason waits for a person even when it is the reference's: that is no fault."""
    validate_problem(choice, Path())

    assert faults(choice, runner) == ""


def test_a_spelling_that_is_not_accepted_is_a_fault(choice: Problem, runner: Isolated) -> None:
    """Each further spelling is tried, not believed."""
    asks = (replace(choice.asks[0], also=("no", "never")), choice.asks[1])

    found = faults(replace(choice, asks=asks), runner)
    assert "spelling 2 should pass needed but: undecided" in found
    assert "this is not one of: true, false" in found


def test_credit_for_what_does_not_exist_is_a_fault(choice: Problem, runner: Isolated) -> None:
    """A misspelt slip would never earn anything."""
    oracle = replace(choice.checks[0].oracle, credit={"yes": 0.5, "sgn": 0.5})
    checks = (replace(choice.checks[0], oracle=oracle), choice.checks[1])

    found = faults(replace(choice, checks=checks), runner)
    assert "credit for 'sgn', which is no mutant" in found
    assert "'yes'" not in found


def test_a_rule_that_contradicts_its_answer_is_a_fault(repository: Path, runner: Isolated) -> None:
    """The rule and the answer were typed apart, so each checks the other."""
    problem = load_problem(repository / "assignments" / "bank" / "cnn_cost")
    mutants = tuple(
        replace(m, answer="3019898881") if m.id == "macs_total_flops" else m
        for m in problem.mutants
    )

    found = faults(replace(problem, mutants=mutants), runner)
    assert "does not give '3019898881' at the right earlier answers" in found
