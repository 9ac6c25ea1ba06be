"""The GPU profile, by what can be seen without a GPU: a stand-in for the driver and for NVML."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
import torch

from backproof.judging import _judge_stopped
from backproof.model import BackproofError, Fault, Limits, Returned, Stopped, Verdict
from backproof.sandbox import Isolated, gpu, gpu_watch, warm_client
from backproof.sandbox.worker import Worker

from .conftest import TIGHT, Ask

# --- CUDA is started in the child, and nowhere else ---------------------------------------------

DRIVER = """
#include <stdio.h>
#include <string.h>
int cuInit(unsigned flags) {
    FILE *log = fopen(LOG, "a");
    if (log) { fputs("started\\n", log); fclose(log); }
    return 100;
}
int cuDriverGetVersion(int *version) { *version = 13030; return 0; }
static int no_device(void) { return 100; }
int cuGetProcAddress_v2(const char *name, void **f, int version, unsigned long flags, int *found) {
    if (found) *found = 0;
    *f = (void *)no_device;
    if (!strcmp(name, "cuInit")) *f = (void *)cuInit;
    if (!strcmp(name, "cuDriverGetVersion")) *f = (void *)cuDriverGetVersion;
    if (!strncmp(name, "cuGetProcAddress", 16)) *f = (void *)cuGetProcAddress_v2;
    return 0;
}
"""


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """A driver without devices that takes down each time that it is started: path of its log."""
    if shutil.which("gcc") is None:
        pytest.skip("not run: no C compiler for the stand-in driver")
    if not torch.backends.cuda.is_built():
        pytest.skip("not run: this torch is built without CUDA")
    tmp_path.chmod(0o755)
    (tmp_path / "driver.c").write_text(DRIVER)
    command = ["gcc", "-shared", "-fPIC", f'-DLOG="{tmp_path}/log"', "-o"]
    subprocess.run([*command, tmp_path / "libcuda.so.1", tmp_path / "driver.c"], check=True)
    monkeypatch.setenv("LD_LIBRARY_PATH", str(tmp_path))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    return tmp_path / "log"


def test_a_backward_pass_on_the_cpu_starts_cuda(driver):
    """Why the warm parent makes none, and proof that the stand-in sees it."""
    code = "import torch; torch.ones(1, requires_grad=True).sum().backward()"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "HOME": "/"})
    assert driver.read_text().startswith("started")


def test_the_warm_parent_never_starts_cuda(driver):
    """It is as warm as can be, and a child still finds CUDA untouched: it asks for devices."""
    with pytest.raises(BackproofError, match="did not start") as refused:
        Isolated(device="cuda", namespaces=False, least="none")
    assert "forked" not in str(refused.value)
    assert "--device cpu" in str(refused.value)
    # The child may not write the log: whoever could write it, the parent, did not.
    assert not driver.exists()


def test_no_gpu_is_to_be_seen_in_the_grading_of_cpu_checks(ask, monkeypatch):
    """`device = "cuda" if torch.cuda.is_available() else "cpu"` is honest, and means the CPU."""
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    source = (
        "import os, torch\n"
        "def f(x): return os.environ['CUDA_VISIBLE_DEVICES'] + str(torch.cuda.is_available())\n"
    )
    assert ask.value(source).text == "False"


@pytest.mark.parametrize("visible", ["1,0", None])
def test_a_child_gets_the_graders_choice_of_gpus(ask, visible):
    """And its fence inside; its context is started before any student code."""
    source = f"""
        import os, types, torch
        from backproof.sandbox import gpu
        def f(x):
            seen = []
            torch.cuda.init = lambda: seen.append(os.environ.get("CUDA_VISIBLE_DEVICES"))
            torch.cuda.get_device_properties = lambda index: types.SimpleNamespace(total_memory=1000)
            torch.cuda.set_per_process_memory_fraction = lambda *given: seen.append(given)
            gpu.Gpu("cpu", {visible!r}, 250)
            return repr(seen)
        """
    assert ask.value(source).text == repr([visible, (0.25, None)])


# --- settings -----------------------------------------------------------------------------------

UNDOING = {
    "nothing": "",
    "the older interface": "m.allow_tf32 = c.allow_tf32 = True",
    "the newer interface": (
        "b.fp32_precision = m.fp32_precision = c.fp32_precision = c.conv.fp32_precision = 'tf32'"
    ),
    "both": "m.allow_tf32 = True; c.conv.fp32_precision = 'tf32'; b.fp32_precision = 'tf32'",
    "by name": "torch.set_float32_matmul_precision('medium')",
    "half": "m.allow_fp16_reduced_precision_reduction = m.allow_fp16_accumulation = True",
    "speed": "c.benchmark = True; c.deterministic = False",
    "not deterministic": "torch.use_deterministic_algorithms(False)",
    "not filled": "torch.utils.deterministic.fill_uninitialized_memory = False",
}


@pytest.mark.parametrize("undoing", UNDOING.values(), ids=UNDOING.keys())
def test_settings_are_as_they_should_be_whatever_was_set_before(ask, undoing):
    """By either interface of PyTorch, and both can still be read: honest code does."""
    source = f"""
        import torch
        from backproof.sandbox import gpu
        b, m, c = torch.backends, torch.backends.cuda.matmul, torch.backends.cudnn
        def f(x):
            {undoing}
            gpu.set_exact()
            right = [
                not m.allow_tf32, not c.allow_tf32, torch.get_float32_matmul_precision() == "highest",
                m.fp32_precision == c.fp32_precision == c.conv.fp32_precision == "ieee",
                c.rnn.fp32_precision == "ieee", not m.allow_fp16_reduced_precision_reduction,
                not m.allow_bf16_reduced_precision_reduction, not m.allow_fp16_accumulation,
                not c.benchmark, c.deterministic, torch.are_deterministic_algorithms_enabled(),
                torch.is_deterministic_algorithms_warn_only_enabled(),
                bool(torch.empty(99).isnan().all()), int(torch.empty(1, dtype=torch.int64)) == 2**63 - 1,
            ]
            return repr([place for place, yes in enumerate(right) if not yes])
        """
    assert ask.value(source).text == "[]"


def test_results_do_not_depend_on_the_order_of_sums():
    """cuBLAS reads its setting from the environment, once: the warm parent's, which children have."""
    assert warm_client._ENVIRONMENT["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert warm_client._ENVIRONMENT["NVIDIA_TF32_OVERRIDE"] == "0"


# --- errors of CUDA -----------------------------------------------------------------------------

ASSERT = "CUDA error: device-side assert triggered\nFor debugging consider ..."


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (ASSERT, "usually an index out of range"),
        ("CUDA error: an illegal memory access was encountered", "reached beyond its memory"),
        ("CUDA error: unspecified launch failure", "broke the GPU's context"),
    ],
)
def test_a_broken_context_costs_its_own_call_only(isolated, ask, submission, text, cause):
    """The process is replaced, so the submission's other functions are graded."""
    source = f"""
        import torch
        calls = 0
        def f(x):
            global calls
            calls += 1
            return calls
        def bad(x):
            raise torch.AcceleratorError({text!r})
        """
    with isolated.open(submission(source)) as session:
        ask.run(session, ask.probe())
        stopped = ask.run(session, ask.probe(function="bad"))
        after = ask.run(session, ask.probe())
    assert stopped.fault is Fault.DEVICE
    assert cause in stopped.message
    assert "debugging" not in stopped.message
    assert stopped.trace.endswith("in bad: raise torch.AcceleratorError(" + repr(text) + ")")
    assert isinstance(after, Returned)
    assert after.values["y"].array.item() == 1


