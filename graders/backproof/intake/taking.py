"""A path that the caller names, and the submissions that it stands for.

What is one student's is decided by `layouts`; which of their files is the submission, here. Nobody
is lost and nothing is guessed: what could be two things is a submission with a fault.
"""

from __future__ import annotations

import contextlib
import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, Any, TypeAlias
from zipfile import ZipFile

from backproof.intake.archive import CLASS, MAX_DEPTH, STUDENT, Entry, opened, unpack
from backproof.intake.layouts import (
    METADATA,
    Found,
    Pile,
    is_noise,
    piles,
    platform,
    without_wrapper,
)
from backproof.intake.unpacked import Scratch
from backproof.loading import find_submissions, read_submission
from backproof.loading.files import read_file
from backproof.loading.submissions import MAX_BYTES, SUFFIXES, is_called
from backproof.loading.weights import MAX_BYTES as MAX_WEIGHTS
from backproof.loading.weights import SUFFIXES as WEIGHTS
from backproof.loading.weights import weights_beside
from backproof.model import BackproofError, Student, Submission

MAX_METADATA = 64 << 20
MAX_NAME = 200
DOCUMENTS = (".doc", ".docx", ".odt", ".pages", ".pdf", ".rtf", ".rar", ".7z", ".tgz")
OTHER_ARCHIVES = (".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")


@dataclass(frozen=True, kw_only=True, slots=True)
class File:
    """A file that was handed in. path: where it lies as it is; None inside an archive."""

    write: Callable[[IO[bytes], int], None]
    path: Path | None = None


Named: TypeAlias = tuple[tuple[str, ...], File]


def take_in(path: Path, assignment: str, place: Scratch) -> list[Submission]:
    """The submissions that a path stands for, with their students as far as its names say who.

    place: for what is unpacked; weights stay in it until they are read, and nothing else.

    Raises:
        BackproofError: the path does not exist, holds nothing, or is an archive that is refused.
    """
    if path.is_dir():
        return _folder(path, assignment, place)
    if path.suffix.lower() in OTHER_ARCHIVES:
        raise BackproofError(
            f"{str(path)!r} is no zip archive: unpack it yourself, and name the folder"
        )
    if path.suffix.lower() != ".zip":
        return [_alone(found, assignment) for found in find_submissions(path, assignment)]
    if not path.exists():
        raise BackproofError(f"no file or folder {str(path)!r}")
    try:
        with opened(path, CLASS) as (archive, entries):
            return _sorted_out(_files(archive, entries), path, assignment, place)
    except OSError as error:
        raise BackproofError(f"cannot unpack {str(path)!r}: {error.strerror}") from error
    except BackproofError as error:
        raise BackproofError(f"{str(path)!r} {error}") from error


def _alone(submission: Submission, assignment: str) -> Submission:
    """A single file with the student that its name may say."""
    if submission.path.stem == assignment:
        return submission
    (pile,) = piles([((submission.path.name,), submission)], assignment)
    return replace(submission, students=pile.students, late=pile.late)


def _files(archive: ZipFile, entries: list[Entry]) -> list[Named]:
    return [
        (entry.parts, File(write=partial(unpack, archive, entry)))
        for entry in entries
        if not is_noise(entry.parts)
    ]


def _folder(path: Path, assignment: str, place: Scratch) -> list[Submission]:
    """As a platform has named it, else as `find_submissions` reads it."""
    if any((path / f"{assignment}{suffix}").exists() for suffix in SUFFIXES):
        return find_submissions(path, assignment)  # the folder of one student
    found = list(_walk(path, ()))
    inner = without_wrapper(found, assignment, path.name)
    if platform(inner, assignment):
        return _sorted_out(inner, path, assignment, place)
    packed = [(parts, file) for parts, file in found if len(parts) == 1 and _is_zip(parts)]
    try:
        submissions = find_submissions(path, assignment)
    except BackproofError:
        if not packed:
            raise
        submissions = []
    # A document is nobody's code, but somebody's submission; data and tables of a course are not.
    submissions += [
        read_submission(file.path)
        for parts, file in found
        if len(parts) == 1 and file.path and file.path.suffix.lower() in DOCUMENTS
    ]
    return [
        *(_in_place(submission, path, assignment, place) for submission in submissions),
        *(_submission(pile, path, assignment, place) for pile in piles(packed, assignment)),
    ]


def _in_place(submission: Submission, root: Path, assignment: str, place: Scratch) -> Submission:
    """The same with its student; what is packed in a student's folder is looked into."""
    path = submission.path
    first, *more = path.relative_to(root).parts
    student = Student(id=first if more or not Path(first).suffix else Path(first).stem)
    if submission.fault and path.is_dir() and not path.is_symlink():
        files = list(_walk(path, ()))
        if any(_is_zip(parts) for parts, _ in files):
            key = str(path.relative_to(root))
            pile = Pile(key=key, students=(student,), files=files)
            return _submission(pile, root, assignment, place)
    return replace(submission, students=(student,))


def _is_zip(parts: tuple[str, ...]) -> bool:
    return parts[-1].lower().endswith(".zip")


