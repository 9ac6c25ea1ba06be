"""Dropout and its expectations: against enumeration of all masks, and against autograd."""

import itertools
import math

import pytest
import torch

from backproof_reference.dropout import (
    dropout,
    dropout_ridge,
    expected_dropout_loss,
    expected_gram,
    ridge_rescaling,
    weight_noise_loss,
)

# 1/2 is left out on purpose: p = 1 - p hides several mistakes.
KEEP = [0.2, 0.7, 1.0]
SHAPES = [(1, 3), (3, 2), (2, 4)]


def normal(*shape, seed=0):
    generator = torch.Generator().manual_seed(seed + len(shape))
    return torch.randn(shape, generator=generator, dtype=torch.float64) + 0.5


def over_masks(x, keep, statistic):
    """The exact expectation of a statistic of P = D * X: every mask with its probability."""
    total = 0
    for bits in itertools.product((0, 1), repeat=x.numel()):
        mask = torch.tensor(bits, dtype=x.dtype).reshape(x.shape)
        probability = keep ** sum(bits) * (1 - keep) ** (len(bits) - sum(bits))
        total = total + probability * statistic(mask * x)
    return total


@pytest.mark.parametrize("keep", KEEP)
@pytest.mark.parametrize("shape", SHAPES)
def test_expected_gram_equals_the_average_over_all_masks(shape, keep):
    """Every entry, on and off the diagonal."""
    x = normal(*shape)
    expected = over_masks(x, keep, lambda masked: masked.T @ masked)
    torch.testing.assert_close(expected_gram(x, keep), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("keep", KEEP)
@pytest.mark.parametrize("shape", SHAPES)
def test_expected_loss_equals_the_average_over_all_masks(shape, keep):
    """The loss of the averaged prediction plus its variance is the average loss."""
    x, y, weight = normal(*shape), normal(shape[0], seed=1), normal(shape[1], seed=2)
    expected = over_masks(x, keep, lambda masked: (y - masked @ weight).square().sum())
    got = expected_dropout_loss(x, y, weight, keep)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("keep", KEEP)
def test_ridge_solution_is_where_the_expected_loss_is_flat(keep):
    """At w_hat = w / p the gradient of the expected loss vanishes; it is convex, so that is all."""
    x, y = normal(6, 3), normal(6, seed=1)
    weight = (dropout_ridge(x, y, keep) / keep).requires_grad_()
    (gradient,) = torch.autograd.grad(expected_dropout_loss(x, y, weight, keep), weight)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-12)


def test_ridge_solution_exists_with_fewer_rows_than_columns():
    """The penalty makes the problem well-posed where least squares alone is not."""
    x, y = normal(2, 5), normal(2, seed=1)
    weight = (dropout_ridge(x, y, 0.7) / 0.7).requires_grad_()
    (gradient,) = torch.autograd.grad(expected_dropout_loss(x, y, weight, 0.7), weight)
    torch.testing.assert_close(gradient, torch.zeros_like(gradient), rtol=0, atol=1e-12)


