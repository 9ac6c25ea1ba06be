"""A class of thirteen in an nbgrader course: right, wrong, late, hostile, broken, and odd ones.

Their homework is small, so that it grades in no time.
"""

import copy
import json
import os
import shutil
import textwrap

from nbcourse import Course, cell_of, code_cell, mark_of, solved
from nbgrader.api import Gradebook

from backproof.loading import load_assignment

HOMEWORK = "tiny"
MARKED = ("q1", "q2", "essay")
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


SCRIPTS = """
<script>steal()</script><img src=x onerror=steal()><svg onload=steal()><iframe src="x"></iframe>
<a href="javascript:steal()" onclick="steal()">here</a> and [here](javascript:steal()), or
[there](data:text/html,<script>steal()</script>), ![a picture](attachment:a.png) of $a<b$
"""


def with_essay(nb, text="Because of the mean."):
    cell_of(nb, "essay")["source"] = text
    return nb


def cheating(released, gradebook, cheat=CHEAT):
    """Nothing solved: marks, outputs and tags forged, and code that attacks what may be near."""
    nb = copy.deepcopy(released)
    for cell in nb["cells"]:
        cell["metadata"]["tags"] = ["skip-execution"]
        if mark_of(cell).get("grade") and cell["cell_type"] == "code":
            result = {"output_type": "execute_result", "data": {"text/plain": "99"}}
            cell["outputs"] = [result | {"metadata": {}, "execution_count": 1}]
            mark_of(cell)["schema_version"] = 1
    nb["cells"].append(code_cell(cheat.replace("GRADEBOOK", repr(str(gradebook)))))
    picture = {"a.png": {'image/png" onerror="steal()': "AAAA"}}
    text = {"metadata": {"raw_mimetype": "text/html"}, "source": SCRIPTS}
    nb["cells"] += [{"cell_type": "markdown", "attachments": picture} | text]
    nb["cells"] += [{"cell_type": "raw"} | text]
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
    nb["cells"].insert(place + 1, code_cell(NOISE + textwrap.dedent(loop.code)))
    for cell in nb["cells"]:
        if mark_of(cell).get("locked") and not mark_of(cell).get("grade"):
            cell["metadata"] = {"collapsed": True}
    return nb


def founded(root, assignments, config="", database=None):
    """A course of the small homework, with an essay that a person marks; nobody has handed in."""
    root.mkdir(parents=True)
    if config:
        (root / "nbgrader_config.py").write_text(f"c = get_config()\n{config}")
    course = Course(root, assignments, HOMEWORK, database)
    course.run("course", "init", ".", "--homework", HOMEWORK, program="backproof")
    source = course.notebook("source")
    mark = mark_of(cell_of(source, "q2")) | {"grade_id": "essay", "solution": True, "locked": False}
    essay = {"cell_type": "markdown", "id": "e", "metadata": {"nbgrader": mark | {"points": 3}}}
    source["cells"].append(essay | {"source": "Your essay."})
    course.write("source", source)
    course.run("generate_assignment", HOMEWORK)
    return course


def handed_in(root, assignments, config="", database=None):
    """The class when it has handed in, by nbgrader's own commands; nothing is graded."""
    course = founded(root, assignments, config, database)
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
    (linking / "key.txt").symlink_to(course.path("source"))
    (linking / "inner").mkdir()
    (linking / "inner" / "book.db").symlink_to(root / "gradebook.db")
    os.mkfifo(linking / "pipe")
    course.submit("late", right, time="2026-11-20 14:00:00 +0100")
    course.submit("misnamed", right, called=f"{HOMEWORK} (1).ipynb")
    folder = course.submit("odd", odd(right, assignment), time="2026-11-20 12:30:00 +0100")
    (folder / "notes.txt").write_text("my notes")
    (folder / f"{HOMEWORK}-Copy1.ipynb").write_text(json.dumps(released))
    course.submit("right", with_essay(copy.deepcopy(right)))
    course.submit("stub", released)
    course.submit("words", with_essay(copy.deepcopy(released)))
    course.submit("wrong", solved(released, assignment, wrong))
    return course


def copied(course, to):
    """The same course elsewhere, pipe and all."""
    shutil.copytree(course.root, to, symlinks=True, ignore=shutil.ignore_patterns("pipe"))
    os.mkfifo(to / "submitted" / "linking" / HOMEWORK / "pipe")
    return Course(to, course.environment["BACKPROOF_ASSIGNMENTS"], HOMEWORK)
