"""LeNet-5 by hand against torch."""

import torch

from backproof_reference import lenet


def setting(images: int) -> tuple[lenet.LeNet5, list[torch.Tensor], torch.Tensor]:
    torch.manual_seed(0)
    network = lenet.LeNet5().double()
    weights = [p.detach().clone() for p in network.parameters()]
    return network, weights, torch.randn(images, 3, 32, 32, dtype=torch.float64)


def test_lenet5_has_62006_parameters() -> None:
    """The published shapes, in order, and their sum."""
    network, weights, _ = setting(1)
    assert tuple(tuple(w.shape) for w in weights) == lenet.LENET5_SHAPES
    assert sum(p.numel() for p in network.parameters()) == 62006


def test_logits_and_gradients_by_hand_agree_with_autograd() -> None:
    """Every layer's chain rule, input included."""
    network, weights, x = setting(3)
    x.requires_grad_()
    out = network(x)
    dout = torch.randn_like(out)
    out.backward(dout)

    torch.testing.assert_close(lenet.lenet5_logits(x.detach(), weights), out.detach())
    found = lenet.lenet5_gradients(x.detach(), weights, dout)
    for ours, theirs in zip(found, (x, *network.parameters()), strict=True):
        torch.testing.assert_close(ours, theirs.grad)


def test_training_by_hand_agrees_with_torchs_optimizer() -> None:
    """Three steps with momentum: losses and weights."""
    network, weights, x = setting(6)
    batches, labels = x.unflatten(0, (3, 2)), torch.tensor([[1, 2], [9, 0], [3, 3]])
    optimizer = torch.optim.SGD(network.parameters(), lr=0.2, momentum=0.75)
    steps = zip(batches, labels, strict=True)
    losses = [lenet.train_step(network, optimizer, images, y) for images, y in steps]

    ours, after = lenet.lenet5_training(batches, labels, weights, lr=0.2, momentum=0.75)
    torch.testing.assert_close(ours, torch.stack(losses))
    for mine, theirs in zip(after, network.parameters(), strict=True):
        torch.testing.assert_close(mine, theirs.detach())
