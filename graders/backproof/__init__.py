"""backproof: grading of deep-learning homework.

The names that a problem of the bank is written with. Everything else is found in its module.
"""

from backproof.model import (
    AcceptedAnswers,
    AnswerAsk,
    BackproofError,
    Call,
    Case,
    Check,
    Expected,
    FunctionAsk,
    Honest,
    Mutant,
    OracleKind,
    Probe,
    Relation,
    Visibility,
)

__all__ = [
    "AcceptedAnswers",
    "AnswerAsk",
    "BackproofError",
    "Call",
    "Case",
    "Check",
    "Expected",
    "FunctionAsk",
    "Honest",
    "Mutant",
    "OracleKind",
    "Probe",
    "Relation",
    "Visibility",
    "check",
]


def __getattr__(name: str) -> object:
    """`backproof.check`, loaded when first used: importing torch takes seconds."""
    if name == "check":
        from backproof.frontends.notebook import check

        return check
    raise AttributeError(f"module 'backproof' has no attribute {name!r}")
