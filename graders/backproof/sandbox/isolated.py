"""Submissions in confined processes of their own: the runner that marks are given by."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from backproof.model import (
    BackproofError,
    Fault,
    Inputs,
    Limits,
    Outcome,
    Probe,
    Stopped,
    Submission,
)
from backproof.sandbox import messages, scratch, wire
from backproof.sandbox.layers import LOST_CONNECTION
from backproof.sandbox.warm_client import Ended, WarmParent, WarmParentDied

_HELLO_SECONDS = 60.0
WEAK_ISOLATION = "BACKPROOF_WEAK_ISOLATION"

T = TypeVar("T")


class Isolated:
    """Runs each submission in a child of a warm parent. Use as a context manager, or `close` it."""

    def __init__(self, limits: Limits = Limits(), device: str = "cpu") -> None:  # noqa: B008
        if sys.platform != "linux":
            raise BackproofError(
                f"isolated grading needs Linux, this is {sys.platform}: grade in a Linux "
                "container, or use InProcess for a self-check that gives no marks"
            )
        self._limits = limits
        self._device = device
        self._parent = WarmParent()
        self._layers: tuple[str, ...] | None = None
        try:
            # What is in force is found out by trying, before any submission is.
            self.end(self.fork(self._limits))
        except BaseException:
            self.close()
            raise

    @property
    def isolation(self) -> str:
        """The layers that were found to be in force, readable."""
        return " + ".join(self._layers or ()) or "none"

    @contextmanager
    def open(
        self, submission: Submission, limits: Limits | None = None
    ) -> Iterator[IsolatedSession]:
        """Answer probes of a submission, within `limits` when they differ from the runner's."""
        session = IsolatedSession(self, submission, limits or self._limits)
        try:
            yield session
        finally:
            session.close()

    def close(self) -> None:
        """End the warm parent and every child."""
        self._parent.close()

    def __enter__(self) -> Isolated:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # --- for sessions -------------------------------------------------------------------------

    def fork(self, limits: Limits) -> Child:
        """A confined child that is ready to be asked; a dead warm parent is replaced once."""
        try:
            return self._fork(limits)
        except WarmParentDied:
            self._parent.close()
            self._parent = WarmParent()
            return self._fork(limits)

    def _fork(self, limits: Limits) -> Child:
        parent = self._parent
        pid, sock, folder = parent.fork(limits, self._device)
        new = Child(parent, pid, sock, folder)
        try:
            reply = new.receive(0, 0, time.monotonic() + _HELLO_SECONDS)
        except (wire.ProtocolError, wire.Deadline, EOFError) as error:
            if self.end(new) is None:
                raise WarmParentDied from None
            raise BackproofError(f"a confined process did not start: {error!r}") from None
        if "failed" in reply:
            self.end(new)
            raise BackproofError(f"a confined process did not start: {reply['failed']}")
        layers = tuple(reply["layers"])
        self._refuse_weak(layers)
        if self._layers is not None and layers != self._layers:
            self.end(new)
            raise BackproofError(f"isolation changed from {self._layers} to {layers}; start again")
        self._layers = layers
        return new

    def _refuse_weak(self, layers: tuple[str, ...]) -> None:
        """Without these two, a submission could read the answers and reach other processes."""
        missing = [n for n in ("landlock", "seccomp") if not any(x.startswith(n) for x in layers)]
        if missing and os.environ.get(WEAK_ISOLATION) != "1":
            raise BackproofError(
                f"this machine offers no {' and no '.join(missing)}, so a submission could read "
                "the answers: grade on Linux 5.13 or newer, outside a container that forbids them; "
                f"or set {WEAK_ISOLATION}=1 if you trust every submission"
            )

    def end(self, child: Child, *, grace: bool = False) -> Ended | None:
        """End a child and remove its folder; None when its parent is gone, and so is it."""
        child.sock.close()
        try:
            return child.parent.end(child.pid, grace=grace)
        except WarmParentDied:
            return None
        finally:
            scratch.remove(child.folder)


@dataclass(slots=True)
class Child:
    """A live child, as its session sees it."""

    parent: WarmParent
    pid: int
    sock: socket.socket
    folder: Path
    calls: int = 0

    def ask(self, request: wire.Packed, reply_bytes: int, seconds: float) -> Any:
        """Send a request and receive its answer, together within `seconds`."""
        deadline = time.monotonic() + seconds
        self.calls += 1
        wire.transmit(self.sock, self.calls, request, deadline)
        return self.receive(self.calls, reply_bytes, deadline)

    def receive(self, call_id: int, reply_bytes: int, deadline: float) -> Any:
        """The body of the frame that answers this call."""
        got, body = wire.receive(self.sock, max_bytes=reply_bytes, deadline=deadline)
        if got != call_id:
            raise wire.ProtocolError(f"an answer to call {got}, where {call_id} was asked")
        return body


