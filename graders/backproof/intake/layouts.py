"""Whose file is which: the names that platforms give to what they have collected.

* Canvas, "Download Submissions": all files in one folder, `lovelaceada_LATE_123_456_hw2.ipynb`,
  with the numbers of the student and of the file (lib/content_zipper.rb of canvas-lms); where
  marking is anonymous, `anon_AbC12_456_hw2.ipynb`.
* Moodle, "Download all submissions": `Ada Lovelace_123_assignsubmission_file_/hw2.ipynb`, or
  without folders `Ada Lovelace_123_assignsubmission_file_hw2.ipynb`; the number is that of the
  participant (mod/assign/classes/downloader.php of moodle).
* Gradescope, "Export submissions": `submission_123/hw2.ipynb`, and `submission_metadata.yml` says
  who that was.
* nbgrader: `ada/tehran_hw2/hw2.ipynb`.
* anything else: a folder for each student, or a file for each student.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeAlias, TypeVar

from backproof.model import Student

METADATA = "submission_metadata.yml"
_CANVAS = re.compile(
    r"(?:(?P<name>\w+?)_)??(?P<late>LATE_)?(?P<id>\d+|anon_[A-Za-z0-9]+)_"
    r"(?:(?P<file>\d+)_(?P<rest>.+)|(?P<typed>(?:text|link)\.html))"
)
_MOODLE = re.compile(
    r"(?P<name>.+)_(?P<id>\d+)_assignsubmission_(?P<type>[a-z]+)_?(?P<rest>.*)", re.DOTALL
)
_EXPORT = re.compile(r"assignment_\d+_export")
_NOISE = ("__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini")

_HANDED_IN = (".py", ".ipynb", ".zip")

File = TypeVar("File")


@dataclass(kw_only=True, slots=True)
class Pile(Generic[File]):
    """What one student, or one group, has handed in.

    key: its name within the class. files: each with its path below the student's own folder, as
    the student named it. fault: why nothing can be said of it.
    """

    key: str
    students: tuple[Student, ...] = ()
    late: bool | None = None
    files: list[tuple[tuple[str, ...], File]] = field(default_factory=list)
    fault: str | None = None


Found: TypeAlias = Sequence[tuple[tuple[str, ...], File]]


def is_noise(parts: Iterable[str]) -> bool:
    """Whether a file is one that systems leave behind: hidden files, caches, resource forks."""
    return any(part.startswith(".") or part in _NOISE for part in parts)


def without_wrapper(found: Found[File], assignment: str, archive: str = "") -> Found[File]:
    """The same without the folder around it all, which is no student's: that of an export.

    archive: the name of the archive, which many programs wrap its contents in.
    """
    while found and all(len(parts) > 1 for parts, _ in found):
        (first, *more) = {parts[0] for parts, _ in found}
        if more or _is_moodle(first):
            break
        inner = [(parts[1:], file) for parts, file in found]
        folders = {parts[0] for parts, _ in inner if len(parts) > 1}
        files = {parts[0] for parts, _ in inner if len(parts) == 1}
        is_class = not files and len(folders) > 1 and assignment not in folders
        known = first in ("submitted", "submissions", archive) or _EXPORT.fullmatch(first)
        if not (is_class or known or platform(inner, assignment) in ("Canvas", "Moodle")):
            break
        found = inner
    return found


def platform(found: Found[File], assignment: str) -> str:
    """Which platform has named these files; "" if none of those above."""
    if any(parts == (METADATA,) for parts, _ in found):
        return "Gradescope"
    handed_in = [parts for parts, _ in found if not _is_beside(parts)]
    if handed_in and all(_is_moodle(parts[0]) for parts in handed_in):
        return "Moodle"
    if handed_in and all(len(p) == 1 and _CANVAS.fullmatch(p[0]) for p in handed_in):
        return "Canvas"
    if any(len(parts) > 2 and parts[1] == assignment for parts, _ in found):
        return "nbgrader"
    return ""


def piles(
    found: Found[File], assignment: str, metadata: Mapping[str, Any] | None = None
) -> list[Pile[File]]:
    """What each student handed in, in the order of their names.

    metadata: the contents of Gradescope's `submission_metadata.yml`.
    """
    kind = platform(found, assignment)
    if kind == "Gradescope":
        grouped = _gradescope(found, metadata or {})
    elif kind == "Moodle":
        grouped = _moodle([one for one in found if not _is_beside(one[0])])
    elif kind == "Canvas":
        grouped = _canvas([one for one in found if not _is_beside(one[0])], assignment)
    elif kind == "nbgrader":
        grouped = _nbgrader(found, assignment)
    else:
        grouped = _folders(found)
    return [grouped[key] for key in sorted(grouped)]


def _is_beside(parts: tuple[str, ...]) -> bool:
    """Whether a file at the top is the course's own, as a list of grades: no platform named it."""
    name = parts[0]
    is_named = _is_moodle(name) or _CANVAS.fullmatch(name)
    return len(parts) == 1 and not is_named and not name.lower().endswith(_HANDED_IN)


