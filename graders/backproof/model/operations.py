"""What a probe can do with a student's network, besides calling the student's own functions.

A fixed set: what is not here is a function that the student writes. A `Call` whose `function` is
one of these is carried out beside the student's code by `sandbox.networks`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Operation(StrEnum):
    """An operation on kept values. No student can define a function of such a name."""

    SEED = "torch.manual_seed"
    TRAIN = "network.train"
    EVAL = "network.eval"
    STRUCTURE = "network.structure"
    LOAD = "network.load"
    FILL = "network.fill"
    RESTORE = "network.restore"
    READ = "network.read"
    KERNELS = "network.kernels"
    BUFFERS = "network.buffers"
    FORWARD = "network.forward"
    BACKWARD = "network.backward"
    SGD = "optimizer.sgd"
    ADAM = "optimizer.adam"
    STEP = "optimizer.step"


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """What an operation takes and returns, by position.

    takes: roles of the values, the first is the network unless `on_network` is False.
    at_least: how many of them must be given.
    more: further values of the last role may follow.
    returns: how many values come back; None where the probe's author says so.
    """

    takes: tuple[str, ...]
    at_least: int
    more: bool = False
    returns: int | None = None
    on_network: bool = True


STRUCTURE_RETURNS = (
    "layers",
    "operations",
    "shapes",
    "trainable",
    "frozen",
    "buffers",
    "unused",
    "random",
)
"""Names of what `STRUCTURE` can return: see `sandbox.structure` and `sandbox.relevance`."""

SIGNATURES: Mapping[str, Signature] = {
    Operation.SEED: Signature(takes=("seed",), at_least=1, returns=0, on_network=False),
    Operation.TRAIN: Signature(takes=("network",), at_least=1, returns=0),
    Operation.EVAL: Signature(takes=("network",), at_least=1, returns=0),
    Operation.STRUCTURE: Signature(takes=("network", "x"), at_least=1, more=True),
    Operation.LOAD: Signature(takes=("network", "weights"), at_least=2, more=True, returns=0),
    Operation.FILL: Signature(takes=("network", "seed", "shapes"), at_least=3, returns=0),
    Operation.RESTORE: Signature(takes=("network", "arrays"), at_least=2, returns=0),
    Operation.READ: Signature(takes=("network",), at_least=1),
    Operation.KERNELS: Signature(takes=("network",), at_least=1, returns=1),
    Operation.BUFFERS: Signature(takes=("network",), at_least=1),
    Operation.FORWARD: Signature(takes=("network", "x"), at_least=2, more=True),
    Operation.BACKWARD: Signature(takes=("network", "x", "dout"), at_least=3),
    Operation.SGD: Signature(
        takes=("network", "lr", "momentum", "weight_decay"), at_least=2, returns=1
    ),
    Operation.ADAM: Signature(takes=("network", "lr", "weight_decay"), at_least=2, returns=1),
    Operation.STEP: Signature(takes=("network", "optimizer", "x", "y"), at_least=4, returns=1),
}
