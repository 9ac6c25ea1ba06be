"""`nbgrader autograde` of a homework of ours: submissions are graded while others are written."""

from __future__ import annotations

import atexit
import functools
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, TypeAlias

from backproof.frontends.nbgrader.course import homework_of
from backproof.loading import read_submission
from backproof.model import BackproofError, Limits, Report

if TYPE_CHECKING:
    from backproof.batch.bench import Bench

LANES = 2
"""How many are graded at a time: as many as keep two processor cores busy."""

Reports: TypeAlias = Mapping[str, Callable[[], Report]]
"""Of each student, what waits for the report."""


_benches: dict[tuple[Path, str], Bench] = {}
_opening = Lock()


def bench(folder: Path, seed: str) -> Bench:
    """What grades a homework, for all runs of this process.

    Raises:
        BackproofError: the homework cannot be read, or this machine has no such isolation.
    """
    # Here, because other commands need not wait for torch.
    from backproof.batch.bench import Bench, Settings

    with _opening:
        if (folder, seed) not in _benches:
            settings = Settings(folder=folder, seed=seed, device="cpu", limits=Limits(), least=None)
            _benches[folder, seed] = Bench(settings, homework_of(folder))
        return _benches[folder, seed]


@atexit.register
def close_benches() -> None:
    """End what grades, and with it what is being graded; the next run starts it anew."""
    with _opening:
        while _benches:
            _benches.popitem()[1].close()


def grade_file(bench: Bench, path: Path, student: str) -> Report:
    """The report of a notebook as it was handed in, so that every front end reads the same."""
    return bench.grade(read_submission(path, name=student))


@contextmanager
def graded_ahead(
    folder: Path, seed: Callable[[], str], files: Mapping[str, Path]
) -> Iterator[Reports]:
    """Grade these files of students, in this order, for as long as the context lasts."""
    seed_once, interrupted = functools.cache(seed), Event()

    def grade(path: Path, student: str) -> Report:
        made = bench(folder, seed_once())
        if interrupted.is_set():  # it may have been made after the others were closed
            raise BackproofError("the run was interrupted")
        return grade_file(made, path, student)

    threads = ThreadPoolExecutor(LANES)
    try:
        yield {name: threads.submit(grade, file, name).result for name, file in files.items()}
    except BaseException:  # a Ctrl-C: nobody wants to wait for what runs now
        interrupted.set()
        close_benches()
        raise
    finally:
        threads.shutdown(cancel_futures=True)
