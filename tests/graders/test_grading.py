"""The main path: verdicts, points and feedback of whole submissions."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backproof import grading
from backproof.answer_key import AnswerKey, seed_of
from backproof.grading import grade
from backproof.model import (
    Assignment,
    Case,
    CheckResult,
    Expected,
    MismatchKind,
    OracleKind,
    Report,
    Submission,
    Verdict,
    Visibility,
)
from backproof.sandbox import Isolated

Grader = Callable[[str | Path], Report]
ResultOf = Callable[[Report, str], CheckResult]


def test_the_reference_solution_gets_full_marks(graded: Grader, solution: str) -> None:
    """A right submission passes every check and earns every point."""
    report = graded(solution)

    assert report.all_passed
    assert report.points == report.max_points == 40


def test_an_empty_submission_gets_nothing_and_is_told_what_is_missing(
    graded: Grader, result: ResultOf
) -> None:
    """Each missing function is named."""
    report = graded("x = 1\n")

    assert report.points == 0
    missing = result(report, "batchnorm/dx")
    assert missing.verdict is Verdict.STUDENT_ERROR
    assert "batchnorm_forward" in missing.observed


def test_points_of_a_question_are_split_over_its_checks(
    graded: Grader, solution: str, result: ResultOf
) -> None:
    """A part that fails costs its share of the question, no more."""
    report = graded(solution + "\nx_tilde = ''\n")

    assert result(report, "dropout_tikhonov/x_tilde").verdict is Verdict.FAILED
    scores = {question.number: question.points for question in report.questions}
    assert scores["1.4"] == 2
    assert report.points == 39


def test_an_undecided_answer_waits_and_costs_nothing_by_itself(
    graded: Grader, solution: str, result: ResultOf
) -> None:
    """What cannot be read goes to a person, with what could not be read in it."""
    report = graded(solution + "\nx_tilde = 'scale the columns of X'\n")

    assert result(report, "dropout_tikhonov/x_tilde").verdict is Verdict.UNDECIDED
    assert "unknown name" in result(report, "dropout_tikhonov/x_tilde").observed
    assert report.waiting == 1
    assert not report.all_passed


def test_a_right_formula_passes_however_it_is_written(
    graded: Grader, solution: str, result: ResultOf
) -> None:
    """Transposed twice, in another order, with another name for the symbol."""
    report = graded(solution + "\nx_tilde = '(inv(Gamma)@X.T).T*√λ'\n")

    assert result(report, "dropout_tikhonov/x_tilde").verdict is Verdict.PASSED


def test_a_wrong_formula_is_explained_without_the_right_one(
    graded: Grader, solution: str, result: ResultOf
) -> None:
    """The student reads a point and their own value; the expected one is for staff."""
    report = graded(solution + "\ntikhonov_factor = '2*sqrt((1-p)/p)'\n")

    wrong = result(report, "dropout_tikhonov/tikhonov_factor")
    assert wrong.verdict is Verdict.FAILED
    assert wrong.misconception == "your answer is 2 times the expected one"
    assert "which is not the right value" in wrong.observed
    assert "expected" not in wrong.observed
    assert "expected" in wrong.evidence


def test_a_failed_prerequisite_skips_its_dependants_by_name(
    graded: Grader, solution: str, result: ResultOf
) -> None:
    """The skipped check says which claim has to be right first."""
    report = graded(solution + "\ndef dropout(x, drop_prob, training=True):\n    return x\n")

    skipped = result(report, "dropout_layers/identity")
    assert skipped.verdict is Verdict.SKIPPED
    assert "every entry is dropped on its own" in skipped.observed


def test_a_known_wrong_formula_is_named(graded: Grader, solution: str, result: ResultOf) -> None:
    """When the output equals a mutant's, its sentence is the feedback."""
    wrong = solution.replace("(dbeta + x_hat * dgamma)", "dbeta")
    assert wrong != solution

    found = result(graded(wrong), "batchnorm/dx")

    assert found.verdict is Verdict.FAILED
    assert found.misconception_id == "detached_variance"
    assert "treats the variance as a constant" in found.misconception


