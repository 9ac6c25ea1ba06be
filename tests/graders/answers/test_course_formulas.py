"""Honest rewrites are CORRECT, one-edit mutants are WRONG, and every witness holds in mpmath too."""

import importlib.util
import os
import random
import sys
from fractions import Fraction
from pathlib import Path
from types import ModuleType
from typing import Any

import mpmath
import pytest

from backproof.answers.deciding import decide
from backproof.answers.parser import parse
from backproof.answers.printing import to_text
from backproof.answers.syntax import Call, Chain, Name, Negative, Node, Number, Power
from backproof.answers.verdicts import Decided, Ruling

PER_FORMULA = int(os.environ.get("BACKPROOF_PROPERTY_RUNS", "8"))
"""Rewrites, and mutants, of each formula; 30 make more than a thousand of each."""


def _load() -> ModuleType:
    path = Path(__file__).with_name("formulas.py")
    spec = importlib.util.spec_from_file_location("answers_formulas", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


formulas = _load()


def value(node: Node, point: dict[str, Any]) -> Any:
    """A second evaluator, on its own and in mpmath."""
    match node:
        case Number(exact):
            return mpmath.mpf(exact.numerator) / exact.denominator
        case Name("e" | "pi" as name) if name not in point:
            return mpmath.e + 0 if name == "e" else mpmath.pi + 0
        case Name(name):
            return point[name]
        case Negative(operand):
            return -value(operand, point)
        case Power(base, exponent):
            return mpmath.power(value(base, point), value(exponent, point))
        case Call("sigmoid", (argument,)):
            return 1 / (1 + mpmath.exp(-value(argument, point)))
        case Call(function, arguments):
            return getattr(mpmath, function)(*(value(a, point) for a in arguments))
        case Chain(items):
            total = mpmath.mpf(0 if node.is_sum else 1)
            for operator, operand in items:
                part = value(operand, point)
                if operator in "+-":
                    total = total + part if operator == "+" else total - part
                else:
                    total = total * part if operator == "*" else total / part
            return total
    raise AssertionError(node)


def numeric(node: Node, decided: Decided) -> Any:
    assert decided.witness is not None
    exact = {name: Fraction(text) for name, text in decided.witness.point}
    with mpmath.workdps(1000):
        point = {n: mpmath.mpf(v.numerator) / v.denominator for n, v in exact.items()}
        return value(node, point)


def confirm(given: Node, expected: Node, decided: Decided) -> None:
    """The two sides differ at the witness, in another engine."""
    if decided.method == "no value":
        with pytest.raises(ZeroDivisionError):
            numeric(given, decided)
        return
    mine, theirs = numeric(given, decided), numeric(expected, decided)
    assert abs(mine - theirs) > mpmath.mpf(10) ** -500 * max(abs(mine), abs(theirs))


def really_equal(given: Node, expected: Node, names: list[str]) -> bool:
    """Whether two trees agree at random positive points, for mutants that change nothing."""
    source = random.Random(1)
    with mpmath.workdps(40):
        for _ in range(4):
            point = {n: mpmath.mpf(source.randint(2, 90)) / 97 for n in names}
            try:
                mine, theirs = value(given, point), value(expected, point)
            except ZeroDivisionError:
                return False
            if abs(mine - theirs) > 1e-25 * (1 + abs(theirs)):
                return False
    return True


@pytest.mark.parametrize("formula", formulas.FORMULAS, ids=lambda formula: str(formula.name))
def test_rewrites_are_correct_and_mutants_wrong(formula: Any) -> None:
    source = random.Random(formula.name)
    vocabulary = formula.vocabulary
    expected = parse(formula.text, vocabulary)
    for _ in range(PER_FORMULA):
        honest = expected
        for _ in range(source.randint(1, 4)):
            honest = formulas.rewrite(honest, source)
        found = decide(to_text(honest), formula.text, vocabulary)
        assert found.verdict is Ruling.CORRECT, to_text(honest)

        mutant = formulas.mutate(expected, source)
        text = to_text(mutant)
        if really_equal(mutant, expected, list(formula.symbols)):
            continue
        found = decide(text, formula.text, vocabulary)
        assert found.verdict is Ruling.WRONG, f"{text}: {found}"
        confirm(parse(text, vocabulary), expected, found)


@pytest.mark.parametrize("formula", formulas.FORMULAS, ids=lambda formula: str(formula.name))
def test_printed_trees_parse_back(formula: Any) -> None:
    source = random.Random(formula.name)
    tree = parse(formula.text, formula.vocabulary)
    for _ in range(PER_FORMULA):
        tree = parse(to_text(formulas.rewrite(tree, source)), formula.vocabulary)
        assert parse(to_text(tree), formula.vocabulary) == tree
        if len(to_text(tree)) > 400:
            return
