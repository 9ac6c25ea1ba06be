"""How the mean and the variance of a mini-batch scatter, and what batches of one class lose."""

import itertools
from collections.abc import Callable

import sympy as sp
import torch
from sympy import Sum

from backproof_reference.prove import (
    Assumption,
    Derivation,
    Expect,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Sizes,
    Step,
    Values,
)

m, K = sp.symbols("m K", integer=True, positive=True)
i, j, k, k2 = sp.symbols("i j k k2", integer=True)
mu = sp.Symbol("mu", real=True)
variance = sp.Symbol("nu", positive=True)
x, z = sp.IndexedBase("x"), sp.IndexedBase("z")

SAMPLE = Setting(support={"x": (m,)})
INDEPENDENT = Assumption(
    text="the rows are independent draws with mean mu and variance nu; the law beyond its second "
    "moment does not enter",
    kind="moment",
)
SIZES: tuple[Sizes, ...] = ({m: 1}, {m: 2}, {m: 5})
FROM_TWO: tuple[Sizes, ...] = ({m: 2}, {m: 3}, {m: 5})
MOMENTS = (mu, mu**2 + variance)


def over_rows(body: Expr, index: Expr = i) -> Expr:
    """The sum over the rows of a batch."""
    return Sum(body, (index, 0, m - 1))


batch_mean = over_rows(x[j], j) / m
batch_variance = over_rows((x[i] - batch_mean) ** 2) / m


def _over_draws(statistic: Callable[[torch.Tensor, Values], torch.Tensor]) -> Oracle:
    """The mean of a statistic over all batches of four rows mu + sqrt(nu) or mu - sqrt(nu)."""

    def expected(values: Values) -> torch.Tensor:
        found = []
        for signs in itertools.product((-1.0, 1.0), repeat=4):
            rows = values["mu"] + values["nu"].sqrt() * torch.tensor(signs, dtype=torch.float64)
            found.append(statistic(rows, values))
        return torch.stack(found).mean()

    return Oracle(sizes={m: 4}, shapes={"mu": (), "nu": ()}, expected=expected)


MEAN = Derivation(
    id="batch_statistics.mean_variance",
    title="The scatter of the mean of a batch",
    claim="E[(batch mean - mu)^2] = nu / m: the larger the batch, the closer its mean to the true "
    "one",
    assumptions=(INDEPENDENT,),
    setting=SAMPLE,
    start=(batch_mean - mu) ** 2,
    steps=(
        Step(
            "expectation",
            variance / m,
            "the cross terms have mean zero; m terms of size nu are divided by m^2",
            Expect(x[i], MOMENTS),
        ),
    ),
    mutants=(
        Mutant(
            "grows-with-batch",
            "Averaging more rows makes the mean steadier, not noisier.",
            "expectation",
            m * variance,
        ),
        Mutant(
            "does-not-depend",
            "One row has the variance nu; the mean of m rows has an m-th of it.",
            "expectation",
            variance,
        ),
        Mutant(
            "squared",
            "m independent terms add up their variances before the sum is divided by m.",
            "expectation",
            variance / m**2,
        ),
    ),
    sizes=SIZES,
    oracle=_over_draws(lambda rows, values: (rows.mean() - values["mu"]).square()),
)

BIASED = Derivation(
    id="batch_statistics.biased_variance",
    title="The mean of the variance that batch normalisation divides by",
    claim="E[1/m sum_i (x_i - batch mean)^2] = (m - 1) / m nu",
    assumptions=(INDEPENDENT,),
    setting=SAMPLE,
    start=batch_variance,
    steps=(
        Step(
            "expectation",
            (m - 1) * variance / m,
            "nu less the scatter nu / m of the batch mean",
            Expect(x[i], MOMENTS),
        ),
    ),
    mutants=(
        Mutant(
            "unbiased",
            "The rows lie closer to their own mean than to the true one.",
            "expectation",
            variance,
        ),
        Mutant(
            "too-large",
            "The rows lie closer to their own mean than to mu: the factor is below 1.",
            "expectation",
            (m + 1) * variance / m,
        ),
        Mutant(
            "grows-with-batch",
            "A larger batch does not have a larger variance: only the small bias 1/m vanishes.",
            "expectation",
            m * variance,
        ),
    ),
    sizes=SIZES,
    oracle=_over_draws(lambda rows, values: rows.var(correction=0)),
)

