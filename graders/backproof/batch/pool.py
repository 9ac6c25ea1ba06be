"""Grades a class side by side; a worker that dies costs nobody else's result.

What a submission does stays in its confined child. A worker that dies all the same (the machine is
out of memory) is replaced, and what it had is tried once more, each alone.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import cast

from backproof.batch.bench import Bench, Settings
from backproof.batch.workers import Worker, WorkerDied, lanes
from backproof.model import Assignment, Report, Submission
from backproof.sandbox import warm_client


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
    """Grade all; yields each report as soon as it is finished, with its submission's place.

    jobs: how many are graded at a time.
    """
    if not submissions:  # the journal had them all: nothing has to be started
        return
    if jobs == 1 or len(submissions) < 2:
        with closing(Bench(settings, assignment)) as bench:
            yield from enumerate(map(bench.grade, submissions))
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


def _side_by_side(
    batch: dict[int, Submission], suspected: set[int], settings: Settings, jobs: int
) -> Iterator[tuple[int, Report]]:
    """Grade a batch, but for those that were with a worker when it died: they are suspected."""
    jobs = min(jobs, len(batch))
    several = lanes(settings.device)
    sizes = [min(several, jobs - begun) for begun in range(0, jobs, several)]
    team = [Worker(settings, size, Bench) for size in sizes]
    left = list(batch.items())[::-1]
    try:
        while True:
            _hand_out(left, team)
            busy = {worker.connection: worker for worker in team if worker.given}
            if not busy:
                return
            for connection in wait(list(busy)):
                worker = busy[cast(Connection, connection)]
                try:
                    yield worker.answer()
                except WorkerDied:
                    suspected.update(worker.given)
                    worker.end()
                    team.remove(worker)
                    if left:
                        team.append(Worker(settings, worker.at_a_time, Bench))
    finally:
        for worker in team:
            worker.end()


def _hand_out(left: list[tuple[int, Submission]], team: list[Worker]) -> None:
    """Always to the worker that has least, as long as one has room."""
    while left:
        freest = min(team, key=lambda worker: len(worker.given))
        if len(freest.given) > freest.at_a_time:
            return  # each has one more than it grades: it need not wait for the next one
        freest.give(*left.pop())
