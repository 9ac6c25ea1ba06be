"""The index level: what it proves at all sizes, and what it must not accept at any."""

import contextlib
import dataclasses
import io
import json
import os
import subprocess
import sys

import pytest
import sympy as sp
from sympy import KroneckerDelta, Rational, Sum

from backproof_reference.derivations import batchnorm, get
from backproof_reference.prove import (
    Counterexample,
    Definition,
    Differentiate,
    Expect,
    Finding,
    OneHot,
    Reindex,
    Setting,
    Step,
    Substitute,
    Verdict,
)
from backproof_reference.prove.index import IndexAnswer, equal_at_all_sizes
from backproof_reference.prove.judge import combined, judge

n, m = sp.symbols("n m", integer=True, positive=True)
stride = sp.Symbol("s", integer=True)
a, b, i, j, k, h = sp.symbols("a b i j k h", integer=True)
p, q, r, m1, m2, m3, m4 = sp.symbols("p q r m_1 m_2 m_3 m_4", positive=True)
x, y, z, w, A, B, D = (sp.IndexedBase(name) for name in ("x", "y", "z", "w", "A", "B", "D"))
G = sp.IndexedBase("G", positive=True)
FREE = {a: (sp.S.Zero, n - 1), b: (sp.S.Zero, n - 1)}
PLAIN = Setting(ranges=FREE)
ZERO_OUTSIDE = Setting(ranges=FREE, support={"x": (n,), "D": (n,)})
BEYOND = Setting(ranges={a: (sp.S.Zero, n)}, support={"x": (n,)})
BEYOND_PLAIN = Setting(ranges={a: (sp.S.Zero, n)})
TWO_OR_MORE = Setting(ranges=FREE, nonnegative=(n - 2,))
ROOT = Setting(
    ranges=FREE, definitions=(Definition(r, Rational(-1, 2), Sum(x[k] ** 2, (k, 0, n - 1)) + p),)
)
SIZES = tuple({n: at, m: other, stride: 0} for at in (1, 2, 3) for other in (1, 2, 3))


def upto(index, count):
    return (index, 0, count - 1)


def answer(start, expr, op=None, setting=PLAIN):
    """What the index level says about one step."""
    step = Step("only", sp.sympify(expr), "to be tested", op)
    return equal_at_all_sizes(sp.sympify(start), step, setting)


def verdict(start, expr, op=None, setting=PLAIN, sizes=SIZES):
    """What both levels say together."""
    step = Step("only", sp.sympify(expr), "to be tested", op)
    return judge(sp.sympify(start), step, setting, sizes, "only").finding


