"""Deep neural networks, homework 4: dropout, gradients in a CNN, inductive bias, memory.

The questions stand in eecs182_hw4.ipynb. Write the functions and type the answers below: keep
their names and the order of their arguments, the rest is yours. Check yourself with `pytest` in
this folder; README.md says more.
"""

import torch

# --- 1a Least squares (4 points) -----------------------------------------------------------------

ols_formula = ""  # the shortest weights of least loss: a formula in y, X

ols_w1 = ""  # w1: a number, 3 significant digits or more

ols_w2 = ""  # w2: a number, 3 significant digits or more


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
    raise NotImplementedError("least_norm_weights: yours to write")


# --- 1b Gradient descent (4 points) --------------------------------------------------------------

descent_parameters = ""  # trained parameters: a whole number

descent_w1 = ""  # w1 after convergence: a number, 3 significant digits or more

descent_w2 = ""  # w2 after convergence: a number, 3 significant digits or more


def descend(x: torch.Tensor, y: float, learning_rate: float, steps: int) -> torch.Tensor:
    """Weights after gradient descent from 0 on the loss (sum_j w_j x_j - y)^2, without dropout.

    There is no bias.

    Shapes:
        x: (D,); steps: how many steps are made, at least 0. Returns (D,).

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 4.3.
    """
    raise NotImplementedError("descend: yours to write")


# --- 1c Dropout as a table of data (5 points) ----------------------------------------------------

masked_rows = ""  # 4 rows [[...], [...], [...], [...]]: a formula

table_w1 = ""  # w1 for the table: a number, 3 significant digits or more

table_w2 = ""  # w2 for the table: a number, 3 significant digits or more


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
    raise NotImplementedError("dropout_rows: yours to write")


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
    raise NotImplementedError("dropout_minimiser: yours to write")


# --- 1d Training with dropout (3 points) ---------------------------------------------------------


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
    raise NotImplementedError("masked_descent: yours to write")


def dropout_runs() -> tuple[torch.Tensor, torch.Tensor]:
    """The weights that your own two runs ended with.

    Returns small_batch and large_batch, in this order, or as a dictionary with these keys.

    Shapes:
        small_batch, large_batch: (2,), the weights w1 and w2 after training with dropout in batches
        of 1 and of 1024. None for what you do not have.

    Source:
        Srivastava et al., "Dropout", JMLR 15, 2014, section 10.
    """
    raise NotImplementedError("dropout_runs: yours to write")


# --- 1e Larger batches (4 points) ----------------------------------------------------------------


def mean_weights(
    x: torch.Tensor, y: float, drop_prob: float, learning_rate: float, steps: int
) -> torch.Tensor:
    """The mean over all masks of what ``masked_descent`` returns, whatever the size of its batches.

    Shapes:
        x: (D,); drop_prob in (0, 1); steps: how many steps are made. Returns (D,).

    Source:
        EECS182 (Berkeley), homework 4, question 1; derived in derivations/two_weights.py.
    """
    raise NotImplementedError("mean_weights: yours to write")


least_loss = ""  # the least mean loss: a number, 3 significant digits or more

batch_words = ""  # how the curves differ, and why: a sentence or two, read by a person

# --- 1f Who contributes what (4 points) ----------------------------------------------------------

plain_weight_ratio = ""  # w1/w2 without dropout: a number

plain_share_ratio = ""  # shares without dropout: a number

dropout_weight_ratio = ""  # w2/w1 with dropout: a number

dropout_share_ratio = ""  # shares with dropout: a number

w2_alone = ""  # w2 where x1 is dropped: a number, 3 significant digits or more

w1_alone = ""  # w1 where x2 is dropped: a number, 3 significant digits or more

# --- 1g All rates of dropping (4 points) ---------------------------------------------------------

w1_of_p = ""  # w1: a formula in p

w2_of_p = ""  # w2: a formula in p

w1_limit = ""  # limit of w1: a number, 3 significant digits or more

w2_limit = ""  # limit of w2: a number, 3 significant digits or more

one_minimiser_without = ""  # exactly one pair: true or false

why_jump = ""  # why the weights jump at p = 0: a sentence or two, read by a person

# --- 1h Adam (2 points) --------------------------------------------------------------------------

adam_w1 = ""  # Adam's w1 without dropout: a number

adam_w2 = ""  # Adam's w2 without dropout: a number

same_at_half = ""  # the same weights at p = 1/2: true or false

# where Adam and SGD end apart: one of: nowhere, only at p = 0, everywhere but p = 1/2, everywhere
where_adam_differs = ""

# --- 1i.1 Writing the label into an image (2 points) ---------------------------------------------


