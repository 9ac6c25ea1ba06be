"""The folder that one child may write, made and removed by the trusted side."""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import tempfile
from pathlib import Path


def new_root() -> Path:
    """Where the folders of one warm parent's children will lie: a name that nobody else has."""
    return Path(tempfile.gettempdir()) / f"backproof-{secrets.token_hex(8)}"


def make_root(root: Path) -> None:
    """Make that folder: done by the process that removes it, should the grader be killed."""
    root.mkdir(mode=0o711)
    root.chmod(0o711)  # a child may run as another user, which must reach its own folder


def make(root: Path, owner: int | None) -> Path:
    """A new folder, given to the user `owner` when children run as another user."""
    folder = Path(tempfile.mkdtemp(dir=root))
    if owner is not None:
        os.chown(folder, owner, owner)
    return folder


def remove(folder: Path) -> None:
    """Remove a tree that a stranger filled; its process must have ended.

    Links are not followed. Every inner folder is first moved up, so that no path grows long and
    nothing recurses, however deep the tree is.
    """
    with contextlib.suppress(OSError):  # a disk error here must not cost a student's result
        moved = Path(tempfile.mkdtemp(dir=folder.parent))
        try:
            _empty(folder, moved)
        finally:
            os.rmdir(moved)


def _empty(folder: Path, moved: Path) -> None:
    pending = [folder]
    for number in itertools.count():
        if not pending:
            return
        current = pending.pop()
        # Who else removes this tree may have been faster: what is left is still to be done.
        with contextlib.suppress(FileNotFoundError):
            os.chmod(current, 0o700)
            for index, entry in enumerate(list(os.scandir(current))):
                with contextlib.suppress(FileNotFoundError):
                    if entry.is_dir(follow_symlinks=False):
                        target = moved / f"{number}-{index}"
                        os.rename(entry.path, target)
                        pending.append(target)
                    else:
                        os.unlink(entry.path)
            os.rmdir(current)
