"""What the inputs of a check mean, as far as their power to find mistakes depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a parameter is. Most are known by their name (`audit.roles`)."""

    PROBABILITY = "probability"
    """Keep or drop probability, momentum: whatever 1 minus it also means something."""
    FACTOR = "factor"
    """Multiplies: lambda, gamma, a learning rate, a temperature."""
    SHIFT = "shift"
    """Is added: beta, a bias."""
    EPSILON = "epsilon"
    """Added to a variance so that nothing is divided by 0."""
    VARIANCE = "variance"
    """A variance that epsilon is added to."""
    SAMPLES = "samples"
    """Examples along the first axis."""
    KERNEL = "kernel"
    """Of a convolution: (K,), (O, I, K) or (O, I, K_H, K_W)."""
    UPSTREAM = "upstream"
    """The gradient that comes in from the layer above."""
    LABELS = "labels"
    """The class of each example."""
    CLASSES = "classes"
    """Has one row for each class."""
    SCORES = "scores"
    """Has one column for each class."""
    SQUARE = "square"
    """A matrix whose two sizes are one and the same: a Gram matrix, recurrent weights."""
    PLAIN = "plain"
    """Nothing of this: no rule looks at its values."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiver:
    """A power rule that does not make sense somewhere, with the reason.

    rule: its name. check: where; everywhere in the problem if left out. name: the parameter; all of
    them if left out.
    """

    rule: str
    reason: str
    check: str = ""
    name: str = ""
