"""One suite over every problem of the bank and every homework."""

import re
from pathlib import Path

import pytest

from backproof.answer_key import AnswerKey
from backproof.audit import EditCard, ReportCard, audit_problem
from backproof.audit.mutation import edits_of_problem
from backproof.frontends.audit_command import edit_row, markdown_table
from backproof.loading import load_assignment, load_problem, load_survivors, render_solution
from backproof.model import FunctionAsk, OracleKind, Visibility
from backproof.sandbox import Isolated
from backproof_reference.prove import Derivation

ASSIGNMENTS = Path(__file__).parent.parent.parent / "assignments"
PROBLEMS = sorted(path.parent for path in (ASSIGNMENTS / "bank").glob("*/problem.py"))
HOMEWORKS = sorted(path.parent for path in ASSIGNMENTS.glob("*/assignment.toml"))


@pytest.fixture(scope="module")
def cards(runner: Isolated) -> dict[str, ReportCard]:
    return {
        folder.name: audit_problem(load_problem(folder), runner, AnswerKey("audit"))
        for folder in PROBLEMS
    }


@pytest.mark.parametrize("folder", PROBLEMS, ids=lambda folder: folder.name)
def test_the_report_card_has_no_fault(folder: Path, cards: dict[str, ReportCard]) -> None:
    """References and honest variants pass; stubs, trivial answers and mutants die where named."""
    assert cards[folder.name].faults == []


def test_the_readme_shows_the_report_card(cards: dict[str, ReportCard], repository: Path) -> None:
    """The table in the README is the audit's own."""
    total = ReportCard(cards=[card for folder in PROBLEMS for card in cards[folder.name].cards])

    assert markdown_table(total) in (repository / "README.md").read_text()


def test_the_readme_counts_the_automatic_mutants(repository: Path) -> None:
    """As many as there are now, less those that survivors.toml lists; running them is the audit's."""
    readme, key = (repository / "README.md").read_text(), AnswerKey("audit")
    for folder in PROBLEMS:
        edits = edits_of_problem(load_problem(folder), key)
        lists = load_survivors(folder)
        card = EditCard(
            problem=folder.name,
            edits=len(edits),
            killed=len(edits) - len(lists.equivalent) - len(lists.missed),
            equivalent=tuple(lists.equivalent),
            missed=tuple(lists.missed),
        )
        assert f"| {' | '.join(edit_row(card))} |" in readme


@pytest.mark.parametrize("folder", PROBLEMS, ids=lambda folder: folder.name)
def test_the_derivations_behind_a_problem_are_proved(folder: Path) -> None:
    """Every step is proved at the declared sizes and agrees with torch."""
    for derivation in load_problem(folder).derivations:
        assert isinstance(derivation, Derivation)
        report = derivation.check()
        assert report.passed, str(report)


@pytest.mark.parametrize("folder", PROBLEMS, ids=lambda folder: folder.name)
def test_every_question_names_an_oracle_that_is_independent_of_autograd(folder: Path) -> None:
    """A proven formula, a cited reference or a relation; of words, and nothing else, a person."""
    for check in load_problem(folder).checks:
        assert check.oracle.kind in (
            OracleKind.PROVEN,
            OracleKind.REFERENCE,
            OracleKind.RELATION,
            OracleKind.PERSON,
        )


@pytest.mark.parametrize("folder", PROBLEMS, ids=lambda folder: folder.name)
def test_every_function_can_be_checked_by_its_student(folder: Path) -> None:
    """Each asked function has a check with a public case, and one with a hidden case."""
    problem = load_problem(folder)
    for ask in problem.asks:
        if isinstance(ask, FunctionAsk):
            seen = {
                case.visibility
                for check in problem.checks
                if ask.name in check.probe.asks
                for case in check.cases
            }
            assert seen == {Visibility.PUBLIC, Visibility.HIDDEN}, ask.name


@pytest.mark.parametrize("folder", HOMEWORKS, ids=lambda folder: folder.name)
def test_no_misconception_tells_the_grade_of_another_student(folder: Path) -> None:
    """Sentences for students address them, and name nobody."""
    for problem in load_assignment(folder).problems:
        for mutant in problem.mutants:
            assert mutant.misconception
            assert not re.search(r"seed|tehran|berkeley", mutant.misconception, re.IGNORECASE)


@pytest.mark.parametrize("folder", HOMEWORKS, ids=lambda folder: folder.name)
def test_the_references_of_a_homework_are_one_module(folder: Path) -> None:
    """The control of a homework: helpers of different problems do not share a name."""
    asks = [ask for problem in load_assignment(folder).problems for ask in problem.asks]

    compile(render_solution(asks), folder.name, "exec")