UNBIASED = Derivation(
    id="batch_statistics.unbiased_variance",
    title="The mean of the variance that is stored for inference",
    claim="E[1/(m - 1) sum_i (x_i - batch mean)^2] = nu for m >= 2",
    assumptions=(
        INDEPENDENT,
        Assumption(
            text="a batch has m >= 2 rows", kind="range", holds=lambda sizes: bool(sizes[m] >= 2)
        ),
    ),
    setting=Setting(support={"x": (m,)}, nonnegative=(m - 2,)),
    start=over_rows((x[i] - batch_mean) ** 2) / (m - 1),
    steps=(
        Step(
            "expectation",
            variance,
            "the sum of squares has the mean (m - 1) nu",
            Expect(x[i], MOMENTS),
        ),
    ),
    mutants=(
        Mutant(
            "still-biased",
            "Dividing by m - 1 removes the factor (m - 1) / m.",
            "expectation",
            (m - 1) * variance / m,
        ),
        Mutant(
            "second-moment",
            "The deviations are taken from the mean: mu drops out.",
            "expectation",
            variance + mu**2,
        ),
    ),
    sizes=FROM_TWO,
    oracle=_over_draws(lambda rows, values: rows.var(correction=1)),
)

# --- K batches of m rows each ---------------------------------------------------------------------


def over_batches(body: Expr, index: Expr = k) -> Expr:
    """The mean over the batches."""
    return Sum(body, (index, 0, K - 1)) / K


def mean_of(batch: Expr) -> Expr:
    """The mean of one batch."""
    return over_rows(z[batch, j], j) / m


all_mean = over_batches(over_rows(z[k2, j], j) / m, k2)
within = over_batches(over_rows((z[k, i] - mean_of(k)) ** 2) / m)
between = over_batches((mean_of(k) - all_mean) ** 2)
cross = over_batches(over_rows((z[k, i] - mean_of(k)) * (mean_of(k) - all_mean)) / m)


def _total_variance(values: Values) -> torch.Tensor:
    return values["z"].flatten().var(correction=0)


TOTAL = Derivation(
    id="batch_statistics.total_variance",
    title="Variance within and between batches",
    claim="the variance of the data is the mean of the batch variances plus the variance of the "
    "batch means",
    assumptions=(
        Assumption(text="K batches of m rows each", kind="convention"),
        Assumption(text="all variances are biased", kind="convention"),
    ),
    setting=Setting(support={"z": (K, m)}),
    start=over_batches(over_rows((z[k, i] - all_mean) ** 2) / m),
    steps=(
        Step(
            "split",
            within + 2 * cross + between,
            "add and subtract the mean of the batch, and multiply the square out",
        ),
        Step(
            "within and between",
            within + between,
            "the cross term vanishes: the deviations from the mean of a batch add up to zero",
        ),
    ),
    mutants=(
        Mutant(
            "within-only",
            "The batch means differ from class to class: their scatter is missing from the "
            "variance that is tracked.",
            "within and between",
            within,
        ),
        Mutant(
            "between-only",
            "The rows scatter within their batch as well.",
            "within and between",
            between,
        ),
        Mutant(
            "deviations-add",
            "Variances add up; the scatter of the means is squared, too.",
            "within and between",
            within + over_batches(mean_of(k) - all_mean),
        ),
    ),
    sizes=({K: 1, m: 2}, {K: 2, m: 1}, {K: 2, m: 2}, {K: 3, m: 2}),
    oracle=Oracle(sizes={K: 3, m: 4}, shapes={"z": (3, 4)}, expected=_total_variance),
)

DERIVATIONS = (MEAN, BIASED, UNBIASED, TOTAL)
