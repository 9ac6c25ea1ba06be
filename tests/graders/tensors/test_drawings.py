"""What is drawn of what a submission has returned: honest data shows, any data is harmless."""

import json
import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from backproof.model import CaseKey, Cloud, Curves, Drawing, Histogram, Images, Returned, Value
from backproof.reporting.pictures import describe, figure
from backproof.tensors import DRAWINGS, drawn
from backproof.tensors.descent_relations import Descent

RUN = {
    "x": [10.0, 1.0],
    "y": 11.0,
    "drop_prob": 0.5,
    "learning_rate": 1e-3,
    "batch": 1024,
    "steps": 1000,
}
BAND = [[1, 0.5, 0.7], [2, 0.2, 0.3]]
DRAWN = (
    Drawing(name="run_log", parameters={"log": "out", "other": "test images"}),
    Drawing(
        name="sweep", parameters={"sweep": "out", "setting": "p", "band": BAND, "of": "others"}
    ),
    Drawing(name="losses", parameters={"losses": "out", "epochs": 2, "band": BAND, "of": "others"}),
    Drawing(name="kernels", parameters={"weights": "out"}),
    Drawing(name="histogram", parameters={"weights": "out"}),
    Drawing(name="histogram", parameters={"weights": "out", "normal": True}),
    Drawing(name="descent_cloud", parameters={"weights": "out", **RUN}),
)


def _drawn(drawing: Drawing, array: Any, expected: Any = (2.0, -2.0)) -> Any:
    value = (
        Value(form="array", array=np.asarray(array)) if array is not None else Value(form="none")
    )
    key = CaseKey(inputs={}, expected={"out": np.asarray(expected)}, noise={})
    found = drawn((drawing,), key, Returned(values={"out": value}))
    return found[0] if found else None


def test_every_drawing_is_tried_here() -> None:
    assert {drawing.name for drawing in DRAWN} == set(DRAWINGS)


@settings(max_examples=150, deadline=None)
@given(
    array=st.one_of(
        st.none(),
        arrays.arrays(
            dtype=st.sampled_from(["float64", "float32", "int64", "bool", "complex128"]),
            shape=arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=9),
        ),
    )
)
@pytest.mark.parametrize("drawing", DRAWN, ids=lambda drawing: drawing.name)
def test_whatever_comes_back_is_drawn_or_left_out(drawing: Drawing, array: Any) -> None:
    """Never an error, and nothing that JSON cannot hold."""
    picture = _drawn(drawing, array)

    if picture is not None:
        json.dumps(asdict(picture), allow_nan=False)
        assert describe(picture).strip()
        assert "nan" not in figure(picture)


def test_a_log_is_two_lines_over_its_rows() -> None:
    picture = _drawn(DRAWN[0], [[40.0, 38.0], [60.0, 55.0], [80.0, 61.0]])

    assert isinstance(picture, Curves)
    assert [(line.name, line.y) for line in picture.lines] == [
        ("training images", (40.0, 60.0, 80.0)),
        ("test images", (38.0, 55.0, 61.0)),
    ]


def test_a_sweep_is_drawn_in_the_order_of_its_setting() -> None:
    picture = _drawn(DRAWN[1], [[0.5, 0.9], [0.0, 0.98], [1.0, 0.1]])

    assert picture.lines[0].x == (0.0, 0.5, 1.0)
    assert picture.lines[0].y == (0.98, 0.9, 0.1)
    assert picture.lines[1].low == (0.5, 0.2)


def test_losses_are_means_of_epochs() -> None:
    picture = _drawn(DRAWN[2], [1.0, 3.0, 0.5, 0.5])

    assert picture.lines[0].y == (2.0, 0.5)
    assert _drawn(DRAWN[2], [1.0, 2.0, 3.0]) is None, "three steps are no two epochs"


@pytest.mark.parametrize(
    ("shape", "size", "count"),
    [((4, 64), (8, 8), 4), ((6, 3, 5, 5), (5, 5), 16), ((2, 1, 3, 4), (3, 4), 2)],
)
def test_kernels_and_rows_of_square_images_are_images(
    shape: tuple[int, ...], size: tuple[int, int], count: int
) -> None:
    weights = np.linspace(-2, 1, math.prod(shape)).reshape(shape)
    picture = _drawn(DRAWN[3], weights)

    assert isinstance(picture, Images)
    assert picture.shape == size
    assert len(picture.images) == count
    assert (picture.black, picture.white) == (-2.0, 2.0)
    assert picture.images[0][0] == 0, "the most negative weight is black"


def test_a_row_of_seven_pixels_is_no_image() -> None:
    assert _drawn(DRAWN[3], np.ones((4, 7))) is None


def test_weights_twice_as_wide_as_asked_for_are_seen_to_be() -> None:
    """In the unit of the expected standard deviation, half of normal numbers lie within 0.67."""
    draws = np.random.default_rng(0).normal(size=(40, 50))
    right = _drawn(DRAWN[5], 0.3 * draws, 0.3 * draws)
    wide = _drawn(DRAWN[5], 0.6 * draws, 0.3 * draws)

    assert isinstance(right, Histogram)
    assert sum(right.counts) == sum(wide.counts) == 2000
    centre = len(right.counts) // 2
    assert right.counts[centre] == pytest.approx(right.curve[centre], rel=0.15)
    assert wide.ends[1] == pytest.approx(2 * np.abs(draws).max(), rel=0.05)


def test_the_cloud_is_that_of_the_law() -> None:
    """Sampled runs have the mean and the covariance that are computed exactly."""
    descent = Descent(**{**RUN, "x": (10.0, 1.0)})
    mean, covariance = descent.law()
    ends = descent.sample(4000, np.random.default_rng(1))

    np.testing.assert_allclose(
        ends.mean(axis=0), mean, atol=5 * np.sqrt(np.diag(covariance) / 4000).max()
    )
    largest = np.diag(covariance).max()
    np.testing.assert_allclose(np.cov(ends.T), covariance, atol=0.12 * largest)


def test_the_cloud_has_no_scale_and_shows_where_the_stated_weights_are() -> None:
    mean, covariance = Descent(**{**RUN, "x": (10.0, 1.0)}).law()
    picture = _drawn(DRAWN[6], mean + 3 * np.sqrt(np.diag(covariance)))

    assert isinstance(picture, Cloud)
    assert picture.marked == pytest.approx((3.0, 3.0))
    assert str(round(float(mean[0]), 3)) not in figure(picture)
