"""Hostile things to hand in that are more than the text of one file: links, archives, folders."""

from __future__ import annotations

import io
import json
import os
import pickle
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = "first_layers.py"

Where = Mapping[str, Any]
Make = Callable[[Path, Where], object]


@dataclass(frozen=True, kw_only=True)
class HandedIn:
    """What one student's folder holds, what it is worth, and a text that its report shows."""

    tries: str
    make: Make
    shows: str
    deserves: float = 0.0


def _write(folder: Path, data: bytes | str, name: str = FILE) -> None:
    (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)


def _link(folder: Path, target: str) -> None:
    (folder / FILE).symlink_to(target)


def _linked_folder(folder: Path, where: Where) -> None:
    folder.rmdir()
    folder.symlink_to(Path(where["other student"]).parent)


def _climbing_zip(folder: Path, where: Where) -> None:
    with zipfile.ZipFile(folder / "work.zip", "w") as archive:
        archive.writestr("../zoe/" + FILE, "tikhonov_factor = 'overwritten'")
        archive.writestr(where["secret"], "overwritten")


def _climbing_tar(folder: Path, where: Where) -> None:
    with tarfile.open(folder / "work.tar", "w") as archive:
        link = tarfile.TarInfo("inside")
        link.type, link.linkname = tarfile.SYMTYPE, where["folder"]
        archive.addfile(link)
        archive.addfile(tarfile.TarInfo("inside/secret"), io.BytesIO())


class _Payload:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch /tmp/stray",)


def _shadowing(folder: Path, where: Where) -> None:
    for name in ("torch", "numpy", "backproof", "conftest", "sitecustomize", "json"):
        _write(folder, "raise SystemExit('shadowed')\n", f"{name}.py")
    _write(folder, "import os; os._exit(0)\n", "stray.pth")
    _write(folder, "[pytest]\naddopts = --collect-only\n", "pytest.ini")
    _write(
        folder, "import torch\n\n\ndef dropout(x, drop_prob):\n    raise ValueError('own file')\n"
    )


def _cells(folder: Path, where: Where) -> None:
    cell = {"cell_type": "code", "metadata": {}, "outputs": [], "source": "pass"}
    notebook = {"cells": [cell] * 6000, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    _write(folder, json.dumps(notebook), "first_layers.ipynb")


def _deep(folder: Path, where: Where) -> None:
    inner = folder.joinpath(*"abcdefghijklmnopqrstuvwxyz")
    inner.mkdir(parents=True)
    _write(inner, "x = 1\n")


def _sparse(folder: Path, where: Where) -> None:
    with open(folder / FILE, "wb") as file:
        file.truncate(1 << 36)


def _odd_name(folder: Path, where: Where) -> None:
    inner = Path(os.fsdecode(os.fsencode(folder) + b"/\x1b[2J\n40-40 \xff --exit-zero"))
    inner.mkdir()
    _write(inner, "x = 1\n")


DEEP = "-" * 30_000 + "1"
CHAIN = "x = " + "1 + " * 15_000 + "1"

HANDED_IN: Mapping[str, HandedIn] = {
    "link_to_the_secret": HandedIn(
        tries="hands in a link to a file of the grader",
        make=lambda folder, where: _link(folder, where["secret"]),
        shows="is a link",
    ),
    "link_to_a_device": HandedIn(
        tries="hands in a link to a file without end",
        make=lambda folder, where: _link(folder, "/dev/zero"),
        shows="is a link",
    ),
    "link_to_another_student": HandedIn(
        tries="hands in a link to another student's folder",
        make=_linked_folder,
        shows="is a link to a folder",
    ),
    "pipe": HandedIn(
        tries="hands in a pipe that nobody writes to",
        make=lambda folder, where: os.mkfifo(folder / FILE),
        shows="not a regular file",
    ),
    "climbing_zip": HandedIn(
        tries="an archive whose members climb into another student's folder",
        make=_climbing_zip,
        shows="no .py or .ipynb",
    ),
    "climbing_tar": HandedIn(
        tries="an archive with a link, and a member behind it",
        make=_climbing_tar,
        shows="no .py or .ipynb",
    ),
    "compressed_bomb": HandedIn(
        tries="a gigabyte of zeros, compressed, under the name of the homework",
        make=lambda folder, where: _write(folder, zlib.compress(bytes(1 << 26))),
        shows="not UTF-8|not Python source",
    ),
    "pickle": HandedIn(
        tries="a pickle that runs a command when it is read",
        make=lambda folder, where: _write(folder, pickle.dumps(_Payload())),
        shows="not UTF-8|not Python source",
    ),
    "files_named_like_libraries": HandedIn(
        tries="files beside the submission that an import would prefer",
        make=_shadowing,
        shows="own file",
    ),
    "six_thousand_cells": HandedIn(
        tries="a notebook of more cells than one message holds",
        make=_cells,
        shows="6000 code cells",
    ),
    "deep_folder": HandedIn(tries="folders in folders", make=_deep, shows="lies too deep"),
    "sparse_file": HandedIn(
        tries="a file of 64 GiB that takes no space", make=_sparse, shows="65536 MiB"
    ),
    "odd_name": HandedIn(
        tries="a folder's name that steers the terminal and forges a line",
        make=_odd_name,
        shows="there is no",
    ),
    "deep_expression": HandedIn(
        tries="an expression so deep that a parser falls over",
        make=lambda folder, where: _write(folder, f"x = {DEEP}\n"),
        shows="not Python source|RecursionError|MemoryError",
    ),
    "long_expression": HandedIn(
        tries="a chain of sums that is long enough for a compiler to fall over",
        make=lambda folder, where: _write(folder, CHAIN),
        shows="not Python source|RecursionError|there is no",
    ),
    "encoding_that_is_none": HandedIn(
        tries="declares an encoding that is no text encoding",
        make=lambda folder, where: _write(folder, "# coding: rot13\nvzcbeg bf\n"),
        shows="encoding|there is no",
    ),
    "encoding_that_fails": HandedIn(
        tries="declares an encoding whose decoder fails in its own way",
        make=lambda folder, where: _write(folder, "# coding: undefined\nimport os\n"),
        shows="encoding|there is no",
    ),
    "encoding_of_names": HandedIn(
        tries="declares an encoding that is slow and meant for host names",
        make=lambda folder, where: _write(folder, b"# coding: idna\nxn--" + b"\x80a-" * 20_000),
        shows="encoding|UTF-8|there is no",
    ),
    "endless_number": HandedIn(
        tries="a notebook with a number of a million digits",
        make=lambda folder, where: _write(
            folder, '{"cells": [], "x": ' + "9" * 10**6 + "}", "first_layers.ipynb"
        ),
        shows="not a notebook",
    ),
    "nested_notebook": HandedIn(
        tries="a notebook that is a hundred thousand lists deep",
        make=lambda folder, where: _write(
            folder, '{"cells": ' + "[" * 10**5 + "]" * 10**5 + "}", "first_layers.ipynb"
        ),
        shows="not a notebook",
    ),
}
