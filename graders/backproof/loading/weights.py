"""Files of weights that stand beside a submission: arrays by name, and never code.

They are read in the trusted process, so that nothing in them may be believed: no pickle, sizes
checked before memory is asked for, plain numbers only.
"""

from __future__ import annotations

import io
import json
import math
import struct
import tokenize
import zipfile
import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.loading.files import read_file
from backproof.model import BackproofError

SUFFIXES = (".npz", ".safetensors")
MAX_BYTES = 16 << 20
"""Of a file, and of all its arrays together: four million parameters in single precision."""
MAX_ARRAYS = 1000
MAX_NAME = 200
MAX_AXES = 8
_MAX_HEADER = 1 << 16

# What the readers of zip archives, of NumPy's headers and of JSON raise where a file is none.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    TypeError,
    KeyError,
    SyntaxError,
    OverflowError,
    MemoryError,
    struct.error,
    tokenize.TokenError,
)

Arrays = Mapping[str, NDArray[Any]]

_SAFETENSORS: Mapping[str, np.dtype[Any]] = {
    "F64": np.dtype("<f8"),
    "F32": np.dtype("<f4"),
    "F16": np.dtype("<f2"),
    "I64": np.dtype("<i8"),
    "I32": np.dtype("<i4"),
    "I16": np.dtype("<i2"),
    "I8": np.dtype("i1"),
    "U8": np.dtype("u1"),
    "BOOL": np.dtype("?"),
}


def weights_in(folder: Path) -> list[Path]:
    """All files of weights in a folder, whoever's they are, in the order of their names."""
    try:
        return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    except OSError:
        return []


def weights_beside(submission: Path, among: Sequence[Path] | None = None) -> list[Path]:
    """Files of weights beside a submission: `<its name>.<any name>.npz` or `.safetensors`.

    Those of others, in the folder of a class, begin with another name. among: what `weights_in`
    found in that folder, where it is known.
    """
    found = weights_in(submission.parent) if among is None else among
    start = f"{submission.stem}."
    own = []
    for path in islice(found, bisect_left(found, start, key=lambda path: path.name), None):
        if not path.name.startswith(start):
            break
        if path.stem.startswith(start):
            own.append(path)
    return own


def read_weights(submission: Path, name: str) -> Arrays:
    """The arrays of the file of this name that lies beside a submission.

    Raises:
        BackproofError: there is no such file, or it is not what it should be.
    """
    found = [
        path for path in weights_beside(submission) if path.stem == f"{submission.stem}.{name}"
    ]
    if len(found) > 1:
        raise BackproofError(f"there are {found[0].name} and {found[1].name}: which one is it?")
    if not found:
        expected = " or ".join(f"{submission.stem}.{name}{suffix}" for suffix in SUFFIXES)
        raise BackproofError(f"there is no file {expected} beside your submission")
    path = found[0]
    try:
        data = read_file(path, MAX_BYTES)
        read = _npz if path.suffix == ".npz" else _safetensors
        return _checked(read(data))
    except BackproofError as error:
        raise BackproofError(f"{path.name[:200]} {error}") from error
    except _DAMAGE as error:
        raise BackproofError(f"{path.name[:200]} cannot be read: {error!s:.200}") from error


def _checked(entries: Iterator[tuple[str, NDArray[Any]]]) -> Arrays:
    arrays: dict[str, NDArray[Any]] = {}
    size = 0
    for name, array in entries:
        if name in arrays:
            raise BackproofError(f"has two arrays of the name {name!r}")
        arrays[name], size = array, size + array.nbytes
        if len(arrays) > MAX_ARRAYS or len(name) > MAX_NAME:
            raise BackproofError(f"has more than {MAX_ARRAYS} arrays, or names that are too long")
        if size > MAX_BYTES:
            raise BackproofError(f"has arrays of more than {MAX_BYTES >> 20} MiB together")
    return arrays


def _plain(name: str, dtype: np.dtype[Any], shape: tuple[int, ...], size: int) -> None:
    """Whether so many bytes are an array of plain numbers: asked before memory is."""
    if dtype.hasobject or dtype.kind not in "fiub" or dtype.subdtype is not None:
        raise BackproofError(f"has an array {name!r} of {dtype!s:.60}, which are no plain numbers")
    if len(shape) > MAX_AXES or any(extent < 0 for extent in shape):
        raise BackproofError(f"has an array {name!r} of an impossible shape")
    if math.prod(shape) * dtype.itemsize != size:
        raise BackproofError(f"has an array {name!r} whose size does not fit its shape")


# --- NumPy's format ------------------------------------------------------------------------------


def _npz(data: bytes) -> Iterator[tuple[str, NDArray[Any]]]:
    if not zipfile.is_zipfile(io.BytesIO(data)):
        raise BackproofError("is no file of np.savez")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise BackproofError("is compressed in another way than np.savez does it")
            name = member.filename.removesuffix(".npy")
            yield name, _npy(name, _member(archive, member))


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    """What a member unpacks to, which may be more than it says of itself."""
    with archive.open(member) as stream:
        data = stream.read(MAX_BYTES + _MAX_HEADER + 1)
    if len(data) > MAX_BYTES + _MAX_HEADER:
        raise BackproofError(f"unpacks to more than {MAX_BYTES >> 20} MiB")
    return data


def _npy(name: str, data: bytes) -> NDArray[Any]:
    stream = io.BytesIO(data)
    read = _HEADERS.get(np.lib.format.read_magic(stream))
    if read is None:
        raise BackproofError(f"has an array {name!r} of an unknown version")
    shape, fortran, dtype = read(stream)
    _plain(name, dtype, shape, len(data) - stream.tell())
    flat = np.frombuffer(data, dtype, offset=stream.tell())
    array = flat.reshape(shape, order="F" if fortran else "C")
    return np.ascontiguousarray(array, dtype.newbyteorder("=")).reshape(shape)


_HEADERS: Mapping[tuple[int, int], Callable[..., Any]] = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


# --- safetensors ---------------------------------------------------------------------------------


def _safetensors(data: bytes) -> Iterator[tuple[str, NDArray[Any]]]:
    """Source: the format's own description, huggingface/safetensors, README, Format."""
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(len(data) - 8, _MAX_HEADER * 16):
        raise BackproofError("is no safetensors file: its header does not fit into it")
    header = json.loads(data[8 : 8 + length])
    if not isinstance(header, dict):
        raise BackproofError("is no safetensors file: its header names no arrays")
    body = memoryview(data)[8 + length :]
    for name, entry in header.items():
        if name != "__metadata__":
            yield name, _tensor(name, entry, body)


def _tensor(name: str, entry: Any, body: memoryview) -> NDArray[Any]:
    try:
        kind, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
        whole = all(type(number) is int for number in (*shape, start, end))
    except (KeyError, TypeError, ValueError) as error:
        raise BackproofError(f"has an array {name!r} without dtype, shape or place") from error
    if not isinstance(kind, str) or kind not in _SAFETENSORS:
        raise BackproofError(f"has an array {name!r} of {kind!r:.60}, which is not read here")
    if not whole or not 0 <= start <= end <= len(body):
        raise BackproofError(f"has an array {name!r} that does not lie in the file")
    dtype = _SAFETENSORS[kind]
    _plain(name, dtype, tuple(shape), end - start)
    flat = np.frombuffer(body[start:end], "u1" if kind == "BOOL" else dtype)
    # Bytes other than 0 and 1 are no booleans: NumPy must never see them as such.
    values: NDArray[Any] = flat != 0 if kind == "BOOL" else flat.astype(dtype.newbyteorder("="))
    return values.reshape(shape)
