"""Construct, train and optimise CNN models: LeNet-5 and ResNet-20 on CIFAR-10.

The questions stand in ece661_hw2.ipynb. Write the functions and type the answers below: keep their
names and the order of their arguments, the rest is yours. Check yourself with `pytest` in this
folder; README.md says more.
"""

from typing import Any

import torch
from torch import nn

# --- 1.1 Batch normalisation (3 points) ----------------------------------------------------------

bn_out_mean = ""  # mean of the output: a formula in gamma, b, epsilon, mu, v

bn_out_std = ""  # standard deviation of the output: a formula in gamma, b, epsilon, mu, v

bn_words = ""  # in which sense it holds: a sentence or two, read by a person

# --- 1.2a Dynamic graphs (1 point) ---------------------------------------------------------------

eager = ""  # dynamic graphs: true or false

# --- 1.2b When the graph is made (1 point) -------------------------------------------------------

# when the graph is recorded: one of: when the parameters are created, anew in each forward pass,
# in each backward pass
graph_recorded = ""

# --- 1.3 Data augmentation (2 points) ------------------------------------------------------------

augmentation_always = ""  # augmentation: true or false

augmentation_why = ""  # why: a sentence or two, read by a person

# --- 1.4 Adam's epsilon (2 points) ---------------------------------------------------------------

larger_epsilon = ""  # a larger epsilon: true or false

adam_first_step = ""  # Adam's first step: a formula in eta, g, epsilon

# --- 1.5 Two regularisers (2 points) -------------------------------------------------------------

both_ensure = ""  # both regularisers: true or false

both_words = ""  # why: a sentence or two, read by a person

# --- 1.6 Leaky ReLU (2 points) -------------------------------------------------------------------

leaky_through = ""  # behind L leaky ReLUs: a formula in g, alpha, L

leaky_words = ""  # the statement: a sentence or two, read by a person

# --- 1.7 L1 and L2 (2 points) --------------------------------------------------------------------

l1_sparser = ""  # L1 sparser than L2: true or false

l1_words = ""  # why: a sentence or two, read by a person

# --- 1.8 Depthwise separable convolutions (3 points) ---------------------------------------------

full_macs = ""  # multiply-adds, full: a formula in D_K, M, N, D_F

separable_macs = ""  # multiply-adds, separable: a formula in D_K, M, N, D_F

separable_saving = ""  # times fewer, for 3 by 3 kernels: a formula in N

saving_16 = ""  # its value at N = 16: a number, 2 significant digits or more

# --- 1.9a SqueezeNet (1 point) -------------------------------------------------------------------

squeezenet_therefore = ""  # it follows: true or false

# --- 1.9b Where SqueezeNet computes (3 points) ---------------------------------------------------

conv1_macs = ""  # multiply-adds of conv1: a whole number

conv10_macs = ""  # multiply-adds of conv10: a whole number

fire2_weights = ""  # weights of fire2: a whole number

fire2_saving = ""  # times as many: a number, 2 significant digits or more

most_macs = ""  # the larger part: conv1 to fire4 or fire5 to conv10

pooling_counts = ""  # places of pooling change the parameters: true or false

# --- 1.10a Shortcut connections (1 point) --------------------------------------------------------

shortcuts_smooth = ""  # shortcuts smooth the surface: true or false

# --- 1.10b What shortcuts do (2 points) ----------------------------------------------------------

minima_found = ""  # minima: sharper or flatter

with_shortcuts = ""  # with shortcuts: a formula in w, L

without_shortcuts = ""  # without shortcuts: a formula in w, L

# --- lab1-a.1 The network (2 points) -------------------------------------------------------------


