"""Compare what came back from a student's process with what is expected.

Works on plain arrays in the trusted process, never broadcasts, and looks in the order in which a
person would: is it there, its shape, its dtype, its device, is it finite, its values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backproof.model import ErrorMap, Mismatch, MismatchKind, Value
from backproof.tensors.patterns import Mask, error_map, pattern, transposed
from backproof.tensors.tolerance import UNIT_ROUNDOFF, Tolerance

_ACCEPTED_KINDS = {"f": 4, "i": 1, "u": 1}
"""NumPy kinds of real numbers, with the least item size that can carry the mathematics."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """mismatch: None when accepted. size: largest difference in units of noise. remark: a note.

    errors: which entries are wrong, where there is more than one.
    """

    mismatch: Mismatch | None
    size: float | None = None
    remark: str = ""
    errors: ErrorMap | None = None


def _shape(shape: tuple[int, ...]) -> str:
    return "a single number" if shape == () else "shape " + str(shape)


def _form(output: str, value: Value, expected: NDArray[np.float64], device: str) -> Mismatch | None:
    """Everything that can be wrong before a value is looked at."""
    array = value.array
    if array is None:
        what = {"none": "None", "text": "a text (str)"}.get(value.form, value.text)
        return Mismatch(
            kind=MismatchKind.MISSING, output=output, observed=f"{output} is {what}, not an array"
        )
    if array.shape != expected.shape:
        observed = f"{output} has {_shape(array.shape)} where {_shape(expected.shape)} is due"
        if array.dtype.kind in "fiu" and transposed(array.astype(np.float64), expected):
            observed += f": {output} is the transpose of what is expected"
        return Mismatch(kind=MismatchKind.SHAPE, output=output, observed=observed)
    if array.dtype.itemsize < _ACCEPTED_KINDS.get(array.dtype.kind, 99):
        return Mismatch(
            kind=MismatchKind.DTYPE,
            output=output,
            observed=f"{output} has dtype {value.dtype}, which cannot carry the result",
        )
    if value.form == "tensor" and not value.device.startswith(device):
        return Mismatch(
            kind=MismatchKind.DEVICE,
            output=output,
            observed=f"{output} is on {value.device} although the inputs are on {device}",
        )
    return None


def compare(
    output: str,
    value: Value,
    expected: NDArray[np.float64],
    noise: float,
    tolerance: Tolerance,
    device: str = "cpu",
) -> Comparison:
    """Decide one output.

    `noise` is in the unit round-off of `tolerance`. Work done in single precision on double
    precision inputs is right mathematics: it is accepted within the noise of float32, with a
    remark (designed inputs keep wrong formulas far beyond that, and the audit proves it).
    """
    if (mismatch := _form(output, value, expected, device)) is not None:
        return Comparison(mismatch=mismatch)
    assert value.array is not None
    array = value.array.astype(np.float64, copy=False)
    if array.size == 0:
        return Comparison(mismatch=None, size=0.0)
    difference = _distance(array, expected)
    most = int(np.argmax(difference))  # the first that is not a number, where there is one
    if not np.isfinite(difference.flat[most]):
        unlike = np.isfinite(array) != np.isfinite(expected)
        if unlike.any():
            return _not_finite(output, array, expected, unlike)
    where = tuple(int(i) for i in np.unravel_index(most, array.shape))
    size = float(difference[where] / noise) if noise > 0 else float(difference[where] and np.inf)
    if size <= tolerance.factor:
        return Comparison(mismatch=None, size=size)
    single = UNIT_ROUNDOFF["float32"] / tolerance.unit
    if size <= tolerance.factor * single:
        return Comparison(
            mismatch=None,
            size=size,
            remark=f"{output} is right to single precision only: it was computed in float32",
        )
    wrong = difference > tolerance.factor * noise
    observed = _values_observed(output, array, expected, where, wrong)
    return Comparison(
        mismatch=Mismatch(
            kind=MismatchKind.VALUE, output=output, observed=observed, index=where, size=size
        ),
        size=size,
        errors=_map(output, array, expected, wrong, observed),
    )


def _distance(array: NDArray[np.float64], expected: NDArray[np.float64]) -> NDArray[np.float64]:
    # A huge answer is wrong, not our problem; nor is an infinite one where it is due.
    with np.errstate(over="ignore", invalid="ignore"):
        difference = np.atleast_1d(array - expected)
    return np.abs(difference, out=difference).reshape(array.shape)


def _entry(output: str, where: tuple[int, ...]) -> str:
    return f"{output}[{', '.join(map(str, where))}]" if where else output


def _not_finite(
    output: str, array: NDArray[np.float64], expected: NDArray[np.float64], unlike: Mask
) -> Comparison:
    where = tuple(int(i) for i in np.argwhere(unlike)[0])
    observed = f"{_entry(output, where)} is {array[where]}"
    if array.size > 1 and not np.isfinite(array[unlike]).any():
        observed = f"{_share(output, unlike)} not finite: {observed}"
    return Comparison(
        mismatch=Mismatch(
            kind=MismatchKind.NON_FINITE, output=output, observed=observed, index=where
        ),
        errors=_map(output, array, expected, unlike, observed),
    )


def _share(output: str, wrong: Mask) -> str:
    count = int(np.count_nonzero(wrong))
    share = "every entry" if count == wrong.size else f"{count} of {wrong.size} entries"
    return f"{share} of {output}"


def _values_observed(
    output: str,
    array: NDArray[np.float64],
    expected: NDArray[np.float64],
    where: tuple[int, ...],
    wrong: Mask,
) -> str:
    if array.size == 1:
        return f"{output} = {array[where]:.6g}"
    share = f"{_share(output, wrong)} wrong"
    if not (np.isfinite(expected).all() and np.isfinite(array).all()):
        return f"{share}, most of all {_entry(output, where)} = {array[where]:.6g}"
    found = pattern(output, array, expected, wrong)
    if found.relates_values:
        return f"{share}: {found.text}"
    most = f"{share}, most of all {_entry(output, where)} = {array[where]:.6g}"
    return f"{most}; {found.text}" if found.text else most


def _map(
    output: str,
    array: NDArray[np.float64],
    expected: NDArray[np.float64],
    wrong: Mask,
    summary: str,
) -> ErrorMap | None:
    """A single number needs no map."""
    return error_map(output, array, expected, wrong, summary) if array.size > 1 else None


def resemblance(
    value: Value, other: NDArray[np.float64], noise: float, tolerance: Tolerance
) -> float | None:
    """How far a returned value is from another known answer, in units of its rounding.

    None when they differ by more than the rounding of float32.
    """
    array = value.array
    if array is None or array.shape != other.shape or array.dtype.kind not in "fiu":
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        difference = np.max(np.abs(array.astype(np.float64) - other), initial=0.0)
    # A known wrong answer may be far larger than the right one, and its rounding with it.
    room = max(noise, tolerance.unit * float(np.max(np.abs(other), initial=0.0)))
    size = float(difference / room) if room > 0 else float(difference and np.inf)
    single = UNIT_ROUNDOFF["float32"] / tolerance.unit
    return size if size <= tolerance.factor * single else None
