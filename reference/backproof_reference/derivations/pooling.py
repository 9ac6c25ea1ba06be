"""Max and average pooling: input gradients, what they sum to, and averaging as a convolution.

Max pooling is followed through its selection map: out_p = X[A(p)], written as sum_y S_py X_y with
S_py = 1 where y = A(p) and 0 elsewhere. Positions are counted through, and planes b are the
pairs of an image and a channel; so the windows may overlap, be padded or have any shape.
"""

from itertools import product

import sympy as sp
import torch
from sympy import KroneckerDelta, Sum
from torch.nn import functional

from backproof_reference.derivations.conv import upto
from backproof_reference.prove import (
    Assumption,
    Definition,
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
    Verdict,
)

B, P, Y, C, K, T = sp.symbols("B P Y C K T", integer=True, positive=True)
H, V, KH, KV, HO, VO = sp.symbols("H V K_H K_V H_o V_o", integer=True, positive=True)
stride, padding = sp.symbols("s P_0", integer=True)
b, c, p, y, i, j, u, v = sp.symbols("b c p y i j u v", integer=True)
b0, c0, p0, y0, z0, u0, v0, i0, j0 = sp.symbols("b0 c0 p0 y0 z0 u0 v0 i0 j0", integer=True)
X, G, W, S, share = (sp.IndexedBase(name) for name in ("X", "G", "W", "S", "share"))

KERNEL, STRIDE, PADDING, SIZE = (3, 2), 2, 1, (5, 4)
PLANES = 2
OUT = (3, 3)
FLAT: Sizes = {B: PLANES, P: OUT[0] * OUT[1], Y: SIZE[0] * SIZE[1], T: 2}
SELECTION = Setting(
    ranges={b0: (sp.S.Zero, B - 1), y0: (sp.S.Zero, Y - 1)},
    support={"X": (B, Y)},
    definitions=(Definition(share[b, p], sp.S.One, Sum(S[b, p, y], upto(y, Y))),),
    one_hot="S",
)
SELECTION_SIZES: tuple[Sizes, ...] = (
    {B: 1, P: 1, Y: 3, T: 2},
    {B: 2, P: 3, Y: 2, T: 2},
    {B: 1, P: 2, Y: 4, T: 3},
)
UNIQUE = Assumption(
    text="every window has exactly one largest entry: a small change of X then leaves the "
    "selection S as it is. At a tie the maximum has no derivative",
    kind="convention",
)
UPSTREAM = Assumption(text="G = dL/dout is held fixed", kind="convention")
selected_loss = Sum(G[b, p] * Sum(S[b, p, y] * X[b, y], upto(y, Y)), upto(p, P), upto(b, B))
max_gradient = Sum(G[b0, p] * S[b0, p, y0], upto(p, P))


def _selected(values: Values) -> Values:
    """Where the maximum of each window is, found by looking at every entry of every window."""
    planes = values["X"].reshape(PLANES, *SIZE)
    selection = torch.zeros(PLANES, *OUT, *SIZE, dtype=torch.float64)
    for plane, row, column in product(range(PLANES), range(OUT[0]), range(OUT[1])):
        seen = [
            (planes[plane, at, across].item(), at, across)
            for at in range(row * STRIDE - PADDING, row * STRIDE - PADDING + KERNEL[0])
            for across in range(column * STRIDE - PADDING, column * STRIDE - PADDING + KERNEL[1])
            if 0 <= at < SIZE[0] and 0 <= across < SIZE[1]
        ]
        largest, at, across = max(seen)
        if [value for value, _, _ in seen].count(largest) != 1:
            raise ValueError("the drawn data have a tie")
        selection[plane, row, column, at, across] = 1
    return {**values, "S": selection.reshape(PLANES, FLAT[P], FLAT[Y])}


def _max_gradient(values: Values) -> torch.Tensor:
    """Autograd through torch's max pooling."""
    leaf = values["X"].clone().requires_grad_()
    out = functional.max_pool2d(leaf.reshape(1, PLANES, *SIZE), KERNEL, STRIDE, PADDING)
    return torch.autograd.grad(out.flatten(), leaf, values["G"].flatten())[0]


