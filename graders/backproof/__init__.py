"""backproof: grading of deep-learning homework.

The names that a problem of the bank is written with. Everything else is found in its module.
"""

from backproof.model import (
    OWN_BATCH_NORM,
    OWN_CONVOLUTION,
    OWN_GRADIENT,
    AnswerAsk,
    ArraySymbol,
    BackproofError,
    Call,
    Case,
    Check,
    ChoiceField,
    ClassAsk,
    Drawing,
    Expected,
    Form,
    FormulaField,
    FunctionAsk,
    Honest,
    IndexSymbol,
    MatrixPicture,
    MatrixSymbol,
    Mutant,
    NumberDemand,
    NumberField,
    Operation,
    OracleKind,
    Probe,
    Property,
    QuantityField,
    ReceptiveField,
    Relation,
    Role,
    Rule,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
    Waiver,
    given_weights,
)

__all__ = [
    "OWN_BATCH_NORM",
    "OWN_CONVOLUTION",
    "OWN_GRADIENT",
    "AnswerAsk",
    "ArraySymbol",
    "BackproofError",
    "Call",
    "Case",
    "Check",
    "ChoiceField",
    "ClassAsk",
    "Drawing",
    "Expected",
    "Form",
    "FormulaField",
    "FunctionAsk",
    "Honest",
    "IndexSymbol",
    "MatrixPicture",
    "MatrixSymbol",
    "Mutant",
    "NumberDemand",
    "NumberField",
    "Operation",
    "OracleKind",
    "Probe",
    "Property",
    "QuantityField",
    "ReceptiveField",
    "Relation",
    "Role",
    "Rule",
    "TextField",
    "TypedAnswer",
    "Visibility",
    "Vocabulary",
    "Waiver",
    "check",
    "given_weights",
]


def __getattr__(name: str) -> object:
    """`backproof.check`, loaded when first used: importing torch takes seconds."""
    if name == "check":
        from backproof.frontends.notebook import check

        return check
    raise AttributeError(f"module 'backproof' has no attribute {name!r}")
