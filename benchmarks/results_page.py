"""docs/results.md and its pictures, from the runs that are finished."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from backproof.model import Curves, Line
from backproof.reporting.pictures import svg

Runs = Sequence[Mapping[str, Any]]

PUBLISHED = {
    "narrow": (0.977, 0.975),
    "medium": (0.982, 0.98),
    "wide": (0.9843, 0.983),
    "cnn final": (0.9914, 0.985),
}
"""A course write-up's accuracy, and the course's threshold."""
SWEEP = (0.9806, 0.9758, 0.9719, 0.9679, 0.9674, 0.9592, 0.9468, 0.9059, 0.8795, 0.1135)
NETWORKS = {
    "narrow": "784-60-40-10, 49,950 parameters",
    "medium": "784-120-80-10, 104,690 parameters",
    "wide": "784-400-400-100-10, 515,510 parameters",
    "cnn final": "CNN, dropout 0.1, 10 epochs, 27,610 parameters",
}


def wilson(right: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a share. Source: Wilson 1927; Brown, Cai and DasGupta 2001."""
    z, p = 1.959964, right / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return middle - half, middle + half


def _of(runs: Runs, name: str) -> list[Mapping[str, Any]]:
    return sorted((run for run in runs if run["name"] == name), key=lambda run: run["seed"])


def _row(runs: Runs, name: str, kind: str) -> str:
    found = _of(runs, name + kind)
    published, threshold = PUBLISHED[name]
    if not found:
        return f"| {NETWORKS[name]} | {threshold} | {published} | not run | | |"
    shares = [run["right"] / run["of"] for run in found]
    each = ", ".join(f"{share:.4f}" for share in shares)
    intervals = ", ".join("{:.4f}–{:.4f}".format(*wilson(run["right"], run["of"])) for run in found)
    slack = threshold - 2 * math.sqrt(threshold * (1 - threshold) / found[0]["of"])
    hard, soft = (sum(share >= bound for share in shares) for bound in (threshold, slack))
    verdict = f"{hard} of {len(shares)}; with slack ({slack:.4f}) {soft} of {len(shares)}"
    return f"| {NETWORKS[name]} | {threshold} | {published} | {each} | {intervals} | {verdict} |"


def _sweep_rows(runs: Runs) -> list[str]:
    rows = []
    for step in range(11):
        found = _of(runs, f"cnn p={step / 10:g}")
        published = f"{SWEEP[step]:.4f}" if step < len(SWEEP) else "–"
        ours = ", ".join(
            f"{run['right'] / run['of']:.4f}"
            + (" (collapsed: one class)" if run["classes"] == 1 else "")
            + (f" (guessing: {run['classes']} classes)" if _guesses(run) else "")
            for run in found
        )
        rows.append(f"| {step / 10:g} | {published} | {ours or 'not run'} |")
    return rows


def _guesses(run: Mapping[str, Any]) -> bool:
    return bool(run["classes"] > 1 and run["right"] < 0.15 * run["of"])


def _table(runs: Runs, names: Sequence[str], kind: str) -> str:
    return "\n".join([TABLE, *(_row(runs, name, kind) for name in names)])


