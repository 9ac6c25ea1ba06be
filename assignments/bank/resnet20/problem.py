"""ResNet-20: its block with both shortcuts, the network, and its size.

The oracle computes from the definitions, with the course's own convolution and normalisation.
Height and width differ, and are odd where a stride of 2 leaves a remainder.
"""

from typing import Any

import numpy as np

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ClassAsk,
    Expected,
    NumberDemand,
    NumberField,
    Operation,
    OracleKind,
    Probe,
    Role,
    TypedAnswer,
    Visibility,
    Waiver,
    given_weights,
)
from backproof_reference import mobilenet, receptive_field
from backproof_reference import resnet as reference
from backproof_reference.derivations import receptive_field as derivations

DERIVATIONS = derivations.DERIVATIONS
PAPER = "He et al. 2016, Deep Residual Learning for Image Recognition, sections 3.2 and 4.2"
FIELDS = "Araujo, Norris and Sim 2019, Computing Receptive Fields of Convolutional Neural Networks"
ROLES = {f"w{place}": Role.PLAIN for place in (1, 2)} | {"stride": Role.PLAIN}
WAIVERS = (
    Waiver(rule="equal_channels", check="zero_branch", reason="its shortcut is x itself"),
    Waiver(
        rule="unused_option", check="zero_branch", name="stride", reason="x itself is the shortcut"
    ),
)


def _layers() -> list[tuple[int, int, int, int]]:
    """Channels in and out, side of the output and stride of each of the 19 convolutions."""
    layers, side = [(3, 16, 32, 1)], 32
    for before, after, stride in reference.STAGES:
        side //= stride
        layers += [(before, after, side, stride), *[(after, after, side, 1)] * 5]
    return layers


def _size(shapes: list[list[int]]) -> int:
    return sum(int(np.prod(shape)) for shape in shapes)


MACS = 640 + sum(
    mobilenet.convolution_multiply_adds(before, after, 3, (side, side))
    for before, after, side, _ in _layers()
)
FIELD = receptive_field.receptive_fields([3] * 19, [stride for *_, stride in _layers()])[-1]
COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")


def _ask(name: str, prompt: str, answer: int, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=COUNT, answer=str(answer), also=also)


ASKS = (
    ClassAsk(reference=reference.ResidualBlock),
    ClassAsk(reference=reference.ResNet20),
    _ask(
        "params_padded", "padded with zeros", _size(reference.resnet20_shapes(False)), "269,722",
        "269722.0",
    ),
    _ask(
        "params_projected", "with projections", _size(reference.resnet20_shapes(True)), "272 474",
        "269722 + 16*32 + 2*32 + 32*64 + 2*64",
    ),
    _ask("macs", "multiply-adds", MACS, "40,551,040", "40551040.0"),
    _ask("field", "rows", FIELD, "1 + 2*7 + 2*(1 + 5*2) + 2*(2 + 5*4)", "81.0"),
)  # fmt: skip


def _case(id: str, why: str, build: Any, *, public: bool = False, strided: bool = False) -> Case:
    visibility = Visibility.PUBLIC if public else Visibility.HIDDEN
    return Case(id=id, why=why, build=build, visibility=visibility, strided=strided)


def _block(x: tuple[int, ...], after: int, stride: int, projected: bool, **more: bool) -> Any:
    """Whole numbers as inputs, which keep public cases short; `projected` says which shapes."""
    return lambda rng: {
        "x": rng.integers(-3, 4, x).astype(np.float64),
        "channels_in": x[1],
        "channels_out": after,
        "stride": stride,
        **more,
        "seed": int(rng.integers(1, 1000)),
        "shapes": reference.block_shapes(x[1], after, stride, projected),
    }


def _network(projected: bool, *size: int, **more: bool) -> Any:
    return lambda rng: {
        "x": rng.integers(-3, 4, size).astype(np.float64),
        **more,
        "seed": int(rng.integers(1, 1000)),
        "shapes": reference.resnet20_shapes(projected),
    }


def _zero(x: tuple[int, ...]) -> Any:
    def build(rng: np.random.Generator) -> dict[str, Any]:
        n, channels = x[:2]
        del n
        return {
            "x": rng.integers(-3, 4, x) + 0.25,
            "channels_in": channels,
            "channels_out": channels,
            "stride": 1,
            "projection": True,
            "w1": rng.integers(-2, 3, (channels, channels, 3, 3)) / 4,
            "gamma1": rng.integers(1, 5, channels) / 4,
            "beta1": rng.integers(-2, 3, channels) / 4,
            "w2": rng.integers(-2, 3, (channels, channels, 3, 3)) / 4,
            "gamma2": np.zeros(channels),
            "beta2": np.zeros(channels),
        }

    return build


