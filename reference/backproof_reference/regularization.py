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


def _require_not_negative(name: str, value: float) -> None:
    if not value >= 0:
        raise ValueError(f"{name} must not be negative, got {value}")
