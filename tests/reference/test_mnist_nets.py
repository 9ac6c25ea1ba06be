"""The perceptrons within their budgets, and their training by hand as torch does it."""

import pytest
import torch

from backproof_reference import mnist_nets

BATCHES = [[0, 3, 5], [1, 2, 4, 6], [6, 0, 0, 2, 1]]


@pytest.mark.parametrize("masks", [[1.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
def test_training_by_hand_is_training(masks: list[float]) -> None:
    """Losses and weights, with layers whose units are all dropped, too."""
    torch.manual_seed(3)
    network = mnist_nets.make_mlp(15, [8, 7], 4, [1 - mask for mask in masks]).double()
    weights = [parameter.detach().clone() for parameter in network.parameters()]
    pixels = torch.randint(0, 256, (7, 1, 3, 5)).double()
    labels = torch.tensor([0, 1, 2, 3, 0, 1, 0])

    losses = mnist_nets.train_network(network, pixels, labels, BATCHES, 0.01)
    by_hand, after = mnist_nets.mlp_training(pixels, labels, BATCHES, weights, 0.01, masks)

    assert [list(weight.shape) for weight in weights] == mnist_nets.mlp_shapes(15, [8, 7], 4)
    assert torch.allclose(losses, by_hand, rtol=1e-10)
    for mine, theirs in zip(after, network.parameters(), strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-8, atol=1e-11)
    logits = mnist_nets.mlp_logits(pixels / 255, after)
    assert torch.allclose(logits, mnist_nets.predict(network, pixels), rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize(
    ("make", "hidden", "parameters"),
    [
        (mnist_nets.make_narrow, [60, 40], 49_950),
        (mnist_nets.make_medium, [120, 80], 104_690),
        (mnist_nets.make_wide, [400, 400, 100], 515_510),
    ],
)
def test_the_designs_have_the_published_sizes(
    make: object, hidden: list[int], parameters: int
) -> None:
    network = make(784, 10)  # type: ignore[operator]

    assert [list(p.shape) for p in network.parameters()] == mnist_nets.mlp_shapes(784, hidden, 10)
    assert sum(p.numel() for p in network.parameters()) == parameters
