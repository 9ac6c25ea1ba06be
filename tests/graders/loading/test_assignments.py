"""Homeworks and problems from folders; what is wrong is said in full."""

import shutil
from pathlib import Path

import pytest

from backproof.loading import find_assignment, load_assignment, load_problem
from backproof.model import Assignment, BackproofError


@pytest.fixture
def bank(tmp_path: Path, repository: Path) -> Path:
    """A copy of one problem that a test may break."""
    shutil.copytree(
        repository / "assignments" / "bank" / "batchnorm", tmp_path / "bank" / "batchnorm"
    )
    return tmp_path / "bank"


def homework(bank: Path, text: str) -> Path:
    folder = bank.parent / "hw"
    folder.mkdir()
    (folder / "assignment.toml").write_text(text)
    return folder


GOOD = """
title = "t"
source = "s"
points = 2
[[question]]
number = "1"
problem = "batchnorm"
key = "dx"
points = 2
"""


def test_a_homework_is_a_list_of_questions(bank: Path) -> None:
    """Questions come in the file's order with their points."""
    assignment = load_assignment(homework(bank, GOOD))

    assert [(q.number, q.points, q.key) for q in assignment.questions] == [("1", 2.0, "dx")]
    assert [check.id for check in assignment.questions[0].checks] == ["dx", "dx_float32"]


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("points = 2\n[[", "points = 3\n[[", "add up to 2"),
        ('"dx"', '"dy"', "no question 'dy'"),
        ('"batchnorm"', '"layernorm"', "layernorm"),
        ('number = "1"\n', "", "lacks number"),
        ("title =", "title", "assignment.toml"),
    ],
)
def test_a_wrong_homework_file_is_explained(bank: Path, old: str, new: str, words: str) -> None:
    """The error names the file and the offending value."""
    folder = homework(bank, GOOD.replace(old, new))

    with pytest.raises(BackproofError, match=words):
        load_assignment(folder)


def test_an_unknown_homework_names_the_nearest(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A misspelled name gets a suggestion."""
    monkeypatch.chdir(repository)

    with pytest.raises(BackproofError, match="did you mean 'tehran_hw2'"):
        find_assignment("teheran_hw2")


@pytest.mark.parametrize(
    ("file", "old", "new", "words"),
    [
        ("problem.py", 'question="forward"', 'question="fwd"', "question 'fwd' has no section"),
        ("problem.py", 'id="forward_float32"', 'id="forward"', "'forward' is defined twice"),
        (
            "problem.py",
            'provenance=("batchnorm.dx"',
            'provenance=("batchnorm.dz"',
            "must name derivations",
        ),
        ("problem.py", 'id="eps_large"', 'id="eps_half"', "two different cases"),
        ("mutants.py", 'killed_by=("dgamma",)', 'killed_by=("dgama",)', "'dgama' is no check"),
        ("mutants.py", 'killed_by=("inference",)', "killed_by=()", "'inference' kills no mutant"),
        ("mutants.py", 'of="batchnorm_inference"', 'of="batchnorm"', "not in ASKS"),
        (
            "mutants.py",
            'misconception="your dx lacks the factor gamma"',
            'misconception=""',
            "sentence",
        ),
        ("problem.py", "ASKS = (", "ASKS = []\n_ = (", "must define ASKS as a tuple, found list"),
        ("problem.py", "probe=FORWARD,", "probe=_FORWARD,", r"write Probe\(calls="),
        (
            "problem.py",
            'needs=("forward",)',
            'needs="forward"',
            "tuple, found 'forward'",
        ),
        ("problem.py", 'dtype="float32"', 'dtype="float16"', "'float16' is none of"),
        ("problem.py", 'takes=("dout", "cache")', 'takes=("cache", "dout")', "not in the order of"),
        ("problem.py", 'outputs=("out",)', 'outputs=("y",)', "does not bring back 'y'"),
        (
            "problem.py",
            "visibility=Visibility.PUBLIC",
            "visibility=Visibility.HIDDEN",
            "has no public case",
        ),
        (
            "problem.py",
            "rows: int, features: int, mean",
            "rows: int features: int, mean",
            r"line \d+: SyntaxError",
        ),
        (
            "problem.py",
            "DERIVATIONS = derivations",
            "DERIVATIONS = derivation",
            r"line \d+: NameError",
        ),
        ("problem.md", "## [", "## ", "has no question"),
        ("honest.py", "HONEST = (", "HONEST = ()\n_ = (", "no honest variant"),
        ("problem.md", "# Batch", "Batch", "first line must be"),
        ("problem.md", "## [dx]", "## [dz]", "question 'dx' has no section"),
    ],
)
def test_an_incomplete_problem_does_not_load(
    bank: Path, file: str, old: str, new: str, words: str
) -> None:
    """Every rule of the bank has been seen to refuse."""
    path = bank / "batchnorm" / file
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))

    with pytest.raises(BackproofError, match=words):
        load_problem(bank / "batchnorm")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('takes=("network", "seed", "shapes")', 'takes=("network", "seed")', "it wants"),
        ('takes=("network", "x", "dout")', 'takes=("net", "x", "dout")', "no earlier call keeps"),
        ('returns=("shapes", "trainable",', 'returns=("shapes", "trainables",', "'trainables'"),
        ('returns=("optimizer",)', 'returns=("optimizer", "more")', "it has 1 values to return"),
        ('each=("x", "y")', 'each=("x", "labels")', r"each = \['labels'\] are not inputs"),
        ('each=("x", "y")', 'each=("x")', "each must be a tuple"),
        ('each=("x", "y"),', 'each=("x", "y"), keeps=("losses",),', "can keep nothing"),
    ],
)
def test_a_misused_operation_does_not_load(
    tmp_path: Path, repository: Path, old: str, new: str, words: str
) -> None:
    """What an operation takes and returns is checked before anybody is graded."""
    shutil.copytree(repository / "assignments" / "bank" / "lenet5", tmp_path / "lenet5")
    path = tmp_path / "lenet5" / "problem.py"
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))

    with pytest.raises(BackproofError, match=words):
        load_problem(tmp_path / "lenet5")


def test_a_missing_file_of_a_problem_is_named(bank: Path) -> None:
    """A problem without its mutants does not load."""
    (bank / "batchnorm" / "mutants.py").unlink()

    with pytest.raises(BackproofError, match=r"no mutants\.py"):
        load_problem(bank / "batchnorm")


def test_the_digest_changes_with_the_problem(bank: Path) -> None:
    """A changed check is a changed homework."""
    folder = homework(bank, GOOD)
    before = load_assignment(folder).digest
    with (bank / "batchnorm" / "problem.py").open("a") as file:
        file.write("# changed\n")

    assert load_assignment(folder).digest != before


def test_prerequisites_come_first(first_layers: Assignment) -> None:
    """Checks only need earlier checks, so that no circle can arise."""
    for problem in first_layers.problems:
        seen: set[str] = set()
        for check in problem.checks:
            assert set(check.needs) <= seen
            seen.add(check.id)
