"""One slip costs its points once: what follows from it is right."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backproof.answer_key import AnswerKey
from backproof.audit import assignment_of
from backproof.grading import grade
from backproof.loading import load_problem
from backproof.model import (
    Assignment,
    BackproofError,
    CheckResult,
    Submission,
    TypedAnswer,
    Verdict,
)
from backproof.sandbox import InProcess

NUMBERS = ("params", "size_1", "macs_1", "size_2", "macs_2", "macs_total")
Marked = Callable[..., dict[str, CheckResult]]


@pytest.fixture(scope="module")
def homework(repository: Path) -> Assignment:
    return assignment_of(load_problem(repository / "assignments" / "bank" / "cnn_cost"))


@pytest.fixture
def marked(homework: Assignment, key: AnswerKey) -> Marked:
    """Grade six numbers, in their order."""

    def run(*numbers: object, homework: Assignment = homework) -> dict[str, CheckResult]:
        lines = (f"{name} = {value!r}" for name, value in zip(NUMBERS, numbers, strict=True))
        work = Submission(name="w", path=Path("w.py"), digest="", cells=("\n".join(lines),))
        report = grade(homework, work, InProcess(), key)
        return {result.check.partition("/")[2]: result for result in report.results}

    return run


def test_the_write_ups_five_numbers_hold_one_misconception(marked: Marked) -> None:
    """21, 130056192, 10, 117964800, 248020992: (W - K + 2P) / (S + 1), and nothing else wrong."""
    found = marked(1474560, 21, 130056192, 10, 117964800, 248020992)

    assert {name: result.verdict for name, result in found.items()} == {
        "params": Verdict.PASSED,
        "size_1": Verdict.FAILED,
        "macs_1": Verdict.FOLLOWS,
        "size_2": Verdict.FOLLOWS,
        "macs_2": Verdict.FOLLOWS,
        "macs_total": Verdict.FOLLOWS,
    }
    assert "(W - K + 2P) / (S + 1)" in found["size_1"].misconception
    assert "the same misconception as in macs" in found["size_2"].remark
    assert sum(r.points for r in found.values()) == pytest.approx(2 - 1 / 5)


def test_another_slip_costs_its_own_points(marked: Marked) -> None:
    """The second size is right for the first, but the last sum forgets a layer."""
    found = marked(1474560, 21, 130056192, 21, 9 * 256 * 512 * 441, 130056192)

    assert found["size_2"].verdict is Verdict.FOLLOWS
    assert found["macs_2"].verdict is Verdict.FOLLOWS
    assert found["macs_total"].verdict is Verdict.FAILED


def test_one_misconception_in_three_places_is_deducted_once(marked: Marked) -> None:
    """FLOPs in place of multiply-adds, in both layers; the sum of the two follows from them."""
    found = marked(1474560, 32, 603979776, 32, 2415919104, 3019898880)

    assert [found[n].verdict for n in NUMBERS[2:]] == [
        Verdict.FAILED,
        Verdict.PASSED,
        Verdict.FOLLOWS,
        Verdict.FOLLOWS,
    ]


def test_right_numbers_after_a_wrong_one_are_right(marked: Marked) -> None:
    """Whoever copied only the last lines from elsewhere has them right all the same."""
    found = marked(1474560, 31, 301989888, 32, 1207959552, 1509949440)

    assert [found[n].verdict for n in NUMBERS] == [Verdict.PASSED, Verdict.FAILED] + [
        Verdict.PASSED
    ] * 4


def test_nonsense_is_not_followed(marked: Marked) -> None:
    """A negative size is outside the domain: nothing follows from it."""
    found = marked(1474560, -21, 130056192, -22, 9 * 256 * 512 * 484, 1)

    assert [found[n].verdict for n in NUMBERS[1:]] == [Verdict.FAILED] * 5


def test_an_author_may_give_credit_for_a_slip(marked: Marked, homework: Assignment) -> None:
    """None by default; the fraction is of the check's own points."""
    (problem,) = homework.problems
    generous = replace(
        problem,
        checks=tuple(
            replace(c, oracle=replace(c.oracle, credit={"params_with_biases": 0.5}))
            if isinstance(c.oracle, TypedAnswer)
            else c
            for c in problem.checks
        ),
    )
    numbers = (1475328, 32, 301989888, 32, 1207959552, 1509949440)

    strict = marked(*numbers)["params"]
    kind = marked(*numbers, homework=assignment_of(generous))["params"]

    assert (strict.verdict, strict.points) == (Verdict.FAILED, 0)
    assert (kind.verdict, kind.points) == (Verdict.FAILED, 0.5)


# --- rules of the bank -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("problem.py", 'rule="macs_1 + macs_2"', 'rule="1 + 1"', "uses no typed answer"),
        ("problem.py", 'rule="9*128*256*size_1^2"', 'rule="macs_2"', "which is not earlier"),
        ("problem.py", '"64/2", "32.0"', '"64/2"', "'size_1' needs 2 further spellings"),
        ("problem.py", "rule=rule, kind", 'rule=rule, credit={"x": 2}, kind', "not from 0 to 1"),
        ("mutants.py", '"15",\n        _DIVIDES', "None,\n        _DIVIDES", "needs one of edit"),
        ("mutants.py", '_wrong("size_1", "size_1_without_one"', '_wrong("macs_3", "x"', "not in ASKS"),
    ],
)  # fmt: skip
def test_a_typed_answer_that_breaks_a_rule_of_the_bank_is_refused(
    repository: Path, tmp_path: Path, file: str, old: str, new: str, says: str
) -> None:
    """When it is loaded, with the name of what is wrong."""
    for path in (repository / "assignments" / "bank" / "cnn_cost").iterdir():
        if path.is_file():
            (tmp_path / path.name).write_text(path.read_text())
    text = (tmp_path / file).read_text()
    text = text.replace(
        '_wrong(\n        "size_1",\n        "size_1_without_one"',
        '_wrong("size_1", "size_1_without_one"',
    )
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new))

    with pytest.raises(BackproofError, match=says):
        load_problem(tmp_path)
