"""Wrong blocks, networks and counts, each with the sentence that a student reads."""

from backproof import Mutant


def _says(of: str, answer: str, id: str, misconception: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}", of=of, misconception=misconception, killed_by=(of,), answer=answer
    )


def _block(id: str, misconception: str, old: str, new: str, *killed_by: str) -> Mutant:
    return Mutant(
        id=f"block_{id}",
        of="ResidualBlock",
        misconception=misconception,
        killed_by=killed_by,
        edit=(old, new),
        cause=f"block_{id}",  # the network is made of these blocks
    )


def _network(id: str, misconception: str, old: str, new: str, *killed_by: str) -> Mutant:
    return Mutant(
        id=f"network_{id}",
        of="ResNet20",
        misconception=misconception,
        killed_by=killed_by,
        edit=(old, new),
    )


OUT = "(branch + shortcut).relu()"
MUTANTS = (
    _block("no_shortcut", "the shortcut is not added", OUT, "branch.relu()", "block", "structure"),
    _block("no_last_relu", "the last ReLU is missing", OUT, "branch + shortcut", "block", "logits"),
    _block(
        "relu_before",
        "your last ReLU stands in front of the sum: it belongs behind it",
        OUT,
        "branch.relu() + shortcut",
        "block",
        "logits",
    ),
    _block(
        "no_first_relu",
        "the ReLU between the convolutions is missing",
        "self.bn1(self.conv1(x)).relu()",
        "self.bn1(self.conv1(x))",
        "block",
        "logits",
    ),
    _block(
        "relu_before_norm",
        "your ReLU stands in front of the normalisation",
        "self.bn1(self.conv1(x)).relu()",
        "self.bn1(self.conv1(x).relu())",
        "block",
        "logits",
    ),
    _block(
        "second_not_normalised",
        "the second convolution is not normalised",
        "self.bn2(self.conv2(branch))",
        "self.conv2(branch)",
        "block",
        "logits",
    ),
    _block(
        "zeros_in_front",
        "your zeros stand in front of the channels of x",
        "(0, 0, 0, 0, 0, self.added)",
        "(0, 0, 0, 0, self.added, 0)",
        "block",
        "logits",
    ),
    _block(
        "zeros_on_both_sides",
        "your zeros stand on both sides of the channels of x; here they stand behind them",
        "(0, 0, 0, 0, 0, self.added)",
        "(0, 0, 0, 0, self.added // 2, self.added - self.added // 2)",
        "block",
        "logits",
    ),
    _block(
        "averaged",
        "your shortcut averages; it takes every stride-th row and column",
        "x[:, :, :: self.stride, :: self.stride]",
        "nn.functional.avg_pool2d(x, self.stride, ceil_mode=True)",
        "block",
        "logits",
    ),
    _block(
        "projection_not_normalised",
        "the projection is not normalised",
        "self.projection(x)",
        "self.projection[0](x)",
        "projection",
        "logits",
    ),
    _block(
        "rectified_projection",
        "your shortcut has a ReLU",
        "self.projection(x)",
        "self.projection(x).relu()",
        "projection",
        "logits",
    ),
    _block(
        "always_projected",
        "where nothing changes, x itself is the shortcut",
        "if projection and (stride > 1 or self.added > 0)",
        "if projection",
        "projection",
        "zero_branch",
        "structure",
    ),
    _block(
        "running_statistics",
        "your normalisation uses its running statistics in training, too",
        "self.bn2(self.conv2(branch))",
        "self.bn2.eval()(self.conv2(branch))",
        "block_training",
    ),
    _network(
        "two_blocks",
        "your stages have two blocks: this is ResNet-14",
        "range(2)",
        "range(1)",
        "structure",
    ),
    _network(
        "with_bias",
        "your first convolution has a bias",
        "padding=1, bias=False",
        "padding=1",
        "structure",
    ),
    _network(
        "blocks_left_out",
        "your forward pass leaves out layers, or throws their results away: their weights change nothing",
        "self.classifier(self.layers(x).mean(dim=(2, 3)))",
        "self.classifier(self.layers[:3](x).mean(dim=(2, 3)).repeat(1, 4))",
        "structure",
    ),
    _network(
        "always_padded",
        "you ignore projection",
        "ResidualBlock(before, after, stride, projection)",
        "ResidualBlock(before, after, stride)",
        "structure",
    ),
    _network(
        "no_first_relu",
        "the ReLU behind the first convolution is missing",
        "layers.append(nn.ReLU())",
        "layers.append(nn.Identity())",
        "logits",
    ),
    _network(
        "pooled_stem",
        "max pooling at the start is for large images",
        "layers.append(nn.ReLU())",
        "layers += [nn.ReLU(), nn.MaxPool2d(2)]",
        "logits",
    ),
    _network(
        "softmax",
        "you return probabilities; logits are asked for",
        "self.classifier(self.layers(x).mean(dim=(2, 3)))",
        "self.classifier(self.layers(x).mean(dim=(2, 3))).softmax(1)",
        "logits",
    ),
    _network(
        "maximum",
        "you take the maximum over each map; it is the mean",
        ".mean(dim=(2, 3))",
        ".amax(dim=(2, 3))",
        "logits",
    ),
    _says(
        "params_padded", "268336", "no_normalisation", "scale and shift of the normalisation count"
    ),
    _says("params_padded", "270410", "with_biases", "the convolutions have no biases"),
    _says("params_padded", "272474", "projected", "this is with projections"),
    _says("params_projected", "269722", "padded", "this is without projections"),
    _says(
        "params_projected",
        "272282",
        "not_normalised",
        "the projections are normalised: scale and shift count",
    ),
    _says("macs", "81102080", "flops", "you count two operations for a multiply-add"),
    _says("macs", "40550400", "no_last_layer", "the fully connected layer is missing"),
    _says("field", "39", "no_strides", "behind a stride each kernel reaches further in the image"),
    _says("field", "32", "image", "it reaches beyond the image, into the padding"),
    _says("field", "85", "own_stride", "a layer's stride moves on what comes behind it alone"),
)
