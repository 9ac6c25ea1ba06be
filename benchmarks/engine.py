"""What isolation costs: confined processes against the in-process floor, cold ones and pytest.

    python benchmarks/engine.py [--submissions 50] [--cold 5] [--json FILE]

Every way runs the same eight small checks on the same submission, and must find each right; before
anything is timed, it must refuse a wrong one. What the rows mean: `README.md`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from backproof.model import Call, Limits, Probe, Returned, Submission
from backproof.sandbox import Isolated, warm_client

RIGHT = """
import torch
def scale(x): return x * 2
def shift(x): return x + 1
def square(x): return x ** 2
def total(x): return x.sum()
def rows(x): return x.sum(1)
def gram(x): return x @ x.T
def norm(x): return (x - x.mean()) / x.std()
def softmax(x): return torch.softmax(x, 1)
"""
WRONG = RIGHT.replace("x.sum(1)", "x.sum(0)")
X = np.arange(12.0).reshape(4, 3)
SIZES = {"96 B": (4, 3), "96 KiB": (64, 192), "1 MiB": (256, 512), "8 MiB": (1024, 1024)}
SIZES |= {"32 MiB": (2048, 2048)}
TICK = os.sysconf("SC_CLK_TCK")

PYTEST = """
import json, numpy, pytest, torch, submission
CASES = json.loads(open("cases.json").read())
@pytest.mark.parametrize("name", CASES)
def test_it(name):
    got = getattr(submission, name)(torch.tensor(CASES[name]["x"], dtype=torch.float64))
    numpy.testing.assert_allclose(got.numpy(), CASES[name]["y"])
"""


def plain(source: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(compile(source, "submission.py", "exec"), namespace)
    return namespace


NAMES = [name for name, value in plain(RIGHT).items() if callable(value)]
EXPECTED = {name: plain(RIGHT)[name](torch.from_numpy(X.copy())).numpy() for name in NAMES}
PROBES = {n: Probe(calls=(Call(function=n, takes=("x",), returns=("y",)),)) for n in NAMES}


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds per submission."""

    wall: float
    cpu: float


def floor(source: str) -> bool:
    """One process, no isolation: exec, call, compare."""
    namespace = plain(source)
    found = {name: namespace[name](torch.from_numpy(X.copy())).numpy() for name in NAMES}
    return all(same(found[name], name) for name in NAMES)


def same(found: Any, name: str) -> bool:
    return found.shape == EXPECTED[name].shape and bool(np.allclose(found, EXPECTED[name]))


def isolated(runner: Isolated, source: str) -> bool:
    """One confined process for the submission, one answered call for each check."""
    with runner.open(submission(source)) as session:
        outcomes = {name: ask(session, PROBES[name], X) for name in NAMES}
    return all(
        isinstance(outcome, Returned) and same(outcome.values["y"].array, name)
        for name, outcome in outcomes.items()
    )


def submission(source: str) -> Submission:
    return Submission(name="bench", path=Path("submission.py"), digest="", cells=(source,))


def ask(session: Any, probe: Probe, x: Any) -> Any:
    return session.run(probe, {"x": x}, dtype="float64", device="cpu", strided=False)


def pytest_run(folder: Path, source: str) -> bool:
    """A fresh pytest, which imports the submission into the process of the tests."""
    (folder / "submission.py").write_text(source)
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True)
    return done.returncode == 0


# --- measuring --------------------------------------------------------------------------------


