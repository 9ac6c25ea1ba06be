"""Two-dimensional convolution layers (cross-correlation): gradients of weights, bias and input.

Symbols carry a group index q: output channel t and input channel c are counted within the group.
Reading X outside its support gives zero, which is what zero padding means. The loss is any
function of the outputs: only its gradient G = dL/dY enters.
"""

import sympy as sp
import torch
from sympy import KroneckerDelta, Sum
from torch.nn import functional

from backproof_reference.prove import (
    Assumption,
    Derivation,
    Differentiate,
    Expr,
    Mutant,
    Oracle,
    Reindex,
    Setting,
    Sizes,
    Step,
    Values,
)

N, Q, T, C, H, V, KH, KV, HO, VO = sp.symbols(
    "N Q T C H V K_H K_V H_o V_o", integer=True, positive=True
)
stride, dilation, padding = sp.symbols("s d P", integer=True)
n, q, t, c, u, v, i, j = sp.symbols("n q t c u v i j", integer=True)
n0, q0, t0, c0, u0, v0, y0, z0 = sp.symbols("n0 q0 t0 c0 u0 v0 y0 z0", integer=True)
W, X, G, B = sp.IndexedBase("W"), sp.IndexedBase("X"), sp.IndexedBase("G"), sp.IndexedBase("B")


def upto(index: Expr, count: Expr) -> tuple[Expr, int, Expr]:
    """The limits of a sum over 0 .. count - 1."""
    return (index, 0, count - 1)


def seen(out: Expr, tap: Expr) -> Expr:
    """The input position that kernel offset ``tap`` meets at output position ``out``."""
    return stride * out + dilation * tap - padding


OUTPUTS = (upto(i, HO), upto(j, VO))
TAPS = (upto(u, KH), upto(v, KV))
loss = Sum(
    G[n, q, t, i, j]
    * (B[q, t] + Sum(W[q, t, c, u, v] * X[n, q, c, seen(i, u), seen(j, v)], upto(c, C), *TAPS)),
    upto(n, N),
    upto(q, Q),
    upto(t, T),
    *OUTPUTS,
)


def stuffed(row: Expr, column: Expr) -> Expr:
    """The upstream gradient with stride - 1 zeros between its entries."""
    hit = KroneckerDelta(row, stride * i) * KroneckerDelta(column, stride * j)
    return Sum(G[n0, q0, t, i, j] * hit, *OUTPUTS)


def flipped(pad_row: Expr, pad_column: Expr) -> Expr:
    """Stride-1 correlation of the stuffed gradient with the flipped kernel, at a padding."""
    return Sum(
        W[q0, t, c0, KH - 1 - u, KV - 1 - v]
        * stuffed(y0 - pad_row + dilation * u, z0 - pad_column + dilation * v),
        upto(t, T),
        *TAPS,
    )


def output_size(size: int, kernel: int, sizes: Sizes) -> int:
    """The number of kernel positions along one axis; the remainder is dropped."""
    span = sizes[dilation] * (kernel - 1) + 1
    return (size + 2 * sizes[padding] - span) // sizes[stride] + 1


def layer(**given: int) -> dict[Expr, int]:
    """Sizes of a layer; what is not given is 1 (padding: 0), output sizes follow."""
    symbols = {str(symbol): symbol for symbol in (N, Q, T, C, H, V, KH, KV, stride, dilation)}
    sizes = {symbol: given.get(name, 1) for name, symbol in symbols.items()}
    sizes[padding] = given.get("P", 0)
    sizes[HO] = output_size(sizes[H], sizes[KH], sizes)
    sizes[VO] = output_size(sizes[V], sizes[KV], sizes)
    return sizes


SIZES = (
    layer(N=2, T=2, C=2, H=3, V=2, K_H=2, K_V=1),
    layer(Q=2, H=4, V=3, K_H=2, K_V=3, s=2, P=1),  # a remainder row that no output reaches
    layer(C=2, H=5, V=4, K_H=3, K_V=2, d=2, P=2),
    layer(T=2, H=5, V=3, K_H=2, K_V=2, s=2, d=2, P=1),
)
ORACLE_SIZES = layer(N=2, Q=2, T=2, C=2, H=6, V=5, K_H=3, K_V=2, s=2, d=2, P=2)
SETTING = Setting(
    ranges={
        index: (sp.S.Zero, count - 1)
        for index, count in (
            (n0, N),
            (q0, Q),
            (t0, T),
            (c0, C),
            (u0, KH),
            (v0, KV),
            (y0, H),
            (z0, V),
        )
    },
    support={"X": (N, Q, C, H, V)},
)
ASSUMPTIONS = (
    Assumption(text="X is zero outside its support (zero padding)", kind="support"),
    Assumption(text="cross-correlation: the kernel is not flipped", kind="convention"),
    Assumption(text="G = dL/dY is held fixed", kind="convention"),
    Assumption(
        text="output sizes floor((H + 2P - d (K - 1) - 1) / s) + 1 are at least 1",
        kind="range",
        holds=lambda sizes: (
            min(sizes[HO], sizes[VO]) >= 1
            and sizes[HO] == output_size(sizes[H], sizes[KH], sizes)
            and sizes[VO] == output_size(sizes[V], sizes[KV], sizes)
        ),
    ),
)


