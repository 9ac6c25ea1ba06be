"""Softmax cross-entropy against torch, and the loss to expect before training."""

import math

import pytest
import torch
from torch.nn import functional

from backproof_reference.softmax import (
    initial_cross_entropy,
    softmax_cross_entropy,
    softmax_cross_entropy_backward,
)


def draw(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(shape, generator=generator, dtype=torch.float64) + 1


def labels(rows, classes, seed=0):
    return torch.randint(classes, (rows,), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize(("rows", "classes"), [(1, 1), (1, 5), (7, 2), (16, 10)])
def test_loss_and_gradient_equal_torch(rows, classes):
    """The mean over the batch, and autograd through it; every row of the gradient sums to zero."""
    x, y = draw(rows, classes).requires_grad_(), labels(rows, classes)
    expected = functional.cross_entropy(x, y)
    torch.testing.assert_close(softmax_cross_entropy(x.detach(), y), expected.detach())
    got = softmax_cross_entropy_backward(x.detach(), y)
    torch.testing.assert_close(got, torch.autograd.grad(expected, x)[0])
    assert got.sum(dim=1).abs().max() < 1e-15


@pytest.mark.parametrize("shift", [-1e4, 1e4])
def test_a_shift_of_all_logits_changes_nothing_and_never_overflows(shift):
    """Also where exp of the logits alone would be zero or infinite."""
    x, y = draw(4, 3), labels(4, 3)
    torch.testing.assert_close(
        softmax_cross_entropy(x + shift, y), softmax_cross_entropy(x, y), rtol=1e-10, atol=0
    )
    torch.testing.assert_close(
        softmax_cross_entropy_backward(x + shift, y),
        softmax_cross_entropy_backward(x, y),
        rtol=0,
        atol=1e-10,
    )


@pytest.mark.parametrize("classes", [1, 2, 10, 1000])
def test_equal_logits_give_the_logarithm_of_the_number_of_classes(classes):
    """Whatever the logits are equal to; 2.302585 for ten classes."""
    x = torch.full((3, classes), 0.7, dtype=torch.float64)
    loss = softmax_cross_entropy(x, labels(3, classes)).item()
    assert loss == pytest.approx(initial_cross_entropy(classes), rel=1e-14, abs=1e-14)
    assert initial_cross_entropy(10) == pytest.approx(2.302585, abs=5e-7)


def expected_loss(classes, std, points=24):
    """E[log sum exp z] over independent normal logits of mean 0, by Gauss-Hermite quadrature."""
    # The nodes are eigenvalues of the Jacobi matrix of the Hermite polynomials (Golub and Welsch).
    off = torch.arange(1, points, dtype=torch.float64).sqrt()
    nodes, vectors = torch.linalg.eigh(torch.diag(off, 1) + torch.diag(off, -1))
    weights = vectors[0].square()
    grids = torch.meshgrid(*[std * nodes] * classes, indexing="ij")
    factors = torch.meshgrid(*[weights] * classes, indexing="ij")
    total = torch.logsumexp(torch.stack(grids), dim=0)
    return (total * torch.stack(factors).prod(dim=0)).sum().item()


@pytest.mark.parametrize("classes", [2, 3, 4])
def test_the_spread_of_the_logits_raises_the_expected_loss_to_second_order(classes):
    """Halving the spread divides what is left by sixteen: the next term is of fourth order."""
    left = [expected_loss(classes, s) - initial_cross_entropy(classes, s) for s in (0.2, 0.1)]
    assert left[0] / left[1] == pytest.approx(16, rel=0.05)
    assert abs(left[1]) < (initial_cross_entropy(classes, 0.1) - math.log(classes)) / 100


@pytest.mark.parametrize(("classes", "std"), [(0, 0.1), (10, -0.1)])
def test_impossible_starts_are_refused(classes, std):
    """The message gives both numbers."""
    with pytest.raises(ValueError, match=f"got {classes} and {std}"):
        initial_cross_entropy(classes, std)


def test_dtype_is_kept_and_inputs_are_left_alone():
    """float32 in, float32 out; no argument is written to."""
    x, y = draw(3, 4).float(), labels(3, 4)
    before = x.clone()
    assert softmax_cross_entropy(x, y).dtype == torch.float32
    assert softmax_cross_entropy_backward(x, y).dtype == torch.float32
    assert torch.equal(x, before)
