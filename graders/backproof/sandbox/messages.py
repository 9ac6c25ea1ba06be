"""Requests to a worker and its replies, on the trusted side: every field of a reply is checked."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, replace
from typing import Any

import numpy as np

from backproof.model import (
    BackproofError,
    Fault,
    Inputs,
    Limits,
    Outcome,
    Probe,
    Returned,
    Stopped,
    Submission,
    Value,
)
from backproof.sandbox import wire
from backproof.sandbox.arena import Placed

MAX_REPLY_TEXT = 1 << 20
MAX_SENTENCE = 2000
"""Characters of a message or a trace that are kept: honest ones are far shorter."""
MAX_PRINTED = (128 << 10) + 200  # what a worker keeps at most, and its note on the rest

# The faults that a worker may report; the others are for its keeper to find.
_REPORTED = {
    Fault.MISSING,
    Fault.SIGNATURE,
    Fault.RAISED,
    Fault.STRUCTURE,
    Fault.OUT_OF_MEMORY,
    Fault.DEVICE,
    Fault.FORBIDDEN,
}


def load_request(
    submission: Submission, limits: Limits, cells: Sequence[str] | None = None, more: bool = False
) -> dict[str, Any]:
    """The request to load a submission, or these cells of it; `more`: after those loaded before."""
    cells = submission.cells if cells is None else cells
    # Source text travels as bytes: a header has a size limit, a buffer has not.
    texts = [np.frombuffer(text.encode("utf-8", "replace"), np.uint8) for text in cells]
    return {
        "do": "load",
        "name": submission.path.name,
        "cells": texts,
        "is_notebook": submission.is_notebook,
        "more": more,
        "cpu_seconds": max(limits.call_cpu_seconds, limits.load_seconds),
        "printed_bytes": limits.printed_bytes,
    }


def run_request(
    probe: Probe,
    inputs: Inputs,
    dtype: str,
    device: str,
    strided: bool,
    limits: Limits,
    watched: bool = False,
    placed: Placed = Placed(),  # noqa: B008
) -> dict[str, Any]:
    """The request to run one probe; what is placed does not travel."""
    for call in probe.calls:
        if len({len(inputs[name]) for name in call.each}) > 1:
            raise BackproofError(
                f"the inputs {', '.join(call.each)} of a case have different lengths: they are the "
                f"arguments of several calls of {call.function}, one entry each"
            )
    sent = {name: _sent(v, name) for name, v in inputs.items() if name not in placed.places}
    request = {
        "do": "run",
        "told": _told(probe, dtype, device, strided, watched),
        "inputs": sent,
        "cpu_seconds": limits.call_cpu_seconds,
        "printed_bytes": limits.printed_bytes,
    }
    if placed.places:
        request["placed"] = {name: astuple(place) for name, place in placed.places.items()}
        request |= {"start": placed.start, "step": len(placed.block)}
    return request


@functools.lru_cache(maxsize=1024)
def _told(probe: Probe, dtype: str, device: str, strided: bool, watched: bool) -> str:
    """What is the same in each request for a probe: as one text, which both sides keep."""
    return json.dumps(
        {
            "calls": [asdict(call) | {"function": str(call.function)} for call in probe.calls],
            "answer": probe.answer,
            "repeat": probe.repeat,
            "names": [name for rule in probe.forbids for name in rule.names],
            "operators": [name for rule in probe.forbids for name in rule.operators],
            "dtype": dtype,
            "device": device,
            "strided": strided,
            "watched": watched,
        }
    )


def _sent(value: Any, name: str) -> Any:
    """An input as it travels. A NumPy scalar is a number: a student expects `n` to be an int."""
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {key: _sent(item, name) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_sent(item, name) for item in value]
    if value is None or isinstance(value, bool | int | float | str | np.ndarray):
        return value
    raise BackproofError(
        f"input `{name}` of a case is of type {type(value).__name__}; "
        "give a NumPy array, a number, a boolean or a string"
    )


def read_loaded(reply: Any) -> tuple[str, ...] | Stopped:
    """The errors met while loading, or the fault that ended it."""
    if _has_keys(reply, "fault", "message", "error", "trace", "printed"):
        return _read_stopped(reply)
    if not _has_keys(reply, "errors", "printed") or type(reply["errors"]) is not list:
        raise wire.ProtocolError("not a reply to a load request")
    return tuple(_text(error) for error in reply["errors"])


def read_outcome(reply: Any, probe: Probe) -> Outcome:
    """Check a reply to a run request and turn it into an outcome."""
    if _has_keys(reply, "fault", "message", "error", "trace", "printed"):
        return _read_stopped(reply)
    if not _has_keys(reply, "returned", "changed", "printed"):
        raise wire.ProtocolError("not a reply to a run request")
    returned, changed = reply["returned"], reply["changed"]
    if type(returned) is not dict or set(returned) != wanted(probe):
        raise wire.ProtocolError("not the outputs that were asked for")
    taken = {name for call in probe.calls for name in call.takes}
    if type(changed) is not list or not all(type(n) is str and n in taken for n in changed):
        raise wire.ProtocolError("not the names of inputs")
    if len(changed) > len(taken):  # the names stand in the report: a million of them must not
        raise wire.ProtocolError("more changed inputs than inputs")
    return Returned(
        values={name: read_value(node) for name, node in returned.items()},
        changed_inputs=tuple(changed),
        printed=_text(reply["printed"])[:MAX_PRINTED],
    )


def seen(outcome: Returned, inputs: Inputs, placed: Placed, changed: set[str]) -> Returned:
    """An outcome of a watched run with what the grader saw itself, and what it could not see."""
    objects = (np.ndarray, list, dict)
    unseen = {name for name, value in inputs.items() if isinstance(value, objects)}
    return replace(
        outcome,
        changed_inputs=tuple(sorted({*outcome.changed_inputs, *changed})),
        unseen_inputs=tuple(sorted(unseen - placed.places.keys())),
    )


def wanted(probe: Probe) -> set[str]:
    """Names of the outputs that a probe brings back."""
    if probe.answer is not None:
        return {probe.answer}
    return {name for call in probe.calls for name in call.returns if name not in call.keeps}


def read_value(node: Any) -> Value:
    """A checked node as a value; raises `ProtocolError` for anything else."""
    if isinstance(node, wire.Array):
        data = node.data
        if node.dtype == "bfloat16":
            # The upper half of a float32 is a bfloat16: widening is exact.
            data = (data.astype(np.uint32) << 16).view(np.float32)
        return Value(form=node.form, array=data, dtype=node.dtype, device=node.device)
    if isinstance(node, bool | int | float):
        array = np.asarray(node)
        return Value(form="number", array=array, dtype=array.dtype.name, text=str(node))
    if isinstance(node, str):
        return Value(form="text", text=_text(node))
    if node is None:
        return Value(form="none")
    if isinstance(node, wire.Unencodable):
        return Value(form="other", text=node.type_name)
    raise wire.ProtocolError("not a value")


def _read_stopped(reply: Any) -> Stopped:
    fault = _text(reply["fault"])
    if fault not in {reported.value for reported in _REPORTED}:
        raise wire.ProtocolError("not a fault that a worker may report")
    return Stopped(
        fault=Fault(fault),
        message=_text(reply["message"])[:MAX_SENTENCE],
        error=_text(reply["error"])[:MAX_SENTENCE],
        trace=_text(reply["trace"])[:MAX_SENTENCE],
        printed=_text(reply["printed"])[:MAX_PRINTED],
    )


def _has_keys(reply: Any, *keys: str) -> bool:
    return type(reply) is dict and set(reply) == set(keys)


def _text(value: Any) -> str:
    if type(value) is not str or len(value) > MAX_REPLY_TEXT:
        raise wire.ProtocolError("not a text")
    return value
