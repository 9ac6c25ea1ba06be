"""Convolution forward and backward: asks, checks and designed cases.

The cases follow the power rules of convolution: asymmetric kernels with two different sides,
height and width different, more than one example, input and output channels different, padding
that is not half the kernel, a stride that leaves a remainder. Values are integers, so that any
order of summation gives the same result.
"""

from typing import Any

import numpy as np

from backproof import (
    OWN_CONVOLUTION,
    AnswerAsk,
    ArraySymbol,
    Call,
    Case,
    Check,
    ChoiceField,
    Expected,
    FormulaField,
    FunctionAsk,
    IndexSymbol,
    OracleKind,
    Probe,
    Relation,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference import conv as reference
from backproof_reference.derivations import conv, conv1d
from backproof_reference.results import result

ASKS = (
    AnswerAsk(
        name="weight_grad_formula",
        prompt="dL/dW_j in dz, x, N, K and j",
        field=FormulaField(
            vocabulary=Vocabulary(
                symbols={"N": "int[4, 7]", "K": "int[2, 3]"},
                arrays=(
                    ArraySymbol(name="dz", shape=("N - K + 1",)),
                    ArraySymbol(name="x", shape=("N",)),
                ),
                indices=(IndexSymbol(name="j", low="0", high="K - 1"),),
                constraints=("N - K",),
            )
        ),
        answer="sum(i=0, N-K, dz[i]*x[i+j])",
        also=("sum(m=j, N-K+j, x[m]*dz[m-j])", "dz[0]*x[j] + sum(i=1, N-K, dz[i]*x[j+i])"),
    ),
    AnswerAsk(
        name="weight_grad_operation",
        prompt="the operation on X",
        field=ChoiceField(options=("correlation", "flipped", "padded")),
        answer="correlation",
        also=("Correlation", "CORRELATION"),
    ),
    FunctionAsk(reference=reference.conv1d_weight_grad),
    FunctionAsk(reference=reference.conv2d_forward),
    FunctionAsk(reference=reference.conv2d_backward),
)
DERIVATIONS = (*conv1d.DERIVATIONS, *conv.DERIVATIONS)
READ = "Goodfellow, Bengio and Courville, Deep Learning, section 9.5"
OPTIONS = ("stride", "padding", "dilation", "groups")


def _whole(rng: np.random.Generator, *shape: int) -> Any:
    """Integers between -4 and 4 without 0, as floats."""
    return rng.choice(np.array([-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0]), size=shape)


def _layer(
    rng: np.random.Generator,
    x: tuple[int, int, int, int],
    w: tuple[int, int, int, int],
    **options: int,
) -> dict[str, Any]:
    """Inputs of forward and backward; the size of dout follows from the layer."""
    stride, padding, dilation = (
        options.get(k, d) for k, d in zip(OPTIONS, (1, 0, 1), strict=False)
    )
    size = [(x[axis] + 2 * padding - dilation * (w[axis] - 1) - 1) // stride + 1 for axis in (2, 3)]
    return {
        "x": _whole(rng, *x),
        "w": _whole(rng, *w),
        "b": _whole(rng, w[0]),
        "dout": _whole(rng, x[0], w[0], *size) + 1.0,
        **options,
    }


PLAIN = (
    Case(
        id="plain",
        why="all options left to their defaults",
        build=lambda rng: _layer(rng, (2, 3, 5, 6), (4, 3, 2, 3)),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="stride_2_remainder",
        why="stride 2 leaves a row and a column that no kernel position reaches",
        build=lambda rng: _layer(rng, (2, 2, 6, 7), (3, 2, 3, 2), stride=2, padding=0),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="padding_2",
        why="padding 2 is not half of either side of the kernel",
        build=lambda rng: _layer(rng, (3, 2, 5, 4), (5, 2, 3, 2), stride=1, padding=2),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="stride_3_padding_1",
        why="stride and padding together, with a remainder",
        build=lambda rng: _layer(rng, (2, 4, 10, 14), (6, 4, 2, 3), stride=3, padding=1),
        strided=True,
    ),
    Case(
        id="one_channel",
        why="a single input channel, fewer than the pixels that are padded",
        build=lambda rng: _layer(rng, (2, 1, 4, 5), (3, 1, 2, 3), stride=1, padding=2),
    ),
)
GENERAL = (
    Case(
        id="dilation_2",
        why="dilation 2 with padding",
        build=lambda rng: _layer(rng, (2, 3, 8, 7), (2, 3, 3, 2), stride=1, padding=1, dilation=2),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="groups_2",
        why="two groups of channels, more outputs than inputs",
        build=lambda rng: _layer(
            rng, (2, 4, 6, 5), (6, 2, 2, 3), stride=1, padding=0, dilation=1, groups=2
        ),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="all_options",
        why="stride, padding, dilation and groups together, with a remainder",
        build=lambda rng: _layer(
            rng, (2, 6, 10, 11), (9, 2, 3, 4), stride=2, padding=3, dilation=3, groups=3
        ),
        strided=True,
    ),
)


def _one_dimension(rng: np.random.Generator, length: int, kernel: int) -> dict[str, Any]:
    return {"dz": _whole(rng, length - kernel + 1), "x": _whole(rng, length)}


ONE_DIMENSION = (
    Case(
        id="nine_and_three",
        why="N = 9 and K = 3: seven products per entry",
        build=lambda rng: _one_dimension(rng, 9, 3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="eight_and_five",
        why="K more than half of N: more entries than products",
        build=lambda rng: _one_dimension(rng, 8, 5),
    ),
    Case(
        id="whole_length",
        why="K = N: a single output",
        build=lambda rng: _one_dimension(rng, 6, 6),
        strided=True,
    ),
)


def _train(x: Any, w: Any, b: Any, dout: Any, **options: int) -> dict[str, Any]:
    """The layer from its definition, its gradients from the checked expressions."""
    groups = options.get("groups", 1)
    rows, columns = w.shape[2:]
    grouped = {
        "X": x.unflatten(1, (groups, -1)),
        "W": w.unflatten(0, (groups, -1)),
        "G": dout.unflatten(1, (groups, -1)),
    }
    sizes = {
        "N": len(x), "Q": groups, "T": len(w) // groups, "C": w.shape[1],
        "H": x.shape[2], "V": x.shape[3], "K_H": rows, "K_V": columns,
        "H_o": dout.shape[2], "V_o": dout.shape[3],
        "s": options.get("stride", 1), "d": options.get("dilation", 1),
        "P": options.get("padding", 0),
    }  # fmt: skip

    def gradient(name: str, *arrays: str) -> Any:
        return result(name).torch({array: grouped[array] for array in arrays} | sizes)

    return {
        "out": reference.conv2d_forward(x, w, b, **options),
        "dx": gradient("conv.dx", "W", "G").flatten(1, 2),
        "dw": gradient("conv.dw", "X", "G").flatten(0, 1),
        "db": gradient("conv.db", "G").flatten(),
    }


def _weight_grad(dz: Any, x: Any) -> dict[str, Any]:
    return {"dw": result("conv1d.dw").torch(dz=dz, x=x, N=len(x), K=len(x) - len(dz) + 1)}


LAYER = Expected(
    compute=_train, kind=OracleKind.PROVEN, provenance=("conv.dx", "conv.dw", "conv.db")
)
FORWARD = Probe(
    calls=(Call(function="conv2d_forward", takes=("x", "w", "b", *OPTIONS), returns=("out",)),)
)
BACKWARD = Probe(
    calls=(
        Call(
            function="conv2d_backward",
            takes=("dout", "x", "w", *OPTIONS),
            returns=("dx", "dw", "db"),
        ),
    )
)
ONE = Probe(calls=(Call(function="conv1d_weight_grad", takes=("dz", "x"), returns=("dw",)),))

_TEXTS = {
    "out": (
        "forward",
        "out is the cross-correlation of x with w, plus the bias",
        "out[n,o,p,q] is the sum over the kernel of w[o,c,u,v] x[n,c,S p + d u - P, S q + d v - P]",
    ),
    "dx": (
        "dx",
        "dx is the gradient of the loss with respect to x",
        "each entry of x collects every output that it took part in, weighted by the kernel entry "
        "that joined them; entries that no kernel position reaches get 0",
    ),
    "dw": (
        "dw",
        "dw is the gradient of the loss with respect to w",
        "each kernel entry collects, over batch and positions, dout times the x that it met",
    ),
    "db": (
        "db",
        "db is the gradient of the loss with respect to b",
        "each bias is added to every position of its channel in every example",
    ),
}


def _check(output: str, points: float, suffix: str = "", **more: Any) -> Check:
    question, claim, expects = _TEXTS[output]
    fields: dict[str, Any] = {
        "id": question + suffix,
        "question": question,
        "claim": claim,
        "expects": expects,
        "read": READ,
        "points": points,
        "probe": FORWARD if output == "out" else BACKWARD,
        "outputs": (output,),
        "cases": PLAIN,
        "oracle": LAYER,
        "forbids": () if output == "db" else (OWN_CONVOLUTION,),
    }
    return Check(**fields | more)


def _general(output: str) -> Check:
    question, claim, _ = _TEXTS[output]
    return _check(
        output,
        1,
        suffix="_general",
        cases=GENERAL,
        claim=f"{claim}, with dilation and groups",
        expects="kernel entry (u, v) meets x at steps of the dilation, and each block of output "
        "channels only its own block of input channels",
        needs=(question,),
    )


def _typed(name: str, claim: str, expects: str) -> Check:
    return Check(
        id=name,
        question="weight_grad_formula",
        claim=claim,
        expects=expects,
        read=READ,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(provenance=("conv1d.dw",)),
    )


CHECKS = (
    _typed(
        "weight_grad_formula",
        "weight_grad_formula is the derivative of the loss with respect to W_j",
        "a sum with one term for each output, that is for each entry of dz",
    ),
    _typed(
        "weight_grad_operation",
        "weight_grad_operation is the operation of that formula on X",
        "a look at how the indices of dz and x move: together or against each other",
    ),
    Check(
        id="weight_grad_1d",
        question="weight_grad_1d",
        claim="dw[j] is the gradient of the loss with respect to W[j]",
        expects="a sum with one term for each entry of dz, and no more",
        read=READ,
        points=1,
        probe=ONE,
        outputs=("dw",),
        cases=ONE_DIMENSION,
        oracle=Expected(compute=_weight_grad, kind=OracleKind.PROVEN, provenance=("conv1d.dw",)),
        forbids=(OWN_CONVOLUTION,),
    ),
    _check("out", 3),
    _general("out"),
    _check(
        "out",
        1,
        suffix="_float32",
        dtype="float32",
        claim=f"{_TEXTS['out'][1]}, in float32",
        expects="rounding of the size of float32's last place, no more",
        needs=("forward",),
    ),
    _check("dx", 3),
    _general("dx"),
    _check("dw", 2),
    _general("dw"),
    _check("db", 1),
    Check(
        id="inputs_unchanged",
        question="dx",
        claim="the caller's tensors are left as they were",
        expects="dout, x and w hold after the call what they held before",
        read="torch documentation, in-place operations on tensors",
        points=1,
        probe=BACKWARD,
        outputs=(),
        cases=PLAIN[:1],
        oracle=Relation(name="inputs_unchanged"),
        needs=("dx",),
    ),
)
