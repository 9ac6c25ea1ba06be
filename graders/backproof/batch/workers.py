"""What grades side by side: this process, and workers, each with a warm parent and an answer key.

While a submission's process runs, its grader mostly waits: so several submissions share a grader,
its warm parent and its memory, and two cores need no worker at all. Workers are the grader's own
processes, and reports come back as they are.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import TypeAlias

import torch

from backproof.batch.bench import Bench, Lost, Settings
from backproof.model import BackproofError, Report, Submission

_END_SECONDS = 30.0

MakeBench: TypeAlias = Callable[[Settings], Bench]


def shares(device: str, jobs: int) -> list[int]:
    """How many submissions each process grades at a time, to keep so many processor cores busy.

    Twice as many as cores, for what runs a submission often waits for its grader (measured with
    `benchmarks/batch.py`). On a GPU, each has it for itself, in a process of its own.
    """
    if jobs == 1 or device != "cpu":
        return [1] * jobs
    return [4] * (jobs // 2) + [2] * (jobs % 2)


class WorkerDied(Exception):  # noqa: N818  an event that callers handle
    """It ended before it answered, perhaps for want of memory."""


class Lanes:
    """What grades some submissions side by side, as the one who hands them out sees it.

    connection: where answers come. at_a_time: how many it grades side by side. given: what it has
    and has not answered, by place.
    """

    def __init__(self, connection: Connection, at_a_time: int) -> None:
        self.connection, self.at_a_time = connection, at_a_time
        self.given: dict[int, Submission] = {}

    def give(self, place: int, submission: Submission) -> None:
        """Hand it a submission. That it has died is said by `answer`."""
        self.given[place] = submission
        with suppress(OSError):
            self.connection.send((place, submission))

    def answer(self) -> tuple[int, Report | Lost]:
        """The next report, and its submission's place.

        Raises:
            WorkerDied: it has ended.
            BackproofError: it cannot grade at all.
        """
        try:
            place, answer = self.connection.recv()
        except (EOFError, OSError):
            raise WorkerDied from None
        if isinstance(answer, Exception):
            raise answer
        del self.given[place]
        return place, answer

    def end(self) -> None:
        """End it, whatever it is doing."""
        raise NotImplementedError


class Here(Lanes):
    """Threads of this process, at a bench that ends with them."""

    def __init__(self, bench: Bench, at_a_time: int) -> None:
        ours, theirs = multiprocessing.Pipe()
        super().__init__(ours, at_a_time)
        self._thread = threading.Thread(target=_serve, args=(theirs, bench, at_a_time), daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End what is being graded, and the bench."""
        self.connection.close()
        self._thread.join()


class Worker(Lanes):
    """A process of its own."""

    def __init__(self, settings: Settings, at_a_time: int, make: MakeBench = Bench) -> None:
        # A fork of the grader would not be safe: it has several threads, or has used autograd.
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        super().__init__(ours, at_a_time)
        told = (theirs, settings, at_a_time, make)
        self._process = context.Process(target=_work, args=told, daemon=True)
        with _interrupts_are_ours():
            self._process.start()
        theirs.close()

    def end(self) -> None:
        """End the process; after half a minute, by force."""
        self.connection.close()
        self._process.join(_END_SECONDS)
        self._process.kill()
        self._process.join()


@contextmanager
def _interrupts_are_ours() -> Iterator[None]:
    """A process that is started within this ignores a Ctrl-C, which is for the one who waits."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)


# --- where it is graded -------------------------------------------------------------------------


def _serve(connection: Connection, bench: Bench, at_a_time: int) -> None:
    """Grade what comes until the one who wants the work closes the connection, or has ended."""
    said = threading.Lock()

    def say(place: int, answer: Report | Lost | Exception) -> None:
        with said, suppress(OSError):  # nobody listens any more
            connection.send((place, answer))

    def grade(place: int, submission: Submission) -> None:
        try:
            say(place, bench.tried(submission))
        except BackproofError as error:
            say(place, error)
        except BaseException as error:  # nobody would look at the thread
            what = f"{submission.name}: the grader failed: {type(error).__name__}: {error}"
            say(place, BackproofError(what))

    threads = ThreadPoolExecutor(at_a_time)
    with suppress(EOFError, OSError):
        while True:
            threads.submit(grade, *connection.recv())
    bench.close()  # which ends what is being graded
    threads.shutdown(cancel_futures=True)


def _work(connection: Connection, settings: Settings, at_a_time: int, make: MakeBench) -> None:
    """All that a worker does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)  # there is a worker for each two cores
    try:
        bench = make(settings)
    except BackproofError as error:
        with suppress(OSError):  # another one has said so before
            connection.send((-1, error))
        return
    _serve(connection, bench, at_a_time)
