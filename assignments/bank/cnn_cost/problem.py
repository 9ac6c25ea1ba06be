"""Parameters and multiply-adds of two convolution layers: whole numbers that follow from each other.

Each later number is a rule in the earlier ones, so that one slip costs its points once.
"""

from backproof import (
    AnswerAsk,
    Check,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    TypedAnswer,
)

SIZE = NumberField(demand=NumberDemand(whole=True), domain="(1, 128)")
COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")
SIZES = "Dumoulin and Visin 2016, A guide to convolution arithmetic, relationship 6"
COUNTS = "Howard et al. 2017, MobileNets, section 3.1"


def _ask(name: str, prompt: str, answer: str, *also: str) -> AnswerAsk:
    field = SIZE if name.startswith("size") else COUNT
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


ASKS = (
    _ask("params", "both layers", "1474560", "1,474,560", "9*128*256 + 3^2*256*512"),
    _ask("size_1", "height after layer 1", "32", "64/2", "32.0"),
    _ask("macs_1", "layer 1", "301989888", "301,989,888", "3*3*128*256 * 32^2"),
    _ask("size_2", "height after layer 2", "32", "32/1", "2^5"),
    _ask("macs_2", "layer 2", "1207959552", "1 207 959 552", "9*256*512*1024"),
    _ask("macs_total", "both layers", "1509949440", "1,509,949,440", "301989888 + 1207959552"),
)


def _check(
    name: str, question: str, claim: str, expects: str, read: str, points: float, rule: str = ""
) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        points=points,
        probe=Probe(answer=name),
        oracle=TypedAnswer(rule=rule, kind=OracleKind.REFERENCE, provenance=(read,)),
    )


PER_LAYER = "one weight of every kernel of every output channel, at every output pixel"
CHECKS = (
    _check(
        "params",
        "params",
        "params counts the weights of both layers",
        "kernel area times input channels times output channels, for each layer",
        COUNTS,
        1,
    ),
    _check(
        "size_1",
        "macs",
        "size_1 is the height of the map after layer 1",
        "the number of places of the kernel on the padded map, stride 2 apart",
        SIZES,
        1,
    ),
    _check(
        "macs_1",
        "macs",
        "macs_1 counts the multiply-adds of layer 1",
        PER_LAYER,
        COUNTS,
        1,
        rule="9*128*256*size_1^2",
    ),
    _check(
        "size_2",
        "macs",
        "size_2 is the height of the map after layer 2",
        "the number of places of the kernel on the padded map, stride 1 apart",
        SIZES,
        1,
        rule="floor((size_1 + 2*1 - 3)/1) + 1",
    ),
    _check(
        "macs_2",
        "macs",
        "macs_2 counts the multiply-adds of layer 2",
        PER_LAYER,
        COUNTS,
        1,
        rule="9*256*512*size_2^2",
    ),
    _check(
        "macs_total",
        "macs",
        "macs_total is the sum over both layers",
        "every layer's multiply-adds, once",
        COUNTS,
        1,
        rule="macs_1 + macs_2",
    ),
)
