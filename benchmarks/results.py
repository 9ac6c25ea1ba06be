"""What courses have published, trained again on real MNIST: docs/results.md.

    BACKPROOF_DATA=~/data python benchmarks/results.py [--seeds 3] [--only NAME ...]

Every run is written to docs/results.json when it is finished, and one that stands there is not run
again: stop and go on as you like. `--write` turns what stands there into docs/results.md. A run
prints its progress, its accuracy and its time; all of them take about half an hour on one thread.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import results_page
import torch
from torch import nn

from backproof_reference import data
from backproof_reference.mnist_nets import make_medium, make_narrow, make_wide

DOCS = Path(__file__).parent.parent / "docs"
RUNS = DOCS / "results.json"
DROP_PROBS = tuple(step / 10 for step in range(11))


@dataclass(frozen=True, kw_only=True)
class Setting:
    """One row of the table: what is trained, and how.

    divisor: what pixels from 0 to 255 are divided by.
    """

    name: str
    make: Callable[[], nn.Module]
    epochs: int
    batch: int
    divisor: float = 255.0


def settings() -> list[Setting]:
    perceptrons = {"narrow": make_narrow, "medium": make_medium, "wide": make_wide}
    found = [
        Setting(
            name=f"{name}{suffix}",
            make=lambda make=make: make(784, 10),  # type: ignore[misc]
            epochs=20,
            batch=256,
            divisor=divisor,
        )
        for suffix, divisor in (("", 255.0), (" unscaled", 1.0))
        for name, make in perceptrons.items()
    ]
    found += [
        Setting(
            name=f"cnn p={p:g}",
            make=lambda p=p: published_cnn(p),  # type: ignore[misc]
            epochs=1,
            batch=32,
        )
        for p in DROP_PROBS
    ]
    final = lambda: published_cnn(0.1)  # noqa: E731
    return [*found, Setting(name="cnn final", make=final, epochs=10, batch=32)]


def published_cnn(drop_prob: float) -> nn.Module:
    """A network of the published kind: 27,610 parameters, images of 28 x 28 pixels.

    It is the dropout before the last layer that leaves one class at 0.9: without it, the same
    network gets 59 % or 81 % after the epoch.
    """
    blocks = [
        layer
        for before, after in ((1, 8), (8, 16))
        for layer in (
            nn.Conv2d(before, after, 3),
            nn.BatchNorm2d(after),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Dropout(drop_prob),
        )
    ]
    return nn.Sequential(
        *blocks,
        nn.Flatten(),
        nn.Linear(400, 64),
        nn.ReLU(),
        nn.Dropout(drop_prob),
        nn.Linear(64, 10),
    )


def as_keras_begins(network: nn.Module) -> nn.Module:
    """Glorot's uniform initialisation and no bias: what the published runs began with."""
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
    return network


def run(setting: Setting, images: data.ImageSet, seed: int) -> dict[str, Any]:
    """Train and test once: what came out, as it goes into the file."""
    torch.manual_seed(seed)
    network = as_keras_begins(setting.make())
    x = torch.from_numpy(images.train_pixels).float() / setting.divisor
    y = torch.from_numpy(images.train_labels)
    optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, eps=1e-7)
    began, curve = time.perf_counter(), []
    for epoch in range(1, setting.epochs + 1):
        network.train()
        for batch in torch.randperm(len(x)).split(setting.batch):
            optimizer.zero_grad()
            nn.functional.cross_entropy(network(x[batch]), y[batch]).backward()
            optimizer.step()
        predicted = predictions(network, images, setting.divisor)
        curve.append(int((predicted == images.test_labels).sum()))
        print(
            f"{setting.name}, seed {seed}: epoch {epoch} of {setting.epochs}, "
            f"{curve[-1]} of {len(predicted)} right, {time.perf_counter() - began:.0f} s",
            flush=True,
        )
    return {
        "name": setting.name,
        "seed": seed,
        "right": curve[-1],
        "of": len(images.test_labels),
        "classes": len(set(predicted.tolist())),
        "curve": curve,
        "parameters": sum(p.numel() for p in network.parameters()),
        "seconds": round(time.perf_counter() - began, 1),
    }


def predictions(network: nn.Module, images: data.ImageSet, divisor: float) -> Any:
    network.eval()
    x = torch.from_numpy(images.test_pixels).float() / divisor
    with torch.no_grad():
        return np.concatenate([network(part).argmax(1).numpy() for part in x.split(1000)])


def finished() -> list[dict[str, Any]]:
    return list(json.loads(RUNS.read_text())["runs"]) if RUNS.exists() else []


def missing(seeds: int, only: Sequence[str]) -> Iterator[tuple[Setting, int]]:
    done = {(found["name"], found["seed"]) for found in finished()}
    for seed in range(seeds):
        for setting in settings():
            chosen = not only or any(setting.name.startswith(name) for name in only)
            if chosen and (setting.name, seed) not in done:
                yield setting, seed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=[], help="settings that begin so")
    parser.add_argument(
        "--write", action="store_true", help="only write the page from what is there"
    )
    options = parser.parse_args()
    if options.write:
        for name, text in results_page.pages(finished()).items():
            (DOCS / name).write_text(text)
        return
    torch.set_num_threads(1)
    images = data.mnist()
    for setting, seed in missing(options.seeds, options.only):
        runs = [*finished(), run(setting, images, seed)]
        RUNS.write_text(json.dumps({"torch": torch.__version__, "runs": runs}, indent=1) + "\n")


if __name__ == "__main__":
    main()
