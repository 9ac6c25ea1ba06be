"""Words are read by a person, who is told what to look for; students are not."""

import json
import shutil
from pathlib import Path

import pytest

from backproof.answer_key import PUBLIC_SEED, AnswerKey
from backproof.authoring.release import build_release
from backproof.grading import grade
from backproof.loading import load_assignment, render_solution
from backproof.model import Assignment, BackproofError, Report, Submission, TypedAnswer, Verdict
from backproof.reporting import junit_xml, report_json, text_report
from backproof.sandbox import InProcess

HOMEWORK = """
title = "t"
source = "s"
points = 1
[[question]]
number = "1"
problem = "conv_as_matrix"
key = "convolution"
points = 1
"""
WORDS = "conv_as_matrix/dx_is_convolution_why"


@pytest.fixture
def folder(tmp_path: Path, repository: Path) -> Path:
    """A homework with one question that asks for a reason."""
    bank = "bank/conv_as_matrix"
    shutil.copytree(repository / "assignments" / bank, tmp_path / bank)
    (tmp_path / "hw").mkdir()
    (tmp_path / "hw" / "assignment.toml").write_text(HOMEWORK)
    return tmp_path / "hw"


@pytest.fixture
def homework(folder: Path) -> Assignment:
    return load_assignment(folder)


@pytest.fixture
def rubric(homework: Assignment) -> tuple[str, ...]:
    (oracle,) = (
        check.oracle
        for check in homework.problems[0].checks
        if isinstance(check.oracle, TypedAnswer) and check.oracle.rubric
    )
    assert isinstance(oracle, TypedAnswer)
    return oracle.rubric


@pytest.fixture
def report(homework: Assignment) -> Report:
    code = render_solution(homework.problems[0].asks)
    submission = Submission(name="ada", path=Path("ada.py"), digest="", cells=(code,))
    return grade(homework, submission, InProcess(), AnswerKey("tests"))


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_staff_see_what_to_look_for(report: Report, rubric: tuple[str, ...]) -> None:
    """It stands in the JSON report and in the text below the answer that waits, and only there."""
    (words,) = (result for result in report.results if result.check == WORDS)
    told = squeezed(text_report(report, rubrics=True))

    assert words.verdict is Verdict.UNDECIDED
    assert words.rubric == rubric
    assert [r.check for r in report.results if r.rubric] == [WORDS]
    assert all(squeezed(point) in told for point in rubric)
    results = json.loads("".join(report_json([report])))["reports"][0]["results"]
    assert {r["check"]: r["rubric"] for r in results}[WORDS] == list(rubric)


def test_students_do_not(report: Report, homework: Assignment, rubric: tuple[str, ...]) -> None:
    """Neither the report for its student nor any released file has a point of it."""
    released = build_release(homework, AnswerKey(PUBLIC_SEED))
    texts = [
        text_report(report),
        junit_xml([report]),
        *(data.decode() for data in released.values()),
    ]

    assert "dx_is_convolution_why" in "".join(texts)
    assert len(rubric) > 1
    assert [p for p in rubric for text in texts if squeezed(p) in squeezed(text)] == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("rubric=(", "no_rubric=(", "list what to look for"),
        ("rubric=(", "rubric='' and (", "must be a tuple of texts, found ''"),
        (
            "TypedAnswer(provenance=(derivation,), ",
            "TypedAnswer(provenance=(derivation,), rubric=('x',), ",
            "a rubric is for words",
        ),
    ],
)
def test_a_rubric_stands_where_a_person_reads(folder: Path, old: str, new: str, words: str) -> None:
    """A missing one, a forgotten comma and a misplaced one are said when the problem is loaded."""
    problem = folder.parent / "bank" / "conv_as_matrix" / "problem.py"
    text = problem.read_text()
    assert old in text
    problem.write_text(text.replace(old, new))

    with pytest.raises(BackproofError, match=words):
        load_assignment(folder)
