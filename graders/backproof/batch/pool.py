"""Grades a class side by side; a worker that dies costs nobody else's result.

What a submission does stays in its confined child. A worker that dies all the same (the machine is
out of memory) is replaced, and what it had is tried once more, each alone. Where this process
dies, which grades too, the journal has what was finished.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from multiprocessing.connection import Connection, wait
from typing import cast

from backproof.batch.bench import Bench, Lost, Settings
from backproof.batch.workers import Here, Lanes, Worker, WorkerDied, shares
from backproof.model import Assignment, Report, Submission


def grade_each(
    assignment: Assignment, submissions: Sequence[Submission], settings: Settings, jobs: int
) -> Generator[tuple[int, Report | Lost], None, None]:
    """Grade all; yields each report as soon as it is finished, with its submission's place.

    jobs: how many processor cores to keep busy (on GPUs: submissions at a time). This process
        grades too.
    """
    if not submissions:  # the journal had them all: nothing has to be started
        return
    jobs = min(jobs, len(submissions))
    if jobs == 1:
        with closing(Bench(settings, assignment)) as bench:
            yield from enumerate(map(bench.tried, submissions))
        return
    waiting, suspected = dict(enumerate(submissions)), set[int]()
    with _team(settings, shares(settings.device, jobs), assignment) as team:
        yield from _side_by_side(waiting, suspected, settings, team)
    # Who was with a worker that died is tried once more, alone: it shows who it was.
    for place in sorted(suspected):
        alone = {place: submissions[place]}
        with _team(settings, [1]) as team:
            yield from _side_by_side(alone, set(), settings, team)
        for left in alone.values():
            yield place, Lost(submission=left)


@contextmanager
def _team(
    settings: Settings, sizes: list[int], assignment: Assignment | None = None
) -> Iterator[list[Lanes]]:
    """Workers; the first is this process itself, if it has the homework."""
    own = [] if assignment is None else sizes[:1]
    team: list[Lanes] = []
    try:
        for size in sizes[len(own) :]:
            team.append(Worker(settings, size, Bench))
        for size in own:  # while the others import what they need
            team.append(Here(Bench(settings, assignment), size))
        yield team
    finally:
        for member in team:  # all hear of it before one is waited for
            member.connection.close()
        for member in team:
            member.end()


def _side_by_side(
    waiting: dict[int, Submission], suspected: set[int], settings: Settings, team: list[Lanes]
) -> Iterator[tuple[int, Report | Lost]]:
    """Grade what waits, but for those that are with a worker when it dies: they are suspected."""
    left = list(waiting.items())[::-1]
    while True:
        _hand_out(left, team)
        busy = {member.connection: member for member in team if member.given}
        if not busy:
            return
        for connection in wait(list(busy)):
            member = busy[cast(Connection, connection)]
            try:
                place, report = member.answer()
            except WorkerDied:
                suspected.update(member.given)
                team.remove(member)
                member.end()
                if left:
                    team.append(Worker(settings, member.at_a_time, Bench))
            else:
                del waiting[place]
                yield place, report


def _hand_out(left: list[tuple[int, Submission]], team: Sequence[Lanes]) -> None:
    """Always to the one that has most room, as long as one has any."""
    while left and team:
        freest = min(team, key=lambda member: len(member.given) - member.at_a_time)
        if len(freest.given) > freest.at_a_time:
            return  # each has one more than it grades: it need not wait for the next one
        freest.give(*left.pop())
