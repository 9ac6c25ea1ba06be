"""The words of a derivation: what is assumed, which step is claimed, what came out.

Expressions are ordinary SymPy expressions in index notation (``Sum``, ``Indexed``,
``KroneckerDelta``) with symbolic sizes. Nothing here decides anything, so another engine can judge
the same derivations.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import sympy as sp

# SymPy ships no types: these names say what is meant where a checker sees only Any.
Expr = Any
Sizes = Mapping[Any, int]


class Verdict(enum.Enum):
    """What the checker can say about one step."""

    PROVED_AT = "proved at the listed sizes"
    NUMERIC_ONLY = "equal at every sampled point, not proved"
    REFUTED = "refuted by a counterexample"
    UNDECIDED = "undecided"


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """A condition a derivation rests on; ``holds``, where given, tests it at declared sizes."""

    text: str
    kind: Literal["moment", "range", "sign", "support", "convention"]
    holds: Callable[[Sizes], bool] | None = None


@dataclass(frozen=True)
class Definition:
    """A named root: ``symbol = base ** exponent`` with exponent 1/n or -1/n.

    It keeps expressions rational, and it is the chain-rule table: for r = (v + eps)^(-1/2) it says
    dr/dv = -r^3/2. A base may use the symbols of the definitions listed before its own.
    """

    symbol: Expr
    exponent: Any
    base: Expr

    def __post_init__(self) -> None:
        if not (1 / sp.Rational(self.exponent)).is_Integer:
            raise ValueError(f"exponent of {self.symbol} must be 1/n or -1/n, got {self.exponent}")


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How to read the symbols of a derivation.

    ``ranges`` gives the inclusive bounds of every free index, ``support`` the shape outside which
    an indexed symbol is zero (a symbol not listed has an unknown value at every index it is read).
    """

    ranges: Mapping[Any, tuple[Expr, Expr]] = field(default_factory=dict)
    support: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()


@dataclass(frozen=True)
class Differentiate:
    """The derivative with respect to one entry (or scalar), through every ``Definition``."""

    wrt: Expr


@dataclass(frozen=True)
class Expect:
    """The expectation over independent entries of ``variable``.

    ``moments[k - 1]`` is the k-th raw moment and may use the index symbols of ``variable``.
    """

    variable: Expr
    moments: tuple[Expr, ...]


@dataclass(frozen=True)
class Substitute:
    """Write ``new`` for every entry of ``old``; ``new`` may use the index symbols of ``old``."""

    old: Expr
    new: Expr


Op = Differentiate | Expect | Substitute


@dataclass(frozen=True)
class Step:
    """``expr`` equals the previous expression, or ``op`` applied to it."""

    name: str
    expr: Expr
    because: str
    op: Op | None = None


@dataclass(frozen=True)
class Mutant:
    """A known mistake: the named step with a wrong expression, which must be refuted."""

    id: str
    misconception: str
    step: str
    expr: Expr


@dataclass(frozen=True, kw_only=True)
class Counterexample:
    """Values at which the two sides of a step differ."""

    sizes: Mapping[str, int]
    indices: Mapping[str, int]
    values: Mapping[str, Any]
    left: Any
    right: Any

    def __str__(self) -> str:
        def listed(pairs: Mapping[str, Any]) -> str:
            return ", ".join(f"{name}={value}" for name, value in pairs.items())

        place = listed({**self.sizes, **self.indices})
        return f"at {place}; {listed(self.values)}: {self.left} is not {self.right}"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The verdict on one step, and what it rests on."""

    verdict: Verdict
    counterexample: Counterexample | None = None
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class StepReport:
    """The finding on a step (or on a mutant of it), with the sizes it covers and the time taken."""

    name: str
    finding: Finding
    sizes: tuple[Sizes, ...]
    seconds: float

    @property
    def verdict(self) -> Verdict:
        """The verdict of the finding."""
        return self.finding.verdict


@dataclass(frozen=True, kw_only=True)
class OracleReport:
    """How far the last checked expression is from an independent float64 computation."""

    max_error: float
    tolerance: float
    reason: str = ""

    @property
    def passed(self) -> bool:
        """The error is within the tolerance; NaN never is."""
        return self.max_error <= self.tolerance


@dataclass(frozen=True, kw_only=True)
class DerivationReport:
    """Everything ``Derivation.check`` found."""

    id: str
    steps: tuple[StepReport, ...]
    oracle: OracleReport

    @property
    def proved(self) -> bool:
        """Every step is proved at every declared size and the oracle agrees."""
        exact = all(step.verdict is Verdict.PROVED_AT for step in self.steps)
        return exact and self.oracle.passed

    @property
    def passed(self) -> bool:
        """No step is refuted or undecided and the oracle agrees."""
        fine = (Verdict.PROVED_AT, Verdict.NUMERIC_ONLY)
        return all(step.verdict in fine for step in self.steps) and self.oracle.passed

    def __str__(self) -> str:
        lines = [f"{self.id}: {'passed' if self.passed else 'FAILED'}"]
        for step in self.steps:
            detail = step.finding.counterexample or step.finding.reason
            lines.append(f"  {step.name}: {step.verdict.value} ({step.seconds:.2f} s) {detail}")
        oracle = self.oracle
        relation = "within" if oracle.passed else "not within"
        lines.append(
            f"  oracle: error {oracle.max_error:.1e} is {relation} {oracle.tolerance:.1e} "
            f"{oracle.reason}"
        )
        return "\n".join(line.rstrip() for line in lines)
