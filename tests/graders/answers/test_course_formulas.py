"""Honest rewrites are CORRECT, one-edit mutants are WRONG, and every witness holds in mpmath too."""

import importlib.util
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
from backproof.answers.syntax import Node
from backproof.answers.verdicts import Decided, Ruling

REWRITES, MUTANTS = 30, 90
"""Of each formula; short ones have fewer different mutants."""


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


def numeric(node: Node, decided: Decided) -> Any:
    assert decided.witness is not None
    exact = {name: Fraction(text) for name, text in decided.witness.point}
    with mpmath.workdps(1000):
        point = {n: mpmath.mpf(v.numerator) / v.denominator for n, v in exact.items()}
        return formulas.value(node, point)


def confirm(given: Node, expected: Node, decided: Decided) -> None:
    """The two sides differ at the witness, in another engine."""
    if decided.method == "no value":
        with pytest.raises(ZeroDivisionError):
            numeric(given, decided)
        return
    mine, theirs = numeric(given, decided), numeric(expected, decided)
    assert abs(mine - theirs) > mpmath.mpf(10) ** -500 * max(abs(mine), abs(theirs))


def test_a_thousand_honest_rewrites_of_course_formulas_are_all_correct() -> None:
    tried = 0
    for formula in formulas.FORMULAS:
        expected = parse(formula.text, formula.vocabulary)
        for tree in formulas.rewrites(formula, expected, REWRITES):
            found = decide(to_text(tree), formula.text, formula.vocabulary)
            assert found.verdict is Ruling.CORRECT, f"{formula.name}: {to_text(tree)}: {found}"
            tried += 1

    assert len(formulas.FORMULAS) >= 30
    assert tried >= 1000


def test_a_thousand_mutants_of_course_formulas_are_all_wrong_as_a_second_engine_confirms() -> None:
    confirmed = 0
    for formula in formulas.FORMULAS:
        expected = parse(formula.text, formula.vocabulary)
        for tree in formulas.mutants(formula, expected, MUTANTS):
            text = to_text(tree)
            found = decide(text, formula.text, formula.vocabulary)
            assert found.verdict is Ruling.WRONG, f"{formula.name}: {text}: {found}"
            confirm(parse(text, formula.vocabulary), expected, found)
            confirmed += 1

    assert confirmed >= 1000


@pytest.mark.parametrize("formula", formulas.FORMULAS, ids=lambda formula: str(formula.name))
def test_printed_trees_parse_back(formula: Any) -> None:
    expected = parse(formula.text, formula.vocabulary)
    for tree in formulas.rewrites(formula, expected, 8):
        again = parse(to_text(tree), formula.vocabulary)
        assert parse(to_text(again), formula.vocabulary) == again
