"""Batch normalisation when its input is scaled or shifted, and the gradient of the layer before it.

Two batches have the deviations 1/r and 1/r_new. That r_new = r / c is shown by squares: a
difference of two positive numbers is the difference of their squares over their sum, and the
squares are known from the definitions.
"""

from collections.abc import Callable

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
    dx,
    eps,
    g,
    gamma,
    i,
    j,
    k,
    m,
    mean,
    r,
    sum_g,
    variance,
    x,
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

scale, r_new = sp.symbols("c r_new", positive=True)
shift, bias = sp.symbols("h b", real=True)
F = sp.Symbol("F", integer=True, positive=True)
f, f2 = sp.symbols("f f2", integer=True)
X, w = sp.IndexedBase("X"), sp.IndexedBase("w")

POSITIVE_SCALE = Assumption(text="the scale c is positive", kind="sign")
MOVED_ROOT = Assumption(
    text="r_new is (variance + eps)^(-1/2) of the moved batch, and positive like r", kind="sign"
)
Row = Callable[[Expr], Expr]


def mean_of(row: Row) -> Expr:
    """The mean of a batch whose row at an index is ``row(index)``."""
    return Sum(row(k), (k, 0, m - 1)) / m


def variance_of(row: Row) -> Expr:
    """The biased variance of a batch."""
    return Sum((row(j) - mean_of(row)) ** 2, (j, 0, m - 1)) / m


def output(row: Row, inverse: Expr) -> Expr:
    """The output at row a of a batch with a known inverse deviation."""
    return gamma * inverse * (row(a) - mean_of(row)) + beta


def two_batches(base: Expr, moved: Expr) -> Setting:
    """The old batch with r, and the new one with r_new."""
    return Setting(
        ranges=SETTING.ranges,
        support=SETTING.support,
        definitions=(
            Definition(r, Rational(-1, 2), base),
            Definition(r_new, Rational(-1, 2), moved),
        ),
    )


def normalised(values: Values, x_of: torch.Tensor, eps_of: torch.Tensor) -> torch.Tensor:
    """The textbook layer at one feature."""
    std = (x_of.var(correction=0) + eps_of).sqrt()
    return values["gamma"] * (x_of - x_of.mean()) / std + values["beta"]


def _scaled_difference(values: Values, new_eps: Callable[[Values], torch.Tensor]) -> torch.Tensor:
    """The output at c x less the output at x."""
    after = normalised(values, values["c"] * values["x"], new_eps(values))
    return after - normalised(values, values["x"], values["epsilon"])


def scaled(at: Expr) -> Expr:
    """A row times c."""
    return scale * x[at]


def shifted(at: Expr) -> Expr:
    """A row plus h."""
    return x[at] + shift


