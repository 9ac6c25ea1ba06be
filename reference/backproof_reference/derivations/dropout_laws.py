"""Masks of any law in linear regression: what their mean and their variance do to the loss.

Bernoulli masks (``dropout.loss``), inverted dropout, Gaussian dropout and one mask for a whole
batch are all cases of the same two lines.
"""

import itertools
from collections.abc import Callable

import sympy as sp
import torch
from sympy import KroneckerDelta

from backproof_reference.derivations.dropout import (
    PLAIN_SUM,
    SETTING,
    SIZES,
    D,
    N,
    X,
    a,
    b,
    d,
    fit,
    gram,
    i,
    j,
    k,
    over_features,
    over_rows,
    penalty,
    squared_error,
    w,
    y,
)
from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Expect,
    Mutant,
    Oracle,
    Setting,
    Step,
    Substitute,
    Values,
)

mean = sp.Symbol("mu", real=True)
variance = sp.Symbol("nu", nonnegative=True)
# The factor 1 / (1 - q) of the entries that are kept.
q, rescaling = sp.symbols("q u", positive=True)
R = sp.IndexedBase("R")

ANY_LAW = Assumption(
    text="the entries of D are independent of each other and of X and y, with mean mu and variance "
    "nu; the law beyond its second moment does not enter",
    kind="moment",
)
SHARED = Assumption(
    text="one mask R for all training examples: its entries are independent with mean mu and "
    "variance nu; rows of R * X are not independent of each other",
    kind="moment",
)
INVERTED = Assumption(
    text="an entry is dropped with probability q < 1 and divided by 1 - q where it is kept, so "
    "that its mean is 1 and its second moment 1 / (1 - q)",
    kind="moment",
)


