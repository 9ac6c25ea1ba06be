"""What scale and shift of batch normalisation can undo, and what a scale of the weights does."""

import sympy as sp
import torch
from sympy import Rational, Sum

from backproof_reference.derivations.batchnorm import (
    ASSUMPTIONS,
    SETTING,
    SHAPES,
    SIZES,
    a,
    beta,
    eps,
    g,
    gamma,
    i,
    m,
    mean,
    r,
    t,
    variance,
    x,
)
from backproof_reference.derivations.batchnorm_layers import (
    LAYER_SHAPES,
    LAYER_SIZES,
    ROOT,
    SUPPORT,
    F,
    X,
    dz,
    f0,
    sum_g,
    z,
)
from backproof_reference.derivations.batchnorm_properties import (
    MOVED_ROOT,
    POSITIVE_SCALE,
    mean_of,
    normalised,
    output,
    r_new,
    scale,
    two_batches,
    variance_of,
)
from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Step,
    Values,
)

deviation = sp.Symbol("s", positive=True)
centred = x[a] - mean
WITH_DEVIATION = Setting(
    ranges=SETTING.ranges,
    support=SETTING.support,
    definitions=(
        Definition(r, Rational(-1, 2), variance + eps),
        Definition(deviation, Rational(1, 2), variance + eps),
    ),
)


def _identity(values: Values) -> torch.Tensor:
    """The textbook layer with gamma and beta set to the deviation and the mean of its batch."""
    batch = values["x"]
    std = (batch.var(correction=0) + values["epsilon"]).sqrt()
    undone = normalised({**values, "gamma": std, "beta": batch.mean()}, batch, values["epsilon"])
    return undone - batch


IDENTITY = Derivation(
    id="batchnorm.identity",
    title="Scale and shift can undo batch normalisation",
    claim="with gamma = (variance + eps)^(1/2) and beta = mean the output is the input",
    assumptions=(
        *ASSUMPTIONS,
        Assumption(text="s is (variance + eps)^(1/2), and positive like r", kind="sign"),
    ),
    setting=WITH_DEVIATION,
    start=deviation * r * centred + mean - x[a],
    steps=(
        Step("collect", (deviation * r - 1) * centred, "beta puts the mean back"),
        Step(
            "squares",
            (deviation**2 * r**2 - 1) / (deviation * r + 1) * centred,
            "u - 1 = (u^2 - 1) / (u + 1) for positive u = s r",
        ),
        Step("equal", sp.S.Zero, "s^2 r^2 = (variance + eps) / (variance + eps) = 1"),
    ),
    mutants=(
        Mutant(
            "variance-for-deviation",
            "The layer divides by the root: gamma is the root as well.",
            "collect",
            (deviation**2 * r - 1) * centred,
        ),
        Mutant(
            "mean-not-put-back",
            "The layer subtracts the mean; beta has to add it.",
            "equal",
            -mean,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(sizes={m: 5}, shapes=SHAPES, expected=_identity, axes=(a,)),
)


def negated(at: Expr) -> Expr:
    """A row times -1."""
    return -x[at]


def _both_signs(values: Values) -> torch.Tensor:
    of = values["x"], -values["x"]
    outputs = [normalised(values, batch, values["epsilon"]) for batch in of]
    return outputs[0] + outputs[1] - 2 * values["beta"]


SIGN = Derivation(
    id="batchnorm.sign_flip",
    title="Batch normalisation does see the sign of its input",
    claim="the outputs y of x and y_new of -x add up to 2 beta: y_new = 2 beta - y, for every eps",
    assumptions=(*ASSUMPTIONS, MOVED_ROOT),
    setting=two_batches(variance + eps, variance_of(negated) + eps),
    start=output(negated, r_new) + output(x.__getitem__, r) - 2 * beta,
    steps=(
        Step(
            "centring",
            gamma * (r - r_new) * centred,
            "the mean of -x is minus the mean of x; beta cancels",
        ),
        Step(
            "squares",
            gamma * (r**2 - r_new**2) / (r + r_new) * centred,
            "u - v = (u^2 - v^2) / (u + v) for positive u and v",
        ),
        Step("equal", sp.S.Zero, "-x has the variance of x, so that r_new^2 = r^2"),
    ),
    mutants=(
        Mutant(
            "sign-not-seen",
            "The deviation is positive: it cannot take the sign away.",
            "centring",
            gamma * (r + r_new) * centred,
        ),
        Mutant("beta-flips", "beta is added after the sign.", "equal", -2 * beta),
    ),
    sizes=SIZES,
    oracle=Oracle(sizes={m: 5}, shapes=SHAPES, expected=_both_signs, axes=(a,)),
)


def scaled_z(at: Expr) -> Expr:
    """A row of the linear layer with weights c w."""
    return scale * z(at)


def scaled_z_hat(at: Expr) -> Expr:
    """Its normalised value, with the inverse deviation r / c."""
    return r / scale * (scaled_z(at) - mean_of(scaled_z))


def scaled_dz(at: Expr) -> Expr:
    """``batchnorm.dx`` at c z."""
    inner = Sum(g[i] * scaled_z_hat(i), (i, 0, m - 1))
    return gamma * (r / scale) / m * (m * g[at] - sum_g - scaled_z_hat(at) * inner)


def _scaled_weight_gradient(values: Values) -> torch.Tensor:
    """dL/d(c w) by autograd, in the layer whose eps is scaled as well."""
    weight = (values["c"] * values["w"]).requires_grad_()
    out = normalised(values, values["X"] @ weight, values["c"].square() * values["epsilon"])
    return torch.autograd.grad(out, weight, values["g"])[0]


WEIGHTS = Derivation(
    id="batchnorm.scaled_weight_gradient",
    title="The gradient of the weights shrinks where the weights grow",
    claim="the weight gradient at the weights c w is 1/c times the one at w",
    assumptions=(
        *ASSUMPTIONS,
        POSITIVE_SCALE,
        Assumption(
            text="the inverse deviation of c z is r / c, as batchnorm.scale_invariance shows "
            "(eps scaled by c^2, or eps -> 0)",
            kind="convention",
        ),
    ),
    setting=Setting(ranges={f0: (sp.S.Zero, F - 1)}, support=SUPPORT, definitions=(ROOT,)),
    start=Sum(X[t, f0] * scaled_dz(t), (t, 0, m - 1)),
    steps=(
        Step(
            "gradient",
            Sum(X[t, f0] * dz(t), (t, 0, m - 1)) / scale,
            "the normalised values are the same, and the outer factor is divided by c",
        ),
    ),
    mutants=(
        Mutant(
            "unchanged",
            "The output does not change, but its gradient does: it is divided by the scale.",
            "gradient",
            Sum(X[t, f0] * dz(t), (t, 0, m - 1)),
        ),
        Mutant(
            "squared",
            "One factor 1/c comes from the deviation; the normalised values have none.",
            "gradient",
            Sum(X[t, f0] * dz(t), (t, 0, m - 1)) / scale**2,
        ),
    ),
    sizes=LAYER_SIZES,
    oracle=Oracle(
        sizes={m: 5, F: 3},
        shapes={**LAYER_SHAPES, "c": ()},
        expected=_scaled_weight_gradient,
        axes=(f0,),
    ),
)

DERIVATIONS = (IDENTITY, SIGN, WEIGHTS)
