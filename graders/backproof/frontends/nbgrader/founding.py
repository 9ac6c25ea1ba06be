"""`backproof course init`: an nbgrader course around homeworks of the bank.

Run again, it brings up to date what it wrote and leaves everything else as it is: lines of the
configuration, other files, cells that were added, and texts of ours that somebody has changed.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Course, Gradebook
from traitlets.config.loader import PyFileConfigLoader

from backproof.answer_key import PUBLIC_SEED, AnswerKey
from backproof.authoring.release import build_release
from backproof.frontends.nbgrader.course import alembic_on_path
from backproof.frontends.nbgrader.merging import merged_notebook, text_digest
from backproof.loading import find_assignment, load_assignment
from backproof.loading.files import read_file
from backproof.loading.released import FILE_NAME as PUBLIC_CASES
from backproof.model import Assignment, BackproofError

CONFIG = "nbgrader_config.py"
JOURNAL = "backproof.journal"
_BEGIN = "# --- backproof: written by `backproof course init`; your own lines go outside ---"
_END = "# --- backproof: end ---"
_BLOCK = f"""\
{_BEGIN}
from pathlib import Path

from backproof.frontends.nbgrader import configure

configure(c, assignments={{assignments!r}}, course=Path(__file__).parent)
{_END}
"""
MAX_BYTES = 64 << 20


@dataclass(slots=True)
class Changes:
    """What a run did, one line each. kept: what it left because somebody else has changed it."""

    written: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)


def found_course(course: Path, homeworks: Sequence[str]) -> Changes:
    """Make `course` an nbgrader course with these homeworks, or bring it up to date.

    homeworks: names; none means all of the bank. All must lie in one folder `assignments`.

    Raises:
        BackproofError: a homework is unknown, or a file cannot be read or written.
    """
    folders = [find_assignment(name) for name in homeworks] or _all_homeworks()
    (root, *others) = {folder.resolve().parent for folder in folders}
    if others:
        raise BackproofError("the homeworks of one course lie in one folder 'assignments'")
    changes = Changes()
    try:
        course.mkdir(parents=True, exist_ok=True)
        _write_config(course, root, changes)
        _make_gradebook(course, changes)
        for folder in folders:
            _write_homework(course, load_assignment(folder), folder, changes)
    except OSError as error:
        raise BackproofError(f"cannot write {error.filename!r}: {error.strerror}") from error
    return changes


def _all_homeworks() -> list[Path]:
    from backproof.loading.assignments import assignments_root

    if not (found := sorted(assignments_root().glob("*/assignment.toml"))):
        raise BackproofError(f"no homework in {str(assignments_root())!r}")
    return [path.parent for path in found]


# --- the configuration and the gradebook ------------------------------------------------------


def _write_config(course: Path, assignments: Path, changes: Changes) -> None:
    """Our block of the configuration, at the end, or where it has been before."""
    path = course / CONFIG
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    block = _BLOCK.format(assignments=str(assignments))
    ours = re.compile(f"{re.escape(_BEGIN)}.*?{re.escape(_END)}\n?", re.DOTALL)
    if ours.search(old):
        text = ours.sub(lambda _: block, old, count=1)
    elif _BEGIN in old or _END in old:
        half = _BEGIN if _BEGIN in old else _END
        raise BackproofError(f"{str(path)!r} holds half of our block: delete the line {half!r}")
    else:
        text = (old.rstrip("\n") + "\n\n" if old.strip() else "c = get_config()\n\n") + block
    if text != old:
        path.write_text(text, encoding="utf-8")
        changes.written.append(CONFIG)


def database_of(course: Path) -> tuple[str, str]:
    """The address of the gradebook, and the course's id in it, that the configuration names.

    Raises:
        BackproofError: the configuration cannot be read; nbgrader would go on without it.
    """
    try:
        config = PyFileConfigLoader(CONFIG, path=str(course.resolve())).load_config()
    except Exception as error:
        raise BackproofError(
            f"{str(course / CONFIG)!r} cannot be read: {type(error).__name__}: {error}"
        ) from error
    return str(config.CourseDirectory.db_url), str(config.CourseDirectory.get("course_id", ""))


def _make_gradebook(course: Path, changes: Changes) -> None:
    """The gradebook with its tables; nbgrader itself leaves half of one where alembic is not found.

    A SQLite file counts as new when it was not there.
    """
    database, course_id = database_of(course)
    file = course / "gradebook.db"
    is_new = database.startswith("sqlite") and not file.exists()
    alembic_on_path()
    try:
        with Gradebook(database, course_id) as gradebook:
            # Without an id nbgrader enters no course, and a server refuses what belongs to none.
            if gradebook.db.get(Course, course_id) is None:
                gradebook.db.add(Course(id=course_id))
                gradebook.db.commit()
    except Exception as error:  # SQLAlchemy's, the driver's, the operating system's
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise BackproofError(f"the gradebook cannot be opened: {reason}") from error
    if is_new and file.exists():
        changes.written.append(file.name)


# --- a homework -------------------------------------------------------------------------------


def _write_homework(course: Path, assignment: Assignment, home: Path, changes: Changes) -> None:
    """Notebook, public cases and the page on how to type answers, in `source/<homework>/`."""
    place = course / "source" / assignment.name
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{assignment.name}.ipynb"
    files = _released(assignment, home)
    old = _notebook(path) if path.exists() else None
    nb, kept = merged_notebook(json.loads(files.pop(path.name)), old, assignment.digest)
    changes.kept += [f"{path.relative_to(course)}: {what}" for what in kept]
    record = (old or {}).get("metadata", {}).get("backproof", {}).get("files", {})
    nb["metadata"]["backproof"]["files"] = {
        name: text_digest(data.decode()) for name, data in sorted(files.items())
    }
    for name, data in _changed_files(place, files, record, course, changes):
        (place / name).write_bytes(data)
        changes.written.append(str((place / name).relative_to(course)))
    if nb != old:
        text = json.dumps(nb, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        part = path.with_name(f".{path.name}.part")
        part.write_text(text, encoding="utf-8")
        os.replace(part, path)
        changes.written.append(str(path.relative_to(course)))


def _changed_files(
    place: Path, files: dict[str, bytes], record: Any, course: Path, changes: Changes
) -> Iterator[tuple[str, bytes]]:
    for name, data in files.items():
        path = place / name
        old = path.read_bytes() if path.exists() else None
        if old == data:
            continue
        mine = isinstance(record, dict) and record.get(name)
        if old is None or mine == hashlib.sha256(old).hexdigest() or name == PUBLIC_CASES:
            yield name, data
        else:
            changes.kept.append(f"{path.relative_to(course)}: as you changed it")


def _released(assignment: Assignment, home: Path) -> dict[str, bytes]:
    """What students get of a homework: from its release, where that is up to date."""
    names = (f"{assignment.name}.ipynb", PUBLIC_CASES, "README.md")
    release = home / "release"
    if all((release / name).is_file() for name in names):
        files = {name: (release / name).read_bytes() for name in names}
        if json.loads(files[PUBLIC_CASES])["digest"] == assignment.digest:
            return files
    built = build_release(assignment, AnswerKey(PUBLIC_SEED))
    return {name: built[name] for name in names}


def _notebook(path: Path) -> dict[str, Any]:
    try:
        nb = json.loads(read_file(path, MAX_BYTES))
    except (ValueError, RecursionError) as error:
        raise BackproofError(f"{str(path)!r} is not a notebook: {error}") from error
    if not isinstance(nb, dict) or not isinstance(nb.get("cells"), list):
        raise BackproofError(f"{str(path)!r} is not a notebook: it has no list of cells")
    return nb
