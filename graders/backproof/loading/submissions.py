"""Submissions from files, folders and notebooks: read as text, nothing is run."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from backproof.model import BackproofError, Submission

SUFFIXES = (".py", ".ipynb")
MAX_BYTES = 64 << 20
"""Larger files are refused: a notebook with that much output has gone wrong."""


def _candidates(folder: Path) -> list[Path]:
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in SUFFIXES
        and not path.name.startswith((".", "test_", "conftest"))
        and path.is_file()
    )


def find_submissions(path: Path, assignment: str) -> list[Path]:
    """The submission files that a path given by the caller stands for.

    A file is a submission. A folder with `<assignment>.py` or `<assignment>.ipynb`, or with just
    one file, is one submission; any other folder holds submissions: its files and its sub-folders.

    Raises:
        BackproofError: the path does not exist or holds no submission.
    """
    if not path.exists():
        raise BackproofError(f"no file or folder {str(path)!r}")
    if path.is_file():
        return [path]
    files = _candidates(path)
    named = [file for file in files if file.stem == assignment]
    if len(named) > 1:
        names = " and ".join(file.name for file in named)
        raise BackproofError(f"{path} holds {names}: which is the submission? Name the file")
    if named:
        return named
    folders = [
        folder
        for folder in sorted(path.iterdir())
        if folder.is_dir() and not folder.is_symlink() and not folder.name.startswith((".", "_"))
    ]
    nested = [
        found
        for folder in folders
        if _candidates(folder)
        for found in find_submissions(folder, assignment)
    ]
    if not files and not nested:
        raise BackproofError(f"no .py or .ipynb file in {str(path)!r}")
    return [*files, *nested]


def _read(path: Path) -> bytes:
    """The bytes of a regular file; links and devices are refused, so nothing else is ever read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise BackproofError(f"cannot be read: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise BackproofError("is not a regular file")
        if status.st_size > MAX_BYTES:
            raise BackproofError(
                f"is {status.st_size >> 20} MiB; at most {MAX_BYTES >> 20} are read"
            )
        return file.read(MAX_BYTES + 1)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BackproofError(
            f"is not UTF-8 text: byte {error.start} is {data[error.start]:#04x}"
        ) from error


def _module_cells(text: str) -> tuple[str, ...]:
    try:
        ast.parse(text)
    except SyntaxError as error:
        line = (error.text or "").strip()
        raise BackproofError(
            f"has a syntax error in line {error.lineno}: {error.msg}"
            + (f": {line[:120]}" if line else "")
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise BackproofError(f"is not Python source: {error}") from error
    return (text,)


def is_test_cell(cell: Mapping[str, Any]) -> bool:
    """Whether nbgrader's metadata mark a cell as a grading cell of ours, which is never run."""
    mark = cell.get("metadata", {}).get("nbgrader", {})
    return isinstance(mark, dict) and bool(mark.get("grade")) and not mark.get("solution")


def notebook_cells(cells: Iterable[Any]) -> Iterator[str]:
    """Source of the code cells that a student may have written, in order.

    Raises:
        BackproofError: a cell is not what the notebook format says.
    """
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, Mapping) or not isinstance(cell.get("metadata", {}), Mapping):
            raise BackproofError(f"is not a notebook: cell {number} has no cell structure")
        if cell.get("cell_type") != "code" or is_test_cell(cell):
            continue
        source = cell.get("source", "")
        text = (
            "".join(source)
            if isinstance(source, list) and all(isinstance(s, str) for s in source)
            else source
        )
        if not isinstance(text, str):
            raise BackproofError(f"is not a notebook: the source of cell {number} is no text")
        yield text


def _notebook(text: str) -> tuple[str, ...]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BackproofError(f"is not a notebook: {error}") from error
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise BackproofError("is not a notebook of format 4: it has no list of cells")
    return tuple(notebook_cells(cells))


def read_submission(path: Path, name: str | None = None) -> Submission:
    """Read one file. What is wrong with it becomes the submission's `fault`, never an exception."""
    name = name or path.name
    digest = ""
    try:
        data = _read(path)
        digest = hashlib.sha256(data).hexdigest()
        text = _decode(data)
        if path.suffix == ".ipynb":
            cells, is_notebook = _notebook(text), True
        elif path.suffix == ".py":
            cells, is_notebook = _module_cells(text), False
        else:
            raise BackproofError(
                f"is neither .py nor .ipynb but {path.suffix or 'without a suffix'!r}"
            )
    except BackproofError as error:
        return Submission(name=name, path=path, digest=digest, fault=f"{path.name} {error}")
    return Submission(name=name, path=path, digest=digest, cells=cells, is_notebook=is_notebook)
