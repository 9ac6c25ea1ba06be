"""A linear model of a single example, with inverted dropout of its inputs and without."""

import torch


def dropout_minimiser(x: torch.Tensor, y: float, drop_prob: float) -> torch.Tensor:
    """The weights at which the expected loss of one example is least under inverted dropout.

    The loss is E(sum_j M_j w_j x_j - y)^2, where M_j is 0 with probability ``drop_prob`` and
    1 / (1 - drop_prob) otherwise. Every input then contributes the same, w_j x_j.

    Shapes:
        x: (D,) without a zero. Returns (D,).

    Raises:
        ValueError: if ``drop_prob`` is not in (0, 1), or an entry of x is 0. Without dropout there
            is no single minimiser: see ``least_norm_weights``.

    Source:
        EECS182 (Berkeley), homework 4, question 1, for D = 2; derived in
        derivations/two_weights.py.
    """
    if not 0 < drop_prob < 1:
        raise ValueError(f"drop_prob must be in (0, 1), got {drop_prob}")
    if bool((x == 0).any()):
        raise ValueError("an input that is 0 leaves its weight undetermined")
    keep = 1 - drop_prob
    return y * keep / (x * (drop_prob + x.numel() * keep))


def dropout_minimum(inputs: int, y: float, drop_prob: float) -> float:
    """The expected loss at ``dropout_minimiser``: what dropout leaves unexplained.

    Shapes:
        inputs: the number of inputs, none of them 0. Returns a number.

    Raises:
        ValueError: if ``drop_prob`` is not in (0, 1).

    Source:
        As ``dropout_minimiser``.
    """
    if not 0 < drop_prob < 1:
        raise ValueError(f"drop_prob must be in (0, 1), got {drop_prob}")
    return drop_prob * y**2 / (drop_prob + inputs * (1 - drop_prob))


def least_norm_weights(x: torch.Tensor, y: float) -> torch.Tensor:
    """The shortest w with sum_j w_j x_j = y; gradient descent from 0 without dropout finds it.

    Shapes:
        x: (D,), not all 0. Returns (D,).

    Raises:
        ValueError: if x is 0, because nothing can be fitted then.

    Source:
        The pseudo-inverse of a row: x / (x . x).
    """
    if not bool((x != 0).any()):
        raise ValueError("x is 0: no weights fit y")
    return y * x / (x @ x)
