"""The words of a derivation: what is assumed, which step is claimed, what came out.

Expressions are ordinary SymPy expressions in index notation (``Sum``, ``Indexed``,
``KroneckerDelta``) with symbolic sizes. Nothing here decides anything, so another engine can judge
the same derivations. A sum whose upper limit is below its lower one is empty, that is zero.
"""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import sympy as sp

from backproof_reference.prove.split import Split

# SymPy ships no types: these names say what is meant where a checker sees only Any.
Expr = Any
Sizes = Mapping[Any, int]


def expression(value: Any) -> Expr:
    """A SymPy expression as it is, a plain number as one.

    Raises:
        TypeError: for anything else; text is never parsed.
    """
    match value:
        case bool():
            pass
        case sp.Basic():
            return value
        case int() | Fraction():
            return sp.Rational(value)
    raise TypeError(f"{value!r} is no expression")


def _set(frozen: object, **values: Any) -> None:
    """Write fields of a frozen dataclass while it is made."""
    for name, value in values.items():
        object.__setattr__(frozen, name, value)


class Verdict(enum.Enum):
    """What the checker can say about one step."""

    PROVED_ALL_SIZES = "proved at all sizes"
    PROVED_AT = "proved at the listed sizes"
    NUMERIC_ONLY = "equal at every sampled point, not proved"
    REFUTED = "refuted by a counterexample"
    UNDECIDED = "undecided"

    def reaches(self, level: "Verdict") -> bool:
        """Whether this says at least as much for a step as ``level`` does."""
        order = list(Verdict)
        return order.index(self) <= order.index(level)


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
    dr/dv = -r^3/2. A base may use the symbols of the definitions listed before its own. Writing a
    definition assumes that its base is positive; only a plain name (exponent 1) whose symbol is not
    declared positive stands for an expression of any sign.
    """

    symbol: Expr
    exponent: Any
    base: Expr

    def __post_init__(self) -> None:
        _set(self, base=expression(self.base))
        require_index_symbols(self.symbol)
        if not (1 / sp.Rational(self.exponent)).is_Integer:
            raise ValueError(f"exponent of {self.symbol} must be 1/n or -1/n, got {self.exponent}")

    @property
    def base_is_positive(self) -> bool:
        """Whether writing the definition assumes that its base is positive."""
        return bool(self.exponent != 1 or _label(self.symbol).is_positive)

    @property
    def function(self) -> str:
        """The function of the base, where the symbol is one: none, for a root."""
        return ""

    @property
    def rests_on(self) -> tuple["Definition", ...]:
        """Other definitions that must stand before this one, as they are."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Setting:
    """How to read the symbols of a derivation.

    ``ranges`` gives the inclusive bounds of every free index, ``support`` the shape outside which
    an indexed symbol is zero (a symbol not listed has an unknown value at every index it is read).
    ``nonnegative`` lists integer expressions in the sizes that the assumptions keep from being
    negative, such as ``N - K``; the signs of the size symbols themselves are known. ``one_hot``
    names an array of labels: counterexamples give each of its rows at most one 1. Proofs use that
    only in a ``OneHot`` step.
    """

    ranges: Mapping[Any, tuple[Expr, Expr]] = field(default_factory=dict)
    support: Mapping[str, tuple[Expr, ...]] = field(default_factory=dict)
    definitions: tuple[Definition, ...] = ()
    nonnegative: tuple[Expr, ...] = ()
    one_hot: str | None = None

    def __post_init__(self) -> None:
        ranges = {i: (expression(low), expression(high)) for i, (low, high) in self.ranges.items()}
        support = {name: tuple(map(expression, shape)) for name, shape in self.support.items()}
        _set(self, ranges=ranges, support=support)
        _set(self, nonnegative=tuple(map(expression, self.nonnegative)))
        later = [_label(definition.symbol).name for definition in self.definitions]
        for position, definition in enumerate(self.definitions):
            name = later[0]
            used = {part.name for part in definition.base.atoms(sp.Symbol)}
            if used & set(later):
                raise ValueError(f"{definition.symbol} is defined by itself or a later symbol")
            later.pop(0)
            if name in later:
                raise ValueError(f"{definition.symbol} is defined twice")
            if not set(definition.rests_on) <= set(self.definitions[:position]):
                raise ValueError(f"{definition.symbol} rests on a definition not listed before it")


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

    def __post_init__(self) -> None:
        require_index_symbols(self.variable)
        _set(self, moments=tuple(map(expression, self.moments)))
        if not self.moments:
            raise ValueError(f"declare at least the mean of {self.variable}")
        _require_without(self.variable, self.moments, "a moment")


