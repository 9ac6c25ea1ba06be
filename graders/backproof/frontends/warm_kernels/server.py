"""The warm process: imports what notebooks import, then forks a kernel for each request.

No line of a notebook runs here, so that no kernel finds what another has left. It has one thread
and no use of CUDA (both would make forking unsafe), and ends, with all that came of it, when its
control socket closes.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import json
import os
import random
import signal
import socket
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from backproof.sandbox import kernel

_KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.ipkernel",
    "ipykernel.zmqshell",
    "ipykernel.debugger",
    "matplotlib_inline.backend_inline",
)
_MAX_REQUEST = 128 << 10


def main(control_fd: int, preload: Sequence[str]) -> None:
    """Warm up, say so, then serve."""
    control = socket.socket(fileno=control_fd)
    # What a kernel's own children leave behind becomes ours, to be ended with us.
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _warm_up(preload)
    threads = len(os.listdir("/proc/self/task"))
    if threads != 1:
        control.send(json.dumps({"error": f"{threads} threads: not safe to fork"}).encode())
        return
    control.send(b"{}")
    kernels: set[int] = set()
    try:
        while request := control.recv(_MAX_REQUEST):
            control.send(json.dumps(_answer(control, json.loads(request), kernels)).encode())
    except OSError:  # whoever asked has gone
        pass
    finally:
        _end_all(kernels)
        os._exit(0)  # libraries have much to say at the end of an interpreter


def _answer(control: socket.socket, request: dict[str, Any], kernels: set[int]) -> dict[str, Any]:
    if request["do"] == "poll":
        return {"status": _status(request["pid"], kernels)}
    parent = os.getpid()
    try:
        pid = os.fork()
    except OSError as error:
        return {"error": str(error)}
    if pid == 0:
        control.close()
        _be_a_kernel(parent, request)
    kernels.add(pid)
    return {"pid": pid}


def _warm_up(preload: Sequence[str]) -> None:
    """Pay here for what every kernel would pay for."""
    for name in (*_KERNEL, *preload):
        with contextlib.suppress(Exception):  # not installed, or broken: the notebook will tell
            importlib.import_module(name)
    torch = sys.modules.get("torch")
    if torch is not None:
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        # The first optimiser of a process imports the compiler.
        weight = torch.nn.Parameter(torch.ones(2))
        optimizer = torch.optim.Adam([weight])
        if not torch.cuda.is_available():
            # The first backward pass counts the GPUs for ever: none could be used in a child.
            torch.autograd.grad((weight * 2).sum(), weight, torch.ones(()))
            weight.square().sum().backward()
            optimizer.step()
        torch.set_num_threads(threads)
    gc.collect()
    gc.freeze()


# --- a kernel -----------------------------------------------------------------------------------


def _be_a_kernel(parent: int, request: dict[str, Any]) -> NoReturn:
    code = 1
    try:
        os.setsid()
        kernel.prctl(kernel.PR_SET_PDEATHSIG, int(signal.SIGKILL))
        if os.getppid() != parent:  # it has ended before we asked to be told
            os._exit(1)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(request["cwd"])
        os.environ.clear()
        os.environ.update(request["env"])
        _start_afresh()
        from ipykernel.kernelapp import IPKernelApp

        launcher = find_spec("ipykernel_launcher")
        sys.argv = [str(launcher and launcher.origin), *request["argv"]]
        atexit._clear()  # what was registered so far is for the warm process to do
        watching = f"--IPKernelApp.parent_handle={parent}"
        IPKernelApp.launch_instance(argv=[*request["argv"], watching])
        code = 0
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        with contextlib.suppress(BaseException):
            atexit._run_exitfuncs()
        for stream in (sys.__stdout__, sys.__stderr__):
            with contextlib.suppress(BaseException):
                assert stream is not None
                stream.flush()
        os._exit(code)


def _start_afresh() -> None:
    """Every kernel would draw the same random numbers otherwise."""
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    if torch := sys.modules.get("torch"):
        torch.seed()


# --- the end of a kernel --------------------------------------------------------------------------


def _status(pid: int, kernels: set[int]) -> int | None:
    """How a kernel ended; None while it runs. What it has started ends with it."""
    if pid not in kernels:
        return 0
    if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        return None
    return _end(pid, kernels)


def _end(pid: int, kernels: set[int]) -> int:
    # Not reaped yet, so neither the process's nor the group's number can be another's.
    for end, target in ((os.killpg, pid), (os.kill, pid)):
        with contextlib.suppress(ProcessLookupError):
            end(target, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    kernels.discard(pid)
    return os.waitstatus_to_exitcode(status)


def _end_all(kernels: set[int]) -> None:
    for pid in tuple(kernels):
        _end(pid, kernels)
    listing = Path(f"/proc/self/task/{os.getpid()}/children")
    with contextlib.suppress(OSError):  # a kernel of the system without this file
        while strays := [int(pid) for pid in listing.read_text().split()]:
            for stray in strays:
                os.kill(stray, signal.SIGKILL)
                os.waitpid(stray, 0)


if __name__ == "__main__":
    # `-m` puts the folder where this was started first; IPython adds that of the notebook.
    if sys.path and Path(sys.path[0]) == Path.cwd():
        del sys.path[0]
    main(int(sys.argv[1]), sys.argv[2:])
