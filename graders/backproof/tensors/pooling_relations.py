"""Gradients of max pooling where the largest entry of a window is not the only one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproof.model import Inputs, Mismatch, MismatchKind, Returned
from backproof.tensors.compare import compare
from backproof.tensors.tolerance import tolerance_for


def maximum_shares(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """The gradient of each window is shared among its largest entries, and goes nowhere else.

    Expects inputs `x`, `dout` and `kernel`, with a stride of as many pixels as the window has, so
    that windows do not overlap, and an output `dx`. All to the first of the largest entries, or an
    equal share to each: both are right, as is anything between.
    """
    x, dout = np.asarray(inputs["x"]), np.asarray(inputs["dout"])
    high, wide = (int(side) for side in inputs["kernel"])
    tolerance = tolerance_for(str(parameters.get("dtype", "float64")))
    value = returned.values["dx"]
    form = compare("dx", value, np.zeros(x.shape), np.inf, tolerance)
    if form.mismatch is not None:
        return form.mismatch
    assert value.array is not None
    dx = value.array.astype(np.float64)
    room = tolerance.factor * tolerance.unit * high * wide * float(np.abs(dout).max())
    covered = np.zeros(x.shape, dtype=bool)
    for place in np.ndindex(*dout.shape):
        n, c, row, column = place
        window = (
            n,
            c,
            slice(high * row, high * (row + 1)),
            slice(wide * column, wide * (column + 1)),
        )
        covered[window] = True
        largest = x[window] == x[window].max()
        got, due = dx[window], float(dout[place])
        if np.abs(got[~largest]).max(initial=0.0) > room:
            return _wrong(
                f"in window {place}, an entry that is not the largest gets a part of the gradient"
            )
        if abs(float(got.sum()) - due) > room:
            count = int(largest.sum())
            return _wrong(
                f"in window {place}, {count} entries are the largest, and together they get "
                f"{float(got.sum()):.6g} of an upstream gradient of {due:.6g}"
            )
    if np.abs(dx[~covered]).max(initial=0.0) > room:
        return _wrong("an entry that lies in no window gets a part of the gradient")
    return None


def _wrong(observed: str) -> Mismatch:
    return Mismatch(kind=MismatchKind.VALUE, output="dx", observed=observed)
