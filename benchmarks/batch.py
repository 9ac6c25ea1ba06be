"""A class through `backproof grade`: throughput, memory, journal, and are all results right?

    python benchmarks/batch.py [--sizes 50 100 200] [--jobs 1 2] [--homework first_layers]
                               [--peers 0] [--json FILE]

Each class holds copies of the reference solution and of known wrong ones, no two files the same,
so that nothing is graded less than once. Every report must give the points that its kind gives
elsewhere; the right ones must be full. What a class costs is fitted to a price at the start and
one for each submission, by all sizes but the largest, which is predicted and compared. `--peers N`
also grades N copies as other courses do (see `grading.py`) and puts the largest class beside them.
The exit code is 1 when a result is wrong.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from grading import environment, machine, prepare, run
from homework import SECRET, a_mistake, handed_in
from ways import WITH_BACKPROOF, BackproofGrade, BenchmarkError, Cost, Floor

from backproof.loading import find_assignment, load_assignment
from backproof.model import Assignment, BackproofError, FunctionAsk

MISTAKES = 3
SAMPLED = 0.5
"""Seconds between two looks at the memory of all processes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Batch:
    """One run. memory: anonymous memory of all its processes together, at most, in MiB."""

    submissions: int
    jobs: int
    cost: Cost
    memory: float
    journal_bytes: int
    points: dict[str, float]


