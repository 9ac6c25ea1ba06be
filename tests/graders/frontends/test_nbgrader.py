"""An nbgrader course that grades backproof's notebooks, through nbgrader's own commands."""

import copy
import json
import re
import shutil

import pytest

pytest.importorskip("nbgrader")

import nbformat
from leaks import hidden_numbers
from nbclass import NOISE, cheating
from nbcourse import SECRET, Course, code_cell, mark_of, notebook, solved
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.preprocessors import ClearSolutions, Execute, SaveAutoGrades
from traitlets.config import Config

from backproof.answer_key import AnswerKey
from backproof.frontends.nbgrader import KeepStubs, configure
from backproof.grading import grade
from backproof.loading import load_assignment, read_submission
from backproof.loading.assignments import assignments_root
from backproof.model import BackproofError
from backproof.sandbox import Isolated

HOMEWORK = "first_layers"
CONFIG = "from backproof.frontends.nbgrader import configure\n\nconfigure(c)\n"

CHEAT = """
import atexit, os, sqlite3, sys, torch
torch.testing.assert_close = lambda *a, **k: None
torch.allclose = torch.equal = lambda *a, **k: True
sys.displayhook("full marks"); sys.displayhook(5)
get_ipython().input_transformers_post.append(lambda lines: [])
atexit.register(os._exit, 0)
try:
    with sqlite3.connect(GRADEBOOK) as gradebook:
        gradebook.execute("UPDATE grade SET manual_score = 9")
except sqlite3.Error:
    pass
def batchnorm_forward(x, gamma, beta, eps=1e-5):
    os._exit(0)
def conv2d_forward(*args, **kwargs):
    raise RuntimeError("<script>steal()</script>")
def dropout(*args, **kwargs):
    sys.exit(0)
"""


# --- what students hand in ---------------------------------------------------------------------


def noisy(right):
    nb = copy.deepcopy(right)
    for cell in nb["cells"]:
        if mark_of(cell).get("solution"):
            future, _, code = cell["source"].partition("\n")
            cell["source"] = f"{future}\n{NOISE}\n{code}"
    return nb


def tampered(right):
    """Right, but in nbgrader's eyes broken in every way that an editor or a student manages."""
    nb = copy.deepcopy(right)
    marking = [cell for cell in nb["cells"] if mark_of(cell).get("grade")]
    nb["cells"].remove(marking[0])
    marking[1]["metadata"]["nbgrader"]["points"] = 99
    marking[2]["metadata"]["nbgrader"]["schema_version"] = 77
    marking[3]["metadata"] = {}
    marking[4]["metadata"]["nbgrader"]["grade"] = False
    solution = next(cell for cell in nb["cells"] if mark_of(cell).get("solution"))
    nb["cells"].append(copy.deepcopy(solution))
    return nb


def plain_source():
    return notebook(
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
    )


# --- the course ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def assignment():
    return load_assignment(assignments_root() / HOMEWORK)


