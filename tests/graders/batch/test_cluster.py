"""A class on a cluster of Dask: the same reports, whatever becomes of a worker."""

import dataclasses
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from backproof.batch import Journal, Settings, grade_class
from backproof.batch.cluster import _carried
from backproof.model import Assignment, BackproofError, Report, Submission

pytest.importorskip("distributed", reason="needs the extra backproof[cluster]")

# A worker that is killed leaves its sockets open, and so does Dask when it goes.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)


def plain(report: Report) -> Report:
    """A report without what a clock says."""
    return replace(
        report, seconds=0.0, results=tuple(replace(r, seconds=0.0) for r in report.results)
    )


def workers() -> list[int]:
    """Processes that Dask has started for us."""
    psutil = pytest.importorskip("psutil")
    children = psutil.Process().children()
    return [c.pid for c in children if "--multiprocessing-fork" in c.cmdline()]


@pytest.fixture
def cluster() -> Iterator[str]:
    """The address of a scheduler that has one worker, as another program has started it."""
    from distributed import LocalCluster

    with LocalCluster(
        n_workers=1, threads_per_worker=2, host="127.0.0.1", dashboard_address=None, memory_limit=0
    ) as started:
        yield started.scheduler_address


def test_a_cluster_says_what_one_process_says_though_a_worker_is_killed(
    homework: Assignment,
    class_of_four: list[Submission],
    right_work: Callable[[str], Submission],
    settings: Settings,
    tmp_path: Path,
) -> None:
    """In the order of the class, and nothing twice in the journal."""
    submissions = [*class_of_four, *(right_work(f"student {n}") for n in range(8))]
    killed: list[int] = []

    def kill(known: int, report: Report | None) -> None:
        if report is not None and not killed:
            killed.append(workers()[0])
            os.kill(killed[0], signal.SIGKILL)

    alone = grade_class(homework, submissions, settings)
    with Journal(tmp_path / "j") as journal:
        run = grade_class(
            homework, submissions, settings, cluster="local:2", journal=journal, advance=kill
        )
        kept = journal.reports()

    assert killed
    assert not run.faults
    assert list(map(plain, run.reports)) == list(map(plain, alone.reports))
    assert sorted(r.submission for r in kept) == sorted(s.name for s in submissions if s.cells)
    assert not workers(), "they end with the run"


def test_a_cluster_that_goes_on_keeps_nothing_of_a_run(
    homework: Assignment, class_of_four: list[Submission], settings: Settings, cluster: str
) -> None:
    """Two runs, with other hidden cases, on one worker with two threads."""
    from distributed import Client

    with Client(cluster) as client:
        for seed in ("autumn", "spring"):
            other = dataclasses.replace(settings, seed=seed)
            run = grade_class(homework, class_of_four, other, cluster=cluster)

            assert [r.points for r in run.reports] == [2, 0.5, 2, 0]
            assert {r.seed for r in run.reports} == {seed}
            assert not any("bench" in name for name in _plugins(client))


def _plugins(client: object) -> list[str]:
    def names(dask_worker: object) -> list[str]:
        return list(dask_worker.plugins)  # type: ignore[attr-defined]

    found = client.run(names)  # type: ignore[attr-defined]
    return [name for plugins in found.values() for name in plugins]


def test_a_worker_of_another_version_grades_nothing(
    homework: Assignment,
    class_of_four: list[Submission],
    settings: Settings,
    cluster: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("backproof.batch.cluster.grader_id", lambda: "of yesterday")

    with pytest.raises(BackproofError, match=r"worker tcp://\S+ has another version of backproof"):
        grade_class(homework, class_of_four, settings, cluster=cluster)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://127.0.0.1:9", "no scheduler of Dask answers there"),
        ("local:many", "say how many workers, as in local:2"),
        ("slurm:0", "say how many workers, as in slurm:2"),
        ("nowhere", "no scheduler of Dask answers there"),
    ],
)
def test_what_is_no_cluster_is_worded(
    homework: Assignment,
    class_of_four: list[Submission],
    settings: Settings,
    address: str,
    said: str,
) -> None:
    with pytest.raises(BackproofError, match=said):
        grade_class(homework, class_of_four, settings, cluster=address)


def test_weights_travel_with_their_submission() -> None:
    """What was handed in beside a notebook is not on the other machine; what is wrong with it is
    said there all the same."""

    def weights(name: str) -> dict[str, np.ndarray]:
        if name == "broken":
            raise BackproofError("ada.broken.npz is a pickle")
        return {"w": np.arange(3)}

    submission = Submission(name="ada", path=Path("ada.py"), digest="", weights=weights)
    carried = _carried(submission, ["weights", "broken"])

    assert carried.weights is not None
    assert carried.weights("weights")["w"].tolist() == [0, 1, 2]
    with pytest.raises(BackproofError, match=r"ada\.broken\.npz is a pickle"):
        carried.weights("broken")
