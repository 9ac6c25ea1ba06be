"""Submissions in confined processes of their own: the runner that marks are given by."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from backproof.model import (
    BackproofError,
    Fault,
    Inputs,
    Limits,
    Outcome,
    Probe,
    Returned,
    Stopped,
    Submission,
)
from backproof.sandbox import endings, gpu_watch, messages, profiles, warm_client, wire
from backproof.sandbox.arena import Placed
from backproof.sandbox.confined import Child
from backproof.sandbox.endings import MAX_LEFT_OUT, instead_of_cell, leaves_out
from backproof.sandbox.warm_client import Ended, WarmParent, WarmParentDied

_HELLO_SECONDS = 60.0
T = TypeVar("T")


class Isolated:
    """Runs each submission in a confined process. Use as a context manager, or `close` it.

    least: the least isolation that is accepted ("full", "base", "cold" or "none"); None takes it
        from the environment (see `profiles.accepted`). "cold" also asks for a fresh process for
        each submission, instead of a fork of a warm one.
    namespaces: False tries none, as on a machine that has none.
    """

    def __init__(
        self,
        limits: Limits = Limits(),  # noqa: B008
        device: str = "cpu",
        least: str | None = None,
        *,
        namespaces: bool = True,
    ) -> None:
        self._least = profiles.accepted(least)
        if sys.platform != "linux":
            raise BackproofError(
                f"isolated grading needs Linux, this is {sys.platform}: grade in a Linux "
                "container, or use InProcess for a self-check that gives no marks"
            )
        self._limits = limits
        self._device = device
        self._cold = self._least is profiles.Profile.COLD
        self._options = _options(self._least, device, namespaces=namespaces)
        self._lock = threading.Lock()
        self._closed = False
        # In the cold profile each child has its own.
        self._cold_parents: set[WarmParent] = set()
        self._layers: tuple[str, ...] | None = None
        self.missing: dict[str, str] = {}
        """Why layers that are not in force are missing."""
        self._watch = gpu_watch.Watch() if device.startswith("cuda") else None
        # Its start-up hides behind the submission before: a context takes long to make.
        self._spare: tuple[Limits, Child] | None = None
        self._parent = None if self._cold else self._new_parent()
        try:
            # What is in force is found out by trying, before any submission is.
            self.end(self.fork(self._limits))
        except BaseException:
            self.close()
            raise

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that were found to be in force."""
        return self._layers or ()

    @property
    def profile(self) -> str:
        """The profile that these layers make, in words."""
        return profiles.reached(self.layers, cold=self._cold)

    @property
    def isolation(self) -> str:
        """The profile and its layers, readable."""
        return f"{self.profile}: {' + '.join(self.layers) or 'nothing'}"

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
        """End the warm parent and every child; what threads ask of it from now on fails."""
        with self._lock:
            self._closed = True
        spare, self._spare = self._spare, None
        if spare is not None:
            self.end(spare[1])
        if self._parent is not None:
            self._parent.close()
        for parent in list(self._cold_parents):
            parent.close()
        if self._watch is not None:
            self._watch.close()

    def __enter__(self) -> Isolated:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # --- for sessions -------------------------------------------------------------------------

    def fork(self, limits: Limits) -> Child:
        """A confined child that is ready to be asked; a dead warm parent is replaced once."""
        parent = self._parent
        if parent is None:
            return self._ready(self._begin(self._new_cold_parent(), limits), limits)
        try:
            child = self._from_spare(limits) or self._ready(self._begin(parent, limits), limits)
        except WarmParentDied:
            parent = self._instead_of(parent)
            child = self._ready(self._begin(parent, limits), limits)
        if self._watch is not None:
            self._make_spare(parent, limits)
        return child

    def _from_spare(self, limits: Limits) -> Child | None:
        """The child that was begun ahead, if it has the same limits and did start."""
        with self._lock:
            spare, self._spare = self._spare, None
        if spare is None:
            return None
        if spare[0] != limits:
            self.end(spare[1])
            return None
        # One that did not start may have met a GPU without memory to spare: a new one will tell.
        with contextlib.suppress(BackproofError, WarmParentDied):
            child = self._ready(spare[1], limits)
            if not child.has_ended():
                return child
            self.end(child)  # it was ready, and has died since: not by the student's code
        return None

    def _make_spare(self, parent: WarmParent, limits: Limits) -> None:
        """Begin the next child now. It may fail, which is found out when it is needed."""
        with contextlib.suppress(WarmParentDied):
            child = self._begin(parent, limits)
            with self._lock:
                old, self._spare = self._spare, (limits, child)
            if old is not None:
                self.end(old[1])

    def _new_parent(self) -> WarmParent:
        return warm_client.take(**self._options)

    def _new_cold_parent(self) -> WarmParent:
        with self._lock:
            if self._closed:
                raise BackproofError("the runner is closed")
            parent = self._new_parent()
            self._cold_parents.add(parent)
            return parent

    def _instead_of(self, dead: WarmParent) -> WarmParent:
        """A new warm parent. Of several threads that miss the same one, the first starts it."""
        with self._lock:
            if self._closed:
                raise BackproofError("the runner is closed")
            if self._parent is dead or self._parent is None:
                dead.close()
                self._parent = self._new_parent()
            return self._parent

    def _begin(self, parent: WarmParent, limits: Limits) -> Child:
        """A new child, which is not yet confined."""
        return Child(parent, parent.fork(limits, self._device))

    def _ready(self, new: Child, limits: Limits) -> Child:
        """Wait until a new child is confined, and check how strongly."""
        try:
            reply = new.receive(0, 0, time.monotonic() + _HELLO_SECONDS)
        except (wire.ProtocolError, wire.Deadline, EOFError) as error:
            if self.end(new) is None:
                raise WarmParentDied from None
            raise BackproofError(f"a confined process did not start: {error!r}") from None
        try:
            self._judge(reply, new, limits)
        except BaseException:
            self.end(new)
            raise
        return new

    def _judge(self, reply: dict[str, Any], new: Child, limits: Limits) -> None:
        if "failed" in reply:
            raise BackproofError(
                f"a confined process did not start: {reply['failed']}{_advice(self._device)}"
            )
        layers = tuple(reply["layers"])
        missing = new.parent.missing() | reply["missing"]
        if self._watch is not None:
            new.number = new.parent.number(new.handle)
            if why := self._watch.add(new.number, limits):
                missing[gpu_watch.LAYER] = why
            else:
                layers += (gpu_watch.LAYER,)
        profiles.refuse_below(self._least, layers, missing)
        if self._layers is not None and layers != self._layers:
            raise BackproofError(f"isolation changed from {self._layers} to {layers}; start again")
        self._layers, self.missing = layers, missing

    def end(self, child: Child, *, grace: bool = False) -> Ended | None:
        """End a child; None when its parent is gone, and so is it."""
        ended = None
        with contextlib.suppress(WarmParentDied):
            ended = child.parent.end(child.handle, grace=grace)
        if self._cold:
            child.parent.close()
            self._cold_parents.discard(child.parent)
        sentence = "" if self._watch is None else self._watch.forget(child.number)
        return replace(ended, watched=sentence) if ended and sentence else ended


