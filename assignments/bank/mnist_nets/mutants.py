"""Wrong networks, wrong training, wrong counts: each with the sentence that a student reads."""

from backproof import Mutant

_LOSS = "nn.functional.cross_entropy(network(pixels[batch] / 255), labels[batch])"


def _edit(
    of: str, id: str, misconception: str, killed_by: str, old: str, new: str, cause: str = ""
) -> Mutant:
    return Mutant(
        id=id,
        of=of,
        misconception=misconception,
        killed_by=(killed_by,),
        edit=(old, new),
        cause=cause,
    )


def _mlp(id: str, misconception: str, killed_by: str, old: str, new: str) -> Mutant:
    return _edit("make_mlp", id, misconception, killed_by, old, new)


def _steps(
    id: str,
    misconception: str,
    old: str,
    new: str,
    killed_by: str = "training",
    cause: str = "",
) -> Mutant:
    return _edit("train_network", id, misconception, killed_by, old, new, cause)


def _design(of: str, id: str, misconception: str, old: str, new: str) -> Mutant:
    return _edit(f"make_{of}", f"{of}_{id}", misconception, f"{of}_design", old, new)


def _run(of: str, id: str, misconception: str, old: str, new: str) -> Mutant:
    return _edit(f"make_{of}", f"{of}_{id}", misconception, f"{of}_run", old, new)


def _says(of: str, answer: str, id: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
    )


