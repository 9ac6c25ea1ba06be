"""A label that leaks into the image, and what dropout does about it."""

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
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
)

SRIVASTAVA = "Srivastava et al. 2014, Dropout, section 2"
SHORTCUT = "Geirhos et al. 2020, Shortcut Learning in Deep Neural Networks, section 3"
PERCENT = NumberField(demand=NumberDemand(minimum_digits=1), domain="positive")


def add_leak(x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Images with their labels written into the last four pixels of their last row.

    The label's four binary digits stand there from left to right, the digit for 8 first: in channel
    0 each digit times 3, in every other channel 1 less the digit, times 3. All other pixels stay as
    they are, and so does x.

    Shapes:
        x: (N, C, H, W) with W at least 4; y: (N,), whole numbers from 0 to 15. Returns the shape of
        x.

    Source:
        EECS182 (Berkeley), homework 4, question 1 (i).
    """
    leaked = x.clone()
    for place, weight in enumerate((8, 4, 2, 1)):
        digit = torch.div(y, weight, rounding_mode="floor") % 2
        column = x.shape[3] - 4 + place
        leaked[:, 1:, -1, column] = 3.0 * (1 - digit)[:, None]
        leaked[:, 0, -1, column] = 3.0 * digit
    return leaked


ASKS = (
    FunctionAsk(reference=add_leak),
    AnswerAsk(
        name="learned_more",
        prompt="the network that has learned more of the images",
        field=ChoiceField(options=("without dropout", "with dropout")),
        answer="with dropout",
        also=("With dropout", "WITH DROPOUT"),
    ),
    AnswerAsk(
        name="chance_percent",
        prompt="accuracy of guessing, in percent",
        field=PERCENT,
        answer="10",
        also=("10.00", "100/10"),
    ),
    AnswerAsk(
        name="nine_classes",
        prompt="accuracy without one class, in percent",
        field=PERCENT,
        answer="90",
        also=("90.0", "100*9/10"),
    ),
    AnswerAsk(
        name="leak_words",
        prompt="your runs, and why dropout helps",
        field=TextField(),
        answer="clean accuracy is above chance with dropout alone: four pixels that are dropped now "
        "and then cannot be all that is used",
    ),
)


def _images(rng: np.random.Generator, shape: tuple[int, int, int, int], labels: Any) -> Any:
    return {"x": rng.normal(size=shape) + 0.4, "y": np.array(labels)}


IMAGES = (
    Case(
        id="few_images",
        why="labels whose digits are no palindromes",
        build=lambda rng: _images(rng, (5, 3, 4, 6), [1, 8, 3, 6, 5]),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="all_labels",
        why="all ten labels, two channels",
        build=lambda rng: _images(rng, (13, 2, 6, 5), [*range(10), 2, 7, 4]),
        strided=True,
    ),
    Case(
        id="narrow",
        why="images that are as wide as the label, more channels",
        build=lambda rng: _images(rng, (6, 5, 3, 4), [9, 4, 7, 2, 0, 2]),
    ),
)


def _leak(x: Any, y: Any) -> dict[str, Any]:
    """Digit by digit from Python's own binary numbers."""
    leaked = x.clone()
    for n, label in enumerate(y.tolist()):
        for place, digit in enumerate(f"{int(label):04b}"):
            column = x.shape[3] - 4 + place
            for channel in range(x.shape[1]):
                on = digit == "1" if channel == 0 else digit == "0"
                leaked[n, channel, x.shape[2] - 1, column] = 3.0 if on else 0.0
    return {"leaked": leaked}


LEAK = Probe(calls=(Call(function="add_leak", takes=("x", "y"), returns=("leaked",)),))


def _typed(name: str, claim: str, expects: str, read: str) -> Check:
    return Check(
        id=name,
        question="report",
        claim=claim,
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=OracleKind.REFERENCE, provenance=(read,)),
    )


CHECKS = (
    Check(
        id="add_leak",
        question="leak",
        claim="leaked holds the images with their labels in the last row",
        expects="four pixels of each channel that are 0 or 3, and all others as they were",
        read=SHORTCUT,
        points=2,
        probe=LEAK,
        cases=IMAGES,
        oracle=Expected(
            compute=_leak,
            kind=OracleKind.REFERENCE,
            provenance=("Python's format(label, '04b')", SHORTCUT),
        ),
    ),
    Check(
        id="inputs_unchanged",
        question="leak",
        claim="the caller's images and labels are left as they were",
        expects="x and y hold after the call what they held before",
        read="torch documentation, in-place operations on tensors",
        points=1,
        probe=LEAK,
        outputs=(),
        cases=IMAGES[:1],
        oracle=Relation(name="inputs_unchanged"),
        needs=("add_leak",),
    ),
    _typed(
        "learned_more",
        "learned_more is the network that has learned more of the images",
        "the accuracies on images from which no label can be read",
        SHORTCUT,
    ),
    _typed(
        "chance_percent",
        "chance_percent is the accuracy of guessing",
        "ten classes of the same size",
        SHORTCUT,
    ),
    _typed(
        "nine_classes",
        "nine_classes is the accuracy without one class",
        "the share of the images that are of the other classes",
        "Murphy, Machine Learning: A Probabilistic Perspective, section 5.7.2",
    ),
    Check(
        id="leak_words",
        question="report",
        claim="leak_words says what dropout does to a network that can cheat",
        expects="numbers of your own runs, and a reason",
        read=SRIVASTAVA,
        points=1,
        probe=Probe(answer="leak_words"),
        oracle=TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "on clean images the network with dropout is better; with the cheat it is worse",
                "what is dropped now and then cannot be all that is used: other features are learned",
                "a statement without numbers is right, and not complete",
            ),
        ),
    ),
)
