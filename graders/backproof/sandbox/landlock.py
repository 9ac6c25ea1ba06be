"""Landlock: the file tree that a child may see, by raw system calls (any Linux architecture)."""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable

from backproof.sandbox.kernel import syscall

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_PATH_BENEATH = 1
_ASK_VERSION = 1

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << n for n in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK = (1 << n for n in range(6, 12))
MAKE_SYM, REFER, TRUNCATE, IOCTL_DEV = (1 << n for n in range(12, 16))

READ = READ_FILE | READ_DIR
WRITE = READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_FIFO
WRITE |= MAKE_SYM | REFER | TRUNCATE
DEVICE = READ_FILE | WRITE_FILE | IOCTL_DEV

_FOR_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
_NET_TCP = 3  # bind and connect: no rule grants either
_SCOPES = 3  # abstract sockets and signals do not leave the sandbox


def version() -> int:
    """The kernel's Landlock ABI; raises OSError where there is none."""
    return syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)


def restrict(rules: Iterable[tuple[str, int]]) -> int:
    """Leave this process these paths with these rights and nothing else; return the ABI in force.

    A rule holds for a whole tree. Paths that do not exist are skipped.
    """
    abi = version()
    handled = (1 << (13 + (abi >= 2) + (abi >= 3) + (abi >= 5))) - 1
    attributes = struct.pack(
        "=QQQ", handled, _NET_TCP if abi >= 4 else 0, _SCOPES if abi >= 6 else 0
    )
    # An older kernel refuses a structure longer than the one it knows.
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = syscall(_CREATE_RULESET, attributes, size, 0)
    try:
        for path, access in rules:
            _allow(ruleset, path, access & handled)
        syscall(_RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)
    return abi


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        target = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there, or not reachable, needs no permission
    try:
        if not stat.S_ISDIR(os.fstat(target).st_mode):
            access &= _FOR_FILES
        rule = struct.pack("=Qi", access, target)
        syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0)
    finally:
        os.close(target)
