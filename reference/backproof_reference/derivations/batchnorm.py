"""Batch normalisation in training mode: the gradients, and what they sum to.

One feature is followed through the batch; features do not interact. The loss is any function of
the outputs: only its gradient g_i = dL/dy_i enters, so L = sum_i g_i y_i stands for all of them.
"""

import sympy as sp
import torch
from sympy import Rational, Sum

from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Differentiate,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Sizes,
    Step,
    Values,
)

m = sp.Symbol("m", integer=True, positive=True)
a, i, j, k, t = sp.symbols("a i j k t", integer=True)
gamma, beta = sp.symbols("gamma beta", real=True)
r, eps = sp.symbols("r epsilon", positive=True)
x, g = sp.IndexedBase("x"), sp.IndexedBase("g")

mean = Sum(x[k], (k, 0, m - 1)) / m
variance = Sum((x[j] - mean) ** 2, (j, 0, m - 1)) / m
loss = Sum(g[i] * (gamma * r * (x[i] - mean) + beta), (i, 0, m - 1))
sum_g = Sum(g[i], (i, 0, m - 1))
variance_slope = 2 / m * (x[a] - mean)


def x_hat(at: Expr) -> Expr:
    """The normalised input of one row."""
    return r * (x[at] - mean)


sum_g_x_hat = Sum(g[i] * x_hat(i), (i, 0, m - 1))


def dx(at: Expr) -> Expr:
    """The claimed gradient of the loss with respect to one row."""
    return gamma * r / m * (m * g[at] - sum_g - x_hat(at) * sum_g_x_hat)


SETTING = Setting(
    ranges={a: (sp.S.Zero, m - 1)},
    support={"x": (m,), "g": (m,)},
    definitions=(Definition(r, Rational(-1, 2), variance + eps),),
)
ASSUMPTIONS = (
    Assumption(
        text="the batch has m >= 2 rows", kind="range", holds=lambda sizes: bool(sizes[m] >= 2)
    ),
    Assumption(text="r = (variance + eps)^(-1/2) with variance + eps > 0", kind="sign"),
    Assumption(text="biased variance: the sum of squares is divided by m", kind="convention"),
    Assumption(text="g_i = dL/dy_i is held fixed", kind="convention"),
)
SIZES: tuple[Sizes, ...] = ({m: 2}, {m: 3}, {m: 5})
SHAPES: dict[str, tuple[int, ...]] = {"x": (5,), "g": (5,), "gamma": (), "beta": (), "epsilon": ()}


def _gradient(name: str) -> Oracle:
    """Autograd through the textbook forward pass."""

    def expected(values: Values) -> torch.Tensor:
        leaf = {key: value.clone().requires_grad_() for key, value in values.items()}
        centred = leaf["x"] - leaf["x"].mean()
        std = (leaf["x"].var(correction=0) + leaf["epsilon"]).sqrt()
        out = leaf["gamma"] * centred / std + leaf["beta"]
        return torch.autograd.grad(out, leaf[name], leaf["g"])[0]

    axes = (a,) if name == "x" else ()
    return Oracle(sizes={m: 5}, shapes=SHAPES, expected=expected, axes=axes)


def _variance_gradient(values: Values) -> torch.Tensor:
    leaf = values["x"].clone().requires_grad_()
    return torch.autograd.grad(leaf.var(correction=0), leaf)[0]


def _weighted_sum(values: Values) -> torch.Tensor:
    """sum_i dx_i x_hat_i with dx from autograd."""
    centred = values["x"] - values["x"].mean()
    std = (values["x"].var(correction=0) + values["epsilon"]).sqrt()
    return (_gradient("x").expected(values) * centred / std).sum()


VARIANCE = Derivation(
    id="batchnorm.variance",
    title="Gradient of the batch variance",
    claim="d variance / dx_a = 2 (x_a - mean) / m",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=variance,
    steps=(
        Step(
            "gradient",
            variance_slope,
            "product rule; the path through the mean vanishes because sum_i (x_i - mean) = 0",
            Differentiate(x[a]),
        ),
    ),
    mutants=(
        Mutant(
            "unbiased",
            "The variance inside the layer is divided by m, not by m - 1.",
            "gradient",
            2 / (m - 1) * (x[a] - mean),
        ),
        Mutant("uncentred", "The deviation is from the batch mean.", "gradient", 2 / m * x[a]),
    ),
    sizes=SIZES,
    oracle=Oracle(sizes={m: 5}, shapes={"x": (5,)}, expected=_variance_gradient, axes=(a,)),
)

