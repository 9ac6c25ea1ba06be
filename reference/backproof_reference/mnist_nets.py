"""Perceptrons for small images, and their training."""

from collections.abc import Sequence
from itertools import pairwise

import torch
from torch import nn

from backproof_reference.softmax import softmax_cross_entropy, softmax_cross_entropy_backward

DECAY1, DECAY2, EPSILON = 0.9, 0.999, 1e-8
"""Adam's own numbers: Kingma and Ba 2015, algorithm 1."""


def make_mlp(
    features: int, hidden: list[int], classes: int, drop_probs: list[float] | None = None
) -> nn.Module:
    """A fresh multi-layer perceptron.

    Images are flattened. Then comes, for each entry of ``hidden``, a fully connected layer with so
    many units, ReLU, and dropout with the probability of dropping a unit that ``drop_probs`` has in
    the same place (without ``drop_probs``, no unit is dropped; with probability 1, all are, and
    zeros are handed on); and at the end a fully connected layer to ``classes`` logits. All layers
    have a bias. Initialisation is torch's default.

    Shapes:
        The network takes (N, 1, H, W) with H W = ``features``, and returns logits, (N, classes).

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, chapter 6.
    """
    layers: list[nn.Module] = [nn.Flatten()]
    for place, (before, after) in enumerate(pairwise([features, *hidden])):
        layers += [nn.Linear(before, after), nn.ReLU()]
        layers.append(nn.Dropout(drop_probs[place] if drop_probs else 0.0))
    return nn.Sequential(*layers, nn.Linear(hidden[-1], classes))


def _designed(sizes: list[int], drop_probs: list[float], classes: int) -> nn.Module:
    layers: list[nn.Module] = [nn.Flatten()]
    for (before, after), drop_prob in zip(pairwise(sizes), drop_probs, strict=True):
        layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(drop_prob)]
    return nn.Sequential(*layers, nn.Linear(sizes[-1], classes))


def make_narrow(features: int, classes: int) -> nn.Module:
    """Your network with at most 100 hidden units in all.

    Shapes:
        The network takes (N, 1, H, W) with H W = ``features``, and returns logits, (N, classes).

    Source:
        CS 155 (Caltech), set 4, question 2.
    """
    return _designed([features, 60, 40], [0.1, 0.0], classes)


def make_medium(features: int, classes: int) -> nn.Module:
    """Your network with at least two hidden layers and at most 200 hidden units in all.

    Shapes:
        The network takes (N, 1, H, W) with H W = ``features``, and returns logits, (N, classes).

    Source:
        CS 155 (Caltech), set 4, question 2.
    """
    return _designed([features, 120, 80], [0.2, 0.1], classes)


def make_wide(features: int, classes: int) -> nn.Module:
    """Your network with at least three hidden layers and at most 1000 hidden units in all.

    Shapes:
        The network takes (N, 1, H, W) with H W = ``features``, and returns logits, (N, classes).

    Source:
        CS 155 (Caltech), set 4, question 2.
    """
    return _designed([features, 400, 400, 100], [0.5, 0.3, 0.1], classes)


def make_trained(features: int, classes: int) -> nn.Module:
    """The network whose weights you hand in: one of your designs, at most 1000 hidden units in all.

    Shapes:
        The network takes (N, 1, H, W) with H W = ``features``, and returns logits, (N, classes).

    Source:
        CS 155 (Caltech), set 4, question 2.
    """
    return _designed([features, 60, 40], [0.1, 0.0], classes)


