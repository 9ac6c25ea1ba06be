"""What `backproof grade` writes: found out before grading whether it can be, written at the end."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path

from backproof.model import Assignment, BackproofError, Report
from backproof.reporting import (
    Gradebook,
    class_csv,
    filled,
    gradescope_json,
    junit_xml,
    page_name,
    read_gradebook,
    report_json,
    summary_line,
    text_report,
)
from backproof.reporting.text import one_line

MAX_GRADEBOOK = 64 << 20


class Outputs:
    """All files that the options ask for.

    Raises:
        BackproofError: one of them cannot be written, or a platform's table cannot be filled in.
    """

    def __init__(self, options: argparse.Namespace, assignment: Assignment) -> None:
        self._options = options
        self._gradebooks = [
            (_gradebook(platform, asked[0], assignment, options.column), asked[1])
            for platform, asked in (("Canvas", options.canvas), ("Moodle", options.moodle))
            if asked
        ]
        if options.column and not self._gradebooks:
            raise BackproofError("--column is for --canvas or --moodle")
        tables = (p for _, p in self._gradebooks)
        for path in (options.json, options.junit, options.csv, options.report, *tables):
            if path not in (None, "-"):
                _check_writable(path)
        for name, needed in (("html", ("jinja2",)), ("report", ("jinja2", "matplotlib"))):
            if getattr(options, name) and not all(map(find_spec, needed)):
                raise BackproofError(
                    f"--{name} needs {' and '.join(needed)}: pip install 'backproof[report]'"
                )
        for folder in (options.html, options.gradescope):
            if folder:
                _check_folder(folder)

    def write(self, reports: Sequence[Report], interrupted: bool) -> None:
        """Write them all; what cannot be written is said, and stops no other."""
        self._write_tables(reports)
        self._write_pages(reports, interrupted)
        options = self._options
        if options.json == "-":
            sys.stdout.writelines(report_json(reports, complete=not interrupted))
            return
        if options.json:
            _write_file(options.json, report_json(reports, complete=not interrupted))
        if options.verbose or len(reports) == 1:
            between = ""
            for report in reports:
                print(between + text_report(report, rubrics=True))
                between = "\n"
        else:
            for report in reports:
                print(summary_line(report))
        if reports:
            print(f"\n{len(reports)} graded; isolation: {reports[0].isolation}", file=sys.stderr)

    def _write_tables(self, reports: Sequence[Report]) -> None:
        if self._options.junit:
            _write_file(self._options.junit, [junit_xml(reports)])
        if self._options.csv:
            _write_file(self._options.csv, [class_csv(reports)])
        for gradebook, path in self._gradebooks:
            own = (report for report in reports if not report.is_control)
            text, left_out = filled(gradebook, own)
            _write_file(path, [text])
            for sentence in left_out:
                print(f"backproof: not in {path}: {one_line(sentence)}", file=sys.stderr)

    def _write_pages(self, reports: Sequence[Report], interrupted: bool) -> None:
        if self._options.report:
            from backproof.reporting.classreport import class_page

            page = class_page(reports, complete=not interrupted)
            _write_file(self._options.report, [page])
        if self._options.html:
            from backproof.reporting.webpage import student_page

            for report in reports:
                name = Path(self._options.html) / page_name(report.submission)
                _write_file(str(name), [student_page(report)])
        if self._options.gradescope:
            for report in reports:
                name = Path(self._options.gradescope) / page_name(report.submission, ".json")
                _write_file(str(name), [gradescope_json(report)])


def _gradebook(platform: str, path: str, assignment: Assignment, column: str | None) -> Gradebook:
    try:
        with open(path, encoding="utf-8", newline="") as file:
            text = file.read(MAX_GRADEBOOK)
    except OSError as error:
        raise BackproofError(f"cannot read {path!r}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise BackproofError(f"{path!r} is not UTF-8 text: export it again") from error
    titles = (assignment.title, assignment.name)
    try:
        return read_gradebook(text, platform, titles, column, assignment.points)
    except BackproofError as error:
        raise BackproofError(f"{path!r} {error}") from error


def _check_writable(path: str) -> None:
    """Find out before grading whether an output can be written, and change nothing."""
    try:
        with open(path, "a", encoding="utf-8"):
            pass
    except OSError as error:
        raise BackproofError(f"cannot write {path!r}: {error.strerror}") from error


def _check_folder(path: str) -> None:
    """Find out before grading whether a folder is there, or can be made, and written to."""
    try:
        Path(path).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BackproofError(f"cannot make the folder {path!r}: {error.strerror}") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise BackproofError(f"cannot write to the folder {path!r}: permission denied")


def _write_file(path: str, pieces: Iterable[str]) -> None:
    """Replace a file as a whole: an interruption leaves the old one or the new one."""
    part = Path(f"{path}.part")
    try:
        # Half a character from a student's text: written as JSON would, it costs nobody the file.
        with part.open("w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(pieces)
        os.replace(part, path)
    except OSError as error:
        print(f"backproof: cannot write {path!r}: {error.strerror}", file=sys.stderr)
