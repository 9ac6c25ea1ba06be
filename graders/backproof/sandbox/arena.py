"""Memory in which a submission gets its inputs, and in which the grader looks afterwards.

Beside a student's code nobody can find out whether a call changed its inputs: the code can patch
whoever looks. So the inputs of a watched call lie in memory that the grader made, and reads itself.
Its size is sealed, and the grader never maps it: whatever the other side does to it, reading and
writing end at once. No place is used twice, since a submission may keep a tensor that it was given.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

SIZE = 64 << 20
_ALIGNED = 64
_FLOATING = ("float16", "float32", "float64")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an array lies in the block of a call, and how many bytes it has there.

    axis: along it the array is every second entry of what lies there; None in a contiguous one.
    """

    offset: int
    size: int
    dtype: str
    shape: tuple[int, ...]
    axis: int | None


@dataclass(frozen=True, slots=True)
class Placed:
    """The inputs of one request: the same block for each of its calls, from `start` on."""

    start: int = 0
    calls: int = 0
    places: Mapping[str, Place] = field(default_factory=dict)
    block: bytes = b""


class Arena:
    """The grader's side of the memory that it shares with one child."""

    def __init__(self) -> None:
        import fcntl  # here, for a self-check also runs where there is none

        self.descriptor = os.memfd_create("inputs", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.descriptor, SIZE)
        seals = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SEAL
        fcntl.fcntl(self.descriptor, fcntl.F_ADD_SEALS, seals)
        self._used = 0

    def close(self) -> None:
        """Let go of it; it is gone when the child is."""
        os.close(self.descriptor)

    def place(self, inputs: Mapping[str, Any], dtype: str, strided: bool, calls: int) -> Placed:
        """Write a block of the arrays among these inputs for each of so many calls.

        Nothing is placed where the room is used up, or where NumPy has no such floating dtype.
        """
        arrays = {name: value for name, value in inputs.items() if isinstance(value, np.ndarray)}
        if not arrays or dtype not in _FLOATING:
            return Placed()
        places, parts, size = {}, [], 0
        for name, value in arrays.items():
            part, axis = _with_gaps(_cast(value, dtype), strided)
            places[name] = Place(size, part.nbytes, part.dtype.name, value.shape, axis)
            parts.append(part.reshape(-1).view(np.uint8))
            size += -(-part.nbytes // _ALIGNED) * _ALIGNED
        if self._used + size * calls > SIZE:
            return Placed()
        block = np.zeros(size, np.uint8)
        for place, part in zip(places.values(), parts, strict=True):
            block[place.offset : place.offset + place.size] = part
        placed = Placed(self._used, calls, places, block.tobytes())
        for start in _starts(placed):
            os.pwrite(self.descriptor, placed.block, start)
        self._used += size * calls
        return placed

    def changed(self, placed: Placed) -> set[str]:
        """The inputs that are not what was placed, in any of the calls."""
        found: set[str] = set()
        for start in _starts(placed):
            now = os.pread(self.descriptor, len(placed.block), start)
            if now != placed.block:
                found |= {
                    n for n, p in placed.places.items() if _of(p, now) != _of(p, placed.block)
                }
        return found


def mapped(descriptor: int) -> NDArray[np.uint8]:
    """The student's side: all of the memory, to be written, for as long as the process lives."""
    return np.frombuffer(mmap.mmap(descriptor, SIZE), np.uint8)


def _starts(placed: Placed) -> range:
    step = max(1, len(placed.block))
    return range(placed.start, placed.start + placed.calls * step, step)


def _of(place: Place, block: bytes) -> bytes:
    return block[place.offset : place.offset + place.size]


def _cast(value: NDArray[Any], dtype: str) -> NDArray[Any]:
    """As a tensor is cast: floating arrays to the wanted dtype, complex ones to its like."""
    if value.dtype.kind == "c":
        dtype = "complex64" if dtype == "float32" else "complex128"
    elif value.dtype.kind != "f":
        dtype = value.dtype.name
    with np.errstate(over="ignore"):  # what is beyond the range is infinite
        return np.asarray(value, dtype=dtype, order="C")


def _with_gaps(value: NDArray[Any], strided: bool) -> tuple[NDArray[Any], int | None]:
    """With an unused entry after each one along the last axis that has several, if `strided`."""
    several = [axis for axis, extent in enumerate(value.shape) if extent > 1]
    if not strided or not several:
        return value, None
    axis = several[-1]
    shape = list(value.shape)
    shape[axis] *= 2
    spread = np.zeros(shape, value.dtype)
    spread[(*[slice(None)] * axis, slice(None, None, 2))] = value
    return spread, axis
