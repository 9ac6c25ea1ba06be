"""The life of one forked child: confine itself, say so, serve, end."""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import random
import resource
import signal
import socket
import time
from collections.abc import Callable

import numpy as np
import torch

from backproof.sandbox import arena, failure, gpu, kernel, layers, wire, worker


def live(sock_fd: int, memory_fd: int, plan: layers.Plan, groups: list[int]) -> None:
    """Never returns. `groups`: the open `cgroup.procs` of the groups to be in."""
    code = layers.NOT_SET_UP
    try:
        for group in groups:
            os.write(group, b"0")
        memory = arena.mapped(memory_fd)
        layers.detach(sock_fd, plan)
        sock = socket.socket(fileno=layers.SOCKET)
        around = _hello(sock, plan)
        code = layers.LOST_CONNECTION
        reply_bytes = plan.limits.reply_bytes
        student = worker.Worker(
            isolated=True, reply_bytes=reply_bytes, memory=memory, around=around
        )
        worker.serve(sock, student, _allow_processor_time)
        code = 0
    finally:
        # Not sys.exit: nothing that a student registered to run at the end may run.
        os._exit(code)


def _hello(
    sock: socket.socket, plan: layers.Plan
) -> Callable[[], contextlib.AbstractContextManager[None]]:
    """Confine this process and say so; returns what is to surround student code."""
    around: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext
    try:
        _end_at_the_limit()
        names, missing = layers.confine(plan)
        _start_afresh(on_cuda=plan.on_cuda)
        if plan.on_cuda:
            around = gpu.Gpu(plan.device, plan.visible_gpus, plan.limits.gpu_memory_bytes).call
        body: dict[str, object] = {"layers": list(names), "missing": missing}
    except Exception as error:  # reported to the grader, which raises it
        body = {"failed": f"{type(error).__name__}: {error}"[:1000]}
    wire.transmit(sock, 0, wire.pack(body, 0))
    return around


def _start_afresh(*, on_cuda: bool) -> None:
    worker.ACTIVE = True
    failure.CONFINED = True
    # Threads in a forked child fail at random unless the pool is set up anew.
    torch.set_num_threads(1)
    # Every child of one parent would draw the same numbers otherwise.
    if on_cuda:
        torch.seed()
    else:  # that would note for each GPU there may be one day where it was called: 3 ms
        torch.default_generator.seed()
    np.random.seed()
    random.seed()


def _end_at_the_limit() -> None:
    """Have SIGXCPU end the process, before the filter makes that final.

    The first process of a PID namespace ignores signals without a handler, and a handler in
    Python would wait for a long operation to end: so the C library's _exit is the handler.
    """
    kernel.libc.signal(int(signal.SIGXCPU), ctypes.cast(kernel.libc._exit, ctypes.c_void_p))


def _allow_processor_time(seconds: float) -> None:
    """From now on; beyond it the kernel sends SIGXCPU. The hard limit is the submission's."""
    used = time.process_time()
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = math.ceil(used + seconds)
    resource.setrlimit(resource.RLIMIT_CPU, (min(soft, hard) if hard >= 0 else soft, hard))
