"""What a child takes away from itself before it meets a student's code.

`LAYERS` is applied from top to bottom. A layer is a function that either comes into force and
returns its name, or raises OSError: the machine does not offer it. What is in force is found by
trying, and the names are part of every result.
"""

from __future__ import annotations

import contextlib
import functools
import glob
import math
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
from backproof.sandbox import kernel, landlock, namespaces, seccomp

SOCKET = 3

VISIBLE_GPUS = "CUDA_VISIBLE_DEVICES"

LOST_CONNECTION = 81
"""Exit code of a child that cannot reach the grader: the student's code closed its socket."""
NOT_SET_UP = 82
"""Exit code of a child that could not be set up."""

_HIGHEST_DESCRIPTOR = 1 << 20
_HIGHEST_CAPABILITY = 63
_CAP_DAC_READ_SEARCH = 2
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
_CUDA_OPEN_FILES = 256
"""Descriptors that the driver holds for itself, some for each GPU of the machine."""
_NODES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")
_CUDA_READ = (
    "/usr/local/cuda",
    "/usr/local/nvidia",
    "/proc/driver/nvidia",
    "/proc/devices",
    "/sys/devices",
    "/sys/bus/pci",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What one child is to be confined to.

    scratch: the only folder that it may write. drop_uid: become nobody.
    reads_as_root: keep root's right to read, because nobody could not reach the interpreter;
        Landlock still limits what is read.
    in_view: the parent lives in namespaces of its own (see `namespaces`).
    visible_gpus: what CUDA_VISIBLE_DEVICES is to be in the child; None unsets it.
    inherited: layers that the parent, or the trusted side, has already put in force.
    own_threads: processes that the user already has, which RLIMIT_NPROC counts too.
    """

    scratch: str
    limits: Limits
    device: str
    drop_uid: bool
    visible_gpus: str | None = None
    reads_as_root: bool = False
    in_view: bool = False
    inherited: tuple[str, ...] = ()
    own_threads: int = 0

    @property
    def on_cuda(self) -> bool:
        """Whether the child may use a GPU."""
        return self.device.startswith("cuda")


def confine(plan: Plan) -> tuple[tuple[str, ...], dict[str, str]]:
    """Apply every layer that this machine offers: the names in force, and why others are not."""
    names, missing = [], {}
    for layer in LAYERS:
        try:
            names.append(layer(plan))
        except OSError as error:  # not offered here: whoever started us judges what is left
            missing[layer.__name__.strip("_").replace("_", " ")] = str(error)
    return (*plan.inherited, *names), missing


def detach(sock_fd: int, plan: Plan) -> None:
    """Keep one socket of all that the parent had open, and move into the scratch folder."""
    os.setsid()
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    if sock_fd != SOCKET:
        os.dup2(sock_fd, SOCKET)
    os.closerange(SOCKET + 1, _HIGHEST_DESCRIPTOR)
    if not plan.in_view:  # there, the folder comes with the layers
        os.chdir(plan.scratch)
    os.umask(0o077)
    os.environ.update(environment(plan.scratch))
    tempfile.tempdir = None  # looked up once per process: our parent's choice must not stay


def environment(scratch: str) -> dict[str, str]:
    """Variables that name the folder a library may write."""
    places = ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR", "XDG_CACHE_HOME", "TORCH_HOME")
    return dict.fromkeys(places, scratch) | {"USER": "student", "LOGNAME": "student"}


# --- what may be read -----------------------------------------------------------------------


def _places() -> set[str]:
    """Folders that a running interpreter reads: libraries, and this package (never its parent)."""
    paths = {
        os.path.join(prefix, part)
        for prefix in (sys.prefix, sys.base_prefix, sys.exec_prefix)
        for part in ("lib", "lib64", "share", "etc", "pyvenv.cfg")
    }
    paths |= {sysconfig.get_path(key) for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    return {*paths, *_SYSTEM_LIBRARIES, str(Path(__file__).resolve().parent.parent)}


def _roots() -> set[str]:
    real = {os.path.realpath(path) for path in _places()}
    return {path for path in real if not any(path.startswith(other + os.sep) for other in real)}


def visible(*, on_cuda: bool) -> tuple[set[str], tuple[str, ...]]:
    """Paths and devices that a view of the machine shows (see `namespaces.build_view`)."""
    paths = _places() | {path for path in _SYSTEM if not path.startswith("/proc/")}
    # Where the loader was told to look: what cannot be loaded cannot be warmed up.
    paths |= {path for path in os.environ.get("LD_LIBRARY_PATH", "").split(":") if path[:1] == "/"}
    if not on_cuda:
        return paths, _NODES
    paths |= {path for path in _CUDA_READ if not path.startswith("/proc/")}
    return paths, (*_NODES, *gpu_files())


def gpu_files() -> list[str]:
    """The device files of NVIDIA's driver."""
    found = (*glob.glob("/dev/nvidia*"), *glob.glob("/dev/nvidia-caps/*"))
    return [node for node in found if not os.path.isdir(node)]


def hidden_solutions() -> set[str]:
    """Solutions that are installed among the libraries."""
    patterns = ("", "python*/*-packages/", "*-packages/")
    return {
        path
        for root in _roots()
        for pattern in patterns
        for path in glob.glob(os.path.join(root, pattern + _SOLUTIONS))
    }


def is_library(entry: str) -> bool:
    """Whether an entry of the module search path lies where children may read."""
    real = os.path.realpath(entry)
    return any(real == root or real.startswith(root + os.sep) for root in _roots())


@functools.cache
def library_rules() -> tuple[tuple[str, int], ...]:
    """Landlock rules for the libraries, found once; solutions among them stay hidden."""
    hidden = hidden_solutions()
    return tuple(rule for root in sorted(_roots()) for rule in rules_around(root, hidden))


def rules_around(root: str, hidden: set[str]) -> list[tuple[str, int]]:
    """Rules that open a tree except for hidden paths, on whose way folders can only be listed."""
    if root in hidden:
        return []
    if not any(path.startswith(root + os.sep) for path in hidden):
        return [(root, landlock.READ)]
    inner = (os.path.join(root, entry) for entry in sorted(os.listdir(root)))
    return [(root, landlock.READ_DIR), *(r for path in inner for r in rules_around(path, hidden))]


# --- the layers, in order -------------------------------------------------------------------


def _rlimits(plan: Plan) -> str:
    limits = plan.limits
    wanted = {
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_CPU: math.ceil(limits.submission_cpu_seconds),
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_NPROC: limits.threads + plan.own_threads,
    }
    if not plan.on_cuda:  # CUDA reserves address space far beyond what it uses
        wanted[resource.RLIMIT_AS] = _address_space() + limits.memory_bytes
    else:
        wanted[resource.RLIMIT_NOFILE] += _CUDA_OPEN_FILES
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


def _private_tmpfs(plan: Plan) -> str:
    if not plan.in_view:
        raise OSError("this needs a mount namespace")
    namespaces.own_files(plan.limits.scratch_bytes, plan.limits.scratch_files)
    return "private tmpfs"


def _unprivileged_user(plan: Plan) -> str:
    if not plan.drop_uid:
        if _is_real_root():
            raise OSError("this is root, and no other user can be taken")
        return "unprivileged user"
    if plan.reads_as_root:
        kernel.prctl(kernel.PR_SET_KEEPCAPS, 1)
    os.setgroups([])
    os.setresgid(namespaces.NOBODY, namespaces.NOBODY, namespaces.NOBODY)
    os.setresuid(namespaces.NOBODY, namespaces.NOBODY, namespaces.NOBODY)
    # A change of user makes /proc/self root's; the interpreter reads it.
    kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
    return "unprivileged user (nobody)"


def _is_real_root() -> bool:
    """Whether this process is root for the kernel, under whatever name it goes here."""
    if os.getuid() != 0:
        return False
    inner, outer, _ = Path("/proc/self/uid_map").read_text().split()[:3]
    return (inner, outer) == ("0", "0")


def _own_user_namespace(plan: Plan) -> str:
    if not plan.in_view:
        raise OSError("the warm parent has none")
    namespaces.own_users()
    # Threads are counted for each user of a namespace: from here on, ours alone.
    limit = plan.limits.threads
    resource.setrlimit(resource.RLIMIT_NPROC, (limit, limit))
    return "own user namespace"


def _no_capabilities(plan: Plan) -> str:
    machine = os.uname().machine
    if machine not in _CAPSET:
        raise OSError(f"no system call number for {machine}")
    for capability in range(_HIGHEST_CAPABILITY + 1):
        try:
            kernel.prctl(kernel.PR_CAPBSET_DROP, capability)
        except OSError:
            break  # unknown to this kernel, or not ours to drop: then none can be gained either
    with contextlib.suppress(OSError):  # kernels before 4.3 have no ambient set
        kernel.prctl(kernel.PR_CAP_AMBIENT, 4)
    kept = 1 << _CAP_DAC_READ_SEARCH if plan.reads_as_root else 0
    header = struct.pack("=Ii", _CAPABILITY_VERSION, 0)
    kernel.syscall(_CAPSET[machine], header, struct.pack("=6I", kept, kept, 0, 0, 0, 0))
    return "no capabilities but to read" if kept else "no capabilities"


def _no_new_privileges(plan: Plan) -> str:
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    return "no_new_privs"


def _landlock(plan: Plan) -> str:
    rules = [*library_rules(), (plan.scratch, landlock.WRITE)]
    rules += [(path, landlock.READ) for path in _SYSTEM]
    rules += [(path, landlock.DEVICE) for path in _NODES]
    if plan.on_cuda:
        rules += [(path, landlock.READ) for path in _CUDA_READ]
        # The driver names its threads through /proc/self/task/<tid>/comm.
        rules += [(path, landlock.DEVICE) for path in (*gpu_files(), "/proc/self/task")]
    return f"landlock {landlock.restrict(rules)}"


def _seccomp(plan: Plan) -> str:
    seccomp.install(os.getpid(), allow_memfd=plan.on_cuda)
    return "seccomp"


LAYERS: tuple[Callable[[Plan], str], ...] = (
    _private_tmpfs,
    _rlimits,
    _unprivileged_user,
    _own_user_namespace,
    _die_with_parent,
    _no_capabilities,
    _no_new_privileges,
    _landlock,
    _seccomp,
)
