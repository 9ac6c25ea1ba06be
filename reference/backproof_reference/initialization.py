"""Standard deviations of the weights at initialisation."""

import math

import torch


def xavier_std(fan_in: int, fan_out: int) -> float:
    """The standard deviation of Xavier's (Glorot's) weights: a compromise of both directions.

    The variance is the harmonic mean of 1 / fan_in, which keeps the variance of the activations of
    a linear layer, and of 1 / fan_out, which keeps that of the gradients.

    Shapes:
        fan_in, fan_out: how many inputs one output adds up, and the other way round. Returns a
        number.

    Raises:
        ValueError: if a fan is less than 1.

    Source:
        Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
        networks", AISTATS 2010, equation 12.
    """
    if min(fan_in, fan_out) < 1:
        raise ValueError(f"fans must be at least 1, got {fan_in} and {fan_out}")
    return math.sqrt(2 / (fan_in + fan_out))


def kaiming_std(fan: int, negative_slope: float = 0.0) -> float:
    """The standard deviation of Kaiming's (He's) weights, in front of or behind a leaky ReLU.

    With ``fan`` = fan_in it keeps the second moment of the pre-activations, with ``fan`` = fan_out
    that of their gradients. A negative slope of 0 is the plain ReLU, one of 1 a linear layer.

    Shapes:
        fan: a number of summed terms. Returns a number.

    Raises:
        ValueError: if ``fan`` is less than 1.

    Source:
        He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", ICCV 2015, section 2.2.
    """
    if fan < 1:
        raise ValueError(f"fan must be at least 1, got {fan}")
    return math.sqrt(2 / ((1 + negative_slope**2) * fan))


def uniform_bound(std: float) -> float:
    """The c at which the uniform law on (-c, c) has a given standard deviation.

    Shapes:
        std: a number, not negative. Returns a number.

    Raises:
        ValueError: if ``std`` is negative.

    Source:
        The variance of the uniform law on (-c, c) is c^2 / 3.
    """
    if not std >= 0:
        raise ValueError(f"std must not be negative, got {std}")
    return math.sqrt(3) * std


def relu_second_moment(z: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean squares of relu(z) and of relu(-z); they add up to the mean square of z.

    For a symmetric law both are half of it.

    Shapes:
        z: any shape with at least one entry, floating point. Returns two scalar tensors.

    Source:
        He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", ICCV 2015, section 2.2.
    """
    return z.relu().square().mean(), (-z).relu().square().mean()


def fans(shape: list[int]) -> tuple[int, int]:
    """How many inputs one output of a layer adds up, and how many outputs one input goes to.

    The borders of an image are not looked at: each entry of a kernel counts.

    Shapes:
        shape: of the layer's weight, (out, in) or (out, in, kernel sizes ...), as in torch. Returns
        fan_in and fan_out.

    Source:
        He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", ICCV 2015, section 2.2.
    """
    taps = math.prod(shape[2:])
    return shape[1] * taps, shape[0] * taps


def initial_variance(shape: list[int], scheme: str) -> float:
    """The variance of a layer's weights at the start.

    ``scheme`` is "default" (what torch draws for a new layer: uniform up to the bound
    1 / sqrt(fan_in)), "xavier" (Glorot), or "kaiming" (He, for layers behind a ReLU, with fan_in).
    Fans count the entries of a kernel as well.

    Shapes:
        shape: of the layer's weight, as in torch: [out, in] or [out, in, height, width]. Returns a
        number.

    Source:
        torch.nn.init; Glorot and Bengio 2010; He, Zhang, Ren and Sun 2015, section 2.2.
    """
    fan_in, fan_out = fans(shape)
    if scheme == "default":
        return 1 / (3 * fan_in)
    if scheme == "xavier":
        return 2 / (fan_in + fan_out)
    return 2 / fan_in


def kaiming_weights(draws: torch.Tensor) -> torch.Tensor:
    """A layer's weights after Kaiming-normal initialisation with fan_in, for a layer behind a ReLU.

    ``draws`` are standard normal numbers: nothing is drawn here. The result is a new tensor.

    Shapes:
        draws: the shape of the layer's weight, as in torch: (out, in) or (out, in, height, width).
        Returns that shape.

    Source:
        He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", ICCV 2015, section 2.2.
    """
    return draws * math.sqrt(2 / fans(list(draws.shape))[0])
