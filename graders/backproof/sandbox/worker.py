"""The student's side: loads a submission and answers probes about it.

The same class serves a socket inside an isolated process and a student's own self-check.
It imports nothing of the grader but types, the wire format and its own helpers, and it holds
no expected value: whatever it says is untrusted.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import io
import itertools
import json
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from backproof.model import SIGNATURES, Call, Fault
from backproof.sandbox import values, wire
from backproof.sandbox.binding import bind
from backproof.sandbox.cells import Loaded, load_module, load_more, load_notebook
from backproof.sandbox.failure import Failed, from_exception
from backproof.sandbox.forbidden import Forbidden, OutOfReach
from backproof.sandbox.networks import Networks, working_in

ACTIVE = False
"""True in a process that exists to be graded: a self-check inside a submission does nothing."""

MAX_PRINTED = 128 << 10
MAX_TEXT = 64 << 10


class Worker:
    """Loads one submission and answers requests (see `messages`).

    isolated: this process belongs to the submission: prints are captured, nothing is restored,
        and even an interrupt is the submission's own error.
    namespace: names to probe instead of loading anything. memory: where placed inputs lie.
    around: what surrounds student code, each time that it runs.
    """

    def __init__(
        self,
        *,
        isolated: bool,
        reply_bytes: int,
        namespace: dict[str, Any] | None = None,
        memory: NDArray[np.uint8] | None = None,
        around: Callable[[], AbstractContextManager[None]] = contextlib.nullcontext,
    ) -> None:
        self._around = around
        self._isolated = isolated
        self._memory = memory
        self._reply_bytes = reply_bytes
        self._loaded = Loaded({} if namespace is None else namespace, (), lambda: None)
        self._forbidden = Forbidden()

    def close(self) -> None:
        """Take back what loading changed in this process."""
        self._forbidden.lift()
        self._loaded.undo()

    def reply(self, request: dict[str, Any]) -> wire.Packed:
        """Carry out one request and pack what came of it, whatever happens."""
        limit = min(request["printed_bytes"], MAX_PRINTED)
        with self._captured(limit) as printed:
            try:
                body = self._load(request) if request["do"] == "load" else self._run(request)
                packed = wire.pack(body | {"printed": printed.text()}, self._reply_bytes)
            except wire.TooLarge as error:
                limit = self._reply_bytes >> 20
                text = f"what your code returned is too large: {error}; {limit} MiB may be returned"
                packed = self._fault(Failed(Fault.STRUCTURE, text), printed)
            except Failed as failed:
                packed = self._fault(failed, printed)
            except BaseException as error:  # values that cannot be read, out of memory on the way
                if self._is_users(error):
                    raise
                packed = self._fault(from_exception(error, "what your code returned"), printed)
        return packed

    def _fault(self, failed: Failed, printed: Printed) -> wire.Packed:
        body = {"fault": failed.fault.value, "message": failed.message, "error": failed.error}
        return wire.pack(body | {"trace": failed.trace, "printed": printed.text()}, 0)

    @contextlib.contextmanager
    def _captured(self, limit: int) -> Iterator[Printed]:
        printed = Printed(limit)
        if self._isolated:
            # One stream for both, so that the order is kept; it is never put back.
            sys.stdout = sys.stderr = io.TextIOWrapper(
                printed, encoding="utf-8", errors="backslashreplace", write_through=True
            )
        yield printed

    # --- loading ------------------------------------------------------------------------------

    def _load(self, request: dict[str, Any]) -> dict[str, Any]:
        texts = [cell.data.tobytes().decode("utf-8", "replace") for cell in request["cells"]]
        argv, sys.argv = sys.argv, [request["name"]]
        try:
            with self._around():
                if request["is_notebook"] and request["more"]:
                    self._loaded = load_more(self._loaded, texts)
                elif request["is_notebook"]:
                    self._loaded = load_notebook(texts)
                else:
                    self._loaded = load_module(request["name"], "\n".join(texts))
        except RuntimeError as error:  # of the device: what the code itself raises is in the list
            raise from_exception(error, "loading your submission") from None
        finally:
            if not self._isolated:
                sys.argv = argv
        return {"errors": [error[:1000] for error in self._loaded.errors[:20]]}

    def _named(self, name: str) -> Any:
        if name in self._loaded.namespace:
            return self._loaded.namespace[name]
        message = f"there is no `{name}`"
        functions = [known for known, value in self._loaded.namespace.items() if callable(value)]
        if near := difflib.get_close_matches(name, functions, n=1, cutoff=0.8):
            message += f"; you define `{near[0]}`: a misspelling?"
        if self._loaded.errors:
            message += f"; while it was loaded: {self._loaded.errors[0]}"
        raise Failed(Fault.MISSING, message)

    def _answer(self, name: str) -> Any:
        try:
            return self._named(name)
        except Failed as failed:
            failed.message += f'; a typed answer stands between quotes: {name} = "..."'
            raise

    def _function(self, name: str) -> Any:
        function = self._named(name)
        if not callable(function):
            kind = type(function).__name__
            raise Failed(Fault.MISSING, f"`{name}` is of type {kind}; it must be a function")
        return function

    # --- probing ------------------------------------------------------------------------------

    def _run(self, request: dict[str, Any]) -> dict[str, Any]:
        request = _told(request["told"]) | {"placed": {}, "start": 0, "step": 0} | request
        if request["answer"] is not None:
            value = self._answer(request["answer"])
            return {"returned": {request["answer"]: _travelling(_typed(value))}, "changed": []}
        calls = request["calls"]
        for call in calls:
            if call.function not in SIGNATURES:
                self._function(call.function)
        changed: set[str] = set()
        starts = iter(itertools.count(request["start"], request["step"]))
        with self._setting(calls, request), self._rules(request):
            rounds = [
                self._round(calls, _Round(request, changed), starts)
                for _ in range(request["repeat"])
            ]
        last = f"`{calls[-1].function}`"
        outputs = rounds[0] if len(rounds) == 1 else values.stack(rounds, last)
        return {
            "returned": {name: _travelling(value) for name, value in outputs.items()},
            "changed": sorted(changed),
        }

    def _setting(
        self, calls: list[Call], request: dict[str, Any]
    ) -> contextlib.AbstractContextManager[None]:
        """A student's function gets tensors of a dtype; a network has to be built in it."""
        if not any(call.function in SIGNATURES for call in calls):
            return contextlib.nullcontext()
        return working_in(getattr(torch, request["dtype"]), restored=not self._isolated)

    @contextlib.contextmanager
    def _rules(self, request: dict[str, Any]) -> Iterator[None]:
        """What the request puts out of reach is so; a call of it is a fault of its own."""
        reached = self._forbidden.put(request["names"], request["operators"], request["device"])
        try:
            yield
        except Failed as failed:
            # Compiled code turns the exception into one of its own.
            if reached and (failed.error == OutOfReach.__name__ or reached.name):
                name = reached.name or failed.message.rpartition(": ")[2]
                raise Failed(Fault.FORBIDDEN, name, "", failed.trace) from None
            raise
        finally:
            # Not in a process that goes on, nor where our own code has work to do afterwards.
            if not self._isolated or request["repeat"] > 1:
                self._forbidden.lift()

    def _round(self, calls: list[Call], state: _Round, starts: Iterator[int]) -> dict[str, Any]:
        """All calls once. Kept values live for one round only."""
        outputs: dict[str, Any] = {}
        for call, start in zip(calls, starts, strict=False):
            if call.each:
                count = len(self._given(call.each[0], state, start))
                results = [self._result(call, state, start, entry) for entry in range(count)]
                result = values.stack(results, f"`{call.function}`")
            else:
                result = self._result(call, state, start, None)
            for name, item in result.items():
                if name in call.keeps:
                    state.kept[name] = item
                    state.networks.made(item, call.function)
                else:
                    outputs[name] = item
        return outputs

    def _result(self, call: Call, state: _Round, start: int, entry: int | None) -> dict[str, Any]:
        """What one call returns, by name: kept values as they are, all others plain.

        entry: which one of the call's arguments `each` is meant.
        """
        inputs = self._inputs(call, state, start, entry)
        handles = {name: state.kept[name] for name in call.takes if name in state.kept}
        what, value = self._call(call, handles | inputs, state.networks)
        if state.request["watched"]:
            # Of placed inputs the grader sees the values itself; this sees other shapes, too.
            again = self._inputs(call, state, start, entry)
            state.changed.update(n for n in inputs if values.is_changed(inputs[n], again[n]))
        matched = values.match(value, call.returns, call.keeps, what)
        return {n: v if n in call.keeps else values.plain(v) for n, v in matched.items()}

    def _inputs(self, call: Call, state: _Round, start: int, entry: int | None) -> dict[str, Any]:
        known = (*state.request["inputs"], *state.request["placed"])
        return {
            name: self._given(name, state, start, entry if name in call.each else None)
            for name in call.takes
            if name in known and name not in state.kept
        }

    def _given(self, name: str, state: _Round, start: int, entry: int | None = None) -> Any:
        """A fresh input, or one entry of it."""
        request = state.request
        if name in request["placed"]:
            assert self._memory is not None
            tensor = values.placed(self._memory, start, request["placed"][name])
            return tensor if entry is None else tensor[entry]
        value = request["inputs"][name]
        if entry is not None:
            value = values.entry(value, entry)
        dtype = getattr(torch, request["dtype"])
        return values.fresh(value, dtype, request["device"], request["strided"])

    def _call(self, call: Call, arguments: dict[str, Any], networks: Networks) -> tuple[str, Any]:
        """Who was called, in words, and what came back."""
        if call.function in SIGNATURES:
            given = [arguments[name] for name in call.takes if name in arguments]
            what, run = networks.what(given), partial(networks.perform, call, given)
        else:
            what, function = f"`{call.function}`", self._function(call.function)
            args, kwargs = bind(function, call.function, call.takes, arguments)
            run = partial(function, *args, **kwargs)
        try:
            with self._around():
                return what, run()
        except Failed:
            raise
        except BaseException as error:  # SystemExit and its like end a probe, not the process
            if self._is_users(error):
                raise
            failed = from_exception(error, what)
            if isinstance(error, NameError) and self._loaded.errors:
                failed.message += f"; while it was loaded: {self._loaded.errors[0]}"
            raise failed from None

    def _is_users(self, error: BaseException) -> bool:
        """In a self-check, an interrupt comes from the person at the keyboard."""
        return isinstance(error, KeyboardInterrupt) and not self._isolated


