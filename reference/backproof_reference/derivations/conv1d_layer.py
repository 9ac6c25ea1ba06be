"""One-dimensional convolution layers (cross-correlation) with stride, padding, dilation and groups.

As in ``conv``, symbols carry a group index q, and channels are counted within the group. The input
gradient appears as a scatter, as a transposed convolution and as a correlation with the flipped
kernel; ``conv_toeplitz`` adds the matrix.
"""

import sympy as sp
import torch
from sympy import KroneckerDelta, Sum
from torch.nn import functional

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

N, Q, T, C, L, K, LO = sp.symbols("N Q T C L K L_o", integer=True, positive=True)
stride, dilation, padding = sp.symbols("s d P", integer=True)
n, q, t, c, u, i = sp.symbols("n q t c u i", integer=True)
n0, q0, t0, c0, u0, y0 = sp.symbols("n0 q0 t0 c0 u0 y0", integer=True)
W, X, G, B = (sp.IndexedBase(name) for name in ("W", "X", "G", "B"))


def seen(out: Expr, tap: Expr) -> Expr:
    """The input position that kernel offset ``tap`` meets at output position ``out``."""
    return stride * out + dilation * tap - padding


loss = Sum(
    G[n, q, t, i] * (B[q, t] + Sum(W[q, t, c, u] * X[n, q, c, seen(i, u)], upto(c, C), upto(u, K))),
    upto(n, N),
    upto(q, Q),
    upto(t, T),
    upto(i, LO),
)


def layer(**given: int) -> dict[Expr, int]:
    """Sizes of a layer; what is not given is 1 (padding: 0), the output size follows."""
    sizes = {symbol: given.get(str(symbol), 1) for symbol in (N, Q, T, C, L, K, stride, dilation)}
    sizes[padding] = given.get("P", 0)
    sizes[LO] = output_size(sizes)
    return sizes


def output_size(sizes: Sizes) -> int:
    """The number of kernel positions; the remainder is dropped."""
    span = sizes[dilation] * (sizes[K] - 1) + 1
    return (sizes[L] + 2 * sizes[padding] - span) // sizes[stride] + 1


SIZES = (
    layer(N=2, T=2, C=2, L=3, K=2),
    layer(Q=2, L=5, K=2, s=2),  # a remainder that no output reaches
    layer(C=2, L=5, K=3, d=2, P=2),
    layer(T=2, L=6, K=2, s=2, d=2, P=1),
    layer(L=4, K=3, s=3, P=1),
)
ORACLE_SIZES = layer(N=2, Q=2, T=2, C=3, L=9, K=3, s=2, d=2, P=2)
SETTING = Setting(
    ranges={
        index: (sp.S.Zero, count - 1)
        for index, count in ((n0, N), (q0, Q), (t0, T), (c0, C), (u0, K), (y0, L))
    },
    support={"X": (N, Q, C, L)},
)
ASSUMPTIONS = (
    Assumption(text="X is zero outside its support (zero padding)", kind="support"),
    Assumption(text="cross-correlation: the kernel is not flipped", kind="convention"),
    Assumption(text="G = dL/dY is held fixed", kind="convention"),
    Assumption(
        text="the output size floor((L + 2P - d (K - 1) - 1) / s) + 1 is at least 1",
        kind="range",
        holds=lambda sizes: bool(sizes[LO] == output_size(sizes) >= 1),
    ),
)


def _gradient(name: str, axes: tuple[Expr, ...]) -> Oracle:
    """Autograd through torch's convolution, with the group axis split off."""
    at = ORACLE_SIZES

    def expected(values: Values) -> torch.Tensor:
        leaf = {key: value.clone().requires_grad_() for key, value in values.items()}
        out = functional.conv1d(
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
        "X": (at[N], at[Q], at[C], at[L]),
        "W": (at[Q], at[T], at[C], at[K]),
        "B": (at[Q], at[T]),
        "G": (at[N], at[Q], at[T], at[LO]),
    }
    return Oracle(sizes=at, shapes=shapes, expected=expected, axes=axes)


def _correlation(position: Expr) -> Expr:
    return Sum(G[n, q0, t0, i] * X[n, q0, c0, position], upto(n, N), upto(i, LO))


