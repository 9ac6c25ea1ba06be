"""What stochastic gradient descent can have reached: weights held against their exact law."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.model import Inputs, Mismatch, MismatchKind, Returned

UNLIKELY = 13.8
"""Squared distance in standard deviations; two normal weights exceed it once in a thousand runs."""
IMPOSSIBLE = 66.0
"""What less than one run of 10^9 exceeds: for batches of one example by Markov's inequality for the
tenth power, from exact moments of the law (`tests/graders/tensors/test_descent_relations.py`);
larger batches are nearer to the normal law, whose tail is exp(-33)."""

Array = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True, slots=True)
class Descent:
    """Descent from 0 on (M_1 w_1 x_1 + ... - y)^2, averaged over a batch of fresh masks.

    M_j is 0 with probability drop_prob and 1 / (1 - drop_prob) otherwise.
    """

    x: tuple[float, ...]
    y: float
    drop_prob: float
    learning_rate: float
    batch: int
    steps: int

    def maps(self) -> Iterator[tuple[float, Array, Array]]:
        """Each mask's probability, and its step w -> A w + c."""
        keep = 1 - self.drop_prob
        for mask in itertools.product((0.0, 1.0), repeat=len(self.x)):
            chance = float(np.prod([keep if kept else self.drop_prob for kept in mask]))
            row = np.array(mask) * np.array(self.x) / keep
            slope = 2 * self.learning_rate * row
            yield chance, np.eye(len(row)) - np.outer(slope, row), slope * self.y

    def law(self) -> tuple[Array, Array]:
        """Mean and covariance of the weights after all steps, exactly."""
        chances, matrices, shifts = zip(*self.maps(), strict=True)
        size = len(self.x)
        matrix = np.tensordot(chances, matrices, axes=1)
        shift = np.tensordot(chances, shifts, axes=1)
        mean, covariance = np.zeros(size), np.zeros((size, size))
        for _ in range(self.steps):
            moved = matrix @ mean + shift
            # A batch is a mean of independent steps: what they scatter is divided by its size.
            scatter = np.zeros((size, size))
            for chance, one, by in zip(chances, matrices, shifts, strict=True):
                away = one @ mean + by - moved
                spread = (one - matrix) @ covariance @ (one - matrix).T
                scatter += chance * (np.outer(away, away) + spread)
            covariance = matrix @ covariance @ matrix.T + scatter / self.batch
            mean = moved
        return mean, covariance

    def sample(self, runs: int, rng: np.random.Generator) -> Array:
        """Weights at the end of independent runs, (runs, inputs)."""
        chances, matrices, shifts = map(np.array, zip(*self.maps(), strict=True))
        weights = np.zeros((runs, len(self.x)))
        for _ in range(self.steps):
            # What a batch does depends on how many of its masks are which.
            counts = rng.multinomial(self.batch, chances, size=runs)
            moved = np.einsum("kij,rj->rki", matrices, weights) + shifts
            weights = np.einsum("rk,rki->ri", counts / self.batch, moved)
        return weights

    def minimiser(self) -> Array:
        """Where descent ends on average after endlessly many steps."""
        chances, matrices, shifts = zip(*self.maps(), strict=True)
        matrix = np.eye(len(self.x)) - np.tensordot(chances, matrices, axes=1)
        solved = np.linalg.solve(matrix, np.tensordot(chances, shifts, axes=1))
        return np.asarray(solved, dtype=np.float64)


def dropout_descent(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """Stated weights are ones that stochastic gradient descent can have reached. Parameters:

    weights: name of the output. x, y, drop_prob, learning_rate, batch, steps: see `Descent`.

    What one honest run in a thousand exceeds waits for a person, what none in 10^9 does fails.
    """
    given = dict(parameters)
    name = str(given.pop("weights"))
    descent = Descent(**{**given, "x": tuple(given["x"])})
    array = returned.values[name].array
    if array is None or array.size != len(descent.x) or array.dtype.kind not in "fiu":
        return _wrong(name, f"`{name}` is not stated: {len(descent.x)} numbers, w1 and w2")
    weights = array.astype(np.float64).ravel()
    if not np.isfinite(weights).all():
        return _wrong(name, f"`{name}` is not finite: training has diverged")
    mean, covariance = descent.law()
    away = weights - mean
    distance = float(away @ np.linalg.solve(covariance, away))
    if distance <= UNLIKELY:
        return None
    said = ", ".join(f"{weight:g}" for weight in weights)
    if distance <= IMPOSSIBLE:
        return Mismatch(
            kind=MismatchKind.UNCHECKABLE,
            output=name,
            observed=f"`{name}` is {said}, which fewer than one run in a thousand gives; a person "
            "asks for the program and the seed",
        )
    return _wrong(name, f"`{name}` is {said}: {_explained(weights, descent)}")


def _explained(weights: Array, descent: Descent) -> str:
    x = np.array(descent.x)
    near = 1e-3 * float(np.abs(weights).max())
    if np.abs(weights - descent.minimiser()).max() <= near:
        return (
            "these weights minimise the expected loss; after so few steps training is still on its "
            "way to them"
        )
    if np.abs(weights - descent.y * x / float(x @ x)).max() <= near:
        return "these are the weights without dropout"
    return f"no run of {descent.steps} steps at these settings ends so far from their mean"


def _wrong(output: str, observed: str) -> Mismatch:
    return Mismatch(kind=MismatchKind.VALUE, output=output, observed=observed)
