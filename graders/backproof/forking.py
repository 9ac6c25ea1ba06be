"""The process that workers are forked of: it has imported what they need, and done nothing else.

So the second worker costs no imports, and shares their memory. The grader itself is no such
process: one that has run a backward pass, or several threads, cannot be forked safely.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping
from multiprocessing import forkserver
from multiprocessing.context import ForkServerContext

_NEEDED = ["backproof.batch.workers"]


def context() -> ForkServerContext:
    """For whoever starts workers."""
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(_NEEDED)
    return found


def start() -> None:
    """Start it now, so that it imports while this process does; it ends when this process does."""
    context()
    forkserver.ensure_running()


def take_over(environment: Mapping[str, str]) -> None:
    """In a worker: the environment of the one who wants the work, not of the fork server's start.

    A worker whose caller has ended meanwhile ends, too.
    """
    caller = multiprocessing.parent_process()
    if caller is None or not caller.is_alive():
        os._exit(1)
    os.environ.clear()
    os.environ.update(environment)
