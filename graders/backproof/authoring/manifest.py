"""`manifest.json` of a released folder: what was handed out, so that a student's changes show."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from backproof.loading import read_submission
from backproof.loading.released import FILE_NAME as PUBLIC_CASES
from backproof.loading.submissions import SUFFIXES
from backproof.model import Submission

FILE_NAME = "manifest.json"
SCHEMA = "backproof.release/1"


def _code_digest(cells: Iterable[str]) -> str:
    """Digest of the code that a student may write.

    A notebook changes on disk as soon as it is opened and run; this only changes with the code.
    """
    return hashlib.sha256("\0".join(cells).encode()).hexdigest()


def render_manifest(
    name: str, files: Mapping[str, bytes], code: Mapping[str, Iterable[str]]
) -> bytes:
    """The manifest of released `files`; `code` maps those to be worked in to their code cells."""
    table = {
        "schema": SCHEMA,
        "name": name,
        "files": {file: hashlib.sha256(data).hexdigest() for file, data in files.items()},
        "code": {file: _code_digest(cells) for file, cells in code.items()},
    }
    return (json.dumps(table, indent=1, sort_keys=True) + "\n").encode()


def _read(folder: Path) -> dict[str, Any]:
    """The manifest's table; in a folder that has lost it, every file counts as changed."""
    try:
        table = json.loads((folder / FILE_NAME).read_bytes())
        return table if table["schema"] == SCHEMA else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _name(folder: Path) -> str:
    try:
        return str(json.loads((folder / PUBLIC_CASES).read_bytes())["name"])
    except (OSError, ValueError, KeyError, TypeError):
        return folder.resolve().name


def _is_changed(submission: Submission, code: Mapping[str, str]) -> bool:
    if submission.fault is not None:
        return True  # what was handed out can be read
    return code.get(submission.path.name) != _code_digest(submission.cells)


def files_to_check(folder: Path) -> list[Path]:
    """The student's work in a released folder: what was changed, else what is there first."""
    table = _read(folder)
    name = table.get("name") or _name(folder)
    files = [path for suffix in SUFFIXES if (path := folder / f"{name}{suffix}").is_file()]
    code = table.get("code", {})
    return [path for path in files if _is_changed(read_submission(path), code)] or files[:1]
