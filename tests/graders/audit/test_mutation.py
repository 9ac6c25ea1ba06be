"""Automatic mutants are run against the checks: survivors are faults until they are explained."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from backproof.answer_key import AnswerKey
from backproof.audit import EditCard, audit_edits
from backproof.audit.mutation import edits_of_problem, sample_of
from backproof.audit.variables import alike
from backproof.loading import Survivors, load_problem, load_survivors
from backproof.model import BackproofError, Problem, Visibility
from backproof.sandbox import Isolated

WRONG = "relu_backward: return dout * (x > 0) -> return dout * (x >= 0)"


@pytest.fixture(scope="module")
def key() -> AnswerKey:
    return AnswerKey("mutation tests")


@pytest.fixture(scope="module")
def relu(repository: Path) -> Problem:
    return load_problem(repository / "assignments" / "bank" / "relu_backward")


@pytest.fixture(scope="module")
def weak(relu: Problem) -> Problem:
    """The problem without entries of x that are exactly 0."""
    checks = tuple(
        replace(check, cases=tuple(case for case in check.cases if "zeros" not in case.id))
        for check in relu.checks
    )
    return replace(relu, checks=checks)


def test_strong_cases_kill_all(relu: Problem, runner: Isolated, key: AnswerKey) -> None:
    """Every one-edit change of the example's reference fails a check."""
    card, faults = audit_edits(relu, runner, key, Survivors())

    assert faults == []
    assert card.killed == card.edits == card.counted >= 8


def weak_audit(
    weak: Problem, runner: Isolated, key: AnswerKey, **lists: dict[str, str]
) -> tuple[EditCard, str]:
    card, faults = audit_edits(weak, runner, key, Survivors(**lists))
    return card, "\n".join(faults)


def test_a_survivor_that_is_not_listed_is_a_fault(
    weak: Problem, runner: Isolated, key: AnswerKey
) -> None:
    """It is named, with what to do; and too many survivors are a fault of their own."""
    card, faults = weak_audit(weak, runner, key)

    assert card.missed == (WRONG,)
    assert f"no check fails the automatic mutant {WRONG!r}" in faults
    assert f"{card.killed} of {card.edits} automatic mutants are killed, less than 95%" in faults


def test_a_missed_mutant_counts_and_an_equivalent_one_does_not(
    weak: Problem, runner: Isolated, key: AnswerKey
) -> None:
    """Both need a reason; only what is wrong lowers the rate."""
    missed, faults = weak_audit(weak, runner, key, missed={WRONG: "no case has a 0"})
    assert "no check fails" not in faults
    assert "less than 95%" in faults
    assert missed.counted == missed.edits

    equivalent, faults = weak_audit(weak, runner, key, equivalent={WRONG: "said to be equal"})
    assert faults == ""
    assert equivalent.counted == equivalent.killed == equivalent.edits - 1


def test_a_listed_mutant_that_is_killed_is_a_fault(
    relu: Problem, runner: Isolated, key: AnswerKey
) -> None:
    """The list says no more than what is true."""
    lists = Survivors(equivalent={WRONG: "once"}, missed={"relu_backward: x -> y": "gone"})
    faults = "\n".join(audit_edits(relu, runner, key, lists)[1])

    assert f"survivors.toml lists {WRONG!r}, which is killed: take it out" in faults
    assert "'relu_backward: x -> y', which is no automatic mutant of this problem" in faults


def test_a_sample_is_the_same_at_every_run_and_judges_what_it_has_tried(
    relu: Problem, runner: Isolated, key: AnswerKey
) -> None:
    """Listed survivors outside of it are left alone; those in it, and unknown ones, are not."""
    edits = edits_of_problem(relu, key)
    sample = sample_of(edits, 3)
    assert [edit.id for edit in sample] == [edit.id for edit in edits if edit in sample]
    assert sample == [edit for edit in edits if edit in sample_of(edits[::-1], 3)]
    assert set(map(id, sample)) <= set(map(id, sample_of(edits, 5)))

    outside = next(edit.id for edit in edits if edit not in sample)
    lists = Survivors(equivalent={sample[0].id: "in it", outside: "not tried", "f: x -> y": "gone"})
    card, faults = audit_edits(relu, runner, key, lists, sample=3)

    assert card.edits == card.killed == 3
    assert len(faults) == 2
    assert f"{sample[0].id!r}, which is killed" in faults[0]
    assert "'f: x -> y', which is no automatic mutant" in faults[1]


