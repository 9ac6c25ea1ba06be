"""Batch normalisation of images: the proof of ``batchnorm`` over the index (image, row, column).

Every channel has statistics, gamma and beta of its own, taken over m = N H V entries. Channels do
not interact, which is part of what is shown.
"""

import sympy as sp
import torch
from sympy import Rational, Sum
from torch.nn import functional

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

N, C, H, V = sp.symbols("N C H V", integer=True, positive=True)
n, c, i, j, n1, i1, j1, n2, i2, j2 = sp.symbols("n c i j n1 i1 j1 n2 i2 j2", integer=True)
n0, c0, y0, z0 = sp.symbols("n0 c0 y0 z0", integer=True)
eps = sp.Symbol("epsilon", positive=True)
x, g, gamma, beta = (sp.IndexedBase(name) for name in ("x", "g", "gamma", "beta"))
r = sp.IndexedBase("r", positive=True)
m = N * H * V


def over_pixels(body: Expr, at: tuple[Expr, Expr, Expr] = (n, i, j)) -> Expr:
    """The sum over all images, rows and columns."""
    image, row, column = at
    return Sum(body, (image, 0, N - 1), (row, 0, H - 1), (column, 0, V - 1))


def mean(channel: Expr) -> Expr:
    """The mean of one channel over the batch and over all positions."""
    return over_pixels(x[n1, channel, i1, j1], (n1, i1, j1)) / m


def variance(channel: Expr) -> Expr:
    """The biased variance of one channel."""
    return over_pixels((x[n2, channel, i2, j2] - mean(channel)) ** 2, (n2, i2, j2)) / m


def x_hat(image: Expr, channel: Expr, row: Expr, column: Expr) -> Expr:
    """The normalised input at one position."""
    return r[channel] * (x[image, channel, row, column] - mean(channel))


def over_channels(body: Expr) -> Expr:
    """The sum over all channels."""
    return Sum(body, (c, 0, C - 1))


loss = Sum(over_pixels(g[n, c, i, j] * (gamma[c] * x_hat(n, c, i, j) + beta[c])), (c, 0, C - 1))
here = (n0, c0, y0, z0)
sum_g = over_pixels(g[n, c0, i, j])
sum_g_x_hat = over_pixels(g[n, c0, i, j] * x_hat(n, c0, i, j))
dx = gamma[c0] * r[c0] / m * (m * g[here] - sum_g - x_hat(*here) * sum_g_x_hat)

SHAPE = (N, C, H, V)
SETTING = Setting(
    ranges={index: (sp.S.Zero, count - 1) for index, count in zip(here, SHAPE, strict=True)},
    support={"x": SHAPE, "g": SHAPE, "gamma": (C,), "beta": (C,)},
    definitions=(Definition(r[c], Rational(-1, 2), variance(c) + eps),),
)
ASSUMPTIONS = (
    Assumption(
        text="a channel has m = N H V >= 2 entries",
        kind="range",
        holds=lambda sizes: bool(sizes[N] * sizes[H] * sizes[V] >= 2),
    ),
    Assumption(text="r_c = (variance_c + eps)^(-1/2) with variance_c + eps > 0", kind="sign"),
    Assumption(text="biased variance: the sum of squares is divided by N H V", kind="convention"),
    Assumption(text="g = dL/dy is held fixed", kind="convention"),
)
SIZES: tuple[Sizes, ...] = (
    {N: 1, C: 1, H: 2, V: 1},
    {N: 2, C: 2, H: 1, V: 1},
    {N: 1, C: 2, H: 1, V: 3},
    {N: 2, C: 1, H: 1, V: 2},
)
ORACLE_SIZES: Sizes = {N: 2, C: 3, H: 3, V: 2}
SHAPES: dict[str, tuple[int, ...]] = {
    "x": (2, 3, 3, 2),
    "g": (2, 3, 3, 2),
    "gamma": (3,),
    "beta": (3,),
    "epsilon": (),
}


