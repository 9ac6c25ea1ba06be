"""What parameters mean, read off their names: the field's standard terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from backproof.model import Role

_NAMES: Mapping[Role, str] = {
    Role.PROBABILITY: "p keep_prob drop_prob keep_p drop_p p_keep p_drop prob rate drop_rate "
    "keep_rate dropout momentum beta1 beta2 decay",
    Role.FACTOR: "lam lambda_ gamma alpha scale temperature tau lr learning_rate weight_decay "
    "negative_slope slope margin strength",
    Role.SHIFT: "beta bias b shift",
    Role.EPSILON: "eps epsilon",
    Role.VARIANCE: "var variance running_var v",
    Role.SAMPLES: "x X inputs features images batch data z h a",
    Role.KERNEL: "w weight weights kernel filter filters",
    Role.UPSTREAM: "dout dy dz dloss dh grad grad_out grad_output upstream g",
    Role.LABELS: "labels y target targets classes",
    Role.CLASSES: "centers centres centroids prototypes",
    Role.SCORES: "logits scores probs probabilities",
}
_ROLES = {name: role for role, names in _NAMES.items() for name in names.split()}

_NUMBERS = (Role.PROBABILITY, Role.FACTOR, Role.SHIFT, Role.EPSILON)


def role_of(name: str, value: Any, declared: Mapping[str, str]) -> Role:
    """The role of a parameter: the declared one, else that of its name where its value fits it."""
    if name in declared:
        return Role(declared[name])
    role = _ROLES.get(name, Role.PLAIN)
    if isinstance(value, np.ndarray):
        fits = {
            Role.LABELS: value.dtype.kind in "iu" and value.ndim == 1,
            # A matrix called w is a linear layer's; its axes are looked at like any other's.
            Role.KERNEL: value.ndim != 2,
            Role.SAMPLES: value.ndim >= 2 and value.dtype.kind == "f",
            Role.PROBABILITY: False,
            Role.EPSILON: False,
        }
        return role if fits.get(role, True) else Role.PLAIN
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Role.PLAIN
    if name == "beta":
        return (
            Role.FACTOR
        )  # a vector beta is a layer's shift, a number one is Swish's or momentum's
    return role if role in _NUMBERS else Role.PLAIN