MUTANTS = (
    # --- the perceptron
    _mlp(
        "layers_without_bias",
        "your layers have no bias",
        "structure",
        "nn.Linear(before, after), nn.ReLU()",
        "nn.Linear(before, after, bias=False), nn.ReLU()",
    ),
    _mlp(
        "one_layer_more",
        "your network has a layer more than was asked for",
        "structure",
        "nn.Linear(hidden[-1], classes)",
        "nn.Linear(hidden[-1], classes), nn.ReLU(), nn.Linear(classes, classes)",
    ),
    Mutant(
        id="layers_left_out",
        of="make_mlp",
        misconception="your forward pass leaves out layers, or throws their results away: their weights change nothing",
        killed_by=("structure",),
        code="""
        def make_mlp(features, hidden, classes, drop_probs=None, make=make_mlp):
            class Shortcut(nn.Sequential):
                def forward(self, x):
                    super().forward(x)
                    return x.flatten(1)[:, :classes]

            return Shortcut(*make(features, hidden, classes, drop_probs))
        """,
    ),
    _mlp(
        "no_relu",
        "there is no ReLU between your layers: together they are a single linear one",
        "logits",
        "nn.Linear(before, after), nn.ReLU()",
        "nn.Linear(before, after)",
    ),
    _mlp(
        "sigmoid",
        "your hidden layers have sigmoids; ReLU is asked for",
        "logits",
        "nn.ReLU()",
        "nn.Sigmoid()",
    ),
    _mlp(
        "softmax_before_cross_entropy",
        "your network ends with softmax; the cross-entropy applies it again, so that its gradients "
        "fade and the loss never gets below 1.46. Logits are asked for",
        "logits",
        "nn.Linear(hidden[-1], classes)",
        "nn.Linear(hidden[-1], classes), nn.Softmax(dim=1)",
    ),
    _mlp(
        "relu_on_logits",
        "your network ends with ReLU: a class with a negative logit never learns",
        "logits",
        "nn.Linear(hidden[-1], classes)",
        "nn.Linear(hidden[-1], classes), nn.ReLU()",
    ),
    _mlp(
        "keep_prob",
        "your drop_probs are probabilities of keeping a unit",
        "dropout_mask",
        "nn.Dropout(drop_probs[place] if drop_probs else 0.0)",
        "nn.Dropout(1 - drop_probs[place] if drop_probs else 0.0)",
    ),
    _mlp(
        "no_dropout",
        "no unit of yours is ever dropped",
        "dropout_mask",
        "nn.Dropout(drop_probs[place] if drop_probs else 0.0)",
        "nn.Dropout(0.0)",
    ),
    Mutant(
        id="one_mask_for_all_images",
        of="make_mlp",
        misconception="you drop the same units for all images of a mini-batch",
        killed_by=("dropout_mask",),
        code="""
        def make_mlp(features, hidden, classes, drop_probs=None):
            class Drop(nn.Module):
                def __init__(self, p):
                    super().__init__()
                    self.p = p

                def forward(self, x):
                    if not self.training:
                        return x
                    return x * nn.functional.dropout(torch.ones_like(x[:1]), self.p)

            layers = [nn.Flatten()]
            for place, (before, after) in enumerate(pairwise([features, *hidden])):
                layers += [nn.Linear(before, after), nn.ReLU()]
                layers.append(Drop(drop_probs[place] if drop_probs else 0.0))
            return nn.Sequential(*layers, nn.Linear(hidden[-1], classes))
        """,
    ),
    # --- training
    _steps(
        "unscaled",
        "your network gets pixels from 0 to 255; divide them by 255 (on MNIST, 20 epochs then miss all "
        "three published accuracies)",
        "pixels[batch] / 255",
        "pixels[batch]",
        cause="pixels_unscaled",
    ),
    _steps(
        "scaled_by_256",
        "you divide pixels by 256; their largest value is 255",
        "pixels[batch] / 255",
        "pixels[batch] / 256",
    ),
    _steps(
        "gradients_pile_up",
        "the gradients of earlier mini-batches are still there: zero them before each step",
        "        optimizer.zero_grad()\n",
        "",
    ),
    _steps(
        "without_training_mode",
        "your network stays in evaluation mode: no unit is dropped while it learns",
        "    network.train()\n",
        "",
        "training_mode",
    ),
    _steps(
        "softmax_twice",
        "you apply softmax before the cross-entropy, which applies it again",
        "network(pixels[batch] / 255), labels",
        "network(pixels[batch] / 255).softmax(1), labels",
    ),
    _steps(
        "sum_for_mean",
        "your loss is the sum over the mini-batch; its mean is asked for",
        "labels[batch])",
        'labels[batch], reduction="sum")',
    ),
    _steps(
        "sgd",
        "you take steps of gradient descent; Adam's are asked for",
        "torch.optim.Adam",
        "torch.optim.SGD",
    ),
    _steps(
        "new_optimizer_each_step",
        "you begin Adam anew in each step: its means never form",
        "        optimizer.zero_grad()\n",
        "        optimizer = torch.optim.Adam(network.parameters(), lr=lr)\n        "
        "optimizer.zero_grad()\n",
    ),
    _steps(
        "order_of_the_images",
        "you take the images in their own order, not those of the mini-batch",
        "for batch in batches:",
        "for start, batch in enumerate(batches):\n        batch = list(range(len(batch)))",
    ),
    _steps(
        "own_learning_rate",
        "your learning rate is always 0.001; it is given",
        "lr=lr",
        "lr=0.001",
    ),
    _steps(
        "loss_after_the_step",
        "your losses are those after each step; before it is asked for",
        "losses.append(loss.detach())",
        f"losses.append({_LOSS}.detach())",
    ),
    # --- prediction
    _edit(
        "predict",
        "unscaled_test",
        "at test time your network gets pixels from 0 to 255; it has learnt from 0 to 1",
        "predict",
        "network(x / 255)",
        "network(x)",
        "pixels_unscaled",
    ),
    _edit(
        "predict",
        "drops_at_test_time",
        "your network drops units at test time: put it into evaluation mode",
        "predict",
        "network.eval()",
        "network.train()",
    ),
    _edit(
        "predict",
        "mode_left_as_it_is",
        "a network that comes from training drops units at test time: put it into evaluation mode",
        "predict_undropped",
        "network.eval()",
        "pass",
    ),
    _edit(
        "predict",
        "probabilities",
        "you return probabilities; logits are asked for",
        "predict",
        "network(x / 255)",
        "network(x / 255).softmax(1)",
    ),
    _edit(
        "predict",
        "constant_predictor",
        "your predictions are the same for all images",
        "predict",
        "return logits",
        "return torch.zeros_like(logits)",
    ),
    # --- designs
    _design(
        "narrow",
        "too_many_units",
        "your hidden layers have more than 100 units in all; each may have fewer, their sum counts",
        "_designed([features, 60, 40], [0.1, 0.0], classes)",
        "_designed([features, 100, 40], [0.1, 0.0], classes)",
    ),
    _design(
        "narrow",
        "batchnorm",
        "your network has a kind of layer that is not allowed",
        "_designed([features, 60, 40], [0.1, 0.0], classes)",
        "_designed([features, 60, 40], [0.1, 0.0], classes).insert(2, nn.BatchNorm1d(60))",
    ),
    _design(
        "narrow",
        "sigmoid",
        "sigmoid is none of the layers that are allowed",
        "_designed([features, 60, 40], [0.1, 0.0], classes)",
        "_designed([features, 60, 40], [0.1, 0.0], classes).insert(5, nn.Sigmoid())",
    ),
    _run(
        "narrow",
        "softmax_before_cross_entropy",
        "your network ends with softmax, and the cross-entropy applies it again",
        "_designed([features, 60, 40], [0.1, 0.0], classes)",
        "_designed([features, 60, 40], [0.1, 0.0], classes).append(nn.Softmax(1))",
    ),
    _run(
        "narrow",
        "a_logit_for_each_pixel",
        "your network returns as many logits as there are pixels; one for each class is asked for",
        "_designed([features, 60, 40], [0.1, 0.0], classes)",
        "_designed([features, 60, 40], [0.1, 0.0], features)",
    ),
    Mutant(
        id="narrow_layers_left_out",
        of="make_narrow",
        misconception="your forward pass leaves out layers, or throws their results away: their weights change nothing",
        killed_by=("narrow_design",),
        code="""
        def make_narrow(features, classes, make=make_narrow):
            class Shortcut(nn.Sequential):
                def forward(self, x):
                    super().forward(x)
                    return nn.functional.linear(self[0](x), self[-1].weight[:, :1].expand(-1, features))

            return Shortcut(*make(features, classes))
        """,
    ),
    Mutant(
        id="medium_starts_at_zero",
        of="make_medium",
        misconception="all weights of a fresh network of yours are zero: only the last biases learn",
        killed_by=("medium_run",),
        code="""
        def make_medium(features, classes, make=make_medium):
            network = make(features, classes)
            for parameter in network.parameters():
                nn.init.zeros_(parameter)
            return network
        """,
    ),
    _design(
        "medium",
        "outputs_counted_as_a_layer",
        "the output layer is no hidden layer: your network has one hidden layer",
        "_designed([features, 120, 80], [0.2, 0.1], classes)",
        "_designed([features, 120], [0.2], classes)",
    ),
    Mutant(
        id="wide_no_relu_between",
        of="make_wide",
        misconception="two of your four linear layers have no ReLU in between: they are a single layer",
        killed_by=("wide_design",),
        code="""
        def make_wide(features, classes):
            return nn.Sequential(
                nn.Flatten(), nn.Linear(features, 400), nn.Linear(400, 400), nn.ReLU(),
                nn.Linear(400, 100), nn.ReLU(), nn.Linear(100, classes),
            )
        """,
    ),
    _design(
        "wide",
        "outputs_counted_as_a_layer",
        "the output layer is no hidden layer: your network has two",
        "_designed([features, 400, 400, 100], [0.5, 0.3, 0.1], classes)",
        "_designed([features, 400, 400], [0.5, 0.3], classes)",
    ),
    _design(
        "wide",
        "each_layer_below_the_limit",
        "the limit is for all hidden layers together",
        "_designed([features, 400, 400, 100], [0.5, 0.3, 0.1], classes)",
        "_designed([features, 400, 700, 100], [0.5, 0.3, 0.1], classes)",
    ),
    _run(
        "wide",
        "probabilities",
        "your network returns probabilities; logits are asked for",
        "_designed([features, 400, 400, 100], [0.5, 0.3, 0.1], classes)",
        "_designed([features, 400, 400, 100], [0.5, 0.3, 0.1], classes).append(nn.Softmax(1))",
    ),
    _edit(
        "make_trained",
        "weights_of_a_kind_not_allowed",
        "your network has a kind of layer that is not allowed",
        "weights_design",
        "_designed([features, 60, 40], [0.1, 0.0], classes)",
        "_designed([features, 60, 40], [0.1, 0.0], classes).append(nn.Tanh())",
    ),
    _edit(
        "make_trained",
        "weights_of_another_network",
        "your weights are those of another network",
        "weights",
        "_designed([features, 60, 40], [0.1, 0.0], classes)",
        "_designed([features, 50, 40], [0.1, 0.0], classes)",
    ),
    Mutant(
        id="weights_constant_predictor",
        of="make_trained",
        misconception="your network gives one class to all images, whatever its weights",
        killed_by=("weights_design",),
        code="""
        def make_trained(features, classes):
            class Constant(nn.Sequential):
                def forward(self, x):
                    return super().forward(nn.functional.dropout(x, 1.0))

            return Constant(*_designed([features, 60, 40], [0.1, 0.0], classes))
        """,
    ),
    # --- counts
    _says("narrow_parameters", "49840", "weights_only", "the biases are missing"),
    _says("narrow_parameters", "49540", "without_outputs", "the output layer is missing"),
    _says("medium_parameters", "104480", "weights_only", "the biases are missing"),
    _says("medium_parameters", "103880", "without_outputs", "the output layer is missing"),
    _says("wide_units", "910", "outputs_counted", "units of the output layer are no hidden units"),
    _says("wide_units", "1694", "inputs_counted", "pixels are no units"),
    _says("wide_parameters", "514600", "weights_only", "the biases are missing"),
    _says("wide_parameters", "514500", "without_outputs", "the output layer is missing"),
)