def _gradient(name: str, axes: tuple[Expr, ...]) -> Oracle:
    """Autograd through torch's convolution, with the group axis split off."""
    at = ORACLE_SIZES

    def expected(values: Values) -> torch.Tensor:
        leaf = {key: value.clone().requires_grad_() for key, value in values.items()}
        out = functional.conv2d(
            leaf["X"].flatten(1, 2),
            leaf["W"].flatten(0, 1),
            leaf["B"].flatten(),
            at[stride],
            at[padding],
            at[dilation],
            at[Q],
        )
        return torch.autograd.grad(out, leaf[name], leaf["G"].flatten(1, 2))[0]

    shapes = {
        "X": tuple(at[size] for size in (N, Q, C, H, V)),
        "W": tuple(at[size] for size in (Q, T, C, KH, KV)),
        "B": (at[Q], at[T]),
        "G": tuple(at[size] for size in (N, Q, T, HO, VO)),
    }
    return Oracle(sizes=at, shapes=shapes, expected=expected, axes=axes)


def _correlation(row: Expr, column: Expr) -> Expr:
    return Sum(G[n, q0, t0, i, j] * X[n, q0, c0, row, column], upto(n, N), *OUTPUTS)


DW = Derivation(
    id="conv.dw",
    title="Weight gradient of a two-dimensional convolution layer",
    claim="dW_{tcuv} = sum_{n,i,j} G_{ntij} X_{n,c,si+du-P,sj+dv-P}",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(
        Step(
            "gradient",
            _correlation(seen(i, u0), seen(j, v0)),
            "each output is linear in W: correlate X with G, stride and dilation swapping roles",
            Differentiate(W[q0, t0, c0, u0, v0]),
        ),
    ),
    mutants=(
        Mutant(
            "flipped-kernel",
            "The layer is a cross-correlation: its weight gradient is not flipped.",
            "gradient",
            _correlation(seen(i, KH - 1 - u0), seen(j, KV - 1 - v0)),
        ),
        Mutant(
            "stride-as-dilation",
            "The stride belongs to the output index, the dilation to the kernel index.",
            "gradient",
            _correlation(
                dilation * i + stride * u0 - padding, dilation * j + stride * v0 - padding
            ),
        ),
        Mutant(
            "padding-forgotten",
            "Output position 0 starts in the padding, at input position -P.",
            "gradient",
            _correlation(stride * i + dilation * u0, stride * j + dilation * v0),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("W", (q0, t0, c0, u0, v0)),
)

sum_g = Sum(G[n, q0, t0, i, j], upto(n, N), *OUTPUTS)
DB = Derivation(
    id="conv.db",
    title="Bias gradient of a two-dimensional convolution layer",
    claim="db_t = sum_{n,i,j} G_{ntij}",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(
        Step(
            "gradient",
            sum_g,
            "the bias is added at every output of its channel",
            Differentiate(B[q0, t0]),
        ),
    ),
    mutants=(
        Mutant("mean", "Uses add up; they are not averaged.", "gradient", sum_g / (N * HO * VO)),
        Mutant(
            "first-image",
            "The bias is shared by the whole batch.",
            "gradient",
            Sum(G[0, q0, t0, i, j], *OUTPUTS),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("B", (q0, t0)),
)

PAD_ROW, PAD_COLUMN = dilation * (KH - 1) - padding, dilation * (KV - 1) - padding
DX = Derivation(
    id="conv.dx",
    title="Input gradient of a two-dimensional convolution layer",
    claim="dX is the transposed convolution of G: stuff s - 1 zeros between the entries of G, pad "
    "by d (K - 1) - P, correlate with the flipped kernel at stride 1 and dilation d",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(
        Step(
            "scatter",
            Sum(
                KroneckerDelta(seen(i, u), y0)
                * KroneckerDelta(seen(j, v), z0)
                * G[n0, q0, t, i, j]
                * W[q0, t, c0, u, v],
                upto(t, T),
                *TAPS,
                *OUTPUTS,
            ),
            "dX[a]/dX[y] = delta(a, y)",
            Differentiate(X[n0, q0, c0, y0, z0]),
        ),
        Step(
            "gather",
            Sum(
                W[q0, t, c0, u, v]
                * stuffed(y0 + padding - dilation * u, z0 + padding - dilation * v),
                upto(t, T),
                *TAPS,
            ),
            "the stuffed gradient at z is sum_p G[p] delta(z, s p)",
        ),
        Step(
            "flip",
            flipped(PAD_ROW, PAD_COLUMN),
            "count the kernel backwards: u -> K - 1 - u",
            Reindex((u, v)),
        ),
    ),
    mutants=(
        Mutant(
            "not-flipped",
            "Reading the kernel forwards needs the flip: u has become K - 1 - u.",
            "flip",
            Sum(
                W[q0, t, c0, u, v]
                * stuffed(y0 - PAD_ROW + dilation * u, z0 - PAD_COLUMN + dilation * v),
                upto(t, T),
                *TAPS,
            ),
        ),
        Mutant(
            "padding-without-dilation",
            "The dilated kernel spans d (K - 1) + 1 positions, so the padding is d (K - 1) - P.",
            "flip",
            flipped(KH - 1 - padding, KV - 1 - padding),
        ),
        Mutant(
            "same-padding",
            "The padding of the backward pass is complementary to that of the forward pass.",
            "flip",
            flipped(padding, padding),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("X", (n0, q0, c0, y0, z0)),
)

DERIVATIONS = (DW, DB, DX)
