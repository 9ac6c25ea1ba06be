"""Thousands of submissions, some of them hostile: is every result right, and does nothing grow?

    python benchmarks/soak.py [--submissions 2000] [--hostile 0.1] [--minutes 8] [--seed 1]

Honest submissions are the reference solution and the honest corpus, hostile ones the hostile corpus
(`tests/tamper`, without those that wait for a time limit). Memory is the anonymous memory of the
grader and of the warm parent, measured after a tenth of the run, when caches are filled, and
then to the end; the exit code is 1 when a result is wrong or anything grew by more than 5 %.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

TESTS = Path(__file__).resolve().parent.parent / "tests"
sys.path.insert(0, str(TESTS))
import corpora  # noqa: E402

from backproof.answer_key import AnswerKey  # noqa: E402
from backproof.grading import grade  # noqa: E402
from backproof.loading import (  # noqa: E402
    find_assignment,
    load_assignment,
    read_submission,
    render_solution,
)
from backproof.model import Limits, Submission  # noqa: E402
from backproof.sandbox import Isolated  # noqa: E402

LIMITS = Limits(load_seconds=10.0, call_seconds=5.0, memory_bytes=1 << 30)
WAITS = ("did not finish within",)
ALLOWED_GROWTH = 0.05
SAMPLES = 40


@dataclass
class Grown:
    """One measured quantity over the run."""

    name: str
    unit: str
    values: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """From the middle of the early values to the middle of the late ones, as a fraction."""
        third = max(1, len(self.values) // 3)
        early, late = sorted(self.values[:third]), sorted(self.values[-third:])
        return late[third // 2] / early[third // 2] - 1

    def line(self) -> str:
        low, high = min(self.values), max(self.values)
        change = f"{self.growth:+.1%}"
        return f"| {self.name} | {low:.0f} to {high:.0f} {self.unit} | {change} |"


def memory(pid: int) -> float:
    """Anonymous memory in MiB: what a process has written, without the files that it maps."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    (size,) = (line.split()[1] for line in lines if line.startswith("Anonymous:"))
    return int(size) / 1024


def descriptors(pid: int) -> float:
    return len(os.listdir(f"/proc/{pid}/fd"))


def below(pid: int) -> list[int]:
    """A process and all that it started: between submissions, the warm parent and its launcher."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(found for child in children for found in below(int(child)))]


def gathered(assignment: Any, folder: Path) -> tuple[list[Any], list[Any]]:
    """Honest and hostile submissions, each with the points that it deserves and its name."""
    solution = render_solution(ask for problem in assignment.problems for ask in problem.asks)
    prelude = (TESTS / "tamper" / "prelude.py").read_text("utf-8")
    stranger = f"WHERE = {where(folder)!r}\n{prelude}"
    plain = Submission(name="reference", path=Path("r.py"), digest="", cells=(solution,))
    honest, hostile = [(plain, corpora.FULL, "reference")], []
    for kind, found, above in (("honest", honest, ""), ("tamper", hostile, stranger)):
        for entry in corpora.read_corpus(TESTS / kind / "submissions"):
            if entry.broken_by or any(word in text for text in entry.shows for word in WAITS):
                continue
            path = corpora.hand_in(entry, solution, folder, above)
            found.append((read_submission(path), entry.deserves, entry.name))
    return honest, hostile


def where(folder: Path) -> dict[str, Any]:
    """What the hostile corpus aims at: none of it matters here, and none of it exists."""
    names = ("secret", "folder", "other student", "submission folder", "checks", "home")
    return dict.fromkeys(names, str(folder / "nothing")) | {
        "environment": "BACKPROOF_SECRET",
        "token starts with": "bpcanary",
        "grader": os.getpid(),
        "foreign process": (1 << 22) - 1,
        "port": 9,
        "free port": 9,
        "abstract socket": "nobody",
        "stray name": "backproof-stray-soak",
        "stray key": 0x00BAC0DE,
        "public inputs": {},
    }


def soak(options: argparse.Namespace, folder: Path) -> int:
    """Grade, measure, print; the number of faults."""
    assignment = load_assignment(find_assignment("first_layers"))
    honest, hostile = gathered(assignment, folder)
    rng = random.Random(options.seed)
    key = AnswerKey("soak")
    wrong: list[str] = []
    counts = {"honest": 0, "hostile": 0}
    began = time.monotonic()
    with Isolated(LIMITS) as runner:
        if "seccomp" not in runner.isolation:
            raise SystemExit(
                "soak: the hostile corpus needs isolation; without it, it is dangerous"
            )
        parent = runner._parent.pid
        measured = [Grown("memory of the grader", "MiB"), Grown("memory of the warm parent", "MiB")]
        measured += [Grown("descriptors of the grader", ""), Grown("descriptors of the parent", "")]
        every = max(1, options.submissions // SAMPLES)
        for number in range(options.submissions):
            if time.monotonic() - began > 60 * options.minutes:
                print(f"stopped after {options.minutes:g} minutes", file=sys.stderr)
                break
            is_hostile = rng.random() < options.hostile
            submission, deserves, name = rng.choice(hostile if is_hostile else honest)
            counts["hostile" if is_hostile else "honest"] += 1
            report = grade(assignment, submission, runner, key)
            if abs(report.points - deserves) > 1e-9 or report.grader_failed:
                wrong.append(f"{name}: {report.points:g}, deserves {deserves:g}")
            if number >= options.submissions // 10 and number % every == 0:
                places = ([os.getpid()], below(parent)) * 2
                for item, pids in zip(measured, places, strict=True):
                    measure = memory if item.unit else descriptors
                    item.values.append(sum(map(measure, pids)))
        if runner._parent.pid != parent:
            wrong.append("the warm parent was replaced")
    print_result(counts, time.monotonic() - began, wrong, measured)
    return len(wrong) + sum(abs(item.growth) > ALLOWED_GROWTH for item in measured)


def print_result(
    counts: dict[str, int], seconds: float, wrong: list[str], measured: Sequence[Grown]
) -> None:
    total = sum(counts.values())
    print(f"{total} submissions, {counts['hostile']} of them hostile, in {seconds:.0f} s")
    print(f"wrong results: {len(wrong)}")
    for line in wrong[:20]:
        print(f"  {line}")
    print("| measured | range | early to late |\n| --- | --- | --- |")
    print(*(item.line() for item in measured), sep="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse the command line and run."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=2000)
    parser.add_argument("--hostile", type=float, default=0.1, help="a share (default: 0.1)")
    parser.add_argument("--minutes", type=float, default=60.0, help="stop after so many")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="backproof-soak-") as folder:
        return int(soak(options, Path(folder)) > 0)


if __name__ == "__main__":
    sys.exit(main())
