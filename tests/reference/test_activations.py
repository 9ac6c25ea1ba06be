"""The activation functions against autograd through torch's own, in float64."""

import pytest
import torch
from torch.nn import functional

from backproof_reference.activations import (
    leaky_relu_backward,
    sigmoid_backward,
    swish,
    swish_backward,
    tanh_backward,
)
from backproof_reference.derivations import activations, get
from backproof_reference.prove import evaluate

X = torch.arange(-2000, 2001, dtype=torch.float64) / 10


def slope(function, x=X):
    """The derivative at every entry, by autograd."""
    leaf = x.clone().requires_grad_()
    return torch.autograd.grad(function(leaf).sum(), leaf)[0]


@pytest.mark.parametrize("beta", [0.3, 1.0, 2.5])
def test_swish_and_its_gradient_equal_torch_also_far_from_zero(beta):
    """Nothing overflows at +-200, and the gradient is multiplied by the one from above."""
    expected = X * torch.sigmoid(beta * X)
    torch.testing.assert_close(swish(X, beta), expected, rtol=1e-14, atol=0)
    dout = torch.cos(X)
    got = swish_backward(dout, X, beta)
    want = dout * slope(lambda x: x * torch.sigmoid(beta * x))
    torch.testing.assert_close(got, want, rtol=1e-12, atol=1e-14)


def test_swish_of_beta_one_is_torchs_silu():
    """Two names of one function."""
    torch.testing.assert_close(swish(X), functional.silu(X), rtol=1e-14, atol=1e-300)


def test_swish_has_the_minimum_and_the_steepest_slope_that_are_known():
    """min f = -0.278465 at -1.278465, f'(0) = 1/2, max f' = 1.0998 at 2.4; f = 1 + x at the minimum."""
    grid = torch.linspace(-5, 5, 1_000_001, dtype=torch.float64)
    least = swish(grid).argmin()
    assert grid[least].item() == pytest.approx(-1.278465, abs=2e-5)
    assert swish(grid)[least].item() == pytest.approx(-0.278465, abs=1e-6)
    assert swish(grid)[least].item() == pytest.approx(1 + grid[least].item(), abs=2e-5)
    slopes = swish_backward(torch.ones_like(grid), grid)
    assert slopes.max().item() == pytest.approx(1.0998, abs=1e-4)
    assert grid[slopes.argmax()].item() == pytest.approx(2.4, abs=1e-2)
    assert swish_backward(torch.ones(1), torch.zeros(1)).item() == 0.5


def test_the_reference_function_equals_the_checked_gradient_of_swish():
    """The code and the proof describe the same thing."""
    x, dout = torch.tensor([[-2.5, 0.0, 0.7], [1.5, -0.2, 3.0]], dtype=torch.float64)
    beta = torch.tensor(1.7, dtype=torch.float64)
    coded = swish_backward(dout, x, beta.item())
    proved = [
        evaluate(
            get("activations.swish_backward").result(),
            activations.SCALED,
            {activations.n: 3, activations.a: at},
            {"x": x, "G": dout, "beta": beta},
        )
        for at in range(3)
    ]
    assert proved == pytest.approx(coded.tolist(), rel=1e-12, abs=1e-15)


@pytest.mark.parametrize(
    ("function", "backward"), [(torch.sigmoid, sigmoid_backward), (torch.tanh, tanh_backward)]
)
def test_the_gradient_from_the_output_equals_autograd(function, backward):
    """sigmoid and tanh need only what they have put out."""
    dout = torch.sin(X)
    want = dout * slope(function)
    torch.testing.assert_close(backward(dout, function(X)), want, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("negative_slope", [0.0, 0.01, 0.3])
def test_the_leaky_relu_lets_its_slope_through_on_the_negative_side(negative_slope):
    """Equal to torch at every entry, the kink at 0 included."""
    dout = 1 + torch.arange(X.numel(), dtype=torch.float64)
    assert 0.0 in X
    want = dout * slope(lambda x: functional.leaky_relu(x, negative_slope))
    assert torch.equal(leaky_relu_backward(dout, X, negative_slope), want)
