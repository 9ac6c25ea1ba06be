"""The byte counts against the tensors that torch's optimizers really hold."""

import os

import pytest
import torch

from backproof_reference.derivations import get, optimizer_memory
from backproof_reference.optimizer_memory import (
    held_by_training,
    linear_parameters,
    memory_line,
    optimizer_state_bytes,
    parameter_bytes,
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


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_training_holds_is_what_torch_holds(name, dtype):
    """Parameters, gradients and state of a network with tensors of several shapes."""
    held = network(dtype)
    parameters, gradients, state = trained(held, name)
    counted = held_by_training([list(p.shape) for p in held.parameters()], name, dtype.itemsize)
    assert counted == (parameter_bytes(parameters), parameter_bytes(gradients), state_bytes(state))


def test_a_line_through_exact_readings():
    """Fixed part first, then what each image adds."""
    sizes = torch.tensor([4.0, 16.0, 64.0], dtype=torch.float64)
    fixed, per_image = memory_line(sizes, 1150 + 22.5 * sizes)
    torch.testing.assert_close((fixed.item(), per_image.item()), (1150.0, 22.5))


def network(dtype=torch.float32, device="cpu"):
    layers = (torch.nn.Conv2d(3, 16, 3), torch.nn.Flatten(), torch.nn.Linear(576, 700))
    return torch.nn.Sequential(*layers, torch.nn.Linear(700, 10)).to(device, dtype)


def trained(held, name):
    """Parameters, gradients and optimizer after one step."""
    example = next(held.parameters())
    optimizer = OPTIMIZERS[name](held.parameters())
    held(torch.ones(2, 3, 8, 8, dtype=example.dtype, device=example.device)).sum().backward()
    optimizer.step()
    return list(held.parameters()), [p.grad for p in held.parameters()], optimizer


BLOCK = 512
"""The allocator of a GPU hands out whole blocks."""


def in_blocks(tensors):
    return sum(-(-t.nbytes // BLOCK) * BLOCK for t in tensors if t.is_cuda)


@pytest.mark.gpu
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_allocator_of_a_gpu_agrees_with_the_count(name):
    """To the block; step counters lie in main memory. cuBLAS has its own memory before we look."""
    trained(network(device="cuda"), name)
    before = torch.cuda.memory_allocated()
    held = network(device="cuda")
    parameters, gradients, optimizer = trained(held, name)
    state = [v for part in optimizer.state.values() for v in part.values() if torch.is_tensor(v)]
    measured = torch.cuda.memory_allocated() - before
    assert measured == in_blocks([*parameters, *gradients, *state])
    counted = sum(held_by_training([list(p.shape) for p in held.parameters()], name))
    assert measured == pytest.approx(counted, rel=0.01)


@pytest.mark.gpu
def test_activations_on_a_gpu_are_affine_in_the_batch():
    """What a forward pass keeps for the backward pass: the same for each further image."""
    held = torch.nn.Sequential(
        torch.nn.Linear(512, 1024), torch.nn.ReLU(), torch.nn.Linear(1024, 512), torch.nn.ReLU()
    ).cuda()
    held(torch.ones(2, 512, device="cuda"))
    before = torch.cuda.memory_allocated()
    used = []
    for size in (128, 256, 384):
        out = held(torch.ones(size, 512, device="cuda"))
        used.append(torch.cuda.memory_allocated() - before)
        del out
    fixed, per_image = memory_line(torch.tensor([128.0, 256, 384]), torch.tensor(used).float())
    assert used[2] - used[1] == used[1] - used[0] > 0
    # The input and the results of both ReLUs; what goes into a ReLU is not kept.
    assert per_image.item() == pytest.approx(4 * (512 + 1024 + 512), rel=0.01)
    assert abs(fixed.item()) < 1 << 20


@pytest.mark.gpu
def test_a_context_takes_memory_that_no_tensor_has():
    """What the driver shows for this process, less all that the allocator has reserved."""
    nvml = pytest.importorskip("pynvml", reason="not run: nvidia-ml-py is not installed")
    torch.ones(1, device="cuda")
    nvml.nvmlInit()
    gpus = [nvml.nvmlDeviceGetHandleByIndex(n) for n in range(nvml.nvmlDeviceGetCount())]
    found = [p for gpu in gpus for p in nvml.nvmlDeviceGetComputeRunningProcesses(gpu)]
    shown = sum(p.usedGpuMemory or 0 for p in found if p.pid == os.getpid())
    if not shown:
        pytest.skip("not run: the driver does not tell what this process holds")
    assert shown - torch.cuda.memory_reserved() > 32 << 20
