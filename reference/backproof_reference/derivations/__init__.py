"""Every derivation, by id.

``python -m pytest tests/reference`` checks them all; a grader asks for one with ``get(id)`` and
uses its checked expression, ``get(id).result()``.
"""

from backproof_reference.derivations import (
    activations,
    batchnorm,
    conv,
    conv1d,
    dropout,
    initialization,
    initialization_laws,
    regularization,
    tikhonov,
    weight_decay,
    weight_noise,
)
from backproof_reference.prove import Derivation

ALL: tuple[Derivation, ...] = (
    *activations.DERIVATIONS,
    *batchnorm.DERIVATIONS,
    *conv.DERIVATIONS,
    *conv1d.DERIVATIONS,
    *dropout.DERIVATIONS,
    *initialization.DERIVATIONS,
    *initialization_laws.DERIVATIONS,
    *regularization.DERIVATIONS,
    *tikhonov.DERIVATIONS,
    *weight_decay.DERIVATIONS,
    *weight_noise.DERIVATIONS,
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
