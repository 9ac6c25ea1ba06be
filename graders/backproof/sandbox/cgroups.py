"""Memory and process limits that the kernel keeps over a whole child, where we may set them.

The folders of all groups are made by the launcher (see `launch`), which removes them should the
grader be killed. The trusted side makes a group for each child and hands its `cgroup.procs` to the
child, which enters before it does anything else. Resource limits hold in any case; a group also
counts what they do not see.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from dataclasses import dataclass
from pathlib import Path

from backproof.model import Limits

_MOUNTS = Path("/sys/fs/cgroup")
_WAIT_SECONDS = 10.0  # only where processes are still ending
_INHERITED = 512 << 20
"""Memory of its parent that a child may come to write to, which is charged to it then."""


def make_roots(name: str, mounts: Path = _MOUNTS) -> tuple[list[Path], str]:
    """Make the folders below which children get groups; where none can be, the text says why."""
    try:
        return _make_roots(mounts, name), ""
    except OSError as error:
        return [], f"{error.filename or mounts}: {error.strerror or error}"


def remove_roots(name: str, mounts: Path = _MOUNTS) -> None:
    """Remove all folders of this name, whether they have been made or not."""
    remove_all([mounts / name, mounts / "memory" / name, mounts / "pids" / name])


class Groups:
    """Makes groups below these folders; none where there are none, for the reason `missing`."""

    def __init__(self, roots: list[Path], missing: str) -> None:
        self.roots, self.missing = roots, missing
        self._numbers = itertools.count()

    def make(self, limits: Limits) -> Group | None:
        """A group for one child."""
        if not self.roots:
            return None
        name = str(next(self._numbers))
        group = Group([root / name for root in self.roots])
        try:
            for folder in group.folders:
                folder.mkdir()
            group.limit(limits)
        except OSError as error:
            group.remove()
            remove_all(self.roots)
            self.roots, self.missing = [], f"{error.filename}: {error.strerror}"
            return None
        return group


def _make_roots(mounts: Path, name: str) -> list[Path]:
    if (mounts / "cgroup.controllers").exists():
        root = mounts / name
        root.mkdir()
        try:
            (root / "cgroup.subtree_control").write_text("+memory +pids")
        except OSError:
            root.rmdir()
            raise
        return [root]
    roots = []
    try:
        for controller in ("memory", "pids"):
            (mounts / controller / name).mkdir()
            roots.append(mounts / controller / name)
    except OSError:
        remove_all(roots)
        raise
    return roots


@dataclass(frozen=True, slots=True)
class Group:
    """One child's group: one folder in version 2, one for each controller in version 1."""

    folders: list[Path]

    def limit(self, limits: Limits) -> None:
        """Set what a child may use; its files in memory count too."""
        memory = str(limits.memory_bytes + limits.scratch_bytes + _INHERITED)
        if len(self.folders) == 1:
            wanted = {"memory.max": memory, "pids.max": str(limits.threads)}
            folder = self.folders[0]
            if (folder / "memory.swap.max").exists():
                wanted["memory.swap.max"] = "0"
            for file, value in wanted.items():
                (folder / file).write_text(value)
            return
        (self.folders[0] / "memory.limit_in_bytes").write_text(memory)
        (self.folders[1] / "pids.max").write_text(str(limits.threads))

    def doors(self) -> list[int]:
        """Open files: who writes 0 to each is in the group. The caller closes them."""
        opened: list[int] = []
        try:
            for folder in self.folders:
                opened.append(os.open(folder / "cgroup.procs", os.O_WRONLY))
        except OSError:
            for door in opened:
                os.close(door)
            raise
        return opened

    def was_out_of_memory(self) -> bool:
        """Whether the kernel ended a process of the group for want of memory."""
        for file in ("memory.events", "memory.oom_control"):
            with contextlib.suppress(OSError):  # each version of cgroups has one of the two
                lines = (self.folders[0] / file).read_text().splitlines()
                return any(line.startswith("oom_kill ") and line != "oom_kill 0" for line in lines)
        return False

    def remove(self) -> None:
        """Remove the folders; the last process may take a moment to leave them."""
        for folder in self.folders:
            _remove(folder)


def remove_all(roots: list[Path]) -> None:
    """Remove these folders and the groups directly below them."""
    for root in roots:
        with contextlib.suppress(OSError):  # gone already
            for entry in os.scandir(root):
                if entry.is_dir(follow_symlinks=False):
                    _remove(Path(entry.path))
        _remove(root)


def _remove(folder: Path) -> None:
    until = time.monotonic() + _WAIT_SECONDS
    while folder.is_dir():
        with contextlib.suppress(OSError):  # still busy
            folder.rmdir()
            return
        if time.monotonic() > until:
            return
        time.sleep(0.002)
