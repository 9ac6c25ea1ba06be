"""Softmax and cross-entropy: derivatives and shift invariance.

e_ik = exp(z_ik), r_i = 1 / sum_k e_ik and L_i = log(sum_k e_ik), so that softmax is p_ik = e_ik r_i
and -log p_ik = L_i - z_ik. The targets y_i may be one-hot or any weights that sum to 1.
"""

from collections.abc import Callable

import sympy as sp
import torch
from sympy import KroneckerDelta, Sum
from torch.nn import functional

from backproof_reference.derivations.conv import upto
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
    Substitute,
    Values,
    exponential,
    logarithm,
)

N, C = sp.symbols("N C", integer=True, positive=True)
i, k, l, i0, a, b = sp.symbols("i k l i0 a b", integer=True)  # noqa: E741 (an index)
z, y, t, L = (sp.IndexedBase(name) for name in ("z", "y", "t", "L"))
e, r, p, shifted = (sp.IndexedBase(name, positive=True) for name in ("e", "r", "p", "r_shifted"))
E = sp.Symbol("E", positive=True)

RANGES = {i0: (sp.S.Zero, N - 1), a: (sp.S.Zero, C - 1), b: (sp.S.Zero, C - 1)}
RECIPROCAL = Definition(r[i], sp.S.NegativeOne, Sum(e[i, k], upto(k, C)))
SETTING = Setting(
    ranges=RANGES,
    definitions=(
        Definition(t[i], sp.S.One, Sum(y[i, k], upto(k, C))),
        exponential(e[i, k], z[i, k]),
        RECIPROCAL,
        logarithm(L[i], RECIPROCAL),
        Definition(p[i, k], sp.S.One, e[i, k] * r[i]),
    ),
    one_hot="y",
)
SIZES: tuple[Sizes, ...] = ({N: 1, C: 2}, {N: 2, C: 3}, {N: 1, C: 4})
ORACLE_SIZES: Sizes = {N: 3, C: 4}
SHAPES: dict[str, tuple[int, ...]] = {"z": (3, 4), "y": (3, 4)}
NAMES = Assumption(
    text="e = exp(z), r = 1 / sum e and L = log(sum e), so that softmax is p = e r and "
    "-log p = L - z",
    kind="convention",
)
TARGETS = Assumption(
    text="the targets of every example sum to 1 (one-hot labels, or smoothed ones)",
    kind="convention",
)
MEAN = Assumption(text="the loss is the mean over the N examples", kind="convention")
ONE_TARGET = Substitute(t[i], sp.S.One)


def over_classes(body: Expr) -> Expr:
    """The sum over all classes k."""
    return Sum(body, upto(k, C))


def targets_of(values: Values) -> Values:
    """Weights that are not negative and sum to 1 for every example."""
    weights = values["y"].abs()
    return {**values, "y": weights / weights.sum(dim=1, keepdim=True)}


def slopes_of(function: Callable[[torch.Tensor], torch.Tensor], at: torch.Tensor) -> torch.Tensor:
    """The Jacobian by autograd, one output after the other."""
    leaf = at.clone().requires_grad_()
    parts = function(leaf).unbind()
    return torch.stack([torch.autograd.grad(part, leaf, retain_graph=True)[0] for part in parts])


def curvature_of(
    function: Callable[[torch.Tensor], torch.Tensor], at: torch.Tensor
) -> torch.Tensor:
    """The Hessian by autograd."""

    def slope(x: torch.Tensor) -> torch.Tensor:
        return torch.autograd.grad(function(x), x, create_graph=True)[0]

    return slopes_of(slope, at)


def _jacobian(values: Values) -> torch.Tensor:
    return torch.stack([slopes_of(lambda x: torch.softmax(x, dim=0), row) for row in values["z"]])


