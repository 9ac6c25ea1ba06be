"""Zip archives as strangers make them: looked at as a whole before a byte is unpacked.

Refused in words: paths that lead out, links, devices, passwords, names that are no text, and what
unpacks to more than it should. Nothing is ever written under a name that an archive gives.
"""

from __future__ import annotations

import stat
import struct
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from backproof.model import BackproofError

MAX_DEPTH = 20
MAX_NAME = 1000
RATIO = 200
"""Text shrinks to a twentieth; what shrinks more than this was made to unpack."""
SMALL = 1 << 20
"""Up to here a file may shrink as it likes."""
_CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Bounds:
    """How much an archive may hold. index_bytes: of its list of names, which is read as a whole."""

    entries: int
    index_bytes: int
    total_bytes: int


CLASS = Bounds(entries=500_000, index_bytes=256 << 20, total_bytes=64 << 30)
"""Of the archive that a platform makes for a whole class."""
STUDENT = Bounds(entries=2_000, index_bytes=1 << 20, total_bytes=256 << 20)
"""Of an archive that a student hands in."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """A file in an archive: its place, as checked, and what the archive says of it."""

    parts: tuple[str, ...]
    info: zipfile.ZipInfo


@contextmanager
def opened(file: Path | BinaryIO, bounds: Bounds) -> Iterator[tuple[zipfile.ZipFile, list[Entry]]]:
    """An archive and its files, once all of it has been checked.

    Raises:
        BackproofError: why it is refused, as what follows its name in a sentence.
    """
    try:
        _check_index(file, bounds)
        archive = zipfile.ZipFile(file)
    except OSError as error:
        raise BackproofError(f"cannot be read: {error.strerror}") from error
    except (zipfile.BadZipFile, UnicodeDecodeError, ValueError, NotImplementedError) as error:
        raise BackproofError(f"is no zip archive that can be read: {error}") from error
    with archive:
        yield archive, _entries(archive, bounds)


def _check_index(file: Path | BinaryIO, bounds: Bounds) -> None:
    """Refuse a list of names that is too long to be read, before anybody reads it."""
    if isinstance(file, Path):
        with file.open("rb") as stream:
            size = _index_bytes(stream)
    else:
        size = _index_bytes(file)
    if size > bounds.index_bytes:
        raise BackproofError(
            f"has a list of names of {size >> 20} MiB; at most {bounds.index_bytes >> 20} are read"
        )


def _index_bytes(stream: BinaryIO) -> int:
    """Bytes of the central directory, by the record at the end of the archive (APPNOTE 4.3.16)."""
    end = stream.seek(0, 2)
    start = max(0, end - (1 << 16) - 22)
    stream.seek(start)
    tail = stream.read()
    stream.seek(0)
    place = tail.rfind(b"PK\x05\x06")
    if place < 0 or len(tail) < place + 22:
        raise BackproofError("is no zip archive, or only the beginning of one")
    (size,) = struct.unpack_from("<I", tail, place + 12)
    if size == 0xFFFFFFFF:  # Zip64: the true size stands in a record of its own
        record = tail.rfind(b"PK\x06\x06", 0, place)
        if record < 0:
            raise BackproofError("is no zip archive that can be read: its end is broken")
        (size,) = struct.unpack_from("<Q", tail, record + 40)
    return int(size)


def _entries(archive: zipfile.ZipFile, bounds: Bounds) -> list[Entry]:
    infos = archive.infolist()
    if len(infos) > bounds.entries:
        raise BackproofError(f"holds {len(infos)} files; at most {bounds.entries} are read")
    found = []
    for info in infos:
        parts = checked_parts(_name(info))
        kind = stat.S_IFMT(info.external_attr >> 16)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            what = "a link" if kind == stat.S_IFLNK else "a device or a pipe"
            raise BackproofError(f"holds {what}: {_quoted(info.filename)}")
        if parts and not info.is_dir() and kind != stat.S_IFDIR:
            found.append(Entry(parts=parts, info=info))
    total = sum(entry.info.file_size for entry in found)
    if total > bounds.total_bytes:
        raise BackproofError(
            f"unpacks to {total >> 20} MiB; at most {bounds.total_bytes >> 20} are unpacked"
        )
    return found


def _name(info: zipfile.ZipInfo) -> str:
    """The name; where the archive does not say that it is UTF-8 and it is, it counts as that."""
    name = info.orig_filename
    if not info.flag_bits & 0x800 and not name.isascii():
        try:
            return name.encode("cp437").decode("utf-8")
        except UnicodeError:
            return name
    return name


def checked_parts(name: str) -> tuple[str, ...]:
    """The parts of a path inside an archive.

    Raises:
        BackproofError: the path leads out of the archive's folder, or is no name for a file.
    """
    path = unicodedata.normalize("NFC", name.replace("\\", "/"))
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if path.startswith("/") or path[1:3] == ":/":
        raise BackproofError(f"holds a file with an absolute path: {_quoted(name)}")
    if ".." in parts:
        raise BackproofError(f"holds a path that leads out of it: {_quoted(name)}")
    if not path.isprintable() or any("\ud800" <= c <= "\udfff" for c in path):
        raise BackproofError(f"holds a name with control characters: {_quoted(name)}")
    if len(parts) > MAX_DEPTH or len(path.encode()) > MAX_NAME:
        raise BackproofError(f"holds a path that is too long: {_quoted(name)}")
    return parts


def _quoted(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:77]}...")


def unpack(archive: zipfile.ZipFile, entry: Entry, to: IO[bytes], max_bytes: int) -> None:
    """Write one file of an archive; more than `max_bytes` never reach the disk.

    Raises:
        BackproofError: why not, as what follows the file's name in a sentence.
    """
    info = entry.info
    if info.flag_bits & 0x1:
        raise BackproofError("is encrypted with a password")
    if info.file_size > max_bytes:
        raise BackproofError(f"is {info.file_size >> 20} MiB; at most {max_bytes >> 20} are read")
    if info.file_size > SMALL and info.file_size > RATIO * max(info.compress_size, 1):
        raise BackproofError(
            f"unpacks to {info.file_size >> 20} MiB from {info.compress_size >> 10} KiB, as a zip "
            "bomb does: a person must look"
        )
    left = max_bytes
    try:
        with archive.open(info) as packed:
            while chunk := packed.read(_CHUNK):
                left -= len(chunk)
                if left < 0:
                    raise BackproofError(f"unpacks to more than {max_bytes >> 20} MiB")
                to.write(chunk)
    except BackproofError:
        raise
    except Exception as error:  # zipfile, zlib, bz2 and lzma all have errors of their own
        if isinstance(error, OSError) and error.errno is not None:
            raise  # of the disk, which is ours
        raise BackproofError(f"cannot be unpacked: {error}") from error
