"""Batch normalisation of a fully connected layer."""

from typing import Any

import torch


def batchnorm_forward(
    x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, eps: float = 1e-5
) -> tuple[torch.Tensor, Any]:
    """Normalise every feature over the mini-batch, then scale and shift it (training mode).

    Mean and variance are those of the mini-batch, one pair per feature. The variance is the biased
    one (divided by N), and ``eps`` stands inside the square root.

    Shapes:
        x: (N, D) with N >= 2; gamma, beta: (D,).
        Returns ``(out, cache)``: out is (N, D); cache is whatever ``batchnorm_backward`` needs.

    Raises:
        ValueError: if N < 2, because the batch variance would carry no information.

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, Algorithm 1.
    """
    if x.shape[0] < 2:
        raise ValueError(
            f"batchnorm_forward needs at least 2 rows in x, got shape {tuple(x.shape)}"
        )
    centred = x - x.mean(dim=0)
    inv_std = torch.rsqrt(centred.square().mean(dim=0) + eps)
    x_hat = centred * inv_std
    return gamma * x_hat + beta, (x_hat, gamma, inv_std)


def batchnorm_backward(
    dout: torch.Tensor, cache: Any
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients of a scalar loss through ``batchnorm_forward``.

    Mean and variance depend on every row of x: the gradient includes both paths. Gradients have
    the shape of the variable they belong to (denominator layout).

    Shapes:
        dout: (N, D), the gradient of the loss with respect to ``out``; cache: as returned by
        ``batchnorm_forward``.
        Returns ``(dx, dgamma, dbeta)``: (N, D), (D,), (D,).

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, section 3 (the unnumbered chain-rule
        equations).
    """
    x_hat, gamma, inv_std = cache
    dgamma = (dout * x_hat).sum(dim=0)
    dbeta = dout.sum(dim=0)
    # dbeta is the mean path and dgamma * x_hat the variance path: both are batch averages of dout,
    # so the closed form needs no further reduction.
    dx = gamma * inv_std * (dout - (dbeta + x_hat * dgamma) / dout.shape[0])
    return dx, dgamma, dbeta


def batchnorm_inference(
    x: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    running_mean: torch.Tensor,
    running_var: torch.Tensor,
    eps: float = 1e-5,
) -> torch.Tensor:
    """Normalise with stored statistics instead of those of the mini-batch (inference mode).

    Every row is treated on its own, so a batch of one row is legal. ``running_var`` is a variance,
    not a standard deviation, and ``eps`` stands inside the square root.

    Shapes:
        x: (N, D); gamma, beta, running_mean, running_var: (D,). Returns (N, D).

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, Algorithm 2, line 11.
    """
    # Subtract first: folding the mean into the shift would cancel badly when |mean| >> std.
    return gamma * ((x - running_mean) * torch.rsqrt(running_var + eps)) + beta


def batchnorm_layer(
    x: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    running_mean: torch.Tensor,
    running_var: torch.Tensor,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """One call of a batch normalisation layer, in training or at test time.

    The running statistics are exponential moving averages, and ``momentum`` is the weight of the
    new value (torch's convention). Inside ``out`` stands the biased variance of the mini-batch, in
    ``running_var`` the unbiased one. No argument is changed in place. ``eps`` stands inside the
    root.

    Shapes:
        x: (N, D), in training with N >= 2; gamma, beta, running_mean, running_var: (D,).
        Returns ``(out, running_mean, running_var)``: the output (N, D), and the running statistics
        after this call, (D,) each.

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, Algorithms 1 and 2;
        torch.nn.BatchNorm1d.
    """
    if not training:
        out = batchnorm_inference(x, gamma, beta, running_mean, running_var, eps)
        return out, running_mean, running_var
    out, _ = batchnorm_forward(x, gamma, beta, eps)
    new_mean, new_var = x.mean(dim=0), x.var(dim=0, unbiased=True)
    return (
        out,
        (1 - momentum) * running_mean + momentum * new_mean,
        (1 - momentum) * running_var + momentum * new_var,
    )


def batch_scatter(x: torch.Tensor, sizes: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """How much the statistics of mini-batches of several sizes scatter.

    For each batch size m, ``x`` is cut, in its order, into batches of m values; m divides their
    number.

    Shapes:
        x: (n,); sizes: S whole numbers.
        Returns ``(between, within)``, (S,) each: the mean over the batches of the squared distance
        of a batch's mean from the mean of x, and the mean of the batches' biased variances.

    Source:
        The law of total variance: for every m, between + within is the variance of x.
    """
    batches = [x.reshape(-1, m) for m in sizes]
    between = [(cut.mean(dim=1) - x.mean()).square().mean() for cut in batches]
    within = [cut.var(dim=1, unbiased=False).mean() for cut in batches]
    return torch.stack(between), torch.stack(within)


def running_statistics(
    batches: torch.Tensor, momentum: float = 0.1
) -> tuple[torch.Tensor, torch.Tensor]:
    """The running statistics that batch normalisation has stored after training on some batches.

    They start at mean 0 and variance 1. After each mini-batch, ``momentum`` is the weight of its
    own statistics and ``1 - momentum`` that of what was stored (torch's convention). The variance
    that is stored is the unbiased one, divided by N - 1.

    Shapes:
        batches: (T, N, D), T mini-batches of N >= 2 rows in the order of training.
        Returns ``(running_mean, running_var)``, each (D,).

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, section 3.1; torch.nn.BatchNorm1d.
    """
    running_mean = torch.zeros_like(batches[0, 0])
    running_var = torch.ones_like(batches[0, 0])
    for batch in batches:
        running_mean = (1 - momentum) * running_mean + momentum * batch.mean(dim=0)
        running_var = (1 - momentum) * running_var + momentum * batch.var(dim=0)
    return running_mean, running_var
