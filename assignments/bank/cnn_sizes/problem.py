"""Sizes and parameters of a convolution layer; each wrong number has its own slip."""

from typing import Any

from backproof import (
    AnswerAsk,
    Check,
    ChoiceField,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    TextField,
    TypedAnswer,
)

WHOLE = NumberField(demand=NumberDemand(whole=True), domain="positive")
SIZES = "Dumoulin and Visin 2016, A guide to convolution arithmetic, relationships 1 and 3"
COUNTS = "Goodfellow, Bengio and Courville, Deep Learning, section 9.2"
PADDING = "Goodfellow, Bengio and Courville, Deep Learning, section 9.5"

KEPT = ("height and width", "number of channels", "values at the border", "cost of the layer")


def _ask(name: str, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=WHOLE, answer=answer, also=also)


ASKS = (
    _ask("rows_unpadded", "rows of the output without padding", "13", "20 - 8 + 1", "13.0"),
    _ask("rows_of_zeros", "rows of zeros, above and below together", "7", "8 - 1", "3 + 4"),
    AnswerAsk(
        name="zero_padding_keeps",
        prompt="what zero padding keeps as it is",
        field=ChoiceField(options=KEPT),
        answer=KEPT[0],
        also=(KEPT[0].capitalize(), KEPT[0].upper()),
    ),
    AnswerAsk(
        name="zero_padding_why",
        prompt="one benefit and one drawback",
        field=TextField(),
        answer="The size is kept, so that a net can be deep, and pixels at the border are used as "
        "often as others. But zeros are no image: outputs at the border are biased, and computing "
        "with them costs time.",
    ),
    _ask("parameters", "weights and biases", "608", "8*(5*5*3 + 1)", "600 + 8"),
    _ask("output_height", "rows of the output", "28", "32 - 5 + 1", "28.0"),
    _ask("output_width", "columns of the output", "28", "32 - 5 + 1", "28.0"),
    _ask("output_channels", "channels of the output", "8", "8.0", "2*4"),
)


def _check(
    name: str, question: str, claim: str, expects: str, read: str, points: float, **oracle: Any
) -> Check:
    oracle = {"kind": OracleKind.REFERENCE, "provenance": (read,)} | oracle
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        points=points,
        probe=Probe(answer=name),
        oracle=TypedAnswer(**oracle),
    )


PLACES = "the number of places that the filter has, without leaving the image"
CHECKS = (
    _check(
        "rows_unpadded",
        "zero_padding",
        "rows_unpadded counts the rows of the output without padding",
        PLACES,
        SIZES,
        1,
    ),
    _check(
        "rows_of_zeros",
        "zero_padding",
        "rows_of_zeros counts the rows that keep the size",
        "as many rows as the output has less than the image; the size of the filter is even, so one "
        "side gets more",
        SIZES,
        1,
        rule="20 - rows_unpadded",
    ),
    _check(
        "zero_padding_keeps",
        "zero_padding",
        "zero_padding_keeps says what does not change from input to output, thanks to the padding",
        "what rows and columns of zeros have an effect on",
        PADDING,
        1,
    ),
    _check(
        "zero_padding_why",
        "zero_padding",
        "a benefit and a drawback of zero padding",
        "one of each",
        PADDING,
        1,
        kind=OracleKind.PERSON,
        provenance=(),
        rubric=(
            "benefit: the size is kept (deep nets), or pixels at the border are used as often",
            "drawback: artefacts at the border, as zeros are no image; 'computation' alone is weak",
        ),
    ),
    _check(
        "parameters",
        "parameters",
        "parameters counts the weights and biases of the layer",
        "the weights of a filter over all input channels, and one bias, for each filter",
        COUNTS,
        1,
    ),
    _check(
        "output_height",
        "output",
        "output_height counts the rows of the output",
        PLACES,
        SIZES,
        1,
    ),
    _check(
        "output_width",
        "output",
        "output_width counts the columns of the output",
        PLACES,
        SIZES,
        1,
    ),
    _check(
        "output_channels",
        "output",
        "output_channels counts the channels of the output",
        "one channel for each filter",
        COUNTS,
        1,
    ),
)