class LeNet5(nn.Module):
    """LeNet-5 for colour images of 32 by 32 pixels and ten classes.

    Two convolutions of 5 by 5 without padding, 3 -> 6 and 6 -> 16 channels, each followed by ReLU
    and max pooling of 2 by 2 with stride 2; then fully connected layers 400 -> 120 -> 84 -> 10
    with ReLU between them. All layers have a bias, and torch's default initialisation.

    Source:
        LeCun et al., "Gradient-based learning applied to document recognition", 1998, section
        II.B, with ReLU and max pooling in place of the sigmoid and the trained subsampling.
    """

    def __init__(self) -> None:
        raise NotImplementedError("LeNet5.__init__: yours to write")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of the ten classes.

        Shapes:
            x: (N, 3, 32, 32), of the dtype of the parameters. Returns (N, 10).
        """
        raise NotImplementedError("LeNet5.forward: yours to write")


# --- lab1-a.2 The loss before training (2 points) ------------------------------------------------

first_loss_formula = ""  # the loss: a formula in C

first_loss = ""  # the loss for ten classes: a number, 3 significant digits or more

# --- lab1-a.3 The loss before training (1 point) -------------------------------------------------
# Nothing new to write: see the functions above.

# --- lab1-a.4 Logits (2 points) ------------------------------------------------------------------
# Nothing new to write: see the functions above.

# --- lab1-b.1 Means and standard deviations (2 points) -------------------------------------------


def channel_statistics(
    images: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Mean and standard deviations of each channel, of the pixels divided by 255.

    All standard deviations are biased (divided by the number of pixels).

    Shapes:
        images: (N, H, W, C), whole numbers from 0 to 255. Returns, (C,) each: the mean of all pixels
        of all images; their standard deviation; and the mean over the images of the standard
        deviation within each image.

    Source:
        torchvision.transforms.Normalize.
    """
    raise NotImplementedError("channel_statistics: yours to write")


# --- lab1-b.2 Zero mean and unit variance (4 points) ---------------------------------------------


def normalise(images: torch.Tensor, mean: torch.Tensor, std: torch.Tensor) -> torch.Tensor:
    """Images for a network: channels first, pixels divided by 255, then normalised by channel.

    ``mean`` and ``std`` are those of pixels divided by 255.

    Shapes:
        images: (N, H, W, C), whole numbers from 0 to 255; mean, std: (C,). Returns (N, C, H, W), of
        the dtype of mean.

    Source:
        torchvision.transforms.ToTensor and Normalize.
    """
    raise NotImplementedError("normalise: yours to write")


normalised = ""  # of a value between 0 and 1: a formula in x, v, mu, sigma

normalised_pixel = ""  # of a pixel: a formula in x, v, mu, sigma

normalise_words = ""  # transforms for training and validation: a sentence or two, read by a person

# --- lab1-b.3 Two sets of constants (2 points) ---------------------------------------------------

unit_variance = ""  # the set: A or B

red_std = ""  # standard deviation of red: a number, 3 significant digits or more

red_white = ""  # a red pixel of 255: a number, 3 significant digits or more

red_forgotten = ""  # without ToTensor: a number, 3 significant digits or more

# --- lab1-d Is the model on the GPU? (1 point) ---------------------------------------------------

# what shows it: one of: training runs without an error, torch.cuda.is_available() is true, nvidia-
# smi lists your process with its memory
gpu_evidence = ""

# --- lab1-e.1 A softmax too many (1 point) -------------------------------------------------------

floor_10 = ""  # the least loss: a number, 3 significant digits or more

# --- lab1-f.1 The network (4 points) -------------------------------------------------------------


