"""A linear model of a single example, with inverted dropout of its inputs and without."""

import torch


def dropout_minimiser(x: torch.Tensor, y: float, drop_prob: float) -> torch.Tensor:
    """The weights at which the expected loss of one example is least under inverted dropout.

    The loss is E(sum_j M_j w_j x_j - y)^2, where M_j is 0 with probability ``drop_prob`` and
    1 / (1 - drop_prob) otherwise.

    Shapes:
        x: (D,) without a zero. Returns (D,).

    Raises:
        ValueError: if ``drop_prob`` is not in (0, 1), or an entry of x is 0.

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
    """The shortest w with sum_j w_j x_j = y.

    Shapes:
        x: (D,), not all 0. Returns (D,).

    Raises:
        ValueError: if x is 0, because nothing can be fitted then.

    Source:
        Golub and Van Loan, "Matrix Computations", section 5.5; derived in
        derivations/least_norm.py.
    """
    if not bool((x != 0).any()):
        raise ValueError("x is 0: no weights fit y")
    return y * x / (x @ x)


def descend(x: torch.Tensor, y: float, learning_rate: float, steps: int) -> torch.Tensor:
    """Weights after gradient descent from 0 on the loss (sum_j w_j x_j - y)^2, without dropout.

    There is no bias.

    Shapes:
        x: (D,); steps: how many steps are made, at least 0. Returns (D,).

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 4.3.
    """
    weights = torch.zeros_like(x)
    for _ in range(steps):
        weights = weights - learning_rate * 2 * (weights @ x - y) * x
    return weights


def dropout_rows(x: torch.Tensor, drop_prob: float) -> tuple[torch.Tensor, torch.Tensor]:
    """What a model sees of one example under inverted dropout, and how likely it is.

    The first row has nothing dropped, the last one everything. In between they count in binary, a
    digit for each input, the first input first: 1 is dropped. Kept inputs are scaled so that their
    mean over all rows, weighted by the chances, is x.

    Shapes:
        x: (D,); drop_prob in (0, 1). Returns ``(rows, chances)``: (2^D, D) and (2^D,).

    Source:
        Srivastava et al., "Dropout", JMLR 15, 2014, section 10.
    """
    dropped = x.new_zeros(1, 0)
    for _ in x:
        upper, lower = dropped.new_zeros(len(dropped), 1), dropped.new_ones(len(dropped), 1)
        dropped = torch.cat((torch.cat((upper, dropped), 1), torch.cat((lower, dropped), 1)))
    chances = drop_prob**dropped * (1 - drop_prob) ** (1 - dropped)
    return x * (1 - dropped) / (1 - drop_prob), chances.prod(dim=1)


def masked_descent(
    x: torch.Tensor, y: float, kept: torch.Tensor, drop_prob: float, learning_rate: float
) -> torch.Tensor:
    """Weights after stochastic gradient descent from 0 under inverted dropout, with given masks.

    Every step sees a batch of copies of the one example, each with a mask of its own, and the mean
    of their losses (w . x_masked - y)^2. There is no bias.

    Shapes:
        x: (D,); kept: (steps, batch, D), 1 where an input is kept and 0 where it is dropped;
        drop_prob in [0, 1). Returns (D,).

    Source:
        Srivastava et al., "Dropout", JMLR 15, 2014, section 10.
    """
    weights = torch.zeros_like(x)
    for masks in kept:
        rows = x * masks / (1 - drop_prob)
        errors = rows @ weights - y
        weights = weights - learning_rate * 2 * (errors @ rows) / len(masks)
    return weights


def mean_weights(
    x: torch.Tensor, y: float, drop_prob: float, learning_rate: float, steps: int
) -> torch.Tensor:
    """The mean over all masks of what ``masked_descent`` returns, whatever the size of its batches.

    Shapes:
        x: (D,); drop_prob in (0, 1); steps: how many steps are made. Returns (D,).

    Source:
        EECS182 (Berkeley), homework 4, question 1; derived in derivations/two_weights.py.
    """
    weights = torch.zeros_like(x)
    for _ in range(steps):
        shares = weights * x
        slope = 2 * x * (shares.sum() - y + drop_prob / (1 - drop_prob) * shares)
        weights = weights - learning_rate * slope
    return weights