PADDED = (
    _case(
        "same_channels", "x itself is the shortcut", _block((3, 4, 5, 6), 4, 1, False), public=True
    ),
    _case(
        "halved",
        "stride 2, more channels",
        _block((2, 3, 5, 8), 5, 2, False, projection=False),
        public=True,
    ),
    _case(
        "wide",
        "stride 2 with a remainder, twice the channels",
        _block((3, 4, 7, 5), 8, 2, False, projection=False),
    ),
    _case(
        "same_again",
        "x itself, views with gaps",
        _block((2, 5, 4, 6), 5, 1, False, projection=False),
        strided=True,
    ),
    _case("third", "stride 3", _block((2, 3, 8, 7), 4, 3, False)),
)
PROJECTED = (
    _case(
        "projected",
        "stride 2, more channels",
        _block((3, 3, 5, 6), 4, 2, True, projection=True),
        public=True,
    ),
    _case(
        "projected_wide",
        "stride 2 with a remainder",
        _block((2, 4, 7, 6), 7, 2, True, projection=True),
    ),
    _case(
        "projected_same",
        "nothing to project: x itself",
        _block((2, 4, 5, 3), 4, 1, True, projection=True),
    ),
    _case(
        "projected_channels",
        "one more channel at stride 1",
        _block((2, 3, 4, 5), 4, 1, True, projection=True),
    ),
    _case(
        "projected_stride",
        "as many channels at stride 2",
        _block((2, 4, 6, 5), 4, 2, True, projection=True),
    ),
)
ZERO = (
    _case(
        "zero_branch",
        "the branch ends with a scale and a shift of 0",
        _zero((2, 3, 4, 6)),
        public=True,
    ),
    _case("zero_branch_graded", "more channels", _zero((3, 5, 6, 4))),
)
LOGITS = (
    _case(
        "padded_network",
        "small images",
        _network(False, 2, 3, 8, 12, projection=False),
        public=True,
    ),
    _case(
        "projected_network",
        "small images",
        _network(True, 2, 3, 12, 8, projection=True),
        public=True,
    ),
    _case("padded_graded", "sides with remainders", _network(False, 3, 3, 11, 9)),
    _case(
        "projected_graded", "sides with remainders", _network(True, 2, 3, 9, 14, projection=True)
    ),
)

SIZES = ("channels_in", "channels_out", "stride", "projection")
BUILD_BLOCK = Call(function="ResidualBlock", takes=SIZES, returns=("network",), keeps=("network",))
BUILD = Call(function="ResNet20", takes=("projection",), returns=("network",), keeps=("network",))
FIRST = Call(
    function=Operation.FORWARD, takes=("network", "x"), returns=("first",), keeps=("first",)
)
FILL = Call(function=Operation.FILL, takes=("network", "seed", "shapes"), returns=())
MODE = {
    mode: Call(function=mode, takes=("network",), returns=())
    for mode in (Operation.TRAIN, Operation.EVAL)
}
NAMES = ("w1", "gamma1", "beta1", "w2", "gamma2", "beta2")


def _forward(build: Call, returns: str, mode: Operation) -> Probe:
    run = Call(function=Operation.FORWARD, takes=("network", "x"), returns=(returns,))
    return Probe(calls=(build, MODE[Operation.EVAL], FIRST, FILL, MODE[mode], run))


def _weights(seed: int, shapes: Any, like: Any) -> list[Any]:
    return [like.new_tensor(weight) for weight in given_weights(seed, shapes)]


def _evaluated(x: Any, seed: int, shapes: Any, stride: int, **_: Any) -> dict[str, Any]:
    return {"out": reference.block_output(x, _weights(seed, shapes, x), stride, training=False)}


def _trained(x: Any, seed: int, shapes: Any, stride: int, **_: Any) -> dict[str, Any]:
    return {"out": reference.block_output(x, _weights(seed, shapes, x), stride, training=True)}


def _rectified(x: Any, **_: Any) -> dict[str, Any]:
    return {"out": x.clamp(min=0)}