class LeNet5Variant(nn.Module):
    """LeNet-5 for colour images of 32 by 32 pixels and ten classes, with options.

    Two convolutions of 5 by 5 without padding, 3 -> 6 and 6 -> 16 channels, each followed by an
    activation and max pooling of 2 by 2 with stride 2; then fully connected layers
    400 -> 120 -> 84 -> 10 with an activation between them. All five have a bias. With
    ``batchnorm``, batch normalisation stands between each of them but the last and its activation.
    Activations are ReLU, or with ``swish``, x sigmoid(x).

    Source:
        LeCun et al., "Gradient-based learning applied to document recognition", 1998, section II.B;
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, section 3.2.
    """

    def __init__(self, batchnorm: bool = False, swish: bool = False) -> None:
        raise NotImplementedError("LeNet5Variant.__init__: yours to write")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of the ten classes.

        Shapes:
            x: (N, 3, 32, 32), of the dtype of the parameters. Returns (N, 10).
        """
        raise NotImplementedError("LeNet5Variant.forward: yours to write")


# --- lab1-f.2 An epoch of training (5 points) ----------------------------------------------------


def train_epoch(
    network: nn.Module,
    images: torch.Tensor,
    labels: torch.Tensor,
    batches: list[list[int]],
    lr: float,
    momentum: float,
    weight_decay: float,
) -> tuple[float, float]:
    """Train a network in place, in training mode: one step for each mini-batch, in the given order.

    The loss of a step is the mean cross-entropy of its mini-batch. The optimizer is stochastic
    gradient descent: gradient g plus ``weight_decay`` times the parameter, for all parameters;
    then v = momentum v + that, w = w - lr v, with v = 0 before the first step of this call.

    Shapes:
        images: (N, C, H, W); labels: (N,), whole numbers; batches: lists of indices of images, each
        image in one of them, not all of one length. Returns the mean loss over the images and the
        share of images that are right, both as found in each mini-batch before its step.

    Source:
        torch.optim.SGD.
    """
    raise NotImplementedError("train_epoch: yours to write")


# --- lab1-f.3 Evaluation (2 points) --------------------------------------------------------------


def evaluate(
    network: nn.Module, images: torch.Tensor, labels: torch.Tensor, batch_size: int
) -> tuple[float, float]:
    """Mean cross-entropy and accuracy of a network at test time, batch by batch.

    Batches are of ``batch_size`` images, in order, the last one of those that are left. The network
    may come in either mode. What it has learnt and gathered stays as it is.

    Shapes:
        images: (N, C, H, W); labels: (N,), whole numbers. Returns the mean over all N images, and
        the share of them that is right.

    Source:
        torch.nn.Module.eval.
    """
    raise NotImplementedError("evaluate: yours to write")


# --- lab1-g.1 The spread of the first logits (1 point) -------------------------------------------

spread_loss = ""  # the mean loss: a formula in C, sigma

# --- lab1-g.2 The first run (4 points) -----------------------------------------------------------


def lenet_report() -> tuple[Any, ...]:
    """What came out of your runs of LeNet-5.

    Returns sizes, base_log, base_gap, augmented_log, batchnorm_log, swish_log: in this order, or as
    a dictionary with these keys.

    Shapes:
        sizes: the numbers of training and of validation images. A log: (epochs, 2), training and
        validation accuracy in percent. base_gap: one number, in percent points. None for what you
        do not have.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 5.2.
    """
    raise NotImplementedError("lenet_report: yours to write")


validation_first = ""  # validation accuracy at first: falls or rises

run_problem = ""  # the problem: one of: underfitting, overfitting, vanishing gradients

first_run_words = ""  # what the log shows: a sentence or two, read by a person

# --- lab1-h.1 Variances of the weights (4 points) ------------------------------------------------


def initial_variance(shape: list[int], scheme: str) -> float:
    """The variance of a layer's weights at the start.

    ``scheme`` is "default" (what torch draws for a new layer: uniform up to the bound
    1 / sqrt(fan_in)), "xavier" (Glorot), or "kaiming" (He, for layers behind a ReLU, with fan_in).
    Fans count the entries of a kernel as well.

    Shapes:
        shape: of the layer's weight, as in torch: [out, in] or [out, in, height, width]. Returns a
        number.

    Source:
        torch.nn.init; Glorot and Bengio 2010; He, Zhang, Ren and Sun 2015, section 2.2.
    """
    raise NotImplementedError("initial_variance: yours to write")


def kaiming_weights(draws: torch.Tensor) -> torch.Tensor:
    """A layer's weights after Kaiming-normal initialisation with fan_in, for a layer behind a ReLU.

    ``draws`` are standard normal numbers: nothing is drawn here. The result is a new tensor.

    Shapes:
        draws: the shape of the layer's weight, as in torch: (out, in) or (out, in, height, width).
        Returns that shape.

    Source:
        He, Zhang, Ren and Sun, "Delving Deep into Rectifiers", ICCV 2015, section 2.2.
    """
    raise NotImplementedError("kaiming_weights: yours to write")


# --- lab1-h.2 What an initialisation does to the logits (3 points) -------------------------------

default_logits = ""  # torch's default: a formula in q, n_in, n_out

xavier_logits = ""  # Xavier: a formula in q, n_in, n_out

kaiming_logits = ""  # Kaiming: a formula in q, n_in, n_out

# --- lab1-h.3 Kaiming's against torch's default (1 point) ----------------------------------------

kaiming_start = ""  # loss before training: one of: smaller, about the same, larger

# --- lab1-h.4 Your own runs (1 point) ------------------------------------------------------------

init_words = ""  # your own runs: a sentence or two, read by a person

# --- lab2-a.1 Random crop and flip (3 points) ----------------------------------------------------


def crop_and_flip(
    images: torch.Tensor,
    rows: torch.Tensor,
    columns: torch.Tensor,
    flips: torch.Tensor,
    padding: int,
) -> torch.Tensor:
    """Crops of padded images, some of them mirrored: image by image, by given choices.

    Each image is padded by ``padding`` zeros on all four sides. The crop has the size of the image,
    and begins at the given row and column of the padded image. Where ``flips`` is 1, it is then
    mirrored, left to right. The result is a new tensor.

    Shapes:
        images: (N, H, W, C); rows, columns: (N,), whole numbers from 0 to 2 padding; flips: (N,), 0
        or 1. Returns the shape of images.

    Source:
        torchvision.transforms.RandomCrop and RandomHorizontalFlip.
    """
    raise NotImplementedError("crop_and_flip: yours to write")


# --- lab2-a.2 Training and validation (2 points) -------------------------------------------------


def make_batch(
    images: torch.Tensor,
    mean: torch.Tensor,
    std: torch.Tensor,
    rows: torch.Tensor,
    columns: torch.Tensor,
    flips: torch.Tensor,
    padding: int,
    training: bool,
) -> torch.Tensor:
    """A mini-batch for a network: augmented for training, and as it is for validation.

    For training, the images are cropped and flipped, as by ``crop_and_flip``, and then normalised,
    as by ``normalise``. For validation they are normalised alone.

    Shapes:
        images: (N, H, W, C), whole numbers from 0 to 255; the others as there. Returns
        (N, C, H, W), of the dtype of mean.

    Source:
        torchvision.transforms.Compose.
    """
    raise NotImplementedError("make_batch: yours to write")


# --- lab2-a.3 Random crop and flip (4 points) ----------------------------------------------------

crop_places = ""  # places of the crop: a whole number

flip = ""  # the flip: vertical or horizontal

augmentation_words = ""  # options and results: a sentence or two, read by a person

# --- lab2-b.1 What batch normalisation adds (3 points) -------------------------------------------

norm_layers = ""  # layers: a whole number

norm_parameters = ""  # trained parameters: a whole number

bias_gradient = ""  # gradient of the bias: one of: as large as without, small, exactly 0

# --- lab2-b.2 Batch normalisation (3 points) -----------------------------------------------------

batchnorm_effect = ""  # the effect: one of: lower, no difference, higher

batchnorm_words = ""  # your run: a sentence or two, read by a person

# --- lab2-b.3 Larger learning rates (3 points) ---------------------------------------------------

larger_rate = ""  # the network: one of: without, with, neither

rate_one = ""  # at 1.0: one of: they learn, they guess, they overfit

larger_rate_words = ""  # your runs: a sentence or two, read by a person

# --- lab2-b.4 The function (2 points) ------------------------------------------------------------
# Rule: write Swish yourself, without torch's own Swish (SiLU) and hard Swish.


def swish(x: torch.Tensor, beta: float = 1.0) -> torch.Tensor:
    """Swish, f(x) = x sigmoid(beta x), for every entry; SiLU is the case ``beta`` = 1.

    Shapes:
        x: any shape, floating point. Returns the shape of x.

    Source:
        Ramachandran, Zoph and Le, "Searching for Activation Functions", 2017.
    """
    raise NotImplementedError("swish: yours to write")


# --- lab2-b.5 Its gradient (3 points) ------------------------------------------------------------
# Rule: write the gradient yourself, without automatic differentiation.
# Rule: write Swish yourself, without torch's own Swish (SiLU) and hard Swish.


def swish_backward(dout: torch.Tensor, x: torch.Tensor, beta: float = 1.0) -> torch.Tensor:
    """Gradient of a scalar loss with respect to the input of ``swish``; ``beta`` is a constant.

    Shapes:
        dout, x: the same, any shape. Returns that shape.

    Source:
        Ramachandran, Zoph and Le, "Searching for Activation Functions", 2017.
    """
    raise NotImplementedError("swish_backward: yours to write")


# --- lab2-b.6 The derivative as a formula (1 point) ----------------------------------------------

swish_slope = ""  # the derivative: a formula in beta, f, s

# --- lab2-b.7 What the curve looks like (3 points) -----------------------------------------------

minimum_at = ""  # where the minimum is: a number, 3 significant digits or more

minimum = ""  # how low it is: a number, 3 significant digits or more

slope_at_0 = ""  # slope at 0: a number, to within 0.001

slope_max = ""  # the largest slope: a number, 3 significant digits or more

small_beta = ""  # the limit for a small beta: a formula in x

large_beta = ""  # the limit for a large beta: one of: identity, ReLU, sigmoid, step

# --- lab2-b.8 Swish in place of ReLU (4 points) --------------------------------------------------

swish_control = ""  # the difference: 0.735 - 0.70 or 0.735 - 0.73

gain_error = ""  # standard error, percent points: a number, 2 significant digits or more

swish_better = ""  # better: one of: yes, no, not decided

swish_words = ""  # your run: a sentence or two, read by a person

# --- lab2-c.1 Learning rates (3 points) ----------------------------------------------------------


def sweep_report() -> tuple[Any, ...]:
    """What came out of your runs with several learning rates and strengths of the L2 penalty.

    Returns sizes, rates_log, strengths_log: in this order, or as a dictionary with these keys.

    Shapes:
        sizes: the numbers of training and of validation images. rates_log: (8, 2), strengths_log:
        (5, 2): training and validation accuracy in percent after the last epoch, a row for each
        run, in the order of the question. None for what you do not have.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 11.4.
    """
    raise NotImplementedError("sweep_report: yours to write")


chance_rate = ""  # the rate: one of: 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 1.0

rates_words = ""  # what a large rate does: a sentence or two, read by a person

# --- lab2-c.2 Strengths of the L2 penalty (3 points) ---------------------------------------------

worst_strength = ""  # the strength: one of: 0.0, 0.00001, 0.0001, 0.001, 0.01

strengths_words = ""  # what the penalty does: a sentence or two, read by a person

# --- lab2-c.3 The penalty in the loss (2 points) -------------------------------------------------


def l1_penalty(parameters: list[torch.Tensor], lam: float) -> torch.Tensor:
    """The L1 penalty of a network: ``lam`` times the sum of the absolute values of all its weights.

    Only weights of layers count, which have two axes or more; biases, and scale and shift of
    normalisation, have one, and are left out.

    Shapes:
        parameters: of any shapes, as ``network.parameters()`` gives them. Returns one number.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 7.1.2.
    """
    raise NotImplementedError("l1_penalty: yours to write")


# --- lab2-c.4 One step with each penalty (6 points) ----------------------------------------------


def weight_decay_step(
    w: torch.Tensor, grad: torch.Tensor, lr: float, weight_decay: float
) -> torch.Tensor:
    """One step of plain gradient descent on the loss plus (weight_decay / 2) ||w||^2.

    ``grad`` is the gradient of the loss alone. The result is a new tensor.

    Shapes:
        w, grad: the same, any shape. Returns that shape.

    Source:
        Loshchilov and Hutter, "Decoupled Weight Decay Regularization", ICLR 2019, section 2.
    """
    raise NotImplementedError("weight_decay_step: yours to write")


def l1_step(w: torch.Tensor, grad: torch.Tensor, lr: float, lam: float) -> torch.Tensor:
    """One step of plain gradient descent on the loss plus ``lam`` times the sum of |w|.

    ``grad`` is the gradient of the loss alone; the slope of |w| at 0 is taken to be 0, as in torch.
    The result is a new tensor.

    Shapes:
        w, grad: the same, any shape. Returns that shape.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 7.1.2.
    """
    raise NotImplementedError("l1_step: yours to write")


def proximal_step(w: torch.Tensor, grad: torch.Tensor, lr: float, lam: float) -> torch.Tensor:
    """One step of proximal gradient descent on the loss plus ``lam`` times the sum of |w|.

    First a step down the gradient of the loss alone, ``grad``; then every weight moves towards 0 by
    the learning rate times ``lam``, and no further than to 0. The result is a new tensor.

    Shapes:
        w, grad: the same, any shape. Returns that shape.

    Source:
        Parikh and Boyd, "Proximal Algorithms", 2014, section 4.2.
    """
    raise NotImplementedError("proximal_step: yours to write")


# --- lab2-c.5 How hard each penalty pulls (3 points) ---------------------------------------------

l1_pull = ""  # the L1 penalty: a formula in eta, lambda, w

l2_pull = ""  # the L2 penalty: a formula in eta, lambda, w

equal_pull = ""  # size of a weight: a number, to within 0.01

# --- lab2-c.6 Weights at zero (3 points) ---------------------------------------------------------

after_one = ""  # after one step: a formula in eta, lambda, r

after_two = ""  # after two steps: a formula in eta, lambda, r

# what makes exact zeros: one of: weight decay, SGD on the loss with an L1 penalty, proximal steps
exact_zeros = ""

# --- lab2-c.7 The distribution of the weights (3 points) -----------------------------------------


def share_below(w: torch.Tensor, tau: float) -> torch.Tensor:
    """The share of weights whose absolute value is less than ``tau``.

    Shapes:
        w: any shape. Returns one number from 0 to 1.

    Source:
        Han et al., "Learning both Weights and Connections", NeurIPS 2015, section 3.
    """
    raise NotImplementedError("share_below: yours to write")


histogram_words = ""  # both distributions: a sentence or two, read by a person

# --- lab3-a.1 A residual block (4 points) --------------------------------------------------------


class ResidualBlock(nn.Module):
    """A block of two convolutions with a shortcut.

    The branch: convolution 3 by 3 with padding 1 and the given stride, batch normalisation, ReLU,
    convolution 3 by 3 with padding 1 and stride 1, batch normalisation. The shortcut is added to
    it, and a last ReLU follows.

    Where stride is 1 and the channels are as many before as after, the shortcut is x itself.
    Elsewhere, without ``projection``, it is every stride-th row and column of x, with channels of
    zeros behind those of x (option A of the paper); with ``projection``, it is a convolution 1 by 1
    with that stride and batch normalisation behind it (option B). No convolution has a bias. Layers
    of the shortcut are defined after those of the branch.

    Source:
        He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, sections
        3.2 and 4.2.
    """

    def __init__(
        self, channels_in: int, channels_out: int, stride: int, projection: bool = False
    ) -> None:
        raise NotImplementedError("ResidualBlock.__init__: yours to write")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The block's output.

        Shapes:
            x: (N, channels_in, H, W). Returns (N, channels_out, ceil(H / stride),
            ceil(W / stride)).
        """
        raise NotImplementedError("ResidualBlock.forward: yours to write")


