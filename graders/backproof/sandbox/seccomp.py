"""A system call filter, assembled by hand for x86-64 and aarch64.

A deny list: a numerical program makes many harmless calls that differ between libraries, and
the calls that reach another process, a device, the network or the kernel's rarer corners are few.
"""

from __future__ import annotations

import ctypes
import errno
import functools
import platform
import signal
import struct

from backproof.sandbox.kernel import PR_SET_SECCOMP, prctl

_MODE_FILTER = 2
_KILL, _ERRNO, _ALLOW = 0x80000000, 0x00050000, 0x7FFF0000
_EPERM, _ENOSYS = _ERRNO | errno.EPERM, _ERRNO | errno.ENOSYS
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER_AT, _ARCH_AT, _ARGS_AT = 0, 4, 16  # offsets in struct seccomp_data
_X32_BIT = 0x40000000

_CLONE_THREAD = 0x00010000
_CLONE_NEW_ANY = 0x7E020000
# TIOCSTI, TIOCLINUX type into a terminal; FIOSETOWN, SIOCSPGRP and the three fcntl commands
# (F_SETOWN, F_SETSIG, F_SETOWN_EX) have the kernel send signals to a process of one's choice.
_TERMINAL_AND_OWNER = (0x5412, 0x541C, 0x8901, 0x8902)
_SIGNAL_OWNER = (8, 10, 15)
_SET_PDEATHSIG = 1

_ARCHITECTURES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}

# name: numbers on x86-64 and aarch64; None where the call does not exist.
_DENIED: dict[str, tuple[int | None, int | None]] = {
    # network (socketpair stays: it connects a process with itself only)
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242),
    # other processes and their memory
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "kcmp": (312, 272),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "move_pages": (279, 239), "migrate_pages": (256, 238), "setpriority": (141, 140),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "ioprio_set": (251, 30),
    # new processes and programs
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
    # memory that outlives a process or that no limit counts
    "shmget": (29, 194), "shmat": (30, 196), "shmctl": (31, 195),
    "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188), "msgctl": (71, 187),
    "semget": (64, 190), "semop": (65, 193), "semctl": (66, 191), "semtimedop": (220, 192),
    "mq_open": (240, 180), "mq_unlink": (241, 181),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    # mounts and namespaces
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "move_mount": (429, 429), "open_tree": (428, 428), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "unshare": (272, 97), "setns": (308, 268),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    "mknod": (133, None), "mknodat": (259, 33), "fanotify_init": (300, 262),
    # files that Landlock does not cover: owners and attributes of any file of the same user
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466),
    # disk work that no time limit sees
    "sync": (162, 81), "syncfs": (306, 267), "fallocate": (285, 47),
    # where and when other processes run
    "sched_setaffinity": (203, 122), "sched_setparam": (142, 118),
    # rarely needed, often attacked, or for administrators
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "sethostname": (170, 161), "setdomainname": (171, 162),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171),
    "clock_adjtime": (305, 266), "syslog": (103, 116), "vhangup": (153, 58),
    "personality": (135, 92), "lookup_dcookie": (212, 18), "nfsservctl": (180, 42),
    "modify_ldt": (154, None), "iopl": (172, None), "ioperm": (173, None), "uselib": (134, None),
}  # fmt: skip

# Modes and times of files are not covered by Landlock either. Libraries set them on files of their
# own (shutil.copy), so these calls do nothing and say that they did.
_PRETENDED: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
}  # fmt: skip

# Programs fall back to something older where these do not exist.
_ABSENT = {"clone3": (435, 435), "memfd_secret": (447, 447)}
_MEMFD_CREATE = (319, 279)

# First argument is a process id: only one's own is allowed.
_ON_SELF = {
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240),
}  # fmt: skip
_PRLIMIT, _CLONE, _IOCTL, _PRCTL = (302, 261), (56, 220), (16, 29), (157, 167)
_FCNTL, _SIGACTION = (72, 25), (13, 134)


