"""What is asked, how it is probed, what is expected, and which wrong answers are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from backproof.model.pictures import Picture
from backproof.model.power import Role, Waiver
from backproof.model.probes import Probe
from backproof.model.rules import Rule
from backproof.model.typed import AnswerField, TypedKey

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Inputs: TypeAlias = Mapping[str, Any]
"""Named inputs of one case: NumPy arrays, numbers, booleans, strings."""


class Visibility(StrEnum):
    """Who may see a case."""

    PUBLIC = "public"
    """In the student's self-check, expected values included."""
    HIDDEN = "hidden"


# --- what is asked ---------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class FunctionAsk:
    """A function to write. The stub is its reference's signature and docstring, nothing else."""

    reference: Callable[..., Any]

    @property
    def name(self) -> str:
        """The function's name."""
        return self.reference.__name__


@dataclass(frozen=True, kw_only=True, slots=True)
class ClassAsk(FunctionAsk):
    """A class to write, often a `torch.nn.Module`; `reference` is the right one.

    The stub is its docstring, and the signatures and docstrings of its methods. Whatever can be
    called in its place will do: a function that builds the same network is as good.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerAsk:
    """A typed answer: a plain string or number assigned to `name`.

    prompt: the comment beside it in the stub. field: what may be typed. answer: the right answer as
    a student would type it (used as the reference solution); None where it is not known, as in a
    release. also: further right answers, written differently, which the audit tries.
    """

    name: str
    prompt: str
    field: AnswerField
    answer: str | None
    also: tuple[str, ...] = ()


Ask: TypeAlias = FunctionAsk | AnswerAsk


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One set of inputs.

    `why` names the property it exists for ("eps about the size of the variance").
    `build` gets a generator seeded by (course secret, id) and returns float64 arrays, which
    `grading` casts to the check's dtype. With `strided`, the student's process receives the
    tensors as non-contiguous views. Inputs named in `withheld` are for the oracle alone: they
    never reach a student's process.
    """

    id: str
    why: str
    build: Callable[[np.random.Generator], Inputs]
    visibility: Visibility = Visibility.HIDDEN
    strided: bool = False
    withheld: tuple[str, ...] = ()

    def sent(self, inputs: Inputs) -> Inputs:
        """What a student's process gets of the inputs."""
        return {name: value for name, value in inputs.items() if name not in self.withheld}


# --- what is expected ------------------------------------------------------------------------


class OracleKind(StrEnum):
    """Where an expected answer comes from."""

    PROVEN = "proven formula"
    REFERENCE = "reference"
    RELATION = "relation"
    FROZEN = "frozen"
    PERSON = "person"
    """Words, which are read by a person."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Expected:
    """An oracle that computes the expected arrays, in the trusted process.

    compute: takes the case's inputs by keyword (torch tensors), returns the outputs by name.
    provenance: ids of the derivations or the source that back it.
    """

    compute: Callable[..., Mapping[str, Any]]
    kind: OracleKind
    provenance: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Relation:
    """An oracle that states a property of inputs and outputs, by name (see `tensors.relations`)."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    provenance: tuple[str, ...] = ()
    kind: OracleKind = OracleKind.RELATION


@dataclass(frozen=True, kw_only=True, slots=True)
class TypedAnswer:
    """An oracle for a typed answer: the right answer stands in the ask, here is what backs it.

    rule: the answer as a formula in the names of earlier typed answers of the problem. What follows
        by it from a student's own wrong earlier answer earns its marks. Values that the question
        itself gives are written as numbers, so that they are never followed.
    credit: fractions of the points for wrong answers that are nearly right, by mutant id or kind of
        slip ("sign", "constant factor", ...); none by default.
    rubric: for words (kind PERSON), the points that the person who reads them looks for; shown to
        staff only.
    """

    rule: str = ""
    credit: Mapping[str, float] = field(default_factory=dict)
    rubric: tuple[str, ...] = ()
    provenance: tuple[str, ...] = ()
    kind: OracleKind = OracleKind.PROVEN


@dataclass(frozen=True, kw_only=True, slots=True)
class Frozen:
    """An oracle that stands in a released file: public cases with their expected arrays.

    `keys` maps a case id to what `grading.AnswerKey` would have computed for it.
    """

    keys: Mapping[str, CaseKey]
    kind: OracleKind = OracleKind.FROZEN
    provenance: tuple[str, ...] = ("released public cases",)


