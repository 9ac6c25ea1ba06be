"""A class in an nbgrader course: plain, with warm kernels, with the bridge, `backproof autograde`.

    python benchmarks/course.py [--sizes 20 120] [--small] [--homework first_layers] [--json FILE]

Every way grades copies of one right submission of a class, of two sizes; a way that does not give
all of them full marks ends the benchmark. Seconds on the clock; *one more* is what the larger class
adds, for each of its further submissions. `backproof autograde` keeps two cores
busy.

--small: classes of 2 and 20, the larger one of plain nbgrader's kernels computed.
--compute-plain: what plain nbgrader takes for the larger class follows from one submission and the
    smaller class, since it grades one after the other; the table says so.
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

PLAIN = "nbgrader autograde, plain"
WARM = "from backproof.frontends.warm_kernels import use_warm_kernels\n\nuse_warm_kernels(c)\n"
PARALLEL = ("-m", "backproof.frontends.cli", "autograde", "--jobs", "2")


def ways(assignment: Assignment, root: Path) -> list[Nbgrader]:
    """The same homework in four courses; the plain ones have their tests in marking cells."""
    exporter, name = Exporter(assignment), assignment.name
    released = json.loads(render_notebook(assignment))
    for folder in ("plain", "warm", "bridge", "parallel"):
        (root / folder).mkdir()
    source = plain_notebook(assignment, exporter.checks)
    plain = Nbgrader(PLAIN, root / "plain", name, source)
    warm = Nbgrader("nbgrader autograde, warm kernels", root / "warm", name, source, WARM)
    return [
        plain.add(exporter),
        warm.add(exporter),
        Nbgrader("nbgrader autograde, with backproof", root / "bridge", name, released, BRIDGE),
        Nbgrader(
            "backproof autograde, --jobs 2",
            root / "parallel",
            name,
            released,
            BRIDGE,
            PARALLEL,
        ),
    ]


def measured(
    assignment: Assignment, sizes: Sequence[int], root: Path, compute_plain: bool
) -> dict[str, list[float]]:
    """Seconds on the clock by way, one for each size; a wrong submission is refused first."""
    right, wrong = handed_in(assignment), handed_in(assignment, a_mistake(assignment))
    small, large = sizes
    found = {}
    for way in ways(assignment, root):
        alone = run(way, wrong, 1, root, right=False).cost.wall
        found[way.name] = []
        for size in sizes[:1] if compute_plain and way.name == PLAIN else sizes:
            load = os.getloadavg()[0]
            print(f"{way.name}: {size} (load average {load:.1f})", file=sys.stderr, flush=True)
            found[way.name].append(run(way, right, size, root).cost.wall)
        if len(found[way.name]) == 1:
            (few,) = found[way.name]
            found[way.name].append(few + (large - small) * (few - alone) / (small - 1))
    return found


def table(found: dict[str, list[float]], sizes: Sequence[int], compute_plain: bool) -> str:
    small, large = sizes
    heads = " | ".join(f"class of {size}" for size in sizes)
    lines = [f"| seconds | {heads} | one more | plain / it |", "|---|---:|---:|---:|---:|"]
    plain = (found[PLAIN][1] - found[PLAIN][0]) / (large - small)
    for name, (few, many) in found.items():
        more = (many - few) / (large - small)
        note = " (larger class computed)" if compute_plain and name == PLAIN else ""
        lines.append(f"| {name}{note} | {few:.1f} | {many:.1f} | {more:.3f} | {plain / more:.1f} |")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs=2, default=[20, 120], metavar="N")
    parser.add_argument("--homework", default="first_layers", help="default: %(default)s")
    parser.add_argument("--compute-plain", action="store_true", help="of the larger class")
    parser.add_argument("--small", action="store_true", help="2 and 20, with --compute-plain")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    if options.small:
        options.sizes, options.compute_plain = [2, 20], True
    if not 1 < options.sizes[0] < options.sizes[1]:
        parser.error("--sizes: two numbers above 1, the smaller one first")
    try:
        assignment, facts = load_assignment(find_assignment(options.homework)), machine()
        with tempfile.TemporaryDirectory(prefix="backproof-benchmark-") as root:
            os.environ |= environment(Path(root))
            found = measured(assignment, options.sizes, Path(root), options.compute_plain)
    except (BackproofError, BenchmarkError) as error:
        print(f"benchmark: {error}", file=sys.stderr)
        return 1
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    print(table(found, options.sizes, options.compute_plain))
    if options.json:
        figures = {"machine": facts, "sizes": options.sizes, "seconds": found}
        figures["plain_is_computed"] = options.compute_plain
        options.json.write_text(json.dumps(figures, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
