"""What pooling does: sizes, receptive fields, and the test by a shift.

The cases of the function have values of both signs, so that padding with zeros shows, lengths that
leave a remainder, and windows that are not 2.
"""

from typing import Any

import numpy as np
import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Expected,
    FormulaField,
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference.derivations import receptive_field
from backproof_reference.mobilenet import output_size
from backproof_reference.receptive_field import receptive_fields

GUIDE = "Dumoulin and Visin 2016, A guide to convolution arithmetic, relationship 5"
FIELDS = "Araujo, Norris and Sim 2019, Computing Receptive Fields"
ZHANG = "Zhang 2019, Making Convolutional Networks Shift-Invariant Again, section 3"
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 9.3"


def pool_and_shift(x: torch.Tensor, kernel: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Max pooling of x, and of x shifted by one pixel.

    Windows hold ``kernel`` pixels and do not overlap; pixels left over at the end are dropped. The
    shift moves every pixel one place towards the end: the first place becomes 0, the last pixel is
    lost.

    Shapes:
        x: (C, L) with L >= kernel. Returns ``(before, after)``, each (C, L // kernel).

    Source:
        Zhang, "Making Convolutional Networks Shift-Invariant Again", ICML 2019, section 3.
    """
    shifted = torch.nn.functional.pad(x[:, :-1], (1, 0))
    return tuple(signal.unfold(1, kernel, kernel).amax(dim=2) for signal in (x, shifted))


ROWS = NumberField(demand=NumberDemand(whole=True), domain="positive")


def _number(name: str, prompt: str, *answers: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=ROWS, answer=answers[0], also=answers[1:])


def _claim(name: str, prompt: str, *, true: bool) -> AnswerAsk:
    said = "true" if true else "false"
    return AnswerAsk(
        name=name,
        prompt=prompt,
        field=ChoiceField(),
        answer=said,
        also=(said.title(), said.upper()),
    )


def _words(name: str, prompt: str, answer: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=TextField(), answer=answer)


ASKS = (
    _number(
        "pooled_rows",
        "rows behind the pooling layer",
        str(output_size(output_size(57, 3), 2, 2)),
        "27.0",
        "floor((55 - 2)/2) + 1",
    ),
    _number(
        "field",
        "rows that one output of the last convolution sees",
        str(receptive_fields([3, 2, 3], [1, 2, 1])[-1]),
        "1 + 2 + 1 + 2*2",
        "8.0",
    ),
    _number(
        "field_without",
        "the same without the pooling layer",
        str(receptive_fields([3, 3], [1, 1])[-1]),
        "3 + 2",
        "5.0",
    ),
    _claim("pooling_learns", "max pooling has parameters", true=False),
    _words(
        "why_smaller",
        "what smaller maps are good for",
        "less to compute behind them, and every output sees more of the image",
    ),
    FunctionAsk(reference=pool_and_shift),
    AnswerAsk(
        name="unchanged",
        prompt="the probability of no change",
        field=FormulaField(vocabulary=Vocabulary(symbols={"k": "int[2, 9]"})),
        answer="(k-1)/k",
        also=("1 - 1/k", "1 - k^(-1)"),
    ),
    _claim("moves_with_stride", "the pooled map moves by one", true=True),
    _words(
        "why_lost",
        "whether losing the place can help, and when not",
        "it helps where the place does not matter, and harms where it does",
    ),
)
DERIVATIONS = receptive_field.DERIVATIONS


def _signal(rng: np.random.Generator, channels: int, length: int, kernel: int) -> dict[str, Any]:
    values = rng.permutation(np.arange(1.0, channels * length + 1)) - channels * length * 0.6
    return {"x": np.round(values).reshape(channels, length), "kernel": kernel}


SIGNALS = (
    Case(
        id="windows_of_3",
        why="windows of 3, a remainder of 2 pixels",
        build=lambda rng: _signal(rng, 2, 14, 3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="windows_of_4",
        why="windows of 4, more channels than windows",
        build=lambda rng: _signal(rng, 5, 13, 4),
    ),
    Case(
        id="nothing_left_over",
        why="windows that fill the length: the last one needs the last pixel of the shifted signal",
        build=lambda rng: _signal(rng, 2, 15, 3),
    ),
    Case(
        id="all_below_0",
        why="no value above 0: the 0 that is shifted in is the largest",
        build=lambda rng: {"x": -rng.permutation(np.arange(1.0, 25.0)).reshape(2, 12), "kernel": 5},
        strided=True,
    ),
)


def _pooled(x: Any, kernel: int) -> dict[str, Any]:
    shifted = torch.cat((torch.zeros_like(x[:, :1]), x[:, :-1]), dim=1)
    before, after = (torch.nn.functional.max_pool1d(signal, kernel) for signal in (x, shifted))
    return {"before": before, "after": after}


def _typed(
    name: str, question: str, claim: str, expects: str, read: str, oracle: TypedAnswer
) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=oracle,
    )


def _cited(source: str) -> TypedAnswer:
    return TypedAnswer(kind=OracleKind.REFERENCE, provenance=(source,))


def _person(*rubric: str) -> TypedAnswer:
    return TypedAnswer(kind=OracleKind.PERSON, rubric=rubric)


WIDENS = TypedAnswer(provenance=("receptive_field.no_layers", "receptive_field.forward"))
CHECKS = (
    _typed(
        "pooled_rows",
        "size",
        "pooled_rows is the number of rows behind the pooling layer",
        "places of a window on the map behind the first convolution; what is left over is dropped",
        GUIDE,
        _cited(GUIDE),
    ),
    _typed(
        "field",
        "size",
        "field is the receptive field of the last convolution",
        "every layer widens the view by steps of the map that it works on",
        FIELDS,
        WIDENS,
    ),
    _typed(
        "field_without",
        "size",
        "field_without is the receptive field without the pooling layer",
        "every layer widens the view by steps of the map that it works on",
        FIELDS,
        WIDENS,
    ),
    _typed(
        "pooling_learns",
        "size",
        "the statement on parameters is judged rightly",
        "what there is to choose in the largest of four numbers",
        BOOK,
        _cited(BOOK),
    ),
    _typed(
        "why_smaller",
        "size",
        "why_smaller says what smaller maps are good for",
        "what they save, and what an output gains",
        BOOK,
        _person(
            "fewer multiply-adds and less memory behind them (1/4 for stride 2)",
            "a larger receptive field of everything behind them",
            "'more compact features' without a reason is half an answer",
        ),
    ),
    Check(
        id="pool_and_shift",
        question="shift",
        claim="before and after are the pooled input and the pooled shifted input",
        expects="the shift first, then windows at the same places as before",
        read=ZHANG,
        points=2,
        probe=Probe(
            calls=(
                Call(
                    function="pool_and_shift",
                    takes=("x", "kernel"),
                    returns=("before", "after"),
                ),
            )
        ),
        outputs=("before", "after"),
        cases=SIGNALS,
        oracle=Expected(
            compute=_pooled,
            kind=OracleKind.REFERENCE,
            provenance=("torch.nn.functional.max_pool1d", ZHANG),
        ),
    ),
    _typed(
        "unchanged",
        "shift",
        "unchanged is the probability that the pooled map is the same",
        "the places within a window from which a step does not leave it",
        ZHANG,
        _cited(ZHANG),
    ),
    _typed(
        "moves_with_stride",
        "shift",
        "the statement on shifts by the stride is judged rightly",
        "where every window finds its old pixels",
        ZHANG,
        _cited(ZHANG),
    ),
    _typed(
        "why_lost",
        "shift",
        "why_lost weighs what the loss of the place does",
        "one case in which the place does not matter, and one in which it does",
        BOOK,
        _person(
            "a small shift changes little, so that the same feature is found wherever it lies "
            "(invariance is built in, it need not be learned)",
            "it harms where the place matters (segmentation, localisation)",
            "'it cannot memorise all inputs' alone is no reason: pooling has no parameters, and the "
            "layers behind it still fit",
        ),
    ),
)
