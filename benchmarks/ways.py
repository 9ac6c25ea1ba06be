"""The ways of grading that are compared, each as a command or a loop."""

from __future__ import annotations

import copy
import functools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from homework import SECRET, Exporter, HandedIn, asks_of

from backproof.loading import render_solution
from backproof.model import (
    AnswerAsk,
    Ask,
    Assignment,
)

CHECKS = Path(__file__).with_name("plain_checks.py")
CASES = "cases.pt"
TEST = """\
from pathlib import Path

import plain_checks
import pytest
import submission

CASES = plain_checks.load(Path(__file__).with_name("cases.pt"))
SUITE = plain_checks.Suite(CASES, vars(submission))


@pytest.mark.parametrize("check", CASES["checks"])
def test_check(check):
    SUITE.verify(check)
"""
NOTEBOOK_IMPORTS = """\
from pathlib import Path

import plain_checks

SUITE = plain_checks.Suite(plain_checks.load(Path("cases.pt")), globals())"""
WITH_BACKPROOF = "nbgrader autograde, with backproof"
BRIDGE = "from backproof.frontends.nbgrader import configure\n\nconfigure(c)\n"


class BenchmarkError(Exception):
    """A way did not do what it is timed for."""


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds: on the clock, and of the processor (user and system, children included)."""

    wall: float
    cpu: float

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.wall + other.wall, self.cpu + other.cpu)

    def __sub__(self, other: Cost) -> Cost:
        return Cost(self.wall - other.wall, self.cpu - other.cpu)

    def over(self, count: int) -> Cost:
        return Cost(self.wall / count, self.cpu / count)


@dataclass(frozen=True, kw_only=True, slots=True)
class Graded:
    """What one run cost, and whether each submission got full marks."""

    cost: Cost
    passed: tuple[bool, ...]
    imports: Cost | None = None


class Way(Protocol):
    """A way of grading. What it prepares once is not timed."""

    name: str
    starts_once: bool

    def grade(self, work: HandedIn, copies: int, folder: Path) -> Graded:
        """Grade so many copies of a submission in an empty folder."""
        ...


def timed(command: Sequence[str | Path], cwd: Path, expected: tuple[int, ...]) -> tuple[Cost, str]:
    """Run a command; what it and all that it waited for cost, and what it printed."""
    with tempfile.TemporaryFile(mode="w+", encoding="utf-8") as printed:
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        cost = Cost(time.perf_counter() - started, usage.ru_utime + usage.ru_stime)
        process.returncode = os.waitstatus_to_exitcode(status)
        printed.seek(0)
        text = printed.read()
    if process.returncode not in expected:
        line = " ".join(process.args)
        raise BenchmarkError(f"{line} ended with {process.returncode}:\n{text[-3000:]}")
    return cost, text


class BackproofGrade:
    """`backproof grade` on a folder of submissions."""

    name = "backproof grade"
    starts_once = True

    def __init__(self, assignment: Assignment) -> None:
        self._homework = assignment.name

    def grade(self, work: HandedIn, copies: int, folder: Path) -> Graded:
        files = [folder / f"{student}.py" for student in students(copies)]
        for file in files:
            file.write_text(work.module, encoding="utf-8")
        report = folder / "report.json"
        command = [sys.executable, "-m", "backproof.frontends.cli", "grade", self._homework]
        options = ["--seed", SECRET, "--json", report]
        cost, _ = timed([*command, *files, *options], folder, expected=(0, 1))
        reports = json.loads(report.read_text(encoding="utf-8"))["reports"]
        return Graded(cost=cost, passed=tuple(r["points"] == r["max_points"] > 0 for r in reports))


class PlainPytest:
    """A fresh `pytest` for each submission, which imports it beside the tests."""

    name = "plain pytest"
    starts_once = False

    def __init__(self, exporter: Exporter, folder: Path) -> None:
        self._summary = f"\n{len(exporter.checks)} passed in "
        self._test = folder / "test_homework.py"
        self._test.write_text(TEST, encoding="utf-8")
        shutil.copy(CHECKS, folder)
        exporter.write(folder / CASES)

    def grade(self, work: HandedIn, copies: int, folder: Path) -> Graded:
        command = [sys.executable, "-m", "pytest", "-q", self._test]
        cost, passed = Cost(0.0, 0.0), []
        for student in students(copies):
            own = folder / student
            own.mkdir()
            (own / "submission.py").write_text(work.module, encoding="utf-8")
            more, printed = timed(command, own, expected=(0, 1))
            cost += more
            passed.append(self._summary in printed)
        return Graded(cost=cost, passed=tuple(passed))


class Nbgrader:
    """`nbgrader autograde` in a course with one assignment."""

    starts_once = True

    def __init__(
        self,
        name: str,
        folder: Path,
        homework: str,
        source: Mapping[str, Any],
        config: str = "",
        command: Sequence[str] = ("-m", "nbgrader", "autograde"),
    ) -> None:
        self.name, self._homework, self._course = name, homework, folder
        self._command = [sys.executable, *command, homework]
        (folder / "nbgrader_config.py").write_text("c = get_config()\n" + config, encoding="utf-8")
        write_notebook(self._notebook("source"), source)

    def add(self, exporter: Exporter) -> Nbgrader:
        """Put the checks of a course without backproof beside the notebook."""
        beside = self._notebook("source").parent
        shutil.copy(CHECKS, beside)
        exporter.write(beside / CASES)
        return self

    def grade(self, work: HandedIn, copies: int, folder: Path) -> Graded:
        solved = filled(self._released, work)
        course = shutil.copytree(self._course, folder, dirs_exist_ok=True)
        for student in students(copies):
            handed_in = f"submitted/{student}/{self._homework}/{self._homework}.ipynb"
            write_notebook(course / handed_in, solved)
        cost, _ = timed(self._command, course, expected=(0,))
        return Graded(cost=cost, passed=tuple(self._has_full_marks(course, copies)))

    @functools.cached_property
    def _released(self) -> dict[str, Any]:
        command = [sys.executable, "-m", "nbgrader", "generate_assignment", self._homework]
        timed(command, self._course, expected=(0,))
        text = self._notebook("release").read_text(encoding="utf-8")
        released: dict[str, Any] = json.loads(text)
        return released

    def _notebook(self, step: str) -> Path:
        return self._course / step / self._homework / f"{self._homework}.ipynb"

    def _has_full_marks(self, course: Path, copies: int) -> Iterator[bool]:
        from nbgrader.api import Gradebook

        with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
            for student in students(copies):
                marks = gradebook.find_submission(self._homework, student)
                yield marks.score == marks.max_score > 0 and not marks.needs_manual_grade


OTTER_TEST = """\
from pathlib import Path

