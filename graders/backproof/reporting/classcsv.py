"""A class as one table: a row for each submission, a column for each question."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from backproof.model import Report
from backproof.reporting.text import one_line, points

FORMULA = ("=", "+", "-", "@")
"""What a spreadsheet would run: names come from whoever handed in."""


def class_csv(reports: Sequence[Report]) -> str:
    """The table as CSV, of one homework; points with two digits, waiting points on their own."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    numbers = [question.number for question in reports[0].questions] if reports else []
    of_all = ["submission", "student", "id", "email", "late", "points", "of", "waiting", "fault"]
    table.writerow([*of_all, *numbers])
    for report in reports:
        earned = {question.number: points(question.points) for question in report.questions}
        table.writerow(
            [
                _text(report.submission),
                *(_text(listed(report, name)) for name in ("name", "id", "email")),
                "" if report.late is None else "yes" if report.late else "no",
                points(report.points),
                points(report.max_points),
                points(report.waiting),
                _text(report.fault or ""),
                *(earned[number] for number in numbers),
            ]
        )
    return text.getvalue()


def listed(report: Report, name: str) -> str:
    """One thing about all who handed in: their names, say."""
    return "; ".join(filter(None, (getattr(student, name) for student in report.students)))


def _text(text: str) -> str:
    shown = one_line(text)
    return f"'{shown}" if shown.startswith(FORMULA) else shown