@pytest.fixture(scope="module")
def handed_in(assignment, tmp_path_factory):
    """A course with its assignments generated and submissions collected; nothing graded."""
    course = Course(tmp_path_factory.mktemp("course"), assignments_root().resolve(), HOMEWORK)
    (course.root / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
    handout = assignments_root() / HOMEWORK / "release" / f"{HOMEWORK}.ipynb"
    course.write("source", handout.read_text("utf-8"))
    course.run("generate_assignment", HOMEWORK)
    released = course.notebook("release")
    right = solved(released, assignment)
    mutants = [mutant for problem in assignment.problems for mutant in problem.mutants]
    chosen = [
        m for m in mutants if m.id in {"detached_mean", "one_pass_variance", "flipped_kernel"}
    ]
    waiting = copy.deepcopy(right)
    waiting["cells"].append(code_cell("w_from_w_hat = 'as in the lecture, slide 7'"))
    for student, nb in {
        "broken": "{ this is no notebook",
        "cheat": cheating(released, course.root / "gradebook.db", CHEAT),
        "noisy": noisy(right),
        "right": right,
        "stub": released,
        "tampered": tampered(right),
        "waiting": waiting,
        "wrong": solved(released, assignment, chosen),
    }.items():
        course.write("submitted", nb, student)
    link = course.path("submitted", "linked")
    link.parent.mkdir(parents=True)
    link.symlink_to(course.path("submitted", "right"))
    return course


@pytest.fixture(scope="module")
def course(handed_in):
    """The course after autograde and feedback of the homework."""
    # Whatever would start a kernel stops here with an error.
    handed_in.run("autograde", HOMEWORK, "--Execute.kernel_name=no_such_kernel")
    handed_in.run("generate_feedback", HOMEWORK)
    return handed_in


@pytest.fixture(scope="module")
def reports(course, assignment):
    """What grading gives for the same files without nbgrader, by student."""
    key = AnswerKey(SECRET)
    with Isolated() as runner:
        return {
            folder.name: grade(
                assignment, read_submission(course.path("submitted", folder.name)), runner, key
            )
            for folder in sorted((course.root / "submitted").iterdir())
            if (folder / HOMEWORK).is_dir()
        }


STUDENTS = ["broken", "cheat", "linked", "noisy", "right", "stub", "tampered", "waiting", "wrong"]


# --- the tests -------------------------------------------------------------------------------


def test_generate_assignment_hands_out_the_released_notebook_as_it_is(handed_in):
    """The stubs are backproof's, not nbgrader's, and no cell has changed."""
    source, released = handed_in.notebook("source"), handed_in.notebook("release")
    assert [c["source"] for c in released["cells"]] == [c["source"] for c in source["cells"]]
    assert "yours to write" in json.dumps(released)


@pytest.mark.parametrize("student", STUDENTS)
def test_the_gradebook_holds_the_points_of_grading(course, reports, assignment, student):
    """Every question of every submission has the same points in both front ends."""
    grades = course.grades(student)
    for question, score in zip(assignment.questions, reports[student].questions, strict=True):
        auto, total, waits = grades[question.grade_id]
        assert auto == pytest.approx(score.points, abs=1e-9)
        assert total == auto
        assert waits == (score.waiting > 0)


@pytest.mark.parametrize("student", ["noisy", "right", "tampered"])
def test_right_solutions_earn_everything(course, assignment, student):
    """Neither noise, nor broken cells, nor a cheating neighbour before them cost a point."""
    total = sum(score for _, score, _ in course.grades(student).values())
    assert total == pytest.approx(assignment.points)


@pytest.mark.parametrize("student", ["broken", "cheat", "linked", "stub"])
def test_what_solves_nothing_earns_nothing(course, student):
    """No trick of a submission reaches the gradebook, and no file stops the batch."""
    assert {score for _, score, _ in course.grades(student).values()} == {0}


def test_a_partly_right_question_earns_part_of_its_points(course, assignment):
    """Checks of a question that passed keep their points."""
    worth = {question.grade_id: question.points for question in assignment.questions}
    scores = {id_: score for id_, (_, score, _) in course.grades("wrong").items()}
    assert any(0 < scores[id_] < worth[id_] for id_ in worth)
    assert any(scores[id_] == worth[id_] for id_ in worth)


def test_undecided_answers_wait_for_a_person(course, assignment):
    """Exactly the question with the undecided answer is listed for manual grading."""
    waiting = {id_ for id_, (_, _, waits) in course.grades("waiting").items() if waits}
    assert len(waiting) == 1
    assert "1 point waits for a person" in course.explanations("waiting")[waiting.pop()]


def test_every_marking_cell_explains_its_points(course, assignment):
    """Right questions say so; wrong ones name the misconception; an unreadable file its reason."""
    assert all("all checks passed" in text for text in course.explanations("right").values())
    wrong = "\n".join(course.explanations("wrong").values())
    assert "likely cause:" in wrong
    assert "expected:" in wrong
    broken = course.explanations("broken")
    assert broken.keys() == {question.grade_id for question in assignment.questions}
    assert all("not a notebook" in text for text in broken.values())
    assert "is a link, which is not followed" in course.path(
        "feedback", "linked", suffix=".html"
    ).read_text("utf-8")


def test_the_autograded_notebook_says_how_it_was_graded(course, assignment):
    """Versions, isolation and digests are there; the secret itself is not."""
    nb = course.notebook("autograded", "right")
    header = nb["metadata"]["backproof"]
    assert header["assignment_digest"] == assignment.digest
    assert header["versions"]["torch"]
    assert header["isolation"]
    assert len(header["seed_sha256"]) == 64
    assert SECRET not in json.dumps(nb)


def test_feedback_shows_explanations_and_no_expected_value(course, assignment):
    """Students read what was checked; hidden numbers and foreign scripts are not on the page."""
    pages = {
        student: course.path("feedback", student, suffix=".html").read_text(encoding="utf-8")
        for student in ("cheat", "wrong")
    }
    assert "likely cause:" in pages["wrong"]
    assert "Errors of dx" in pages["wrong"]
    assert re.search('<svg [^>]*role="img"', pages["wrong"])
    assert "<script>steal()" not in pages["cheat"]
    for check, telling in hidden_numbers(assignment, AnswerKey(SECRET)):
        assert not [text for text in telling for page in pages.values() if text in page], check


def test_our_own_failure_waits_for_a_person(handed_in, tmp_path):
    """When the grader itself breaks nobody gets a zero, and nobody full marks."""
    course = Course(tmp_path / "course", assignments_root().resolve(), HOMEWORK)
    shutil.copytree(handed_in.root, course.root, symlinks=True)
    shutil.rmtree(course.root / "autograded", ignore_errors=True)
    config = f"""
from backproof import grading
from backproof.frontends.nbgrader import configure

configure(c, assignments={course.environment["BACKPROOF_ASSIGNMENTS"]!r})
grading.grade = None
"""
    (course.root / "nbgrader_config.py").write_text(config, encoding="utf-8")
    course.environment["BACKPROOF_ASSIGNMENTS"] = "the folder named in the configuration counts"
    course.run("autograde", HOMEWORK, "--student", "right")
    assert set(course.grades("right").values()) == {(None, 0, True)}
    assert all("not your fault" in text for text in course.explanations("right").values())


def test_a_plain_assignment_of_the_same_course_is_graded_by_nbgrader(course):
    """Solutions and hidden tests are cleared, a kernel runs the answer, hidden tests count."""
    course.write("source", plain_source(), name="ps1")
    course.run("generate_assignment", "ps1")
    released = course.notebook("release", name="ps1")
    assert "YOUR CODE HERE" in json.dumps(released)
    assert "2 * x" not in json.dumps(released)
    assert "HIDDEN" not in json.dumps(released)
    answer = copy.deepcopy(released)
    answer["cells"][0]["source"] = "def f(x):\n    return 2 * x if x < 3 else 0"
    course.write("submitted", answer, "right", "ps1")
    course.run("autograde", "ps1")
    assert course.grades("right", "ps1") == {"seen": (1, 1, False), "hidden": (0, 0, False)}
    assert "AssertionError" in json.dumps(course.notebook("autograded", "right", "ps1"))


@pytest.fixture
def keep_stubs():
    return KeepStubs(assignments=str(assignments_root()))


def resources(name):
    return {"nbgrader": {"assignment": name, "notebook": name}}


def test_a_notebook_with_other_points_is_refused_when_it_is_generated(handed_in, keep_stubs):
    """The instructor reads which cells differ, and what to do."""
    nb = nbformat.from_dict(handed_in.notebook("source"))
    changed = next(cell for cell in nb.cells if mark_of(cell).get("grade"))
    changed.metadata.nbgrader.points = 17
    expected = f"marking cells {mark_of(changed)['grade_id']} differ.*backproof release {HOMEWORK}"
    with pytest.raises(BackproofError, match=expected):
        keep_stubs.preprocess(nb, resources(HOMEWORK))


def test_a_released_notebook_under_another_name_is_refused(handed_in, keep_stubs):
    """A plain assignment would run it in a kernel and give full marks for every marking cell."""
    nb = nbformat.from_dict(handed_in.notebook("source"))
    with pytest.raises(BackproofError, match=f"call it source/{HOMEWORK}/{HOMEWORK}.ipynb"):
        keep_stubs.preprocess(nb, resources("week3"))


def test_configure_changes_nothing_but_what_marks_depend_on():
    """All of nbgrader's own steps stay, in their order."""
    c = Config()
    configure(c)
    theirs = [Execute, SaveAutoGrades, ClearSolutions]
    for ours, plain in [
        (c.Autograde.autograde_preprocessors, Autograde().autograde_preprocessors),
        (c.GenerateAssignment.preprocessors, GenerateAssignment().preprocessors),
    ]:
        assert all(issubclass(a, b) for a, b in zip(ours, plain, strict=True))
        assert [b for a, b in zip(ours, plain, strict=True) if a is not b] == [
            cls for cls in theirs if cls in plain
        ]
