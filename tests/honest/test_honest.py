"""Right but unusual submissions: every one gets full marks."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from backproof.answer_key import AnswerKey
from backproof.grading import grade
from backproof.loading import read_submission
from backproof.model import Assignment, Report
from backproof.sandbox import Isolated

HERE = Path(__file__).parent


def load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(f"honest_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


corpora = load(HERE.parent / "corpora.py")
CORPUS = corpora.read_corpus(HERE / "submissions")
Grader = Callable[[Path], Report]

BYTES: dict[str, Callable[[str], bytes]] = {
    "byte-order mark": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "carriage returns": lambda text: text.replace("\n", "\r\n").encode(),
    "old line ends": lambda text: text.replace("\n", "\r").encode(),
    "tabs": lambda text: text.replace("    ", "\t").encode(),
    "latin-1": lambda text: ("# coding: latin-1\n# caf\xe9\n" + ascii_only(text)).encode("latin-1"),
    "form feeds": lambda text: text.replace("\n\n\n", "\n\f\n\n").encode(),
    "no end of line": lambda text: text.rstrip().encode(),
    "trailing blanks": lambda text: text.replace("\n", "  \n").encode(),
    "a first line for the shell": lambda text: b"#!/usr/bin/env python3\n" + text.encode(),
}


def ascii_only(text: str) -> str:
    return text.encode("ascii", "ignore").decode()


def explained(report: Report) -> str:
    lost = [result for result in report.results if not result.verdict.earns_points]
    return "\n".join(f"{result.check}: {result.verdict}: {result.observed}" for result in lost)


NAMED = [pytest.param(entry, id=entry.name) for entry in CORPUS]
PROFILES = ("full", "base", "cold")
ALWAYS_COLD = frozenset({"calling/stars", "state/default_dtype", "notebooks/magics"})
"""In the profile cold each costs seconds: the others are run with --every-profile."""


@pytest.fixture(scope="module")
def runners() -> Iterator[dict[str, Isolated]]:
    """One of each profile; where a machine offers no namespaces, full is base."""
    with (
        Isolated() as strongest,
        Isolated(namespaces=False) as base,
        Isolated(least="cold") as cold,
    ):
        assert "base" in base.isolation
        assert cold.isolation.startswith("cold")
        yield dict(zip(PROFILES, (strongest, base, cold), strict=True))


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("entry", NAMED)
def test_an_unusual_right_submission_gets_full_marks(
    entry: Any,
    profile: str,
    solution: str,
    first_layers: Assignment,
    key: AnswerKey,
    runners: dict[str, Isolated],
    in_each_profile: Callable[..., None],
    tmp_path: Path,
) -> None:
    """However it is written, and however it is isolated, what is right earns its points."""
    in_each_profile(profile, entry.name, ALWAYS_COLD)
    submission = read_submission(corpora.hand_in(entry, solution, tmp_path))

    report = grade(first_layers, submission, runners[profile], key)

    assert report.points == report.max_points, explained(report)


@pytest.fixture(scope="module")
def checked_by_themselves(
    solution: str, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What lost points where each submission ran in the grading process, a fork for each."""
    folder = tmp_path_factory.mktemp("by themselves")
    files = {}
    for number, entry in enumerate(CORPUS):
        own = folder / str(number)
        own.mkdir()
        files[entry.name] = str(corpora.hand_in(entry, solution, own))
    command = [sys.executable, str(HERE / "by_itself.py"), str(repository), json.dumps(files)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])  # others print too
    return found


@pytest.mark.parametrize("entry", NAMED)
def test_the_same_holds_without_isolation(
    entry: Any, checked_by_themselves: dict[str, str]
) -> None:
    """Profile none, as in a student's own self-check: in the process that compares."""
    assert checked_by_themselves[entry.name] == ""


@pytest.mark.parametrize("write", BYTES.values(), ids=BYTES.keys())
def test_the_bytes_of_a_file_cost_nothing(
    write: Callable[[str], bytes], solution: str, graded: Grader, tmp_path: Path
) -> None:
    """Whatever an editor does to line ends, indentation and encoding, the work is the same."""
    path = tmp_path / "first_layers.py"
    path.write_bytes(write(solution))

    report = graded(path)

    assert report.points == report.max_points, explained(report)


def test_the_corpus_is_large_and_the_readme_says_how_large(repository: Path) -> None:
    """At least 30, and the number in the README is this one."""
    passing = sum(not entry.broken_by for entry in CORPUS) + len(BYTES)
    total = len(CORPUS) + len(BYTES)

    assert passing >= 30
    assert f"{passing} of {total} get full marks" in (repository / "README.md").read_text()
