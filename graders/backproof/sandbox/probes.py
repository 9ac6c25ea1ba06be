"""Attempts to get out, made from inside of a confined process, for `backproof doctor --probe`.

They are harmless where they succeed: nothing is sent, overwritten or ended.
"""

from __future__ import annotations

import os
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from backproof.model import Call, Limits, Probe, Returned, Submission
from backproof.sandbox.isolated import Isolated, IsolatedSession

_PREPARED = """
import ctypes, os, resource, signal, socket, sys
libc = ctypes.CDLL(None, use_errno=True)

def raw(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def raised(kind):
    resource.setrlimit(kind, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

def others():
    found = [name for name in os.listdir("/proc") if name.isdigit() and int(name) != os.getpid()]
    if not found:
        raise OSError("nobody else is there")
    return found

def another():
    # Signal 0 asks whether one may signal, and does nothing.
    return os.getppid() or 2
"""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: `code` ends with an OSError or ValueError where it is denied.

    only_full: it needs a layer that only the profile `full` has.
    """

    group: str
    name: str
    code: str
    only_full: bool = False


def attempts(secret: Path, port: int) -> list[Attempt]:
    """What is tried. `secret` is a file of the grader's, `port` listens on this machine."""
    files, network = "hidden files", "network"
    processes, limits = "other processes", "limits"
    here = f"('127.0.0.1', {port})"
    return [
        Attempt(files, "read a hidden test", f"open({str(secret)!r}).read()"),
        Attempt(files, "list the folder of hidden tests", f"os.listdir({str(secret.parent)!r})"),
        Attempt(files, "list the grader's home", f"os.listdir({str(Path.home())!r})"),
        Attempt(files, "list the working folder", f"os.listdir({os.getcwd()!r})"),
        Attempt(files, "list other students' folders", "os.listdir(os.path.dirname(os.getcwd()))"),
        Attempt(files, "read the system's users", "open('/etc/passwd').read()"),
        Attempt(files, "write beside its folder", "open('../stray', 'w')"),
        Attempt(files, "write to a library", "open(os.__file__, 'a')"),
        Attempt(files, "write to /tmp", "open('/tmp/backproof-probe', 'w')"),
        Attempt(
            files,
            "fill the disk with many files",
            "[open(f'n{i}', 'w').write('x') for i in range(5000)]",
            only_full=True,
        ),
        Attempt(network, "connect to this machine", f"socket.create_connection({here}, 2)"),
        Attempt(network, "open a UDP socket", "socket.socket(type=socket.SOCK_DGRAM)"),
        Attempt(network, "open a Unix socket", "socket.socket(socket.AF_UNIX)"),
        Attempt(processes, "see other processes", "others()"),
        Attempt(processes, "read the parent's memory", "open(f'/proc/{another()}/mem', 'rb')"),
        Attempt(processes, "signal the parent", "os.kill(another(), 0)"),
        Attempt(processes, "signal the grader", f"os.kill({os.getpid()}, 0)"),
        Attempt(processes, "signal everybody", "os.kill(-1, 0)"),
        Attempt(processes, "trace the parent", "raw(libc.ptrace(16, another(), 0, 0))"),
        Attempt(processes, "start a process", "os.fork() or os._exit(0)"),
        Attempt(processes, "start a program", "os.posix_spawn('/bin/true', ['true'], {})"),
        Attempt(limits, "raise memory", "raised(resource.RLIMIT_AS)"),
        Attempt(limits, "raise processor time", "raised(resource.RLIMIT_CPU)"),
        Attempt(limits, "raise open files", "raised(resource.RLIMIT_NOFILE)"),
        Attempt(limits, "raise threads", "raised(resource.RLIMIT_NPROC)"),
        Attempt(limits, "make a memfd", "os.memfd_create('x')"),
        Attempt(limits, "become root", "os.setuid(0)"),
        Attempt(limits, "make namespaces", "raw(libc.unshare(0x10000000))"),
        Attempt(limits, "mount", "raw(libc.mount(b'none', b'.', b'tmpfs', 0, None))"),
        Attempt("the next student", "leave shared memory", "raw(libc.shmget(4242, 4096, 0o1666))"),
        Attempt("the next student", "leave a file in /dev/shm", "open('/dev/shm/stray', 'w')"),
    ]  # fmt: skip


_NEXT = "the next student"
_LEAVE = "os.environ['LEFT'] = 'x'; sys.left = 'x'; open('left', 'w').write('x')"
_FIND = "os.environ.get('LEFT') or hasattr(sys, 'left') or os.path.exists('left') or denied()"


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of one attempt. error: the refusal's, or why it could not be tried.

    Only an ordinary refusal counts as one: an attempt that goes wrong in another way is not denied.
    """

    attempt: Attempt
    denied: bool
    error: str = ""


def probe(runner: Isolated) -> list[Finding]:
    """Try everything in submissions of this runner."""
    limits = Limits(call_seconds=10.0, scratch_files=1000)
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as server:
        secret = Path(folder) / "hidden_test.py"
        secret.write_text("expected = 42\n", encoding="utf-8")
        # Readable by everybody, so that only the sandbox stands before it.
        secret.parent.chmod(0o755)
        tried = attempts(secret, server.getsockname()[1])
        with runner.open(_submission([attempt.code for attempt in tried]), limits) as session:
            return [_finding(session, i, attempt) for i, attempt in enumerate(tried)] + [
                _left_for_the_next(runner)
            ]


def _left_for_the_next(runner: Isolated) -> Finding:
    attempt = Attempt(_NEXT, "write to its environment", _LEAVE)
    with runner.open(_submission([_LEAVE])) as session:
        left = _finding(session, 0, attempt)
    with runner.open(_submission([_FIND])) as session:
        found = _finding(session, 0, attempt)
    return left if left.denied else found


def _submission(codes: list[str]) -> Submission:
    text = _PREPARED + "\ndef denied():\n    raise OSError('nothing was left')\n"
    for number, code in enumerate(codes):
        text += f"\ndef attempt_{number}(x):\n    try:\n        {code}\n"
        text += "    except (OSError, ValueError) as error:\n"
        text += "        return f'{type(error).__name__}: {error}'\n    return 'possible'\n"
    return Submission(name="probe", path=Path("probe.py"), digest="", cells=(text,))


def _finding(session: IsolatedSession, number: int, attempt: Attempt) -> Finding:
    call = Call(function=f"attempt_{number}", takes=("x",), returns=("y",))
    asked = Probe(calls=(call,))
    inputs: Mapping[str, float] = {"x": 1.0}
    outcome = session.run(asked, inputs, dtype="float64", device="cpu", strided=False)
    if not isinstance(outcome, Returned):
        return Finding(attempt, False, outcome.message)
    text = outcome.values["y"].text
    return Finding(attempt, True, text) if text != "possible" else Finding(attempt, False)
