"""LeNet-5 for colour images, one training step, and both again without autograd."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from backproof_reference.conv import conv2d_backward, conv2d_forward
from backproof_reference.pooling import maxpool2d_backward, maxpool2d_forward
from backproof_reference.softmax import softmax_cross_entropy, softmax_cross_entropy_backward

LENET5_SHAPES = (
    (6, 3, 5, 5), (6,), (16, 6, 5, 5), (16,), (120, 400), (120,), (84, 120), (84,), (10, 84), (10,),
)  # fmt: skip
"""Shapes of weight and bias of each layer, from the input on: 62,006 numbers."""


class LeNet5(nn.Module):
    """LeNet-5 for colour images of 32 by 32 pixels and ten classes.

    Two convolutions of 5 by 5 without padding, 3 -> 6 and 6 -> 16 channels, each followed by ReLU
    and max pooling of 2 by 2 with stride 2; then fully connected layers 400 -> 120 -> 84 -> 10
    with ReLU between them. All layers have a bias, and torch's default initialisation.

    Source:
        LeCun et al., "Gradient-based learning applied to document recognition", 1998, section
        II.B, with ReLU and max pooling in place of the sigmoid and the trained subsampling.
    """

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(400, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of the ten classes.

        Shapes:
            x: (N, 3, 32, 32), of the dtype of the parameters. Returns (N, 10).
        """
        x = self.pool(torch.relu(self.conv1(x)))
        x = self.pool(torch.relu(self.conv2(x)))
        x = torch.flatten(x, 1)
        x = torch.relu(self.fc1(x))
        x = torch.relu(self.fc2(x))
        logits: torch.Tensor = self.fc3(x)
        return logits


def train_step(
    network: nn.Module, optimizer: torch.optim.Optimizer, x: torch.Tensor, y: torch.Tensor
) -> torch.Tensor:
    """One step of training on a mini-batch: forward, loss, backward, update.

    The loss is the mean cross-entropy of the network's logits. The optimizer belongs to the
    network's parameters; their gradients may hold anything before the call.

    Shapes:
        x: a mini-batch for the network, N first; y: (N,), the right classes as whole numbers.
        Returns the loss before the update, a single number.

    Source:
        torch.optim, "Taking an optimization step".
    """
    optimizer.zero_grad()
    loss = nn.functional.cross_entropy(network(x), y)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return loss.detach()


def lenet5_logits(x: torch.Tensor, weights: Sequence[torch.Tensor]) -> torch.Tensor:
    """LeNet-5 from its definition, with given weights.

    Shapes:
        x: (N, 3, 32, 32); weights: of the shapes ``LENET5_SHAPES``. Returns logits, (N, 10).

    Source:
        As ``LeNet5``.
    """
    return _forward(x, weights)[-1]


def lenet5_gradients(
    x: torch.Tensor, weights: Sequence[torch.Tensor], dout: torch.Tensor
) -> list[torch.Tensor]:
    """Gradients of the sum of logits times ``dout``, layer by layer by the chain rule.

    Shapes:
        x, weights: as in ``lenet5_logits``; dout: (N, 10).
        Returns the gradient of x, then one of each shape of the weights.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.5.
    """
    (conv1, pool1, conv2, pool2, flat, fc1, fc2), _ = _forward(x, weights)
    w2, w3, w4, w5 = weights[2], weights[4], weights[6], weights[8]
    dw5, db5 = dout.T @ fc2, dout.sum(0)
    d = dout @ w5 * (fc2 > 0)
    dw4, db4 = d.T @ fc1, d.sum(0)
    d = d @ w4 * (fc1 > 0)
    dw3, db3 = d.T @ flat, d.sum(0)
    d = (d @ w3).reshape(-1, 16, 5, 5)
    d = maxpool2d_backward(d, pool2[1]) * (conv2 > 0)
    d, dw2, db2 = conv2d_backward(d, pool1[0], w2)
    d = maxpool2d_backward(d, pool1[1]) * (conv1 > 0)
    dx, dw1, db1 = conv2d_backward(d, x, weights[0])
    return [dx, dw1, db1, dw2, db2, dw3, db3, dw4, db4, dw5, db5]


def _forward(
    x: torch.Tensor, weights: Sequence[torch.Tensor]
) -> tuple[tuple[Any, ...], torch.Tensor]:
    """What the backward pass needs of each layer, and the logits."""
    w1, b1, w2, b2, w3, b3, w4, b4, w5, b5 = weights
    conv1 = conv2d_forward(x, w1, b1)
    pool1 = maxpool2d_forward(conv1.clamp(min=0), (2, 2), 2)
    conv2 = conv2d_forward(pool1[0], w2, b2)
    pool2 = maxpool2d_forward(conv2.clamp(min=0), (2, 2), 2)
    flat = pool2[0].flatten(1)
    fc1 = (flat @ w3.T + b3).clamp(min=0)
    fc2 = (fc1 @ w4.T + b4).clamp(min=0)
    return (conv1, pool1, conv2, pool2, flat, fc1, fc2), fc2 @ w5.T + b5


def lenet5_training(
    x: torch.Tensor, y: torch.Tensor, weights: Sequence[torch.Tensor], lr: float, momentum: float
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """Losses and final weights of stochastic gradient descent with momentum, without autograd.

    Shapes:
        x: (K, N, 3, 32, 32) and y: (K, N), one mini-batch for each of K steps; weights: as in
        ``lenet5_logits``. Returns K losses, each before its step, and the weights afterwards.

    Source:
        Sutskever et al., "On the importance of initialization and momentum in deep learning",
        ICML 2013, in the form of torch.optim.SGD: v = momentum v + gradient, w = w - lr v.
    """
    now = [weight.clone() for weight in weights]
    speed = [torch.zeros_like(weight) for weight in weights]
    losses = []
    for images, labels in zip(x, y, strict=True):
        logits = lenet5_logits(images, now)
        losses.append(softmax_cross_entropy(logits, labels))
        dout = softmax_cross_entropy_backward(logits, labels)
        gradients = lenet5_gradients(images, now, dout)[1:]
        speed = [momentum * v + g for v, g in zip(speed, gradients, strict=True)]
        now = [w - lr * v for w, v in zip(now, speed, strict=True)]
    return torch.stack(losses), now
