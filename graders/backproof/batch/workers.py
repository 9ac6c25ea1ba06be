"""Workers: processes with a warm parent and an answer key, which grade two submissions at a time.

While a submission's process runs, its grader mostly waits: so two of them share a grader, its warm
parent and its memory. Workers are the grader's own processes, and reports come back as they are.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from typing import TypeAlias

import torch

from backproof.batch.bench import Bench, Settings
from backproof.model import BackproofError, Report, Submission

_END_SECONDS = 30.0

MakeBench: TypeAlias = Callable[[Settings], Bench]


def lanes(device: str) -> int:
    """How many submissions a worker grades at a time; on a GPU, each has it for itself."""
    return 2 if device == "cpu" else 1


class WorkerDied(Exception):  # noqa: N818  an event that callers handle
    """It ended before it answered, perhaps for want of memory."""


class Worker:
    """One worker, as the process that wants the work sees it.

    at_a_time: how many it grades side by side. given: what it has and has not answered, by place.
    """

    def __init__(self, settings: Settings, at_a_time: int, make: MakeBench = Bench) -> None:
        # A fork of the grader would not be safe: it has several threads, or has used autograd.
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        told = (theirs, settings, at_a_time, make)
        self._process = context.Process(target=_work, args=told, daemon=True)
        with _interrupts_are_ours():
            self._process.start()
        theirs.close()
        self.at_a_time = at_a_time
        self.given: dict[int, Submission] = {}

    def give(self, place: int, submission: Submission) -> None:
        """Hand it a submission. That it has died is said by `answer`."""
        self.given[place] = submission
        with suppress(OSError):
            self.connection.send((place, submission))

    def answer(self) -> tuple[int, Report]:
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


# --- in a worker ------------------------------------------------------------------------------


def _work(
    connection: Connection,
    settings: Settings,
    at_a_time: int,
    make: MakeBench,
) -> None:
    """Grade what comes until the one who wants the work closes the connection, or has ended."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)  # there is a worker for each two cores
    # A lane whose answer has come need not wait the usual 5 ms for what the other one calculates.
    sys.setswitchinterval(0.0005)
    said = threading.Lock()

    def say(place: int, answer: Report | Exception) -> None:
        with said, suppress(OSError):  # nobody listens any more
            connection.send((place, answer))

    def grade(place: int, submission: Submission) -> None:
        try:
            say(place, bench.grade(submission))
        except BackproofError as error:
            say(place, error)
        except BaseException as error:  # nobody would look at the thread
            what = f"{submission.name}: the grader failed: {type(error).__name__}: {error}"
            say(place, BackproofError(what))

    try:
        bench = make(settings)
    except BackproofError as error:
        say(-1, error)
        return
    threads = ThreadPoolExecutor(at_a_time)
    with suppress(EOFError, OSError):
        while True:
            threads.submit(grade, *connection.recv())
    bench.close()
    os._exit(0)  # without waiting for threads whose results nobody wants
