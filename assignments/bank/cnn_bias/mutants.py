"""Wrong counts and conclusions on CNN and MLP, each with the sentence that a student reads."""

from backproof import Mutant

WRITE_UP = "a homework write-up, question 4"


def _says(of: str, answer: str, id: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
    )


def _edit(of: str, id: str, misconception: str, old: str, new: str, *killed_by: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=killed_by or (of,),
        edit=(old, new),
    )


NO_BIASES = "you left the biases out"
ROWS = "kernels.mean(dim=2).var(dim=1, unbiased=False)"
MUTANTS = (
    _says("cnn_params", "597", "no_biases", NO_BIASES),
    _says("cnn_params", "309", "one_channel", "each filter of the second layer sees 3 channels"),
    _says("mlp_params", "39730", "no_biases", NO_BIASES),
    _says("mlp_params", "39760", "output_missing", "the last layer has parameters, too"),
    _edit(
        "kernel_orientation",
        "swapped",
        "your two results are each other's",
        f"rows = {ROWS}\\n    return rows, kernels.mean(dim=1)".replace("\\n", "\n"),
        f"rows = {ROWS.replace('dim=2', 'dim=1')}\n    return rows, kernels.mean(dim=2)",
    ),
    _edit(
        "kernel_orientation",
        "unbiased",
        "your variances have the divisor n - 1",
        ROWS,
        "kernels.mean(dim=2).var(dim=1)",
    ),
    _edit(
        "kernel_orientation",
        "mean_of_variances",
        "you average the variances within rows; asked for is the variance of their means",
        ROWS,
        "kernels.var(dim=2, unbiased=False).mean(dim=1)",
    ),
    _edit(
        "kernel_orientation",
        "root",
        "you return standard deviations",
        ROWS,
        "kernels.mean(dim=2).std(dim=1, unbiased=False)",
    ),
    _edit(
        "kernel_orientation",
        "sums",
        "you take the sums of the rows, not their means",
        ROWS,
        "kernels.sum(dim=2).var(dim=1, unbiased=False)",
    ),
    _says("frozen_trained", "606", "all", "this is the whole network; the convolutions are frozen"),
    _says("frozen_trained", "9", "no_biases", NO_BIASES),
    _says(
        "culprit",
        "the initial kernels",
        "start",
        "the last row starts from the same kernels, and is the best of all",
    ),
    _edit(
        "edge_report",
        "invented_cnn",
        "an accuracy of yours is no whole number of images: no run gives it",
        "[100.0, 96.0]",
        "[100.0, 96.05]",
        "cnn_log",
    ),
    _edit(
        "edge_report",
        "invented_mlp",
        "an accuracy of yours is no whole number of images: no run gives it",
        "[92.2222, 76.6667]",
        "[92.5, 76.6667]",
        "mlp_log",
    ),
    _edit(
        "edge_report",
        "fractions",
        "your accuracies are fractions; they are asked for in percent",
        "cnn, mlp",
        "cnn / 100, mlp / 100",
        "cnn_log",
        "mlp_log",
    ),
    _edit(
        "edge_report",
        "collapsed",
        "your network gives about one class for all images",
        "cnn, mlp",
        "cnn * 0 + 100 / 3, mlp * 0 + 100 / 3",
        "cnn_log",
        "mlp_log",
    ),
    _says("loss_before", "0.8539", "binary", "your logarithm has base 2"),
    _says("loss_before", "0.5108", "right_only", "the images that are wrong have a loss, too"),
    _says("loss_after", "1.330", "binary", "your logarithm has base 2"),
    _says("loss_after", "0.0010", "right_only", "the images that are wrong have a loss, too"),
    _says(
        "why_loss_rises",
        "underfitting",
        "underfitting",
        "the accuracy rises: the network fits better than before",
    ),
    _says(
        "why_loss_rises",
        "too few epochs",
        "epochs",
        "more epochs made the loss rise in this example",
    ),
    _says("data_factor", "3", "middle", "the lowest run of the MLP is still below the CNN's there"),
    _says("data_factor", "100", "images", "this is a number of images; a factor is asked for"),
    _says(
        "mlp_learns",
        "generalize",
        "generalize",
        "it is right on all training images and on hardly more than half of the others",
    ),
    _edit(
        "confusion_matrix",
        "transposed",
        "your rows are the predicted classes",
        "counts[true, said]",
        "counts[said, true]",
    ),
    _edit(
        "confusion_matrix",
        "shares",
        "you return shares of each class, not counts",
        "return counts",
        "return counts / counts.sum(dim=1, keepdim=True).clamp(min=1)",
    ),
    _edit(
        "confusion_matrix",
        "diagonal_only",
        "you count what is right alone",
        "counts[true, said] += 1",
        "counts[true, true] += float(true == said)",
    ),
    _says("shifted_accuracy", "0.667", "swapped_counted", "edges of the wrong direction are wrong"),
    _says("shifted_accuracy", "0.000", "none_forgotten", "images without an edge count, too"),
    _says("vertical_taken_for", "none", "none", "that is not what the row of the matrix says"),
    _says(
        "vertical_taken_for",
        "vertical",
        "right",
        "the rows are the true classes: nothing of this row lies on the diagonal",
    ),
    _says("mlp_learned", "shapes", "shapes", "a shape would be the same in another place"),
    _edit(
        "permute_first_layer",
        "inverse",
        "you apply the inverse order",
        "weight[:, order]",
        "weight[:, order.argsort()]",
    ),
    _edit(
        "permute_first_layer",
        "unchanged",
        "your weights still meet the pixels at their old places",
        "weight[:, order]",
        "weight.clone()",
    ),
    _edit(
        "permute_first_layer",
        "reversed",
        "you reverse the order of the pixels",
        "weight[:, order]",
        "weight.flip(1)",
    ),
    _says(
        "who_suffers",
        "the MLP",
        "mlp",
        "to an MLP, another order of its inputs is only another order of its weights",
    ),
    _says(
        "who_suffers",
        "both",
        "both",
        "to an MLP, another order of its inputs is only another order of its weights",
    ),
    _says("who_suffers", "neither", "neither", "a kernel looks at neighbours, which are scattered"),
    _says("full_kernel", "784", "pixels", "this is the number of pixels; the side is asked for"),
    _says("full_kernel", "14", "half", "half of the image is outside of such a kernel"),
    _says(
        "with_larger_kernels",
        "decrease",
        "decrease",
        "a larger kernel sees more of the scattered pixels; at last it is a fully connected layer",
    ),
    _says(
        "permuted_kernels",
        "like edge detectors",
        "edges",
        "after the permutation no edge is left among neighbours",
    ),
    _says("welch_t", "0.70", "divisor_n", "your variances have the divisor n"),
    _says(
        "welch_t", "0.33", "not_of_means", "you divided by what single runs scatter by, not means"
    ),
    _says("welch_t", "0.017", "difference", "this is the difference alone"),
    _says(
        "better_pooling",
        "max",
        "max",
        "three runs each, and the difference is smaller than what the runs of one kind scatter by",
        WRITE_UP,
    ),
    _says(
        "better_pooling",
        "average",
        "average",
        "three runs each, and the difference is smaller than what the runs of one kind scatter by",
    ),
)
