"""Gaussian noise on the weights: the two readings of its gradient.

Noise that is drawn without regard to the weights is a constant when a weight is differentiated.
Noise delta_k = sqrt(alpha) w_k eps_k grows with its weight, so that the chain rule reaches it.
"""

import itertools
from collections.abc import Callable, Iterator

import sympy as sp
import torch
from sympy import Rational

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


def noises(count: int) -> Iterator[torch.Tensor]:
    """All signs: a law of mean 0 and variance 1. J is quadratic, so only these moments enter."""
    for signs in itertools.product((-1.0, 1.0), repeat=count):
        yield torch.tensor(signs, dtype=torch.float64)


def _mean_gradient(
    values: Values, noise_of: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    """E[dJ/dw]: autograd for every draw of the noise, and then the mean."""
    found = []
    for signs in noises(4):
        weight = values["w"].clone().requires_grad_()
        residual = values["y_0"] - (weight + noise_of(signs, weight)) @ values["x"]
        found.append(torch.autograd.grad(residual.square() / 2, weight)[0])
    return torch.stack(found).mean(dim=0)


def _mean_loss(values: Values) -> torch.Tensor:
    scale = values["nu"].sqrt()
    losses = [
        (values["y_0"] - (values["w"] + scale * signs) @ values["x"]).square() / 2
        for signs in noises(4)
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

DERIVATIONS = (CONSTANT_GRADIENT, CONSTANT_LOSS, PATHWISE_GRADIENT, COMMUTE)
