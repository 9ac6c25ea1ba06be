"""Right but unusual submissions: every one gets full marks."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from backproof.model import Report

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


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(
            entry,
            id=entry.name,
            marks=[pytest.mark.xfail(reason=entry.broken_by, strict=True)]
            if entry.broken_by
            else [],
        )
        for entry in CORPUS
    ],
)
def test_an_unusual_right_submission_gets_full_marks(
    entry: Any, solution: str, graded: Grader, tmp_path: Path
) -> None:
    """However it is written, what is right earns its points."""
    report = graded(corpora.hand_in(entry, solution, tmp_path))

    assert report.points == report.max_points, explained(report)


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
