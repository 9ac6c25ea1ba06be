"""Depthwise separable convolutions: parameters, multiply-adds, width and resolution multipliers.

Costs are counted, one for each use of a weight, so every count starts as a sum of ones. Names are
those of the paper: D_K x D_K kernels, M input and N output channels, D_F x D_F output maps.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import sympy as sp
import torch
from sympy import Sum
from torch.nn import functional

from backproof_reference.derivations.conv import upto
from backproof_reference.prove import (
    Assumption,
    Derivation,
    Expr,
    Mutant,
    Oracle,
    Sizes,
    Step,
    Values,
)

DK, DF, DG, M, N = sp.symbols("D_K D_F D_G M N", integer=True, positive=True)
m, n, u, v, i, j = sp.symbols("m n u v i j", integer=True)
alpha, rho = sp.symbols("alpha rho", positive=True)

MAP = (upto(i, DF), upto(j, DF))
KERNEL = (upto(u, DK), upto(v, DK))
FULL = DK**2 * M * N * DF**2
SEPARABLE = DK**2 * M * DF**2 + M * N * DF**2
# D_G is the size of the input map; it only enters wrong formulas.
SIZES: tuple[Sizes, ...] = (
    {DK: 3, DF: 2, DG: 4, M: 2, N: 3},
    {DK: 2, DF: 3, DG: 6, M: 3, N: 1},
    {DK: 1, DF: 1, DG: 2, M: 1, N: 2},
)
ORACLE_SIZES: Sizes = {DK: 3, DF: 4, DG: 8, M: 4, N: 6}
COUNTING = Assumption(
    text="one for each product of a weight and an input, for one image; padding counts, the bias "
    "does not",
    kind="convention",
)
WEIGHTS = Assumption(text="weights only: no bias, no batch normalisation", kind="convention")
ROUNDING = Assumption(
    text="alpha M, alpha N and rho D_F are whole numbers; alpha scales the input channels too",
    kind="convention",
)
AT_MOST_ONE = Assumption(text="0 < alpha <= 1 and 0 < rho <= 1", kind="range")


@dataclass(frozen=True)
class Counts:
    """Multiply-adds and weights of a full and of a separable layer, as torch counts them."""

    full: int
    separable: int
    full_weights: int
    separable_weights: int


@functools.cache
def counted(kernel: int, size: int, channels_in: int, channels_out: int) -> Counts:
    """Run both layers and count: torch's counter gives two operations per multiply-add."""
    # Slow to import, and only this oracle needs it.
    from torch.utils.flop_counter import FlopCounterMode

    x = torch.ones(1, channels_in, 2 * size + kernel - 2, 2 * size + kernel - 2)
    full = torch.ones(channels_out, channels_in, kernel, kernel)
    depthwise = torch.ones(channels_in, 1, kernel, kernel)
    pointwise = torch.ones(channels_out, channels_in, 1, 1)
    with FlopCounterMode(display=False) as plain:
        out = functional.conv2d(x, full, stride=2)
    with FlopCounterMode(display=False) as separate:
        between = functional.conv2d(x, depthwise, stride=2, groups=channels_in)
        functional.conv2d(between, pointwise)
    if out.shape[2:] != (size, size):
        raise ValueError(f"the output map is {tuple(out.shape[2:])}, not {size}")
    return Counts(
        plain.get_total_flops() // 2,
        separate.get_total_flops() // 2,
        full.numel(),
        depthwise.numel() + pointwise.numel(),
    )


def _oracle(value: Callable[[Counts, Counts], float], *scalars: str) -> Oracle:
    """A value from the counts at full size and at alpha = rho = 1/2."""

    def halves(values: Values) -> Values:
        half = torch.tensor(0.5, dtype=torch.float64)
        return {**values, **dict.fromkeys(scalars, half)}

    return Oracle(
        sizes=ORACLE_SIZES,
        shapes=dict.fromkeys(scalars, ()),
        expected=lambda _: torch.tensor(
            value(counted(3, 4, 4, 6), counted(3, 2, 2, 3)), dtype=torch.float64
        ),
        prepare=halves,
    )


MULTIPLY_ADDS_FULL = Derivation(
    id="mobilenet.full",
    title="Multiply-adds of a full convolution",
    claim="D_K^2 M N D_F^2",
    assumptions=(COUNTING,),
    start=Sum(sp.S.One, *KERNEL, upto(m, M), upto(n, N), *MAP),
    steps=(
        Step("product", FULL, "every output of every channel uses a kernel for each input channel"),
    ),
    mutants=(
        Mutant(
            "operations",
            "A multiply-add is one multiply-add; as floating-point operations it counts twice.",
            "product",
            2 * FULL,
        ),
        Mutant(
            "input-map",
            "The kernel is applied once for each position of the output, not of the input.",
            "product",
            FULL * DG**2 / DF**2,
        ),
        Mutant(
            "one-filter",
            "Every output channel has a filter of its own.",
            "product",
            DK**2 * M * DF**2,
        ),
    ),
    sizes=SIZES,
    oracle=_oracle(lambda whole, half: whole.full),
)