def install(pid: int, *, allow_memfd: bool) -> None:
    """Filter this process from now on; raises OSError where that cannot be done."""
    program = build(platform.machine(), pid, allow_memfd=allow_memfd)
    descriptor = _Program(len(program) // 8, program)
    prctl(PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(descriptor))


@functools.cache
def build(machine: str, pid: int, *, allow_memfd: bool) -> bytes:
    """The filter's program for the process `pid`."""
    if machine not in _ARCHITECTURES:
        raise OSError(errno.ENOSYS, f"no table of system calls for {machine}")
    arch, column = _ARCHITECTURES[machine]
    code = [_op(_LOAD, _ARCH_AT), _op(_EQUAL, arch, 1, 0), _op(_RETURN, _KILL)]
    code += [_op(_LOAD, _NUMBER_AT)]
    if machine == "x86_64":
        code += [_op(_AT_LEAST, _X32_BIT, 0, 1), _op(_RETURN, _KILL)]
    absent = _ABSENT if allow_memfd else _ABSENT | {"memfd_create": _MEMFD_CREATE}
    for table, action in ((_DENIED, _EPERM), (_PRETENDED, _ERRNO), (absent, _ENOSYS)):
        for numbers in table.values():
            number = numbers[column]
            if number is not None:
                code += [_op(_EQUAL, number, 0, 1), _op(_RETURN, action)]
    if pid == 1:
        for name, signal_at in (("kill", 1), ("tkill", 1), ("tgkill", 2)):
            code += _deadly(_ON_SELF[name][column], pid, signal_at)
    for numbers in _ON_SELF.values():
        code += _by_argument(numbers[column], 0, (pid,), _ALLOW, _EPERM)
    code += _by_argument(_PRLIMIT[column], 0, (0, pid), _ALLOW, _EPERM)
    code += _by_argument(_IOCTL[column], 1, _TERMINAL_AND_OWNER, _EPERM, _ALLOW)
    code += _by_argument(_FCNTL[column], 1, _SIGNAL_OWNER, _EPERM, _ALLOW)
    # The signal that says that processor time is used up keeps its handler.
    code += _by_argument(_SIGACTION[column], 0, (signal.SIGXCPU,), _EPERM, _ALLOW)
    # A child that outlives its parent's death would be nobody's.
    code += _by_argument(_PRCTL[column], 0, (_SET_PDEATHSIG,), _EPERM, _ALLOW)
    code += _threads_only(_CLONE[column])
    return b"".join([*code, _op(_RETURN, _ALLOW)])


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _by_argument(
    number: int, argument: int, values: tuple[int, ...], matched: int, otherwise: int
) -> list[bytes]:
    """Decide one call by the low 32 bits of an argument (both machines are little-endian)."""
    count = len(values)
    tests = [_op(_EQUAL, value, count - i, 0) for i, value in enumerate(values)]
    return [
        _op(_EQUAL, number, 0, count + 3),
        _op(_LOAD, _ARGS_AT + 8 * argument),
        *tests,
        _op(_RETURN, otherwise),
        _op(_RETURN, matched),
    ]


def _deadly(number: int, pid: int, signal_at: int) -> list[bytes]:
    """The first process of a PID namespace ignores its own SIGKILL and SIGABRT: end it here."""
    return [
        _op(_EQUAL, number, 0, 6),
        _op(_LOAD, _ARGS_AT),
        _op(_EQUAL, pid, 0, 4),
        _op(_LOAD, _ARGS_AT + 8 * signal_at),
        _op(_EQUAL, signal.SIGKILL, 1, 0),
        _op(_EQUAL, signal.SIGABRT, 0, 1),
        _op(_RETURN, _KILL),
        _op(_LOAD, _NUMBER_AT),
    ]


def _threads_only(number: int) -> list[bytes]:
    """clone() may make threads, but neither processes nor namespaces."""
    return [
        _op(_EQUAL, number, 0, 5),
        _op(_LOAD, _ARGS_AT),
        _op(_ANY_BIT, _CLONE_NEW_ANY, 2, 0),
        _op(_ANY_BIT, _CLONE_THREAD, 0, 1),
        _op(_RETURN, _ALLOW),
        _op(_RETURN, _EPERM),
    ]
