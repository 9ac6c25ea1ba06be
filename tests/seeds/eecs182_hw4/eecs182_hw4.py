"""The answers of a homework write-up, as a submission.

Formulas of the write-up stand here in the notation of the questions. What it does not answer is left
out. Its words are shortened.
"""

import torch

# 1a  w = (x^T x) x^T y; the result is not in the text
ols_formula = "(X.T X) X.T y"

# 1b  weights [1.0784, 0.1078] and another tensor [0.1078]: "we can assume that they are the same"
descent_w1, descent_w2 = "1.0784", "0.1078"

# 1c
masked_rows = "[[20, 2], [20, 0], [0, 2], [0, 0]]"
table_w1, table_w2 = "0.36666667", "3.66666667"


# 1d, 1e  the weights after training with large batches are not in the text
def dropout_runs():
    return torch.tensor([[0.2027, 3.4874]]), None


batch_words = (
    "The loss becomes smaller and smaller, and converging is smoother than before. The batch is "
    "larger, so that the variability and the noise are reduced. The weights are almost the same as "
    "those of least squares."
)

# 1f  "without, w1 is 10x larger than w2, and contributes 100x more; with dropout w2 is 10x larger than
# w1, and they contribute the same"; "when w1 is dropped out, w2 becomes 11; ... w1 becomes 1.1"
plain_weight_ratio, plain_share_ratio = 10, 100
dropout_weight_ratio, dropout_share_ratio = 10, 1
w2_alone, w1_alone = "11.0", "1.10"

# 1g
why_jump = "When the rate is 0 there exist many loss-minimizing solutions."
one_minimiser_without = "false"

# 1h  "at 0.5 they are the same, since there is only a unique solution, but in other cases Adam makes
# w1 and w2 approximately equal while SGD is the norm-minimizing solution"
same_at_half = "true"
where_adam_differs = "everywhere but p = 1/2"

# 1i
learned_more = "with dropout"
leak_words = "The model with dropout will achieve a better accuracy on clean data."


# 2a  does not derive the expectation, but goes on from
# ||y - p X w_hat||^2 + p (1 - p) ||Gamma_hat w_hat||^2
def expected_dropout_loss(x, y, w_hat, keep_prob):
    p = keep_prob
    gamma_hat = x.norm(dim=0)
    return ((y - p * x @ w_hat) ** 2).sum() + p * (1 - p) * ((gamma_hat * w_hat) ** 2).sum()


# 2a, 2b  w = p w_hat, then w_hat = w / p
w_from_w_hat = "p*w_hat"
tikhonov_factor = "sqrt((1-p)/p)"

# 2c
w_tilde_plain = "Gamma w"
x_tilde_plain = "X Gamma^-1"

# 2d  X_tilde Gamma_hat = X sqrt(p / (1 - p)); how long its columns are is not said
like_batchnorm = "Dropout can serve as batch normalisation."

# 4a, 4b
filters_words = (
    "The second layer has two obvious stripes; the trained filters are dimmer and smoother than the "
    "untrained ones."
)
kernels_words = (
    "Below 90 % validation accuracy the filter looks like random, above it like the edge detectors."
)
frozen_words = (
    "The bias-variance tradeoff: the CNN with pretrained edge detectors has a higher bias, the one "
    "with random weights a higher variance, which is an advantage with 50 images, as the task is "
    "simple."
)

# 4c
epochs_words = "All of the epoch is 500."
learned_words = "The kernels look much like the edge detectors."
why_loss_rises = "overconfidence"
mlp_learns = "memorize"

# 4d  "MLP classifies the images with vertical edge to the images with horizontal edge and vice versa";
# "MLP will learn their location"
vertical_taken_for = "horizontal"
mlp_learned = "places"
shift_words = (
    "The CNN overfits to edges in the left or upper half, and calls others no edge. It uses a "
    "regional kernel and recognises patterns instead of locations; the MLP learns their location."
)

# 4e
who_suffers = "the CNN"
with_larger_kernels = "increase"
permuted_kernels = "without structure"

# 4f
better_pooling = "max"
pooling_words = (
    "Max pooling is very easy to compute and keeps the most significant features; average pooling is "
    "smoother and preserves more information."
)

# 5a  "815 MiB, which is 848 MB"
resnet_params = "58164298"
resnet_mb = "232.657192"
card_mb = "16057"
context_mib = "815"

# 5b
own_readings = "SGD 3193.0 MB, SGD with momentum 2999 MB, Adam 3359 MB."
most_memory = "adam"

# 5c  the utilization at a batch of 16 is left blank
own_batches = "I can train the 256 batch size."
