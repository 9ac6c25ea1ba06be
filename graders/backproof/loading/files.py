"""Reading a file that somebody else has handed in."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from backproof.model import BackproofError


def read_file(path: Path, max_bytes: int) -> bytes:
    """The bytes of a regular file; links and devices are refused, so nothing else is ever read.

    Raises:
        BackproofError: why not, as what follows the file's name in a sentence.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise BackproofError("is a link, which is not followed") from error
        raise BackproofError(f"cannot be read: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise BackproofError("is not a regular file")
        if status.st_size > max_bytes:
            raise BackproofError(
                f"is {status.st_size >> 20} MiB; at most {max_bytes >> 20} are read"
            )
        return file.read(max_bytes + 1)
