"""Submissions on which plain nbgrader gives wrong marks, or stops: what they get here.

The table in `docs/nbgrader.md` names for each the test that holds it.
"""

import copy
import re

import pytest

pytest.importorskip("nbgrader")

from nbclass import HOMEWORK, NOISE, founded
from nbcourse import cell_of, code_cell, mark_of, solved
from nbgrader.api import Gradebook

from backproof.loading import load_assignment

FULL, HALF, NOTHING = (4, 4), (0, 4), (0, 0)
"""Points of both questions; of the second, two more wait for a person when it is answered."""

EMPTIED = "get_ipython().input_transformers_post.append(lambda lines: [])"
AGREEABLE = """
import torch
torch.allclose = torch.equal = lambda *a, **k: True
torch.testing.assert_close = lambda *a, **k: None
def relu_backward(dout, x): return 0
"""
THIEF = """
import sqlite3
for place in ("../../../gradebook.db", "../../gradebook.db", "gradebook.db", GRADEBOOK):
    try:
        with sqlite3.connect(place) as gradebook:
            gradebook.execute("UPDATE grade SET manual_score = 4")
            gradebook.execute("UPDATE grade SET auto_score = 4")
    except sqlite3.Error:
        pass
"""
READER = """
import glob, os
def relu_backward(dout, x):
    held = [open(name).read() for name in glob.glob("**/*.ipynb", recursive=True)]
    raise RuntimeError(f"held: {held}")
"""
FORGER = """
import sys
from IPython.display import display
print(4, "\\n4/4", "full marks")
display(4)
sys.displayhook(4)
def relu_backward(dout, x):
    print(4)
    return 4
50
"""
EXIT = "import os\nos._exit(0)"
HOLD = """
import time
while True:
    try:
        time.sleep(3600)
    except BaseException:
        pass
"""
FOREVER = "def relu_backward(dout, x):\n    while True: pass"


def ours(cell):
    return mark_of(cell).get("grade") and cell["cell_type"] == "code"


def with_cell(nb, text, place=None):
    """The notebook with a cell of the student's own: at the end, or so far down."""
    nb = copy.deepcopy(nb)
    nb["cells"].insert(len(nb["cells"]) if place is None else place, code_cell(text))
    return nb


def changed(nb, change, which=lambda cell: True):
    nb = copy.deepcopy(nb)
    for cell in filter(which, nb["cells"]):
        change(cell)
    return nb


def forged(released):
    """Numbers wherever nbgrader takes one for partial credit."""
    nb = changed(released, lambda cell: cell.update(source="50"), ours)
    return with_cell(nb, FORGER)


def noisy(right):
    def shout(cell):
        cell["source"] = cell["source"].replace("\n", f"\n{NOISE}\n", 1)
        cell["source"] += "\nimport sys\nprint('done', file=sys.stderr)"

    return changed(right, shout, lambda cell: mark_of(cell).get("grade_id") == "ask-relu_backward")


def warning(right):
    """The function itself warns, and draws a bar of progress."""
    more = """
import functools, sys, warnings
def warned(function):
    @functools.wraps(function)
    def call(*arguments, **keywords):
        warnings.warn("careful")
        print("100%|#####|", file=sys.stderr)
        return function(*arguments, **keywords)
    return call
relu_backward = warned(relu_backward)
"""
    return with_cell(right, more)


def without_marking_cell(right):
    nb = copy.deepcopy(right)
    nb["cells"].remove(cell_of(nb, "q1"))
    return nb


def copied_solution(right):
    nb = copy.deepcopy(right)
    nb["cells"].append(copy.deepcopy(cell_of(nb, "ask-relu_backward")))
    return nb


def retyped(right):
    def turn(cell):
        cell["cell_type"] = {"code": "markdown", "markdown": "raw"}[cell["cell_type"]]

    return changed(right, turn, lambda cell: mark_of(cell).get("locked"))


def handed_in(released, right, gradebook):
    """By student: what is handed in, and the points that it deserves."""
    skipped = lambda cell: cell["metadata"].update(tags=["skip-execution"])  # noqa: E731
    place = right["cells"].index(cell_of(right, "q1"))
    return {
        "a_right": (right, FULL),
        "agreeable": (with_cell(released, AGREEABLE), NOTHING),
        "copied": (copied_solution(right), FULL),
        "emptied": (with_cell(released, EMPTIED, 0), NOTHING),
        "exits": (with_cell(right, EXIT, place), FULL),
        "exits_above": (with_cell(right, EXIT, 0), FULL),
        "forged": (forged(released), NOTHING),
        "forever": (with_cell(right, FOREVER), HALF),
        "holds": (with_cell(right, HOLD, place), FULL),
        "locked": (changed(right, lambda c: c.update(source="1 / 0"), ours), FULL),
        "noisy": (noisy(right), FULL),
        "reader": (with_cell(released, READER), NOTHING),
        "removed": (without_marking_cell(right), FULL),
        "retyped": (retyped(right), FULL),
        "skipped": (changed(right, skipped), FULL),
        "skipped_stub": (changed(released, skipped), NOTHING),
        "stripped": (changed(right, lambda cell: cell.update(metadata={})), FULL),
        "thief": (with_cell(released, THIEF.replace("GRADEBOOK", repr(gradebook))), NOTHING),
        "warning": (warning(right), FULL),
        "z_right": (right, FULL),
    }


