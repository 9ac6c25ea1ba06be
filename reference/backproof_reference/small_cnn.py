"""A small convolutional network with batch normalisation and dropout, and its training by hand."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from backproof_reference.batchnorm import batchnorm_backward, batchnorm_forward, batchnorm_layer
from backproof_reference.conv import conv2d_backward, conv2d_forward
from backproof_reference.pooling import maxpool2d_backward, maxpool2d_forward
from backproof_reference.softmax import softmax_cross_entropy, softmax_cross_entropy_backward

MOMENTUM = 0.9
Weights = Sequence[torch.Tensor]


def make_cnn(
    channels: int,
    height: int,
    width: int,
    classes: int,
    batchnorm: bool = False,
    drop_prob: float = 0.0,
) -> nn.Module:
    """A fresh network for images of ``channels`` x ``height`` x ``width``.

    Two blocks of: convolution 3 x 3 with padding 1, to 8 and then 16 channels; with ``batchnorm``,
    batch normalisation of each channel; ReLU; max pooling 2 x 2 with stride 2, which leaves out a
    last row or column that is alone. Then flattened; fully connected to 24 units, ReLU, dropout
    with the probability ``drop_prob`` of dropping a unit; fully connected to ``classes`` logits.
    All layers have a bias, except a convolution that batch normalisation follows. Initialisation is
    torch's default.

    Shapes:
        The network takes (N, channels, height, width) and returns logits, (N, classes).

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, section 3.2;
        Srivastava et al., "Dropout", JMLR 2014.
    """
    layers: list[nn.Module] = []
    for before, after in ((channels, 8), (8, 16)):
        layers.append(nn.Conv2d(before, after, 3, padding=1, bias=not batchnorm))
        if batchnorm:
            layers.append(nn.BatchNorm2d(after))
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
    flat = 16 * (height // 2 // 2) * (width // 2 // 2)
    layers += [nn.Flatten(), nn.Linear(flat, 24), nn.ReLU(), nn.Dropout(drop_prob)]
    return nn.Sequential(*layers, nn.Linear(24, classes))


def train_steps(
    network: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    batches: list[list[int]],
    lr: float,
) -> torch.Tensor:
    """Train a network in place, in training mode: one step for each mini-batch, in the given order.

    The loss is the mean cross-entropy of the logits; the optimizer is stochastic gradient descent
    with the learning rate ``lr`` and momentum 0.9, v = 0.9 v + gradient, w = w - lr v, with v = 0
    before the first step of this call.

    Shapes:
        images: (N, C, H, W); labels: (N,), whole numbers; batches: K lists of indices of images.
        Returns the K losses, each before its step, shape (K,).

    Source:
        torch.optim.SGD.
    """
    network.train()
    optimizer = torch.optim.SGD(network.parameters(), lr=lr, momentum=MOMENTUM)
    losses = []
    for batch in batches:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(images[batch]), labels[batch])
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def predict(network: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Logits at test time: batch normalisation with its running statistics, no dropout.

    The network may come in either mode. What it has learnt and gathered stays as it is.

    Shapes:
        x: (N, C, H, W). Returns (N, classes), without a graph for gradients.

    Source:
        torch.nn.Module.eval.
    """
    network.eval()
    with torch.no_grad():
        logits: torch.Tensor = network(x)
    return logits


def choose_epoch(validation: torch.Tensor, test: torch.Tensor) -> tuple[int, torch.Tensor]:
    """Which epoch's network to keep, and what to report of it.

    Kept is the network of the epoch that is best on the validation set, the earliest one if several
    are equally good. Reported is how many test images this network classifies rightly.

    Shapes:
        validation, test: (K,), whole numbers: images classified rightly after each epoch. Returns
        the epoch, counted from 0, and the number to report.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 5.3.1.
    """
    best = int(validation.argmax())
    return best, test[best]


# --- the same without autograd --------------------------------------------------------------------


