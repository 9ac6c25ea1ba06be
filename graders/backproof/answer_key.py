"""What the trusted side expects: inputs, oracle values, noise and known wrong answers per case.

Everything is computed once per case and reused for all submissions. Nothing of it ever enters a
process that runs student code, the inputs excepted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from threading import RLock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from backproof.loading import render_solution
from backproof.model import (
    AnswerAsk,
    Assignment,
    Case,
    CaseKey,
    Check,
    Expected,
    Frozen,
    Given,
    Inputs,
    Lookalike,
    Mutant,
    Problem,
    Returned,
    Session,
    Stopped,
    Submission,
    TypedAnswer,
    TypedKey,
    Visibility,
    WrongAnswer,
    names_in,
)
from backproof.sandbox import InProcess
from backproof.tensors import evaluate, noise_of, tolerance_for

PUBLIC_SEED = "public"
"""Public cases are the same for everyone, whatever the course's secret."""


def seed_of(secret: str, problem: str, case: Case) -> int:
    """The seed of a case: a hash of the course's secret and the case's name."""
    spoken = PUBLIC_SEED if case.visibility is Visibility.PUBLIC else secret
    digest = hashlib.sha256(f"{spoken}\0{problem}\0{case.id}".encode()).digest()
    return int.from_bytes(digest[:16], "big")


def cast(inputs: Inputs, dtype: str) -> dict[str, Any]:
    """Float arrays rounded to `dtype`; everything else as it is."""
    return {
        name: value.astype(dtype) if _is_float_array(value) else value
        for name, value in inputs.items()
    }


def _is_float_array(value: Any) -> bool:
    return isinstance(value, np.ndarray) and value.dtype.kind == "f"


class AnswerKey:
    """Case keys of one run, computed when first asked for. Several threads may ask.

    secret: text that the hidden cases' seeds are derived from.
    """

    def __init__(self, secret: str) -> None:
        self.secret = secret
        # Oracles and mutants may use what a process has only one of, as the generator of torch.
        self._computing = RLock()
        self._open = ExitStack()
        self._keys: dict[tuple[str, str, str, object], CaseKey] = {}
        self._mutants: dict[tuple[str, str], Session] = {}
        self._lookalikes: dict[tuple[str, str, str, str], Lookalike | None] = {}

    def case_key(self, problem: Problem, check: Check, case: Case) -> CaseKey:
        """Inputs, expected values and noise of one case of one check."""
        if isinstance(check.oracle, Frozen):
            return check.oracle.keys[case.id]
        if isinstance(check.oracle, TypedAnswer):
            typed = typed_key(problem, check, check.oracle)
            return CaseKey(inputs={}, expected={}, noise={}, typed=typed)
        oracle = check.oracle if isinstance(check.oracle, Expected) else None
        place = (problem.name, case.id, check.dtype, oracle and oracle.compute)
        if place not in self._keys:
            with self._computing:
                if place not in self._keys:  # another thread may have been quicker
                    rng = np.random.default_rng(seed_of(self.secret, problem.name, case))
                    inputs = cast(case.build(rng), check.dtype)
                    self._keys[place] = self._key(inputs, check, oracle)
        return self._keys[place]

    def prepare(self, assignment: Assignment) -> None:
        """Compute the keys of all cases now, rather than when each is first asked for."""
        for question in assignment.questions:
            for check in question.checks:
                for case in check.cases:
                    with suppress(Exception):  # raised again where it is needed, and said there
                        self.case_key(question.problem, check, case)

    def _key(self, inputs: Inputs, check: Check, oracle: Expected | None) -> CaseKey:
        if oracle is None:
            return CaseKey(inputs=inputs, expected={}, noise={})
        exact = cast(inputs, "float64")  # the same rounded numbers, more digits to work with
        expected = evaluate(oracle.compute, exact)
        unit = tolerance_for(check.dtype).unit
        return CaseKey(
            inputs=inputs,
            expected=expected,
            noise=noise_of(oracle.compute, exact, expected, unit),
        )

    def lookalikes(
        self, problem: Problem, check: Check, case: Case, slips: Collection[str] = ()
    ) -> Mapping[str, Lookalike]:
        """What each known wrong solution of the probed functions answers in this case.

        slips: those that an earlier check has found, which this one builds on. They come first.
        """
        if isinstance(check.oracle, Frozen):
            return check.oracle.keys[case.id].lookalikes
        found = {}
        for mutant in sorted(problem.mutants, key=lambda mutant: mutant.id not in slips):
            # One that passes, or does not come as far as this check, explains no failure of it.
            explains = check.id in mutant.killed_by or mutant.id in slips
            if mutant.answer is not None or not explains:
                continue
            if (lookalike := self._lookalike(problem, mutant, check, case)) is not None:
                found[mutant.id] = lookalike
        return found

    def _lookalike(
        self, problem: Problem, mutant: Mutant, check: Check, case: Case
    ) -> Lookalike | None:
        place = (problem.name, mutant.id, check.id, case.id)
        if place not in self._lookalikes:
            with self._computing:
                if place not in self._lookalikes:
                    self._lookalikes[place] = self._answered(problem, mutant, check, case)
        return self._lookalikes[place]

    def _answered(
        self, problem: Problem, mutant: Mutant, check: Check, case: Case
    ) -> Lookalike | None:
        place = (problem.name, mutant.id)
        if place not in self._mutants:
            self._mutants[place] = self._load(problem, mutant)
        inputs = case.sent(self.case_key(problem, check, case).inputs)
        outcome = self._mutants[place].run(
            check.probe, inputs, dtype=check.dtype, device="cpu", strided=False
        )
        if isinstance(outcome, Stopped):
            said = mutant.misconception
            return Lookalike(misconception=said, error=outcome.message, cause=mutant.cause)
        return _as_lookalike(mutant, outcome, check, self.case_key(problem, check, case))

    def _load(self, problem: Problem, mutant: Mutant) -> Session:
        """Run a mutant here: it is the course's own code, and its answers stay here."""
        code = render_solution(problem.asks, replacing=mutant)
        wrong = Submission(name=mutant.id, path=Path(f"{mutant.id}.py"), digest="", cells=(code,))
        return self._open.enter_context(InProcess().open(wrong))


