"""ResNet-20 for small images, and its forward pass again from the definitions."""

from collections.abc import Sequence

import torch
from torch import nn

from backproof_reference.batchnorm import batchnorm_layer
from backproof_reference.conv import conv2d_forward

STAGES = ((16, 16, 1), (16, 32, 2), (32, 64, 2))
"""Channels into and out of each stage of three blocks, and the stride of its first block."""


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
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        self.stride = stride
        self.added = channels_out - channels_in
        self.projection = None
        if projection and (stride > 1 or self.added > 0):
            conv = nn.Conv2d(channels_in, channels_out, 1, stride, bias=False)
            self.projection = nn.Sequential(conv, nn.BatchNorm2d(channels_out))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The block's output.

        Shapes:
            x: (N, channels_in, H, W). Returns (N, channels_out, ceil(H / stride),
            ceil(W / stride)).
        """
        branch = self.bn1(self.conv1(x)).relu()
        branch = self.bn2(self.conv2(branch))
        if self.projection is not None:
            shortcut = self.projection(x)
        else:
            shortcut = x[:, :, :: self.stride, :: self.stride]
            shortcut = nn.functional.pad(shortcut, (0, 0, 0, 0, 0, self.added))
        out: torch.Tensor = (branch + shortcut).relu()
        return out


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
        super().__init__()
        layers: list[nn.Module] = [nn.Conv2d(3, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16)]
        layers.append(nn.ReLU())
        for before, after, stride in STAGES:
            layers.append(ResidualBlock(before, after, stride, projection))
            layers += [ResidualBlock(after, after, 1, projection) for _ in range(2)]
        self.layers = nn.Sequential(*layers)
        self.classifier = nn.Linear(64, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Logits of the ten classes.

        Shapes:
            x: (N, 3, H, W). Returns (N, 10).
        """
        logits: torch.Tensor = self.classifier(self.layers(x).mean(dim=(2, 3)))
        return logits


# --- the same from the definitions, with given weights ------------------------------------------


def block_shapes(
    channels_in: int, channels_out: int, stride: int, projection: bool
) -> list[list[int]]:
    """Shapes of a block's parameters, from the input on, the shortcut's last."""
    shapes = [[channels_out, channels_in, 3, 3], [channels_out], [channels_out]]
    shapes += [[channels_out, channels_out, 3, 3], [channels_out], [channels_out]]
    if projection and (stride > 1 or channels_in != channels_out):
        shapes += [[channels_out, channels_in, 1, 1], [channels_out], [channels_out]]
    return shapes


def resnet20_shapes(projection: bool) -> list[list[int]]:
    """Shapes of the network's parameters, from the input on."""
    shapes = [[16, 3, 3, 3], [16], [16]]
    for before, after, stride in STAGES:
        shapes += block_shapes(before, after, stride, projection)
        shapes += 2 * block_shapes(after, after, 1, projection)
    return [*shapes, [10, 64], [10]]


def block_output(
    x: torch.Tensor, weights: Sequence[torch.Tensor], stride: int, training: bool
) -> torch.Tensor:
    """A block's output from its definition, with fresh running statistics.

    Shapes:
        x: (N, C, H, W); weights: of ``block_shapes``, six of them, or nine with a projection.
        Returns the output.
    """
    branch = _normalised(x, weights[:3], stride, 1, training).clamp(min=0)
    branch = _normalised(branch, weights[3:6], 1, 1, training)
    if len(weights) > 6:
        shortcut = _normalised(x, weights[6:], stride, 0, training)
    else:
        seen = x[:, :, ::stride, ::stride]
        shortcut = torch.zeros_like(branch)
        shortcut[:, : x.shape[1]] = seen
    return (branch + shortcut).clamp(min=0)


def resnet20_logits(
    x: torch.Tensor, weights: Sequence[torch.Tensor], projection: bool, training: bool
) -> torch.Tensor:
    """ResNet-20 from its definition, with given weights and fresh running statistics.

    Shapes:
        x: (N, 3, H, W); weights: of ``resnet20_shapes``. Returns (N, 10).
    """
    left = list(weights)
    out = _normalised(x, left[:3], 1, 1, training).clamp(min=0)
    del left[:3]
    for before, after, stride in STAGES:
        for place in range(3):
            sizes = (after, after, 1) if place else (before, after, stride)
            count = len(block_shapes(*sizes, projection))
            out = block_output(out, left[:count], sizes[2], training)
            del left[:count]
    w, b = left
    return out.sum(dim=(2, 3)) / (out.shape[2] * out.shape[3]) @ w.T + b


def _normalised(
    x: torch.Tensor, weights: Sequence[torch.Tensor], stride: int, padding: int, training: bool
) -> torch.Tensor:
    """A convolution without a bias, and batch normalisation with statistics 0 and 1 so far."""
    w, gamma, beta = weights
    out = conv2d_forward(x, w, w.new_zeros(len(w)), stride, padding)
    rows = out.permute(0, 2, 3, 1).reshape(-1, len(w))
    zeros, ones = torch.zeros_like(gamma), torch.ones_like(gamma)
    rows = batchnorm_layer(rows, gamma, beta, zeros, ones, training)[0]
    return rows.reshape(out.shape[0], *out.shape[2:], -1).permute(0, 3, 1, 2)
