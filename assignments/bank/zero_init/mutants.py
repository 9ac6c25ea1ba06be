"""Wrong gradients and wrong counts."""

from backproof import Mutant

WRITE_UP = "a write-up of CS155, problem set 4, questions 1A and 1B"


def _edit(id: str, misconception: str, old: str, new: str) -> Mutant:
    return Mutant(
        id=id,
        of="relu_net_gradients",
        misconception=misconception,
        killed_by=("gradients",),
        edit=(old, new),
    )


def _wrong(of: str, id: str, answer: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=id, of=of, misconception=misconception, killed_by=(of,), answer=answer, source=source
    )


MUTANTS = (
    _edit(
        "gate_open_at_zero",
        "your ReLU passes the gradient where its input is exactly 0; there it is 0",
        "before > 0",
        "before >= 0",
    ),
    _edit(
        "no_gate",
        "your gradient passes through silent units: where ReLU puts out 0, nothing comes back",
        " * (before > 0)",
        "",
    ),
    _edit(
        "output_weight_left_out",
        "the gradient reaches a hidden unit only through its output weight v",
        "dout[:, None] * v * ",
        "dout[:, None] * torch.ones_like(v) * ",
    ),
    _edit(
        "silent_units_learn",
        "your gradient of v uses the pre-activation; v multiplies what ReLU puts out",
        "before.clamp(min=0)",
        "before",
    ),
    _edit(
        "output_bias_stays",
        "your output bias has no gradient; it sees dout itself, also at zero",
        "dout.sum()",
        "0 * dout.sum()",
    ),
    _edit(
        "mean_of_output_bias",
        "your gradient of the output bias is a mean over the examples; here it is the sum",
        "dout.sum()",
        "dout.mean()",
    ),
    _wrong(
        "relu_moving",
        "nothing_moves",
        "0",
        "the output bias is added to the output whatever the units do: its gradient is not 0",
        source=WRITE_UP,
    ),
    _wrong(
        "relu_moving",
        "output_layer_moves",
        "3",
        "the output weights multiply what the hidden units put out, which is 0 with ReLU",
    ),
    _wrong(
        "relu_constant",
        "stays_at_zero",
        "0",
        "the output bias does learn: it goes to where its gradient vanishes",
        source=WRITE_UP,
    ),
    _wrong(
        "relu_constant",
        "majority",
        "1",
        "1 is the most frequent target; the squared error is least at the mean",
    ),
    _wrong(
        "relu_constant",
        "share_of_positives",
        "5/8",
        "5/8 is the share of the targets that are 1; the others are -1, not 0",
    ),
    _wrong(
        "sigmoid_moving",
        "only_the_bias",
        "1",
        "a sigmoid unit puts out 1/2 at 0, not 0: the output weights see that",
    ),
    _wrong(
        "sigmoid_moving",
        "everything_moves",
        "25",
        "the slope of sigmoid is not 0, but what comes back to a hidden unit passes through its "
        "output weight, which is 0",
        source=WRITE_UP,
    ),
    _wrong(
        "sigmoid_moving_2",
        "everything_in_the_second_step",
        "25",
        "the weights between the hidden layers were 0 until this step: nothing has passed through "
        "them to the first layer yet",
    ),
    _wrong(
        "sigmoid_moving_2",
        "same_as_the_first",
        "3",
        "the output weights have moved, so that the second hidden layer sees a gradient now",
    ),
    _wrong(
        "sigmoid_distinct",
        "all_differ",
        "4",
        "units that start equal get equal gradients in every step: nothing ever tells them apart",
    ),
    _wrong(
        "sigmoid_distinct",
        "units_of_the_next_layer",
        "2",
        "there are 2 units in the second hidden layer; those of the first are equal as well",
    ),
)
