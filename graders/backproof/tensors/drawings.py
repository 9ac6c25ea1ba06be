"""Pictures of what a submission has returned: curves, kernels, histograms, clouds.

Whatever comes back is drawn, as far as it can be; what cannot be drawn is left out, since the
verdict says what is wrong with it. No expected value is in a picture: reference bands are of other
runs, and clouds have no scale.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from backproof.model import (
    CaseKey,
    Cloud,
    Curves,
    Drawing,
    Histogram,
    Images,
    Line,
    Picture,
    Returned,
)
from backproof.tensors.descent_relations import Descent

Array = NDArray[np.float64]
DrawingFunction: TypeAlias = Callable[[CaseKey, Returned, Mapping[str, Any]], "Picture | None"]

MAX_POINTS = 400
"""Of a line: more cannot be told apart on a page."""
MAX_IMAGES, MAX_SIDE = 16, 16
GREYS = 52
"""Levels that can be told apart, at most; 255 is a multiple of one less."""
BINS = 30
FEWEST = 60
"""Values in a histogram: fewer have no shape."""
RUNS = 200
"""In a cloud."""
LARGEST = 1e6
"""Beyond that a number is no accuracy, loss or weight that anybody could see in a picture."""


def drawn(draws: Sequence[Drawing], key: CaseKey, returned: Returned) -> tuple[Picture, ...]:
    """The pictures of one case that can be drawn."""
    found = (DRAWINGS[draw.name](key, returned, draw.parameters) for draw in draws)
    return tuple(picture for picture in found if picture is not None)


def _numbers(returned: Returned, name: str, ndim: int | None = None) -> Array | None:
    """An output as finite numbers of a size that can be drawn; None if it is none."""
    value = returned.values.get(name)
    if value is None or value.array is None or value.array.dtype.kind not in "fiu":
        return None
    array = value.array.astype(np.float64)
    if not array.size or not (np.abs(array) < LARGEST).all():  # also false for NaN
        return None
    return array if ndim is None or array.ndim == ndim else None


def run_log(key: CaseKey, returned: Returned, parameters: Mapping[str, Any]) -> Picture | None:
    """Training curves. Parameters: log, name of the output (epochs, 2), in percent. other: what the
    second column is the accuracy on.
    """
    log = _numbers(returned, str(parameters["log"]), 2)
    if log is None or log.shape[1] != 2 or not 2 <= len(log) <= MAX_POINTS:
        return None
    epochs = tuple(map(float, range(1, len(log) + 1)))
    names = ("training images", str(parameters["other"]))
    lines = (
        Line(name=name, x=epochs, y=tuple(log[:, column].tolist()))
        for column, name in enumerate(names)
    )
    return Curves(
        title=f"{parameters['log']} as you returned it",
        across="row",
        up="accuracy, %",
        lines=tuple(lines),
        bounds=(0.0, 100.0),
    )


def sweep(key: CaseKey, returned: Returned, parameters: Mapping[str, Any]) -> Picture | None:
    """A sweep over one setting. Parameters: sweep, name of the output (runs, 2), setting and share
    from 0 to 1. setting: its name. band: `[setting, low, high]` of other runs. of: whose runs.
    """
    found = _numbers(returned, str(parameters["sweep"]), 2)
    if found is None or found.shape[1] != 2 or not 2 <= len(found) <= MAX_POINTS:
        return None
    found = found[np.argsort(found[:, 0], kind="stable")]
    yours = Line(name="yours", x=tuple(found[:, 0].tolist()), y=tuple(found[:, 1].tolist()))
    return Curves(
        title=f"{parameters['sweep']} as you returned it",
        across=str(parameters["setting"]),
        up="accuracy",
        lines=(yours, *_band(parameters)),
        bounds=(0.0, 1.0),
    )


def losses(key: CaseKey, returned: Returned, parameters: Mapping[str, Any]) -> Picture | None:
    """Mean loss of each epoch of a run by the grader. Parameters: losses, name of the output, one
    loss for each mini-batch. epochs: how many. band: `[epoch, low, high]` of other runs. of: whose.
    """
    each = _numbers(returned, str(parameters["losses"]), 1)
    epochs = int(parameters["epochs"])
    if each is None or len(each) % epochs:
        return None
    means = each.reshape(epochs, -1).mean(axis=1)
    x = tuple(map(float, range(1, epochs + 1)))
    yours = Line(name="yours", x=x, y=tuple(means.tolist()))
    band = _band(parameters)
    highest = max(max(line.high) for line in band) if band else float(means.max())
    return Curves(
        title="Mean training loss of each epoch, when your network was trained here",
        across="epoch",
        up="loss",
        lines=(yours, *band),
        bounds=(0.0, 1.25 * highest),
    )


def _band(parameters: Mapping[str, Any]) -> tuple[Line, ...]:
    rows = parameters.get("band", ())
    if not rows:
        return ()
    x, low, high = (tuple(map(float, column)) for column in zip(*rows, strict=True))
    middle = tuple((a + b) / 2 for a, b in zip(low, high, strict=True))
    return (Line(name=str(parameters["of"]), x=x, y=middle, low=low, high=high),)


def kernels(key: CaseKey, returned: Returned, parameters: Mapping[str, Any]) -> Picture | None:
    """Kernels, or rows of a first layer, as images. Parameters: weights, name of the output: of a
    convolution (out, in, rows, columns), or of a layer that sees square grey images, (out, pixels).
    """
    weights = _numbers(returned, str(parameters["weights"]))
    if weights is None or weights.ndim not in (2, 4):
        return None
    side = round(weights.shape[-1] ** 0.5)
    if weights.ndim == 2 and side * side == weights.shape[1]:
        images, title = weights.reshape(-1, side, side), "units of the first layer, as its pixels"
    elif weights.ndim == 4:
        images, title = weights.reshape(-1, *weights.shape[2:]), "kernels of the first convolution"
    else:
        return None
    if min(images.shape[1:]) < 2 or max(images.shape[1:]) > MAX_SIDE:
        return None
    shown = images[:MAX_IMAGES]
    largest = float(np.abs(shown).max()) or 1.0
    grey = np.rint((shown / largest + 1) * (GREYS - 1) / 2).astype(int) * (255 // (GREYS - 1))
    count = f"{len(shown)} of {len(images)} " if len(images) > len(shown) else f"{len(shown)} "
    return Images(
        title=count + title,
        shape=(images.shape[1], images.shape[2]),
        images=tuple(tuple(image.ravel().tolist()) for image in grey),
        black=-largest,
        white=largest,
    )


def histogram(key: CaseKey, returned: Returned, parameters: Mapping[str, Any]) -> Picture | None:
    """How weights are distributed. Parameters: weights, name of the output. normal: beside them the
    normal law with the expected standard deviation, in which they are then measured.
    """
    name = str(parameters["weights"])
    weights = _numbers(returned, name)
    if weights is None or weights.size < FEWEST:
        return None
    unit, across = 1.0, str(parameters.get("across", name))
    curve: tuple[float, ...] = ()
    if parameters.get("normal"):
        unit = float(np.sqrt(np.mean(np.square(key.expected[name])))) or 1.0
        across = f"{name}, in the standard deviations that are asked for"
    values = weights.ravel() / unit
    end = max(3.5 if parameters.get("normal") else 0.0, float(np.abs(values).max())) or 1.0
    counts, edges = np.histogram(values, bins=BINS, range=(-end, end))
    if parameters.get("normal"):
        middles = (edges[:-1] + edges[1:]) / 2
        density = np.exp(-(middles**2) / 2) / np.sqrt(2 * np.pi)
        curve = tuple((density * values.size * (edges[1] - edges[0])).tolist())
    return Histogram(
        title=f"How {values.size} weights are distributed",
        across=across,
        ends=(-end, end),
        counts=tuple(counts.tolist()),
        curve=curve,
        curve_name="normal law, as asked for" if curve else "",
    )


@functools.cache
def _ends(descent: Descent) -> Array:
    return descent.sample(RUNS, np.random.default_rng(0))


def descent_cloud(
    key: CaseKey, returned: Returned, parameters: Mapping[str, Any]
) -> Picture | None:
    """Where stochastic gradient descent ends in many runs, and the weights that are stated.
    Parameters: those of the relation `dropout_descent`, for two weights.
    """
    given = dict(parameters)
    stated = _numbers(returned, str(given.pop("weights")))
    descent = Descent(**{**given, "x": tuple(given["x"])})
    if stated is None or stated.size != 2 or len(descent.x) != 2:
        return None
    mean, covariance = descent.law()
    spread = np.sqrt(np.diag(covariance))
    ends = (_ends(descent) - mean) / spread
    away = (stated.ravel() - mean) / spread
    return Cloud(
        title=f"Where {RUNS} other runs end, and your weights",
        across="w1",
        up="w2",
        points=tuple((float(a), float(b)) for a, b in ends),
        correlation=float(covariance[0, 1] / (spread[0] * spread[1])),
        radius=float(np.sqrt(-2 * np.log(1 - 0.95))),
        share=0.95,
        marked=(float(away[0]), float(away[1])),
    )


DRAWINGS: Mapping[str, DrawingFunction] = {
    "descent_cloud": descent_cloud,
    "histogram": histogram,
    "kernels": kernels,
    "losses": losses,
    "run_log": run_log,
    "sweep": sweep,
}