total = Sum(x[i], upto(i, n))
squares = Sum(x[i] ** 2, upto(i, n))
EQUAL = {
    "a renamed index": (total, Sum(x[k], upto(k, n))),
    "a difference of two sums": (Sum(x[i], upto(i, n)) - Sum(x[j], upto(j, n)), 0),
    "a square of a sum": (total**2, Sum(x[i] * x[j], upto(i, n), upto(j, n))),
    "a fourth power of a sum": (total**4, total**2 * Sum(x[j], upto(j, n)) ** 2),
    "exchanged sums": (
        Sum(A[i, j], upto(i, n), upto(j, m)),
        Sum(A[i, j], upto(j, m), upto(i, n)),
    ),
    "a shifted sum": (Sum(x[i - 1], (i, 1, n)), total),
    "an empty sum": (Sum(x[i], (i, 0, -1)), 0),
    "an empty sum of symbolic limits": (Sum(x[i], (i, n, n - 1)), 0),
    "an empty inner sum": (Sum(x[i] * Sum(x[j], (j, i + 1, i)), upto(i, n)), 0),
    "a sum of one term": (Sum(x[i], (i, n, n)), x[n]),
    "a counted sum": (Sum(p, upto(i, n)), n * p),
    "a counted sum that may have no term": (Sum(p, (i, 0, n - 2)), (n - 1) * p),
    "a sum of its own index": (Sum(i, upto(i, n)), n * (n - 1) / 2),
    "a sum of cubes": (Sum(i**3, upto(i, n)), n**2 * (n - 1) ** 2 / 4),
    "a triangle": (Sum(1, (j, 0, i - 1), (i, 0, n - 1)), n * (n - 1) / 2),
    "a delta of equal ranges": (Sum(x[i] * KroneckerDelta(i, a), upto(i, n)), x[a]),
    "two deltas": (
        Sum(A[i, j] * KroneckerDelta(i, a) * KroneckerDelta(j, b), upto(i, n), upto(j, n)),
        A[a, b],
    ),
    "a delta of a reversed index": (
        Sum(x[i] * KroneckerDelta(n - 1 - i, a), upto(i, n)),
        x[n - 1 - a],
    ),
    "a delta that bounds another sum": (
        Sum(KroneckerDelta(i, a) * x[j], (j, 0, i), (i, 0, n - 1)),
        Sum(x[j], (j, 0, a)),
    ),
    "a delta that is never met": (Sum(x[i] * KroneckerDelta(i, n), upto(i, n)), 0),
    "a delta of an odd and an even number": (KroneckerDelta(2 * a, 2 * b + 1) * x[a], 0),
    "a delta read from either side": (KroneckerDelta(a, b) * x[a], KroneckerDelta(b, a) * x[b]),
    "a delta squared": (KroneckerDelta(a, b) ** 2, KroneckerDelta(a, b)),
    "a free index as a dummy of the same name": (Sum(x[a], upto(a, n)) * x[a], total * x[a]),
    "an inner sum of the same name": (Sum(x[i] * Sum(x[i], upto(i, n)), upto(i, n)), total**2),
    "common denominators": (1 / p + 1 / q, (p + q) / (p * q)),
    "a quotient of polynomials": ((p**2 - q**2) / (p + q), p - q),
    "entries that are never zero": (Sum(G[i] / G[i] ** 2, upto(i, n)), Sum(1 / G[i], upto(i, n))),
}


@pytest.mark.parametrize("name", EQUAL)
def test_these_hold_at_all_sizes(name):
    """Both levels say so."""
    start, expr = EQUAL[name]
    assert answer(start, expr).equal, answer(start, expr).reason
    found = verdict(start, expr)
    assert found.verdict is Verdict.PROVED_ALL_SIZES, found


# Each is true at some sizes, so a check at those alone would let it pass.
SIZE_TRAPS = {
    "a sum of one entry": (total, x[0], {n: 1}),
    "a square of a sum of one entry": (total**2, squares, {n: 1}),
    "a gradient that vanishes in a batch of one": (
        x[a] - Sum(x[i], upto(i, n)) / n,
        sp.S.Zero,
        {n: 1},
    ),
    "a batch of two": (total, x[0] + x[1], {n: 2}),
    "a count that is right from two on": (Sum(p, (i, 0, n - 3)), (n - 2) * p, {n: 2}),
    "a triangle without its edge": (
        Sum(1, (j, 0, i - 2), (i, 0, n - 1)),
        Sum(i - 1, (i, 0, n - 1)),
        None,
    ),
    "a last entry": (total, Sum(x[i], (i, 0, n - 2)) + x[0], {n: 1}),
    "a quadratic that meets the count": (n**2, n, {n: 1}),
}


@pytest.mark.parametrize("name", SIZE_TRAPS)
def test_what_holds_at_some_sizes_only_is_not_accepted(name):
    """Where exact evaluation at the right size alone agrees, the index level does not."""
    start, expr, size = SIZE_TRAPS[name]
    assert not answer(start, expr).equal
    if size is not None:
        assert verdict(start, expr, sizes=(size,)).verdict is Verdict.PROVED_AT
    assert verdict(start, expr).verdict is Verdict.REFUTED


