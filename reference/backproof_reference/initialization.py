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
