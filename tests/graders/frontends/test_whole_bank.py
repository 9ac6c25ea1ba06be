"""One course with every homework of the bank: handed out, handed in, graded."""

import re

import numpy as np
import pytest

pytest.importorskip("nbgrader")

from nbcourse import SECRET, Course, solved
from nbgrader.api import Gradebook

from backproof.answer_key import AnswerKey
from backproof.loading import load_assignment
from backproof.loading.assignments import assignments_root

NAMES = sorted(path.parent.name for path in assignments_root().glob("*/assignment.toml"))
FAST = {"eecs182_hw4", "first_layers"}
WAITING = re.compile(r"of the missing points, ([0-9.]+) points? waits? for a person")


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    course = Course(tmp_path_factory.mktemp("bank") / "course", assignments_root().resolve(), "")
    course.root.mkdir()
    course.run("course", "init", ".", program="backproof")
    return course


def generated(course, name):
    """The course at one of its homeworks, which is handed out."""
    course.homework = name
    if not course.path("release").exists():
        course.run("generate_assignment", name)
    return course


def test_every_homework_of_the_bank_becomes_an_assignment(course):
    """What students get of each holds nothing that is hidden, and is worth what it says."""
    assert [path.name for path in sorted((course.root / "source").iterdir())] == NAMES
    for name in NAMES:
        held = {path.name for path in generated(course, name).path("release").parent.iterdir()}
        assert held == {f"{name}.ipynb", "public_cases.json", "README.md"}
    with Gradebook(course.database) as gradebook:
        for assignment in gradebook.assignments:
            worth = load_assignment(assignments_root() / assignment.name).points
            assert assignment.max_score == pytest.approx(worth)


def hand_in_weights(course, student, assignment):
    """The files of weights that go with the reference solution."""
    key, folder = AnswerKey(SECRET), course.path("submitted", student).parent
    for problem in assignment.problems:
        for check in problem.checks:
            if name := check.probe.weights:
                arrays = key.case_key(problem, check, check.cases[0]).inputs[name]
                np.savez(folder / f"{assignment.name}.{name}.npz", **arrays)


@pytest.mark.parametrize(
    "name", [name if name in FAST else pytest.param(name, marks=pytest.mark.slow) for name in NAMES]
)
def test_the_reference_earns_everything_and_the_stub_nothing(course, name):
    """Of every question, all points that no person gives."""
    assignment = load_assignment(assignments_root() / name)
    released = generated(course, name).notebook("release")
    course.submit("right", solved(released, assignment))
    hand_in_weights(course, "right", assignment)
    course.submit("stub", released)
    course.run("autograde", name, "--jobs", "2", program="backproof")
    right, texts = course.grades("right"), course.explanations("right")
    for question in assignment.questions:
        auto, _, waits = right[question.grade_id]
        left = WAITING.search(texts[question.grade_id])
        assert waits == (left is not None)
        missing = float(left[1]) if left else 0
        assert auto + missing == pytest.approx(question.points, abs=0.01), question.number
    assert {auto for auto, _, _ in course.grades("stub").values()} == {0}
