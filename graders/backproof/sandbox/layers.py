"""What a child takes away from itself before it meets a student's code.

`LAYERS` is applied from top to bottom. A layer is a function that either comes into force and
returns its name, or raises OSError: the machine does not offer it. What is in force is found by
trying, and the names are part of every result.
"""

from __future__ import annotations

import contextlib
import functools
import glob
import os
import resource
import signal
import struct
import sys
import sysconfig
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from backproof.model import Limits
from backproof.sandbox import kernel, landlock, seccomp

NOBODY = 65534
SOCKET = 3

LOST_CONNECTION = 81
"""Exit code of a child that cannot reach the grader: the student's code closed its socket."""
NOT_SET_UP = 82
"""Exit code of a child that could not be set up."""

_HIGHEST_DESCRIPTOR = 1 << 20
_HIGHEST_CAPABILITY = 63
_CAPSET = {"x86_64": 126, "aarch64": 91}
_CAPABILITY_VERSION = 0x20080522

_SOLUTIONS = "backproof_reference"
"""Staff may have the reference solutions installed beside the libraries."""

_SYSTEM_LIBRARIES = (
    "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec", "/usr/share", "/usr/local/lib",
    "/lib", "/lib32", "/lib64",
)  # fmt: skip
_SYSTEM = (
    "/etc/ld.so.cache", "/etc/localtime", "/sys/devices/system/cpu",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
)  # fmt: skip
_NODES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_CUDA_READ = (
    "/usr/local/cuda",
    "/proc/driver/nvidia",
    "/proc/devices",
    "/sys/devices",
    "/sys/bus/pci",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What one child is to be confined to.

    scratch: the only folder that it may write. drop_uid: become nobody.
    inherited: layers that its parent has already put in force.
    own_threads: processes that the user already has, which RLIMIT_NPROC counts too.
    """

    scratch: str
    limits: Limits
    device: str
    drop_uid: bool
    inherited: tuple[str, ...] = ()
    own_threads: int = 0

    @property
    def on_cuda(self) -> bool:
        """Whether the child may use a GPU."""
        return self.device.startswith("cuda")


def confine(plan: Plan) -> tuple[str, ...]:
    """Apply every layer that this machine offers; return the names of those in force."""
    names = []
    for layer in LAYERS:
        with contextlib.suppress(OSError):  # not offered here: its name is missing from the report
            names.append(layer(plan))
    return (*names, *plan.inherited)


def detach(sock_fd: int, plan: Plan) -> None:
    """Keep one socket of all that the parent had open, and move into the scratch folder."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    if sock_fd != SOCKET:
        os.dup2(sock_fd, SOCKET)
    os.closerange(SOCKET + 1, _HIGHEST_DESCRIPTOR)
    os.chdir(plan.scratch)
    os.umask(0o077)
    os.environ.update(_environment(plan.scratch))
    tempfile.tempdir = None  # looked up once per process: our parent's choice must not stay


def _environment(scratch: str) -> dict[str, str]:
    places = ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME", "TORCH_HOME")
    return dict.fromkeys(places, scratch) | {"USER": "student", "LOGNAME": "student"}


# --- what may be read -----------------------------------------------------------------------


def _roots() -> set[str]:
    """Folders that a running interpreter reads: libraries, and this package (never its parent)."""
    paths = {
        os.path.join(prefix, part)
        for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)
        for part in ("lib", "lib64", "share", "etc", "pyvenv.cfg")
    }
    paths |= {sysconfig.get_path(key) for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    paths |= {*_SYSTEM_LIBRARIES, str(Path(__file__).resolve().parent.parent)}
    real = {os.path.realpath(path) for path in paths}
    return {path for path in real if not any(path.startswith(other + os.sep) for other in real)}


def is_library(entry: str) -> bool:
    """Whether an entry of the module search path lies where children may read."""
    real = os.path.realpath(entry)
    return any(real == root or real.startswith(root + os.sep) for root in _roots())


@functools.cache
def library_rules() -> tuple[tuple[str, int], ...]:
    """Landlock rules for the libraries, found once; solutions among them stay hidden."""
    roots = sorted(_roots())
    hidden = {
        path
        for root in roots
        for pattern in ("", "python*/*-packages/", "*-packages/")
        for path in glob.glob(os.path.join(root, pattern + _SOLUTIONS))
    }
    return tuple(rule for root in roots for rule in rules_around(root, hidden))


def rules_around(root: str, hidden: set[str]) -> list[tuple[str, int]]:
    """Rules that open a tree except for hidden paths, on whose way folders can only be listed."""
    if root in hidden:
        return []
    if not any(path.startswith(root + os.sep) for path in hidden):
        return [(root, landlock.READ)]
    inner = (os.path.join(root, entry) for entry in sorted(os.listdir(root)))
    return [(root, landlock.READ_DIR), *(r for path in inner for r in rules_around(path, hidden))]


# --- the layers, in order -------------------------------------------------------------------


def _limits(plan: Plan) -> str:
    limits = plan.limits
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_NPROC: limits.threads + plan.own_threads,
    }
    if not plan.on_cuda:  # CUDA reserves address space far beyond what it uses
        wanted[resource.RLIMIT_AS] = _address_space() + limits.memory_bytes
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))
    return "rlimits"


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _die_with_parent(plan: Plan) -> str:
    kernel.prctl(kernel.PR_SET_PDEATHSIG, int(signal.SIGKILL))
    return "dies with its parent"


def _nobody(plan: Plan) -> str:
    if not plan.drop_uid:
        raise OSError("the interpreter is not readable for another user, or we are not root")
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    # A change of user makes /proc/self root's; the interpreter reads it.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    return "user nobody"


def _no_capabilities(plan: Plan) -> str:
    for capability in range(_HIGHEST_CAPABILITY + 1):
        try:
            kernel.prctl(kernel.PR_CAPBSET_DROP, capability)
        except OSError:
            break  # unknown to this kernel, or not ours to drop: then none can be gained either
    with contextlib.suppress(OSError):  # kernels before 4.3 have no ambient set
        kernel.prctl(kernel.PR_CAP_AMBIENT, 4)
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    machine = os.uname().machine
    if machine not in _CAPSET:
        raise OSError(f"no system call number for {machine}")
    kernel.syscall(_CAPSET[machine], header, bytes(24))
    return "no capabilities"


def _no_new_privileges(plan: Plan) -> str:
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    return "no_new_privs"


def _landlock(plan: Plan) -> str:
    rules = [*library_rules(), (plan.scratch, landlock.WRITE)]
    rules += [(path, landlock.READ) for path in _SYSTEM]
    rules += [(path, landlock.DEVICE) for path in _NODES]
    if plan.on_cuda:
        nodes = (*glob.glob("/dev/nvidia*"), *glob.glob("/dev/nvidia-caps/*"))
        rules += [(path, landlock.READ) for path in _CUDA_READ]
        # The driver names its threads through /proc/self/task/<tid>/comm.
        rules += [(path, landlock.DEVICE) for path in (*nodes, "/proc/self/task")]
    return f"landlock {landlock.restrict(rules)}"


def _seccomp(plan: Plan) -> str:
    seccomp.install(os.getpid(), allow_memfd=plan.on_cuda)
    return "seccomp"


LAYERS: tuple[Callable[[Plan], str], ...] = (
    _limits,
    _nobody,
    _die_with_parent,
    _no_capabilities,
    _no_new_privileges,
    _landlock,
    _seccomp,
)
