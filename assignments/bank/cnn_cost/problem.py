"""Parameters, multiply-adds and memory of two convolution layers: numbers that follow from each other.

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
# From one place of the kernel on, and from one pixel of each channel and a little more: what is
# smaller, nobody has counted.
MACS = NumberField(demand=NumberDemand(whole=True), domain="(294911, 10000000000000)")
VALUES_OF = NumberField(demand=NumberDemand(whole=True), domain="(1000, 1000000000)")
RATIO = NumberField(domain="positive")
SIZES = "Dumoulin and Visin 2016, A guide to convolution arithmetic, relationship 6"
COUNTS = "Howard et al. 2017, MobileNets, section 3.1"


def _ask(name: str, prompt: str, answer: str, *also: str) -> AnswerAsk:
    kinds = {"size": SIZE, "memory": RATIO, "macs": MACS, "values": VALUES_OF}
    field = kinds.get(name.partition("_")[0], COUNT)
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


ASKS = (
    _ask("params", "both layers, no biases", "1474560", "1,474,560", "9*128*256 + 3^2*256*512"),
    _ask(
        "params_with_biases",
        "both layers, one bias for each output channel",
        "1475328",
        "1,475,328",
        "(9*128 + 1)*256 + (9*256 + 1)*512",
    ),
    _ask("size_1", "height after layer 1", "32", "64/2", "32.0"),
    _ask("macs_1", "layer 1", "301989888", "301,989,888", "3*3*128*256 * 32^2"),
    _ask("size_2", "height after layer 2", "32", "32/1", "2^5"),
    _ask("macs_2", "layer 2", "1207959552", "1 207 959 552", "9*256*512*1024"),
    _ask("macs_total", "both layers", "1509949440", "1,509,949,440", "301989888 + 1207959552"),
    _ask("values_1", "numbers in the map after layer 1", "262144", "262,144", "32*32*256"),
    _ask("values_2", "numbers in the map after layer 2", "524288", "524,288", "32^2*512"),
    _ask(
        "memory_ratio_1",
        "memory after layer 1 / memory of the input map",
        "1/2",
        "50 %",
        "0.50",
        "262144/524288",
    ),
    _ask(
        "memory_ratio_2",
        "memory after layer 2 / memory of the input map",
        "1",
        "100 %",
        "1.0",
        "(32*32*512)/(64*64*128)",
    ),
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
VALUES = "one number for every channel of every pixel"
RATIOS = "what the map holds, divided by what the input map holds"
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
        "params_with_biases",
        "params",
        "params_with_biases counts the weights and biases of both layers",
        "the weights, and one bias for each output channel of each layer",
        COUNTS,
        1,
        rule="params + 256 + 512",
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
    _check(
        "values_1",
        "memory",
        "values_1 counts the numbers in the map after layer 1",
        VALUES,
        SIZES,
        1,
        rule="256*size_1^2",
    ),
    _check(
        "values_2",
        "memory",
        "values_2 counts the numbers in the map after layer 2",
        VALUES,
        SIZES,
        1,
        rule="512*size_2^2",
    ),
    _check(
        "memory_ratio_1",
        "memory",
        "memory_ratio_1 compares the input map with the map after layer 1",
        RATIOS,
        SIZES,
        1,
        rule="values_1/524288",
    ),
    _check(
        "memory_ratio_2",
        "memory",
        "memory_ratio_2 compares the input map with the map after layer 2",
        RATIOS,
        SIZES,
        1,
        rule="values_2/524288",
    ),
)
