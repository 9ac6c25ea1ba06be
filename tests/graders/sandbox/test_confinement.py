"""What a confined submission cannot do: each attempt is made from inside, and refused."""

from __future__ import annotations

import os
import platform
import struct
from pathlib import Path

import numpy as np
import pytest

from backproof.model import Fault, Returned
from backproof.sandbox import landlock, layers, seccomp

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux", reason="confinement is built from Linux features"
)

DENIED = {
    "read a system file": "open('/etc/passwd').read()",
    "read this test": f"open({__file__!r}).read()",
    "list the repository": f"os.listdir({str(Path(__file__).parents[3])!r})",
    "list the root": "os.listdir('/')",
    "read a home": f"os.listdir({str(Path.home())!r})",
    "list processes": "os.listdir('/proc')",
    "read the parent's environment": "open(f'/proc/{os.getppid()}/environ').read()",
    "read the parent's memory": "open(f'/proc/{os.getppid()}/mem', 'rb').read(1)",
    "read another's command line": "open(f'/proc/{os.getppid() or 2}/cmdline').read()",
    "write to the temporary folder": "open('/tmp/stray', 'w')",
    "write to shared memory": "open('/dev/shm/stray', 'w')",
    "write to a library": "open(torch.__file__, 'a')",
    "write to the grader": "open(sys.modules['backproof'].__file__, 'a')",
    "truncate a library": "os.truncate(torch.__file__, 0)",
    "remove a library": "os.unlink(torch.__file__)",
    "write beside its folder": "open('../stray', 'w')",
    "follow a link out": "os.symlink('/etc/passwd', 'link'); open('link').read()",
    "make a hard link": "os.link('/etc/passwd', 'hard')",
    "make a device": "os.mknod('device', 0o060666, 0x100)",
    "open a TCP socket": "socket.socket()",
    "open a UDP socket": "socket.socket(socket.AF_INET, socket.SOCK_DGRAM)",
    "open a Unix socket": "socket.socket(socket.AF_UNIX)",
    "open a netlink socket": "socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)",
    "start a program": "subprocess.run(['/bin/true'])",
    "start a shell": "os.posix_spawn('/bin/sh', ['sh'], {})",
    "replace itself": "os.execv('/bin/true', ['true'])",
    "fork": "os.fork()",
    "signal the parent": "os.kill(os.getppid(), 9)",
    "signal its group": "os.killpg(0, 9)",
    "signal everybody": "os.kill(-1, 9)",
    "open a process": "os.pidfd_open(os.getppid())",
    "trace the parent": "raw(libc.ptrace(16, os.getppid(), 0, 0))",
    "leave its death to chance": "raw(libc.prctl(1, 0))",
    "make namespaces": "raw(libc.unshare(0x10000000))",
    "mount": "raw(libc.mount(b'none', b'.', b'tmpfs', 0, None))",
    "change the root": "os.chroot('.')",
    "use a key ring": "raw(libc.syscall(250, 0, -3, 1))",
    "use io_uring": "raw(libc.syscall(425, 1, bytes(120)))",
    "load a program into the kernel": "raw(libc.syscall(321, 0, bytes(72), 72))",
    "use System V memory": "raw(libc.shmget(1234, 4096, 0o1666))",
    "use System V messages": "raw(libc.msgget(1234, 0o1666))",
    "make anonymous files": "os.memfd_create('x')",
    "type into a terminal": "raw(libc.ioctl(0, 0x5412, b'x'))",
    "raise a limit": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "limit the parent": "resource.prlimit(os.getppid() or 2, resource.RLIMIT_NOFILE, (1, 1))",
    "slow the parent": "os.setpriority(os.PRIO_PROCESS, os.getppid(), 19)",
    "become root": "os.setuid(0) if os.getuid() else os.setuid(1)",
    "own a file of the same user": "os.chown(torch.__file__, os.getuid(), os.getgid())",
    "mark a file of the same user": "os.setxattr(torch.__file__, 'user.mark', b'1')",
    "have signals sent": "fcntl.fcntl(3, 8, os.getppid())",
    "choose the signal that is sent": "fcntl.fcntl(3, 10, 9)",
    "pin the parent": "os.sched_setaffinity(os.getppid(), {0})",
    "flush the disk": "raw(libc.syncfs(3))",
    "reserve the disk": "os.posix_fallocate(os.open('big', os.O_CREAT | os.O_RDWR), 0, 4096)",
    "set the clock": "time.clock_settime(time.CLOCK_REALTIME, 0)",
    "fill the disk": "open('big', 'wb').write(bytes(2 << 20))",
    "open many files": "[open('/dev/null') for _ in range(999)]",
}

