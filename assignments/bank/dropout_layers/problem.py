"""Dropout of entries and of whole channels: random layers, judged by exact tests on their masks.

The cases follow the power rules of dropout: drop_prob away from 1/2, no zeros in x, four different
sizes, enough draws for a rate that is off by little to show.
"""

from typing import Any

import numpy as np

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Expected,
    FunctionAsk,
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
)
from backproof_reference import dropout as reference
from backproof_reference.derivations import dropout

SRIVASTAVA = "Srivastava et al. 2014, section 10"
TOMPSON = "Tompson et al. 2015, Efficient Object Localization, section 3.2"
UNIT = ChoiceField(options=("pixel", "channel", "example", "nothing"))


def _unit(layer: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(
        name=f"{layer}_unit",
        prompt=f"what {layer} dropout sets to zero",
        field=UNIT,
        answer=answer,
        also=also,
    )


ASKS = (
    FunctionAsk(reference=reference.dropout),
    FunctionAsk(reference=reference.spatial_dropout),
    _unit("spatial", "channel", "Channel", "CHANNEL"),
    _unit("standard", "pixel", "Pixel", "PIXEL"),
    _unit("gaussian", "nothing", "Nothing", "NOTHING"),
    AnswerAsk(
        name="why_channels",
        prompt="why whole channels are dropped",
        field=TextField(),
        answer="neighbouring pixels are correlated, so that single missing ones are filled in",
    ),
)
DERIVATIONS = dropout.DERIVATIONS


def _constant(value: float, shape: tuple[int, ...], drop: float) -> dict[str, Any]:
    return {"x": np.full(shape, value), "drop_prob": drop}


def _scattered(rng: np.random.Generator, shape: tuple[int, ...], drop: float) -> dict[str, Any]:
    return {"x": rng.uniform(0.5, 2.0, shape), "drop_prob": drop}


MASKS = (
    Case(
        id="drop_0_3",
        why="drop_prob = 0.3 on constant data",
        build=lambda rng: _constant(2.0, (60, 50), 0.3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="drop_0_2",
        why="drop_prob = 0.2, many entries: a rate that is off by 0.01 shows",
        build=lambda rng: _scattered(rng, (250, 200), 0.2),
    ),
    Case(
        id="drop_0_7",
        why="drop_prob = 0.7: keeping and dropping cannot be mixed up",
        build=lambda rng: {"x": -rng.uniform(0.5, 2.0, (250, 200)), "drop_prob": 0.7},
    ),
)
CHANNEL_MASKS = (
    Case(
        id="images_drop_0_3",
        why="drop_prob = 0.3 on constant images",
        build=lambda rng: _constant(2.0, (20, 30, 2, 3), 0.3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="images_drop_0_2",
        why="drop_prob = 0.2, many channels: a rate that is off by 0.03 shows",
        build=lambda rng: _scattered(rng, (90, 80, 3, 2), 0.2),
    ),
    Case(
        id="images_drop_0_7",
        why="drop_prob = 0.7, higher than wide: keeping and dropping cannot be mixed up",
        build=lambda rng: _scattered(rng, (50, 40, 4, 3), 0.7),
    ),
)


def _left_alone(*shape: int) -> tuple[Case, ...]:
    """Evaluation, and a rate of 0."""
    name = "images_" if len(shape) > 2 else ""
    return (
        Case(
            id=f"{name}evaluation",
            why="training = False",
            build=lambda rng: {
                "x": rng.standard_normal(shape),
                "drop_prob": 0.4,
                "training": False,
            },
            visibility=Visibility.PUBLIC,
        ),
        Case(
            id=f"{name}evaluation_hidden",
            why="training = False, tensors that are views with gaps",
            build=lambda rng: {
                "x": rng.standard_normal(shape),
                "drop_prob": 0.7,
                "training": False,
            },
            strided=True,
        ),
        Case(
            id=f"{name}drop_nothing",
            why="drop_prob = 0 while training",
            build=lambda rng: {
                "x": rng.standard_normal(shape),
                "drop_prob": 0.0,
                "training": True,
            },
        ),
    )


REPEAT = 8


def _identity(x: Any, **_: Any) -> dict[str, Any]:
    return {"out": x}


def _layer(function: str, repeat: int = 1) -> Probe:
    takes = ("x", "drop_prob", "training")
    return Probe(calls=(Call(function=function, takes=takes, returns=("out",)),), repeat=repeat)


def _mask(function: str, id: str, relation: str, read: str, claim: str, expects: str) -> Check:
    return Check(
        id=id,
        question=function.removesuffix("_dropout"),
        claim=claim,
        expects=expects,
        read=read,
        points=2,
        probe=_layer(function, REPEAT),
        outputs=("out",),
        cases=CHANNEL_MASKS if id == "channel_mask" else MASKS,
        oracle=Relation(name=relation, parameters={"repeat": REPEAT, "dtype": "float32"}),
        dtype="float32",
    )


def _same(function: str, id: str, needs: str, read: str, *shape: int) -> Check:
    return Check(
        id=id,
        question=function.removesuffix("_dropout"),
        claim="nothing changes when not training, or when drop_prob is 0",
        expects="out equals x",
        read=read,
        points=1,
        probe=_layer(function),
        outputs=("out",),
        cases=_left_alone(*shape),
        oracle=Expected(compute=_identity, kind=OracleKind.PROVEN, provenance=("dropout.mean",)),
        needs=(needs,),
    )


def _unit_check(layer: str, expects: str, read: str) -> Check:
    return Check(
        id=f"{layer}_unit",
        question="compare",
        claim=f"{layer}_unit is what {layer} dropout sets to zero",
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=f"{layer}_unit"),
        oracle=TypedAnswer(kind=OracleKind.REFERENCE, provenance=(read,)),
    )


CHECKS = (
    _mask(
        "dropout",
        "mask",
        "inverted_dropout",
        SRIVASTAVA,
        "every entry is dropped on its own with probability drop_prob, survivors are scaled so that "
        "the mean stays x",
        "independent entries, a fresh mask at every call, survivors equal to x / (1 - drop_prob)",
    ),
    _same("dropout", "identity", "mask", SRIVASTAVA, 6, 5),
    _mask(
        "spatial_dropout",
        "channel_mask",
        "inverted_channel_dropout",
        TOMPSON,
        "every channel of every example is dropped as a whole with probability drop_prob, survivors "
        "are scaled so that the mean stays x",
        "one draw for each example and channel, a fresh one at every call, survivors equal to "
        "x / (1 - drop_prob)",
    ),
    _same("spatial_dropout", "channel_identity", "channel_mask", TOMPSON, 3, 5, 4, 2),
    _unit_check("spatial", "the unit of which each gets a draw of its own", TOMPSON),
    _unit_check("standard", "the unit of which each gets a draw of its own", SRIVASTAVA),
    _unit_check(
        "gaussian", "a look at the law of the factor: how likely is exactly 0?", SRIVASTAVA
    ),
    Check(
        id="why_channels",
        question="compare",
        claim="why_channels gives the reason for dropping whole channels",
        expects="what neighbouring pixels of one channel have in common, and what follows",
        read=TOMPSON,
        points=1,
        probe=Probe(answer="why_channels"),
        oracle=TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "neighbouring pixels are strongly correlated, so that single missing pixels hide "
                "little and hardly regularise",
                "without a whole channel the network cannot rely on a single feature (filter)",
                "Gaussian noise is multiplicative and sets nothing to zero; who says that it does "
                "has lost that point in gaussian_unit already",
            ),
        ),
    ),
)