@pytest.mark.parametrize("lam", [0.3, 1.0, 5.0])
def test_rescaling_turns_tikhonov_into_ridge_for_every_weight(lam):
    """Both losses agree at arbitrary weights, not only at the minimiser."""
    x, y, weight = normal(5, 3), normal(5, seed=1), normal(3, seed=2)
    gamma = normal(3, seed=3).abs() + 0.1
    alpha, beta = ridge_rescaling(gamma, lam)
    tikhonov = (y - x @ weight).square().sum() + (gamma * weight).square().sum()
    scaled = alpha * weight
    ridge = (y - (x * beta) @ scaled).square().sum() + lam * scaled.square().sum()
    torch.testing.assert_close(ridge, tikhonov, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("alpha", [0.0, 0.3, 2.0])
def test_weight_noise_loss_equals_its_average_over_two_point_noise(alpha):
    """J is quadratic: noise of +-sqrt(alpha) w has the moments that matter, and can be enumerated."""
    weight, x, y = normal(4), normal(4, seed=1), normal(seed=2)
    losses = []
    for signs in itertools.product((-1.0, 1.0), repeat=4):
        noise = torch.tensor(signs, dtype=torch.float64) * math.sqrt(alpha) * weight
        losses.append((y - (weight + noise) @ x).square() / 2)
    expected = torch.stack(losses).mean()
    got = weight_noise_loss(weight, x, y, alpha)
    torch.testing.assert_close(got, expected, rtol=1e-12, atol=1e-12)


def test_weight_noise_loss_equals_a_monte_carlo_average_of_normal_noise():
    """Within five standard errors, which lie below a tenth of the penalty."""
    weight, x, y, alpha = normal(3), normal(3, seed=1), normal(seed=2), 0.4
    generator = torch.Generator().manual_seed(1)
    draws = torch.randn(200_000, 3, generator=generator, dtype=torch.float64)
    losses = (y - (weight * (1 + math.sqrt(alpha) * draws)) @ x).square() / 2
    error = losses.std() / math.sqrt(len(losses))
    penalty = alpha / 2 * (weight * x).square().sum()
    assert 5 * error < penalty / 10
    assert (losses.mean() - weight_noise_loss(weight, x, y, alpha)).abs() < 5 * error


@pytest.mark.parametrize("drop_prob", [0.1, 0.25, 0.9])
def test_dropout_keeps_entries_scaled_or_sets_them_to_zero(drop_prob):
    """There are two outcomes per entry, in the right proportion (six standard errors)."""
    torch.manual_seed(0)
    x = normal(400, 500)
    out = dropout(x, drop_prob)
    kept = out != 0
    torch.testing.assert_close(out[kept], x[kept] / (1 - drop_prob))
    error = math.sqrt(drop_prob * (1 - drop_prob) / x.numel())
    assert abs(kept.double().mean().item() - (1 - drop_prob)) < 6 * error


def test_dropout_draws_each_entry_on_its_own_and_anew_at_each_call():
    """Rows, columns and calls have different masks."""
    torch.manual_seed(0)
    first, second = (dropout(torch.ones(64, 64), 0.5) for _ in range(2))
    assert not torch.equal(first, second)
    assert len(first.unique(dim=0)) == 64
    assert len(first.unique(dim=1)) == 64


@pytest.mark.parametrize(("drop_prob", "training"), [(0.9, False), (0.0, True)])
def test_dropout_returns_a_copy_when_nothing_is_to_be_dropped(drop_prob, training):
    """The values are those of x, the memory is not."""
    x = normal(5, 4)
    out = dropout(x, drop_prob, training)
    assert torch.equal(out, x)
    assert out.data_ptr() != x.data_ptr()


def test_dropout_passes_gradients_through_the_entries_it_kept():
    """The gradient is the scaled mask."""
    torch.manual_seed(0)
    x = (normal(6, 6).abs() + 0.1).requires_grad_()
    out = dropout(x, 0.4)
    (gradient,) = torch.autograd.grad(out.sum(), x)
    torch.testing.assert_close(gradient, (out != 0).double() / 0.6)


@pytest.mark.parametrize("value", [-0.1, 1.0, 1.5, math.nan])
def test_dropout_refuses_a_drop_probability_outside_its_range(value):
    """Also in inference mode, where it would go unnoticed."""
    with pytest.raises(ValueError, match=rf"drop_prob must be in \[0, 1\), got {value}"):
        dropout(torch.ones(2), value, training=False)


@pytest.mark.parametrize("value", [-0.1, 1.5, math.nan])
def test_expectations_refuse_a_keep_probability_outside_its_range(value):
    """The message names the value."""
    x, y, weight = normal(3, 2), normal(3), normal(2)
    message = rf"keep_prob must be in \[0, 1\], got {value}"
    with pytest.raises(ValueError, match=message):
        expected_gram(x, value)
    with pytest.raises(ValueError, match=message):
        expected_dropout_loss(x, y, weight, value)


def test_ridge_and_noise_refuse_values_outside_their_range():
    """keep_prob = 0, lam = 0, a zero in gamma and a negative variance have no meaning here."""
    x, y = normal(3, 2), normal(3)
    with pytest.raises(ValueError, match=r"keep_prob must be in \(0, 1\], got 0"):
        dropout_ridge(x, y, 0)
    with pytest.raises(ValueError, match="lam must be positive, got 0"):
        ridge_rescaling(torch.ones(2), 0)
    with pytest.raises(ValueError, match=r"entry of gamma must be positive, least is -2\.0"):
        ridge_rescaling(torch.tensor([1.0, -2.0]), 1)
    with pytest.raises(ValueError, match="alpha must not be negative, got -1"):
        weight_noise_loss(y, y, 0.0, -1)


def test_dtype_is_kept_and_inputs_are_left_alone():
    """float32 in, float32 out; no argument is written to."""
    x, y, weight = (t.float() for t in (normal(4, 3), normal(4), normal(3)))
    before = [tensor.clone() for tensor in (x, y, weight)]
    results = [
        dropout(x, 0.3),
        expected_gram(x, 0.3),
        expected_dropout_loss(x, y, weight, 0.3),
        dropout_ridge(x, y, 0.3),
        *ridge_rescaling(weight.abs() + 1, 0.3),
        weight_noise_loss(weight, x[0], y[0], 0.3),
    ]
    assert {result.dtype for result in results} == {torch.float32}
    assert all(torch.equal(new, old) for new, old in zip((x, y, weight), before, strict=True))