SELECTION_SHAPES = {"X": (PLANES, FLAT[Y]), "G": (PLANES, FLAT[P])}
MAX_BACKWARD = Derivation(
    id="pooling.max_backward",
    title="Input gradient of max pooling",
    claim="dX_y = sum_p G_p [y = A(p)]: each window sends its whole gradient to its maximum",
    assumptions=(UNIQUE, UPSTREAM),
    setting=SELECTION,
    start=selected_loss,
    steps=(
        Step(
            "gradient",
            max_gradient,
            "a window returns the entry it selects: the derivative is 1 there and 0 elsewhere",
            Differentiate(X[b0, y0]),
        ),
    ),
    mutants=(
        Mutant(
            "spread-evenly",
            "Max pooling sends the gradient to the maximum alone; only averaging spreads it.",
            "gradient",
            Sum(G[b0, p], upto(p, P)) / Y,
        ),
        Mutant(
            "scaled-by-value",
            "The derivative of the selected entry by itself is 1, not the entry.",
            "gradient",
            X[b0, y0] * max_gradient,
        ),
        Mutant(
            "last-window-only",
            "Windows may overlap: a position that several windows select gets all their gradients.",
            "gradient",
            G[b0, P - 1] * S[b0, P - 1, y0],
        ),
    ),
    sizes=SELECTION_SIZES,
    oracle=Oracle(
        sizes=FLAT,
        shapes=SELECTION_SHAPES,
        expected=_max_gradient,
        axes=(b0, y0),
        prepare=_selected,
    ),
)

sum_g = Sum(G[b0, p], upto(p, P))
MAX_SUM = Derivation(
    id="pooling.max_sum",
    title="Max pooling passes the sum of the gradient on",
    claim="sum_y dX_y = sum_p G_p, whatever a tie does, as long as the shares of a window sum to 1",
    assumptions=(
        UPSTREAM,
        Assumption(
            text="the shares S_py of a window sum to 1: one-hot for a unique maximum; at a tie, "
            "all to the first maximum (max_pool2d) or an equal share to each (amax)",
            kind="convention",
        ),
    ),
    setting=SELECTION,
    start=Sum(max_gradient.xreplace({y0: y}), upto(y, Y)),
    steps=(
        Step(
            "by window",
            Sum(G[b0, p] * share[b0, p], upto(p, P)),
            "exchange the sums; share_p = sum_y S_py",
        ),
        Step(
            "sum",
            sum_g,
            "every window hands out shares that sum to 1",
            Substitute(share[b, p], sp.S.One),
        ),
    ),
    mutants=(
        Mutant(
            "all-maxima-in-full",
            "Of T equal maxima not each gets all of it: that would multiply the gradient by T.",
            "sum",
            T * sum_g,
        ),
        Mutant("mean", "The gradients of the windows add up.", "sum", sum_g / P),
    ),
    sizes=SELECTION_SIZES,
    oracle=Oracle(
        sizes=FLAT,
        shapes=SELECTION_SHAPES,
        expected=lambda values: _max_gradient(values).sum(dim=1),
        axes=(b0,),
        prepare=_selected,
    ),
)


def output_size(size: int, kernel: int, sizes: Sizes) -> int:
    """The number of windows along one axis; the remainder is dropped."""
    return (size + 2 * sizes[padding] - kernel) // sizes[stride] + 1


def pool(h: int, v: int, kernel: tuple[int, int], step: int, pad: int, **more: int) -> Sizes:
    """Sizes of a pooling layer; the output sizes follow."""
    sizes: dict[Expr, int] = {H: h, V: v, KH: kernel[0], KV: kernel[1], stride: step, padding: pad}
    sizes[HO] = output_size(h, kernel[0], sizes)
    sizes[VO] = output_size(v, kernel[1], sizes)
    return {**sizes, B: more.get("planes", 1), C: more.get("channels", 1)}


