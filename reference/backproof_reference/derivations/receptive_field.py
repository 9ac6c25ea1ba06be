"""Receptive field of a stack of layers: closed form, forward and backward recursion.

Layers are counted from 0. c_l stands for the product of the strides of the layers before layer l,
up to a common factor, so the stride of layer l is s_l = c_{l+1} / c_l and the effective stride of
layers a .. l-1 is c_l / c_a. The closed form for layers a .. z-1 is

    R(a, z) = 1 + sum_{i=a}^{z-1} d_i (k_i - 1) c_i / c_a.

That it is 1 for no layers and follows both recursions proves, by induction over the layers, that
the three are equal for every number of layers.
"""

from math import prod

import sympy as sp
import torch
from sympy import Sum
from torch.nn import functional

from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Sizes,
    Split,
    Step,
    Values,
)

L = sp.Symbol("L", integer=True, positive=True)
i, l0 = sp.symbols("i l0", integer=True)
k, d, s = (sp.IndexedBase(name) for name in ("k", "d", "s"))
c = sp.IndexedBase("c", positive=True)

SETTING = Setting(
    ranges={l0: (sp.S.Zero, L - 1)}, definitions=(Definition(s[i], sp.S.One, c[i + 1] / c[i]),)
)
SIZES: tuple[Sizes, ...] = ({L: 1}, {L: 2}, {L: 4}, {L: 8})
POSITIVE = Assumption(text="kernel sizes k, strides s and dilations d are at least 1", kind="range")
SPAN = Assumption(
    text="the receptive field is the distance from the first to the last input position that is "
    "seen, both included; positions between them may be skipped",
    kind="convention",
)
ASSUMPTIONS = (POSITIVE, SPAN)
KERNELS, STRIDES, DILATIONS = [3, 2, 4, 2], [2, 1, 3, 2], [1, 2, 1, 3]


def reach(layer: Expr) -> Expr:
    """How far the last tap of a layer lies from the first, in positions of the layer's input."""
    return d[layer] * (k[layer] - 1)


def closed(first: Expr, end: Expr) -> Expr:
    """The closed form for layers first .. end - 1."""
    return 1 + Sum(reach(i) * c[i] / c[first], (i, first, end - 1))


