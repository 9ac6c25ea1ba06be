"""Average and max pooling of four images by hand and in code, and what pooling does to shifts and noise.

Images of the code question have no two equal entries and both signs; windows are oblong, overlap or
leave pixels over.
"""

from typing import Any

import numpy as np
import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    Expected,
    FormulaField,
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference.derivations import pooling
from backproof_reference.results import result

BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 9.3"
DERIVATIONS = (pooling.AVERAGE_AS_CONVOLUTION,)
AVERAGE = DERIVATIONS[0].id


def average_pool(x: torch.Tensor, kernel: tuple[int, int], stride: int) -> torch.Tensor:
    """The mean of every window of an image.

    Windows move by `stride` along both axes. Nothing is padded: where the next window would reach over
    the border, there is none.

    Shapes:
        x: (N, C, H, W); kernel: (K_H, K_W), the size of a window.
        Returns (N, C, H_out, W_out), with H_out = floor((H - K_H) / stride) + 1 and W_out alike.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3.
    """
    windows = x.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride)
    return windows.mean(dim=(4, 5))


def max_pool(x: torch.Tensor, kernel: tuple[int, int], stride: int) -> torch.Tensor:
    """The largest entry of every window of an image.

    Windows move by `stride` along both axes. Nothing is padded: where the next window would reach over
    the border, there is none.

    Shapes:
        x: (N, C, H, W); kernel: (K_H, K_W), the size of a window.
        Returns (N, C, H_out, W_out), with H_out = floor((H - K_H) / stride) + 1 and W_out alike.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 9.3.
    """
    windows = x.unfold(2, kernel[0], stride).unfold(3, kernel[1], stride)
    return windows.amax(dim=(4, 5))


MATRIX = FormulaField(vocabulary=Vocabulary())
COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")
CHANGE = NumberField(demand=NumberDemand(minimum_digits=1), domain="positive")


def _ask(name: str, field: Any, prompt: str, *answers: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answers[0], also=answers[1:])


def _averages(number: int, *answers: str) -> AnswerAsk:
    return _ask(
        f"average_{number}", MATRIX, f"P_{number}, average pooling, [[a, b], [c, d]]", *answers
    )


def _maxima(number: int) -> AnswerAsk:
    spellings = ("[[1, 1], [1, 1]]", "[[1.0,1.0],[1.0,1.0]]", "[[1], [1]]@[[1, 1]]")
    return _ask(
        f"maximum_{number}", MATRIX, f"P_{number}, max pooling, [[a, b], [c, d]]", *spellings
    )


ASKS = (
    _averages(1, "[[1, 1/2], [1/2, 1/4]]", "[[1, .5], [.5, .25]]", "[[4, 2], [2, 1]]/4"),
    _averages(2, "[[1/2, 1], [1/4, 1/2]]", "[[.5, 1], [.25, .5]]", "[[2, 4], [1, 2]]/4"),
    _averages(3, "[[1/4, 1/2], [1/2, 1]]", "[[.25, .5], [.5, 1]]", "[[1, 2], [2, 4]]/4"),
    _averages(4, "[[1/2, 1/4], [1, 1/2]]", "[[.5, .25], [1, .5]]", "[[2, 1], [4, 2]]/4"),
    *(_maxima(number) for number in (1, 2, 3, 4)),
    FunctionAsk(reference=average_pool),
    FunctionAsk(reference=max_pool),
    _ask("different_averages", COUNT, "different results, average pooling", "4", "4.0", "2 + 2"),
    _ask("different_maxima", COUNT, "different results, max pooling", "1", "1.0", "4 - 3"),
    _ask("noise_average", CHANGE, "change of the largest entry, average", "1/4", "0.25", "1/(2*2)"),
    _ask("noise_maximum", CHANGE, "change of the largest entry, max", "1", "1.0", "1 - 0"),
    _ask("missing_pixels", COUNT, "pixels that have to go missing", "1", "1.0", "2 - 1"),
    AnswerAsk(
        name="why_pooling",
        prompt="why pooling may help",
        field=TextField(),
        answer="Where exactly a feature lies matters less: after a small shift, max pooling gives the "
        "same or nearly the same map. A noisy pixel is watered down by the average of its window, and "
        "a missing one does not show where another pixel of its window is as large.",
    ),
)


def _image(
    rng: np.random.Generator, shape: tuple[int, ...], kernel: tuple[int, int], stride: int
) -> dict[str, Any]:
    """Different numbers of both signs, in no order, and quarters, so that few sums are whole."""
    size = int(np.prod(shape))
    values = rng.permutation(np.arange(size) - 0.6 * size)
    return {"x": np.round(4 * values).reshape(shape) / 4, "kernel": kernel, "stride": stride}


