"""Starts kernels as forks of a warm process: speed, not isolation."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode

WARNING = (
    "warm kernels: forked from a process that has imported %s; this saves time and isolates "
    "nothing: notebooks run with your rights"
)
_PYTHON = (sys.executable, "-Xfrozen_modules=off")  # or the debugger complains
_MAX_REPLY = 1 << 16
_MAX_REQUEST = 128 << 10
_LEAVING_SECONDS = 1.0


class WarmProvisioner(LocalProvisioner):
    """As jupyter_client's own, but a kernel of this very Python is forked, not started.

    A kernel of another Python, or on another system than Linux, is started as ever.
    """

    preload: Any = List(Unicode(), ["numpy", "torch"]).tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel, if it is one that can be forked."""
        arguments = _arguments_of(cmd)
        if sys.platform != "linux" or arguments is None:
            self.log.warning("no warm kernel: %s is started", " ".join(cmd[:3]))
            return await super().launch_kernel(cmd, **kwargs)
        environment = {str(k): str(v) for k, v in (kwargs.get("env") or os.environ).items()}
        request = {"do": "fork", "argv": arguments, "env": environment}
        request["cwd"] = str(kwargs.get("cwd") or os.getcwd())
        try:
            server = await asyncio.to_thread(_server, tuple(self.preload))
            kernel: Any = Forked(server, int((await asyncio.to_thread(server.ask, request))["pid"]))
        except (OSError, ValueError) as error:
            self.log.warning("no warm kernel (%s): a usual one is started", error)
            return await super().launch_kernel(cmd, **kwargs)
        if not server.told:
            server.told = True
            self.log.warning(WARNING, ", ".join(self.preload))
        self.process, self.pid, self.pgid = kernel, kernel.pid, kernel.pid
        return self.connection_info

    async def shutdown_requested(self, restart: bool = False) -> None:
        """A kernel that was asked to end mostly does so at once: look more often than jupyter."""
        until = time.monotonic() + _LEAVING_SECONDS
        while await self.poll() is None and time.monotonic() < until:
            await asyncio.sleep(0.005)


def _arguments_of(cmd: Sequence[str]) -> list[str] | None:
    """What the kernel is told, if the command starts ipykernel in this Python, as kernelspecs do.

    Options of the interpreter would need an interpreter of their own.
    """
    rest = [word for word in cmd[1:] if word not in _PYTHON]
    if not cmd or cmd[0] != sys.executable or rest[:2] != ["-m", "ipykernel_launcher"]:
        return None
    return rest[2:]


class Forked:
    """A kernel that was forked; looks like a `subprocess.Popen` to jupyter_client."""

    stdin = stdout = stderr = None

    def __init__(self, server: Server, pid: int) -> None:
        self.pid, self._server = pid, server
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """How it ended; None while it runs."""
        if self.returncode is None:
            try:
                self.returncode = self._server.ask({"do": "poll", "pid": self.pid})["status"]
            except OSError:  # all that it has forked ended with the server
                self.returncode = -int(signal.SIGKILL)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Wait until it has ended."""
        until = None if timeout is None else time.monotonic() + timeout
        while (status := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired("a warm kernel", timeout or 0.0)
            time.sleep(0.01)
        return status

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it is known to have ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class Server:
    """The warm process, as seen by the one that asks it; it ends with that one, however it ends."""

    def __init__(self, preload: tuple[str, ...]) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * _MAX_REQUEST)
        self.told = False
        self._lock, self._control = threading.Lock(), ours
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("JPY_", "MPL"))}
        # A library that starts threads when it is imported could not be forked safely.
        environment["OPENBLAS_NUM_THREADS"] = "1"
        with theirs:
            self.process = subprocess.Popen(
                [*_PYTHON, "-m", f"{__package__}.server", str(theirs.fileno()), *preload],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # a Ctrl-C at the terminal is for the one that asks
            )
        try:
            self._receive()
        except BaseException:
            self.close()
            raise

    def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Raises OSError when it has died, or cannot be told so much."""
        data = json.dumps(request).encode()
        with self._lock:
            self._control.send(data)
            return self._receive()

    def _receive(self) -> dict[str, Any]:
        data = self._control.recv(_MAX_REPLY)
        if not data:
            raise OSError("the warm process has died")
        reply: dict[str, Any] = json.loads(data)
        if "error" in reply:
            raise OSError(reply["error"])
        return reply

    def close(self) -> None:
        """End it, with every kernel."""
        self._control.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


_servers: dict[tuple[str, ...], Server] = {}
_refused: dict[tuple[str, ...], str] = {}


def _server(preload: tuple[str, ...]) -> Server:
    """The warm process for these modules; a new one where the last has died.

    Raises:
        OSError: it did not start. It is not tried again.
    """
    if preload in _refused:
        raise OSError(_refused[preload])
    known = _servers.get(preload)
    if known is None or known.process.poll() is not None:
        if known is not None:
            known.close()
        try:
            _servers[preload] = known = Server(preload)
        except OSError as error:
            _refused[preload] = str(error)
            raise
        atexit.register(known.close)
    return known
