"""The answers of a homework write-up to its four questions, as a submission.

What it does not answer is left out: it hands in no code, and of its runs only the last accuracies.
"""

# 1 (a)  3 x 3 x 128 x 256 + 3 x 3 x 256 x 512, no biases
params = 1474560

# 1 (b)  W' = (64 - 3 + 2 * 1)/(2 + 1) = 21, then (21 - 3 + 2 * 1)/(1 + 1) = 10
size_1 = 21
macs_1 = 130056192
size_2 = 10
macs_2 = 117964800
macs_total = 248020992

# 1 (c)  "Change in Memory = 90.23 %  or  Layer 1 ... Layer 2: 78.5 %"
values_1 = 21 * 21 * 256
values_2 = 51200
memory_ratio_1 = "90.23 % or 78.5 %"
memory_ratio_2 = "90.23 % or 78.5 %"

# 2 (a)
bn_means = "[[13], [5], [0]]"
bn_variances = "[[1], [25], [25]]"
bn_normalised = "[[-1, 1, 1, -1], [-1, 1, 1, -1], [-1, 1, 1, -1]]"

# 2 (b)
bn_output = "[[-1, 1, 1, -1], [-11, -9, -9, -11], [9, 11, 1, 9]]"

# 2 (c)
train_and_test = (
    "In training, batch normalization is conducted using the following steps: 1. mini batch mean "
    "calculation 2. mini batch variance calculation 3. Normalization 4. Scaling and shifting. In test "
    "phase the mean/std are not computed based on the batch. Instead, empirical mean and std from "
    "training is being used"
)

# 2 (d)  "Larger batch sizes will have larger variance."
larger_batches_scatter_more = "true"

# 3 (a)  the matrix as it stands in (b); where it is first written, its fourth row has lost a zero
conv_A = (
    "[[w1, w2, w3, 0, 0, 0, 0, 0], [0, w1, w2, w3, 0, 0, 0, 0], "
    "[0, 0, 0, 0, w1, w2, w3, 0], [0, 0, 0, 0, 0, w1, w2, w3]]"
)

# 3 (b)  "A and B are the same apart from the fact that B is a transposed version of A"
conv_B = "A.T"

# 3 (c)  "Yes, it is possible. We can use transposed version of A as our new kernel", which is then A
dx_is_convolution = "true"
dx_is_convolution_why = "We can use transposed version of A as our new kernel for this."
dx_kernel = conv_A


# 4  the last accuracies, without the epochs before them
def training_report():
    return {
        "sizes": (50000, 10000),
        "base_log": [[76.62, 64.14]],
        "base_gap": 12,  # "around 12%"
        "batchnorm_log": [[80.08, 65.04]],
        "batchnorm_gap": None,
        "batchnorm_train": "rose",
        "batchnorm_test": "rose",
        "dropout_log": [[75.258, 65.73]],
        "dropout_gap": None,
        "dropout_train": "fell",
        "dropout_test": "fell",  # "both training and testing accuracy fall back"
    }


base_words = (
    "the difference between training and testing accuracy is on the higher side (around 12%). From "
    "here, we can conclude that, the model is overfitting."
)
batchnorm_words = (
    "though the batch normalization did improve the accuracy in terms of both testing and training, "
    "the overfitting issue is still here."
)
dropout_words = (
    "After adding a dropout layer, both training and testing accuracy fall back. Here the margin "
    "between the training and testing accuracy is still here which indicates that the model is still "
    "overfitting. batch normalization do help to improve accuracy while dropout help to reduce the "
    "overfitting problem."
)