def over_two_points(
    values: Values, shape: tuple[int, ...], statistic: Callable[[torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    """The mean of a statistic over all masks whose entries are mu + sqrt(nu) or mu - sqrt(nu)."""
    count = torch.Size(shape).numel()
    results = []
    for signs in itertools.product((-1.0, 1.0), repeat=count):
        sign = torch.tensor(signs, dtype=torch.float64).reshape(shape)
        results.append(statistic(values["mu"] + values["nu"].sqrt() * sign))
    return torch.stack(results).mean(dim=0)


def _loss(values: Values, mask: torch.Tensor) -> torch.Tensor:
    return (values["y"] - (mask * values["X"]) @ values["w"]).square().sum()


def _gram(values: Values, mask: torch.Tensor) -> torch.Tensor:
    masked = mask * values["X"]
    return masked.T @ masked


def _inverted_loss(values: Values) -> torch.Tensor:
    """The expected loss of inverted dropout: a sum over all masks, with their probability."""
    drop = values["q"]
    total = torch.zeros((), dtype=torch.float64)
    for bits in itertools.product((0.0, 1.0), repeat=6):
        mask = torch.tensor(bits, dtype=torch.float64).reshape(2, 3)
        probability = torch.where(mask > 0, 1 - drop, drop).prod()
        total = total + probability * _loss(values, mask / (1 - drop))
    return total


SHAPES: dict[str, tuple[int, ...]] = {"X": (2, 3), "y": (2,), "w": (3,), "mu": (), "nu": ()}

GRAM = Derivation(
    id="dropout.any_law_gram",
    title="Expectation of the Gram matrix under a mask of any law",
    claim="E[P^T P] = mu^2 X^T X + nu diag(X^T X) for P = D * X",
    assumptions=(ANY_LAW,),
    setting=SETTING,
    start=over_rows(D[k, a] * X[k, a] * D[k, b] * X[k, b]),
    steps=(
        Step(
            "expectation",
            mean**2 * gram + variance * KroneckerDelta(a, b) * gram,
            "E[D_ka D_kb] is mu^2 for a != b and mu^2 + nu for a = b",
            Expect(D[i, j], (mean, mean**2 + variance)),
        ),
    ),
    mutants=(
        Mutant(
            "covariances",
            "Different entries of the mask are independent: only the diagonal gets the variance.",
            "expectation",
            (mean**2 + variance) * gram,
        ),
        Mutant(
            "diagonal-variance-only",
            "The second moment is the variance plus the square of the mean.",
            "expectation",
            mean**2 * gram + (variance - mean**2) * KroneckerDelta(a, b) * gram,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes=SHAPES,
        expected=lambda values: over_two_points(values, (2, 3), lambda mask: _gram(values, mask)),
        axes=(a, b),
    ),
)

LOSS = Derivation(
    id="dropout.any_law_loss",
    title="Expected squared error under a mask of any law",
    claim="E||y - P w||^2 = ||y - mu X w||^2 + nu sum_j (X^T X)_jj w_j^2",
    assumptions=(ANY_LAW, PLAIN_SUM),
    setting=SETTING,
    start=squared_error,
    steps=(
        Step(
            "expectation",
            fit(mean, w) + penalty(variance, w),
            "E[D_ki D_kj] = mu^2 + nu delta_ij",
            Expect(D[i, j], (mean, mean**2 + variance)),
        ),
    ),
    mutants=(
        Mutant(
            "second-moment",
            "The penalty carries the variance of the mask, not its second moment.",
            "expectation",
            fit(mean, w) + penalty(mean**2 + variance, w),
        ),
        Mutant(
            "length-of-prediction",
            "The masks of two features are independent: no product of two weights is penalised.",
            "expectation",
            fit(mean, w) + variance * over_rows(over_features(X[k, j] * w[j]) ** 2),
        ),
        Mutant(
            "without-the-data",
            "The penalty weighs each weight by its column of X: it is no plain weight decay.",
            "expectation",
            fit(mean, w) + variance * over_features(w[j] ** 2),
        ),
        Mutant(
            "diagonal-squared",
            "The penalty holds the squared column lengths, the diagonal of X^T X, not its square.",
            "expectation",
            fit(mean, w) + variance * over_features(w[j] ** 2 * over_rows(X[k, j] ** 2) ** 2),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes=SHAPES,
        expected=lambda values: over_two_points(values, (2, 3), lambda mask: _loss(values, mask)),
    ),
)

SHARED_MASK = Derivation(
    id="dropout.shared_mask_loss",
    title="One mask for all training examples",
    claim="E||y - X diag(R) w||^2 = ||y - mu X w||^2 + nu sum_j (X^T X)_jj w_j^2, as if every "
    "example had a mask of its own",
    assumptions=(SHARED, PLAIN_SUM),
    setting=Setting(ranges=SETTING.ranges, support={**SETTING.support, "R": (d,)}),
    start=over_rows((y[k] - over_features(R[j] * X[k, j] * w[j])) ** 2),
    steps=(
        Step(
            "expectation",
            fit(mean, w) + penalty(variance, w),
            "every summand holds the mask of one example only, so that masks of different "
            "examples never meet",
            Expect(R[j], (mean, mean**2 + variance)),
        ),
    ),
    mutants=(
        Mutant(
            "examples-correlated",
            "No product of two examples enters the loss, so their common mask changes nothing.",
            "expectation",
            fit(mean, w) + variance * over_features(w[j] ** 2 * over_rows(X[k, j]) ** 2),
        ),
        Mutant(
            "variance-divided",
            "The loss is a sum over the examples: the variance is not divided by their number.",
            "expectation",
            fit(mean, w) + penalty(variance / N, w),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes=SHAPES,
        expected=lambda values: over_two_points(values, (3,), lambda mask: _loss(values, mask)),
    ),
)

INVERTED_LOSS = Derivation(
    id="dropout.inverted_loss",
    title="Expected squared error under inverted dropout",
    claim="with dropped entries zero and kept ones divided by 1 - q, the expected loss is "
    "||y - X w||^2 + q / (1 - q) sum_j (X^T X)_jj w_j^2",
    assumptions=(INVERTED, PLAIN_SUM),
    setting=Setting(
        ranges=SETTING.ranges,
        support=SETTING.support,
        definitions=(Definition(rescaling, sp.S.NegativeOne, 1 - q),),
    ),
    start=LOSS.steps[-1].expr,
    steps=(
        Step(
            "variance",
            fit(mean, w) + penalty(q / (1 - q), w),
            "nu = 1 / (1 - q) - 1^2",
            Substitute(variance, 1 / (1 - q) - 1),
        ),
        Step(
            "mean", fit(sp.S.One, w) + penalty(q / (1 - q), w), "mu = 1", Substitute(mean, sp.S.One)
        ),
    ),
    mutants=(
        Mutant(
            "keep-and-drop-swapped",
            "q is the probability to drop an entry: without dropout, q = 0, nothing is penalised.",
            "variance",
            fit(mean, w) + penalty((1 - q) / q, w),
        ),
        Mutant(
            "no-rescaling",
            "Dividing the kept entries by 1 - q also divides their variance, twice.",
            "variance",
            fit(mean, w) + penalty(q * (1 - q), w),
        ),
        Mutant(
            "fit-rescaled",
            "Inverted dropout keeps the mean: the fit is that of the unmasked model.",
            "mean",
            fit(1 - q, w) + penalty(q / (1 - q), w),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes={"X": (2, 3), "y": (2,), "w": (3,), "q": ()},
        expected=_inverted_loss,
    ),
)

DERIVATIONS = (GRAM, LOSS, SHARED_MASK, INVERTED_LOSS)
