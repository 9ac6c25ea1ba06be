"""One set of checks: the command line, pytest and nbgrader say the same about the same file.

nbgrader's half stands in `test_nbgrader.py`: the gradebook's points equal those of grading the same
notebooks directly.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from backproof.loading import render_solution
from backproof.model import Assignment

FAILING = {"failed", "student error", "timeout", "out of memory"}
"""Or "follows": a self-check cannot know that an earlier question has cost the points."""


@pytest.fixture
def files(tmp_path: Path, repository: Path, first_layers: Assignment) -> list[Path]:
    """An odd right solution, a stub, and wrong solutions."""
    tests, release = repository / "tests", repository / "assignments" / "first_layers" / "release"
    shutil.copy(tests / "demo" / "honest_odd.py", tmp_path / "honest_odd.py")
    shutil.copy(release / "first_layers.py", tmp_path / "stub.py")
    asks = [ask for problem in first_layers.problems for ask in problem.asks]
    mutants = {mutant.id: mutant for problem in first_layers.problems for mutant in problem.mutants}
    for id_ in ("detached_mean", "overlaps_overwritten", "eps_hard_coded"):
        (tmp_path / f"{id_}.py").write_text(render_solution(asks, replacing=mutants[id_]))
    return sorted(tmp_path.glob("*.py"))


def graded(repository: Path, files: list[Path]) -> dict[str, dict[str, str]]:
    """Per file: check name to verdict, from the command line."""
    command = [sys.executable, "-m", "backproof.frontends.cli", "grade", "first_layers"]
    done = subprocess.run(
        [*command, *map(str, files), "--json"], cwd=repository, capture_output=True, text=True
    )
    return {
        Path(report["submission"]).stem: {
            f"{r['question']}::{r['check'].split('/')[1]}": r["verdict"] for r in report["results"]
        }
        for report in json.loads(done.stdout)["reports"]
    }


def self_checked(repository: Path, file: Path, folder: Path) -> dict[str, str]:
    """Check name to outcome, from pytest in a released folder."""
    shutil.copytree(repository / "assignments" / "first_layers" / "release", folder)
    shutil.copy(file, folder / "handed_in.py")
    junit = folder / "junit.xml"
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "--backproof",
        "handed_in.py",
        f"--junit-xml={junit}",
    ]
    subprocess.run([*command, "-p", "no:cacheprovider"], cwd=folder, capture_output=True)
    outcomes = {}
    for case in ElementTree.parse(junit).getroot().iter("testcase"):
        question = case.attrib["classname"].removeprefix("handed_in.")
        outcome = next((c.tag for c in case if c.tag in ("failure", "skipped", "error")), "passed")
        outcomes[f"{question}::{case.attrib['name']}"] = outcome
    return outcomes


def test_pytest_and_the_command_line_agree_on_every_public_check(
    files: list[Path], repository: Path, tmp_path: Path
) -> None:
    """What passes in the self-check passes when graded, and what fails there fails."""
    all_verdicts = graded(repository, files)
    for file in files:
        verdicts = all_verdicts[file.stem]
        outcomes = self_checked(repository, file, tmp_path / f"of_{file.stem}")
        assert len(outcomes) > 20
        for name, outcome in outcomes.items():
            if outcome == "passed":
                assert verdicts[name] == "passed", f"{file.stem} {name}"
            elif outcome == "failure":
                assert verdicts[name] in {*FAILING, "follows"}, f"{file.stem} {name}"
            else:  # recorded typed answers, and checks whose prerequisite is not right
                assert outcome == "skipped"
