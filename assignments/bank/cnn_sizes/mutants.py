"""Wrong sizes and counts, each with its slip."""

from backproof import Mutant

SAME = "this is the size of the image: without padding the filter cannot reach over the border"
NO_ONE = "your size lacks one place: from the first to the last there are W - K + 1"
HALF = "you took half a filter off on each side; the places are W - K + 1"


def _wrong(of: str, id: str, answer: str, misconception: str, cause: str = "") -> Mutant:
    return Mutant(
        id=id, of=of, misconception=misconception, killed_by=(of,), answer=answer, cause=cause
    )


MUTANTS = (
    _wrong("rows_unpadded", "unpadded_without_one", "12", NO_ONE, "without_one"),
    _wrong("rows_unpadded", "unpadded_same", "20", SAME, "same_size"),
    _wrong("rows_of_zeros", "one_side", "4", "these are the zeros of one side; 3 + 4 are due"),
    _wrong(
        "rows_of_zeros",
        "rounded_up",
        "8",
        "with 8 rows of zeros the output has 21 rows: the size of the filter is even, so the sides "
        "get 3 and 4",
    ),
    _wrong(
        "rows_of_zeros",
        "rounded_down",
        "6",
        "with 6 rows of zeros the output has 19 rows: the sides get 3 and 4",
    ),
    _wrong(
        "zero_padding_keeps",
        "keeps_channels",
        "number of channels",
        "the output has a channel for each filter, with padding and without",
    ),
    _wrong(
        "zero_padding_keeps",
        "keeps_the_border",
        "values at the border",
        "outputs at the border are made of zeros in part: they are what padding changes most",
    ),
    _wrong(
        "zero_padding_keeps",
        "keeps_the_cost",
        "cost of the layer",
        "more outputs have to be computed than without padding",
    ),
    _wrong("parameters", "no_biases", "600", "these are the weights; each filter has a bias too"),
    _wrong(
        "parameters",
        "one_channel",
        "208",
        "your filters look at one channel; each has weights for all three",
    ),
    _wrong(
        "parameters",
        "one_bias",
        "601",
        "you counted one bias for the layer; each filter has a bias of its own",
    ),
    _wrong(
        "parameters",
        "bias_per_channel",
        "624",
        "you counted a bias for each input channel of each filter; a filter has one",
    ),
    _wrong(
        "parameters",
        "per_pixel",
        "476672",
        "a filter is shared by all its places: its parameters are counted once",
    ),
    _wrong("output_height", "height_without_one", "27", NO_ONE, "without_one"),
    _wrong("output_height", "height_same", "32", SAME, "same_size"),
    _wrong("output_height", "height_half", "30", HALF, "half_a_filter"),
    _wrong("output_width", "width_without_one", "27", NO_ONE, "without_one"),
    _wrong("output_width", "width_same", "32", SAME, "same_size"),
    _wrong("output_width", "width_half", "30", HALF, "half_a_filter"),
    _wrong(
        "output_channels",
        "channels_multiplied",
        "24",
        "a filter sums over the input channels: it makes one channel, not three",
    ),
    _wrong(
        "output_channels",
        "channels_of_the_input",
        "3",
        "these are the channels of the image; the output has one for each filter",
    ),
)
