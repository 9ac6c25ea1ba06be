"""Marking in a process of its own, which can be killed: no text may stop a grader.

The engine bounds its own work, so the fence is a second one: a text that gets past the bounds costs
five seconds, and then goes to a person. The helper process gets what the course knows and sends
back plain data; it never runs a student's code.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import select
import struct
import subprocess
import sys
import time
from dataclasses import asdict
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from backproof.answers import Earlier, Marking, Ruling, mark
from backproof.model import BackproofError, TypedKey

SECONDS = 5.0
"""For one answer; thousands of times what any answer takes."""
START_SECONDS = 60.0
MEMORY = 2 << 30
_MAX_REPLY = 1 << 20
_SIZE = struct.Struct("<I")
_START = "import sys; sys.path.insert(0, sys.argv[1]); from backproof.fence import serve; serve()"


class Fence:
    """Marks answers in a helper process, which is started when first needed."""

    def __init__(self, seconds: float = SECONDS, command: str = _START) -> None:
        self._seconds, self._command = seconds, command
        self._helper: subprocess.Popen[bytes] | None = None
        self._lock = Lock()
        self._ready = False

    def start(self) -> None:
        """Start the helper without waiting for it."""
        if self._helper is not None:
            return
        root = str(Path(__file__).resolve().parents[1])
        self._helper = subprocess.Popen(
            [sys.executable, "-I", "-c", self._command, root],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": os.environ.get("PATH", "")},
            cwd="/",
            start_new_session=True,
        )
        self._ready = False

    def close(self) -> None:
        """End the helper."""
        if self._helper is None:
            return
        helper, self._helper = self._helper, None
        helper.kill()
        helper.communicate()

    def mark(
        self, text: str, key: TypedKey, earlier: Earlier | None = None, seed: str = ""
    ) -> Marking:
        """As `marking.mark`; UNDECIDED when the helper had to be killed.

        Raises:
            BackproofError: the answer key cannot be read, or no helper can be started.
        """
        request = pickle.dumps((text, key, dict(earlier or {}), seed))
        with self._lock:
            for _ in range(2):  # whoever killed the helper need not have meant this answer
                reply = self._reply(request)
                if reply is not None:
                    break
                ended = self._helper is not None and self._helper.poll() is not None
                self.close()
                if not ended:
                    break
        if reply is None:
            reason = "this answer could not be decided in time"
            return Marking(ruling=Ruling.UNDECIDED, reason=reason)
        if "error" in reply:
            raise BackproofError(f"the answer key of {key.name!r} is not right: {reply['error']}")
        reply["cells"] = tuple(map(tuple, reply["cells"]))
        reply["wrong"] = reply["wrong"] and tuple(reply["wrong"])
        return Marking(ruling=Ruling(reply.pop("ruling")), **reply)

    def _reply(self, request: bytes) -> dict[str, Any] | None:
        """What the helper, started if need be, says to a request; None if it died or hangs."""
        self.start()
        if not self._ready:
            if self._ask(b"", START_SECONDS) is None:
                self.close()
                raise BackproofError("the process that marks typed answers did not start")
            self._ready = True
        return self._ask(_SIZE.pack(len(request)) + request, self._seconds)

    def _ask(self, request: bytes, seconds: float) -> dict[str, Any] | None:
        """The next reply; None if the helper died or took too long."""
        assert self._helper is not None
        assert self._helper.stdin is not None
        deadline = time.monotonic() + seconds
        try:
            self._helper.stdin.write(request)
            self._helper.stdin.flush()
        except BrokenPipeError:
            return None
        header = self._read(_SIZE.size, deadline)
        if header is None or (size := _SIZE.unpack(header)[0]) > _MAX_REPLY:
            return None
        body = self._read(size, deadline)
        if body is None:
            return None
        reply: dict[str, Any] = json.loads(body)
        return reply

    def _read(self, size: int, deadline: float) -> bytes | None:
        assert self._helper is not None
        assert self._helper.stdout is not None
        source = self._helper.stdout.fileno()
        data = b""
        while len(data) < size:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([source], [], [], left)[0]:
                return None
            part = os.read(source, size - len(data))
            if not part:
                return None
            data += part
        return data


@cache
def fence() -> Fence:
    """The one fence of this process; its helper ends when we do, because its input ends."""
    return Fence()


# --- the helper ----------------------------------------------------------------------------------


def serve() -> None:
    """Mark what comes in on standard input until it ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    source, target = sys.stdin.buffer, sys.stdout.buffer
    reply: dict[str, Any] = {"ready": "yes"}
    while True:
        body = json.dumps(reply).encode()
        target.write(_SIZE.pack(len(body)) + body)
        target.flush()
        header = source.read(_SIZE.size)
        if len(header) < _SIZE.size:
            return
        text, key, earlier, seed = pickle.loads(source.read(_SIZE.unpack(header)[0]))
        try:
            reply = asdict(mark(text, key, earlier, seed))
        except Exception as error:  # the caller names it: an unreadable key is the course's fault
            reply = {"error": f"{type(error).__name__}: {error}"}
