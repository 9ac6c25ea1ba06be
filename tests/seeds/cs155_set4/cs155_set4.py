"""The answers of a homework write-up, as a submission.

Formulas and code of the write-up stand here in the names of the questions. What it does not answer is
left out. Its words are shortened.
"""

import numpy as np
import torch

# 1A  "all the sums will be zero and thus ReLU saturates at zero"; "the algorithm is unable to update"
relu_moving = "0"
relu_why = (
    "In the second network all weights are zero, so all sums are zero and ReLU saturates at zero: its "
    "gradient and ds/dx vanish. Backpropagation is unable to update with these gradients."
)

# 1B  with weights of zero: "a linear boundary that classifies better than random guessing"
sigmoid_why = (
    "The sigmoid gradient is very small but nonzero even when the weights are zero, so after many "
    "iterations it is able to learn."
)
# "smoother compared to the one trained using ReLU"; 200 iterations with ReLU, over 1000 with sigmoid
straight_pieces = "ReLU"
sigmoid_or_relu = (
    "The model is learned a lot slower with the sigmoid, because it saturates: the gradient is very "
    "small almost everywhere, and the product of many small gradients is even smaller."
)

# 1C
order_why = (
    "All negative examples first introduce a large negative bias. Since all sums will be negative, "
    "ReLU will saturate at zero, and dead neurons cannot recover: positive examples will not do "
    "anything to them."
)


# 1D  "a weight (1, 1) or any values greater than 1 for each parameter would work"
def or_unit():
    return torch.tensor([1.0, 1.0]), torch.tensor(0.0)


or_from_ones = "true"


# 1E  "two linear functions in the first layer, AND and OR, then the difference of the two"
def xor_net():
    w1 = torch.ones(2, 2)
    b1 = torch.tensor([0.0, -1.0])
    return w1, b1, torch.tensor([1.0, -1.0]), torch.tensor(0.0)


xor_layers = "2"
xor_layers_why = (
    "XOR is not a linear function, while each layer with ReLU units can only compute a linear "
    "function."
)

# 2A
libraries = "Tensorflow 1.12.0, Keras 2.2.4"

# 2B  "(60000, 28, 28)"; "the intensity of each pixel"; the size of the test set is not in the text
train_images, image_rows, image_columns = 60000, 28, 28
entry_meaning = "brightness of a pixel"

# 2C  "(60000, 784)"; the shape of the labels is not in the text
input_rows, input_columns = 60000, 784


def images_to_rows(images):
    return np.reshape(images, (len(images), images.shape[1] * images.shape[2]))


def one_hot(labels, classes):  # keras.utils.np_utils.to_categorical
    return np.eye(classes)[labels]


# 2D, 2E, 2F (Keras: Dense, relu, Dropout, Dense; adam, categorical_crossentropy, batches of 256)
def make_mlp(features, hidden, classes, drop_probs=None):
    layers = [torch.nn.Flatten()]
    for units, rate in zip(hidden, drop_probs or [0.0] * len(hidden)):
        layers += [torch.nn.Linear(features, units), torch.nn.ReLU(), torch.nn.Dropout(rate)]
        features = units
    return torch.nn.Sequential(*layers, torch.nn.Linear(features, classes))


def make_narrow(features, classes):
    return make_mlp(features, [60, 40], classes, [0.1, 0.0])


def make_medium(features, classes):
    return make_mlp(features, [120, 80], classes, [0.2, 0.1])


def make_wide(features, classes):
    return make_mlp(features, [400, 400, 100], classes, [0.5, 0.3, 0.1])


def train_network(network, pixels, labels, batches, lr):  # fit(X_train, y_train): not scaled
    network.train()
    adam = torch.optim.Adam(network.parameters(), lr)
    losses = []
    for batch in batches:
        adam.zero_grad()
        loss = torch.nn.functional.cross_entropy(network(pixels[batch]), labels[batch])
        loss.backward()
        adam.step()
        losses.append(loss.detach())
    return torch.stack(losses)


def predict(network, x):  # evaluate(X_test, y_test)
    network.eval()
    return network(x).detach()


# 3A
zero_padding_keeps = "height and width"
zero_padding_why = (
    "We preserve the spatial size in the output, so that a network can be deep; we waste computation on "
    "the padding."
)

# 3B, 3C
parameters = "608"
output_height, output_width, output_channels = 28, 28, 8

# 3D
average_1 = "[[1, .5], [-.5, .25]]"
average_2 = "[[.5, 1], [-.25, .5]]"
average_3 = "[[.25, .5], [.5, 1]]"
average_4 = "[[.5, .25], [1, .5]]"

# 3E  "for all 4"
maximum_1 = maximum_2 = maximum_3 = maximum_4 = "[[1, 1], [1, 1]]"

# 3F
why_pooling = (
    "The outcome is not too sensitive to individual pixels, so that noise has a minimal impact: as long "
    "as most pixels of a patch are not distorted the maximum stays the same, and the average is only "
    "slightly affected."
)


# 3G  "Code is submitted on Moodle."
def sweep_report():
    shares = [0.9806, 0.9758, 0.9719, 0.9679, 0.9674, 0.9592, 0.9468, 0.9059, 0.8795, 0.1135]
    return 10000, [[p / 10, share] for p, share in enumerate(shares)], [], 0.9914, None


sweep_words = (
    "The most effective strategy was batch norm after a convolutional layer and immediately prior to an "
    "activation layer, and max pooling. Validation accuracy after 1 epoch was a quick way to choose the "
    "dropout probability. Dropout was not that effective: the model performs best with 0. The problem with "
    "validating our hyperparameters this way is that we may overfit the validation data."
)
