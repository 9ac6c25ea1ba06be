"""The grader report card: what an audit finds, line by line."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(kw_only=True, slots=True)
class CheckCard:
    """The report card of one check. Sizes are in units of rounding noise; K is the tolerance.

    power_kept, power_waived: rules for test data that its hidden cases keep, and that are waived.
    """

    problem: str
    check: str
    points: float
    oracle: str
    provenance: tuple[str, ...]
    reference: bool = False
    stub_fails: bool = False
    trivial_failed: int = 0
    trivial: int = 0
    killed: int = 0
    mutants: int = 0
    named: int = 0
    honest_passed: int = 0
    honest: int = 0
    honest_max: float | None = None
    wrong_min: float | None = None
    power_kept: int = 0
    power_waived: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class EditCard:
    """The automatic mutants of one problem.

    edits: how many there are. killed: how many fail a check. equivalent, missed: ids of those that
    pass them all, because they change nothing that is asked for, or because no check finds them.
    """

    problem: str
    edits: int
    killed: int
    equivalent: tuple[str, ...]
    missed: tuple[str, ...]

    @property
    def counted(self) -> int:
        """Automatic mutants that are not equivalent."""
        return self.edits - len(self.equivalent)


@dataclass(kw_only=True, slots=True)
class ReportCard:
    """All report cards, power rules that are waived with their reasons, and all that is off."""

    cards: list[CheckCard] = field(default_factory=list)
    edits: list[EditCard] = field(default_factory=list)
    waivers: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
