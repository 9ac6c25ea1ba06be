"""How a submission is probed: calls in a row, or reading a typed answer."""

from __future__ import annotations

from dataclasses import dataclass

from backproof.model.operations import SIGNATURES
from backproof.model.rules import Rule


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """Call one student function or class, or carry out an `Operation` on a kept network.

    takes: parameter names; each is filled from an earlier call's kept value of that name, else
        from the case's input of that name, else left to the student's default. An operation takes
        its values by position (see `model.operations`).
    returns: names of what comes back, in order.
    keeps: those of `returns` that stay in the student's process as opaque handles.
    each: those of `takes` that hold one entry for each of several calls, along the first axis; what
        comes back is stacked in the same way.
    """

    function: str
    takes: tuple[str, ...]
    returns: tuple[str, ...]
    keeps: tuple[str, ...] = ()
    each: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Probe:
    """What the student's process is made to do for one case: calls in a row, or read an answer.

    repeat: how often the calls are made; with more than one, outputs come back stacked along a
        new first axis (for random layers).
    weights: an input that a student hands in, as a file beside the submission: arrays by name. What
        the case has of that name stands in for it where the course's own code is run.
    forbids: rules whose functions are out of reach meanwhile. The grader adds them to a check's
        probe to see whether the rules are kept.
    """

    calls: tuple[Call, ...] = ()
    answer: str | None = None
    repeat: int = 1
    weights: str = ""
    forbids: tuple[Rule, ...] = ()

    @property
    def returns(self) -> tuple[str, ...]:
        """Names of what comes back, in order."""
        if self.answer:
            return (self.answer,)
        return tuple(n for call in self.calls for n in call.returns if n not in call.keeps)

    @property
    def asks(self) -> tuple[str, ...]:
        """Names that the submission must define."""
        if self.answer:
            return (self.answer,)
        return tuple(call.function for call in self.calls if call.function not in SIGNATURES)
