"""Machine learning, homework 5: convolution layers, batch normalisation, a CNN on CIFAR-10.

The questions stand in coms573_hw5.ipynb. Write the functions and type the answers below: keep
their names and the order of their arguments, the rest is yours. Check yourself with `pytest` in
this folder; README.md says more.
"""

from typing import Any

import torch
from torch import nn

# --- 1a Parameters (2 points) --------------------------------------------------------------------

params = ""  # both layers, no biases: a whole number

params_with_biases = ""  # both layers, one bias for each output channel: a whole number

# --- 1b Multiply-adds (5 points) -----------------------------------------------------------------

size_1 = ""  # height after layer 1: a whole number

macs_1 = ""  # layer 1: a whole number

size_2 = ""  # height after layer 2: a whole number

macs_2 = ""  # layer 2: a whole number

macs_total = ""  # both layers: a whole number

# --- 1c Memory (4 points) ------------------------------------------------------------------------

values_1 = ""  # numbers in the map after layer 1: a whole number

values_2 = ""  # numbers in the map after layer 2: a whole number

# memory after layer 1 / memory of the input map: a number, 2 significant digits or more
memory_ratio_1 = ""

# memory after layer 2 / memory of the input map: a number, 2 significant digits or more
memory_ratio_2 = ""

# --- 2a Mean, variance, normalised values (4 points) ---------------------------------------------

bn_means = ""  # means, a column [[...], [...], [...]]: a formula

bn_variances = ""  # variances, a column [[...], [...], [...]]: a formula

bn_normalised = ""  # normalised values, 3 rows [[...], [...], [...]]: a formula

# --- 2b Scale and shift (2 points) ---------------------------------------------------------------

bn_output = ""  # output, 3 rows [[...], [...], [...]]: a formula

# --- 2c.1 The layer in both modes (4 points) -----------------------------------------------------


