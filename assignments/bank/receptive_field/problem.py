"""Receptive fields of stacks of layers: a typed number, and a function on lists of whole numbers.

In every stack the last layer has a stride above 1, which must not count, and several layers before
it have one as well, all different where they can be: sums, products and own strides differ. No
stack reads the same from its end.
"""

from typing import Any

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    Expected,
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    ReceptiveField,
    TypedAnswer,
    Visibility,
)
from backproof_reference import receptive_field as reference
from backproof_reference.derivations import receptive_field
from backproof_reference.results import result

READ = "Araujo, Norris and Sim 2019, Computing Receptive Fields of Convolutional Neural Networks"
ASKS = (
    AnswerAsk(
        name="rows_seen",
        prompt="rows of the image that one output of layer 4 sees",
        field=NumberField(demand=NumberDemand(whole=True), domain="positive"),
        answer=str(reference.receptive_fields([3, 2, 3, 2], [2, 2, 2, 2])[-1]),
        also=("21.0", "1 + 2*1 + 1*2 + 2*4 + 1*8", "2*(2*(2*(2 - 1) + 3) - 1) + 3"),
    ),
    FunctionAsk(reference=reference.receptive_fields),
)
EXAMPLE = ReceptiveField(kernels=(3, 2), strides=(2, 1), dilations=(1, 3))
DERIVATIONS = receptive_field.DERIVATIONS


def _stack(kernels: list[int], strides: list[int], dilations: list[int] | None = None) -> Any:
    layers: dict[str, Any] = {"kernels": kernels, "strides": strides}
    return layers if dilations is None else {**layers, "dilations": dilations}


STRIDES = (
    Case(
        id="three_layers",
        why="three layers with different kernels and strides, dilations left out",
        build=lambda _: _stack([3, 2, 5], [2, 3, 2]),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="one_layer",
        why="a single layer, whose stride does not matter",
        build=lambda _: _stack([4], [3]),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="six_layers",
        why="six layers, among them a kernel of 1 and strides of 1",
        build=lambda _: _stack([5, 3, 1, 2, 4, 3], [3, 1, 2, 5, 1, 2]),
    ),
    Case(
        id="gaps",
        why="strides above the kernel size leave gaps, and the first stride is 1",
        build=lambda _: _stack([2, 3, 2, 4], [1, 4, 3, 2]),
    ),
    Case(
        id="another_layer",
        why="a single layer with an even kernel",
        build=lambda _: _stack([6], [4]),
    ),
)
DILATED = (
    Case(
        id="dilated",
        why="a different dilation in every layer",
        build=lambda _: _stack([3, 4, 2], [2, 3, 4], [2, 1, 5]),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="dilated_stack",
        why="five layers; the dilation of the first and of the last is above 1",
        build=lambda _: _stack([2, 3, 5, 2, 4], [3, 2, 1, 4, 2], [4, 1, 2, 3, 2]),
    ),
    Case(
        id="dilated_layer",
        why="a single dilated layer",
        build=lambda _: _stack([5], [2], [3]),
    ),
)


def _fields(
    kernels: list[int], strides: list[int], dilations: list[int] | None = None
) -> dict[str, Any]:
    """The closed form at every layer; c_l is the product of the strides before layer l."""
    products = [1]
    for stride in strides:
        products.append(products[-1] * stride)
    return {
        "fields": result("receptive_field.forward").torch(
            L=len(kernels), k=kernels, d=dilations or [1] * len(kernels), c=products
        )
    }


def _check(id: str, claim: str, expects: str, points: float, **more: Any) -> Check:
    return Check(
        id=id,
        question="fields",
        claim=claim,
        expects=expects,
        read=READ,
        picture=EXAMPLE,
        points=points,
        probe=Probe(
            calls=(
                Call(
                    function="receptive_fields",
                    takes=("kernels", "strides", "dilations"),
                    returns=("fields",),
                ),
            )
        ),
        outputs=("fields",),
        oracle=Expected(
            compute=_fields,
            kind=OracleKind.PROVEN,
            provenance=("receptive_field.no_layers", "receptive_field.forward"),
        ),
        **more,
    )


CHECKS = (
    Check(
        id="rows_seen",
        question="stack",
        claim="rows_seen is the receptive field of one output of layer 4",
        expects="every layer widens the view by whole steps of the map that it works on, measured "
        "in rows of the image",
        read=READ,
        picture=EXAMPLE,
        points=1,
        probe=Probe(answer="rows_seen"),
        oracle=TypedAnswer(provenance=("receptive_field.no_layers", "receptive_field.forward")),
    ),
    _check(
        "fields",
        "fields holds the receptive field of every layer, all dilations being 1",
        "one number for each layer; every layer adds to that of the layer before it, in pixels of "
        "the image",
        3,
        cases=STRIDES,
    ),
    _check(
        "fields_dilated",
        "fields holds the receptive field of every layer, with dilations",
        "the dilation moves the entries of one kernel apart, and nothing else",
        1,
        cases=DILATED,
        needs=("fields",),
    ),
)
