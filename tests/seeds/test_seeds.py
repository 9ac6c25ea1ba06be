"""The answers of real write-ups are judged as a person judged them."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SEEDS = sorted(path.stem for path in Path(__file__).parent.glob("*.toml"))


@pytest.mark.parametrize("name", SEEDS)
def test_each_answer_gets_the_verdict_of_the_table(name: str, repository: Path) -> None:
    """`backproof grade` reproduces the checked-in table, each wrong answer with its reason."""
    table = tomllib.loads((repository / "tests" / "seeds" / f"{name}.toml").read_text())
    command = [
        sys.executable,
        "-m",
        "backproof.frontends.cli",
        "grade",
        name,
        f"tests/seeds/{name}",
        "--json",
    ]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True)
    (report,) = json.loads(done.stdout)["reports"]
    results = {result["check"]: result for result in report["results"]}

    assert done.returncode == 1
    for answer in table["answer"]:
        result = results.pop(answer["check"])
        assert result["question"] == answer["question"]
        assert result["verdict"] == answer["verdict"], answer["check"]
        said = result["misconception"] + result["observed"]
        assert answer.get("reason", "") in said, answer["check"]
        assert answer.get("says", "") in result["observed"], answer["check"]
    # What is not in the table was not answered.
    assert {result["verdict"] for result in results.values()} <= {"student error", "skipped"}
    for row in table.get("row", ()):
        found = {a["verdict"] for a in table["answer"] if a["question"] in row["questions"]}
        scores = [score for score in report["questions"] if score["number"] in row["questions"]]
        assert len(scores) == len(row["questions"]), row["answers"]
        assert found, row["answers"]
        assert FITS[row["judged"]](found, scores), row["answers"]


def _in_part(scores: list[dict[str, Any]]) -> bool:
    """Whether some of the points are earned or wait for a person, and some are lost."""
    kept = sum(score["points"] + score["waiting"] for score in scores)
    return 0 < kept < sum(score["max_points"] for score in scores)


WORDS = {"undecided"}
FITS: dict[str, Callable[[set[str], list[dict[str, Any]]], bool]] = {
    "RIGHT": lambda found, _: found <= {"passed", "follows"} | WORDS and found != WORDS,
    "WRONG": lambda found, _: "failed" in found,
    "INCOMPLETE": lambda _, scores: _in_part(scores),
    "UNGRADABLE": lambda found, _: found == WORDS,
}
"""What the verdicts on a row's answers, and its points, must be, by what a person said of it."""
