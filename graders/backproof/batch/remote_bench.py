"""A bench in a worker of Dask. Imported only where the extra `backproof[cluster]` is installed."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from distributed import WorkerPlugin, get_worker

from backproof.batch.bench import Bench, Lost, Settings
from backproof.batch.journal import grader_id
from backproof.model import BackproofError, Report, Submission

NAME = "backproof-bench"


class BenchPlugin(WorkerPlugin):  # type: ignore[misc]  # the extra has no types for us
    """Sets a bench up where a worker starts, and ends it with the worker."""

    name = NAME

    def __init__(self, settings: Settings, grader: str) -> None:
        self._settings, self._grader = settings, grader

    def setup(self, worker: Any) -> None:
        """Never raises: what is wrong is said by the first task, to the one who asked."""
        self.lock = threading.Lock()
        self.bench: Bench | BackproofError
        try:
            if grader_id() != self._grader:
                raise BackproofError(
                    f"worker {worker.address} has another version of backproof or of what it needs"
                )
            self.bench = Bench(self._settings)
        except BackproofError as error:
            self.bench = error

    def teardown(self, worker: Any) -> None:
        """The worker ends, or the run."""
        if isinstance(self.bench, Bench):
            self.bench.close()


def grade_chunk(chunk: Sequence[tuple[int, Submission]]) -> list[tuple[int, Report | Lost]]:
    """Grade submissions one after the other, each with its place in the class."""
    plugin: BenchPlugin = get_worker().plugins[NAME]
    if isinstance(plugin.bench, BackproofError):
        raise plugin.bench
    with plugin.lock:  # a worker with several threads has one bench all the same
        return [(place, plugin.bench.tried(submission)) for place, submission in chunk]
