"""Weights that a whole number stands for: large networks, small files.

The same on every machine and on both sides: the student's network is filled by `Operation.FILL`,
the oracle's by calling this function.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_STEP, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def given_weights(seed: int, shapes: Sequence[Sequence[int]]) -> list[NDArray[np.float64]]:
    """One float64 array for each shape, in order, with entries that look random.

    Entries are uniform within the root of 3 / (number of entries in one row), so that a matrix or
    a kernel keeps about the size of what it multiplies; a vector's are within a half. No entry is
    0, 1 or equal to another by design.

    Source:
        The generator is SplitMix64 (Steele, Lea and Flood, OOPSLA 2014), its state the entry's
        index: the same numbers come out of any library.
    """
    import numpy as np  # the model is imported by commands that compute nothing

    weights, start = [], int(seed) << 32
    for shape in shapes:
        sizes = tuple(int(size) for size in shape)
        count = math.prod(sizes)
        index: Any = np.arange(1, count + 1, dtype=np.uint64) + np.uint64(start & (2**64 - 1))
        state = index * np.uint64(_STEP)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(_FIRST)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(_SECOND)
        uniform = ((state ^ (state >> np.uint64(31))) >> np.uint64(11)) / 2.0**53
        bound = math.sqrt(3 / (count / sizes[0])) if len(sizes) > 1 else 0.5
        weights.append((bound * (2 * uniform - 1)).reshape(sizes))
        start += count
    return weights
