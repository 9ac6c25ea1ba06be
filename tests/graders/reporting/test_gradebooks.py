"""Tables of platforms are filled in so that they can be imported again, and nothing is guessed."""

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest

from backproof.frontends.cli import ExitCode, main
from backproof.model import BackproofError, QuestionScore, Report, Student
from backproof.reporting import filled, read_gradebook

CANVAS = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Homework 1 (70),Deep Homework (71),Final Score\n"
    ",,,,,Manual Posting,,\n"
    "    Points Possible,,,,,10,3,(read only)\n"
    '"Lovelace, Ada",501,u1,ada,S1,9,1,50\n'
    '"=HYPERLINK(""x"")",502,u2,bob@example.org,S1,,,\n'
    '"Cyd, C",503,501x,cyd,S1,8,2,\n'
    '"Student, Test",504,,,S1,,,\n'
)
WORKSHEET = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
    '"Participant 11","Ada L",ada@example.org,Submitted,-,3.00,Yes,"Monday, 1 June 2026, 10:00 AM",-,\n'
    '"Participant 12",@Bob,bob@example.org,Submitted,,3.00,No,-,-,"<p>well, ""done""</p>"\n'
)
EXPORT = (
    '"First name","Last name","ID number",Institution,Department,"Email address",'
    '"Assignment: Deep Homework (Real)","Assignment: Other (Real)","Course total (Real)"\n'
    "Ada,L,007,,,ada@example.org,-,5.00,5.00\n"
    "Bob,B,008,,,+bob@example.org,-,-,-\n"
)
REPORT = Report(
    assignment="hw",
    assignment_digest="d",
    submission="ada.py",
    submission_digest="s",
    seed="x",
    device="cpu",
    isolation="base",
    versions={},
    results=(),
    questions=(QuestionScore(number="1", title="t", points=2.5, max_points=3, waiting=0),),
    students=(Student(name="lovelaceada", id="501"),),
)
TITLES = ("Deep Homework", "hw")


def report(**changes: object) -> Report:
    waiting = changes.pop("waiting", 0)
    question = replace(REPORT.questions[0], waiting=waiting)
    return replace(REPORT, questions=(question,), **changes)


def of(*students: Student, **changes: object) -> Report:
    return report(students=students, **changes)


def table(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def test_canvas_gets_its_own_columns_back() -> None:
    """Those that say who it is, the homework's, and only rows with a grade."""
    text, left_out = filled(read_gradebook(CANVAS, "Canvas", TITLES, None, 3), [REPORT])

    assert table(text) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "Deep Homework (71)"],
        ["", "", "", "", "", ""],
        ["    Points Possible", "", "", "", "", "3"],
        ["Lovelace, Ada", "501", "u1", "ada", "S1", "2.5"],
    ]
    assert left_out == []


def test_a_students_name_is_no_formula() -> None:
    """Canvas goes by the number."""
    text, _ = filled(
        read_gradebook(CANVAS, "Canvas", TITLES, None, 3),
        [of(Student(email="BOB@example.org"))],
    )

    assert table(text)[3][:2] == ['\'=HYPERLINK("x")', "502"]


def test_whoever_is_not_clear_is_left_out_and_named() -> None:
    """Unknown, could be two, several submissions, waiting, a fault, nobody's: no grade is made up."""
    text, left_out = filled(
        read_gradebook(CANVAS, "Canvas", TITLES, None, 3),
        [
            of(Student(id="999"), submission="unknown.py"),
            of(Student(id="501", email="cyd"), submission="two.py"),
            of(submission="nobody.py"),
            of(Student(id="501"), submission="first.py"),
            of(Student(id="ada"), submission="second.py"),
            of(Student(id="502"), submission="waits.py", waiting=0.5),
            of(Student(id="503"), submission="fault.py", fault="holds a.py and b.py: which\n?"),
        ],
    )

    assert len(table(text)) == 3
    assert sorted(left_out) == [
        "fault.py: holds a.py and b.py: which ?",
        "first.py: one of several by the same student: second.py",
        "nobody.py: nothing says whose it is",
        "two.py: 501 could be several in the table",
        "unknown.py: 999 is not in the table",
        "waits.py: 0.5 points wait for a person",
    ]


