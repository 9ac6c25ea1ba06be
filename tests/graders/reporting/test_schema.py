"""The JSON report has a schema, and so has what Gradescope reads."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backproof.model import Report, Student, Verdict
from backproof.reporting import gradescope_json, report_json, report_schema

jsonschema = pytest.importorskip("jsonschema", reason="not run: needs jsonschema")

# What gradescope-autograders.readthedocs.io/en/latest/specs allows.
GRADESCOPE = {
    "type": "object",
    "required": ["score"],
    "additionalProperties": False,
    "properties": {
        "score": {"type": "number"},
        "execution_time": {"type": "integer"},
        "output": {"type": "string"},
        "output_format": {"enum": ["text", "html", "simple_format", "md", "ansi"]},
        "visibility": {"enum": ["hidden", "after_due_date", "after_published", "visible"]},
        "stdout_visibility": {"enum": ["hidden", "after_due_date", "after_published", "visible"]},
        "extra_data": {"type": "object"},
        "tests": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "score": {"type": "number"},
                    "max_score": {"type": "number"},
                    "status": {"enum": ["passed", "failed"]},
                    "name": {"type": "string"},
                    "number": {"type": "string"},
                    "output": {"type": "string"},
                    "output_format": {"enum": ["text", "html", "simple_format", "md", "ansi"]},
                    "visibility": {"enum": ["hidden", "after_due_date", "visible"]},
                },
            },
        },
    },
}


@pytest.fixture(scope="module")
def wrong(graded: Callable[[str | Path], Report], solution: str) -> Report:
    """With failures, skipped checks and pictures."""
    return graded(solution.replace(".mean(", ".sum(").replace("> 0", ">= 0"))


def refused(table: object) -> str:
    with pytest.raises(jsonschema.ValidationError) as error:
        jsonschema.validate(table, report_schema())
    return str(error.value)


def test_reports_keep_to_their_schema(wrong: Report) -> None:
    reports = [
        wrong,
        replace(wrong, fault="is empty", students=(Student(name="Ada", id="1"),), late=True),
        replace(wrong, results=tuple(replace(r, size=float("inf")) for r in wrong.results)),
    ]
    schema = report_schema()

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads("".join(report_json(reports))), schema)


def test_what_is_no_report_is_refused(wrong: Report) -> None:
    """The test of the test."""
    table = json.loads("".join(report_json([wrong])))
    assert "verdict" in refused(table | {"reports": [table["reports"][0] | {"verdict": "x"}]})
    del table["reports"][0]["results"][0]["claim"]
    assert "claim" in refused(table)
    assert "schema" in refused({"reports": []})


def test_the_schema_in_the_docs_is_that_of_the_code(repository: Path) -> None:
    """Written by: python -c "import json; from backproof.reporting import report_schema as s;
    print(json.dumps(s(), indent=1))" > docs/report.schema.json"""
    text = (repository / "docs" / "report.schema.json").read_text()

    assert json.loads(text) == report_schema()


def test_gradescope_gets_what_it_reads(wrong: Report) -> None:
    """Scores of tests add up; nothing for staff only, and no test that waits passes or fails."""
    (first, *others) = wrong.results
    secret = replace(
        first, verdict=Verdict.UNDECIDED, evidence="expected 42.17", rubric=("the transposed",)
    )
    report = replace(wrong, results=(secret, *others), seed="behind the hidden cases")
    text = gradescope_json(report)
    table = json.loads(text)

    jsonschema.validate(table, GRADESCOPE)
    assert table["score"] == report.points
    assert sum(test["score"] for test in table["tests"]) == pytest.approx(report.points)
    assert "status" not in table["tests"][0]
    assert "42.17" not in text
    assert "the transposed" not in text
    assert report.seed not in text

    faulty = json.loads(gradescope_json(replace(wrong, fault="a\x1b[2J is empty")))
    jsonschema.validate(faulty, GRADESCOPE)
    assert faulty["tests"] == []
    assert faulty["output"].startswith("a\N{REPLACEMENT CHARACTER}[2J is empty")


def test_odd_line_ends_in_a_text_stay_as_they_are(wrong: Report) -> None:
    odd = replace(wrong, fault="a\u2028b\x85c\x0cd")
    table = json.loads("".join(report_json([odd, odd])))
    assert [report["fault"] for report in table["reports"]] == [odd.fault, odd.fault]
