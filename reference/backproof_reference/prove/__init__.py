"""Check derivations by computer algebra, under listed assumptions, at all sizes.

A step is decided by a normal form at symbolic sizes and by exact polynomial arithmetic at declared
sizes, never by simplification; a wrong step comes with a counterexample, and a step that cannot be
decided counts as a failure.
"""

from backproof_reference.prove.derivation import Derivation
from backproof_reference.prove.functions import Function, exponential, logarithm
from backproof_reference.prove.model import (
    Assumption,
    Counterexample,
    Definition,
    DerivationReport,
    Differentiate,
    Expect,
    Expr,
    Finding,
    Mutant,
    OneHot,
    OracleReport,
    Reindex,
    Setting,
    Sizes,
    Step,
    StepReport,
    Substitute,
    Verdict,
)
from backproof_reference.prove.oracle import Oracle, Values, evaluate
from backproof_reference.prove.split import Split
from backproof_reference.prove.vectorised import evaluate_all

__all__ = [
    "Assumption",
    "Counterexample",
    "Definition",
    "Derivation",
    "DerivationReport",
    "Differentiate",
    "Expect",
    "Expr",
    "Finding",
    "Function",
    "Mutant",
    "OneHot",
    "Oracle",
    "OracleReport",
    "Reindex",
    "Setting",
    "Sizes",
    "Split",
    "Step",
    "StepReport",
    "Substitute",
    "Values",
    "Verdict",
    "evaluate",
    "evaluate_all",
    "exponential",
    "logarithm",
]