def test_an_unknown_wrong_formula_gets_no_invented_cause(
    graded: Grader, solution: str, result: ResultOf
) -> None:
    """Feedback names a misconception only when the numbers show it."""
    wrong = solution.replace("(dbeta + x_hat * dgamma)", "(dbeta + 1.37 * x_hat * dgamma)")

    found = result(graded(wrong), "batchnorm/dx")

    assert found.verdict is Verdict.FAILED
    assert found.misconception == ""


def test_a_fault_of_the_file_is_every_checks_result(
    first_layers: Assignment, runner: Isolated, key: AnswerKey
) -> None:
    """A file that cannot be read is graded too: nothing is run, everything says why."""
    broken = Submission(name="b", path=Path("b.py"), digest="", fault="b.py is not UTF-8 text")

    report = grade(first_layers, broken, runner, key)

    assert {r.verdict for r in report.results} == {Verdict.STUDENT_ERROR}
    assert report.fault == "b.py is not UTF-8 text"


def test_our_own_failure_is_never_a_students_zero(
    first_layers: Assignment, runner: Isolated, solution: str, result: ResultOf
) -> None:
    """An oracle that raises is a grader error: its points wait, everything else is graded."""

    def broken(**_: object) -> dict[str, object]:
        raise RuntimeError("oracle out of order")

    question = first_layers.questions[0]
    problem = question.problem
    checks = tuple(
        replace(
            check,
            oracle=Expected(compute=broken, kind=OracleKind.REFERENCE, provenance=("test",)),
        )
        if check.id == "expected_gram"
        else check
        for check in problem.checks
    )
    broken_problem = replace(problem, checks=checks)
    assignment = replace(
        first_layers,
        questions=tuple(
            replace(q, problem=broken_problem) if q.problem is problem else q
            for q in first_layers.questions
        ),
    )
    submission = Submission(name="s", path=Path("s.py"), digest="", cells=(solution,))

    report = grade(assignment, submission, runner, AnswerKey("own failure"))

    failed = result(report, "dropout_tikhonov/expected_gram")
    assert failed.verdict is Verdict.GRADER_ERROR
    assert "oracle out of order" in failed.remark
    assert report.grader_failed
    assert report.waiting == 2
    assert report.points == 38


BATCHNORM = "def batchnorm_forward(x, gamma, beta, eps=1e-5):\n    {body}\n"


@pytest.mark.parametrize(
    ("body", "verdict", "words"),
    [
        ("return None", Verdict.FAILED, "None"),
        ("return x", Verdict.FAILED, "out, cache"),
        ("return x, x, x", Verdict.FAILED, "3"),
        ("return x[:2], None", Verdict.FAILED, "shape (2, 4)"),
        ("return x.half(), None", Verdict.FAILED, "float16"),
        ("return x * float('nan'), None", Verdict.FAILED, "nan"),
        ("return 'text', None", Verdict.FAILED, "a text (str), not an array"),
        ("return x.to('meta'), None", Verdict.FAILED, "meta"),
        ("raise ValueError('no idea')", Verdict.STUDENT_ERROR, "ValueError: no idea"),
        ("return undefined_name", Verdict.STUDENT_ERROR, "undefined_name"),
        # No default arguments: CPython 3.13.0 does not stop recursion through those (fixed in 3.13.1).
        ("f = lambda v: f(v); return f(x)", Verdict.STUDENT_ERROR, "RecursionError"),
        ("import sys; sys.exit(0)", Verdict.STUDENT_ERROR, "SystemExit"),
        ("import os; os._exit(0)", Verdict.STUDENT_ERROR, "ended the interpreter"),
        ("import os; os.kill(os.getpid(), 9)", Verdict.STUDENT_ERROR, "killed"),
        ("import ctypes; ctypes.string_at(0)", Verdict.STUDENT_ERROR, "crashed"),
    ],
)
def test_each_bad_return_has_its_own_sentence(
    graded: Grader, solution: str, result: ResultOf, body: str, verdict: Verdict, words: str
) -> None:
    """Whatever goes wrong in one function is said in words, and the other problems are graded."""
    report = graded(solution + "\n" + BATCHNORM.format(body=body))

    found = result(report, "batchnorm/forward")
    assert found.verdict is verdict
    assert words in found.observed
    assert result(report, "conv2d_backprop/dw").verdict is Verdict.PASSED
    assert result(report, "dropout_layers/mask").verdict is Verdict.PASSED


