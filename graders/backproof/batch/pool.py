"""Workers that grade side by side, each with a warm parent and an answer key of its own.

Workers are the grader's own processes, so reports come back as they are. What a submission does
stays in its confined child; a worker that dies all the same (the machine is out of memory) is
replaced, and its submission is tried once more.
"""

from __future__ import annotations

import atexit
import os
import signal
from collections.abc import Generator, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import torch

from backproof import workers
from backproof.answer_key import AnswerKey
from backproof.grading import grade
from backproof.loading import load_assignment
from backproof.model import Assignment, BackproofError, Limits, Report, Submission
from backproof.sandbox import Isolated, kernel, warm_client
from backproof.sandbox.isolated import started_early


@dataclass(frozen=True, kw_only=True, slots=True)
class Settings:
    """What every worker needs to know.

    folder: of the homework. least: the least isolation that is accepted.
    """

    folder: Path
    seed: str
    device: str
    limits: Limits
    least: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lost:
    """A submission that no worker could finish: a failure of ours, never a student's."""

    submission: Submission
    reason: str = (
        "the worker that graded it died twice, perhaps for want of memory: free some, or use fewer "
        "--jobs, and run the same command again"
    )


def grade_each(
    assignment: Assignment, submissions: Sequence[Submission], settings: Settings, jobs: int
) -> Generator[tuple[int, Report | Lost], None, None]:
    """Grade all; yields each report as soon as it is finished, with its submission's place."""
    if not submissions:  # the journal had them all: nothing has to be started
        return
    if jobs == 1 or len(submissions) < 2:
        yield from enumerate(_one_by_one(assignment, submissions, settings))
        return
    warm_client.end_early()  # each worker has its own
    waiting, suspected = dict(enumerate(submissions)), set[int]()
    while waiting:
        fresh = {place: found for place, found in waiting.items() if place not in suspected}
        # Who was with a worker that died is tried once more, alone: it shows who it was.
        batch = fresh or dict([next(iter(waiting.items()))])
        for place, report in _side_by_side(batch, suspected, settings, jobs):
            del waiting[place]
            yield place, report
        if not fresh:
            for place in batch.keys() & waiting.keys():
                yield place, Lost(submission=waiting.pop(place))


def _one_by_one(
    assignment: Assignment, submissions: Sequence[Submission], settings: Settings
) -> Iterator[Report]:
    with closing(Bench(settings, assignment)) as bench:
        yield from map(bench.grade, submissions)


def _side_by_side(
    batch: dict[int, Submission], suspected: set[int], settings: Settings, jobs: int
) -> Iterator[tuple[int, Report]]:
    """Grade a batch, until all is finished or a worker dies; then adds who may have been with it.

    A worker has one submission and at most one more ahead, so that few are suspected.
    """
    left = iter(batch.items())
    several = min(jobs, len(batch))
    started_with = (settings, dict(os.environ))
    executor = ProcessPoolExecutor(several, workers.context(), _start, started_with)
    running: dict[Future[Report], int] = {}
    try:
        while True:
            for place, submission in left:
                running[executor.submit(_grade, submission)] = place
                if len(running) == 2 * several:
                    break
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                report = future.result()
                yield running.pop(future), report
    except BrokenProcessPool:
        suspected.update(running.values())
    finally:
        executor.shutdown(cancel_futures=True)


# --- in a worker ------------------------------------------------------------------------------


class Bench:
    """What grades one submission after the other: a warm parent, the homework and its answer key.

    Raises:
        BackproofError: the homework cannot be read, or this machine has no such isolation.
    """

    def __init__(self, settings: Settings, assignment: Assignment | None = None) -> None:
        """assignment: the homework, where it has been read already."""
        self._device = settings.device
        self._key = AnswerKey(settings.seed)
        # The warm parent takes seconds to get ready, in which this process works out the key.
        with started_early(settings.device, settings.least):
            self._assignment = assignment or load_assignment(settings.folder)
            self._key.prepare(self._assignment)
            self._runner = Isolated(settings.limits, settings.device, settings.least)

    def grade(self, submission: Submission) -> Report:
        """The report of one submission."""
        return grade(self._assignment, submission, self._runner, self._key, self._device)

    def close(self) -> None:
        """End the warm parent."""
        self._runner.close()


_bench: Bench | BackproofError | None = None


def _start(settings: Settings, environment: Mapping[str, str]) -> None:
    """Make this process a worker; it ends with the one that started it, however that ends."""
    global _bench
    kernel.prctl(kernel.PR_SET_PDEATHSIG, int(signal.SIGKILL))
    workers.take_over(environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the one that waits for us
    torch.set_num_threads(1)  # there is a worker for each core
    try:
        _bench = Bench(settings)
        atexit.register(_bench.close)
    except BackproofError as error:  # said by the first task: here nobody would hear it
        _bench = error


def _grade(submission: Submission) -> Report:
    assert _bench is not None
    if isinstance(_bench, BackproofError):
        raise _bench
    return _bench.grade(submission)
