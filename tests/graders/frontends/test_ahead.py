"""Submissions that are graded while others are written."""

import json
import time
from pathlib import Path

import pytest

from backproof.frontends.nbgrader import ahead
from backproof.model import BackproofError


def notebook(path: Path, code: str) -> Path:
    cell = {"cell_type": "code", "source": code, "metadata": {}, "outputs": []}
    path.write_text(json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4}))
    return path


def test_who_interrupts_does_not_wait_for_what_runs(tmp_path: Path, repository: Path) -> None:
    """It is ended with its process, and the next run has another one."""
    endless = notebook(tmp_path / "ada.ipynb", "import time\ntime.sleep(50)")
    homework = repository / "assignments" / "first_layers"
    moments = []

    def interrupt() -> None:
        with ahead.graded_ahead(homework, lambda: "ahead", {"ada": endless}):
            ahead.bench(homework, "ahead")
            time.sleep(1)
            moments.append(time.monotonic())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupt()
    (interrupted,) = moments
    assert time.monotonic() - interrupted < 20
    assert not ahead._benches


def test_a_failure_to_start_costs_one_student_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory was short for a moment: whoever is next tries again."""
    failures = [BackproofError("short of memory")]

    def bench(folder: Path, seed: str) -> object:
        if failures:
            raise failures.pop()
        return "bench"

    monkeypatch.setattr(ahead, "bench", bench)
    monkeypatch.setattr(ahead, "grade_file", lambda bench, path, student: student)
    monkeypatch.setattr(ahead, "LANES", 1)
    files = {"ada": tmp_path / "a", "bob": tmp_path / "b"}
    with ahead.graded_ahead(tmp_path, lambda: "seed", files) as reports:
        with pytest.raises(BackproofError, match="short"):
            reports["ada"]()
        assert reports["bob"]() == "bob"