i_out = Sum(x[i], (i, 0, n))
FALSE = {
    "a delta against a wider free index": (
        Sum(KroneckerDelta(i, a), upto(i, n)),
        1,
        None,
        BEYOND_PLAIN,
    ),
    "a delta between dummies of unequal ranges": (
        Sum(x[i] * y[j] * KroneckerDelta(i, j), upto(i, n), upto(j, m)),
        Sum(x[i] * y[i], upto(i, n)),
        None,
        PLAIN,
    ),
    "a delta of a doubled index": (
        Sum(x[2 * i] * KroneckerDelta(2 * i, a), upto(i, n)),
        x[a],
        None,
        PLAIN,
    ),
    "a delta of a shifted index": (
        Sum(x[i] * KroneckerDelta(i + 1, a), upto(i, n)),
        x[a - 1],
        None,
        PLAIN,
    ),
    "a delta times a number that may be zero": (
        KroneckerDelta(stride * a, stride * b),
        KroneckerDelta(a, b),
        None,
        PLAIN,
    ),
    "a full convolution without zero padding": (
        Sum(x[i] * y[j] * KroneckerDelta(i + j, a), upto(i, n), upto(j, m)),
        Sum(x[a - j] * y[j], upto(j, m)),
        None,
        PLAIN,
    ),
    "an entry that is not declared zero outside": (i_out, total, None, PLAIN),
    "an entry inside its support": (Sum(x[i], (i, 1, n)), total, None, ZERO_OUTSIDE),
    "the average of an entry outside its support": (
        Sum(D[i], (i, 0, n)),
        (n + 1) * p,
        Expect(D[j], (p,)),
        ZERO_OUTSIDE,
    ),
    "a derivative with respect to an entry outside its support": (
        i_out,
        1,
        Differentiate(x[a]),
        BEYOND,
    ),
    "a dummy caught by a free index": (Sum(x[a], upto(a, n)), n * x[a], None, PLAIN),
    "a mean for a second moment": (
        Sum(D[i], upto(i, n)) ** 2,
        n**2 * m1**2,
        Expect(D[j], (m1, m2)),
        PLAIN,
    ),
    "a second moment between different entries": (
        Sum(D[i], upto(i, n)) ** 2,
        n**2 * m2,
        Expect(D[j], (m1, m2)),
        PLAIN,
    ),
    "a path through a root that is missing": (r * x[a], r, Differentiate(x[a]), ROOT),
    "a root for its base": (r, Sum(x[k] ** 2, upto(k, n)) + p, None, ROOT),
    "one-hot rows that are not the same": (
        Sum(B[i, a], upto(i, n)) ** 2,
        Sum(B[i, a], upto(i, n)),
        OneHot(B[i, j]),
        PLAIN,
    ),
    "a one-hot row that need not have a one": (
        Sum(B[a, j], upto(j, n)),
        1,
        OneHot(B[i, j]),
        PLAIN,
    ),
    "a reversed summand": (
        Sum(x[i] * i, upto(i, n)),
        Sum(x[n - 1 - i] * i, upto(i, n)),
        Reindex((i,)),
        PLAIN,
    ),
}


@pytest.mark.parametrize("name", FALSE)
def test_false_equations_are_not_accepted(name):
    """Exact evaluation refutes each of them somewhere, so accepting it would be wrong."""
    start, expr, op, setting = FALSE[name]
    assert not answer(start, expr, op, setting).equal
    found = verdict(start, expr, op, setting)
    assert found.verdict is Verdict.REFUTED, found
    assert found.counterexample.left != found.counterexample.right


