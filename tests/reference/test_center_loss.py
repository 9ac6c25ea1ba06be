"""Center loss against autograd, and the simplex against what makes it one."""

import pytest
import torch

from backproof_reference.center_loss import (
    center_loss,
    center_loss_backward,
    center_loss_weight_grad,
    center_update,
    simplex_centers,
)

LABELS = torch.tensor([2, 0, 2, 2, 0])  # unequal classes, two of them empty


def draw(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.5


def test_the_loss_is_half_the_sum_of_squared_distances():
    """Example by example, without a mean over the batch."""
    x, c = draw(5, 3), draw(4, 3, seed=1)
    expected = sum((x[i] - c[LABELS[i]]).square().sum() for i in range(5)) / 2
    torch.testing.assert_close(center_loss(x, c, LABELS), expected)


def test_gradients_equal_autograd_also_for_empty_classes():
    """Features, centres and the weights behind the features."""
    u, w, c = draw(5, 2), draw(3, 2, seed=1), draw(4, 3, seed=2)
    leaves = [tensor.clone().requires_grad_() for tensor in (w, c)]
    x = u @ leaves[0].T
    loss = center_loss(x, leaves[1], LABELS)
    dx, dw, dc = torch.autograd.grad(loss, [x, *leaves])
    got_dx, got_dc = center_loss_backward(u @ w.T, c, LABELS)
    torch.testing.assert_close(got_dx, dx)
    torch.testing.assert_close(got_dc, dc)
    torch.testing.assert_close(center_loss_weight_grad(u, w, c, LABELS), dw)
    assert not got_dc[[1, 3]].any()


def test_a_full_update_moves_a_centre_to_the_mean_of_itself_and_its_class():
    """And so it is not the gradient; an empty class stays where it is."""
    x, c = draw(5, 3), draw(4, 3, seed=1)
    moved = c - center_update(x, c, LABELS)
    torch.testing.assert_close(moved[2], (c[2] + x[0] + x[2] + x[3]) / 4)
    torch.testing.assert_close(moved[0], (c[0] + x[1] + x[4]) / 3)
    assert torch.equal(moved[[1, 3]], c[[1, 3]])
    _, gradient = center_loss_backward(x, c, LABELS)
    assert (gradient[2] / center_update(x, c, LABELS)[2]).tolist() == pytest.approx([4, 4, 4])


@pytest.mark.parametrize(("count", "dim"), [(2, 1), (3, 2), (4, 3), (4, 7), (10, 9), (11, 16)])
def test_simplex_centres_have_the_cosines_and_distances_of_a_simplex(count, dim):
    """Length 1, cosine -1/(n-1), squared distance 2n/(n-1), in as few as n - 1 dimensions."""
    centers = simplex_centers(count, dim)
    same = torch.eye(count, dtype=torch.float64)
    gram = centers @ centers.T
    torch.testing.assert_close(gram, (count * same - 1) / (count - 1), rtol=0, atol=1e-14)
    differences = centers[:, None] - centers[None, :]
    expected = 2 * count / (count - 1) * (1 - same)
    torch.testing.assert_close(differences.square().sum(dim=2), expected, rtol=0, atol=1e-13)
    assert torch.linalg.matrix_rank(centers) == count - 1


@pytest.mark.parametrize(("count", "dim"), [(4, 3), (5, 4)])
def test_no_random_unit_vectors_are_further_apart(count, dim):
    """The largest cosine of 500 random sets never falls below that of the simplex."""
    off = ~torch.eye(count, dtype=torch.bool)
    least = (simplex_centers(count, dim) @ simplex_centers(count, dim).T)[off].max()
    for seed in range(500):
        vectors = torch.nn.functional.normalize(draw(count, dim, seed=seed) - 0.5, dim=1)
        assert (vectors @ vectors.T)[off].max() > least


@pytest.mark.parametrize(("count", "dim"), [(1, 3), (4, 2)])
def test_impossible_simplices_are_refused(count, dim):
    """n points need n - 1 dimensions."""
    with pytest.raises(ValueError, match=f"got count={count}, dim={dim}"):
        simplex_centers(count, dim)


def test_dtype_is_kept_and_inputs_are_left_alone():
    """float32 in, float32 out; no argument is written to."""
    x, c, w, u = (draw(*shape).float() for shape in ((5, 3), (4, 3), (3, 2), (5, 2)))
    before = [tensor.clone() for tensor in (x, c, w, u)]
    results = [center_loss(x, c, LABELS), *center_loss_backward(x, c, LABELS)]
    results += [center_update(x, c, LABELS), center_loss_weight_grad(u, w, c, LABELS)]
    assert {result.dtype for result in results} == {torch.float32}
    assert all(torch.equal(new, old) for new, old in zip((x, c, w, u), before, strict=True))
