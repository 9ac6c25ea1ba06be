"""What is finished is on disk, is found again under the same terms, and under no others."""

import multiprocessing
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from backproof.answer_key import AnswerKey
from backproof.batch.journal import Journal, Terms
from backproof.grading import grade
from backproof.model import (
    Assignment,
    BackproofError,
    CheckResult,
    ErrorMap,
    Limits,
    MatrixPicture,
    Mismatch,
    MismatchKind,
    ReceptiveField,
    Report,
    Submission,
    Verdict,
)
from backproof.reporting import read_report, report_table
from backproof.sandbox import InProcess

TERMS = Terms(grader="g1", device="cpu", seed="s", isolation="base", limits=Limits())


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "class.journal") as opened:
        yield opened


@pytest.fixture
def reports(homework: Assignment, class_of_four: list[Submission], key: AnswerKey) -> list[Report]:
    return [grade(homework, submission, InProcess(), key) for submission in class_of_four]


def rows(journal: Journal) -> list[tuple[str, str | None]]:
    with sqlite3.connect(journal.path) as file:
        return file.execute("SELECT name, replaced FROM graded ORDER BY rowid").fetchall()


def test_a_report_is_read_back_as_it_was_written(reports: list[Report]) -> None:
    """With everything that a result can hold."""
    whole = CheckResult(
        check="p/c",
        question="1",
        claim="c",
        expects="e",
        read="r",
        verdict=Verdict.FAILED,
        points=0.5,
        max_points=1,
        mismatch=Mismatch(
            kind=MismatchKind.VALUE, output="o", observed="x", index=(1, 2), size=float("inf")
        ),
        provenance=("a", "b"),
        pictures=(
            ErrorMap(output="o", shape=(2, 2), grid=(2, 2), levels="0123", summary="s"),
            MatrixPicture(name="A", cells=(("1", "2"), ("3",)), wrong=(0, 1)),
            ReceptiveField(kernels=(3, 2), strides=(2, 1)),
        ),
        size=float("inf"),
    )
    for report in (*reports, replace(reports[0], results=(whole,))):
        assert read_report(report_table(report)) == report


def test_a_report_is_found_again_under_the_name_of_whoever_asks(
    journal: Journal, homework: Assignment, class_of_four: list[Submission], reports: list[Report]
) -> None:
    """Two students with the same file have the same result, each under their own name."""
    journal.keep(reports[0], TERMS)

    assert journal.find(homework, class_of_four[0], TERMS) == reports[0]
    other = replace(class_of_four[0], name="eve")
    assert journal.find(homework, other, TERMS) == replace(reports[0], submission="eve")


@pytest.mark.parametrize(
    "change",
    [
        {"grader": "g2"},
        {"device": "cuda"},
        {"seed": "t"},
        {"isolation": "full"},
        {"limits": Limits(call_seconds=99)},
    ],
)
def test_nothing_is_found_under_other_terms(
    journal: Journal,
    homework: Assignment,
    class_of_four: list[Submission],
    reports: list[Report],
    change: dict[str, object],
) -> None:
    journal.keep(reports[0], TERMS)

    assert journal.find(homework, class_of_four[0], replace(TERMS, **change)) is None
    assert journal.find(replace(homework, digest="new"), class_of_four[0], TERMS) is None
    assert journal.find(homework, class_of_four[1], TERMS) is None


def test_what_could_not_be_read_has_nothing_to_be_known_by(
    journal: Journal, homework: Assignment, class_of_four: list[Submission], reports: list[Report]
) -> None:
    journal.keep(reports[3], TERMS)

    assert rows(journal) == []
    assert journal.find(homework, class_of_four[3], TERMS) is None


def test_a_failure_of_the_grader_is_tried_again(
    journal: Journal, homework: Assignment, class_of_four: list[Submission], reports: list[Report]
) -> None:
    broken = replace(
        reports[0],
        results=tuple(replace(r, verdict=Verdict.GRADER_ERROR) for r in reports[0].results),
    )
    journal.keep(broken, TERMS)

    assert journal.find(homework, class_of_four[0], TERMS) is None


