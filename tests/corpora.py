"""The two corpora as data: every submission with its header, put together as it is handed in.

A header stands in the first comment lines of a `.py`, or in a `.toml` beside a notebook:

    # tries: what it attempts, in a few words       (honest ones: `odd`, what is unusual)
    # deserves: the points that it is worth
    # shows: a text that the report must hold, so that the attempt is known to have been made
    # needs: the isolation profile without which what it tries is possible
    # on: reference (the default: it follows the reference solution, and overrides some of it)
    #     or: nothing
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path

HOMEWORK = "first_layers"
FULL = 40.0
NOTEBOOK = ".ipynb"


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One submission of a corpus.

    broken_by: why it is a known failure of ours, or empty. needs: the isolation profile without
    which what it tries is possible, or empty.
    """

    path: Path
    about: str
    deserves: float
    shows: tuple[str, ...]
    on_reference: bool
    broken_by: str
    needs: str

    @property
    def group(self) -> str:
        return self.path.parent.name

    @property
    def name(self) -> str:
        return f"{self.group}/{self.path.stem}"

    @property
    def denials(self) -> int:
        return sum(text.startswith("denied: ") for text in self.shows)


def read_corpus(folder: Path) -> list[Entry]:
    """Every submission of a folder of groups, in the order of their names."""
    files = [path for path in folder.rglob("*.*") if path.suffix in (".py", NOTEBOOK)]
    return [_entry(path) for path in sorted(files)]


def _entry(path: Path) -> Entry:
    fields = _comments(path) if path.suffix == ".py" else _table(path.with_suffix(".toml"))
    unknown = fields.keys() - {"tries", "odd", "deserves", "shows", "on", "broken_by", "needs"}
    assert not unknown, f"{path}: unknown header {unknown}"
    on = fields.get("on", ["reference"])[0]
    assert on in ("reference", "nothing"), f"{path}: on {on!r}"
    return Entry(
        path=path,
        about=" ".join(fields.get("tries", []) or fields["odd"]),
        deserves=float(fields.get("deserves", [str(FULL)])[0]),
        shows=tuple(fields.get("shows", [])),
        on_reference=on == "reference",
        broken_by=" ".join(fields.get("broken_by", [])),
        needs=" ".join(fields.get("needs", [])),
    )


def _comments(path: Path) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for line in path.read_text("utf-8-sig").splitlines():
        if not line.startswith("# "):
            break
        key, _, value = line[2:].partition(": ")
        fields.setdefault(key, []).append(value)
    return fields


def _table(path: Path) -> dict[str, list[str]]:
    table = tomllib.loads(path.read_text())
    return {k: v if isinstance(v, list) else [str(v)] for k, v in table.items()}


def hand_in(entry: Entry, solution: str, folder: Path, prelude: str = "") -> Path:
    """Write a submission into a folder, after the solution where it follows one."""
    before = f"{solution if entry.on_reference else ''}\n{prelude}\n"
    path = folder / f"{HOMEWORK}{entry.path.suffix}"
    if entry.path.suffix == ".py":
        path.write_bytes(before.encode() * bool(before.strip()) + entry.path.read_bytes())
        return path
    text = entry.path.read_text("utf-8")
    cell = {"cell_type": "code", "metadata": {}, "source": before, "outputs": []}
    mark = '"cells": ['
    assert mark in text, f"{entry.path}: the first cell is put after {mark}"
    path.write_text(text.replace(mark, f"{mark}{json.dumps(cell)},", 1), "utf-8")
    return path