def test_a_wrong_signature_is_shown_beside_the_asked_one(
    graded: Grader, solution: str, result: ResultOf
) -> None:
    """Parameters that cannot be bound are named with both signatures."""
    report = graded(solution + "\ndef batchnorm_forward(x):\n    return x, None\n")

    found = result(report, "batchnorm/forward")
    assert found.verdict is Verdict.STUDENT_ERROR
    assert "batchnorm_forward(x)" in found.observed


def test_hidden_cases_depend_on_the_secret_and_public_ones_do_not() -> None:
    """Two courses share the public cases and nothing else."""
    hidden = Case(id="c", why="w", build=lambda rng: {})
    public = replace(hidden, visibility=Visibility.PUBLIC)

    assert seed_of("one", "p", hidden) != seed_of("two", "p", hidden)
    assert seed_of("one", "p", public) == seed_of("two", "p", public)
    assert seed_of("one", "p", hidden) != seed_of("one", "q", hidden)


def test_a_report_can_be_reproduced_from_its_header(
    first_layers: Assignment, runner: Isolated, solution: str
) -> None:
    """Grading again with the seed of a report gives the same sizes to the last digit."""
    submission = Submission(name="s", path=Path("s.py"), digest="", cells=(solution,))
    first = grade(first_layers, submission, runner, AnswerKey("some secret"))

    again = grade(first_layers, submission, runner, AnswerKey(first.seed))

    assert [r.size for r in again.results] == [r.size for r in first.results]
    assert first.isolation
    assert first.versions["torch"]


def test_a_source_tree_that_is_not_installed_has_no_version() -> None:
    """On a machine where nothing can be installed, grading goes on."""
    assert grading._version("no-such-distribution").startswith("not installed")


def test_what_a_student_prints_changes_nothing(graded: Grader, solution: str) -> None:
    """Output on both streams, warnings included, costs no marks."""
    noisy = "import sys, warnings\nprint('x' * 100_000)\nprint('e', file=sys.stderr)\n" + solution
    noisy = noisy.replace("    centred = ", "    warnings.warn('hm'); print(x)\n    centred = ")
    noisy = noisy.replace("from __future__ import annotations\n", "")

    assert graded(noisy).points == 40


def test_mismatch_kinds_are_part_of_the_result(
    graded: Grader, solution: str, result: ResultOf
) -> None:
    """Programs can tell a wrong shape from a wrong value."""
    report = graded(solution + "\n" + BATCHNORM.format(body="return x.T, None"))

    mismatch = result(report, "batchnorm/forward").mismatch
    assert mismatch is not None
    assert mismatch.kind is MismatchKind.SHAPE


def test_an_answer_without_quotes_is_told_about_them(
    graded: Grader, solution: str, result: ResultOf
) -> None:
    """Python stops at the first unknown name, long before anybody could read the formula."""
    report = graded(solution.replace("tikhonov_factor = 'sqrt((1-p)/p)'", "tikhonov_factor = 1/p"))

    found = result(report, "dropout_tikhonov/tikhonov_factor")
    assert found.verdict is Verdict.STUDENT_ERROR
    assert 'a typed answer stands between quotes: tikhonov_factor = "..."' in found.observed


def test_a_result_names_the_derivations_behind_it(
    graded: Grader, solution: str, result: ResultOf
) -> None:
    """Staff find the proof of an expected answer, and its page, by these names."""
    report = graded(solution)

    assert "batchnorm.dx" in result(report, "batchnorm/dx").provenance
    assert result(report, "dropout_tikhonov/tikhonov_factor").provenance == ("tikhonov.dropout",)