centred = x[a] - mean
conjugate = (scale**2 * r_new**2 - r**2) / (scale * r_new + r)
SCALE_SHAPES: dict[str, tuple[int, ...]] = {**SHAPES, "c": ()}
SCALE = Derivation(
    id="batchnorm.scale_invariance",
    title="Batch normalisation does not see the scale of its input, if eps follows it",
    claim="with eps scaled by c^2 the outputs of the batches c x and x are equal",
    assumptions=(
        *ASSUMPTIONS,
        POSITIVE_SCALE,
        MOVED_ROOT,
        Assumption(text="the layer that sees c x uses c^2 eps in place of eps", kind="convention"),
    ),
    setting=two_batches(variance + eps, variance_of(scaled) + scale**2 * eps),
    start=output(scaled, r_new) - output(x.__getitem__, r),
    steps=(
        Step(
            "centring",
            gamma * (scale * r_new - r) * centred,
            "the mean of c x is c times the mean of x",
        ),
        Step(
            "squares",
            gamma * conjugate * centred,
            "u - v = (u^2 - v^2) / (u + v) for positive u = c r_new and v = r",
        ),
        Step(
            "equal",
            sp.S.Zero,
            "c^2 r_new^2 = c^2 / (c^2 variance + c^2 eps) = 1 / (variance + eps) = r^2",
        ),
    ),
    mutants=(
        Mutant(
            "scale-comes-through",
            "The deviation grows with the scale and divides it away again.",
            "equal",
            gamma * (scale - 1) * r * centred,
        ),
        Mutant(
            "variance-not-squared",
            "The variance grows with c^2: its root, the deviation, with c.",
            "centring",
            gamma * (scale**2 * r_new - r) * centred,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={m: 5},
        shapes=SCALE_SHAPES,
        expected=lambda values: _scaled_difference(
            values, lambda at: at["c"].square() * at["epsilon"]
        ),
        axes=(a,),
    ),
)

SCALE_FIXED_EPS = Derivation(
    id="batchnorm.scale_with_fixed_eps",
    title="What is left of the scale when eps stays as it is",
    claim="the outputs of c x and x differ by gamma (x_a - mean) (c^2 - 1) eps r_new^2 r^2 / "
    "(c r_new + r), a multiple of eps",
    assumptions=(*ASSUMPTIONS, POSITIVE_SCALE, MOVED_ROOT),
    setting=two_batches(variance + eps, variance_of(scaled) + eps),
    start=output(scaled, r_new) - output(x.__getitem__, r),
    steps=(
        Step(
            "centring",
            gamma * (scale * r_new - r) * centred,
            "the mean of c x is c times the mean of x",
        ),
        Step(
            "squares",
            gamma * conjugate * centred,
            "u - v = (u^2 - v^2) / (u + v) for positive u = c r_new and v = r",
        ),
        Step(
            "difference",
            gamma * centred * (scale**2 - 1) * eps * r_new**2 * r**2 / (scale * r_new + r),
            "c^2 (variance + eps) - (c^2 variance + eps) = (c^2 - 1) eps",
        ),
    ),
    mutants=(
        Mutant(
            "exactly-invariant",
            "With a fixed eps the scale is felt: a batch that is small beside eps is not "
            "normalised to variance 1.",
            "difference",
            sp.S.Zero,
        ),
        Mutant(
            "sign",
            "A larger batch is closer to variance 1, so its outputs are larger, not smaller.",
            "difference",
            gamma * centred * (1 - scale**2) * eps * r_new**2 * r**2 / (scale * r_new + r),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={m: 5},
        shapes=SCALE_SHAPES,
        expected=lambda values: _scaled_difference(values, lambda at: at["epsilon"]),
        axes=(a,),
    ),
)


def _shifted_difference(values: Values) -> torch.Tensor:
    after = normalised(values, values["x"] + values["h"], values["epsilon"])
    return after - normalised(values, values["x"], values["epsilon"])


SHIFT = Derivation(
    id="batchnorm.shift_invariance",
    title="Batch normalisation does not see a shift of its input",
    claim="the outputs of the batches x + h and x are equal, for every eps",
    assumptions=(*ASSUMPTIONS, MOVED_ROOT),
    setting=two_batches(variance + eps, variance_of(shifted) + eps),
    start=output(shifted, r_new) - output(x.__getitem__, r),
    steps=(
        Step(
            "centring",
            gamma * (r_new - r) * centred,
            "the mean moves by h as well: h cancels",
        ),
        Step(
            "squares",
            gamma * (r_new**2 - r**2) / (r_new + r) * centred,
            "u - v = (u^2 - v^2) / (u + v) for positive u and v",
        ),
        Step("equal", sp.S.Zero, "a shift leaves the variance alone, so that r_new^2 = r^2"),
    ),
    mutants=(
        Mutant(
            "shift-stays",
            "The shift is subtracted with the mean; beta does not have to undo it.",
            "equal",
            gamma * r * shift,
        ),
        Mutant(
            "mean-not-shifted",
            "The mean is taken over the shifted batch.",
            "centring",
            gamma * (r_new * (x[a] + shift - mean) - r * centred),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={m: 5}, shapes={**SHAPES, "h": ()}, expected=_shifted_difference, axes=(a,)
    ),
)


def _scaled_gradient(values: Values) -> torch.Tensor:
    """dL/d(c x) by autograd, in the layer whose eps is scaled as well."""
    batch = (values["c"] * values["x"]).requires_grad_()
    out = normalised(values, batch, values["c"].square() * values["epsilon"])
    return torch.autograd.grad(out, batch, values["g"])[0]


SCALED_GRADIENT = Derivation(
    id="batchnorm.scaled_gradient",
    title="The gradient shrinks where the input grows",
    claim="the input gradient at the batch c x is 1/c times the one at x",
    assumptions=(
        *ASSUMPTIONS,
        POSITIVE_SCALE,
        Assumption(
            text="the inverse deviation of c x is r / c, as batchnorm.scale_invariance shows "
            "(eps scaled by c^2)",
            kind="convention",
        ),
    ),
    setting=SETTING,
    start=gamma
    * (r / scale)
    / m
    * (
        m * g[a]
        - sum_g
        - r
        / scale
        * (scaled(a) - mean_of(scaled))
        * Sum(g[i] * r / scale * (scaled(i) - mean_of(scaled)), (i, 0, m - 1))
    ),
    steps=(
        Step(
            "gradient",
            dx(a) / scale,
            "the normalised input is the same, and the outer factor is divided by c",
        ),
    ),
    mutants=(
        Mutant(
            "unchanged",
            "The output does not change, but its gradient does: it is divided by the scale.",
            "gradient",
            dx(a),
        ),
        Mutant(
            "grows", "The larger the input, the smaller the gradient.", "gradient", scale * dx(a)
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(sizes={m: 5}, shapes=SCALE_SHAPES, expected=_scaled_gradient, axes=(a,)),
)

DERIVATIONS = (SCALE, SCALE_FIXED_EPS, SHIFT, SCALED_GRADIENT)
