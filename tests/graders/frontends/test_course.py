"""A course of thirteen: nbgrader's own commands from nothing to grades, against a checked-in table.

`course_table.csv` says what each student has at the end, whichever command has graded the class and
whichever database holds the gradebook.
"""

import copy
import csv
import json
import os
import pwd
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

pytest.importorskip("nbgrader")

from nbgrader.api import Gradebook

from backproof.loading import load_assignment, render_solution
from backproof.loading.assignments import assignments_root

HOMEWORK = "tiny"
SECRET = "a secret of this test"
TABLE = Path(__file__).with_name("course_table.csv")
TOML = """
title = "A tiny homework"
source = "for a test of courses"
points = 10

[[question]]
number = "1"
problem = "relu_backward"
key = "dx"
points = 4

[[question]]
number = "2"
problem = "zero_init"
key = "relu"
points = 6
"""
LATE = 'c.LateSubmissionPlugin.penalty_method = "zero"\n'
CHEAT = """
import atexit, os, sqlite3, sys, torch, warnings
torch.testing.assert_close = lambda *a, **k: None
torch.allclose = torch.equal = lambda *a, **k: True
sys.displayhook("full marks"); sys.displayhook(5)
get_ipython().input_transformers_post.append(lambda lines: [])
atexit.register(os._exit, 0)
for place in ("gradebook.db", "../gradebook.db", "../../../gradebook.db", GRADEBOOK):
    try:
        with sqlite3.connect(place) as gradebook:
            gradebook.execute("UPDATE grade SET manual_score = 9")
    except sqlite3.Error:
        pass
def relu_backward(dout, x):
    raise RuntimeError("<script>steal()</script><img src=x onerror=steal()>")
"""
NOISE = """
import logging, sys, warnings
print("loading", file=sys.stderr)
warnings.warn("deprecated")
logging.warning("careful")
"""


# --- what students hand in --------------------------------------------------------------------


def mark_of(cell):
    return cell["metadata"].get("nbgrader", {})


def cell_of(nb, id_):
    return next(cell for cell in nb["cells"] if mark_of(cell).get("grade_id") == id_)


def code(source):
    return {
        "cell_type": "code",
        "id": "own",
        "metadata": {},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }


def solved(released, assignment, wrong=()):
    asks = {f"ask-{ask.name}": ask for problem in assignment.problems for ask in problem.asks}
    nb = copy.deepcopy(released)
    for cell in nb["cells"]:
        if (ask := asks.get(mark_of(cell).get("grade_id"))) is not None:
            mutant = next((mutant for mutant in wrong if mutant.of == ask.name), None)
            cell["source"] = render_solution([ask], replacing=mutant)
    return nb


def with_essay(nb, text="Because of the mean."):
    cell_of(nb, "essay")["source"] = text
    return nb


def cheating(released, gradebook):
    nb = copy.deepcopy(released)
    for cell in nb["cells"]:
        cell["metadata"]["tags"] = ["skip-execution"]
        if mark_of(cell).get("grade") and cell["cell_type"] == "code":
            result = {"output_type": "execute_result", "data": {"text/plain": "99"}}
            cell["outputs"] = [result | {"metadata": {}, "execution_count": 1}]
            mark_of(cell)["schema_version"] = 1
    nb["cells"].append(code(CHEAT.replace("GRADEBOOK", repr(str(gradebook)))))
    return nb


def foreign(right):
    """Right, as saved by programs of another time."""
    nb = copy.deepcopy(right)
    nb["nbformat_minor"] = 99
    for number, cell in enumerate(nb["cells"]):
        cell.pop("id", None)
        if mark_of(cell):
            mark_of(cell)["schema_version"] = (77, 0, "3", None)[number % 4]
            mark_of(cell)["unknown"] = True
    return nb


def deleted(right):
    """Right, with a marking cell taken out, a solution copied, other marks and types lost."""
    nb = copy.deepcopy(right)
    marking = [c for c in nb["cells"] if mark_of(c).get("grade") and c["cell_type"] == "code"]
    nb["cells"].remove(marking[0])
    marking[1]["metadata"] = {}
    nb["cells"].remove(cell_of(nb, "essay"))
    how_to = cell_of(nb, "how-to")
    how_to["cell_type"], how_to["source"] = "raw", "changed"
    solution = cell_of(nb, "ask-relu_backward")
    nb["cells"].append(copy.deepcopy(solution))
    nb["cells"][-1]["id"] = nb["cells"][0]["id"]
    return nb


def odd(right, assignment):
    """Right, noisy, in NumPy and in cells of the student's own, without the marks."""
    nb = copy.deepcopy(right)
    problem = next(p for p in assignment.problems if p.name == "relu_backward")
    loop = next(honest for honest in problem.honest if honest.id == "numpy_loop")
    cell_of(nb, "ask-relu_backward")["source"] = "# see below"
    place = nb["cells"].index(cell_of(nb, "ask-relu_backward"))
    import textwrap

    nb["cells"].insert(place + 1, code(NOISE + textwrap.dedent(loop.code)))
    for cell in nb["cells"]:
        if mark_of(cell).get("locked") and not mark_of(cell).get("grade"):
            cell["metadata"] = {"collapsed": True}
    return nb


