"""Convolution layers as matrices: Y = A X, and dX = A^T dY as a convolution again.

First rows that share one kernel, as a student would write the matrix down; then layers with
channels, stride, padding and dilation (two dimensions: ``conv_forms``). A is a Toeplitz matrix
where the stride is 1: its entries depend on the difference of row and column only.
"""

import sympy as sp
import torch
from sympy import KroneckerDelta, Sum
from torch.nn import functional

from backproof_reference.derivations import conv1d_layer
from backproof_reference.derivations.conv import upto
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

N, L, K = sp.symbols("N L K", integer=True, positive=True)
n, n1, i, y, u, i1, n2 = sp.symbols("n n1 i y u i1 n2", integer=True)
n0, p0, y0 = sp.symbols("n0 p0 y0", integer=True)
w, X, G, A = (sp.IndexedBase(name) for name in ("w", "X", "G", "A"))
OUT = L - K + 1

# --- rows that share one kernel -------------------------------------------------------------------

ROWS_SETTING = Setting(
    ranges={n0: (sp.S.Zero, N - 1), p0: (sp.S.Zero, L - K), y0: (sp.S.Zero, L - 1)},
    support={"X": (N, L), "G": (N, OUT)},
    nonnegative=(L - K,),
)
ROWS_SIZES: tuple[Sizes, ...] = ({N: 2, L: 4, K: 3}, {N: 1, L: 3, K: 3}, {N: 3, L: 4, K: 2})
ROWS_ORACLE: Sizes = {N: 2, L: 6, K: 3}
ROWS_ASSUMPTIONS = (
    Assumption(
        text="the N rows of X share one kernel w of length K <= L; stride 1, no padding, no bias",
        kind="range",
        holds=lambda sizes: bool(1 <= sizes[K] <= sizes[L]),
    ),
    Assumption(text="cross-correlation: the kernel is not flipped", kind="convention"),
    Assumption(text="matrices act on the rows written one below the other", kind="convention"),
)


def rows_matrix(row: tuple[Expr, Expr], column: tuple[Expr, Expr], tap: Expr, at: Expr) -> Expr:
    """Entry ((n, p), (n', y)) of A, the kernel being read at ``at``."""
    same_row = KroneckerDelta(row[0], column[0])
    return Sum(w[at] * same_row * KroneckerDelta(row[1] + tap, column[1]), upto(tap, K))


def _rows_output(values: Values) -> torch.Tensor:
    return functional.conv1d(values["X"].unsqueeze(1), values["w"].reshape(1, 1, -1)).squeeze(1)


def _rows_gradient(values: Values) -> torch.Tensor:
    leaf = values["X"].clone().requires_grad_()
    return torch.autograd.grad(_rows_output({**values, "X": leaf}), leaf, values["G"])[0]


def _applied(matrix: Expr) -> Expr:
    return Sum(matrix * X[n1, y], upto(n1, N), upto(y, L))


ROWS_FORWARD = Derivation(
    id="conv1d.rows_as_matrix",
    title="A one-dimensional convolution as a matrix",
    claim="Y_np = sum_{n',y} A_(np)(n'y) X_n'y with A_(np)(n'y) = delta(n, n') w_{y-p} for "
    "0 <= y - p < K and 0 elsewhere: one block for each row of X, w moving right by one per row",
    assumptions=ROWS_ASSUMPTIONS,
    setting=ROWS_SETTING,
    start=Sum(w[u] * X[n0, p0 + u], upto(u, K)),
    steps=(
        Step(
            "matrix",
            _applied(rows_matrix((n0, p0), (n1, y), u, u)),
            "w_u multiplies the input at p + u: it stands in column y = p + u of row p",
        ),
    ),
    mutants=(
        Mutant(
            "kernel-flipped",
            "The layer is a cross-correlation: the rows of A hold the kernel as it is.",
            "matrix",
            _applied(rows_matrix((n0, p0), (n1, y), u, K - 1 - u)),
        ),
        Mutant(
            "not-shifted",
            "Every output has its own row: the kernel moves right by one.",
            "matrix",
            _applied(rows_matrix((n0, sp.S.Zero), (n1, y), u, u)),
        ),
        Mutant(
            "one-block",
            "Each row of X has its own block of A: other rows do not enter.",
            "matrix",
            _applied(Sum(w[u] * KroneckerDelta(p0 + u, y), upto(u, K))),
        ),
    ),
    sizes=ROWS_SIZES,
    oracle=Oracle(
        sizes=ROWS_ORACLE,
        shapes={"X": (2, 6), "w": (3,)},
        expected=_rows_output,
        axes=(n0, p0),
    ),
)


def _padded(pad: Expr, at: Expr) -> Expr:
    """Correlation of the padded upstream gradient with the kernel read at ``at``."""
    return Sum(w[at] * G[n0, y0 - pad + u], upto(u, K))


