"""What is said and drawn of a wrong array as a whole."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from backproof.model import ErrorMap, Value
from backproof.tensors import compare, tolerance_for
from backproof.tensors.patterns import MAX_CELLS

Array = NDArray[np.float64]
F64 = tolerance_for("float64")
NOISE = 1e-14


def made(*shape: int) -> Array:
    return np.random.default_rng(5).standard_normal(shape)


def observed(array: Array, expected: Array) -> str:
    value = Value(form="tensor", array=array, dtype="float64", device="cpu")
    mismatch = compare("dx", value, expected, NOISE, F64).mismatch
    assert mismatch is not None
    return mismatch.observed


def errors(array: Array, expected: Array) -> ErrorMap:
    value = Value(form="tensor", array=array, dtype="float64", device="cpu")
    found = compare("dx", value, expected, NOISE, F64).errors
    assert found is not None
    return found


def changed(expected: Array, place: object) -> Array:
    array = expected.copy()
    array[place] += 1.5 + np.arange(np.size(array[place])).reshape(np.shape(array[place])) ** 2 % 7
    return array


WHOLE: dict[str, Callable[[Array], Array]] = {
    "every entry is 6 times what is expected": lambda e: 6 * e,
    "every entry is 2/3 times what is expected": lambda e: e * 2 / 3,
    "every entry has the wrong sign": lambda e: -e,
    "every entry is 0": np.zeros_like,
    "times one and the same factor": lambda e: e * 0.61803398875,
    "off by one and the same amount": lambda e: e + 0.7,
    "the transpose of what is expected": lambda e: e.T.copy(),
    "in reversed order along axis 1": lambda e: e[:, ::-1].copy(),
    "shifted by one place along axis 0": lambda e: np.roll(e, 1, 0),
}


@pytest.mark.parametrize("words", WHOLE)
def test_one_slip_in_all_values_is_named_without_a_value(words: str) -> None:
    """Beside a value of the student's own the sentence would give an expected one away."""
    text = observed(WHOLE[words](made(5, 5)), made(5, 5))

    assert words in text
    assert "=" not in text


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (np.s_[:, -1], "wrong only in the last column, every entry of it"),
        (np.s_[0, 1:3], "wrong only in the first row"),
        (np.s_[[0, 3]], "wrong only in rows 0 and 3, all of their entries"),
        (np.s_[[0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5]], "wrong only on the diagonal"),
    ],
    ids=["column", "part of a row", "rows", "diagonal"],
)
def test_wrong_entries_that_lie_together_are_said_to(place: object, words: str) -> None:
    """The student reads where to look."""
    expected = made(6, 6)

    assert words in observed(changed(expected, place), expected)


def test_the_border_of_images_is_named() -> None:
    """A wrong padding shows at the border only."""
    expected = made(2, 3, 5, 6)
    array = expected + 1 + expected**2
    array[:, :, 1:-1, 1:-1] = expected[:, :, 1:-1, 1:-1]

    assert "only at the border of the last two axes of dx" in observed(array, expected)


def test_one_channel_of_a_batch_is_named_as_numpy_would() -> None:
    """Axes of tensors have no names that everybody uses; indices have."""
    expected = made(2, 5, 4, 3)

    assert "only in dx[:, 2, :, :], every entry of it" in observed(
        changed(expected, np.s_[:, 2]), expected
    )


def test_a_factor_of_its_own_in_every_column_is_named() -> None:
    """A forgotten gamma is one factor for each feature."""
    expected = made(7, 3)

    assert "every column of dx is right up to a factor of its own" in observed(
        expected * np.array([2.1, -0.7, 3.3]), expected
    )


def test_a_transpose_of_another_shape_is_named() -> None:
    """The shape alone does not say that the values are right."""
    assert observed(made(4, 3).T.copy(), made(4, 3)).endswith("the transpose of what is expected")
    assert "transpose" not in observed(np.ones((3, 4)), made(4, 3))


def test_unrelated_values_get_no_pattern() -> None:
    """Nothing is said that is not so."""
    text = observed(made(5, 6), np.random.default_rng(9).standard_normal((5, 6)))

    assert text.partition("= ")[2].count(" ") == 0


def test_two_equal_ratios_are_no_factor() -> None:
    """Whole numbers are often multiples of each other by chance."""
    assert "times" not in observed(np.array([2.0, 4.0, 4.0]), np.array([1.0, 2.0, 2.0]))


def test_the_map_has_a_class_for_every_entry() -> None:
    """Right, a little, clearly, wholly wrong, not finite."""
    expected = np.array([[10.0, 10.0, 10.0], [10.0, 10.0, 10.0]])
    found = errors(expected + np.array([[0, 0.5, 5.0], [50.0, 0, -0.5]]), expected)

    assert (found.grid, found.levels) == ((2, 3), "012301")
    assert errors(np.full((2, 2), np.nan), np.ones((2, 2))).levels == "4444"


def test_a_large_map_stays_small_and_loses_no_wrong_entry() -> None:
    """The worst entry of a cell decides its class."""
    expected = made(40, 3, 64, 64)
    array = expected.copy()
    array[17, 1, 40, 41] += 100
    found = errors(array, expected)

    assert len(found.levels) <= MAX_CELLS
    assert found.levels.count("3") == 1
    assert found.shape == expected.shape


def test_a_single_number_has_no_map() -> None:
    """There is nothing to see."""
    value = Value(form="tensor", array=np.ones(()), dtype="float64", device="cpu")

    assert compare("c", value, np.zeros(()), NOISE, F64).errors is None


@given(st.integers(0, 10**6), st.floats(0.55, 0.95))
def test_no_expected_value_can_be_computed_from_a_map(seed: int, shrink: float) -> None:
    """Clearly different expected values give the same map of the same answer."""
    rng = np.random.default_rng(seed)
    expected = rng.standard_normal((3, 4))
    array = np.where(rng.random((3, 4)) < 0.7, expected + 3 * rng.standard_normal((3, 4)), expected)
    wrong = np.abs(array - expected) > 1e-6
    if not wrong.any():
        return
    first = errors(array, expected)
    one = tuple(np.argwhere(wrong)[0])
    other = expected.copy()
    low, high = {"1": (0.0, 0.1), "2": (0.1, 1.0), "3": (1.0, np.inf)}[
        first.levels[int(np.ravel_multi_index(one, (3, 4)))]
    ]
    scale = np.abs(expected).max()
    if abs(expected[one]) == scale or high == np.inf:
        return  # it would move the unit itself
    away = low + (high - low) * shrink
    other[one] = array[one] + np.sign(expected[one] - array[one]) * away * scale
    if abs(other[one]) >= scale:
        return

    assert errors(array, other).levels == first.levels
