"""The size of a convolution's weight gradient at random inputs and gradients.

EECS182 homework 4, question 3: a k x k kernel slides over an n x n image without padding at stride
1, so that there are m x m outputs with m = n - k + 1.
"""

import itertools

import sympy as sp
import torch
from sympy import Sum

from backproof_reference.prove import (
    Assumption,
    Derivation,
    Expect,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Sizes,
    Step,
    Values,
)

n, k = sp.symbols("n k", integer=True, positive=True)
h, ell, i, j, r, s = sp.symbols("h l i j r s", integer=True)
v_x, v_g = sp.symbols("v_x v_g", positive=True)
mu_x = sp.Symbol("mu_x", real=True)
X, G = sp.IndexedBase("X"), sp.IndexedBase("G")
m = n - k + 1
SETTING = Setting(
    ranges={h: (sp.S.Zero, k - 1), ell: (sp.S.Zero, k - 1)},
    support={"X": (n, n), "G": (m, m)},
    nonnegative=(n - k,),
)
SIZES: tuple[Sizes, ...] = ({n: 1, k: 1}, {n: 3, k: 2}, {n: 4, k: 2}, {n: 3, k: 3})
UPSTREAM = Assumption(
    text="the upstream gradients G_ij are independent of each other and of X, with mean 0 and "
    "variance v_g",
    kind="moment",
)
INPUTS = Assumption(text="E[X_ij^2] = v_x; for mean 0 that is the variance", kind="moment")
FITS = Assumption(
    text="1 <= k <= n", kind="range", holds=lambda sizes: bool(1 <= sizes[k] <= sizes[n])
)


def over_outputs(body: Expr) -> Expr:
    """The sum over all m x m outputs."""
    return Sum(body, (i, 0, m - 1), (j, 0, m - 1))


dw = over_outputs(X[i + h, j + ell] * G[i, j])


def _signs(side: int, second_moment: torch.Tensor) -> torch.Tensor:
    """Every square of that side with entries +-1, scaled."""
    signs = itertools.product((-1.0, 1.0), repeat=side * side)
    squares = torch.tensor(list(signs), dtype=torch.float64).reshape(-1, side, side)
    return squares * second_moment.sqrt()


def _mean_over_signs(values: Values, power: int) -> torch.Tensor:
    """The mean of a power of torch's weight gradient over all signs of X (3 x 3) and G (2 x 2)."""
    images, gradients = _signs(3, values["v_x"]), _signs(2, values["v_g"])
    # A batch of images as input, the gradients as kernels: every pair of them is correlated.
    pairs = torch.nn.functional.conv2d(images[:, None], gradients[:, None])
    return (pairs**power).mean(dim=(0, 1))


SHAPES: dict[str, tuple[int, ...]] = {"v_x": (), "v_g": ()}
MEAN = Derivation(
    id="conv_variance.mean",
    title="Mean of a convolution's weight gradient",
    claim="E[dW_hl] = 0",
    assumptions=(UPSTREAM, INPUTS, FITS),
    setting=SETTING,
    start=dw,
    steps=(Step("gradients", sp.S.Zero, "E[G_ij] = 0", Expect(G[r, s], (sp.S.Zero, v_g))),),
    mutants=(
        Mutant(
            "adds-up",
            "Terms with either sign cancel in the mean; only their squares add up.",
            "gradients",
            m**2 * v_x * v_g,
        ),
        Mutant(
            "mean-input",
            "A mean input does not help: the gradients it meets have mean 0.",
            "gradients",
            over_outputs(X[i + h, j + ell]),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={n: 3, k: 2},
        shapes=SHAPES,
        expected=lambda values: _mean_over_signs(values, 1),
        axes=(h, ell),
    ),
)

count = m**2 * v_x * v_g
VARIANCE = Derivation(
    id="conv_variance.variance",
    title="Variance of a convolution's weight gradient",
    claim="Var[dW_hl] = (n - k + 1)^2 v_x v_g for every weight: its standard deviation grows like "
    "n, the side of the image",
    assumptions=(UPSTREAM, INPUTS, FITS),
    setting=SETTING,
    start=dw**2,
    steps=(
        Step(
            "gradients",
            v_g * over_outputs(X[i + h, j + ell] ** 2),
            "E[G_ij G_rs] is v_g where both are the same output and 0 elsewhere",
            Expect(G[r, s], (sp.S.Zero, v_g)),
        ),
        Step(
            "inputs",
            count,
            "each of the (n - k + 1)^2 outputs adds v_x v_g; the mean of dW is 0",
            Expect(X[r, s], (mu_x, v_x)),
        ),
    ),
    mutants=(
        Mutant(
            "one-less",
            "There are n - k + 1 positions along a side, not n - k.",
            "inputs",
            (n - k) ** 2 * v_x * v_g,
        ),
        Mutant(
            "deviation-for-variance",
            "The number of terms is (n - k + 1)^2; their variances add up, so it is the standard "
            "deviation that grows like n.",
            "inputs",
            m**4 * v_x * v_g,
        ),
        Mutant(
            "one-side",
            "The sum runs over rows and columns of the output.",
            "inputs",
            m * v_x * v_g,
        ),
        Mutant(
            "kernel-size",
            "A weight is used once for each output, not once for each weight of the kernel.",
            "inputs",
            k**2 * v_x * v_g,
        ),
        Mutant(
            "whole-image",
            "Without padding a weight does not meet all n^2 entries of the image.",
            "inputs",
            n**2 * v_x * v_g,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={n: 3, k: 2},
        shapes=SHAPES,
        expected=lambda values: _mean_over_signs(values, 2),
        axes=(h, ell),
    ),
)

DERIVATIONS = (MEAN, VARIANCE)
