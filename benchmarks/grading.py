"""What grading one submission costs: backproof, plain pytest, nbgrader, and the floor.

    python benchmarks/grading.py [--copies 20] [--homework tehran_hw2] [--rounds 1] [--json FILE]

Every way grades copies of the same right submission (the reference solution) with the same calls
on the same inputs. Before anything is timed, each way must refuse a wrong submission; a way that
does not give every right copy full marks ends the benchmark. What the rows mean: `README.md`.
"""

from __future__ import annotations

import argparse
import copy
import functools
import importlib.util
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from backproof.answer_key import AnswerKey
from backproof.authoring.notebook import render_notebook
from backproof.loading import find_assignment, load_assignment, render_solution
from backproof.loading.assignments import assignments_root
from backproof.model import (
    AcceptedAnswers,
    AnswerAsk,
    Ask,
    Assignment,
    BackproofError,
    Case,
    Check,
    FunctionAsk,
    Mutant,
    Probe,
    Problem,
    Relation,
)
from backproof.tensors import tolerance_for

CHECKS = Path(__file__).with_name("plain_checks.py")
CASES = "cases.pt"
SECRET = "benchmark"
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
BRIDGE = "from backproof.frontends.nbgrader import configure\n\nconfigure(c)\n"


class BenchmarkError(Exception):
    """A way did not do what it is timed for."""


# --- what is measured ------------------------------------------------------------------------


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


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedIn:
    """One submission: as a module, and as the cell that answers each ask."""

    module: str
    cells: Mapping[str, str]


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


# --- the homework ----------------------------------------------------------------------------


def asks_of(assignment: Assignment) -> list[Ask]:
    return [ask for problem in assignment.problems for ask in problem.asks]


def handed_in(assignment: Assignment, wrong: Mutant | None = None) -> HandedIn:
    """The reference solution as a student would hand it in, with one mistake if asked for."""
    future = "from __future__ import annotations\n"
    parts = (
        render_solution(problem.asks, wrong if wrong in problem.mutants else None)
        for problem in assignment.problems
    )
    return HandedIn(
        module=future + "\n".join(part.replace(future, "") for part in parts),
        cells={
            ask.name: render_solution([ask], wrong if wrong and wrong.of == ask.name else None)
            for ask in asks_of(assignment)
        },
    )


def a_mistake(assignment: Assignment) -> Mutant:
    """The first known wrong solution of a function."""
    functions = {ask.name for ask in asks_of(assignment) if isinstance(ask, FunctionAsk)}
    mutants = (mutant for problem in assignment.problems for mutant in problem.mutants)
    return next(mutant for mutant in mutants if mutant.of in functions)


class Exporter:
    """Writes the cases of a homework from the answer key, for `plain_checks`."""

    def __init__(self, assignment: Assignment) -> None:
        self._key = AnswerKey(SECRET)
        self._runs: list[dict[str, Any]] = []
        self._numbers: dict[tuple[Probe, str, str], int] = {}
        self._checks = {
            f"{question.problem.name}/{check.id}": [
                self._case(question.problem, check, case) for case in check.cases
            ]
            for question in assignment.questions
            for check in question.checks
        }

    @property
    def checks(self) -> tuple[str, ...]:
        return tuple(self._checks)

    def write(self, file: Path) -> None:
        torch.save({"runs": self._runs, "checks": self._checks}, file)

    def _case(self, problem: Problem, check: Check, case: Case) -> dict[str, Any]:
        run = {"run": self._run(problem, check, case)}
        if isinstance(check.oracle, Relation):
            return {**run, "kind": check.oracle.name}
        if isinstance(check.oracle, AcceptedAnswers):
            accepted = [answer.replace(" ", "") for answer in check.oracle.accepted]
            return {**run, "kind": "answer", "accepted": accepted}
        key = self._key.case_key(problem, check, case)
        factor = tolerance_for(check.dtype, check.terms).factor
        return {
            **run,
            "kind": "values",
            "expected": {name: torch.tensor(key.expected[name]) for name in check.outputs},
            "atol": {name: float(factor * key.noise[name]) for name in check.outputs},
        }

    def _run(self, problem: Problem, check: Check, case: Case) -> int:
        """The calls of a case, written once for all checks that look at their answers."""
        place = (check.probe, f"{problem.name}/{case.id}", check.dtype)
        if place not in self._numbers:
            self._numbers[place] = len(self._runs)
            inputs = self._key.case_key(problem, check, case).inputs
            self._runs.append(
                {
                    "answer": check.probe.answer,
                    "repeat": check.probe.repeat,
                    "calls": [
                        {"function": c.function, "takes": list(c.takes), "returns": list(c.returns)}
                        for c in check.probe.calls
                    ],
                    "inputs": {n: _tensor(value, case.strided) for n, value in inputs.items()},
                }
            )
        return self._numbers[place]


