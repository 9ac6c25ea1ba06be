"""The student's self-check: plain `pytest` in a released folder.

A folder is a released one when it holds `public_cases.json`. Everywhere else this plug-in does
nothing, and imports nothing but pytest.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from backproof.frontends.selfcheck import SelfCheck
    from backproof.model import Check, GradedQuestion

# As in `backproof.loading`, which would import NumPy into every pytest run.
PUBLIC_CASES = "public_cases.json"
_SUFFIXES = (".py", ".ipynb")
_OWN_FAULT = ("backproof", "the self-check failed")


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that names the file to check."""
    parser.getgroup("backproof", "homework self-check").addoption(
        "--backproof",
        metavar="FILE",
        help="check this file on the public cases in its folder (default: the .py or .ipynb of "
        "the homework that you have changed)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """`--backproof FILE` is the same as naming FILE, but says what is wrong with it."""
    if (name := config.getoption("--backproof")) is None:
        return
    path = config.invocation_params.dir / name
    if not path.is_file() or path.suffix not in _SUFFIXES:
        raise pytest.UsageError(f"--backproof {name}: there is no such .py or .ipynb file")
    if not (path.parent / PUBLIC_CASES).is_file():
        raise pytest.UsageError(
            f"--backproof {name}: no {PUBLIC_CASES} beside it; put your file into the folder "
            "that you got from your course"
        )
    named = config.args if config.args_source is pytest.Config.ArgsSource.ARGS else []
    config.args = [*named, str(path)]


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(
    file_path: Path, parent: pytest.Collector
) -> Generator[None, list[pytest.Collector], list[pytest.Collector]]:
    """Put our collector in the place of any other for the homework's file."""
    collectors = yield
    folder = file_path.parent
    if file_path.suffix not in _SUFFIXES or not (folder / PUBLIC_CASES).is_file():
        return collectors
    if file_path in _files_to_check(folder, parent.session):
        return [HomeworkFile.from_parent(parent, path=file_path)]
    return collectors


def _files_to_check(folder: Path, session: pytest.Session) -> Sequence[Path]:
    """The files named on the command line, else those that differ from the release."""
    tests = ("conftest.py", *session.config.getini("python_files"))
    named = [
        path
        for path in folder.iterdir()
        if path.suffix in _SUFFIXES
        and session.isinitpath(path)
        and not any(fnmatch(path.name, pattern) for pattern in tests)
    ]
    if named:
        return named
    from backproof.authoring.manifest import files_to_check

    return files_to_check(folder)


class HomeworkFile(pytest.File):
    """A student's module or notebook: its questions are collected, it is never imported."""

    selfcheck: SelfCheck
    fault: str | None

    def collect(self) -> Iterator[pytest.Collector]:
        """The questions of the homework."""
        from backproof.loading import load_released
        from backproof.model import BackproofError

        try:
            self.assignment = load_released(self.path.parent / PUBLIC_CASES)
        except BackproofError as error:
            raise self.CollectError(str(error)) from error
        for question in self.assignment.questions:
            yield HomeworkQuestion.from_parent(self, name=question.number, question=question)

    def setup(self) -> None:
        """Load the submission, once for all of its checks."""
        from backproof.frontends.selfcheck import opened
        from backproof.loading import read_submission
        from backproof.sandbox import InProcess

        submission = read_submission(self.path)
        self.fault = submission.fault
        self._open = ExitStack()
        self.selfcheck = self._open.enter_context(opened(self.assignment, submission, InProcess()))

    def teardown(self) -> None:
        """Unload the submission."""
        self._open.close()


class HomeworkQuestion(pytest.Collector):
    """A question: its public checks are the tests."""

    def __init__(self, *, question: GradedQuestion, **node: Any) -> None:
        super().__init__(**node)
        self.question = question

    def collect(self) -> Iterator[pytest.Item]:
        """The checks of the question that have public cases, and its typed answers."""
        for check in self.question.checks:
            yield PublicCheck.from_parent(self, name=check.id, question=self.question, check=check)


class _Explained:
    """A failure as pytest prints it: `brief` in the summary, `text` above it."""

    def __init__(self, text: str, brief: str) -> None:
        self.text, self.message = text, brief

    @property
    def reprcrash(self) -> _Explained:
        return self

    def toterminal(self, terminal: Any) -> None:
        terminal.line(self.text)

    def __str__(self) -> str:
        return self.text


class PublicCheck(pytest.Item):
    """One check of a homework on its public cases."""

    def __init__(self, *, question: GradedQuestion, check: Check, **node: Any) -> None:
        super().__init__(**node)
        self.question, self.check = question, check
        self.brief = ""

    def runtest(self) -> None:
        """Take grading's own path, and turn the verdict into pytest's."""
        from backproof.frontends.selfcheck import NotYetRight, SelfCheckError, explanation
        from backproof.model import Verdict

        file = self.getparent(HomeworkFile)
        assert file is not None
        if file.fault is not None:
            self.brief = file.fault
            raise NotYetRight(file.fault)
        result = file.selfcheck.result(self.question.problem, self.check)
        if result.verdict.earns_points:
            return
        self.brief = result.observed.partition("\n")[0]
        if result.verdict in (Verdict.SKIPPED, Verdict.UNDECIDED):
            self.user_properties.append(("backproof", result.observed))
            pytest.skip(result.observed)
        if result.verdict is Verdict.GRADER_ERROR:
            self.user_properties.append(_OWN_FAULT)
            raise SelfCheckError(explanation(self.check, result))
        raise NotYetRight(explanation(self.check, result))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The explanation alone: no frame of ours helps a student."""
        from backproof.frontends.selfcheck import NotYetRight, SelfCheckError

        if isinstance(excinfo.value, NotYetRight | SelfCheckError):
            return _Explained(str(excinfo.value), self.brief)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, None, str]:
        """The headline of a failure."""
        return self.path, None, f"{self.question.number} {self.check.id}: {self.question.title}"


def pytest_report_teststatus(report: pytest.TestReport) -> tuple[str, str, str] | None:
    """A failure of ours is an error, not a failed test."""
    if report.when == "call" and _OWN_FAULT in report.user_properties:
        return "error", "E", "ERROR"
    return None


def pytest_report_collectionfinish(items: Iterable[pytest.Item]) -> list[str]:
    """Say which file is checked, and what the result means."""
    names = dict.fromkeys(item.path.name for item in items if isinstance(item, PublicCheck))
    return [
        f"backproof: checking {name}, public cases only (the marks come from hidden ones)"
        for name in names
    ]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was not judged, and why: pytest itself counts skipped tests only."""
    notes = [
        (report.nodeid.partition("::")[2].replace("::", " "), reason)
        for report in terminalreporter.getreports("skipped")
        for owner, reason in getattr(report, "user_properties", ())
        if owner == "backproof"
    ]
    if notes and terminalreporter.config.get_verbosity() >= 0:
        terminalreporter.section("not judged here", sep="-")
        for name, reason in notes:
            terminalreporter.line(f"{name}: {reason}")
