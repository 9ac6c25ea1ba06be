"""A derivation is taken at its word: what it may not say, whatever could be proved of it."""

import dataclasses

import pytest
import sympy as sp
import torch
from sympy import KroneckerDelta, Rational, Sum

from backproof_reference.derivations import ALL, get
from backproof_reference.prove import (
    Definition,
    Derivation,
    Differentiate,
    Expect,
    Mutant,
    OneHot,
    Oracle,
    Setting,
    Step,
    Substitute,
    Verdict,
)
from backproof_reference.prove.judge import judge
from backproof_reference.prove.oracle import LOOSEST

n = sp.Symbol("n", integer=True, positive=True)
a, i, j, k = sp.symbols("a i j k", integer=True)
p, q, s = sp.symbols("p q s", positive=True)
u, v = sp.symbols("u v", real=True)
x, y, B = sp.IndexedBase("x"), sp.IndexedBase("y"), sp.IndexedBase("B")
SETTING = Setting(ranges={a: (0, n - 1)}, support={"x": (n,)})
SIZES = ({n: 2}, {n: 3})
total = Sum(x[i], (i, 0, n - 1))
ORACLE = Oracle(
    sizes={n: 3}, shapes={"x": (3,)}, expected=lambda values: 2 * values["x"][:, None].sum()
)


def made(*steps, start=total, mutants=(), **changes):
    """A derivation of these steps."""
    fields = {
        "id": "made",
        "title": "",
        "claim": "",
        "assumptions": (),
        "setting": SETTING,
        "start": start,
        "steps": tuple(Step(f"step {at}", *step) for at, step in enumerate(steps, 1)),
        "mutants": mutants or (Mutant("none", "", "step 1", 17 * p),),
        "sizes": SIZES,
        "oracle": ORACLE,
    }
    return Derivation(**(fields | changes))


def verdict(start, expr, op=None, setting=SETTING, sizes=SIZES):
    """What the engine says of a step outside of any derivation."""
    step = Step("only", expr, "to be tested", op)
    return judge(sp.sympify(start), step, setting, sizes, "only")


POSITIVE_X = sp.IndexedBase("x", positive=True)
TWINS = {
    "derivative": (x[a] ** 2, 0, Differentiate(POSITIVE_X[a])),
    "derivative of a scalar": (u**2, 0, Differentiate(sp.Symbol("u", positive=True))),
    "substitution": (x[a], 0, Substitute(POSITIVE_X[i], y[i])),
    "expectation": (x[a], x[a], Expect(POSITIVE_X[i], (p,))),
    "one-hot": (B[a, i] ** 2, B[a, i], OneHot(sp.IndexedBase("B", positive=True)[i, j])),
    "size": (n * u, sp.Symbol("n", real=True) * u, None),
    "index": (x[a], x[sp.Symbol("a", integer=True, nonnegative=True)], None),
    "scalar and array": (sp.Symbol("x") + x[a], 2 * x[a], None),
    "number of indices": (y[a] + y[a, i], 2 * y[a], None),
    "declared shape": (y[a], sp.IndexedBase("y", shape=(n,))[a], None),
}


@pytest.mark.parametrize("name", TWINS)
def test_two_symbols_of_one_name_are_refused(name):
    """They print alike: neither "the same" nor "different" would be what a reader takes them for."""
    start, expr, op = TWINS[name]
    report = verdict(start, expr, op)
    assert report.verdict is Verdict.UNDECIDED
    assert "two different symbols are named" in report.finding.reason
    with pytest.raises(ValueError, match=r"made: two different symbols are named \w+: a"):
        made((expr, "", op), start=start)


def test_the_message_on_two_symbols_says_what_tells_them_apart():
    """Their declared signs, or the numbers of their indices."""
    with pytest.raises(ValueError, match=r"named u: a scalar declared .*positive.* declared real"):
        made((2 * u, "", Differentiate(sp.Symbol("u", positive=True))), start=u**2)


def test_symbols_of_sizes_axes_and_mutants_count_as_well():
    """Wherever they are written."""
    other = sp.Symbol("n", integer=True)
    mutant = Mutant("m", "", "step 1", other * u)
    with pytest.raises(ValueError, match="two different symbols are named n"):
        made((2 * total, "", None), mutants=(mutant,))
    with pytest.raises(ValueError, match="two different symbols are named n"):
        made((2 * total, "", None), sizes=({other: 2},))