UNCERTAIN = {
    "division by what vanishes at one size": ((n**2 - 1) / (n - 1), n + 1, None, PLAIN, "vanish"),
    "division by a sum": (total / total**2, 1 / total, None, PLAIN, "contains a sum"),
    "division by an entry that may be zero": (
        x[a] ** 2 / (x[a] * x[b]),
        x[a] / x[b],
        None,
        PLAIN,
        "depends on an index",
    ),
    "division by a positive array outside its support": (
        1 / G[a],
        1 / G[a],
        None,
        Setting(ranges=FREE, support={"G": (n,)}),
        "depends on an index",
    ),
    "division by an index": (x[a] / (a + 1), x[a] / (a + 1), None, PLAIN, "depends on an index"),
    "division by a probability that may be one": (1 / (1 - p), 1 / (1 - p), None, PLAIN, "vanish"),
    "an undeclared third moment": (
        Sum(D[i], upto(i, n)) ** 3,
        n * m3,
        Expect(D[j], (m1, m2)),
        PLAIN,
        "moment 3 of D[j] is not declared",
    ),
    "a random denominator": (1 / G[a], p, Expect(G[j], (p,)), PLAIN, "denominator"),
    "a substitution outside the support": (
        i_out,
        Sum(y[i], (i, 0, n)),
        Substitute(x[j], y[j]),
        ZERO_OUTSIDE,
        "outside its support",
    ),
    "a power of symbolic exponent": (x[a] ** n, x[a] ** n, None, PLAIN, "no integer"),
    "half an index": (x[a / 2], x[a / 2], None, PLAIN, "no integer polynomial"),
    "a sum to half the size": (Sum(x[i], (i, 0, n / 2)),) * 2 + (None, PLAIN, "no integer"),
    "a float": (0.5 * x[a], 0.5 * x[a], None, PLAIN, "Float"),
    "a delta with a range of its own": (
        KroneckerDelta(a, b, (0, 1)),
        KroneckerDelta(a, b),
        None,
        PLAIN,
        "KroneckerDelta",
    ),
    "two symbols of one name": (p - sp.Symbol("p"), 0, None, PLAIN, "two different symbols"),
    "two arrays of one name": (
        G[a] - sp.IndexedBase("G")[a],
        0,
        None,
        PLAIN,
        "two different symbols",
    ),
    "matrix products": (sp.Symbol("u", commutative=False), p, None, PLAIN, "commute"),
    "a derivative by a size": (n * p, p, Differentiate(n), PLAIN, "integer"),
    "a derivative by a root": (r * p, p, Differentiate(r), ROOT, "defined by other symbols"),
    "counting a sum backwards that is not there": (total, total, Reindex((j,)), PLAIN, "no sum"),
}


@pytest.mark.parametrize("name", UNCERTAIN)
def test_what_is_not_certain_is_left_open_with_a_reason(name):
    """Not even when both sides look the same."""
    start, expr, op, setting, reason = UNCERTAIN[name]
    found = answer(start, expr, op, setting)
    assert not found.equal
    assert reason in found.reason


def test_a_declared_inequality_allows_the_division_that_needs_it():
    """(n^2 - 1) / (n - 1) = n + 1 once n >= 2 is declared, not before."""
    start, expr = (n**2 - 1) / (n - 1), n + 1
    assert answer(start, expr, setting=TWO_OR_MORE).equal
    assert not answer(start, expr, setting=PLAIN).equal


def test_a_declared_inequality_allows_the_count_that_needs_it():
    """sum_{i=0}^{n-3} 1 = n - 2 is false at n = 1 and true from n = 2 on."""
    start, expr = Sum(p, (i, 0, n - 3)), (n - 2) * p
    assert answer(start, expr, setting=TWO_OR_MORE).equal
    assert not answer(start, expr, setting=PLAIN).equal


TRUE_BUT_OPEN = {
    "a sum split at its first term": (total, x[0] + Sum(x[i], (i, 1, n - 1))),
    "half of a square": (Sum(x[i] * x[j], (j, 0, i - 1), (i, 0, n - 1)), (total**2 - squares) / 2),
    "a reversed sum without a hint": (total, Sum(x[n - 1 - i], upto(i, n))),
}


@pytest.mark.parametrize("name", TRUE_BUT_OPEN)
def test_what_would_need_cases_is_proved_at_the_declared_sizes_only(name):
    """The exact level still proves it, and the report says why that is all."""
    found = verdict(*TRUE_BUT_OPEN[name])
    assert found.verdict is Verdict.PROVED_AT
    assert found.reason == "not at all sizes: the normal forms differ"


