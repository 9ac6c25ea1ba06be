"""What "equal" means for arrays: noise, tolerance, comparison, statistical relations."""

from backproof.tensors.compare import Comparison, compare, resemblance
from backproof.tensors.drawings import DRAWINGS, drawn
from backproof.tensors.noise import evaluate, noise_of
from backproof.tensors.relations import RELATIONS, WATCHING
from backproof.tensors.tolerance import FACTOR, UNIT_ROUNDOFF, Tolerance, tolerance_for

__all__ = [
    "DRAWINGS",
    "FACTOR",
    "RELATIONS",
    "UNIT_ROUNDOFF",
    "WATCHING",
    "Comparison",
    "Tolerance",
    "compare",
    "drawn",
    "evaluate",
    "noise_of",
    "resemblance",
    "tolerance_for",
]
