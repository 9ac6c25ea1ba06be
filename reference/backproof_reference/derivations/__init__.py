"""Every derivation, by id.

``python -m pytest tests/reference`` checks them all; a grader asks for one with ``get(id)`` and
uses its checked expression, ``get(id).result()``.
"""

from backproof_reference.derivations import (
    activations,
    batchnorm,
    conv,
    conv1d,
    conv_variance,
    dropout,
    initialization,
    initialization_laws,
    least_norm,
    normalization,
    optimizer_memory,
    regularization,
    relu_nets,
    tikhonov,
    two_weights,
    weight_decay,
    weight_noise,
    zero_init,
)
from backproof_reference.prove import Derivation

ALL: tuple[Derivation, ...] = (
    *activations.DERIVATIONS,
    *batchnorm.DERIVATIONS,
    *conv.DERIVATIONS,
    *conv1d.DERIVATIONS,
    *conv_variance.DERIVATIONS,
    *dropout.DERIVATIONS,
    *initialization.DERIVATIONS,
    *initialization_laws.DERIVATIONS,
    *least_norm.DERIVATIONS,
    *normalization.DERIVATIONS,
    *optimizer_memory.DERIVATIONS,
    *regularization.DERIVATIONS,
    *relu_nets.DERIVATIONS,
    *tikhonov.DERIVATIONS,
    *two_weights.DERIVATIONS,
    *weight_decay.DERIVATIONS,
    *weight_noise.DERIVATIONS,
    *zero_init.DERIVATIONS,
)


def get(id: str) -> Derivation:
    """The derivation with this id.

    Raises:
        KeyError: if there is none; the message lists the ids there are.
    """
    for derivation in ALL:
        if derivation.id == id:
            return derivation
    raise KeyError(f"no derivation {id!r}; there are {', '.join(known.id for known in ALL)}")
