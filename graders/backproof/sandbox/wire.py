"""Frames between the grader and a submission's process.

A frame is a 4-byte length, a JSON header and raw buffers. The header holds the call's id, the
body (see `codec`) and the buffers' lengths.

The other end of the socket runs a stranger's code. Whatever arrives, `receive` either returns a
checked body or raises `ProtocolError`, `Deadline` or `EOFError`, within the deadline, and reserves
no more memory than `max_bytes` and the header.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.sandbox.codec import (
    DTYPES,
    MAX_BUFFERS,
    MAX_DEPTH,
    Array,
    Packed,
    ProtocolError,
    TooLarge,
    Unencodable,
    copy,
    copy_packed,
    integer,
    pack,
    unpack,
)

__all__ = [
    "DTYPES", "MAX_BUFFERS", "MAX_DEPTH", "MAX_HEADER", "MAX_REQUEST", "Array", "Deadline",
    "Packed", "ProtocolError", "TooLarge", "Unencodable", "copy", "copy_packed", "pack",
    "receive", "transmit", "unpack",
]  # fmt: skip

MAX_REQUEST = 1 << 30
MAX_HEADER = 1 << 20

_LENGTH = struct.Struct("<I")
_SMALL_FRAME = 1 << 16


class Deadline(Exception):  # noqa: N818  an event that callers handle
    """The frame was not complete in time."""


def transmit(
    sock: socket.socket, call_id: int, packed: Packed, deadline: float | None = None
) -> None:
    """Send one frame; raise `Deadline`, `EOFError`, or `TooLarge` when the header is."""
    lengths = [buffer.nbytes for buffer in packed.buffers]
    document = {"id": call_id, "body": packed.node, "buffers": lengths}
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False)
    header = text.encode("utf-8", "replace")
    if len(header) > MAX_HEADER:
        raise TooLarge(f"a header of {len(header)} bytes")
    parts: list[bytes | memoryview] = [_LENGTH.pack(len(header)), header, *packed.buffers]
    if sum(lengths) < _SMALL_FRAME:
        parts = [b"".join(parts)]
    try:
        for part in parts:
            _arm(sock, deadline)
            sock.sendall(part)
    except TimeoutError:
        raise Deadline from None
    except OSError as error:
        raise EOFError(str(error)) from None


def receive(
    sock: socket.socket, *, max_bytes: int, deadline: float | None = None
) -> tuple[int, Any]:
    """The next frame's call id and body."""
    (length,) = _LENGTH.unpack(_exactly(sock, _LENGTH.size, deadline).data)
    if length > MAX_HEADER:
        raise ProtocolError("the header is too long")
    try:
        document = json.loads(_exactly(sock, length, deadline).tobytes())
    except (ValueError, RecursionError):
        raise ProtocolError("the header is not JSON") from None
    if type(document) is not dict or set(document) != {"id", "body", "buffers"}:
        raise ProtocolError("the header needs exactly id, body and buffers")
    call_id = integer(document["id"], 0, (1 << 63) - 1)
    lengths = document["buffers"]
    if type(lengths) is not list or len(lengths) > MAX_BUFFERS:
        raise ProtocolError("not a list of buffer lengths")
    if sum(integer(item, 0, max_bytes) for item in lengths) > max_bytes:
        raise ProtocolError(f"more than {max_bytes} bytes")
    buffers = iter([_exactly(sock, item, deadline) for item in lengths])
    body = unpack(document["body"], buffers)
    if next(buffers, None) is not None:
        raise ProtocolError("more buffers than arrays")
    return call_id, body


def _exactly(sock: socket.socket, length: int, deadline: float | None) -> NDArray[np.uint8]:
    # np.empty does not fill with zeros, so each page is touched once.
    data = np.empty(length, np.uint8)
    view, have = data.data, 0
    while have < length:
        # The deadline is for the whole frame: one byte per moment must not extend it.
        _arm(sock, deadline)
        try:
            got = sock.recv_into(view[have:])
        except TimeoutError:
            raise Deadline from None
        except OSError as error:
            raise EOFError(str(error)) from None
        if not got:
            raise EOFError("the connection was closed")
        have += got
    return data


def _arm(sock: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        sock.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise Deadline
    sock.settimeout(left)