def cnn_shapes(
    channels: int, height: int, width: int, classes: int, batchnorm: bool
) -> list[list[int]]:
    """Shapes of the parameters, from the input on."""
    flat = 16 * (height // 2 // 2) * (width // 2 // 2)
    blocks = []
    for before, after in ((channels, 8), (8, 16)):
        blocks += [[after, before, 3, 3], [after], *([[after]] if batchnorm else [])]
    return [*blocks, [24, flat], [24], [classes, 24], [classes]]


def cnn_logits(
    x: torch.Tensor, weights: Weights, running: Weights, batchnorm: bool
) -> torch.Tensor:
    """Logits at test time, from the definition.

    Shapes:
        x: (N, C, H, W); weights: of ``cnn_shapes``; running: mean and variance of each of the two
        blocks, (8,), (8,), (16,), (16,). Returns (N, classes).
    """
    return _forward(x, weights, running, batchnorm, training=False)[0]


def cnn_training(
    images: torch.Tensor,
    labels: torch.Tensor,
    batches: list[list[int]],
    weights: Weights,
    lr: float,
    batchnorm: bool,
) -> tuple[torch.Tensor, list[torch.Tensor], list[torch.Tensor]]:
    """What ``train_steps`` does without dropout, by the chain rule, layer by layer.

    Shapes:
        As there; weights: of ``cnn_shapes``. Returns the losses (K,), the weights afterwards, and
        the running statistics afterwards, as in ``cnn_logits``.
    """
    now = [weight.clone() for weight in weights]
    speed = [torch.zeros_like(weight) for weight in weights]
    running = fresh_statistics(images)
    losses = []
    for batch in batches:
        logits, running, cache = _forward(images[batch], now, running, batchnorm, training=True)
        losses.append(softmax_cross_entropy(logits, labels[batch]))
        dlogits = softmax_cross_entropy_backward(logits, labels[batch])
        gradients = _backward(dlogits, now, cache, batchnorm)
        speed = [MOMENTUM * v + g for v, g in zip(speed, gradients, strict=True)]
        now = [w - lr * v for w, v in zip(now, speed, strict=True)]
    return torch.stack(losses), now, running


def fresh_statistics(like: torch.Tensor) -> list[torch.Tensor]:
    """Running means 0 and running variances 1, for the two blocks."""
    return [make(size, dtype=like.dtype) for size in (8, 16) for make in (torch.zeros, torch.ones)]


def _forward(
    x: torch.Tensor, weights: Weights, running: Weights, batchnorm: bool, *, training: bool
) -> tuple[torch.Tensor, list[torch.Tensor], list[Any]]:
    """Logits, the running statistics afterwards, and what the backward pass needs."""
    left, statistics = list(weights), list(running)
    cache: list[Any] = []
    for block in range(2):
        w = left.pop(0)
        b = w.new_zeros(len(w)) if batchnorm else left.pop(0)
        out = conv2d_forward(x, w, b, padding=1)
        normal = None
        if batchnorm:
            gamma, beta = left.pop(0), left.pop(0)
            mean, var = statistics[2 * block : 2 * block + 2]
            rows = _rows(out)
            normal = batchnorm_forward(rows, gamma, beta)[1]
            rows, mean, var = batchnorm_layer(rows, gamma, beta, mean, var, training)
            statistics[2 * block : 2 * block + 2] = [mean, var]
            out = rows.reshape(out.shape[0], *out.shape[2:], -1).permute(0, 3, 1, 2)
        pooled, places = maxpool2d_forward(out.clamp(min=0), (2, 2), 2)
        cache.append((x, w, normal, out, places))
        x = pooled
    w1, b1, w2, b2 = left
    flat = x.flatten(1)
    hidden = (flat @ w1.T + b1).clamp(min=0)
    cache.append((x, flat, hidden))
    return hidden @ w2.T + b2, statistics, cache


def _backward(
    dlogits: torch.Tensor, weights: Weights, cache: list[Any], batchnorm: bool
) -> list[torch.Tensor]:
    """Gradients of all weights, in training mode."""
    x, flat, hidden = cache[2]
    w1, w2 = weights[-4], weights[-2]
    gradients = [dlogits.T @ hidden, dlogits.sum(0)]
    d = dlogits @ w2 * (hidden > 0)
    gradients = [d.T @ flat, d.sum(0), *gradients]
    d = (d @ w1).reshape(x.shape)
    for x, w, normal, out, places in reversed(cache[:2]):
        d = maxpool2d_backward(d, places) * (out > 0)
        more: list[torch.Tensor] = []
        if batchnorm:
            rows, dgamma, dbeta = batchnorm_backward(_rows(d), normal)
            d = rows.reshape(d.shape[0], *d.shape[2:], -1).permute(0, 3, 1, 2)
            more = [dgamma, dbeta]
        d, dw, db = conv2d_backward(d, x, w, padding=1)
        gradients = [dw, *(more or [db]), *gradients]
    return gradients


def _rows(x: torch.Tensor) -> torch.Tensor:
    """(N, C, H, W) as (N H W, C): what batch normalisation averages over is the first axis."""
    return x.permute(0, 2, 3, 1).reshape(-1, x.shape[1])
