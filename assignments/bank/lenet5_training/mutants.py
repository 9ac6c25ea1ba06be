"""Wrong networks, epochs and evaluations, each with the sentence that a student reads."""

from backproof import Mutant


def _says(of: str, answer: str, id: str, misconception: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}", of=of, misconception=misconception, killed_by=(of,), answer=answer
    )


def _edit(of: str, id: str, misconception: str, old: str, new: str, *killed_by: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=killed_by or (of,),
        edit=(old, new),
    )


NET = "LeNet5Variant"
CONV = "self.activation(norm(conv(x)))"
LINEAR = "self.activation(norm(linear(x)))"
MUTANTS = (
    _edit(
        NET,
        "convolutions_only",
        "the fully connected layers are not normalised",
        "nn.BatchNorm1d(120), nn.BatchNorm1d(84)",
        "nn.Identity(), nn.Identity()",
        "structure",
    ),
    _edit(
        NET,
        "no_bias",
        "the first layer has no bias",
        "nn.Conv2d(3, 6, 5)",
        "nn.Conv2d(3, 6, 5, bias=False)",
        "structure",
    ),
    _edit(
        NET,
        "layers_left_out",
        "your forward pass leaves out layers, or throws their results away: their weights change nothing",
        "= self.last(x)",
        "= 0 * self.last(x)",
        "structure",
    ),
    _edit(
        NET,
        "relu_always",
        "you ignore swish",
        "nn.SiLU() if swish else nn.ReLU()",
        "nn.ReLU()",
        "swish",
    ),
    _edit(
        NET,
        "sigmoid",
        "this is the sigmoid alone: Swish is x times the sigmoid",
        "nn.SiLU()",
        "nn.Sigmoid()",
        "swish",
    ),
    _edit(
        NET,
        "hard_swish",
        "this is hard Swish, which is made of straight lines and a parabola",
        "nn.SiLU()",
        "nn.Hardswish()",
        "swish",
    ),
    _edit(
        NET,
        "relu_between",
        "you replaced the activations of the convolutions alone",
        LINEAR,
        "norm(linear(x)).relu()",
        "swish",
    ),
    _edit(
        NET,
        "average",
        "you take the mean of each window; it is the maximum",
        "max_pool2d",
        "avg_pool2d",
        "swish",
    ),
    _edit(
        NET,
        "softmax",
        "you return probabilities; logits are asked for",
        "= self.last(x)",
        "= self.last(x).softmax(1)",
        "swish",
    ),
    _edit(
        NET,
        "behind_the_activation",
        "you normalise behind the activation",
        CONV,
        "norm(self.activation(conv(x)))",
        "batchnorm",
    ),
    _edit(
        NET,
        "linear_behind",
        "you normalise the fully connected layers behind the activation",
        LINEAR,
        "norm(self.activation(linear(x)))",
        "batchnorm",
    ),
    _edit(
        NET,
        "running_statistics",
        "your normalisation uses its running statistics in training, too",
        CONV,
        "self.activation(norm.eval()(conv(x)))",
        "batchnorm_training",
    ),
    _says("norm_layers", "5", "last_too", "the last layer gives logits: it is not normalised"),
    _says("norm_layers", "2", "convolutions", "two fully connected layers are normalised as well"),
    _says("norm_parameters", "226", "scale_only", "each has a scale and a shift"),
    _says("norm_parameters", "904", "statistics", "running statistics are not trained"),
    _says(
        "norm_parameters", "44", "convolutions", "two fully connected layers are normalised as well"
    ),
    _says("bias_gradient", "small", "small", "the mean takes the bias away altogether"),
    _says(
        "bias_gradient", "as large as without", "same", "the mean takes the bias away altogether"
    ),
    _edit(
        "train_epoch",
        "no_zero_grad",
        "gradients of earlier mini-batches add up: zero_grad is missing",
        "        optimizer.zero_grad()\n",
        "",
    ),
    _edit(
        "train_epoch",
        "no_decay",
        "weight decay is missing",
        ", weight_decay=weight_decay\n",
        "\n",
    ),
    _edit(
        "train_epoch",
        "no_momentum",
        "momentum is missing",
        "lr=lr, momentum=momentum,",
        "lr=lr,",
    ),
    _edit(
        "train_epoch",
        "decay_doubled",
        "weight decay counts once: its penalty has a factor 1/2",
        "weight_decay=weight_decay\n",
        "weight_decay=2 * weight_decay\n",
    ),
    _edit(
        "train_epoch",
        "biases_spared",
        "weight decay is for all parameters here, biases too",
        "        network.parameters(), lr=lr, momentum=momentum, weight_decay=weight_decay\n",
        "        [\n"
        "            {'params': [p], 'weight_decay': weight_decay * (p.ndim > 1)}\n"
        "            for p in network.parameters()\n"
        "        ],\n"
        "        lr=lr,\n"
        "        momentum=momentum,\n",
    ),
    _edit(
        "train_epoch",
        "softmax",
        "cross_entropy takes logits: a softmax in front of it is one too many",
        "cross_entropy(logits, labels[batch])",
        "cross_entropy(logits.softmax(1), labels[batch])",
    ),
    _edit(
        "train_epoch",
        "summed",
        "you add up the losses of a mini-batch; the mean is asked for",
        "cross_entropy(logits, labels[batch])",
        "cross_entropy(logits, labels[batch], reduction='sum')",
    ),
    _edit(
        "train_epoch",
        "batch_means",
        "a mean of the batches' means: short batches count as much as long ones",
        "loss.item() * len(batch)",
        "loss.item() * len(sum(batches, [])) / len(batches)",
    ),
    _edit(
        "train_epoch",
        "evaluation_mode",
        "you train in the mode that the network comes in",
        "    network.train()\n",
        "",
        "epoch_mode",
    ),
    _edit(
        "train_epoch",
        "no_step",
        "the optimizer takes no step",
        "        optimizer.step()\n",
        "",
    ),
    _edit(
        "train_epoch",
        "percent",
        "your accuracy is in percent; a share is asked for",
        "right / count",
        "100 * right / count",
    ),
    _edit(
        "evaluate",
        "training_mode",
        "you evaluate in training mode",
        "    network.eval()\n",
        "    network.train()\n",
    ),
    _edit(
        "evaluate",
        "batch_means",
        "a mean of the batches' means: short batches count as much as long ones",
        'reduction="sum")',
        'reduction="mean")) * len(labels) / len(images.split(batch_size)',
    ),
    _edit(
        "evaluate",
        "last_batch",
        "your accuracy is that of the last batch alone",
        "right += int(",
        "right = int(",
    ),
    _edit(
        "evaluate",
        "percent",
        "your accuracy is in percent; a share is asked for",
        "right / len(labels)",
        "100 * right / len(labels)",
    ),
    _edit(
        "evaluate",
        "summed",
        "you add up the losses of all images; the mean is asked for",
        "total / len(labels)",
        "total",
    ),
)
