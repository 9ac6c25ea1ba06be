"""The answers of real write-ups are judged as a person judged them."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

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
    # What is not in the table was not answered.
    assert {result["verdict"] for result in results.values()} <= {"student error", "skipped"}
