"""Means and variances of normalised data: batch-norm outputs, and images with one global scale."""

import sympy as sp
import torch
from sympy import Sum

from backproof_reference.derivations import batchnorm
from backproof_reference.derivations.batchnorm import beta, eps, gamma, i, m, mean, r, variance, x
from backproof_reference.prove import (
    Assumption,
    Derivation,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Sizes,
    Step,
    Values,
)

output = gamma * r * (x[i] - mean) + beta


def _out(values: Values) -> torch.Tensor:
    """torch's batch norm of one feature."""
    return torch.nn.functional.batch_norm(
        values["x"][:, None],
        None,
        None,
        values["gamma"][None],
        values["beta"][None],
        training=True,
        eps=float(values["epsilon"]),
    )


SHAPES: dict[str, tuple[int, ...]] = {"x": (5,), "gamma": (), "beta": (), "epsilon": ()}
OUTPUT_MEAN = Derivation(
    id="normalization.output_mean",
    title="Mean of a batch-norm output",
    claim="the outputs of one feature have the batch mean beta",
    assumptions=batchnorm.ASSUMPTIONS[:3],
    setting=batchnorm.SETTING,
    start=Sum(output, (i, 0, m - 1)) / m,
    steps=(Step("mean", beta, "sum_i (x_i - mean) = 0"),),
    mutants=(
        Mutant(
            "zero",
            "The normalised input has mean 0; the layer then adds beta, which is learned.",
            "mean",
            sp.S.Zero,
        ),
        Mutant(
            "scaled",
            "gamma scales the normalised input before beta is added.",
            "mean",
            gamma * beta,
        ),
    ),
    sizes=batchnorm.SIZES,
    oracle=Oracle(sizes={m: 5}, shapes=SHAPES, expected=lambda values: _out(values).mean()),
)

OUTPUT_VARIANCE = Derivation(
    id="normalization.output_variance",
    title="Variance of a batch-norm output",
    claim="the outputs of one feature have the batch variance gamma^2 (1 - eps / (variance + "
    "eps)): almost gamma^2 where eps is small beside the variance",
    assumptions=batchnorm.ASSUMPTIONS[:3],
    setting=batchnorm.SETTING,
    start=Sum((output - beta) ** 2, (i, 0, m - 1)) / m,
    steps=(
        Step("scale", gamma**2 * r**2 * variance, "beta cancels"),
        Step("remainder", gamma**2 * (1 - eps * r**2), "r^2 variance = 1 - r^2 eps"),
    ),
    mutants=(
        Mutant(
            "one",
            "The layer multiplies the normalised input by gamma.",
            "remainder",
            1 - eps * r**2,
        ),
        Mutant(
            "not-squared",
            "gamma is the scale of the outputs; their variance carries its square.",
            "scale",
            gamma * r**2 * variance,
        ),
        Mutant(
            "exactly-gamma",
            "eps makes the variance a little smaller than gamma^2.",
            "remainder",
            gamma**2,
        ),
    ),
    sizes=({m: 2}, {m: 3}),
    oracle=Oracle(
        sizes={m: 5}, shapes=SHAPES, expected=lambda values: _out(values).var(correction=0)
    ),
)

K, P = sp.symbols("K P", integer=True, positive=True)
k, u, s, t = sp.symbols("k u s t", integer=True)
X = sp.IndexedBase("X")
image_mean = Sum(X[k, u], (u, 0, P - 1)) / P
global_mean = Sum(X[s, t], (s, 0, K - 1), (t, 0, P - 1)) / (K * P)


def over_images(body: Expr) -> Expr:
    """The mean over all images k."""
    return Sum(body, (k, 0, K - 1)) / K


j = sp.Symbol("j", integer=True)
within = over_images(Sum((X[k, j] - image_mean) ** 2, (j, 0, P - 1)) / P)
between = over_images((image_mean - global_mean) ** 2)
SIZES: tuple[Sizes, ...] = ({K: 1, P: 2}, {K: 2, P: 2}, {K: 3, P: 2})
TOTAL = Derivation(
    id="normalization.total_variance",
    title="The variance of all pixels and that of single images",
    claim="the variance of all pixels is the mean of the variances of the images plus the variance "
    "of their means",
    assumptions=(
        Assumption(text="K images with P pixels each; variances are biased", kind="convention"),
    ),
    setting=Setting(support={"X": (K, P)}),
    start=over_images(Sum((X[k, j] - global_mean) ** 2, (j, 0, P - 1)) / P),
    steps=(
        Step(
            "within and between",
            within + between,
            "x - mean = (x - image mean) + (image mean - mean), and the mixed terms sum to 0",
        ),
    ),
    mutants=(
        Mutant(
            "within-only",
            "Scaling by the variance inside single images leaves more than unit variance: images "
            "also differ in brightness.",
            "within and between",
            within,
        ),
        Mutant(
            "between-only",
            "The means of the images say nothing about the spread inside an image.",
            "within and between",
            between,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={K: 4, P: 6},
        shapes={"X": (4, 6)},
        expected=lambda values: values["X"].var(correction=0),
    ),
)

DERIVATIONS = (OUTPUT_MEAN, OUTPUT_VARIANCE, TOTAL)
