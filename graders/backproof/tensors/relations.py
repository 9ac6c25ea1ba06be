"""Properties of inputs and outputs that need no expected value: oracles by name.

A relation is named in a check, so that the same name works in a released self-check.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from backproof.model import Inputs, Mismatch, MismatchKind, Returned
from backproof.tensors.boolean_relations import truth_table
from backproof.tensors.compare import compare
from backproof.tensors.descent_relations import dropout_descent
from backproof.tensors.learning_relations import (
    accuracy,
    log_direction,
    log_gap,
    run_log,
    trained_apart,
)
from backproof.tensors.network_relations import chance_loss, layer_budget
from backproof.tensors.pooling_relations import maximum_shares
from backproof.tensors.statistics import (
    FALSE_FAIL_RATE,
    count_is_plausible,
    equal_counts_are_plausible,
)
from backproof.tensors.sweep_relations import final_claim, sweep_collapsed, sweep_log
from backproof.tensors.tolerance import tolerance_for

RelationFunction: TypeAlias = Callable[[Inputs, Returned, Mapping[str, Any]], Mismatch | None]

Mask: TypeAlias = NDArray[np.bool_]


def inputs_unchanged(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """No input tensor was changed in place."""
    if not returned.changed_inputs:
        return None
    names = ", ".join(returned.changed_inputs)
    return Mismatch(
        kind=MismatchKind.CHANGED_INPUT,
        output=returned.changed_inputs[0],
        observed=f"after the call, {names} no longer held what was passed in",
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _CountTest:
    """`count` of `trials` independent events of the given probability, if the layer is right."""

    what: str
    count: int
    trials: int
    probability: float
    of_pairs: bool

    def sentence(self, p: float) -> str:
        return (
            f"{self.what}: {self.count / self.trials:.2%} of {self.trials}, independent dropping "
            f"at drop_prob = {p:g} gives {self.probability:.2%}"
        )


_BELOW = {"entries": "one below", "channels": "same one of the next example"}
_RIGHT = {"entries": "right neighbour", "channels": "next one of the same example"}


def _mask_tests(dropped: Mask, p: float, units: str) -> Iterator[_CountTest]:
    """Tests on a mask of shape (calls, rows, columns) over entries, or whatever `units` says.

    Pairs are disjoint, so that their counts are exactly binomial.
    """
    yield _CountTest(
        what=f"{units} dropped",
        count=int(dropped.sum()),
        trials=dropped.size,
        probability=p,
        of_pairs=False,
    )
    pairs = {
        f"{units} dropped again at the same place in the next call": (dropped[0::2], dropped[1::2]),
        f"{units} dropped together with the {_BELOW[units]}": (dropped[:, 0::2], dropped[:, 1::2]),
        f"{units} dropped together with the {_RIGHT[units]}": (
            dropped[:, :, 0::2],
            dropped[:, :, 1::2],
        ),
    }
    for what, (first, second) in pairs.items():
        both = first & second
        yield _CountTest(
            what=what, count=int(both.sum()), trials=both.size, probability=p * p, of_pairs=True
        )


def _most_telling(refused: list[_CountTest], observed_rate: float) -> _CountTest:
    """A dependence explains more than a rate that is off because of it."""
    for test in refused:
        joint = observed_rate**2
        if test.of_pairs and not count_is_plausible(test.count, test.trials, joint, 1e-9):
            return test
    return refused[0]


def _wrong(observed: str) -> Mismatch:
    return Mismatch(kind=MismatchKind.VALUE, output="out", observed=observed)


def _scaled(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | NDArray[np.float64]:
    """The stacked outputs, if each is 0 or the input scaled to keep the mean."""
    x, p = np.asarray(inputs["x"], dtype=np.float64), float(inputs["drop_prob"])
    value = returned.values["out"]
    dtype = str(parameters.get("dtype", "float64"))
    form_only = np.broadcast_to(0.0, (int(parameters["repeat"]), *x.shape))
    tolerance = tolerance_for(dtype)
    noise = tolerance.unit * float(np.max(np.abs(x))) / (1 - p)
    form = compare("out", value, form_only, np.inf, tolerance)
    if form.mismatch is not None:
        return form.mismatch
    assert value.array is not None
    out = value.array.astype(np.float64, copy=False)
    error = out - x / (1 - p)
    np.abs(error, out=error)
    error[out == 0] = 0.0
    if float(error.max()) > tolerance.factor * noise:
        where = tuple(int(i) for i in np.unravel_index(int(error.argmax()), error.shape))
        ratio = out[where] / x[where[1:]]
        return _wrong(
            f"a surviving entry came back as {ratio:.4g} times x where drop_prob is {p:g}"
        )
    return out


def _mask_mismatch(dropped: Mask, p: float, units: str) -> Mismatch | None:
    """What is not independent, or off the rate, in a mask of shape (calls, rows, columns)."""
    rate = FALSE_FAIL_RATE / 5  # four counts and the spread of the counts
    refused = [
        test
        for test in _mask_tests(dropped, p, units)
        if not count_is_plausible(test.count, test.trials, test.probability, rate)
    ]
    if refused:
        return _wrong(_most_telling(refused, float(dropped.mean())).sentence(p))
    counts = dropped.sum(axis=(1, 2))
    if len(set(counts.tolist())) == 1 and not equal_counts_are_plausible(
        len(counts), dropped[0].size, p, rate
    ):
        return _wrong(
            f"each of {len(counts)} calls dropped exactly {counts[0]} {units}: "
            f"the number of dropped {units} must vary by chance"
        )
    return None


def inverted_dropout(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """Entries are dropped independently at the rate `drop_prob`, survivors scaled to keep the mean.

    Expects an output `out` stacked over an even number of calls, shape (calls, rows, columns) with
    even sizes, for an input `x` without zeros. Fails honest code with probability below
    `statistics.FALSE_FAIL_RATE`.
    """
    out = _scaled(inputs, returned, parameters)
    if isinstance(out, Mismatch):
        return out
    return _mask_mismatch(out == 0, float(inputs["drop_prob"]), "entries")


def inverted_channel_dropout(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """As `inverted_dropout`, for whole channels of each example.

    Expects shape (calls, examples, channels, height, width), the first three even.
    """
    out = _scaled(inputs, returned, parameters)
    if isinstance(out, Mismatch):
        return out
    parts = (out == 0).mean(axis=(3, 4))
    if (torn := (parts > 0) & (parts < 1)).any():
        call, example, channel = (int(i) for i in np.argwhere(torn)[0])
        part = parts[call, example, channel]
        return _wrong(
            f"of channel {channel} of example {example}, {part:.0%} of the pixels were dropped: "
            "a channel is kept or dropped as a whole"
        )
    return _mask_mismatch(parts == 1, float(inputs["drop_prob"]), "channels")


def regular_simplex(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """`centers` are `n` unit vectors in `dim` dimensions, the cosine of any two of them -1/(n - 1).

    Any rotation, reflection and order of them is as good.
    """
    n, dim = int(inputs["n"]), int(inputs["dim"])
    tolerance = tolerance_for(str(parameters.get("dtype", "float64")))
    value = returned.values["centers"]
    form = compare("centers", value, np.zeros((n, dim)), np.inf, tolerance)
    if form.mismatch is not None:
        return form.mismatch
    assert value.array is not None
    gram = value.array.astype(np.float64) @ value.array.astype(np.float64).T
    expected = np.where(np.eye(n, dtype=bool), 1.0, -1.0 / (n - 1))
    # A product of unit vectors carries the rounding errors of its terms and of both vectors.
    allowed = tolerance.factor * tolerance.unit * (dim + 2)
    longest = int(np.abs(gram.diagonal() - 1).argmax())
    if not abs(gram[longest, longest] - 1) <= allowed:
        length = float(np.sqrt(gram[longest, longest]))
        observed = f"center {longest} has the length {length:.6g}, for n = {n}"
        return Mismatch(kind=MismatchKind.VALUE, output="centers", observed=observed)
    error = np.abs(gram - expected)
    first, second = (int(i) for i in np.unravel_index(int(error.argmax()), error.shape))
    if not error[first, second] <= allowed:
        observed = (
            f"centers {first} and {second} have the cosine {gram[first, second]:.6g}, for n = {n}"
        )
        return Mismatch(kind=MismatchKind.VALUE, output="centers", observed=observed)
    return None


WATCHING = frozenset({"inputs_unchanged"})
"""Relations that need a watched run (see `model.Session`)."""

RELATIONS: Mapping[str, RelationFunction] = {
    "accuracy": accuracy,
    "chance_loss": chance_loss,
    "dropout_descent": dropout_descent,
    "final_claim": final_claim,
    "inputs_unchanged": inputs_unchanged,
    "layer_budget": layer_budget,
    "inverted_dropout": inverted_dropout,
    "log_direction": log_direction,
    "log_gap": log_gap,
    "maximum_shares": maximum_shares,
    "run_log": run_log,
    "inverted_channel_dropout": inverted_channel_dropout,
    "regular_simplex": regular_simplex,
    "sweep_collapsed": sweep_collapsed,
    "sweep_log": sweep_log,
    "trained_apart": trained_apart,
    "truth_table": truth_table,
}
