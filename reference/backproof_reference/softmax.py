"""Softmax cross-entropy of a batch of logits, its gradient, and the loss to expect at the start."""

import math

import torch


def softmax_cross_entropy(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Mean over the batch of -log softmax(logits) at the label.

    The largest logit of a row is subtracted first, which changes nothing but avoids overflow.

    Shapes:
        logits: (N, C); labels: (N,), integers in 0 .. C - 1. Returns ().

    Source:
        torch.nn.CrossEntropyLoss; Goodfellow, Bengio and Courville, "Deep Learning", 2016,
        section 6.2.2.3.
    """
    shifted = logits - logits.amax(dim=1, keepdim=True)
    chosen = shifted.gather(1, labels[:, None])[:, 0]
    return (shifted.exp().sum(dim=1).log() - chosen).mean()


def softmax_cross_entropy_backward(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Gradient of ``softmax_cross_entropy``: (softmax - one-hot) / N. Every row sums to zero.

    Shapes:
        logits: (N, C); labels: (N,), integers in 0 .. C - 1. Returns (N, C).

    Source:
        The derivation ``softmax.cross_entropy_gradient`` of this package.
    """
    weights = (logits - logits.amax(dim=1, keepdim=True)).exp()
    gradient = weights / weights.sum(dim=1, keepdim=True)
    rows = torch.arange(logits.shape[0], device=logits.device)
    gradient[rows, labels] -= 1
    return gradient / logits.shape[0]


def initial_cross_entropy(classes: int, logit_std: float = 0.0) -> float:
    """The cross-entropy to expect before training: ln C + logit_std^2 / 2 (1 - 1 / C).

    For independent logits with one mean and the standard deviation ``logit_std``, independent of
    the label, to second order in it. With equal logits it is ln C exactly.

    Shapes:
        classes: C. Returns a number, in nats.

    Raises:
        ValueError: if there is no class or the standard deviation is negative.

    Source:
        The derivation ``softmax.initial_loss`` of this package.
    """
    if classes < 1 or logit_std < 0:
        raise ValueError(f"classes >= 1 and logit_std >= 0, got {classes} and {logit_std}")
    return math.log(classes) + logit_std**2 / 2 * (1 - 1 / classes)
