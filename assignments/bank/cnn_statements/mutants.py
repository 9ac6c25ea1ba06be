"""Wrong answers on the statements, each with the sentence that a student reads."""

from backproof import Mutant

WRITE_UP = "a homework write-up, question 1"


def _says(of: str, answer: str, id: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
    )


def _verdict(of: str, answer: str, misconception: str) -> Mutant:
    return _says(of, answer, "other", misconception)


PRODUCT = "the two layers run one after the other: their costs add up, they do not multiply"
MUTANTS = (
    _says("bn_out_mean", "0", "zero", "this is the mean before beta is added, which is learned"),
    _says("bn_out_mean", "gamma*beta", "scaled", "gamma scales before beta is added"),
    _says("bn_out_mean", "mu", "input", "this is the mean of the input, which is taken away"),
    _says("bn_out_std", "1", "one", "the layer multiplies what it has normalised by gamma"),
    _says("bn_out_std", "gamma", "no_epsilon", "epsilon makes it a little smaller than gamma"),
    _says(
        "bn_out_std",
        "gamma^2*v/(v + epsilon)",
        "variance",
        "this is the variance; the standard deviation is its root",
    ),
    _verdict("eager", "false", "a tensor has its values as soon as its line has been run"),
    _says(
        "graph_recorded",
        "when the parameters are created",
        "static",
        "that would be a static graph: operations are recorded while they are carried out, anew "
        "for each mini-batch",
        WRITE_UP,
    ),
    _says(
        "graph_recorded",
        "in each backward pass",
        "backward",
        "the backward pass follows the graph, which must be there by then",
    ),
    _verdict("augmentation_always", "true", "a change of the input may change the right label"),
    _verdict("larger_epsilon", "false", "libraries recommend to try larger ones, 0.1 or 1.0"),
    _says("adam_first_step", "eta", "without", "epsilon makes the step shorter than eta"),
    _says(
        "adam_first_step",
        "eta*g/sqrt(g^2 + epsilon)",
        "inside",
        "epsilon is added to the root, not under it",
    ),
    _says(
        "adam_first_step",
        "eta*g/(g^2 + epsilon)",
        "no_root",
        "the mean of the squares stands under a root",
    ),
    _says("adam_first_step", "eta*g", "gradient", "this is a step of plain gradient descent"),
    _verdict("both_ensure", "true", "nothing is ensured: both together may regularise too much"),
    _says("leaky_through", "g*alpha", "once", "each of the L activations has this slope"),
    _says("leaky_through", "g*L*alpha", "sum", "slopes of a chain multiply, they do not add up"),
    _says("leaky_through", "0", "dead", "that is ReLU; a leaky ReLU lets a gradient through"),
    _verdict("l1_sparser", "false", "only L1 pulls at small weights as much as at large ones"),
    _says(
        "full_macs", "M*N*D_K^2", "weights", "this is the number of weights; each works D_F^2 times"
    ),
    _says("full_macs", "2*D_K^2*M*N*D_F^2", "flops", "you count two operations for a multiply-add"),
    _says("separable_macs", "D_K^2*M*N*D_F^2*D_F^2*M*N", "product", PRODUCT, WRITE_UP),
    _says("separable_macs", "D_K^2*M*D_F^2*M*N*D_F^2", "product_of_both", PRODUCT),
    _says(
        "separable_macs",
        "D_K^2*M*D_F^2",
        "depthwise_only",
        "the pointwise convolution that mixes the channels is missing",
    ),
    _says(
        "separable_macs",
        "M*N*D_F^2",
        "pointwise_only",
        "the depthwise convolution in front of it is missing",
    ),
    _says(
        "separable_macs",
        "D_K^2*M*M*D_F^2 + M*N*D_F^2",
        "all_channels",
        "a depthwise kernel sees its own channel alone",
    ),
    _says(
        "separable_saving",
        "9",
        "limit",
        "that is the limit for many output channels; for N of them it is less",
        WRITE_UP,
    ),
    _says(
        "separable_saving", "1/N + 1/9", "inverse", "this is the separable layer over the full one"
    ),
    _says("separable_saving", "N", "channels", "that is the limit for large kernels"),
    _says("saving_16", "9", "limit", "that is the limit for many output channels"),
    _says("saving_16", "0.174", "inverse", "this is the separable layer over the full one"),
    _verdict(
        "squeezenet_therefore",
        "true",
        "few parameters come from squeeze layers and 1 x 1 kernels; where the maps shrink changes "
        "the number of operations alone",
    ),
    _says("conv1_macs", "7*7*3*96", "weights", "these are the weights; each works 111^2 times"),
    _says("conv1_macs", "224*224*3*96*7*7", "input_map", "a kernel works once for each output"),
    _says(
        "conv10_macs",
        "13*13*512*100",
        "hundred",
        "the last layer has an output for each of 1000 classes, not 100",
        WRITE_UP,
    ),
    _says("conv10_macs", "512000", "weights", "these are the weights; each works 13^2 times"),
    _says(
        "fire2_weights",
        "96*16 + 96*64 + 9*96*64",
        "not_squeezed",
        "the expand filters work on the 16 channels that the squeeze layer hands on",
    ),
    _says(
        "fire2_weights", "16*64 + 9*16*64", "squeeze_missing", "the squeeze layer has weights, too"
    ),
    _says("fire2_saving", "0.106", "inverse", "this is the fire module over the full convolution"),
    _says("fire2_saving", "9", "kernels", "kernels of 1 x 1 are not all that saves weights here"),
    _says(
        "most_macs",
        "conv1 to fire4",
        "early",
        "these have 46 % of the multiply-adds: later maps are still large, and channels many",
        WRITE_UP,
    ),
    _verdict("pooling_counts", "true", "weights are shared by all positions of a map"),
    _verdict("shortcuts_smooth", "false", "measured loss surfaces are smoother with shortcuts"),
    _says(
        "minima_found",
        "sharper",
        "sharper",
        "a smooth surface has flat, wide minima; sharp ones are those of deep plain networks",
        WRITE_UP,
    ),
    _says("with_shortcuts", "1 + w^L", "one_shortcut", "each block has a shortcut of its own"),
    _says("with_shortcuts", "1 + L*w", "sum", "this is the first order in w; the factors multiply"),
    _says("without_shortcuts", "L*w", "sum", "factors of a chain multiply, they do not add up"),
    _says("without_shortcuts", "w", "one", "each of the L layers has this factor"),
)
