"""The pooling reference against torch: bit for bit where the data are small integers."""

import itertools

import pytest
import torch
from torch.nn import functional

from backproof_reference.conv import conv2d_forward
from backproof_reference.pooling import (
    avgpool2d_backward,
    avgpool2d_forward,
    avgpool2d_weights,
    maxima_are_unique,
    maxpool2d_backward,
    maxpool2d_forward,
)

# Square and oblong windows; overlap, no overlap, gaps; a remainder that no window reaches.
CONFIGURATIONS = list(itertools.product([(2, 2), (3, 2), (2, 4)], (1, 2, 3, 5), (0, 1)))


def distinct(*shape, seed=0):
    """Integer-valued float64 without two equal entries."""
    generator = torch.Generator().manual_seed(seed)
    count = torch.Size(shape).numel()
    return (torch.randperm(count, generator=generator) - count // 2).double().reshape(shape)


@pytest.mark.parametrize(("kernel", "stride", "padding"), CONFIGURATIONS)
def test_max_pooling_and_its_gradient_equal_torch_bit_for_bit(kernel, stride, padding):
    """Also where all entries of a window at the border are negative: padding is never chosen."""
    x = distinct(2, 3, 7, 6).requires_grad_()
    expected = functional.max_pool2d(x, kernel, stride, padding)
    dout = distinct(*expected.shape, seed=1)
    out, cache = maxpool2d_forward(x.detach(), kernel, stride, padding)
    assert torch.equal(out, expected)
    (gradient,) = torch.autograd.grad(expected, x, dout)
    assert torch.equal(maxpool2d_backward(dout, cache), gradient)


@pytest.mark.parametrize(("kernel", "stride", "padding"), CONFIGURATIONS)
def test_average_pooling_and_its_gradient_equal_torch(kernel, stride, padding):
    """Padding counts as zeros in every mean."""
    x = distinct(2, 3, 7, 6).requires_grad_()
    expected = functional.avg_pool2d(x, kernel, stride, padding)
    dout = distinct(*expected.shape, seed=1)
    got = avgpool2d_forward(x.detach(), kernel, stride, padding)
    torch.testing.assert_close(got, expected.detach(), rtol=1e-14, atol=1e-13)
    (gradient,) = torch.autograd.grad(expected, x, dout)
    got = avgpool2d_backward(dout, (7, 6), kernel, stride, padding)
    torch.testing.assert_close(got, gradient, rtol=1e-14, atol=1e-13)


@pytest.mark.parametrize(("kernel", "stride", "padding"), CONFIGURATIONS)
def test_average_pooling_is_a_depthwise_convolution(kernel, stride, padding):
    """Equal weights 1 / (K_H K_W), one group per channel."""
    x = distinct(2, 3, 7, 6)
    weights, bias = avgpool2d_weights(3, kernel), torch.zeros(3, dtype=torch.float64)
    convolved = conv2d_forward(x, weights, bias, stride, padding, groups=3)
    expected = avgpool2d_forward(x, kernel, stride, padding)
    torch.testing.assert_close(convolved, expected, rtol=1e-14, atol=1e-13)


def test_at_a_tie_the_first_maximum_gets_the_whole_gradient():
    """As in torch's max_pool2d; torch.amax, also legal, would give a quarter to each."""
    x = torch.ones(1, 1, 2, 2, dtype=torch.float64, requires_grad=True)
    out = functional.max_pool2d(x, 2)
    (expected,) = torch.autograd.grad(out, x, torch.full_like(out, 8))
    dx = maxpool2d_backward(
        torch.full((1, 1, 1, 1), 8.0, dtype=torch.float64),
        maxpool2d_forward(x.detach(), (2, 2), 2)[1],
    )
    assert torch.equal(dx, expected)
    assert dx.flatten().tolist() == [8, 0, 0, 0]
    (even,) = torch.autograd.grad(x.amax(), x, torch.tensor(8.0, dtype=torch.float64))
    assert even.flatten().tolist() == [2, 2, 2, 2]


def test_ties_inside_a_window_are_found():
    """Equal entries matter only if they are the largest of one window."""
    x = torch.tensor([[3.0, 1, 3, 0], [1, 1, 0, 0]], dtype=torch.float64)[None, None]
    assert maxima_are_unique(x, (2, 2), 2)
    assert not maxima_are_unique(x, (2, 3), 1)
    assert not maxima_are_unique(torch.zeros_like(x), (2, 2), 2)


def test_max_pooling_is_linear_near_data_with_unique_maxima():
    """Steps below half the smallest gap leave the selection as it is: the derivative is exact."""
    x = distinct(1, 2, 6, 6)
    assert maxima_are_unique(x, (3, 3), 2)
    step = 0.375 * torch.sign(distinct(1, 2, 6, 6, seed=2) + 0.5)
    out, cache = maxpool2d_forward(x, (3, 3), 2)
    moved, _ = maxpool2d_forward(x + step, (3, 3), 2)
    dout = distinct(*out.shape, seed=3)
    assert (dout * (moved - out)).sum() == (maxpool2d_backward(dout, cache) * step).sum()


@pytest.mark.parametrize(
    ("kernel", "stride", "padding", "message"),
    [
        ((0, 2), 1, 0, r"at least 1, got \(0, 2\) and 1"),
        ((2, 2), 0, 0, r"at least 1, got \(2, 2\) and 0"),
        ((2, 3), 1, 2, r"half of the kernel \(2, 3\): 2"),
        ((2, 2), 1, -1, r"half of the kernel \(2, 2\): -1"),
        ((8, 2), 1, 0, r"kernel \(8, 2\) is larger than the input \(7, 6\) padded by 0"),
    ],
)
def test_impossible_layers_are_refused_with_the_offending_value(kernel, stride, padding, message):
    """Max and average pooling refuse alike."""
    for forward in (maxpool2d_forward, avgpool2d_forward):
        with pytest.raises(ValueError, match=message):
            forward(distinct(1, 1, 7, 6), kernel, stride, padding)


def test_an_upstream_gradient_of_the_wrong_shape_is_refused():
    """The message gives the size the layer's output has."""
    with pytest.raises(ValueError, match=r"3 rows and 2 columns, got shape \(1, 1, 3, 3\)"):
        avgpool2d_backward(distinct(1, 1, 3, 3), (7, 5), (2, 2), 2)


def test_dtype_is_kept_and_inputs_are_left_alone():
    """float32 in, float32 out; no argument is written to."""
    x = distinct(1, 2, 4, 4).float()
    before = x.clone()
    out, cache = maxpool2d_forward(x, (2, 2), 2)
    mean = avgpool2d_forward(x, (2, 2), 2)
    results = [out, maxpool2d_backward(out, cache), mean]
    results.append(avgpool2d_backward(mean, (4, 4), (2, 2), 2))
    assert {result.dtype for result in results} == {torch.float32}
    assert torch.equal(x, before)
