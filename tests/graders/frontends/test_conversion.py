"""The worked example of `docs/conversion.md`: its code, as it stands there."""

import re
from pathlib import Path

import pytest

from backproof.answer_key import AnswerKey
from backproof.frontends.cli import main
from backproof.grading import grade
from backproof.loading import load_assignment, render_solution
from backproof.model import Submission
from backproof.sandbox import Isolated

NAMED = re.compile(r"`(bank/\S+|week3/\S+|leaky\S*)`[^`]*:\n\n```\w+\n(.*?)```\n", re.DOTALL)
POINTS = {"leaky-seen": 1, "leaky-hidden": 3}


@pytest.fixture(scope="module")
def blocks(repository: Path) -> dict[str, str]:
    """Code by the name that the page gives it: cells of the old notebook, and files."""
    return dict(NAMED.findall((repository / "docs" / "conversion.md").read_text("utf-8")))


@pytest.fixture(scope="module")
def assignments(blocks: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("converted") / "assignments"
    for name, text in blocks.items():
        if "/" in name:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(text, "utf-8")
    return root


def plain_points(blocks: dict[str, str], answer: str) -> int:
    """What the test cells of the old notebook give for an answer, in one process as there."""
    namespace: dict[str, object] = {}
    exec(answer, namespace)
    total = 0
    for cell, points in POINTS.items():
        try:
            exec(blocks[cell], namespace)
            total += points
        except Exception:
            continue
    return total


def test_the_page_has_all_parts(blocks: dict[str, str]) -> None:
    files = {f"bank/leaky_backward/{name}" for name in ("problem.md", "problem.py")}
    files |= {f"bank/leaky_backward/{name}" for name in ("mutants.py", "honest.py")}
    assert blocks.keys() == {"leaky", *POINTS, *files, "week3/assignment.toml"}


def test_the_converted_problem_passes_the_audit(
    assignments: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every mutant is killed by the checks that it names, every honest variant passes."""
    monkeypatch.setenv("BACKPROOF_ASSIGNMENTS", str(assignments))
    assert main(["audit", "leaky_backward"]) == 0, capsys.readouterr().out


def test_the_old_solution_and_a_stub_have_the_points_that_they_had(
    blocks: dict[str, str], assignments: Path
) -> None:
    """Right is right and nothing is nothing on both sides; a wrong answer cannot win."""
    assignment = load_assignment(assignments / "week3")
    old = blocks["leaky"]
    (problem,) = assignment.problems
    stub = "def leaky_backward(dout, x, slope):\n    raise NotImplementedError"
    answers = {"right": old, "stub": stub}
    for mutant in problem.mutants:
        answers[mutant.id] = render_solution(problem.asks, replacing=mutant)
    with Isolated() as runner:
        points = {}
        for name, code in answers.items():
            submission = Submission(name=name, path=Path(f"{name}.py"), digest="", cells=(code,))
            report = grade(assignment, submission, runner, AnswerKey("tests"))
            points[name] = sum(question.points for question in report.questions)
    assert (points["right"], plain_points(blocks, old)) == (4, 4)
    assert (points["stub"], plain_points(blocks, stub)) == (0, 0)
    assert points["mask_from_dout"] == 0
    assert points["plain_relu"] == 0
