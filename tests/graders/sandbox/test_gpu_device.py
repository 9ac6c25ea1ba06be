"""The GPU profile on a GPU."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backproof.model import Fault, Limits, Returned
from backproof.sandbox import Isolated, gpu_watch

from .conftest import Ask

pytestmark = pytest.mark.gpu

LIMITS = Limits(call_seconds=60.0, gpu_memory_bytes=1 << 30)


class AskGpu(Ask):
    def run(self, session, probe, inputs=None, dtype="float64", device="cuda", strided=False):
        return super().run(session, probe, inputs, dtype, device, strided)


@pytest.fixture(scope="module", params=["the strongest", "base", "cold"])
def ask_gpu(request):
    options = {"namespaces": request.param != "base"}
    options["least"] = "cold" if request.param == "cold" else "base"
    with Isolated(LIMITS, "cuda", **options) as runner:
        yield AskGpu(runner)


@pytest.fixture(scope="module")
def ask_warm():
    with Isolated(LIMITS, "cuda") as runner:
        yield AskGpu(runner)


def test_a_submission_computes_on_the_gpu(ask_gpu):
    """Inputs lie there, results come back to the CPU and say where they were."""
    value = ask_gpu.value("def f(x):\n    assert x.is_cuda\n    return x * 2\n")
    assert value.device.startswith("cuda")
    assert value.array.tolist() == [[0.0, 2.0, 4.0], [6.0, 8.0, 10.0]]


def test_a_submission_trains_on_the_gpu(ask_gpu):
    """Convolution, backward pass and optimiser, in a forked child."""
    source = """
        import torch
        def f(x):
            net = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.Flatten(), torch.nn.Linear(144, 3))
            net.to(x.device)
            adam = torch.optim.Adam(net.parameters())
            for _ in range(3):
                adam.zero_grad()
                net(torch.ones(2, 1, 8, 8, device=x.device)).square().sum().backward()
                adam.step()
            return net[2].weight.detach()
        """
    assert ask_gpu.value(source).array.shape == (3, 144)


BROKEN = """
import torch
def f(x): return x
def bad(x): return x[torch.tensor([10 ** 6], device=x.device)]
def swallowed(x):
    try:
        bad(x).cpu()
    except RuntimeError:
        pass
    return torch.zeros(2, 3)
"""


@pytest.mark.parametrize("function", ["bad", "swallowed"])
def test_a_broken_context_costs_its_own_call_only(ask_gpu, submission, function):
    """Not the submission's other functions, and no other submission."""
    with ask_gpu.runner.open(submission(BROKEN)) as session:
        stopped = ask_gpu.run(session, ask_gpu.probe(function=function))
        after = ask_gpu.run(session, ask_gpu.probe())
    assert stopped.fault is Fault.DEVICE
    assert "usually an index out of range" in stopped.message
    assert isinstance(after, Returned)
    assert isinstance(ask_gpu.once("def f(x): return x"), Returned)


TAKES = """
import torch
def f(x):
    {undo}
    kept = []
    while True:
        kept.append(torch.ones(64 << 18, device=x.device))
        torch.cuda.synchronize()
"""


def test_too_much_memory_meets_the_inner_fence(ask_gpu):
    """PyTorch's allocator refuses, which is the call's own error."""
    stopped = ask_gpu.fault(TAKES.format(undo=""))
    assert stopped.fault is Fault.OUT_OF_MEMORY
    assert stopped.error == "OutOfMemoryError"


def test_whoever_takes_the_fence_down_is_ended_from_outside(ask_gpu):
    """The driver knows what a process holds."""
    if gpu_watch.LAYER not in ask_gpu.runner.layers:
        pytest.skip(f"not run: {ask_gpu.runner.missing[gpu_watch.LAYER]}")
    stopped = ask_gpu.fault(TAKES.format(undo="torch.cuda.set_per_process_memory_fraction(1.0)"))
    assert stopped.fault is Fault.OUT_OF_MEMORY
    assert stopped.message == "your code used more than 1024 MiB of memory on the GPU"
    assert isinstance(ask_gpu.once("def f(x): return x"), Returned)


def test_settings_that_a_submission_changes_hold_for_that_call_only(ask_warm, submission):
    """TF32 would show in the next call's product."""
    source = """
        import torch
        def bad(x):
            torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
            return x
        def f(x):
            a = torch.rand(256, 256, device=x.device)
            exact = a.double() @ a.double()
            return ((a @ a).double() - exact).abs().max() / exact.abs().max() * 2 ** 24
        """
    with ask_warm.runner.open(submission(source)) as session:
        ask_warm.run(session, ask_warm.probe(function="bad"))
        outcome = ask_warm.run(session, ask_warm.probe())
    assert outcome.values["y"].array < 32


def test_memory_that_was_not_written_is_nan(ask_warm):
    """What another computation left there is no answer."""
    source = "import torch\ndef f(x): return torch.empty(2, 3, device=x.device)\n"
    assert ask_warm.value(source).array.dtype.kind == "f"
    assert all(number != number for number in ask_warm.value(source).array.ravel())


def test_the_warm_parent_holds_no_gpu(ask_warm):
    """Neither a device file nor a second thread, however many children have computed."""
    assert isinstance(ask_warm.once("def f(x): return x"), Returned)
    number = ask_warm.runner._parent.pid
    # From what we started inwards, as far as the process whose children compute.
    while not any("nvidia" in file for child in children(number) for file in files(child)):
        assert children(number), "no process holds a device file"
        number = children(number)[0]
    assert not any("nvidia" in file for file in files(number))
    assert len(os.listdir(f"/proc/{number}/task")) == 1


def children(number):
    return list(map(int, Path(f"/proc/{number}/task/{number}/children").read_text().split()))


def files(number):
    folder = f"/proc/{number}/fd"
    return [os.readlink(f"{folder}/{name}") for name in os.listdir(folder)]
