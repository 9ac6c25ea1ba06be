"""What takes long to start is started while this process still imports what it needs itself."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

WORTH_WORKERS = 40
"""From so many submissions on, as many are graded at a time as there are cores: for fewer, starting
workers costs what they save (measured with `benchmarks/batch.py`)."""


@contextmanager
def started_early(options: argparse.Namespace) -> Iterator[None]:
    """A warm parent, unless there will probably be workers, which have their own.

    A wrong guess costs processor time, and nothing is left running.
    """
    from backproof.sandbox import isolated

    if options.command != "audit" and _will_have_workers(options):
        yield
    else:
        with isolated.started_early(options.device, options.isolation):
            yield


def _will_have_workers(options: argparse.Namespace) -> bool:
    if options.jobs is not None:
        return bool(options.jobs > 1)
    if options.device != "cpu" or len(os.sched_getaffinity(0)) == 1:
        return False
    handed_in = options.submissions if options.command == "grade" else [Path("submitted")]
    return sum(map(_probably, handed_in)) >= WORTH_WORKERS


def _probably(path: Path) -> int:
    """How many submissions lie there: a guess that takes no time."""
    try:
        return len(os.listdir(path))
    except OSError:
        return 1
