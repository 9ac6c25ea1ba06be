"""Which weights of a network have a part in what it returns (runs beside the student's code)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch

DRAWS = 4
"""Times that a weight is tried, all others drawn anew: behind a ReLU, some draws show nothing."""

LEAST = 1e-6
"""Of the largest output: a change below it is none. A weight that counts changes far more."""


RELEVANCE = ("unused", "random")


def relevance(network: torch.nn.Module, inputs: Sequence[Any]) -> dict[str, int]:
    """What has a part in what a network returns, whatever its own weights are.

    unused: how many weights can be drawn anew, in evaluation mode, and the output stays as it was.
        Biases, scales and shifts are not looked at: a normalisation may rightly take them out.
    random: 1 if two passes in training mode differ by chance, else 0.

    The network is left as it was, and so are random numbers.
    """
    left = [p for p in network.parameters() if p.ndim > 1]
    before = [(t, t.detach().clone()) for t in (*network.parameters(), *network.buffers())]
    modes = [(module, module.training) for module in network.modules()]
    random = False
    with torch.random.fork_rng(devices=()), torch.no_grad():
        try:
            for draw in range(DRAWS):
                torch.manual_seed(draw)
                for parameter in network.parameters():
                    parameter.copy_(_drawn(parameter))
                network.train()
                random = random or _differ(*(_output(network, inputs, seed) for seed in (1, 2)))
                network.eval()
                left = list(_without_effect(network, inputs, left))
        finally:
            for tensor, value in before:
                tensor.copy_(value)
            for module, mode in modes:
                module.training = mode
    return {"unused": len(left), "random": int(random)}


def _differ(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether outputs are not the same, up to rounding errors."""
    if one.shape != other.shape or not one.numel():
        return one.shape != other.shape
    return bool((one - other).abs().max() > LEAST * one.abs().max())


def _without_effect(
    network: torch.nn.Module, inputs: Sequence[Any], weights: list[torch.nn.Parameter]
) -> Iterator[torch.nn.Parameter]:
    """Those of the weights that can be drawn anew without a change."""
    base = _output(network, inputs)
    for weight in weights:
        kept = weight.clone()
        weight.copy_(_drawn(weight))
        found = _output(network, inputs)
        weight.copy_(kept)
        if not _differ(base, found):
            yield weight


def _drawn(parameter: torch.Tensor) -> torch.Tensor:
    """Weights that keep the size of what they are applied to; scales and biases above 0."""
    if parameter.ndim > 1:
        drawn = torch.randn(parameter.shape) * math.sqrt(2 / max(1, parameter[:1].numel()))
    else:
        drawn = torch.rand(parameter.shape) + 0.1
    return drawn.to(parameter)


def _output(network: torch.nn.Module, inputs: Sequence[Any], seed: int = 0) -> torch.Tensor:
    """What the network returns, all numbers in a row; what is no number counts as 0."""
    state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    out = network(
        *(value.clone() if isinstance(value, torch.Tensor) else value for value in inputs)
    )
    torch.random.set_rng_state(state)
    parts = out if isinstance(out, tuple | list) else (out,)
    numbers = [part.reshape(-1).double() for part in parts if isinstance(part, torch.Tensor)]
    return torch.nan_to_num(torch.cat(numbers)) if numbers else torch.zeros(0)
