"""Softmax and cross-entropy: derivatives, shift invariance, and the loss at the start of training.

e_ik = exp(z_ik), r_i = 1 / sum_k e_ik and L_i = log(sum_k e_ik), so that softmax is p_ik = e_ik r_i
and -log p_ik = L_i - z_ik. The targets y_i may be one-hot or any weights that sum to 1.
"""

from collections.abc import Callable
from itertools import product

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
    Expect,
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
E, R, sigma = sp.symbols("E R sigma", positive=True)
log_c = sp.Symbol("lnC", nonnegative=True)
mu = sp.Symbol("mu")

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


def _targets(values: Values) -> Values:
    weights = values["y"].abs()
    return {**values, "y": weights / weights.sum(dim=1, keepdim=True)}


def _slopes(function: Callable[[torch.Tensor], torch.Tensor], at: torch.Tensor) -> torch.Tensor:
    """The Jacobian by autograd, one output after the other."""
    leaf = at.clone().requires_grad_()
    parts = function(leaf).unbind()
    return torch.stack([torch.autograd.grad(part, leaf, retain_graph=True)[0] for part in parts])


def _curvature(function: Callable[[torch.Tensor], torch.Tensor], at: torch.Tensor) -> torch.Tensor:
    """The Hessian by autograd."""

    def slope(x: torch.Tensor) -> torch.Tensor:
        return torch.autograd.grad(function(x), x, create_graph=True)[0]

    return _slopes(slope, at)


def _jacobian(values: Values) -> torch.Tensor:
    return torch.stack([_slopes(lambda x: torch.softmax(x, dim=0), row) for row in values["z"]])


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
        prepare=_targets,
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
        prepare=_targets,
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

equal = Definition(R, sp.S.NegativeOne, Sum(E, upto(k, C)))
EQUAL_PROBABILITIES = Derivation(
    id="softmax.equal_probabilities",
    title="Softmax at equal logits",
    claim="where all C logits are equal, every probability is 1/C, so that -ln p is ln C",
    assumptions=(
        Assumption(
            text="all logits of the example are c; E = exp(c) and R = 1 / sum_k E",
            kind="convention",
        ),
    ),
    setting=Setting(definitions=(equal,)),
    start=E * R,
    steps=(Step("count", 1 / C, "the sum has C equal terms, and E cancels"),),
    mutants=(
        Mutant("two-classes", "1/C, not 1/2, for C classes.", "count", sp.Rational(1, 2)),
        Mutant("others-only", "The class itself counts in the sum.", "count", 1 / (C + 1)),
        Mutant("logit-left", "The common value of the logits cancels.", "count", E / C),
    ),
    sizes=({C: 1}, {C: 2}, {C: 5}),
    oracle=Oracle(
        sizes={C: 4},
        shapes={},
        expected=lambda _: torch.softmax(torch.full((4,), 0.3, dtype=torch.float64), dim=0)[2],
    ),
)

curvature = same / C - 1 / C**2
EQUAL_LOGITS = Derivation(
    id="softmax.equal_logits",
    title="Log-sum-exp at equal logits: slope and curvature",
    claim="where p = 1/C, d^2 log(sum exp z) / dz_a dz_b = delta_ab / C - 1 / C^2",
    assumptions=(
        NAMES,
        Assumption(text="all logits of an example are equal: p = 1/C", kind="convention"),
    ),
    setting=SETTING,
    start=L[i0],
    steps=(
        Step("slope", p[i0, a], "dL/dz_a = r e_a", Differentiate(z[i0, a])),
        Step(
            "curvature",
            p[i0, a] * (same - p[i0, b]),
            "the derivative of softmax",
            Differentiate(z[i0, b]),
        ),
        Step("equal logits", curvature, "p = 1/C", Substitute(p[i, k], 1 / C)),
    ),
    mutants=(
        Mutant(
            "diagonal-only",
            "The logits are coupled by the sum.",
            "equal logits",
            same * curvature,
        ),
        Mutant("no-coupling", "The sum of a row vanishes.", "equal logits", same / C),
        Mutant("two-classes", "1/C, not 1/2, for C classes.", "equal logits", (2 * same - 1) / 4),
    ),
    sizes=({N: 1, C: 2}, {N: 1, C: 3}, {N: 2, C: 4}),
    oracle=Oracle(
        sizes={N: 1, C: 4},
        shapes={},
        expected=lambda _: _curvature(
            lambda row: torch.logsumexp(row, dim=0), torch.full((4,), 0.3, dtype=torch.float64)
        )[None],
        axes=(i0, a, b),
    ),
)


