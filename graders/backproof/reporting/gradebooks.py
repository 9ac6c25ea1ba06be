"""A platform's own table of grades, filled in so that it can be imported again.

The table that the platform exports says which students and columns it knows; only what is certain
is written. Whoever cannot be found in it, whoever still waits for a person, and whoever has several
submissions, is left out and named, so that no grade is guessed and none is overwritten.

* Canvas, "Export Entire Gradebook": the columns up to `Section`, and one for each assignment,
  `Homework 2 (12345)`. A row that is left out leaves its student's grade alone; an empty grade
  would delete it (lib/gradebook_importer.rb of canvas-lms).
* Moodle, "Download grading worksheet" of an assignment: `Identifier` (`Participant 123`), `Grade`
  and the date of the last change have to be there (mod/assign/feedback/offline of moodle).
* Moodle, "Export as plain text file" of all grades: `Email address`, and one column for each
  activity.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from backproof.model import BackproofError, Report, Student
from backproof.reporting.classcsv import FORMULA
from backproof.reporting.text import one_line, points

_CANVAS_IDS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID")
_MOODLE_IDS = ("Identifier", "ID number", "Username", "Email address")
_MAXIMUM = ("Maximum grade", "Maximum Grade")
_ADDRESS = re.compile(r"[\w.+-]+@[\w.-]+")


@dataclass(frozen=True, kw_only=True, slots=True)
class Gradebook:
    """A table that a platform has exported.

    grade: the column to be filled in. kept: all columns that are written. ids: columns that say
    who somebody is.
    """

    platform: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    heading_rows: Sequence[Sequence[str]]
    delimiter: str
    grade: int
    kept: Sequence[int]
    ids: Sequence[int]
    marked: bool
    """Whether the file begins with a byte-order mark."""


def read_gradebook(
    text: str, platform: str, titles: Iterable[str], column: str | None, max_points: float
) -> Gradebook:
    """Read an export of "Canvas" or "Moodle".

    titles: names of the homework, one of which its column should have, unless `column` names that.

    Raises:
        BackproofError: it is no such export, or its column or its points are not clear.
    """
    marked, text = text.startswith("\ufeff"), text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = [line for line in csv.reader(io.StringIO(text), delimiter=delimiter) if any(line)]
    except csv.Error as error:
        raise BackproofError(f"is no table: {error}") from error
    header = [cell.strip() for cell in lines[0]] if lines else []
    width = len(header)
    rows = [[*line, *[""] * (width - len(line))][:width] for line in lines[1:]]
    names = _CANVAS_IDS if platform == "Canvas" else _MOODLE_IDS
    ids = [header.index(name) for name in names if name in header]
    own = header.index("Section") if "Section" in header else -1
    is_canvas = {"ID", "Section"} <= set(header)
    if not ids or (platform == "Canvas") != is_canvas:
        raise BackproofError(
            f"is no export of {platform}'s grades: its first row is {first[:80]!r}"
        )
    heading_rows = [row for row in rows if platform == "Canvas" and not row[header.index("ID")]]
    worksheet = platform == "Moodle" and {"Identifier", "Grade"} <= set(header)
    if worksheet and column is None:
        grade = header.index("Grade")
    else:
        grade = _column(header, range(own + 1, width), titles, column)
    _check_maximum(header, rows, heading_rows, grade, max_points)
    return Gradebook(
        platform=platform,
        header=header,
        rows=[row for row in rows if row not in heading_rows],
        heading_rows=heading_rows,
        delimiter=delimiter,
        grade=grade,
        kept=range(width) if worksheet else [*(range(own + 1) if is_canvas else ids), grade],
        ids=ids,
        marked=marked,
    )


def _column(
    header: Sequence[str], able: Iterable[int], titles: Iterable[str], column: str | None
) -> int:
    """The column of the homework: `Homework 2 (12345)`, `Assignment: Homework 2 (Real)`."""
    wanted = {title.casefold() for title in ([column] if column else titles)}
    able = [n for n in able if header[n] not in _MOODLE_IDS]
    found = [n for n in able if {header[n].casefold(), _title(header[n])} & wanted]
    if len(found) != 1:
        listed = ", ".join(repr(header[n]) for n in able[:12])
        raise BackproofError(
            f"has {len(found)} columns for {' or '.join(sorted(wanted))}: say which one it is with "
            f"--column: {listed}"
        )
    return found[0]


def _title(heading: str) -> str:
    title = re.sub(r"\s*\([^()]*\)\s*$", "", heading)
    return title.removeprefix("Assignment:").strip().casefold()


def _check_maximum(
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    heading_rows: Sequence[Sequence[str]],
    grade: int,
    max_points: float,
) -> None:
    """Points are written as they are: the platform must mean the same by them."""
    told = {row[grade] for row in heading_rows if "Points Possible" in row[0]}
    for name in _MAXIMUM:
        if name in header and header[grade] == "Grade":
            told |= {row[header.index(name)] for row in rows}
    for text in told:
        try:
            maximum = float(text.replace(",", "."))
        except ValueError:  # "(read only)" and the like
            continue
        if abs(maximum - max_points) > 0.005:
            raise BackproofError(
                f"has {points(maximum)} points for this column, and the homework has "
                f"{points(max_points)}: change one of them"
            )


def filled(gradebook: Gradebook, reports: Iterable[Report]) -> tuple[str, list[str]]:
    """The table with the points of these reports, and who is not in it, each with the reason."""
    grades: dict[int, list[Report]] = defaultdict(list)
    left_out = []
    known = _index(gradebook)
    for report in reports:
        if not report.students:
            left_out.append(f"{report.submission}: nothing says whose it is")
        for student in report.students:
            try:
                own_row = _row(known, student)
                grades[own_row].append(replace(report, results=()))  # they would fill the memory
            except BackproofError as error:
                left_out.append(f"{report.submission}: {student} {error}")
    text = io.StringIO()
    table = csv.writer(text, delimiter=gradebook.delimiter, lineterminator="\r\n")
    for line in (gradebook.header, *gradebook.heading_rows):
        table.writerow([line[n] for n in gradebook.kept])
    for number, row in enumerate(gradebook.rows):
        if not (own := grades.get(number)):
            continue
        if reason := _open(gradebook, row, own):
            left_out.append(f"{own[0].submission}: {reason}")
            continue
        table.writerow(
            points(own[0].points) if n == gradebook.grade else _cell(row[n]) for n in gradebook.kept
        )
    mark = "\ufeff" if gradebook.marked else ""
    return mark + text.getvalue(), [one_line(sentence) for sentence in left_out]


def _index(gradebook: Gradebook) -> Mapping[str, set[int]]:
    """Rows by everything that may say who their student is."""
    known: dict[str, set[int]] = defaultdict(set)
    for number, row in enumerate(gradebook.rows):
        for column in gradebook.ids:
            value = row[column].strip().casefold()
            if gradebook.header[column] == "Identifier":
                value = value.rpartition(" ")[2]
            if value:
                known[value].add(number)
    return known


def _row(known: Mapping[str, set[int]], student: Student) -> int:
    named = {text.strip().casefold() for text in (student.id, student.email)} - {""}
    found = set().union(*(known.get(text, set()) for text in named))
    if len(found) == 1:
        return found.pop()
    raise BackproofError("is not in the table" if not found else "could be several in the table")


def _open(gradebook: Gradebook, row: Sequence[str], own: Sequence[Report]) -> str:
    """Why a person has to decide on this grade; "" if it is decided."""
    changeable = dict(zip(gradebook.header, row, strict=True)).get("Grade can be changed", "Yes")
    if len(own) > 1:
        return "one of several by the same student: " + ", ".join(r.submission for r in own[1:])
    if own[0].fault:
        return own[0].fault
    if own[0].waiting:
        return f"{points(own[0].waiting)} points wait for a person"
    return "" if changeable == "Yes" else "the platform does not let this grade be changed"


def _cell(text: str) -> str:
    """A cell of the platform's, which no spreadsheet takes for a formula: students choose names."""
    return f"'{text}" if text.startswith(FORMULA) and not _ADDRESS.fullmatch(text) else text
