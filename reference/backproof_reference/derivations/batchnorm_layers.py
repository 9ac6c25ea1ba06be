"""Batch normalisation behind a linear layer, and in inference mode."""

import sympy as sp
import torch
from sympy import Rational, Sum

from backproof_reference.derivations.batchnorm import (
    ASSUMPTIONS,
    SETTING,
    a,
    beta,
    eps,
    g,
    gamma,
    i,
    m,
    r,
    t,
)
from backproof_reference.derivations.batchnorm_properties import (
    MOVED_ROOT,
    mean_of,
    normalised,
    output,
    r_new,
    variance_of,
)
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

F = sp.Symbol("F", integer=True, positive=True)
f, f0 = sp.symbols("f f0", integer=True)
bias = sp.Symbol("b", real=True)
X, w, x = sp.IndexedBase("X"), sp.IndexedBase("w"), sp.IndexedBase("x")
SUPPORT = {"X": (m, F), "w": (F,), "g": (m,)}
LAYER_SIZES: tuple[Sizes, ...] = ({m: 2, F: 1}, {m: 2, F: 2}, {m: 3, F: 2})
LAYER_SHAPES: dict[str, tuple[int, ...]] = {
    "X": (5, 3),
    "w": (3,),
    "g": (5,),
    "gamma": (),
    "beta": (),
    "epsilon": (),
}


def z(at: Expr) -> Expr:
    """A row of the linear layer, without bias."""
    return Sum(X[at, f] * w[f], (f, 0, F - 1))


def z_with_bias(at: Expr) -> Expr:
    """A row of the linear layer, with bias."""
    return z(at) + bias


def z_hat(at: Expr) -> Expr:
    """The normalised output of the linear layer."""
    return r * (z(at) - mean_of(z))


sum_g = Sum(g[i], (i, 0, m - 1))
sum_g_z_hat = Sum(g[i] * z_hat(i), (i, 0, m - 1))


def dz(at: Expr) -> Expr:
    """The gradient with respect to one output of the linear layer: ``batchnorm.dx`` at z."""
    return gamma * r / m * (m * g[at] - sum_g - z_hat(at) * sum_g_z_hat)


def layer_setting(*definitions: Definition) -> Setting:
    """The free row a, and named roots."""
    return Setting(ranges=SETTING.ranges, support=SUPPORT, definitions=definitions)


ROOT = Definition(r, Rational(-1, 2), variance_of(z) + eps)
NO_EPS = Definition(r, Rational(-1, 2), variance_of(z))
LINEAR = Assumption(text="the input of the layer is z_i = sum_f X_if w_f", kind="convention")


def _bias_difference(values: Values) -> torch.Tensor:
    rows = values["X"] @ values["w"]
    after = normalised(values, rows + values["b"], values["epsilon"])
    return after - normalised(values, rows, values["epsilon"])


BIAS = Derivation(
    id="batchnorm.bias_before",
    title="A bias before batch normalisation has no effect",
    claim="the outputs for X w + b and for X w are equal",
    assumptions=(*ASSUMPTIONS, LINEAR, MOVED_ROOT),
    setting=layer_setting(ROOT, Definition(r_new, Rational(-1, 2), variance_of(z_with_bias) + eps)),
    start=output(z_with_bias, r_new) - output(z, r),
    steps=(
        Step(
            "centring",
            gamma * (r_new - r) * (z(a) - mean_of(z)),
            "the bias is in the mean as well: it cancels",
        ),
        Step(
            "squares",
            gamma * (r_new**2 - r**2) / (r_new + r) * (z(a) - mean_of(z)),
            "u - v = (u^2 - v^2) / (u + v) for positive u and v",
        ),
        Step("equal", sp.S.Zero, "the bias leaves the variance alone, so that r_new^2 = r^2"),
    ),
    mutants=(
        Mutant(
            "bias-needed",
            "The layer subtracts the mean, and the bias with it; beta takes its place.",
            "equal",
            gamma * r * bias,
        ),
        Mutant(
            "beta-redundant",
            "beta is added after the normalisation: it is not redundant.",
            "equal",
            -beta,
        ),
    ),
    sizes=LAYER_SIZES,
    oracle=Oracle(
        sizes={m: 5, F: 3},
        shapes={**LAYER_SHAPES, "b": ()},
        expected=_bias_difference,
        axes=(a,),
    ),
)