def test_an_old_report_stays_with_the_reason_for_the_new_one(
    journal: Journal, reports: list[Report]
) -> None:
    journal.keep(reports[0], TERMS)
    journal.keep(reports[0], TERMS, "question 1 was unclear")

    assert rows(journal) == [("ada", "question 1 was unclear"), ("ada", None)]
    assert journal.reports() == [reports[0]]


def test_a_homework_keeps_its_seed(journal: Journal, homework: Assignment) -> None:
    """A run that goes on draws the same hidden cases as the one that was killed."""
    assert journal.seed(homework, "first") == "first"
    assert journal.seed(homework, "second") == "first"
    assert journal.seed(replace(homework, name="another"), "second") == "second"


def test_a_submission_with_half_a_character_is_kept(
    journal: Journal, homework: Assignment, class_of_four: list[Submission], reports: list[Report]
) -> None:
    odd = replace(reports[0], fault="a lone \ud800")
    journal.keep(odd, TERMS)

    assert journal.find(homework, class_of_four[0], TERMS) == odd


def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "grades.csv"
    path.write_text("submission,points\n" * 100)

    with pytest.raises(BackproofError, match=r"grades\.csv.*not a database.*--journal"):
        Journal(path)
    assert path.read_text() == "submission,points\n" * 100


def test_a_journal_of_a_later_version_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "j") as file:
        file.execute("PRAGMA user_version = 99")

    with pytest.raises(BackproofError, match="has version 99"):
        Journal(tmp_path / "j")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BackproofError, match=r"nowhere/class\.journal.*unable to open"):
        Journal(tmp_path / "nowhere" / "class.journal")


def test_a_full_disk_loses_nothing_that_was_written(
    journal: Journal, homework: Assignment, class_of_four: list[Submission], reports: list[Report]
) -> None:
    """SQLite's own limit on the file stands for the disk's."""
    journal.keep(reports[0], TERMS)
    (pages,) = journal._file.execute("PRAGMA page_count").fetchone()
    journal._file.execute(f"PRAGMA max_page_count = {pages}")

    with pytest.raises(BackproofError, match="full"):
        journal.keep(replace(reports[1], fault="x" * 100_000), TERMS)

    journal._file.execute("PRAGMA max_page_count = 100000")
    assert journal.find(homework, class_of_four[0], TERMS) == reports[0]
    journal.keep(reports[1], TERMS)
    assert len(rows(journal)) == 2


def test_a_locked_journal_is_worded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("backproof.batch.journal.BUSY_SECONDS", 0.1)
    with Journal(tmp_path / "j"):
        pass
    with sqlite3.connect(tmp_path / "j", isolation_level=None) as file:
        file.execute("BEGIN EXCLUSIVE")
        with pytest.raises(BackproofError, match="locked"):
            Journal(tmp_path / "j").seed(Assignment(name="a", title="", source="", digest="", questions=()), "s")  # fmt: skip


def _keep_many(path: Path, report: Report, first: int) -> None:
    with Journal(path) as journal:
        for number in range(first, first + 20):
            journal.keep(replace(report, submission_digest=f"{number}"), TERMS)


def test_two_graders_share_a_journal(tmp_path: Path, reports: list[Report]) -> None:
    """Side by side, on halves of a class: every report is there, none twice."""
    context = multiprocessing.get_context("spawn")
    path = tmp_path / "j"
    others = [context.Process(target=_keep_many, args=(path, reports[0], n)) for n in (0, 20)]
    for other in others:
        other.start()
    for other in others:
        other.join()

    with Journal(path) as journal:
        assert {int(r.submission_digest) for r in journal.reports()} == set(range(40))
        assert len(rows(journal)) == 40