def test_a_sum_counted_backwards_is_proved_with_the_hint():
    """u -> low + high - u, also where the limits depend on another sum."""
    assert (
        verdict(total, Sum(x[n - 1 - i], upto(i, n)), Reindex((i,))).verdict
        is Verdict.PROVED_ALL_SIZES
    )
    start = Sum(x[j] * y[i], (j, 1, i), (i, 0, n - 1))
    expr = Sum(x[i + 1 - j] * y[i], (j, 1, i), (i, 0, n - 1))
    assert verdict(start, expr, Reindex((j,))).verdict is Verdict.PROVED_ALL_SIZES


def test_zero_outside_the_support_shortens_a_sum_and_frees_a_delta():
    """Only for the symbol that is declared so."""
    padded = Sum(x[i], (i, -2, n + 1))
    assert answer(padded, total, setting=ZERO_OUTSIDE).equal
    assert not answer(padded, total, setting=PLAIN).equal
    convolution = Sum(x[i] * y[j] * KroneckerDelta(i + j, a), upto(i, n), upto(j, m))
    gathered = Sum(x[a - j] * y[j], upto(j, m))
    assert answer(convolution, gathered, setting=ZERO_OUTSIDE).equal


def test_moments_up_to_the_fourth_hold_at_all_sizes():
    """E (sum D)^4 by coincidences; sympy.stats needs minutes for a few entries."""
    falling = [n, n * (n - 1), n * (n - 1) * (n - 2), n * (n - 1) * (n - 2) * (n - 3)]
    fourth = falling[0] * m4 + falling[1] * (4 * m3 * m1 + 3 * m2**2)
    fourth += falling[2] * 6 * m2 * m1**2 + falling[3] * m1**4
    start = Sum(D[i], upto(i, n)) ** 4
    op = Expect(D[j], (m1, m2, m3, m4))
    sizes = ({n: 1}, {n: 2}, {n: 4})
    assert verdict(start, fourth, op, sizes=sizes).verdict is Verdict.PROVED_ALL_SIZES
    without = fourth - 4 * falling[1] * m3 * m1
    assert verdict(start, without, op, sizes=sizes).verdict is Verdict.REFUTED


def test_a_moment_may_depend_on_the_entry():
    """delta_k of mean zero and variance p w_k^2, as in multiplicative weight noise."""
    start = Sum(D[i] * x[i], upto(i, n)) ** 2
    op = Expect(D[j], (sp.S.Zero, p * w[j] ** 2))
    expr = p * Sum(w[i] ** 2 * x[i] ** 2, upto(i, n))
    assert verdict(start, expr, op).verdict is Verdict.PROVED_ALL_SIZES
    other = p * Sum(w[i] ** 2 * x[i] * x[j], upto(i, n), upto(j, n))
    assert verdict(start, other, op).verdict is Verdict.REFUTED


def test_a_random_scalar_is_averaged_by_its_powers():
    """E[p^2 + p q] = m2 + m1 q."""
    op = Expect(p, (m1, m2))
    assert verdict(p**2 + p * q, m2 + m1 * q, op).verdict is Verdict.PROVED_ALL_SIZES
    assert not answer(p**3, m3, op).equal


def test_one_hot_rows_pick_a_row_of_a_matrix():
    """The gradient of a loss in the center of its class reads only that center."""
    picked = Sum(B[i, a] * (z[i] - Sum(B[i, j] * w[j], upto(j, n))), upto(i, m))
    expr = Sum(B[i, a] * (z[i] - w[a]), upto(i, m))
    assert verdict(picked, expr, OneHot(B[i, j])).verdict is Verdict.PROVED_ALL_SIZES
    found = verdict(picked, expr)
    assert found.verdict is Verdict.REFUTED, "without the operator B is any matrix"


def test_the_counterexample_of_a_one_hot_step_is_one_hot():
    """Every row of B holds zeros and at most one 1."""
    found = verdict(Sum(B[i, a], upto(i, n)) ** 2, Sum(B[i, a], upto(i, n)), OneHot(B[i, j]))
    rows = {}
    for name, value in found.counterexample.values.items():
        rows.setdefault(name.split(",")[0], []).append(value)
    assert all(
        sorted(row)[:-1] == [0] * (len(row) - 1) and max(row) in (0, 1) for row in rows.values()
    )
    assert any(max(row) == 1 for row in rows.values())


