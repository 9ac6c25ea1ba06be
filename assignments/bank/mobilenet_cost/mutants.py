"""Wrong counts and formulas, with the rules by which they follow from earlier answers."""

from backproof import Mutant

FLOPS = "flops_for_macs"
DEPTHWISE = "depthwise_as_full"
POINTWISE = "pointwise_missing"
BIASES = "biases"
WITHOUT_ONE = "without_one"
STRIDE_PLUS_ONE = "stride_plus_one"
INPUT_MAP = "input_map"


def _wrong(of: str, id: str, answer: str, misconception: str, *, rule: str = "", cause: str = ""):
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        rule=rule,
        cause=cause,
    )


_BIASES = "you counted a bias for each output channel; these layers have none"
_DIVIDES = (
    "your height is (H - K + 2P) / (S + 1); the kernel has floor((H - K + 2P) / S) + 1 places: the 1 "
    "is added after the division"
)
_ONE = (
    "your height is one too small: the first place of the kernel counts as well (add 1 after the "
    "division), and the map is padded on both sides"
)
_STRIDE = "your height ignores the stride of 2"
_TWICE = (
    "your number is twice the multiply-adds: one multiply-add is one multiplication together with "
    "its addition"
)
_QUARTER = "you counted maps of half the height, as for an image of 256 x 256 pixels; this one has 512 x 512"
_CUT = "you cut the number off; round the last digit that you show"
_INPUT = "you counted the pixels of the input maps; a kernel works once for each output pixel"
_ROW = "you multiplied by the height of the maps; a map has height times width pixels"
_INVERSE = "this is the inverse: the question is how many times as many B has as A"
_DIFFERENCE = "this is the difference of the two numbers; the question asks for their quotient"
_DEPTHWISE_FULL = (
    "you counted the depthwise convolution as a full one; each of its kernels sees its own channel "
    "only"
)
_NO_POINTWISE = (
    "the pointwise convolutions are missing: mixing the channels takes a 1 x 1 weight for each pair "
    "of an input and an output channel"
)
_NO_DEPTHWISE = "these are the pointwise convolutions alone; the depthwise ones are missing"
_CHANNELS = "alpha scales the inputs and the outputs of the pointwise part"
_SIDES = "your cost is linear in rho; rho scales the height and the width of the map"
_SMALLER = "this is above 1; a smaller layer costs less"
_SQUARED = "a kernel of side 4 has 16 entries; you counted 4"