def test_the_verdict_on_a_broken_context_is_the_students_error():
    """Not the grader's, and no wrong value."""
    stopped = Stopped(fault=Fault.DEVICE, message="`f` broke the GPU's context")
    assert _judge_stopped(stopped).verdict is Verdict.STUDENT_ERROR


@pytest.fixture
def broken_later(monkeypatch):
    """A GPU whose errors show when it is waited for, as they do."""
    device = gpu.Gpu.__new__(gpu.Gpu)
    errors = []

    def synchronize():
        if errors:
            raise torch.AcceleratorError(errors[0])

    monkeypatch.setattr(torch.cuda, "synchronize", synchronize)
    monkeypatch.setattr(gpu, "set_exact", lambda: None)
    return SimpleNamespace(errors=errors, call=device.call)


@pytest.mark.parametrize("ending", ["return x", "raise IndexError('its own')"])
def test_an_error_that_comes_late_belongs_to_the_call_that_made_it(broken_later, ending):
    """Also when the student swallowed it, or something else was raised meanwhile."""
    namespace = {"errors": broken_later.errors}
    exec(f"def f(x):\n    errors.append({ASSERT!r})\n    {ending}\n", namespace)
    worker = Worker(isolated=False, reply_bytes=1, namespace=namespace, around=broken_later.call)
    with pytest.raises(Exception, match="broke the GPU's context") as failed:
        worker._call(SimpleNamespace(function="f", takes=("x",)), {"x": 1}, None)
    assert failed.value.fault is Fault.DEVICE


