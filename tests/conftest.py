"""Fixtures that more than one part of the tests needs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch

from backproof.answer_key import AnswerKey
from backproof.grading import grade
from backproof.loading import find_assignment, load_assignment, read_submission, render_solution
from backproof.model import Assignment, CheckResult, Report, Submission
from backproof.sandbox import Isolated

REPOSITORY = Path(__file__).parent.parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `gpu` are skipped by name where there is no CUDA device."""
    if any(item.get_closest_marker("gpu") for item in items) and not torch.cuda.is_available():
        skip = pytest.mark.skip(reason="not run: needs a CUDA device, and there is none here")
        for item in items:
            if item.get_closest_marker("gpu"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


@pytest.fixture(scope="session")
def first_layers() -> Assignment:
    return load_assignment(find_assignment(str(REPOSITORY / "assignments" / "first_layers")))


@pytest.fixture(scope="session")
def key() -> AnswerKey:
    return AnswerKey("tests")


@pytest.fixture(scope="session")
def runner() -> Iterator[Isolated]:
    with Isolated() as isolated:
        yield isolated


@pytest.fixture(scope="session")
def solution(first_layers: Assignment) -> str:
    """The reference solution of the whole homework as one module."""
    return render_solution(ask for problem in first_layers.problems for ask in problem.asks)


def as_submission(code: str, name: str = "submission") -> Submission:
    return Submission(name=name, path=Path(f"{name}.py"), digest="", cells=(code,))


Grader = Callable[[str | Path], Report]


@pytest.fixture(scope="session")
def graded(first_layers: Assignment, runner: Isolated, key: AnswerKey) -> Grader:
    """Grade source text or a file as a submission of the short homework."""

    def run(work: str | Path) -> Report:
        submission = read_submission(work) if isinstance(work, Path) else as_submission(work)
        return grade(first_layers, submission, runner, key)

    return run


def result_of(report: Report, check: str) -> CheckResult:
    return next(result for result in report.results if result.check == check)


@pytest.fixture
def result() -> Callable[[Report, str], CheckResult]:
    return result_of
