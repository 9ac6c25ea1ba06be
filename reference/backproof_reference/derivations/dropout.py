"""Dropout in linear regression: moments of the masked data and the expected loss."""

import itertools
from collections.abc import Callable, Iterator

import sympy as sp
import torch
from sympy import KroneckerDelta, Sum

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
    Substitute,
    Values,
)

N, d = sp.symbols("N d", integer=True, positive=True)
a, b, i, j, k, row = sp.symbols("a b i j k row", integer=True)
p = sp.Symbol("p", positive=True)
m1 = sp.Symbol("m_1", real=True)
m2 = sp.Symbol("m_2", nonnegative=True)
X, D, w, y = (sp.IndexedBase(name) for name in ("X", "D", "w", "y"))

SIZES: tuple[Sizes, ...] = ({N: 1, d: 2}, {N: 3, d: 2}, {N: 2, d: 3})
FREE_ENTRIES = {row: (sp.S.Zero, N - 1), a: (sp.S.Zero, d - 1), b: (sp.S.Zero, d - 1)}
SETTING = Setting(ranges=FREE_ENTRIES, support={"X": (N, d), "D": (N, d), "w": (d,), "y": (N,)})
BERNOULLI = Assumption(
    text="the entries of D are independent, 1 with probability p and 0 otherwise, so that every "
    "moment is p; D is independent of X and y",
    kind="moment",
)
PLAIN_SUM = Assumption(text="the loss has no factor 1/2 and no 1/N", kind="convention")


def over_rows(body: Expr) -> Expr:
    """The sum over all training examples k."""
    return Sum(body, (k, 0, N - 1))


def over_features(body: Expr) -> Expr:
    """The sum over all features j."""
    return Sum(body, (j, 0, d - 1))


def fit(keep: Expr, weight: Expr) -> Expr:
    """Squared error of the prediction keep * X weight."""
    return over_rows((y[k] - keep * over_features(X[k, j] * weight[j])) ** 2)


def penalty(factor: Expr, weight: Expr) -> Expr:
    """factor * sum_j (X^T X)_jj weight_j^2."""
    return factor * over_features(weight[j] ** 2 * over_rows(X[k, j] ** 2))


def _masks(shape: torch.Size) -> Iterator[torch.Tensor]:
    for bits in itertools.product((0.0, 1.0), repeat=shape.numel()):
        yield torch.tensor(bits, dtype=torch.float64).reshape(shape)


def over_masks(values: Values, statistic: Callable[[torch.Tensor], torch.Tensor]) -> torch.Tensor:
    """The expectation of a statistic of P = D * X: a sum over all masks, with their probability."""
    keep = values["p"]
    total = torch.zeros((), dtype=torch.float64)
    for mask in _masks(values["X"].shape):
        probability = torch.where(mask > 0, keep, 1 - keep).prod()
        total = total + probability * statistic(mask * values["X"])
    return total


def expected_loss(values: Values, weight: torch.Tensor) -> torch.Tensor:
    """The expected squared error of ``weight`` under dropout, summed over all masks."""
    return over_masks(values, lambda masked: (values["y"] - masked @ weight).square().sum())


MEAN = Derivation(
    id="dropout.mean",
    title="Expectation of a masked matrix",
    claim="E[P] = p X for P = D * X",
    assumptions=(BERNOULLI,),
    setting=SETTING,
    start=D[row, a] * X[row, a],
    steps=(Step("mean", p * X[row, a], "E[D] = p", Expect(D[i, j], (p,))),),
    mutants=(
        Mutant(
            "inverted", "Standard dropout does not rescale the kept entries.", "mean", X[row, a]
        ),
        Mutant(
            "drop-probability",
            "p is the probability to keep an entry.",
            "mean",
            (1 - p) * X[row, a],
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes={"X": (2, 3), "p": ()},
        expected=lambda values: over_masks(values, lambda masked: masked),
        axes=(row, a),
    ),
)

gram = over_rows(X[k, a] * X[k, b])
GRAM = Derivation(
    id="dropout.gram",
    title="Expectation of the Gram matrix of a masked matrix",
    claim="E[P^T P] = p^2 X^T X + p (1 - p) diag(X^T X)",
    assumptions=(BERNOULLI,),
    setting=SETTING,
    start=over_rows(D[k, a] * X[k, a] * D[k, b] * X[k, b]),
    steps=(
        Step(
            "expectation",
            (p**2 + (p - p**2) * KroneckerDelta(a, b)) * gram,
            "E[D_ka D_kb] is p^2 off the diagonal and p on it, because D^2 = D",
            Expect(D[i, j], (p, p)),
        ),
        Step(
            "diagonal part",
            p**2 * gram + p * (1 - p) * KroneckerDelta(a, b) * gram,
            "p - p^2 = p (1 - p)",
        ),
    ),
    mutants=(
        Mutant(
            "square-everywhere",
            "On the diagonal an entry meets itself: E[D^2] = p, not p^2.",
            "diagonal part",
            p**2 * gram,
        ),
        Mutant(
            "p-everywhere",
            "Off the diagonal two independent masks meet: E[D D'] = p^2, not p.",
            "diagonal part",
            p * gram,
        ),
        Mutant(
            "cases-swapped",
            "The mask meets itself on the diagonal, not off it.",
            "diagonal part",
            p * gram - p * (1 - p) * KroneckerDelta(a, b) * gram,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes={"X": (2, 3), "p": ()},
        expected=lambda values: over_masks(values, lambda masked: masked.T @ masked),
        axes=(a, b),
    ),
)

squared_error = over_rows((y[k] - over_features(D[k, j] * X[k, j] * w[j])) ** 2)
LOSS = Derivation(
    id="dropout.loss",
    title="Expected squared error under dropout",
    claim="E||y - P w||^2 = ||y - p X w||^2 + p (1 - p) sum_j (X^T X)_jj w_j^2",
    assumptions=(BERNOULLI, PLAIN_SUM),
    setting=SETTING,
    start=squared_error,
    steps=(
        Step(
            "any mask",
            fit(m1, w) + penalty(m2 - m1**2, w),
            "E[D_ki D_kj] = m1^2 + (m2 - m1^2) delta_ij for any mask with moments m1 and m2",
            Expect(D[i, j], (m1, m2)),
        ),
        Step("second moment", fit(m1, w) + penalty(p - m1**2, w), "m2 = p", Substitute(m2, p)),
        Step("first moment", fit(p, w) + penalty(p - p**2, w), "m1 = p", Substitute(m1, p)),
        Step("variance", fit(p, w) + penalty(p * (1 - p), w), "p - p^2 = p (1 - p)"),
    ),
    mutants=(
        Mutant(
            "p-for-variance",
            "The penalty carries the variance of the mask, p (1 - p), not its mean.",
            "variance",
            fit(p, w) + penalty(p, w),
        ),
        Mutant(
            "unscaled-fit",
            "The mean prediction is p X w.",
            "variance",
            fit(sp.S.One, w) + penalty(p * (1 - p), w),
        ),
        Mutant(
            "no-penalty",
            "The expectation of a square is not the square of the expectation.",
            "variance",
            fit(p, w),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes={"X": (2, 3), "y": (2,), "w": (3,), "p": ()},
        expected=lambda values: expected_loss(values, values["w"]),
    ),
)

DERIVATIONS = (MEAN, GRAM, LOSS)
