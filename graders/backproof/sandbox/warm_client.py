"""The trusted side's handle on a warm parent: start it, fork children, end them."""

from __future__ import annotations

import array
import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backproof.model import BackproofError, Limits
from backproof.sandbox import cgroups, layers, scratch
from backproof.sandbox.arena import Arena
from backproof.sandbox.namespaces import NOBODY

_START_SECONDS = 180.0
_REPLY_SECONDS = 30.0

_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    # More than one thread before a fork makes the child hang.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # Huge pages from the start are cheaper than making them later (see `warm_parent`).
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
    "MPLBACKEND": "Agg",
    # Same results in every run on a GPU, and no TF32 rounding.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "NVIDIA_TF32_OVERRIDE": "0",
    # Nothing may start CUDA before a fork: where no GPU is to be seen, looking for one does not
    # ask the driver. A child that may use GPUs gets the grader's value back.
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
    layers.VISIBLE_GPUS: "",
    # Through a shared MPS server, one submission's fault would reach all others.
    "CUDA_MPS_PIPE_DIRECTORY": "/nonexistent",
    "CUDA_CACHE_DISABLE": "1",
}
_PASSED_ON = ("LD_LIBRARY_PATH", "CUDA_DEVICE_ORDER")
"""Where the machine's libraries and devices are; nothing else of our environment."""

# The package's folder is on the path for its own imports only: `-I` reads no other setting.
_START = """
import gc
gc.disable()  # till all is imported, of which nearly everything stays
import json, sys
options = json.loads(sys.argv[2])
if options["package_root"] not in sys.path:
    sys.path.append(options["package_root"])
from backproof.sandbox import launch
launch.main(int(sys.argv[1]), options)
"""


class WarmParentDied(Exception):  # noqa: N818  an event that callers handle
    """The warm parent is gone: start another one."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: `status` as from wait(), `killed` when it was alive until we ended it.

    cpu_seconds: processor time of all its life. out_of_memory: its cgroup was.
    watched: the sentence of the watch (`gpu_watch`) that ended it, if one did.
    """

    status: int
    killed: bool
    cpu_seconds: float
    out_of_memory: bool = False
    watched: str = ""


@dataclass(frozen=True, slots=True)
class Handle:
    """A child as its warm parent knows it. `pid` is its number in the parent's PID namespace."""

    pid: int
    sock: socket.socket
    memory: Arena
    folder: Path | None
    group: cgroups.Group | None