def test_a_group_has_one_grade_each() -> None:
    text, _ = filled(
        read_gradebook(CANVAS, "Canvas", TITLES, None, 3),
        [of(Student(id="501"), Student(id="u2"))],
    )

    assert [row[-1] for row in table(text)[3:]] == ["2.5", "2.5"]


def test_semicolons_marks_and_two_name_columns_are_read() -> None:
    """As Canvas exports for some languages."""
    export = "\ufeff" + (
        "LastName;FirstName;ID;SIS Login ID;Section;Deep Homework (71)\n"
        "    Points Possible;;;;;3,0\n"
        "Lovelace;Ada;501;ada;S1;\n"
    )
    text, _ = filled(read_gradebook(export, "Canvas", TITLES, None, 3), [REPORT])

    assert text.startswith("\ufeffLastName;")
    assert table(text, ";")[2] == ["Lovelace", "Ada", "501", "ada", "S1", "2.5"]


def test_a_moodle_worksheet_keeps_everything_but_the_grade() -> None:
    """Its importer compares the dates; a grade that is locked is left out."""
    text, left_out = filled(
        read_gradebook(WORKSHEET, "Moodle", TITLES, None, 3),
        [of(Student(name="Ada L", id="11")), of(Student(id="12"), submission="bob.py")],
    )

    header, ada = table(text)
    assert header == next(csv.reader(io.StringIO(WORKSHEET)))
    assert ada[:6] == ["Participant 11", "Ada L", "ada@example.org", "Submitted", "2.5", "3.00"]
    assert ada[7] == "Monday, 1 June 2026, 10:00 AM"
    assert left_out == ["bob.py: the platform does not let this grade be changed"]


def test_a_moodle_gradebook_has_who_and_the_grade() -> None:
    text, _ = filled(
        read_gradebook(EXPORT, "Moodle", TITLES, None, 3),
        [of(Student(id="007")), of(Student(email="+bob@example.org"))],
    )

    assert table(text) == [
        ["ID number", "Email address", "Assignment: Deep Homework (Real)"],
        ["007", "ada@example.org", "2.5"],
        ["008", "+bob@example.org", "2.5"],
    ]


@pytest.mark.parametrize(
    ("export", "platform", "column", "points", "words"),
    [
        (CANVAS, "Canvas", None, 40, "has 3 points for this column, and the homework has 40"),
        (WORKSHEET, "Moodle", None, 40, "has 3 points"),
        (CANVAS, "Canvas", "Homework 7", 3, "0 columns .* --column: 'Homework 1 .70.', 'Deep"),
        (CANVAS.replace("Homework 1", "Deep Homework"), "Canvas", None, 3, "2 columns"),
        (CANVAS, "Moodle", None, 3, "no export of Moodle"),
        (EXPORT, "Canvas", None, 3, "no export of Canvas"),
        ("", "Canvas", None, 3, "no export"),
        ('a,"b\nc', "Moodle", None, 3, "no export"),
        ("PK\x03\x04", "Canvas", None, 3, "no export"),
    ],
)
def test_what_is_not_clear_is_refused_before_grading(
    export: str, platform: str, column: str | None, points: float, words: str
) -> None:
    with pytest.raises(BackproofError, match=words):
        read_gradebook(export, platform, TITLES, column, points)


def test_a_column_can_be_named() -> None:
    """By its title, or by the whole heading."""
    for column in ("homework 1", "Homework 1 (70)"):
        gradebook = read_gradebook(CANVAS, "Canvas", TITLES, column, 10)
        assert gradebook.header[gradebook.grade] == "Homework 1 (70)"


def test_the_command_fills_in_a_gradebook(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What is refused is refused before anything is graded."""
    monkeypatch.chdir(repository)
    export, out = tmp_path / "export.csv", tmp_path / "out.csv"
    export.write_text(CANVAS.replace("Deep Homework", "first_layers").replace(",10,3,", ",10,40,"))
    (tmp_path / "cyd.py").write_text("x = 1\n")
    grade = ["grade", "first_layers", str(tmp_path / "cyd.py"), "--canvas", str(export), str(out)]

    assert main([*grade, "--exit-zero"]) == ExitCode.OK
    assert table(out.read_text())[-1] == ["Cyd, C", "503", "501x", "cyd", "S1", "0"]

    out.unlink()
    assert main([*grade, "--column", "Homework 1"]) == ExitCode.USAGE
    assert "export.csv' has 10 points" in capsys.readouterr().err
    assert not out.exists()
