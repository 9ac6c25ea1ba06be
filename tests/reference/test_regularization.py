"""Proximal steps against a search for the minimum, and weight decay against torch's SGD."""

import pytest
import sympy as sp
import torch

from backproof_reference.derivations import get, regularization
from backproof_reference.regularization import l1_prox, l2_prox, weight_decay_step

GRID = torch.arange(-3000, 3001, dtype=torch.float64) / 1000
V = torch.tensor([-2.5, -0.75, -0.5, -0.25, 0.0, 0.125, 0.5, 0.75, 2.0], dtype=torch.float64)


@pytest.mark.parametrize("lam", [0.0, 0.25, 0.5, 2.0])
def test_the_l1_step_is_the_point_a_search_finds(lam):
    """A grid holds every minimum, so the smallest value on it is the true one."""
    objective = (GRID[:, None] - V) ** 2 / 2 + lam * GRID[:, None].abs()
    found = GRID[objective.argmin(dim=0)]
    torch.testing.assert_close(l1_prox(V, lam), found, rtol=0, atol=1e-12)


@pytest.mark.parametrize("lam", [0.0, 0.25, 1.0])
def test_the_l2_step_is_the_point_a_search_finds(lam):
    """Up to the spacing of the grid."""
    objective = (GRID[:, None] - V) ** 2 / 2 + lam / 2 * GRID[:, None] ** 2
    found = GRID[objective.argmin(dim=0)]
    torch.testing.assert_close(l2_prox(V, lam), found, rtol=0, atol=6e-4)


def test_only_l1_makes_exact_zeros():
    """The threshold itself is included; L2 leaves every nonzero entry nonzero."""
    assert (l1_prox(V, 0.5) == 0).tolist() == (V.abs() <= 0.5).tolist()
    assert ((l2_prox(V, 0.5) == 0) == (V == 0)).all()


def test_proximal_steps_find_zeros_that_subgradient_steps_do_not():
    """A regression with 45 idle weights of 50: 45 exact zeros against none."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(200, 50, generator=generator, dtype=torch.float64)
    truth = torch.zeros(50, dtype=torch.float64)
    truth[:5] = torch.tensor([3.0, -2.0, 4.0, -3.0, 2.0])
    y = x @ truth
    lr, lam = 0.2, 0.1
    proximal = torch.zeros_like(truth)
    plain = torch.full_like(truth, 0.01)
    for _ in range(300):
        proximal = l1_prox(proximal - lr * x.T @ (x @ proximal - y) / 200, lr * lam)
        plain = plain - lr * (x.T @ (x @ plain - y) / 200 + lam * plain.sign())
    assert (proximal == 0).tolist() == (truth == 0).tolist()
    assert not (plain == 0).any()
    assert plain[5:].abs().max() < lr * lam + 0.02


R, E, ODDS = sp.symbols("r e rho", positive=True)
LAM, THETA = regularization.lam, regularization.share
CASES = {
    "l1_prox_positive": (LAM + E, E),
    "l1_prox_negative": (-LAM - E, -E),
    "l1_prox_zero": (LAM * (1 - 2 * THETA), sp.S.Zero),
}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("case", CASES)
def test_what_a_certificate_adds_to_the_minimum_is_never_negative(case, sign):
    """Beside the square (t - t*)^2 / 2, at t = +-r: no term, or positive symbols added up."""
    start, minimum = CASES[case]
    least = (minimum - start) ** 2 / 2 + LAM * sp.Abs(minimum)
    square = (regularization.t - minimum) ** 2 / 2
    above = get(f"regularization.{case}").result() - least - square
    at = {regularization.v: start, regularization.A: R, regularization.t: sign * R}
    # theta = 1 / (1 + rho) runs through (0, 1) as rho runs through the positive numbers.
    above = sp.cancel((1 + ODDS) * above.subs(at).subs(THETA, 1 / (1 + ODDS)))
    assert all(coefficient >= 0 for coefficient in sp.Poly(above, LAM, E, R, ODDS).coeffs())


@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_weight_decay_is_torchs_sgd_step(weight_decay):
    """Bit for bit it need not be; up to round-off it is."""
    w = torch.tensor([1.5, -2.0, 0.25], dtype=torch.float64, requires_grad=True)
    w.grad = torch.tensor([0.5, 1.0, -3.0], dtype=torch.float64)
    expected = weight_decay_step(w.detach(), w.grad, 0.3, weight_decay)
    torch.optim.SGD([w], lr=0.3, weight_decay=weight_decay).step()
    torch.testing.assert_close(w.detach(), expected, rtol=1e-15, atol=1e-15)


@pytest.mark.parametrize(("function", "name"), [(l1_prox, "threshold"), (l2_prox, "lam")])
def test_a_negative_penalty_is_refused(function, name):
    """The message names the argument."""
    with pytest.raises(ValueError, match=rf"{name} must not be negative, got -0\.5"):
        function(V, -0.5)