def test_substitution_never_captures_an_index():
    """w_i = sum_k A_ik z_k in sum_k w_k: summing A_kk z_k would be wrong."""
    inner = Sum(A[i, k] * z[k], upto(k, n))
    start = Sum(w[k], upto(k, n))
    wrong = Sum(A[k, k] * z[k], upto(k, n), upto(k, n))
    for expr in (wrong, Sum(A[k, k] * z[k], upto(k, n))):
        found = verdict(start, expr, Substitute(w[i], inner))
        assert found.verdict is Verdict.UNDECIDED
        assert "rename it" in found.reason
    renamed = Sum(A[i, h] * z[h], upto(h, n))
    right = Sum(A[k, h] * z[h], upto(h, n), upto(k, n))
    assert verdict(start, right, Substitute(w[i], renamed)).verdict is Verdict.PROVED_ALL_SIZES


def test_a_root_is_differentiated_and_used_at_all_sizes():
    """dr/dx_a = -r^3 x_a for r = (sum x^2 + p)^(-1/2), and r^2 (sum x^2 + p) = 1."""
    assert verdict(r, -(r**3) * x[a], Differentiate(x[a]), ROOT).verdict is Verdict.PROVED_ALL_SIZES
    assert verdict(r**3 * (squares + p), r, setting=ROOT).verdict is Verdict.PROVED_ALL_SIZES
    assert verdict(1 / r**2, squares + p, setting=ROOT).verdict is Verdict.PROVED_ALL_SIZES


def test_a_root_with_a_support_is_not_replaced_by_its_base():
    """Outside the support the root is zero and what is under it is not."""
    setting = Setting(
        ranges={a: (sp.S.Zero, n)},
        support={"G": (n,)},
        definitions=(Definition(G[j], Rational(1, 2), z[j] ** 2 + p),),
    )
    assert not answer(G[a] ** 2, z[a] ** 2 + p, setting=setting).equal
    assert not answer(G[a], z[a] / G[a], Differentiate(z[a]), setting).equal
    assert verdict(G[a] ** 2, z[a] ** 2 + p, setting=setting).verdict is Verdict.REFUTED
    inside = dataclasses.replace(setting, support={})
    assert answer(G[a] ** 2, z[a] ** 2 + p, setting=inside).equal
    assert answer(G[a], z[a] / G[a], Differentiate(z[a]), inside).equal


def test_a_derivative_goes_through_a_denominator():
    """d/dp 1 / (p + q) = -1 / (p + q)^2."""
    expr = -1 / (p + q) ** 2
    assert verdict(1 / (p + q), expr, Differentiate(p)).verdict is Verdict.PROVED_ALL_SIZES
    assert verdict(1 / (p + q), -expr, Differentiate(p)).verdict is Verdict.REFUTED


def test_an_operator_is_written_at_index_symbols():
    """w[0] or B[i, i] would replace more than it says."""
    for bad in (x[0], A[i, i], x[2 * i]):
        with pytest.raises(ValueError, match="distinct index symbols"):
            Substitute(bad, p)
        with pytest.raises(ValueError, match="distinct index symbols"):
            Expect(bad, (p,))


# --- what SymPy itself gets wrong or leaves open --------------------------------------------------


def test_matrix_symbols_are_refused():
    """SymPy differentiates the Tikhonov loss in MatrixSymbols to zero."""
    X, v, t = sp.MatrixSymbol("X", 3, 2), sp.MatrixSymbol("v", 2, 1), sp.MatrixSymbol("t", 3, 1)
    residual = t - X * v
    loss = sp.Trace(residual.T * residual) + p * sp.Trace(v.T * v)
    found = verdict(loss, sp.S.Zero, None)
    assert found.verdict is Verdict.UNDECIDED
    assert not answer(sp.Trace(X.T * X), sp.Trace(X.T * X)).equal


