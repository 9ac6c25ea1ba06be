"""Submissions from files, folders and notebooks: read as text, nothing is run."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import tokenize
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from backproof.loading.files import read_file
from backproof.loading.parsing import parsed
from backproof.loading.weights import MAX_BYTES as MAX_WEIGHTS
from backproof.loading.weights import read_weights, weights_beside, weights_in
from backproof.model import BackproofError, Submission

SUFFIXES = (".py", ".ipynb")
MAX_BYTES = 64 << 20
"""Larger files are refused: a notebook with that much output has gone wrong."""


MAX_SOURCE = 1 << 20
"""Nobody writes a megabyte of homework by hand; a notebook's outputs do not count."""
PARSED_HERE = 1 << 16
"""Longer sources meet the parser in the student's process only: some take it minutes."""
MAX_DEPTH = 8
MAX_CELLS = 2000
"""Each cell travels as a buffer of its own, and a message has a bounded number of them."""


def _entries(folder: Path) -> list[Path]:
    """What a folder holds, without hidden files and caches."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith((".", "__")))
    except OSError as error:
        raise BackproofError(f"cannot be read: {error.strerror}") from error


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # a link to an impossible place: reading it will say so
        return False


def _candidates(entries: list[Path]) -> list[Path]:
    return [
        path
        for path in entries
        if path.suffix in SUFFIXES
        and not path.name.startswith(("test_", "conftest"))
        and not _is_folder(path)
    ]


def find_submissions(path: Path, assignment: str) -> list[Submission]:
    """The submissions that a path given by the caller stands for, read one after the other.

    A file is a submission. A folder with `<assignment>.py` or `<assignment>.ipynb` is one
    submission; any other folder is a class: each of its files is a submission, and so is each
    sub-folder. What cannot be read, or could be two things, is a submission with a fault: nobody is
    lost and nothing is guessed.

    Raises:
        BackproofError: the path itself does not exist, cannot be read or holds nothing.
    """
    if not path.exists():
        raise BackproofError(f"no file or folder {str(path)!r}")
    if not path.is_dir():
        return [read_submission(path)]
    try:
        entries = _entries(path)
        if named := _named(_candidates(entries), assignment):
            return [read_submission(named)]
    except BackproofError as error:
        raise BackproofError(f"{str(path)!r} {error}") from error
    weights = weights_in(path)  # once for the class: everybody's look into it would take a square
    files = [read_submission(file, weights=weights) for file in _candidates(entries)]
    folders = [found for entry in entries for found in _in_folder(entry, assignment, 1)]
    if not files and not folders:
        raise BackproofError(f"no .py or .ipynb file in {str(path)!r}")
    return [*files, *folders]


def _named(files: list[Path], assignment: str) -> Path | None:
    """The one file with the homework's name, if any has it, and none that may be a copy of it."""
    if all(file.stem != assignment for file in files):
        return None
    named = [file for file in files if is_called(file.stem, assignment)]
    if len(named) > 1:
        raise BackproofError(f"holds {_listed(named)}: which is the submission? Name the file")
    return named[0]


def is_called(stem: str, assignment: str) -> bool:
    """Whether a file has the homework's name, or one that a browser or a student makes of it.

    "hw (1)", "hw-Copy1" and "hw_final" may hold the work, and "hw" what was handed out.
    """
    rest = stem.removeprefix(assignment)
    if rest == stem:
        return stem == assignment
    return not rest[:1].isalnum() and not rest.endswith("-checkpoint")


def _listed(files: list[Path]) -> str:
    return " and ".join(file.name for file in files[:3]) + (" and more" if len(files) > 3 else "")


def _in_folder(folder: Path, assignment: str, depth: int) -> Iterator[Submission]:
    """The submission in one student's folder, or those in the folders inside it."""
    if not _is_folder(folder):
        return
    try:
        if folder.is_symlink():
            raise BackproofError("is a link to a folder, which is not followed")
        if depth > MAX_DEPTH:
            raise BackproofError("lies too deep")
        entries = _entries(folder)
        files = _candidates(entries)
        if named := _named(files, assignment):
            yield read_submission(named)
        elif len(files) > 1:
            raise BackproofError(
                f"holds {_listed(files)}: which is the submission? Name it {assignment}.py"
            )
        elif files:
            yield read_submission(files[0])
        else:
            inner = [f for entry in entries for f in _in_folder(entry, assignment, depth + 1)]
            if not inner:
                names = _listed([e for e in entries if not _is_folder(e)]) or "nothing"
                raise BackproofError(f"holds no .py or .ipynb file, but {names}")
            yield from inner
    except BackproofError as error:
        yield Submission(
            name=_shown(folder), path=folder, digest="", fault=f"{_shown(folder)} {error}"
        )


