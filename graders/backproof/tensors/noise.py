"""The rounding noise of an oracle: what one unit in the last place of its inputs does to it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from backproof.model import Inputs

PROBES = 6
"""Random sign patterns tried; more changed no decision in the calibration runs."""

Compute = Callable[..., Mapping[str, Any]]


def to_tensors(inputs: Inputs) -> dict[str, Any]:
    """Arrays as fresh float64 (or integer) tensors, everything else as it is."""
    return {
        name: torch.from_numpy(np.array(value, order="C"))
        if isinstance(value, np.ndarray)
        else value
        for name, value in inputs.items()
    }


def evaluate(compute: Compute, inputs: Inputs) -> dict[str, NDArray[np.float64]]:
    """Run an oracle on fresh copies of the inputs; outputs as float64 arrays by name."""
    outputs = compute(**to_tensors(inputs))
    return {name: _as_array(value) for name, value in outputs.items()}


def _as_array(value: Any) -> NDArray[np.float64]:
    if isinstance(value, torch.Tensor):
        return np.array(value.detach().cpu().double().numpy())
    return np.array(value, dtype=np.float64)


def noise_of(
    compute: Compute, inputs: Inputs, expected: Mapping[str, NDArray[np.float64]], unit: float
) -> dict[str, float]:
    """Largest move of each output when every float input entry moves by a relative `unit`.

    At least `unit` times the output's own size, so that an exact oracle still allows rounding.
    """
    rng = np.random.default_rng(0)  # the patterns are no secret, and fixed makes noise repeatable
    noise = {
        name: unit * float(np.max(np.abs(value), initial=0.0)) for name, value in expected.items()
    }
    for _ in range(PROBES):
        moved = {
            name: value * (1.0 + unit * rng.choice((-1.0, 1.0), size=value.shape))
            if isinstance(value, np.ndarray) and value.dtype.kind == "f"
            else value
            for name, value in inputs.items()
        }
        for name, value in evaluate(compute, moved).items():
            change = float(np.max(np.abs(value - expected[name]), initial=0.0))
            noise[name] = max(noise[name], change)
    return noise
