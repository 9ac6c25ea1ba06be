"""nbgrader courses for tests: a course's folder with commands in it, and solved notebooks."""

import copy
import csv
import json
import os
import subprocess
import sys

from nbgrader.api import Gradebook

from backproof.loading import render_solution

SECRET = "a secret of this test"
MODULES = {"nbgrader": "nbgrader", "backproof": "backproof.frontends.cli"}


# --- notebooks --------------------------------------------------------------------------------


def mark_of(cell):
    return cell["metadata"].get("nbgrader", {})


def cell_of(nb, id_):
    return next(cell for cell in nb["cells"] if mark_of(cell).get("grade_id") == id_)


def code_cell(source, **mark):
    """A code cell; with keywords, one that nbgrader knows."""
    flags = {"grade": False, "solution": False, "locked": False, "task": False, "schema_version": 3}
    return {
        "cell_type": "code",
        "source": source,
        "metadata": {"nbgrader": flags | mark} if mark else {},
        "outputs": [],
        "execution_count": None,
    }


def notebook(*cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    metadata = {"kernelspec": kernel}
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": metadata, "cells": [*cells]}


def solved(released, assignment, mutants=()):
    """The released notebook with reference solutions in its solution cells, or with mutants."""
    asks = {f"ask-{ask.name}": ask for problem in assignment.problems for ask in problem.asks}
    nb = copy.deepcopy(released)
    for cell in nb["cells"]:
        if (ask := asks.get(mark_of(cell).get("grade_id"))) is not None:
            wrong = next((mutant for mutant in mutants if mutant.of == ask.name), None)
            cell["source"] = render_solution([ask], replacing=wrong)
    return nb


# --- the course -------------------------------------------------------------------------------


class Course:
    """A course's folder and commands in it, without an activated environment."""

    def __init__(self, root, assignments, homework, database=None):
        self.root, self.homework = root, homework
        self.database = database or f"sqlite:///{root / 'gradebook.db'}"
        self.environment = os.environ | {
            "BACKPROOF_ASSIGNMENTS": str(assignments),
            "BACKPROOF_SECRET": SECRET,
            "PATH": "/usr/bin:/bin",
        }

    def run(self, *arguments, program="nbgrader", code=0):
        """What a command prints; it must end with `code`."""
        done = subprocess.run(
            [sys.executable, "-m", MODULES[program], *arguments],
            cwd=self.root,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=600,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def path(self, step, student="", name=None, suffix=".ipynb"):
        name = name or self.homework
        return self.root / step / student / name / f"{name}{suffix}"

    def notebook(self, step, student="", name=None):
        return json.loads(self.path(step, student, name).read_text("utf-8"))

    def write(self, step, nb, student="", name=None):
        """Put a notebook there: as it is, if it is text."""
        path = self.path(step, student, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(nb if isinstance(nb, str) else json.dumps(nb), "utf-8")
        return path.parent

    def submit(self, student, nb, time="2026-11-20 10:00:00 UTC", called=None):
        """Hand in a notebook of the homework, maybe with a file name of the student's own."""
        folder = self.write("submitted", nb, student)
        (folder / "timestamp.txt").write_text(time)
        if called is not None:
            self.path("submitted", student).rename(folder / called)
        return folder

    def feedback(self, student, name=None):
        return self.path("feedback", student, name, ".html").read_text("utf-8")

    def grades(self, student, name=None):
        """By marking cell: points that nbgrader gave, points in all, whether a person is needed."""
        name = name or self.homework
        with Gradebook(self.database) as gradebook:
            submission = gradebook.find_submission_notebook(name, name, student)
            return {
                grade.name: (grade.auto_score, grade.score, grade.needs_manual_grade)
                for grade in submission.grades
            }

    def explanations(self, student):
        """What each marking cell says in the end."""
        return {
            mark_of(cell)["grade_id"]: "".join(cell["outputs"][0]["data"]["text/plain"])
            for cell in self.notebook("autograded", student)["cells"]
            if mark_of(cell).get("grade") and not mark_of(cell).get("solution")
        }

    def exported(self):
        """nbgrader's own CSV, by student."""
        with (self.root / "grades.csv").open(newline="") as file:
            return {row["student_id"]: row for row in csv.DictReader(file)}

    def table(self, ids):
        """What the gradebook and nbgrader's own CSV say of each student, who is waited for as ?."""
        exported = self.exported()
        rows = {student: ["" for _ in ids] for student in exported}
        with Gradebook(self.database) as gradebook:
            for submission in gradebook.assignment_submissions(self.homework):
                (notebook,) = submission.notebooks
                grades = {grade.name: grade for grade in notebook.grades}
                rows[submission.student.id] = [
                    ("?" if grades[id_].needs_manual_grade else "")
                    + ("" if grades[id_].auto_score is None else f"{grades[id_].auto_score:.2f}")
                    for id_ in ids
                ]
        names = ("raw_score", "late_submission_penalty", "score", "max_score")
        return [
            [student, *rows[student], *(f"{float(exported[student][name]):.2f}" for name in names)]
            for student in sorted(exported)
        ]
