"""The checker itself: what it proves, what it refutes, and what it refuses to decide."""

import dataclasses
import math
from fractions import Fraction

import pytest
import sympy as sp
import torch
from sympy import KroneckerDelta, Rational, Sum

from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Differentiate,
    Expect,
    Mutant,
    OneHot,
    Oracle,
    OracleReport,
    Setting,
    Step,
    Substitute,
    Verdict,
    exponential,
    logarithm,
)
from backproof_reference.prove.judge import judge

n = sp.Symbol("n", integer=True, positive=True)
a, i, j, k = sp.symbols("a i j k", integer=True)
p, q, s = sp.symbols("p q s", positive=True)
x, y = sp.IndexedBase("x"), sp.IndexedBase("y")
total = Sum(x[i], (i, 0, n - 1))
SETTING = Setting(ranges={a: (sp.S.Zero, n - 1)}, support={"x": (n,), "y": (n,)})
# The same numbers, written differently: a step has to say something.
SPELT = Sum(x[n - 1 - i], (i, 0, n - 1))
SPELT_ENTRY = Sum(x[i] * KroneckerDelta(i, a), (i, 0, n - 1))
ROOT = dataclasses.replace(
    SETTING,
    definitions=(Definition(s, Rational(1, 2), Sum(x[k] ** 2, (k, 0, n - 1)) + 1),),
)


def derivation(start, expr, op=None, setting=SETTING, **changes):
    """A derivation of one step, with an oracle and a mutant that are not looked at."""
    oracle = Oracle(sizes={n: 1}, shapes={}, expected=lambda values: torch.zeros(()))
    fields = {
        "id": "one-step",
        "title": "",
        "claim": "",
        "assumptions": (),
        "setting": setting,
        "start": sp.sympify(start),
        "steps": (Step("only", sp.sympify(expr), "to be tested", op),),
        "mutants": (Mutant("none", "", "only", sp.S.Zero),),
        "sizes": ({n: 2}, {n: 3}),
        "oracle": oracle,
    }
    return Derivation(**(fields | changes))


def finding(start, expr, op=None, setting=SETTING, sizes=({n: 2}, {n: 3})):
    """The finding on one step."""
    step = Step("only", expr, "to be tested", op)
    return judge(sp.sympify(start), step, setting, sizes, "only").finding


EQUAL = {
    "square of a sum": (total**2, Sum(x[i] * x[j], (i, 0, n - 1), (j, 0, n - 1)), None),
    "renamed index": (total, Sum(x[k], (k, 0, n - 1)), None),
    "reversed sum": (total, Sum(x[n - 1 - i], (i, 0, n - 1)), None),
    "inner bound from outer index": (
        Sum(x[i] * x[j], (j, 0, i - 1), (i, 0, n - 1)),
        (total**2 - Sum(x[i] ** 2, (i, 0, n - 1))) / 2,
        None,
    ),
    "contracted delta": (Sum(x[i] * KroneckerDelta(i, a), (i, 0, n - 1)), x[a], None),
    "zero outside the support": (Sum(x[i], (i, -2, n + 1)), total, None),
    "common denominator": (1 / p + 1 / q, (p + q) / (p * q), None),
    "derivative": (total**3, 3 * total**2, Differentiate(x[a])),
    "derivative of a quotient": (1 / total, -1 / total**2, Differentiate(x[a])),
    "substitution": (total, p * Sum(y[i], (i, 0, n - 1)), Substitute(x[j], p * y[j])),
}


@pytest.mark.parametrize("name", EQUAL)
def test_true_equalities_are_proved(name):
    """The rules of sums, deltas, quotients and operators."""
    start, expr, op = EQUAL[name]
    found = finding(start, expr, op)
    assert found.verdict is not Verdict.REFUTED
    assert found.verdict.reaches(Verdict.PROVED_AT)


def test_an_expectation_uses_the_moment_of_each_power():
    """Independent entries: different ones multiply means, equal ones take the second moment."""
    second = n * q + n * (n - 1) * p**2
    assert finding(total**2, second, Expect(x[j], (p, q))).verdict.reaches(Verdict.PROVED_AT)
    first_only = finding(total**2, n**2 * p**2, Expect(x[j], (p, q)))
    assert first_only.verdict is Verdict.REFUTED