import plain_checks
from otter.test_files import test_case

OK_FORMAT = False
name = "homework"
points = None
CASES = plain_checks.load(Path("cases.pt"))
"""
OTTER_CASE = """

@test_case(points=1)
def case_{number}(env):
    plain_checks.Suite(CASES, env).verify({check!r})
"""
OTTER_LOOP = """\
import json, os, sys
from pathlib import Path
from otter.api import grade_submission
zipped, *files = sys.argv[1:]
# It takes every .py file beside the submission for another submission.
os.environ["PYTHONPATH"] = str(Path(zipped).parent)
found = [grade_submission(file, zipped, quiet=True) for file in files]
print(json.dumps([result.total == result.possible > 0 for result in found]))
"""


class Otter:
    """Otter-Grader's own loop without containers: `otter.api.grade_submission` for each file."""

    name = "otter.api.grade_submission"
    starts_once = True

    def __init__(self, exporter: Exporter, folder: Path) -> None:
        cases = (
            OTTER_CASE.format(number=number, check=check)
            for number, check in enumerate(exporter.checks)
        )
        (folder / "tests").mkdir()
        (folder / "tests" / "homework.py").write_text(OTTER_TEST + "".join(cases), "utf-8")
        shutil.copy(CHECKS, folder)
        exporter.write(folder / CASES)
        command = [sys.executable, "-m", "otter", "generate", "-t", "tests", "-o", "checks.zip"]
        timed([*command, CASES], folder, expected=(0,))
        self._zipped = folder / "checks.zip"

    def grade(self, work: HandedIn, copies: int, folder: Path) -> Graded:
        files = [folder / student / "submission.py" for student in students(copies)]
        for file in files:
            file.parent.mkdir()
            file.write_text(work.module, encoding="utf-8")
        command = [sys.executable, "-c", OTTER_LOOP, self._zipped, *files]
        cost, printed = timed(command, folder, expected=(0,))
        return Graded(cost=cost, passed=tuple(json.loads(printed.splitlines()[-1])))


class Floor:
    """One process without isolation, tests or reports: read, exec, call, compare, in a loop."""

    name = "floor"
    starts_once = False

    def __init__(self, exporter: Exporter, folder: Path) -> None:
        self._cases = folder / CASES
        exporter.write(self._cases)

    def grade(self, work: HandedIn, copies: int, folder: Path) -> Graded:
        submission = folder / "submission.py"
        submission.write_text(work.module, encoding="utf-8")
        command = [sys.executable, CHECKS, self._cases, submission, str(copies)]
        found = json.loads(timed(command, folder, expected=(0,))[1])
        return Graded(
            cost=Cost(found["wall"], found["cpu"]),
            passed=tuple(found["passed"]),
            imports=Cost(found["import_wall"], found["import_cpu"]),
        )


def students(count: int) -> list[str]:
    return [f"student{number:03}" for number in range(count)]


# --- notebooks -------------------------------------------------------------------------------


def write_notebook(file: Path, notebook: Mapping[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(notebook), encoding="utf-8")


def filled(released: Mapping[str, Any], work: HandedIn) -> dict[str, Any]:
    """The released notebook with a student's answers in its cells."""
    notebook = copy.deepcopy(dict(released))
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "").removeprefix("ask-")
        if name in work.cells:
            cell["source"] = work.cells[name]
    return notebook


def plain_notebook(assignment: Assignment, checks: Iterable[str]) -> dict[str, Any]:
    """The homework for nbgrader as it is: a cell for each ask, a marking cell for each check."""
    asks = (
        _cell(
            f"ask-{ask.name}", f"### BEGIN SOLUTION\n{_right(ask)}### END SOLUTION", solution=True
        )
        for ask in asks_of(assignment)
    )
    marking = (
        _cell(f"check-{number}", f"SUITE.verify({check!r})", grade=True, locked=True, points=1)
        for number, check in enumerate(checks)
    )
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": [*asks, _cell("imports", NOTEBOOK_IMPORTS, locked=True), *marking],
    }


def _right(ask: Ask) -> str:
    return (
        f"{ask.name} = {ask.answer!r}\n" if isinstance(ask, AnswerAsk) else render_solution([ask])
    )


def _cell(id_: str, source: str, **changed: Any) -> dict[str, Any]:
    mark = {"grade": False, "locked": False, "solution": False, "task": False}
    return {
        "cell_type": "code",
        "id": id_[:64],
        "metadata": {"nbgrader": {**mark, "grade_id": id_, "schema_version": 3, **changed}},
        "source": source,
        "outputs": [],
        "execution_count": None,
    }