def add_leak(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Images with their labels written into the last four pixels of their last row.

    The label's four binary digits stand there from left to right, the digit for 8 first: in channel
    0 each digit times 3, in every other channel 1 less the digit, times 3. All other pixels stay as
    they are, and so does x.

    Shapes:
        x: (N, C, H, W) with W at least 4; y: (N,), whole numbers from 0 to 15. Returns the shape of
        x.

    Source:
        EECS182 (Berkeley), homework 4, question 1 (i).
    """
    raise NotImplementedError("add_leak: yours to write")


# --- 1i.2 What dropout does (2 points) -----------------------------------------------------------

# the network that has learned more of the images: without dropout or with dropout
learned_more = ""

chance_percent = ""  # accuracy of guessing, in percent: a number

nine_classes = ""  # accuracy without one class, in percent: a number

leak_words = ""  # your runs, and why dropout helps: a sentence or two, read by a person

# --- 2a.1 Two expectations, entry by entry (2 points) --------------------------------------------

expected_entry = ""  # E[P_ij], with x = X_ij: a formula in p, x

gram_diagonal = ""  # E[(P^T P)_ij] for i = j, with g = (X^T X)_ij: a formula in p, g

gram_off_diagonal = ""  # E[(P^T P)_ij] for i != j, with g = (X^T X)_ij: a formula in p, g

# --- 2a.2 The expectation as a matrix (1 point) --------------------------------------------------


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


# --- 2a.3 The expected loss (2 points) -----------------------------------------------------------


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


# --- 2b.1 The Tikhonov matrix (2 points) ---------------------------------------------------------

tikhonov_factor = ""  # c in Gamma = c * Gamma_hat: a formula in p

w_from_w_hat = ""  # w: a formula in p, w_hat

# --- 2b.2 The regularised solution (2 points) ----------------------------------------------------


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


# --- 2c The ridge problem with factor 1 (2 points) -----------------------------------------------

w_tilde_plain = ""  # w_tilde for lam = 1: a formula in Gamma, w

x_tilde_plain = ""  # X_tilde for lam = 1: a formula in X, Gamma

# --- 2d The columns of the rescaled data (3 points) ----------------------------------------------

alpha_count = ""  # the number of alphas: a formula in N, d

gamma_hat_entry = ""  # Gamma_hat_jj in the entries of X: a formula in N, d, X, j

column_norm = ""  # the length of column j of X_tilde: a formula in p, lam

# what the rescaling has in common with batch normalisation, and what not: a sentence or two, read
# by a person
like_batchnorm = ""

# --- 3a.1 The gradient of a kernel (2 points) ----------------------------------------------------

kernel_grad = ""  # dL/dw_hl in x, dy, n, k, h and l: a formula in n, k, x, dy, h, l

sgd_step = ""  # w after the step: a formula in w, dw, eta

# --- 3a.2 The gradient with respect to the input (3 points) --------------------------------------
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


# --- 3a.3 The gradient with respect to the kernel (3 points) -------------------------------------
# Nothing new to write: see the functions above.
# Rule: write the convolution yourself, without the convolutions of torch, NumPy and SciPy.

# --- 3a.4 The gradient with respect to the bias (1 point) ----------------------------------------
# Nothing new to write: see the functions above.

# --- 3b How large it is (4 points) ---------------------------------------------------------------

grad_mean = ""  # the mean: one of: zero, above zero, below zero

grad_variance = ""  # the variance: a formula in n, k, s_x, s_g

# how the standard deviation grows: one of: like its root, like n, like its square, not at all
std_growth = ""


def weight_gradient_std(
    image_size: int, kernel_size: int, input_std: float, gradient_std: float
) -> float:
    """The standard deviation of every entry of a convolution's weight gradient.

    One channel, stride 1, no padding. Inputs and upstream gradients are independent, with mean 0
    and the given standard deviations.

    Shapes:
        image_size: side n of the square image; kernel_size: side k of the square kernel, at most n.
        Returns a number.

    Raises:
        ValueError: if the kernel does not fit the image.

    Source:
        EECS182 (Berkeley), homework 4, question 3; derived in derivations/conv_variance.py.
    """
    raise NotImplementedError("weight_gradient_std: yours to write")


# --- 3c Pooling (6 points) -----------------------------------------------------------------------

max_largest = ""  # the largest pixel, max pooling: a formula in dy

max_sum = ""  # all four pixels, max pooling: a formula in dy

avg_any = ""  # any pixel, average pooling: a formula in dy


def maxpool2d_input_grad(
    dout: torch.Tensor, x: torch.Tensor, kernel: tuple[int, int], stride: int, padding: int = 0
) -> torch.Tensor:
    """The gradient of a scalar loss with respect to the input of max pooling.

    Padding on every side is never the largest. Where several entries of a window are, any share of
    its gradient may go to each of them.

    Shapes:
        dout: (N, C, H_out, W_out), the gradient of the loss with respect to the layer's output;
        x: (N, C, H, W), the layer's input; kernel: (K_H, K_W), the size of a window.
        Returns dx: (N, C, H, W).

    Source:
        torch.nn.MaxPool2d; Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3.
    """
    raise NotImplementedError("maxpool2d_input_grad: yours to write")


def avgpool2d_input_grad(
    dout: torch.Tensor, x: torch.Tensor, kernel: tuple[int, int], stride: int, padding: int = 0
) -> torch.Tensor:
    """The gradient of a scalar loss with respect to the input of average pooling.

    Padding on every side counts as zeros.

    Shapes:
        dout: (N, C, H_out, W_out), the gradient of the loss with respect to the layer's output;
        x: (N, C, H, W), the layer's input; kernel: (K_H, K_W), the size of a window.
        Returns dx: (N, C, H, W).

    Source:
        torch.nn.AvgPool2d; Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3.
    """
    raise NotImplementedError("avgpool2d_input_grad: yours to write")


# --- 3d Max or average (1 point) -----------------------------------------------------------------

pooling_compared = ""  # what speaks for each of them: a sentence or two, read by a person

# --- 4a What filters look like (2 points) --------------------------------------------------------

cnn_params = ""  # trained parameters: a whole number

mlp_params = ""  # trained parameters: a whole number

filters_words = ""  # what the filters show: a sentence or two, read by a person

# --- 4b.1 Learned, untrained and edge-detecting kernels (2 points) -------------------------------


def kernel_orientation(kernels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """How much kernels respond to edges of either direction.

    A kernel for horizontal edges has rows that differ from each other, one for vertical edges
    columns that do.

    Shapes:
        kernels: (F, K_H, K_W). Returns ``(rows, columns)``, each (F,): for each kernel the variance
        of the means of its rows and that of the means of its columns, variances with divisor K_H
        and K_W.

    Source:
        Montgomery, "Design and Analysis of Experiments", section 5.3 (effects of rows and columns).
    """
    raise NotImplementedError("kernel_orientation: yours to write")


kernels_words = ""  # how the kernels compare: a sentence or two, read by a person

# --- 4b.2 Frozen kernels (2 points) --------------------------------------------------------------

frozen_trained = ""  # trained parameters: a whole number

culprit = ""  # what costs: the initial kernels or the freezing

frozen_words = ""  # why: a sentence or two, read by a person

# --- 4c.1 How long to train (3 points) -----------------------------------------------------------


def edge_report() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The logs of your two networks.

    Returns sizes, cnn_log, mlp_log: in this order, or as a dictionary with these keys.

    Shapes:
        sizes: the numbers of training images and of other images. A log: (epochs, 2), accuracy on
        the training images and on the others in percent. None for what you do not have.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, sections 5.2 and 9.4.
    """
    raise NotImplementedError("edge_report: yours to write")


epochs_words = ""  # epochs in each part, and what came out: a sentence or two, read by a person

# --- 4c.2 The kernels of the trained network (1 point) -------------------------------------------

learned_words = ""  # what they look like: a sentence or two, read by a person

# --- 4c.3 Accuracy and loss rise together (2 points) ---------------------------------------------

loss_before = ""  # mean cross-entropy before: a number, 3 significant digits or more

loss_after = ""  # mean cross-entropy after: a number, 3 significant digits or more

why_loss_rises = ""  # why both rise: one of: overconfidence, underfitting, too few epochs

# --- 4c.4 Hyper-parameters (1 point) -------------------------------------------------------------

tuning_words = ""  # hyper-parameters and accuracies: a sentence or two, read by a person

# --- 4c.5 How much more data (2 points) ----------------------------------------------------------

data_factor = ""  # times as many images: a whole number

mlp_learns = ""  # what the MLP does: memorize or generalize

# --- 4d Edges in other places (4 points) ---------------------------------------------------------


def confusion_matrix(labels: torch.Tensor, predicted: torch.Tensor, classes: int) -> torch.Tensor:
    """How often each class is taken for each class.

    Shapes:
        labels, predicted: (N,), whole numbers from 0 to classes - 1. Returns (classes, classes): in
        row i and column j the number of examples of class i that are predicted as class j.

    Source:
        Murphy, "Machine Learning: A Probabilistic Perspective", section 5.7.2.
    """
    raise NotImplementedError("confusion_matrix: yours to write")


shifted_accuracy = ""  # the MLP's accuracy: a number, 3 significant digits or more

vertical_taken_for = ""  # what vertical edges are taken for: one of: horizontal, vertical, none

mlp_learned = ""  # what misleads the MLP: shapes or places

shift_words = ""  # why they fail or not: a sentence or two, read by a person

# --- 4e.1 The same pixels in another order (2 points) --------------------------------------------


def permute_first_layer(weight: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """The weights with which an MLP gives for images with permuted pixels what it gave before.

    Let W be the first layer's weights and x an image, its pixels in one row. The result W' has
    W' x' = W x for every x, where x' = x[order] is the image with permuted pixels.

    Shapes:
        weight: (units, pixels); order: (pixels,), each of the numbers from 0 to pixels - 1 once.
        Returns (units, pixels).

    Source:
        LeCun, Bottou, Bengio and Haffner 1998, section II.A (a fixed order of inputs).
    """
    raise NotImplementedError("permute_first_layer: yours to write")


who_suffers = ""  # who suffers: one of: the CNN, the MLP, both, neither

# --- 4e.2 Larger kernels (2 points) --------------------------------------------------------------

full_kernel = ""  # side of the kernel: a whole number

with_larger_kernels = ""  # the CNN's accuracy: increase or decrease

# --- 4e.3 Kernels for permuted pixels (1 point) --------------------------------------------------

permuted_kernels = ""  # what they look like: like edge detectors or without structure

# --- 4f Max or average pooling (3 points) --------------------------------------------------------

welch_t = ""  # the statistic, two digits: a number, 2 significant digits or more

better_pooling = ""  # the better one: one of: max, average, not decided

pooling_words = ""  # what speaks for each: a sentence or two, read by a person

# --- 5a.1 The model (3 points) -------------------------------------------------------------------

resnet_params = ""  # trainable parameters, 10 classes: a whole number

resnet_bytes = ""  # bytes: a whole number

resnet_mb = ""  # MB: a number, 3 significant digits or more

resnet_mib = ""  # MiB: a number, 3 significant digits or more

# --- 5a.2 The card (2 points) --------------------------------------------------------------------

card_mb = ""  # MB of 15360 MiB: a number, 3 significant digits or more

context_mib = ""  # MiB beside the parameters: a number, 3 significant digits or more

# --- 5b.1 Optimizers (4 points) ------------------------------------------------------------------

momentum_state = ""  # bytes of the state of SGD with momentum: a whole number

adam_state = ""  # bytes of Adam's state: a whole number

sgd_mb = ""  # MB, plain SGD: a number, 3 significant digits or more

momentum_mb = ""  # MB, SGD with momentum: a number, 3 significant digits or more

adam_mb = ""  # MB, Adam: a number, 3 significant digits or more

most_memory = ""  # which needs most memory: one of: sgd, momentum, adam

# --- 5b.2 Your own readings (1 point) ------------------------------------------------------------

# readings for the three optimizers, and why they differ from your numbers: a sentence or two, read
# by a person
own_readings = ""

# --- 5c.1 The size of the batch (3 points) -------------------------------------------------------

per_image_mib = ""  # MiB for each image: a number, 3 significant digits or more

fixed_mib = ""  # MiB at any size: a number, 3 significant digits or more

largest_batch = ""  # images that fit: a whole number

doubling = ""  # does twice the batch need twice the memory?: true or false

# --- 5c.2 Your own batches (1 point) -------------------------------------------------------------

# memory by batch, the largest batch, time and training: a sentence or two, read by a person
own_batches = ""

# --- 5c.3 In code (4 points) ---------------------------------------------------------------------


def parameter_bytes(parameters: list[torch.Tensor]) -> int:
    """The bytes that the entries of tensors take, each tensor in its own dtype.

    Shapes:
        parameters: tensors of any shapes and dtypes. Returns a whole number of bytes.

    Source:
        PyTorch documentation, torch.Tensor.
    """
    raise NotImplementedError("parameter_bytes: yours to write")


def held_by_training(
    shapes: list[list[int]], optimizer: str, bytes_per_value: int = 4
) -> tuple[int, int, int]:
    """The bytes that training holds for the parameters after its first step.

    Shapes:
        shapes: the shape of each trained tensor, [] for a single number. optimizer: "sgd" (without
        momentum), "momentum" (SGD with momentum) or "adam". Adam's step counters, one of 4 bytes
        for each tensor, count as well. Returns the bytes of the parameters, of their gradients, and
        of the optimizer's state, three whole numbers.

    Source:
        Kingma and Ba, "Adam", ICLR 2015, Algorithm 1; torch.optim.SGD and torch.optim.Adam.
    """
    raise NotImplementedError("held_by_training: yours to write")


def memory_line(
    batch_sizes: torch.Tensor, readings: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The line through memory readings at several batch sizes that has the least squared error.

    Shapes:
        batch_sizes, readings: (n,), n at least 2, not all sizes equal. Returns its value at a batch
        of 0 images and its slope, two single numbers.

    Source:
        Bishop, "Pattern Recognition and Machine Learning", section 3.1.1.
    """
    raise NotImplementedError("memory_line: yours to write")
