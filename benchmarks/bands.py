"""How training runs here, seed by seed: the bands that students see beside their own curves.

    python benchmarks/bands.py mnist_nets dropout_sweep

trains the reference solution of every check that draws losses with 20 seeds, each with its own
images, order and weights, and writes the lowest and the highest mean loss of each epoch to
`bands.json` of the problem. The band of a sweep is that of the runs in docs/results.json.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from backproof.answer_key import cast
from backproof.loading import load_problem, render_solution
from backproof.loading.assignments import assignments_root
from backproof.model import Check, Problem, Returned, Submission
from backproof.sandbox import InProcess

SEEDS = 20
DIGITS = 4
SWEPT = "cnn p="
RUNS = Path(__file__).parents[1] / "docs" / "results.json"


def curves(problem: Problem, check: Check, losses: str, epochs: int) -> Iterator[list[float]]:
    """The mean loss of each epoch, for one seed after the other."""
    code = render_solution(problem.asks)
    reference = Submission(name="reference", path=Path("reference.py"), digest="", cells=(code,))
    with InProcess().open(reference) as session:
        for seed in range(SEEDS):
            inputs = cast(
                check.cases[0].sent(check.cases[0].build(np.random.default_rng(seed))), check.dtype
            )
            outcome = session.run(
                check.probe, inputs, dtype=check.dtype, device="cpu", strided=False
            )
            assert isinstance(outcome, Returned), outcome
            array = outcome.values[losses].array
            assert array is not None
            yield array.reshape(epochs, -1).mean(axis=1).tolist()


def sweep(runs: list[dict[str, Any]]) -> list[list[float]]:
    """drop_prob, lowest and highest share of the network of docs/results.md after one epoch."""
    shares: dict[float, list[float]] = {}
    for run in runs:
        if run["name"].startswith(SWEPT):
            shares.setdefault(float(run["name"][len(SWEPT) :]), []).append(run["right"] / run["of"])
    return [[setting, min(found), max(found)] for setting, found in sorted(shares.items())]


def bands(problem: Problem) -> dict[str, list[list[float]]]:
    """Rows of epoch, lowest and highest loss, by check."""
    found: dict[str, list[list[float]]] = {}
    for check in problem.checks:
        for drawing in check.draws:
            if drawing.name == "losses" and "of" in drawing.parameters:
                name, epochs = str(drawing.parameters["losses"]), int(drawing.parameters["epochs"])
                each = zip(*curves(problem, check, name, epochs), strict=True)
                found[check.id] = [
                    [epoch, round(min(values), DIGITS), round(max(values), DIGITS)]
                    for epoch, values in enumerate(each, 1)
                ]
                print(problem.name, check.id, found[check.id])
            elif drawing.name == "sweep":
                found[check.id] = sweep(json.loads(RUNS.read_text())["runs"])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("problem", nargs="+", help="names of problems of the bank")
    for name in parser.parse_args().problem:
        folder = assignments_root() / "bank" / name
        found = bands(load_problem(folder))
        (folder / "bands.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
