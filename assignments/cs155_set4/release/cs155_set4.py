"""Machine learning, set 4: deep learning principles, images of digits, convolutional networks.

The questions stand in cs155_set4.ipynb. Write the functions and type the answers below: keep their
names and the order of their arguments, the rest is yours. Check yourself with `pytest` in this
folder; README.md says more.
"""

from typing import Any

import torch
from torch import nn

# --- 1A.1 The gradients of one hidden layer (2 points) -------------------------------------------


def relu_net_gradients(
    x: torch.Tensor, dout: torch.Tensor, w: torch.Tensor, b: torch.Tensor, v: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients of a loss through the net f(x) = v @ relu(w @ x + b) + c, summed over the examples.

    The gradient of relu at 0 is 0. The output bias c does not enter its own gradient.

    Shapes:
        x: (N, D); dout: (N,), the gradient of the loss with respect to each output; w: (H, D);
        b: (H,); v: (H,).
        Returns dw, db, dv, dc of shapes (H, D), (H,), (H,) and ().

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.5.
    """
    raise NotImplementedError("relu_net_gradients: yours to write")


# --- 1A.2 ReLU, from zero (3 points) -------------------------------------------------------------

relu_moving = ""  # gradients that are not 0, ReLU, of 25: a whole number

relu_constant = ""  # the constant that is learnt: a number

relu_why = ""  # which gradients vanish, and why: a sentence or two, read by a person

# --- 1B.1 Sigmoid, from zero (4 points) ----------------------------------------------------------

sigmoid_moving = ""  # gradients that are not 0, sigmoid, of 25: a whole number

sigmoid_moving_2 = ""  # the same in the second step: a whole number

sigmoid_distinct = ""  # different units of the first hidden layer: a whole number

sigmoid_why = ""  # why, and what follows for the boundary: a sentence or two, read by a person

# --- 1B.2 One unit (1 point) ---------------------------------------------------------------------

sigmoid_slope = ""  # the slope in terms of the output s: a formula in s

largest_slope = ""  # the largest slope: a number

# --- 1B.3 Many layers (2 points) -----------------------------------------------------------------

sigmoid_factor = ""  # the largest derivative through L layers, sigmoid: a formula in w, L

relu_factor = ""  # the derivative through L layers, ReLU: a formula in w, L

layers_to_thousandth = ""  # layers that make it less than a thousandth: a whole number

least_weight = ""  # the weight from which on it need not shrink: a number

# --- 1B.4 In code (2 points) ---------------------------------------------------------------------


def bias_gradients(x: float, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Derivatives of the output of a chain of sigmoid units with respect to its biases.

    The chain: a_0 = x, a_l = sigmoid(w_l a_(l-1) + b_l), and the output is a_L.

    Shapes:
        x: one number; w, b: (L,). Returns (L,), the derivative of a_L with respect to b_1, ..., b_L.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.5.
    """
    raise NotImplementedError("bias_gradients: yours to write")


# --- 1B.5 Sigmoid and ReLU (2 points) ------------------------------------------------------------

straight_pieces = ""  # the net with straight pieces: relu or sigmoid

sigmoid_or_relu = ""  # which learns faster, and why: a sentence or two, read by a person

# --- 1C.1 How many units are dead (2 points) -----------------------------------------------------


def dead_fraction(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The share of the units relu(w @ x + b) that are dead on the examples x.

    A unit is dead when its pre-activation is 0 or less for every example.

    Shapes:
        x: (N, D); w: (H, D); b: (H,). Returns one number between 0 and 1.

    Source:
        Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013,
        section 2.
    """
    raise NotImplementedError("dead_fraction: yours to write")


# --- 1C.2 The order of the examples (5 points) ---------------------------------------------------


def sgd_relu_unit(
    x: torch.Tensor, y: torch.Tensor, w: torch.Tensor, b: torch.Tensor, lr: float
) -> tuple[int, torch.Tensor, torch.Tensor]:
    """Train f(x) = relu(w @ x + b) by one step for each example, in the given order.

    The loss of an example is (f(x) - y)^2 / 2. The gradient of relu at 0 is 0. The inputs are not
    changed.

    Shapes:
        x: (N, D); y: (N,); w: (D,); b: one number.
        Returns the number of steps whose gradient is exactly 0, and w and b after the last step.

    Source:
        CS155 (Caltech), problem set 4, question 1.
    """
    raise NotImplementedError("sgd_relu_unit: yours to write")


# --- 1C.3 Why the order matters (3 points) -------------------------------------------------------

after_one_step = ""  # the pre-activation after one step: a number

silent_steps = ""  # steps whose gradient is 0, of 40: a whole number

order_why = ""  # why, and when: a sentence or two, read by a person

# --- 1D.1 OR (4 points) --------------------------------------------------------------------------


def or_unit() -> tuple[torch.Tensor, torch.Tensor]:
    """A ReLU unit for OR: relu(w @ x + b) is 0 at (0, 0), and at least 1 at the other three.

    Shapes:
        Returns w, of shape (2,), and b, one number.

    Source:
        CS155 (Caltech), problem set 4, question 1.
    """
    raise NotImplementedError("or_unit: yours to write")


or_from_ones = ""  # any unit with w_1, w_2 and b of 1 or more is OR: true or false

# --- 1D.2 AND (3 points) -------------------------------------------------------------------------


def and_unit() -> tuple[torch.Tensor, torch.Tensor]:
    """A ReLU unit for AND: relu(w @ x + b) is at least 1 at (1, 1), and 0 at the other three.

    Shapes:
        Returns w, of shape (2,), and b, one number.

    Source:
        CS155 (Caltech), problem set 4, question 1.
    """
    raise NotImplementedError("and_unit: yours to write")


# --- 1E.1 XOR (5 points) -------------------------------------------------------------------------


def xor_net() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Two layers for XOR: relu(w2 @ relu(w1 @ x + b1) + b2).

    It is at least 1 at (0, 1) and (1, 0), and 0 at (0, 0) and (1, 1).

    Shapes:
        Returns w1, b1, w2, b2 of shapes (H, 2), (H,), (H,) and one number; H is yours to choose.

    Source:
        CS155 (Caltech), problem set 4, question 1.
    """
    raise NotImplementedError("xor_net: yours to write")


# --- 1E.2 How many layers XOR needs (3 points) ---------------------------------------------------

xor_layers = ""  # layers of ReLU units, the output layer included: a whole number

least_at_both = ""  # the least value at (1, 1): a number

xor_layers_why = ""  # why: a sentence or two, read by a person

# --- 2A What you work with (1 point) -------------------------------------------------------------

libraries = ""  # libraries and their versions: a sentence or two, read by a person

# --- 2B The data (4 points) ----------------------------------------------------------------------

train_images = ""  # images for training: a whole number

test_images = ""  # images for testing: a whole number

image_rows = ""  # height of an image: a whole number

image_columns = ""  # width of an image: a whole number

# what an entry stands for: one of: brightness of a pixel, amount of one colour in a pixel,
# probability of ink, class of a pixel
entry_meaning = ""

largest_entry = ""  # the largest entry that there can be: a whole number

# --- 2C.1 As tables (2 points) -------------------------------------------------------------------

input_rows = ""  # rows of the table of inputs: a whole number

input_columns = ""  # columns of the table of inputs: a whole number

target_rows = ""  # rows of the table of targets: a whole number

target_columns = ""  # columns of the table of targets: a whole number

# --- 2C.2 In code (3 points) ---------------------------------------------------------------------


def images_to_rows(images: torch.Tensor) -> torch.Tensor:
    """Each image as one row of numbers from 0 to 1.

    The pixels of an image follow each other row by row. An entry of 255 becomes 1, and one of 0 stays
    0, whatever else there is in the images.

    Shapes:
        images: (N, H, W), whole numbers from 0 to 255 (uint8). Returns (N, H W), real numbers.

    Source:
        LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998, section 4.3.
    """
    raise NotImplementedError("images_to_rows: yours to write")


def one_hot(labels: torch.Tensor, classes: int) -> torch.Tensor:
    """Each label as a row with a 1 in its own column and 0 in all others.

    There is a column for each class, also for one without an example.

    Shapes:
        labels: (N,), whole numbers from 0 to classes - 1.
        Returns (N, classes), numbers and not truth values: a loss has to compute with them.

    Source:
        Murphy, "Machine Learning: A Probabilistic Perspective", 2012, section 2.3.2.
    """
    raise NotImplementedError("one_hot: yours to write")


# --- 2D.1 A perceptron and its training (6 points) -----------------------------------------------


def make_mlp(
    features: int, hidden: list[int], classes: int, drop_probs: list[float] | None = None
) -> nn.Module:
    """A fresh multi-layer perceptron.

    Images are flattened. Then comes, for each entry of ``hidden``, a fully connected layer with so
    many units, ReLU, and dropout with the probability of dropping a unit that ``drop_probs`` has in
    the same place (without ``drop_probs``, no unit is dropped; with probability 1, all are, and
    zeros are handed on); and at the end a fully connected layer to ``classes`` logits. All layers
    have a bias. Initialisation is torch's default.

    Shapes:
        The network takes (N, 1, H, W) with H W = ``features``, and returns logits, (N, classes).

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, chapter 6.
    """
    raise NotImplementedError("make_mlp: yours to write")


def train_network(
    network: nn.Module,
    pixels: torch.Tensor,
    labels: torch.Tensor,
    batches: list[list[int]],
    lr: float,
) -> torch.Tensor:
    """Train a network in place, in training mode: one step for each mini-batch, in the given order.

    The network gets pixels divided by 255, so that they are between 0 and 1. The loss is the mean
    cross-entropy of its logits; the optimizer is Adam with the learning rate ``lr``, otherwise with
    torch's defaults, and begins anew with this call.

    Shapes:
        pixels: (N, 1, H, W), whole numbers from 0 to 255; labels: (N,), whole numbers; batches: K
        lists of indices of images. Returns the K losses, each before its step, shape (K,).

    Source:
        Kingma and Ba, "Adam", ICLR 2015, algorithm 1.
    """
    raise NotImplementedError("train_network: yours to write")


def predict(network: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """Logits at test time, for images ``x`` divided by 255: no unit is dropped.

    The network may come in either mode. What it has learnt stays as it is.

    Shapes:
        x: (N, 1, H, W), whole numbers from 0 to 255. Returns (N, classes), without a graph for
        gradients.

    Source:
        torch.nn.Module.eval.
    """
    raise NotImplementedError("predict: yours to write")


# --- 2D.2 At most 100 hidden units (4 points) ----------------------------------------------------


def make_narrow(features: int, classes: int) -> nn.Module:
    """Your network with at most 100 hidden units in all.

    Shapes:
        The network takes (N, 1, H, W) with H W = ``features``, and returns logits, (N, classes).

    Source:
        CS 155 (Caltech), set 4, question 2.
    """
    raise NotImplementedError("make_narrow: yours to write")


narrow_parameters = ""  # parameters from 784 over 60 and 40 to 10: a whole number

# --- 2E At most 200 hidden units, two hidden layers or more (4 points) ---------------------------


def make_medium(features: int, classes: int) -> nn.Module:
    """Your network with at least two hidden layers and at most 200 hidden units in all.

    Shapes:
        The network takes (N, 1, H, W) with H W = ``features``, and returns logits, (N, classes).

    Source:
        CS 155 (Caltech), set 4, question 2.
    """
    raise NotImplementedError("make_medium: yours to write")


medium_parameters = ""  # parameters from 784 over 120 and 80 to 10: a whole number

# --- 2F.1 At most 1000 hidden units, three hidden layers or more (4 points) ----------------------


def make_wide(features: int, classes: int) -> nn.Module:
    """Your network with at least three hidden layers and at most 1000 hidden units in all.

    Shapes:
        The network takes (N, 1, H, W) with H W = ``features``, and returns logits, (N, classes).

    Source:
        CS 155 (Caltech), set 4, question 2.
    """
    raise NotImplementedError("make_wide: yours to write")


wide_units = ""  # hidden units from 784 over 400, 400 and 100 to 10: a whole number

wide_parameters = ""  # parameters from 784 over 400, 400 and 100 to 10: a whole number

# --- 2F.2 A trained network, handed in (3 points) ------------------------------------------------


def make_trained(features: int, classes: int) -> nn.Module:
    """The network whose weights you hand in: one of your designs, at most 1000 hidden units in all.

    Shapes:
        The network takes (N, 1, H, W) with H W = ``features``, and returns logits, (N, classes).

    Source:
        CS 155 (Caltech), set 4, question 2.
    """
    raise NotImplementedError("make_trained: yours to write")


# --- 3A Zero padding (4 points) ------------------------------------------------------------------

rows_unpadded = ""  # rows of the output without padding: a whole number

rows_of_zeros = ""  # rows of zeros, above and below together: a whole number

# what zero padding keeps as it is: one of: height and width, number of channels, values at the
# border, cost of the layer
zero_padding_keeps = ""

zero_padding_why = ""  # one benefit and one drawback: a sentence or two, read by a person

# --- 3B Parameters (2 points) --------------------------------------------------------------------

parameters = ""  # weights and biases: a whole number

# --- 3C The output (3 points) --------------------------------------------------------------------

output_height = ""  # rows of the output: a whole number

output_width = ""  # columns of the output: a whole number

output_channels = ""  # channels of the output: a whole number

# --- 3D Average pooling (4 points) ---------------------------------------------------------------

average_1 = ""  # P_1, average pooling, [[a, b], [c, d]]: a formula

average_2 = ""  # P_2, average pooling, [[a, b], [c, d]]: a formula

average_3 = ""  # P_3, average pooling, [[a, b], [c, d]]: a formula

average_4 = ""  # P_4, average pooling, [[a, b], [c, d]]: a formula

# --- 3E.1 Max pooling (4 points) -----------------------------------------------------------------

maximum_1 = ""  # P_1, max pooling, [[a, b], [c, d]]: a formula

maximum_2 = ""  # P_2, max pooling, [[a, b], [c, d]]: a formula

maximum_3 = ""  # P_3, max pooling, [[a, b], [c, d]]: a formula

maximum_4 = ""  # P_4, max pooling, [[a, b], [c, d]]: a formula

# --- 3E.2 In code (4 points) ---------------------------------------------------------------------


def average_pool(x: torch.Tensor, kernel: tuple[int, int], stride: int) -> torch.Tensor:
    """The mean of every window of an image.

    Windows move by `stride` along both axes. Nothing is padded: where the next window would reach over
    the border, there is none.

    Shapes:
        x: (N, C, H, W); kernel: (K_H, K_W), the size of a window.
        Returns (N, C, H_out, W_out), with H_out = floor((H - K_H) / stride) + 1 and W_out alike.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3.
    """
    raise NotImplementedError("average_pool: yours to write")


def max_pool(x: torch.Tensor, kernel: tuple[int, int], stride: int) -> torch.Tensor:
    """The largest entry of every window of an image.

    Windows move by `stride` along both axes. Nothing is padded: where the next window would reach over
    the border, there is none.

    Shapes:
        x: (N, C, H, W); kernel: (K_H, K_W), the size of a window.
        Returns (N, C, H_out, W_out), with H_out = floor((H - K_H) / stride) + 1 and W_out alike.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3.
    """
    raise NotImplementedError("max_pool: yours to write")


# --- 3F What pooling is good for (6 points) ------------------------------------------------------

different_averages = ""  # different results, average pooling: a whole number

different_maxima = ""  # different results, max pooling: a whole number

noise_average = ""  # change of the largest entry, average: a number

noise_maximum = ""  # change of the largest entry, max: a number

missing_pixels = ""  # pixels that have to go missing: a whole number

why_pooling = ""  # why pooling may help: a sentence or two, read by a person

# --- 3G.1 Your network (5 points) ----------------------------------------------------------------


def make_cnn(height: int, width: int, classes: int, drop_prob: float) -> nn.Module:
    """Your convolutional network for grey images.

    It has at least one convolution, one layer of batch normalisation and one of dropout, and fewer
    than a million parameters. Every layer of dropout drops with the probability ``drop_prob``,
    which may be 0 (nothing is dropped) or 1 (everything is).

    Shapes:
        The network takes (N, 1, height, width) and returns logits, (N, classes).

    Source:
        CS 155 (Caltech), set 4, question 3.
    """
    raise NotImplementedError("make_cnn: yours to write")


# --- 3G.2 The sweep (6 points) -------------------------------------------------------------------


def sweep_report() -> tuple[Any, ...]:
    """The numbers of your runs.

    Returns images, sweep, collapsed, final_share, final_loss: in this order, or as a dictionary
    with these keys.

    Shapes:
        images: the number of test images. sweep: (runs, 2), drop_prob and the share of test images
        that are classified rightly after one epoch, from 0 to 1. collapsed: a list of those values
        of drop_prob at which the network only guesses, in any order, empty if there are none.
        final_share, final_loss: share of right test images, and their mean cross-entropy, of the
        final network.

    Source:
        CS 155 (Caltech), set 4, question 3.
    """
    raise NotImplementedError("sweep_report: yours to write")


# what worked, what the sweep shows, and the problem: a sentence or two, read by a person
sweep_words = ""

# --- 3G.3 Reading numbers (2 points) -------------------------------------------------------------

only_digit = ""  # the digit of every image: a whole number

least_loss = ""  # the least mean cross-entropy: a number, 3 significant digits or more
