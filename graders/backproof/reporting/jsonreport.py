"""Reports as JSON with a versioned schema, for staff and programs."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from backproof.model import Report

SCHEMA = "backproof.report/2"
"""2: `pictures` of a result (see `backproof.model.pictures`), told apart by their `kind`."""


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


def report_json(reports: Iterable[Report], *, complete: bool = True) -> str:
    """All reports of a run as one JSON text; `complete` is false after an interruption."""
    table = {
        "schema": SCHEMA,
        "complete": complete,
        "reports": [report_table(report) for report in reports],
    }
    return json.dumps(table, indent=1, ensure_ascii=False)
