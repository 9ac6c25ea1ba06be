"""What is wrong with an array as a whole, in words and as a map, without an expected value.

A sentence such as "every entry is 6 times what is expected" gives an expected value away beside one
of the student's own. So where a sentence relates all values, it comes without a value.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from backproof.model import Error, ErrorMap

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

MAX_CELLS = 1024
"""Of a map: more cannot be told apart on a page."""
_CLOSE = 1e-6
"""Of the largest value: far above rounding in single precision, far below designed differences."""
_LARGEST_FACTOR = 100
_FEW = 3
"""Slices that are worth naming one by one."""
_TENTH = 0.1


@dataclass(frozen=True, slots=True)
class Pattern:
    """A sentence, and whether it relates the values, so that none of them may stand beside it."""

    text: str
    relates_values: bool


NOTHING = Pattern("", False)


def error_map(output: str, array: Array, expected: Array, wrong: Mask, summary: str) -> ErrorMap:
    """The map of an array of the right shape; summary: the sentence that goes with it."""
    finite = np.isfinite(array) & np.isfinite(expected)
    scale = np.max(np.abs(expected[np.isfinite(expected)]), initial=0.0)
    with np.errstate(over="ignore", invalid="ignore"):
        difference = np.abs(array - expected)
        levels = np.select(
            [~wrong, ~finite, difference <= _TENTH * scale, difference <= scale],
            [Error.RIGHT, Error.NOT_FINITE, Error.SMALL, Error.LARGE],
            Error.HUGE,
        )
    grid = _coarse(levels)
    return ErrorMap(
        output=output,
        shape=tuple(array.shape),
        grid=tuple(grid.shape),
        levels="".join(map(str, grid.ravel().tolist())),
        summary=summary,
    )


def _coarse(levels: NDArray[np.int_]) -> NDArray[np.int_]:
    """At most `MAX_CELLS` cells: the longest axis is halved, the worst of two entries stays."""
    while levels.size > MAX_CELLS:
        axis = int(np.argmax(levels.shape))
        starts = np.arange(0, levels.shape[axis], 2)
        levels = np.maximum.reduceat(levels, starts, axis=axis)
    return levels


def transposed(array: Array, expected: Array) -> bool:
    """Whether it is the transpose of what is expected, and not that as well."""
    return array.ndim == 2 and array.T.shape == expected.shape and _close(array.T, expected)


def pattern(output: str, array: Array, expected: Array, wrong: Mask) -> Pattern:
    """The one thing that describes all that is wrong, if there is one.

    array, expected: finite, of one shape. wrong: where they differ by more than rounding.
    """
    if array.size < _FEW:
        return NOTHING
    for sentence in (_factor(array, expected), *_moved(output, array, expected, wrong)):
        if sentence:
            return Pattern(sentence, True)
    return Pattern(_by_slice(output, array, expected) or _place(output, wrong), False)


def _close(one: Array, other: Array) -> bool:
    scale = np.max(np.abs(other), initial=0.0)
    return bool(scale > 0 and np.max(np.abs(one - other), initial=0.0) <= _CLOSE * scale)


# --- values --------------------------------------------------------------------------------------


def _ratio(array: Array, expected: Array) -> float | None:
    """c where array = c * expected, certain because several different values say so."""
    largest = np.argmax(np.abs(expected))
    scale = abs(float(expected.flat[largest]))
    distinct = np.unique(np.round(np.abs(expected) / scale, 6)) if scale > 0 else np.zeros(0)
    if np.count_nonzero(distinct) < _FEW:
        return None
    ratio = float(array.flat[largest] / expected.flat[largest])
    return ratio if ratio and _close(array / ratio, expected) else None


def _factor(array: Array, expected: Array) -> str:
    if not array.any():
        return "every entry is 0"
    if (ratio := _ratio(array, expected)) is not None:
        if abs(ratio + 1) < _CLOSE:
            return "every entry has the wrong sign"
        simple = Fraction(ratio).limit_denominator(_LARGEST_FACTOR)
        if 0 < abs(simple) <= _LARGEST_FACTOR and abs(ratio / simple - 1) < _CLOSE:
            return f"every entry is {simple} times what is expected"
        return "every entry is what is expected times one and the same factor"
    offset = array - expected
    if np.ptp(offset) <= _CLOSE * np.max(np.abs(expected)):
        return "every entry is off by one and the same amount"
    return ""


def _moved(output: str, array: Array, expected: Array, wrong: Mask) -> Iterator[str]:
    """The right values in wrong places."""
    if transposed(array, expected):
        yield f"{output} is the transpose of what is expected"
    axes: list[tuple[int, ...]] = [(axis,) for axis in range(array.ndim)]
    if array.ndim > 2:
        axes.append((array.ndim - 2, array.ndim - 1))
    for reversed_ in axes:
        if _close(np.flip(array, reversed_), expected):
            named = " and ".join(map(str, reversed_))
            where = "" if array.ndim == 1 else f" along axis {named}"
            yield f"{output} is what is expected in reversed order{where}"
    mostly_right = np.count_nonzero(wrong) * 2 < wrong.size  # a border is wrong, nothing is shifted
    for axis in range(0 if mostly_right else array.ndim):
        size = array.shape[axis]
        for step in (1, -1):
            shifted = np.roll(array, step, axis)
            kept = slice(1, None) if step == 1 else slice(None, -1)
            inner = tuple(kept if a == axis else slice(None) for a in range(array.ndim))
            if size > _FEW and _close(shifted[inner], expected[inner]):
                along = "" if array.ndim == 1 else f" along axis {axis}"
                yield f"{output} is what is expected shifted by one place{along}"


def _by_slice(output: str, array: Array, expected: Array) -> str:
    """Every row, column or channel has a factor or an offset of its own."""
    for axis in range(array.ndim if array.ndim > 1 else 0):
        slices = list(zip(np.moveaxis(array, axis, 0), np.moveaxis(expected, axis, 0), strict=True))
        if len(slices) < 2:
            continue
        name = _AXES.get((array.ndim, axis), f"slice along axis {axis}")
        if all(_ratio(mine, theirs) is not None for mine, theirs in slices):
            return f"every {name} of {output} is right up to a factor of its own"
        scale = np.max(np.abs(expected))
        spread = max(float(np.ptp(mine - theirs)) for mine, theirs in slices)
        if spread <= _CLOSE * scale and slices[0][0].size >= _FEW:
            return f"every {name} of {output} is off by an amount of its own"
    return ""


# --- places --------------------------------------------------------------------------------------

_AXES = {(2, 0): "row", (2, 1): "column"}


def _place(output: str, wrong: Mask) -> str:
    """Where the wrong entries lie, if they lie together and others are right."""
    if wrong.all():
        return ""
    best: tuple[float, str] = (1.0, "")
    for axis in range(wrong.ndim):
        if wrong.shape[axis] < 2 or (wrong.ndim == 1 and wrong.size <= _FEW):
            continue
        others = tuple(a for a in range(wrong.ndim) if a != axis)
        some: Mask = np.any(wrong, axis=others, keepdims=True).ravel()
        every: Mask = np.all(wrong, axis=others, keepdims=True).ravel()
        where = np.flatnonzero(some)
        share = len(where) / len(some)
        if len(where) > _FEW or share > 0.5 or share >= best[0]:
            continue
        whole = "every entry of it" if len(where) == 1 else "all of their entries"
        text = _named(output, wrong.shape, axis, [int(i) for i in where])
        if wrong.ndim > 1 and every[where].all():
            text += f", {whole}"
        best = (share, text)
    return best[1] or _border(output, wrong)


def _named(output: str, shape: tuple[int, ...], axis: int, where: list[int]) -> str:
    if len(shape) == 1:
        return f"wrong only in {', '.join(f'{output}[{i}]' for i in where)}"
    last = shape[axis] - 1
    if name := _AXES.get((len(shape), axis)):
        if where == [0]:
            return f"wrong only in the first {name}"
        if where == [last]:
            return f"wrong only in the last {name}"
        numbers = " and ".join(map(str, where))
        return f"wrong only in {name}{'' if len(where) == 1 else 's'} {numbers}"
    slices = [
        f"{output}[{', '.join(str(i) if a == axis else ':' for a in range(len(shape)))}]"
        for i in where
    ]
    return f"wrong only in {' and '.join(slices)}"


def _border(output: str, wrong: Mask) -> str:
    """Wrong at the border of the last two axes alone, or nowhere there; or on a diagonal."""
    if wrong.ndim < 2 or min(wrong.shape[-2:]) < 3:
        return ""
    flat = wrong.reshape(-1, *wrong.shape[-2:])
    border = np.ones(flat.shape[-2:], dtype=bool)
    border[1:-1, 1:-1] = False
    of = output if wrong.ndim == 2 else f"the last two axes of {output}"
    if not flat[:, ~border].any():
        return f"wrong only at the border of {of}"
    if not flat[:, border].any():
        return f"wrong only inside, never at the border of {of}"
    if wrong.ndim == 2 and wrong.shape[0] == wrong.shape[1]:
        diagonal = np.eye(len(wrong), dtype=bool)
        if not wrong[~diagonal].any():
            return f"wrong only on the diagonal of {output}"
        if not wrong[diagonal].any():
            return f"wrong only off the diagonal of {output}"
    return ""
