"""Gaussian noise on the weights: two readings of its gradient, and noise that acts as dropout.

Noise that is drawn without regard to the weights is a constant when a weight is differentiated.
Noise delta_k = sqrt(alpha) w_k eps_k grows with its weight, so that the chain rule reaches it.
"""

import itertools
from collections.abc import Callable, Iterator

import sympy as sp
import torch
from sympy import Rational

from backproof_reference.derivations import dropout
from backproof_reference.derivations.weight_noise import (
    SETTING,
    SHAPES,
    SIZES,
    a,
    alpha,
    d,
    delta,
    error,
    expected_loss,
    gradient,
    i,
    j,
    over_features,
    penalty,
    target,
    w,
    x,
)
from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Differentiate,
    Expect,
    Mutant,
    Oracle,
    Setting,
    Step,
    Substitute,
    Values,
)

root_alpha = sp.Symbol("c", positive=True)
variance = sp.Symbol("nu", positive=True)
eps = sp.IndexedBase("epsilon")
WITH_ROOT = Setting(
    ranges=SETTING.ranges,
    support=SETTING.support,
    definitions=(Definition(root_alpha, Rational(1, 2), alpha),),
)
CONVENTION = Assumption(text="J carries the factor 1/2; one training example", kind="convention")
CONSTANT = Assumption(
    text="the delta_k are independent with mean 0 and variance nu, and do not depend on w",
    kind="moment",
)
STANDARD = Assumption(
    text="delta_k = sqrt(alpha) w_k eps_k with independent eps_k of mean 0 and variance 1 that do "
    "not depend on w",
    kind="moment",
)


def _noises(count: int) -> Iterator[torch.Tensor]:
    """All signs: a law of mean 0 and variance 1. J is quadratic, so only these moments enter."""
    for signs in itertools.product((-1.0, 1.0), repeat=count):
        yield torch.tensor(signs, dtype=torch.float64)