# --- the course -------------------------------------------------------------------------------


class Course:
    """A course folder, and commands in it, without an activated environment."""

    def __init__(self, root, assignments, database=None):
        self.root, self.database = root, database or f"sqlite:///{root / 'gradebook.db'}"
        self.environment = os.environ | {
            "BACKPROOF_ASSIGNMENTS": str(assignments),
            "BACKPROOF_SECRET": SECRET,
            "PATH": "/usr/bin:/bin",
        }

    def run(self, *arguments, program="nbgrader", code=0):
        module = {"nbgrader": "nbgrader", "backproof": "backproof.frontends.cli"}[program]
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def notebook(self, step, student=""):
        path = self.root / step / student / HOMEWORK / f"{HOMEWORK}.ipynb"
        return json.loads(path.read_text("utf-8"))

    def submit(self, student, nb, time="2026-11-20 10:00:00 UTC", name=HOMEWORK):
        folder = self.root / "submitted" / student / HOMEWORK
        folder.mkdir(parents=True)
        text = nb if isinstance(nb, str) else json.dumps(nb)
        (folder / f"{name}.ipynb").write_text(text, "utf-8")
        (folder / "timestamp.txt").write_text(time)
        return folder

    def feedback(self, student):
        return (self.root / "feedback" / student / HOMEWORK / f"{HOMEWORK}.html").read_text("utf-8")

    def table(self):
        """What the gradebook and nbgrader's own CSV say of each student."""
        with (self.root / "grades.csv").open(newline="") as file:
            exported = {row["student_id"]: row for row in csv.DictReader(file)}
        rows = {student: ["" for _ in range(3)] for student in exported}
        with Gradebook(self.database) as gradebook:
            for submission in gradebook.assignment_submissions(HOMEWORK):
                (notebook,) = submission.notebooks
                grades = {grade.name: grade for grade in notebook.grades}
                rows[submission.student.id] = [
                    ("?" if grades[id_].needs_manual_grade else "")
                    + ("" if grades[id_].auto_score is None else f"{grades[id_].auto_score:.2f}")
                    for id_ in ("q1", "q2", "essay")
                ]
        names = ("raw_score", "late_submission_penalty", "score", "max_score")
        return [
            [student, *rows[student], *(f"{float(exported[student][name]):.2f}" for name in names)]
            for student in sorted(exported)
        ]


@pytest.fixture(scope="module")
def assignments(tmp_path_factory):
    """The bank with a homework of its own, which grades in no time."""
    root = tmp_path_factory.mktemp("bank") / "assignments"
    (root / HOMEWORK).mkdir(parents=True)
    (root / HOMEWORK / "assignment.toml").write_text(TOML)
    (root / "bank").symlink_to(assignments_root().resolve() / "bank")
    return root


def handed_in(root, assignments, config="", database=None):
    """A class that has handed in, by nbgrader's own commands; nothing is graded."""
    root.mkdir(parents=True)
    if config:
        (root / "nbgrader_config.py").write_text(f"c = get_config()\n{config}")
    course = Course(root, assignments, database)
    course.run("course", "init", ".", "--homework", HOMEWORK, program="backproof")
    source = course.notebook("source")
    mark = mark_of(cell_of(source, "q2")) | {"grade_id": "essay", "solution": True, "locked": False}
    essay = {"cell_type": "markdown", "id": "e", "metadata": {"nbgrader": mark | {"points": 3}}}
    source["cells"].append(essay | {"source": "Your essay."})
    path = root / "source" / HOMEWORK / f"{HOMEWORK}.ipynb"
    path.write_text(json.dumps(source), "utf-8")
    course.run("generate_assignment", HOMEWORK)
    with Gradebook(course.database) as gradebook:
        gradebook.update_or_create_assignment(HOMEWORK, duedate="2026-11-20 12:00:00 UTC")
        gradebook.update_or_create_student("missing")
    released = course.notebook("release")
    assignment = load_assignment(assignments / HOMEWORK)
    right = solved(released, assignment)
    mutants = [mutant for problem in assignment.problems for mutant in problem.mutants]
    wrong = [mutant for mutant in mutants if mutant.id == "mask_from_dout"]
    course.submit("broken", "{ this is no notebook")
    course.submit("deleted", deleted(right))
    course.submit("foreign", foreign(right))
    course.submit("hostile", cheating(released, root / "gradebook.db"))
    linking = course.submit("linking", released, time="../../etc/passwd")
    (linking / "key.txt").symlink_to(path)
    (linking / "inner").mkdir()
    (linking / "inner" / "book.db").symlink_to(root / "gradebook.db")
    os.mkfifo(linking / "pipe")
    course.submit("late", right, time="2026-11-20 14:00:00 +0100")
    course.submit("misnamed", right, name=f"{HOMEWORK} (1)")
    folder = course.submit("odd", odd(right, assignment), time="2026-11-20 12:30:00 +0100")
    (folder / "notes.txt").write_text("my notes")
    course.submit("right", with_essay(copy.deepcopy(right)))
    course.submit("stub", released)
    course.submit("words", with_essay(copy.deepcopy(released)))
    course.submit("wrong", solved(released, assignment, wrong))
    return course