# --- lab3-a.2 The network (4 points) -------------------------------------------------------------


class ResNet20(nn.Module):
    """ResNet-20 for colour images.

    Convolution 3 by 3 from 3 to 16 channels, padding 1, without a bias; batch normalisation; ReLU.
    Then three stages of three residual blocks each, with 16, 32 and 64 channels; the first block of
    the second and of the third stage has stride 2. Then the mean over each whole map, and a fully
    connected layer with bias from 64 to 10 logits.

    Source:
        He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016, section
        4.2.
    """

    def __init__(self, projection: bool = False) -> None:
        """``projection``: the kind of shortcut of all blocks, as in ``ResidualBlock``."""
        raise NotImplementedError("ResNet20.__init__: yours to write")

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of the ten classes.

        Shapes:
            x: (N, 3, H, W). Returns (N, 10).
        """
        raise NotImplementedError("ResNet20.forward: yours to write")


# --- lab3-a.3 Its size (4 points) ----------------------------------------------------------------

params_padded = ""  # padded with zeros: a whole number

params_projected = ""  # with projections: a whole number

macs = ""  # multiply-adds: a whole number

field = ""  # rows: a whole number

# --- lab3-b ResNet-20 (4 points) -----------------------------------------------------------------


def resnet_report() -> tuple[Any, ...]:
    """What came out of your run of ResNet-20.

    Returns sizes, resnet_log: in this order, or as a dictionary with these keys.

    Shapes:
        sizes: the numbers of training and of validation images. resnet_log: (epochs, 2), training
        and validation accuracy in percent. None for what you do not have.

    Source:
        He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
    """
    raise NotImplementedError("resnet_report: yours to write")


images_right = ""  # images: a whole number

impossible = ""  # the accuracy: one of: 0.9066, 0.9067, 0.9068

resnet_words = ""  # how you have trained: a sentence or two, read by a person
