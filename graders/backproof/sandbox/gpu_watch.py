"""Memory of processes that use a GPU, watched from outside.

The fence inside of a process (see `gpu`) is a courtesy that student code can take down. The driver
knows better: it says through NVML how much each process holds. CUDA also rules out a limit on
address space, so main memory is watched in the same way.
"""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from backproof.model import Limits

LAYER = "gpu memory watch"
POLL_SECONDS = 0.05
_LISTED_SECONDS = 2.0
"""A new process may take a moment to stand in the driver's list."""


class Reader(Protocol):
    """Says how much memory processes hold on GPUs."""

    def held(self) -> Mapping[int, int]:
        """Bytes on all GPUs together, by process; raises OSError when that cannot be said."""
        ...


class Nvml:
    """What NVIDIA's management library says. Needs nvidia-ml-py (`backproof[gpu]`)."""

    def __init__(self) -> None:
        """Raises OSError where there is no such library, no driver, or no GPU."""
        try:
            import pynvml
        except ImportError:
            raise OSError("nvidia-ml-py is not installed: pip install 'backproof[gpu]'") from None
        self._nvml: Any = pynvml
        try:
            pynvml.nvmlInit()
            count = pynvml.nvmlDeviceGetCount()
            self._gpus = [pynvml.nvmlDeviceGetHandleByIndex(number) for number in range(count)]
        except pynvml.NVMLError as error:
            raise OSError(f"NVML: {error}") from None

    def driver(self) -> str:
        """The driver's version."""
        return _text(self._nvml.nvmlSystemGetDriverVersion())

    def gpus(self) -> list[str]:
        """Name and memory of each GPU."""
        sizes = [self._nvml.nvmlDeviceGetMemoryInfo(gpu).total >> 20 for gpu in self._gpus]
        names = [_text(self._nvml.nvmlDeviceGetName(gpu)) for gpu in self._gpus]
        return [f"{name}, {size} MiB" for name, size in zip(names, sizes, strict=True)]

    def held(self) -> Mapping[int, int]:
        """See `Reader`. A process whose use the driver does not tell is left out."""
        held: dict[int, int] = {}
        try:
            for gpu in self._gpus:
                for process in self._nvml.nvmlDeviceGetComputeRunningProcesses(gpu):
                    if process.usedGpuMemory is not None:
                        held[process.pid] = held.get(process.pid, 0) + process.usedGpuMemory
        except self._nvml.NVMLError as error:
            raise OSError(f"NVML: {error}") from None
        return held


def _text(value: str | bytes) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


@dataclass(slots=True)
class _Watched:
    """One process, what it held when the watch began, and why it was ended, if it was."""

    process: int
    limits: Limits
    on_gpus: int
    in_main_memory: int
    sentence: str = ""


class Watch:
    """Ends processes that hold more than their limits allow. Safe to use from several threads.

    missing: why nothing on a GPU can be watched; main memory always can.
    """

    def __init__(self, reader: Reader | None = None) -> None:
        self.missing = ""
        self._lock = threading.Lock()
        self._watched: dict[int, _Watched] = {}
        self._reader = reader
        if reader is None:
            try:
                self._reader = Nvml()
            except OSError as error:
                self.missing = str(error)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name=LAYER, daemon=True)
        self._thread.start()

    def add(self, pid: int | None, limits: Limits) -> str:
        """Watch a process that has a context: from now on it may take so much more than it holds.

        Returns why its memory on GPUs cannot be watched, or nothing.
        """
        if pid is None:
            return "the number of a confined process is not known here"
        until = time.monotonic() + _LISTED_SECONDS
        while pid not in (held := self._held()) and not self.missing:
            if time.monotonic() > until:
                self.missing = (
                    "the driver does not say how much a confined process holds (in a container, "
                    "share the host's PID namespace)"
                )
            time.sleep(POLL_SECONDS)
        try:
            process = os.pidfd_open(pid)
        except OSError as error:
            return str(error)
        with self._lock:
            self._watched[pid] = _Watched(process, limits, held.get(pid, 0), in_main_memory(pid))
        return self.missing

    def forget(self, pid: int | None) -> str:
        """Stop watching; the sentence for the student when the watch has ended this process."""
        with self._lock:
            watched = None if pid is None else self._watched.pop(pid, None)
        if watched is None:
            return ""
        os.close(watched.process)
        return watched.sentence

    def close(self) -> None:
        """End the watch."""
        self._end.set()
        self._thread.join()
        for pid in list(self._watched):
            self.forget(pid)

    def _held(self) -> Mapping[int, int]:
        if self._reader is None or self.missing:
            return {}
        try:
            return self._reader.held()
        except OSError as error:  # said when the next process is to be watched
            self.missing = str(error)
            return {}

    def _look_on(self) -> None:
        while not self._end.wait(POLL_SECONDS):
            if self._watched:
                self._look(self._held())

    def _look(self, held: Mapping[int, int]) -> None:
        with self._lock:
            for pid, watched in self._watched.items():
                on_gpus = held.get(pid, 0) - watched.on_gpus
                main = in_main_memory(pid) - watched.in_main_memory
                watched.sentence = watched.sentence or _beyond(on_gpus, main, watched.limits)
                if watched.sentence:
                    with contextlib.suppress(ProcessLookupError):
                        signal.pidfd_send_signal(watched.process, signal.SIGKILL)


def in_main_memory(pid: int) -> int:
    """Bytes that a process has written, in private and in shared memory; 0 when it has ended."""
    with contextlib.suppress(OSError):
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
        return sum(int(n.split()[1]) << 10 for n in lines if n.startswith(("RssAnon", "RssShmem")))
    return 0


def _beyond(on_gpus: int, main: int, limits: Limits) -> str:
    if on_gpus > limits.gpu_memory_bytes:
        return f"your code used more than {limits.gpu_memory_bytes >> 20} MiB of memory on the GPU"
    if main > limits.memory_bytes:
        return f"your code used more than {limits.memory_bytes >> 20} MiB of memory"
    return ""
