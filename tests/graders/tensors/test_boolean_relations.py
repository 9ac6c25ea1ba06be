"""Nets for Boolean functions are right when what they put out is right, whatever their weights."""

from typing import Any

import numpy as np
import pytest

from backproof.model import Mismatch, Returned, Value
from backproof.tensors import RELATIONS

XOR = {"layers": [["w1", "b1"], ["w2", "b2"]], "truth": [0, 1, 1, 0], "hints": {"11": "twice"}}
ONES = [[1.0, 1.0], [1.0, 1.0]]


def value(given: Any) -> Value:
    if isinstance(given, str):
        return Value(form="text", text=given)
    array = np.asarray(given)
    return Value(form="array", array=array, dtype=str(array.dtype))


def xor(w1: Any, b1: Any, w2: Any, b2: Any) -> Mismatch | None:
    given = {"w1": w1, "b1": b1, "w2": w2, "b2": b2}
    returned = Returned(values={name: value(weights) for name, weights in given.items()})
    return RELATIONS["truth_table"]({}, returned, XOR)


@pytest.mark.parametrize(
    "net",
    [
        (ONES, [0.0, -1.0], [1.0, -2.0], 0.0),
        ([[1, -1], [-1, 1]], [0, 0], [[3, 1]], [0]),
        (np.float32([[1.1, 1.1], [1.1, 1.1]]), np.float32([0, -1.1]), [1.0, -2.0], 0.0),
        (ONES, [0.0, -1.0], [2.0, -5.0], -1.0),
    ],
)
def test_every_net_that_does_what_is_asked_passes(net: Any) -> None:
    """Other units, outputs above 1, single precision, an output that only ReLU brings to 0."""
    assert xor(*net) is None


@pytest.mark.parametrize(
    ("net", "says"),
    [
        ((ONES, [0.0, -1.0], [1.0, -1.0], 0.0), "at x = (1, 1) your net puts out 1; it must be 0: twice"),
        ((ONES, [0.0, -1.0], [0.5, -1.0], 0.0), "at x = (0, 1) your net puts out 0.5; it must be 1 or"),
        ((ONES, [0.0, -1.0], [1.0, -2.0], 1.0), "at x = (0, 0) your net puts out 1; it must be 0"),
        (([[1, 1, 1]] * 2, [0, -1], [1, -2], 0), "`w1` has the shape (2, 3)"),
        ((ONES, [0.0], [1.0, -2.0], 0.0), "with 1 entries in `b1`"),
        ((ONES, [0.0, -1.0], ONES, [0.0, 0.0]), "the last layer has 2 units; one output is due"),
        ((ONES, [0.0, np.nan], [1.0, -2.0], 0.0), "`b1` holds numbers that are not finite"),
        (("x1 + x2", [0.0, -1.0], [1.0, -2.0], 0.0), "`w1` holds no numbers"),
    ],
)  # fmt: skip
def test_a_wrong_net_fails_with_the_row_or_the_weight_to_blame(net: Any, says: str) -> None:
    found = xor(*net)

    assert found is not None
    assert says in found.observed
