"""Two-dimensional convolution layers in other words: full convolution, and a doubly blocked matrix.

``conv`` has the gradients for all hyper-parameters. Here the plain case (stride 1, no padding) is
written as the textbook's full convolution, and the general one as dX = A^T dY.
"""

import sympy as sp
import torch
from sympy import KroneckerDelta, Sum
from torch.nn import functional

from backproof_reference.derivations import conv
from backproof_reference.derivations.conv import (
    HO,
    KH,
    KV,
    OUTPUTS,
    TAPS,
    VO,
    C,
    G,
    H,
    N,
    T,
    V,
    W,
    X,
    c0,
    i,
    j,
    layer,
    n,
    n0,
    seen,
    t,
    t0,
    u,
    u0,
    upto,
    v,
    v0,
    y0,
    z0,
)
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
    Substitute,
    Values,
)

A = sp.IndexedBase("A")
p0, r0, y, z, c = sp.symbols("p0 r0 y z c", integer=True)
o1, i1, j1 = sp.symbols("o1 i1 j1", integer=True)

# --- stride 1, no padding, one group --------------------------------------------------------------

VALID = ((i, 0, H - KH), (j, 0, V - KV))
plain = Sum(
    G[n, t, i, j] * Sum(W[t, c, u, v] * X[n, c, i + u, j + v], upto(c, C), *TAPS),
    upto(n, N),
    upto(t, T),
    *VALID,
)
FREE = ((n0, N), (t0, T), (c0, C), (u0, KH), (v0, KV), (y0, H), (z0, V))
PLAIN_SETTING = Setting(
    ranges={index: (sp.S.Zero, count - 1) for index, count in FREE},
    support={"X": (N, C, H, V), "G": (N, T, H - KH + 1, V - KV + 1)},
    nonnegative=(H - KH, V - KV),
)
PLAIN_SIZES: tuple[Sizes, ...] = (
    {N: 2, T: 1, C: 2, H: 3, V: 2, KH: 2, KV: 1},
    {N: 1, T: 2, C: 1, H: 3, V: 4, KH: 3, KV: 2},
    {N: 1, T: 1, C: 2, H: 2, V: 3, KH: 1, KV: 3},
)
PLAIN_ORACLE: Sizes = {N: 2, T: 3, C: 2, H: 5, V: 4, KH: 3, KV: 2}
PLAIN_SHAPES = {"X": (2, 2, 5, 4), "W": (3, 2, 3, 2), "G": (2, 3, 3, 3)}
PLAIN_ASSUMPTIONS = (
    Assumption(
        text="stride 1, dilation 1, no padding, one group; the kernel is no larger than the image",
        kind="range",
        holds=lambda sizes: bool(sizes[KH] <= sizes[H] and sizes[KV] <= sizes[V]),
    ),
    Assumption(text="cross-correlation: the kernel is not flipped", kind="convention"),
    Assumption(text="dY = G is held fixed, and zero outside its support", kind="support"),
)


def _gradient(name: str, axes: tuple[Expr, ...], *options: int) -> Oracle:
    """Autograd through torch's convolution without bias."""

    def expected(values: Values) -> torch.Tensor:
        leaf = {key: value.clone().requires_grad_() for key, value in values.items()}
        out = functional.conv2d(leaf["X"], leaf["W"], None, *options)
        return torch.autograd.grad(out, leaf[name], leaf["G"])[0]

    if options:
        return Oracle(sizes=LAYER_ORACLE, shapes=LAYER_SHAPES, expected=expected, axes=axes)
    return Oracle(sizes=PLAIN_ORACLE, shapes=PLAIN_SHAPES, expected=expected, axes=axes)


def _full(row: Expr, column: Expr, pad_row: Expr, pad_column: Expr) -> Expr:
    """Correlation of the padded upstream gradient with the kernel read at (row, column)."""
    moved = G[n0, t, y0 - pad_row + u, z0 - pad_column + v]
    return Sum(W[t, c0, row, column] * moved, upto(t, T), *TAPS)


