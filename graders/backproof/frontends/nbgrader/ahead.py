"""`nbgrader autograde` of a homework of ours: submissions are graded while others are written."""

from __future__ import annotations

import atexit
import functools
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from backproof.frontends.nbgrader.course import homework_of
from backproof.loading import read_submission
from backproof.model import Limits, Report

if TYPE_CHECKING:
    from backproof.batch.bench import Bench

LANES = 2
"""How many are graded at a time: as many as keep two processor cores busy."""

Reports: TypeAlias = Mapping[str, Callable[[], Report]]
"""Of each student, what waits for the report."""


@functools.cache
def bench(folder: Path, seed: str) -> Bench:
    """What grades a homework, for all runs of this process."""
    # Here, because other commands need not wait for torch.
    from backproof.batch.bench import Bench, Settings

    settings = Settings(folder=folder, seed=seed, device="cpu", limits=Limits(), least=None)
    made = Bench(settings, homework_of(folder))
    atexit.register(made.close)
    return made


def grade_file(bench: Bench, path: Path, student: str) -> Report:
    """The report of a notebook as it was handed in, so that every front end reads the same."""
    return bench.grade(read_submission(path, name=student))


@contextmanager
def graded_ahead(
    folder: Path, seed: Callable[[], str], files: Mapping[str, Path]
) -> Iterator[Reports]:
    """Grade these files of students, in this order, for as long as the context lasts."""
    with ThreadPoolExecutor(LANES) as threads:
        making = threads.submit(lambda: bench(folder, seed()))

        def grade(path: Path, student: str) -> Report:
            return grade_file(making.result(), path, student)

        try:
            yield {name: threads.submit(grade, file, name).result for name, file in files.items()}
        finally:  # who was left out by nbgrader, or a Ctrl-C
            threads.shutdown(cancel_futures=True)
