"""From an empty directory to a graded class of three: the commands of the README, as they stand."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from nbcourse import Course, solved

from backproof.loading import load_assignment
from backproof.loading.assignments import assignments_root

HOMEWORK = "tehran_hw2"
WRONG = {"detached_mean", "flipped_kernel"}


def commands_of(text):
    """The commands of the README's block that founds a course."""
    block = next(b for b in re.findall(r"```\n(.*?)```", text, re.DOTALL) if "course init" in b)
    return [line.partition("#")[0].strip() for line in block.strip().splitlines()]


def entries_of(text):
    """Commands of the transcript, each with what it printed."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    entries = []
    for line in "".join(blocks).splitlines():
        if line.startswith("$ "):
            entries.append((line[2:], []))
        else:
            entries[-1][1].append(line)
    return entries


@pytest.fixture(scope="module")
def commands(repository):
    return commands_of((repository / "README.md").read_text("utf-8"))


@pytest.fixture(scope="module")
def transcript(repository):
    return (repository / "docs" / "first_course.md").read_text("utf-8")


@pytest.fixture(scope="module")
def session(commands, tmp_path_factory):
    """The class of three after all commands, and what each printed, in an empty directory."""
    root = tmp_path_factory.mktemp("empty")
    course = Course(root / "course", assignments_root().resolve(), HOMEWORK)
    course.environment["PATH"] = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    place, printed = root, {}
    for number, command in enumerate(commands):
        if number == 2:
            hand_in(course)
        done = subprocess.run(
            ["bash", "-c", f"{command} && pwd > '{root}/place'"],
            cwd=place,
            env=course.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        assert done.returncode == 0, done.stdout
        place = (root / "place").read_text().strip()
        printed[command] = done.stdout
    return course, printed


def hand_in(course):
    released = course.notebook("release")
    assignment = load_assignment(assignments_root() / HOMEWORK)
    mutants = [mutant for problem in assignment.problems for mutant in problem.mutants]
    course.submit("ada", solved(released, assignment))
    course.submit("bob", solved(released, assignment, [m for m in mutants if m.id in WRONG]))
    course.submit("cy", released)


def test_there_are_five_commands(commands):
    assert len(commands) == 5
    assert [command.split()[0] for command in commands] == [
        *("backproof", "nbgrader", "backproof", "nbgrader", "nbgrader")
    ]


def test_three_students_have_grades_and_feedback(session):
    """Whatever needs no person is marked; each has a page and a row of the table."""
    course, _ = session
    with (course.root / "grades.csv").open(newline="") as file:
        scores = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert scores.keys() == {"ada", "bob", "cy"}
    assert scores["ada"] > scores["bob"] > scores["cy"] == 0
    for student in scores:
        assert "checked" in course.feedback(student)


def test_the_transcript_is_of_these_commands(commands, transcript):
    assert [
        entry for entry, _ in entries_of(transcript) if not entry.startswith("find")
    ] == commands


def head_of(line):
    """A line without points and questions, which change with the homework."""
    return re.sub("[0-9.]+", "0", line.partition(": ")[0].strip())


def test_the_transcript_says_what_our_commands_print(session, transcript):
    """Line by line; those of nbgrader have places and sizes in them."""
    said = dict(entries_of(transcript))
    for command, printed in session[1].items():
        if command.startswith("backproof"):
            lines = [head_of(line) for line in printed.splitlines()]
            assert [head_of(line) for line in said[command]] == lines, command


def test_the_transcript_names_no_machine(transcript):
    assert not re.search(r"(?<![\w.])/(tmp|root|home|work|usr|opt|var)\b", transcript)
