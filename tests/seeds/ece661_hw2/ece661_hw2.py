"""The answers of a homework write-up, as a submission.

Formulas of the write-up stand here in the notation of the questions. What it does not answer is left
out. Its words are shortened.
"""

# 1.1
bn_words = (
    "True: batch normalization makes the activations have a mean of zero and a unit variance at all "
    "stages of the training process."
)

# 1.2  "the computational graph is built once the variables are declared"
eager = "true"
graph_recorded = "when the parameters are created"

# 1.3
augmentation_always = "false"
augmentation_why = (
    "For small datasets augmentation may lead to underfitting. The wrong types may hurt: a vertical "
    "flip on MNIST causes 6's to look like 9's."
)

# 1.4
larger_epsilon = "true"

# 1.5
both_ensure = "false"
both_words = "In some instances dropout does not cooperate well with L-norm regularization."

# 1.6
leaky_words = (
    "False: it does solve the problem of dead neurons, but in some cases the inconsistent slope, not "
    "the non-zero gradient, makes training unstable."
)

# 1.7
l1_sparser = "true"
l1_words = "The L1 contour is a diamond, whose corners are met; the L2 contour is a circle."

# 1.8  the second formula is a product; "the theoretical speedup is about 9x"
full_macs = "D_K*D_K*M*N*D_F*D_F"
separable_macs = "D_K*D_K*M*N*D_F*D_F*D_F*D_F*M*N"
separable_saving = "9"

# 1.9  "most of the computation is done early on"; the last convolution "outputs 13x13x100"
squeezenet_therefore = "false"
most_macs = "conv1 to fire4"
conv10_macs = "13*13*512*100"

# 1.10  "finding a sharp minima will be easier"
shortcuts_smooth = "true"
minima_found = "sharper"

# Lab 1 (a), (g)  "log N, where N is the number of classes"; "approximately 2.30"
first_loss_formula = "log(C)"
first_loss = "2.30"

# Lab 1 (b)  output = (input - mean) / std, without constants
normalised = "(x - mu)/sigma"
normalise_words = (
    "With torchvision.transforms.Normalize we achieve normalised values for brightness, contrast and "
    "saturation."
)

# Lab 1 (d)
gpu_evidence = "nvidia-smi lists your process with its memory"

# Lab 1 (g)  "the validation accuracy decreases up to epoch 22"
validation_first = "falls"
run_problem = "overfitting"
first_run_words = (
    "The training accuracy constantly increases; after epoch 22 the validation loss increases. A lower "
    "learning rate or early stopping could solve this."
)

# Lab 1 (h)  "the initial training and validation loss are similar"
kaiming_start = "about the same"
init_words = (
    "No difference in how many epochs the model took between Kaiming and Xavier; the highest "
    "validation accuracy is about 0.64 for both."
)

# Lab 2 (a)
flip = "horizontal"
augmentation_words = "Padding 4 and a horizontal flip with probability 0.5: 0.70 in 50 epochs."

# Lab 2 (b)
batchnorm_effect = "higher"
batchnorm_words = "It increased my validation accuracy up to approximately 0.73 after 50 epochs."
larger_rate = "with"
larger_rate_words = "At 0.1 the model without converges at about 0.35, with at about 0.68."
swish_control = "0.735 - 0.70"
swish_better = "yes"
swish_words = "0.735 compared to 0.70, which was obtained using ReLU."

# Lab 2 (c)
chance_rate = "1.0"
rates_words = (
    "Most rates work fine except for 1. When it is too large, the updates are too large. The best "
    "appears to be 0.05 or 0.02."
)
worst_strength = "0.01"
strengths_words = (
    "Increasing strength decreases accuracy. 0.00001 had almost no effect; at 0.01 training and "
    "validation accuracy are around 0.50."
)

# Lab 2 (c), L1  "What I expected to see was more weights at zero for L1"
exact_zeros = "SGD on the loss with an L1 penalty"
histogram_words = (
    "Weights with L2 look more normal, and not as skewed. With L1 they are smaller, perhaps because "
    "lambda is 1 in L1 and 0.01 in L2."
)

# Lab 3
resnet_words = (
    "0.9066 validation accuracy: initial rate 0.2, decay of 0.1 after 25 epochs, L2 strength 1e-5, 105 "
    "epochs."
)
