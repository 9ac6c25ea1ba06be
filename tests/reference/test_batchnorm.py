"""The batch-normalisation reference against torch, in float64 unless a test says otherwise."""

import pytest
import torch
from torch.nn import functional

from backproof_reference.batchnorm import (
    batchnorm_backward,
    batchnorm_forward,
    batchnorm_inference,
)

SHAPES = [(2, 1), (3, 4), (7, 2), (32, 5)]
# From far above the variance of the data to far below it.
EPSILONS = [10.0, 1e-1, 1e-5, 1e-12]


def draw(shape, seed=0):
    """Inputs with a mean far from 0 and a variance far from 1: standardised data hides mistakes."""
    generator = torch.Generator().manual_seed(seed)
    rows, features = shape

    def normal(*size):
        return torch.randn(*size, generator=generator, dtype=torch.float64)

    x = 3 * normal(rows, features) + 7
    return x, normal(features) + 2, normal(features), normal(rows, features)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("eps", EPSILONS)
def test_forward_equals_torch_in_training_mode(shape, eps):
    """The output is that of torch's batch norm with batch statistics."""
    x, gamma, beta, _ = draw(shape)
    out, _ = batchnorm_forward(x, gamma, beta, eps)
    expected = functional.batch_norm(x, None, None, gamma, beta, training=True, eps=eps)
    torch.testing.assert_close(out, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("eps", EPSILONS)
def test_backward_equals_autograd(shape, eps):
    """All three gradients are those of autograd, whether or not eps dominates the variance."""
    x, gamma, beta, dout = draw(shape)
    leaves = [tensor.clone().requires_grad_() for tensor in (x, gamma, beta)]
    out = functional.batch_norm(leaves[0], None, None, *leaves[1:], training=True, eps=eps)
    expected = torch.autograd.grad(out, leaves, dout)
    _, cache = batchnorm_forward(x, gamma, beta, eps)
    for got, want in zip(batchnorm_backward(dout, cache), expected, strict=True):
        torch.testing.assert_close(got, want, rtol=1e-9, atol=1e-9)


def test_input_gradient_sums_to_zero_over_the_batch():
    """Shifting a whole feature changes no output."""
    x, gamma, beta, dout = draw((9, 3))
    dx, _, _ = batchnorm_backward(dout, batchnorm_forward(x, gamma, beta)[1])
    torch.testing.assert_close(dx.sum(dim=0), torch.zeros(3, dtype=torch.float64))


@pytest.mark.parametrize("rows", [1, 6])
def test_inference_equals_torch_with_running_statistics(rows):
    """Stored statistics are used as they are, also for a single row."""
    x, gamma, beta, _ = draw((rows, 4))
    mean, variance = beta + 6, gamma.square() + 0.5
    out = batchnorm_inference(x, gamma, beta, mean, variance, 1e-3)
    expected = functional.batch_norm(x, mean, variance, gamma, beta, training=False, eps=1e-3)
    torch.testing.assert_close(out, expected, rtol=1e-12, atol=1e-12)


def test_a_single_row_is_refused_in_training_mode():
    """The message names the shape that was passed."""
    x, gamma, beta, _ = draw((1, 3))
    with pytest.raises(ValueError, match=r"at least 2 rows in x, got shape \(1, 3\)"):
        batchnorm_forward(x, gamma, beta)


def test_dtype_is_kept_and_inputs_are_left_alone():
    """float32 in, float32 out; no argument is written to."""
    arguments = [tensor.float() for tensor in draw((5, 3))]
    before = [tensor.clone() for tensor in arguments]
    x, gamma, beta, dout = arguments
    out, cache = batchnorm_forward(x, gamma, beta)
    results = [out, *batchnorm_backward(dout, cache)]
    results.append(batchnorm_inference(x, gamma, beta, beta, gamma.square()))
    assert {result.dtype for result in results} == {torch.float32}
    assert all(torch.equal(new, old) for new, old in zip(arguments, before, strict=True))