def _tensor(value: Any, strided: bool) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    tensor = torch.from_numpy(value.copy())
    return torch.stack((tensor, tensor), dim=-1)[..., 0] if strided else tensor


# --- ways of grading -------------------------------------------------------------------------


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
        self, name: str, folder: Path, homework: str, source: Mapping[str, Any], config: str = ""
    ) -> None:
        self.name, self._homework, self._course = name, homework, folder
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
        command = [sys.executable, "-m", "nbgrader", "autograde", self._homework]
        cost, _ = timed(command, course, expected=(0,))
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


# --- the benchmark ---------------------------------------------------------------------------


def prepare(assignment: Assignment, root: Path) -> tuple[list[Way], dict[str, str]]:
    """The ways that can be measured here, and why the others cannot."""

    def folder(name: str) -> Path:
        (root / name).mkdir()
        return root / name

    exporter = Exporter(assignment)
    ways: list[Way] = [BackproofGrade(assignment), PlainPytest(exporter, folder("pytest"))]
    plain, bridge = "nbgrader autograde, plain", "nbgrader autograde, with backproof"
    skipped = {}
    if importlib.util.find_spec("nbgrader") is None:
        skipped = dict.fromkeys((plain, bridge), "nbgrader is not installed")
    else:
        notebook = plain_notebook(assignment, exporter.checks)
        ways.append(Nbgrader(plain, folder("plain"), assignment.name, notebook).add(exporter))
        try:
            importlib.import_module("backproof.frontends.nbgrader")
            released = json.loads(render_notebook(assignment))
            ways.append(Nbgrader(bridge, folder("bridge"), assignment.name, released, BRIDGE))
        except ImportError as error:
            skipped[bridge] = str(error)
    return [*ways, Floor(exporter, folder("floor"))], skipped


def run(way: Way, work: HandedIn, copies: int, root: Path, right: bool = True) -> Graded:
    """Grade in a fresh folder, and insist on the verdict that every copy deserves."""
    with tempfile.TemporaryDirectory(dir=root) as folder:
        graded = way.grade(work, copies, Path(folder))
    if graded.passed != (right,) * copies:
        asked = "full marks" if right else "less than full marks, for they are wrong"
        raise BenchmarkError(f"{way.name}: not all of {copies} got {asked}: {graded.passed}")
    return graded


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """Seconds per submission; `marginal` is what one more submission adds to a command."""

    name: str
    each: Cost
    marginal: Cost | None = None
    imports: Cost | None = None


def measure(
    ways: Sequence[Way], assignment: Assignment, copies: int, rounds: int, root: Path
) -> list[Row]:
    """Interleaved rounds over all ways; rows hold medians."""
    right, wrong = handed_in(assignment), handed_in(assignment, a_mistake(assignment))
    for way in ways:
        say(f"{way.name}: a wrong submission")
        run(way, wrong, 1, root, right=False)
    results: dict[tuple[str, int], list[Graded]] = {}
    for number in range(rounds):
        for way in ways:
            for size in (1, copies) if way.starts_once else (copies,):
                say(f"round {number + 1} of {rounds}: {way.name}, {size} right")
                results.setdefault((way.name, size), []).append(run(way, right, size, root))
    return [_row(way, results, copies) for way in ways]


