"""Weight gradients of a convolution, their size at random, and gradients through pooling.

The images of the pooling cases have no two equal entries, but for those that are there for the ties.
Windows are oblong, overlap or leave pixels over; values have both signs.
"""

from typing import Any

import numpy as np
import torch

from backproof import (
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
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference import conv_variance as law
from backproof_reference import pooling as reference
from backproof_reference.derivations import conv_forms, conv_variance, pooling
from backproof_reference.results import result

BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 9.5"
POOLING = "Goodfellow, Bengio and Courville, Deep Learning, section 9.3"
STEP = "Goodfellow, Bengio and Courville, Deep Learning, section 4.3"
GLOROT = "Glorot and Bengio 2010, Understanding the difficulty of training, section 4.2"
DERIVATIONS = (conv_forms.VALID_DW, *conv_variance.DERIVATIONS, *pooling.DERIVATIONS)
RANDOM = FormulaField(
    vocabulary=Vocabulary(
        symbols={"n": "int[4, 9]", "k": "int[2, 3]", "s_x": "positive", "s_g": "positive"}
    )
)
UPSTREAM = FormulaField(vocabulary=Vocabulary(symbols={"dy": "real"}))


def _ask(name: str, field: Any, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


ASKS = (
    _ask(
        "kernel_grad",
        FormulaField(
            vocabulary=Vocabulary(
                symbols={"n": "int[3, 4]", "k": "int[2, 3]"},
                arrays=(
                    ArraySymbol(name="x", shape=("n", "n")),
                    ArraySymbol(name="dy", shape=("n - k + 1", "n - k + 1")),
                ),
                indices=(
                    IndexSymbol(name="h", low="0", high="k - 1"),
                    IndexSymbol(name="l", low="0", high="k - 1"),
                ),
            )
        ),
        "dL/dw_hl in x, dy, n, k, h and l",
        "sum(i=0, n-k, sum(j=0, n-k, x[i+h,j+l]*dy[i,j]))",
        "sum(r=h, n-k+h, sum(s=l, n-k+l, dy[r-h,s-l]*x[r,s]))",
        "sum(j=0, n-k, sum(i=0, n-k, dy[i,j]*x[h+i,l+j]))",
    ),
    _ask(
        "sgd_step",
        FormulaField(
            vocabulary=Vocabulary(symbols={"w": "real", "dw": "real", "eta": "positive"}),
            labels=("w_new",),
        ),
        "w after the step",
        "w - eta*dw",
        "w_new = w - eta dw",
        "-dw*eta + w",
    ),
    _ask(
        "grad_mean",
        ChoiceField(options=("zero", "above zero", "below zero")),
        "the mean",
        "zero",
        "Zero",
        "ZERO",
    ),
    _ask(
        "grad_variance",
        RANDOM,
        "the variance",
        "(n-k+1)^2*s_x^2*s_g^2",
        "((n-k+1)*s_x*s_g)^2",
        "s_g^2 s_x^2 (n - (k - 1))^2",
    ),
    _ask(
        "std_growth",
        ChoiceField(options=("like its root", "like n", "like its square", "not at all")),
        "how the standard deviation grows",
        "like n",
        "Like n",
        "LIKE N",
    ),
    FunctionAsk(reference=law.weight_gradient_std),
    _ask("max_largest", UPSTREAM, "the largest pixel, max pooling", "dy", "1*dy", "dy/1"),
    _ask("max_sum", UPSTREAM, "all four pixels, max pooling", "dy", "dy + 0 + 0 + 0", "dy/1"),
    _ask("avg_any", UPSTREAM, "any pixel, average pooling", "dy/4", "0.25*dy", "dy/(2*2)"),
    FunctionAsk(reference=reference.maxpool2d_input_grad),
    FunctionAsk(reference=reference.avgpool2d_input_grad),
    AnswerAsk(
        name="pooling_compared",
        prompt="what speaks for each of them",
        field=TextField(),
        answer="max keeps the strongest response, but one pixel alone learns; average is smooth and "
        "every pixel learns, but strong responses are watered down",
    ),
)


def _numbers(id: str, why: str, public: bool = False, **given: Any) -> Case:
    visibility = Visibility.PUBLIC if public else Visibility.HIDDEN
    return Case(id=id, why=why, build=lambda rng: given, visibility=visibility)


SIZES = (
    _numbers(
        "small_image",
        "a kernel that is more than half as large as the image",
        public=True,
        image_size=7,
        kernel_size=4,
        input_std=1.7,
        gradient_std=0.3,
    ),
    _numbers(
        "large_image",
        "an image that is much larger than the kernel",
        image_size=31,
        kernel_size=5,
        input_std=0.6,
        gradient_std=2.5,
    ),
    _numbers(
        "one_place",
        "a kernel that covers the whole image: a single product",
        image_size=6,
        kernel_size=6,
        input_std=0.8,
        gradient_std=1.3,
    ),
)


def _distinct(rng: np.random.Generator, *shape: int) -> Any:
    """Numbers of both signs, most below 0, no two of them equal."""
    count = int(np.prod(shape))
    return (rng.permutation(count) - 0.7 * count).round().reshape(shape)


def _pooled(
    rng: np.random.Generator,
    x: tuple[int, int, int, int],
    kernel: list[int],
    stride: int,
    **padding: int,
) -> dict[str, Any]:
    around = 2 * padding.get("padding", 0)
    rows, columns = (
        (size + around - side) // stride + 1 for size, side in zip(x[2:], kernel, strict=True)
    )
    dout = rng.choice(np.array([-4.0, -3.0, -2.0, 1.0, 2.0, 3.0]), (x[0], x[1], rows, columns))
    given = {"dout": dout + 0.25, "x": _distinct(rng, *x), "kernel": kernel, "stride": stride}
    return {**given, **padding}


WINDOWS = (
    Case(
        id="windows_side_by_side",
        why="oblong windows with a remainder, the padding left out",
        build=lambda rng: _pooled(rng, (2, 3, 5, 7), [3, 2], 2),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="windows_padded",
        why="windows that reach over the border, where all pixels may be below 0",
        build=lambda rng: _pooled(rng, (2, 3, 5, 8), [2, 3], 2, padding=1),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="windows_overlap",
        why="windows that overlap: a pixel can be the largest of several",
        build=lambda rng: _pooled(rng, (3, 2, 6, 7), [2, 3], 1),
        strided=True,
    ),
    Case(
        id="windows_with_gaps",
        why="a stride larger than the window: pixels in no window, at the end and between",
        build=lambda rng: _pooled(rng, (2, 4, 8, 12), [2, 1], 3),
    ),
    Case(
        id="windows_large_and_padded",
        why="padding of 2, windows of 4 by 5 that overlap and end where the padding ends",
        build=lambda rng: _pooled(rng, (2, 3, 9, 7), [4, 5], 3, padding=2),
    ),
    Case(
        id="tall_windows",
        why="a window of one column, higher than the image is wide",
        build=lambda rng: _pooled(rng, (2, 3, 9, 4), [5, 1], 2),
    ),
    Case(
        id="wide_windows",
        why="a window of one row, wider than the image is high",
        build=lambda rng: _pooled(rng, (3, 2, 4, 10), [1, 5], 2),
    ),
    Case(
        id="windows_higher_than_x",
        why="two rows of windows that are higher than the image, padding of 3 at stride 1",
        build=lambda rng: _pooled(rng, (2, 3, 2, 7), [7, 6], 1, padding=3),
    ),
)


def _tied(rng: np.random.Generator, *shape: int) -> dict[str, Any]:
    """Few different values, so that most windows have several largest entries."""
    x = rng.choice(np.array([-2.0, -1.0, 3.0]), shape)
    x[0, 0] = -1.0  # all entries of a window are equal
    rows, columns = shape[2] // 2, shape[3] // 2
    dout = rng.choice(np.array([-3.0, -1.0, 2.0, 5.0]), (*shape[:2], rows, columns))
    return {"dout": dout, "x": x, "kernel": [2, 2], "stride": 2}


TIES = (
    Case(
        id="ties",
        why="several pixels of a window are the largest",
        build=lambda rng: _tied(rng, 2, 3, 4, 7),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="ties_in_more_windows",
        why="ties of two, three and four pixels",
        build=lambda rng: _tied(rng, 2, 3, 9, 12),
    ),
)


def _std(
    image_size: int, kernel_size: int, input_std: float, gradient_std: float
) -> dict[str, Any]:
    variance = result("conv_variance.variance")
    found = variance.torch(n=image_size, k=kernel_size, v_x=input_std**2, v_g=gradient_std**2)
    return {"std": found.reshape(-1)[0].sqrt()}


def _max(dout: Any, x: Any, kernel: list[int], stride: int, padding: int = 0) -> dict[str, Any]:
    """Each gradient to the place that torch's pooling names."""
    _, places = torch.nn.functional.max_pool2d(x, kernel, stride, padding, return_indices=True)
    flat = torch.zeros_like(x).flatten(2).scatter_add(2, places.flatten(2), dout.flatten(2))
    return {"dx": flat.reshape(x.shape)}


def _average(dout: Any, x: Any, kernel: list[int], stride: int, padding: int = 0) -> dict[str, Any]:
    """The transposed convolution with equal weights, each channel on its own."""
    weights = torch.full((x.shape[1], 1, *kernel), 1 / (kernel[0] * kernel[1]), dtype=x.dtype)
    spread = torch.nn.functional.conv_transpose2d(
        dout, weights.to(x.device), stride=stride, groups=x.shape[1]
    )
    dx = torch.nn.functional.pad(torch.zeros_like(x), [padding] * 4)
    dx[:, :, : spread.shape[2], : spread.shape[3]] = spread
    height, width = x.shape[2:]
    return {"dx": dx[:, :, padding : padding + height, padding : padding + width]}


def _typed(name: str, question: str, claim: str, expects: str, read: str, *proven: str) -> Check:
    kind = OracleKind.PROVEN if proven else OracleKind.REFERENCE
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=kind, provenance=proven or (read,)),
    )


