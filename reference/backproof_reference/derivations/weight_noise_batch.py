"""Multiplicative weight noise over a data set: a Tikhonov penalty, and dropout in disguise."""

import sympy as sp
import torch
from sympy import Rational

from backproof_reference.derivations import dropout
from backproof_reference.derivations.dropout import PLAIN_SUM, X, d, j, k, over_features, w, y
from backproof_reference.derivations.weight_noise import alpha
from backproof_reference.derivations.weight_noise_readings import eps, noises, root_alpha
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

u = sp.IndexedBase("u")
p, row = dropout.p, dropout.i
fit, ridge = dropout.fit, dropout.penalty
Gamma = sp.IndexedBase("Gamma", positive=True)
scale_alpha = Definition(root_alpha, Rational(1, 2), alpha)
column = Definition(Gamma[j], Rational(1, 2), alpha * dropout.over_rows(X[k, j] ** 2))
BATCH = Setting(ranges=dropout.SETTING.ranges, definitions=(scale_alpha, column))
noisy_prediction = over_features(X[k, j] * w[j] * (1 + root_alpha * eps[k, j]))
BATCH_NOISE = Assumption(
    text="every entry of the noise is drawn anew for every training example, independent with mean "
    "0 and variance 1",
    kind="moment",
)
NONZERO = Assumption(text="no column of X is zero", kind="sign")


def batch_loss(values: Values, strength: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """E||y - (X * (1 + sqrt(strength) eps)) weight||^2 over all signs eps."""
    losses = []
    for signs in noises(6):
        noisy = values["X"] * (1 + strength.sqrt() * signs.reshape(2, 3))
        losses.append((values["y"] - noisy @ weight).square().sum())
    return torch.stack(losses).mean()


TIKHONOV = Derivation(
    id="weight_noise.tikhonov",
    title="Multiplicative weight noise over a data set is a Tikhonov penalty",
    claim="E||y - (X * (1 + sqrt(alpha) eps)) w||^2 = ||y - X w||^2 + ||Gamma w||^2 with Gamma_jj "
    "= sqrt(alpha (X^T X)_jj)",
    assumptions=(BATCH_NOISE, PLAIN_SUM, NONZERO),
    setting=BATCH,
    start=dropout.over_rows((y[k] - noisy_prediction) ** 2),
    steps=(
        Step(
            "expectation",
            fit(sp.S.One, w) + ridge(alpha, w),
            "E[eps] = 0 removes the cross terms",
            Expect(eps[row, j], (sp.S.Zero, sp.S.One)),
        ),
        Step(
            "Gamma",
            fit(sp.S.One, w) + over_features((Gamma[j] * w[j]) ** 2),
            "Gamma_jj^2 = alpha sum_k X_kj^2",
        ),
    ),
    mutants=(
        Mutant(
            "alpha-squared",
            "alpha is the variance of the relative noise already.",
            "expectation",
            fit(sp.S.One, w) + ridge(alpha**2, w),
        ),
        Mutant(
            "root-alpha",
            "The penalty is quadratic in the noise, so that alpha enters, not its root.",
            "expectation",
            fit(sp.S.One, w) + ridge(root_alpha, w),
        ),
        Mutant(
            "gamma-without-root",
            "Gamma is squared in the penalty, so that its entries hold the roots: Gamma_jj is not "
            "alpha (X^T X)_jj.",
            "Gamma",
            fit(sp.S.One, w) + over_features((Gamma[j] ** 2 * w[j]) ** 2),
        ),
    ),
    sizes=dropout.SIZES,
    oracle=Oracle(
        sizes={dropout.N: 2, d: 3},
        shapes={"X": (2, 3), "y": (2,), "w": (3,), "alpha": ()},
        expected=lambda values: batch_loss(values, values["alpha"], values["w"]),
    ),
)

DROPOUT = Derivation(
    id="weight_noise.as_dropout",
    title="Gaussian weight noise that equals Bernoulli dropout in the mean",
    claim="at alpha = (1 - p) / p the expected loss of v under weight noise is the expected loss "
    "of w = v / p under dropout with keep probability p",
    assumptions=(BATCH_NOISE, dropout.BERNOULLI, PLAIN_SUM),
    setting=Setting(ranges=dropout.SETTING.ranges),
    start=TIKHONOV.steps[0].expr,
    steps=(
        Step(
            "choose alpha",
            fit(sp.S.One, w) + ridge((1 - p) / p, w),
            "alpha = (1 - p) / p",
            Substitute(alpha, (1 - p) / p),
        ),
        Step(
            "dropout",
            fit(p, u) + ridge(p * (1 - p), u),
            "v_j = p u_j gives the expected loss under dropout, dropout.loss",
            Substitute(w[row], p * u[row]),
        ),
    ),
    mutants=(
        Mutant(
            "alpha-inverted",
            "Without dropout (p = 1) there is no noise: alpha vanishes there.",
            "choose alpha",
            fit(sp.S.One, w) + ridge(p / (1 - p), w),
        ),
        Mutant(
            "drop-rate",
            "The relative noise of a mask is its variance over its squared mean, not the drop "
            "rate.",
            "choose alpha",
            fit(sp.S.One, w) + ridge(1 - p, w),
        ),
        Mutant(
            "same-weights",
            "The two models agree for v = p w, not for the same weights.",
            "dropout",
            fit(p, u) + ridge((1 - p) / p, u),
        ),
    ),
    sizes=dropout.SIZES,
    oracle=Oracle(
        sizes={dropout.N: 2, d: 3},
        shapes={"X": (2, 3), "y": (2,), "u": (3,), "p": ()},
        expected=lambda values: dropout.expected_loss(values, values["u"]),
    ),
)

DERIVATIONS = (TIKHONOV, DROPOUT)
