"""A machine of its own for the warm parent: namespaces, and a read-only view of the libraries.

`leave` gives up the host's users, processes, mounts, network and IPC objects; `build_view` makes a
root that holds the interpreter, its libraries and nothing else. Each child then takes a PID
namespace, a procfs and a scratch folder of its own from here. Every step either succeeds or raises
OSError, whose text says what this machine does not offer.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from backproof.sandbox import kernel

SCRATCH = "/scratch"
"""The one writable folder in a view: a file system in memory, private to each child."""

NOBODY = 65534
_WHOLE_MACHINE = ["0", "0", "4294967295"]
_PRIVATE = kernel.MS_NOSUID | kernel.MS_NODEV
_READ_ONLY = kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NOSUID
_PROC = _PRIVATE | kernel.MS_NOEXEC
_PARENT_SCRATCH = "size=64m,nr_inodes=4096,mode=700"


def leave() -> tuple[str, ...]:
    """Enter new namespaces; the caller's next child is the first process of the PID namespace."""
    try:
        _leave_users()
    except OSError as error:
        raise OSError(f"no user namespace: {error}") from error
    kinds = {
        "mount": kernel.CLONE_NEWNS,
        "pid": kernel.CLONE_NEWPID,
        "network": kernel.CLONE_NEWNET,
        "ipc": kernel.CLONE_NEWIPC | kernel.CLONE_NEWUTS,
    }
    for name, flags in kinds.items():
        try:
            kernel.unshare(flags)
        except OSError as error:
            raise OSError(f"no {name} namespace: {error}") from error
    return ("user namespace", *(f"{name} namespace" for name in kinds))


def _leave_users() -> None:
    """As root, map root and nobody, so that children are nobody; else map the own user only."""
    uid, gid = os.geteuid(), os.getegid()
    if uid == 0 and Path("/proc/self/uid_map").read_text().split() == _WHOLE_MACHINE:
        _mapped_from_outside(f"0 0 1\n{NOBODY} {NOBODY} 1\n")
        return
    kernel.unshare(kernel.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {uid} 1\n")
    Path("/proc/self/gid_map").write_text(f"0 {gid} 1\n")


def _mapped_from_outside(mapping: str) -> None:
    """Two users can only be mapped by a process that stayed outside: a short-lived helper."""
    ours, (ready, go) = os.getpid(), os.pipe()
    helper = os.fork()
    if helper == 0:
        code = 1
        try:
            os.close(go)
            if os.read(ready, 1):
                for kind in ("uid_map", "gid_map"):
                    Path(f"/proc/{ours}/{kind}").write_text(mapping)
                code = 0
        finally:
            os._exit(code)
    os.close(ready)
    try:
        kernel.unshare(kernel.CLONE_NEWUSER)
        os.write(go, b"1")
    finally:
        os.close(go)
        status = os.waitpid(helper, 0)[1]
    if status != 0:
        raise OSError("root may not map the user nobody here")


def build_view(folder: str, paths: Iterable[str], devices: Iterable[str], hidden: set[str]) -> None:
    """Make `folder` a root that shows these paths read-only and these devices, and move there.

    A path that is a link, or lies behind one, is shown under both names.
    """
    os.umask(0o022)
    kernel.mount("none", "/", flags=kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", folder, "tmpfs", _PRIVATE, "size=4m,mode=755")
    for name in sorted({name for path in paths for name in (os.path.realpath(path), path)}):
        _show(folder, name, _READ_ONLY | kernel.MOUNT_ATTR_NODEV)
    for name in devices:
        _show(folder, name, kernel.MOUNT_ATTR_NOSUID)
    for name in hidden:
        kernel.mount("tmpfs", folder + name, "tmpfs", _PRIVATE, "size=4k,mode=755")
    for name in ("/proc", SCRATCH):
        os.mkdir(folder + name)
    kernel.mount("proc", f"{folder}/proc", "proc", _PROC)
    kernel.mount("tmpfs", folder + SCRATCH, "tmpfs", _PRIVATE, _PARENT_SCRATCH)
    kernel.restrict_mount(folder, kernel.MOUNT_ATTR_RDONLY, recursive=False)
    kernel.change_root(folder)


def _show(folder: str, name: str, attributes: int) -> None:
    target = folder + name
    if not os.path.exists(name) or os.path.lexists(target):
        return  # not on this machine, or inside of what is shown already
    if os.path.isdir(name):
        os.makedirs(target)
    else:
        os.makedirs(os.path.dirname(target), exist_ok=True)
        Path(target).touch()
    kernel.mount(name, target, flags=kernel.MS_BIND | kernel.MS_REC)
    kernel.restrict_mount(target, attributes)


def next_child_is_alone(own: int) -> None:
    """The caller's next child is the first process of a PID namespace (`own` is the caller's)."""
    kernel.setns(own, kernel.CLONE_NEWPID)
    kernel.unshare(kernel.CLONE_NEWPID)


def own_files(size: int, count: int) -> None:
    """In a child: an own procfs, and an own scratch folder of limited size, to work in."""
    kernel.unshare(kernel.CLONE_NEWNS)
    kernel.mount("proc", "/proc", "proc", _PROC)
    # Mode 777 is harmless: nobody else can see this file system. A limit of 0 would be none.
    limits = f"size={max(size, 1)},nr_inodes={max(count, 1)},mode=777"
    kernel.mount("tmpfs", SCRATCH, "tmpfs", _PRIVATE, limits)
    os.chdir(SCRATCH)


def own_users() -> None:
    """In a child: a user namespace, so that no right of the outer one is left."""
    uid, gid = os.geteuid(), os.getegid()
    kernel.unshare(kernel.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{NOBODY} {uid} 1\n")
    Path("/proc/self/gid_map").write_text(f"{NOBODY} {gid} 1\n")
