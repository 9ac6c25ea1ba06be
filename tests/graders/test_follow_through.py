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
        found = {result.check.partition("/")[2]: result for result in report.results}
        return {name: found[name] for name in NUMBERS}

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
    assert "as in `size_1`, which has cost its points" in found["size_2"].remark
    assert sum(r.points for r in found.values()) == pytest.approx(1 / 2 + 4 / 5)


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


def test_one_place_of_the_kernel_earns_nothing_for_free(marked: Marked) -> None:
    """Sizes so small that everything after them is trivial are outside the domain."""
    found = marked(1474560, 1, 294912, 1, 9 * 256 * 512, 294912 + 9 * 256 * 512)

    assert [found[n].verdict for n in NUMBERS[1:5]] == [Verdict.FAILED] * 4


def test_a_size_that_was_not_rounded_is_followed(marked: Marked) -> None:
    """Its own misconception, and then a product that is right for it."""
    found = marked(1474560, 32.5, 294912 * 32.5**2, 32, 1207959552, 1519471104)

    assert "round down" in found["size_1"].misconception
    assert found["macs_1"].verdict is Verdict.FOLLOWS


def test_what_builds_on_an_unread_answer_waits_with_it(marked: Marked) -> None:
    """A person may find the first right or wrong; until then nothing after it is lost."""
    found = marked(1474560, "21 px", 130056192, 21, 0, 0)

    assert [found[n].verdict for n in NUMBERS[1:4]] == [Verdict.UNDECIDED] * 3
    assert "whether it follows from `size_1`" in found["macs_1"].observed


def test_doubling_twice_is_not_the_same_slip_again(marked: Marked) -> None:
    """FLOPs for multiply-adds in a layer is deducted once; doubling their sum is another slip."""
    found = marked(1474560, 32, 603979776, 32, 2415919104, 2 * 3019898880)

    assert found["macs_2"].verdict is Verdict.FOLLOWS
    assert found["macs_total"].verdict is Verdict.FAILED


def test_an_author_may_give_credit_for_a_slip(marked: Marked, homework: Assignment) -> None:
    """None by default; the fraction is of the check's own points."""
    (problem,) = homework.problems
    generous = replace(
        problem,
        checks=tuple(
            replace(c, oracle=replace(c.oracle, credit={"params_biases_counted": 0.5}))
            if isinstance(c.oracle, TypedAnswer)
            else c
            for c in problem.checks
        ),
    )
    numbers = (1475328, 32, 301989888, 32, 1207959552, 1509949440)

    strict = marked(*numbers)["params"]
    kind = marked(*numbers, homework=assignment_of(generous))["params"]

    assert (strict.verdict, strict.points) == (Verdict.FAILED, 0)
    assert (kind.verdict, kind.points) == (Verdict.FAILED, 0.5 * kind.max_points)


# --- rules of the bank -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("problem.py", 'rule="macs_1 + macs_2"', 'rule="1 + 1"', "uses no typed answer"),
        ("problem.py", 'rule="9*128*256*size_1^2"', 'rule="macs_2"', "which is not earlier"),
        ("problem.py", '"64/2", "32.0"', '"64/2"', "'size_1' needs 2 further spellings"),
        ("problem.py", "rule=rule, kind", 'rule=rule, credit={"x": 2}, kind', "not from 0 to 1"),
        ("problem.py", '"both layers, no biases", "1474560"', '"both", 1474560', "answer must be a text"),
        ("problem.py", "also=also)", 'also="no")', "also must be a tuple of texts"),
        ("problem.py", "field=field", 'field=FormulaField(vocabulary="p")', "must be a Vocabulary"),
        ("problem.py", "demand=NumberDemand(whole=True), domain=\"pos", "demand='whole', domain=\"pos", "must be a NumberDemand"),
        ("problem.py", "field=field", "field=FormulaField(vocabulary=Vocabulary(arrays=('x',)))", "arrays must be a tuple of ArraySymbol"),
        ("problem.py", "field=field", "field=FormulaField(vocabulary=Vocabulary(), critical=({'Q': 0.5},))", "has 'Q', which is no symbol"),
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
        "    NumberField,\n", "    NumberField,\n    FormulaField,\n    Vocabulary,\n", 1
    )
    text = text.replace(
        '_wrong(\n        "size_1",\n        "size_1_without_one"',
        '_wrong("size_1", "size_1_without_one"',
    )
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new))

    with pytest.raises(BackproofError, match=says):
        load_problem(tmp_path)