def _gradients(values: Values, with_eps: bool = True) -> tuple[torch.Tensor, torch.Tensor]:
    """Gradients by autograd with respect to the weights and a bias of zero."""
    weight = values["w"].clone().requires_grad_()
    offset = torch.zeros((), dtype=torch.float64, requires_grad=True)
    rows = values["X"] @ weight + offset
    size = values["epsilon"] if with_eps else torch.zeros((), dtype=torch.float64)
    out = normalised(values, rows, size)
    by_weight, by_bias = torch.autograd.grad(out, (weight, offset), values["g"])
    return by_weight, by_bias


BIAS_GRADIENT = Derivation(
    id="batchnorm.bias_gradient",
    title="A bias before batch normalisation has no gradient",
    claim="dL/db = sum_i dz_i = 0",
    assumptions=(*ASSUMPTIONS, LINEAR),
    setting=layer_setting(ROOT),
    start=Sum(dz(t), (t, 0, m - 1)),
    steps=(Step("zero", sp.S.Zero, "the deviations from the mean add up to zero"),),
    mutants=(
        Mutant(
            "sum-of-upstream",
            "The gradient of the bias is the sum of dz, not of the gradient behind the layer.",
            "zero",
            sum_g,
        ),
        Mutant(
            "mean-constant",
            "Without the path through the mean the bias would have a gradient.",
            "zero",
            gamma * r * sum_g,
        ),
    ),
    sizes=LAYER_SIZES,
    oracle=Oracle(
        sizes={m: 5, F: 3}, shapes=LAYER_SHAPES, expected=lambda values: _gradients(values)[1]
    ),
)

dw_w = Sum(w[f0] * Sum(dz(t) * X[t, f0], (t, 0, m - 1)), (f0, 0, F - 1))
ORTHOGONAL_EPS = Derivation(
    id="batchnorm.weight_gradient_along_weights",
    title="How much of the weight gradient points along the weights",
    claim="sum_f w_f dL/dw_f = gamma r^2 eps sum_i g_i z_hat_i",
    assumptions=(*ASSUMPTIONS, LINEAR),
    setting=layer_setting(ROOT),
    start=dw_w,
    steps=(
        Step(
            "through the layer",
            Sum(dz(t) * z(t), (t, 0, m - 1)),
            "dL/dw_f = sum_i dz_i X_if, and sum_f X_if w_f = z_i",
        ),
        Step(
            "remainder",
            gamma * r**2 * eps * sum_g_z_hat,
            "z_i = z_hat_i / r + mean, sum_i dz_i = 0 and sum_i z_hat_i^2 = m (1 - r^2 eps)",
        ),
    ),
    mutants=(
        Mutant(
            "exactly-orthogonal",
            "With eps the output depends a little on the scale of the weights.",
            "remainder",
            sp.S.Zero,
        ),
        Mutant(
            "eps-path-lost",
            "The variance path takes away all but the share eps / (variance + eps).",
            "remainder",
            gamma * sum_g_z_hat,
        ),
    ),
    sizes=LAYER_SIZES,
    oracle=Oracle(
        sizes={m: 5, F: 3},
        shapes=LAYER_SHAPES,
        expected=lambda values: _gradients(values)[0] @ values["w"],
    ),
)

ORTHOGONAL = Derivation(
    id="batchnorm.weight_gradient_orthogonal",
    title="Without eps the weight gradient is orthogonal to the weights",
    claim="sum_f w_f dL/dw_f = 0",
    assumptions=(
        *ASSUMPTIONS[:1],
        *ASSUMPTIONS[2:],
        LINEAR,
        Assumption(text="eps = 0 and the variance of z is positive", kind="sign"),
    ),
    setting=layer_setting(NO_EPS),
    start=dw_w,
    steps=(
        Step(
            "through the layer",
            Sum(dz(t) * z(t), (t, 0, m - 1)),
            "dL/dw_f = sum_i dz_i X_if, and sum_f X_if w_f = z_i",
        ),
        Step(
            "zero",
            sp.S.Zero,
            "z_i = z_hat_i / r + mean; sum_i dz_i = 0 and sum_i dz_i z_hat_i = 0",
        ),
    ),
    mutants=(
        Mutant(
            "variance-constant",
            "The path through the variance takes the part along the weights away.",
            "zero",
            gamma * sum_g_z_hat,
        ),
        Mutant(
            "both-paths-constant",
            "Mean and variance move with the weights: both paths are missing.",
            "zero",
            gamma * r * Sum(g[i] * z(i), (i, 0, m - 1)),
        ),
    ),
    sizes=LAYER_SIZES[1:],
    oracle=Oracle(
        sizes={m: 5, F: 3},
        shapes=LAYER_SHAPES,
        expected=lambda values: _gradients(values, with_eps=False)[0] @ values["w"],
    ),
)

