"""One run over a class: what the journal holds is taken from it, the rest is graded and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from backproof.batch.bench import Lost, Settings
from backproof.batch.cluster import grade_on
from backproof.batch.journal import Journal, Terms, grader_id
from backproof.batch.packed import PackedReports
from backproof.batch.pool import grade_each
from backproof.model import Assignment, BackproofError, Report, Submission
from backproof.sandbox.profiles import accepted


@dataclass(kw_only=True, slots=True)
class Run:
    """What came of a run.

    known: how many reports the journal had. reports: in the order of the submissions. faults: what
    went wrong on our side, one sentence each. interrupted: whether the caller ended it early.
    """

    known: int = 0
    reports: PackedReports = field(default_factory=PackedReports)
    faults: list[str] = field(default_factory=list)
    interrupted: bool = False


def grade_class(
    assignment: Assignment,
    submissions: Sequence[Submission],
    settings: Settings,
    *,
    jobs: int = 1,
    cluster: str = "",
    journal: Journal | None = None,
    regrade: str | None = None,
    advance: Callable[[int, Report | None], None] = lambda known, report: None,
) -> Run:
    """Grade all that the journal does not hold under the same terms.

    cluster: where, if not here (see `cluster.grade_on`).
    regrade: why all are graded again; their old reports stay in the journal, with this reason.
    advance: told how many were known, and each report as soon as it is on disk.
    """
    terms = Terms(
        grader=grader_id(),
        device=settings.device,
        seed=settings.seed,
        isolation=accepted(settings.least).value,
        limits=settings.limits,
    )
    run, left = Run(), []
    for number, submission in enumerate(submissions):
        known = None
        if journal is not None and regrade is None:
            known = journal.find(assignment, submission, terms)
        if known is None:
            left.append(number)
        else:
            run.reports.put(number, known)
    run.known = len(run.reports)
    advance(run.known, None)
    missing = [submissions[number] for number in left]
    if cluster:
        work = grade_on(cluster, assignment, missing, settings)
    else:
        work = grade_each(assignment, missing, settings, jobs)
    try:
        with closing(work):
            for number, report in work:
                if isinstance(report, Lost):
                    run.faults.append(f"{report.submission.name}: {report.reason}")
                    continue
                if journal is not None:
                    _keep(journal, report, terms, regrade, run)
                run.reports.put(left[number], report)
                advance(run.known, report)
    except KeyboardInterrupt:
        run.interrupted = True
    return run


def _keep(journal: Journal, report: Report, terms: Terms, reason: str | None, run: Run) -> None:
    try:
        journal.keep(report, terms, reason)
    except BackproofError as error:  # a full disk is no reason to stop grading
        if str(error) not in run.faults:
            run.faults.append(str(error))
