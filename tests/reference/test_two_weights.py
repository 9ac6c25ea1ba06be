"""One example with and without dropout: the numbers of EECS182 homework 4, question 1."""

import itertools

import pytest
import torch

from backproof_reference.derivations import get, two_weights
from backproof_reference.prove import evaluate
from backproof_reference.two_weights import (
    dropout_minimiser,
    dropout_minimum,
    least_norm_weights,
)

X = torch.tensor([10.0, 1.0], dtype=torch.float64)
Y = 11.0
PROBABILITIES = [0.01, 0.1, 0.3, 0.5, 0.9]


def table(x, drop_prob):
    """All masked examples and the probability of each."""
    masks = torch.tensor(list(itertools.product((1.0, 0.0), repeat=x.numel())), dtype=x.dtype)
    chances = (masks * (1 - drop_prob) + (1 - masks) * drop_prob).prod(dim=1)
    return masks * x / (1 - drop_prob), chances


@pytest.mark.parametrize("drop_prob", PROBABILITIES)
@pytest.mark.parametrize("x", [X, torch.tensor([2.0, -3.0, 0.5], dtype=torch.float64)])
def test_the_minimiser_is_that_of_least_squares_over_all_masks(x, drop_prob):
    """Two inputs and three, one of them negative; the remaining loss is the stated one."""
    rows, chances = table(x, drop_prob)
    root = chances.sqrt()[:, None]
    solved = torch.linalg.lstsq(root * rows, root * Y).solution[:, 0]
    found = dropout_minimiser(x, Y, drop_prob)
    torch.testing.assert_close(found, solved, rtol=1e-9, atol=1e-12)
    loss = (chances * (rows @ found - Y) ** 2).sum().item()
    assert dropout_minimum(x.numel(), Y, drop_prob) == pytest.approx(loss)


def test_the_table_of_the_homework_at_one_half():
    """Rows {20, 0} x {2, 0}, weights 11/30 and 11/3, a remaining loss of 121/3."""
    rows, chances = table(X, 0.5)
    assert rows.tolist() == [[20, 2], [20, 0], [0, 2], [0, 0]]
    assert chances.tolist() == [0.25] * 4
    found = dropout_minimiser(X, Y, 0.5)
    assert found.tolist() == pytest.approx([11 / 30, 11 / 3])
    assert dropout_minimum(2, Y, 0.5) == pytest.approx(121 / 3)
    # Equal contributions with dropout, a hundred to one without.
    assert (found * X)[0].item() == pytest.approx((found * X)[1].item())
    plain = least_norm_weights(X, Y) * X
    assert (plain[0] / plain[1]).item() == pytest.approx(100)


@pytest.mark.parametrize("drop_prob", PROBABILITIES)
def test_the_closed_forms_of_the_homework(drop_prob):
    """w_1 = 1.1 (1 - p) / (2 - p) and w_2 = 11 (1 - p) / (2 - p), from the checked expression."""
    values = {"x": X, "y_0": torch.tensor(Y), "p": torch.tensor(drop_prob, dtype=torch.float64)}
    expected = [c * (1 - drop_prob) / (2 - drop_prob) for c in (1.1, 11.0)]
    expr, setting = get("two_weights.distance").result(), get("two_weights.distance").setting
    proved = [
        evaluate(expr, setting, {two_weights.d: 2, two_weights.a: at}, values) for at in (0, 1)
    ]
    assert proved == pytest.approx(expected)
    assert dropout_minimiser(X, Y, drop_prob).tolist() == pytest.approx(expected)


def test_the_weights_jump_where_dropout_vanishes():
    """(0.55, 5.5) from above, (1.0891, 0.1089) at 0: the one limit is checked, the other is found."""
    near = dropout_minimiser(X, Y, 1e-12)
    assert near.tolist() == pytest.approx([0.55, 5.5])
    bound = get("two_weights.limit")
    for p in (0.5, 1e-3, 1e-9):
        values = {"x": X, "y_0": torch.tensor(Y), "p": torch.tensor(p, dtype=torch.float64)}
        slack = [
            evaluate(bound.result(), bound.setting, {two_weights.d: 2, two_weights.a: at}, values)
            for at in (0, 1)
        ]
        assert min(slack) > 0
        assert (dropout_minimiser(X, Y, p) - Y / (2 * X)).abs().le(p * Y / (2 * X)).all()
    plain = least_norm_weights(X, Y)
    assert plain.tolist() == pytest.approx([110 / 101, 11 / 101])
    assert (plain @ X).item() == pytest.approx((near @ X).item()) == pytest.approx(Y)


def test_gradient_descent_from_zero_finds_the_shortest_weights():
    """Rate 1e-3 contracts by 0.798 a step; a rate above 1/101 diverges; a bias changes the answer."""

    def trained(x, rate, steps=200):
        w = torch.zeros_like(x, requires_grad=True)
        optimizer = torch.optim.SGD([w], lr=rate)
        for _ in range(steps):
            optimizer.zero_grad()
            ((w @ x - Y) ** 2).backward()
            optimizer.step()
        return w.detach()

    torch.testing.assert_close(trained(X, 1e-3), least_norm_weights(X, Y))
    error = [(trained(X, 1e-3, steps) @ X - Y).item() for steps in (3, 4)]
    assert error[1] / error[0] == pytest.approx(1 - 2e-3 * 101)
    assert (trained(X, 1.01 / 101) @ X - Y).abs() > 100
    with_bias = trained(torch.tensor([10.0, 1.0, 1.0], dtype=torch.float64), 1e-3)
    assert with_bias.tolist() == pytest.approx([55 / 51, 11 / 102, 11 / 102])


@pytest.mark.parametrize("drop_prob", [0.0, 1.0, -0.1, float("nan")])
def test_a_probability_without_a_single_minimum_is_refused(drop_prob):
    """0 leaves many minima and 1 drops everything."""
    with pytest.raises(ValueError, match=r"drop_prob must be in \(0, 1\)"):
        dropout_minimiser(X, Y, drop_prob)
    with pytest.raises(ValueError, match=r"drop_prob must be in \(0, 1\)"):
        dropout_minimum(2, Y, drop_prob)


def test_inputs_that_say_nothing_are_refused():
    """A zero input has no weight of its own; a zero example fits nothing."""
    with pytest.raises(ValueError, match="leaves its weight undetermined"):
        dropout_minimiser(torch.tensor([1.0, 0.0]), Y, 0.5)
    with pytest.raises(ValueError, match="no weights fit y"):
        least_norm_weights(torch.zeros(2), Y)