def test_an_error_of_loading_is_said_to_be_one(broken_later):
    """Every check meets it, and none of them is blamed."""
    broken_later.errors.append(ASSERT)
    worker = Worker(isolated=False, reply_bytes=1 << 20, around=broken_later.call)
    request = {"do": "load", "name": "hw.py", "cells": [], "is_notebook": False}
    with pytest.raises(Exception, match="loading your submission broke the GPU's context"):
        worker._load(request)


# --- memory -------------------------------------------------------------------------------------


class Held:
    """A reader that says what it is told to say."""

    def __init__(self, say):
        self.say = say

    def held(self):
        return self.say()


@pytest.fixture
def asleep():
    """A process that waits."""
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def watching():
    """Watches that end with the test."""
    watches = []

    def start(say):
        watches.append(gpu_watch.Watch(Held(say)))
        return watches[-1]

    yield start
    for watch in watches:
        watch.close()


LIMITS = Limits(gpu_memory_bytes=1 << 30, memory_bytes=64 << 20)


def test_more_memory_on_the_gpu_than_allowed_ends_a_process(asleep, watching):
    """What its context holds when the watch begins does not count."""
    said = {asleep.pid: 3 << 30}
    watch = watching(lambda: dict(said))
    assert watch.add(asleep.pid, LIMITS) == ""
    said[asleep.pid] = (4 << 30) + 1
    assert asleep.wait(10) == -signal.SIGKILL
    assert watch.forget(asleep.pid) == "your code used more than 1024 MiB of memory on the GPU"


def test_as_much_memory_on_the_gpu_as_allowed_ends_nothing(asleep, watching):
    """Nor does another process's use."""
    said = {asleep.pid: 1 << 30, 1: 99 << 30}
    watch = watching(lambda: dict(said))
    watch.add(asleep.pid, LIMITS)
    said[asleep.pid] = 2 << 30
    time.sleep(5 * gpu_watch.POLL_SECONDS)
    assert asleep.poll() is None
    assert watch.forget(asleep.pid) == ""


def test_main_memory_is_watched_too(watching):
    """With CUDA there is no limit on address space; a process is ended at its resident size."""
    code = "input(); a = bytearray(1 << 28); input()"
    process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    watch = watching(lambda: {process.pid: 0})
    watch.add(process.pid, LIMITS)
    process.stdin.write(b"\n")
    process.stdin.flush()
    assert process.wait(30) == -signal.SIGKILL
    assert watch.forget(process.pid) == "your code used more than 64 MiB of memory"
    process.communicate()


def test_a_process_that_the_driver_does_not_list_is_not_watched(asleep, watching, monkeypatch):
    """The report must not say that it is."""
    monkeypatch.setattr(gpu_watch, "_LISTED_SECONDS", 0.1)
    assert "PID namespace" in watching(dict).add(asleep.pid, LIMITS)


def test_a_driver_that_stops_answering_is_noticed(asleep, watching):
    """By the next process that is to be watched."""
    answers = [{asleep.pid: 1}, OSError("NVML: GPU is lost")]

    def say():
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, OSError):
            raise answer
        return answer

    watch = watching(say)
    assert watch.add(asleep.pid, LIMITS) == ""
    watch.forget(asleep.pid)
    assert watch.add(asleep.pid, LIMITS) == "NVML: GPU is lost"


class NVMLError(Exception):
    pass


def nvml(**functions):
    """A stand-in for the module of nvidia-ml-py: two GPUs."""
    using = {
        0: [SimpleNamespace(pid=7, usedGpuMemory=5), SimpleNamespace(pid=8, usedGpuMemory=None)],
        1: [SimpleNamespace(pid=7, usedGpuMemory=6)],
    }
    module = {
        "NVMLError": NVMLError,
        "nvmlInit": lambda: None,
        "nvmlDeviceGetCount": lambda: 2,
        "nvmlDeviceGetHandleByIndex": lambda number: number,
        "nvmlDeviceGetComputeRunningProcesses": using.__getitem__,
        "nvmlSystemGetDriverVersion": lambda: b"580.1",
        "nvmlDeviceGetName": lambda gpu: "H100",
        "nvmlDeviceGetMemoryInfo": lambda gpu: SimpleNamespace(total=80 << 30),
    }
    return SimpleNamespace(**(module | functions))


def failing(*_):
    raise NVMLError("Driver Not Loaded")