counted_separable = Sum(sp.S.One, *KERNEL, upto(m, M), *MAP) + Sum(
    sp.S.One, upto(m, M), upto(n, N), *MAP
)
MULTIPLY_ADDS_SEPARABLE = Derivation(
    id="mobilenet.separable",
    title="Multiply-adds of a depthwise separable convolution",
    claim="D_K^2 M D_F^2 + M N D_F^2",
    assumptions=(COUNTING,),
    start=counted_separable,
    steps=(
        Step(
            "depthwise and pointwise",
            SEPARABLE,
            "one kernel for each channel, then a 1 x 1 convolution that mixes the channels",
        ),
    ),
    mutants=(
        Mutant(
            "depthwise-as-full",
            "A depthwise kernel sees its own channel only: M kernels, not M M.",
            "depthwise and pointwise",
            SEPARABLE + DK**2 * (M**2 - M) * DF**2,
        ),
        Mutant(
            "pointwise-missing",
            "The 1 x 1 convolution that mixes the channels costs M N for each position.",
            "depthwise and pointwise",
            DK**2 * M * DF**2,
        ),
        Mutant(
            "product",
            "The two layers run one after the other: their costs add up, they do not multiply.",
            "depthwise and pointwise",
            DK**2 * M * DF**2 * M * N * DF**2,
        ),
        Mutant(
            "depthwise-on-input-map",
            "With a stride the depthwise layer is applied at its output positions only.",
            "depthwise and pointwise",
            DK**2 * M * DG**2 + M * N * DF**2,
        ),
    ),
    sizes=SIZES,
    oracle=_oracle(lambda whole, half: whole.separable),
)

PARAMETERS = Derivation(
    id="mobilenet.parameters",
    title="Parameters of a depthwise separable convolution",
    claim="D_K^2 M + M N, whatever the size of the image",
    assumptions=(WEIGHTS,),
    start=Sum(sp.S.One, *KERNEL, upto(m, M)) + Sum(sp.S.One, upto(m, M), upto(n, N)),
    steps=(
        Step(
            "depthwise and pointwise",
            DK**2 * M + M * N,
            "one kernel for each input channel, one weight for each pair of channels",
        ),
    ),
    mutants=(
        Mutant(
            "spatial-size",
            "Weights are shared by all positions: the size of the map does not enter.",
            "depthwise and pointwise",
            SEPARABLE,
        ),
        Mutant(
            "pointwise-missing",
            "The 1 x 1 convolution has M N weights.",
            "depthwise and pointwise",
            DK**2 * M,
        ),
        Mutant(
            "depthwise-as-full",
            "A depthwise kernel sees its own channel only.",
            "depthwise and pointwise",
            DK**2 * M**2 + M * N,
        ),
    ),
    sizes=SIZES,
    oracle=_oracle(lambda whole, half: whole.separable_weights),
)

RATIO_MUTANTS = (
    Mutant("input-channels", "M cancels: the output channels N stay.", "ratio", 1 / M + 1 / DK**2),
    Mutant("kernel-not-squared", "A kernel has D_K^2 taps.", "ratio", 1 / N + 1 / DK),
    Mutant("product", "Two layers add up their costs.", "ratio", 1 / (N * DK**2)),
)
RATIO = Derivation(
    id="mobilenet.ratio",
    title="Multiply-adds: separable over full",
    claim="(D_K^2 M D_F^2 + M N D_F^2) / (D_K^2 M N D_F^2) = 1/N + 1/D_K^2",
    assumptions=(COUNTING,),
    start=SEPARABLE / FULL,
    steps=(Step("ratio", 1 / N + 1 / DK**2, "M D_F^2 cancels; one term over the other's factor"),),
    mutants=RATIO_MUTANTS,
    sizes=SIZES,
    oracle=_oracle(lambda whole, half: whole.separable / whole.full),
)

PARAMETER_RATIO = Derivation(
    id="mobilenet.parameter_ratio",
    title="Parameters: separable over full",
    claim="(D_K^2 M + M N) / (D_K^2 M N) = 1/N + 1/D_K^2, as for the multiply-adds",
    assumptions=(WEIGHTS,),
    start=(DK**2 * M + M * N) / (DK**2 * M * N),
    steps=(Step("ratio", 1 / N + 1 / DK**2, "M cancels"),),
    mutants=RATIO_MUTANTS,
    sizes=SIZES,
    oracle=_oracle(lambda whole, half: whole.separable_weights / whole.full_weights),
)


