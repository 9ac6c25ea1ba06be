"""The byte counts against the tensors that torch's optimizers really hold."""

import pytest
import torch

from backproof_reference.derivations import get, optimizer_memory
from backproof_reference.optimizer_memory import (
    linear_parameters,
    optimizer_state_bytes,
    training_bytes,
)
from backproof_reference.prove import Setting, evaluate

RESNET_152 = 58_164_298  # trainable, 10 classes
OPTIMIZERS = {
    "sgd": lambda held: torch.optim.SGD(held, lr=0.1),
    "momentum": lambda held: torch.optim.SGD(held, lr=0.1, momentum=0.9),
    "adam": lambda held: torch.optim.Adam(held, lr=0.1),
}


def state_bytes(optimizer):
    """All bytes in the state of an optimizer."""
    parts = [part for state in optimizer.state.values() for part in state.values()]
    return sum(part.numel() * part.element_size() for part in parts if part is not None)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_state_is_what_torch_holds_after_a_step(name, dtype):
    """Nothing before the first step; step counters are 4 bytes for each tensor."""
    net = torch.nn.Sequential(torch.nn.Linear(7, 5), torch.nn.ReLU(), torch.nn.Linear(5, 3))
    net.to(dtype)
    optimizer = OPTIMIZERS[name](net.parameters())
    assert state_bytes(optimizer) == 0
    net(torch.ones(1, 7, dtype=dtype)).sum().backward()
    optimizer.step()
    parameters = linear_parameters(7, 5) + linear_parameters(5, 3)
    assert parameters == sum(part.numel() for part in net.parameters())
    expected = optimizer_state_bytes(parameters, name, dtype.itemsize, step_counters=4)
    assert state_bytes(optimizer) == expected


@pytest.mark.parametrize(
    ("name", "megabytes"), [("sgd", 465.31), ("momentum", 697.97), ("adam", 930.63)]
)
def test_the_numbers_of_a_resnet_152(name, megabytes):
    """58,164,298 parameters in float32: 232,657,192 bytes for each copy."""
    assert RESNET_152 * 4 == 232_657_192
    assert training_bytes(RESNET_152, name) / 1e6 == pytest.approx(megabytes, abs=0.005)
    counters = training_bytes(RESNET_152, name, step_counters=467)
    assert counters - training_bytes(RESNET_152, name) == (1868 if name == "adam" else 0)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_reference_function_equals_the_checked_count(name):
    """The code and the proof describe the same thing."""
    sizes = {optimizer_memory.n: 784, optimizer_memory.m: 60}
    expr = get(f"optimizer_memory.{name}").result()
    proved = evaluate(expr, Setting(), sizes, {"z": torch.tensor(8.0)})
    assert training_bytes(linear_parameters(784, 60), name, 8) == proved


def test_a_layer_without_a_bias_has_one_parameter_less_for_each_output():
    """784 x 60 weights."""
    assert linear_parameters(784, 60, bias=False) == 784 * 60
    assert linear_parameters(784, 60) == 784 * 60 + 60


def test_an_unknown_optimizer_is_refused():
    """The message lists the known ones."""
    with pytest.raises(ValueError, match="one of sgd, momentum, adam, got 'lion'"):
        training_bytes(10, "lion")
