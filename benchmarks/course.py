"""A class in an nbgrader course: plain, with the bridge, and by `backproof autograde`.

    python benchmarks/course.py [--sizes 20 120] [--homework first_layers] [--json FILE]

Every way grades copies of one right submission of a class, of two sizes; a way that does not give
all of them full marks ends the benchmark. Seconds on the clock; *one more* is what the larger class
adds, for each of its further submissions. `backproof autograde` has two workers.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grading import environment, machine, run
from homework import Exporter, a_mistake, handed_in
from ways import BRIDGE, BenchmarkError, Nbgrader, plain_notebook

from backproof.authoring.notebook import render_notebook
from backproof.loading import find_assignment, load_assignment
from backproof.model import Assignment, BackproofError

PARALLEL = ("-m", "backproof.frontends.cli", "autograde", "--jobs", "2")


def ways(assignment: Assignment, root: Path) -> list[Nbgrader]:
    """The same homework in three courses; the plain one has its tests in marking cells."""
    exporter, name = Exporter(assignment), assignment.name
    released = json.loads(render_notebook(assignment))
    for folder in ("plain", "bridge", "parallel"):
        (root / folder).mkdir()
    plain = Nbgrader(
        "nbgrader autograde, plain",
        root / "plain",
        name,
        plain_notebook(assignment, exporter.checks),
    )
    return [
        plain.add(exporter),
        Nbgrader("nbgrader autograde, with backproof", root / "bridge", name, released, BRIDGE),
        Nbgrader(
            "backproof autograde, two workers",
            root / "parallel",
            name,
            released,
            BRIDGE,
            PARALLEL,
        ),
    ]


def measured(assignment: Assignment, sizes: Sequence[int], root: Path) -> dict[str, list[float]]:
    """Seconds on the clock by way, one for each size; a wrong submission is refused first."""
    right, wrong = handed_in(assignment), handed_in(assignment, a_mistake(assignment))
    found = {}
    for way in ways(assignment, root):
        run(way, wrong, 1, root, right=False)
        found[way.name] = []
        for size in sizes:
            print(f"{way.name}: {size}", file=sys.stderr, flush=True)
            found[way.name].append(run(way, right, size, root).cost.wall)
    return found


def table(found: dict[str, list[float]], sizes: Sequence[int]) -> str:
    small, large = sizes
    heads = " | ".join(f"class of {size}" for size in sizes)
    lines = [f"| seconds | {heads} | one more |", "|---|---:|---:|---:|"]
    for name, (few, many) in found.items():
        lines.append(f"| {name} | {few:.1f} | {many:.1f} | {(many - few) / (large - small):.4f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs=2, default=[20, 120], metavar="N")
    parser.add_argument("--homework", default="first_layers", help="default: %(default)s")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    try:
        assignment, facts = load_assignment(find_assignment(options.homework)), machine()
        with tempfile.TemporaryDirectory(prefix="backproof-benchmark-") as root:
            os.environ |= environment(Path(root))
            found = measured(assignment, options.sizes, Path(root))
    except (BackproofError, BenchmarkError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print(table(found, options.sizes))
    if options.json:
        options.json.write_text(json.dumps({"sizes": options.sizes, "seconds": found}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
