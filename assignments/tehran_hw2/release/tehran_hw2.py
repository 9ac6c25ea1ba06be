"""Deep learning, homework 2: dropout, batch normalisation, convolutional networks, center loss.

The questions stand in tehran_hw2.ipynb. Write the functions and type the answers below: keep their
names and the order of their arguments, the rest is yours. Check yourself with `pytest` in this
folder; README.md says more.
"""

from typing import Any

import torch

# --- 1.1 Two expectations, entry by entry (2 points) ---------------------------------------------

expected_entry = ""  # E[P_ij], with x = X_ij: a formula in p, x

gram_diagonal = ""  # E[(P^T P)_ij] for i = j, with g = (X^T X)_ij: a formula in p, g

gram_off_diagonal = ""  # E[(P^T P)_ij] for i != j, with g = (X^T X)_ij: a formula in p, g

# --- 1.1b The expectation as a matrix (1 point) --------------------------------------------------


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


# --- 1.4 An ordinary ridge problem (4 points) ----------------------------------------------------


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

# --- 1.5 The columns of the rescaled data (3 points) ---------------------------------------------

alpha_count = ""  # the number of alphas: a formula in N, d

gamma_hat_entry = ""  # Gamma_hat_jj in the entries of X: a formula in N, d, X, j

column_norm = ""  # the length of column j of X_tilde: a formula in p, lam

# what the rescaling has in common with batch normalisation, and what not: a sentence or two, read
# by a person
like_batchnorm = ""

# --- 1.6 The gradient, with the noise held constant (2 points) -----------------------------------

# dJ/dw_j for one draw of delta, which is held constant: a formula in y, n, w, x, delta, j
grad_held = ""

mean_grad_held = ""  # its mean: a formula in y, n, w, x, j

# --- 1.6b The gradient, through the noise (2 points) ---------------------------------------------

# dJ/dw_j for one draw of eps, through the noise: a formula in y, n, alpha, w, x, eps, j
grad_path = ""

mean_grad_path = ""  # its mean: a formula in y, n, alpha, w, x, j

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


# --- 1.7b The penalty as a Tikhonov matrix (2 points) --------------------------------------------

gamma_entry = ""  # Gamma_kk: a formula in alpha, x_k

alpha_of_p = ""  # the alpha at which weight noise and dropout agree: a formula in p

# --- 1.8 Spatial, standard and Gaussian dropout (4 points) ---------------------------------------

spatial_unit = ""  # what spatial dropout sets to zero: one of: pixel, channel, example, nothing

standard_unit = ""  # what standard dropout sets to zero: one of: pixel, channel, example, nothing

gaussian_unit = ""  # what gaussian dropout sets to zero: one of: pixel, channel, example, nothing

why_channels = ""  # why whole channels are dropped: a sentence or two, read by a person

# --- 1.8b Dropout for images (3 points) ----------------------------------------------------------


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
    raise NotImplementedError("spatial_dropout: yours to write")


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


# --- 2.1 The weight gradient in one dimension, as a formula (2 points) ---------------------------

weight_grad_formula = ""  # dL/dW_j in dz, x, N, K and j: a formula in N, K, dz, x, j

weight_grad_operation = ""  # the operation on X: one of: correlation, flipped, padded

# --- 2.1b The weight gradient in one dimension, in code (1 point) --------------------------------
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


# --- 3.2 Why it helps (3 points) -----------------------------------------------------------------

advantage_1 = ""  # advantage 1, with its reason: a sentence or two, read by a person

advantage_2 = ""  # advantage 2, with its reason: a sentence or two, read by a person

advantage_3 = ""  # advantage 3, with its reason: a sentence or two, read by a person

depends_on_others = ""  # the output depends on the other examples: true or false

ridge_shows_it = ""  # dropout's ridge form shows that it regularises: true or false

# --- 3.3 Why it scales and shifts (3 points) -----------------------------------------------------