def kinds(assignment: Assignment) -> list[str]:
    """Source text: the reference, and solutions with a mistake in what the homework asks for."""
    functions = {a.name for p in assignment.problems for a in p.asks if isinstance(a, FunctionAsk)}
    asked = {(q.problem.name, check.id) for q in assignment.questions for check in q.checks}
    mutants = [
        mutant
        for problem in assignment.problems
        for mutant in problem.mutants
        if mutant.of in functions and asked & {(problem.name, id_) for id_ in mutant.killed_by}
    ]
    chosen = mutants[:: max(1, len(mutants) // MISTAKES)][:MISTAKES]
    right = handed_in(assignment).module
    return [right, right, *(handed_in(assignment, mutant).module for mutant in chosen)]


def hand_in(folder: Path, texts: Sequence[str], size: int) -> None:
    folder.mkdir()
    for number in range(size):
        kind = number % len(texts)
        (folder / f"s{number:06}_{kind}.py").write_text(f"{texts[kind]}\n# {number}\n", "utf-8")


def graded(assignment: Assignment, work: Path, jobs: int, size: int, folder: Path) -> Batch:
    """Run the command on a class, in an empty folder, and look at it from outside."""
    report, journal = folder / "report.json", folder / "journal"
    command = [sys.executable, "-m", "backproof.frontends.cli", "grade", assignment.name, str(work)]
    options = ["--seed", SECRET, "--jobs", str(jobs), "--exit-zero"]
    files = ["--json", str(report), "--journal", str(journal)]
    began = time.perf_counter()
    with (folder / "printed").open("wb") as printed:
        process = subprocess.Popen(
            [*command, *options, *files], stdout=printed, stderr=subprocess.STDOUT
        )
        memory = 0.0
        while True:
            ended, status, usage = os.wait4(process.pid, os.WNOHANG)
            if ended:
                break
            memory = max(memory, sum(map(anonymous, below(process.pid))))
            time.sleep(SAMPLED)
    wall = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        text = (folder / "printed").read_text("utf-8", "replace")
        raise BenchmarkError(f"the command ended with {process.returncode}: {text[-2000:]}")
    reports = json.loads(report.read_text("utf-8"))["reports"]
    return Batch(
        submissions=size,
        jobs=jobs,
        cost=Cost(wall, usage.ru_utime + usage.ru_stime),
        memory=memory,
        journal_bytes=sum(path.stat().st_size for path in folder.glob("journal*")),
        points={Path(row["submission"]).stem: row["points"] for row in reports},
    )


def below(pid: int) -> list[int]:
    """A process and all that it has started."""
    found = [pid]
    with contextlib.suppress(OSError):  # it has ended meanwhile
        for thread in Path(f"/proc/{pid}/task").iterdir():
            for child in (thread / "children").read_text().split():
                found += below(int(child))
    return found


def anonymous(pid: int) -> float:
    """Memory that only this process has, in MiB."""
    with contextlib.suppress(OSError, ValueError, StopIteration):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        wanted = [line for line in lines if line.startswith(("Private_Dirty:", "Private_Clean:"))]
        return sum(int(line.split()[1]) for line in wanted) / 1024
    return 0.0


def wrong_results(batches: Sequence[Batch], full: float) -> list[str]:
    """Reports with other points than their kind has elsewhere, or that are missing."""
    deserved = {"0": full, "1": full}
    found = []
    for batch in batches:
        if len(batch.points) != batch.submissions:
            found.append(f"{batch.submissions - len(batch.points)} reports are missing")
        for name, points in batch.points.items():
            kind = name.rpartition("_")[2]
            if abs(points - deserved.setdefault(kind, points)) > 1e-9:
                found.append(f"{name}: {points:g}, not {deserved[kind]:g}")
    if any(points >= full for kind, points in deserved.items() if kind not in ("0", "1")):
        found.append("a wrong solution has full marks")
    return found


def fitted(batches: Sequence[Batch]) -> tuple[float, float]:
    """Seconds at the start, and for each submission (least squares)."""
    sizes = [float(batch.submissions) for batch in batches]
    walls = [batch.cost.wall for batch in batches]
    middle, mean = sum(sizes) / len(sizes), sum(walls) / len(walls)
    spread = sum((size - middle) ** 2 for size in sizes)
    pairs = zip(sizes, walls, strict=True)
    slope = sum((size - middle) * (wall - mean) for size, wall in pairs) / spread
    return mean - slope * middle, slope


def table(batches: Sequence[Batch]) -> str:
    lines = [
        "| submissions | cores | seconds | each | CPU each | memory | journal, each |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for batch in batches:
        each = batch.cost.over(batch.submissions)
        lines.append(
            f"| {batch.submissions} | {batch.jobs} | {batch.cost.wall:.1f} | {each.wall:.4f} s | "
            f"{each.cpu:.4f} s | {batch.memory:.0f} MiB | "
            f"{batch.journal_bytes / batch.submissions / 1024:.1f} KiB |"
        )
    return "\n".join(lines)


def predictions(batches: Sequence[Batch]) -> list[str]:
    lines = []
    for jobs in sorted({batch.jobs for batch in batches}):
        own = sorted((b for b in batches if b.jobs == jobs), key=lambda b: b.submissions)
        if len(own) < 3:
            continue
        start, each = fitted(own[:-1])
        predicted, measured = start + each * own[-1].submissions, own[-1].cost.wall
        lines.append(
            f"{jobs} cores: {start:.1f} s + {each:.4f} s each; {own[-1].submissions} predicted "
            f"{predicted:.1f} s, measured {measured:.1f} s ({measured / predicted - 1:+.1%})"
        )
    return lines


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A way of grading, start-up included. each: of one submission. memory: as in `Batch`."""

    name: str
    submissions: int
    each: Cost
    memory: float


def peers(assignment: Assignment, copies: int, root: Path) -> tuple[list[Row], Mapping[str, str]]:
    """What other ways cost, and why some are not measured."""
    rows = []
    ways, skipped = prepare(assignment, root)
    for way in ways:
        if way.name not in (BackproofGrade.name, Floor.name):
            print(f"{way.name}: {copies}", file=sys.stderr, flush=True)
            run(way, handed_in(assignment, a_mistake(assignment)), 1, root, right=False)
            with watched() as memory:
                each = run(way, handed_in(assignment), copies, root).cost.over(copies)
            rows.append(Row(name=way.name, submissions=copies, each=each, memory=max(memory)))
    return rows, skipped


@contextlib.contextmanager
def watched() -> Iterator[list[float]]:
    """The memory of all processes that this one starts, looked at again and again."""
    seen, ended = [0.0], threading.Event()

    def look() -> None:
        while not ended.wait(SAMPLED):
            seen.append(sum(map(anonymous, below(os.getpid())[1:])))

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield seen
    finally:
        ended.set()
        watcher.join()


def side_by_side(batches: Sequence[Batch], others: Sequence[Row]) -> list[str]:
    """The largest class beside the other ways, and how many times better it does."""
    largest = max(batch.submissions for batch in batches)
    ours = [
        Row(
            name=f"backproof grade, --jobs {batch.jobs}",
            submissions=batch.submissions,
            each=batch.cost.over(batch.submissions),
            memory=batch.memory,
        )
        for batch in batches
        if batch.submissions == largest
    ]
    lines = ["| way | submissions | per second | CPU each | memory |", "|---|---:|---:|---:|---:|"]
    lines += [
        f"| {row.name} | {row.submissions} | {1 / row.each.wall:.3g} | {row.each.cpu:.3f} s | "
        f"{row.memory:.0f} MiB |"
        for row in (*ours, *others)
    ]
    alone = [row for row in others if row.name != WITH_BACKPROOF]
    for row in ours if alone else ():
        faster = ", ".join(
            f"{other.each.wall / row.each.wall:.1f} x {other.name}" for other in alone
        )
        least = min(alone, key=lambda other: other.each.cpu)
        lines.append(
            f"\n{row.name}: throughput {faster}; "
            f"{least.each.cpu / row.each.cpu:.1f} x less CPU than {least.name}"
        )
    return lines


def parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--jobs", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--homework", default="first_layers", help="default: first_layers")
    parser.add_argument("--peers", type=int, default=0, metavar="N", help="default: none")
    parser.add_argument("--json", type=Path, metavar="FILE")
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and say whether all results are right."""
    options = parsed(arguments)
    batches: list[Batch] = []
    try:
        assignment = load_assignment(find_assignment(options.homework))
        texts, facts = kinds(assignment), machine()
        with tempfile.TemporaryDirectory(prefix="backproof-benchmark-") as name:
            root = Path(name)
            os.environ |= environment(root)
            # What a machine pays once, for all homeworks: derivations are checked, and it is noted.
            hand_in(root / "work", texts, 1)
            (root / "run").mkdir()
            graded(assignment, root / "work", 1, 1, root / "run")
            for size in sorted(options.sizes):
                hand_in(root / f"work{size}", texts, size)
                for jobs in options.jobs:
                    print(f"{size} submissions, --jobs {jobs}", file=sys.stderr, flush=True)
                    folder = root / f"run{size}-{jobs}"
                    folder.mkdir()
                    batches.append(graded(assignment, root / f"work{size}", jobs, size, folder))
            others, skipped = peers(assignment, options.peers, root) if options.peers else ([], {})
    except (BenchmarkError, BackproofError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    wrong = wrong_results(batches, assignment.points)
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print(f"{options.homework}, {len(texts)} kinds of submissions; wrong results: {len(wrong)}")
    print(*wrong[:20], "", table(batches), "", *predictions(batches), "", sep="\n")
    print(*side_by_side(batches, others), sep="\n")
    print(*(f"not measured: {name}: {why}" for name, why in skipped.items()), sep="\n")
    if options.json:
        rows = [{k: v for k, v in asdict(b).items() if k != "points"} for b in batches]
        figures = {"machine": facts, "homework": options.homework, "runs": rows, "wrong": wrong}
        figures["peers"] = [asdict(row) for row in others]
        options.json.write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
