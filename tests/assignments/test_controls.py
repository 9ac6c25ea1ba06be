"""The reference solution of each homework, graded as a student's."""

from pathlib import Path

import pytest

from backproof.answer_key import AnswerKey
from backproof.grading import grade
from backproof.loading import load_assignment, render_solution
from backproof.model import Submission
from backproof.sandbox import InProcess

ASSIGNMENTS = Path(__file__).parents[2] / "assignments"
HOMEWORKS = sorted(path.parent.name for path in ASSIGNMENTS.glob("*/assignment.toml"))


@pytest.mark.parametrize("name", HOMEWORKS)
def test_nothing_is_remarked_about_the_reference(name: str) -> None:
    """Right to the last digit: a remark would say that our own expected value is the coarse one."""
    homework = load_assignment(ASSIGNMENTS / name)
    asks = [ask for problem in homework.problems for ask in problem.asks]
    submission = Submission(
        name="reference", path=Path("reference.py"), digest="", cells=(render_solution(asks),)
    )

    report = grade(homework, submission, InProcess(), AnswerKey("controls"))

    assert len(report.results) > 20
    assert [(r.check, r.remark) for r in report.results if r.remark] == []
    assert {r.check for r in report.results if not r.verdict.earns_points} == {
        r.check for r in report.results if r.verdict.needs_person
    }
