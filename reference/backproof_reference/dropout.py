"""Dropout, its expectation in linear regression, and the Tikhonov penalty it amounts to."""

import math

import torch


def dropout(x: torch.Tensor, drop_prob: float, training: bool = True) -> torch.Tensor:
    """Inverted dropout: drop entries at random so that the expectation stays x.

    Every entry is dropped on its own with probability ``drop_prob`` (torch's convention for
    ``p``), with a fresh mask at each call. With ``training=False`` the result equals x, and may be
    x itself.

    Shapes:
        x: any shape, floating point. Returns the shape of x.

    Raises:
        ValueError: if ``drop_prob`` is not in [0, 1).

    Source:
        Srivastava et al., "Dropout", JMLR 15, 2014, section 10 (scaling at training time).
    """
    if not 0 <= drop_prob < 1:
        raise ValueError(f"drop_prob must be in [0, 1), got {drop_prob}")
    if not training:
        return x.clone()
    keep_prob = 1 - drop_prob
    mask = torch.empty_like(x).bernoulli_(keep_prob)
    # Scaling the mask, not the sum of both branches, keeps dropped entries exactly zero.
    return x * (mask / keep_prob)


def spatial_dropout(x: torch.Tensor, drop_prob: float, training: bool = True) -> torch.Tensor:
    """Inverted dropout of whole channels, so that the expectation stays x.

    Every channel of every example is dropped on its own with probability ``drop_prob`` (torch's
    convention for ``p``): all its pixels together, with a fresh draw at each call. With
    ``training=False`` the result equals x, and may be x itself.

    Shapes:
        x: (N, C, H, W), floating point. Returns the shape of x.

    Raises:
        ValueError: if ``drop_prob`` is not in [0, 1).

    Source:
        Tompson et al., "Efficient Object Localization Using Convolutional Networks", CVPR 2015,
        section 3.2.
    """
    if not 0 <= drop_prob < 1:
        raise ValueError(f"drop_prob must be in [0, 1), got {drop_prob}")
    if not training:
        return x.clone()
    keep_prob = 1 - drop_prob
    channels = x.new_empty(*x.shape[:2], 1, 1).bernoulli_(keep_prob)
    return x * (channels / keep_prob)


def expected_gram(x: torch.Tensor, keep_prob: float) -> torch.Tensor:
    """The expectation of P^T P, where P = D * X entry by entry.

    The entries of D are independent Bernoulli variables that are 1 with probability ``keep_prob``;
    there is no rescaling (standard, not inverted, dropout).

    Shapes:
        x: (N, D). Returns (D, D).

    Raises:
        ValueError: if ``keep_prob`` is not in [0, 1].

    Source:
        Srivastava et al., "Dropout", JMLR 15, 2014, section 9.1.
    """
    _require_probability(keep_prob)
    gram = x.T @ x
    # D^2 = D for a mask: only products of one entry with itself keep the first power.
    variance = keep_prob * (1 - keep_prob)
    return keep_prob**2 * gram + variance * torch.diag(gram.diagonal())


def expected_dropout_loss(
    x: torch.Tensor, y: torch.Tensor, w_hat: torch.Tensor, keep_prob: float
) -> torch.Tensor:
    """The expectation over all masks of the squared error ||y - P w_hat||^2, where P = D * X.

    The mask D is as in ``expected_gram``. The loss is a plain sum of squares: no factor 1/2 and no
    division by N.

    Shapes:
        x: (N, D); y: (N,); w_hat: (D,). Returns a scalar tensor.

    Raises:
        ValueError: if ``keep_prob`` is not in [0, 1].

    Source:
        Srivastava et al., "Dropout", JMLR 15, 2014, section 9.1 (both unnumbered equations).
    """
    _require_probability(keep_prob)
    fit = (y - keep_prob * (x @ w_hat)).square().sum()
    # The second term is the variance of the prediction, summed over the rows.
    variance = keep_prob * (1 - keep_prob)
    return fit + variance * (x.square() @ w_hat.square()).sum()


