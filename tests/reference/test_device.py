"""The reference stays on the device of its inputs."""

import pytest
import torch

from backproof_reference import batchnorm, conv, dropout

CALLS = {
    "batchnorm_forward": lambda x, v: batchnorm.batchnorm_forward(x, v, v)[0],
    "batchnorm_backward": lambda x, v: batchnorm.batchnorm_backward(
        x, batchnorm.batchnorm_forward(x, v, v)[1]
    ),
    "batchnorm_inference": lambda x, v: batchnorm.batchnorm_inference(x, v, v, v, v),
    "conv2d_forward": lambda x, v: conv.conv2d_forward(x[None, None], x[None, None, :2], v[:1]),
    "conv2d_backward": lambda x, v: conv.conv2d_backward(
        torch.ones_like(x[None, None, :4, :1]), x[None, None], x[None, None, :2]
    ),
    "conv1d_weight_grad": lambda x, v: conv.conv1d_weight_grad(v[:2], v),
    "dropout in inference": lambda x, v: dropout.dropout(x, 0.3, training=False),
    "expected_gram": lambda x, v: dropout.expected_gram(x, 0.3),
    "expected_dropout_loss": lambda x, v: dropout.expected_dropout_loss(x, x[:, 0], v, 0.3),
    "dropout_ridge": lambda x, v: dropout.dropout_ridge(x, x[:, 0], 0.3),
    "ridge_rescaling": lambda x, v: dropout.ridge_rescaling(v, 0.3),
    "weight_noise_loss": lambda x, v: dropout.weight_noise_loss(v, x[0], x[1, 1], 0.3),
}


@pytest.mark.gpu
@pytest.mark.parametrize("name", CALLS)
def test_results_stay_on_the_gpu_and_equal_those_of_the_cpu(name):
    """Same values in float64, up to the order of summation."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(5, 3, generator=generator, dtype=torch.float64)
    v = torch.rand(3, generator=generator, dtype=torch.float64) + 0.5
    on_gpu, on_cpu = CALLS[name](x.cuda(), v.cuda()), CALLS[name](x, v)
    if isinstance(on_cpu, torch.Tensor):
        on_gpu, on_cpu = (on_gpu,), (on_cpu,)
    assert all(tensor.is_cuda for tensor in on_gpu)
    for got, want in zip(on_gpu, on_cpu, strict=True):
        torch.testing.assert_close(got.cpu(), want, rtol=1e-10, atol=1e-10)


@pytest.mark.gpu
def test_dropout_draws_its_mask_on_the_gpu():
    """The result is on the device of x and drops about the right share (six standard errors)."""
    out = dropout.dropout(torch.ones(100, 100, device="cuda"), 0.25)
    assert out.is_cuda
    assert abs((out == 0).double().mean().item() - 0.25) < 6 * (0.25 * 0.75 / 1e4) ** 0.5
