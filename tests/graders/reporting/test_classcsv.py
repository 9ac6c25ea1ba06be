"""The class as a table for a spreadsheet."""

import csv
import io
from dataclasses import replace

from backproof.model import QuestionScore, Report, Student
from backproof.reporting import class_csv

REPORT = Report(
    assignment="hw",
    assignment_digest="d",
    submission="submitted/ada/hw.py",
    submission_digest="s",
    seed="x",
    device="cpu",
    isolation="base",
    versions={},
    results=(),
    questions=(
        QuestionScore(number="1a", title="t", points=2, max_points=2, waiting=0),
        QuestionScore(number="1b", title="t", points=1 / 3, max_points=1, waiting=0.5),
    ),
)


def table(*reports: Report) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(class_csv(reports))))


def test_each_submission_is_a_row_with_its_questions() -> None:
    group = (Student(name="Ada L", id="1"), Student(name="Bob", id="2"))
    assert table(replace(REPORT, students=group, late=True)) == [
        {
            "submission": "submitted/ada/hw.py",
            "student": "Ada L; Bob",
            "id": "1; 2",
            "email": "",
            "late": "yes",
            "points": "2.33",
            "of": "3",
            "waiting": "0.5",
            "fault": "",
            "1a": "2",
            "1b": "0.33",
        }
    ]


def test_a_name_is_no_formula_and_no_second_row() -> None:
    """A spreadsheet would run the first, and read the second as another student."""
    for name, shown in (
        ('=HYPERLINK("x")', '\'=HYPERLINK("x")'),
        ("@sum", "'@sum"),
        ("a\nb,3,3", "a b,3,3"),
    ):
        (row,) = table(replace(REPORT, submission=name))
        assert row["submission"] == shown
        assert row["points"] == "2.33"


def test_an_empty_class_is_a_heading() -> None:
    assert class_csv([]) == "submission,student,id,email,late,points,of,waiting,fault\n"