class WarmParent:
    """One running warm parent. Safe to use from several threads."""

    def __init__(self, device: str = "cpu", *, namespaces: bool = True, warm: bool = True) -> None:
        """Starts it; the first question waits until it is ready.

        namespaces: whether it may take namespaces of its own. warm: whether it pays for what its
        children need (it is not worth it for a single child).
        """
        self._lock = threading.Lock()
        self._scratch_root = scratch.new_root()
        self._groups = cgroups.Groups([], "not made yet")
        self._ready: dict[str, Any] | None = None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        options = {"device": device, "namespaces": namespaces, "warm": warm}
        options["scratch_root"] = str(self._scratch_root)
        options["cgroups"] = self._scratch_root.name
        with theirs:
            self._process = _start(theirs.fileno(), options)

    @property
    def pid(self) -> int:
        """The process id of what we started; in namespaces, the warm parent is a descendant."""
        return self._process.pid

    def missing(self) -> dict[str, str]:
        """Why it lacks namespaces or control groups."""
        ready = self._wait_ready()
        reasons = {"namespaces": ready["refused"], "cgroup": self._groups.missing}
        return {name: reason for name, reason in reasons.items() if reason}

    def fork(self, limits: Limits, device: str) -> Handle:
        """A new child, the socket to it, and its scratch folder when that is ours to remove."""
        ready = self._wait_ready()
        folder = None
        try:
            if not ready["in_view"]:
                owner = NOBODY if ready["drop_uid"] else None
                folder = scratch.make(self._scratch_root, owner)
            group = self._groups.make(limits)
            doors = [] if group is None else group.doors()
        except FileNotFoundError as error:  # its launcher takes them away when it has died
            raise WarmParentDied(str(error)) from None
        ours, theirs = socket.socketpair()
        memory = Arena()
        try:
            request: dict[str, Any] = {"do": "fork", "scratch": str(folder)}
            request |= {"limits": asdict(limits), "device": device}
            request["visible_gpus"] = os.environ.get(layers.VISIBLE_GPUS)
            reply = self._ask(request, [theirs.fileno(), memory.descriptor, *doors])
        except BaseException:
            ours.close()
            memory.close()
            if group is not None:
                group.remove()
            raise
        finally:
            theirs.close()
            for door in doors:
                os.close(door)
        return Handle(int(reply["pid"]), ours, memory, folder, group)

    def number(self, child: Handle) -> int | None:
        """A child's number in our own PID namespace; None where that cannot be found out."""
        level = 1 if self._wait_ready()["in_view"] else 0
        return _descendant(self._process.pid, child.pid, level)

    def end(self, child: Handle, *, grace: bool) -> Ended:
        """Kill a child and all that it started. With `grace` it may end by itself first."""
        child.sock.close()
        child.memory.close()
        try:
            answer = self._ask({"do": "end", "pid": child.pid, "grace": grace})
            oom = child.group is not None and child.group.was_out_of_memory()
            return Ended(**answer, out_of_memory=oom)
        finally:
            if child.folder is not None:
                scratch.remove(child.folder)
            if child.group is not None:
                child.group.remove()

    def close(self) -> None:
        """Ends every child too."""
        if self._ready is None:
            self._process.kill()  # it would only look at its socket when it is warm
        self._control.close()
        try:
            self._process.wait(_REPLY_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        self._tidy_up()

    def _tidy_up(self) -> None:
        """The launcher does this, too, unless it was killed."""
        cgroups.remove_roots(self._scratch_root.name)
        scratch.remove(self._scratch_root)

    def _wait_ready(self) -> dict[str, Any]:
        with self._lock:
            if self._ready is None:
                try:
                    ready = self._receive(_START_SECONDS)
                except WarmParentDied:
                    raise BackproofError(self._why_not_started()) from None
                roots = [Path(root) for root in ready["cgroup_roots"]]
                self._groups = cgroups.Groups(roots, ready["no_cgroup"])
                self._ready = ready
            return self._ready

    def _ask(self, request: Mapping[str, Any], fds: Sequence[int] = ()) -> dict[str, Any]:
        data = json.dumps(request).encode()
        rights = [_rights(fds)] if fds else []
        with self._lock:
            try:
                self._control.sendmsg([data], rights)
                return self._receive(_REPLY_SECONDS)
            except OSError as error:
                raise WarmParentDied(str(error)) from None
            except BaseException:
                # A late answer, after a Ctrl-C too, would be taken for that to the next question.
                self._process.kill()
                raise

    def _receive(self, seconds: float) -> dict[str, Any]:
        self._control.settimeout(seconds)
        try:
            data = self._control.recv(1 << 16)
        except OSError as error:
            raise WarmParentDied(str(error)) from None
        if not data:
            raise WarmParentDied("it closed its socket")
        reply: dict[str, Any] = json.loads(data)
        return reply

    def _why_not_started(self) -> str:
        self._process.kill()
        _, errors = self._process.communicate()
        self._control.close()
        self._tidy_up()
        last = errors.decode("utf-8", "replace").strip()[-2000:]
        return f"the process that runs submissions did not start with {sys.executable}: {last}"


def _descendant(ancestor: int, pid: int, level: int) -> int | None:
    """The process below `ancestor` that is called `pid` so many PID namespaces further in."""
    waiting = [ancestor]
    while waiting:
        number = waiting.pop()
        with contextlib.suppress(OSError):  # it ended meanwhile, or is not ours to see
            waiting += map(int, Path(f"/proc/{number}/task/{number}/children").read_text().split())
            status = Path(f"/proc/{number}/status").read_text().splitlines()
            names = next((line.split()[1:] for line in status if line.startswith("NSpid:")), [])
            if names[level : level + 1] == [str(pid)] and number != ancestor:
                return number
    return None


def _rights(fds: Sequence[int]) -> tuple[int, int, array.array[int]]:
    return (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))


def _start(control_fd: int, options: dict[str, Any]) -> subprocess.Popen[bytes]:
    environment = _ENVIRONMENT | layers.environment(options["scratch_root"])
    environment |= {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    options["package_root"] = str(Path(__file__).resolve().parents[2])
    return subprocess.Popen(
        [sys.executable, "-I", "-c", _START, str(control_fd), json.dumps(options)],
        pass_fds=[control_fd],
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # A Ctrl-C at the terminal is for the grader, which then ends its children in order.
        start_new_session=True,
    )


_early: list[tuple[dict[str, Any], WarmParent]] = []


@contextlib.contextmanager
def started_early(**options: Any) -> Iterator[None]:
    """Start a warm parent now, so that it imports torch while this process does.

    The next `take` with the same options gets it; who takes nothing leaves nothing running.
    """
    if not any(options == others for others, _ in _early):
        _early.append((options, WarmParent(**options)))
    try:
        yield
    finally:
        end_early()


def end_early() -> None:
    """End what was started early and is not taken."""
    while _early:
        _early.pop()[1].close()


def take(**options: Any) -> WarmParent:
    """A warm parent: the one started early, if it was started so, else a new one."""
    for found in list(_early):
        if found[0] == options:
            _early.remove(found)
            return found[1]
    return WarmParent(**options)