def test_symbols_that_do_not_commute_are_refused():
    """Polynomials forget their order."""
    left, right = sp.symbols("A B", commutative=False)
    report = verdict(left * right, right * left)
    assert (report.verdict, "A does not commute" in report.finding.reason) == (
        Verdict.UNDECIDED,
        True,
    )


@pytest.mark.parametrize("again", [total, Sum(x[k], (k, 0, n - 1))], ids=["same", "other letter"])
def test_a_step_that_repeats_the_one_before_is_no_step(again):
    """Another letter for a summation index is no progress either."""
    with pytest.raises(ValueError, match="made: step 'step 1' says the same as the expression"):
        made((again, "nothing happens"))


def test_a_function_that_is_its_own_derivative_may_come_again():
    """Only an operator that does something can leave an expression as it is."""
    e = sp.Symbol("e", positive=True)
    assert made((e, "", Differentiate(u)), start=e).steps


@pytest.mark.parametrize(
    "op", [Expect(y[i], (p,)), Substitute(y[i], p), OneHot(y[i]), Substitute(v, p)]
)
def test_an_operator_needs_something_to_act_on(op):
    """An average over what is not there would be an assumption without a use."""
    with pytest.raises(ValueError, match=r"step 'step 1': there is no \w+(\[i\])? in the expr"):
        made((2 * total, "", op))


def test_no_mistake_is_listed_twice():
    """Nor under another letter, nor as the right expression."""
    first = Mutant("first", "", "step 1", 3 * total)
    second = Mutant("second", "", "step 1", 3 * Sum(x[k], (k, 0, n - 1)))
    with pytest.raises(ValueError, match="made: mutants first and second are the same expression"):
        made((2 * total, ""), mutants=(first, second))
    right = Mutant("right", "", "step 1", 2 * total)
    with pytest.raises(ValueError, match="mutant right is the right expression of step 'step 1'"):
        made((2 * total, ""), mutants=(right,))
    with pytest.raises(ValueError, match="two mutants share an id"):
        made((2 * total, ""), mutants=(first, dataclasses.replace(first, expr=p)))


@pytest.mark.parametrize("tolerance", [1e-7, 2 * LOOSEST, float("inf"), float("nan"), -1.0])
def test_an_oracle_cannot_be_looser_than_round_off(tolerance):
    """4096 roundings in float64."""
    with pytest.raises(ValueError, match=r"tolerance .* of an oracle is not within 0 and 9\.1e-13"):
        dataclasses.replace(ORACLE, tolerance=tolerance)


def test_a_small_expected_value_is_compared_on_its_own_scale():
    """An error of one part in a thousand is one, however small the number is."""
    oracle = Oracle(
        sizes={n: 3}, shapes={"x": (3,)}, expected=lambda values: 1.001e-7 * values["x"].sum()
    )
    assert oracle.compare(total / 10**7, SETTING).max_error == pytest.approx(1e-3, rel=1e-2)
    zero = Oracle(sizes={n: 3}, shapes={"x": (3,)}, expected=lambda _: torch.tensor(1e-17))
    assert zero.compare(total - total, SETTING).passed


SIGNS = {
    "positive to zero": Substitute(p, sp.S.Zero),
    "positive to negative": Substitute(p, -q),
    "positive array": Substitute(POSITIVE_X[i], -q),
    "mean of a positive one": Expect(p, (-q,)),
    "integer to a fraction": Substitute(k, Rational(1, 2)),
    "no such law": Expect(p, (q, q**2 - 1 - q**2)),
}


@pytest.mark.parametrize("name", SIGNS)
def test_an_operator_keeps_within_the_declared_signs(name):
    """What is proved for p > 0 says nothing about p = 0."""
    start = POSITIVE_X[a] + p + k
    report = verdict(start, 0, SIGNS[name])
    assert report.verdict is Verdict.UNDECIDED
    assert "is declared" in report.finding.reason or "has no law" in report.finding.reason
    with pytest.raises(ValueError, match=r"is declared|has no law"):
        made((1, "", SIGNS[name]), start=start)


@pytest.mark.parametrize("make", [lambda: Expect(x[i], (x[i],)), lambda: Substitute(u, u + 1)])
def test_an_operator_does_not_explain_a_symbol_by_itself(make):
    """E[x] = x and x = x + 1 would be said without being assumed."""
    with pytest.raises(ValueError, match=r"depends on .* itself"):
        make()