def seen_span(kernels: list[int], strides: list[int], dilations: list[int]) -> int:
    """The receptive field by autograd: from the first to the last input with a gradient."""
    x = torch.zeros(1, 1, 3000, dtype=torch.float64, requires_grad=True)
    out = x
    for kernel, stride, dilation in zip(kernels, strides, dilations, strict=True):
        ones = torch.ones(1, 1, kernel, dtype=torch.float64)  # positive: nothing cancels
        out = functional.conv1d(out, ones, stride=stride, dilation=dilation)
    (gradient,) = torch.autograd.grad(out[0, 0, out.shape[2] // 2], x)
    seen = gradient.flatten().nonzero().flatten()
    return int(seen[-1] - seen[0]) + 1


def _stack(values: Values) -> Values:
    """A stack of four layers in the place of the drawn numbers."""
    products: list[float] = [prod(STRIDES[:layer]) for layer in range(len(STRIDES) + 1)]
    numbers: dict[str, list[float]] = {"k": [*KERNELS], "d": [*DILATIONS], "c": products}
    return {**values, **{key: torch.tensor(n, dtype=torch.float64) for key, n in numbers.items()}}


def _spans(layers: list[slice]) -> torch.Tensor:
    spans = [seen_span(KERNELS[part], STRIDES[part], DILATIONS[part]) for part in layers]
    return torch.tensor(spans, dtype=torch.float64)


SHAPES: dict[str, tuple[int, ...]] = {"k": (4,), "d": (4,), "c": (5,)}
NO_LAYERS = Derivation(
    id="receptive_field.no_layers",
    title="Receptive field without layers",
    claim="R(l, l) = 1: the base of both inductions",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=closed(l0, l0),
    steps=(Step("base", sp.S.One, "the sum is empty: without layers a position sees itself"),),
    mutants=(
        Mutant("one-layer", "Nothing but the position is seen yet.", "base", 1 + reach(l0)),
        Mutant("kernel", "Without layers there is no kernel to count.", "base", k[l0]),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={L: 4},
        shapes=SHAPES,
        expected=lambda _: _spans([slice(layer, layer) for layer in range(4)]),
        axes=(l0,),
        prepare=_stack,
    ),
)


def _forward(jump: Expr, step: Expr) -> Expr:
    return closed(sp.S.Zero, l0) + step * jump


FORWARD = Derivation(
    id="receptive_field.forward",
    title="Receptive field: the closed form follows the forward recursion",
    claim="R(0, l+1) = R(0, l) + d_l (k_l - 1) j_l, where j_l = s_0 ... s_{l-1} is the effective "
    "stride of the layers before layer l",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=closed(sp.S.Zero, l0 + 1),
    steps=(
        Step(
            "last layer",
            _forward(c[l0] / c[0], reach(l0)),
            "taps of layer l are d_l outputs of the layer below apart, and those are j_l input "
            "positions apart",
            Split((i,), "last"),
        ),
    ),
    mutants=(
        Mutant(
            "kernels-added",
            "A kernel counts in steps of the effective stride, not in input positions.",
            "last layer",
            _forward(sp.S.One, reach(l0)),
        ),
        Mutant(
            "own-stride",
            "A layer's own stride moves its next output; it does not widen the view of this one.",
            "last layer",
            _forward(c[l0 + 1] / c[0], reach(l0)),
        ),
        Mutant(
            "dilation-ignored",
            "Dilation moves the taps apart: the kernel spans d (k - 1) + 1 positions.",
            "last layer",
            _forward(c[l0] / c[0], k[l0] - 1),
        ),
        Mutant(
            "kernel-not-minus-one",
            "k taps have k - 1 gaps between them.",
            "last layer",
            _forward(c[l0] / c[0], d[l0] * k[l0]),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={L: 4},
        shapes=SHAPES,
        expected=lambda _: _spans([slice(0, layer + 1) for layer in range(4)]),
        axes=(l0,),
        prepare=_stack,
    ),
)

later = closed(l0 + 1, L)
BACKWARD = Derivation(
    id="receptive_field.backward",
    title="Receptive field: the closed form follows the backward recursion",
    claim="R(l, L) = s_l (R(l+1, L) - 1) + d_l (k_l - 1) + 1",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=closed(l0, L),
    steps=(
        Step(
            "first layer",
            1 + reach(l0) + Sum(reach(i) * c[i] / c[l0], (i, l0 + 1, L - 1)),
            "take the first layer out of the sum: its own effective stride is 1",
            Split((i,), "first"),
        ),
        Step(
            "recursion",
            s[l0] * (later - 1) + reach(l0) + 1,
            "c_l = c_{l+1} / s_l takes the stride out of the sum over the later layers",
        ),
    ),
    mutants=(
        Mutant(
            "stride-times-size",
            "b outputs have b - 1 gaps between them: the stride multiplies b - 1, not b.",
            "recursion",
            s[l0] * later + reach(l0) + 1,
        ),
        Mutant(
            "kernel-not-minus-one",
            "The first output already sees the whole kernel once: b - 1 strides plus the kernel.",
            "recursion",
            s[l0] * (later - 1) + d[l0] * k[l0] + 1,
        ),
        Mutant(
            "dilation-ignored",
            "Dilation moves the taps apart: the kernel spans d (k - 1) + 1 positions.",
            "recursion",
            s[l0] * (later - 1) + k[l0],
        ),
        Mutant(
            "next-stride",
            "The stride of this layer carries its outputs over to its input.",
            "recursion",
            s[l0 + 1] * (later - 1) + reach(l0) + 1,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={L: 4},
        shapes=SHAPES,
        expected=lambda _: _spans([slice(layer, 4) for layer in range(4)]),
        axes=(l0,),
        prepare=_stack,
    ),
)

width, stride, dilation, kernel, padding, p, jump, origin = sp.symbols("b s d k P p j o")
one_layer = stride * (width - 1) + dilation * (kernel - 1) + 1


def _one_layer(values: Values) -> Values:
    numbers = {"b": 3.0, "s": 2.0, "d": 3.0, "k": 4.0, "P": 1.0, "p": 5.0}
    return {**values, **{key: torch.tensor(n, dtype=torch.float64) for key, n in numbers.items()}}


def _span_of_one_layer(values: Values) -> torch.Tensor:
    """Three neighbouring outputs of a layer with stride 2, kernel 4, dilation 3, by autograd."""
    x = torch.zeros(1, 1, 60, dtype=torch.float64, requires_grad=True)
    ones = torch.ones(1, 1, 4, dtype=torch.float64)
    out = functional.conv1d(x, ones, stride=2, dilation=3, padding=1)
    (gradient,) = torch.autograd.grad(out[0, 0, 5:8].sum(), x)
    seen = gradient.flatten().nonzero().flatten().double()
    return seen[-1] - seen[0] + 1


ONE_LAYER = Derivation(
    id="receptive_field.layer",
    title="What neighbouring outputs of one layer see",
    claim="b neighbouring outputs see s (b - 1) + d (k - 1) + 1 positions of the layer's input: "
    "the step of the backward recursion",
    assumptions=ASSUMPTIONS,
    start=(stride * (p + width - 1) + dilation * (kernel - 1) - padding)
    - (stride * p - padding)
    + 1,
    steps=(
        Step(
            "span",
            one_layer,
            "from the first tap of output p to the last tap of output p + b - 1; the place p and "
            "the padding P cancel",
        ),
    ),
    mutants=(
        Mutant(
            "stride-times-size",
            "b outputs have b - 1 gaps between them.",
            "span",
            one_layer + stride,
        ),
        Mutant(
            "padding-counted",
            "Padding shifts the view; it does not widen it.",
            "span",
            one_layer - 2 * padding,
        ),
    ),
    sizes=({L: 1},),
    oracle=Oracle(
        sizes={L: 1},
        shapes=dict.fromkeys(("b", "s", "d", "k", "P", "p"), ()),
        expected=_span_of_one_layer,
        prepare=_one_layer,
    ),
)


def first_seen(out: Expr) -> Expr:
    """Where the view of output ``out`` begins, for a stack with effective stride j."""
    return jump * out - origin


def _shift(values: Values) -> torch.Tensor:
    """Two layers; how far the gradient moves when the output moves by one."""
    x = torch.zeros(1, 1, 80, dtype=torch.float64, requires_grad=True)
    ones = torch.ones(1, 1, 3, dtype=torch.float64)
    out = functional.conv1d(functional.conv1d(x, ones, stride=3), ones, stride=2)
    starts = [torch.autograd.grad(out[0, 0, at], x, retain_graph=True)[0] for at in (3, 4)]
    return (starts[1].flatten().nonzero()[0, 0] - starts[0].flatten().nonzero()[0, 0]).double()


EFFECTIVE_STRIDE = Derivation(
    id="receptive_field.effective_stride",
    title="Effective strides multiply",
    claim="if the view of a stack moves by j for each output, one more layer of stride s makes it "
    "j s",
    assumptions=ASSUMPTIONS,
    start=first_seen(stride * (p + 1) - padding) - first_seen(stride * p - padding),
    steps=(Step("product", jump * stride, "the next output starts s positions on, each worth j"),),
    mutants=(
        Mutant("sum", "Strides of layers multiply.", "product", jump + stride),
        Mutant("own", "The layers below have strides of their own.", "product", stride),
    ),
    sizes=({L: 1},),
    oracle=Oracle(
        sizes={L: 1},
        shapes={"j": (), "s": ()},
        expected=_shift,
        prepare=lambda values: {**values, "j": torch.tensor(3.0), "s": torch.tensor(2.0)},
    ),
)


def unrolled(layers: int) -> Derivation:
    """The recursions written out for a number of layers, with symbols for every layer."""
    strides = [s[layer] for layer in range(layers)]
    backward = sp.S.One
    for layer in reversed(range(layers)):
        backward = strides[layer] * (backward - 1) + reach(layer) + 1
    terms = [reach(layer) * prod(strides[:layer]) for layer in range(layers)]
    own = [reach(layer) * prod(strides[: layer + 1]) for layer in range(layers)]
    numbers = {"k": [2, 3, 1, 2, 2, 3, 2, 2], "s": [2, 1, 2, 1, 3, 1, 2, 1], "d": [1, 2, 1, 3] * 2}
    numbers = {name: values[:layers] for name, values in numbers.items()}
    return Derivation(
        id=f"receptive_field.unrolled_{layers}",
        title=f"The receptive field of {layers} layers, from the last to the first",
        claim=f"the backward recursion, {layers} times from R = 1, gives the closed form "
        "1 + sum_l d_l (k_l - 1) s_0 ... s_{l-1}; the forward recursion adds just these terms, one "
        "for each layer",
        assumptions=ASSUMPTIONS,
        start=backward,
        steps=(
            Step("closed form", 1 + sum(terms), "multiply out from the last layer to the first"),
        ),
        mutants=(
            Mutant(
                "own-stride",
                "A layer's own stride does not widen its view.",
                "closed form",
                1 + sum(own),
            ),
            Mutant(
                "one-too-few",
                "The position itself counts: the receptive field of no layer is 1.",
                "closed form",
                sum(terms, start=sp.S.Zero),
            ),
        ),
        sizes=({L: layers},),
        oracle=Oracle(
            sizes={L: layers},
            shapes=dict.fromkeys(numbers, (layers,)),
            expected=lambda _: torch.tensor(
                seen_span(numbers["k"], numbers["s"], numbers["d"]), dtype=torch.float64
            ),
            prepare=lambda _: {
                name: torch.tensor(values, dtype=torch.float64) for name, values in numbers.items()
            },
        ),
    )


DERIVATIONS = (NO_LAYERS, FORWARD, BACKWARD, ONE_LAYER, EFFECTIVE_STRIDE, unrolled(8))