def test_a_derivative_goes_through_a_named_root():
    """For s = sqrt(sum x^2 + 1), ds/dx_a = x_a / s; ignoring the path is refuted."""
    right = finding(s * p, p * x[a] / s, Differentiate(x[a]), ROOT)
    assert right.verdict.reaches(Verdict.PROVED_AT)
    assert finding(s * p, 0, Differentiate(x[a]), ROOT).verdict is Verdict.REFUTED


def test_the_definition_of_a_root_is_used_to_decide():
    """s^2 may be replaced by what is under the root, and s itself may not."""
    base = ROOT.definitions[0].base
    assert finding(s**3, s * base, setting=ROOT).verdict.reaches(Verdict.PROVED_AT)
    assert finding(1 / s, s / base, setting=ROOT).verdict.reaches(Verdict.PROVED_AT)
    assert finding(s, base, setting=ROOT).verdict is Verdict.REFUTED


@pytest.mark.parametrize(
    ("start", "expr"),
    [
        (total**2, Sum(x[i] ** 2, (i, 0, n - 1))),
        (total, Sum(x[i], (i, 0, n - 2))),
        (x[a], x[0]),
        (p, p + sp.Rational(1, 10**12)),
    ],
    ids=["square", "upper limit", "one index only", "a difference of 1e-12"],
)
def test_false_equalities_are_refuted_with_exact_values(start, expr):
    """Both sides of the counterexample are exact fractions that differ."""
    result = finding(start, expr)
    assert result.verdict is Verdict.REFUTED
    left, right = result.counterexample.left, result.counterexample.right
    assert isinstance(left, Fraction)
    assert isinstance(right, Fraction)
    assert left != right
    assert f"{left} is not {right}" in str(result.counterexample)


def test_a_step_that_fails_at_one_declared_size_only_is_refuted_there():
    """x_0 + x_1 is the sum at n = 2; the counterexample is found at n = 3."""
    result = finding(total, x[0] + x[1])
    assert result.counterexample.sizes == {"n": 3}


def test_reading_an_array_without_support_out_of_range_is_refuted():
    """An entry that does not exist is an unknown, not zero."""
    loose = Setting(ranges=SETTING.ranges)
    assert finding(total, Sum(x[i], (i, 0, n)), setting=loose).verdict is Verdict.REFUTED


def test_a_root_without_a_name_is_only_tested_by_value():
    """Outside rational functions a true step passes as NUMERIC_ONLY, which is not proved."""
    nested = sp.sqrt(p + q + 2 * sp.sqrt(p * q))
    result = finding(nested, sp.sqrt(p) + sp.sqrt(q))
    assert result.verdict is Verdict.NUMERIC_ONLY
    assert "32 sample points" in result.reason
    assert finding(nested, sp.sqrt(p) + q).verdict is Verdict.REFUTED


u = sp.Symbol("u", positive=True)
U = sp.IndexedBase("U", positive=True)
EXPONENTIALS = dataclasses.replace(
    SETTING,
    definitions=(
        exponential(u, -p * q),
        exponential(U[i], -p * x[i]),
        Definition(s, Rational(-1), 1 + u),
    ),
)
OVER_U = Sum(U[k], (k, 0, n - 1))


@pytest.mark.parametrize(
    ("start", "right", "wrong", "wrt"),
    [
        (u**2, -2 * q * u**2, -2 * q * u, p),
        (q * u, u - p * q * u, u, q),
        (1 / u, q / u, -q / u, p),
        (s, q * s * (1 - s), s * (1 - s), p),
        (1 / (1 + u), q * s**2 * u, q * s**2, p),
        (p * OVER_U**2, -2 * p**2 * OVER_U * U[a], -2 * p * OVER_U * U[a], x[a]),
        (OVER_U, -Sum(x[k] * U[k], (k, 0, n - 1)), -x[a] * OVER_U, p),
    ],
    ids=["power", "product", "reciprocal", "root", "unnamed quotient", "array", "sum"],
)
def test_a_derivative_goes_through_a_named_exponential(start, right, wrong, wrt):
    """d exp(y) = exp(y) dy, proved at all sizes; a forgotten factor is refuted."""
    op = Differentiate(wrt)
    assert finding(start, right, op, EXPONENTIALS).verdict is Verdict.PROVED_ALL_SIZES
    assert finding(start, wrong, op, EXPONENTIALS).verdict is Verdict.REFUTED


def test_a_counterexample_respects_the_exponential():
    """The value of u that is printed is that of exp(-p q)."""
    values = finding(u, p, setting=EXPONENTIALS).counterexample.values
    assert values["u"] == pytest.approx(math.exp(-values["p"] * values["q"]))