def _logits(x: Any, seed: int, shapes: Any, projection: bool = False) -> dict[str, Any]:
    weights = _weights(seed, shapes, x)
    return {"logits": reference.resnet20_logits(x, weights, projection, training=False)}


def _structure(projection: bool = False, **_: Any) -> dict[str, Any]:
    rows = sorted((tuple(row) for row in reference.resnet20_shapes(projection)), reverse=True)
    return {
        "trainable": _size(reference.resnet20_shapes(projection)),
        "unused": 0,
        "shapes": [[*row, *[0] * (5 - len(row))] for row in rows],
    }


def _code(id: str, question: str, claim: str, expects: str, compute: Any, **more: Any) -> Check:
    return Check(
        id=id,
        question=question,
        claim=claim,
        expects=expects,
        read=PAPER,
        oracle=Expected(compute=compute, kind=OracleKind.REFERENCE, provenance=(PAPER,)),
        **more,
    )


def _typed(name: str, claim: str, expects: str, read: str, *proven: str) -> Check:
    return Check(
        id=name,
        question="counts",
        claim=f"{name} {claim}",
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(
            kind=OracleKind.PROVEN if proven else OracleKind.REFERENCE,
            provenance=proven or (read,),
        ),
    )


CHECKS = (
    _code(
        "block",
        "block",
        "a block with shortcuts that pad with zeros returns branch and shortcut, added",
        "both convolutions with their normalisation, and the last ReLU behind the sum",
        _evaluated,
        points=2,
        probe=_forward(BUILD_BLOCK, "out", Operation.EVAL),
        cases=PADDED,
        terms=72,
    ),
    _code(
        "projection",
        "block",
        "with projections, the shortcut is a normalised 1 by 1 convolution where shapes change",
        "x itself where they do not",
        _evaluated,
        points=2,
        probe=_forward(BUILD_BLOCK, "out", Operation.EVAL),
        cases=PROJECTED,
        terms=72,
        needs=("block",),
    ),
    _code(
        "block_training",
        "block",
        "in training mode a block normalises with the mini-batch's own statistics",
        "layers of torch.nn, or such that know both modes",
        _trained,
        points=1,
        probe=_forward(BUILD_BLOCK, "out", Operation.TRAIN),
        cases=tuple(
            _case(f"{case.id}_training", case.why, case.build, public=place == 0)
            for place, case in enumerate(PROJECTED)
        ),
        terms=72,
        needs=("projection",),
    ),
    _code(
        "zero_branch",
        "block",
        "a block whose branch is zero hands x on, behind a ReLU",
        "a shortcut that does nothing to x where its shape stays",
        _rectified,
        points=1,
        probe=Probe(
            calls=(
                BUILD_BLOCK,
                Call(function=Operation.LOAD, takes=("network", *NAMES), returns=()),
                Call(function=Operation.FORWARD, takes=("network", "x"), returns=("out",)),
            )
        ),
        cases=ZERO,
        needs=("block",),
    ),
    _code(
        "structure",
        "network",
        "the network has ResNet-20's parameters",
        "three stages of three blocks, all used by forward, no biases but that of the last layer",
        _structure,
        points=2,
        probe=Probe(
            calls=(
                BUILD,
                Call(
                    function=Operation.STRUCTURE,
                    takes=("network", "x"),
                    returns=("shapes", "trainable", "unused"),
                ),
            )
        ),
        outputs=("trainable", "shapes", "unused"),
        cases=LOGITS,
    ),
    _code(
        "logits",
        "network",
        "with given weights, the network returns the right logits",
        "blocks in their order, a mean over each whole map, and no softmax",
        _logits,
        points=2,
        probe=_forward(BUILD, "logits", Operation.EVAL),
        outputs=("logits",),
        cases=LOGITS,
        terms=576,
        needs=("structure",),
    ),
    _typed(
        "params_padded",
        "counts the parameters with padded shortcuts",
        "weights of convolutions, scale and shift of each normalisation, and the last layer",
        PAPER,
    ),
    _typed(
        "params_projected",
        "counts the parameters with projections",
        "a convolution and its normalisation more wherever the shape changes",
        PAPER,
    ),
    _typed("macs", "counts the multiply-adds", "each weight, once for each output position", PAPER),
    _typed(
        "field",
        "is the receptive field",
        "19 convolutions, and the steps of those in front of each",
        FIELDS,
        "receptive_field.no_layers",
        "receptive_field.forward",
    ),
)
