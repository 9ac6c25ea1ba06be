"""The regular simplex: unit vectors that are as far from each other as they can be.

n points are built in n dimensions, v_i = s (e_i - 1/n sum_k e_k) with s^2 = n / (n - 1); they sum
to zero, so they lie in a space of n - 1 dimensions.
"""

import sympy as sp
import torch
from sympy import KroneckerDelta, Rational, Sum
from torch.nn import functional

from backproof_reference.derivations.conv import upto
from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Sizes,
    Step,
    Substitute,
    Values,
)

n, d = sp.symbols("n d", integer=True, positive=True)
a, b, i, j, k = sp.symbols("a b i j k", integer=True)
s = sp.Symbol("s", positive=True)
v, length = sp.IndexedBase("v"), sp.IndexedBase("length")

SETTING = Setting(
    ranges={a: (sp.S.Zero, n - 1), b: (sp.S.Zero, n - 1)},
    support={"v": (n, d)},
    definitions=(
        Definition(s, Rational(1, 2), n / (n - 1)),
        Definition(length[i], sp.S.One, Sum(v[i, k] ** 2, upto(k, d))),
    ),
    nonnegative=(n - 2,),
)
AT_LEAST_TWO = Assumption(
    text="n >= 2 points", kind="range", holds=lambda sizes: bool(sizes[n] >= 2)
)
SCALE = Assumption(text="s = (n / (n - 1))^(1/2)", kind="sign")
SIZES: tuple[Sizes, ...] = ({n: 2, d: 1}, {n: 3, d: 2}, {n: 4, d: 2})
ORACLE_SIZES: Sizes = {n: 5, d: 3}


def vertex(point: Expr, axis: Expr) -> Expr:
    """One coordinate of one point."""
    return s * (KroneckerDelta(point, axis) - 1 / n)


def _vertices() -> torch.Tensor:
    """The unit vectors, centred and then divided by their measured length."""
    basis = torch.eye(5, dtype=torch.float64)
    return functional.normalize(basis - basis.mean(dim=0), dim=1)


same = KroneckerDelta(a, b)
COSINE = Derivation(
    id="simplex.cosine",
    title="Cosines of the regular simplex",
    claim="v_a . v_b = (n delta_ab - 1) / (n - 1): length 1, and -1 / (n - 1) between two points",
    assumptions=(AT_LEAST_TWO, SCALE),
    setting=SETTING,
    start=Sum(vertex(a, k) * vertex(b, k), upto(k, n)),
    steps=(
        Step(
            "product",
            s**2 * (same - 1 / n),
            "delta_ab - 1/n - 1/n + n/n^2",
        ),
        Step("cosine", (n * same - 1) / (n - 1), "s^2 = n / (n - 1)"),
    ),
    mutants=(
        Mutant(
            "orthogonal",
            "Orthogonal vectors have cosine 0; n points can be further apart than that.",
            "cosine",
            same,
        ),
        Mutant(
            "minus-one-over-n",
            "The n - 1 other points balance one: each cosine is -1 / (n - 1).",
            "cosine",
            same - (1 - same) / n,
        ),
        Mutant(
            "not-scaled",
            "e_i - 1/n has length (1 - 1/n)^(1/2): it must be scaled to 1.",
            "product",
            same - 1 / n,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes=ORACLE_SIZES,
        shapes={},
        expected=lambda _: _vertices() @ _vertices().T,
        axes=(a, b),
    ),
)

apart = 2 * n / (n - 1) * (1 - same)
DISTANCE = Derivation(
    id="simplex.distance",
    title="Distances of the regular simplex",
    claim="||v_a - v_b||^2 = 2 n / (n - 1) for a != b",
    assumptions=(AT_LEAST_TWO, SCALE),
    setting=SETTING,
    start=Sum((vertex(a, k) - vertex(b, k)) ** 2, upto(k, n)),
    steps=(
        Step("product", 2 * s**2 * (1 - same), "1/n cancels; e_a - e_b has squared length 2 or 0"),
        Step("distance", apart, "s^2 = n / (n - 1)"),
    ),
    mutants=(
        Mutant("orthogonal", "2 is the value for orthogonal vectors.", "distance", 2 * (1 - same)),
        Mutant(
            "half",
            "||v - w||^2 = 2 - 2 cos, with cos = -1 / (n - 1).",
            "distance",
            apart / 2,
        ),
        Mutant("cosine-sign", "The cosine is negative.", "distance", apart * (n - 2) / n),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes=ORACLE_SIZES,
        shapes={},
        expected=lambda _: torch.cdist(_vertices(), _vertices()).square(),
        axes=(a, b),
    ),
)

SUM = Derivation(
    id="simplex.sum",
    title="The points of the regular simplex sum to zero",
    claim="sum_i v_i = 0, so that n - 1 dimensions are enough",
    assumptions=(AT_LEAST_TWO, SCALE),
    setting=SETTING,
    start=Sum(vertex(i, a), upto(i, n)),
    steps=(Step("sum", sp.S.Zero, "1 - n/n"),),
    mutants=(
        Mutant("not-centred", "Subtracting the mean makes the sum vanish.", "sum", s),
        Mutant("mean-twice", "The mean is subtracted once from each point.", "sum", -s),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes=ORACLE_SIZES, shapes={}, expected=lambda _: _vertices().sum(dim=0), axes=(a,)
    ),
)


def _on_sphere(values: Values) -> Values:
    return {**values, "v": functional.normalize(values["v"], dim=1)}


def _mean_cosine(values: Values) -> torch.Tensor:
    pairs = [
        values["v"][first] @ values["v"][second]
        for first in range(5)
        for second in range(5)
        if first != second
    ]
    return torch.stack(pairs).mean()


pairs = Sum(v[i, k] * v[j, k], upto(k, d), upto(i, n), upto(j, n))
resultant = Sum(Sum(v[i, k], upto(i, n)) ** 2, upto(k, d)) / (n * (n - 1))
BOUND = Derivation(
    id="simplex.bound",
    title="The mean cosine of unit vectors is at least that of a regular simplex",
    claim="the mean cosine of n unit vectors is ||sum_i v_i||^2 / (n (n - 1)) - 1 / (n - 1): at "
    "least -1 / (n - 1), because a square is not negative",
    assumptions=(
        AT_LEAST_TWO,
        Assumption(text="every v_i has length 1; any dimension d", kind="convention"),
    ),
    setting=SETTING,
    start=(pairs - Sum(v[i, k] ** 2, upto(k, d), upto(i, n))) / (n * (n - 1)),
    steps=(
        Step(
            "resultant",
            resultant - Sum(length[i], upto(i, n)) / (n * (n - 1)),
            "the sum over all pairs, equal ones included, is the squared length of the sum",
        ),
        Step(
            "unit length",
            resultant - 1 / (n - 1),
            "n vectors of squared length 1",
            Substitute(length[i], sp.S.One),
        ),
    ),
    mutants=(
        Mutant(
            "all-pairs",
            "The cosine of a vector with itself does not count.",
            "unit length",
            resultant,
        ),
        Mutant(
            "divided-by-n",
            "There are n (n - 1) ordered pairs of different vectors.",
            "unit length",
            resultant - 1 / n,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes=ORACLE_SIZES, shapes={"v": (5, 3)}, expected=_mean_cosine, prepare=_on_sphere
    ),
)

DERIVATIONS = (COSINE, DISTANCE, SUM, BOUND)