def test_an_oracle_computes_the_exponential_from_its_exponent():
    """No value is drawn for it."""
    spelt = u + Sum(U[i] * KroneckerDelta(i, a), (i, 0, n - 1))
    oracle = Oracle(
        sizes={n: 2},
        shapes={"p": (), "q": (), "x": (2,)},
        expected=lambda values: (
            (-values["p"] * values["x"]).exp() + (-values["p"] * values["q"]).exp()
        ),
        axes=(a,),
    )
    assert derivation(U[a] + u, spelt, setting=EXPONENTIALS, oracle=oracle).check().passed


ROOT_OF_P = Definition(s, Rational(1, 2), p)
ILL_FORMED = {
    "sign": (lambda: exponential(sp.Symbol("u"), p), "u: values of exp are declared positive"),
    "sign of an array": (lambda: exponential(sp.IndexedBase("U")[i], p), "declared positive"),
    "no index symbol": (lambda: exponential(U[0], p), "distinct index symbols"),
    "root at no index symbol": (lambda: Definition(U[0], Rational(1, 2), p), "distinct index"),
    "twice": (lambda: (exponential(u, p), exponential(u, q)), "u is defined twice"),
    "root and function": (
        lambda: (exponential(s, q), ROOT_OF_P),
        "s is defined twice",
    ),
    "later symbol": (
        lambda: (exponential(u, s), ROOT_OF_P),
        "u is defined by itself or a later symbol",
    ),
    "itself": (lambda: (exponential(U[i], U[i + 1]),), "by itself"),
    "unlisted slope": (
        lambda: (logarithm(sp.Symbol("l"), Definition(s, Rational(-1), p)),),
        "l rests on a definition not listed before it",
    ),
    "other slope": (
        lambda: (ROOT_OF_P, logarithm(sp.Symbol("l"), Definition(s, Rational(-1), p))),
        "l rests on a definition not listed before it",
    ),
}


@pytest.mark.parametrize("name", ILL_FORMED)
def test_an_ill_formed_definition_is_refused_when_it_is_written(name):
    """No sign, order or slope is left to be believed."""
    make, message = ILL_FORMED[name]
    with pytest.raises(ValueError, match=message):
        Setting(definitions=make())


def test_a_plain_name_without_a_sign_may_stand_for_zero():
    """So nothing is divided by its base at all sizes; a name declared positive assumes a sign."""
    free, signed = sp.Symbol("d"), sp.Symbol("d", positive=True)
    for name, verdict in ((free, Verdict.PROVED_AT), (signed, Verdict.PROVED_ALL_SIZES)):
        setting = Setting(definitions=(Definition(name, sp.S.One, p - q),))
        found = finding((p**2 - q**2) / (p - q), p + q, setting=setting)
        assert found.verdict is verdict, found


def test_a_base_that_is_identically_zero_is_a_value_only_for_a_plain_name():
    """Past the end of x a square is 0, and so is its name; a root of it has no meaning."""
    outside = Setting(
        support={"x": (n,)},
        definitions=(
            Definition(sp.Symbol("d"), sp.S.One, x[n] ** 2),
            Definition(s, Rational(-1, 2), x[n] ** 2),
        ),
    )
    assert finding(sp.Symbol("d"), 0, setting=outside).verdict is Verdict.PROVED_ALL_SIZES
    found = finding(s**-2, p, setting=outside)
    assert found.verdict is Verdict.UNDECIDED
    assert "no sampled values fulfil the definitions" in found.reason


