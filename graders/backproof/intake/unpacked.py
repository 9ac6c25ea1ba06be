"""Where archives are unpacked, and how that is found again when its process was killed."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

PREFIX = "backproof-unpacked-"


class Scratch:
    """Folders of their own, under names of ours, for what has to be unpacked.

    Whoever unpacks holds a lock on the root, which ends with its process, however that ends.
    """

    def __init__(self, root: Path) -> None:
        self._root, self._numbers = root, count()
        self._lock: int | None = None

    def folder(self) -> Path:
        """A new folder; the first one makes the root, too."""
        if self._lock is None:
            self._make_root()
        place = self._root / str(next(self._numbers))
        place.mkdir(mode=0o700)
        return place

    def remove(self, place: Path) -> None:
        """Remove one of them, and the root with the last one."""
        shutil.rmtree(place)
        with contextlib.suppress(OSError):  # others are in it
            self._root.rmdir()
            self._release()

    def close(self) -> None:
        """Remove all that is left."""
        shutil.rmtree(self._root, ignore_errors=True)
        self._release()

    def _make_root(self) -> None:
        # It gets its name when it is locked: nobody can take it for one that was left behind.
        new = self._root.with_name(f"backproof-new-{secrets.token_hex(8)}")
        new.mkdir(mode=0o700)
        self._lock = os.open(new, os.O_RDONLY | os.O_DIRECTORY)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        new.rename(self._root)

    def _release(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


@contextlib.contextmanager
def scratch() -> Iterator[Scratch]:
    """Where `take_in` unpacks: nothing is there before it has to, or after the end.

    What a killed process has left behind is removed first.
    """
    _remove_abandoned(Path(tempfile.gettempdir()))
    place = Scratch(Path(tempfile.gettempdir()) / f"{PREFIX}{secrets.token_hex(8)}")
    try:
        yield place
    finally:
        place.close()


def _remove_abandoned(folder: Path) -> None:
    for path in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # another user's, in use, or removed meanwhile
            opened = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if os.fstat(opened).st_uid == os.getuid():
                    shutil.rmtree(path)
            finally:
                os.close(opened)