@pytest.mark.parametrize(
    "op", [Expect(n, (sp.S.Zero,)), Substitute(n, 2 * k), Substitute(a, sp.S.Zero), OneHot(n)]
)
def test_no_operator_acts_on_a_size_or_an_index(op):
    """At explicit sizes they are numbers, and E[n] = n would pass."""
    report = verdict(n * x[a], n * x[a] + 0 * u, op)
    assert report.verdict is Verdict.UNDECIDED
    assert "is a size or an index: no operator acts on it" in report.finding.reason


def test_a_summation_index_cannot_be_a_size():
    """The support of x, of length n, would shrink inside a sum over n."""
    report = verdict(Sum(x[n], (n, 0, n - 1)), n * x[n])
    assert report.verdict is Verdict.UNDECIDED
    assert "n is both a size and a summation index" in report.finding.reason
    hidden = Setting(support={"x": (k,)})
    report = verdict(Sum(x[k], (k, 0, n - 1)), n * x[n], setting=hidden)
    assert "depends on k, which is no size" in report.finding.reason


def test_definitions_that_no_values_fulfil_prove_nothing():
    """The root of -u^2 - 1 squares to it, but it is not there."""
    impossible = Setting(definitions=(Definition(s, Rational(1, 2), -(u**2) - 1),))
    report = verdict(s**2, -(u**2) - 1, setting=impossible, sizes=({},))
    assert report.verdict is Verdict.UNDECIDED
    assert "no sampled values fulfil the definitions of s" in report.finding.reason


def test_zero_times_a_pole_has_no_value():
    """(n - 2) / (n^2 - 4) is not 0 at n = 2; only a delta makes the other factors unimportant."""
    assert verdict((n - 2) / (n**2 - 4), 0, sizes=({n: 2},)).verdict is Verdict.UNDECIDED
    pole = KroneckerDelta(a, 0) / a
    assert verdict(pole, KroneckerDelta(a, 0), sizes=({n: 3},)).verdict is Verdict.UNDECIDED
    later = KroneckerDelta(a, 1) / (a + 1)
    assert verdict(later, KroneckerDelta(a, 1) / 2, sizes=({n: 3},)).verdict is Verdict.PROVED_AT


def test_counterexamples_respect_every_declared_sign():
    """What is refuted at forbidden values is not refuted."""
    low, whole = sp.Symbol("t", nonnegative=True), sp.Symbol("w", integer=True, positive=True)
    below = sp.Symbol("b", negative=True)
    report = verdict(low + whole + below, 2 * (low + whole + below), setting=Setting(), sizes=({},))
    values = report.finding.counterexample.values
    assert values["t"] >= 0 > values["b"]
    assert values["w"] >= 1
    assert values["w"].denominator == 1


def test_a_derivation_cannot_declare_to_be_sampled_only():
    """Agreement at points is no proof, and the library claims proofs."""
    with pytest.raises(ValueError, match=r"made: a derivation has to be proved; .* is no proof"):
        made((2 * total, ""), level=Verdict.NUMERIC_ONLY, level_reason="too hard")


def test_plain_numbers_are_expressions_everywhere():
    """Ranges, supports, moments, substitutes, steps and mutants; text is never parsed."""
    setting = Setting(ranges={a: (0, 1)}, support={"x": (2,)}, nonnegative=(1,))
    assert all(isinstance(end, sp.Integer) for ends in setting.ranges.values() for end in ends)
    assert Expect(x[i], (0, 1)).moments == (sp.S.Zero, sp.S.One)
    assert Substitute(x[i], 0).new is sp.S.Zero
    assert Step("s", 2, "").expr == Mutant("m", "", "s", 2).expr == sp.Integer(2)
    with pytest.raises(TypeError, match="'__import__' is no expression"):
        Step("s", "__import__", "")


def test_the_library_declares_no_sign_of_a_parameter_that_has_none():
    """gamma, beta and the targets are any numbers: a claim for positive ones would be too weak."""
    for id in ("batchnorm.dx", "batchnorm.scale_invariance", "weight_noise.loss"):
        free = get(id).start.free_symbols
        signs = {str(symbol): symbol.is_positive for symbol in free}
        assert not any(signs.get(name) for name in ("gamma", "beta", "y_0"))


def test_no_oracle_of_the_library_is_looser_than_round_off():
    """The bound is that of float64, not of the derivation."""
    assert all(derivation.oracle.tolerance <= LOOSEST for derivation in ALL)
