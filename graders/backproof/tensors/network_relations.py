"""Properties of a network that leave its design to the student: layers, budgets, first loss.

Each reads what `Operation.STRUCTURE` or `Operation.FORWARD` brought back: untrusted data.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from backproof.model import Inputs, Mismatch, MismatchKind, Returned, Value

_HIDDEN = {"Linear": "out_features", "Conv1d": "out_channels", "Conv2d": "out_channels"}
"""Layers that make hidden units, and the setting that says how many."""

Layers = list[tuple[str, dict[str, Any], int]]


def layer_budget(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """A network within limits, whatever its design. All parameters may be left out:

    allowed: types of `torch.nn` that its layers may have.
    allowed_operations: torch functions that a forward pass may call, as in `operations`.
    least: operations or layer types, and how many there must be at least ({"dropout": 1}); where
        several kinds will do, `|` stands between them ({"dropout|dropout2d": 1}).
    hidden_layers: how many there must be at least; the output layer is none.
    hidden_units: how many there may be, in all hidden layers together.
    entries: how many parameters there may be; one without any has nothing to learn with.
    drop_prob: name of an input, the probability that all layers of dropout have.

    Expects the outputs `layers`, `operations`, `trainable`, `unused` and `random` of
    `Operation.STRUCTURE`, those of them that the parameters are about. `unused`, where it is
    there, must be 0, and `random` 1.
    """
    try:
        faults = list(_budget_faults(inputs, returned.values, parameters))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        faults = [f"the network's structure could not be read ({type(error).__name__})"]
    if not faults:
        return None
    return Mismatch(kind=MismatchKind.VALUE, output="layers", observed="; ".join(faults[:4]))


def _budget_faults(
    inputs: Inputs, values: Mapping[str, Value], limits: Mapping[str, Any]
) -> Iterator[str]:
    layers = _layers(values["layers"]) if "layers" in values else []
    kinds = [kind for kind, _, _ in layers]
    called = _operations(values["operations"]) if "operations" in values else {}
    yield from _foreign(kinds, limits.get("allowed"), "a layer of type")
    yield from _foreign(called, limits.get("allowed_operations"), "a call of torch's")
    for name, least in limits.get("least", {}).items():
        found = sum(max(kinds.count(one), called.get(one, 0)) for one in name.split("|"))
        if found < least:
            said = name.partition("|")[0]
            yield f"{said} occurs {found} times, at least {least} is asked for"
    hidden = [int(s[_HIDDEN[kind]]) for kind, s, _ in layers if kind in _HIDDEN][:-1]
    if len(hidden) < limits.get("hidden_layers", 0):
        yield f"{len(hidden)} hidden layers, at least {limits['hidden_layers']} are asked for"
    if sum(hidden) > limits.get("hidden_units", float("inf")):
        yield f"{sum(hidden)} hidden units, at most {limits['hidden_units']} are allowed"
    if (most := limits.get("entries")) is not None:
        array = values["trainable"].array
        if array is None or int(array) > most:
            yield f"{array} parameters, at most {most} are allowed"
        elif int(array) == 0:
            yield "no parameters: it has nothing to learn with"
    if "unused" in values and (unused := values["unused"].array) != 0:
        yield f"{unused} weights can be any and change nothing of what forward returns"
    if "drop_prob" in limits:
        yield from _other_probabilities(layers, float(inputs[limits["drop_prob"]]))
    if "random" in values and values["random"].array != 1:
        yield "in training mode, no dropout shows in what forward returns"


def _other_probabilities(layers: Layers, drop_prob: float) -> Iterator[str]:
    for kind, settings, _ in layers:
        found = settings.get("p")
        if "Dropout" in kind and found not in (None, 0, drop_prob):
            yield f"a layer {kind} has the probability {found}, whatever drop_prob is"


def _foreign(found: Iterable[str], allowed: Iterable[str] | None, what: str) -> Iterator[str]:
    if allowed is not None:
        foreign = sorted(set(found) - set(allowed))
        yield from (f"{what} {name[:60]!r} is not among those allowed" for name in foreign[:4])


def _layers(value: Value) -> Layers:
    return [
        (str(kind), dict(settings), int(count)) for kind, settings, count in json.loads(value.text)
    ]


def _operations(value: Value) -> dict[str, int]:
    return {str(name): int(count) for name, count in json.loads(value.text).items()}


def chance_loss(
    inputs: Inputs, returned: Returned, parameters: Mapping[str, Any]
) -> Mismatch | None:
    """An untrained classifier's cross-entropy is that of chance, ln(classes), but not exactly.

    classes: how many there are.
    within: how far the mean over all calls, examples and labels may be from ln(classes). It must
        come from a measurement of honest initialisations, which the problem states.

    Expects an output `logits`, shape (calls, N, classes). Every label counts for every example, so
    that no chance of labels is left in the mean.
    """
    array, classes = returned.values["logits"].array, int(parameters["classes"])
    if array is None or array.ndim != 3 or array.shape[2] != classes:
        found = None if array is None else array.shape[1:]
        return _wrong(f"the logits have the shape {found}; (examples, {classes}) is due")
    logits = array.astype(np.float64)
    if not np.isfinite(logits).all():
        return _wrong("the logits are not finite")
    if float(np.ptp(logits, axis=(1, 2)).min()) == 0.0:
        return _wrong("all logits are equal: such a network answers the same to everything")
    shifted = logits - logits.max(axis=2, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=2)) - shifted.mean(axis=2)
    mean, chance = float(losses.mean()), math.log(classes)
    if abs(mean - chance) <= float(parameters["within"]):
        return None
    return _wrong(f"the mean loss is {mean:.3f}; that of chance is {chance:.3f}")


def _wrong(observed: str) -> Mismatch:
    return Mismatch(kind=MismatchKind.VALUE, output="logits", observed=observed)