def _gradient(name: str, axes: tuple[Expr, ...]) -> Oracle:
    """Autograd through torch's batch norm."""

    def expected(values: Values) -> torch.Tensor:
        leaf = {key: value.clone().requires_grad_() for key, value in values.items()}
        out = functional.batch_norm(
            leaf["x"],
            None,
            None,
            leaf["gamma"],
            leaf["beta"],
            training=True,
            eps=values["epsilon"].item(),
        )
        return torch.autograd.grad(out, leaf[name], leaf["g"])[0]

    return Oracle(sizes=ORACLE_SIZES, shapes=SHAPES, expected=expected, axes=axes)


deviation = x[here] - mean(c0)
per_position = Sum(g[n, c0, y0, z0], (n, 0, N - 1))
DX = Derivation(
    id="batchnorm2d.dx",
    title="Input gradient of batch normalisation of images",
    claim="dx_{nchw} = gamma_c r_c / m (m g_{nchw} - sum g - x_hat_{nchw} sum g x_hat) with sums "
    "over all images and positions of channel c and m = N H V",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(
        Step(
            "chain rule",
            gamma[c0] * r[c0] * (g[here] - sum_g / m)
            - gamma[c0]
            * r[c0] ** 3
            / m
            * deviation
            * over_pixels(g[n, c0, i, j] * (x[n, c0, i, j] - mean(c0))),
            "only channel c depends on the entry: directly, through its mean and its variance",
            Differentiate(x[here]),
        ),
        Step("closed form", dx, "x_hat = r_c (x - mean_c)"),
    ),
    mutants=(
        Mutant(
            "divided-by-batch",
            "The statistics are taken over images and positions: m = N H V, not N.",
            "closed form",
            gamma[c0] * r[c0] / N * (N * g[here] - sum_g - x_hat(*here) * sum_g_x_hat),
        ),
        Mutant(
            "per-position",
            "The sums run over the positions as well: a pixel has no statistics of its own.",
            "closed form",
            gamma[c0] * r[c0] / m * (m * g[here] - per_position - x_hat(*here) * sum_g_x_hat),
        ),
        Mutant(
            "variance-constant",
            "The variance depends on every entry of the channel: its path is missing.",
            "closed form",
            gamma[c0] * r[c0] / m * (m * g[here] - sum_g),
        ),
        Mutant(
            "channels-mixed",
            "Every channel is normalised by itself: the sums do not run over the channels.",
            "closed form",
            gamma[c0]
            * r[c0]
            / m
            * (
                m * g[here]
                - Sum(over_pixels(g[n, c, i, j]), (c, 0, C - 1))
                - x_hat(*here) * sum_g_x_hat
            ),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("x", here),
)

DGAMMA = Derivation(
    id="batchnorm2d.dgamma",
    title="Scale gradient of batch normalisation of images",
    claim="dgamma_c = sum of g x_hat over all images and positions of channel c",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(
        Step("gradient", sum_g_x_hat, "the output is linear in gamma_c", Differentiate(gamma[c0])),
    ),
    mutants=(
        Mutant(
            "raw-input",
            "gamma multiplies the normalised input, not the raw one.",
            "gradient",
            over_pixels(g[n, c0, i, j] * x[n, c0, i, j]),
        ),
        Mutant(
            "all-channels",
            "gamma_c acts on its own channel only.",
            "gradient",
            Sum(over_pixels(g[n, c, i, j] * x_hat(n, c, i, j)), (c, 0, C - 1)),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("gamma", (c0,)),
)

DBETA = Derivation(
    id="batchnorm2d.dbeta",
    title="Shift gradient of batch normalisation of images",
    claim="dbeta_c = sum of g over all images and positions of channel c",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(
        Step(
            "gradient",
            sum_g,
            "beta_c is added at every position of its channel",
            Differentiate(beta[c0]),
        ),
    ),
    mutants=(
        Mutant("mean", "The positions add up; they are not averaged.", "gradient", sum_g / m),
        Mutant(
            "batch-only",
            "beta_c is shared by all positions: the sum runs over them, not over the images only.",
            "gradient",
            Sum(g[n, c0, 0, 0], (n, 0, N - 1)),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("beta", (c0,)),
)

DERIVATIONS = (DX, DGAMMA, DBETA)
