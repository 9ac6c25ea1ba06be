"""The process that imports torch once and forks one child per submission.

It is a fresh interpreter with an empty environment: it has never seen a test, an expected value
or another submission, so its children inherit nothing worth reading. It has one thread, no use of
CUDA (both would make forking unsafe), and ends when the grader closes its control socket.
"""

from __future__ import annotations

import array
import contextlib
import gc
import importlib
import json
import os
import platform
import signal
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from backproof.model import OWN_BATCH_NORM, OWN_CONVOLUTION, OWN_GRADIENT, Limits
from backproof.sandbox import (
    child,
    forbidden,
    gpu,
    kernel,
    layers,
    namespaces,
    seccomp,
    wire,
    worker,
)

_MAX_MESSAGE = 1 << 16
_HUGE_PAGE = 1 << 21
_GRACE_SECONDS = 0.3
_OPTIONAL = ("backproof.sandbox.shell", "matplotlib.pyplot", "numpy.testing")
"""Slow imports that many notebooks need; what is not installed is skipped."""


def main(
    control_fd: int, options: dict[str, Any], inherited: tuple[str, ...], refused: str
) -> None:
    """Warm up, say so, then serve the grader until it closes the control socket.

    inherited: the namespaces that this process lives in, else `refused` says why in none.
    """
    control = socket.socket(fileno=control_fd)
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    in_view = bool(inherited)
    inherited = inherited or _network()
    # Children need no way to our source tree, which they could not read anyway.
    sys.path[:] = [entry for entry in sys.path if layers.is_library(entry)]
    torch.set_num_threads(1)
    if options["warm"]:
        _warm_up(on_cuda=options["device"].startswith("cuda"))
    gc.enable()
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        raise RuntimeError(f"{threads} threads before the first fork: forking would not be safe")
    if torch.cuda.is_initialized() or _holds_a_gpu():  # type: ignore[no-untyped-call]
        raise RuntimeError("CUDA was started before the first fork: forking would not be safe")
    user = _user_of_children()
    keeper = Keeper(control, inherited, in_view, user)
    _silence()
    ready = {"drop_uid": user["drop_uid"], "in_view": in_view, "refused": refused}
    ready |= {"cgroup_roots": options["cgroup_roots"], "no_cgroup": options["no_cgroup"]}
    control.send(json.dumps(ready).encode())
    keeper.run()
    keeper.end_all()


def _network() -> tuple[str, ...]:
    """Without a view: leave at least the host's network and IPC objects, once for all children."""
    try:
        kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC)
    except OSError:
        return ()
    return ("network namespace", "ipc namespace")


def _holds_a_gpu() -> bool:
    with os.scandir("/proc/self/fd") as descriptors:
        return any(os.path.realpath(entry).startswith("/dev/nvidia") for entry in descriptors)


def _warm_up(*, on_cuda: bool) -> None:
    """Pay here for what every child would pay for: imports, first calls, page tables.

    The first backward pass of a process counts its GPUs, also on the CPU, and for ever: CUDA
    could not be used in a child of a process that made one.
    """
    for name in _OPTIONAL:
        # A plotting library that is installed but broken is no reason not to grade.
        with contextlib.suppress(Exception):
            importlib.import_module(name)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.Flatten()
    )
    # The first optimiser of a process imports the compiler, which takes a second.
    optimizer = torch.optim.Adam(model.parameters())
    loss = model(torch.randn(2, 3, 8, 8)).square().sum()
    if on_cuda:
        gpu.set_exact()  # imports what takes long; each child sets it again
        for parameter in model.parameters():
            parameter.grad = torch.zeros_like(parameter)
    else:
        loss.backward()
    optimizer.step()
    # So does the first mode that watches operations.
    with _Watching():  # type: ignore[no-untyped-call]
        torch.ones(2).add(1)
    np.linalg.svd(np.eye(4))
    torch.linalg.svd(torch.eye(4))
    _rehearse()
    layers.library_rules()
    forbidden.rehearse((OWN_CONVOLUTION, OWN_BATCH_NORM, OWN_GRADIENT))
    with contextlib.suppress(OSError):  # no filter on this machine: the children's report says so
        seccomp.build(platform.machine(), 1, allow_memfd=False)
    del model, optimizer, loss
    gc.freeze()
    _collapse()