ATTEMPT = """
import ctypes, fcntl, os, resource, signal, socket, subprocess, sys, time, torch
libc = ctypes.CDLL(None, use_errno=True)
def raw(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
def f(x):
    try:
        {attempt}
    except (OSError, ValueError) as error:
        return f"refused: {{error}}"
    return "done"
"""


@pytest.mark.parametrize("attempt", DENIED.values(), ids=DENIED.keys())
def test_a_confined_submission_cannot(ask_each, attempt):
    """Each attempt is refused with an ordinary error, and the process goes on."""
    text = ask_each.value(ATTEMPT.format(attempt=attempt)).text
    assert text.startswith("refused: "), text


ALLOWED = {
    "write its own folder": "open('mine', 'w').write('x'); os.mkdir('d'); os.rename('mine', 'd/y')",
    "use temporary files": "import tempfile; tempfile.TemporaryFile().write(b'x')",
    "use its home": "open(os.path.expanduser('~/notes'), 'w').write('x')",
    "import late": "import sqlite3, xml.dom.minidom, unittest.mock, torch.nn.utils.prune",
    "read library data": "torch.__file__ and open(torch.__file__).read()",
    "use random bytes": "os.urandom(8); open('/dev/urandom', 'rb').read(4)",
    "count processors": "os.cpu_count(); len(os.sched_getaffinity(0))",
    "look at itself": "open('/proc/self/status').read()",
    "run asynchronous code": "import asyncio; asyncio.run(asyncio.sleep(0))",
    "use a thread pool": (
        "from concurrent.futures import ThreadPoolExecutor as T; list(T(4).map(abs, range(9)))"
    ),
    "train": (
        "m = torch.nn.Linear(3, 1); o = torch.optim.Adam(m.parameters()); "
        "m(torch.ones(2, 3)).sum().backward(); o.step()"
    ),
    "save and load": "torch.save(torch.ones(2), 'w.pt'); torch.load('w.pt')",
    "trap its own signals": "signal.raise_signal(signal.SIGCHLD)",
}


@pytest.mark.parametrize("attempt", ALLOWED.values(), ids=ALLOWED.keys())
def test_a_confined_submission_can(ask_each, attempt):
    """Ordinary work is not in the way of the layers."""
    assert ask_each.value(ATTEMPT.format(attempt=attempt)).text == "done"


def test_no_secret_of_the_environment_is_inherited(ask):
    """The grader's variables are in nobody's memory but its own."""
    source = """
        import os
        def f(x):
            found = open("/proc/self/environ").read() + repr(dict(os.environ))
            return found
        """
    assert os.environ["GRADER_TOKEN"] not in ask.value(source).text


def test_no_path_to_the_source_tree_is_known(ask):
    """The module search path holds libraries only."""
    source = "import sys\ndef f(x): return '\\n'.join(sys.path)\n"
    entries = ask.value(source).text.splitlines()
    assert entries
    assert all("python3" in entry for entry in entries)


def test_installed_solutions_stay_hidden(tmp_path):
    """Everything beside a hidden path is readable; the way to it can only be listed."""
    solutions = tmp_path / "lib" / "site-packages" / "backproof_reference"
    solutions.mkdir(parents=True)
    (tmp_path / "lib" / "site-packages" / "torch").mkdir()
    (tmp_path / "share").mkdir()
    rules = dict(layers.rules_around(str(tmp_path), {str(solutions)}))
    assert rules == {
        str(tmp_path): landlock.READ_DIR,
        str(tmp_path / "lib"): landlock.READ_DIR,
        str(tmp_path / "lib" / "site-packages"): landlock.READ_DIR,
        str(tmp_path / "lib" / "site-packages" / "torch"): landlock.READ,
        str(tmp_path / "share"): landlock.READ,
    }


def test_submissions_do_not_meet_in_files(ask_each):
    """What one writes, the next does not find, and nothing of it is left on this machine."""
    source = "import os\ndef f(x):\n    seen = os.listdir()\n    open('left', 'w')\n"
    source += "    return os.path.abspath('left') + repr(seen)\n"
    for _ in range(2):
        place, seen = ask_each.value(source).text.split("[")
        assert seen == "]"
        assert not os.path.exists(place)


def test_only_one_descriptor_is_open(ask):
    """The child holds its null streams and its own socket, nothing of the grader's."""
    source = "import os\ndef f(x): return repr(sorted(os.listdir('/proc/self/fd')))\n"
    # The listing itself is descriptor 4.
    assert ask.value(source).text == repr(["0", "1", "2", "3", "4"])


