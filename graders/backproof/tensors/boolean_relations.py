"""Small ReLU nets that compute Boolean functions, judged by running their weights."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.model import Inputs, Mismatch, MismatchKind, Returned, Value
from backproof.tensors.tolerance import tolerance_for

Matrix = NDArray[np.float64]


class _Unusable(Exception):  # noqa: N818  not an error of ours
    """Weights that make no net: the output that is to blame, and what is wrong with it."""

    def __init__(self, output: str, observed: str) -> None:
        super().__init__(observed)
        self.output = output


def truth_table(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """Layers of ReLU units put out exactly 0 where a Boolean function is false, else 1 or more.

    layers: pairs of names of outputs, weight and bias, from the inputs to the output. A weight has
        one row for each unit and one column for each unit before; a single unit may leave out the
        row, a bias may be a plain number.
    truth: the value of the function in each row of its table, the last input changing fastest.
    hints: for some rows, such as "11", what a wrong output there comes from.

    Every layer, the output too, is followed by ReLU: a net without one there passes as well.
    """
    truth = list(parameters["truth"])
    x = np.array(list(itertools.product((0.0, 1.0), repeat=len(truth).bit_length() - 1)))
    try:
        out, size = _run(x, returned.values, parameters["layers"])
    except _Unusable as error:
        return Mismatch(kind=MismatchKind.VALUE, output=error.output, observed=str(error))
    # Weights of torch are in single precision, unless somebody says otherwise.
    tolerance = tolerance_for("float32")
    slack = tolerance.factor * tolerance.unit * size
    for row, value, room, true in zip(x, out, slack, truth, strict=True):
        if value >= 1 - room if true else value <= room:
            continue
        due = "1 or more" if true else "0"
        place = "".join(str(int(bit)) for bit in row)
        hint = parameters.get("hints", {}).get(place, "")
        observed = f"at x = ({', '.join(place)}) your net puts out {value:.6g}; it must be {due}"
        return Mismatch(
            kind=MismatchKind.VALUE,
            output=parameters["layers"][-1][0],
            observed=f"{observed}: {hint}" if hint else observed,
        )
    return None


def _run(x: Matrix, values: Mapping[str, Value], layers: Any) -> tuple[Matrix, Matrix]:
    """The output for each row of x, and the size of what it was summed from."""
    size = np.abs(x)
    for weight_name, bias_name in layers:
        bias = _numbers(values[bias_name], bias_name).reshape(-1)
        weight = _numbers(values[weight_name], weight_name)
        if weight.ndim < 2 and len(bias) == 1:
            weight = weight.reshape(1, -1)
        if weight.shape != (len(bias), x.shape[1]):
            due = f"({len(bias)}, {x.shape[1]})"
            raise _Unusable(
                weight_name,
                f"`{weight_name}` has the shape {weight.shape}; with {len(bias)} entries in "
                f"`{bias_name}` and {x.shape[1]} units before, {due} is due: a row for each unit",
            )
        x, size = np.maximum(x @ weight.T + bias, 0), size @ np.abs(weight).T + np.abs(bias)
    if x.shape[1] != 1:
        raise _Unusable(layers[-1][1], f"the last layer has {x.shape[1]} units; one output is due")
    return x[:, 0], size[:, 0]


def _numbers(value: Value, name: str) -> Matrix:
    array = value.array
    if array is None or array.dtype.kind not in "biuf" or not 1 <= array.size <= 1000:
        raise _Unusable(name, f"`{name}` holds no numbers, or too many: {value.text or value.form}")
    numbers = array.astype(np.float64)
    if not (np.isfinite(numbers).all() and np.abs(numbers).max() <= 1e9):
        raise _Unusable(name, f"`{name}` holds numbers that are not finite, or enormous")
    return numbers