IMAGES = (
    Case(
        id="two_by_two",
        why="windows of 2 x 2 with stride 2, one row left over",
        build=lambda rng: _image(rng, (2, 3, 5, 6), (2, 2), 2),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="overlap",
        why="oblong windows that overlap",
        build=lambda rng: _image(rng, (3, 2, 7, 5), (3, 2), 1),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="oblong",
        why="windows wider than high, that overlap along one axis, pixels left over",
        build=lambda rng: _image(rng, (2, 4, 9, 11), (2, 4), 3),
    ),
    Case(
        id="below_zero",
        why="no entry above 0, so that a padding of zeros would be the largest; one column left over",
        build=lambda rng: (
            _image(rng, (3, 2, 6, 7), (2, 3), 2)
            | {"x": -1.0 - rng.permutation(np.arange(252.0)).reshape(3, 2, 6, 7) / 4}
        ),
    ),
    Case(
        id="gaps",
        why="a stride that is larger than the window, tensors that are views with gaps",
        build=lambda rng: _image(rng, (4, 3, 10, 8), (3, 2), 4),
        strided=True,
    ),
)


def _average(x: Any, kernel: tuple[int, int], stride: int) -> dict[str, Any]:
    (count, channels, height, width), (rows, columns) = x.shape, kernel
    sizes = {
        "B": count,
        "C": channels,
        "H": height,
        "V": width,
        "K_H": rows,
        "K_V": columns,
        "H_o": (height - rows) // stride + 1,
        "V_o": (width - columns) // stride + 1,
        "s": stride,
        "P_0": 0,
    }
    return {"out": result(AVERAGE).torch({"X": x} | sizes)}


def _largest(x: Any, kernel: tuple[int, int], stride: int) -> dict[str, Any]:
    return {"out": torch.nn.functional.max_pool2d(x, kernel, stride)}


def _typed(name: str, question: str, claim: str, expects: str, **oracle: Any) -> Check:
    oracle = {"kind": OracleKind.REFERENCE, "provenance": (BOOK,)} | oracle
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=BOOK,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(**oracle),
    )


def _code(id: str, function: str, claim: str, expects: str, points: float, **more: Any) -> Check:
    call = Call(function=function, takes=("x", "kernel", "stride"), returns=("out",))
    return Check(
        id=id,
        question="code",
        claim=claim,
        expects=expects,
        read=BOOK,
        points=points,
        probe=Probe(calls=(call,)),
        **{"cases": IMAGES} | more,
    )


PROVEN = {"kind": OracleKind.PROVEN, "provenance": (AVERAGE,)}
CHECKS = (
    *(
        _typed(
            f"average_{number}",
            "average",
            f"average_{number} is P_{number} behind average pooling",
            "one entry for each window: a quarter of the sum of its four pixels, in the window's place",
            **PROVEN,
        )
        for number in (1, 2, 3, 4)
    ),
    *(
        _typed(
            f"maximum_{number}",
            "maximum",
            f"maximum_{number} is P_{number} behind max pooling",
            "one entry for each window: the largest of its four pixels, in the window's place",
        )
        for number in (1, 2, 3, 4)
    ),
    _code(
        "average_pool",
        "average_pool",
        "out holds the mean of every window",
        "one entry for each window that lies in the image: the sum of its entries over their number",
        2,
        oracle=Expected(compute=_average, kind=OracleKind.PROVEN, provenance=(AVERAGE,)),
    ),
    _code(
        "max_pool",
        "max_pool",
        "out holds the largest entry of every window",
        "one entry for each window that lies in the image: the largest of its entries",
        2,
        oracle=Expected(
            compute=_largest,
            kind=OracleKind.REFERENCE,
            provenance=("torch.nn.functional.max_pool2d", BOOK),
        ),
    ),
    _code(
        "inputs_unchanged",
        "max_pool",
        "the caller's image is left as it was",
        "x holds after the call what it held before",
        0,
        outputs=(),
        cases=IMAGES[:1],
        oracle=Relation(name="inputs_unchanged"),
        needs=("max_pool",),
    ),
    _typed(
        "different_averages",
        "why",
        "different_averages counts the different results of average pooling",
        "a look at the four matrices",
        **PROVEN,
    ),
    _typed(
        "different_maxima",
        "why",
        "different_maxima counts the different results of max pooling",
        "a look at the four matrices",
    ),
    _typed(
        "noise_average",
        "why",
        "noise_average is the change of the largest entry under average pooling",
        "the entry of the window with the noisy pixel, before and after",
        **PROVEN,
    ),
    _typed(
        "noise_maximum",
        "why",
        "noise_maximum is the change of the largest entry under max pooling",
        "the entry of the window with the noisy pixel, before and after",
    ),
    _typed(
        "missing_pixels",
        "why",
        "missing_pixels is the least number of missing pixels that shows behind max pooling",
        "the window that has the fewest pixels of the square",
    ),
    _typed(
        "why_pooling",
        "why",
        "the reason speaks of places and of noise",
        "what pooling does to a small shift, and to a pixel that is wrong",
        kind=OracleKind.PERSON,
        provenance=(),
        rubric=(
            "a small shift (another angle or place) changes the pooled map little or not at all",
            "noise: averages water a wrong pixel down; a missing pixel does not show where its window "
            "has another as large",
            "noise alone, without shifts, is half of the answer",
        ),
    ),
)
