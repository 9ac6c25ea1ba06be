"""The journal of a class: each finished report is on disk before anybody is shown it.

A file of SQLite with a write-ahead log: whoever is killed, at whatever moment, leaves a journal
that can be read and added to. A report is found again for the same homework, the same file, the
same grader and the same terms; anything else is graded.
"""

from __future__ import annotations

import hashlib
import json
import platform
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from backproof.model import Assignment, BackproofError, Limits, Report, Submission
from backproof.reporting import SCHEMA, read_report, report_table

VERSION = 1
BUSY_SECONDS = 30.0
"""How long another grader may hold the file before that is an error."""

FAILED_BEFORE = "the grader had failed"

_TABLES = """
CREATE TABLE IF NOT EXISTS graded (
    assignment TEXT NOT NULL,
    submission TEXT NOT NULL,
    terms TEXT NOT NULL,
    name TEXT NOT NULL,
    schema TEXT NOT NULL,
    report TEXT NOT NULL,
    failed INTEGER NOT NULL,
    at TEXT NOT NULL,
    replaced TEXT
);
CREATE UNIQUE INDEX IF NOT EXISTS newest ON graded (assignment, submission, terms)
    WHERE replaced IS NULL;
CREATE TABLE IF NOT EXISTS course (assignment TEXT PRIMARY KEY, seed TEXT NOT NULL);
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What else a result depends on: another grader, device, seed or limit grades anew."""

    grader: str
    device: str
    seed: str
    isolation: str
    limits: Limits

    @property
    def digest(self) -> str:
        """The same for the same terms."""
        return hashlib.sha256(repr(astuple(self)).encode()).hexdigest()


@cache
def grader_id() -> str:
    """Version and contents of the packages that decide a mark."""
    digest = hashlib.sha256(platform.python_version().encode())
    for name in ("backproof", "backproof_reference"):
        spec = find_spec(name)
        for root in spec.submodule_search_locations or () if spec else ():
            for path in sorted(Path(root).rglob("*.py")):
                digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    for name in ("torch", "numpy", "python-flint", "mpmath"):
        try:
            digest.update(f"{name} {version(name)}".encode())
        except PackageNotFoundError:
            digest.update(f"no {name}".encode())
    return digest.hexdigest()


class Journal:
    """Finished reports of one course, in one file; use as a context manager, or `close` it.

    Raises:
        BackproofError: the file is no journal, cannot be written, or is held by somebody else.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._worded():
            self._file = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            with self._worded():
                self._open()
        except BaseException:
            self._file.close()
            raise

    def _open(self) -> None:
        (found,) = self._file.execute("PRAGMA user_version").fetchone()
        if found not in (0, VERSION):
            raise BackproofError(
                f"the journal {str(self.path)!r} has version {found}, this grader writes "
                f"{VERSION}: name another file"
            )
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA synchronous = FULL")  # on disk, whoever loses power
        self._file.executescript(_TABLES)
        self._file.execute(f"PRAGMA user_version = {VERSION}")

    def seed(self, assignment: Assignment, new: str) -> str:
        """The seed that this homework's hidden cases were drawn from; `new` at the first run."""
        with self._worded():
            self._file.execute("INSERT OR IGNORE INTO course VALUES (?, ?)", (assignment.name, new))
            row = self._file.execute(
                "SELECT seed FROM course WHERE assignment = ?", (assignment.name,)
            ).fetchone()
        return str(row[0])

    def find(self, assignment: Assignment, submission: Submission, terms: Terms) -> Report | None:
        """The report on the same file under the same terms; None if there is none.

        A report in which the grader itself failed is not used again.
        """
        if not submission.digest:  # what could not be read has no contents to know it by
            return None
        with self._worded():
            row = self._file.execute(
                "SELECT report FROM graded WHERE assignment = ? AND submission = ? AND terms = ? "
                "AND schema = ? AND replaced IS NULL AND NOT failed",
                (assignment.digest, submission.digest, terms.digest, SCHEMA),
            ).fetchone()
        if not row:
            return None
        return replace(  # the same file may be somebody else's
            read_report(json.loads(row[0])),
            submission=submission.name,
            students=submission.students,
            late=submission.late,
        )

    def keep(self, report: Report, terms: Terms, regrade: str | None = None) -> None:
        """Write a report; it is on disk when this returns.

        One that is there already stays the report on this file, unless the grader had failed or
        there is a reason to `regrade`: then it stays in the journal as the old one.
        """
        if not report.submission_digest:
            return
        key = (report.assignment_digest, report.submission_digest, terms.digest)
        text = json.dumps(report_table(report))  # ASCII: a submission may hold half a character
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._worded(), self._transaction():
            self._file.execute(
                "UPDATE graded SET replaced = ? WHERE assignment = ? AND submission = ? AND "
                "terms = ? AND replaced IS NULL AND (failed OR ?)",
                (regrade or FAILED_BEFORE, *key, regrade is not None),
            )
            self._file.execute(
                "INSERT OR IGNORE INTO graded VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (*key, report.submission, SCHEMA, text, report.grader_failed, now),
            )

    def reports(self) -> list[Report]:
        """The newest reports of all homeworks and terms, oldest first."""
        with self._worded():
            rows = self._file.execute(
                "SELECT report FROM graded WHERE replaced IS NULL AND schema = ? ORDER BY rowid",
                (SCHEMA,),
            ).fetchall()
        return [read_report(json.loads(text)) for (text,) in rows]

    def close(self) -> None:
        """Give the file back."""
        self._file.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            if self._file.in_transaction:  # a full disk has ended it already
                self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    @contextmanager
    def _worded(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise BackproofError(
                f"the journal {str(self.path)!r} cannot be used: {error}; mend that, or name "
                "another file with --journal"
            ) from error
