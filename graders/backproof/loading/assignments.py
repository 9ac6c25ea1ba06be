"""Assignments and problems from their folders.

    assignments/
      bank/<problem>/   problem.md  problem.py  mutants.py  honest.py
      <homework>/       assignment.toml

The format is described for authors in `assignments/README.md`.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.util
import os
import re
import sys
import tomllib
import traceback
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from backproof.loading.survivors import FILE as SURVIVORS
from backproof.loading.validation import validate_problem
from backproof.model import (
    Assignment,
    BackproofError,
    GradedQuestion,
    Problem,
    Question,
)

_SECTION = re.compile(r"^## \[(?P<key>\w+)\] *(?P<title>.+)$", re.MULTILINE)


def assignments_root() -> Path:
    """The folder `assignments/`: $BACKPROOF_ASSIGNMENTS, else the nearest one upwards from here."""
    if configured := os.environ.get("BACKPROOF_ASSIGNMENTS"):
        root = Path(configured)
        if not root.is_dir():
            raise BackproofError(
                f"BACKPROOF_ASSIGNMENTS names {configured!r}, which is not a folder"
            )
        return root
    for folder in (Path.cwd(), *Path.cwd().parents):
        if (folder / "assignments" / "bank").is_dir():
            return folder / "assignments"
    raise BackproofError(
        f"no folder assignments/bank in {Path.cwd()} or above it: run from a course repository, "
        "or set BACKPROOF_ASSIGNMENTS to its assignments folder"
    )


def find_assignment(name: str) -> Path:
    """The folder of a homework, by name or by path.

    Raises:
        BackproofError: no such homework; names the nearest known one.
    """
    path = Path(name)
    if (path / "assignment.toml").is_file():
        return path
    root = assignments_root()
    if (root / name / "assignment.toml").is_file():
        return root / name
    known = sorted(found.parent.name for found in root.glob("*/assignment.toml"))
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise BackproofError(f"unknown assignment {name!r}{hint} Known: {', '.join(known) or 'none'}")


def bank_problems() -> tuple[str, ...]:
    """Names of all problems of the bank."""
    return tuple(
        sorted(path.parent.name for path in (assignments_root() / "bank").glob("*/problem.py"))
    )


def _import(path: Path, name: str) -> ModuleType:
    """Run a module of the bank by path. The bank is the course's own code: it is trusted."""
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # an author's slip is named with its place, not with our frames
        if isinstance(error, ModuleNotFoundError) and error.name == "backproof_reference":
            raise BackproofError(
                f"{path} needs the reference solutions: pip install ./reference (staff only)"
            ) from error
        raise BackproofError(
            f"{path}, {_place(error, path)}: {type(error).__name__}: {error}"
        ) from error
    return module


def _place(error: Exception, path: Path) -> str:
    """The lines of an author's file that an error came through."""
    lines = [
        f"line {frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename == str(path)
    ]
    if isinstance(error, SyntaxError):
        lines = [f"line {error.lineno}"]
    return " and ".join(lines) or "when loaded"


def _sections(path: Path) -> tuple[str, str, tuple[Question, ...]]:
    """Title, introduction and questions of a `problem.md`."""
    text = path.read_text(encoding="utf-8")
    title, _, rest = text.partition("\n")
    if not title.startswith("# "):
        raise BackproofError(f"{path}: the first line must be '# Title', found {title!r}")
    marks = list(_SECTION.finditer(rest))
    if not marks:
        raise BackproofError(f"{path} has no question: a section starts with '## [key] Title'")
    ends = [mark.start() for mark in marks[1:]] + [len(rest)]
    questions = tuple(
        Question(key=mark["key"], title=mark["title"].strip(), text=rest[mark.end() : end].strip())
        for mark, end in zip(marks, ends, strict=True)
    )
    return title.removeprefix("# ").strip(), rest[: marks[0].start()].strip(), questions


def load_problem(folder: Path) -> Problem:
    """Read one problem of the bank and check that it is complete.

    Raises:
        BackproofError: a file or name is missing, or the problem breaks a rule of the bank.
    """
    if not folder.is_dir():
        raise BackproofError(f"no problem {folder.name!r} in {folder.parent}")
    for needed in ("problem.md", "problem.py", "mutants.py", "honest.py"):
        if not (folder / needed).is_file():
            raise BackproofError(f"problem {folder.name!r} has no {needed} in {folder}")
    title, introduction, questions = _sections(folder / "problem.md")
    found: dict[str, Any] = {}
    for stem, names in {
        "problem": ("ASKS", "CHECKS", "DERIVATIONS", "WAIVERS"),
        "mutants": ("MUTANTS",),
        "honest": ("HONEST",),
    }.items():
        module = _import(folder / f"{stem}.py", f"backproof_bank_{folder.name}_{stem}")
        for name in names:
            value = getattr(module, name, () if name in ("DERIVATIONS", "WAIVERS") else None)
            if not isinstance(value, tuple):
                kind = "nothing" if value is None else type(value).__name__
                raise BackproofError(
                    f"{folder / stem}.py must define {name} as a tuple, found {kind} "
                    "(a tuple of one element ends with a comma)"
                )
            found[name.lower()] = value
        if stem == "problem":
            found["roles"] = getattr(module, "ROLES", {})
    if len(found["asks"]) == 1:
        only = found["asks"][0].name
        found["mutants"] = tuple(replace(m, of=m.of or only) for m in found["mutants"])
    problem = Problem(
        name=folder.name, title=title, text=introduction, questions=questions, **found
    )
    validate_problem(problem, folder)
    return problem


def _digest(paths: Iterator[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def load_assignment(folder: Path) -> Assignment:
    """Read a homework and the problems that it is composed of.

    Raises:
        BackproofError: what is wrong in which file, and the offending value.
    """
    path = folder / "assignment.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise BackproofError(f"{path}: {error}") from error
    if missing := {"title", "source", "points"} - table.keys():
        raise BackproofError(f"{path} lacks {', '.join(sorted(missing))}")
    bank = folder.parent / "bank"
    rows = table.get("question", [])
    problems: dict[str, Problem] = {}
    questions = []
    for row in rows:
        if missing := {"number", "problem", "key", "points"} - row.keys():
            raise BackproofError(f"{path}: question {row} lacks {', '.join(sorted(missing))}")
        name = row["problem"]
        if name not in problems:
            problems[name] = load_problem(bank / name)
        keys = [question.key for question in problems[name].questions]
        if row["key"] not in keys:
            raise BackproofError(
                f"{path}: problem {name!r} has no question {row['key']!r}; it has {', '.join(keys)}"
            )
        questions.append(
            GradedQuestion(
                number=str(row["number"]),
                points=float(row["points"]),
                problem=problems[name],
                key=row["key"],
            )
        )
    numbers = [question.number for question in questions]
    if doubled := {number for number in numbers if numbers.count(number) > 1}:
        raise BackproofError(f"{path}: question number {sorted(doubled)} occurs more than once")
    total = sum(question.points for question in questions)
    if total != table.get("points"):
        raise BackproofError(
            f"{path}: points = {table.get('points')!r}, but the questions add up to {total:g}"
        )
    sources = (
        p
        for name in problems
        for p in (bank / name).glob("*")
        if p.is_file() and p.name != SURVIVORS
    )
    return Assignment(
        name=folder.resolve().name,
        title=table["title"],
        source=table["source"],
        digest=_digest(iter([path, *sources])),
        questions=tuple(questions),
    )
