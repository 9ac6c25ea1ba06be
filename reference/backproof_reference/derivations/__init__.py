"""Every derivation, by id.

``python -m pytest tests/reference`` checks them all; a grader asks for one with ``get(id)`` and
uses its checked expression, ``get(id).result()``.
"""

from backproof_reference.derivations import (
    activations,
    batch_statistics,
    batchnorm,
    batchnorm2d,
    batchnorm_layers,
    batchnorm_properties,
    batchnorm_scales,
    center_loss,
    conv,
    conv1d,
    conv1d_layer,
    conv_forms,
    conv_toeplitz,
    conv_variance,
    dropout,
    dropout_laws,
    initialization,
    initialization_laws,
    least_norm,
    mobilenet,
    normalization,
    optimizer_memory,
    pooling,
    receptive_field,
    regularization,
    relu_nets,
    simplex,
    softmax,
    softmax_start,
    tikhonov,
    tikhonov_forms,
    two_weights,
    weight_decay,
    weight_noise,
    weight_noise_batch,
    weight_noise_readings,
    zero_init,
)
from backproof_reference.prove import Derivation

ALL: tuple[Derivation, ...] = (
    *activations.DERIVATIONS,
    *batch_statistics.DERIVATIONS,
    *batchnorm.DERIVATIONS,
    *batchnorm2d.DERIVATIONS,
    *batchnorm_layers.DERIVATIONS,
    *batchnorm_properties.DERIVATIONS,
    *batchnorm_scales.DERIVATIONS,
    *center_loss.DERIVATIONS,
    *conv.DERIVATIONS,
    *conv1d.DERIVATIONS,
    *conv1d_layer.DERIVATIONS,
    *conv_forms.DERIVATIONS,
    *conv_toeplitz.DERIVATIONS,
    *conv_variance.DERIVATIONS,
    *dropout.DERIVATIONS,
    *dropout_laws.DERIVATIONS,
    *initialization.DERIVATIONS,
    *initialization_laws.DERIVATIONS,
    *least_norm.DERIVATIONS,
    *mobilenet.DERIVATIONS,
    *normalization.DERIVATIONS,
    *optimizer_memory.DERIVATIONS,
    *pooling.DERIVATIONS,
    *receptive_field.DERIVATIONS,
    *regularization.DERIVATIONS,
    *relu_nets.DERIVATIONS,
    *simplex.DERIVATIONS,
    *softmax.DERIVATIONS,
    *softmax_start.DERIVATIONS,
    *tikhonov.DERIVATIONS,
    *tikhonov_forms.DERIVATIONS,
    *two_weights.DERIVATIONS,
    *weight_decay.DERIVATIONS,
    *weight_noise.DERIVATIONS,
    *weight_noise_batch.DERIVATIONS,
    *weight_noise_readings.DERIVATIONS,
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