def test_a_sample_says_nothing_of_the_share(
    weak: Problem, runner: Isolated, key: AnswerKey
) -> None:
    """A survivor in it is a fault all the same; a sample as large as all finds it."""
    _, faults = audit_edits(weak, runner, key, Survivors(), sample=99)

    assert len(faults) == 1
    assert f"no check fails the automatic mutant {WRONG!r}" in faults[0]


def test_typed_answers_have_automatic_mutants(
    repository: Path, runner: Isolated, key: AnswerKey
) -> None:
    """Counts and sizes: a neighbouring number is refused."""
    problem = load_problem(repository / "assignments" / "bank" / "cnn_cost")
    card, faults = audit_edits(problem, runner, key, Survivors())

    assert faults == []
    assert card.killed == card.edits >= 3 * len(problem.asks)


def test_variables_of_one_shape_are_found_by_running_the_reference(
    repository: Path, key: AnswerKey
) -> None:
    """Same shape in every hidden case: x and x_hat, gamma and beta, but not x and gamma."""
    problem = load_problem(repository / "assignments" / "bank" / "batchnorm")
    found = alike(problem, key)

    assert "x_hat" in found["batchnorm_forward"]["x"]
    assert "beta" in found["batchnorm_forward"]["gamma"]
    assert "gamma" not in found["batchnorm_forward"]["x"]


def test_ids_do_not_depend_on_the_secret(relu: Problem) -> None:
    """The checked-in list holds for every seed of the course."""
    first, second = (
        [edit.id for edit in edits_of_problem(relu, AnswerKey(secret))] for secret in "ab"
    )
    assert first == second


# --- survivors.toml ------------------------------------------------------------------------------


def test_a_problem_without_survivors_needs_no_list(tmp_path: Path) -> None:
    """Most need none."""
    assert load_survivors(tmp_path) == Survivors()


def test_the_list_holds_ids_and_reasons(tmp_path: Path) -> None:
    """Two tables: what is equivalent, and what is missed."""
    text = '[equivalent]\n"f: a -> b" = "same"\n[missed]\n"f: b -> a" = "no case"\n'
    (tmp_path / "survivors.toml").write_text(text)

    lists = load_survivors(tmp_path)
    assert lists.equivalent == {"f: a -> b": "same"}
    assert lists.missed == {"f: b -> a": "no case"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[equal]\n", "unknown ['equal']; known: equivalent, missed"),
        ('[missed]\n"f" = " "\n', "must hold lines"),
        ("missed = 3\n", "must hold lines"),
        ('[missed]\n"f" = 3\n', "found f = 3"),
        ('[missed]\n"f" = "r"\n[equivalent]\n"f" = "r"\n', "['f'] stand in both tables"),
        ("[missed\n", "survivors.toml"),
    ],
)
def test_a_list_that_cannot_be_read_says_why(tmp_path: Path, text: str, said: str) -> None:
    """A reason is not optional."""
    (tmp_path / "survivors.toml").write_text(text)

    with pytest.raises(BackproofError, match=re.escape(said)):
        load_survivors(tmp_path)


def test_the_weak_problem_is_weak_in_hidden_cases_too(weak: Problem) -> None:
    """The fixture still has cases of both kinds."""
    assert {c.visibility for check in weak.checks for c in check.cases} == set(Visibility)


def test_changed_inputs_kill(repository: Path, runner: Isolated, key: AnswerKey) -> None:
    """A mutant that writes into the caller's tensors dies by the check that looks for that."""
    leak = load_problem(repository / "assignments" / "bank" / "label_leak")
    in_place = "add_leak: leaked = x.clone() -> leaked = x"
    assert in_place in {edit.id for edit in edits_of_problem(leak, key)}

    card, _ = audit_edits(leak, runner, key, Survivors())

    assert in_place not in card.missed
