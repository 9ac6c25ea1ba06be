"""Wrong LeNets and wrong steps: each with the sentence that a student reads."""

from backproof import Mutant

_POOL_1 = "x = self.pool(torch.relu(self.conv1(x)))"
_FLATTEN = "x = torch.flatten(x, 1)"

MUTANTS = (
    Mutant(
        id="no_biases",
        of="LeNet5",
        misconception="your convolutions have no bias; here every layer has one",
        killed_by=("structure",),
        edit=("nn.Conv2d(3, 6, 5)", "nn.Conv2d(3, 6, 5, bias=False)"),
    ),
    Mutant(
        id="padded",
        of="LeNet5",
        misconception="your first convolution is padded, as for the original images of 28 by 28; "
        "then more than 400 numbers are left to flatten",
        killed_by=("structure",),
        raises="RuntimeError",
        edit=("nn.Conv2d(3, 6, 5)", "nn.Conv2d(3, 6, 5, padding=2)"),
    ),
    Mutant(
        id="one_channel",
        of="LeNet5",
        misconception="your first convolution takes one channel; a colour image has three",
        killed_by=("structure",),
        raises="RuntimeError",
        edit=("nn.Conv2d(3, 6, 5)", "nn.Conv2d(1, 6, 5)"),
    ),
    Mutant(
        id="one_layer_short",
        of="LeNet5",
        misconception="your network lacks the layer from 120 to 84",
        killed_by=("structure",),
        code="""
        class LeNet5(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv1, self.conv2 = nn.Conv2d(3, 6, 5), nn.Conv2d(6, 16, 5)
                self.fc1, self.fc2 = nn.Linear(400, 120), nn.Linear(120, 10)

            def forward(self, x):
                x = nn.functional.max_pool2d(torch.relu(self.conv1(x)), 2)
                x = nn.functional.max_pool2d(torch.relu(self.conv2(x)), 2)
                return self.fc2(torch.relu(self.fc1(x.flatten(1))))
        """,
    ),
    Mutant(
        id="layers_left_out",
        of="LeNet5",
        misconception="your forward pass leaves out layers, or throws their results away: their weights change nothing",
        killed_by=("structure",),
        code="""
        class LeNet5(LeNet5):
            def forward(self, x):
                super().forward(x)
                return x.flatten(1)[:, :10] / 100
        """,
    ),
    Mutant(
        id="kaiming_everywhere",
        of="LeNet5",
        misconception="your last layer starts too large: initialisation for ReLU belongs to layers "
        "that ReLU follows",
        killed_by=("initial_loss",),
        code="""
        _LeNet5 = LeNet5

        class LeNet5(_LeNet5):
            def __init__(self):
                super().__init__()
                for parameter in self.parameters():
                    if parameter.ndim > 1:
                        nn.init.kaiming_normal_(parameter)
        """,
    ),
    Mutant(
        id="zeros",
        of="LeNet5",
        misconception="your network starts with zeros: then all hidden units stay equal",
        killed_by=("initial_loss",),
        code="""
        _LeNet5 = LeNet5

        class LeNet5(_LeNet5):
            def __init__(self):
                super().__init__()
                for parameter in self.parameters():
                    nn.init.zeros_(parameter)
        """,
    ),
    Mutant(
        id="softmax",
        of="LeNet5",
        misconception="your network ends with softmax; the loss applies it again, and cannot fall "
        "below 1.46 then",
        killed_by=("forward",),
        edit=("= self.fc3(x)", "= torch.softmax(self.fc3(x), dim=1)"),
    ),
    Mutant(
        id="log_softmax",
        of="LeNet5",
        misconception="your network ends with log-softmax; logits are asked for",
        killed_by=("forward",),
        edit=("= self.fc3(x)", "= torch.log_softmax(self.fc3(x), dim=1)"),
    ),
    Mutant(
        id="relu_on_logits",
        of="LeNet5",
        misconception="your network ends with ReLU: no logit can be negative then, and a class with "
        "a negative one never learns",
        killed_by=("forward",),
        edit=("= self.fc3(x)", "= torch.relu(self.fc3(x))"),
    ),
    Mutant(
        id="relu_missing",
        of="LeNet5",
        misconception="there is no ReLU after your first convolution",
        killed_by=("forward",),
        edit=(_POOL_1, "x = self.pool(self.conv1(x))"),
    ),
    Mutant(
        id="relu_missing_between_linear",
        of="LeNet5",
        misconception="there is no ReLU between your layers to 120 and to 84: two linear layers in a "
        "row are one",
        killed_by=("forward",),
        edit=("x = torch.relu(self.fc1(x))", "x = self.fc1(x)"),
    ),
    Mutant(
        id="tanh",
        of="LeNet5",
        misconception="your activations are tanh, as in 1998; here they are ReLU",
        killed_by=("forward",),
        code="""
        class LeNet5(LeNet5):
            def forward(self, x):
                x = self.pool(torch.tanh(self.conv1(x)))
                x = self.pool(torch.tanh(self.conv2(x)))
                x = torch.tanh(self.fc2(torch.tanh(self.fc1(torch.flatten(x, 1)))))
                return self.fc3(x)
        """,
    ),
    Mutant(
        id="average_pooling",
        of="LeNet5",
        misconception="you pool by averages; here it is the maximum",
        killed_by=("forward",),
        edit=("nn.MaxPool2d(2)", "nn.AvgPool2d(2)"),
    ),
    Mutant(
        id="channels_last",
        of="LeNet5",
        misconception="you flatten row, column, channel; the order is channel, row, column",
        killed_by=("forward",),
        edit=(_FLATTEN, "x = x.permute(0, 2, 3, 1).flatten(1)"),
    ),
    Mutant(
        id="flattened_over_the_batch",
        of="LeNet5",
        misconception="you flatten without regard to the batch: the parts of different images mix",
        killed_by=("forward",),
        edit=(_FLATTEN, "x = x.transpose(0, 1).reshape(x.shape[0], -1)"),
    ),
    Mutant(
        id="detached",
        of="LeNet5",
        misconception="your forward pass leaves autograd on the way (detach, NumPy, .data, no_grad): "
        "the layers before that place never learn",
        killed_by=("gradients", "train_step"),
        edit=(_FLATTEN, "x = torch.flatten(x.detach(), 1)"),
    ),
    Mutant(
        id="gradients_not_cleared",
        of="train_step",
        misconception="your steps add the gradients of earlier mini-batches: they are not cleared "
        "before backward",
        killed_by=("train_step",),
        edit=("optimizer.zero_grad()", "pass"),
    ),
    Mutant(
        id="no_update",
        of="train_step",
        misconception="your step does not move the weights: there is no update, or the gradients are "
        "cleared just before it",
        killed_by=("train_step",),
        edit=("optimizer.step()", "optimizer.zero_grad(); optimizer.step()"),
    ),
    Mutant(
        id="sum_of_losses",
        of="train_step",
        misconception="your loss is the sum over the mini-batch; it is the mean",
        killed_by=("train_step",),
        edit=("cross_entropy(network(x), y)", 'cross_entropy(network(x), y, reduction="sum")'),
    ),
    Mutant(
        id="softmax_before_loss",
        of="train_step",
        misconception="you apply softmax before the cross-entropy, which does so itself",
        killed_by=("train_step",),
        edit=("cross_entropy(network(x), y)", "cross_entropy(network(x).softmax(1), y)"),
    ),
    Mutant(
        id="loss_after_update",
        of="train_step",
        misconception="your step returns the loss after the update; the one before it is asked for",
        killed_by=("train_step",),
        edit=("return loss.detach()", "return nn.functional.cross_entropy(network(x), y).detach()"),
    ),
)
