"""LeNet-5 with batch normalisation and Swish, an epoch of training, and an evaluation.

All of it once as students write it, and again from the definitions, without autograd.
"""

from collections.abc import Sequence

import torch
from torch import nn

from backproof_reference.activations import swish as swish_of
from backproof_reference.batchnorm import batchnorm_layer
from backproof_reference.conv import conv2d_forward
from backproof_reference.lenet import lenet5_gradients, lenet5_logits
from backproof_reference.pooling import maxpool2d_forward
from backproof_reference.softmax import softmax_cross_entropy, softmax_cross_entropy_backward


class LeNet5Variant(nn.Module):
    """LeNet-5 for colour images of 32 by 32 pixels and ten classes, with options.

    Two convolutions of 5 by 5 without padding, 3 -> 6 and 6 -> 16 channels, each followed by an
    activation and max pooling of 2 by 2 with stride 2; then fully connected layers
    400 -> 120 -> 84 -> 10 with an activation between them. All five have a bias. With
    ``batchnorm``, batch normalisation stands between each of them but the last and its activation.
    Activations are ReLU, or with ``swish``, x sigmoid(x).

    Source:
        LeCun et al., "Gradient-based learning applied to document recognition", 1998, section II.B;
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, section 3.2.
    """

    def __init__(self, batchnorm: bool = False, swish: bool = False) -> None:
        super().__init__()
        self.convs = nn.ModuleList([nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5)])
        self.linears = nn.ModuleList([nn.Linear(400, 120), nn.Linear(120, 84)])
        self.last = nn.Linear(84, 10)
        norms: list[nn.Module] = [nn.Identity() for _ in range(4)]
        if batchnorm:
            norms = [nn.BatchNorm2d(6), nn.BatchNorm2d(16), nn.BatchNorm1d(120), nn.BatchNorm1d(84)]
        self.norms = nn.ModuleList(norms)
        self.activation = nn.SiLU() if swish else nn.ReLU()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of the ten classes.

        Shapes:
            x: (N, 3, 32, 32), of the dtype of the parameters. Returns (N, 10).
        """
        for conv, norm in zip(self.convs, self.norms[:2], strict=True):
            x = nn.functional.max_pool2d(self.activation(norm(conv(x))), 2)
        x = x.flatten(1)
        for linear, norm in zip(self.linears, self.norms[2:], strict=True):
            x = self.activation(norm(linear(x)))
        logits: torch.Tensor = self.last(x)
        return logits


def train_epoch(
    network: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    batches: list[list[int]],
    lr: float,
    momentum: float,
    weight_decay: float,
) -> tuple[float, float]:
    """Train a network in place, in training mode: one step for each mini-batch, in the given order.

    The loss of a step is the mean cross-entropy of its mini-batch. The optimizer is stochastic
    gradient descent: gradient g plus ``weight_decay`` times the parameter, for all parameters;
    then v = momentum v + that, w = w - lr v, with v = 0 before the first step of this call.

    Shapes:
        images: (N, C, H, W); labels: (N,), whole numbers; batches: lists of indices of images, each
        image in one of them, not all of one length. Returns the mean loss over the images and the
        share of images that are right, both as found in each mini-batch before its step.

    Source:
        torch.optim.SGD.
    """
    network.train()
    optimizer = torch.optim.SGD(
        network.parameters(), lr=lr, momentum=momentum, weight_decay=weight_decay
    )
    total, right, count = 0.0, 0, 0
    for batch in batches:
        optimizer.zero_grad()
        logits = network(images[batch])
        loss = nn.functional.cross_entropy(logits, labels[batch])
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        total += loss.item() * len(batch)
        right += int((logits.argmax(dim=1) == labels[batch]).sum())
        count += len(batch)
    return total / count, right / count


def evaluate(
    network: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int
) -> tuple[float, float]:
    """Mean cross-entropy and accuracy of a network at test time, batch by batch.

    Batches are of ``batch_size`` images, in order, the last one of those that are left. The network
    may come in either mode. What it has learnt and gathered stays as it is.

    Shapes:
        images: (N, C, H, W); labels: (N,), whole numbers. Returns the mean over all N images, and
        the share of them that is right.

    Source:
        torch.nn.Module.eval.
    """
    network.eval()
    total, right = 0.0, 0
    with torch.no_grad():
        for x, y in zip(
            torch.split(images, batch_size), torch.split(labels, batch_size), strict=True
        ):
            logits = network(x)
            total += float(nn.functional.cross_entropy(logits, y, reduction="sum"))
            right += int((logits.argmax(dim=1) == y).sum())
    return total / len(labels), right / len(labels)


# --- the same from the definitions ---------------------------------------------------------------


def variant_shapes(batchnorm: bool) -> list[list[int]]:
    """Shapes of the parameters, from the input on: weight, bias, scale, shift of each layer."""
    shapes: list[list[int]] = []
    for weight in ([6, 3, 5, 5], [16, 6, 5, 5], [120, 400], [84, 120]):
        shapes += [weight, *[[weight[0]]] * (3 if batchnorm else 1)]
    return [*shapes, [10, 84], [10]]


def variant_logits(
    x: torch.Tensor, weights: Sequence[torch.Tensor], batchnorm: bool, swish: bool, training: bool
) -> torch.Tensor:
    """The network from its definition, with given weights and fresh running statistics.

    Shapes:
        x: (N, 3, 32, 32); weights: of ``variant_shapes``. Returns (N, 10).
    """
    left = list(weights)
    for layer in range(4):
        w, b = left.pop(0), left.pop(0)
        out = conv2d_forward(x, w, b) if layer < 2 else x @ w.T + b
        if batchnorm:
            out = _normalised(out, left.pop(0), left.pop(0), training)
        out = swish_of(out) if swish else out.clamp(min=0)
        x = maxpool2d_forward(out, (2, 2), 2)[0] if layer < 2 else out
        x = x.flatten(1) if layer == 1 else x
    return x @ left[0].T + left[1]


def _normalised(
    x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, training: bool
) -> torch.Tensor:
    """Batch normalisation with running statistics 0 and 1 so far."""
    rows = x.movedim(1, -1)
    zeros, ones = torch.zeros_like(gamma), torch.ones_like(gamma)
    flat = batchnorm_layer(rows.reshape(-1, len(gamma)), gamma, beta, zeros, ones, training)[0]
    return flat.reshape(rows.shape).movedim(-1, 1)


def epoch_by_hand(
    images: torch.Tensor,
    labels: torch.Tensor,
    batches: list[list[int]],
    weights: Sequence[torch.Tensor],
    lr: float,
    momentum: float,
    weight_decay: float,
) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    """What ``train_epoch`` does to plain LeNet-5, by the chain rule, layer by layer.

    Shapes:
        As there; weights: of ``LENET5_SHAPES``. Returns the mean loss, the share of images that are
        right, and the weights afterwards.
    """
    now = list(weights)
    speed = [torch.zeros_like(weight) for weight in weights]
    losses, hits = [], []
    for batch in batches:
        x, y = images[batch], labels[batch]
        logits = lenet5_logits(x, now)
        losses.append(softmax_cross_entropy(logits, y) * len(batch))
        hits.append((logits.argmax(dim=1) == y).double().sum())
        gradients = lenet5_gradients(x, now, softmax_cross_entropy_backward(logits, y))[1:]
        decayed = [g + weight_decay * w for g, w in zip(gradients, now, strict=True)]
        speed = [momentum * v + g for v, g in zip(speed, decayed, strict=True)]
        now = [w - lr * v for w, v in zip(now, speed, strict=True)]
    count = sum(len(batch) for batch in batches)
    return torch.stack(losses).sum() / count, torch.stack(hits).sum() / count, now
