"""What grading one submission costs: backproof, plain pytest, nbgrader, and the floor.

    python benchmarks/grading.py [--copies 20] [--homework first_layers] [--rounds 1] [--json FILE]

Every way grades copies of the same right submission (the reference solution) with the same calls
on the same inputs. Before anything is timed, each way must refuse a wrong submission; a way that
does not give every right copy full marks ends the benchmark. What the rows mean: `README.md`.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from homework import SECRET, Exporter, HandedIn, a_mistake, handed_in
from ways import (
    BRIDGE,
    WITH_BACKPROOF,
    BackproofGrade,
    BenchmarkError,
    Cost,
    Floor,
    Graded,
    Nbgrader,
    Otter,
    PlainPytest,
    Way,
    plain_notebook,
)

from backproof.authoring.notebook import render_notebook
from backproof.loading import find_assignment, load_assignment
from backproof.loading.assignments import assignments_root
from backproof.model import (
    Assignment,
    BackproofError,
)


def prepare(assignment: Assignment, root: Path) -> tuple[list[Way], dict[str, str]]:
    """The ways that can be measured here, and why the others cannot."""

    def folder(name: str) -> Path:
        (root / name).mkdir()
        return root / name

    exporter = Exporter(assignment)
    ways: list[Way] = [BackproofGrade(assignment), PlainPytest(exporter, folder("pytest"))]
    plain, bridge = "nbgrader autograde, plain", WITH_BACKPROOF
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
    if importlib.util.find_spec("otter") is None:
        skipped[Otter.name] = "otter-grader is not installed"
    else:
        ways.append(Otter(exporter, folder("otter")))
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
        # Or, where nothing is compiled yet, every process would compile torch's sources anew.
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # ours, and those that only tests of ours need
    }


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--copies", type=int, default=20, help="submissions (default: 20)")
    parser.add_argument("--homework", default="first_layers", help="default: first_layers")
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
