"""Operation counts of layers as formulas: sizes with remainders, filters, multiply-adds and FLOPs.

The whole numbers of the vocabulary leave remainders at most points, and width, height and both
numbers of channels differ.
"""

from backproof import (
    AnswerAsk,
    Check,
    FormulaField,
    OracleKind,
    Probe,
    TypedAnswer,
    Vocabulary,
)

FIELD = FormulaField(
    vocabulary=Vocabulary(
        symbols={
            "w": "int[8, 17]",
            "h": "int[8, 17]",
            "c": "int[2, 6]",
            "k": "int[2, 5]",
            "s": "int[1, 4]",
            "c_out": "int[2, 7]",
        },
        aliases={"cout": "c_out"},
    )
)
PLACES = "(floor((w-k)/s) + 1)*(floor((h-k)/s) + 1)"


def _ask(name: str, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=FIELD, answer=answer, also=also)


ASKS = (
    _ask("one_output", "multiply-adds behind one output", "k^2*c", "c·k·k", "k*k*c"),
    _ask(
        "places",
        "outputs of one filter",
        PLACES,
        "floor((h-k+s)/s)*floor((w-k+s)/s)",
        "(1 + floor((w-k)/s))*floor(1 + (h-k)/s)",
    ),
    _ask(
        "conv_macs",
        "multiply-adds of the convolution layer",
        f"k^2*c*c_out*{PLACES}",
        f"c_out*c*k*k*{PLACES}",
        "k²·c·cout·floor((h-k+s)/s)·floor((w-k+s)/s)",
    ),
    _ask(
        "conv_flops",
        "floating-point operations of the convolution layer",
        f"2*k^2*c*c_out*{PLACES}",
        f"c_out*{PLACES}*(k^2*c + k^2*c)",
        "2k^2*c*c_out*floor((h-k+s)/s)*floor((w-k+s)/s)",
    ),
    _ask(
        "average_ops",
        "operations of average pooling",
        f"k^2*c*{PLACES}",
        f"c*{PLACES}*((k^2 - 1) + 1)",
        "k²·c·floor((h-k+s)/s)·floor((w-k+s)/s)",
    ),
    _ask(
        "max_comparisons",
        "comparisons of max pooling",
        f"(k^2 - 1)*c*{PLACES}",
        f"c*(k-1)*(k+1)*{PLACES}",
        f"k^2*c*{PLACES} - c*{PLACES}",
    ),
    _ask("relu_ops", "comparisons of a ReLU", "w*h*c", "c·h·w", "(w*h)*c"),
    _ask("batchnorm_macs", "multiply-adds of batch normalisation", "w*h*c", "c·h·w", "(w*h)*c"),
)
GUIDE = "Dumoulin and Visin 2016, A guide to convolution arithmetic, relationship 5"
SZE = "Sze et al. 2017, Efficient Processing of Deep Neural Networks, section III"


def _check(
    name: str, question: str, claim: str, expects: str, read: str = SZE, rule: str = ""
) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(rule=rule, kind=OracleKind.REFERENCE, provenance=(read,)),
    )


CHECKS = (
    _check(
        "one_output",
        "convolution",
        "one_output counts the multiply-adds behind one output",
        "one for each weight of the filter, which reaches over all input channels",
    ),
    _check(
        "places",
        "convolution",
        "places counts the places of the window",
        "a whole number for any sizes: a remainder that the stride leaves is cut off",
        read=GUIDE,
    ),
    _check(
        "conv_macs",
        "convolution",
        "conv_macs counts the multiply-adds of the layer",
        "those behind one output, for every place of every filter",
        rule="c_out*one_output*places",
    ),
    _check(
        "conv_flops",
        "convolution",
        "conv_flops counts the floating-point operations of the layer",
        "a multiplication and an addition for each multiply-add",
        rule="2*conv_macs",
    ),
    _check(
        "average_ops",
        "pooling",
        "average_ops counts the operations of average pooling",
        "additions of the entries of a window and one scaling, for every place in every channel",
        rule="k^2*c*places",
    ),
    _check(
        "max_comparisons",
        "pooling",
        "max_comparisons counts the comparisons of max pooling",
        "the largest of n numbers takes n - 1 comparisons, for every place in every channel",
        rule="(k^2 - 1)*c*places",
    ),
    _check(
        "relu_ops",
        "elementwise",
        "relu_ops counts the comparisons of a ReLU",
        "one for each entry of the input",
    ),
    _check(
        "batchnorm_macs",
        "elementwise",
        "batchnorm_macs counts the multiply-adds of batch normalisation at test time",
        "one for each entry of the input",
    ),
)
