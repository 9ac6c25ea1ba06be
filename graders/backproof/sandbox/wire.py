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
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

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
_encoded = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


T = TypeVar("T")


class Deadline(Exception):  # noqa: N818  an event that callers handle
    """The frame was not complete in time."""


def transmit(
    sock: socket.socket, call_id: int, packed: Packed, deadline: float | None = None
) -> None:
    """Send one frame; raise `Deadline`, `EOFError`, or `TooLarge` when the header is."""
    lengths = [buffer.nbytes for buffer in packed.buffers]
    document = {"id": call_id, "body": packed.node, "buffers": lengths}
    header = _encoded(document).encode("utf-8", "replace")
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
    """The next frame's call id and body. Nothing may follow it until it is answered."""
    incoming = _Incoming(sock, deadline)
    (length,) = _LENGTH.unpack(incoming.take(_LENGTH.size).data)
    if length > MAX_HEADER:
        raise ProtocolError("the header is too long")
    try:
        document = json.loads(incoming.take(length).tobytes())
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
    buffers = iter([incoming.take(item) for item in lengths])
    body = unpack(document["body"], buffers)
    if next(buffers, None) is not None:
        raise ProtocolError("more buffers than arrays")
    if incoming.ahead:
        raise ProtocolError("more than one frame")
    return call_id, body


class _Incoming:
    """The bytes of one frame. A small frame is read at once, whatever its parts are."""

    def __init__(self, sock: socket.socket, deadline: float | None) -> None:
        self._sock, self._deadline = sock, deadline
        self.ahead = b""

    def take(self, length: int) -> NDArray[np.uint8]:
        """The next bytes, in memory of their own."""
        # np.empty does not fill with zeros, so each page is touched once.
        data = np.empty(length, np.uint8)
        view, have = data.data, 0
        while have < length:
            if not self.ahead and length - have >= _SMALL_FRAME:
                have += self._received(partial(self._sock.recv_into, view[have:]))
                continue
            if not self.ahead:
                self.ahead = self._received(partial(self._sock.recv, _SMALL_FRAME))
            part = self.ahead[: length - have]
            view[have : have + len(part)] = part
            self.ahead = self.ahead[len(part) :]
            have += len(part)
        return data

    def _received(self, step: Callable[[], T]) -> T:
        # The deadline is for the whole frame: one byte per moment must not extend it.
        _arm(self._sock, self._deadline)
        try:
            got = step()
        except TimeoutError:
            raise Deadline from None
        except OSError as error:
            raise EOFError(str(error)) from None
        if not got:
            raise EOFError("the connection was closed")
        return got


def _arm(sock: socket.socket, deadline: float | None) -> None:
    if deadline is None:
        sock.settimeout(None)
        return
    left = deadline - time.monotonic()
    if left <= 0:
        raise Deadline
    sock.settimeout(left)