def identity_parameters(x: torch.Tensor, eps: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Scale and shift with which batch normalisation leaves a batch as it is.

    The layer standardises every feature of x with the biased variance, ``eps`` inside the root, and
    then multiplies by gamma and adds beta.

    Shapes:
        x: (N, D) with N >= 2. Returns ``(gamma, beta)``, each (D,).

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, section 3.
    """
    raise NotImplementedError("identity_parameters: yours to write")


# the fraction that a ReLU sets to zero: a number, 2 significant digits or more, to within 0.001
relu_fraction = ""

# what would be lost without gamma and beta: a sentence or two, read by a person
why_scale_shift = ""

# --- 3.4 Why sorted batches fail at test time (3 points) -----------------------------------------

follows = ""  # whose mean the stored mean is: one of: first batches, all batches, last batches

tracked = ""  # the spread that is stored: variance or standard deviation

why_sorted_fails = ""  # why sorted batches fail at test time: a sentence or two, read by a person

# --- 3.4b Running statistics in code (2 points) --------------------------------------------------


def running_statistics(
    batches: torch.Tensor, momentum: float = 0.1
) -> tuple[torch.Tensor, torch.Tensor]:
    """The running statistics that batch normalisation has stored after training on some batches.

    They start at mean 0 and variance 1. After each mini-batch, ``momentum`` is the weight of its
    own statistics and ``1 - momentum`` that of what was stored (torch's convention). The variance
    that is stored is the unbiased one, divided by N - 1.

    Shapes:
        batches: (T, N, D), T mini-batches of N >= 2 rows in the order of training.
        Returns ``(running_mean, running_var)``, each (D,).

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, section 3.1; torch.nn.BatchNorm1d.
    """
    raise NotImplementedError("running_statistics: yours to write")


# --- 3.4c Sorted, alternating, shuffled (4 points) -----------------------------------------------

# the variance of all values: a number, 2 significant digits or more, to within 0.01
total_variance = ""

sorted_mean = ""  # stored mean, sorted: a number, 2 significant digits or more, to within 0.01

# stored variance, sorted: a number, 2 significant digits or more, to within 0.01
sorted_variance = ""

# stored mean, alternating: a number, 2 significant digits or more, to within 0.01
alternating_mean = ""

# stored variance, alternating: a number, 2 significant digits or more, to within 0.01
alternating_variance = ""

# stored variance, shuffled: a number, 2 significant digits or more, to within 0.01
shuffled_variance = ""

test_value = ""  # what -3 becomes, sorted: a number, 2 significant digits or more, to within 0.01

# --- 4.1 A bias before the layer (2 points) ------------------------------------------------------

bias_needed = ""  # the bias is needed: true or false

bias_gradient_zero = ""  # the gradient of the bias is 0: true or false

beta_replaces_bias = ""  # beta can learn the shift: true or false

# --- 4.2 The scale of the weights (4 points) -----------------------------------------------------

scale_matters = ""  # the output changes: true or false

negated_output = ""  # the output at alpha = -1: a formula in y, beta

shrink = ""  # the factor of y - beta: a number, 2 significant digits or more

gradient_ratio = ""  # gradient at alpha W over that at W: a formula in alpha

step_ratio = ""  # by which factor the relative step changes: a formula in alpha

weight_angle = ""  # the angle between W and its gradient, in degrees: a whole number

# --- 4.3i A convolution layer (3 points) ---------------------------------------------------------

one_output = ""  # multiply-adds behind one output: a formula in w, h, c, k, s, c_out

places = ""  # outputs of one filter: a formula in w, h, c, k, s, c_out

conv_macs = ""  # multiply-adds of the convolution layer: a formula in w, h, c, k, s, c_out

# floating-point operations of the convolution layer: a formula in w, h, c, k, s, c_out
conv_flops = ""

# --- 4.3ii A pooling layer (2 points) ------------------------------------------------------------

average_ops = ""  # operations of average pooling: a formula in w, h, c, k, s, c_out

max_comparisons = ""  # comparisons of max pooling: a formula in w, h, c, k, s, c_out

# --- 4.3iii A layer that works entry by entry (1 point) ------------------------------------------

relu_ops = ""  # comparisons of a ReLU: a formula in w, h, c, k, s, c_out

batchnorm_macs = ""  # multiply-adds of batch normalisation: a formula in w, h, c, k, s, c_out

# --- 4.4 What a smaller map does (3 points) ------------------------------------------------------

pooled_rows = ""  # rows behind the pooling layer: a whole number

field = ""  # rows that one output of the last convolution sees: a whole number

field_without = ""  # the same without the pooling layer: a whole number

pooling_learns = ""  # max pooling has parameters: true or false

why_smaller = ""  # what smaller maps are good for: a sentence or two, read by a person

# --- 4.5 What is lost (3 points) -----------------------------------------------------------------


def pool_and_shift(x: torch.Tensor, kernel: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Max pooling of x, and of x shifted by one pixel.

    Windows hold ``kernel`` pixels and do not overlap; pixels left over at the end are dropped. The
    shift moves every pixel one place towards the end: the first place becomes 0, the last pixel is
    lost.

    Shapes:
        x: (C, L) with L >= kernel. Returns ``(before, after)``, each (C, L // kernel).

    Source:
        Zhang, "Making Convolutional Networks Shift-Invariant Again", ICML 2019, section 3.
    """
    raise NotImplementedError("pool_and_shift: yours to write")


unchanged = ""  # the probability of no change: a formula in k

moves_with_stride = ""  # the pooled map moves by one: true or false

# whether losing the place can help, and when not: a sentence or two, read by a person
why_lost = ""

# --- 4.6 A small network (1 point) ---------------------------------------------------------------

rows_seen = ""  # rows of the image that one output of layer 4 sees: a whole number

# --- 4.6b Any stack of layers (3 points) ---------------------------------------------------------


def receptive_fields(
    kernels: list[int], strides: list[int], dilations: list[int] | None = None
) -> list[int]:
    """The extent of the input that one output of each layer can see, first layer first.

    It is the distance from the first to the last position, both included, in input positions. With
    gaps between kernel taps (stride or dilation above the kernel size) not every position between
    them is used. Padding does not enter.

    Shapes:
        kernels, strides, dilations: one number for each layer; a pooling layer is a layer like any
        other. Returns as many numbers. No dilations means 1 everywhere.

    Raises:
        ValueError: if the lists differ in length or hold a number below 1.

    Source:
        Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks",
        Distill, 2019.
    """
    raise NotImplementedError("receptive_fields: yours to write")


# --- 5.1 The block (4 points) --------------------------------------------------------------------


def separable_block(
    x: torch.Tensor,
    depthwise: torch.Tensor,
    pointwise: torch.Tensor,
    stride: int = 1,
    padding: int = 0,
) -> torch.Tensor:
    """A depthwise separable convolution without biases: a depthwise one, then a pointwise one.

    The depthwise convolution has one kernel for each input channel and takes ``stride`` and
    ``padding``; the pointwise one mixes the channels of each pixel.

    Shapes:
        x: (B, M, H, W); depthwise: (M, 1, K, K); pointwise: (N, M, 1, 1).
        Returns (B, N, H_out, W_out).

    Source:
        Howard et al., "MobileNets", arXiv 1704.04861, 2017, section 3.1 and figure 2.
    """
    raise NotImplementedError("separable_block: yours to write")


groups = ""  # groups of the depthwise convolution: a formula in M, N, D_K

# weights of one output channel of the depthwise convolution: a formula in M, N, D_K
weights_per_channel = ""

# the block: its layers in order, and what each of them mixes: a sentence or two, read by a person
block_in_words = ""

# --- 5.2 Parameters (2 points) -------------------------------------------------------------------

params_separable = ""  # network A: a whole number

params_full = ""  # network B: a whole number

# --- 5.3 Multiply-adds (3 points) ----------------------------------------------------------------

map_height_1 = ""  # height after layer 1: a whole number

map_height_2 = ""  # height after layer 2: a whole number

map_height_3 = ""  # height after layer 3: a whole number

macs_separable = ""  # network A: a whole number

macs_full = ""  # network B: a whole number

# --- 5.4 Comparison (1 point) --------------------------------------------------------------------

params_saving = ""  # parameters of B over those of A: a number, 2 significant digits or more

macs_saving = ""  # multiply-adds of B over those of A: a number, 2 significant digits or more

# --- 5.5 The ratio for any layer (2 points) ------------------------------------------------------

separable_ratio = ""  # separable over full, for any layer: a formula in D_K, M, N, D_F

# --- 5.6 Width and resolution multipliers (3 points) ---------------------------------------------

# with both multipliers over without: a formula in alpha, rho, D_K, M, N, D_F
multiplier_ratio = ""

alpha_limit = ""  # with alpha alone, for many output channels: a formula in alpha

rho_alone = ""  # with rho alone: a formula in rho

rho_and_parameters = ""  # with a smaller rho the layer has fewer parameters: true or false

# --- 6.1 Center loss and clustering (3 points) ---------------------------------------------------

argmin_is_loss = ""  # the arg min is a loss: true or false

same_as_kmeans = ""  # training with the center loss is k-means: true or false

classes_uncoupled = ""  # nothing in the center loss moves classes apart: true or false

# center loss and k-means: what they have in common, and what not: a sentence or two, read by a
# person
like_clustering = ""

# --- 6.2a The gradient with respect to the features (2 points) -----------------------------------


def center_loss_feature_grad(
    features: torch.Tensor, centers: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Gradient of the center loss with respect to the features.

    Shapes:
        features: (N, D); centers: (K, D); labels: (N,), integers in 0 .. K - 1.
        Returns dfeatures: (N, D).

    Source:
        Wen, Zhang, Li and Qiao, "A Discriminative Feature Learning Approach for Deep Face
        Recognition", ECCV 2016, equation 2 (the loss).
    """
    raise NotImplementedError("center_loss_feature_grad: yours to write")


# --- 6.2b The gradient with respect to the weights (2 points) ------------------------------------


def center_loss_weight_grad(
    inputs: torch.Tensor, weight: torch.Tensor, centers: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Gradient of the center loss with respect to W, when feature i is W times input i.

    Shapes:
        inputs: (N, M); weight: (D, M); centers: (K, D); labels: (N,), integers in 0 .. K - 1.
        Returns dweight: (D, M).

    Source:
        Wen, Zhang, Li and Qiao, "A Discriminative Feature Learning Approach for Deep Face
        Recognition", ECCV 2016, equation 2 (the loss).
    """
    raise NotImplementedError("center_loss_weight_grad: yours to write")


# --- 6.2c The gradient with respect to the centers (3 points) ------------------------------------


def center_loss_center_grad(
    features: torch.Tensor, centers: torch.Tensor, labels: torch.Tensor
) -> torch.Tensor:
    """Gradient of the center loss with respect to the centers.

    Shapes:
        features: (N, D); centers: (K, D); labels: (N,), integers in 0 .. K - 1, in which a class
        may occur several times or not at all.
        Returns dcenters: (K, D).

    Source:
        Wen, Zhang, Li and Qiao, "A Discriminative Feature Learning Approach for Deep Face
        Recognition", ECCV 2016, equation 2 (the loss).
    """
    raise NotImplementedError("center_loss_center_grad: yours to write")


# --- 6.3 The centers themselves (4 points) -------------------------------------------------------


def evenly_distributed_centers(n: int, dim: int) -> torch.Tensor:
    """Class centers on the unit sphere, every two of them equally far apart, as far as possible.

    Shapes:
        n: the number of classes, at least 2; dim: at least n - 1. Returns (n, dim), one center in
        each row.

    Source:
        Zhu, Zhang and Ye, "A New Loss Function for CNN Classifier Based on Pre-defined
        Evenly-Distributed Class Centroids", IEEE Access 8, 2020.
    """
    raise NotImplementedError("evenly_distributed_centers: yours to write")


distances_stay = ""  # training leaves the distances of the centers: true or false

orthogonal_is_best = ""  # orthogonal centers are furthest apart: true or false

# what fixed centers change, and how they are found: a sentence or two, read by a person
idea_in_words = ""

# --- 6.3b Centers that are fixed in advance (2 points) -------------------------------------------

simplex_cosine = ""  # the cosine between two of the n centers: a formula in n

simplex_distance = ""  # the squared distance between two of the n centers: a formula in n
