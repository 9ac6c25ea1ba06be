"""How many bytes training keeps for the parameters: weights, gradients and optimizer state."""

import torch

# Stored numbers per parameter, beside the parameter itself and its gradient.
STATES = {"sgd": 0, "momentum": 1, "adam": 2}


def linear_parameters(inputs: int, outputs: int, bias: bool = True) -> int:
    """The number of parameters of a fully connected layer.

    Shapes:
        Returns a number: a weight for each pair of an input and an output, and a bias for each
        output.

    Source:
        torch.nn.Linear.
    """
    return outputs * (inputs + int(bias))


def optimizer_state_bytes(
    parameters: int, optimizer: str, bytes_per_value: int = 4, step_counters: int = 0
) -> int:
    """The bytes an optimizer keeps from step to step.

    Plain SGD keeps nothing, "momentum" one number per parameter, "adam" two (means of the gradient
    and of its square). torch's Adam also keeps one step counter of 4 bytes for every tensor.

    Shapes:
        parameters: how many numbers are trained; step_counters: how many tensors hold them, counted
        for "adam" only. Returns bytes.

    Raises:
        ValueError: if ``optimizer`` is none of "sgd", "momentum", "adam".

    Source:
        Kingma and Ba, "Adam", ICLR 2015, Algorithm 1; torch.optim.SGD and torch.optim.Adam.
    """
    if optimizer not in STATES:
        raise ValueError(f"optimizer must be one of {', '.join(STATES)}, got {optimizer!r}")
    counters = 4 * step_counters if optimizer == "adam" else 0
    return STATES[optimizer] * parameters * bytes_per_value + counters


def training_bytes(
    parameters: int, optimizer: str, bytes_per_value: int = 4, step_counters: int = 0
) -> int:
    """The bytes of parameters, gradients and optimizer state, without activations.

    Shapes:
        As for ``optimizer_state_bytes``. Returns bytes; 1 MB is 10^6 and 1 MiB is 2^20 of them.

    Raises:
        ValueError: if ``optimizer`` is none of "sgd", "momentum", "adam".

    Source:
        As ``optimizer_state_bytes``.
    """
    state = optimizer_state_bytes(parameters, optimizer, bytes_per_value, step_counters)
    return 2 * parameters * bytes_per_value + state


def parameter_bytes(parameters: list[torch.Tensor]) -> int:
    """The bytes that the entries of tensors take, each tensor in its own dtype.

    Shapes:
        parameters: tensors of any shapes and dtypes. Returns a whole number of bytes.

    Source:
        PyTorch documentation, torch.Tensor.
    """
    return sum(part.numel() * part.element_size() for part in parameters)


def held_by_training(
    shapes: list[list[int]], optimizer: str, bytes_per_value: int = 4
) -> tuple[int, int, int]:
    """The bytes that training holds for the parameters after its first step.

    Shapes:
        shapes: the shape of each trained tensor, [] for a single number. optimizer: "sgd" (without
        momentum), "momentum" (SGD with momentum) or "adam". Adam's step counters, one of 4 bytes
        for each tensor, count as well. Returns the bytes of the parameters, of their gradients, and
        of the optimizer's state, three whole numbers.

    Source:
        Kingma and Ba, "Adam", ICLR 2015, Algorithm 1; torch.optim.SGD and torch.optim.Adam.
    """
    values = sum(torch.Size(shape).numel() for shape in shapes)
    held = values * bytes_per_value
    counters = 4 * len(shapes)
    state = {"sgd": 0, "momentum": held, "adam": 2 * held + counters}[optimizer]
    return held, held, state


def memory_line(
    batch_sizes: torch.Tensor, readings: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """The line through memory readings at several batch sizes that has the least squared error.

    Shapes:
        batch_sizes, readings: (n,), n at least 2, not all sizes equal. Returns its value at a batch
        of 0 images and its slope, two single numbers.

    Source:
        Bishop, "Pattern Recognition and Machine Learning", section 3.1.1.
    """
    sizes = batch_sizes - batch_sizes.mean()
    slope = (sizes * readings).sum() / (sizes * sizes).sum()
    return readings.mean() - slope * batch_sizes.mean(), slope