TABLE = """\
| network | threshold | published | ours, each seed | 95 % (Wilson) | over the threshold |
| --- | --- | --- | --- | --- | --- |"""
PAGE = """\
# Published results, trained again

What write-ups of courses report, beside what the same networks reach here, on the real MNIST
(60,000 images to train on, 10,000 to test with). Made by `benchmarks/results.py`, which anyone can
run:

```console
$ export BACKPROOF_DATA=~/data
$ python -m backproof_reference.data mnist  # once: downloads, and checks the checksums
$ python benchmarks/results.py --seeds 3    # prints progress and time; may be stopped
$ python benchmarks/results.py --write      # this page
```

Every accuracy is counted from predictions. A seed sets weights, order and dropout. The interval is
for one network: what other images of this kind would give, not other seeds.

## Depth and width (CS 155, set 4, questions 2D to 2F)

Adam 0.001, mini-batches of 256, 20 epochs, Glorot's uniform weights, dropout as published; pixels
divided by 255.

{scaled}

The same with pixels from 0 to 255, as the published code has them:

{unscaled}

So the published accuracies are those of scaled pixels, and the printed code misses every threshold.
The networks end so near to the thresholds that a seed decides: the slack is two standard deviations
of a share of 10,000 images. What the bank asks (`bank/mnist_nets`) is therefore decided step by
step, and an accuracy is a smoke test of few points.

![Accuracy after each epoch, in %, for three networks](results_training.svg)

Lines are means over the seeds, bands go from the smallest to the largest of them.

## Dropout in a CNN (question 3G)

Two convolutions of 8 and 16 filters with batch normalisation, ReLU, pooling and dropout, 64 units,
dropout, 10 logits; Adam 0.001, mini-batches of 32, one epoch with each probability.

{sweep}

0.1135 is no accuracy of 11 %: 1135 of the test images show the digit 1, and the network sees it in
every image. It comes from dropout before the last layer: without this layer the same network gets
0.5941 (0.9, seed 0). At which probability it comes depends on the network; the published one, whose
code is not known, still learns at 0.8.

![Accuracy after one epoch, by the probability of dropping](results_sweep.svg)

{final}

## Not run

| question | published | why |
| --- | --- | --- |
| ECE 661, lab 3: ResNet-20 on CIFAR-10, over 90 % | 0.9066 (a write-up) | needs a GPU, CIFAR-10 |

{runs} runs, {minutes} minutes on one thread of a busy machine.
"""


def pages(runs: Runs) -> dict[str, str]:
    """File names in docs/ and their texts."""
    perceptrons = ("narrow", "medium", "wide")
    seconds = sum(run["seconds"] for run in runs)
    sweep = "\n".join(["| drop_prob | published | ours, each seed |", "| --- | --- | --- |"])
    text = PAGE.format(
        scaled=_table(runs, perceptrons, ""),
        unscaled=_table(runs, perceptrons, " unscaled"),
        sweep="\n".join([sweep, *_sweep_rows(runs)]),
        final=_table(runs, ("cnn final",), ""),
        runs=len(runs),
        minutes=round(seconds / 60),
    )
    return {
        "results.md": text,
        "results_training.svg": _training(runs, perceptrons),
        "results_sweep.svg": _sweep(runs),
    }


def _training(runs: Runs, names: Sequence[str]) -> str:
    lines = []
    for name in names:
        curves = [[100 * n / run["of"] for n in run["curve"]] for run in _of(runs, name)]
        epochs = list(zip(*curves, strict=True))
        lines.append(_line(name, list(range(1, len(epochs) + 1)), epochs))
    return _page(
        title="Accuracy on MNIST's test images after each epoch",
        across="epoch",
        up="test accuracy, %",
        lines=tuple(lines),
        bounds=(94.0, 99.0),
    )


def _sweep(runs: Runs) -> str:
    probs = [step / 10 for step in range(11) if _of(runs, f"cnn p={step / 10:g}")]
    shares = [[run["right"] / run["of"] for run in _of(runs, f"cnn p={p:g}")] for p in probs]
    published = Line(name="published", x=tuple(step / 10 for step in range(10)), y=SWEEP)
    chance = Line(name="one class", x=(0.0, 1.0), y=(0.1135, 0.1135))
    return _page(
        title="Accuracy after one epoch, by the probability of dropping",
        across="drop_prob",
        up="accuracy",
        lines=(_line("ours", probs, shares), published, chance),
        bounds=(0.0, 1.0),
    )


def _line(name: str, x: Sequence[float], seeds: Sequence[Sequence[float]]) -> Line:
    """The mean over seeds, and from the smallest to the largest of them."""
    return Line(
        name=name,
        x=tuple(map(float, x)),
        y=tuple(sum(values) / len(values) for values in seeds),
        low=tuple(map(min, seeds)),
        high=tuple(map(max, seeds)),
    )


def _page(**curves: Any) -> str:
    return svg(Curves(**curves), alone=True) + "\n"