def _second_order(values: Values) -> torch.Tensor:
    """The second-order expansion of torch's loss at equal logits, over all signs of the logits."""

    def loss(row: torch.Tensor) -> torch.Tensor:
        return functional.cross_entropy(row[None], values["y"])

    start = torch.zeros(4, dtype=torch.float64)
    slope = _slopes(lambda row: loss(row)[None], start)[0]
    bend = _curvature(loss, start)
    found = []
    for signs in product((-1.0, 1.0), repeat=4):
        logits = values["mu"] + values["sigma"] * torch.tensor(signs, dtype=torch.float64)
        found.append(loss(start) + slope @ logits + logits @ bend @ logits / 2)
    return torch.stack(found).mean()


log_sum = (
    log_c
    + over_classes(z[0, k]) / C
    + Sum((KroneckerDelta(k, l) / C - 1 / C**2) * z[0, k] * z[0, l], upto(k, C), upto(l, C)) / 2
)
bend = sigma**2 / 2 * (1 - 1 / C)
INITIAL_LOSS = Derivation(
    id="softmax.initial_loss",
    title="Expansion of the cross-entropy before training, to second order",
    claim="the second-order expansion of the loss at logits 0, which has the value ln C there, has "
    "the mean ln C + sigma^2 / 2 (1 - 1/C) for logits of variance sigma^2; how far the loss itself "
    "is from it is not said",
    assumptions=(
        Assumption(
            text="the logits are independent with one mean mu and variance sigma^2, "
            "and independent of the label",
            kind="moment",
        ),
        Assumption(
            text="terms beyond the second order in the logits are dropped; value, slope and "
            "curvature at equal logits are those of softmax.equal_probabilities and equal_logits",
            kind="convention",
        ),
        TARGETS,
    ),
    setting=Setting(definitions=(Definition(t[i], sp.S.One, Sum(y[i, k], upto(k, C))),)),
    start=log_sum - over_classes(y[0, k] * z[0, k]),
    steps=(
        Step(
            "expectation",
            log_c + mu - mu * t[0] + bend,
            "E[z_k z_l] = mu^2 + delta_kl sigma^2; the rows of the curvature sum to zero",
            Expect(z[i, k], (mu, mu**2 + sigma**2)),
        ),
        Step("one target", log_c + bend, "the targets sum to 1: mu cancels", ONE_TARGET),
    ),
    mutants=(
        Mutant(
            "exactly-ln-C",
            "ln C belongs to equal logits; their spread adds sigma^2 / 2 (1 - 1/C).",
            "one target",
            log_c,
        ),
        Mutant(
            "coupling-dropped",
            "A common shift of all logits changes nothing: that is the factor 1 - 1/C.",
            "one target",
            log_c + sigma**2 / 2,
        ),
        Mutant(
            "half-lost",
            "The second-order term carries 1/2.",
            "one target",
            log_c + 2 * bend,
        ),
        Mutant("deviation", "The variance enters, not sigma.", "one target", log_c + bend / sigma),
    ),
    sizes=({C: 1}, {C: 2}, {C: 4}),
    oracle=Oracle(
        sizes={C: 4},
        shapes={"y": (1, 4), "mu": (), "sigma": (), "lnC": ()},
        expected=_second_order,
        prepare=lambda values: {
            **_targets(values),
            "lnC": torch.tensor(4.0, dtype=torch.float64).log(),
        },
    ),
)

DERIVATIONS = (JACOBIAN, GRADIENT, ROWS, SHIFT, EQUAL_PROBABILITIES, EQUAL_LOGITS, INITIAL_LOSS)