def _walk(folder: Path, parts: tuple[str, ...]) -> Iterator[Named]:
    """The files below a folder; links are not followed, and what cannot be read is left out."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    entries = [entry for entry in entries if not is_noise((entry.name,))]
    if not entries and parts:  # whoever has handed in an empty folder is not lost
        yield (*parts, "nothing"), File(write=partial(_copy, folder))
    for entry in entries:
        if len(parts) > MAX_DEPTH:
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(folder / entry.name, (*parts, entry.name))
        elif entry.is_file(follow_symlinks=False):
            path = folder / entry.name
            yield (*parts, entry.name), File(write=partial(_copy, path), path=path)


def _copy(path: Path, to: IO[bytes], max_bytes: int) -> None:
    to.write(read_file(path, max_bytes))


def _sorted_out(
    found: Found[File], root: Path, assignment: str, place: Scratch
) -> list[Submission]:
    found = without_wrapper(found, assignment, root.stem)
    if not found:
        raise BackproofError("holds no files")
    metadata = next((file for parts, file in found if parts == (METADATA,)), None)
    told = _metadata(metadata) if metadata else None
    return [_submission(pile, root, assignment, place) for pile in piles(found, assignment, told)]


def _metadata(file: File) -> dict[str, Any]:
    try:
        import yaml
    except ImportError as error:
        raise BackproofError(
            f"has a {METADATA}, which needs PyYAML: pip install 'backproof[report]'"
        ) from error
    text = io.BytesIO()
    file.write(text, MAX_METADATA)
    try:
        told = yaml.load(text.getvalue(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise BackproofError(f"has a {METADATA} that cannot be read: {error}") from error
    if not isinstance(told, dict):
        raise BackproofError(f"has a {METADATA} that names no submissions")
    return told


def _submission(pile: Pile[File], root: Path, assignment: str, place: Scratch) -> Submission:
    where = root / pile.key
    try:
        if pile.fault:
            raise BackproofError(pile.fault)
        with contextlib.ExitStack() as kept_open:
            files = _outside_archive(pile.files, kept_open)
            own, file = _chosen(files, assignment)
            if file.path is not None and file.path.name == own[-1]:
                path, name = file.path, None
            else:
                path = _unpacked(own, file, files, place.folder())
                name = "/".join((str(root), pile.key, *own))
        read = read_submission(path, name)
        if name is not None and not weights_beside(path):
            place.remove(path.parent)  # all of it has been read
        return replace(read, students=pile.students, late=pile.late)
    except BackproofError as error:
        return Submission(
            name=str(where),
            path=where,
            digest="",
            fault=f"{pile.key} {error}",
            students=pile.students,
            late=pile.late,
        )


def _is_candidate(parts: tuple[str, ...]) -> bool:
    name = parts[-1]
    return (
        name.endswith(SUFFIXES)
        and not name.startswith(("test_", "conftest"))
        and not is_noise(parts)
    )


def _chosen(files: list[Named], assignment: str) -> Named:
    """The one file that is the submission: the one with the homework's name, else the only one."""
    able = [(own, file) for own, file in files if _is_candidate(own)]
    named = [(own, file) for own, file in able if is_called(Path(own[-1]).stem, assignment)]
    if all(Path(own[-1]).stem != assignment for own, _ in named):
        named = []
    if len(found := named or able) > 1:
        raise BackproofError(f"holds {_listed(found)}: which is the submission?")
    if not found:
        raise BackproofError(f"holds no .py or .ipynb file, but {_listed(files) or 'nothing'}")
    return found[0]


def _listed(files: list[Named]) -> str:
    names = ["/".join(own) for own, _ in files]
    return " and ".join(names[:3]) + (" and more" if len(names) > 3 else "")


def _outside_archive(files: list[Named], kept_open: contextlib.ExitStack) -> list[Named]:
    """The files; where a student has packed them once more, what is in that archive."""
    packed = [(own, file) for own, file in files if _is_zip(own)]
    if len(packed) != 1 or any(_is_candidate(own) for own, _ in files):
        return files
    ((own, file),) = packed
    data = io.BytesIO()
    try:
        file.write(data, MAX_BYTES)
        archive, entries = kept_open.enter_context(opened(data, STUDENT))
    except BackproofError as error:
        raise BackproofError(f"handed in {own[-1]}, which {error}") from error
    inner = _files(archive, entries)
    if any(_is_zip(parts) for parts, _ in inner):
        raise BackproofError(f"handed in {own[-1]}, which holds an archive inside an archive")
    return inner


def _unpacked(own: tuple[str, ...], file: File, files: list[Named], folder: Path) -> Path:
    """The submission and the weights beside it, in a folder of their own."""
    start = f"{Path(own[-1]).stem}."
    for parts, other in files:
        name = parts[-1]
        if parts[:-1] == own[:-1] and name.startswith(start) and name.endswith(WEIGHTS):
            _write(folder / name, other, MAX_WEIGHTS)
    path = folder / own[-1]
    _write(path, file, MAX_BYTES)
    return path


def _write(path: Path, file: File, max_bytes: int) -> None:
    if len(os.fsencode(path.name)) > MAX_NAME:
        raise BackproofError(f"holds {path.name[:40]}..., a name that is too long")
    if path.exists():
        raise BackproofError(f"holds {path.name} twice")
    try:
        with path.open("xb") as to:
            file.write(to, max_bytes)
    except BackproofError as error:
        raise BackproofError(f"holds {path.name}, which {error}") from error