POOL_SIZES = (
    pool(4, 2, (2, 1), 2, 0),
    pool(4, 3, (3, 2), 1, 0, planes=2, channels=2),  # overlapping windows
    pool(5, 3, (2, 3), 3, 1, channels=2),  # gaps between the windows
)
ORACLE_SIZES = pool(7, 6, (3, 2), 2, 1, planes=3, channels=2)
DENOMINATOR = Assumption(
    text="every window is divided by K_H K_W, padding included (count_include_pad=True)",
    kind="convention",
)
FLOOR = Assumption(
    text="output sizes floor((H + 2 P_0 - K) / s) + 1 are at least 1",
    kind="range",
    holds=lambda sizes: (
        min(sizes[HO], sizes[VO]) >= 1
        and sizes[HO] == output_size(sizes[H], sizes[KH], sizes)
        and sizes[VO] == output_size(sizes[V], sizes[KV], sizes)
    ),
)
ZERO_PADDING = Assumption(text="X is zero outside its support (zero padding)", kind="support")
OUTPUTS = (upto(i, HO), upto(j, VO))
TAPS = (upto(u, KH), upto(v, KV))


def seen(out: Expr, tap: Expr) -> Expr:
    """The input position that offset ``tap`` of a window meets."""
    return stride * out + tap - padding


PLANES_SETTING = Setting(
    ranges={b0: (sp.S.Zero, B - 1), y0: (sp.S.Zero, H - 1), z0: (sp.S.Zero, V - 1)},
    support={"X": (B, H, V)},
)
average_loss = Sum(
    G[b, i, j] * Sum(X[b, seen(i, u), seen(j, v)], *TAPS) / (KH * KV), *OUTPUTS, upto(b, B)
)


def spread(factor: Expr) -> Expr:
    """The upstream gradients of all windows that cover a position, times a factor."""
    hit = KroneckerDelta(seen(i, u), y0) * KroneckerDelta(seen(j, v), z0)
    return factor * Sum(G[b0, i, j] * hit, *TAPS, *OUTPUTS)


def transposed(pad_row: Expr, pad_column: Expr) -> Expr:
    """Correlation of the zero-stuffed gradient with a kernel of equal weights, at a padding."""
    row, column = y0 - pad_row + u, z0 - pad_column + v
    hit = KroneckerDelta(row, stride * i) * KroneckerDelta(column, stride * j)
    return Sum(Sum(G[b0, i, j] * hit, *OUTPUTS) / (KH * KV), *TAPS)


def _average_gradient(values: Values) -> torch.Tensor:
    """Autograd through torch's average pooling."""
    leaf = values["X"].clone().requires_grad_()
    kernel = (ORACLE_SIZES[KH], ORACLE_SIZES[KV])
    out = functional.avg_pool2d(leaf[:, None], kernel, ORACLE_SIZES[stride], ORACLE_SIZES[padding])
    return torch.autograd.grad(out, leaf, values["G"][:, None])[0]


AVERAGE_BACKWARD = Derivation(
    id="pooling.average_backward",
    title="Input gradient of average pooling",
    claim="dX is 1 / (K_H K_W) times the sum of the gradients of all windows over a position: the "
    "transposed convolution with equal weights",
    assumptions=(DENOMINATOR, ZERO_PADDING, UPSTREAM, FLOOR),
    setting=PLANES_SETTING,
    start=average_loss,
    steps=(
        Step(
            "spread",
            spread(1 / (KH * KV)),
            "an entry enters each window over it with weight 1 / (K_H K_W)",
            Differentiate(X[b0, y0, z0]),
        ),
        Step(
            "transposed convolution",
            transposed(KH - 1 - padding, KV - 1 - padding),
            "count the window backwards, u -> K - 1 - u: G is stuffed with s - 1 zeros, padded by "
            "K - 1 - P_0, and correlated with equal weights",
            Reindex((u, v)),
        ),
    ),
    mutants=(
        Mutant(
            "not-divided",
            "A mean of K_H K_W entries has derivative 1 / (K_H K_W) in each of them.",
            "spread",
            spread(sp.S.One),
        ),
        Mutant(
            "divided-once",
            "The window has K_H K_W entries, not K_H.",
            "spread",
            spread(1 / KH),
        ),
        Mutant(
            "forward-padding",
            "The padding of the backward pass is complementary: K - 1 - P_0.",
            "transposed convolution",
            transposed(padding, padding),
        ),
    ),
    sizes=POOL_SIZES,
    oracle=Oracle(
        sizes=ORACLE_SIZES,
        shapes={"X": (3, 7, 6), "G": (3, ORACLE_SIZES[HO], ORACLE_SIZES[VO])},
        expected=_average_gradient,
        axes=(b0, y0, z0),
    ),
)