class IsolatedSession:
    """One submission. A child that a fault has ended is replaced by a new one."""

    def __init__(self, runner: Isolated, submission: Submission, limits: Limits) -> None:
        self._runner = runner
        self._submission = submission
        self._limits = limits
        self._until = time.monotonic() + limits.submission_seconds
        self._child: Child | None = None
        # Set when loading itself ended the child: trying again would only cost the time again.
        self._unloadable: Stopped | None = None

    def run(
        self, probe: Probe, inputs: Inputs, *, dtype: str, device: str, strided: bool
    ) -> Outcome:
        """See `model.Session`. What raises here is the grader's failure, never a submission's."""
        request = messages.run_request(probe, inputs, dtype, device, strided, self._limits)
        packed = _packed(request)
        for _ in range(2):
            # A warm parent that died is not the student's doing: once more, with a new one.
            with contextlib.suppress(WarmParentDied):
                return self._attempt(probe, packed)
        raise BackproofError("the grader's warm parent was ended twice: is memory short?")

    def close(self) -> None:
        """End the child."""
        self._end_child()

    def _attempt(self, probe: Probe, request: wire.Packed) -> Outcome:
        if self._unloadable is not None:
            return self._unloadable
        if time.monotonic() >= self._until:
            return self._over_budget()
        if self._child is None:
            self._unloadable = self._load()
            if self._unloadable is not None:
                return self._unloadable
        reply = self._exchange(
            request,
            lambda body: messages.read_outcome(body, probe),
            self._limits.call_seconds,
            "the call",
        )
        if isinstance(reply, Stopped) and _spoils_process(reply):
            self._end_child()
        return reply

    def _load(self) -> Stopped | None:
        self._child = self._runner.fork(self._limits)
        request = _packed(messages.load_request(self._submission, self._limits))
        seconds = self._limits.load_seconds
        loaded = self._exchange(request, messages.read_loaded, seconds, "loading your submission")
        return loaded if isinstance(loaded, Stopped) else None

    def _exchange(
        self, request: wire.Packed, read: Callable[[Any], T], seconds: float, what: str
    ) -> T | Stopped:
        """Ask the child and check its reply; whatever goes wrong ends the child."""
        assert self._child is not None
        allowed = min(seconds, self._until - time.monotonic())
        try:
            return read(self._child.ask(request, self._limits.reply_bytes, allowed))
        except wire.Deadline:
            self._end_child()
            if allowed < seconds:
                return self._over_budget()
            text = f"{what} did not finish within {seconds:g} seconds"
            return Stopped(fault=Fault.TIMEOUT, message=text)
        except wire.ProtocolError as error:
            self._end_child()
            text = f"your code disturbed the connection to the grader ({error})"
            return Stopped(fault=Fault.PROTOCOL, message=text)
        except EOFError:
            ended = self._end_child(grace=True)
            if ended is None:
                raise WarmParentDied from None
            return Stopped(fault=Fault.CRASHED, message=_how_it_ended(ended))

    def _end_child(self, *, grace: bool = False) -> Ended | None:
        child, self._child = self._child, None
        return None if child is None else self._runner.end(child, grace=grace)

    def _over_budget(self) -> Stopped:
        seconds = self._limits.submission_seconds
        text = f"your submission used up the {seconds:g} seconds that all its checks may take"
        return Stopped(fault=Fault.TIMEOUT, message=text)


def _packed(request: dict[str, Any]) -> wire.Packed:
    try:
        return wire.pack(request, wire.MAX_REQUEST)
    except wire.TooLarge as error:
        raise BackproofError(f"the inputs of a case are too large to be sent: {error}") from None


def _spoils_process(stopped: Stopped) -> bool:
    """After these a process cannot be trusted to answer the next probe rightly."""
    return stopped.fault is Fault.OUT_OF_MEMORY or "CUDA error" in stopped.message


def _how_it_ended(ended: Ended) -> str:
    """One sentence for the student on a process that closed its socket."""
    code = os.waitstatus_to_exitcode(ended.status)
    if ended.killed or code == LOST_CONNECTION:
        return "your code closed the connection to the grader"
    if code >= 0:
        return f"your code ended the interpreter (exit code {code}) before answering"
    name = signal.strsignal(-code) or f"signal {-code}"
    return f"your code crashed the interpreter ({name.lower()})"