class _Watching(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __torch_dispatch__(
        self, operation: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return operation(*args, **(kwargs or {}))


def _rehearse() -> None:
    """Load and probe a tiny submission, so that our own code is warm too."""
    rehearsal = worker.Worker(isolated=False, reply_bytes=1 << 20)
    source = np.frombuffer(b"def f(x):\n    return x * 2\n", np.uint8)
    call = {"function": "f", "takes": ["x"], "returns": ["y"], "keeps": []}
    told = {"calls": [call], "answer": None, "repeat": 1, "dtype": "float64", "device": "cpu"}
    told |= {"strided": False, "watched": True, "names": [], "operators": []}
    load = {"do": "load", "name": "rehearsal.py", "cells": [source], "is_notebook": False}
    run = {"do": "run", "told": json.dumps(told), "inputs": {"x": np.ones(2)}}
    for request in (load, run):
        wire.copy_packed(rehearsal.reply(wire.copy(request | {"printed_bytes": 0}, 1 << 20)))
    rehearsal.close()


def _collapse() -> None:
    """Huge pages make forking and ending several times cheaper; best effort."""
    for line in Path("/proc/self/maps").read_text().splitlines():
        fields = line.split()
        if fields[1] != "rw-p" or (len(fields) > 5 and fields[5] != "[heap]"):
            continue
        start, end = (int(address, 16) for address in fields[0].split("-"))
        start = -(-start // _HUGE_PAGE) * _HUGE_PAGE
        for block in range(start, end - _HUGE_PAGE + 1, _HUGE_PAGE):
            kernel.collapse(block, _HUGE_PAGE)


def _user_of_children() -> dict[str, bool]:
    """Whether children become nobody, and must then keep root's right to read the libraries."""
    if os.geteuid() != 0 or not _as_nobody(lambda: None):
        return {"drop_uid": False, "reads_as_root": False}
    return {"drop_uid": True, "reads_as_root": not _as_nobody(_read_libraries)}


def _read_libraries() -> None:
    for file in (os.__file__, np.__file__, torch.__file__):
        Path(file).read_bytes()


def _as_nobody(attempt: Callable[[], None]) -> bool:
    """Whether an attempt succeeds for the user nobody: tried in a fork."""
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setresgid(namespaces.NOBODY, namespaces.NOBODY, namespaces.NOBODY)
            os.setresuid(namespaces.NOBODY, namespaces.NOBODY, namespaces.NOBODY)
            attempt()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitpid(pid, 0)[1] == 0


def _silence() -> None:
    """From here on nobody reads what this process prints."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    os.close(null)


class Keeper:
    """Forks and ends children, as the control socket asks."""

    def __init__(
        self,
        control: socket.socket,
        inherited: tuple[str, ...],
        in_view: bool,
        user: dict[str, bool],
    ) -> None:
        self._control = control
        self._inherited = inherited
        self._user = user
        self._own_threads = _threads_of(namespaces.NOBODY if user["drop_uid"] else os.getuid())
        self._live: set[int] = set()
        self._own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY) if in_view else None

    def run(self) -> None:
        """Serve until the grader closes the socket."""
        while True:
            data, ancillary, _, _ = self._control.recvmsg(_MAX_MESSAGE, socket.CMSG_SPACE(4 * 4))
            if not data:
                return
            request = json.loads(data)
            if request["do"] == "fork":
                descriptors = array.array("i", ancillary[0][2])
                reply: dict[str, Any] = {"pid": self._fork(list(descriptors), request)}
            else:
                reply = self._end(request["pid"], request["grace"])
            self._control.send(json.dumps(reply).encode())

    def _fork(self, descriptors: list[int], request: dict[str, Any]) -> int:
        sock_fd, memory_fd, *groups = descriptors
        in_view = self._own_pids is not None
        plan = layers.Plan(
            scratch=namespaces.SCRATCH if in_view else request["scratch"],
            limits=Limits(**request["limits"]),
            device=request["device"],
            visible_gpus=request["visible_gpus"],
            in_view=in_view,
            inherited=(*self._inherited, *["cgroup"][: len(groups)]),
            own_threads=self._own_threads + len(self._live) * request["limits"]["threads"],
            **self._user,
        )
        if self._own_pids is not None:
            namespaces.next_child_is_alone(self._own_pids)
        pid = os.fork()
        if pid == 0:
            child.live(sock_fd, memory_fd, plan, groups)
        for descriptor in descriptors:
            os.close(descriptor)
        self._live.add(pid)
        return pid

    def _end(self, pid: int, grace: bool) -> dict[str, Any]:
        """Kill a child's whole group and reap it. With `grace`, let it end by itself first."""
        by_us = not (grace and _ends_within(pid, _GRACE_SECONDS))
        # Not reaped yet, so neither the process's nor the group's number can be another's.
        for target in (-pid, pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(target, signal.SIGKILL)
        _, status, used = os.wait4(pid, 0)
        self._live.discard(pid)
        self._end_orphans()
        seconds = used.ru_utime + used.ru_stime
        return {"status": status, "killed": by_us, "cpu_seconds": seconds}

    def _end_orphans(self) -> None:
        """What a child left behind became ours: everything that is not a live child goes."""
        listing = Path(f"/proc/self/task/{os.getpid()}/children")
        with contextlib.suppress(OSError):  # a kernel without this file: the layers forbid forks
            while strays := {int(p) for p in listing.read_text().split()} - self._live:
                for stray in strays:
                    os.kill(stray, signal.SIGKILL)
                    os.waitpid(stray, 0)

    def end_all(self) -> None:
        """Kill every live child."""
        for pid in tuple(self._live):
            self._end(pid, grace=False)


def _ends_within(pid: int, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        # WNOWAIT leaves it a zombie: its number must stay taken until its group is killed.
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return True
        time.sleep(0.002)
    return False


def _threads_of(uid: int) -> int:
    """How many threads a user has already: RLIMIT_NPROC counts them all."""
    total = 0
    for status in Path("/proc").glob("[0-9]*/task"):
        with contextlib.suppress(OSError):  # a process that ended meanwhile
            if status.stat().st_uid == uid:
                total += len(os.listdir(status))
    return total
