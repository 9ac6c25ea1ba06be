"""Wrong networks, wrong training, wrong predictions: each with the sentence that a student reads."""

from backproof import Mutant

_NORMAL = (
    "        if batchnorm:\n            layers.append(nn.BatchNorm2d(after))\n"
    "        layers += [nn.ReLU(), nn.MaxPool2d(2)]"
)
_HEAD = "layers += [nn.Flatten(), nn.Linear(flat, 24), nn.ReLU(), nn.Dropout(drop_prob)]"
_LOSS = "nn.functional.cross_entropy(network(images[batch]), labels[batch])"
_RERUNS = ("rerun_base", "rerun_batchnorm", "rerun_dropout")
_ALL_NORMAL = ("batchnorm_training",)


def _network(id: str, misconception: str, killed_by: tuple[str, ...], old: str, new: str) -> Mutant:
    return Mutant(
        id=id,
        of="make_cnn",
        misconception=misconception,
        killed_by=killed_by,
        edit=(old, new),
    )


def _steps(id: str, misconception: str, old: str, new: str, killed: str = "training") -> Mutant:
    return Mutant(
        id=id, of="train_steps", misconception=misconception, killed_by=(killed,), edit=(old, new)
    )


MUTANTS = (
    # --- the base network
    _network(
        "no_biases",
        "your convolutions have no bias; only one that batch normalisation follows goes without",
        ("structure",),
        "bias=not batchnorm",
        "bias=False",
    ),
    _network(
        "one_block_more",
        "your network has a fully connected layer more than the table",
        ("structure",),
        "nn.Linear(flat, 24), nn.ReLU()",
        "nn.Linear(flat, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU()",
    ),
    Mutant(
        id="layers_left_out",
        of="make_cnn",
        misconception="your forward pass leaves out layers, or throws their results away: their weights change nothing",
        killed_by=("structure",),
        code="""
        def make_cnn(channels, height, width, classes, batchnorm=False, drop_prob=0.0, make=make_cnn):
            class Shortcut(nn.Sequential):
                def forward(self, x):
                    super().forward(x)
                    return x.flatten(1)[:, :classes]

            return Shortcut(*make(channels, height, width, classes, batchnorm, drop_prob))
        """,
    ),
    _network(
        "no_relu_in_blocks",
        "there is no ReLU after your convolutions",
        ("logits",),
        "layers += [nn.ReLU(), nn.MaxPool2d(2)]",
        "layers += [nn.MaxPool2d(2)]",
    ),
    _network(
        "no_relu_before_the_last_layer",
        "there is no ReLU after your first fully connected layer",
        ("logits",),
        "nn.Linear(flat, 24), nn.ReLU()",
        "nn.Linear(flat, 24)",
    ),
    _network(
        "average_pooling",
        "your network pools by averages; the table has max pooling",
        ("logits",),
        "nn.MaxPool2d(2)",
        "nn.AvgPool2d(2)",
    ),
    _network(
        "softmax_before_cross_entropy",
        "your network ends with softmax; the cross-entropy applies it again, so that its gradients "
        "fade. Logits are asked for",
        ("logits",),
        "nn.Linear(24, classes))",
        "nn.Linear(24, classes), nn.Softmax(dim=1))",
    ),
    _network(
        "relu_on_logits",
        "your network ends with ReLU: a class with a negative logit never learns",
        ("logits",),
        "nn.Linear(24, classes))",
        "nn.Linear(24, classes), nn.ReLU())",
    ),
    Mutant(
        id="channels_last_flattened",
        of="make_cnn",
        misconception="your network flattens row, column, channel; the order of the table is channel, "
        "row, column",
        killed_by=("logits",),
        code="""
        def make_cnn(channels, height, width, classes, batchnorm=False, drop_prob=0.0, make=make_cnn):
            class Turned(nn.Module):
                def forward(self, x):
                    return x.permute(0, 2, 3, 1)

            layers = list(make(channels, height, width, classes, batchnorm, drop_prob))
            flatten = next(i for i, layer in enumerate(layers) if isinstance(layer, nn.Flatten))
            return nn.Sequential(*layers[:flatten], Turned(), *layers[flatten:])
        """,
    ),
    Mutant(
        id="starts_at_zero",
        of="make_cnn",
        misconception="all weights of a fresh network of yours are zero: its units never become "
        "different",
        killed_by=_RERUNS,
        code="""
        def make_cnn(channels, height, width, classes, batchnorm=False, drop_prob=0.0, make=make_cnn):
            network = make(channels, height, width, classes, batchnorm, drop_prob)
            for parameter in network.parameters():
                nn.init.zeros_(parameter)
            return network
        """,
    ),
    # --- with batch normalisation
    _network(
        "bias_and_batchnorm",
        "your convolutions keep their bias under batch normalisation, which takes any constant out "
        "again",
        ("batchnorm_structure",),
        "bias=not batchnorm",
        "bias=True",
    ),
    _network(
        "batchnorm_without_scale",
        "your batch normalisation has no scale and shift to learn",
        ("batchnorm_structure",),
        "nn.BatchNorm2d(after)",
        "nn.BatchNorm2d(after, affine=False)",
    ),
    _network(
        "batchnorm_after_relu",
        "your batch normalisation stands after the ReLU; here it stands before",
        _ALL_NORMAL,
        _NORMAL,
        "        layers.append(nn.ReLU())\n        if batchnorm:\n"
        "            layers.append(nn.BatchNorm2d(after))\n        layers.append(nn.MaxPool2d(2))",
    ),
    _network(
        "batchnorm_after_pooling",
        "your batch normalisation stands after the pooling; here it follows the convolution",
        _ALL_NORMAL,
        _NORMAL,
        "        layers += [nn.MaxPool2d(2)]\n        if batchnorm:\n"
        "            layers.append(nn.BatchNorm2d(after))\n        layers.append(nn.ReLU())",
    ),
    _network(
        "instance_normalisation",
        "you normalise each image on its own; batch normalisation takes all images of the mini-batch "
        "together",
        _ALL_NORMAL,
        "nn.BatchNorm2d(after)",
        "nn.InstanceNorm2d(after, affine=True, track_running_stats=True)",
    ),
    _network(
        "momentum_of_the_old_value",
        "your running statistics keep a tenth of the old value; torch's momentum 0.1 is the weight "
        "of the new one",
        ("batchnorm_predict",),
        "nn.BatchNorm2d(after)",
        "nn.BatchNorm2d(after, momentum=0.9)",
    ),
    # --- with dropout
    _network(
        "no_dropout",
        "nothing is dropped in training mode",
        ("dropout_mask",),
        ", nn.Dropout(drop_prob)",
        "",
    ),
    _network(
        "keeps_with_drop_prob",
        "your drop_prob is the probability of keeping a unit; here it is that of dropping one",
        ("dropout_mask",),
        "nn.Dropout(drop_prob)",
        "nn.Dropout(1 - drop_prob if drop_prob else 0.0)",
    ),
    _network(
        "fixed_rate",
        "your network drops half of the units, whatever drop_prob is",
        ("dropout_mask",),
        "nn.Dropout(drop_prob)",
        "nn.Dropout(0.5 if drop_prob else 0.0)",
    ),
    _network(
        "dropout_on_logits",
        "you drop logits; it is the 24 units that dropout is for",
        ("dropout_mask",),
        _HEAD,
        _HEAD
        + "\n    return nn.Sequential(*layers, nn.Linear(24, classes), nn.Dropout(drop_prob))",
    ),
    Mutant(
        id="mask_of_the_batch",
        of="make_cnn",
        misconception="all images of a mini-batch lose the same units; each has a mask of its own",
        killed_by=("dropout_mask",),
        code="""
        def make_cnn(channels, height, width, classes, batchnorm=False, drop_prob=0.0, make=make_cnn):
            class Shared(nn.Module):
                def forward(self, x):
                    if not self.training:
                        return x
                    return x * (torch.rand(x.shape[1]) >= drop_prob) / (1 - drop_prob)

            layers = list(make(channels, height, width, classes, batchnorm))
            return nn.Sequential(*layers[:-1], Shared(), layers[-1])
        """,
    ),
    Mutant(
        id="not_scaled_up",
        of="make_cnn",
        misconception="the units that are kept are not scaled up, so that the next layer sees less in "
        "training than at test time",
        killed_by=("dropout_mask",),
        code="""
        def make_cnn(channels, height, width, classes, batchnorm=False, drop_prob=0.0, make=make_cnn):
            class Plain(nn.Module):
                def forward(self, x):
                    return x * (torch.rand_like(x) >= drop_prob) if self.training else x

            layers = list(make(channels, height, width, classes, batchnorm))
            return nn.Sequential(*layers[:-1], Plain(), layers[-1])
        """,
    ),
    Mutant(
        id="always_dropping",
        of="make_cnn",
        misconception="your dropout does not heed the mode: it drops units at test time, too",
        killed_by=("dropout_predict",),
        code="""
        def make_cnn(channels, height, width, classes, batchnorm=False, drop_prob=0.0, make=make_cnn):
            class Always(nn.Module):
                def forward(self, x):
                    return nn.functional.dropout(x, drop_prob, training=True)

            layers = list(make(channels, height, width, classes, batchnorm))
            return nn.Sequential(*layers[:-1], Always(), layers[-1])
        """,
    ),
    # --- training
    _steps(
        "no_zero_grad",
        "gradients pile up over the steps: zero_grad is missing",
        "        optimizer.zero_grad()\n",
        "",
    ),
    _steps(
        "softmax_in_the_loss",
        "you apply softmax before the cross-entropy, which applies it again",
        "network(images[batch]), labels",
        "network(images[batch]).softmax(dim=1), labels",
    ),
    _steps(
        "summed_loss",
        "your loss is the sum over the mini-batch; the mean is asked for",
        "labels[batch])",
        'labels[batch], reduction="sum")',
    ),
    _steps(
        "no_momentum",
        "your steps are those of plain gradient descent: without momentum, or with an optimizer that is made "
        "anew in each step and forgets it",
        "momentum=MOMENTUM",
        "momentum=0.0",
    ),
    _steps(
        "nesterov",
        "your steps look ahead (Nesterov); plain momentum is asked for",
        "momentum=MOMENTUM",
        "momentum=MOMENTUM, nesterov=True",
    ),
    _steps(
        "loss_after_the_step",
        "your losses are those after each step; the loss of a step comes before its update",
        "losses.append(loss.detach())",
        f"losses.append({_LOSS}.detach())",
    ),
    _steps(
        "running_mean_of_losses",
        "your losses are averages over the steps so far; one loss for each step is asked for",
        "return torch.stack(losses)",
        "return torch.stack(losses).cumsum(0) / torch.arange(1, len(losses) + 1)",
    ),
    _steps(
        "whole_set_in_each_step",
        "each of your steps takes all images; a step takes its own mini-batch",
        "network(images[batch]), labels[batch])",
        "network(images), labels)",
    ),
    _steps(
        "batches_sorted",
        "your steps take the images in order; the given mini-batches say which image is used when",
        "    for batch in batches:\n",
        "    order = iter(sorted(i for batch in batches for i in batch))\n"
        "    for batch in ([next(order) for _ in batch] for batch in batches):\n",
    ),
    _steps(
        "not_in_training_mode",
        "you train in the mode that the network came in: batch normalisation then uses its running "
        "statistics",
        "    network.train()\n",
        "",
        "batchnorm_training",
    ),
    # --- prediction
    Mutant(
        id="probabilities",
        of="predict",
        misconception="you return probabilities; logits are asked for",
        killed_by=("predict",),
        edit=("= network(x)", "= network(x).softmax(dim=1)"),
    ),
    Mutant(
        id="class_numbers",
        of="predict",
        misconception="you return the class of each image; its logits are asked for",
        killed_by=("predict",),
        edit=("return logits", "return logits.argmax(dim=1)"),
    ),
    Mutant(
        id="batchnorm_left_in_training",
        of="predict",
        misconception="you predict with batch normalisation in training mode: an image's logits depend "
        "on what else is in the batch",
        killed_by=("batchnorm_predict",),
        edit=(
            "network.eval()",
            "network.eval()\n    for layer in network.modules():\n"
            '        layer.train("BatchNorm" in type(layer).__name__)',
        ),
    ),
    Mutant(
        id="dropout_left_active",
        of="predict",
        misconception="you predict with dropout active: the same image gets other logits each time",
        killed_by=("dropout_predict",),
        edit=(
            "network.eval()",
            "network.eval()\n    for layer in network.modules():\n"
            '        layer.train("Dropout" in type(layer).__name__)',
        ),
    ),
    # --- selection
    Mutant(
        id="chosen_by_test_accuracy",
        of="choose_epoch",
        misconception="you choose the epoch by its test accuracy: the test set has become part of "
        "training, and what you report is too good",
        killed_by=("choose_epoch",),
        edit=("int(validation.argmax())", "int(test.argmax())"),
    ),
    Mutant(
        id="best_test_accuracy_reported",
        of="choose_epoch",
        misconception="you report the best test result of all epochs, not that of the network that "
        "was chosen",
        killed_by=("choose_epoch",),
        edit=("test[best]", "test.max()"),
    ),
    Mutant(
        id="validation_accuracy_reported",
        of="choose_epoch",
        misconception="you report the result on the validation set, by which the network was chosen: it is too "
        "good",
        killed_by=("choose_epoch",),
        edit=("test[best]", "validation[best]"),
    ),
    Mutant(
        id="last_epoch",
        of="choose_epoch",
        misconception="you keep the network of the last epoch, whatever the validation set says",
        killed_by=("choose_epoch",),
        edit=("int(validation.argmax())", "len(validation) - 1"),
    ),
    Mutant(
        id="latest_of_equals",
        of="choose_epoch",
        misconception="of equally good epochs you keep the latest; the earliest is asked for",
        killed_by=("choose_epoch",),
        edit=(
            "int(validation.argmax())",
            "len(validation) - 1 - int(validation.flip(0).argmax())",
        ),
    ),
    Mutant(
        id="counted_from_one",
        of="choose_epoch",
        misconception="your epochs are counted from 1; the first one is 0",
        killed_by=("choose_epoch",),
        edit=("return best, test", "return best + 1, test"),
    ),
)
