"""The trusted side's handle on a warm parent: start it, fork children, end them."""

from __future__ import annotations

import array
import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from backproof.model import BackproofError, Limits
from backproof.sandbox import layers, scratch

_START_SECONDS = 180.0
_REPLY_SECONDS = 30.0

_ENVIRONMENT = {
    "LANG": "C.UTF-8",
    # More than one thread before a fork makes the child hang.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "Agg",
    # Same results in every run on a GPU, and no TF32 rounding.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "NVIDIA_TF32_OVERRIDE": "0",
    # Looking for a GPU must not start CUDA before a fork.
    "PYTORCH_NVML_BASED_CUDA_CHECK": "1",
}
_PASSED_ON = ("LD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER")
"""Where the machine's libraries and devices are; nothing else of our environment."""

# The package's folder is on the path for its own imports only: `-I` reads no other setting.
_START = """
import sys
root = sys.argv[3]
if root not in sys.path:
    sys.path.append(root)
from backproof.sandbox import warm_parent
sys.argv[:] = [""] + sys.argv[1:3]
warm_parent.main(int(sys.argv[1]), sys.argv[2])
"""


class WarmParentDied(Exception):  # noqa: N818  an event that callers handle
    """The warm parent is gone: start another one."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: `status` as from wait(), `killed` when it was alive until we ended it."""

    status: int
    killed: bool


class WarmParent:
    """One running warm parent. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._scratch_root = scratch.make_root()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._control = ours
        with theirs:
            self._process = _start(theirs.fileno(), self._scratch_root)
        try:
            ready = self._receive(_START_SECONDS)
        except WarmParentDied:
            raise BackproofError(self._why_not_started()) from None
        self._owner = layers.NOBODY if ready["drop_uid"] else None

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def fork(self, limits: Limits, device: str) -> tuple[int, socket.socket, Path]:
        """A new child: its pid, the socket to it, and its scratch folder."""
        folder = scratch.make(self._scratch_root, self._owner)
        ours, theirs = socket.socketpair()
        with theirs:
            request = {"do": "fork", "scratch": str(folder), "limits": asdict(limits)}
            try:
                reply = self._ask(request | {"device": device}, theirs.fileno())
            except WarmParentDied:
                ours.close()
                raise
        return int(reply["pid"]), ours, folder

    def end(self, pid: int, *, grace: bool) -> Ended:
        """Kill a child and all that it started. With `grace` it may end by itself first."""
        return Ended(**self._ask({"do": "end", "pid": pid, "grace": grace}))

    def close(self) -> None:
        """Ends every child too."""
        self._control.close()
        try:
            self._process.wait(_REPLY_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._process.stderr is not None:
            self._process.stderr.close()
        scratch.remove(self._scratch_root)

    def _ask(self, request: Mapping[str, Any], fd: int | None = None) -> dict[str, Any]:
        data = json.dumps(request).encode()
        rights = [] if fd is None else [_rights(fd)]
        with self._lock:
            try:
                self._control.sendmsg([data], rights)
            except OSError as error:
                raise WarmParentDied(str(error)) from None
            try:
                return self._receive(_REPLY_SECONDS)
            except WarmParentDied:
                # A late answer would be taken for the answer to the next question.
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
        scratch.remove(self._scratch_root)
        last = errors.decode("utf-8", "replace").strip()[-2000:]
        return f"the process that runs submissions did not start with {sys.executable}: {last}"


def _rights(fd: int) -> tuple[int, int, array.array[int]]:
    return (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))


def _start(control_fd: int, scratch_root: Path) -> subprocess.Popen[bytes]:
    environment = _ENVIRONMENT | {"HOME": str(scratch_root), "TMPDIR": str(scratch_root)}
    environment |= {"USER": "student", "MPLCONFIGDIR": str(scratch_root)}
    environment |= {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    package_root = str(Path(__file__).resolve().parents[2])
    return subprocess.Popen(
        [sys.executable, "-I", "-c", _START, str(control_fd), str(scratch_root), package_root],
        pass_fds=[control_fd],
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        # A Ctrl-C at the terminal is for the grader, which then ends its children in order.
        start_new_session=True,
    )