def _row(way: Way, results: Mapping[tuple[str, int], list[Graded]], copies: int) -> Row:
    runs = results[way.name, copies]
    total = median(graded.cost for graded in runs)
    marginal = None
    if way.starts_once:
        single = median(graded.cost for graded in results[way.name, 1])
        marginal = (total - single).over(copies - 1)
    imports = [graded.imports for graded in runs if graded.imports]
    return Row(
        name=way.name,
        each=total.over(copies),
        marginal=marginal,
        imports=median(imports) if imports else None,
    )


def median(costs: Iterable[Cost]) -> Cost:
    costs = list(costs)
    return Cost(
        statistics.median(cost.wall for cost in costs), statistics.median(c.cpu for c in costs)
    )


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# --- what is printed -------------------------------------------------------------------------


def table(rows: Sequence[Row], skipped: Mapping[str, str]) -> str:
    """A Markdown table: seconds per submission, and how many floors that is."""
    lines = [
        "| seconds per submission | wall | CPU | wall / floor | CPU / floor |",
        "|---|---:|---:|---:|---:|",
    ]
    floor = rows[-1].each
    for row in rows:
        lines.append(_line(row.name, row.each, floor))
        if row.marginal:
            lines.append(_line(f"{row.name}: one more", row.marginal, floor))
        if row.imports:
            cost = row.imports
            lines.append(f"| (import torch, once) | {cost.wall:.2f} | {cost.cpu:.2f} | | |")
    lines += [f"| {name} | skipped: {reason} | | | |" for name, reason in skipped.items()]
    return "\n".join(lines)


def _line(name: str, cost: Cost, floor: Cost) -> str:
    ratios = f"{cost.wall / floor.wall:,.1f} | {cost.cpu / floor.cpu:,.1f}"
    return f"| {name} | {cost.wall:.4f} | {cost.cpu:.4f} | {ratios} |"


def machine() -> dict[str, Any]:
    """The facts that the numbers depend on."""
    versions = {"python": platform.python_version(), "torch": torch.__version__}
    if importlib.util.find_spec("nbgrader"):
        versions["nbgrader"] = version("nbgrader")
    cores = len(os.sched_getaffinity(0))
    return {"cores": cores, "system": platform.system(), "load": os.getloadavg()[0], **versions}


def environment(root: Path) -> dict[str, str]:
    """Everything that a command writes on its own goes to the temporary folder."""
    folders = ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR")
    folders += ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR")
    homes = {name: str(root / name.lower()) for name in folders}
    for home in homes.values():
        Path(home).mkdir()
    path = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
    return homes | {
        "PATH": path,  # nbgrader calls a tool of its environment by its bare name
        "BACKPROOF_ASSIGNMENTS": str(assignments_root().resolve()),
        "BACKPROOF_SECRET": SECRET,
        "PYTEST_ADDOPTS": "",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # ours, and those that only tests of ours need
    }


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=20, help="submissions (default: 20)")
    parser.add_argument("--homework", default="tehran_hw2", help="default: tehran_hw2")
    parser.add_argument("--rounds", type=int, default=1, help="medians of so many (default: 1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE, too")
    options = parser.parse_args(arguments)
    if options.copies < 2 or options.rounds < 1:
        parser.error("at least 2 copies and 1 round are needed")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table, and write the figures if asked to."""
    options = parsed(arguments)
    try:
        assignment = load_assignment(find_assignment(options.homework))
        facts = machine()
        with tempfile.TemporaryDirectory(prefix="backproof-benchmark-") as folder:
            root = Path(folder)
            os.environ |= environment(root)
            ways, skipped = prepare(assignment, root)
            rows = measure(ways, assignment, options.copies, options.rounds, root)
    except (BenchmarkError, BackproofError) as error:
        say(f"benchmark: {error}")
        return 1
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print(f"{options.homework}, {options.copies} copies, {options.rounds} round(s)\n")
    print(table(rows, skipped))
    if options.json:
        figures = {"machine": facts, "copies": options.copies, "rounds": options.rounds}
        figures |= {"homework": options.homework, "skipped": skipped}
        figures["seconds_per_submission"] = [asdict(row) for row in rows]
        options.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