@pytest.fixture(scope="module")
def ungraded(assignments, tmp_path_factory):
    return handed_in(tmp_path_factory.mktemp("class") / "course", assignments, LATE)


def copied(course, to):
    shutil.copytree(course.root, to, symlinks=True, ignore=shutil.ignore_patterns("pipe"))
    os.mkfifo(to / "submitted" / "linking" / HOMEWORK / "pipe")
    return Course(to, course.environment["BACKPROOF_ASSIGNMENTS"])


@pytest.fixture(scope="module")
def by_nbgrader(ungraded, tmp_path_factory):
    """The class after nbgrader's own command, with what the command printed."""
    course = copied(ungraded, tmp_path_factory.mktemp("nbgrader") / "course")
    # Whatever would start a kernel stops here with an error.
    printed = course.run("autograde", HOMEWORK, "--Execute.kernel_name=no_such_kernel")
    course.run("generate_feedback", HOMEWORK)
    course.run("export")
    return course, printed


@pytest.fixture(scope="module")
def by_backproof(ungraded, tmp_path_factory):
    """The same after ours, with workers."""
    course = copied(ungraded, tmp_path_factory.mktemp("backproof") / "course")
    printed = course.run("autograde", HOMEWORK, "--jobs", "2", program="backproof")
    course.run("generate_feedback", HOMEWORK)
    course.run("export")
    return course, printed


@contextmanager
def postgres():
    """The address of a server that lives as long as this does; skipped by name without one."""
    found = [shutil.which("initdb"), *map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb"))]
    initdb = next((Path(path) for path in found if path), None)
    if initdb is None:
        pytest.skip("not run: needs PostgreSQL, and there is none here")
    pytest.importorskip("psycopg", reason="not run: needs psycopg, and there is none here")
    folder = Path(tempfile.mkdtemp(prefix="bp-pg-", dir="/tmp"))
    become = []
    if os.getuid() == 0:  # PostgreSQL refuses to run as root
        try:
            os.chown(folder, pwd.getpwnam("postgres").pw_uid, -1)
        except KeyError:
            pytest.skip("not run: PostgreSQL does not run as root, and there is no user for it")
        become = ["runuser", "-u", "postgres", "--"]
    options = ["-D", str(folder / "data"), "-U", "grader", "--auth=trust", "-E", "UTF8"]
    subprocess.run([*become, initdb, *options], check=True, capture_output=True, cwd="/")
    log = (folder / "log").open("wb")
    arguments = ["-D", str(folder / "data"), "-k", str(folder), "-h", "", "-F"]
    command = [*become, initdb.with_name("postgres"), *arguments]
    server = subprocess.Popen(command, cwd="/", stdout=log, stderr=log, start_new_session=True)
    try:
        for _ in range(100):
            if list(folder.glob(".s.PGSQL.5432")) and _answers(folder):
                break
            time.sleep(0.1)
        yield f"postgresql+psycopg://grader@/postgres?host={folder}"
    finally:
        pid = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 2)
        server.wait(30)
        log.close()
        shutil.rmtree(folder)


def _answers(folder):
    import psycopg

    try:
        psycopg.connect(host=str(folder), user="grader", dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True


# --- the tests --------------------------------------------------------------------------------


def expected_table():
    with TABLE.open(newline="") as file:
        return list(csv.reader(file))[1:]


def test_nbgraders_own_commands_give_the_table(by_nbgrader):
    assert by_nbgrader[0].table() == expected_table()


def test_our_command_gives_the_same_table(by_backproof):
    assert by_backproof[0].table() == expected_table()


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
        assert course.table() == expected_table()
        assert "likely cause:" in course.feedback("wrong")


def test_every_homework_of_the_bank_becomes_an_assignment(tmp_path):
    """All of the bank in one course, and what students get of each holds nothing that is hidden."""
    course = Course(tmp_path / "course", assignments_root().resolve())
    course.root.mkdir()
    course.run("course", "init", ".", program="backproof")
    names = {path.parent.name for path in assignments_root().glob("*/assignment.toml")}
    assert {path.name for path in (course.root / "source").iterdir()} == names
    for name in names:
        course.run("generate_assignment", name)
        held = {path.name for path in (course.root / "release" / name).iterdir()}
        assert held == {f"{name}.ipynb", "public_cases.json", "README.md"}
    with Gradebook(course.database) as gradebook:
        for assignment in gradebook.assignments:
            worth = load_assignment(assignments_root() / assignment.name).points
            assert assignment.max_score == pytest.approx(worth)


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


def test_manual_marks_and_extra_credit_stay_when_it_is_graded_again(by_backproof):
    """--force writes our points anew and leaves what a person gave."""
    course, _ = by_backproof
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
