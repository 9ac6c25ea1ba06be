"""Random layers: right ones pass, each kind of wrong one fails."""

from collections.abc import Callable

import numpy as np
import pytest

from backproof.model import Mismatch, Returned, Value
from backproof.tensors import RELATIONS
from backproof.tensors.statistics import count_is_plausible, divergence

CALLS, SHAPE = 8, (200, 150)
Layer = Callable[[np.random.Generator, np.ndarray, float], np.ndarray]


def verdict(layer: Layer, p: float, seed: int = 0) -> Mismatch | None:
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.5, 2.0, SHAPE)
    out = np.stack([layer(rng, x, p) for _ in range(CALLS)])
    returned = Returned(values={"out": Value(form="tensor", array=out, dtype="float64")})
    return RELATIONS["inverted_dropout"](
        {"x": x, "drop_prob": p}, returned, {"repeat": CALLS, "dtype": "float64"}
    )


def right(rng: np.random.Generator, x: np.ndarray, p: float) -> np.ndarray:
    return x * (rng.random(x.shape) >= p) / (1 - p)


@pytest.mark.parametrize("p", [0.2, 0.5, 0.7])
@pytest.mark.parametrize("seed", range(20))
def test_honest_dropout_always_passes(p: float, seed: int) -> None:
    """The stated false-fail rate is 1e-9: no honest layer of these fails."""
    assert verdict(right, p, seed) is None


