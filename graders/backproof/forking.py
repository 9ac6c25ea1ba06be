"""The process that workers are forked of: it has imported what they need, and done nothing else.

So the second worker costs no imports, and shares their memory. The grader itself is no such
process: one that has run a backward pass, or several threads, cannot be forked safely.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

_NEEDED = ["backproof.batch.workers"]
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def context() -> ForkServerContext:
    """For whoever starts workers: the process that they are forked of runs."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(_NEEDED)
    with _as_it_starts():
        forkserver.ensure_running()
    return found


@contextmanager
def _as_it_starts() -> Iterator[None]:
    """It has one thread, and a Ctrl-C is for the one who started it."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    in_charge = threading.current_thread() is threading.main_thread()
    handler = signal.signal(signal.SIGINT, signal.SIG_IGN) if in_charge else None
    os.environ.update(_ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        if in_charge:
            signal.signal(signal.SIGINT, handler)


def take_over(environment: Mapping[str, str]) -> None:
    """In a worker: the environment of the one who wants the work, not of the fork server's start.

    A worker whose caller has ended meanwhile ends, too.
    """
    caller = multiprocessing.parent_process()
    if caller is None or not caller.is_alive():
        os._exit(1)
    os.environ.clear()
    os.environ.update(environment)