UNDECIDED = {
    "differentiating by an exponential": (
        u,
        1,
        Differentiate(u),
        EXPONENTIALS,
        "defined by other symbols",
    ),
    "averaging an exponential": (u, p, Expect(u, (p,)), EXPONENTIALS, "defined by other symbols"),
    "choosing rows of an exponential": (
        U[a],
        U[a],
        OneHot(U[i]),
        EXPONENTIALS,
        "defined by other symbols",
    ),
    "substituting a root": (s, 1, Substitute(s, sp.S.One), ROOT, "defined by other symbols"),
    "substituting an exponential": (
        u,
        0,
        Substitute(u, q),
        EXPONENTIALS,
        "defined by other symbols",
    ),
    "substituting under an exponential": (u, u, Substitute(p, q), EXPONENTIALS, "hidden"),
    "averaging under an exponential": (u, u, Expect(x[i], (p,)), EXPONENTIALS, "hidden"),
    "operator on an unnamed root": (
        sp.sqrt(p),
        0,
        Differentiate(p),
        SETTING,
        "give the root a name",
    ),
    "function": (sp.exp(p), sp.exp(p), None, SETTING, "outside the checker's language"),
    "moment not declared": (x[a] ** 2, p, Expect(x[j], (p,)), SETTING, "moment 2"),
    "random denominator": (1 / x[a], p, Expect(x[j], (p,)), SETTING, "denominator"),
    "substituting under a root": (s, s, Substitute(x[j], y[j]), ROOT, "hidden"),
    "averaging under a root": (s, s, Expect(x[j], (p,)), ROOT, "hidden"),
    "captured index": (total, total, Substitute(x[j], y[j] * p**i), SETTING, "rename it"),
    "division by zero": (1 / (Sum(x[i], (i, 0, 0)) - x[0]), p, None, SETTING, "ZeroDivisionError"),
    "hidden division by zero": (
        1 / (s**2 - ROOT.definitions[0].base),
        1 / (s**4 - s**2 * ROOT.definitions[0].base),
        None,
        ROOT,
        "definitions make 0",
    ),
    "empty range": (
        x[a],
        x[a],
        None,
        dataclasses.replace(SETTING, ranges={a: (n, n - 1)}),
        "empty",
    ),
}


@pytest.mark.parametrize("name", UNDECIDED)
def test_what_cannot_be_decided_fails_with_a_reason(name):
    """Neither an exception nor an open question counts as a proof."""
    start, expr, op, setting, reason = UNDECIDED[name]
    result = finding(start, expr, op, setting)
    assert result.verdict is Verdict.UNDECIDED
    assert reason in result.reason


def test_an_undecided_step_fails_the_derivation():
    """It is listed as such, whatever the oracle says."""
    oracle = Oracle(sizes={n: 1}, shapes={"p": ()}, expected=lambda values: values["p"].rsqrt() / 2)
    report = derivation(sp.sqrt(p), 1 / (2 * sp.sqrt(p)), Differentiate(p), oracle=oracle).check()
    assert report.level is Verdict.UNDECIDED
    assert report.oracle.passed
    assert not report.passed


def test_a_failing_oracle_fails_the_derivation():
    """Steps that are all proved do not help if torch computes something else."""
    oracle = Oracle(sizes={n: 2}, shapes={"x": (2,)}, expected=lambda values: values["x"].sum() + 1)
    report = derivation(total, SPELT, oracle=oracle).check()
    assert report.steps[0].verdict.reaches(Verdict.PROVED_AT)
    assert not report.passed
    assert report.oracle.max_error > 0.1


def test_an_oracle_that_raises_fails_the_derivation_with_a_reason():
    """A symbol the oracle has no value for is named in the report."""
    report = derivation(total, SPELT).check()
    assert not report.passed
    assert "KeyError: 'x'" in str(report)


def test_an_oracle_that_returns_nan_does_not_agree():
    """NaN is no agreement."""
    oracle = Oracle(
        sizes={n: 2}, shapes={"x": (2,)}, expected=lambda values: values["x"] * torch.nan, axes=(a,)
    )
    assert not derivation(x[a], SPELT_ENTRY, oracle=oracle).check().passed
    assert not OracleReport(max_error=float("nan"), tolerance=1.0).passed


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mutants": ()}, "one-step: declare at least one size and one mutant"),
        ({"sizes": ()}, "one-step: declare at least one size and one mutant"),
        ({"steps": ()}, r"one-step: steps need distinct names, got \[\]"),
        ({"mutants": (Mutant("m", "", "other", p),)}, "mutant m replaces no step: 'other'"),
        (
            {
                "assumptions": (
                    Assumption(text="n >= 3", kind="range", holds=lambda sizes: sizes[n] >= 3),
                )
            },
            r"sizes \{n: 2\} violate 'n >= 3'",
        ),
    ],
)
def test_an_ill_formed_derivation_is_refused_when_it_is_written(changes, message):
    """The message names the derivation and what is wrong."""
    with pytest.raises(ValueError, match=message):
        derivation(total, SPELT, **changes)


def test_a_definition_must_be_a_root():
    """Only 1/n and -1/n keep every derivative rational."""
    with pytest.raises(ValueError, match="exponent of s must be 1/n or -1/n, got 2/3"):
        Definition(s, Rational(2, 3), p)