def separable(width: Expr, resolution: Expr) -> Expr:
    """Multiply-adds with width M, N and resolution D_F scaled."""
    scaled = (resolution * DF) ** 2
    return DK**2 * (width * M) * scaled + (width * M) * (width * N) * scaled


WIDTH = (alpha * DK**2 + alpha**2 * N) / (DK**2 + N)
MULTIPLIERS = Derivation(
    id="mobilenet.multipliers",
    title="Width and resolution multiplier: multiply-adds",
    claim="the multiply-adds shrink by rho^2 (alpha D_K^2 + alpha^2 N) / (D_K^2 + N)",
    assumptions=(COUNTING, ROUNDING, AT_MOST_ONE),
    start=separable(alpha, rho) / separable(sp.S.One, sp.S.One),
    steps=(
        Step(
            "ratio",
            rho**2 * WIDTH,
            "alpha scales the depthwise part once and the pointwise part twice; rho scales both "
            "sides of the map",
        ),
    ),
    mutants=(
        Mutant(
            "alpha-squared",
            "alpha^2 is the limit for many channels: the depthwise part only shrinks by alpha.",
            "ratio",
            rho**2 * alpha**2,
        ),
        Mutant(
            "alpha-linear",
            "The pointwise part has alpha M inputs and alpha N outputs.",
            "ratio",
            rho**2 * alpha,
        ),
        Mutant("rho-linear", "rho scales height and width.", "ratio", rho * WIDTH),
    ),
    sizes=SIZES,
    oracle=_oracle(lambda whole, half: half.separable / whole.separable, "alpha", "rho"),
)

width_weights = DK**2 * (alpha * M) + (alpha * M) * (alpha * N)
MULTIPLIERS_PARAMETERS = Derivation(
    id="mobilenet.multipliers_parameters",
    title="Width and resolution multiplier: parameters",
    claim="the parameters shrink by (alpha D_K^2 + alpha^2 N) / (D_K^2 + N); rho changes none",
    assumptions=(WEIGHTS, ROUNDING, AT_MOST_ONE),
    start=width_weights / (DK**2 * M + M * N),
    steps=(Step("ratio", WIDTH, "weights are counted without the map, so rho does not enter"),),
    mutants=(
        Mutant(
            "rho-on-parameters",
            "A smaller image needs as many weights.",
            "ratio",
            rho**2 * WIDTH,
        ),
        Mutant(
            "alpha-squared",
            "The depthwise part only shrinks by alpha.",
            "ratio",
            alpha**2,
        ),
    ),
    sizes=SIZES,
    oracle=_oracle(lambda whole, half: half.separable_weights / whole.separable_weights, "alpha"),
)

above = alpha * (1 - alpha) * DK**2 / (DK**2 + N)
ABOVE = Derivation(
    id="mobilenet.above_alpha_squared",
    title="The width multiplier saves less than alpha^2 says",
    claim="ratio - alpha^2 = alpha (1 - alpha) D_K^2 / (D_K^2 + N), which is >= 0 for alpha <= 1",
    assumptions=(ROUNDING, AT_MOST_ONE),
    start=WIDTH - alpha**2,
    steps=(Step("gap", above, "alpha D_K^2 - alpha^2 D_K^2 is what is left over D_K^2 + N"),),
    mutants=(
        Mutant("exact", "alpha^2 is exact only at alpha = 1.", "gap", sp.S.Zero),
        Mutant("pointwise-gap", "It is the depthwise part that misses.", "gap", above * N / DK**2),
    ),
    sizes=SIZES,
    oracle=_oracle(
        lambda whole, half: half.separable_weights / whole.separable_weights - 0.25, "alpha"
    ),
)

below = alpha * (1 - alpha) * N / (DK**2 + N)
BELOW = Derivation(
    id="mobilenet.below_alpha",
    title="The width multiplier saves more than alpha says",
    claim="alpha - ratio = alpha (1 - alpha) N / (D_K^2 + N), which is >= 0 for alpha <= 1",
    assumptions=(ROUNDING, AT_MOST_ONE),
    start=alpha - WIDTH,
    steps=(Step("gap", below, "alpha N - alpha^2 N is what is left over D_K^2 + N"),),
    mutants=(
        Mutant("exact", "alpha is exact only at alpha = 1.", "gap", sp.S.Zero),
        Mutant("sign", "The ratio is below alpha.", "gap", -below),
    ),
    sizes=SIZES,
    oracle=_oracle(
        lambda whole, half: 0.5 - half.separable_weights / whole.separable_weights, "alpha"
    ),
)

DERIVATIONS = (
    MULTIPLY_ADDS_FULL,
    MULTIPLY_ADDS_SEPARABLE,
    PARAMETERS,
    RATIO,
    PARAMETER_RATIO,
    MULTIPLIERS,
    MULTIPLIERS_PARAMETERS,
    ABOVE,
    BELOW,
)