def test_memory_is_summed_over_gpus(monkeypatch):
    """A process whose use the driver does not tell does not count as one that uses nothing."""
    monkeypatch.setitem(sys.modules, "pynvml", nvml())
    reader = gpu_watch.Nvml()
    assert reader.held() == {7: 11}
    assert reader.driver() == "580.1"
    assert reader.gpus() == ["H100, 81920 MiB"] * 2


@pytest.mark.parametrize("function", ["nvmlInit", "nvmlDeviceGetCount"])
def test_why_nothing_can_be_watched_is_said(monkeypatch, function):
    """No driver, no GPU."""
    monkeypatch.setitem(sys.modules, "pynvml", nvml(**{function: failing}))
    watch = gpu_watch.Watch()
    watch.close()
    assert watch.missing == "NVML: Driver Not Loaded"


def test_the_way_to_the_missing_library_is_said(monkeypatch):
    """It is an optional extra."""
    monkeypatch.setitem(sys.modules, "pynvml", None)
    watch = gpu_watch.Watch()
    watch.close()
    assert watch.missing == "nvidia-ml-py is not installed: pip install 'backproof[gpu]'"


# --- children on a GPU, played by children on the CPU -------------------------------------------


@pytest.fixture(params=["the strongest", "base"])
def on_gpu(request, monkeypatch, watching):
    """A runner that watches as on a GPU; what a child writes counts as memory on the GPU."""
    name = "isolated" if request.param == "the strongest" else "in_base"
    runner = request.getfixturevalue(name)
    watched = []

    def say():
        return {pid: gpu_watch.in_main_memory(pid) for pid in watched}

    watch = watching(say)
    add = watch.add
    monkeypatch.setattr(watch, "add", lambda pid, limits: watched.append(pid) or add(pid, limits))
    monkeypatch.setattr(runner, "_watch", watch)
    monkeypatch.setattr(runner, "_layers", None)
    yield runner
    spare, runner._spare = runner._spare, None
    if spare is not None:
        runner.end(spare[1])


def test_memory_beyond_the_cap_has_a_verdict_and_a_sentence(on_gpu, submission):
    """The submission goes on in a new process."""
    source = """
        import time, torch
        def f(x): return x
        def bad(x):
            kept = torch.ones(100 << 18)
            time.sleep(3)
        """
    ask = Ask(on_gpu)
    limits = Limits(gpu_memory_bytes=50 << 20)
    with on_gpu.open(submission(source), limits) as session:
        stopped = ask.run(session, ask.probe(function="bad"))
        after = ask.run(session, ask.probe())
    assert stopped.fault is Fault.OUT_OF_MEMORY
    assert stopped.message == "your code used more than 50 MiB of memory on the GPU"
    assert isinstance(after, Returned)
    assert gpu_watch.LAYER in on_gpu.layers


def test_the_next_child_is_begun_ahead(on_gpu, submission):
    """The context that takes long to make is there when the next submission comes."""
    ask = Ask(on_gpu)
    with on_gpu.open(submission("def f(x): return x")) as session:
        assert isinstance(ask.run(session, ask.probe()), Returned)
        ahead = on_gpu._spare[1].handle.pid
    with on_gpu.open(submission("def f(x): return x")) as session:
        assert isinstance(ask.run(session, ask.probe()), Returned)
        assert session._child.handle.pid == ahead


def happens(sock, event):
    """Whether something is seen on a socket within half a minute."""
    watch = select.poll()
    watch.register(sock, event)
    return bool(watch.poll(30_000))


def test_a_spare_that_died_is_replaced(on_gpu, submission):
    """It may have met a full GPU, or whoever ends processes."""
    ask = Ask(on_gpu)
    on_gpu.end(on_gpu.fork(TIGHT))
    spare = on_gpu._spare[1]
    assert happens(spare.handle.sock, select.POLLIN)  # it says that it is ready
    os.kill(spare.parent.number(spare.handle), signal.SIGKILL)
    assert happens(spare.handle.sock, select.POLLHUP)
    with on_gpu.open(submission("def f(x): return x")) as session:
        assert isinstance(ask.run(session, ask.probe()), Returned)


def test_a_spare_of_other_limits_is_not_taken(on_gpu):
    """A submission gets its own limits, not its neighbour's."""
    on_gpu.end(on_gpu.fork(TIGHT))
    ahead = on_gpu._spare[1].handle.pid
    child = on_gpu.fork(Limits(threads=9))
    assert child.handle.pid != ahead
    on_gpu.end(child)