MUTANTS = (
    _wrong("params_separable", "depthwise_full", "368976", _DEPTHWISE_FULL, cause=DEPTHWISE),
    _wrong("params_separable", "without_pointwise", "3120", _NO_POINTWISE, cause=POINTWISE),
    _wrong("params_separable", "without_depthwise", "41152", _NO_DEPTHWISE),
    _wrong("params_separable", "with_biases", "44915", _BIASES, cause=BIASES),
    _wrong("params_separable", "kernel_not_squared", "41932", _SQUARED),
    _wrong(
        "params_separable",
        "first_layer_full",
        "47104",
        "you counted layer 1 as a full convolution; in network A it is separable, too",
    ),
    _wrong("params_full", "with_biases", "658880", _BIASES, cause=BIASES),
    _wrong("params_full", "kernel_not_squared", "164608", _SQUARED),
    _wrong(
        "params_full",
        "one_filter",
        "3120",
        "you counted one kernel for each input channel; every output channel has kernels of its own",
    ),
    _wrong(
        "params_full",
        "kernel_3",
        "370368",
        "these are the weights of kernels of side 3; here the side is 4",
    ),
    _wrong("map_height_1", "without_one", "255", _ONE, cause=WITHOUT_ONE),
    _wrong("map_height_1", "stride_plus_one", "170", _DIVIDES, cause=STRIDE_PLUS_ONE),
    _wrong("map_height_1", "stride_ignored", "511", _STRIDE),
    _wrong(
        "map_height_1",
        "unchanged",
        "512",
        "this is the height of the image, before layer 1",
    ),
    _wrong(
        "map_height_2",
        "without_one",
        "127",
        _ONE,
        rule="floor((map_height_1 + 2*1 - 4)/2)",
        cause=WITHOUT_ONE,
    ),
    _wrong(
        "map_height_2",
        "stride_plus_one",
        "84",
        _DIVIDES,
        rule="floor((map_height_1 + 2*1 - 4)/(2 + 1))",
        cause=STRIDE_PLUS_ONE,
    ),
    _wrong("map_height_2", "stride_ignored", "255", _STRIDE, rule="map_height_1 - 1"),
    _wrong(
        "map_height_3",
        "without_one",
        "63",
        _ONE,
        rule="floor((map_height_2 + 2*1 - 4)/2)",
        cause=WITHOUT_ONE,
    ),
    _wrong(
        "map_height_3",
        "stride_plus_one",
        "42",
        _DIVIDES,
        rule="floor((map_height_2 + 2*1 - 4)/(2 + 1))",
        cause=STRIDE_PLUS_ONE,
    ),
    _wrong("map_height_3", "stride_ignored", "127", _STRIDE, rule="map_height_2 - 1"),
    _wrong(
        "macs_separable",
        "flops",
        "618659840",
        _TWICE,
        rule="2*((16*3 + 3*64)*map_height_1^2 + (16*64 + 64*128)*map_height_2^2"
        " + (16*128 + 128*256)*map_height_3^2)",
        cause=FLOPS,
    ),
    _wrong(
        "macs_separable",
        "input_maps",
        "1237319680",
        _INPUT,
        rule="(16*3 + 3*64)*512^2 + (16*64 + 64*128)*map_height_1^2"
        " + (16*128 + 128*256)*map_height_2^2",
        cause=INPUT_MAP,
    ),
    _wrong(
        "macs_separable",
        "depthwise_on_input_maps",
        "394264576",
        "you let the depthwise kernels work at every input pixel; the stride is theirs, so they work "
        "once for each output pixel",
        rule="16*3*512^2 + (3*64 + 16*64)*map_height_1^2 + (64*128 + 16*128)*map_height_2^2"
        " + 128*256*map_height_3^2",
    ),
    _wrong(
        "macs_separable",
        "depthwise_full",
        "2437939200",
        _DEPTHWISE_FULL,
        rule="(16*3*3 + 3*64)*map_height_1^2 + (16*64*64 + 64*128)*map_height_2^2"
        " + (16*128*128 + 128*256)*map_height_3^2",
        cause=DEPTHWISE,
    ),
    _wrong(
        "macs_separable",
        "without_pointwise",
        "28311552",
        _NO_POINTWISE,
        rule="16*3*map_height_1^2 + 16*64*map_height_2^2 + 16*128*map_height_3^2",
        cause=POINTWISE,
    ),
    _wrong(
        "macs_separable",
        "one_row",
        "3469312",
        _ROW,
        rule="(16*3 + 3*64)*map_height_1 + (16*64 + 64*128)*map_height_2"
        " + (16*128 + 128*256)*map_height_3",
        cause="one_row",
    ),
    _wrong(
        "macs_separable",
        "smaller_image",
        "77332480",
        _QUARTER,
        rule="((16*3 + 3*64)*map_height_1^2 + (16*64 + 64*128)*map_height_2^2"
        " + (16*128 + 128*256)*map_height_3^2)/4",
        cause="smaller_image",
    ),
    _wrong(
        "macs_full",
        "smaller_image",
        "1124073472",
        _QUARTER,
        rule="4*3*64*map_height_1^2 + 4*64*128*map_height_2^2 + 4*128*256*map_height_3^2",
        cause="smaller_image",
    ),
    _wrong(
        "macs_full",
        "flops",
        "8992587776",
        _TWICE,
        rule="2*(16*3*64*map_height_1^2 + 16*64*128*map_height_2^2 + 16*128*256*map_height_3^2)",
        cause=FLOPS,
    ),
    _wrong(
        "macs_full",
        "input_maps",
        "17985175552",
        _INPUT,
        rule="16*3*64*512^2 + 16*64*128*map_height_1^2 + 16*128*256*map_height_2^2",
        cause=INPUT_MAP,
    ),
    _wrong(
        "macs_full",
        "one_row",
        "51118080",
        _ROW,
        rule="16*3*64*map_height_1 + 16*64*128*map_height_2 + 16*128*256*map_height_3",
        cause="one_row",
    ),
    _wrong("params_saving", "cut_off", "14.8", _CUT),
    _wrong(
        "params_saving",
        "inverse",
        "44272/658432",
        _INVERSE,
        rule="params_separable/params_full",
        cause="inverse",
    ),
    _wrong(
        "params_saving",
        "difference",
        "614160",
        _DIFFERENCE,
        rule="params_full - params_separable",
        cause="difference",
    ),
    _wrong(
        "params_saving",
        "kernel_area",
        "16",
        "16 is the limit for very many output channels; the pointwise weights are spread over 64 to "
        "256 only, so divide your two numbers",
    ),
    _wrong("macs_saving", "cut_off", "14.53", _CUT),
    _wrong(
        "macs_saving",
        "inverse",
        "309329920/4496293888",
        _INVERSE,
        rule="macs_separable/macs_full",
        cause="inverse",
    ),
    _wrong(
        "macs_saving",
        "difference",
        "4186963968",
        _DIFFERENCE,
        rule="macs_full - macs_separable",
        cause="difference",
    ),
    _wrong(
        "macs_saving",
        "of_parameters",
        "658432/44272",
        "this is the quotient of the parameters; in the multiply-adds the layers count by the size "
        "of their maps as well",
        rule="params_full/params_separable",
    ),
    _wrong(
        "separable_ratio",
        "input_channels",
        "1/M + 1/D_K^2",
        "you kept the input channels; they are a factor of every term and cancel, the output channels "
        "stay",
    ),
    _wrong(
        "separable_ratio",
        "kernel_not_squared",
        "1/N + 1/D_K",
        "your kernel has D_K entries; a square kernel of side D_K has its area",
    ),
    _wrong(
        "separable_ratio",
        "product",
        "1/(N*D_K^2)",
        "you multiplied the parts; the costs of two convolutions, one after the other, add up",
    ),
    _wrong(
        "separable_ratio",
        "inverse",
        "N*D_K^2/(N + D_K^2)",
        "this is the inverse: the separable layer stands above the line",
    ),
    _wrong(
        "separable_ratio",
        "depthwise_alone",
        "1/N",
        "this is the depthwise part alone; the pointwise convolution costs as well",
    ),
    _wrong(
        "separable_ratio",
        "pointwise_alone",
        "1/D_K^2",
        "this is the pointwise part alone; the depthwise convolution costs as well",
    ),
    _wrong(
        "multiplier_ratio",
        "alpha_squared",
        "alpha^2*rho^2",
        "this is the limit for many output channels: the cost of the depthwise part is linear in "
        "alpha, as it has one kernel for each input channel",
    ),
    _wrong(
        "multiplier_ratio",
        "alpha_linear",
        "alpha*rho^2",
        "your cost is linear in alpha; the pointwise part has alpha times the inputs and alpha times "
        "the outputs",
    ),
    _wrong(
        "multiplier_ratio",
        "rho_linear",
        "rho*(alpha*D_K^2 + alpha^2*N)/(D_K^2 + N)",
        _SIDES,
    ),
    _wrong(
        "multiplier_ratio",
        "parts_swapped",
        "rho^2*(alpha^2*D_K^2 + alpha*N)/(D_K^2 + N)",
        "you gave the square of alpha to the depthwise part; it is the pointwise part that joins "
        "input with output channels",
    ),
    _wrong(
        "multiplier_ratio",
        "without_rho",
        "(alpha*D_K^2 + alpha^2*N)/(D_K^2 + N)",
        "this is the ratio of the parameters, or of the multiply-adds with alpha alone: rho is "
        "missing",
    ),
    _wrong(
        "multiplier_ratio",
        "over_full",
        "rho^2*(alpha*D_K^2 + alpha^2*N)/(D_K^2*N)",
        "you divided by the full layer; the question divides by the separable layer without "
        "multipliers",
    ),
    _wrong(
        "multiplier_ratio",
        "outputs_alone",
        "rho^2*(D_K^2 + alpha*N)/(D_K^2 + N)",
        "you scaled the output channels alone; alpha scales the input channels, too",
    ),
    _wrong("alpha_limit", "linear", "alpha", _CHANNELS),
    _wrong("alpha_limit", "inverse", "1/alpha^2", _SMALLER),
    _wrong("rho_alone", "linear", "rho", _SIDES),
    _wrong("rho_alone", "inverse", "1/rho^2", _SMALLER),
    _wrong(
        "rho_and_parameters",
        "true",
        "true",
        "the weights of a kernel are shared by all places of the map: a smaller map needs as many",
    ),
)
