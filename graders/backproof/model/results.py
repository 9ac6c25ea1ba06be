"""How checks end, and what a report holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from backproof.model.pictures import Picture
from backproof.model.students import Student


class BackproofError(Exception):
    """An error of ours or of our caller: the text says what, where, the value, and what to do."""


class Verdict(StrEnum):
    """How one check ended. Closed: no other ending exists."""

    PASSED = "passed"
    FAILED = "failed"
    FOLLOWS = "follows"
    """Right given the student's own earlier value."""
    UNDECIDED = "undecided"
    STUDENT_ERROR = "student error"
    TIMEOUT = "timeout"
    OUT_OF_MEMORY = "out of memory"
    SKIPPED = "skipped"
    GRADER_ERROR = "grader error"

    @property
    def earns_points(self) -> bool:
        """Whether the check's points are given."""
        return self in (Verdict.PASSED, Verdict.FOLLOWS)

    @property
    def needs_person(self) -> bool:
        """Undecided and our own failures never cost points: a person decides."""
        return self in (Verdict.UNDECIDED, Verdict.GRADER_ERROR)


class MismatchKind(StrEnum):
    """What is wrong with a value, in the order in which it is looked at."""

    MISSING = "missing"
    SHAPE = "shape"
    DTYPE = "dtype"
    DEVICE = "device"
    NON_FINITE = "non-finite"
    VALUE = "value"
    CHANGED_INPUT = "changed input"
    ALIASED = "aliased"
    NON_DETERMINISTIC = "non-deterministic"
    ERROR = "error"
    UNCHECKABLE = "uncheckable"
    """Neither right nor wrong by what is there: a person decides."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Mismatch:
    """How a returned value differs.

    observed: what the student returned, in words; never an expected value of a hidden case.
    index: place of the largest difference. size: that difference in units of rounding noise.
    """

    kind: MismatchKind
    output: str
    observed: str
    index: tuple[int, ...] | None = None
    size: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckResult:
    """One check of one submission.

    evidence: what staff may know beyond the student's sentences, expected values included.
    provenance: what backs the expected answer: ids of derivations (`backproof-prove show ID`, and
        pages of that name in a handout) or sources.
    rubric: what the person who reads an answer in words looks for; for staff, like `evidence`.
    pictures: what is better seen than said; every one of them is said in words, too.
    """

    check: str
    question: str
    claim: str
    expects: str
    read: str
    verdict: Verdict
    points: float
    max_points: float
    observed: str = ""
    misconception: str = ""
    misconception_id: str = ""
    mismatch: Mismatch | None = None
    case: str = ""
    remark: str = ""
    evidence: str = ""
    provenance: tuple[str, ...] = ()
    rubric: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()
    printed: str = ""
    size: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionScore:
    """What one question earned."""

    number: str
    title: str
    points: float
    max_points: float
    waiting: float
    """Points that wait for a person."""


CONTROL = "control: "
"""How the names of controls begin."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Report:
    """Everything known about one graded submission; reproducible from its own header.

    students, late: as in `Submission`.
    """

    assignment: str
    assignment_digest: str
    submission: str
    submission_digest: str
    seed: str
    device: str
    isolation: str
    versions: Mapping[str, str]
    results: tuple[CheckResult, ...]
    questions: tuple[QuestionScore, ...]
    fault: str | None = None
    seconds: float = 0.0
    students: tuple[Student, ...] = ()
    late: bool | None = None

    @property
    def points(self) -> float:
        """Points earned."""
        return sum(question.points for question in self.questions)

    @property
    def max_points(self) -> float:
        """Points of the whole assignment."""
        return sum(question.max_points for question in self.questions)

    @property
    def waiting(self) -> float:
        """Points that wait for a person."""
        return sum(question.waiting for question in self.questions)

    @property
    def all_passed(self) -> bool:
        """Whether every check earned its points."""
        return all(result.verdict.earns_points for result in self.results)

    @property
    def is_control(self) -> bool:
        """Whether this is the course's own code, and no file that is only called like it."""
        own = self.submission.startswith(CONTROL)
        return own and not (self.submission_digest or self.fault or self.students)

    @property
    def grader_failed(self) -> bool:
        """Whether a failure of ours is among the results."""
        return any(result.verdict is Verdict.GRADER_ERROR for result in self.results)