BY_HAND = ("bn_means", "bn_variances", "bn_normalised", "bn_output")
Z = ((12, 14, 14, 12), (0, 10, 10, 0), (-5, 5, 5, -5))


@pytest.fixture
def by_hand(repository: Path, key: AnswerKey) -> Callable[..., list[Verdict]]:
    """The verdicts on four typed matrices, in their order."""
    homework = assignment_of(load_problem(repository / "assignments/bank/batchnorm_by_hand"))

    def run(*matrices: str) -> list[Verdict]:
        lines = (f"{name} = {value!r}" for name, value in zip(BY_HAND, matrices, strict=True))
        work = Submission(name="w", path=Path("w.py"), digest="", cells=("\n".join(lines),))
        return [r.verdict for r in grade(homework, work, InProcess(), key).results]

    return run


@pytest.mark.parametrize("nothing", ["[[0], [0], [0]]", "0*[[1], [5], [9]]", "[[1], [1], [1]]"])
def test_what_follows_from_an_answer_that_says_nothing_waits_for_a_person(
    by_hand: Callable[..., list[Verdict]], nothing: str
) -> None:
    """With variances of 1, normalising is copying: no points for it unseen, and none lost."""
    centred = [[entry - 13 for entry in Z[0]], [entry - 5 for entry in Z[1]], list(Z[2])]
    ones = "[[1], [1], [1]]"

    if nothing == ones:
        found = by_hand("[[13], [5], [0]]", nothing, str(centred), "[[0]]")
        assert found[:3] == [Verdict.PASSED, Verdict.FAILED, Verdict.UNDECIDED]
    else:
        squares = [sum(entry**2 for entry in row) for row in Z]
        variances = str([[f"{square}/4"] for square in squares]).replace("'", "")
        found = by_hand(nothing, variances, "[[0]]", "[[0]]")
        assert found[:2] == [Verdict.FAILED, Verdict.UNDECIDED]


def test_what_follows_from_an_ordinary_slip_is_right(
    by_hand: Callable[..., list[Verdict]],
) -> None:
    """One mean is off by a slip of the pen; the variances are right for it."""
    found = by_hand("[[13], [4], [0]]", "[[1], [26], [25]]", "[[0]]", "[[0]]")

    assert found[:2] == [Verdict.FAILED, Verdict.FOLLOWS]


def test_counts_that_nobody_has_counted_are_not_added_up(marked: Marked) -> None:
    found = marked(1474560, 31, 2, 31, 3, 5)

    assert found["macs_total"].verdict is Verdict.FAILED


def test_one_guess_for_all_answers_is_paid_for_by_none_of_them(
    repository: Path, key: AnswerKey
) -> None:
    """All ones is max pooling, which costs its points once; four times ones may be a guess, too."""
    homework = assignment_of(load_problem(repository / "assignments" / "bank" / "pooled_squares"))
    names = [f"average_{number}" for number in range(1, 5)]
    code = "\n".join(f"{name} = '[[1, 1], [1, 1]]'" for name in names)
    work = Submission(name="w", path=Path("w.py"), digest="", cells=(code,))
    found = {
        result.check.partition("/")[2]: result
        for result in grade(homework, work, InProcess(), key).results
    }

    assert [found[name].verdict for name in names] == [Verdict.FAILED] + 3 * [Verdict.UNDECIDED]
    assert "if it is no guess: a person judges that" in found[names[1]].observed
