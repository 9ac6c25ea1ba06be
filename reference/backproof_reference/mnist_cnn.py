"""A small convolutional network for images of digits, with batch normalisation and dropout."""

from torch import nn


def make_cnn(height: int, width: int, classes: int, drop_prob: float) -> nn.Module:
    """Your convolutional network for grey images.

    It has at least one convolution, one layer of batch normalisation and one of dropout, and fewer
    than a million parameters. Every layer of dropout drops with the probability ``drop_prob``,
    which may be 0 (nothing is dropped) or 1 (everything is).

    Shapes:
        The network takes (N, 1, height, width) and returns logits, (N, classes).

    Source:
        CS 155 (Caltech), set 4, question 3.
    """
    layers: list[nn.Module] = []
    for before, after in ((1, 8), (8, 16)):
        layers += [nn.Conv2d(before, after, 3, padding=1), nn.BatchNorm2d(after), nn.ReLU()]
        layers += [nn.MaxPool2d(2), nn.Dropout(drop_prob)]
    flat = 16 * (height // 4) * (width // 4)
    return nn.Sequential(
        *layers, nn.Flatten(), nn.Linear(flat, 64), nn.ReLU(), nn.Linear(64, classes)
    )