def test_another_architecture_is_killed():
    """The filter begins with the architecture: numbers mean other calls elsewhere."""
    program = seccomp.build("x86_64", 1, allow_memfd=False)
    code = [struct.unpack("=HBBI", program[i : i + 8]) for i in range(0, len(program), 8)]
    assert code[1][3] == 0xC000003E
    assert code[2] == (0x06, 0, 0, 0x80000000)


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
@pytest.mark.parametrize("allow_memfd", [False, True])
@pytest.mark.parametrize("pid", [1, 4321])
def test_every_jump_of_the_filter_stays_inside(machine, allow_memfd, pid):
    """Each program is well-formed and ends by allowing."""
    program = seccomp.build(machine, pid, allow_memfd=allow_memfd)
    code = [struct.unpack("=HBBI", program[i : i + 8]) for i in range(0, len(program), 8)]
    for at, (operation, if_true, if_false, _) in enumerate(code):
        if operation & 7 == 5:
            assert at + 1 + max(if_true, if_false) < len(code)
    assert code[-1] == (0x06, 0, 0, 0x7FFF0000)
    assert len(code) < 4096


def test_an_unknown_machine_has_no_filter():
    """Without a table of numbers the layer is reported as missing instead of guessed."""
    with pytest.raises(OSError, match="no table of system calls for riscv64"):
        seccomp.build("riscv64", 1, allow_memfd=False)


def test_the_layers_in_force_are_named(isolated):
    """The report says what was found to work here."""
    _, names = isolated.isolation.split(": ")
    named = names.split(" + ")
    assert "rlimits" in named
    assert "no_new_privs" in named
    assert any(name.startswith("landlock ") for name in named)
    assert "seccomp" in named


def test_a_missing_layer_is_missing_from_the_report(monkeypatch, tmp_path):
    """A layer that the machine does not offer is left out, and the others are applied."""

    def refused(plan):
        raise OSError("not here")

    monkeypatch.setattr(layers, "LAYERS", (refused, lambda plan: "one"))
    plan = layers.Plan(scratch=str(tmp_path), limits=None, device="cpu", drop_uid=False)
    assert layers.confine(plan) == (("one",), {"refused": "not here"})


NOTEBOOK = (
    "%matplotlib inline\nimport torch",
    "!pip install something\n%time t = torch.ones(2)\nname = get_ipython().__class__.__name__",
    "1 / 0",
    "def f(x):\n    return x * t.sum()",
    "def broken(x):\n    return x.nonsense",
    "files = !ls\n'shown'",
)


def test_a_notebook_runs_cell_by_cell(isolated, ask, submission):
    """Magics and commands do no harm, and a failing cell does not stop the next."""
    with isolated.open(submission(*NOTEBOOK, notebook=True)) as session:
        outcome = ask.run(session, ask.probe())
        missing = ask.run(session, ask.probe(function="nowhere"))
        broken = ask.run(session, ask.probe(function="broken"))
    assert isinstance(outcome, Returned), outcome
    assert outcome.values["y"].array[1, 2] == 10
    assert missing.fault is Fault.MISSING
    assert "ZeroDivisionError in cell 3, line 1" in missing.message
    assert broken.trace == "cell 5, line 2, in broken: return x.nonsense"


def test_a_notebook_that_exits_goes_on(isolated, ask, submission):
    """`sys.exit()` in a cell is that cell's error only."""
    cells = ("import sys\nsys.exit()", "def f(x): return x")
    with isolated.open(submission(*cells, notebook=True)) as session:
        assert isinstance(ask.run(session, ask.probe()), Returned)


def test_modes_and_times_of_other_files_stay_as_they_are(ask, tmp_path):
    """Landlock does not cover chmod and utime: they only pretend, here and in the scratch folder."""
    victim = tmp_path / "victim"
    victim.write_text("")
    victim.chmod(0o644)
    before = victim.stat()
    code = f"import os\ndef f(x):\n    os.chmod({str(victim)!r}, 0o4777)\n    os.chmod('..', 0)\n"
    code += f"    os.utime({str(victim)!r}, (0, 0))\n    return x\n"

    assert isinstance(ask.once(code), Returned)
    assert victim.stat() == before
    assert isinstance(ask.once("def f(x): return x"), Returned)


def test_a_child_collects_its_own_cycles(ask_each):
    """The process that it is forked of does not, while it imports."""
    source = "import gc\ndef f(x): return x * 0 + gc.isenabled()\n"
    assert np.all(ask_each.value(source).array == 1)
