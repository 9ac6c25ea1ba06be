"""Every derivation, by id.

``python -m pytest tests/reference`` checks them all; a grader asks for one with ``get(id)`` and
uses its checked expression, ``get(id).result()``.
"""

from backproof_reference.derivations import (
    batch_statistics,
    batchnorm,
    batchnorm2d,
    batchnorm_layers,
    batchnorm_properties,
    center_loss,
    conv,
    conv1d,
    conv1d_layer,
    conv_forms,
    conv_toeplitz,
    dropout,
    dropout_laws,
    mobilenet,
    pooling,
    receptive_field,
    simplex,
    softmax,
    tikhonov,
    tikhonov_forms,
    weight_noise,
    weight_noise_batch,
    weight_noise_readings,
)
from backproof_reference.prove import Derivation

ALL: tuple[Derivation, ...] = (
    *batch_statistics.DERIVATIONS,
    *batchnorm.DERIVATIONS,
    *batchnorm2d.DERIVATIONS,
    *batchnorm_layers.DERIVATIONS,
    *batchnorm_properties.DERIVATIONS,
    *center_loss.DERIVATIONS,
    *conv.DERIVATIONS,
    *conv1d.DERIVATIONS,
    *conv1d_layer.DERIVATIONS,
    *conv_forms.DERIVATIONS,
    *conv_toeplitz.DERIVATIONS,
    *dropout.DERIVATIONS,
    *dropout_laws.DERIVATIONS,
    *mobilenet.DERIVATIONS,
    *pooling.DERIVATIONS,
    *receptive_field.DERIVATIONS,
    *simplex.DERIVATIONS,
    *softmax.DERIVATIONS,
    *tikhonov.DERIVATIONS,
    *tikhonov_forms.DERIVATIONS,
    *weight_noise.DERIVATIONS,
    *weight_noise_batch.DERIVATIONS,
    *weight_noise_readings.DERIVATIONS,
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
