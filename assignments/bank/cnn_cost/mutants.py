"""Wrong counts, with the rules by which they follow from earlier answers."""

from backproof import Mutant

STRIDE_PLUS_ONE = "stride_plus_one"


def _wrong(of: str, id: str, answer: str, misconception: str, *, rule: str = "", cause: str = ""):
    return Mutant(
        id=id,
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        rule=rule,
        cause=cause,
    )


_DIVIDES = (
    "your size is (W - K + 2P) / (S + 1); the kernel has floor((W - K + 2P) / S) + 1 places: the 1 "
    "is added after the division"
)
_FLOPS = "your number is twice the multiply-adds: one multiply-add is one multiplication with its "
MUTANTS = (
    _wrong("params", "params_of_layer_1", "294912", "these are the weights of layer 1 alone"),
    _wrong("params", "params_of_layer_2", "1179648", "these are the weights of layer 2 alone"),
    _wrong(
        "params",
        "params_biases_counted",
        "1475328",
        "you counted a bias for each output channel; `params` is for layers without biases",
    ),
    _wrong(
        "params",
        "params_with_pixels",
        "1509949440",
        "these are the multiply-adds; a weight is shared by all places of its kernel",
    ),
    _wrong(
        "params_with_biases",
        "params_biases_left_out",
        "1474560",
        "these are the weights alone: each output channel has a bias as well",
        rule="params",
    ),
    _wrong(
        "params_with_biases",
        "params_bias_per_input",
        "1474944",
        "you counted a bias for each input channel; a bias is added to each output channel",
        rule="params + 128 + 256",
    ),
    _wrong(
        "params_with_biases",
        "params_bias_per_layer",
        "1474562",
        "you counted one bias for each layer; each output channel has a bias of its own",
        rule="params + 2",
    ),
    _wrong("size_1", "size_1_stride_plus_one", "21", _DIVIDES, cause=STRIDE_PLUS_ONE),
    _wrong(
        "size_1",
        "size_1_without_one",
        "31",
        "your size lacks the first place of the kernel: add 1 after the division",
    ),
    _wrong(
        "size_1",
        "size_1_without_floor",
        "32.5",
        "your size is not a whole number of places: a kernel that does not fit has no place, so "
        "round down",
    ),
    _wrong("size_1", "size_1_stride_ignored", "64", "your size ignores the stride of 2"),
    _wrong(
        "macs_1",
        "macs_1_flops",
        "603979776",
        _FLOPS + "addition",
        rule="2*9*128*256*size_1^2",
        cause="flops_for_macs",
    ),
    _wrong(
        "macs_1",
        "macs_1_input_map",
        "1207959552",
        "you counted the pixels of the input map; a kernel works once for each output pixel",
    ),
    _wrong(
        "macs_1",
        "macs_1_one_row",
        "9437184",
        "you multiplied by the height of the output map; it has height times width pixels",
        rule="9*128*256*size_1",
    ),
    _wrong(
        "size_2",
        "size_2_stride_plus_one",
        "15",
        _DIVIDES,
        rule="floor((size_1 + 2*1 - 3)/(1 + 1))",
        cause=STRIDE_PLUS_ONE,
    ),
    _wrong(
        "size_2",
        "size_2_without_padding",
        "30",
        "your size leaves the padding out",
        rule="size_1 - 2",
    ),
    _wrong(
        "macs_2",
        "macs_2_flops",
        "2415919104",
        _FLOPS + "addition",
        rule="2*9*256*512*size_2^2",
        cause="flops_for_macs",
    ),
    _wrong(
        "macs_2",
        "macs_2_input_channels",
        "603979776",
        "your layer 2 has 256 output channels; it has 512",
        rule="9*256*256*size_2^2",
    ),
    _wrong(
        "macs_total",
        "macs_total_of_layer_2",
        "1207959552",
        "this is layer 2 alone",
        rule="macs_2",
    ),
    _wrong(
        "macs_total",
        "macs_total_flops",
        "3019898880",
        _FLOPS + "addition",
        rule="2*(macs_1 + macs_2)",
    ),
    _wrong(
        "values_1",
        "values_1_one_channel",
        "1024",
        "these are the pixels; every channel holds a number for each of them",
        rule="size_1^2",
    ),
    _wrong(
        "values_1",
        "values_1_input_channels",
        "131072",
        "you counted the channels that go into layer 1; its output map has 256",
        rule="128*size_1^2",
    ),
    _wrong(
        "values_1",
        "values_1_are_weights",
        "294912",
        "these are the weights of layer 1; the memory asked for is that of its output map",
        cause="weights_for_values",
    ),
    _wrong(
        "values_2",
        "values_2_input_channels",
        "262144",
        "you counted the channels that go into layer 2; its output map has 512",
        rule="256*size_2^2",
    ),
    _wrong(
        "values_2",
        "values_2_are_weights",
        "1179648",
        "these are the weights of layer 2; the memory asked for is that of its output map",
        cause="weights_for_values",
    ),
    _wrong(
        "memory_ratio_1",
        "ratio_1_is_the_change",
        "-0.50",
        "this is the change; a ratio says how much there is afterwards for each number before",
        rule="(values_1 - 524288)/524288",
    ),
    _wrong(
        "memory_ratio_1",
        "ratio_1_percent_sign_lost",
        "50",
        "your number lacks its percent sign: as a plain number, half is 0.5",
        rule="100*values_1/524288",
    ),
    _wrong(
        "memory_ratio_1",
        "ratio_1_inverted",
        "2",
        "you divided the memory of the input map by that after the layer",
        rule="524288/values_1",
    ),
    _wrong(
        "memory_ratio_2",
        "ratio_2_is_the_change",
        "0",
        "this is the change; a ratio says how much there is afterwards for each number before",
        rule="(values_2 - 524288)/524288",
    ),
    _wrong(
        "memory_ratio_2",
        "ratio_2_of_layer_2_alone",
        "2",
        "you compared with the map after layer 1; the ratio is to the input map",
        rule="values_2/values_1",
    ),
    _wrong(
        "memory_ratio_2",
        "ratio_2_of_layer_1",
        "0.50",
        "this is the ratio after layer 1; layer 2 changes the number of channels again",
        rule="memory_ratio_1",
    ),
    _wrong(
        "memory_ratio_2",
        "ratio_2_of_weights",
        "4",
        "you compared the weights of the two layers; the memory of the maps is asked for",
    ),
)
