"""Softmax and cross-entropy at equal logits, and the loss at the start of training."""

from itertools import product

import sympy as sp
import torch
from sympy import KroneckerDelta, Sum
from torch.nn import functional

from backproof_reference.derivations.conv import upto
from backproof_reference.derivations.softmax import (
    NAMES,
    ONE_TARGET,
    SETTING,
    TARGETS,
    C,
    E,
    L,
    N,
    a,
    b,
    curvature_of,
    i,
    i0,
    k,
    l,
    over_classes,
    p,
    same,
    slopes_of,
    t,
    targets_of,
    y,
    z,
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

R, sigma = sp.symbols("R sigma", positive=True)
log_c = sp.Symbol("lnC", nonnegative=True)
mu = sp.Symbol("mu", real=True)

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
        expected=lambda _: curvature_of(
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
    slope = slopes_of(lambda row: loss(row)[None], start)[0]
    bend = curvature_of(loss, start)
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
            **targets_of(values),
            "lnC": torch.tensor(4.0, dtype=torch.float64).log(),
        },
    ),
)

DERIVATIONS = (EQUAL_PROBABILITIES, EQUAL_LOGITS, INITIAL_LOSS)
