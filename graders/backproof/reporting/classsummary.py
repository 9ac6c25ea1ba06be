"""What a class has in common: counted from reports, for whoever teaches it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import mean, median

from backproof.model import CheckResult, Report, Verdict

BINS = 10
EXAMPLES = 3
LISTED = 10


@dataclass(frozen=True, kw_only=True, slots=True)
class Waiting:
    """What a person decides about one check. results: each submission, and what came of it."""

    check: CheckResult
    results: Sequence[tuple[str, CheckResult]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """How a class did on one question. share: of the points, 0 to 1. right: who has all of them."""

    number: str
    title: str
    share: float
    right: int
    waiting: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Misconception:
    """One mistake, and who made it. examples: a submission, and what it returned."""

    text: str
    checks: Sequence[str]
    count: int
    examples: Sequence[tuple[str, CheckResult]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Hard:
    """A check that few pass. stopped: how many ended with an error, or out of time or memory."""

    check: CheckResult
    passed: int
    stopped: int
    skipped: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassSummary:
    """All that the page of a class shows. Shares are of the points, 0 to 1."""

    assignment: str
    reports: Sequence[Report]
    controls: Sequence[Report]
    max_points: float
    mean: float
    median: float
    all_right: int
    late: int
    bins: Sequence[int]
    failed: Sequence[Waiting]
    unread: Sequence[Report]
    undecided: Sequence[Waiting]
    questions: Sequence[Question]
    misconceptions: Sequence[Misconception]
    hardest: Sequence[Hard]
    slowest: Sequence[Report]
    terms: Sequence[tuple[str, str, int]]
    """What was in force, its value, and for how many submissions."""


def summarise(reports: Iterable[Report]) -> ClassSummary:
    """Count; the controls of a run are shown apart and count nowhere."""
    everything = list(_light(reports))
    own = [report for report in everything if not report.is_control]
    scores = [report.points for report in own]
    by_check: dict[str, list[tuple[str, CheckResult]]] = defaultdict(list)
    for report in own:
        for result in report.results:
            by_check[result.check].append((report.submission, result))
    return ClassSummary(
        assignment=everything[0].assignment if everything else "",
        reports=own,
        controls=[report for report in everything if report.is_control],
        max_points=max((report.max_points for report in own), default=0.0),
        mean=mean(scores) if scores else 0.0,
        median=median(scores) if scores else 0.0,
        all_right=sum(report.all_passed for report in own),
        late=sum(report.late is True for report in own),
        bins=_bins(own),
        failed=_waiting(by_check, Verdict.GRADER_ERROR),
        unread=[report for report in own if report.fault],
        undecided=_waiting(by_check, Verdict.UNDECIDED),
        questions=_questions(own),
        misconceptions=_misconceptions(own),
        hardest=_hardest(by_check),
        slowest=sorted(own, key=lambda report: -report.seconds)[:LISTED],
        terms=_terms(own),
    )


def _light(reports: Iterable[Report]) -> Iterator[Report]:
    """The reports without what is not shown of them: checks that were passed share one result."""
    shared: dict[tuple[str, Verdict], CheckResult] = {}
    for report in reports:
        yield replace(
            report,
            results=tuple(
                shared.setdefault((result.check, result.verdict), result)
                if result.verdict in (Verdict.PASSED, Verdict.SKIPPED) and not result.misconception
                else result
                for result in report.results
            ),
        )


def _share(report: Report) -> float:
    return report.points / report.max_points if report.max_points else 0.0


def _bins(reports: Sequence[Report]) -> list[int]:
    """How many have 0 to 10 % of the points, and so on; the last one holds 100 %, too."""
    counted = Counter(min(int(_share(report) * BINS + 1e-9), BINS - 1) for report in reports)
    return [counted[number] for number in range(BINS)]


def _waiting(by_check: dict[str, list[tuple[str, CheckResult]]], verdict: Verdict) -> list[Waiting]:
    found = []
    for results in by_check.values():
        if waits := [(name, result) for name, result in results if result.verdict is verdict]:
            found.append(Waiting(check=waits[0][1], results=waits))
    return found


def _questions(reports: Sequence[Report]) -> list[Question]:
    rows = zip(*(report.questions for report in reports), strict=True)
    return [
        Question(
            number=row[0].number,
            title=row[0].title,
            share=mean(q.points / q.max_points if q.max_points else 1.0 for q in row),
            right=sum(q.points >= q.max_points - 1e-9 for q in row),
            waiting=sum(q.waiting > 0 for q in row),
        )
        for row in rows
    ]


def _misconceptions(reports: Sequence[Report]) -> list[Misconception]:
    """Each submission counts once for a mistake, wherever it shows."""
    found: dict[str, dict[str, CheckResult]] = defaultdict(dict)
    checks: dict[str, dict[str, None]] = defaultdict(dict)
    for report in reports:
        for result in report.results:
            if result.misconception:
                found[result.misconception].setdefault(report.submission, result)
                checks[result.misconception][result.check] = None
    ranked = sorted(found, key=lambda text: (-len(found[text]), text))
    return [
        Misconception(
            text=text,
            checks=list(checks[text]),
            count=len(found[text]),
            examples=list(found[text].items())[:EXAMPLES],
        )
        for text in ranked
    ]


_STOPPED = (Verdict.STUDENT_ERROR, Verdict.TIMEOUT, Verdict.OUT_OF_MEMORY)


def _hardest(by_check: dict[str, list[tuple[str, CheckResult]]]) -> list[Hard]:
    """Those that not everybody passes, by how few do."""
    found = []
    for results in by_check.values():
        verdicts = [result.verdict for _, result in results]
        passed = sum(verdict.earns_points for verdict in verdicts)
        if passed < len(results):
            found.append(
                Hard(
                    check=results[0][1],
                    passed=passed,
                    stopped=sum(verdict in _STOPPED for verdict in verdicts),
                    skipped=verdicts.count(Verdict.SKIPPED),
                )
            )
    return sorted(found, key=lambda hard: hard.passed)[:LISTED]


def _terms(reports: Sequence[Report]) -> list[tuple[str, str, int]]:
    """More than one value of the same thing: then not everybody was graded in the same way."""
    counted = Counter(
        pair
        for report in reports
        for pair in (
            ("Isolation", report.isolation),
            ("Device", report.device),
            ("Versions", ", ".join(f"{name} {value}" for name, value in report.versions.items())),
            ("Homework", f"SHA-256 {report.assignment_digest}"),
        )
    )
    return [(name, value, count) for (name, value), count in sorted(counted.items())]
