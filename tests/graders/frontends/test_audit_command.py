"""`backproof audit`, as an author reads it."""

import json
import shutil
from pathlib import Path

import pytest

from backproof.frontends.cli import ExitCode, main


@pytest.fixture
def bank(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the course with one small problem in its bank."""
    source = repository / "assignments" / "bank" / "relu_backward"
    shutil.copytree(source, tmp_path / "bank" / "relu_backward")
    monkeypatch.setenv("BACKPROOF_ASSIGNMENTS", str(tmp_path))
    return tmp_path / "bank" / "relu_backward"


def test_the_audit_shows_power_rules_and_automatic_mutants(
    bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two tables for the README: checks, and automatic mutants with their sum."""
    code = main(["audit", "--mutate", "--markdown"])

    lines = capsys.readouterr().out.splitlines()
    assert code == ExitCode.OK
    assert lines[0].endswith("| honest pass | power rules |")
    assert [line for line in lines if line.startswith("| relu_backward/dx |")]
    killed = next(line for line in lines if line.startswith("| relu_backward | "))
    assert killed.endswith("| 0 | 0 |")
    assert lines[-1] == killed.replace("relu_backward", "**all**")


def test_a_waiver_is_shown_and_a_broken_rule_is_a_fault(
    bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The sentence names the problem, the check, the cases, the value and the rule."""
    problem = bank / "problem.py"
    square = problem.read_text().replace(
        "_inputs(rng, 5, 6, zeros=6)", "_inputs(rng, 5, 5, zeros=6)"
    )
    square = square.replace("_inputs(rng, 2, 3, 5, 4)", "_inputs(rng, 4, 4, 5, 5)")
    waiver = 'Waiver(rule="square_image", name="x", reason="entries are treated one by one")'
    square = square.replace("import Call,", "import Waiver, Call,")
    problem.write_text(square + f"\nWAIVERS = ({waiver},)\n")

    code = main(["audit"])

    text = " ".join(capsys.readouterr().out.split())
    assert code == ExitCode.SOMETHING_FAILED
    assert "WAIVED relu_backward: square_image x: entries are treated one by one" in text
    assert "FAULT relu_backward: dx: dout is (4, 4, 5, 5) in every hidden case (images):" in text
    assert "+1 waived" in text


def test_a_sample_of_the_automatic_mutants_is_run(
    bank: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """So many for each problem."""
    code = main(["audit", "--mutate", "--sample", "4", "--json"])

    found = json.loads(capsys.readouterr().out)["automatic_mutants"]
    assert code == ExitCode.OK
    assert [(card["problem"], card["edits"], card["killed"]) for card in found] == [
        ("relu_backward", 4, 4)
    ]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--sample", "4"], "--sample needs --mutate"),
        (["--mutate", "--sample", "0"], "a number from 1 on"),
        (["--mutate", "--sample", "4", "--markdown"], "counts all mutants"),
    ],
)
def test_a_sample_that_makes_no_sense_is_refused(
    bank: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    """Before anything is run."""
    assert main(["audit", *arguments]) == ExitCode.USAGE
    assert says in capsys.readouterr().err
