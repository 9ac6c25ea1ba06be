"""Rules that every problem of the bank keeps, checked when it is loaded."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from pathlib import Path

from backproof.loading.typed import typed_faults
from backproof.model import (
    SIGNATURES,
    STRUCTURE_RETURNS,
    BackproofError,
    Call,
    Case,
    Check,
    FunctionAsk,
    Operation,
    OracleKind,
    Probe,
    Problem,
    ReceptiveField,
    Role,
    Visibility,
)
from backproof.model.pictures import IN_TEXT

DTYPES = ("float64", "float32")


def validate_problem(problem: Problem, folder: Path) -> None:
    """Refuse a problem that is incomplete or contradicts itself.

    Raises:
        BackproofError: all that is wrong, one line each.
    """
    # Fields of a wrong type first: everything else would stumble over them.
    faults = [*_type_faults(problem)] or [
        *_check_faults(problem),
        *_call_faults(problem),
        *_operation_faults(problem),
        *_mutant_faults(problem),
        *typed_faults(problem),
        *_cover_faults(problem),
        *_picture_faults(problem),
    ]
    if faults:
        lines = "".join(f"\n  - {fault}" for fault in faults)
        raise BackproofError(f"problem {problem.name!r} in {folder} is not complete:{lines}")


def _tuples(check: Check) -> Iterator[tuple[str, object]]:
    """Everything in a check that is to be a tuple, by name."""
    yield "outputs", check.outputs
    yield "needs", check.needs
    yield "cases", check.cases
    yield "forbids", check.forbids
    yield "provenance of its oracle", check.oracle.provenance
    yield "calls of its probe", check.probe.calls
    for case in check.cases if isinstance(check.cases, tuple) else ():
        yield f"withheld of case {case.id!r}", case.withheld
    for call in check.probe.calls:
        if isinstance(call, Call):
            yield "takes", call.takes
            yield "returns", call.returns
            yield "keeps", call.keeps
            yield "each", call.each


def _type_faults(problem: Problem) -> Iterator[str]:
    """A string where a tuple of strings is due is a forgotten comma; a Call is no Probe."""
    for check in problem.checks:
        if not isinstance(check.probe, Probe):
            kind = type(check.probe).__name__
            yield f"check {check.id!r}: probe is a {kind}; write Probe(calls=(Call(...),))"
            continue
        for name, value in _tuples(check):
            if not isinstance(value, tuple):
                yield f"check {check.id!r}: {name} must be a tuple, found {value!r}"
        if check.dtype not in DTYPES:
            yield f"check {check.id!r}: dtype {check.dtype!r} is none of {', '.join(DTYPES)}"
    if not isinstance(problem.roles, Mapping):
        yield f"ROLES must map names of parameters to roles, found {problem.roles!r}"
    for name, role in problem.roles.items() if isinstance(problem.roles, Mapping) else ():
        if role not in list(Role):
            yield f"ROLES: {name!r} has no role {role!r}; known: {', '.join(Role)}"
    for mutant in problem.mutants:
        if not isinstance(mutant.killed_by, tuple):
            yield f"mutant {mutant.id!r}: killed_by must be a tuple, found {mutant.killed_by!r}"


def _check_faults(problem: Problem) -> Iterator[str]:
    keys = {question.key for question in problem.questions}
    asks = {ask.name for ask in problem.asks}
    seen: set[str] = set()
    cases: dict[str, Case] = {}
    for check in problem.checks:
        if check.id in seen:
            yield f"check {check.id!r} is defined twice"
        if check.question not in keys:
            yield f"check {check.id!r}: question {check.question!r} has no section in problem.md"
        for name in set(check.probe.asks) - asks:
            yield f"check {check.id!r}: its probe uses {name!r}, which is not in ASKS"
        for need in set(check.needs) - seen:
            yield f"check {check.id!r}: needs {need!r}, which is not an earlier check"
        for output in set(check.outputs) - set(check.probe.returns):
            yield f"check {check.id!r}: its probe does not bring back {output!r}"
        if not check.cases:
            yield f"check {check.id!r} has no cases"
        for case in check.cases:
            if cases.setdefault(case.id, case) is not case:
                yield f"case id {case.id!r} stands for two different cases"
            yield from _withheld_faults(check, case)
            if not case.why:
                yield f"case {case.id!r} does not say why it exists"
        if check.points < 0:
            yield f"check {check.id!r} has {check.points:g} points"
        yield from _oracle_faults(check, problem)
        seen.add(check.id)


def _withheld_faults(check: Check, case: Case) -> Iterator[str]:
    """What is withheld is for the oracle alone, and a public case is public."""
    taken = {name for call in check.probe.calls for name in call.takes}
    for name in taken.intersection(case.withheld):
        yield f"check {check.id!r}: a call takes {name!r}, which case {case.id!r} withholds"
    if case.withheld and case.visibility is Visibility.PUBLIC:
        yield f"case {case.id!r} is public and withholds {', '.join(case.withheld)}"


def _oracle_faults(check: Check, problem: Problem) -> Iterator[str]:
    provenance = check.oracle.provenance
    if check.oracle.kind is OracleKind.REFERENCE and not provenance:
        yield f"check {check.id!r}: its oracle names no independent source"
    if check.oracle.kind is OracleKind.PROVEN:
        proven = {derivation.id for derivation in problem.derivations}
        if not provenance or set(provenance) - proven:
            known = ", ".join(sorted(proven)) or "none: list them in DERIVATIONS, or cite a source"
            yield (
                f"check {check.id!r}: a proven formula's provenance must name derivations of the "
                f"problem, found {provenance}; known: {known}"
            )


def _call_faults(problem: Problem) -> Iterator[str]:
    """What a call takes are parameters of the reference, in its order: students rename them."""
    references = {ask.name: ask.reference for ask in problem.asks if isinstance(ask, FunctionAsk)}
    for check in problem.checks:
        for call in check.probe.calls:
            if call.function not in references:
                continue
            parameters = list(inspect.signature(references[call.function]).parameters)
            if list(call.takes) != [name for name in parameters if name in call.takes]:
                yield (
                    f"check {check.id!r}: takes {call.takes} is not in the order of "
                    f"{call.function}({', '.join(parameters)})"
                )


def _operation_faults(problem: Problem) -> Iterator[str]:
    for check in problem.checks:
        kept: set[str] = set()
        for call in check.probe.calls:
            said = f"check {check.id!r}: {call.function}"
            yield from (f"{said}: {fault}" for fault in _misused(call, kept))
            kept |= set(call.keeps)


def _misused(call: Call, kept: set[str]) -> Iterator[str]:
    """What is wrong with a call, most of all with one of an operation, after `kept` values."""
    if outside := set(call.each) - (set(call.takes) - kept):
        yield f"each = {sorted(outside)} are not inputs that it takes"
    if call.each and call.keeps:
        yield "a call with `each` can keep nothing"
    if (signature := SIGNATURES.get(call.function)) is None:
        return
    taken, roles = len(call.takes), signature.takes
    if taken < signature.at_least or (taken > len(roles) and not signature.more):
        yield f"takes {call.takes}; it wants ({', '.join(roles)})"
    elif signature.on_network and call.takes[0] not in kept:
        yield f"takes {call.takes[0]!r} first, which no earlier call keeps"
    if signature.returns is not None and len(call.returns) != signature.returns:
        yield f"returns {call.returns}; it has {signature.returns} values to return"
    if call.function == Operation.STRUCTURE:
        for name in set(call.returns) - set(STRUCTURE_RETURNS):
            yield f"has no {name!r} to return; it has {', '.join(STRUCTURE_RETURNS)}"


def _mutant_faults(problem: Problem) -> Iterator[str]:
    asks = {ask.name for ask in problem.asks}
    checks = {check.id for check in problem.checks}
    for mutant in problem.mutants:
        if mutant.of not in asks:
            yield f"mutant {mutant.id!r}: of = {mutant.of!r} is not in ASKS"
        if [mutant.edit, mutant.code, mutant.answer].count(None) != 2:
            yield f"mutant {mutant.id!r} needs one of edit, code, answer"
        if not mutant.misconception:
            yield f"mutant {mutant.id!r} has no sentence for the student"
        for name in set(mutant.killed_by) - checks:
            yield f"mutant {mutant.id!r}: killed_by {name!r} is no check"


def _cover_faults(problem: Problem) -> Iterator[str]:
    for ask in problem.asks:
        own = [check for check in problem.checks if ask.name in check.probe.asks]
        if not own:
            yield f"{ask.name!r} is asked for but no check uses it"
        elif isinstance(ask, FunctionAsk):
            seen = {case.visibility for check in own for case in check.cases}
            for missing in set(Visibility) - seen:
                yield f"{ask.name!r} has no {missing.value} case in any of its checks"
    killed = {name for mutant in problem.mutants for name in mutant.killed_by}
    for check in problem.checks:
        if check.id not in killed and check.oracle.kind is not OracleKind.PERSON:
            yield f"check {check.id!r} kills no mutant: a check never seen to fail is not a check"
    for question in problem.questions:
        if not sum(c.points for c in problem.checks if c.question == question.key):
            yield f"question {question.key!r} of problem.md has no check with points"
    if not problem.honest:
        yield "honest.py lists no honest variant"


def _picture_faults(problem: Problem) -> Iterator[str]:
    """A statement shows only pictures that exist, and says in words what they show."""
    pictured = {check.id for check in problem.checks if check.picture is not None}
    for text in (problem.text, *(question.text for question in problem.questions)):
        for found in IN_TEXT.finditer(text):
            if found["check"] not in pictured:
                yield f"{found[0]} in problem.md: no check {found['check']!r} has a picture"
            if not found["words"].strip():
                yield f"{found[0]} in problem.md does not say what it shows, between the brackets"
    for check in problem.checks:
        match check.picture:
            case ReceptiveField() as stack:
                sizes = {len(stack.kernels), len(stack.strides)}
                if len(sizes | ({len(stack.dilations)} if stack.dilations else set())) > 1:
                    yield f"check {check.id!r}: its picture has layers without kernel or stride"