DW = Derivation(
    id="conv1d.layer_dw",
    title="Weight gradient of a one-dimensional convolution layer",
    claim="dW_{tcu} = sum_{n,i} G_{nti} X_{n,c,si+du-P}",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(
        Step(
            "gradient",
            _correlation(seen(i, u0)),
            "each output is linear in W: correlate X with G, stride and dilation swapping roles",
            Differentiate(W[q0, t0, c0, u0]),
        ),
    ),
    mutants=(
        Mutant(
            "flipped",
            "The layer is a cross-correlation: its weight gradient is not flipped.",
            "gradient",
            _correlation(seen(i, K - 1 - u0)),
        ),
        Mutant(
            "stride-as-dilation",
            "The stride belongs to the output index, the dilation to the kernel index.",
            "gradient",
            _correlation(dilation * i + stride * u0 - padding),
        ),
        Mutant(
            "padding-forgotten",
            "Output position 0 starts in the padding, at input position -P.",
            "gradient",
            _correlation(stride * i + dilation * u0),
        ),
        Mutant(
            "first-example",
            "The kernel is shared by the whole batch: its gradient sums over the examples.",
            "gradient",
            Sum(G[0, q0, t0, i] * X[0, q0, c0, seen(i, u0)], upto(i, LO)),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("W", (q0, t0, c0, u0)),
)

sum_g = Sum(G[n, q0, t0, i], upto(n, N), upto(i, LO))
DB = Derivation(
    id="conv1d.layer_db",
    title="Bias gradient of a one-dimensional convolution layer",
    claim="db_t = sum_{n,i} G_{nti}",
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
        Mutant("mean", "Uses add up; they are not averaged.", "gradient", sum_g / (N * LO)),
        Mutant(
            "first-example",
            "The bias is shared by the whole batch.",
            "gradient",
            Sum(G[0, q0, t0, i], upto(i, LO)),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("B", (q0, t0)),
)


def stuffed(position: Expr) -> Expr:
    """The upstream gradient with stride - 1 zeros between its entries."""
    return Sum(G[n0, q0, t, i] * KroneckerDelta(position, stride * i), upto(i, LO))


def flipped(pad: Expr) -> Expr:
    """Stride-1 correlation of the stuffed gradient with the flipped kernel, at a padding."""
    return Sum(W[q0, t, c0, K - 1 - u] * stuffed(y0 - pad + dilation * u), upto(t, T), upto(u, K))


PAD = dilation * (K - 1) - padding
DX = Derivation(
    id="conv1d.layer_dx",
    title="Input gradient of a one-dimensional convolution layer",
    claim="dX is the transposed convolution of G: stuff s - 1 zeros between the entries of G, pad "
    "by d (K - 1) - P, correlate with the flipped kernel at stride 1 and dilation d",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=loss,
    steps=(
        Step(
            "scatter",
            Sum(
                KroneckerDelta(seen(i, u), y0) * G[n0, q0, t, i] * W[q0, t, c0, u],
                upto(t, T),
                upto(u, K),
                upto(i, LO),
            ),
            "dX[a]/dX[y] = delta(a, y)",
            Differentiate(X[n0, q0, c0, y0]),
        ),
        Step(
            "gather",
            Sum(W[q0, t, c0, u] * stuffed(y0 + padding - dilation * u), upto(t, T), upto(u, K)),
            "the stuffed gradient at z is sum_p G[p] delta(z, s p)",
        ),
        Step("flip", flipped(PAD), "count the kernel backwards: u -> K - 1 - u", Reindex((u,))),
    ),
    mutants=(
        Mutant(
            "not-flipped",
            "Reading the kernel forwards needs the flip: u has become K - 1 - u.",
            "flip",
            Sum(W[q0, t, c0, u] * stuffed(y0 - PAD + dilation * u), upto(t, T), upto(u, K)),
        ),
        Mutant(
            "padding-without-dilation",
            "The dilated kernel spans d (K - 1) + 1 positions, so the padding is d (K - 1) - P.",
            "flip",
            flipped(K - 1 - padding),
        ),
        Mutant(
            "padding-of-a-whole-kernel",
            "A kernel of K taps reaches K - 1 positions beyond its first: pad by d (K - 1) - P.",
            "flip",
            flipped(dilation * K - padding),
        ),
        Mutant(
            "same-padding",
            "The padding of the backward pass is complementary to that of the forward pass.",
            "flip",
            flipped(padding),
        ),
        Mutant(
            "not-stuffed",
            "An output position meets every s-th input position only: zeros go in between.",
            "gather",
            Sum(
                W[q0, t, c0, u]
                * Sum(
                    G[n0, q0, t, i] * KroneckerDelta(y0 + padding - dilation * u, i), upto(i, LO)
                ),
                upto(t, T),
                upto(u, K),
            ),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("X", (n0, q0, c0, y0)),
)

span, last, rest, length = sp.symbols("S q r W", real=True)
step_size = sp.Symbol("s_0", positive=True)
room = length + 2 * padding - span
OUTPUT_SIZE = Derivation(
    id="conv1d.output_size",
    title="How many outputs a layer has",
    claim="if the last window starts q strides after the first, and r < s positions are left over, "
    "then W + 2 P = s q + r + S, and (W + 2 P - S - r) / s + 1 = q + 1: the quotient is rounded "
    "down before 1 is added",
    assumptions=(
        Assumption(
            text="S = d (K - 1) + 1 is the span of a window, s_0 the stride, P the padding on "
            "either side; 0 <= r < s_0",
            kind="convention",
        ),
    ),
    start=(room - rest) / step_size + 1,
    steps=(
        Step(
            "windows",
            last + 1,
            "the windows start at 0, s, ..., q s",
            Substitute(length, step_size * last + rest + span - 2 * padding),
        ),
    ),
    mutants=(
        Mutant(
            "stride-plus-one",
            "The 1 is added to the quotient, for the first window; it does not belong to s.",
            "windows",
            (step_size * last + rest) / (step_size + 1),
        ),
        Mutant(
            "not-rounded",
            "What is left over fits no window: the quotient is rounded down.",
            "windows",
            last + 1 + rest / step_size,
        ),
        Mutant("gaps", "q strides lie between q + 1 windows.", "windows", last),
    ),
    sizes=({padding: 0}, {padding: 2}),
    oracle=Oracle(
        sizes={padding: 2},
        shapes=dict.fromkeys(("q", "s_0"), ()),
        expected=lambda _: torch.tensor(
            functional.conv1d(
                torch.ones(1, 1, 18), torch.ones(1, 1, 3), stride=4, dilation=2, padding=2
            ).shape[2],
            dtype=torch.float64,
        ),
        # 18 + 4 - 5 = 17 positions to move in: 4 strides of 4, and 1 is left over.
        prepare=lambda _: {
            "q": torch.tensor(4.0, dtype=torch.float64),
            "s_0": torch.tensor(4.0, dtype=torch.float64),
        },
    ),
)

DERIVATIONS = (DW, DB, DX, OUTPUT_SIZE)
