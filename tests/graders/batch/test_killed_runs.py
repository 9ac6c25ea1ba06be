"""A run that is killed again and again ends with the results of one that nobody disturbs."""

import contextlib
import json
import os
import random
import sqlite3
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import pytest

from backproof.batch import Journal, Settings, grade_class
from backproof.frontends.cli import ExitCode, main
from backproof.intake import scratch, take_in
from backproof.model import Assignment, Report

CODES = (
    "import torch\n\ndef relu_backward(dout, x):\n    return dout * (x > 0)\n",
    "def relu_backward(dout, x):\n    return dout * (x >= 0)\n",
    "def relu_backward(dout, x):\n    raise ValueError('not yet')\n",
    "def relu_backward(dout, x:\n",
)
SECONDS = 300.0


def plain(report: Report) -> Report:
    """A report without what a clock says."""
    return replace(
        report, seconds=0.0, results=tuple(replace(r, seconds=0.0) for r in report.results)
    )


class Class:
    """A class in a folder, whose files are all different, and the journal of its grading."""

    def __init__(self, folder: Path, homework: Path, size: int) -> None:
        self.work, self.journal, self.homework = folder / "work", folder / "journal", homework
        self.work.mkdir()
        for number in range(size):
            code = CODES[number % len(CODES)]
            (self.work / f"s{number:04}.py").write_text(f"# {number}\n{code}")

    def start(self, *more: str) -> "subprocess.Popen[str]":
        command = [sys.executable, "-m", "backproof.frontends.cli", "grade", str(self.homework)]
        # A seed that is named is not the journal's.
        environment = {n: value for n, value in os.environ.items() if n != "BACKPROOF_SECRET"}
        return subprocess.Popen(
            [*command, str(self.work), "--journal", str(self.journal), "--jobs", "2", *more],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def rows(self) -> list[tuple[str, str | None]]:
        """The submission and the reason for its replacement, of everything that was ever kept."""
        if not self.journal.exists():
            return []
        with contextlib.closing(sqlite3.connect(self.journal, timeout=30)) as file:
            try:
                return file.execute("SELECT submission, replaced FROM graded").fetchall()
            except sqlite3.OperationalError:  # it is just being made
                return []


def kill_again_and_again(of: Class, times: int, size: int, seed: str) -> int:
    """Kill the main process at random moments of its work; how many reports each run may add."""
    random_ = random.Random(seed)
    for number in range(times):
        # Before the first report, or after some, and then anywhere between two.
        goal = 0 if number == 0 else len(of.rows()) + random_.randint(1, max(1, size // times))
        with of.start() as process:
            until = time.monotonic() + SECONDS
            while len(of.rows()) < goal and process.poll() is None:
                assert time.monotonic() < until, "nothing was graded"
                time.sleep(0.02)
            time.sleep(random_.uniform(0, 0.1 if goal else 3))
            process.kill()
    return len(of.rows())


@pytest.mark.parametrize(
    ("size", "times"), [(24, 4), pytest.param(500, 10, marks=pytest.mark.slow)]
)
def test_a_run_that_is_killed_again_and_again_loses_and_repeats_nothing(
    homework: Assignment, folder: Path, settings: Settings, tmp_path: Path, size: int, times: int
) -> None:
    """At random moments: everything that was kept stays, and is kept once."""
    disturbed = Class(tmp_path, folder, size)
    before = kill_again_and_again(disturbed, times, size, f"{size} {times}")
    with disturbed.start("--exit-zero") as process:
        _, err = process.communicate(timeout=SECONDS * 4)
    assert process.returncode == ExitCode.OK, err
    if before:
        assert f"{before} of them were graded before" in err

    rows = disturbed.rows()
    assert len({submission for submission, _ in rows}) == len(rows) == size
    assert all(replaced is None for _, replaced in rows)
    with Journal(disturbed.journal) as journal:
        kept = {report.submission: plain(report) for report in journal.reports()}
        settings = replace(settings, seed=journal.seed(homework, "of no use"))
    with scratch() as place:
        submissions = take_in(disturbed.work, homework.name, place)
        undisturbed = grade_class(homework, submissions, settings, jobs=2)
    assert set(kept) == {report.submission for report in undisturbed.reports}
    assert not [
        (field.name, getattr(report, field.name), getattr(kept[report.submission], field.name))
        for report in map(plain, undisturbed.reports)
        for field in fields(Report)
        if getattr(report, field.name) != getattr(kept[report.submission], field.name)
    ]


def grade(folder: Path, tmp_path: Path) -> list[str]:
    work = Class(tmp_path, folder, 8).work
    return ["grade", str(folder), str(work), "--json", str(tmp_path / "g.json"), "--jobs", "1"]


def test_a_locked_journal_ends_the_command_in_words(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Somebody else has it open, and does not give it back: nothing is graded or lost."""
    monkeypatch.setattr("backproof.batch.journal.BUSY_SECONDS", 0.1)
    path = tmp_path / "g.json.journal"
    Journal(path).close()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        code = main(grade(folder, tmp_path))

    err = capsys.readouterr().err
    assert code == ExitCode.USAGE
    assert "g.json.journal' cannot be used: database is locked" in err
    assert "Traceback" not in err


def test_a_full_disk_is_said_and_the_marks_are_written_all_the_same(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """SQLite's own limit on the file stands for the disk's; the command does not end as if all were well."""
    unlimited = Journal._open

    def limited(journal: Journal) -> None:
        unlimited(journal)
        (pages,) = journal._file.execute("PRAGMA page_count").fetchone()
        journal._file.execute(f"PRAGMA max_page_count = {pages}")

    monkeypatch.setattr(Journal, "_open", limited)
    code = main(grade(folder, tmp_path))

    out, err = capsys.readouterr()
    assert code == ExitCode.OWN_ERROR
    assert "cannot be used: database or disk is full; mend that" in err
    assert len(out.splitlines()) == 8
    reports = json.loads((tmp_path / "g.json").read_text())["reports"]
    assert [report["points"] for report in reports] == [2, 0.5, 0, 0] * 2
    with Journal(tmp_path / "g.json.journal") as journal:
        assert 0 < len(journal.reports()) < 8