FULL = Derivation(
    id="conv.dx_full",
    title="Input gradient of a plain convolution as a full convolution",
    claim="dX = dY, padded by K - 1 zeros on all sides, correlated with the kernel flipped in both "
    "axes",
    assumptions=PLAIN_ASSUMPTIONS,
    setting=PLAIN_SETTING,
    start=plain,
    steps=(
        Step(
            "full convolution",
            Sum(W[t, c0, u, v] * G[n0, t, y0 - u, z0 - v], upto(t, T), *TAPS),
            "the input at y meets tap u in output y - u",
            Differentiate(X[n0, c0, y0, z0]),
        ),
        Step(
            "flip",
            _full(KH - 1 - u, KV - 1 - v, KH - 1, KV - 1),
            "count the kernel backwards in both axes",
            Reindex((u, v)),
        ),
    ),
    mutants=(
        Mutant(
            "not-flipped",
            "Convolution and cross-correlation swap in the backward pass: the kernel is flipped.",
            "flip",
            _full(u, v, KH - 1, KV - 1),
        ),
        Mutant(
            "one-axis-flipped",
            "The kernel is flipped in both axes.",
            "flip",
            _full(KH - 1 - u, v, KH - 1, KV - 1),
        ),
        Mutant(
            "transposed-kernel",
            "Flipping is not transposing: rows stay rows.",
            "flip",
            _full(KV - 1 - v, KH - 1 - u, KH - 1, KV - 1),
        ),
        Mutant(
            "valid-only",
            "Without padding the result would be smaller than X.",
            "flip",
            _full(KH - 1 - u, KV - 1 - v, sp.S.Zero, sp.S.Zero),
        ),
        Mutant(
            "padding-of-a-whole-kernel",
            "The last tap is K - 1 positions from the first: pad by K - 1, not K.",
            "flip",
            _full(KH - 1 - u, KV - 1 - v, KH, KV),
        ),
    ),
    sizes=PLAIN_SIZES,
    oracle=_gradient("X", (n0, c0, y0, z0)),
)


def _valid(row: Expr, column: Expr) -> Expr:
    return Sum(G[n, t0, i, j] * X[n, c0, row, column], upto(n, N), *VALID)


VALID_DW = Derivation(
    id="conv.dw_valid",
    title="Weight gradient of a plain convolution as a valid correlation",
    claim="dW_{tcuv} = sum_{n,i,j} dY_{ntij} X_{n,c,i+u,j+v}: correlate X with dY, no padding, no "
    "flip",
    assumptions=PLAIN_ASSUMPTIONS,
    setting=PLAIN_SETTING,
    start=plain,
    steps=(
        Step(
            "gradient",
            _valid(i + u0, j + v0),
            "each output is linear in W; there are H - K + 1 rows of outputs",
            Differentiate(W[t0, c0, u0, v0]),
        ),
    ),
    mutants=(
        Mutant(
            "flipped",
            "The weight gradient of a cross-correlation is a cross-correlation: no flip.",
            "gradient",
            _valid(i + KH - 1 - u0, j + KV - 1 - v0),
        ),
        Mutant(
            "first-image",
            "The kernel is shared by the whole batch: its gradient sums over the images.",
            "gradient",
            Sum(G[0, t0, i, j] * X[0, c0, i + u0, j + v0], *VALID),
        ),
        Mutant(
            "one-based",
            "Indices start at 0: tap u meets row i + u.",
            "gradient",
            _valid(i + u0 - 1, j + v0 - 1),
        ),
    ),
    sizes=PLAIN_SIZES,
    oracle=_gradient("W", (t0, c0, u0, v0)),
)

# --- the matrix of a layer with stride, padding and dilation --------------------------------------

LAYER_SETTING = Setting(
    ranges={
        **PLAIN_SETTING.ranges,
        p0: (sp.S.Zero, HO - 1),
        r0: (sp.S.Zero, VO - 1),
    },
    support={"X": (N, C, H, V), "A": (T, HO, VO, C, H, V)},
)
LAYER_SIZES = (
    layer(N=2, T=2, C=2, H=3, V=2, K_H=2),
    layer(H=4, V=3, K_H=2, K_V=3, s=2, P=1),
    layer(C=2, H=4, V=3, K_H=2, K_V=2, d=2, P=1, s=2),
)
LAYER_ORACLE = layer(N=2, T=3, C=2, H=6, V=5, K_H=3, K_V=2, s=2, d=2, P=2)
OPTIONS = (2, 2, 2)
LAYER_SHAPES = {
    "X": (2, 2, 6, 5),
    "W": (3, 2, 3, 2),
    "G": (2, 3, LAYER_ORACLE[HO], LAYER_ORACLE[VO]),
}


def matrix(out: tuple[Expr, Expr, Expr], into: tuple[Expr, Expr, Expr], flip: bool = False) -> Expr:
    """Entry (out, into) of A: out is (channel, row, column) of Y, into that of X."""
    tap = (KH - 1 - u, KV - 1 - v) if flip else (u, v)
    rows = KroneckerDelta(seen(out[1], u), into[1])
    columns = KroneckerDelta(seen(out[2], v), into[2])
    return Sum(W[out[0], into[0], tap[0], tap[1]] * rows * columns, *TAPS)


