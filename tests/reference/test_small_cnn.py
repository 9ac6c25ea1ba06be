"""The training of the small network by hand agrees with torch, step by step."""

import pytest
import torch

from backproof_reference import small_cnn

BATCHES = [[0, 3, 5], [1, 2, 4, 6], [6, 0, 0, 2, 1]]


def _network(batchnorm: bool) -> tuple[torch.nn.Module, list[torch.Tensor]]:
    torch.manual_seed(3)
    network = small_cnn.make_cnn(2, 6, 13, 5, batchnorm).double()
    for parameter in network.parameters():
        torch.nn.init.uniform_(parameter, -0.6, 0.6)
    return network, [parameter.detach().clone() for parameter in network.parameters()]


@pytest.fixture
def images() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(5)
    return torch.randn(7, 2, 6, 13, dtype=torch.float64), torch.tensor([0, 1, 2, 3, 4, 1, 0])


@pytest.mark.parametrize("batchnorm", [False, True])
def test_training_by_hand_is_training(
    batchnorm: bool, images: tuple[torch.Tensor, torch.Tensor]
) -> None:
    """Losses, weights and, with batch normalisation, the statistics for test time."""
    network, weights = _network(batchnorm)
    shapes = small_cnn.cnn_shapes(2, 6, 13, 5, batchnorm)
    x, y = images

    losses = small_cnn.train_steps(network, x, y, BATCHES, 0.1)
    by_hand, after, running = small_cnn.cnn_training(x, y, BATCHES, weights, 0.1, batchnorm)

    assert [list(weight.shape) for weight in weights] == shapes
    assert torch.allclose(losses, by_hand, rtol=1e-10)
    for mine, theirs in zip(after, network.parameters(), strict=True):
        assert torch.allclose(mine, theirs, rtol=1e-8, atol=1e-11)
    logits = small_cnn.cnn_logits(x, after, running, batchnorm)
    assert torch.allclose(logits, small_cnn.predict(network, x), rtol=1e-8, atol=1e-10)


def test_prediction_changes_nothing() -> None:
    network, _ = _network(True)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    x = torch.randn(3, 2, 6, 13, dtype=torch.float64)

    first = small_cnn.predict(network.train(), x)

    assert torch.allclose(first[:1], small_cnn.predict(network, x[:1]), rtol=1e-12)
    assert not first.requires_grad
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name])


def test_the_earliest_of_equally_good_epochs_is_kept() -> None:
    validation, test = torch.tensor([50, 70, 70, 60]), torch.tensor([40, 60, 80, 90])

    assert small_cnn.choose_epoch(validation, test) == (1, 60)
