"""Taking one term out of a sum, and the numbers that oracles and counterexamples may use."""

import pytest
import sympy as sp
import torch
from sympy import Sum

from backproof_reference.prove import (
    Oracle,
    Setting,
    Sizes,
    Split,
    Step,
    Verdict,
)
from backproof_reference.prove.index import equal_at_all_sizes
from backproof_reference.prove.judge import judge

n, m = sp.symbols("n m", integer=True, positive=True)
a, i, j = sp.symbols("a i j", integer=True)
x = sp.IndexedBase("x")
SETTING = Setting(ranges={a: (sp.S.Zero, n - 1)})
SIZES: tuple[Sizes, ...] = ({n: 1, m: 2}, {n: 3, m: 1})


def sum_of(low, high, body=None):
    return Sum(x[i] if body is None else body, (i, low, high))


def verdict(start, expr, op, setting=SETTING):
    return judge(start, Step("only", expr, "", op), setting, SIZES, "only").finding


SPLITS = {
    "last": (sum_of(0, n - 1), sum_of(0, n - 2) + x[n - 1], Split((i,))),
    "first": (sum_of(0, n - 1), x[0] + sum_of(1, n - 1), Split((i,), "first")),
    "up to a free index": (sum_of(0, a), sum_of(0, a - 1) + x[a], Split((i,))),
    "from a free index": (sum_of(a, n - 1), x[a] + sum_of(a + 1, n - 1), Split((i,), "first")),
    "inner of a double sum": (
        Sum(x[i] * x[j], (i, 0, n - 1), (j, 0, m - 1)),
        Sum(x[i] * x[j], (i, 0, n - 2), (j, 0, m - 1)) + x[n - 1] * Sum(x[j], (j, 0, m - 1)),
        Split((i,)),
    ),
}


@pytest.mark.parametrize("name", SPLITS)
def test_a_term_is_taken_out_at_all_sizes(name):
    """Sums that certainly have a term, at either end."""
    assert verdict(*SPLITS[name]).verdict is Verdict.PROVED_ALL_SIZES


@pytest.mark.parametrize("name", SPLITS)
def test_a_wrong_remainder_is_refuted(name):
    """One term counted twice, or not at all, is found."""
    start, expr, op = SPLITS[name]
    assert verdict(start, expr + x[0], op).verdict is Verdict.REFUTED


def test_a_sum_that_may_be_empty_has_no_term_to_give():
    """For n < m the sum over 0 .. n - m is empty: what holds for n >= m is not accepted."""
    step = Step("only", sum_of(0, n - m - 1) + x[n - m], "", Split((i,)))
    answer = equal_at_all_sizes(sum_of(0, n - m), step, SETTING)
    assert not answer.equal
    assert "may be empty" in answer.reason
    report = judge(sum_of(0, n - m), step, SETTING, ({n: 1, m: 2},), "only")
    assert report.verdict is Verdict.REFUTED
    known = Setting(nonnegative=(n - m,))
    assert equal_at_all_sizes(sum_of(0, n - m), step, known).equal


def test_an_inner_sum_that_is_empty_for_one_outer_index_is_not_split():
    """The sum over i < j has no term at j = 0."""
    start = Sum(x[i], (i, 0, j - 1), (j, 0, n - 1))
    expr = Sum(x[i], (i, 0, j - 2), (j, 0, n - 1)) + Sum(x[j - 1], (j, 0, n - 1))
    assert not equal_at_all_sizes(start, Step("only", expr, "", Split((i,))), SETTING).equal
    assert verdict(start, expr, Split((i,))).verdict is Verdict.REFUTED


@pytest.mark.parametrize("indices", [(), (j,)])
def test_a_sum_that_is_not_there_cannot_be_split(indices):
    """Both levels refuse, so the step is undecided."""
    found = verdict(sum_of(0, n - 1), sum_of(0, n - 1), Split(indices))
    assert found.verdict is Verdict.UNDECIDED
    assert "there is no sum" in found.reason


def test_counterexamples_respect_labels_and_proofs_do_not_use_them():
    """Rows of a declared array of labels have at most one 1; B^2 = B needs a OneHot step."""
    labels = sp.IndexedBase("B")
    setting = Setting(ranges={a: (sp.S.Zero, n - 1)}, one_hot="B")
    row = Sum(labels[a, j], (j, 0, m - 1))
    found = verdict(row, 2 * row, None, setting)
    assert found.verdict is Verdict.REFUTED
    values = list(found.counterexample.values.values())
    assert set(values) == {0, 1} or values == [1]
    square = Sum(labels[a, j] ** 2, (j, 0, m - 1))
    assert verdict(square, row, None, setting).verdict is Verdict.UNDECIDED
    assert verdict(square, row, None, SETTING).verdict is Verdict.REFUTED


def test_an_oracle_prepares_its_numbers_for_both_sides():
    """The expression and the independent computation see the same prepared values."""
    oracle = Oracle(
        sizes={n: 3},
        shapes={"x": (3,)},
        expected=lambda values: values["x"].sum(),
        prepare=lambda values: {"x": (values["x"] > 0.5).double() + 7},
    )
    assert oracle.compare(sum_of(0, n - 1), SETTING).passed
    assert not oracle.compare(sum_of(0, n - 2), SETTING).passed
    seen = []
    Oracle(
        sizes={n: 3},
        shapes={"x": (3,)},
        expected=lambda values: seen.append(values["x"]) or torch.zeros(()),
        prepare=lambda values: {"x": torch.ones(3)},
    ).compare(x[0], SETTING)
    assert seen[0].tolist() == [1, 1, 1]
