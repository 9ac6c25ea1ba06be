"""Assignments that know nothing of backproof, in a course with it: as in a course without."""

import copy
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from nbcourse import Course, code_cell, mark_of, notebook

from backproof.loading.assignments import assignments_root

PLAIN = "ps1"
OURS = "from backproof.frontends.nbgrader import configure\n\nconfigure(get_config())\n"
SOURCE = notebook(
    code_cell(
        "def f(x):\n    ### BEGIN SOLUTION\n    return 2 * x\n    ### END SOLUTION",
        grade_id="f",
        solution=True,
    ),
    code_cell("assert f(1) == 2", grade_id="seen", grade=True, locked=True, points=1),
    code_cell(
        "assert f(0) == 0\n### BEGIN HIDDEN TESTS\nassert f(3) == 6\n### END HIDDEN TESTS",
        grade_id="hidden",
        grade=True,
        locked=True,
        points=2,
    ),
    code_cell(
        "1.5 if f('a') == 'aa' else 0.5", grade_id="part", grade=True, locked=True, points=1.5
    ),
    {
        "cell_type": "markdown",
        "source": "Why?",
        "metadata": {
            "nbgrader": {
                **{"grade": True, "solution": True, "locked": False, "task": False},
                **{"schema_version": 3, "grade_id": "why", "points": 3},
            }
        },
    },
)
ANSWERS = {
    "half": "def f(x):\n    return 2 * x if x != 3 else 0",
    "right": "def f(x):\n    return 2 * x",
    "wrong": "def f(x):\n    return x + 1",
}


def answered(released, text):
    nb = copy.deepcopy(released)
    nb["cells"][0]["source"] = text
    nb["cells"][-1]["source"] = "Because."
    return nb


def copied_cell(right):
    nb = copy.deepcopy(right)
    nb["cells"].append(copy.deepcopy(nb["cells"][0]))
    return nb


def of_another_schema(right, version):
    nb = copy.deepcopy(right)
    for cell in nb["cells"]:
        mark_of(cell)["schema_version"] = version
    return nb


def generated(root, config):
    course = Course(root, assignments_root().resolve(), PLAIN)
    # Plain nbgrader needs its environment to be active.
    course.environment["PATH"] = f"{Path(sys.executable).parent}:{course.environment['PATH']}"
    root.mkdir()
    (root / "nbgrader_config.py").write_text(config)
    course.write("source", SOURCE)
    course.run("generate_assignment", PLAIN)
    return course


@pytest.fixture(scope="module")
def courses(tmp_path_factory):
    """The same class in a course without backproof, and in one with it, where some are broken."""
    root = tmp_path_factory.mktemp("plain")
    without, with_ = generated(root / "without", ""), generated(root / "with", OURS)
    released = without.notebook("release")
    for student, text in ANSWERS.items():
        for course in (without, with_):
            course.submit(student, answered(released, text))
    right = answered(released, ANSWERS["right"])
    with_.submit("a_copy", copied_cell(right))
    with_.submit("a_new_schema", of_another_schema(right, 77))
    with_.submit("an_old_schema", of_another_schema(right, 1))
    with_.submit("broken", "{ no notebook")
    without.run("autograde", PLAIN)
    printed = with_.run("autograde", PLAIN, code=1)
    for course in (without, with_):
        course.run("export")
    return without, with_, printed


def test_students_are_handed_the_same(courses):
    """Solutions and hidden tests are cleared, and nothing else."""
    without, with_, _ = courses
    assert without.notebook("release") == with_.notebook("release")
    assert "YOUR CODE HERE" in with_.path("release").read_text()
    assert "HIDDEN" not in with_.path("release").read_text()


@pytest.mark.parametrize("student", ANSWERS)
def test_honest_work_has_the_scores_of_plain_nbgrader(courses, student):
    """Points, what waits for a person, and the CSV."""
    without, with_, _ = courses
    grades = with_.grades(student)
    assert grades == without.grades(student)
    assert grades["hidden"][0] == {"half": 0, "right": 2, "wrong": 0}[student]
    assert grades["why"][2]
    ours, theirs = with_.exported()[student], without.exported()[student]
    assert ours | {"timestamp": ""} == theirs | {"timestamp": ""}


def test_a_copied_cell_or_another_schema_fails_alone(courses):
    """Plain nbgrader ends the batch at the first of them; here they are named at the end."""
    _, with_, printed = courses
    failed = printed.rpartition("could not be graded: ")[2]
    for student in ("a_copy", "a_new_schema", "an_old_schema", "broken"):
        assert student in failed
        assert not with_.path("autograded", student).exists()
    assert with_.path("autograded", "wrong").exists()
