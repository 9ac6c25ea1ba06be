"""System calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os
from typing import Any

CLONE_NEWIPC = 0x08000000
CLONE_NEWNET = 0x40000000

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47

MADV_COLLAPSE = 25

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


def collapse(start: int, length: int) -> bool:
    """Back a range of memory by huge pages, where the kernel can (6.1 and later)."""
    address, size = ctypes.c_void_p(start), ctypes.c_size_t(length)
    return bool(libc.madvise(address, size, ctypes.c_int(MADV_COLLAPSE)) == 0)
