"""LeNet-5 with options: the module and the epoch against the definitions."""

import itertools

import pytest
import torch

from backproof_reference.lenet import LENET5_SHAPES
from backproof_reference.lenet_variants import (
    LeNet5Variant,
    epoch_by_hand,
    evaluate,
    train_epoch,
    variant_logits,
    variant_shapes,
)


@pytest.mark.parametrize(
    ("batchnorm", "swish", "training"), list(itertools.product([False, True], repeat=3))
)
def test_the_module_computes_what_the_definitions_say(
    batchnorm: bool, swish: bool, training: bool
) -> None:
    """All options, in both modes; given weights follow each other layer by layer."""
    torch.manual_seed(0)
    network = LeNet5Variant(batchnorm, swish).double().train(training)
    x = torch.randn(4, 3, 32, 32, dtype=torch.float64)
    named = dict(network.named_parameters())
    layers = [*(f"convs.{k}" for k in range(2)), *(f"linears.{k}" for k in range(2))]
    weights = []
    for place, layer in enumerate(layers):
        names = [layer, f"norms.{place}"] if batchnorm else [layer]
        weights += [named[f"{name}.{kind}"] for name in names for kind in ("weight", "bias")]
    weights += [named["last.weight"], named["last.bias"]]

    expected = variant_logits(x, weights, batchnorm, swish, training)

    assert [list(weight.shape) for weight in weights] == variant_shapes(batchnorm)
    assert torch.allclose(network(x), expected, atol=1e-12)


def test_an_epoch_is_the_one_that_the_chain_rule_gives() -> None:
    """Momentum, weight decay and batches of several lengths; then the accuracy of all images."""
    torch.manual_seed(0)
    network = LeNet5Variant().double()
    images = torch.randn(6, 3, 32, 32, dtype=torch.float64)
    labels = torch.randint(0, 10, (6,))
    batches = [[4, 1, 0], [2], [5, 3]]
    before = [parameter.detach().clone() for parameter in network.parameters()]

    loss, share, after = epoch_by_hand(images, labels, batches, before, 0.1, 0.9, 0.01)
    found = train_epoch(network, images, labels, batches, 0.1, 0.9, 0.01)
    judged = evaluate(network, images, labels, 4)

    assert [list(shape) for shape in LENET5_SHAPES] == variant_shapes(False)
    assert found == pytest.approx((float(loss), float(share)), rel=1e-12)
    for mine, due in zip(network.parameters(), after, strict=True):
        assert torch.allclose(mine, due, atol=1e-12)
    logits = variant_logits(images, after, False, False, training=False)
    assert judged[1] == float((logits.argmax(dim=1) == labels).double().mean())
    assert judged[0] == pytest.approx(float(torch.nn.functional.cross_entropy(logits, labels)))