class IsolatedSession:
    """One submission. A child that a fault has ended is replaced by a new one."""

    def __init__(self, runner: Isolated, submission: Submission, limits: Limits) -> None:
        self._runner = runner
        self._submission = submission
        self._limits = limits
        # Only while it is asked: another process of the submission may be working meanwhile.
        self._left = limits.submission_seconds
        self._until = 0.0
        self._child: Child | None = None
        self._cells = list(submission.cells)
        # Set when loading itself ended the child: trying again would only cost the time again.
        self._unloadable: Stopped | None = None

    def run(
        self,
        probe: Probe,
        inputs: Inputs,
        *,
        dtype: str,
        device: str,
        strided: bool,
        watched: bool = False,
    ) -> Outcome:
        """See `model.Session`. What raises here is the grader's failure, never a submission's."""

        def run_in(child: Child) -> Outcome:
            placed = Placed()
            if watched and device == "cpu":
                calls = len(probe.calls) * probe.repeat
                placed = child.handle.memory.place(inputs, dtype, strided, calls)
            request = messages.run_request(
                probe, inputs, dtype, device, strided, self._limits, watched, placed
            )
            outcome = self._exchange(
                _packed(request),
                lambda body: messages.read_outcome(body, probe),
                self._limits.call_seconds,
                "the call",
            )
            if watched and isinstance(outcome, Returned):
                changed = child.handle.memory.changed(placed)
                return messages.seen(outcome, inputs, placed, changed)
            return outcome

        began = time.monotonic()
        self._until = began + self._left
        try:
            for _ in range(2):
                # A warm parent that died is not the student's doing: once more, with a new one.
                with contextlib.suppress(WarmParentDied):
                    return self._attempt(run_in)
        finally:
            self._left -= time.monotonic() - began
        raise BackproofError("the grader's warm parent was ended twice: is memory short?")

    def close(self) -> None:
        """End the child."""
        self._end_child()

    def _attempt(self, run_in: Callable[[Child], Outcome]) -> Outcome:
        if self._unloadable is not None:
            return self._unloadable
        if time.monotonic() >= self._until:
            return self._over_budget()
        if self._child is None:
            self._unloadable = self._load()
            if self._unloadable is not None:
                return self._unloadable
        assert self._child is not None
        reply = run_in(self._child)
        if isinstance(reply, Stopped) and endings.spoils_process(reply):
            self._end_child()
        return reply

    def _load(self) -> Stopped | None:
        stopped = self._load_cells(self._cells)
        # One cell of a notebook that ends its process costs that cell and not the others.
        for _ in range(MAX_LEFT_OUT + 1 if self._submission.is_notebook else 0):
            if stopped is None or not leaves_out(stopped) or time.monotonic() >= self._until:
                break
            self._end_child()
            for place, cell in enumerate(self._cells):
                if stopped := self._load_cells([cell], more=place > 0):
                    self._cells[place] = instead_of_cell(stopped)
                    break
        return stopped

    def _load_cells(self, cells: list[str], *, more: bool = False) -> Stopped | None:
        self._child = self._child or self._runner.fork(self._limits)
        request = _packed(messages.load_request(self._submission, self._limits, cells, more))
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
            return endings.sentence_for(ended, self._limits)

    def _end_child(self, *, grace: bool = False) -> Ended | None:
        child, self._child = self._child, None
        return None if child is None else self._runner.end(child, grace=grace)

    def _over_budget(self) -> Stopped:
        seconds = self._limits.submission_seconds
        text = f"your submission used up the {seconds:g} seconds that all its checks may take"
        return Stopped(fault=Fault.TIMEOUT, message=text)


def started_early(device: str, least: str | None) -> AbstractContextManager[None]:
    """Start now what an `Isolated` of the same device and least isolation will need soon."""
    if sys.platform != "linux":  # it will say so
        return contextlib.nullcontext()
    return warm_client.started_early(**_options(profiles.accepted(least), device, namespaces=True))


def _options(least: profiles.Profile, device: str, *, namespaces: bool) -> dict[str, Any]:
    # A parent of a single child need not be warm.
    warm = least is not profiles.Profile.COLD
    return {"device": device, "namespaces": namespaces, "warm": warm}


def _advice(device: str) -> str:
    """What to do when a child on a GPU does not start."""
    if not device.startswith("cuda"):
        return ""
    return " (`backproof doctor --device cuda` says more; the same checks run with --device cpu)"


def _packed(request: dict[str, Any]) -> wire.Packed:
    try:
        return wire.pack(request, wire.MAX_REQUEST)
    except wire.TooLarge as error:
        raise BackproofError(f"the inputs of a case are too large to be sent: {error}") from None