def _is_moodle(name: str) -> bool:
    return _MOODLE.fullmatch(name) is not None


def _canvas(found: Found[File], assignment: str) -> dict[str, Pile[File]]:
    grouped: dict[str, Pile[File]] = {}
    for (name,), file in found:
        match = _CANVAS.fullmatch(name)
        assert match is not None  # or it would not be Canvas
        key = match["id"]
        shown = match["name"] or ""
        pile = grouped.setdefault(
            key,
            Pile(
                key=f"{shown}_{key}" if shown else key,
                students=(Student(name=shown, id=key),),
                late=False,
            ),
        )
        pile.late = pile.late or bool(match["late"])
        own = match["rest"] or match["typed"]
        pile.files.append(((_first_name(own, assignment),), file))
    return grouped


def _first_name(name: str, assignment: str) -> str:
    """`hw2-3.ipynb` is Canvas's name for a later `hw2.ipynb`: the homework's own name is back."""
    again = re.fullmatch(rf"({re.escape(assignment)}(?:\.\w+)?)-\d+(\.\w+)", name)
    return again[1] + again[2] if again else name


def _moodle(found: Found[File]) -> dict[str, Pile[File]]:
    grouped: dict[str, Pile[File]] = {}
    for parts, file in found:
        match = _MOODLE.fullmatch(parts[0])
        assert match is not None  # or it would not be Moodle
        key = f"{match['name']}_{match['id']}"
        student = Student(name=match["name"], id=match["id"])
        pile = grouped.setdefault(key, Pile(key=key, students=(student,)))
        own = parts[1:] or (match["rest"],)
        pile.files.append(((own if match["type"] == "file" else (match["type"], *own)), file))
    return grouped


def _gradescope(found: Found[File], metadata: Mapping[str, Any]) -> dict[str, Pile[File]]:
    grouped: dict[str, Pile[File]] = {
        str(key): Pile(key=str(key), students=_submitters(entry)) for key, entry in metadata.items()
    }
    for parts, file in found:
        if parts == (METADATA,):
            continue
        pile = grouped.setdefault(
            parts[0],
            Pile(key=parts[0], fault=f"is not in {METADATA}: nobody knows whose it is"),
        )
        pile.files.append((parts[1:] or parts, file))
    return grouped


def _submitters(entry: Any) -> tuple[Student, ...]:
    rows = entry.get(":submitters") if isinstance(entry, Mapping) else None
    return tuple(
        Student(**{name: str(row.get(f":{key}") or "") for name, key in _GRADESCOPE})
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, Mapping)
    )


_GRADESCOPE = (("name", "name"), ("id", "sid"), ("email", "email"))


def _nbgrader(found: Found[File], assignment: str) -> dict[str, Pile[File]]:
    grouped: dict[str, Pile[File]] = {}
    others: dict[str, set[str]] = {}
    for parts, file in found:
        key = parts[0]
        if len(parts) == 1:
            continue  # files of the course beside the students' folders
        pile = grouped.setdefault(key, Pile(key=key, students=(Student(id=key),)))
        if len(parts) > 2 and parts[1] == assignment:
            pile.files.append((parts[2:], file))
        else:
            others.setdefault(key, set()).add(parts[1])
    for key, pile in grouped.items():
        if not pile.files:
            names = ", ".join(sorted(others[key])[:3])
            pile.fault = f"holds no folder {assignment!r}, but {names}"
    return grouped


def _folders(found: Found[File]) -> dict[str, Pile[File]]:
    grouped: dict[str, Pile[File]] = {}
    for parts, file in found:
        alone = len(parts) == 1
        key = parts[0].partition(".")[0] if alone else parts[0]
        pile = grouped.setdefault(key, Pile(key=key, students=(Student(id=key),)))
        pile.files.append((parts if alone else parts[1:], file))
    return grouped