def _shown(path: Path) -> str:
    """A path as text that every output can hold, whatever bytes its name has."""
    return str(path).encode("utf-8", "replace").decode("utf-8")


def _decode(data: bytes, *, is_source: bool) -> str:
    encoding = "utf-8-sig"
    if is_source:  # a declared encoding counts, as it does for Python
        with contextlib.suppress(SyntaxError):
            encoding = tokenize.detect_encoding(io.BytesIO(data).readline)[0]
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise BackproofError(
            f"is not UTF-8 text: byte {error.start} is {data[error.start]:#04x}"
        ) from error
    except (UnicodeError, LookupError) as error:  # the name of a codec that gives no text
        raise BackproofError(
            f"declares the encoding {encoding!r}, in which it is no text: save it as UTF-8"
        ) from error


def _module_cells(text: str) -> tuple[str, ...]:
    _check_size(len(text))
    if len(text) > PARSED_HERE:
        return (text,)
    try:
        parsed(text)
    except SyntaxError as error:
        if error.lineno is None:
            raise BackproofError(f"is not Python source: {error.msg}") from error
        line = (error.text or "").strip()
        raise BackproofError(
            f"has a syntax error in line {error.lineno}: {error.msg}"
            + (f": {line[:120]}" if line else "")
        ) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise BackproofError(f"is not Python source: {error}") from error
    return (text,)


def _check_size(size: int) -> None:
    if size > MAX_SOURCE:
        raise BackproofError(f"holds {size} characters of code; at most {MAX_SOURCE} are read")


def is_test_cell(cell: Mapping[str, Any]) -> bool:
    """Whether nbgrader's metadata mark a cell as a grading cell of ours, which is never run."""
    mark = cell.get("metadata", {}).get("nbgrader", {})
    return isinstance(mark, dict) and bool(mark.get("grade")) and not mark.get("solution")


def notebook_cells(cells: Iterable[Any]) -> Iterator[str]:
    """Source of the code cells, in order: "" for marking cells, so that numbers stay right.

    Raises:
        BackproofError: a cell is not what the notebook format says.
    """
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, Mapping) or not isinstance(cell.get("metadata", {}), Mapping):
            raise BackproofError(f"is not a notebook: cell {number} has no cell structure")
        if cell.get("cell_type") != "code":
            continue
        if is_test_cell(cell):
            yield ""
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
    if not text.strip():
        raise BackproofError("is empty")
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BackproofError(f"is not a notebook: {error}") from error
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise BackproofError("is not a notebook of format 4: it has no list of cells")
    found = tuple(notebook_cells(cells))
    if len(found) > MAX_CELLS:
        raise BackproofError(f"holds {len(found)} code cells; at most {MAX_CELLS} are read")
    _check_size(sum(map(len, found)))
    return found


def read_submission(
    path: Path, name: str | None = None, weights: Sequence[Path] | None = None
) -> Submission:
    """Read one file. What is wrong with it becomes the submission's `fault`, never an exception.

    weights: what `weights_in` found beside it, where that is known.
    """
    name = name or _shown(path)
    digest = ""
    try:
        data = read_file(path, MAX_BYTES)
        digest = _digest(path, data, weights)
        text = _decode(data, is_source=path.suffix == ".py")
        if path.suffix == ".ipynb":
            cells, is_notebook = _notebook(text), True
        elif path.suffix == ".py":
            cells, is_notebook = _module_cells(text), False
        else:
            raise BackproofError(
                f"is neither .py nor .ipynb but {path.suffix or 'without a suffix'!r}"
            )
    except BackproofError as error:
        return Submission(
            name=name, path=path, digest=digest, fault=f"{_shown(Path(path.name))} {error}"
        )
    return Submission(
        name=name,
        path=path,
        digest=digest,
        cells=cells,
        is_notebook=is_notebook,
        weights=partial(read_weights, path),
    )


def _digest(path: Path, data: bytes, among: Sequence[Path] | None) -> str:
    """Of all that was handed in; weights that cannot be read say so when they are needed."""
    digest = hashlib.sha256(data)
    for file in weights_beside(path, among):
        with contextlib.suppress(BackproofError):
            weights = read_file(file, MAX_WEIGHTS)
            digest.update(f"\0{file.name}\0{len(weights)}\0".encode() + weights)
    return digest.hexdigest()
