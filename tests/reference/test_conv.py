"""The convolution reference against torch: bit for bit, because the data are small integers."""

import itertools

import pytest
import torch
from torch.nn import functional

from backproof_reference.conv import conv1d_weight_grad, conv2d_backward, conv2d_forward

# Kernels higher than wide and the reverse; strides that leave a remainder; every grouping.
KERNELS = [(1, 1), (3, 2), (2, 3), (4, 1)]
CONFIGURATIONS = [
    (kernel, stride, padding, dilation, groups)
    for kernel, stride, padding, dilation, groups in itertools.product(
        KERNELS, (1, 2, 3), (0, 1, 2), (1, 2), (1, 2, 4)
    )
    if dilation * (max(kernel) - 1) + 1 <= 6 + 2 * padding
]


def integers(*shape, seed=0):
    """Integer-valued float64: every sum is exact, in whatever order it is taken."""
    generator = torch.Generator().manual_seed(seed + len(shape))
    return torch.randint(-4, 5, shape, generator=generator).double()


@pytest.mark.parametrize(("kernel", "stride", "padding", "dilation", "groups"), CONFIGURATIONS)
def test_layer_and_gradients_equal_torch_bit_for_bit(kernel, stride, padding, dilation, groups):
    """Forward, dx, dw and db agree exactly with torch's convolution and autograd."""
    x, w, b = integers(2, 4, 7, 6), integers(8, 4 // groups, *kernel), integers(8)
    options = (stride, padding, dilation, groups)
    leaves = [tensor.clone().requires_grad_() for tensor in (x, w, b)]
    expected = functional.conv2d(*leaves, *options)
    assert torch.equal(conv2d_forward(x, w, b, *options), expected)
    dout = integers(*expected.shape, seed=1)
    gradients = torch.autograd.grad(expected, leaves, dout)
    for got, want in zip(conv2d_backward(dout, x, w, *options), gradients, strict=True):
        assert torch.equal(got, want)


def test_rows_beyond_the_last_stride_get_no_gradient():
    """With a remainder, the row no kernel position reaches has gradient exactly zero."""
    x, w = integers(1, 1, 6, 6), integers(1, 1, 3, 3) + 5
    dx, _, _ = conv2d_backward(torch.ones(1, 1, 2, 2, dtype=torch.float64), x, w, stride=2)
    assert not dx[..., 5, :].any()
    assert dx[..., :5, :5].all()


@pytest.mark.parametrize(("length", "kernel"), [(1, 1), (5, 1), (6, 3), (9, 4), (4, 4)])
def test_one_dimensional_weight_gradient_equals_autograd(length, kernel):
    """The gradient has one entry per kernel tap, also when the kernel is as long as the input."""
    x, dz = integers(length), integers(length - kernel + 1, seed=1)
    w = torch.zeros(1, 1, kernel, dtype=torch.float64, requires_grad=True)
    out = functional.conv1d(x.reshape(1, 1, -1), w)
    (expected,) = torch.autograd.grad(out, w, dz.reshape(out.shape))
    assert torch.equal(conv1d_weight_grad(dz, x), expected.flatten())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"stride": 0}, "stride must be at least 1, got 0"),
        ({"padding": -1}, "padding must be at least 0, got -1"),
        ({"dilation": 0}, "dilation must be at least 1, got 0"),
        ({"groups": 0}, "groups must be at least 1, got 0"),
        ({"groups": 3}, r"groups=3 does not fit 4 input channels and a kernel of shape \(6, 4"),
        ({"dilation": 5}, r"kernel \(3, 2\) with dilation 5 is larger than the input \(7, 6\)"),
    ],
)
def test_impossible_layers_are_refused_with_the_offending_value(options, message):
    """Each error names the argument and what was passed."""
    x, w, b = integers(1, 4, 7, 6), integers(6, 4, 3, 2), integers(6)
    with pytest.raises(ValueError, match=message):
        conv2d_forward(x, w, b, **options)


def test_an_upstream_gradient_of_the_wrong_shape_is_refused():
    """The message gives the shape the layer's output has."""
    x, w = integers(1, 4, 7, 6), integers(6, 4, 3, 2)
    with pytest.raises(
        ValueError, match=r"dout must have shape \(1, 6, 5, 5\), got \(1, 6, 5, 4\)"
    ):
        conv2d_backward(integers(1, 6, 5, 4), x, w)


def test_a_gradient_longer_than_the_input_is_refused():
    """No kernel of length at least 1 fits."""
    with pytest.raises(ValueError, match=r"1 to 4 entries .* got 5"):
        conv1d_weight_grad(integers(5), integers(4))


def test_dtype_is_kept_and_inputs_are_left_alone():
    """float32 in, float32 out; no argument is written to."""
    x, w, b = (t.float() for t in (integers(2, 4, 5, 5), integers(4, 2, 3, 3), integers(4)))
    before = [tensor.clone() for tensor in (x, w, b)]
    out = conv2d_forward(x, w, b, groups=2)
    results = [out, *conv2d_backward(out, x, w, groups=2), conv1d_weight_grad(b[:2], x[0, 0, 0])]
    assert {result.dtype for result in results} == {torch.float32}
    assert all(torch.equal(new, old) for new, old in zip((x, w, b), before, strict=True))