def _times_x(entry: Expr) -> Expr:
    return Sum(entry * X[n0, c, y, z], upto(c, C), upto(y, H), upto(z, V))


def _layer_output(values: Values) -> torch.Tensor:
    return functional.conv2d(values["X"], values["W"], None, *OPTIONS)


FORWARD = Derivation(
    id="conv.toeplitz",
    title="A two-dimensional convolution layer as a matrix",
    claim="Y = A X with A_(oij)(cyz) = sum_{u,v} W_ocuv delta(s i + d u - P, y) delta(s j + d v - "
    "P, z)",
    assumptions=conv.ASSUMPTIONS,
    setting=LAYER_SETTING,
    start=Sum(W[t0, c, u, v] * X[n0, c, seen(p0, u), seen(r0, v)], upto(c, C), *TAPS),
    steps=(
        Step(
            "matrix",
            _times_x(matrix((t0, p0, r0), (c, y, z))),
            "a tap that falls into the padding meets no column",
        ),
    ),
    mutants=(
        Mutant(
            "kernel-flipped",
            "The layer is a cross-correlation: the rows of A hold the kernel as it is.",
            "matrix",
            _times_x(matrix((t0, p0, r0), (c, y, z), flip=True)),
        ),
        Mutant(
            "axes-swapped",
            "Output rows belong to input rows, output columns to input columns.",
            "matrix",
            _times_x(matrix((t0, r0, p0), (c, y, z))),
        ),
    ),
    sizes=LAYER_SIZES,
    oracle=Oracle(
        sizes=LAYER_ORACLE,
        shapes=LAYER_SHAPES,
        expected=_layer_output,
        axes=(n0, t0, p0, r0),
    ),
)
BACKWARD = Derivation(
    id="conv.toeplitz_dx",
    title="The transposed matrix is a transposed convolution",
    claim="dX = A^T dY, which gathers from the zero-stuffed dY as conv.dx does",
    assumptions=conv.ASSUMPTIONS,
    setting=LAYER_SETTING,
    start=Sum(
        G[n, t, i, j]
        * Sum(A[t, i, j, c, y, z] * X[n, c, y, z], upto(c, C), upto(y, H), upto(z, V)),
        upto(n, N),
        upto(t, T),
        *OUTPUTS,
    ),
    steps=(
        Step(
            "transpose",
            Sum(A[t, i, j, c0, y0, z0] * G[n0, t, i, j], upto(t, T), *OUTPUTS),
            "every image has the same matrix: dX_n = A^T dY_n",
            Differentiate(X[n0, c0, y0, z0]),
        ),
        Step(
            "entries",
            Sum(matrix((t, i, j), (c0, y0, z0)) * G[n0, t, i, j], upto(t, T), *OUTPUTS),
            "the entries of A, as conv.toeplitz has them",
            Substitute(A[o1, i1, j1, c, y, z], matrix((o1, i1, j1), (c, y, z))),
        ),
        Step(
            "gather",
            Sum(
                W[t, c0, u, v]
                * Sum(
                    G[n0, t, i, j]
                    * KroneckerDelta(y0 + conv.padding - conv.dilation * u, conv.stride * i)
                    * KroneckerDelta(z0 + conv.padding - conv.dilation * v, conv.stride * j),
                    *OUTPUTS,
                ),
                upto(t, T),
                *TAPS,
            ),
            "s i + d u - P = y means that row y + P - d u of the stuffed gradient is hit",
        ),
    ),
    mutants=(
        Mutant(
            "flipped",
            "The transpose of A reads the kernel as it is; the flip appears only when the sum over "
            "the taps is counted backwards.",
            "entries",
            Sum(matrix((t, i, j), (c0, y0, z0), flip=True) * G[n0, t, i, j], upto(t, T), *OUTPUTS),
        ),
        Mutant(
            "images-mixed",
            "The matrix acts on every image by itself.",
            "transpose",
            Sum(A[t, i, j, c0, y0, z0] * G[n, t, i, j], upto(n, N), upto(t, T), *OUTPUTS),
        ),
    ),
    sizes=LAYER_SIZES,
    oracle=_gradient("X", (n0, c0, y0, z0), *OPTIONS),
)

DERIVATIONS = (FULL, VALID_DW, FORWARD, BACKWARD)
