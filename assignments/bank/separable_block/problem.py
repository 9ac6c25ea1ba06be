"""A depthwise separable block as code, from given weights.

The cases follow the power rules of convolution: asymmetric kernels, H and W different, M and N
different, more than one example, a stride that leaves a remainder, padding that is not half the
kernel. Values are whole, so that any order of summation gives the same result.
"""

from typing import Any

import numpy as np

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    Expected,
    FormulaField,
    FunctionAsk,
    OracleKind,
    Probe,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
    Waiver,
)
from backproof_reference import mobilenet as reference
from backproof_reference.conv import conv2d_forward
from backproof_reference.derivations import mobilenet

PAPER = "Howard et al. 2017, MobileNets, section 3.1 and figure 2"
SIZES = FormulaField(
    vocabulary=Vocabulary(
        symbols={"M": "int[2, 9]", "N": "int[2, 9]", "D_K": "int[2, 5]"}, aliases={"DK": "D_K"}
    )
)
ASKS = (
    FunctionAsk(reference=reference.separable_block),
    AnswerAsk(
        name="groups",
        prompt="groups of the depthwise convolution",
        field=SIZES,
        answer="M",
        also=("1*M", "(M)"),
    ),
    AnswerAsk(
        name="weights_per_channel",
        prompt="weights of one output channel of the depthwise convolution",
        field=SIZES,
        answer="D_K^2",
        also=("DK*DK", "D_K·D_K"),
    ),
    AnswerAsk(
        name="block_in_words",
        prompt="the block: its layers in order, and what each of them mixes",
        field=TextField(),
        answer="depthwise: the neighbours of a pixel in each channel; then pointwise: the channels",
    ),
)
DERIVATIONS = mobilenet.DERIVATIONS
WAIVERS = (
    Waiver(
        rule="square_image",
        reason="the kernels of the paper are square, those of a pointwise convolution 1 by 1; no "
        "image of the cases is square",
    ),
)


def _whole(rng: np.random.Generator, *shape: int) -> Any:
    """Integers between -4 and 4 without 0, as floats."""
    return rng.choice(np.array([-4.0, -3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 4.0]), size=shape)


def _block(
    rng: np.random.Generator,
    x: tuple[int, int, int, int],
    channels: int,
    kernel: int,
    **options: int,
) -> dict[str, Any]:
    return {
        "x": _whole(rng, *x),
        "depthwise": _whole(rng, x[1], 1, kernel, kernel),
        "pointwise": _whole(rng, channels, x[1], 1, 1),
        **options,
    }


CASES = (
    Case(
        id="plain",
        why="stride and padding left to their defaults",
        build=lambda rng: _block(rng, (2, 3, 5, 7), 4, 3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="stride_2_padding_1",
        why="an even kernel, stride 2 and padding 1, as in the network of the cost question",
        build=lambda rng: _block(rng, (2, 3, 9, 6), 5, 4, stride=2, padding=1),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="fewer_channels_out",
        why="fewer output than input channels, padding that is not half the kernel",
        build=lambda rng: _block(rng, (3, 6, 4, 5), 2, 3, stride=1, padding=2),
    ),
    Case(
        id="remainder",
        why="stride 3 leaves rows and columns that no kernel reaches, views with gaps",
        build=lambda rng: _block(rng, (2, 4, 10, 8), 3, 2, stride=3, padding=0),
        strided=True,
    ),
)


def _separable(x: Any, depthwise: Any, pointwise: Any, **options: int) -> dict[str, Any]:
    """Both convolutions from the definition of a convolution with groups."""
    none = x.new_zeros(len(depthwise))
    filtered = conv2d_forward(x, depthwise, none, groups=len(depthwise), **options)
    return {"out": conv2d_forward(filtered, pointwise, x.new_zeros(len(pointwise)))}


def _typed(name: str, claim: str, expects: str, oracle: TypedAnswer) -> Check:
    return Check(
        id=name,
        question="block",
        claim=claim,
        expects=expects,
        read=PAPER,
        points=1,
        probe=Probe(answer=name),
        oracle=oracle,
    )


COUNTED = TypedAnswer(provenance=("mobilenet.parameters",))
CHECKS = (
    Check(
        id="separable_block",
        question="block",
        claim="out is the depthwise separable convolution of x",
        expects="each input channel filtered by its own kernel, then every pixel's channels mixed; "
        "N channels of the size that stride and padding give",
        read=PAPER,
        points=3,
        probe=Probe(
            calls=(
                Call(
                    function="separable_block",
                    takes=("x", "depthwise", "pointwise", "stride", "padding"),
                    returns=("out",),
                ),
            )
        ),
        outputs=("out",),
        cases=CASES,
        oracle=Expected(compute=_separable, kind=OracleKind.REFERENCE, provenance=(PAPER,)),
    ),
    _typed(
        "groups",
        "groups is the number of groups of the depthwise convolution",
        "the number of sets of channels that do not see each other",
        COUNTED,
    ),
    _typed(
        "weights_per_channel",
        "weights_per_channel counts the weights of one output channel",
        "one weight for each input that the output pixel sees",
        COUNTED,
    ),
    _typed(
        "block_in_words",
        "block_in_words describes the block",
        "two layers, in order, each with what it mixes and what it leaves apart",
        TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "first depthwise: D_K x D_K, one kernel for each channel (groups = M), no mixing "
                "of channels",
                "then pointwise: 1 x 1 from M to N channels, no mixing of pixels",
                "a figure that is only announced has no points; ask for it",
            ),
        ),
    ),
)