def test_the_tikhonov_gradient_is_not_zero():
    """The same loss in indices has the gradient it should have, at all sizes."""
    residual = y[i] - Sum(A[i, j] * w[j], upto(j, n))
    start = Sum(residual**2, upto(i, m)) + p * Sum(w[j] ** 2, upto(j, n))
    gradient = -2 * Sum(A[i, a] * residual, upto(i, m)) + 2 * p * w[a]
    small = ({n: 1, m: 2}, {n: 2, m: 1})
    right = verdict(start, gradient, Differentiate(w[a]), sizes=small)
    assert right.verdict is Verdict.PROVED_ALL_SIZES
    assert verdict(start, 0, Differentiate(w[a]), sizes=small).verdict is Verdict.REFUTED


def test_the_derivative_of_an_inverse_root_is_not_zero():
    """SymPy: d (1 + Tr x'x)^(-1/2) = 0; and it loses the variance path of batch normalisation."""
    assert verdict(r, 0, Differentiate(x[a]), ROOT).verdict is Verdict.REFUTED
    lost = (
        batchnorm.gamma * batchnorm.r * (batchnorm.g[batchnorm.a] - batchnorm.sum_g / batchnorm.m)
    )
    step = Step("variance path lost", lost, "", Differentiate(batchnorm.x[batchnorm.a]))
    report = judge(batchnorm.loss, step, batchnorm.SETTING, batchnorm.SIZES, "lost")
    assert report.verdict is Verdict.REFUTED


def test_functions_are_left_open():
    """d log Tr x'x = 0 says SymPy; a logarithm is outside the language here."""
    found = verdict(sp.log(squares), sp.S.Zero, Differentiate(x[a]))
    assert found.verdict is Verdict.UNDECIDED


def test_an_empty_sum_is_zero_where_sympy_goes_backwards():
    """SymPy gives a sum from 3 to 1 a negative number of terms."""
    backwards = Sum(p, (i, 3, 1))
    assert backwards.doit() == -p
    assert verdict(backwards, 0).verdict is Verdict.PROVED_ALL_SIZES
    assert verdict(backwards, -p).verdict is Verdict.REFUTED


def test_an_equality_that_sympy_cannot_decide_is_not_taken_for_true():
    """``equals`` may answer None, which is falsy but no disproof and certainly no proof."""
    real = sp.Symbol("t", real=True)
    found = answer(sp.sqrt(real**2), real)
    assert not found.equal


def test_text_is_never_parsed():
    """SymPy's parser would run it."""
    trap = "__import__('os').environ.setdefault('BACKPROOF_TRAP', 'sprung')"
    with pytest.raises(TypeError, match="is no expression"):
        Step("trap", trap, "")
    assert "BACKPROOF_TRAP" not in os.environ


# --- levels and reports ---------------------------------------------------------------------------


def test_a_contradiction_between_the_levels_is_an_engine_error_and_no_pass():
    """Never a proof, whichever level is wrong."""
    example = Counterexample(sizes={"n": 1}, indices={}, values={}, left=0, right=1)
    refuted = Finding(verdict=Verdict.REFUTED, counterexample=example)
    found = combined(refuted, IndexAnswer(equal=True))
    assert found.verdict is Verdict.UNDECIDED
    assert found.reason.startswith("ENGINE ERROR")
    assert found.counterexample is example


@pytest.mark.parametrize("weak", [Verdict.NUMERIC_ONLY, Verdict.UNDECIDED])
def test_the_index_level_alone_proves_nothing(weak):
    """The exact level always runs and has to agree."""
    assert combined(Finding(verdict=weak), IndexAnswer(equal=True)).verdict is weak


