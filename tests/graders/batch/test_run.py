"""A class is graded once: side by side or one by one, in one go or in many."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from backproof.batch import Journal, Settings, grade_class
from backproof.batch.bench import Bench
from backproof.batch.pool import Lost, grade_each
from backproof.model import Assignment, BackproofError, Report, Submission


def plain(report: Report) -> Report:
    """A report without what a clock says."""
    return replace(
        report, seconds=0.0, results=tuple(replace(r, seconds=0.0) for r in report.results)
    )


@pytest.mark.parametrize("jobs", [2, 3])
def test_several_cores_say_what_one_says(
    homework: Assignment, class_of_four: list[Submission], settings: Settings, jobs: int
) -> None:
    """In the order of the class, whoever is finished first; with a worker, and without one."""
    alone = grade_class(homework, class_of_four, settings)
    together = grade_class(homework, class_of_four, settings, jobs=jobs)

    assert [r.points for r in alone.reports] == [2, 0.5, 2, 0]
    assert list(map(plain, together.reports)) == list(map(plain, alone.reports))
    assert not together.faults


def test_a_run_that_goes_on_grades_only_what_is_missing(
    homework: Assignment, class_of_four: list[Submission], settings: Settings, tmp_path: Path
) -> None:
    with Journal(tmp_path / "j") as journal:
        first = grade_class(homework, class_of_four[:2], settings, journal=journal)
        second = grade_class(homework, class_of_four, settings, journal=journal)
        third = grade_class(homework, class_of_four[:3], settings, journal=journal)

        assert [run.known for run in (first, second, third)] == [0, 2, 3]
        assert second.reports[:2] == list(first.reports)
        assert list(third.reports) == second.reports[:3]
        assert len(journal.reports()) == 3


def test_an_interrupted_run_keeps_what_is_finished(
    homework: Assignment, class_of_four: list[Submission], settings: Settings, tmp_path: Path
) -> None:
    seen: list[Report] = []

    def interrupt(known: int, report: Report | None) -> None:
        if report is not None:
            seen.append(report)
            raise KeyboardInterrupt

    with Journal(tmp_path / "j") as journal:
        run = grade_class(homework, class_of_four, settings, journal=journal, advance=interrupt)
        assert run.interrupted
        assert list(run.reports) == seen == journal.reports()
        rest = grade_class(homework, class_of_four, settings, journal=journal)
    assert rest.known == 1
    assert [r.points for r in rest.reports] == [2, 0.5, 2, 0]


def test_all_is_graded_again_for_a_reason(
    homework: Assignment, class_of_four: list[Submission], settings: Settings, tmp_path: Path
) -> None:
    with Journal(tmp_path / "j") as journal:
        grade_class(homework, class_of_four, settings, journal=journal)
        again = grade_class(homework, class_of_four, settings, journal=journal, regrade="a slip")

        assert again.known == 0
        assert len(journal.reports()) == 3


def test_two_students_with_one_file_have_one_entry(
    homework: Assignment,
    settings: Settings,
    right_work: Callable[[str], Submission],
    tmp_path: Path,
) -> None:
    one = right_work("ada")
    with Journal(tmp_path / "j") as journal:
        run = grade_class(homework, [one, replace(one, name="bob")], settings, journal=journal)

        assert [r.submission for r in run.reports] == ["ada", "bob"]
        assert [r.submission for r in journal.reports()] == ["ada"]


def test_a_journal_that_fails_stops_nobody(
    homework: Assignment, class_of_four: list[Submission], settings: Settings, tmp_path: Path
) -> None:
    """It is said once, and the command will not end as if all were well."""
    with Journal(tmp_path / "j") as journal:
        (pages,) = journal._file.execute("PRAGMA page_count").fetchone()
        journal._file.execute(f"PRAGMA max_page_count = {pages}")
        run = grade_class(homework, class_of_four, settings, journal=journal)

    assert [r.points for r in run.reports] == [2, 0.5, 2, 0]
    assert len(run.faults) == 1
    assert "full" in run.faults[0]


def test_whoever_is_with_a_worker_that_dies_is_tried_alone(
    homework: Assignment,
    settings: Settings,
    right_work: Callable[[str], Submission],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The others are graded; the one that it always happens with is a failure of ours."""
    monkeypatch.setattr("backproof.batch.pool.Bench", Dying)
    # The third core has a worker, and this process, which has more room, is given two first.
    work = [right_work(name) for name in ("a", "b", "deadly", "c", "d")]

    found = dict(grade_each(homework, work, settings, 3))

    assert set(found) == set(range(5))
    assert isinstance(found[2], Lost)
    assert "died twice" in found[2].reason
    assert [r.points for n, r in found.items() if n != 2 and isinstance(r, Report)] == [2] * 4


class Dying(Bench):
    """In a worker: as a machine without memory does, for one submission."""

    def grade(self, submission: Submission) -> Report:
        if submission.name == "deadly" and multiprocessing.parent_process() is not None:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().grade(submission)


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_a_slip_of_the_grader_costs_one_report(
    homework: Assignment,
    settings: Settings,
    right_work: Callable[[str], Submission],
    monkeypatch: pytest.MonkeyPatch,
    jobs: int,
) -> None:
    """And says which one, and where the slip is."""
    monkeypatch.setattr("backproof.batch.pool.Bench", Slipping)
    work = [right_work(name) for name in ("a", "odd", "b", "c")]

    run = grade_class(homework, work, settings, jobs=jobs)

    assert [r.submission for r in run.reports] == ["a", "b", "c"]
    (fault,) = run.faults
    assert fault.startswith("odd: a fault of backproof, no mark: KeyError: 'never met' (")
    assert "test_run.py:" in fault


class Slipping(Bench):
    """Has a slip that one submission shows."""

    def grade(self, submission: Submission) -> Report:
        if submission.name == "odd":
            raise KeyError("never met")
        return super().grade(submission)


def test_a_worker_that_cannot_start_says_why(
    homework: Assignment, class_of_four: list[Submission], settings: Settings, tmp_path: Path
) -> None:
    nowhere = replace(settings, folder=tmp_path / "gone")

    with pytest.raises(BackproofError, match="gone"):
        list(grade_each(homework, class_of_four, nowhere, 3))
