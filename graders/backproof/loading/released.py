"""Public cases as a file: an assignment that needs neither the bank nor the reference.

One readable JSON file. Numbers carry nine significant digits, so that the same bytes come out on
every machine. That is far finer than single precision, which is accepted as right mathematics, but
too coarse to say in which precision a result was computed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from backproof.loading.fields import pack_field, unpack_field
from backproof.model import (
    AnswerAsk,
    Assignment,
    BackproofError,
    Call,
    Case,
    CaseKey,
    Check,
    Drawing,
    Frozen,
    GradedQuestion,
    Lookalike,
    Oracle,
    Probe,
    Problem,
    Question,
    ReceptiveField,
    Relation,
    Rule,
    TypedAnswer,
    Visibility,
    describe_field,
)

SCHEMA = "backproof.public-cases/2"
FILE_NAME = "public_cases.json"
DIGITS = 9
JUDGED_LATER = "whether it is right is judged when your homework is graded"


def _number(value: float) -> float | int:
    rounded = float(f"{value:.{DIGITS}g}")
    return int(rounded) if rounded.is_integer() and abs(rounded) < 1e15 else rounded


def _pack(value: Any) -> Any:
    """Arrays become {"shape", "data"}: numbers in one line of text, or one number if constant.

    So do those in a list.
    """
    if isinstance(value, list):
        return [_pack(item) for item in value]
    if not isinstance(value, np.ndarray):
        return value
    if not np.isfinite(value).all():
        raise BackproofError("a public case holds a value that is not finite")
    flat = [_number(float(x)) for x in value.ravel()]
    data = flat[0] if len(set(flat)) == 1 else " ".join(map(repr, flat))
    packed: dict[str, Any] = {"shape": " ".join(map(str, value.shape)), "data": data}
    if value.dtype.kind != "f":
        packed["dtype"] = str(value.dtype)
    return packed


def _unpack(value: Any) -> Any:
    if isinstance(value, list):
        return [_unpack(item) for item in value]
    if not (isinstance(value, dict) and value.keys() >= {"shape", "data"}):
        return value
    dtype, data = value.get("dtype", "float64"), value["data"]
    shape = [int(size) for size in value["shape"].split()]
    if isinstance(data, str):
        return np.array([float(number) for number in data.split()]).astype(dtype).reshape(shape)
    return np.full(shape, data, dtype=dtype)


def _pack_all(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _pack(value) for name, value in values.items()}


def _unpack_all(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _unpack(value) for name, value in values.items()}


def _pack_key(key: CaseKey) -> dict[str, Any]:
    return {
        "inputs": _pack_all(key.inputs),
        "expected": _pack_all(key.expected),
        "noise": {name: float(f"{key.noise[name]:.3g}") for name in key.expected},
        "lookalikes": {
            id_: {
                "misconception": other.misconception,
                "outputs": _pack_all(other.outputs),
                "error": other.error,
            }
            for id_, other in key.lookalikes.items()
        },
    }


def _unpack_key(packed: Mapping[str, Any]) -> CaseKey:
    return CaseKey(
        inputs=_unpack_all(packed["inputs"]),
        expected=_unpack_all(packed["expected"]),
        noise=packed["noise"],
        lookalikes={
            id_: Lookalike(
                misconception=other["misconception"],
                outputs=_unpack_all(other["outputs"]),
                error=other["error"],
            )
            for id_, other in packed["lookalikes"].items()
        },
    )


def _pack_probe(probe: Probe) -> dict[str, Any]:
    return {
        "calls": [
            {"function": c.function, "takes": c.takes, "returns": c.returns, "keeps": c.keeps}
            | ({"each": c.each} if c.each else {})
            for c in probe.calls
        ],
        "answer": probe.answer,
        "repeat": probe.repeat,
    }


def _unpack_probe(packed: Mapping[str, Any]) -> Probe:
    return Probe(
        calls=tuple(
            Call(
                function=c["function"],
                takes=tuple(c["takes"]),
                returns=tuple(c["returns"]),
                keeps=tuple(c["keeps"]),
                each=tuple(c.get("each", ())),
            )
            for c in packed["calls"]
        ),
        answer=packed["answer"],
        repeat=packed["repeat"],
    )


def _pack_picture(check: Check) -> dict[str, Any]:
    """The picture of a check with public cases, which the self-check draws for each of them."""
    if not isinstance(check.picture, ReceptiveField) or check.probe.answer:
        return {}
    return {"receptive_field": asdict(check.picture)}


def _unpack_picture(packed: Mapping[str, Any]) -> ReceptiveField | None:
    if (stack := packed.get("receptive_field")) is None:
        return None
    return ReceptiveField(
        **{name: tuple(stack[name]) for name in ("kernels", "strides", "dilations")}
    )


def _pack_check(
    check: Check, keys: Mapping[str, CaseKey], answers: Mapping[str, AnswerAsk]
) -> dict[str, Any]:
    ask = answers.get(check.probe.answer or "")
    relation = check.oracle if isinstance(check.oracle, Relation) else None
    return {
        "id": check.id,
        "question": check.question,
        "claim": check.claim,
        # What is expected of a typed answer says too much beside a short formula.
        "expects": f"{describe_field(ask.field)}; {JUDGED_LATER}" if ask else check.expects,
        "read": check.read,
        "points": check.points,
        "probe": _pack_probe(check.probe),
        "outputs": check.judged,
        "dtype": check.dtype,
        "terms": check.terms,
        "needs": check.needs,
        **({"forbids": [asdict(rule) for rule in check.forbids]} if check.forbids else {}),
        "relation": relation and {"name": relation.name, "parameters": dict(relation.parameters)},
        "cases": [
            {"id": c.id, "why": c.why, "strided": c.strided, "key": _pack_key(keys[c.id])}
            for c in check.cases
            if c.visibility is Visibility.PUBLIC and not check.probe.answer
        ],
        **_pack_picture(check),
        **({"draws": [asdict(drawing) for drawing in check.draws]} if check.draws else {}),
    }


def _unpack_case(packed: Mapping[str, Any], key: CaseKey) -> Case:
    return Case(
        id=packed["id"],
        why=packed["why"],
        strided=packed["strided"],
        visibility=Visibility.PUBLIC,
        build=lambda _: key.inputs,
    )


def _unpack_rule(packed: Mapping[str, Any]) -> Rule:
    lists = {name: tuple(packed[name]) for name in ("names", "operators")}
    return Rule(demand=packed["demand"], without=packed["without"], **lists)


def _unpack_check(packed: Mapping[str, Any]) -> Check:
    keys = {case["id"]: _unpack_key(case["key"]) for case in packed["cases"]}
    cases = tuple(_unpack_case(case, keys[case["id"]]) for case in packed["cases"])
    probe = _unpack_probe(packed["probe"])
    oracle: Oracle = Frozen(keys=keys)
    if packed["relation"]:
        oracle = Relation(**packed["relation"])
    elif probe.answer:
        # Nothing is known here but how to read it: right or wrong waits for the grading.
        oracle = TypedAnswer()
    return Check(
        **{name: packed[name] for name in ("id", "question", "claim", "expects", "read")},
        points=packed["points"],
        probe=probe,
        outputs=tuple(packed["outputs"]),
        dtype=packed["dtype"],
        terms=packed["terms"],
        needs=tuple(packed["needs"]),
        forbids=tuple(_unpack_rule(rule) for rule in packed.get("forbids", ())),
        cases=cases,
        oracle=oracle,
        picture=_unpack_picture(packed),
        draws=tuple(Drawing(**drawing) for drawing in packed.get("draws", ())),
    )


def save_released(
    assignment: Assignment, keys: Mapping[tuple[str, str], Mapping[str, CaseKey]]
) -> str:
    """The text of `public_cases.json`; `keys` maps (problem, check) to its public cases' keys."""
    problems = []
    for problem in assignment.problems:
        # Checks without a public case are not in the file: nothing of them leaves the course.
        # Typed answers are, without a case: whether something was typed can be seen.
        answers = {ask.name: ask for ask in problem.asks if isinstance(ask, AnswerAsk)}
        checks = [
            _pack_check(check, keys.get((problem.name, check.id), {}), answers)
            for check in problem.checks
            if check.probe.answer or keys.get((problem.name, check.id))
        ]
        shown = {check["id"] for check in checks}
        for check in checks:
            check["needs"] = [need for need in check["needs"] if need in shown]
        problems.append(
            {
                "name": problem.name,
                "title": problem.title,
                "questions": [{"key": q.key, "title": q.title} for q in problem.questions],
                "answers": [
                    {"name": ask.name, "prompt": ask.prompt, "field": pack_field(ask.field)}
                    for ask in answers.values()
                ],
                "checks": checks,
            }
        )
    table = {
        "schema": SCHEMA,
        "name": assignment.name,
        "title": assignment.title,
        "source": assignment.source,
        "digest": assignment.digest,
        "questions": [
            {"number": q.number, "points": q.points, "problem": q.problem.name, "key": q.key}
            for q in assignment.questions
        ],
        "problems": problems,
    }
    return json.dumps(table, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def load_released(path: Path) -> Assignment:
    """Read a released `public_cases.json` back as an assignment of public checks.

    Raises:
        BackproofError: the file is missing or not of this format.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"))
        if table["schema"] != SCHEMA:
            raise BackproofError(
                f"{path} has schema {table['schema']!r}; this version reads {SCHEMA!r}"
            )
        return _assignment(table)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BackproofError(
            f"{path} is not a released set of public cases ({type(error).__name__}: {error}); "
            "get the folder again from your course"
        ) from error


def _assignment(table: Mapping[str, Any]) -> Assignment:
    problems = {
        packed["name"]: Problem(
            name=packed["name"],
            title=packed["title"],
            text="",
            questions=tuple(Question(**q, text="") for q in packed["questions"]),
            asks=tuple(
                AnswerAsk(
                    name=ask["name"],
                    prompt=ask["prompt"],
                    field=unpack_field(ask["field"]),
                    answer=None,
                )
                for ask in packed["answers"]
            ),
            checks=tuple(_unpack_check(check) for check in packed["checks"]),
        )
        for packed in table["problems"]
    }
    return Assignment(
        name=table["name"],
        title=table["title"],
        source=table["source"],
        digest=table["digest"],
        questions=tuple(
            GradedQuestion(
                number=q["number"], points=q["points"], problem=problems[q["problem"]], key=q["key"]
            )
            for q in table["questions"]
        ),
    )
