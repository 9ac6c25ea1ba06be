"""Proximal steps of L1 and L2 penalties, and weight decay."""

import torch


def l1_prox(v: torch.Tensor, threshold: float) -> torch.Tensor:
    """The t at which (t - v)^2 / 2 + threshold * |t| is least, for every entry.

    Entries with |v| <= threshold become exactly 0; the others move towards 0 by the threshold.

    Shapes:
        v: any shape. Returns the shape of v.

    Raises:
        ValueError: if ``threshold`` is negative.

    Source:
        Parikh and Boyd, "Proximal Algorithms", 2014 (soft thresholding).
    """
    _require_not_negative("threshold", threshold)
    return v.sign() * (v.abs() - threshold).clamp(min=0)


def l2_prox(v: torch.Tensor, lam: float) -> torch.Tensor:
    """The t at which (t - v)^2 / 2 + (lam / 2) * t^2 is least, for every entry.

    Every entry shrinks by the same factor, and none becomes 0.

    Shapes:
        v: any shape. Returns the shape of v.

    Raises:
        ValueError: if ``lam`` is negative.

    Source:
        Parikh and Boyd, "Proximal Algorithms", 2014 (quadratic functions).
    """
    _require_not_negative("lam", lam)
    return v / (1 + lam)


def weight_decay_step(
    w: torch.Tensor, grad: torch.Tensor, lr: float, weight_decay: float
) -> torch.Tensor:
    """One step of plain gradient descent on the loss plus (weight_decay / 2) ||w||^2.

    ``grad`` is the gradient of the loss alone. The result is a new tensor.

    Shapes:
        w, grad: the same, any shape. Returns that shape.

    Source:
        Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, section 2.
    """
    return (1 - lr * weight_decay) * w - lr * grad


def l1_penalty(parameters: list[torch.Tensor], lam: float) -> torch.Tensor:
    """The L1 penalty of a network: ``lam`` times the sum of the absolute values of all its weights.

    Only weights of layers count, which have two axes or more; biases, and scale and shift of
    normalisation, have one, and are left out.

    Shapes:
        parameters: of any shapes, as ``network.parameters()`` gives them. Returns one number.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 7.1.2.
    """
    return lam * torch.stack([p.abs().sum() for p in parameters if p.ndim > 1]).sum()


def l1_step(w: torch.Tensor, grad: torch.Tensor, lr: float, lam: float) -> torch.Tensor:
    """One step of plain gradient descent on the loss plus ``lam`` times the sum of |w|.

    ``grad`` is the gradient of the loss alone; the slope of |w| at 0 is taken to be 0, as in torch.
    The result is a new tensor.

    Shapes:
        w, grad: the same, any shape. Returns that shape.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 7.1.2.
    """
    return w - lr * (grad + lam * w.sign())


def proximal_step(w: torch.Tensor, grad: torch.Tensor, lr: float, lam: float) -> torch.Tensor:
    """One step of proximal gradient descent on the loss plus ``lam`` times the sum of |w|.

    First a step down the gradient of the loss alone, ``grad``; then every weight moves towards 0 by
    the learning rate times ``lam``, and no further than to 0. The result is a new tensor.

    Shapes:
        w, grad: the same, any shape. Returns that shape.

    Source:
        Parikh and Boyd, "Proximal Algorithms", 2014, section 4.2.
    """
    return l1_prox(w - lr * grad, lr * lam)


def share_below(w: torch.Tensor, tau: float) -> torch.Tensor:
    """The share of weights whose absolute value is less than ``tau``.

    Shapes:
        w: any shape. Returns one number from 0 to 1.

    Source:
        Han et al., "Learning both Weights and Connections", NeurIPS 2015, section 3.
    """
    return (w.abs() < tau).to(w.dtype).mean()


def _require_not_negative(name: str, value: float) -> None:
    if not value >= 0:
        raise ValueError(f"{name} must not be negative, got {value}")
