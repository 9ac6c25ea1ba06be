"""Folders of children are removed to the end, whoever else removes them."""

import os
from pathlib import Path

import pytest

from backproof.sandbox import scratch


def test_two_may_remove_a_tree_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the other one has taken away meanwhile does not keep the rest from being removed."""
    root = tmp_path / "root"
    for name in ("a", "b", "c"):
        (root / name / "inner").mkdir(parents=True)
        (root / f"{name}.txt").touch()
    scan = os.scandir

    def scan_while_somebody_removes(folder: Path) -> list[os.DirEntry[str]]:
        found = list(scan(folder))
        for entry in found[1:3]:
            os.rename(entry.path, tmp_path.parent / f"{tmp_path.name}-{entry.name}")
        return found

    monkeypatch.setattr("backproof.sandbox.scratch.os.scandir", scan_while_somebody_removes)
    scratch.remove(root)

    monkeypatch.undo()
    assert os.listdir(tmp_path) == []
