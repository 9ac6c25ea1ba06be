"""Weights of a run of stochastic gradient descent are held against their exact law."""

from collections import defaultdict
from dataclasses import replace
from math import comb
from typing import Any

import numpy as np
import pytest

from backproof.model import Mismatch, MismatchKind, Returned, Value
from backproof.tensors import RELATIONS
from backproof.tensors.descent_relations import IMPOSSIBLE, UNLIKELY, Descent

SMALL = Descent(x=(10, 1), y=11, drop_prob=0.5, learning_rate=1e-3, batch=1, steps=1000)
LARGE = replace(SMALL, batch=1024)
Polynomial = dict[tuple[int, int], float]


def judged(weights: Any, descent: Descent = SMALL) -> Mismatch | None:
    given = {name: getattr(descent, name) for name in Descent.__slots__}
    array = None if weights is None else np.asarray(weights)
    value = Value(form="none") if array is None else Value(form="array", array=array)
    returned = Returned(values={"w": value})
    return RELATIONS["dropout_descent"]({}, returned, {"weights": "w", **given})


def simulated(descent: Descent, runs: int) -> Any:
    """The same descent with random masks, one run a row."""
    rng, x, keep = np.random.default_rng(0), np.array(descent.x), 1 - descent.drop_prob
    weights = np.zeros((runs, len(x)))
    for _ in range(descent.steps):
        rows = (rng.random((descent.batch, runs, len(x))) < keep) / keep * x
        errors = (rows * weights).sum(axis=2) - descent.y
        weights -= descent.learning_rate * 2 * (rows * errors[..., None]).mean(axis=0)
    return weights


@pytest.mark.parametrize("batch", [1, 3])
def test_the_law_is_that_of_simulated_runs(batch: int) -> None:
    """Mean and covariance agree with 20 000 runs, at a rate of dropping other than 1/2."""
    descent = replace(SMALL, drop_prob=0.3, batch=batch, steps=60)
    mean, covariance = descent.law()
    runs = simulated(descent, 20000)

    assert np.abs((runs.mean(axis=0) - mean) / np.sqrt(covariance.diagonal() / 20000)).max() < 5
    assert np.abs(np.cov(runs.T) - covariance).max() < 0.05 * covariance.max()


def test_honest_runs_pass_and_few_wait() -> None:
    """Of 60 honest runs none fails, and hardly one waits for a person."""
    found = [judged(weights) for weights in simulated(SMALL, 60)]

    assert {mismatch.kind for mismatch in found if mismatch} <= {MismatchKind.UNCHECKABLE}
    assert sum(mismatch is not None for mismatch in found) < 2


@pytest.mark.parametrize(
    ("weights", "says"),
    [
        ([110 / 101, 11 / 101], "without dropout"),
        ([0, 0], "so far from their mean"),
        ([1, 1], "so far from their mean"),
        ([22 / 30, 22 / 3], "so far from their mean"),
        ([float("nan"), 1], "not finite"),
        ([1.0], "not stated"),
        (None, "not stated"),
    ],
)
def test_weights_that_no_run_gives_fail(weights: Any, says: str) -> None:
    mismatch = judged(weights)

    assert mismatch is not None
    assert mismatch.kind is MismatchKind.VALUE
    assert says in mismatch.observed


def test_large_batches_have_not_arrived_after_a_thousand_steps() -> None:
    """The minimiser of the expected loss is within reach of small batches alone."""
    assert judged([11 / 30, 11 / 3]) is None
    assert judged(LARGE.law()[0], LARGE) is None
    arrived = judged([0.36666667, 3.66666667], LARGE)
    assert arrived is not None
    assert "still on its way" in arrived.observed


def test_an_unlikely_run_waits_for_a_person() -> None:
    mean, covariance = SMALL.law()
    far = mean + np.array([np.sqrt(20 * covariance[0, 0]), 0])

    mismatch = judged(far)

    assert mismatch is not None
    assert mismatch.kind is MismatchKind.UNCHECKABLE


def _power(line: tuple[float, float, float], n: int) -> Polynomial:
    """(a u + b v + c)^n, coefficients by exponents."""
    found: Polynomial = {(0, 0): 1.0}
    for _ in range(n):
        grown: Polynomial = defaultdict(float)
        for (i, j), value in found.items():
            grown[i + 1, j] += value * line[0]
            grown[i, j + 1] += value * line[1]
            grown[i, j] += value * line[2]
        found = grown
    return found


def test_less_than_one_run_in_a_billion_fails() -> None:
    """Markov: P(d > t) <= E[d^10] / t^10, with all moments up to degree 20 followed exactly."""
    degree = 20
    mean, covariance = SMALL.law()
    whiten = np.linalg.cholesky(np.linalg.inv(covariance)).T
    places = [(i, n - i) for n in range(degree + 1) for i in range(n + 1)]
    at = {place: k for k, place in enumerate(places)}
    step = np.zeros((len(places), len(places)))
    for chance, matrix, shift in SMALL.maps():
        turned, moved = (
            whiten @ matrix @ np.linalg.inv(whiten),
            whiten @ (matrix @ mean + shift - mean),
        )
        lines = [(*turned[row], moved[row]) for row in (0, 1)]
        powers = [[_power(line, n) for n in range(degree + 1)] for line in lines]
        for (i, j), k in at.items():
            for (a, b), first in powers[0][i].items():
                for (c, d), second in powers[1][j].items():
                    step[k, at[a + c, b + d]] += chance * first * second
    start = -whiten @ mean
    moments = np.array([start[0] ** i * start[1] ** j for i, j in places])
    for _ in range(SMALL.steps):
        moments = step @ moments
    tenth = sum(comb(10, i) * moments[at[2 * i, 20 - 2 * i]] for i in range(11))
    second = moments[at[2, 0]] + moments[at[0, 2]]

    assert second == pytest.approx(2)
    assert tenth / IMPOSSIBLE**10 < 1e-9
    assert UNLIKELY < IMPOSSIBLE
