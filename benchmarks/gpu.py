"""What a GPU costs a grader: start-up, memory, recovery, and the layers that CUDA starts under.

    python benchmarks/gpu.py [--only NAME ...] [--repeat 5]

Prints the rows of the table in docs/gpu.md. Needs a CUDA device and nvidia-ml-py; without a device
it says so and measures nothing. A measurement that fails says why, and the others go on.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from backproof.model import Call, Fault, Limits, Outcome, Probe, Returned, Submission
from backproof.sandbox import Isolated, gpu, gpu_watch, layers, seccomp

LIMITS = Limits(call_seconds=60.0, gpu_memory_bytes=1 << 30)
PROBE = Probe(calls=(Call(function="f", takes=("x",), returns=("y",)),))
HONEST = "def f(x): return x * 2\n"
BREAKS = """
import torch
def f(x):
    return x[torch.tensor([10 ** 6], device=x.device)]
"""
TAKES_ALL = """
import torch
def f(x):
    torch.cuda.set_per_process_memory_fraction(1.0)
    kept = []
    while True:
        kept.append(torch.ones(64 << 18, device=x.device))
        torch.cuda.synchronize()
"""
WORKS = """
import time, torch
def f(x):
    a = torch.rand(4096, 4096, device=x.device)
    torch.cuda.synchronize()
    began = time.perf_counter()
    for _ in range(100):
        a @ a
    torch.cuda.synchronize()
    return time.perf_counter() - began
