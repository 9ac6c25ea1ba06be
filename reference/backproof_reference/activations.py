"""Activation functions and their gradients."""

import torch


def sigmoid_backward(dout: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
    """Gradient of a scalar loss with respect to x, where ``out`` = 1 / (1 + exp(-x)).

    The input itself is not needed.

    Shapes:
        dout, out: the same, any shape. Returns that shape.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 3.10.
    """
    return dout * out * (1 - out)


def tanh_backward(dout: torch.Tensor, out: torch.Tensor) -> torch.Tensor:
    """Gradient of a scalar loss with respect to x, where ``out`` = tanh(x).

    The input itself is not needed.

    Shapes:
        dout, out: the same, any shape. Returns that shape.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.3.2.
    """
    # (1 - t)(1 + t), unlike 1 - t^2, keeps its digits where |t| is close to 1.
    return dout * (1 - out) * (1 + out)


def swish(x: torch.Tensor, beta: float = 1.0) -> torch.Tensor:
    """Swish, f(x) = x sigmoid(beta x), for every entry; SiLU is the case ``beta`` = 1.

    Shapes:
        x: any shape, floating point. Returns the shape of x.

    Source:
        Ramachandran, Zoph and Le, "Searching for Activation Functions", 2017.
    """
    return x * torch.sigmoid(beta * x)


def swish_backward(dout: torch.Tensor, x: torch.Tensor, beta: float = 1.0) -> torch.Tensor:
    """Gradient of a scalar loss with respect to the input of ``swish``; ``beta`` is a constant.

    Shapes:
        dout, x: the same, any shape. Returns that shape.

    Source:
        Ramachandran, Zoph and Le, "Searching for Activation Functions", 2017.
    """
    gate = torch.sigmoid(beta * x)
    scaled = beta * x * gate
    return dout * (scaled + gate * (1 - scaled))


def leaky_relu_backward(
    dout: torch.Tensor, x: torch.Tensor, negative_slope: float = 0.01
) -> torch.Tensor:
    """Gradient of a scalar loss through the leaky ReLU: x where x > 0, else negative_slope * x.

    At x = 0 the slope of the negative side is used, as in torch.

    Shapes:
        dout, x: the same, any shape. Returns that shape.

    Source:
        Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models",
        2013.
    """
    return torch.where(x > 0, dout, negative_slope * dout)