def dropout_ridge(x: torch.Tensor, y: torch.Tensor, keep_prob: float) -> torch.Tensor:
    """The weights at which the expected dropout loss is least, as Tikhonov regularisation has them.

    Written in the weights w whose prediction Xw is the mean prediction of the masked model, the
    loss of ``expected_dropout_loss`` is ||y - Xw||^2 + ||Gamma w||^2 for a diagonal matrix Gamma
    that depends on X and ``keep_prob``. Returned is the minimiser w.

    Shapes:
        x: (N, D) without a zero column; y: (N,). Returns (D,).

    Raises:
        ValueError: if ``keep_prob`` is not in (0, 1].

    Source:
        Srivastava et al., "Dropout", JMLR 15, 2014, section 9.1 (last unnumbered equation).
    """
    if not 0 < keep_prob <= 1:
        raise ValueError(f"keep_prob must be in (0, 1], got {keep_prob}")
    gamma = math.sqrt((1 - keep_prob) / keep_prob) * x.norm(dim=0)
    # One least-squares problem on [X; Gamma]: the normal equations would square the condition.
    rows = torch.cat([x, torch.diag(gamma)])
    targets = torch.cat([y, torch.zeros_like(gamma)])
    solution: torch.Tensor = torch.linalg.lstsq(rows, targets.unsqueeze(1)).solution
    return solution.squeeze(1)


def ridge_rescaling(gamma: torch.Tensor, lam: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Turn a Tikhonov penalty into an ordinary ridge penalty by rescaling.

    Find alpha and beta such that, with w_tilde = alpha * w and X_tilde[:, j] = beta_j X[:, j],
    ||y - Xw||^2 + ||Gamma w||^2 equals ||y - X_tilde w_tilde||^2 + lam ||w_tilde||^2 for all w.

    Shapes:
        gamma: (D,), the positive diagonal of Gamma. Returns ``(alpha, beta)``, each (D,).

    Raises:
        ValueError: if ``lam`` or an entry of gamma is not positive.

    Source:
        Hoerl and Kennard, "Ridge Regression", Technometrics 12, 1970; Srivastava et al.,
        "Dropout", JMLR 15, 2014, section 9.1.
    """
    if not lam > 0:
        raise ValueError(f"lam must be positive, got {lam}")
    if not bool((gamma > 0).all()):
        raise ValueError(f"every entry of gamma must be positive, least is {gamma.min().item()}")
    # The penalty fixes alpha; the fit is unchanged only if the columns are scaled inversely.
    return gamma / math.sqrt(lam), math.sqrt(lam) / gamma


def weight_noise_loss(
    w: torch.Tensor, x: torch.Tensor, y: torch.Tensor | float, alpha: float
) -> torch.Tensor:
    """The expectation of J = 1/2 (y - sum_k (w_k + delta_k) x_k)^2 under multiplicative noise.

    The delta_k are independent normal variables with mean 0 and variance alpha * w_k^2. One
    training example; J carries the factor 1/2.

    Shapes:
        w, x: (D,); y: scalar. Returns a scalar tensor.

    Raises:
        ValueError: if ``alpha`` is negative.

    Source:
        Bishop, "Training with Noise is Equivalent to Tikhonov Regularization", Neural Computation
        7, 1995; Srivastava et al., "Dropout", JMLR 15, 2014, section 10 (multiplicative Gaussian
        noise).
    """
    if not alpha >= 0:
        raise ValueError(f"alpha must not be negative, got {alpha}")
    # The residual has mean y - w.x and variance alpha * sum (w x)^2; J halves both parts alike.
    residual = y - w @ x
    return (residual.square() + alpha * (w * x).square().sum()) / 2


def _require_probability(keep_prob: float) -> None:
    if not 0 <= keep_prob <= 1:
        raise ValueError(f"keep_prob must be in [0, 1], got {keep_prob}")
