"""ResNet-20: the module against the definitions, and its numbers against the paper."""

import pytest
import torch

from backproof_reference.receptive_field import receptive_fields
from backproof_reference.resnet import ResidualBlock, ResNet20, resnet20_logits, resnet20_shapes


@pytest.mark.parametrize(("projection", "count"), [(False, 269_722), (True, 272_474)])
def test_the_parameters_are_those_of_both_kinds_of_shortcut(projection: bool, count: int) -> None:
    """0.27 million, as in the paper's table 6."""
    shapes = resnet20_shapes(projection)

    assert sum(p.numel() for p in ResNet20(projection).parameters()) == count
    assert [list(p.shape) for p in ResNet20(projection).parameters()] == shapes


@pytest.mark.parametrize("projection", [False, True])
@pytest.mark.parametrize("training", [False, True])
def test_the_module_computes_what_the_definitions_say(projection: bool, training: bool) -> None:
    """Two roads to the same logits, in both modes."""
    torch.manual_seed(0)
    network = ResNet20(projection).double().train(training)
    x = torch.randn(3, 3, 9, 12, dtype=torch.float64)

    expected = resnet20_logits(x, list(network.parameters()), projection, training)

    assert torch.allclose(network(x), expected, atol=1e-11)


def test_a_block_whose_branch_is_zero_is_the_identity_behind_a_relu() -> None:
    """What makes a deep network no worse than a shallow one."""
    block = ResidualBlock(4, 4, 1).double()
    torch.nn.init.zeros_(block.bn2.weight)
    x = torch.randn(2, 4, 5, 6, dtype=torch.float64)

    assert torch.equal(block(x), x.relu())


def test_one_pixel_before_the_mean_sees_81_rows() -> None:
    """19 convolutions of 3 by 3, two of them with stride 2."""
    strides = [1, *[1] * 6, 2, *[1] * 5, 2, *[1] * 5]

    assert receptive_fields([3] * 19, strides)[-1] == 81