WRONG: dict[str, tuple[Layer, str]] = {
    "no rescaling": (lambda rng, x, p: x * (rng.random(x.shape) >= p), "surviving entry"),
    "keep for drop": (lambda rng, x, p: x * (rng.random(x.shape) < p) / (1 - p), "dropped"),
    "rate off by 0.01": (
        lambda rng, x, p: x * (rng.random(x.shape) >= p + 0.01) / (1 - p),
        "entries dropped",
    ),
    "row mask": (lambda rng, x, p: x * (rng.random((len(x), 1)) >= p) / (1 - p), "neighbour"),
    "column mask": (lambda rng, x, p: x * (rng.random(x.shape[1]) >= p) / (1 - p), "below"),
    "same mask": (
        lambda rng, x, p: x * (np.random.default_rng(1).random(x.shape) >= p) / (1 - p),
        "next call",
    ),
    "fixed count": (
        lambda rng, x, p: (
            x * rng.permuted(np.arange(x.size) >= p * x.size).reshape(x.shape) / (1 - p)
        ),
        "exactly",
    ),
    "noise": (lambda rng, x, p: x * rng.normal(1, 0.5, x.shape), "surviving entry"),
    "NaN": (lambda rng, x, p: x * np.nan, "nan"),
    "shape": (lambda rng, x, p: right(rng, x, p)[:1], "shape"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_dropout_is_caught_with_its_reason(name: str) -> None:
    """Each way to get dropout wrong fails, and the text says what was seen."""
    layer, words = WRONG[name]

    mismatch = verdict(layer, 0.3)

    assert mismatch is not None
    assert words in mismatch.observed


# --- whole channels --------------------------------------------------------------------------

IMAGES = (40, 30, 2, 3)


def channel_verdict(layer: Layer, p: float, seed: int = 0) -> Mismatch | None:
    rng = np.random.default_rng(seed)
    x = rng.uniform(0.5, 2.0, IMAGES)
    out = np.stack([layer(rng, x, p) for _ in range(CALLS)])
    returned = Returned(values={"out": Value(form="tensor", array=out, dtype="float64")})
    return RELATIONS["inverted_channel_dropout"](
        {"x": x, "drop_prob": p}, returned, {"repeat": CALLS, "dtype": "float64"}
    )


def kept(rng: np.random.Generator, p: float, *shape: int) -> np.ndarray:
    return (rng.random(shape) >= p) / (1 - p)


@pytest.mark.parametrize("seed", range(20))
def test_honest_spatial_dropout_always_passes(seed: int) -> None:
    """One draw for each channel of each example."""
    assert channel_verdict(lambda rng, x, p: x * kept(rng, p, 40, 30, 1, 1), 0.3, seed) is None


WRONG_CHANNELS: dict[str, tuple[Layer, str]] = {
    "per pixel": (lambda rng, x, p: x * kept(rng, p, *IMAGES), "kept or dropped as a whole"),
    "per row of pixels": (lambda rng, x, p: x * kept(rng, p, 40, 30, 2, 1), "as a whole"),
    "shared over the batch": (lambda rng, x, p: x * kept(rng, p, 1, 30, 1, 1), "next example"),
    "whole examples": (lambda rng, x, p: x * kept(rng, p, 40, 1, 1, 1), "of the same example"),
    "no rescaling": (
        lambda rng, x, p: x * kept(rng, p, 40, 30, 1, 1) * (1 - p),
        "surviving entry",
    ),
    "Gaussian": (lambda rng, x, p: x * rng.normal(1, 0.6, (40, 30, 1, 1)), "surviving entry"),
    "keep for drop": (
        lambda rng, x, p: x * (rng.random((40, 30, 1, 1)) < p) / (1 - p),
        "channels dropped",
    ),
}


@pytest.mark.parametrize("name", WRONG_CHANNELS)
def test_wrong_spatial_dropout_is_caught_with_its_reason(name: str) -> None:
    """Each unit that is not a channel of one example is named."""
    layer, words = WRONG_CHANNELS[name]

    mismatch = channel_verdict(layer, 0.3)

    assert mismatch is not None
    assert words in mismatch.observed


# --- the regular simplex ---------------------------------------------------------------------


def simplex_verdict(centers: np.ndarray, n: int, dim: int) -> Mismatch | None:
    value = Value(form="tensor", array=centers, dtype="float64")
    return RELATIONS["regular_simplex"](
        {"n": n, "dim": dim}, Returned(values={"centers": value}), {"dtype": "float64"}
    )


def simplex(n: int, dim: int) -> np.ndarray:
    """The standard basis around its mean, scaled, and turned into any position."""
    around = (np.eye(n) - 1 / n) * np.sqrt(n / (n - 1))
    flat = around @ np.linalg.svd(around)[0][:, : n - 1]
    turn = np.linalg.qr(np.random.default_rng(3).standard_normal((dim, dim)))[0]
    return np.pad(flat, ((0, 0), (0, dim - n + 1))) @ turn


@pytest.mark.parametrize(("n", "dim"), [(2, 1), (4, 3), (10, 9), (10, 16)])
def test_a_regular_simplex_passes_in_any_position(n: int, dim: int) -> None:
    """In n - 1 dimensions and in more; reflected and in another order as well."""
    centers = simplex(n, dim)

    assert simplex_verdict(centers, n, dim) is None
    assert simplex_verdict(-centers[::-1], n, dim) is None


@pytest.mark.parametrize(
    ("centers", "words"),
    [
        (np.eye(4), "the cosine 0"),
        (2 * simplex(4, 3), "the length 2"),
        (np.eye(4)[:3], "shape"),
        (np.full((4, 3), np.nan), "nan"),
        (simplex(4, 3) + 1e-6, "for n = 4"),
    ],
)
def test_other_points_are_no_regular_simplex(centers: np.ndarray, words: str) -> None:
    """Orthogonal vectors, longer ones, too few, and points that are slightly off."""
    mismatch = simplex_verdict(centers, 4, centers.shape[1])

    assert mismatch is not None
    assert words in mismatch.observed


def test_inputs_changed_in_place_are_named() -> None:
    """The relation lists which inputs no longer hold what was passed in."""
    relation = RELATIONS["inputs_unchanged"]

    assert relation({}, Returned(values={}), {}) is None
    mismatch = relation({}, Returned(values={}, changed_inputs=("x", "dout")), {})
    assert mismatch is not None
    assert "x, dout" in mismatch.observed


def test_counts_at_the_expected_rate_are_plausible_and_far_ones_are_not() -> None:
    """Chernoff's bound accepts the mean and rejects ten standard deviations."""
    assert count_is_plausible(300, 1000, 0.3, 1e-9)
    assert not count_is_plausible(450, 1000, 0.3, 1e-9)
    assert not count_is_plausible(0, 1000, 0.3, 1e-9)
    assert divergence(0.3, 0.3) == 0