average = Sum(X[b0, c0, seen(i0, u), seen(j0, v)], *TAPS)
AVERAGE_AS_CONVOLUTION = Derivation(
    id="pooling.average_as_convolution",
    title="Average pooling is a depthwise convolution",
    claim="the depthwise convolution whose weights are all 1 / (K_H K_W) is average pooling",
    assumptions=(DENOMINATOR, ZERO_PADDING, FLOOR),
    setting=Setting(
        ranges={
            b0: (sp.S.Zero, B - 1),
            c0: (sp.S.Zero, C - 1),
            i0: (sp.S.Zero, HO - 1),
            j0: (sp.S.Zero, VO - 1),
        },
        support={"X": (B, C, H, V)},
    ),
    start=Sum(W[c0, u, v] * X[b0, c0, seen(i0, u), seen(j0, v)], *TAPS),
    steps=(
        Step(
            "equal weights",
            average / (KH * KV),
            "equal weights come out of the sum; the windows are the same",
            Substitute(W[c, u0, v0], 1 / (KH * KV)),
        ),
    ),
    mutants=(
        Mutant("one-over-k", "The window has K_H K_W entries.", "equal weights", average / KH),
        Mutant(
            "across-channels",
            "Pooling leaves the channels apart; a full convolution with equal weights mixes them.",
            "equal weights",
            Sum(average.xreplace({c0: c}), upto(c, C)) / (KH * KV),
        ),
    ),
    sizes=POOL_SIZES,
    oracle=Oracle(
        sizes=ORACLE_SIZES,
        shapes={"X": (3, 2, 7, 6)},
        expected=lambda values: functional.avg_pool2d(values["X"], (3, 2), 2, 1),
        axes=(b0, c0, i0, j0),
    ),
)


def _blocks_gradient(values: Values) -> torch.Tensor:
    leaf = values["X"].clone().requires_grad_()
    out = functional.avg_pool1d(leaf[None], 3)[0]
    return torch.autograd.grad(out, leaf, values["G"])[0].reshape(4, 3)


blocks_loss = Sum(G[p] * Sum(X[K * p + u], upto(u, K)) / K, upto(p, P))
AVERAGE_BLOCKS = Derivation(
    id="pooling.average_blocks",
    title="Average pooling without overlap",
    claim="with stride K and windows of K entries, dX_{K p + u} = G_p / K for every u < K",
    assumptions=(
        UPSTREAM,
        Assumption(text="the stride is the window; one axis, no padding", kind="convention"),
    ),
    setting=Setting(
        ranges={p0: (sp.S.Zero, P - 1), u0: (sp.S.Zero, K - 1)}, support={"X": (K * P,)}
    ),
    start=blocks_loss,
    steps=(
        Step(
            "gradient",
            G[p0] / K,
            "position K p + u lies in window p alone",
            Differentiate(X[K * p0 + u0]),
        ),
    ),
    mutants=(
        Mutant("not-divided", "A mean of K entries has derivative 1/K.", "gradient", G[p0]),
        Mutant(
            "squared",
            "Along one axis the window has K entries; K^2 belongs to a square window.",
            "gradient",
            G[p0] / K**2,
        ),
    ),
    sizes=({P: 1, K: 1}, {P: 3, K: 2}, {P: 2, K: 3}, {P: 4, K: 4}),
    level=Verdict.PROVED_AT,
    level_reason="that K p + u determines p and u is division with remainder, which the rules for "
    "symbolic sizes do not know",
    oracle=Oracle(
        sizes={P: 4, K: 3},
        shapes={"X": (12,), "G": (4,)},
        expected=_blocks_gradient,
        axes=(p0, u0),
    ),
)

DERIVATIONS = (MAX_BACKWARD, MAX_SUM, AVERAGE_BACKWARD, AVERAGE_AS_CONVOLUTION, AVERAGE_BLOCKS)
