"""A live child of a warm parent, as the trusted side speaks to it."""

from __future__ import annotations

import select
import socket
import time
from dataclasses import dataclass
from typing import Any

from backproof.sandbox import wire
from backproof.sandbox.warm_client import Handle, WarmParent


@dataclass(slots=True)
class Child:
    """A live child, as its session sees it. `number`: its number on this machine, if watched."""

    parent: WarmParent
    handle: Handle
    number: int | None = None
    calls: int = 0

    def has_ended(self) -> bool:
        """Whether it has closed its socket, as whoever dies does."""
        watch = select.poll()
        watch.register(self.handle.sock, select.POLLIN)
        try:
            return bool(watch.poll(0)) and self.handle.sock.recv(1, socket.MSG_PEEK) == b""
        except ConnectionError:
            return True

    def ask(self, request: wire.Packed, reply_bytes: int, seconds: float) -> Any:
        """Send a request and receive its answer, together within `seconds`."""
        deadline = time.monotonic() + seconds
        self.calls += 1
        wire.transmit(self.handle.sock, self.calls, request, deadline)
        return self.receive(self.calls, reply_bytes, deadline)

    def receive(self, call_id: int, reply_bytes: int, deadline: float) -> Any:
        """The body of the frame that answers this call."""
        got, body = wire.receive(self.handle.sock, max_bytes=reply_bytes, deadline=deadline)
        if got != call_id:
            raise wire.ProtocolError(f"an answer to call {got}, where {call_id} was asked")
        return body