same = KroneckerDelta(a, b)
JACOBIAN = Derivation(
    id="softmax.jacobian",
    title="Derivative of softmax",
    claim="dp_a/dz_b = p_a (delta_ab - p_b)",
    assumptions=(NAMES,),
    setting=SETTING,
    start=e[i0, a] * r[i0],
    steps=(
        Step(
            "quotient rule",
            same * e[i0, a] * r[i0] - e[i0, a] * e[i0, b] * r[i0] ** 2,
            "de_a/dz_b = delta_ab e_a, and dr/dz_b = -r^2 e_b: each logit enters every probability",
            Differentiate(z[i0, b]),
        ),
        Step("probabilities", p[i0, a] * (same - p[i0, b]), "e r = p"),
    ),
    mutants=(
        Mutant(
            "diagonal-only",
            "The sum in the denominator couples all classes: the others' derivative is -p_a p_b.",
            "probabilities",
            same * p[i0, a] * (1 - p[i0, b]),
        ),
        Mutant(
            "denominator-constant",
            "The denominator depends on every logit.",
            "probabilities",
            same * p[i0, a],
        ),
        Mutant(
            "sign",
            "A larger logit takes probability from the other classes.",
            "probabilities",
            p[i0, a] * (same + p[i0, b]),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(sizes=ORACLE_SIZES, shapes=SHAPES, expected=_jacobian, axes=(i0, a, b)),
)


def _cross_entropy_gradient(values: Values) -> torch.Tensor:
    """Autograd through torch's cross-entropy with class probabilities."""
    leaf = values["z"].clone().requires_grad_()
    return torch.autograd.grad(functional.cross_entropy(leaf, values["y"]), leaf)[0]


gradient = (p[i0, a] - y[i0, a]) / N
GRADIENT = Derivation(
    id="softmax.cross_entropy_gradient",
    title="Gradient of softmax cross-entropy",
    claim="dL/dz_ia = (p_ia - y_ia) / N: softmax minus one-hot, divided by the batch size",
    assumptions=(NAMES, TARGETS, MEAN),
    setting=SETTING,
    start=Sum(over_classes(y[i, k] * (L[i] - z[i, k])), upto(i, N)) / N,
    steps=(
        Step(
            "chain rule",
            (t[i0] * p[i0, a] - y[i0, a]) / N,
            "dL_i/dz_ia = r_i e_ia = p_ia, once for each target; t_i = sum_k y_ik",
            Differentiate(z[i0, a]),
        ),
        Step("one target", gradient, "the targets of an example sum to 1", ONE_TARGET),
    ),
    mutants=(
        Mutant("sum", "The loss is a mean: so is its gradient.", "one target", N * gradient),
        Mutant(
            "sign",
            "The gradient points uphill: p - y; the descent step adds y - p.",
            "one target",
            -gradient,
        ),
        Mutant(
            "softmax-slope-kept",
            "The logarithm cancels the slope p (1 - p) of softmax.",
            "one target",
            gradient * p[i0, a] * (1 - p[i0, a]),
        ),
        Mutant(
            "logits",
            "The probabilities enter, not the logits.",
            "one target",
            (z[i0, a] - y[i0, a]) / N,
        ),
        Mutant(
            "label-missing",
            "The term -z_y of the loss gives the one-hot part.",
            "one target",
            p[i0, a] / N,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes=ORACLE_SIZES,
        shapes=SHAPES,
        expected=_cross_entropy_gradient,
        axes=(i0, a),
        prepare=targets_of,
    ),
)

ROWS = Derivation(
    id="softmax.gradient_rows",
    title="Every row of the gradient sums to zero",
    claim="sum_k dL/dz_ik = 0",
    assumptions=(NAMES, TARGETS, MEAN),
    setting=SETTING,
    start=over_classes((p[i0, k] - y[i0, k]) / N),
    steps=(
        Step("probabilities", (1 - t[i0]) / N, "sum_k e_ik r_i = 1; t_i = sum_k y_ik"),
        Step("zero", sp.S.Zero, "the targets of an example sum to 1", ONE_TARGET),
    ),
    mutants=(
        Mutant("one", "The targets sum to 1 as well and are subtracted.", "zero", 1 / N),
        Mutant(
            "uniform-rest",
            "Softmax sums to 1 over the classes, not to C.",
            "probabilities",
            (C - t[i0]) / N,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes=ORACLE_SIZES,
        shapes=SHAPES,
        expected=lambda values: _cross_entropy_gradient(values).sum(dim=1),
        axes=(i0,),
        prepare=targets_of,
    ),
)

SHIFT = Derivation(
    id="softmax.shift_invariance",
    title="Adding a constant to all logits changes nothing",
    claim="softmax(z + c)_a = softmax(z)_a",
    assumptions=(
        NAMES,
        Assumption(text="exp(z + c) = E exp(z) with E = exp(c)", kind="convention"),
    ),
    setting=Setting(
        ranges=RANGES,
        definitions=(
            exponential(e[i, k], z[i, k]),
            RECIPROCAL,
            Definition(shifted[i], sp.S.NegativeOne, Sum(E * e[i, k], upto(k, C))),
        ),
    ),
    start=E * e[i0, a] * shifted[i0],
    steps=(Step("cancel", e[i0, a] * r[i0], "E is in every term of the sum and in the numerator"),),
    mutants=(
        Mutant("scaled", "E cancels against the denominator.", "cancel", E * e[i0, a] * r[i0]),
        Mutant(
            "scale-invariant",
            "Softmax does not feel an added constant; it does feel a factor on the logits.",
            "cancel",
            e[i0, a] ** 2 * r[i0] ** 2,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 1, C: 4},
        shapes={"z": (1, 4), "E": ()},
        expected=lambda values: torch.softmax(values["z"] + values["E"].log(), dim=1),
        axes=(i0, a),
    ),
)

DERIVATIONS = (JACOBIAN, GRADIENT, ROWS, SHIFT)
