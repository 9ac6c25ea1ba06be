"""Multiplicative noise on the weights of a linear model: the expected loss and its gradient."""

import itertools

import sympy as sp
import torch
from sympy import Sum

from backproof_reference.prove import (
    Assumption,
    Derivation,
    Differentiate,
    Expect,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Sizes,
    Step,
    Values,
)

d = sp.Symbol("d", integer=True, positive=True)
a, i, j = sp.symbols("a i j", integer=True)
alpha = sp.Symbol("alpha", positive=True)
target = sp.Symbol("y_0", real=True)
w, x, delta = sp.IndexedBase("w"), sp.IndexedBase("x"), sp.IndexedBase("delta")
SETTING = Setting(ranges={a: (sp.S.Zero, d - 1)}, support={"w": (d,), "x": (d,)})


def over_features(body: Expr) -> Expr:
    """The sum over all features j."""
    return Sum(body, (j, 0, d - 1))


def _over_signs(values: Values) -> torch.Tensor:
    """E[J] with delta_k = +-sqrt(alpha) w_k, which has the mean and variance of the noise.

    J is quadratic in delta, so only these two moments enter.
    """
    size = values["w"].numel()
    losses = []
    for signs in itertools.product((-1.0, 1.0), repeat=size):
        noise = torch.tensor(signs, dtype=torch.float64) * values["alpha"].sqrt() * values["w"]
        error = values["y_0"] - (values["w"] + noise) @ values["x"]
        losses.append(error.square() / 2)
    return torch.stack(losses).mean()


def _over_signs_gradient(values: Values) -> torch.Tensor:
    weight = values["w"].clone().requires_grad_()
    return torch.autograd.grad(_over_signs({**values, "w": weight}), weight)[0]


SHAPES: dict[str, tuple[int, ...]] = {"w": (4,), "x": (4,), "y_0": (), "alpha": ()}
SIZES: tuple[Sizes, ...] = ({d: 1}, {d: 2}, {d: 4})
ASSUMPTIONS = (
    Assumption(
        text="the delta_k are independent with mean 0 and variance alpha w_k^2 (the law beyond "
        "its second moment does not enter)",
        kind="moment",
    ),
    Assumption(text="J carries the factor 1/2; one training example", kind="convention"),
)
error = target - over_features(w[j] * x[j])
penalty = over_features(w[j] ** 2 * x[j] ** 2)
expected_loss = error**2 / 2 + alpha / 2 * penalty
LOSS = Derivation(
    id="weight_noise.loss",
    title="Expected loss under multiplicative weight noise",
    claim="E[J] = 1/2 (y - sum_k w_k x_k)^2 + 1/2 alpha sum_k w_k^2 x_k^2",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=(target - over_features((w[j] + delta[j]) * x[j])) ** 2 / 2,
    steps=(
        Step(
            "expectation",
            expected_loss,
            "E[delta_k] = 0 removes the cross terms, E[delta_k^2] = alpha w_k^2 leaves the penalty",
            Expect(delta[i], (sp.S.Zero, alpha * w[i] ** 2)),
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
            "alpha-squared",
            "alpha is already the variance of the relative noise.",
            "expectation",
            error**2 / 2 + alpha**2 / 2 * penalty,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(sizes={d: 4}, shapes=SHAPES, expected=_over_signs),
)

gradient = -error * x[a] + alpha * w[a] * x[a] ** 2
GRADIENT = Derivation(
    id="weight_noise.gradient",
    title="Gradient of the expected loss under multiplicative weight noise",
    claim="dE[J]/dw_a = -(y - sum_k w_k x_k) x_a + alpha w_a x_a^2",
    assumptions=(
        *ASSUMPTIONS,
        Assumption(text="pathwise: the noise depends on w through its scale", kind="convention"),
    ),
    setting=SETTING,
    start=expected_loss,
    steps=(Step("gradient", gradient, "chain rule on both squares", Differentiate(w[a])),),
    mutants=(
        Mutant(
            "sign",
            "The residual enters with a minus sign.",
            "gradient",
            error * x[a] + alpha * w[a] * x[a] ** 2,
        ),
        Mutant(
            "noise-constant",
            "The size of the noise depends on the weight, so it is differentiated too.",
            "gradient",
            -error * x[a],
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(sizes={d: 4}, shapes=SHAPES, expected=_over_signs_gradient, axes=(a,)),
)

DERIVATIONS = (LOSS, GRADIENT)
