"""Whoever is killed, at whatever moment: no finished result is lost, and nothing is left behind."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from backproof.batch import Journal
from backproof.frontends.cli import ExitCode

SIGNALS = {"killed": signal.SIGKILL, "ended": signal.SIGTERM, "interrupted": signal.SIGINT}
ENDED = ("ended", "interrupted")
EVERYBODY = [f"student{number}" for number in range(4)]
FULL = 40.0
SECONDS = 120.0
GROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/memory", "/sys/fs/cgroup/pids")

# Long enough to be met in the middle; leaves what it can behind.
BUSY = """
import os, threading, time
for number in range(20):
    open(f"left{number}", "w").write("x" * 1000)
threading.Thread(target=time.sleep, args=(600,), daemon=True).start()
time.sleep(0.3)
"""


class Place:
    """A run of `backproof grade` in folders of its own, and what can be seen of it from outside."""

    def __init__(self, folder: Path, solution: str) -> None:
        self.work, self.temporary = folder / "work", folder / "temporary"
        self.work.mkdir()
        self.temporary.mkdir()
        self.report = folder / "grades.json"
        for name in EVERYBODY:
            (self.work / f"{name}.py").write_text(f"{solution}{BUSY}# {name}\n")
        self._shared = set(os.listdir("/dev/shm"))
        self._names: set[str] = set()

    def start(self, *more: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "backproof.frontends.cli", "grade", "first_layers"]
        return subprocess.Popen(
            [*command, str(self.work), "--json", str(self.report), "--seed", "killed", *more],
            env=os.environ | {"TMPDIR": str(self.temporary)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def finished(self) -> dict[str, float]:
        """The points of what was finished, by submission, from the report or else the journal."""
        if self.report.exists() and (text := self.report.read_text()):
            reports = json.loads(text)["reports"]
            return {Path(report["submission"]).stem: report["points"] for report in reports}
        path = Path(f"{self.report}.journal")
        if not path.exists():
            return {}
        with Journal(path) as journal:
            return {Path(r.submission).stem: r.points for r in journal.reports()}

    def look_around(self) -> list[str]:
        """Folders that are there now; a control group has its folder's name, and may outlive it."""
        present = os.listdir(self.temporary)
        self._names |= set(present)
        return present

    def left(self) -> list[str]:
        """Everything that is left of a run."""
        found = [*self.look_around(), *(f"process {process}" for process in self.processes())]
        candidates = [Path(root, name) for root in GROUPS for name in self._names]
        found += [f"control group {path}" for path in candidates if path.exists()]
        found += [f"shared memory {name}" for name in set(os.listdir("/dev/shm")) - self._shared]
        return found

    def processes(self) -> list[str]:
        """Those that know the folder for temporary files: every process of ours does."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):  # ended meanwhile
                if str(self.temporary).encode() in (process / "environ").read_bytes():
                    found.append(process.name)
        return found

    def named(self, table: str) -> list[str]:
        """Lines of a table of the kernel with a folder of this run: others may run beside it."""
        lines = Path(table).read_text().splitlines()
        names = {str(self.temporary), *self._names}
        return [line for line in lines if any(name in line for name in names)]

    def check_nothing_is_left(self) -> None:
        until = time.monotonic() + SECONDS
        while left := self.left():
            assert time.monotonic() < until, left
            time.sleep(0.2)
        assert self.named("/proc/self/mounts") == []
        assert self.named("/proc/net/unix") == []


@pytest.fixture
def place(tmp_path: Path, solution: str) -> Place:
    return Place(tmp_path, solution)


@pytest.fixture(scope="module")
def seconds(tmp_path_factory: pytest.TempPathFactory, solution: str) -> float:
    """How long a run takes that nobody disturbs, in which everything is right."""
    place = Place(tmp_path_factory.mktemp("undisturbed"), solution)
    began = time.monotonic()
    with place.start() as process:
        assert process.wait() == ExitCode.OK
    assert place.finished() == dict.fromkeys(EVERYBODY, FULL)
    assert not Path(f"{place.report}.part").exists()
    place.check_nothing_is_left()
    return time.monotonic() - began


MOMENTS = [("killed", n, 1) for n in range(4)] + [(how, n, 1) for how in ENDED for n in range(2)]
MOMENTS += [("killed", 4, 2), ("killed", 5, 2), ("interrupted", 2, 2)]


@pytest.mark.parametrize(("how", "number", "jobs"), MOMENTS)
def test_a_grader_that_is_ended_loses_nothing_and_leaves_nothing(
    place: Place, seconds: float, how: str, number: int, jobs: int
) -> None:
    """At random moments of a run: what was finished is on disk, and everything else is gone."""
    moment = random.Random(f"{how} {number}").uniform(0.1, 1.0) * seconds
    with place.start("--jobs", str(jobs)) as process:
        until = time.monotonic() + moment
        while time.monotonic() < until:
            place.look_around()
            time.sleep(0.1)
        before = place.finished()
        process.send_signal(SIGNALS[how])
        errors = process.stderr.read().decode()
        code = process.wait()

    assert code in (-SIGNALS[how], ExitCode.INTERRUPTED, ExitCode.OK), errors
    assert code < 0 or "Traceback" not in errors
    place.check_nothing_is_left()
    after = place.finished()
    assert set(after) >= set(before)
    assert set(after.values()) <= {FULL}


@pytest.mark.parametrize("isolation", ["full", "base"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_warm_parent_that_is_ended_costs_nobody_a_point(
    place: Place, isolation: str, number: int
) -> None:
    """At random moments, twice in one run: another one takes over, and every result is right."""
    rng = random.Random(f"{isolation} {number}")
    with place.start("--isolation", isolation) as process:
        for finished in (1, 2):
            while len(place.finished()) < finished and process.poll() is None:
                place.look_around()
                time.sleep(0.1)
            time.sleep(rng.uniform(0.0, 0.5))
            for child in children_of(process.pid):
                with contextlib.suppress(ProcessLookupError):  # replaced just now
                    os.kill(child, number)
        errors = process.stderr.read().decode()

    assert process.returncode == ExitCode.OK, errors
    assert place.finished() == dict.fromkeys(EVERYBODY, FULL)
    place.check_nothing_is_left()


def children_of(pid: int) -> list[int]:
    return list(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def test_the_search_finds_what_is_left(place: Place) -> None:
    """The test of the test: a folder, a process, a socket and shared memory are noticed."""
    assert place.left() == []
    folder = place.temporary / "backproof-left"
    folder.mkdir()
    shared = Path("/dev/shm/backproof-left")
    shared.touch()
    environment = {"TMPDIR": str(place.temporary)}
    with (
        subprocess.Popen(["/bin/sleep", "60"], env=environment) as process,
        socket.socket(socket.AF_UNIX) as listening,
    ):
        listening.bind(f"\0{place.temporary}")
        time.sleep(0.2)
        found = place.left()
        sockets = place.named("/proc/net/unix")
        process.kill()
    shared.unlink()
    folder.rmdir()
    assert len(sockets) == 1
    assert found == ["backproof-left", f"process {process.pid}", "shared memory backproof-left"]
    assert place.left() == []
