"""Grading on other machines, by Dask: the same benches, the same reports, the same journal.

Needs the extra `backproof[cluster]`. Workers are the course's own processes: they run no line of a
submission themselves, but each has a warm parent whose confined children do (`bench.Bench`). They
need backproof in the same version and the homework's folder at the same place. A worker that is
lost takes its chunk with it, which is graded again elsewhere; nothing was in the journal of it.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from backproof.batch.bench import Lost, Settings
from backproof.batch.journal import grader_id
from backproof.model import Assignment, BackproofError, Report, Submission

CHUNK = 10
"""Submissions that travel together, at most: what a task costs (about 10 ms) is shared."""
CHUNKS_PER_WORKER = 4
"""At least, where there are enough submissions: nobody waits long for the last one."""
ATTEMPTS = 2
"""How often a chunk may lose its worker before its submissions are tried one by one."""
WAIT_SECONDS = 60
"""For the first worker of an address; a queue of Slurm is waited for without an end."""
GPU_SLOT = "gpu_slot"

Chunk: TypeAlias = list[tuple[int, Submission]]


def grade_on(
    address: str, assignment: Assignment, submissions: Sequence[Submission], settings: Settings
) -> Generator[tuple[int, Report | Lost], None, None]:
    """Grade all on a cluster; yields reports as chunks are finished (see `pool.grade_each`).

    address: of a Dask scheduler ("tcp://head:8786", "tls://head:8786"); or "local:N" and "slurm:N",
        which start N workers for this run, here or in N jobs as dask-jobqueue is configured.

    Raises:
        BackproofError: no cluster, no worker, another version there, no isolation.
    """
    if not submissions:
        return
    with ExitStack() as opened:
        client = _connect(address, opened)
        bench = _bench_plugin(settings)
        client.register_plugin(bench)
        # On a cluster that goes on, nobody keeps the secret behind the hidden cases.
        opened.callback(client.unregister_worker_plugin, bench.name)
        names = sorted({c.probe.weights for p in assignment.problems for c in p.checks} - {""})
        carried = [(place, _carried(found, names)) for place, found in enumerate(submissions)]
        workers = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
        size = max(1, min(CHUNK, len(carried) // (CHUNKS_PER_WORKER * workers)))
        chunks = [carried[start : start + size] for start in range(0, len(carried), size)]
        alone: list[Chunk] = []
        yield from _rounds(client, chunks, settings, alone)
        # Who was with a worker that was lost too often is tried once more, alone.
        lost: list[Chunk] = []
        yield from _rounds(client, alone, settings, lost)
        for ((place, submission),) in lost:
            yield place, Lost(submission=submission)


def _rounds(
    client: Any, chunks: list[Chunk], settings: Settings, lost: list[Chunk]
) -> Iterator[tuple[int, Report | Lost]]:
    """Grade chunks; adds the submissions of those whose workers were lost, one by one."""
    from distributed import KilledWorker, as_completed

    from backproof.batch.remote_bench import grade_chunk

    if not chunks:
        return
    slots = {GPU_SLOT: 1} if settings.device != "cpu" else None
    futures = client.map(grade_chunk, chunks, pure=False, resources=slots)
    places = dict(zip((future.key for future in futures), chunks, strict=True))
    try:
        for future in as_completed(futures):
            try:
                yield from future.result()
            except KilledWorker:
                lost += [[one] for one in places[future.key]]
    finally:
        client.cancel(futures)


def _bench_plugin(settings: Settings) -> Any:
    from backproof.batch.remote_bench import BenchPlugin

    return BenchPlugin(settings, grader_id())


# --- clusters -----------------------------------------------------------------------------------


def _connect(address: str, opened: ExitStack) -> Any:
    try:
        import dask
        from distributed import Client
    except ImportError as error:
        raise BackproofError(
            f"--cluster {address}: Dask is not installed: pip install 'backproof[cluster]'"
        ) from error
    opened.enter_context(dask.config.set({"distributed.scheduler.allowed-failures": ATTEMPTS - 1}))
    kind, _, number = address.partition(":")
    if kind in _STARTED:
        if not number.isdigit() or int(number) < 1:
            raise BackproofError(f"--cluster {address}: say how many workers, as in {kind}:2")
        return opened.enter_context(Client(opened.enter_context(_STARTED[kind](int(number)))))
    try:
        client = opened.enter_context(Client(address, timeout=10))
        client.wait_for_workers(1, timeout=WAIT_SECONDS)
    except (OSError, ValueError) as error:
        raise BackproofError(
            f"--cluster {address}: no scheduler of Dask answers there, or it has no worker: {error}"
        ) from error
    return client


def _local(workers: int) -> Any:
    """Processes on this machine; nothing listens for other machines, and there is no web page."""
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        memory_limit=0,  # submissions have a limit of their own
        resources={GPU_SLOT: 1},
    )


def _slurm(workers: int) -> Any:
    """Jobs as ~/.config/dask/jobqueue.yaml says; one worker in each."""
    try:
        from dask_jobqueue import SLURMCluster

        cluster = SLURMCluster(
            cores=1, processes=1, worker_extra_args=["--resources", f"{GPU_SLOT}=1"]
        )
    except (ImportError, ValueError) as error:
        raise BackproofError(f"--cluster slurm: {error}; see docs/cluster.md") from error
    cluster.scale(jobs=workers)
    return cluster


_STARTED: Mapping[str, Callable[[int], Any]] = {"local": _local, "slurm": _slurm}


# --- what travels ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Weights:
    """Weights that were read here: the files beside a submission are nowhere else."""

    found: Mapping[str, Mapping[str, NDArray[Any]] | str]

    def __call__(self, name: str) -> Mapping[str, NDArray[np.generic]]:
        arrays = self.found[name]
        if isinstance(arrays, str):
            raise BackproofError(arrays)
        return arrays


def _carried(submission: Submission, names: Sequence[str]) -> Submission:
    if submission.weights is None:
        return submission
    found: dict[str, Mapping[str, NDArray[Any]] | str] = {}
    for name in names:
        try:
            found[name] = submission.weights(name)
        except BackproofError as error:  # for the student, when the check is run
            found[name] = str(error)
    return replace(submission, weights=_Weights(found))
