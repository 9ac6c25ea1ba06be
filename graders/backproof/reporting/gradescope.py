"""One report as the `results.json` that Gradescope shows to its student.

The format is that of gradescope-autograders.readthedocs.io/en/latest/specs.
"""

from __future__ import annotations

import json
from typing import Any

from backproof.model import CheckResult, Report
from backproof.reporting.text import MARKS, explain, printable, waiting

MAX_LETTERS = 4000


def gradescope_json(report: Report) -> str:
    """The text of the file. Nothing in it is for staff only; what waits for a person says so."""
    lines = [printable(report.fault)] if report.fault else []
    if report.waiting:
        lines.append(f"Of the missing points, {waiting(report.waiting)} for a person.")
    table = {
        "score": report.points,
        "execution_time": round(report.seconds),
        "output": "\n".join(lines),
        "output_format": "text",
        "stdout_visibility": "hidden",
        "tests": [] if report.fault else [_test(result) for result in report.results],
        "extra_data": {
            "assignment_digest": report.assignment_digest,
            "submission_digest": report.submission_digest,
            "max_score": report.max_points,
            "waiting": report.waiting,
        },
    }
    return json.dumps(table, indent=1)


def _test(result: CheckResult) -> dict[str, Any]:
    explained = "" if result.verdict.earns_points else f"\n{explain(result)}"
    row = {
        "number": result.question,
        "name": printable(result.claim),
        "score": result.points,
        "max_score": result.max_points,
        "output": f"{MARKS[result.verdict]}{explained}"[:MAX_LETTERS],
        "output_format": "text",
        "visibility": "visible",
    }
    if not result.verdict.needs_person:  # neither passed nor failed
        row["status"] = "passed" if result.verdict.earns_points else "failed"
    return row