"""
# Calls that the filter denies and a driver might want: each is tried allowed, one at a time.
SUSPECTS = (
    ("socket", "bind", "listen", "accept", "accept4", "connect"),
    ("sched_setaffinity",),
    ("setpriority",),
    ("fallocate",),
)


def ask(runner: Isolated, source: str, device: str = "cuda") -> tuple[Outcome, float]:
    """One probe of one submission, and the seconds from opening it to the answer."""
    submission = Submission(name="s", path=Path("s.py"), digest="", cells=(source,))
    began = time.perf_counter()
    with runner.open(submission, LIMITS) as session:
        inputs = {"x": np.ones((4, 3))}
        outcome = session.run(PROBE, inputs, dtype="float64", device=device, strided=False)
        return outcome, time.perf_counter() - began


def seconds(values: list[float]) -> str:
    return f"{statistics.median(values):.3f} s (least {min(values):.3f})"


@contextlib.contextmanager
def without_spares(runner: Isolated) -> Iterator[None]:
    """Every child is begun when it is needed."""
    make: Any = runner._make_spare
    runner._make_spare = lambda *_: None  # type: ignore[method-assign]
    try:
        yield
    finally:
        runner._make_spare = make  # type: ignore[method-assign]


# --- measurements: each yields rows of (what, result) ---------------------------------------------


def first_answer(repeat: int) -> Iterator[tuple[str, str]]:
    with Isolated(LIMITS, "cuda") as runner:
        yield "isolation", runner.isolation
        for name, around in (("with a spare", contextlib.nullcontext()), ("without", None)):
            times = []
            with around or without_spares(runner):
                ask(runner, HONEST)
                for _ in range(repeat):
                    time.sleep(3.0 if around else 0.0)  # the spare has time to start
                    outcome, took = ask(runner, HONEST)
                    assert isinstance(outcome, Returned), outcome
                    times.append(took)
            yield f"submission to first answer on the GPU, {name}", seconds(times)
    with Isolated(LIMITS, "cuda", "cold") as runner:
        times = [ask(runner, HONEST)[1] for _ in range(min(repeat, 3))]
        yield "the same, cold process", seconds(times)


def context_memory(repeat: int) -> Iterator[tuple[str, str]]:
    with Isolated(LIMITS, "cuda") as runner:
        child = runner.fork(LIMITS)
        held = gpu_watch.Nvml().held().get(child.number or 0, 0)
        yield "GPU memory of an empty child (context, cuBLAS)", f"{held / 1e6:.1f} MB"
        main = gpu_watch.in_main_memory(child.number or 0)
        yield "its own main memory", f"{main / 1e6:.1f} MB"
        threads = len(os.listdir(f"/proc/{child.number}/task"))
        files = len(os.listdir(f"/proc/{child.number}/fd"))
        yield "its threads and open files", f"{threads} and {files}"
        runner.end(child)


def recovery(repeat: int) -> Iterator[tuple[str, str]]:
    with Isolated(LIMITS, "cuda") as runner:
        broken, after = [], []
        for _ in range(repeat):
            outcome, took = ask(runner, BREAKS)
            assert not isinstance(outcome, Returned), outcome
            assert outcome.fault is Fault.DEVICE, outcome
            broken.append(took)
            outcome, took = ask(runner, HONEST)
            assert isinstance(outcome, Returned), outcome
            after.append(took)
        yield "device-side assert to its verdict", seconds(broken)
        yield "the next honest submission, at once after it", seconds(after)


def memory_cap(repeat: int) -> Iterator[tuple[str, str]]:
    if not torch.cuda.is_available():
        raise OSError("no CUDA device")
    before = torch.cuda.mem_get_info()[0]
    lowest = [before]
    with Isolated(LIMITS, "cuda") as runner, ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask, runner, TAKES_ALL)
        while not asked.done():
            lowest.append(torch.cuda.mem_get_info()[0])
            time.sleep(0.002)
        outcome, took = asked.result()
        assert not isinstance(outcome, Returned), outcome
        yield "taking all memory past the inner fence", f"{outcome.fault}: {outcome.message}"
        yield "until its verdict", f"{took:.3f} s"
        most = (before - min(lowest)) / 1e6
        yield "most memory in use meanwhile, contexts included (cap 1074 MB)", f"{most:.0f} MB"


def time_slices(repeat: int) -> Iterator[tuple[str, str]]:
    def work(runner: Isolated) -> float:
        outcome, _ = ask(runner, WORKS)
        assert isinstance(outcome, Returned), outcome
        array = outcome.values["y"].array
        assert array is not None
        return float(array)

    with contextlib.ExitStack() as stack:
        runners = [stack.enter_context(Isolated(LIMITS, "cuda")) for _ in range(4)]
        alone = work(runners[0])
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(work, runners))
        yield "100 products of 4096 x 4096 in float32, alone", f"{alone:.3f} s"
        yield "four children at a time", ", ".join(f"{took:.3f}" for took in together) + " s"


def startup_layers(repeat: int) -> Iterator[tuple[str, str]]:
    usable = [layer for layer in layers.LAYERS if layer.__name__ not in _NEED_A_VIEW]
    for count in range(len(usable) + 1):
        last = usable[count - 1].__name__.strip("_").replace("_", " ") if count else "no layer"
        yield f"CUDA starts under: {'+ ' * bool(count)}{last}", _trial({"layers": count})
    for allowed in SUSPECTS:
        result = _trial({"layers": len(usable), "allow": allowed})
        yield f"all of them, but {allowed[0]} allowed", result
    yield "all of them, and memfd_create denied", _trial({"layers": len(usable), "memfd": False})
    for gib in (8, 64, 512):
        yield f"RLIMIT_AS {gib} GiB, no layer", _trial({"layers": 0, "address_space": gib << 30})
    yield "RLIMIT_DATA 4 GiB, no layer", _trial({"layers": 0, "data": 4 << 30})


def dmem(repeat: int) -> Iterator[tuple[str, str]]:
    controllers = Path("/sys/fs/cgroup/cgroup.controllers")
    offered = controllers.read_text().split() if controllers.exists() else []
    yield "control groups of version 2 with GPU memory (dmem)", "yes" if "dmem" in offered else "no"


def settings(repeat: int) -> Iterator[tuple[str, str]]:
    gpu.set_exact()  # the first time imports what the warm parent has imported
    began = time.perf_counter()
    for _ in range(1000):
        gpu.set_exact()
    yield "settings asserted again, each call", f"{(time.perf_counter() - began) * 1e3:.1f} us"
    a = torch.rand(512, 512, device="cuda")
    exact = (a.double() @ a.double()).cpu()
    noise = torch.finfo(torch.float32).eps / 2 * exact.abs().max()
    size = ((a @ a).cpu().double() - exact).abs().max() / noise
    yield "float32 product with the settings, in units of rounding (TF32: thousands)", f"{size:.1f}"
    torch.backends.cuda.matmul.allow_tf32 = True
    size = ((a @ a).cpu().double() - exact).abs().max() / noise
    yield "the same with TF32 (NVIDIA_TF32_OVERRIDE unset)", f"{size:.1f}"
    gpu.set_exact()
    filled = bool(torch.empty(1000, device="cuda").isnan().all())
    yield "torch.empty on the GPU is NaN", str(filled)


def accounting(repeat: int) -> Iterator[tuple[str, str]]:
    """ResNet-152 with 10 classes, batch of 8 at 224 x 224: counted beside measured."""
    from torchvision.models import resnet152

    def on_gpu() -> float:
        return torch.cuda.memory_allocated() / 1e6

    count = 58_164_298
    torch.nn.Linear(8, 8, device="cuda")(torch.ones(8, 8, device="cuda"))  # cuBLAS, before we look
    made: dict[str, tuple[int, Callable[[Any], torch.optim.Optimizer]]] = {
        "SGD": (0, lambda held: torch.optim.SGD(held, lr=0.01)),
        "SGD with momentum": (1, lambda held: torch.optim.SGD(held, lr=0.01, momentum=0.9)),
        "Adam": (2, lambda held: torch.optim.Adam(held)),
    }
    for name, (states, make) in made.items():
        before = on_gpu()
        net = resnet152(num_classes=10).cuda()
        with_model = on_gpu() - before
        optimizer = make(net.parameters())
        images = torch.rand(8, 3, 224, 224, device="cuda")
        base = on_gpu()
        out = net(images)
        activations = on_gpu() - base
        out.sum().backward()
        optimizer.step()
        del out, images
        counted = (2 + states) * 4 * count / 1e6
        yield (
            f"ResNet-152, {name}: parameters, gradients, state; counted {counted:.2f} MB",
            f"{on_gpu() - before:.2f} MB (model with buffers {with_model:.2f}, "
            f"activations of 8 images {activations:.2f})",
        )
        del net, optimizer


MEASUREMENTS: dict[str, Callable[[int], Iterator[tuple[str, str]]]] = {
    "layers": startup_layers,
    "first-answer": first_answer,
    "context": context_memory,
    "recovery": recovery,
    "memory-cap": memory_cap,
    "time-slices": time_slices,
    "dmem": dmem,
    "settings": settings,
    "accounting": accounting,
}

_NEED_A_VIEW = ("_private_tmpfs", "_own_user_namespace", "_die_with_parent")


# --- one start of CUDA under some layers, in a process of its own ---------------------------------


def _trial(asked: dict[str, Any]) -> str:
    command = [sys.executable, __file__, "--trial", json.dumps(asked)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    last = (done.stdout.strip() or done.stderr.strip() or f"exit {done.returncode}").splitlines()
    return last[-1][:200]


def run_trial(asked: dict[str, Any]) -> None:
    """Apply layers, start CUDA, and say "yes" or what went wrong."""
    for kind, name in (("address_space", "RLIMIT_AS"), ("data", "RLIMIT_DATA")):
        if kind in asked:
            resource.setrlimit(getattr(resource, name), (asked[kind], asked[kind]))
    for name in asked.get("allow", ()):
        seccomp._DENIED.pop(name)
    if not asked.get("memfd", True):
        seccomp._ABSENT["memfd_create"] = seccomp._MEMFD_CREATE
    usable = [layer for layer in layers.LAYERS if layer.__name__ not in _NEED_A_VIEW]
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        os.environ |= layers.environment(folder) | {"CUDA_CACHE_DISABLE": "1"}
        as_root = os.geteuid() == 0
        plan = layers.Plan(
            scratch=folder, limits=LIMITS, device="cuda", drop_uid=as_root, reads_as_root=as_root
        )
        for layer in usable[: asked["layers"]]:
            layer(plan)
        try:
            gpu.Gpu("cuda", os.environ.get(layers.VISIBLE_GPUS), LIMITS.gpu_memory_bytes)
        except Exception as error:
            print(f"NO: {type(error).__name__}: {str(error).splitlines()[0]}", flush=True)
        else:
            print("yes", flush=True)
        os._exit(0)  # the folder can no longer be removed from in here; it is empty


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", nargs="+", choices=MEASUREMENTS, default=list(MEASUREMENTS))
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--trial", type=json.loads, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.trial is not None:
        run_trial(options.trial)
    if not torch.cuda.is_available():
        print("no CUDA device: nothing measured")
        return
    device, python = torch.cuda.get_device_name(), sys.version.split()[0]
    print(f"torch {torch.__version__}, {device}, Python {python}")
    print("\n| measurement | result |\n| --- | --- |")
    for name in options.only:
        try:
            for what, result in MEASUREMENTS[name](options.repeat):
                print(f"| {what} | {result} |", flush=True)
        except Exception as error:  # the others are still worth measuring
            text = f"{type(error).__name__}: {error}".replace("\n", " ")[:300]
            print(f"| {name} | FAILED: {text} |", flush=True)


if __name__ == "__main__":
    main()
