"""System calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os
import struct
from typing import Any

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_NOSUID, MS_NODEV, MS_NOEXEC = 2, 4, 8
MS_BIND, MS_REC, MS_PRIVATE = 1 << 12, 1 << 14, 1 << 18
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47

MADV_COLLAPSE = 25

_MOUNT_SETATTR = 442
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_AT_FDCWD, _AT_RECURSIVE, _MNT_DETACH = -100, 0x8000, 2

libc = ctypes.CDLL(None, use_errno=True)


def checked(result: int, what: str) -> int:
    """Raise OSError when a C call failed."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def prctl(option: int, *arguments: Any) -> None:
    """prctl(2); raises OSError."""
    padded = [*arguments, *[0] * (4 - len(arguments))]
    words = [ctypes.c_ulong(word) if isinstance(word, int) else word for word in padded]
    checked(libc.prctl(option, *words), f"prctl {option}")


def syscall(number: int, *arguments: Any) -> int:
    """A system call by its number; raises OSError."""
    words = [ctypes.c_long(word) if isinstance(word, int) else word for word in arguments]
    return checked(int(libc.syscall(ctypes.c_long(number), *words)), f"system call {number}")


def unshare(flags: int) -> None:
    """unshare(2); raises OSError."""
    checked(libc.unshare(ctypes.c_int(flags)), "unshare")


def setns(fd: int, kind: int) -> None:
    """setns(2); raises OSError."""
    checked(libc.setns(ctypes.c_int(fd), ctypes.c_int(kind)), "setns")


def mount(source: str, target: str, kind: str = "", flags: int = 0, data: str = "") -> None:
    """mount(2); raises OSError that names the target."""
    words = [text.encode() or None for text in (source, target, kind)]
    result = libc.mount(*words, ctypes.c_ulong(flags), data.encode() or None)
    checked(result, f"mount {kind or source} on {target}")


def restrict_mount(path: str, attributes: int, *, recursive: bool = True) -> None:
    """Add attributes to a mount and those below it (Linux 5.12); what it had stays."""
    request = struct.pack("=QQQQ", attributes, 0, 0, 0)
    flags = _AT_RECURSIVE if recursive else 0
    syscall(_MOUNT_SETATTR, _AT_FDCWD, path.encode(), flags, request, len(request))


def change_root(folder: str) -> None:
    """Make a mounted folder the root, and let go of the old one."""
    machine = os.uname().machine
    if machine not in _PIVOT_ROOT:
        raise OSError(f"no system call number for {machine}")
    os.chdir(folder)
    syscall(_PIVOT_ROOT[machine], b".", b".")
    checked(libc.umount2(b".", ctypes.c_int(_MNT_DETACH)), "umount2 of the old root")
    os.chdir("/")


def collapse(start: int, length: int) -> bool:
    """Back a range of memory by huge pages, where the kernel can (6.1 and later)."""
    address, size = ctypes.c_void_p(start), ctypes.c_size_t(length)
    return bool(libc.madvise(address, size, ctypes.c_int(MADV_COLLAPSE)) == 0)
