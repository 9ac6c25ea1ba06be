"""One-dimensional convolution (cross-correlation) with one channel, stride 1 and no padding."""

import sympy as sp
import torch
from sympy import Sum
from torch.nn import functional

from backproof_reference.prove import (
    Assumption,
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

N, K = sp.symbols("N K", integer=True, positive=True)
i, j, k0, m0 = sp.symbols("i j k0 m0", integer=True)
w, x, dz = sp.IndexedBase("w"), sp.IndexedBase("x"), sp.IndexedBase("dz")
loss = Sum(dz[i] * Sum(w[j] * x[i + j], (j, 0, K - 1)), (i, 0, N - K))
SETTING = Setting(ranges={k0: (sp.S.Zero, K - 1), m0: (sp.S.Zero, N - 1)}, support={"x": (N,)})
SIZES: tuple[Sizes, ...] = ({N: 4, K: 1}, {N: 5, K: 2}, {N: 6, K: 3}, {N: 4, K: 4})
ASSUMPTIONS = (
    Assumption(text="Z_i = sum_j w_j x_{i+j} for i = 0 .. N - K, no padding", kind="convention"),
    Assumption(text="dz_i = dL/dZ_i is held fixed", kind="convention"),
    Assumption(
        text="1 <= K <= N", kind="range", holds=lambda sizes: bool(1 <= sizes[K] <= sizes[N])
    ),
)


def _gradient(name: str, axis: Expr) -> Oracle:
    shapes: dict[str, tuple[int, ...]] = {"w": (3,), "x": (7,), "dz": (5,)}

    def expected(values: Values) -> torch.Tensor:
        leaf = {key: value.clone().requires_grad_() for key, value in values.items()}
        out = functional.conv1d(leaf["x"].reshape(1, 1, -1), leaf["w"].reshape(1, 1, -1))
        return torch.autograd.grad(out.flatten(), leaf[name], leaf["dz"])[0]

    return Oracle(sizes={N: 7, K: 3}, shapes=shapes, expected=expected, axes=(axis,))


DW = Derivation(
    id="conv1d.dw",
    title="Weight gradient of a one-dimensional convolution",
    claim="dw_j = sum_{i=0}^{N-K} dz_i x_{i+j}",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(
        Step(
            "gradient",
            Sum(dz[i] * x[i + k0], (i, 0, N - K)),
            "there are N - K + 1 outputs, the last one at index N - K",
            Differentiate(w[k0]),
        ),
    ),
    mutants=(
        Mutant(
            "upper-limit",
            "There are N - K + 1 outputs counted from 0: the sum ends at N - K.",
            "gradient",
            Sum(dz[i] * x[i + k0], (i, 0, N - K + 1)),
        ),
        Mutant(
            "flipped-kernel",
            "The layer is a cross-correlation: its weight gradient is not flipped.",
            "gradient",
            Sum(dz[i] * x[i + K - 1 - k0], (i, 0, N - K)),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("w", k0),
)

DX = Derivation(
    id="conv1d.dx",
    title="Input gradient of a one-dimensional convolution",
    claim="dx_m = sum_j w_j dz_{m-j}, with dz zero outside 0 .. N - K",
    assumptions=ASSUMPTIONS,
    setting=Setting(ranges=SETTING.ranges, support={"x": (N,), "dz": (N - K + 1,)}),
    start=loss,
    steps=(
        Step(
            "gradient",
            Sum(w[j] * dz[m0 - j], (j, 0, K - 1)),
            "x_m meets w_j in output m - j: a full convolution",
            Differentiate(x[m0]),
        ),
    ),
    mutants=(
        Mutant(
            "not-flipped",
            "Convolution and cross-correlation swap in the backward pass.",
            "gradient",
            Sum(w[K - 1 - j] * dz[m0 - j], (j, 0, K - 1)),
        ),
        Mutant(
            "no-padding",
            "x_m meets w_j in output m - j, not m + j.",
            "gradient",
            Sum(w[j] * dz[m0 + j], (j, 0, K - 1)),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("x", m0),
)

DERIVATIONS = (DW, DX)
