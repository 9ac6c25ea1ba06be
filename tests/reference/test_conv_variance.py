"""The size of a convolution's weight gradient, by counting and by autograd on random data."""

import itertools

import pytest
import torch
from torch.nn import functional

from backproof_reference.conv_variance import weight_gradient_std
from backproof_reference.derivations import conv_variance, get
from backproof_reference.prove import evaluate


def weight_gradients(images, gradients, kernel):
    """dW of every image by autograd, one channel; every image is a layer of its own."""
    weights = torch.zeros(len(images), 1, kernel, kernel, dtype=torch.float64, requires_grad=True)
    out = functional.conv2d(images[None], weights, groups=len(images))
    return torch.autograd.grad(out, weights, gradients[None])[0][:, 0]


@pytest.mark.parametrize(("size", "kernel"), [(5, 2), (9, 3), (4, 4), (12, 1)])
def test_the_standard_deviation_is_that_of_autograds_gradients(size, kernel):
    """20,000 skewed inputs with sign-valued gradients: no normal law is needed."""
    generator = torch.Generator().manual_seed(size)
    out, count = size - kernel + 1, 20_000
    uniform = torch.rand(count, size, size, generator=generator, dtype=torch.float64)
    images = 1.5 * (-torch.log1p(-uniform) - 1)  # mean 0, standard deviation 1.5
    signs = torch.randint(0, 2, (count, out, out), generator=generator).double() * 2 - 1
    found = weight_gradients(images, 0.4 * signs, kernel)
    expected = weight_gradient_std(size, kernel, 1.5, 0.4)
    ratio = found.std(dim=0) / expected
    assert (ratio - 1).abs().max() < 0.05
    assert found.mean(dim=0).abs().max() < 4.5 * expected / count**0.5


def test_the_reference_function_equals_the_checked_variance():
    """The code and the proof describe the same thing, and the deviation grows like the side."""
    derivation = get("conv_variance.variance")
    values = {"v_x": torch.tensor(2.25), "v_g": torch.tensor(0.16)}
    for size, kernel in itertools.product((7, 50), (1, 3, 7)):
        sizes = {conv_variance.n: size, conv_variance.k: kernel}
        proved = evaluate(derivation.result(), derivation.setting, sizes, values)
        coded = weight_gradient_std(size, kernel, 1.5, 0.4)
        assert coded**2 == pytest.approx(proved, rel=1e-6)
    assert weight_gradient_std(2001, 2, 1, 1) == 2 * weight_gradient_std(1001, 2, 1, 1)


@pytest.mark.parametrize("kernel", [0, 4])
def test_a_kernel_that_does_not_fit_is_refused(kernel):
    """The message gives both sizes."""
    with pytest.raises(ValueError, match=f"side {kernel} does not fit an image of 3"):
        weight_gradient_std(3, kernel, 1, 1)
