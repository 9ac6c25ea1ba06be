"""Wrong receptive fields: each with the sentence that a student reads."""

from backproof import Mutant

_STEP = "field += dilation * (kernel - 1) * jump"
_JUMPS = "[1, *effective_strides(strides)]"


def _rows(id: str, answer: str, misconception: str) -> Mutant:
    return Mutant(
        id=f"rows_{id}",
        of="rows_seen",
        misconception=misconception,
        killed_by=("rows_seen",),
        answer=answer,
    )


def _fields(id: str, misconception: str, new: str, old: str = _STEP) -> Mutant:
    return Mutant(
        id=id,
        of="receptive_fields",
        misconception=misconception,
        killed_by=("fields",),
        edit=(old, new),
    )


def _dilated(id: str, misconception: str, new: str) -> Mutant:
    return Mutant(
        id=id,
        of="receptive_fields",
        misconception=misconception,
        killed_by=("fields_dilated",),
        edit=(_STEP, new),
    )


MUTANTS = (
    _rows(
        "kernels_added",
        "7",
        "you added the kernels as if every stride were 1: a step on the map of a later layer is worth "
        "as many rows of the image as the strides before that layer multiply to",
    ),
    _rows(
        "own_stride",
        "41",
        "you multiplied every layer by its own stride, too; its stride moves its next output and "
        "does not widen the view of this one",
    ),
    _rows(
        "taps_for_gaps",
        "36",
        "count the gaps: k kernel entries have k - 1 gaps between them, and so have neighbouring "
        "outputs; sizes themselves are not multiplied",
    ),
    _rows(
        "stride_times_size",
        "51",
        "counting back from layer 4 you multiplied the number of outputs by the stride; b outputs "
        "have b - 1 gaps between them",
    ),
    _rows(
        "conv_stride_1",
        "10",
        "this is right for convolutions of stride 1; theirs is 2",
    ),
    _rows(
        "pool_stride_1",
        "13",
        "this is right for pooling of stride 1; its stride is 2",
    ),
    _rows(
        "one_too_few",
        "20",
        "this is the distance from the first row to the last; both rows count",
    ),
    _rows(
        "from_the_end",
        "25",
        "you took the layers from the last to the first; the strides that count for a layer are "
        "those of the layers before it",
    ),
    _rows(
        "area",
        "441",
        "these are the pixels of the whole view; the question asks for its rows",
    ),
    _rows(
        "total_stride",
        "16",
        "this is by how many rows the view moves from one output to the next, not how many it holds",
    ),
    _fields(
        "kernels_added",
        "your fields ignore the strides: a step on the map of a later layer is worth several pixels "
        "of the image",
        "field += dilation * (kernel - 1)",
    ),
    _fields(
        "own_stride",
        "your fields count the stride of a layer in its own field; it moves the layer's next output "
        "and does not widen the view of this one",
        "effective_strides(strides)",
        _JUMPS,
    ),
    _fields(
        "previous_stride",
        "your fields multiply by the stride of the layer before only; the strides of all layers "
        "before multiply",
        "[1, *strides]",
        _JUMPS,
    ),
    _fields(
        "strides_added",
        "your fields add up the strides of the layers before; they multiply",
        "[1, *(sum(strides[: layer + 1]) for layer in range(len(strides)))]",
        _JUMPS,
    ),
    _fields(
        "taps_for_gaps",
        "your fields add k steps for each layer; k kernel entries have k - 1 gaps between them",
        "field += dilation * kernel * jump",
    ),
    _fields(
        "one_too_few",
        "your fields lack the first pixel: before any layer an output sees itself, one pixel",
        "field, found = 0, []",
        "field, found = 1, []",
    ),
    _fields(
        "area",
        "your fields are areas; along one axis a field is a length",
        "found.append(field**2)",
        "found.append(field)",
    ),
    _fields(
        "last_layer_only",
        "your first entry is the field of the last layer; the first layer comes first",
        "return found[::-1]",
        "return found",
    ),
    _fields(
        "layers_from_the_end",
        "your fields take the layers from the last to the first; the lists begin with the first one",
        "dilations = _checked(kernels[::-1], strides[::-1], dilations and dilations[::-1])\n"
        "    kernels, strides = kernels[::-1], strides[::-1]",
        "dilations = _checked(kernels, strides, dilations)",
    ),
    _dilated(
        "dilation_ignored",
        "your fields ignore the dilations",
        "field += (kernel - 1) * jump",
    ),
    _dilated(
        "dilation_times_size",
        "your fields let a kernel span d k positions; it spans d (k - 1) + 1, as no gap follows its "
        "last entry",
        "field += (dilation * kernel - 1) * jump",
    ),
    _dilated(
        "dilation_as_gaps",
        "your fields put d pixels between two kernel entries; with dilation d they are d apart",
        "field += (kernel - 1) * (dilation if dilation == 1 else dilation + 1) * jump",
    ),
    Mutant(
        id="dilation_as_stride",
        of="receptive_fields",
        misconception="your fields let a dilation widen the steps of the later layers; only strides do",
        killed_by=("fields_dilated",),
        edit=(
            "effective_strides(strides)",
            "effective_strides([s * d for s, d in zip(strides, dilations, strict=True)])",
        ),
    ),
)