def _pool(kind: str, compute: Any, expects: str, source: str) -> Check:
    return Check(
        id=f"{kind}_dx",
        question="pooling",
        claim=f"dx is the gradient with respect to the input of {kind} pooling",
        expects=expects,
        read=POOLING,
        points=2,
        probe=_probe(f"{kind}pool2d_input_grad"),
        cases=WINDOWS,
        oracle=Expected(compute=compute, kind=OracleKind.REFERENCE, provenance=(source, POOLING)),
    )


def _probe(function: str) -> Probe:
    takes = ("dout", "x", "kernel", "stride", "padding")
    return Probe(calls=(Call(function=function, takes=takes, returns=("dx",)),))


def _unchanged(kind: str) -> Check:
    return Check(
        id=f"{kind}_inputs_unchanged",
        question="pooling",
        claim="the caller's tensors are left as they were",
        expects="dout and x hold after the call what they held before",
        read="torch documentation, in-place operations on tensors",
        points=1,
        probe=_probe(f"{kind}pool2d_input_grad"),
        outputs=(),
        cases=WINDOWS[:1],
        oracle=Relation(name="inputs_unchanged"),
        needs=(f"{kind}_dx",),
    )


MOMENTS = "means and second moments of independent factors"
CHECKS = (
    _typed(
        "kernel_grad",
        "kernel_grad",
        "kernel_grad is the gradient of a weight",
        "a sum over all outputs, each with the pixel that this weight has met there",
        BOOK,
        "conv.dw_valid",
    ),
    _typed(
        "sgd_step",
        "kernel_grad",
        "sgd_step is the weight after a step of gradient descent",
        "a step down the slope",
        STEP,
    ),
    _typed(
        "grad_mean",
        "random_gradient",
        "grad_mean is the mean of a weight's gradient",
        MOMENTS,
        GLOROT,
        "conv_variance.mean",
    ),
    _typed(
        "grad_variance",
        "random_gradient",
        "grad_variance is the variance of a weight's gradient",
        MOMENTS,
        GLOROT,
        "conv_variance.variance",
    ),
    _typed(
        "std_growth",
        "random_gradient",
        "std_growth says how the standard deviation grows with the image",
        "the root of the number of terms, which is counted in n",
        GLOROT,
        "conv_variance.variance",
    ),
    Check(
        id="weight_gradient_std",
        question="random_gradient",
        claim="weight_gradient_std returns the standard deviation of a weight's gradient",
        expects="the root of the variance, which does not depend on the weight",
        read=GLOROT,
        points=1,
        probe=Probe(
            calls=(
                Call(
                    function="weight_gradient_std",
                    takes=("image_size", "kernel_size", "input_std", "gradient_std"),
                    returns=("std",),
                ),
            )
        ),
        cases=SIZES,
        oracle=Expected(
            compute=_std, kind=OracleKind.PROVEN, provenance=("conv_variance.variance",)
        ),
    ),
    _typed(
        "max_largest",
        "pooling",
        "max_largest is the gradient of the pixel that was chosen",
        "the derivative of the largest number with respect to itself",
        POOLING,
        "pooling.max_backward",
    ),
    _typed(
        "max_sum",
        "pooling",
        "max_sum is the sum of the gradients of all four pixels",
        "what a small change of each pixel does to the largest number",
        POOLING,
        "pooling.max_sum",
    ),
    _typed(
        "avg_any",
        "pooling",
        "avg_any is the gradient of a pixel under average pooling",
        "the derivative of a mean with respect to one of its terms",
        POOLING,
        "pooling.average_backward",
    ),
    _pool(
        "max",
        _max,
        "the gradient of each window at its largest pixel; where windows overlap, their sum",
        "torch.nn.functional.max_pool2d, return_indices",
    ),
    Check(
        id="max_ties",
        question="pooling",
        claim="dx shares the gradient of a window out among its largest pixels",
        expects="nothing for other pixels, and no more than the gradient of the window in all",
        read="torch.nn.functional.max_pool2d (all to the first) and torch.amax (equal shares)",
        points=1,
        probe=_probe("maxpool2d_input_grad"),
        cases=TIES,
        oracle=Relation(name="maximum_shares", provenance=("pooling.max_sum",)),
    ),
    _unchanged("max"),
    _pool(
        "avg",
        _average,
        "the gradient of each window, divided among its pixels; where windows overlap, their sum",
        "torch.nn.functional.conv_transpose2d",
    ),
    _unchanged("avg"),
    Check(
        id="pooling_compared",
        question="compare",
        claim="pooling_compared names what speaks for each kind of pooling",
        expects="one thing for each",
        read=POOLING,
        points=1,
        probe=Probe(answer="pooling_compared"),
        oracle=TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "max: keeps the strongest response wherever in the window it is; its gradient is "
                "sparse, so that one pixel of a window learns at a time",
                "average: every pixel counts and learns; smooth; strong responses are watered down",
                "'easy to compute' holds for both",
            ),
        ),
    ),
)
