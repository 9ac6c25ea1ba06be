"""What a network is made of, as plain data (runs beside the student's code)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.overrides import TorchFunctionMode

from backproof.model import Fault
from backproof.sandbox.failure import Failed

MAX_LAYERS = 1000
MAX_AXES = 5
"""Axes of a parameter that `shapes` has room for: a kernel in three dimensions has five."""

_NO_OPERATION = ("", "get", "set", "set_grad_enabled")
"""Attributes and settings, which torch reports like functions."""

# These only hold others: what counts is what they hold.
_HOLDERS = ("Module", "Sequential", "ModuleList", "ModuleDict", "ParameterList", "ParameterDict")


def describe(network: torch.nn.Module, inputs: tuple[Any, ...]) -> dict[str, Any]:
    """All that `Operation.STRUCTURE` returns, by the names in `model.STRUCTURE_RETURNS`.

    layers: JSON, a list of [type, settings, number of parameters] in the order of definition, where
        a subclass of a layer of `torch.nn` counts as that layer.
    operations: JSON, torch functions and methods that a forward pass calls, and how often; a layer
        and its functional form are the same operation. Empty without inputs.
    shapes: shapes of the parameters, one a row, filled up with zeros, in descending order.
    trainable, frozen, buffers: numbers of entries.

    What costs more forward passes, `sandbox.relevance` adds where it is asked for.
    """
    layers = list(_layers(network))
    if len(layers) > MAX_LAYERS:
        raise Failed(Fault.STRUCTURE, f"your network has more than {MAX_LAYERS} layers")
    parameters = list(network.parameters())
    counts = _operations(network, inputs) if inputs else {}
    return {
        "layers": json.dumps(layers),
        "operations": json.dumps(counts),
        "shapes": _shapes(parameters),
        "trainable": sum(p.numel() for p in parameters if p.requires_grad),
        "frozen": sum(p.numel() for p in parameters if not p.requires_grad),
        "buffers": sum(b.numel() for b in network.buffers()),
    }


def _layers(module: torch.nn.Module) -> Iterator[list[Any]]:
    base = next(c for c in type(module).__mro__ if c.__module__.startswith("torch.nn."))
    own = sum(p.numel() for p in module.parameters(recurse=False))
    children = list(module.children())
    is_layer = base.__name__ not in _HOLDERS
    if is_layer or own or not children:
        count = sum(p.numel() for p in module.parameters()) if is_layer else own
        yield [base.__name__, dict(_settings(module, base)), count]
    if not is_layer:
        for child in children:
            yield from _layers(child)


def _settings(module: torch.nn.Module, base: type) -> Iterator[tuple[str, Any]]:
    """The attributes that torch itself counts as a layer's constants, those that are plain."""
    for name in getattr(base, "__constants__", ()):
        value = getattr(module, name, None)
        items = value if isinstance(value, tuple) else (value,)
        if all(type(item) in (bool, int, float, str) for item in items):
            yield name, value
    if hasattr(module, "bias"):
        yield "bias", isinstance(module.bias, torch.Tensor)


def _shapes(parameters: Iterable[torch.nn.Parameter]) -> NDArray[np.int64]:
    shapes = sorted((tuple(p.shape) for p in parameters), reverse=True)
    table = np.zeros((len(shapes), MAX_AXES), np.int64)
    for row, shape in zip(table, shapes, strict=True):
        if len(shape) > MAX_AXES:
            raise Failed(Fault.STRUCTURE, f"a parameter of yours has {len(shape)} axes")
        row[: len(shape)] = shape
    return table


def _operations(network: torch.nn.Module, inputs: tuple[Any, ...]) -> Mapping[str, int]:
    watch = _Watch()
    with watch, torch.no_grad():
        network(*inputs)
    return watch.counts


class _Watch(TorchFunctionMode):
    """Counts what is called of torch. A layer's own inner calls do not show."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        name = getattr(func, "__name__", "").strip("_")  # relu_ and relu are one operation
        if name not in _NO_OPERATION:
            self.counts[name] = self.counts.get(name, 0) + 1
        return func(*args, **(kwargs or {}))