DX = Derivation(
    id="batchnorm.dx",
    title="Input gradient of batch normalisation",
    claim="dx_a = gamma r / m (m g_a - sum_i g_i - x_hat_a sum_i g_i x_hat_i)",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(
        Step(
            "chain rule",
            gamma * r * (g[a] - sum_g / m)
            - gamma * r**3 / 2 * variance_slope * Sum(g[i] * (x[i] - mean), (i, 0, m - 1)),
            "direct, mean and variance path; dr/dx_a = -r^3/2 dvariance/dx_a",
            Differentiate(x[a]),
        ),
        Step("closed form", dx(a), "x_hat_i = r (x_i - mean)"),
    ),
    mutants=(
        Mutant(
            "variance-constant",
            "The variance depends on every input: its path is missing.",
            "closed form",
            gamma * r / m * (m * g[a] - sum_g),
        ),
        Mutant(
            "mean-constant",
            "The mean depends on every input: its path is missing.",
            "closed form",
            gamma * r / m * (m * g[a] - x_hat(a) * sum_g_x_hat),
        ),
        Mutant(
            "gamma-missing",
            "The scale gamma stands between the normalised input and the output.",
            "closed form",
            dx(a) / gamma,
        ),
        Mutant(
            "unbiased",
            "The layer divides the sum of squares by m, so the variance path is divided by m too.",
            "closed form",
            gamma * r * (g[a] - sum_g / m - x_hat(a) * sum_g_x_hat / (m - 1)),
        ),
        Mutant(
            "variance-for-deviation",
            "The deviation divides the input: the gradient carries 1/s, not 1/s^2.",
            "closed form",
            r * dx(a),
        ),
        Mutant(
            "own-row-only",
            "Mean and variance are shared: the gradient of one row sums over the whole batch, and "
            "the variance enters with the power -3/2.",
            "closed form",
            gamma * r * g[a] * (1 + 2 / m * (x[a] - mean) - 1 / m),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("x"),
)

DGAMMA = Derivation(
    id="batchnorm.dgamma",
    title="Scale gradient of batch normalisation",
    claim="dgamma = sum_i g_i x_hat_i",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(Step("gradient", sum_g_x_hat, "the output is linear in gamma", Differentiate(gamma)),),
    mutants=(
        Mutant(
            "raw-input",
            "gamma multiplies the normalised input, not the raw one.",
            "gradient",
            Sum(g[i] * x[i], (i, 0, m - 1)),
        ),
        Mutant(
            "not-scaled",
            "Centring is half of the normalisation: the division by the deviation is missing.",
            "gradient",
            sum_g_x_hat / r,
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("gamma"),
)

DBETA = Derivation(
    id="batchnorm.dbeta",
    title="Shift gradient of batch normalisation",
    claim="dbeta = sum_i g_i",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(Step("gradient", sum_g, "beta is added to every row", Differentiate(beta)),),
    mutants=(
        Mutant("mean", "The rows add up; they are not averaged.", "gradient", sum_g / m),
        Mutant("scaled", "gamma does not act on beta.", "gradient", gamma * sum_g),
    ),
    sizes=SIZES,
    oracle=_gradient("beta"),
)

SUM_DX = Derivation(
    id="batchnorm.sum_dx",
    title="The input gradient sums to zero over the batch",
    claim="sum_a dx_a = 0",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=Sum(dx(t), (t, 0, m - 1)),
    steps=(Step("zero", sp.S.Zero, "adding a constant to every row leaves the output unchanged"),),
    mutants=(
        Mutant(
            "mean-constant",
            "Without the path through the mean the gradient sums to gamma r sum_i g_i.",
            "zero",
            gamma * r * sum_g,
        ),
        Mutant(
            "upstream-sum",
            "The input gradient sums to zero, not to the sum of the output gradient.",
            "zero",
            sum_g,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={m: 5}, shapes=SHAPES, expected=lambda values: _gradient("x").expected(values).sum()
    ),
)

SUM_DX_X_HAT = Derivation(
    id="batchnorm.sum_dx_x_hat",
    title="The input gradient is almost orthogonal to the normalised input",
    claim="sum_a dx_a x_hat_a = gamma r^3 eps sum_i g_i x_hat_i, that is gamma / s sum_i g_i "
    "x_hat_i times eps / (variance + eps) with the deviation s = 1 / r",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=Sum(dx(t) * x_hat(t), (t, 0, m - 1)),
    steps=(
        Step(
            "remainder",
            gamma * r**3 * eps * sum_g_x_hat,
            "sum_i x_hat_i^2 = m r^2 variance, and r^2 (variance + eps) = 1",
        ),
    ),
    mutants=(
        Mutant(
            "exactly-orthogonal",
            "Scaling the batch changes the output a little, because eps does not scale.",
            "remainder",
            sp.S.Zero,
        ),
        Mutant(
            "variance-constant",
            "Without the path through the variance nothing would be subtracted.",
            "remainder",
            gamma * r * sum_g_x_hat,
        ),
    ),
    sizes=({m: 2}, {m: 3}),
    oracle=Oracle(sizes={m: 5}, shapes=SHAPES, expected=_weighted_sum),
)

DERIVATIONS = (VARIANCE, DX, DGAMMA, DBETA, SUM_DX, SUM_DX_X_HAT)