def train_network(
    network: nn.Module,
    pixels: torch.Tensor,
    labels: torch.Tensor,
    batches: list[list[int]],
    lr: float,
) -> torch.Tensor:
    """Train a network in place, in training mode: one step for each mini-batch, in the given order.

    The network gets pixels divided by 255, so that they are between 0 and 1. The loss is the mean
    cross-entropy of its logits; the optimizer is Adam with the learning rate ``lr``, otherwise with
    torch's defaults, and begins anew with this call.

    Shapes:
        pixels: (N, 1, H, W), whole numbers from 0 to 255; labels: (N,), whole numbers; batches: K
        lists of indices of images. Returns the K losses, each before its step, shape (K,).

    Source:
        Kingma and Ba, "Adam", ICLR 2015, algorithm 1.
    """
    network.train()
    optimizer = torch.optim.Adam(network.parameters(), lr=lr)
    losses = []
    for batch in batches:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(network(pixels[batch] / 255), labels[batch])
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def predict(network: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Logits at test time, for images ``x`` divided by 255: no unit is dropped.

    The network may come in either mode. What it has learnt stays as it is.

    Shapes:
        x: (N, 1, H, W), whole numbers from 0 to 255. Returns (N, classes), without a graph for
        gradients.

    Source:
        torch.nn.Module.eval.
    """
    network.eval()
    with torch.no_grad():
        logits: torch.Tensor = network(x / 255)
    return logits


# --- the same without autograd --------------------------------------------------------------------

Weights = Sequence[torch.Tensor]


def mlp_shapes(features: int, hidden: Sequence[int], classes: int) -> list[list[int]]:
    """Shapes of the parameters, from the input on."""
    sizes = [features, *hidden, classes]
    return [shape for before, after in pairwise(sizes) for shape in ([after, before], [after])]


def mlp_logits(x: torch.Tensor, weights: Weights) -> torch.Tensor:
    """Logits without dropout, from the definition.

    Shapes:
        x: (N, 1, H, W), from 0 to 1; weights: of ``mlp_shapes``. Returns (N, classes).
    """
    return _activations(x, weights)[-1]


def mlp_training(
    pixels: torch.Tensor,
    labels: torch.Tensor,
    batches: list[list[int]],
    weights: Weights,
    lr: float,
    masks: Sequence[float] | None = None,
) -> tuple[torch.Tensor, list[torch.Tensor]]:
    """What ``train_network`` does to ``make_mlp``, by the chain rule.

    masks: for each hidden layer 1, or 0 where all its units are dropped; by default none is.

    Shapes:
        As there; weights: of ``mlp_shapes``. Returns the losses (K,) and the weights afterwards.
    """
    now = [weight.clone() for weight in weights]
    first = [torch.zeros_like(weight) for weight in weights]
    second = [torch.zeros_like(weight) for weight in weights]
    losses = []
    for step, batch in enumerate(batches, 1):
        outs = _activations(pixels[batch] / 255, now, masks)
        losses.append(softmax_cross_entropy(outs[-1], labels[batch]))
        gradients = _gradients(outs, now, softmax_cross_entropy_backward(outs[-1], labels[batch]))
        for place, gradient in enumerate(gradients):
            first[place] = DECAY1 * first[place] + (1 - DECAY1) * gradient
            second[place] = DECAY2 * second[place] + (1 - DECAY2) * gradient**2
            mean = first[place] / (1 - DECAY1**step)
            size = (second[place] / (1 - DECAY2**step)).sqrt()
            now[place] = now[place] - lr * mean / (size + EPSILON)
    return torch.stack(losses), now


def _activations(
    x: torch.Tensor, weights: Weights, masks: Sequence[float] | None = None
) -> list[torch.Tensor]:
    """The flat input, the hidden layers after ReLU and mask, the logits."""
    outs = [x.flatten(1)]
    for layer in range(len(weights) // 2):
        out = outs[-1] @ weights[2 * layer].T + weights[2 * layer + 1]
        if layer < len(weights) // 2 - 1:
            out = out.clamp(min=0) * (masks[layer] if masks else 1.0)
        outs.append(out)
    return outs


def _gradients(
    outs: list[torch.Tensor], weights: Weights, dlogits: torch.Tensor
) -> list[torch.Tensor]:
    """Gradients of all weights."""
    # Where an output is 0, it is so because of ReLU or mask, and nothing goes back through it.
    gradients: list[torch.Tensor] = []
    d = dlogits
    for place in range(len(weights) - 2, -1, -2):
        below = outs[place // 2]
        gradients = [d.T @ below, d.sum(0), *gradients]
        d = d @ weights[place] * (below > 0)
    return gradients
