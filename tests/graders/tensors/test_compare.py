"""Comparison of returned values with expected ones."""

import numpy as np
import pytest

from backproof.model import MismatchKind, Value
from backproof.tensors import Comparison, compare, resemblance, tolerance_for

EXPECTED = np.arange(1.0, 7.0).reshape(2, 3)
NOISE = 6 * 2.0**-53
F64 = tolerance_for("float64")


def returned(array: object, form: str = "tensor", device: str = "cpu") -> Value:
    array = np.asarray(array)
    return Value(form=form, array=array, dtype=str(array.dtype), device=device)


def compared(array: object, **more: str) -> Comparison:
    return compare("out", returned(array, **more), EXPECTED, NOISE, F64)


def kind(comparison: Comparison) -> MismatchKind | None:
    return comparison.mismatch and comparison.mismatch.kind


def test_equal_values_pass_with_size_zero() -> None:
    """The right answer is accepted and its distance is zero."""
    assert compared(EXPECTED) == Comparison(mismatch=None, size=0.0)


@pytest.mark.parametrize(
    "wrong",
    [EXPECTED[:1], EXPECTED[None], EXPECTED.T, EXPECTED.ravel(), np.float64(1.0), EXPECTED[:, :0]],
    ids=["first row", "extra axis", "transposed", "flat", "scalar", "empty"],
)
def test_nothing_is_ever_broadcast(wrong: np.ndarray) -> None:
    """A value of another shape is a shape mismatch, whatever it would broadcast to."""
    assert kind(compared(wrong)) is MismatchKind.SHAPE


@pytest.mark.parametrize("dtype", ["float16", "bool", "complex128"])
def test_dtypes_that_cannot_carry_the_result_are_refused(dtype: str) -> None:
    """Half precision, booleans and complex numbers are dtype mismatches."""
    assert kind(compared(EXPECTED.astype(dtype))) is MismatchKind.DTYPE


def test_single_precision_work_passes_with_a_remark() -> None:
    """Right mathematics done in float32 earns its marks; the remark says what happened."""
    comparison = compared((EXPECTED / 7).astype(np.float32).astype(np.float64) * 7)

    assert comparison.mismatch is None
    assert "single precision" in comparison.remark


@pytest.mark.parametrize("hole", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_named_with_their_place(hole: float) -> None:
    """NaN never equals anything, and the student reads where it is."""
    array = EXPECTED.copy()
    array[1, 2] = hole
    mismatch = compared(array).mismatch

    assert mismatch is not None
    assert mismatch.kind is MismatchKind.NON_FINITE
    assert mismatch.index == (1, 2)


def test_a_small_value_nine_times_too_large_is_wrong() -> None:
    """Noise scales with the result: no absolute tolerance hides small gradients."""
    expected = np.array([1e-6])
    comparison = compare("dx", returned([9e-6]), expected, 1e-6 * 2.0**-53, F64)

    assert kind(comparison) is MismatchKind.VALUE


def test_the_worst_entry_and_the_number_of_wrong_ones_are_reported() -> None:
    """A value mismatch names the place of the largest error and how many entries are wrong."""
    array = EXPECTED.copy()
    array[0, 1] += 1e-3
    array[1, 0] += 1.0
    mismatch = compared(array).mismatch

    assert mismatch is not None
    assert mismatch.index == (1, 0)
    assert mismatch.observed.startswith("2 of 6 entries of out wrong, most of all out[1, 0] = 5")


def test_the_expected_value_never_stands_in_the_text() -> None:
    """What the student reads about a hidden case holds their own value only."""
    mismatch = compare("out", returned([3.5]), np.array([7.25]), 1e-16, F64).mismatch

    assert mismatch is not None
    assert "7.25" not in mismatch.observed


def test_a_tensor_left_on_another_device_is_a_device_mismatch() -> None:
    """With inputs on the GPU, a result on the CPU is named as such."""
    value = returned(EXPECTED, device="cpu")

    assert kind(compare("out", value, EXPECTED, NOISE, F64, "cuda")) is MismatchKind.DEVICE


def test_a_numpy_array_has_no_device_to_be_wrong() -> None:
    """NumPy results of GPU work are accepted."""
    value = returned(EXPECTED, form="array")

    assert compare("out", value, EXPECTED, NOISE, F64, "cuda").mismatch is None


def test_something_that_is_no_array_is_missing() -> None:
    """A returned string is named by its type."""
    value = Value(form="other", text="a string")

    assert kind(compare("out", value, EXPECTED, NOISE, F64)) is MismatchKind.MISSING


def test_an_answer_resembles_a_known_wrong_one_within_rounding() -> None:
    """A known wrong answer is recognised through the rounding of another implementation."""
    wrong = EXPECTED * 1e6

    assert resemblance(returned(wrong), wrong, NOISE, F64) == 0
    assert resemblance(returned(wrong * (1 + 1e-15)), wrong, NOISE, F64) is not None
    assert resemblance(returned(wrong * 1.001), wrong, NOISE, F64) is None
    assert resemblance(returned(wrong[:1]), wrong, NOISE, F64) is None


def test_tolerance_grows_with_the_length_of_sums() -> None:
    """K is 32, and the square root of the number of terms for long sums."""
    assert tolerance_for("float32", terms=100).factor == 32
    assert tolerance_for("float32", terms=10_000).factor == 100
