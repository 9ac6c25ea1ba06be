"""Parameters and multiply-adds of convolution layers, full and depthwise separable."""

import torch


def output_size(size: int, kernel: int, stride: int = 1, padding: int = 0) -> int:
    """The number of outputs of a convolution or pooling layer along one axis.

    A remainder that no kernel position reaches is dropped.

    Shapes:
        size, kernel, stride, padding: numbers of positions along the axis. Returns a number.

    Raises:
        ValueError: if the kernel is larger than the padded input.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016,
        relationship 6.
    """
    if kernel > size + 2 * padding:
        raise ValueError(f"kernel {kernel} is larger than the input {size} padded by {padding}")
    return (size + 2 * padding - kernel) // stride + 1


def convolution_parameters(
    channels_in: int, channels_out: int, kernel: int, groups: int = 1, bias: bool = False
) -> int:
    """Parameters of a layer with square kernels; the size of the image does not enter.

    Shapes:
        channels_in, channels_out, kernel: sizes of the layer. Returns a number of parameters:
        kernel^2 channels_in channels_out / groups weights, and channels_out more with a bias.

    Raises:
        ValueError: if the channels do not fit ``groups``.

    Source:
        torch.nn.Conv2d.
    """
    if channels_in % groups or channels_out % groups:
        raise ValueError(f"groups={groups} does not fit {channels_in} and {channels_out} channels")
    return kernel**2 * (channels_in // groups) * channels_out + bias * channels_out


def convolution_multiply_adds(
    channels_in: int, channels_out: int, kernel: int, map_out: tuple[int, int], groups: int = 1
) -> int:
    """Multiply-adds of a layer for one image: every weight is used once for each output position.

    One multiply-add is two floating-point operations. The bias is not counted.

    Shapes:
        map_out: height and width of the *output*; the other sizes as for
        ``convolution_parameters``. Returns a number of multiply-adds.

    Raises:
        ValueError: as ``convolution_parameters``.

    Source:
        Howard et al., "MobileNets", arXiv 1704.04861, 2017, section 3.1.
    """
    weights = convolution_parameters(channels_in, channels_out, kernel, groups)
    return weights * map_out[0] * map_out[1]


def separable_parameters(
    channels_in: int, channels_out: int, kernel: int, bias: bool = False
) -> int:
    """Parameters of a depthwise convolution followed by a pointwise (1 x 1) one.

    Shapes:
        sizes as for ``convolution_parameters``. Returns a number of parameters.

    Source:
        Howard et al., "MobileNets", arXiv 1704.04861, 2017, section 3.1.
    """
    depthwise = convolution_parameters(channels_in, channels_in, kernel, channels_in, bias)
    return depthwise + convolution_parameters(channels_in, channels_out, 1, 1, bias)


def separable_multiply_adds(
    channels_in: int, channels_out: int, kernel: int, map_out: tuple[int, int]
) -> int:
    """Multiply-adds of a depthwise convolution followed by a pointwise (1 x 1) one.

    Both run on maps of the size ``map_out``: a stride belongs to the depthwise layer.

    Shapes:
        map_out: height and width of the output; the other sizes as for
        ``convolution_parameters``. Returns a number of multiply-adds for one image.

    Source:
        Howard et al., "MobileNets", arXiv 1704.04861, 2017, equation 5.
    """
    depthwise = convolution_multiply_adds(channels_in, channels_in, kernel, map_out, channels_in)
    return depthwise + convolution_multiply_adds(channels_in, channels_out, 1, map_out)


def separable_cost_ratio(channels_out: int, kernel: int) -> float:
    """The cost of a separable layer over that of a full one: 1 / N + 1 / D_K^2.

    It holds for parameters (without bias) and for multiply-adds alike.

    Shapes:
        channels_out: N; kernel: D_K. Returns a fraction of the full cost.

    Source:
        Howard et al., "MobileNets", arXiv 1704.04861, 2017, section 3.1.
    """
    return 1 / channels_out + 1 / kernel**2


def multiplier_cost_ratio(
    channels_out: int, kernel: int, alpha: float, rho: float = 1.0
) -> tuple[float, float]:
    """What the width multiplier alpha and the resolution multiplier rho save in a separable layer.

    Both ratios lie between alpha^2 and alpha (times rho^2 for the multiply-adds); the number of
    parameters does not depend on the resolution. Rounding of channels and maps is ignored.

    Shapes:
        channels_out: N; kernel: D_K; alpha, rho: in (0, 1].
        Returns the ratios of the multiply-adds and of the parameters.

    Raises:
        ValueError: if a multiplier is not in (0, 1].

    Source:
        Howard et al., "MobileNets", arXiv 1704.04861, 2017, sections 3.3 and 3.4.
    """
    if not (0 < alpha <= 1 and 0 < rho <= 1):
        raise ValueError(f"multipliers lie in (0, 1], got alpha={alpha} and rho={rho}")
    width = (alpha * kernel**2 + alpha**2 * channels_out) / (kernel**2 + channels_out)
    return rho**2 * width, width


def separable_block(
    x: torch.Tensor,
    depthwise: torch.Tensor,
    pointwise: torch.Tensor,
    stride: int = 1,
    padding: int = 0,
) -> torch.Tensor:
    """A depthwise separable convolution without biases: a depthwise one, then a pointwise one.

    The depthwise convolution has one kernel for each input channel and takes ``stride`` and
    ``padding``; the pointwise one mixes the channels of each pixel.

    Shapes:
        x: (B, M, H, W); depthwise: (M, 1, K, K); pointwise: (N, M, 1, 1).
        Returns (B, N, H_out, W_out).

    Source:
        Howard et al., "MobileNets", arXiv 1704.04861, 2017, section 3.1 and figure 2.
    """
    filtered = torch.nn.functional.conv2d(
        x, depthwise, stride=stride, padding=padding, groups=x.shape[1]
    )
    return torch.nn.functional.conv2d(filtered, pointwise)