def batchnorm_layer(
    x: torch.Tensor,
    gamma: torch.Tensor,
    beta: torch.Tensor,
    running_mean: torch.Tensor,
    running_var: torch.Tensor,
    training: bool,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """One call of a batch normalisation layer, in training or at test time.

    The running statistics are exponential moving averages, and ``momentum`` is the weight of the
    new value (torch's convention). Inside ``out`` stands the biased variance of the mini-batch, in
    ``running_var`` the unbiased one. No argument is changed in place. ``eps`` stands inside the
    root.

    Shapes:
        x: (N, D), in training with N >= 2; gamma, beta, running_mean, running_var: (D,).
        Returns ``(out, running_mean, running_var)``: the output (N, D), and the running statistics
        after this call, (D,) each.

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, Algorithms 1 and 2;
        torch.nn.BatchNorm1d.
    """
    raise NotImplementedError("batchnorm_layer: yours to write")


# --- 2c.2 In words (1 point) ---------------------------------------------------------------------

train_and_test = ""  # what differs, and why: a sentence or two, read by a person

# --- 2d.1 The size of the batch (3 points) -------------------------------------------------------

batch_mean_variance = ""  # variance of the mean of a mini-batch: a formula in sigma, m, sigma2

# expectation of the biased variance of a mini-batch: a formula in sigma, m, sigma2
batch_variance_mean = ""

larger_batches_scatter_more = ""  # the claim: true or false

# --- 2d.2 A table (2 points) ---------------------------------------------------------------------


def batch_scatter(x: torch.Tensor, sizes: list[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """How much the statistics of mini-batches of several sizes scatter.

    For each batch size m, ``x`` is cut, in its order, into batches of m values; m divides their
    number.

    Shapes:
        x: (n,); sizes: S whole numbers.
        Returns ``(between, within)``, (S,) each: the mean over the batches of the squared distance
        of a batch's mean from the mean of x, and the mean of the batches' biased variances.

    Source:
        The law of total variance: for every m, between + within is the variance of x.
    """
    raise NotImplementedError("batch_scatter: yours to write")


# --- 3a The matrix (2 points) --------------------------------------------------------------------

conv_A = ""  # A as [[...], [...], ...], entries w1, w2, w3 and 0: a formula in w1, w2, w3

# --- 3b Its backward pass (1 point) --------------------------------------------------------------

conv_B = ""  # B in terms of A: a formula in A

# --- 3c.1 Is that a convolution? (3 points) ------------------------------------------------------

dx_is_convolution = ""  # the claim: true or false

dx_is_convolution_why = ""  # why: a sentence or two, read by a person

# the kernel as a matrix of one row, [[...]], or 0 if there is none: a formula in w1, w2, w3, A
dx_kernel = ""

# --- 3c.2 In code (2 points) ---------------------------------------------------------------------


def conv_rows_input_grad(dy: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
    """Input gradient of the layer Y_np = sum_k w_k X_n,p+k, k = 0, ..., K - 1: one kernel for all rows.

    Stride 1, no padding, no bias; the kernel is not flipped in the forward pass.

    Shapes:
        dy: (N, L - K + 1), the gradient of the loss with respect to Y; w: (K,).
        Returns dx, the gradient with respect to X, of shape (N, L).

    Source:
        Goodfellow, Bengio and Courville, Deep Learning, section 9.5.
    """
    raise NotImplementedError("conv_rows_input_grad: yours to write")


# --- 4a.1 The base network (3 points) ------------------------------------------------------------


def make_cnn(
    channels: int,
    height: int,
    width: int,
    classes: int,
    batchnorm: bool = False,
    drop_prob: float = 0.0,
) -> nn.Module:
    """A fresh network for images of ``channels`` x ``height`` x ``width``.

    Two blocks of: convolution 3 x 3 with padding 1, to 8 and then 16 channels; with ``batchnorm``,
    batch normalisation of each channel; ReLU; max pooling 2 x 2 with stride 2, which leaves out a
    last row or column that is alone. Then flattened; fully connected to 24 units, ReLU, dropout
    with the probability ``drop_prob`` of dropping a unit; fully connected to ``classes`` logits.
    All layers have a bias, except a convolution that batch normalisation follows. Initialisation is
    torch's default.

    Shapes:
        The network takes (N, channels, height, width) and returns logits, (N, classes).

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, section 3.2;
        Srivastava et al., "Dropout", JMLR 2014.
    """
    raise NotImplementedError("make_cnn: yours to write")


# --- 4a.2 Training (3 points) --------------------------------------------------------------------


def train_steps(
    network: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    batches: list[list[int]],
    lr: float,
) -> torch.Tensor:
    """Train a network in place, in training mode: one step for each mini-batch, in the given order.

    The loss is the mean cross-entropy of the logits; the optimizer is stochastic gradient descent
    with the learning rate ``lr`` and momentum 0.9, v = 0.9 v + gradient, w = w - lr v, with v = 0
    before the first step of this call.

    Shapes:
        images: (N, C, H, W); labels: (N,), whole numbers; batches: K lists of indices of images.
        Returns the K losses, each before its step, shape (K,).

    Source:
        torch.optim.SGD.
    """
    raise NotImplementedError("train_steps: yours to write")


# --- 4a.3 Prediction (1 point) -------------------------------------------------------------------


def predict(network: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Logits at test time: batch normalisation with its running statistics, no dropout.

    The network may come in either mode. What it has learnt and gathered stays as it is.

    Shapes:
        x: (N, C, H, W). Returns (N, classes), without a graph for gradients.

    Source:
        torch.nn.Module.eval.
    """
    raise NotImplementedError("predict: yours to write")


# --- 4a.4 The base network (3 points) ------------------------------------------------------------


def training_report() -> tuple[Any, ...]:
    """The logs of your three runs, and what they show.

    Returns sizes, base_log, base_gap, batchnorm_log, batchnorm_gap, batchnorm_train,
    batchnorm_test, dropout_log, dropout_gap, dropout_train, dropout_test: in this order, or as a
    dictionary with these keys.

    Shapes:
        sizes: two whole numbers. A log: (epochs, 2), training and test accuracy in percent. A gap:
        one number, in percent points. The others: "rose", "fell" or "same". None for what you do
        not have.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, sections 5.2 and 7.12.
    """
    raise NotImplementedError("training_report: yours to write")


base_words = ""  # what the log shows: a sentence or two, read by a person

# --- 4b.1 With batch normalisation (4 points) ----------------------------------------------------
# Nothing new to write: see the functions above.

# --- 4b.2 With batch normalisation (3 points) ----------------------------------------------------

batchnorm_words = ""  # what the log shows: a sentence or two, read by a person

# --- 4c.1 With dropout (4 points) ----------------------------------------------------------------
# Nothing new to write: see the functions above.

# --- 4c.2 With dropout (3 points) ----------------------------------------------------------------

dropout_words = ""  # what the log shows: a sentence or two, read by a person

# --- 4d A run of our own (2 points) --------------------------------------------------------------
# Nothing new to write: see the functions above.

# --- 4e Which network to report (1 point) --------------------------------------------------------


def choose_epoch(validation: torch.Tensor, test: torch.Tensor) -> tuple[int, torch.Tensor]:
    """Which epoch's network to keep, and what to report of it.

    Kept is the network of the epoch that is best on the validation set, the earliest one if several
    are equally good. Reported is how many test images this network classifies rightly.

    Shapes:
        validation, test: (K,), whole numbers: images classified rightly after each epoch. Returns
        the epoch, counted from 0, and the number to report.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 5.3.1.
    """
    raise NotImplementedError("choose_epoch: yours to write")