def typed_key(problem: Problem, check: Check, oracle: TypedAnswer) -> TypedKey:
    """What is known about the answer that a check reads."""
    asks = {ask.name: ask for ask in problem.asks if isinstance(ask, AnswerAsk)}
    ask = asks[check.probe.answer or ""]
    wrong = tuple(mutant for mutant in problem.mutants if mutant.of == ask.name)
    used = {name for text in (oracle.rule, *(m.rule for m in wrong)) for name in names_in(text)}
    return TypedKey(
        name=ask.name,
        field=ask.field,
        answer=ask.answer,
        rule=oracle.rule,
        given=tuple(
            Given(
                name=other.name,
                answer=other.answer,
                field=other.field,
                wrong=tuple(m.answer for m in problem.mutants if m.of == other.name and m.answer),
            )
            for other in asks.values()
            if other.name in used and other.answer is not None
        ),
        wrong=tuple(
            WrongAnswer(
                id=mutant.id,
                answer=mutant.answer,
                sentence=mutant.misconception,
                rule=mutant.rule,
                cause=mutant.cause,
            )
            for mutant in wrong
            if mutant.answer is not None
        ),
    )


def _as_lookalike(
    mutant: Mutant, outcome: Returned, check: Check, key: CaseKey
) -> Lookalike | None:
    """The judged outputs of a mutant, and whatever else it gets wrong.

    A mistake in two outputs is only recognised by both: one alone has another cause.
    """
    finite = {
        name: array.astype(np.float64)
        for name in check.probe.returns
        if (array := outcome.values[name].array) is not None
        and array.dtype.kind in "fiu"
        and np.isfinite(array).all()
    }
    shown = {
        name: array
        for name, array in finite.items()
        if name in check.judged or not _is_right(array, key.expected.get(name), check)
    }
    # An answer with holes teaches nothing: many mistakes end in NaN.
    if not shown:
        return None
    return Lookalike(misconception=mutant.misconception, outputs=shown, cause=mutant.cause)


def _is_right(
    array: NDArray[np.float64], expected: NDArray[np.float64] | None, check: Check
) -> bool:
    if expected is None:
        return True  # nothing is known about it
    single = tolerance_for("float32", check.terms)
    room = single.factor * single.unit * float(np.max(np.abs(expected), initial=0.0))
    return array.shape == expected.shape and bool(np.all(np.abs(array - expected) <= room))