def _mean_gradient(
    values: Values, noise_of: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    """E[dJ/dw]: autograd for every draw of the noise, and then the mean."""
    found = []
    for signs in _noises(4):
        weight = values["w"].clone().requires_grad_()
        residual = values["y_0"] - (weight + noise_of(signs, weight)) @ values["x"]
        found.append(torch.autograd.grad(residual.square() / 2, weight)[0])
    return torch.stack(found).mean(dim=0)


def _mean_loss(values: Values) -> torch.Tensor:
    scale = values["nu"].sqrt()
    losses = [
        (values["y_0"] - (values["w"] + scale * signs) @ values["x"]).square() / 2
        for signs in _noises(4)
    ]
    return torch.stack(losses).mean()


noisy_error = target - over_features((w[j] + delta[j]) * x[j])
CONSTANT_GRADIENT = Derivation(
    id="weight_noise.constant_gradient",
    title="Mean gradient under noise that does not depend on the weights",
    claim="E[dJ/dw_a] = -(y - sum_k w_k x_k) x_a: constant noise leaves the mean gradient alone",
    assumptions=(CONSTANT, CONVENTION),
    setting=SETTING,
    start=noisy_error**2 / 2,
    steps=(
        Step(
            "gradient",
            -noisy_error * x[a],
            "chain rule; delta is a constant",
            Differentiate(w[a]),
        ),
        Step(
            "expectation",
            -error * x[a],
            "the gradient is linear in delta, and E[delta_k] = 0",
            Expect(delta[i], (sp.S.Zero, variance)),
        ),
    ),
    mutants=(
        Mutant(
            "sign",
            "The weights enter the residual with a minus sign.",
            "gradient",
            noisy_error * x[a],
        ),
        Mutant(
            "sign-of-mean",
            "The weights enter the residual with a minus sign.",
            "expectation",
            error * x[a],
        ),
        Mutant(
            "penalty",
            "Noise that does not depend on the weight adds nothing to the mean gradient.",
            "expectation",
            -error * x[a] + variance * w[a] * x[a] ** 2,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={d: 4},
        shapes={"w": (4,), "x": (4,), "y_0": (), "nu": ()},
        expected=lambda values: _mean_gradient(
            values, lambda signs, weight: values["nu"].sqrt() * signs
        ),
        axes=(a,),
    ),
)

CONSTANT_LOSS = Derivation(
    id="weight_noise.constant_loss",
    title="Expected loss under noise that does not depend on the weights",
    claim="E[J] = 1/2 (y - sum_k w_k x_k)^2 + 1/2 nu sum_k x_k^2: the penalty does not hold w",
    assumptions=(CONSTANT, CONVENTION),
    setting=SETTING,
    start=noisy_error**2 / 2,
    steps=(
        Step(
            "expectation",
            error**2 / 2 + variance / 2 * over_features(x[j] ** 2),
            "E[delta_k] = 0 removes the cross terms, E[delta_k^2] = nu leaves a constant",
            Expect(delta[i], (sp.S.Zero, variance)),
        ),
    ),
    mutants=(
        Mutant(
            "weight-decay",
            "Additive noise on the weights of a linear model does not shrink them: the extra term "
            "is a constant.",
            "expectation",
            error**2 / 2 + variance / 2 * over_features(w[j] ** 2),
        ),
        Mutant(
            "half-lost",
            "The factor 1/2 of J also stands before the penalty.",
            "expectation",
            error**2 / 2 + variance * over_features(x[j] ** 2),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={d: 4}, shapes={"w": (4,), "x": (4,), "y_0": (), "nu": ()}, expected=_mean_loss
    ),
)

scaled_error = target - over_features(w[j] * (1 + root_alpha * eps[j]) * x[j])
PATHWISE_GRADIENT = Derivation(
    id="weight_noise.pathwise_gradient",
    title="Mean gradient under noise that grows with the weights",
    claim="E[dJ/dw_a] = -(y - sum_k w_k x_k) x_a + alpha w_a x_a^2, the gradient of E[J]",
    assumptions=(STANDARD, CONVENTION),
    setting=WITH_ROOT,
    start=scaled_error**2 / 2,
    steps=(
        Step(
            "gradient",
            -scaled_error * (1 + root_alpha * eps[a]) * x[a],
            "w_a stands before its own noise: the chain rule gives the factor 1 + sqrt(alpha) "
            "eps_a",
            Differentiate(w[a]),
        ),
        Step(
            "expectation",
            gradient,
            "the residual and the factor share eps_a; E[eps_a^2] = 1",
            Expect(eps[i], (sp.S.Zero, sp.S.One)),
        ),
    ),
    mutants=(
        Mutant(
            "noise-constant",
            "The noise depends on the weight through its scale: it is differentiated too.",
            "gradient",
            -scaled_error * x[a],
        ),
        Mutant(
            "alpha-term-lost",
            "The residual and its derivative share the noise of w_a: their product has a mean of "
            "its own.",
            "expectation",
            -error * x[a],
        ),
        Mutant(
            "sign",
            "The weights enter the residual with a minus sign.",
            "expectation",
            error * x[a] + alpha * w[a] * x[a] ** 2,
        ),
        Mutant(
            "root-of-alpha",
            "The variance of the noise enters, which is alpha w_a^2, not its standard deviation.",
            "expectation",
            -error * x[a] + root_alpha * w[a] * x[a] ** 2,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={d: 4},
        shapes=SHAPES,
        expected=lambda values: _mean_gradient(
            values, lambda signs, weight: values["alpha"].sqrt() * signs * weight
        ),
        axes=(a,),
    ),
)

COMMUTE = Derivation(
    id="weight_noise.gradient_commutes",
    title="The mean of the gradient is the gradient of the mean",
    claim="dE[J]/dw_a equals E[dJ/dw_a] under noise delta_k = sqrt(alpha) w_k eps_k",
    assumptions=(STANDARD, CONVENTION),
    setting=WITH_ROOT,
    start=scaled_error**2 / 2,
    steps=(
        Step(
            "expectation",
            expected_loss,
            "E[eps_k] = 0 and E[eps_k^2] = 1",
            Expect(eps[i], (sp.S.Zero, sp.S.One)),
        ),
        Step(
            "gradient",
            PATHWISE_GRADIENT.steps[-1].expr,
            "chain rule on both squares; this is the expression that weight_noise."
            "pathwise_gradient reaches in the other order",
            Differentiate(w[a]),
        ),
    ),
    mutants=(
        Mutant(
            "half-lost",
            "The factor 1/2 of J also stands before the penalty.",
            "expectation",
            error**2 / 2 + alpha * penalty,
        ),
        Mutant(
            "constant-reading",
            "E[J] holds the weights in its penalty, so its gradient is not that of the loss "
            "without noise.",
            "gradient",
            CONSTANT_GRADIENT.steps[-1].expr,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={d: 4},
        shapes=SHAPES,
        expected=lambda values: _mean_gradient(
            values, lambda signs, weight: values["alpha"].sqrt() * signs * weight
        ),
        axes=(a,),
    ),
)

# --- many training examples: the noise as a Tikhonov penalty, and as dropout ----------------------

p, row = dropout.p, dropout.i
fit, ridge = dropout.fit, dropout.penalty
Gamma = sp.IndexedBase("Gamma", positive=True)
scale_alpha = Definition(root_alpha, Rational(1, 2), alpha)
column = Definition(
    Gamma[j], Rational(1, 2), alpha * dropout.over_rows(dropout.X[dropout.k, j] ** 2)
)
BATCH = Setting(ranges=dropout.SETTING.ranges, definitions=(scale_alpha, column))
noisy_prediction = dropout.over_features(
    dropout.X[dropout.k, j] * dropout.w[j] * (1 + root_alpha * eps[dropout.k, j])
)
BATCH_NOISE = Assumption(
    text="every entry of the noise is drawn anew for every training example, independent with mean "
    "0 and variance 1",
    kind="moment",
)
NONZERO = Assumption(text="no column of X is zero", kind="sign")


def batch_loss(values: Values, strength: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """E||y - (X * (1 + sqrt(strength) eps)) weight||^2 over all signs eps."""
    losses = []
    for signs in _noises(6):
        noisy = values["X"] * (1 + strength.sqrt() * signs.reshape(2, 3))
        losses.append((values["y"] - noisy @ weight).square().sum())
    return torch.stack(losses).mean()


TIKHONOV = Derivation(
    id="weight_noise.tikhonov",
    title="Multiplicative weight noise over a data set is a Tikhonov penalty",
    claim="E||y - (X * (1 + sqrt(alpha) eps)) w||^2 = ||y - X w||^2 + ||Gamma w||^2 with Gamma_jj "
    "= sqrt(alpha (X^T X)_jj)",
    assumptions=(BATCH_NOISE, dropout.PLAIN_SUM, NONZERO),
    setting=BATCH,
    start=dropout.over_rows((dropout.y[dropout.k] - noisy_prediction) ** 2),
    steps=(
        Step(
            "expectation",
            fit(sp.S.One, dropout.w) + ridge(alpha, dropout.w),
            "E[eps] = 0 removes the cross terms",
            Expect(eps[row, j], (sp.S.Zero, sp.S.One)),
        ),
        Step(
            "Gamma",
            fit(sp.S.One, dropout.w) + dropout.over_features((Gamma[j] * dropout.w[j]) ** 2),
            "Gamma_jj^2 = alpha sum_k X_kj^2",
        ),
    ),
    mutants=(
        Mutant(
            "alpha-squared",
            "alpha is the variance of the relative noise already.",
            "expectation",
            fit(sp.S.One, dropout.w) + ridge(alpha**2, dropout.w),
        ),
        Mutant(
            "root-alpha",
            "The penalty is quadratic in the noise, so that alpha enters, not its root.",
            "expectation",
            fit(sp.S.One, dropout.w) + ridge(root_alpha, dropout.w),
        ),
        Mutant(
            "gamma-without-root",
            "Gamma is squared in the penalty, so that its entries hold the roots: Gamma_jj is not "
            "alpha (X^T X)_jj.",
            "Gamma",
            fit(sp.S.One, dropout.w) + dropout.over_features((Gamma[j] ** 2 * dropout.w[j]) ** 2),
        ),
    ),
    sizes=dropout.SIZES,
    oracle=Oracle(
        sizes={dropout.N: 2, dropout.d: 3},
        shapes={"X": (2, 3), "y": (2,), "w": (3,), "alpha": ()},
        expected=lambda values: batch_loss(values, values["alpha"], values["w"]),
    ),
)

DROPOUT = Derivation(
    id="weight_noise.as_dropout",
    title="Gaussian weight noise that equals Bernoulli dropout in the mean",
    claim="at alpha = (1 - p) / p the expected loss of v under weight noise is the expected loss "
    "of w = v / p under dropout with keep probability p",
    assumptions=(BATCH_NOISE, dropout.BERNOULLI, dropout.PLAIN_SUM),
    setting=Setting(ranges=dropout.SETTING.ranges),
    start=TIKHONOV.steps[0].expr,
    steps=(
        Step(
            "choose alpha",
            fit(sp.S.One, dropout.w) + ridge((1 - p) / p, dropout.w),
            "alpha = (1 - p) / p",
            Substitute(alpha, (1 - p) / p),
        ),
        Step(
            "dropout",
            fit(p, sp.IndexedBase("u")) + ridge(p * (1 - p), sp.IndexedBase("u")),
            "v_j = p u_j gives the expected loss under dropout, dropout.loss",
            Substitute(dropout.w[row], p * sp.IndexedBase("u")[row]),
        ),
    ),
    mutants=(
        Mutant(
            "alpha-inverted",
            "Without dropout (p = 1) there is no noise: alpha vanishes there.",
            "choose alpha",
            fit(sp.S.One, dropout.w) + ridge(p / (1 - p), dropout.w),
        ),
        Mutant(
            "drop-rate",
            "The relative noise of a mask is its variance over its squared mean, not the drop "
            "rate.",
            "choose alpha",
            fit(sp.S.One, dropout.w) + ridge(1 - p, dropout.w),
        ),
        Mutant(
            "same-weights",
            "The two models agree for v = p w, not for the same weights.",
            "dropout",
            fit(p, sp.IndexedBase("u")) + ridge((1 - p) / p, sp.IndexedBase("u")),
        ),
    ),
    sizes=dropout.SIZES,
    oracle=Oracle(
        sizes={dropout.N: 2, dropout.d: 3},
        shapes={"X": (2, 3), "y": (2,), "u": (3,), "p": ()},
        expected=lambda values: dropout.expected_loss(values, values["u"]),
    ),
)

DERIVATIONS = (
    CONSTANT_GRADIENT,
    CONSTANT_LOSS,
    PATHWISE_GRADIENT,
    COMMUTE,
    TIKHONOV,
    DROPOUT,
)
