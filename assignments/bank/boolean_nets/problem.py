"""ReLU nets for OR, AND and XOR: weights that are judged by running them on the truth table.

Every net that does what is asked is right, so nothing is compared with a net of ours: the public
case is the whole truth, and the hidden one is the same.
"""

from typing import Any

import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
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
from backproof_reference.derivations import relu_nets


def or_unit() -> tuple[torch.Tensor, torch.Tensor]:
    """A ReLU unit for OR: relu(w @ x + b) is 0 at (0, 0), and at least 1 at the other three.

    Shapes:
        Returns w, of shape (2,), and b, one number.

    Source:
        CS155 (Caltech), problem set 4, question 1.
    """
    return torch.ones(2), torch.zeros(1)


def and_unit() -> tuple[torch.Tensor, torch.Tensor]:
    """A ReLU unit for AND: relu(w @ x + b) is at least 1 at (1, 1), and 0 at the other three.

    Shapes:
        Returns w, of shape (2,), and b, one number.

    Source:
        CS155 (Caltech), problem set 4, question 1.
    """
    return torch.ones(2), -torch.ones(1)


def xor_net() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Two layers for XOR: relu(w2 @ relu(w1 @ x + b1) + b2).

    It is at least 1 at (0, 1) and (1, 0), and 0 at (0, 0) and (1, 1).

    Shapes:
        Returns w1, b1, w2, b2 of shapes (H, 2), (H,), (H,) and one number; H is yours to choose.

    Source:
        CS155 (Caltech), problem set 4, question 1.
    """
    w1, b1 = torch.ones(2, 2), torch.tensor([0.0, -1.0])
    return w1, b1, torch.tensor([1.0, -2.0]), torch.zeros(1)


COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")
ASKS = (
    FunctionAsk(reference=or_unit),
    AnswerAsk(
        name="or_from_ones",
        prompt="any unit with w_1, w_2 and b of 1 or more is OR",
        field=ChoiceField(),
        answer="false",
        also=("False", "FALSE"),
    ),
    FunctionAsk(reference=and_unit),
    FunctionAsk(reference=xor_net),
    AnswerAsk(
        name="xor_layers",
        prompt="layers of ReLU units, the output layer included",
        field=COUNT,
        answer="2",
        also=("2.0", "1 + 1"),
    ),
    AnswerAsk(
        name="least_at_both",
        prompt="the least value at (1, 1)",
        field=NumberField(demand=NumberDemand(minimum_digits=1)),
        answer="2",
        also=("2.0", "1 + 1 - 0"),
    ),
    AnswerAsk(
        name="xor_layers_why",
        prompt="why",
        field=TextField(),
        answer="b <= 0, w1 + b >= 1 and w2 + b >= 1 add up to w1 + w2 + b >= 2 - b >= 2, so a single "
        "unit puts out 2 or more at (1, 1), not 0; two layers are enough: my xor_net has two.",
    ),
)
DERIVATIONS = relu_nets.DERIVATIONS
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 6.1"
TRUE_OUTPUT = "0 where the function is false, 1 or more where it is true"


def _cases(name: str) -> tuple[Case, ...]:
    """Nothing is passed in, and all four rows are looked at each time."""
    return (
        Case(
            id=f"{name}_public",
            why="all four rows of the truth table",
            build=lambda _: {},
            visibility=Visibility.PUBLIC,
        ),
        Case(id=f"{name}_graded", why="the same rows, when it counts", build=lambda _: {}),
    )


def _net(
    name: str, ask: str, claim: str, points: float, derivation: str, **parameters: Any
) -> Check:
    outputs = tuple(output for layer in parameters["layers"] for output in layer)
    return Check(
        id=name,
        question=name,
        claim=claim,
        expects=TRUE_OUTPUT,
        read=f"{BOOK}; derivation {derivation}",
        points=points,
        probe=Probe(calls=(Call(function=ask, takes=(), returns=outputs),)),
        cases=_cases(name),
        oracle=Relation(name="truth_table", parameters=parameters, provenance=(derivation,)),
    )


def _typed(
    name: str,
    claim: str,
    expects: str,
    points: float,
    question: str = "why_two_layers",
    read: str = f"{BOOK}; derivation relu_nets.xor_impossible",
    **oracle: Any,
) -> Check:
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


CHECKS = (
    _net(
        "or",
        "or_unit",
        "the unit computes OR",
        1,
        "relu_nets.or",
        layers=[["w", "b"]],
        truth=[0, 1, 1, 1],
        hints={"00": "at (0, 0) nothing is left of the sum but the bias"},
    ),
    _typed(
        "or_from_ones",
        "or_from_ones says whether weights and bias of 1 or more are enough",
        "what such a unit puts out in each of the four rows",
        1,
        question="or",
        read=f"{BOOK}; derivation relu_nets.or",
        provenance=("relu_nets.or",),
    ),
    _net(
        "and",
        "and_unit",
        "the unit computes AND",
        1,
        "relu_nets.and",
        layers=[["w", "b"]],
        truth=[0, 0, 0, 1],
        hints={
            "01": "one true input must not be enough to make the sum positive",
            "10": "one true input must not be enough to make the sum positive",
        },
    ),
    _net(
        "xor",
        "xor_net",
        "the net computes XOR",
        2,
        "relu_nets.xor",
        layers=[["w1", "b1"], ["w2", "b2"]],
        truth=[0, 1, 1, 0],
        hints={
            "11": "a unit for OR may put out 2 there where one for AND puts out 1, so their plain "
            "difference need not vanish: weigh AND by what OR puts out"
        },
    ),
    _typed(
        "xor_layers",
        "xor_layers is the smallest number of layers for XOR",
        "the number of layers that is enough, where one less is not",
        1,
        provenance=("relu_nets.xor", "relu_nets.xor_impossible"),
    ),
    _typed(
        "least_at_both",
        "least_at_both is the least output of such a unit at (1, 1)",
        "what the three rows say of w_1, w_2 and b, put together",
        1,
        provenance=("relu_nets.xor_impossible",),
    ),
    _typed(
        "xor_layers_why",
        "the reason rules out a single ReLU unit, not only a linear one",
        "an inequality at (1, 1) that follows from the other three rows",
        1,
        kind=OracleKind.PERSON,
        rubric=(
            "conditions of three rows: b <= 0, w_1 + b >= 1, w_2 + b >= 1",
            "together they give at least 2 at (1, 1), where 0 is due",
            "two layers are enough: a net for it, or the one of the question before",
            "no points for 'XOR is not linear' alone: a ReLU unit is not linear either",
        ),
    ),
)
