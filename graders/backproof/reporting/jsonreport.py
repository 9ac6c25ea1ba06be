"""Reports as JSON with a versioned schema, for staff and programs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from typing import Any

from backproof.model import (
    CheckResult,
    Cloud,
    Curves,
    ErrorMap,
    Histogram,
    Images,
    Line,
    MatrixPicture,
    Mismatch,
    MismatchKind,
    Picture,
    QuestionScore,
    ReceptiveField,
    Report,
    Student,
    Verdict,
)

SCHEMA = "backproof.report/3"
"""2: `pictures` of a result (see `backproof.model.pictures`), told apart by their `kind`.
3: `students` and `late` of a report; pictures of what came back."""


def _plain(value: Any) -> Any:
    """Data that JSON can hold: infinities become their names."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def report_table(report: Report) -> dict[str, Any]:
    """One report as plain data."""
    table: dict[str, Any] = _plain(asdict(report))
    return table | {
        "points": report.points,
        "max_points": report.max_points,
        "waiting": report.waiting,
    }


def report_json(reports: Iterable[Report], *, complete: bool = True) -> Iterator[str]:
    """All reports of a run as one JSON text, in pieces: a large class is long.

    complete: false after an interruption.
    """
    yield json.dumps({"schema": SCHEMA, "complete": complete}, indent=1)[:-2]
    yield ',\n "reports": ['
    between = "\n"
    for report in reports:
        text = json.dumps(report_table(report), indent=1, ensure_ascii=False)
        # Not textwrap.indent: it also breaks at what a student may have in a text (U+2028).
        yield between + "  " + text.replace("\n", "\n  ")
        between = ",\n"
    yield "\n ]\n}\n"


_PICTURES: dict[str, type[Picture]] = {
    "error map": ErrorMap,
    "matrix": MatrixPicture,
    "receptive field": ReceptiveField,
    "curves": Curves,
    "images": Images,
    "histogram": Histogram,
    "cloud": Cloud,
}


def read_report(table: Mapping[str, Any]) -> Report:
    """The report that `report_table` has written."""
    named = {field.name: table[field.name] for field in fields(Report)}
    return Report(
        **named
        | {
            "results": tuple(map(_read_result, table["results"])),
            "questions": tuple(QuestionScore(**row) for row in table["questions"]),
            "students": tuple(Student(**row) for row in table["students"]),
        }
    )


def _read_result(row: Mapping[str, Any]) -> CheckResult:
    mismatch = row["mismatch"]
    return CheckResult(
        **dict(row)
        | {
            "verdict": Verdict(row["verdict"]),
            "mismatch": mismatch and _read_mismatch(mismatch),
            "provenance": tuple(row["provenance"]),
            "rubric": tuple(row["rubric"]),
            "pictures": tuple(map(_read_picture, row["pictures"])),
            "size": _number(row["size"]),
        }
    )


def _read_mismatch(row: Mapping[str, Any]) -> Mismatch:
    index = row["index"]
    return Mismatch(
        **dict(row)
        | {
            "kind": MismatchKind(row["kind"]),
            "index": None if index is None else tuple(index),
            "size": _number(row["size"]),
        }
    )


def _read_picture(row: Mapping[str, Any]) -> Picture:
    named = {name: _tuples(value) for name, value in row.items() if name != "kind"}
    if "lines" in named:
        named["lines"] = tuple(
            Line(**{name: _tuples(value) for name, value in line.items()})
            for line in named["lines"]
        )
    return _PICTURES[row["kind"]](**named)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def _number(value: Any) -> float | None:
    return None if value is None else float(value)