class _Round:
    """What one round of calls needs: the request, kept values, and which inputs were changed."""

    def __init__(self, request: dict[str, Any], changed: set[str]) -> None:
        self.request, self.changed = request, changed
        self.kept: dict[str, Any] = {}
        self.networks = Networks(getattr(torch, request["dtype"]), request["device"])


@functools.lru_cache(maxsize=1024)
def _told(text: str) -> dict[str, Any]:
    """What is the same in each request for a probe (see `messages`), with its calls."""
    told: dict[str, Any] = json.loads(text)
    fields: list[dict[str, Any]] = [
        {key: tuple(value) if isinstance(value, list) else value for key, value in call.items()}
        for call in told["calls"]
    ]
    return told | {"calls": [Call(**call) for call in fields]}


def _typed(value: Any) -> Any:
    """A typed answer without what Python put around it: a comma behind it, an exact type."""
    if isinstance(value, tuple) and len(value) == 1:
        value = value[0]
    if isinstance(value, str | Decimal | Fraction):
        return str.__str__(value) if isinstance(value, str) else str(value)
    if isinstance(value, complex) and value.imag == 0:
        return value.real
    return value


def _travelling(value: Any) -> Any:
    if type(value) is str:
        return value[:MAX_TEXT]
    if type(value) is int and 63 < value.bit_length() < 4096:
        return str(value)
    simple = value is None or isinstance(value, bool | int | float | complex | list | tuple)
    if simple or isinstance(value, torch.Tensor | wire.Unencodable) or hasattr(value, "dtype"):
        return values.plain(value)
    return wire.Unencodable(type(value).__name__)


class Printed(io.RawIOBase):
    """Keeps the first bytes that are printed and counts the rest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self._dropped = 0

    def writable(self) -> bool:
        """For `io.TextIOWrapper`."""
        return True

    def write(self, data: Any) -> int:
        """Accept everything, keep what fits."""
        size = memoryview(data).nbytes
        room = self._limit - len(self._kept)
        if room > 0:
            self._kept += memoryview(data).cast("B")[:room]
        self._dropped += max(0, size - max(room, 0))
        return size

    def text(self) -> str:
        """What was kept, with a note on what was not."""
        text = self._kept.decode("utf-8", "replace")
        note = f"\n... ({self._dropped} further bytes were dropped)" if self._dropped else ""
        return text + note


def serve(
    sock: socket.socket, worker: Worker, allow_processor_time: Callable[[float], None]
) -> None:
    """Answer requests until the grader closes the connection."""
    while True:
        try:
            call_id, request = wire.receive(sock, max_bytes=wire.MAX_REQUEST)
        except EOFError:
            return
        allow_processor_time(request["cpu_seconds"])
        wire.transmit(sock, call_id, worker.reply(request))
