"""Wrong operation counts, with the rules by which they follow from earlier answers."""

from backproof import Mutant

PLACES = "(floor((w-k)/s) + 1)*(floor((h-k)/s) + 1)"
NO_FLOOR = "((w-k)/s + 1)*((h-k)/s + 1)"
FLOPS = "flops_for_macs"


def _wrong(
    of: str,
    id: str,
    answer: str,
    misconception: str,
    rule: str = "",
    cause: str = "",
    source: str = "",
) -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        rule=rule,
        cause=cause,
        source=source,
    )


_FLOPS = "these are floating-point operations; one multiply-add is a multiplication and an addition"
_CHANNEL = "this is one channel; every channel is pooled on its own"
_MAP = "this is one channel; the layer works on all of them"
WRITE_UP = "a homework write-up, question 4.3"
MUTANTS = (
    _wrong(
        "one_output",
        "one_channel",
        "k^2",
        "this is one channel; a filter has weights for every input channel",
    ),
    _wrong("one_output", "side", "k*c", "a window has k rows of k entries"),
    _wrong("one_output", "flops", "2*k^2*c", _FLOPS, cause=FLOPS),
    _wrong(
        "places",
        "without_floor",
        NO_FLOOR,
        "your number is not whole when s does not divide w - k or h - k: what is left over has no "
        "place for the window (floor)",
        source=WRITE_UP,
    ),
    _wrong(
        "places",
        "without_one",
        "floor((w-k)/s)*floor((h-k)/s)",
        "the first place counts as well: add 1 after the division",
    ),
    _wrong(
        "places",
        "stride_plus_one",
        "floor((w-k)/(s+1))*floor((h-k)/(s+1))",
        "the 1 is added after the division, not to the stride",
    ),
    _wrong("places", "stride_ignored", "(w-k+1)*(h-k+1)", "your window moves one step at a time"),
    _wrong(
        "conv_macs",
        "one_filter",
        f"k^2*c*{PLACES}",
        "this is one filter; the layer has c_out of them",
        rule="1/(1/(one_output*places))",
        source=WRITE_UP,
    ),
    _wrong("conv_macs", "flops", f"2*k^2*c*c_out*{PLACES}", _FLOPS, cause=FLOPS),
    _wrong(
        "conv_macs",
        "input_pixels",
        "k^2*c*c_out*w*h",
        "you counted the pixels of the input; a filter works once for each output",
    ),
    _wrong(
        "conv_macs",
        "one_channel",
        f"k^2*c_out*{PLACES}",
        "a filter has weights for every input channel",
    ),
    _wrong(
        "conv_flops",
        "as_macs",
        f"k^2*c*c_out*{PLACES}",
        "these are multiply-adds; each is two floating-point operations",
        rule="1/(1/conv_macs)",
    ),
    _wrong(
        "conv_flops",
        "doubled_twice",
        f"4*k^2*c*c_out*{PLACES}",
        "you doubled twice: a multiply-add is one multiplication and one addition",
        rule="4/(1/conv_macs)",
    ),
    _wrong("average_ops", "one_channel", f"k^2*{PLACES}", _CHANNEL, rule="k^2/(1/places)"),
    _wrong(
        "average_ops",
        "without_scaling",
        f"(k^2 - 1)*c*{PLACES}",
        "these are the additions alone: the sum is multiplied by 1/k^2",
        rule="(k^2 - 1)*c/(1/places)",
    ),
    _wrong("average_ops", "all_pixels", "w*h*c", "windows overlap or leave gaps, as s is not k"),
    _wrong("max_comparisons", "one_channel", f"(k^2 - 1)*{PLACES}", _CHANNEL),
    _wrong(
        "max_comparisons",
        "one_too_many",
        f"k^2*c*{PLACES}",
        "the first number of a window is compared with nothing",
        rule="k^2*c/(1/places)",
    ),
    _wrong("relu_ops", "one_channel", "w*h", _MAP),
    _wrong("relu_ops", "windows", f"c*{PLACES}", "this layer has no window"),
    _wrong("batchnorm_macs", "one_channel", "w*h", _MAP),
    _wrong(
        "batchnorm_macs",
        "not_folded",
        "2*w*h*c",
        "after folding there is one multiplication with its addition for each entry",
    ),
    _wrong(
        "batchnorm_macs",
        "parameters",
        "2*c",
        "this is the number of parameters; they are used for each entry",
    ),
)
