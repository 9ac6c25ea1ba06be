"""The answer-test fixtures of STACK (Moodle's question type for mathematics), where they are at hand.

The fixtures are not part of this repository. `BACKPROOF_CONFORMANCE` names their JSON file.
"""

import json
import os
import re
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from backproof.answers.approximate import constant_value
from backproof.answers.deciding import decide
from backproof.answers.numbers import ShownNumber, accepts, read_number, round_to_digits
from backproof.answers.syntax import AnswerSyntaxError
from backproof.model.typed import NumberDemand
from backproof.model.vocabulary import ARITY, SYNONYMS, Vocabulary

REQUIRED = 0.93
DISAGREEMENTS = Path(__file__).with_name("stack_disagreements.toml")
MAXIMA = {"%pi": "pi", "%e": "e", "%i": "i", "'root": "root"}
NAMES = re.compile(r"[A-Za-z_]\w*")
REFUSED = -1


class RefusedError(Exception):
    pass


def plain(text: str) -> str:
    """Maxima's spelling in ours."""
    for maxima, ours in MAXIMA.items():
        text = text.replace(maxima, ours)
    text = re.sub(r"ev\((.*),lg=logbasesimp\)", r"\1", text)
    text = re.sub(r"\blg\(([^(),]+),(\w+)\)", r"(log(\1)/log(\2))", text)
    text = re.sub(r"\blg\(", "log10(", text)
    text = re.sub(r"\b([A-Za-z]\w*)\[(\d+)\]", r"\1__\2", text)
    text = re.sub(r"root\((\w+)\s*,\s*(\w+)\)", r"root(\1, \2)", text)
    return re.sub(r"^\[([^\[\]]*)\]$", r"[[\1]]", text)


def algebraic(case: dict[str, Any]) -> int:
    student, teacher = plain(case["student"]), plain(case["teacher"])
    names = set(NAMES.findall(student) + NAMES.findall(teacher))
    allow_complex = "%i" in case["student"] + case["teacher"] or "sqrt(-1)" in case["student"]
    names -= {*ARITY, *SYNONYMS, "pi", "e", *("i" if allow_complex else "")}
    domain = "real" if case["score"] == 0 else "positive"
    vocabulary = Vocabulary(
        symbols=dict.fromkeys(sorted(names), domain), allow_complex=allow_complex
    )
    return {"correct": 1, "wrong": 0}.get(decide(student, teacher, vocabulary).verdict, -2)


def shown(text: str) -> str:
    """A number as Maxima's display functions show it."""
    if match := re.fullmatch(r"displaydp\(([-\d.e]+),(\d+)\)", text):
        return f"{float(match[1]):.{match[2]}f}"
    if match := re.fullmatch(r"(?:dispsf|displaysf|significantfigures)\(([-\w.]+),(\d+)\)", text):
        return match[1]
    return text.replace("null", "0")


def value(text: str) -> Fraction:
    found = read_number(text)
    exact = found.value if found else constant_value(plain(text))
    if exact is None:
        raise RefusedError
    return exact


def number(text: str) -> ShownNumber | None:
    bare = re.fullmatch(r"-?\((.*)\)", text)
    found = read_number(bare[1] if bare else text)
    if bare and found and text.startswith("-"):
        return read_number("-" + bare[1])
    return found


def members(text: str) -> list[str] | None:
    inner = re.fullmatch(r"[\[{](.*)[\]}]", text)
    if inner is None:
        return None
    return [shown(part) for part in re.split(r",(?![^(]*\))", inner[1])]


def tolerant(case: dict[str, Any]) -> int:
    """NumRelative and NumAbsolute: one number, or lists and sets of them."""
    tolerance = value(case["option"]) if case["option"] else Fraction(1, 20)
    relative = case["test"] == "NumRelative"
    student, teacher = shown(case["student"]), shown(case["teacher"])
    left, right = members(student), members(teacher)
    if (left is None) != (right is None) or (left and student[0] != teacher[0]):
        return 0
    if "=" in student:
        return 0
    pairs = [
        (value(a), value(b)) for a, b in zip(left or [student], right or [teacher], strict=True)
    ]
    if left is not None and student[0] == "{":
        pairs = list(zip(sorted(map(value, left)), sorted(map(value, right or [])), strict=True))
    demand = NumberDemand(
        relative=tolerance if relative else None, absolute=None if relative else tolerance
    )
    return int(
        all(
            accepts(demand, ShownNumber(value=a, unit=Fraction(0), least=1, most=1), b)
            for a, b in pairs
        )
    )


def significant(case: dict[str, Any]) -> int:
    """NumSigFigs: [digits shown, digits right]; 0 right: only shown; -1 right: at least shown."""
    options = re.fullmatch(r"\[(\d+),(-?\d+)\]|(\d+)", case["option"])
    if options is None or "matrix" in case["student"]:
        raise RefusedError
    digits = int(options[1] or options[3])
    right = int(options[2] or digits)
    target = value(shown(case["teacher"]))
    student = number(case["student"])
    if student is None:
        return 0
    enough = student.most >= digits if right == -1 else student.least <= digits <= student.most
    if right == 0 or not enough:
        return int(enough)
    right = digits if right == -1 else right
    return int(round_to_digits(student.value, right) == round_to_digits(target, right))


def decimal_places(case: dict[str, Any]) -> int:
    if not re.fullmatch(r"\d+", case["option"]):
        raise RefusedError
    places = int(case["option"])
    target = value(shown(case["teacher"]))
    student = number(case["student"])
    if student is None:
        if case["student"] == "1/0":
            raise RefusedError
        return 0
    if student.unit != Fraction(1, 10**places):
        return 0
    return int(abs(student.value - target) <= student.unit / 2)


RUN = {
    "AlgEquiv": algebraic,
    "NumRelative": tolerant,
    "NumAbsolute": tolerant,
    "NumSigFigs": significant,
    "NumDecPlaces": decimal_places,
}


def found(case: dict[str, Any]) -> int:
    try:
        return RUN[case["test"]](case)
    except (RefusedError, AnswerSyntaxError):
        return REFUSED


def label(case: dict[str, Any]) -> str:
    return f"{case['test']}({case['option']}) {case['student']} | {case['teacher']}"


def fixtures(repository: Path) -> list[dict[str, Any]]:
    path = Path(
        os.environ.get("BACKPROOF_CONFORMANCE")
        or repository.parent / "shared" / "conformance" / "stack_cases.json"
    )
    if not path.exists():
        pytest.skip("STACK's fixtures are not here: set BACKPROOF_CONFORMANCE to their JSON file")
    cases = json.loads(path.read_text())["cases"]
    return [case for case in cases if case["test"] in RUN]


def test_stack_agrees_except_where_it_is_listed(repository: Path) -> None:
    """Every disagreement is listed with its reason, and nothing that agrees is listed."""
    cases = fixtures(repository)
    different = set()
    for case in cases:
        wanted = 1 if case["score"] == -3 else case["score"]
        if found(case) != wanted:
            different.add(label(case))
    listed = tomllib.loads(DISAGREEMENTS.read_text())["disagreement"]
    reasons = {entry["case"]: entry["reason"] for entry in listed}

    assert different - reasons.keys() == set(), "disagreements that are not listed"
    assert reasons.keys() - different == set(), "listed, but these agree now"
    assert all(len(reason) > 20 for reason in reasons.values())
    assert 1 - len(different) / len(cases) >= REQUIRED