ROWS_BACKWARD = Derivation(
    id="conv1d.rows_backward",
    title="The transposed matrix is a convolution with the flipped kernel",
    claim="dX = A^T dY; it is the correlation of dY, padded by K - 1 zeros on both sides, with the "
    "kernel (w_{K-1}, ..., w_0)",
    assumptions=(
        *ROWS_ASSUMPTIONS,
        Assumption(text="dY is zero outside its support (zero padding)", kind="support"),
    ),
    setting=ROWS_SETTING,
    start=Sum(G[n, i] * _applied(A[n, i, n1, y]), upto(n, N), upto(i, OUT)),
    steps=(
        Step(
            "transpose",
            Sum(A[n, i, n0, y0] * G[n, i], upto(n, N), upto(i, OUT)),
            "Y is linear in X: column (n0, y0) of A says where X_n0,y0 enters",
            Differentiate(X[n0, y0]),
        ),
        Step(
            "entries",
            Sum(
                Sum(w[u] * KroneckerDelta(n, n0) * KroneckerDelta(i + u, y0), upto(u, K)) * G[n, i],
                upto(n, N),
                upto(i, OUT),
            ),
            "the entries of A, as conv1d.rows_as_matrix has them",
            Substitute(A[n1, i1, n2, y], rows_matrix((n1, i1), (n2, y), u, u)),
        ),
        Step(
            "full convolution",
            Sum(w[u] * G[n0, y0 - u], upto(u, K)),
            "only n = n0 and i = y0 - u are left; dY is zero where there is no such output",
        ),
        Step(
            "flip",
            _padded(K - 1, K - 1 - u),
            "count the kernel backwards: u -> K - 1 - u",
            Reindex((u,)),
        ),
    ),
    mutants=(
        Mutant(
            "not-flipped",
            "Convolution and cross-correlation swap: the kernel is (w_{K-1}, ..., w_0).",
            "flip",
            _padded(K - 1, u),
        ),
        Mutant(
            "padding-one",
            "A kernel of K taps reaches K - 1 positions to either side: pad by K - 1.",
            "flip",
            _padded(sp.S.One, K - 1 - u),
        ),
        Mutant(
            "valid-only",
            "Without padding the result would be shorter than X.",
            "flip",
            _padded(sp.S.Zero, K - 1 - u),
        ),
        Mutant(
            "padding-of-a-whole-kernel",
            "The first tap sits on the first entry of dY after K - 1 steps, not K.",
            "flip",
            _padded(K, K - 1 - u),
        ),
    ),
    sizes=ROWS_SIZES,
    oracle=Oracle(
        sizes=ROWS_ORACLE,
        shapes={"X": (2, 6), "w": (3,), "G": (2, 4)},
        expected=_rows_gradient,
        axes=(n0, y0),
    ),
)

# --- a layer with channels, stride, padding and dilation ------------------------------------------

c1 = conv1d_layer
W, B = c1.W, c1.B
ch, o = sp.symbols("ch o", integer=True)
LAYER = Setting(
    ranges={
        index: (sp.S.Zero, count - 1)
        for index, count in ((c1.n0, c1.N), (c1.t0, c1.T), (p0, c1.LO), (c1.c0, c1.C), (y0, c1.L))
    },
    support={"X": (c1.N, c1.C, c1.L), "A": (c1.T, c1.LO, c1.C, c1.L)},
)
LAYER_SIZES = tuple({**sizes, c1.Q: 1} for sizes in c1.SIZES)
LAYER_ORACLE = c1.layer(N=2, T=3, C=2, L=9, K=3, s=2, d=2, P=2)


def layer_matrix(out: Expr, at: Expr, channel: Expr, position: Expr) -> Expr:
    """Entry ((out, at), (channel, position)) of the matrix of a layer with one group."""
    return Sum(W[out, channel, u] * KroneckerDelta(c1.seen(at, u), position), upto(u, c1.K))


def _layer_output(values: Values) -> torch.Tensor:
    at = LAYER_ORACLE
    return functional.conv1d(
        values["X"], values["W"], None, at[c1.stride], at[c1.padding], at[c1.dilation]
    )


def _layer_gradient(values: Values) -> torch.Tensor:
    leaf = values["X"].clone().requires_grad_()
    return torch.autograd.grad(_layer_output({**values, "X": leaf}), leaf, values["G"])[0]


SHAPES: dict[str, tuple[int, ...]] = {
    "X": (2, 2, 9),
    "W": (3, 2, 3),
    "G": (2, 3, LAYER_ORACLE[c1.LO]),
}


def _matrix_times_x(matrix: Expr) -> Expr:
    return Sum(matrix * X[c1.n0, ch, y], upto(ch, c1.C), upto(y, c1.L))


