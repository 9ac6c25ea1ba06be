"""First layers: dropout, convolution, batch normalisation.

The questions stand in first_layers.ipynb. Write the functions and type the answers below: keep
their names and the order of their arguments, the rest is yours. Check yourself with `pytest` in
this folder; README.md says more.
"""

from typing import Any

import torch

# --- 1.1 The expectation as a matrix (2 points) --------------------------------------------------


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
    raise NotImplementedError("expected_gram: yours to write")


# --- 1.2 The expected loss (2 points) ------------------------------------------------------------


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
    raise NotImplementedError("expected_dropout_loss: yours to write")


# --- 1.3 The Tikhonov matrix (2 points) ----------------------------------------------------------

tikhonov_factor = ""  # c in Gamma = c * Gamma_hat: a formula in p

w_from_w_hat = ""  # w: a formula in p, w_hat

# --- 1.3b The regularised solution (2 points) ----------------------------------------------------


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
    raise NotImplementedError("dropout_ridge: yours to write")


# --- 1.4 An ordinary ridge problem (3 points) ----------------------------------------------------


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
    raise NotImplementedError("ridge_rescaling: yours to write")


x_tilde = ""  # X_tilde, with inv(...) for an inverse: a formula in lam, X, Gamma

# --- 1.7 The expected loss (2 points) ------------------------------------------------------------


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
    raise NotImplementedError("weight_noise_loss: yours to write")


# --- 1.9 Dropout in code (3 points) --------------------------------------------------------------


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
    raise NotImplementedError("dropout: yours to write")


# --- 2.1 The weight gradient in one dimension, in code (2 points) --------------------------------
# Rule: write the convolution yourself, without the convolutions of torch, NumPy and SciPy.


def conv1d_weight_grad(dz: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
    """Weight gradient of the one-channel layer Z_i = sum_{j=0}^{K-1} W_j X_{i+j}, no padding.

    Indices start at 0 and the stride is 1; K follows from the two lengths.

    Shapes:
        dz: (N - K + 1,), the gradient of the loss with respect to Z; x: (N,). Returns (K,).

    Raises:
        ValueError: if dz is empty or longer than x.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, equation 9.11 (one dimension).
    """
    raise NotImplementedError("conv1d_weight_grad: yours to write")


# --- 2.2 The gradient with respect to the input (5 points) ---------------------------------------
# Rule: write the convolution yourself, without the convolutions of torch, NumPy and SciPy.


def conv2d_backward(
    dout: torch.Tensor,
    x: torch.Tensor,
    w: torch.Tensor,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients of a scalar loss through ``conv2d_forward`` with the same hyper-parameters.

    Gradients have the shape of the variable they belong to (denominator layout). Entries of x that
    no kernel position reaches have gradient zero.

    Shapes:
        dout: (N, O, H_out, W_out), the gradient of the loss with respect to the layer's output;
        x: (N, C, H, W); w: (O, C / groups, K_H, K_W).
        Returns ``(dx, dw, db)``: (N, C, H, W), (O, C / groups, K_H, K_W), (O,).

    Raises:
        ValueError: as ``conv2d_forward``, and if dout has not the shape of the layer's output.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, equations 9.11 and 9.13;
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016, chapter 4.
    """
    raise NotImplementedError("conv2d_backward: yours to write")


# --- 2.3 The gradient with respect to the bias (1 point) -----------------------------------------
# Nothing new to write: see the functions above.

# --- 2.4 The forward pass (3 points) -------------------------------------------------------------
# Rule: write the convolution yourself, without the convolutions of torch, NumPy and SciPy.


def conv2d_forward(
    x: torch.Tensor,
    w: torch.Tensor,
    b: torch.Tensor,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> torch.Tensor:
    """Two-dimensional convolution layer (cross-correlation plus bias), zero padding on all sides.

    The hyper-parameters hold for both axes. Height and width, and the two kernel sizes, may
    differ. Rows and columns of x that no kernel position reaches are ignored. With ``groups`` = Q,
    the channels are cut into Q consecutive blocks and block q of the output sees block q of x only.

    Shapes:
        x: (N, C, H, W); w: (O, C / groups, K_H, K_W); b: (O,).
        Returns (N, O, H_out, W_out), with H_out and W_out as in ``torch.nn.Conv2d``.

    Raises:
        ValueError: if a hyper-parameter is out of range, the channels do not fit ``groups``, or
            the dilated kernel is larger than the padded input.

    Source:
        Dumoulin and Visin, "A guide to convolution arithmetic for deep learning", 2016,
        relationships 6 and 15; torch.nn.Conv2d.
    """
    raise NotImplementedError("conv2d_forward: yours to write")


# --- 2.5 The gradient with respect to the kernel (3 points) --------------------------------------
# Nothing new to write: see the functions above.
# Rule: write the convolution yourself, without the convolutions of torch, NumPy and SciPy.

# --- 3.1 The forward pass (3 points) -------------------------------------------------------------
# Rule: write the normalisation yourself, without the normalisation layers and functions of torch.


def batchnorm_forward(
    x: torch.Tensor, gamma: torch.Tensor, beta: torch.Tensor, eps: float = 1e-5
) -> tuple[torch.Tensor, Any]:
    """Normalise every feature over the mini-batch, then scale and shift it (training mode).

    Mean and variance are those of the mini-batch, one pair per feature. The variance is the biased
    one (divided by N), and ``eps`` stands inside the square root.

    Shapes:
        x: (N, D) with N >= 2; gamma, beta: (D,).
        Returns ``(out, cache)``: out is (N, D); cache is whatever ``batchnorm_backward`` needs.

    Raises:
        ValueError: if N < 2, because the batch variance would carry no information.

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, Algorithm 1.
    """
    raise NotImplementedError("batchnorm_forward: yours to write")


# --- 3.1a The gradient with respect to the input (4 points) --------------------------------------


def batchnorm_backward(
    dout: torch.Tensor, cache: Any
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients of a scalar loss through ``batchnorm_forward``.

    Mean and variance depend on every row of x: the gradient includes both paths. Gradients have
    the shape of the variable they belong to (denominator layout).

    Shapes:
        dout: (N, D), the gradient of the loss with respect to ``out``; cache: as returned by
        ``batchnorm_forward``.
        Returns ``(dx, dgamma, dbeta)``: (N, D), (D,), (D,).

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, section 3 (the unnumbered chain-rule
        equations).
    """
    raise NotImplementedError("batchnorm_backward: yours to write")


# --- 3.1b The gradient with respect to the scale (1 point) ---------------------------------------
# Nothing new to write: see the functions above.

# --- 3.1c The gradient with respect to the shift (1 point) ---------------------------------------
# Nothing new to write: see the functions above.

# --- 3.1d Inference with running statistics (1 point) --------------------------------------------
# Rule: write the normalisation yourself, without the normalisation layers and functions of torch.


def batchnorm_inference(
    x: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    running_mean: torch.Tensor,
    running_var: torch.Tensor,
    eps: float = 1e-5,
) -> torch.Tensor:
    """Normalise with stored statistics instead of those of the mini-batch (inference mode).

    Every row is treated on its own, so a batch of one row is legal. ``running_var`` is a variance,
    not a standard deviation, and ``eps`` stands inside the square root.

    Shapes:
        x: (N, D); gamma, beta, running_mean, running_var: (D,). Returns (N, D).

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, Algorithm 2, line 11.
    """
    raise NotImplementedError("batchnorm_inference: yours to write")