def used_below(pid: int) -> float:
    """Processor seconds of a process, its living descendants, and all that these waited for."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    with open(f"/proc/{pid}/task/{pid}/children") as listing:
        children = [int(child) for child in listing.read().split()]
    return sum(map(int, fields[11:15])) / TICK + sum(map(used_below, children))


def cost(way: Callable[[str], bool], count: int, below: int | None = None) -> Cost:
    if way(WRONG) or not way(RIGHT):
        raise SystemExit(f"{way}: a wrong submission was accepted, or a right one refused")
    began, used = time.perf_counter(), processor(below)
    if [way(RIGHT) for _ in range(count)] != [True] * count:
        raise SystemExit(f"{way}: a right submission was refused")
    return Cost((time.perf_counter() - began) / count, (processor(below) - used) / count)


def processor(below: int | None) -> float:
    times = os.times()
    own = times.user + times.system + times.children_user + times.children_system
    return own + (used_below(below) if below is not None else 0.0)


def medians(step: Callable[[], float], count: int) -> float:
    return statistics.median(step() for _ in range(count))


def timed(step: Callable[[], object]) -> float:
    began = time.perf_counter()
    step()
    return time.perf_counter() - began


@contextmanager
def without_layers() -> Iterator[Isolated]:
    """A plain fork of a warm parent that takes no layer at all: only here, to know their price."""
    start = warm_client._START
    bare = (
        "from backproof.sandbox import cgroups, launch, layers\n"
        "layers.LAYERS, cgroups.make_roots = (), lambda name: ([], 'not wanted')\n"
    )
    warm_client._START = start.replace("from backproof.sandbox import launch\n", bare)
    assert start != warm_client._START
    try:
        with Isolated(least="none", namespaces=False) as runner:
            assert "seccomp" not in runner.isolation
            yield runner
    finally:
        warm_client._START = start


def price_of_layers(count: int) -> dict[str, Any]:
    """Submissions with all layers and with none take turns: seconds of processor, wall, answer."""
    found: dict[str, list[tuple[float, float, float]]] = {"all layers": [], "no layer": []}
    with Isolated() as full, without_layers() as bare:
        pairs = (("all layers", full), ("no layer", bare))
        for number in range(count + 1):
            for name, runner in pairs:
                assert runner._parent is not None
                pid = runner._parent.pid
                began, used = time.perf_counter(), processor(pid)
                isolated(runner, RIGHT)
                wall, cpu = time.perf_counter() - began, processor(pid) - used
                if number:  # the first of each warms up
                    found[name].append((cpu, wall, first_answer(runner)))
    return {
        name: [sum(row[0] for row in rows) / count, *(middle_and_best(rows, i) for i in (1, 2))]
        for name, rows in found.items()
    }


def middle_and_best(rows: Sequence[tuple[float, ...]], column: int) -> tuple[float, float]:
    values = [row[column] for row in rows]
    return statistics.median(values), min(values)


@contextmanager
def opened(runner: Isolated, source: str) -> Iterator[Any]:
    limits = Limits(reply_bytes=64 << 20, submission_seconds=3600)
    with runner.open(submission(source), limits) as session:
        yield session


def calls(runner: Isolated) -> dict[str, tuple[float, float, float]]:
    """Seconds of one call by the size of the tensor both ways: confined, at best, in process."""
    found = {}
    probe = PROBES["scale"]
    function = plain(RIGHT)["scale"]
    with opened(runner, RIGHT) as session:
        for name, shape in SIZES.items():
            x = np.ones(shape)
            count = 300 if x.nbytes < 1 << 20 else 10
            for _ in range(3):
                ask(session, probe, x)
            times = [timed(lambda x=x: ask(session, probe, x)) for _ in range(count)]
            confined, best = statistics.median(times), min(times)
            here = medians(lambda x=x: timed(lambda: function(torch.from_numpy(x))), count)
            found[name] = (confined, best, here)
    return found


def first_answer(runner: Isolated) -> float:
    with opened(runner, RIGHT) as session:
        return timed(lambda: ask(session, PROBES["scale"], X))


def measure(submissions: int, cold: int, root: Path) -> dict[str, Any]:
    rows = {"floor": cost(floor, submissions * 10)}
    first = {}
    sizes: dict[str, tuple[float, float, float]] = {}
    for namespaces in (True, False):
        with Isolated(namespaces=namespaces) as runner:
            assert runner._parent is not None
            name = f"backproof, {runner.profile}"
            say(name)
            rows[name] = cost(lambda s, r=runner: isolated(r, s), submissions, runner._parent.pid)
            first[name] = medians(lambda r=runner: first_answer(r), submissions)
            sizes = sizes or calls(runner)
    say("layers")
    layers = price_of_layers(submissions)
    say("cold")
    with Isolated(least="cold") as runner:
        rows[f"backproof, {runner.profile}"] = cost(lambda s: isolated(runner, s), cold)
    say("pytest")
    (root / "test_it.py").write_text(PYTEST)
    cases = {name: {"x": X.tolist(), "y": EXPECTED[name].tolist()} for name in NAMES}
    (root / "cases.json").write_text(json.dumps(cases))
    rows["plain pytest"] = cost(lambda source: pytest_run(root, source), cold)
    return {"rows": rows, "first": first, "sizes": sizes, "layers": layers}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def table(found: dict[str, Any]) -> str:
    base = found["rows"]["floor"]
    lines = ["| per submission of 8 calls | wall ms | CPU ms | wall / floor | CPU / floor |"]
    lines += ["|---|---:|---:|---:|---:|"]
    for name, row in found["rows"].items():
        ratios = f"{row.wall / base.wall:,.1f} | {row.cpu / base.cpu:,.1f}"
        lines.append(f"| {name} | {row.wall * 1e3:,.2f} | {row.cpu * 1e3:,.2f} | {ratios} |")
    lines += ["", "| first answer, median | ms |", "|---|---:|"]
    lines += [f"| {name} | {seconds * 1e3:.1f} |" for name, seconds in found["first"].items()]
    lines += [
        "",
        "| one call, tensor both ways | ms | at best | in process | difference |",
    ]
    lines += ["|---|---:|---:|---:|---:|"]
    for name, (confined, best, here) in found["sizes"].items():
        values = (confined, best, here, confined - here)
        lines.append(f"| {name} | " + " | ".join(f"{v * 1e3:.3f}" for v in values) + " |")
    lines += ["", "| taking turns | CPU ms | wall ms | at best | first answer ms | at best |"]
    lines += ["|---|---:|---:|---:|---:|---:|"]
    for name, (cpu, wall, answer) in found["layers"].items():
        values = (cpu, *wall, *answer)
        lines.append(f"| {name} | " + " | ".join(f"{v * 1e3:.2f}" for v in values) + " |")
    return "\n".join([*lines, "", *targets(found)])


def targets(found: dict[str, Any]) -> list[str]:
    """The targets, and what came out."""
    rows, layers = found["rows"], found["layers"]
    full = next(row for name, row in rows.items() if name.startswith("backproof, "))
    cold = next(row for name, row in rows.items() if name.startswith("backproof, cold"))
    first = next(iter(found["first"].values()))
    small = next(iter(found["sizes"].values()))[:2]
    cost = layers["all layers"][0] - layers["no layer"][0]
    best = layers["all layers"][2][1] - layers["no layer"][2][1]
    fixed = (full.cpu - rows["floor"].cpu) * 1e3
    return [
        "| asked for | measured |",
        "|---|---|",
        f"| at most 25 ms of processor time over the floor | {fixed:.1f} ms |",
        f"| 50 times less processor time than a cold process | {cold.cpu / full.cpu:.0f} times |",
        f"| first answer within 25 ms | median {first * 1e3:.1f} ms |",
        f"| small call under 0.15 ms | median {small[0] * 1e3:.3f}, best {small[1] * 1e3:.3f} ms |",
        "| all layers together at most 2 ms | "
        f"{cost * 1e3:.1f} ms of processor time; first answer at best {best * 1e3:.1f} ms later |",
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--submissions", type=int, default=50, help="default: 50")
    parser.add_argument("--cold", type=int, default=5, help="cold and pytest runs (default: 5)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE, too")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as root:
        found = measure(options.submissions, options.cold, Path(root))
    print(table(found))
    print(f"\nload average {load:.1f} at the start, {os.getloadavg()[0]:.1f} at the end")
    if options.json:
        plain_rows = {name: asdict(row) for name, row in found["rows"].items()}
        options.json.write_text(json.dumps(found | {"rows": plain_rows, "load": load}, indent=1))


if __name__ == "__main__":
    main()