FORWARD = Derivation(
    id="conv1d.toeplitz",
    title="A convolution layer as a matrix",
    claim="Y = A X with A_(op)(cy) = sum_u W_ocu delta(s p + d u - P, y); padding removes entries "
    "of A instead of adding zeros to X",
    assumptions=c1.ASSUMPTIONS,
    setting=LAYER,
    start=Sum(W[c1.t0, ch, u] * X[c1.n0, ch, c1.seen(p0, u)], upto(ch, c1.C), upto(u, c1.K)),
    steps=(
        Step(
            "matrix",
            _matrix_times_x(layer_matrix(c1.t0, p0, ch, y)),
            "a tap that falls into the padding meets no column",
        ),
    ),
    mutants=(
        Mutant(
            "kernel-flipped",
            "The layer is a cross-correlation: the rows of A hold the kernel as it is.",
            "matrix",
            _matrix_times_x(
                Sum(W[c1.t0, ch, c1.K - 1 - u] * KroneckerDelta(c1.seen(p0, u), y), upto(u, c1.K))
            ),
        ),
        Mutant(
            "stride-one",
            "From one row of A to the next the kernel moves by the stride.",
            "matrix",
            _matrix_times_x(
                Sum(
                    W[c1.t0, ch, u] * KroneckerDelta(p0 + c1.dilation * u - c1.padding, y),
                    upto(u, c1.K),
                )
            ),
        ),
        Mutant(
            "padding-forgotten",
            "The first output starts in the padding, P positions before the input.",
            "matrix",
            _matrix_times_x(
                Sum(
                    W[c1.t0, ch, u] * KroneckerDelta(c1.stride * p0 + c1.dilation * u, y),
                    upto(u, c1.K),
                )
            ),
        ),
    ),
    sizes=LAYER_SIZES,
    oracle=Oracle(
        sizes=LAYER_ORACLE, shapes=SHAPES, expected=_layer_output, axes=(c1.n0, c1.t0, p0)
    ),
)


def _gathered(position: Expr) -> Expr:
    """The zero-stuffed upstream gradient, read at a position for each kernel offset u."""
    stuffed = Sum(G[c1.n0, o, i] * KroneckerDelta(position, c1.stride * i), upto(i, c1.LO))
    return Sum(W[o, c1.c0, u] * stuffed, upto(o, c1.T), upto(u, c1.K))


BACKWARD = Derivation(
    id="conv1d.toeplitz_dx",
    title="The transposed matrix is a transposed convolution",
    claim="dX = A^T dY, which gathers from the zero-stuffed dY: dX_cy = sum_{o,u} W_ocu "
    "stuffed(dY)_{o, y + P - d u}",
    assumptions=c1.ASSUMPTIONS,
    setting=LAYER,
    start=Sum(
        G[n, o, i] * Sum(A[o, i, ch, y] * X[n, ch, y], upto(ch, c1.C), upto(y, c1.L)),
        upto(n, c1.N),
        upto(o, c1.T),
        upto(i, c1.LO),
    ),
    steps=(
        Step(
            "transpose",
            Sum(A[o, i, c1.c0, y0] * G[c1.n0, o, i], upto(o, c1.T), upto(i, c1.LO)),
            "every example has the same matrix: dX_n = A^T dY_n",
            Differentiate(X[c1.n0, c1.c0, y0]),
        ),
        Step(
            "entries",
            Sum(layer_matrix(o, i, c1.c0, y0) * G[c1.n0, o, i], upto(o, c1.T), upto(i, c1.LO)),
            "the entries of A, as conv1d.toeplitz has them",
            Substitute(A[o, i1, ch, y], layer_matrix(o, i1, ch, y)),
        ),
        Step(
            "gather",
            _gathered(y0 + c1.padding - c1.dilation * u),
            "s i + d u - P = y means that position y + P - d u of the stuffed gradient is hit",
        ),
    ),
    mutants=(
        Mutant(
            "examples-mixed",
            "The matrix acts on every example by itself.",
            "transpose",
            Sum(A[o, i, c1.c0, y0] * G[n, o, i], upto(n, c1.N), upto(o, c1.T), upto(i, c1.LO)),
        ),
        Mutant(
            "not-transposed",
            "The backward pass goes from outputs to inputs: y + P - d u, not y - P + d u.",
            "gather",
            _gathered(y0 - c1.padding + c1.dilation * u),
        ),
        Mutant(
            "padding-forgotten",
            "The padding of the forward pass shifts the rows of A.",
            "gather",
            _gathered(y0 - c1.dilation * u),
        ),
    ),
    sizes=LAYER_SIZES,
    oracle=Oracle(
        sizes=LAYER_ORACLE, shapes=SHAPES, expected=_layer_gradient, axes=(c1.n0, c1.c0, y0)
    ),
)

DERIVATIONS = (ROWS_FORWARD, ROWS_BACKWARD, FORWARD, BACKWARD)
