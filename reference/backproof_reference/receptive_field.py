"""Receptive fields of a stack of convolution and pooling layers, along one axis."""

import math


def effective_strides(strides: list[int]) -> list[int]:
    """By how many input positions the view of a layer moves from one output to the next.

    Shapes:
        strides: one for each layer, first layer first. Returns as many numbers: the products of
        the strides of all layers up to and including this one.

    Raises:
        ValueError: if a stride is below 1.

    Source:
        Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
        Distill, 2019.
    """
    _require_positive("stride", strides)
    return [math.prod(strides[: layer + 1]) for layer in range(len(strides))]


def receptive_fields(
    kernels: list[int], strides: list[int], dilations: list[int] | None = None
) -> list[int]:
    """The extent of the input that one output of each layer can see, first layer first.

    It is the distance from the first to the last position, both included, in input positions. With
    gaps between kernel taps (stride or dilation above the kernel size) not every position between
    them is used. Padding does not enter.

    Shapes:
        kernels, strides, dilations: one number for each layer; a pooling layer is a layer like any
        other. Returns as many numbers. No dilations means 1 everywhere.

    Raises:
        ValueError: if the lists differ in length or hold a number below 1.

    Source:
        Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
        Distill, 2019.
    """
    dilations = _checked(kernels, strides, dilations)
    field, found = 1, []
    for kernel, dilation, jump in zip(
        kernels, dilations, [1, *effective_strides(strides)], strict=False
    ):
        # A tap of this layer is as far from the next one as an output of the layer below.
        field += dilation * (kernel - 1) * jump
        found.append(field)
    return found


def input_span(
    kernels: list[int], strides: list[int], dilations: list[int] | None = None, width: int = 1
) -> int:
    """The extent of the input that ``width`` neighbouring outputs of the last layer see together.

    Counted from the last layer down to the first; for ``width`` = 1 it is the receptive field.

    Shapes:
        kernels, strides, dilations: one number for each layer, first layer first; dilations as for
        ``receptive_fields``. Returns a number of input positions.

    Raises:
        ValueError: if the lists differ in length, or hold a number below 1, or width is below 1.

    Source:
        Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
        Distill, 2019.
    """
    dilations = _checked(kernels, strides, dilations)
    _require_positive("width", [width])
    for kernel, stride, dilation in zip(
        reversed(kernels), reversed(strides), reversed(dilations), strict=True
    ):
        width = stride * (width - 1) + dilation * (kernel - 1) + 1
    return width


def _checked(kernels: list[int], strides: list[int], dilations: list[int] | None) -> list[int]:
    dilations = [1] * len(kernels) if dilations is None else dilations
    if not len(kernels) == len(strides) == len(dilations):
        raise ValueError(
            f"one kernel, stride and dilation for each layer: got {len(kernels)}, "
            f"{len(strides)} and {len(dilations)}"
        )
    for name, values in (("kernel", kernels), ("stride", strides), ("dilation", dilations)):
        _require_positive(name, values)
    return dilations


def _require_positive(name: str, values: list[int]) -> None:
    if any(value < 1 for value in values):
        raise ValueError(f"every {name} must be at least 1, got {values}")