Oracle: TypeAlias = Expected | Relation | TypedAnswer | Frozen


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseKey:
    """What the trusted side knows about one case: never sent to a student's process.

    expected: output name to float64 array.
    noise: output name to the rounding noise that any honest computation may show.
    lookalikes: mutant id to what that mutant answers here.
    typed: all there is to know about a typed answer, in place of the rest.
    """

    inputs: Inputs
    expected: Mapping[str, NDArray[np.float64]]
    noise: Mapping[str, float]
    lookalikes: Mapping[str, Lookalike] = field(default_factory=dict)
    typed: TypedKey | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Lookalike:
    """What a known wrong solution answers: arrays, or an error's text."""

    misconception: str
    outputs: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    error: str | None = None
    cause: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawing:
    """A picture of what a submission has returned, right or wrong (see `tensors.drawings`)."""

    name: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


def _no_inputs(_: np.random.Generator) -> Inputs:
    return {}


@dataclass(frozen=True, kw_only=True, slots=True)
class Check:
    """One claim about a submission, decided by cases.

    question: the key of the question that its points belong to.
    claim: the sentence a student reads ("dx is the gradient of the loss with respect to x").
    expects: what is expected, as a property, never a value.
    read: where to read about it.
    outputs: which of the probe's returned names are judged; by default all that come back.
    dtype: floating type of the inputs; it also sets the tolerance (`tensors.tolerance`).
    terms: length of the longest sum behind one output entry, for the tolerance.
    needs: ids of checks of the same problem that must have passed.
    forbids: rules of the question: what the functions that are called must do themselves.
    cases: left out for a typed answer, which has no inputs.
    picture: an illustration that says nothing of the answer. It stands beside a failure, and in the
        statement where that names it: `![what it shows](id of the check)`.
    draws: pictures of what came back, which stand beside the verdict, whatever it is.
    """

    id: str
    question: str
    claim: str
    expects: str
    read: str
    points: float
    probe: Probe
    oracle: Oracle
    cases: tuple[Case, ...] = ()
    outputs: tuple[str, ...] = ()
    dtype: str = "float64"
    terms: int = 1
    needs: tuple[str, ...] = ()
    forbids: tuple[Rule, ...] = ()
    picture: Picture | None = None
    draws: tuple[Drawing, ...] = ()

    def __post_init__(self) -> None:
        if isinstance(self.oracle, TypedAnswer) and not self.cases:
            only = Case(id=self.id, why="a typed answer", build=_no_inputs)
            object.__setattr__(self, "cases", (only,))

    @property
    def judged(self) -> tuple[str, ...]:
        """Names of the outputs that are judged."""
        return self.outputs or self.probe.returns


# --- wrong and odd solutions -----------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Mutant:
    """A wrong solution with a name: it must fail exactly the checks in `killed_by`.

    of: the function or answer that it gets wrong; may be left out in a problem with one ask.
    misconception: the sentence a student reads when the output looks like this mutant's.
    edit: (old, new) text in the reference's source, `old` occurring exactly once; or
    code: a whole replacement, as a student would have written it; or
    answer: a wrong typed answer, with the `rule` by which it follows from earlier answers, if any
    (see `TypedAnswer`).
    cause: name of the one misconception behind several mutants: its points are deducted once.
    raises: the exception that it ends with, where it returns nothing.
    source: where it was met.
    """

    id: str
    misconception: str
    killed_by: tuple[str, ...]
    of: str = ""
    edit: tuple[str, str] | None = None
    code: str | None = None
    answer: str | None = None
    rule: str = ""
    cause: str = ""
    raises: str = ""
    source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Honest:
    """A right but unusual solution: replaces the definitions that its code contains."""

    id: str
    why: str
    code: str


class DerivationLike(Protocol):
    """What a problem needs of a derivation (the engine lives in backproof_reference.prove)."""

    @property
    def id(self) -> str:
        """Name in the library of derivations."""
        ...

    @property
    def title(self) -> str:
        """What it derives, in words."""
        ...


# --- problems -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """A unit of marks inside a problem: a section of `problem.md`."""

    key: str
    title: str
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Problem:
    """A problem of the bank: its whole life.

    roles: what a parameter means where its name does not say it (see `Role`). waivers: power rules
    for test data that do not make sense here.
    """

    name: str
    title: str
    text: str
    questions: tuple[Question, ...]
    asks: tuple[Ask, ...]
    checks: tuple[Check, ...]
    derivations: tuple[DerivationLike, ...] = ()
    mutants: tuple[Mutant, ...] = ()
    honest: tuple[Honest, ...] = ()
    roles: Mapping[str, Role] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()

    def question(self, key: str) -> Question:
        """The question of that key."""
        return next(question for question in self.questions if question.key == key)