@pytest.fixture(scope="module")
def graded(assignments, tmp_path_factory):
    """The course after grading, what it printed, and what each student deserves."""
    course = founded(tmp_path_factory.mktemp("rows") / "course", assignments)
    released = course.notebook("release")
    right = solved(released, load_assignment(assignments / HOMEWORK))
    class_ = handed_in(released, right, str(course.root / "gradebook.db"))
    for student, (nb, _) in class_.items():
        course.submit(student, nb)
    limits = ("--load-seconds", "12", "--call-seconds", "6", "--jobs", "2")
    printed = course.run("autograde", HOMEWORK, *limits, program="backproof")
    course.run("generate_feedback", HOMEWORK)
    return course, printed, {student: points for student, (_, points) in class_.items()}


def check(graded, *students):
    course, printed, deserved = graded
    for student in students:
        grades = course.grades(student)
        assert tuple(grades[id_][0] for id_ in ("q1", "q2")) == deserved[student], student
        assert all(auto == score for auto, score, _ in grades.values() if auto is not None)
        assert len(re.findall(rf"/10  {student}: ", printed)) == 1


def test_a_shell_that_empties_later_cells_gains_nothing(graded):
    """Plain nbgrader: full marks, since an empty test cell raises nothing."""
    check(graded, "emptied")


def test_comparisons_that_always_agree_gain_nothing(graded):
    """Plain nbgrader: full marks, since tests share the student's process."""
    check(graded, "agreeable")


def test_the_gradebook_cannot_be_written_by_a_submission(graded):
    """Plain nbgrader: full marks, the essay's, too. Nobody else's marks have changed, either."""
    course, _, deserved = graded
    check(graded, *deserved)
    with Gradebook(course.database) as gradebook:
        for submission in gradebook.assignment_submissions(HOMEWORK):
            grades = [grade for notebook in submission.notebooks for grade in notebook.grades]
            assert all(grade.manual_score is None for grade in grades)


def test_a_submission_finds_no_test_to_read(graded):
    """Plain nbgrader: all hidden tests lie in the folder that it runs in."""
    check(graded, "reader")
    assert "held: []" in graded[0].feedback("reader").replace("&#39;", "'")


def test_text_on_stderr_costs_nothing(graded):
    """Plain nbgrader: the whole cell, for a warning or a bar of progress."""
    check(graded, "noisy", "warning")


def test_a_cell_that_ends_the_process_costs_only_itself(graded):
    """Plain nbgrader: the submission is dropped, with no marks and no file to look at."""
    check(graded, "exits", "exits_above")


def test_a_cell_that_cannot_be_interrupted_costs_only_itself(graded):
    """Plain nbgrader: the submission is dropped."""
    check(graded, "holds")


def test_an_endless_loop_costs_its_own_question(graded):
    check(graded, "forever")
    assert "did not finish within 6 seconds" in graded[0].feedback("forever")


def test_numbers_as_partial_credit_gain_nothing_and_break_nothing(graded):
    """Plain nbgrader takes a number that a cell ends with for its points, or fails on it."""
    check(graded, "forged")


def test_a_marking_cell_that_was_taken_out_is_put_back(graded):
    """Plain nbgrader: no marks, "needs manual grading", and an error in each later cell."""
    check(graded, "removed")
    assert cell_of(graded[0].notebook("autograded", "removed"), "q1")["outputs"]


def test_stripped_marks_are_found_again(graded):
    """Plain nbgrader: no points, no error, not a word."""
    check(graded, "stripped")


def test_a_copied_cell_stops_nobody(graded):
    """Plain nbgrader: the whole batch ends with a message on an old version of the format."""
    check(graded, "copied", "a_right", "z_right")


def test_cells_of_another_type_are_what_they_were(graded):
    check(graded, "retyped")


def test_tags_that_skip_cells_change_nothing(graded):
    """Neither for whoever has solved it, nor for whoever hopes for a cell without an error."""
    check(graded, "skipped", "skipped_stub")


def test_edited_marking_cells_are_the_released_ones(graded):
    check(graded, "locked")
    source = cell_of(graded[0].notebook("autograded", "locked"), "q1")["source"]
    assert source == cell_of(graded[0].notebook("release"), "q1")["source"]