def test_a_derivation_that_misses_its_level_fails_and_says_so():
    """A silent downgrade from all sizes to some is no pass."""
    good = get("batchnorm.dx")
    start, expr = TRUE_BUT_OPEN["a sum split at its first term"]
    fields = {
        "start": start,
        "steps": (Step("split", expr, ""),),
        "mutants": (dataclasses.replace(good.mutants[0], step="split"),),
        "setting": PLAIN,
        "sizes": ({n: 2},),
        "assumptions": (),
        "oracle": dataclasses.replace(
            good.oracle,
            sizes={n: 5},
            axes=(),
            expected=lambda values: values["x"].sum(),
        ),
    }
    missed = dataclasses.replace(good, **fields).check()
    assert missed.level is Verdict.PROVED_AT
    assert missed.oracle.passed
    assert not missed.passed
    assert "declared: proved at all sizes" in str(missed)
    weaker = dataclasses.replace(
        good, **fields, level=Verdict.PROVED_AT, level_reason="needs a case distinction"
    )
    assert weaker.check().passed


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"level": Verdict.PROVED_AT}, "give a reason for a level below all sizes"),
        ({"level_reason": "none needed"}, "give a reason for a level below all sizes"),
        ({"level": Verdict.REFUTED, "level_reason": "no"}, "a derivation has to be proved"),
        (
            {"setting": dataclasses.replace(batchnorm.SETTING, nonnegative=(batchnorm.m - 3,))},
            "violate m - 3 >= 0",
        ),
    ],
)
def test_an_ill_declared_level_is_refused_when_it_is_written(changes, message):
    """The message names what is wrong."""
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(batchnorm.DX, **changes)


HASH_SEED_SCRIPT = """
import json
import sys
from backproof_reference.derivations import get
from backproof_reference.prove.index_operators import applied
from backproof_reference.prove.normal_form import normal_form
from backproof_reference.prove.reading import Language
from backproof_reference.prove.index import equal_at_all_sizes
found = []
for name in ("batchnorm.dx", "conv.dx", "conv1d.dx", "dropout.loss", "tikhonov.dropout"):
    derivation = get(name)
    previous = derivation.start
    for step in derivation.steps:
        language = Language(derivation.setting)
        form = normal_form(applied(step.op, previous, derivation.setting, language), language)
        found.append([(str(term.coefficient), repr(key)) for key, term in sorted(form.items())])
        found.append(equal_at_all_sizes(previous, step, derivation.setting).equal)
        previous = step.expr
    for mutant in derivation.mutants:
        wrong = [step for step in derivation.steps if step.name == mutant.step][0]
        found.append(str(mutant.expr))
json.dump(found, sys.stdout)
"""


def test_the_normal_form_does_not_depend_on_the_hash_seed():
    """The same keys, coefficients and answers here and in two fresh interpreters."""
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", HASH_SEED_SCRIPT],
            env={**os.environ, "PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("1", "4242")
    ]
    here = io.StringIO()
    with contextlib.redirect_stdout(here):  # this interpreter has a seed of its own
        exec(HASH_SEED_SCRIPT, {})
    outputs = [run.communicate(timeout=300)[0] for run in runs]
    assert [run.returncode for run in runs] == [0, 0]
    assert outputs[0] == outputs[1] == here.getvalue()
    found = json.loads(outputs[0])
    assert True in found
    assert False not in found


def test_the_range_of_an_index_that_a_step_never_mentions_is_no_fact():
    """It may be empty: at n = 1 the count of 0..n-5 is none, and not n - 4."""
    unused = sp.Symbol("unused", integer=True)
    setting = Setting(ranges={unused: (sp.S.Zero, n - 5)})
    count = Sum(1, (i, 0, n - 5))

    assert not answer(count, n - 4, setting=setting).equal


def test_a_factor_that_may_vanish_is_not_cancelled():
    """m (v + e) over m (v + e) is nothing at m = 0, whatever the root of v + e says."""
    v, e, r = sp.symbols("v e r", positive=True)
    rows = sp.Symbol("rows", integer=True, nonnegative=True)
    setting = Setting(definitions=(Definition(r, -sp.Rational(1, 2), v + e),))
    of_rows = Sum(1, (i, 0, rows - 1)) * (v + e) / (rows * v + rows * e)
    of_real = sp.Symbol("w", real=True)

    assert not answer(of_rows, 1, setting=setting).equal
    assert not answer((v + e) * of_real / (of_real * v + of_real * e), 1, setting=setting).equal
