"""A course of thirteen: nbgrader's own commands from nothing to grades, against a checked-in table.

`course_table.csv` says what each student has at the end, whichever command has graded the class and
whichever database holds the gradebook.
"""

import csv
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from nbclass import HOMEWORK, LATE, MARKED, copied, handed_in
from nbgrader.api import Gradebook
from postgres import postgres

TABLE = Path(__file__).with_name("course_table.csv")


def expected_table():
    with TABLE.open(newline="") as file:
        return list(csv.reader(file))[1:]


def test_nbgraders_own_commands_give_the_table(by_nbgrader):
    assert by_nbgrader[0].table(MARKED) == expected_table()


def test_our_command_gives_the_same_table(by_backproof):
    assert by_backproof[0].table(MARKED) == expected_table()


def test_a_gradebook_on_postgresql_gives_the_same_table(assignments, tmp_path):
    """The whole way, from `course init` to the CSV, on a server."""
    with postgres() as database:
        config = f"{LATE}c.CourseDirectory.db_url = {database!r}\n"
        course = handed_in(tmp_path / "course", assignments, config, database)
        assert not (course.root / "gradebook.db").exists()
        course.run("autograde", HOMEWORK, "--student", "late")
        course.run("autograde", HOMEWORK, program="backproof")
        course.run("generate_feedback", HOMEWORK, "--student", "wrong")
        course.run("export")
        assert course.table(MARKED) == expected_table()
        assert "likely cause:" in course.feedback("wrong")


@pytest.mark.parametrize("graded", ["by_nbgrader", "by_backproof"])
def test_there_is_one_line_for_each_student_and_then_a_table(graded, request):
    """Nothing else is printed: no warning that means nothing, nobody twice."""
    _, printed = request.getfixturevalue(graded)
    lines = [re.sub(r"^\[.*?\] (backproof: )?", "", line) for line in printed.splitlines()]
    lines = [line for line in lines if line.strip()]
    table = lines.index("needs a person:")
    one_each = {"broken", "deleted", "foreign", "hostile", "late", "linking", "odd", "right"}
    one_each |= {"stub", "words", "wrong"}
    assert {re.sub(r"^ *[0-9.]+/10  (\w+): .*", r"\1", line) for line in lines[:table]} == one_each
    assert table == len(one_each)
    rows = [re.sub(" +", " ", line.strip()) for line in lines[table + 1 :]]
    assert "misnamed holds no tiny.ipynb, but tiny (1).ipynb" in rows
    assert "odd also holds tiny-Copy1.ipynb, which was not graded" in rows
    assert "linking key.txt is no plain file: left out" in rows
    assert "linking timestamp.txt is no time: whether it was late is not known" in rows
    assert "deleted essay was not found" in rows
    assert "right to be marked in formgrader: 2, essay" in rows
    assert not any(row.startswith(("stub", "missing")) for row in rows)


def test_nothing_that_a_link_points_to_is_handed_back(by_nbgrader, by_backproof):
    """Neither the instructor's notebook nor the gradebook are copied on from a student's folder."""
    for course, _ in (by_nbgrader, by_backproof):
        for step in ("autograded", "feedback"):
            held = {path.name for path in (course.root / step / "linking").rglob("*")}
            assert not held & {"key.txt", "book.db", "pipe"}
        assert (course.root / "autograded" / "odd" / HOMEWORK / "notes.txt").is_file()


def test_both_commands_write_the_same_notebooks(by_nbgrader, by_backproof):
    """Explanations included: it is the same bridge."""
    for path in (by_nbgrader[0].root / "autograded").rglob("*.ipynb"):
        other = by_backproof[0].root / path.relative_to(by_nbgrader[0].root)
        assert json.loads(path.read_text()) == json.loads(other.read_text())


def test_feedback_explains_and_runs_nothing(by_backproof):
    """The misconception is named; a student's text is shown as text."""
    course, _ = by_backproof
    assert "whether an entry passes depends" in course.feedback("wrong")
    assert "not a notebook" in course.feedback("broken")
    for student in ("hostile", "wrong", "broken"):
        page = course.feedback(student)
        assert "<script>steal" not in page
        assert "<img src=x" not in page


def test_manual_marks_and_extra_credit_stay_when_it_is_graded_again(by_backproof, tmp_path):
    """--force writes our points anew and leaves what a person gave."""
    course = copied(by_backproof[0], tmp_path / "course")
    with Gradebook(course.database) as gradebook:
        essay = gradebook.find_grade("essay", HOMEWORK, HOMEWORK, "words")
        essay.manual_score, essay.needs_manual_grade = 2.5, False
        code_grade = gradebook.find_grade("q1", HOMEWORK, HOMEWORK, "words")
        code_grade.extra_credit, code_grade.auto_score = 1, 4
        gradebook.db.commit()
    printed = course.run(
        "autograde", HOMEWORK, "--force", "--student", "words", program="backproof"
    )
    assert "words" in printed
    with Gradebook(course.database) as gradebook:
        essay = gradebook.find_grade("essay", HOMEWORK, HOMEWORK, "words")
        code_grade = gradebook.find_grade("q1", HOMEWORK, HOMEWORK, "words")
        assert (essay.manual_score, essay.score) == (2.5, 2.5)
        assert (code_grade.auto_score, code_grade.extra_credit, code_grade.score) == (0, 1, 1)


def test_what_is_graded_is_not_graded_again(by_nbgrader):
    """As nbgrader does; who is to be graded still is not lost."""
    course, _ = by_nbgrader
    before = (course.root / "gradebook.db").read_bytes()
    printed = course.run("autograde", HOMEWORK, "--student", "right", program="backproof")
    assert "nothing to grade" in printed
    assert (course.root / "gradebook.db").read_bytes() == before


def has_open(pid, name):
    """Whether a process has a file of this name open now."""
    with suppress(OSError):  # it has closed one, or has ended, meanwhile
        files = [os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir()]
        return any(file.endswith(f"/{name}") for file in files)
    return False


def test_a_gradebook_that_somebody_writes_to_is_waited_for(ungraded, tmp_path):
    """Stock nbgrader gives up after five seconds, and ends the whole run."""
    course = copied(ungraded, tmp_path / "course")
    writer = sqlite3.connect(course.root / "gradebook.db", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    arguments = ["autograde", HOMEWORK, "--student", "right"]
    running = subprocess.Popen(
        [sys.executable, "-m", "backproof.frontends.cli", *arguments],
        cwd=course.root,
        env=course.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    waited, until = 0.0, time.monotonic() + 240
    while waited < 8 and running.poll() is None and time.monotonic() < until:
        time.sleep(0.5)
        waited = waited + 0.5 if has_open(running.pid, "gradebook.db") else 0.0
    assert waited >= 8, "it has not waited for us, or has not come so far"
    writer.execute("ROLLBACK")
    writer.close()
    printed, _ = running.communicate(timeout=300)
    assert running.returncode == 0, printed
    assert "right" in printed
