"""Small ReLU nets that compute Boolean functions, written down rather than trained."""

import torch

Layer = tuple[torch.Tensor, torch.Tensor]


def relu_net(x: torch.Tensor, layers: list[Layer]) -> torch.Tensor:
    """A fully connected net with ReLU between its layers and none behind the last.

    Shapes:
        x: (N, D); layers: pairs (weight, bias) of shapes (O, I) and (O,), where I is the O of the
        layer before and D for the first.
        Returns (N, O) with the O of the last layer.

    Raises:
        ValueError: if there is no layer.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.1.
    """
    if not layers:
        raise ValueError("a net needs at least one layer")
    *hidden, (weight, bias) = layers
    for inner_weight, inner_bias in hidden:
        x = (x @ inner_weight.T + inner_bias).relu()
    return x @ weight.T + bias


def or_net() -> list[Layer]:
    """One hidden unit: relu(x1 + x2) is 0 at (0, 0) and at least 1 elsewhere.

    Shapes:
        Returns the layers of a net from 2 inputs over 1 hidden unit to 1 output.

    Source:
        CS155 (Caltech), problem set 4, question 1.
    """
    return [_layer([[1.0, 1.0]], [0.0]), _layer([[1.0]], [0.0])]


def and_net() -> list[Layer]:
    """One hidden unit: relu(x1 + x2 - 1) is 1 at (1, 1) and 0 elsewhere.

    Shapes:
        Returns the layers of a net from 2 inputs over 1 hidden unit to 1 output.

    Source:
        CS155 (Caltech), problem set 4, question 1.
    """
    return [_layer([[1.0, 1.0]], [-1.0]), _layer([[1.0]], [0.0])]


def xor_net() -> list[Layer]:
    """Two hidden units: relu(x1 + x2) - 2 relu(x1 + x2 - 1).

    Shapes:
        Returns the layers of a net from 2 inputs over 2 hidden units to 1 output.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.1.
    """
    return [_layer([[1.0, 1.0], [1.0, 1.0]], [0.0, -1.0]), _layer([[1.0, -2.0]], [0.0])]


def _layer(weight: list[list[float]], bias: list[float]) -> Layer:
    return torch.tensor(weight, dtype=torch.float64), torch.tensor(bias, dtype=torch.float64)
