"""Probes in this very process: for a student's own self-check, never for marks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from backproof.model import Inputs, Limits, Outcome, Probe, Stopped, Submission
from backproof.sandbox import messages, wire

if TYPE_CHECKING:
    from backproof.sandbox.worker import Worker


class InProcess:
    """Runs submissions here, without limits.

    namespace: names to probe (a notebook's `__main__`); nothing is loaded then.
    """

    isolation = "none: runs in this process"

    def __init__(self, namespace: dict[str, Any] | None = None) -> None:
        self._namespace = namespace

    @contextmanager
    def open(self, submission: Submission) -> Iterator[InProcessSession]:
        """Load a submission here, unless there is a namespace to probe."""
        # Imports torch, which takes seconds that other runners need not spend.
        from backproof.sandbox.worker import Worker

        limits = Limits()
        worker = Worker(isolated=False, reply_bytes=limits.reply_bytes, namespace=self._namespace)
        session = InProcessSession(worker, limits)
        try:
            if self._namespace is None:
                session.load(submission)
            yield session
        finally:
            worker.close()


class InProcessSession:
    """A submission that lives in this process."""

    def __init__(self, worker: Worker, limits: Limits) -> None:
        self._worker = worker
        self._limits = limits
        self._dead: Stopped | None = None

    def load(self, submission: Submission) -> None:
        """Run the submission's text."""
        loaded = messages.read_loaded(self._ask(messages.load_request(submission, self._limits)))
        self._dead = loaded if isinstance(loaded, Stopped) else None

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
        """See `model.Session`."""
        if self._dead is not None:
            return self._dead
        limits = self._limits
        request = messages.run_request(probe, inputs, dtype, device, strided, limits, watched)
        return messages.read_outcome(self._ask(request), probe)

    def _ask(self, request: dict[str, Any]) -> Any:
        """Through the wire format, so that a self-check sees what grading will see."""
        packed = self._worker.reply(wire.copy(request, wire.MAX_REQUEST))
        return wire.copy_packed(packed)
