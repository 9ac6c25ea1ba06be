"""The graders are graded: known right and wrong solutions, designed inputs, automatic mutants."""

from backproof.audit.auditor import assignment_of, audit_problem, stub_of
from backproof.audit.cards import CheckCard, EditCard, ReportCard
from backproof.audit.mutation import audit_edits

__all__ = [
    "CheckCard",
    "EditCard",
    "ReportCard",
    "assignment_of",
    "audit_edits",
    "audit_problem",
    "stub_of",
]
