"""Named values of exp and log: what the checker knows about them, and what it does not."""

import pytest
import sympy as sp
import torch
from sympy import Rational, Sum

from backproof_reference.prove import (
    Definition,
    Differentiate,
    Function,
    Setting,
    Step,
    Substitute,
    Verdict,
    evaluate,
    exponential,
    logarithm,
)
from backproof_reference.prove.judge import judge

n = sp.Symbol("n", integer=True, positive=True)
a, k = sp.symbols("a k", integer=True)
z, plain = sp.IndexedBase("z"), sp.IndexedBase("plain")
e = sp.IndexedBase("e", positive=True)
r, f, s = sp.symbols("r f s", positive=True)
L, x = sp.symbols("L x")
INVERSE = Definition(r, sp.S.NegativeOne, Sum(e[k], (k, 0, n - 1)))
SETTING = Setting(
    ranges={a: (sp.S.Zero, n - 1)},
    definitions=(exponential(e[k], z[k]), INVERSE, logarithm(L, INVERSE)),
)
SCALAR = Setting(definitions=(exponential(f, 3 * x**2),))
NESTED = Setting(
    definitions=(exponential(f, x), Definition(s, Rational(1, 2), f + 1)),
)


def verdict(start, expr, op=None, setting=SETTING):
    step = Step("only", sp.sympify(expr), "", op)
    return judge(sp.sympify(start), step, setting, ({n: 1}, {n: 3}), "only").finding


TRUE = {
    "exp": (e[a], e[a], Differentiate(z[a]), SETTING),
    "powers": (1 / e[a] ** 2, -2 / e[a] ** 2, Differentiate(z[a]), SETTING),
    "chain rule": (f, 6 * x * f, Differentiate(x), SCALAR),
    "log of a sum": (L, e[a] * r, Differentiate(z[a]), SETTING),
    "product": (L * e[a], L * e[a] + e[a] ** 2 * r, Differentiate(z[a]), SETTING),
    "root of a function": (s, f / (2 * s), Differentiate(x), NESTED),
    "root and its base": (s**2, f + 1, None, NESTED),
}


@pytest.mark.parametrize("name", TRUE)
def test_true_derivatives_are_proved_at_all_sizes(name):
    """By symbolic sizes and exactly, which agree."""
    assert verdict(*TRUE[name]).verdict is Verdict.PROVED_ALL_SIZES


@pytest.mark.parametrize("name", TRUE)
def test_false_derivatives_are_refuted(name):
    """At points where every value of exp and log is the true one."""
    start, expr, op, setting = TRUE[name]
    assert verdict(start, 2 * expr, op, setting).verdict is Verdict.REFUTED


def test_a_function_is_an_unknown_without_laws():
    """exp(z) is not z, and no law of exp is proved: equal values are only seen at points."""
    assert verdict(e[a], z[a]).verdict is Verdict.REFUTED
    both = Setting(definitions=(exponential(f, x), exponential(s, -x)))
    assert verdict(f * s, 1, setting=both).verdict is Verdict.NUMERIC_ONLY
    assert verdict(f * s, 2, setting=both).verdict is Verdict.REFUTED


def test_the_argument_of_a_function_cannot_be_substituted():
    """It is hidden in the definition, as under a root."""
    found = verdict(e[a] + z[a], e[a] + plain[a], Substitute(z[k], plain[k]))
    assert found.verdict is Verdict.UNDECIDED
    assert "hidden" in found.reason


@pytest.mark.parametrize("symbol", [f, s])
def test_nothing_is_differentiated_by_a_defined_symbol(symbol):
    """It does not vary by itself: df/dx is not the derivative by f."""
    found = verdict(f * s, s, Differentiate(symbol), NESTED)
    assert found.verdict is Verdict.UNDECIDED
    assert "defined by other symbols" in found.reason


def test_floats_follow_the_definitions():
    """exp, its sum and the logarithm of that."""

    values = {"z": torch.tensor([0.0, 1.0, -1.0], dtype=torch.float64)}
    expected = torch.logsumexp(values["z"], dim=0).item()
    assert evaluate(L, SETTING, {n: 3}, values) == pytest.approx(expected, rel=1e-15)
    assert evaluate(e[1] * r, SETTING, {n: 3}, values) == pytest.approx(
        torch.softmax(values["z"], dim=0)[1].item(), rel=1e-15
    )


ILL_FORMED = {
    "sign of exp": (lambda: exponential(L, x), "L: values of exp are declared positive"),
    "sign of log": (lambda: logarithm(s, INVERSE), "s: values of exp are declared positive"),
    "no reciprocal": (
        lambda: logarithm(L, Definition(r, Rational(1, 2), x)),
        "r is not defined as 1 / base",
    ),
    "another base": (lambda: Function(L, None, x, INVERSE), "r is not defined as 1 / base"),
    "exponent": (lambda: Function(f, sp.S.One, x), "f is a function: it has no exponent"),
    "indices": (lambda: logarithm(plain[k], INVERSE), "need the same index symbols"),
}


@pytest.mark.parametrize("name", ILL_FORMED)
def test_an_ill_formed_function_is_refused_when_it_is_written(name):
    """A wrong slope cannot be declared: it follows from the definition."""
    make, message = ILL_FORMED[name]
    with pytest.raises(ValueError, match=message):
        make()
