"""The Boolean ReLU nets on their whole truth table, and a search that finds no smaller XOR."""

import itertools

import pytest
import torch

from backproof_reference.derivations import get
from backproof_reference.prove import evaluate
from backproof_reference.relu_nets import and_net, or_net, relu_net, xor_net

INPUTS = torch.tensor([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], dtype=torch.float64)


@pytest.mark.parametrize(
    ("net", "outputs"),
    [(or_net, [0, 1, 1, 2]), (and_net, [0, 0, 0, 1]), (xor_net, [0, 1, 1, 0])],
)
def test_the_nets_have_their_truth_tables(net, outputs):
    """0 for false and at least 1 for true; only OR exceeds 1."""
    assert relu_net(INPUTS, net())[:, 0].tolist() == outputs


@pytest.mark.parametrize(("name", "net"), [("or", or_net), ("and", and_net), ("xor", xor_net)])
def test_the_nets_equal_the_checked_expressions(name, net):
    """The code and the proof describe the same thing, at s = 1."""
    derivation = get(f"relu_nets.{name}")
    for row, got in zip(INPUTS, relu_net(INPUTS, net())[:, 0], strict=True):
        at = dict(zip(derivation.setting.ranges, map(int, row), strict=True))
        proved = evaluate(derivation.result(), derivation.setting, at, {"s": torch.tensor(1.0)})
        assert proved == got.item()


def test_or_minus_and_is_not_xor():
    """With coefficient -1 the output at (1, 1) is 1."""
    (hidden, (weight, bias)) = xor_net()
    wrong = torch.tensor([[1.0, -1.0]], dtype=torch.float64)
    assert relu_net(INPUTS, [hidden, (wrong, bias)])[:, 0].tolist() == [0, 1, 1, 1]
    assert weight.tolist() == [[1, -2]]


def test_no_unit_on_a_grid_of_weights_computes_xor():
    """Where three rows are right, the fourth is at least 2, as the proof says."""
    grid = torch.arange(-12, 13, dtype=torch.float64) / 4
    weights = torch.cartesian_prod(grid, grid, grid)
    table = (weights[:, :2] @ INPUTS.T + weights[:, 2:]).relu()
    three_right = (table[:, 0] == 0) & (table[:, 1] >= 1) & (table[:, 2] >= 1)
    assert three_right.sum() > 100
    assert table[three_right, 3].min() == 2


def test_a_deeper_net_applies_relu_between_its_layers_only():
    """Against torch's modules; the last layer may be negative."""
    generator = torch.Generator().manual_seed(1)
    sizes = [3, 5, 4, 2]
    layers = [
        (
            torch.randn(out, inputs, generator=generator, dtype=torch.float64),
            torch.randn(out, generator=generator, dtype=torch.float64),
        )
        for inputs, out in itertools.pairwise(sizes)
    ]
    x = torch.randn(7, 3, generator=generator, dtype=torch.float64)
    expected = x
    for at, (weight, bias) in enumerate(layers):
        expected = torch.nn.functional.linear(expected, weight, bias)
        expected = expected.relu() if at < 2 else expected
    torch.testing.assert_close(relu_net(x, layers), expected)
    assert expected.min() < 0


def test_a_net_without_layers_is_refused():
    """There is nothing to compute."""
    with pytest.raises(ValueError, match="at least one layer"):
        relu_net(INPUTS, [])