@dataclass(frozen=True)
class Substitute:
    """Write ``new`` for every entry of ``old``; ``new`` may use the index symbols of ``old``.

    ``old`` is free, or a plain name to which an assumption gives the value ``new``: if every row of
    B has one label and t is the sum of a row, 1 may be written for t.
    """

    old: Expr
    new: Expr

    def __post_init__(self) -> None:
        require_index_symbols(self.old)
        _set(self, new=expression(self.new))
        _require_without(self.old, (self.new,), "what is written for it")


@dataclass(frozen=True)
class Reindex:
    """Count every sum over one of ``indices`` backwards: u becomes low + high - u.

    The value stays what it is; at symbolic sizes the checker only tries this when told to.
    """

    indices: tuple[Expr, ...]


@dataclass(frozen=True)
class OneHot:
    """Use that ``variable``, such as B[i, j], is 0 or 1 and in each row i at most once 1.

    Then B[i, a] B[i, j] = delta(a, j) B[i, a]. That a row has a 1 at all is not assumed.
    """

    variable: Expr

    def __post_init__(self) -> None:
        require_index_symbols(self.variable)


Op = Differentiate | Expect | Substitute | Reindex | OneHot | Split


def _label(symbol: Expr) -> Expr:
    """The symbol that carries the name: the label of an array, or the scalar itself."""
    return symbol.base.label if isinstance(symbol, sp.Indexed) else symbol


def _require_without(symbol: Expr, expressions: tuple[Expr, ...], role: str) -> None:
    if any(_label(symbol) in each.atoms(sp.Symbol) for each in expressions):
        raise ValueError(f"{role} depends on {symbol} itself")


def require_index_symbols(symbol: Expr) -> None:
    """An operator on a whole array is written at distinct index symbols, as in X[i, j]."""
    indices = symbol.indices if isinstance(symbol, sp.Indexed) else ()
    if len(set(indices)) < len(indices) or not all(isinstance(i, sp.Symbol) for i in indices):
        raise ValueError(f"{symbol} must be a scalar or an array at distinct index symbols")


@dataclass(frozen=True)
class Step:
    """``expr`` equals the previous expression, or ``op`` applied to it."""

    name: str
    expr: Expr
    because: str
    op: Op | None = None

    def __post_init__(self) -> None:
        _set(self, expr=expression(self.expr))


@dataclass(frozen=True)
class Mutant:
    """A known mistake: the named step with a wrong expression, which must be refuted."""

    id: str
    misconception: str
    step: str
    expr: Expr

    def __post_init__(self) -> None:
        _set(self, expr=expression(self.expr))


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

        point = (listed({**self.sizes, **self.indices}), listed(self.values))
        return f"at {'; '.join(filter(None, point))}: {self.left} is not {self.right}"


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
    """Everything ``Derivation.check`` found; ``declared`` is the level it must reach."""

    id: str
    steps: tuple[StepReport, ...]
    oracle: OracleReport
    declared: Verdict

    @property
    def level(self) -> Verdict:
        """The weakest verdict of all steps."""
        return max((step.verdict for step in self.steps), key=list(Verdict).index)

    @property
    def passed(self) -> bool:
        """No step falls short of the declared level and the oracle agrees."""
        return self.level.reaches(self.declared) and self.oracle.passed

    def __str__(self) -> str:
        lines = [f"{self.id}: {'passed' if self.passed else 'FAILED'}, {self.level.value}"]
        if not self.level.reaches(self.declared):
            lines.append(f"  declared: {self.declared.value}")
        for step in self.steps:
            detail = " ".join(filter(None, map(str, _details(step.finding))))
            lines.append(f"  {step.name}: {step.verdict.value} ({step.seconds:.2f} s) {detail}")
        oracle = self.oracle
        relation = "within" if oracle.passed else "not within"
        lines.append(
            f"  oracle: error {oracle.max_error:.1e} is {relation} {oracle.tolerance:.1e} "
            f"{oracle.reason}"
        )
        return "\n".join(line.rstrip() for line in lines)


def _details(finding: Finding) -> tuple[Any, ...]:
    return (finding.counterexample or "", finding.reason)