# --- inference mode -------------------------------------------------------------------------------

stored_mean = sp.Symbol("mu", real=True)
stored_variance, slope = sp.symbols("v w_f", positive=True)
n = sp.Symbol("n", integer=True, positive=True)
INFERENCE = Setting(
    ranges={a: (sp.S.Zero, n - 1)},
    support={"x": (n,), "g": (n,)},
    definitions=(Definition(r, Rational(-1, 2), stored_variance + eps),),
)
STORED = (
    Assumption(
        text="mean and variance are stored numbers, not those of the batch", kind="convention"
    ),
    Assumption(text="r = (v + eps)^(-1/2) with the stored variance v > 0", kind="sign"),
    Assumption(text="g_i = dL/dy_i is held fixed", kind="convention"),
)
INFERENCE_SIZES: tuple[Sizes, ...] = ({n: 1}, {n: 2}, {n: 4})
INFERENCE_SHAPES: dict[str, tuple[int, ...]] = {
    "x": (4,),
    "g": (4,),
    "gamma": (),
    "beta": (),
    "epsilon": (),
    "mu": (),
    "v": (),
}


def _inference(values: Values, rows: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.batch_norm(
        rows.unsqueeze(1),
        values["mu"].reshape(1),
        values["v"].reshape(1),
        values["gamma"].reshape(1),
        values["beta"].reshape(1),
        training=False,
        eps=values["epsilon"].item(),
    ).squeeze(1)


def _inference_gradient(values: Values) -> torch.Tensor:
    rows = values["x"].clone().requires_grad_()
    return torch.autograd.grad(_inference(values, rows), rows, values["g"])[0]


INFERENCE_DX = Derivation(
    id="batchnorm.inference_dx",
    title="Input gradient of batch normalisation in inference mode",
    claim="dx_a = gamma r g_a",
    assumptions=STORED,
    setting=INFERENCE,
    start=Sum(g[i] * (gamma * r * (x[i] - stored_mean) + beta), (i, 0, n - 1)),
    steps=(
        Step(
            "gradient",
            gamma * r * g[a],
            "the layer is an affine function of each row: no path through mean or variance",
            Differentiate(x[a]),
        ),
    ),
    mutants=(
        Mutant(
            "training-formula",
            "In inference mode the mean is a stored number: rows do not interact.",
            "gradient",
            gamma * r * (g[a] - Sum(g[i], (i, 0, n - 1)) / n),
        ),
        Mutant(
            "gamma-missing",
            "The scale gamma stands between the normalised input and the output.",
            "gradient",
            r * g[a],
        ),
        Mutant(
            "variance-for-deviation",
            "The layer divides by the deviation, not by the variance.",
            "gradient",
            gamma * r**2 * g[a],
        ),
    ),
    sizes=INFERENCE_SIZES,
    oracle=Oracle(sizes={n: 4}, shapes=INFERENCE_SHAPES, expected=_inference_gradient, axes=(a,)),
)

FOLDING = Derivation(
    id="batchnorm.inference_affine",
    title="Batch normalisation in inference mode is one multiplication and one addition",
    claim="y_a = (gamma r) x_a + (beta - gamma r mu)",
    assumptions=STORED[:2],
    setting=INFERENCE,
    start=gamma * (r * (x[a] - stored_mean)) + beta,
    steps=(
        Step(
            "folded",
            (gamma * r) * x[a] + (beta - gamma * r * stored_mean),
            "multiply out; both brackets are known before any input is seen",
        ),
    ),
    mutants=(
        Mutant(
            "mean-not-scaled",
            "The mean is subtracted before the division, so it is divided too.",
            "folded",
            gamma * r * x[a] + beta - stored_mean,
        ),
        Mutant(
            "beta-scaled",
            "beta is added at the end: gamma does not act on it.",
            "folded",
            gamma * r * x[a] + gamma * (beta - r * stored_mean),
        ),
    ),
    sizes=INFERENCE_SIZES,
    oracle=Oracle(
        sizes={n: 4},
        shapes=INFERENCE_SHAPES,
        expected=lambda values: _inference(values, values["x"]),
        axes=(a,),
    ),
)

DERIVATIONS = (BIAS, BIAS_GRADIENT, ORTHOGONAL_EPS, ORTHOGONAL, INFERENCE_DX, FOLDING)
