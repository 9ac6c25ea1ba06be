"""Fixtures that more than one part of the tests needs."""

import importlib.util
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from backproof.answer_key import AnswerKey
from backproof.grading import grade
from backproof.loading import find_assignment, load_assignment, read_submission, render_solution
from backproof.model import Assignment, CheckResult, Report, Submission
from backproof.sandbox import Isolated

REPOSITORY = Path(__file__).parent.parent


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--every-profile` runs both corpora as a whole in the profile cold too: half an hour.

    `--slow` runs what takes minutes.
    """
    parser.addoption("--slow", action="store_true", help="also the tests that take minutes each")
    parser.addoption(
        "--every-profile",
        action="store_true",
        help="every submission of the corpora also in a fresh process each (profile cold)",
    )


@pytest.fixture
def in_each_profile(request: pytest.FixtureRequest) -> Callable[[str, str, frozenset[str]], None]:
    """Skips by name what costs seconds each, unless it is asked for."""

    def check(profile: str, name: str, always: frozenset[str]) -> None:
        if profile == "cold" and name not in always and not request.config.option.every_profile:
            pytest.skip("a fresh process for each submission: only with --every-profile")

    return check


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests marked `gpu` are skipped by name where there is no CUDA device; slow ones, unless asked."""
    for item in items:
        if item.get_closest_marker("slow") and not item.config.option.slow:
            item.add_marker(pytest.mark.skip(reason="takes minutes: only with --slow"))
    if any(item.get_closest_marker("gpu") for item in items) and not torch.cuda.is_available():
        skip = pytest.mark.skip(reason="not run: needs a CUDA device, and there is none here")
        for item in items:
            if item.get_closest_marker("gpu"):
                item.add_marker(skip)


@pytest.fixture(scope="session")
def repository() -> Path:
    return REPOSITORY


def _beside(name: str) -> Any:
    """A module of the tests that lies beside this file."""
    spec = importlib.util.spec_from_file_location(f"tests_{name}", REPOSITORY / f"tests/{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A tab of a headless Chromium (see `browser.py`); skipped by name where there is none."""
    module = _beside("browser")
    if module.chromium() is None:
        pytest.skip("not run: needs Chromium, and there is none here")
    with module.opened(tmp_path_factory.mktemp("chromium")) as page:
        yield page


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
