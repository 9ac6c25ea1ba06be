"""Wrong counts of dead units, and wrong steps."""

from backproof import Mutant


def _edit(of: str, id: str, misconception: str, old: str, new: str) -> Mutant:
    check = {"dead_fraction": "fraction", "sgd_relu_unit": "order"}[of]
    return Mutant(id=id, of=of, misconception=misconception, killed_by=(check,), edit=(old, new))


def _wrong(of: str, id: str, answer: str, misconception: str) -> Mutant:
    return Mutant(id=id, of=of, misconception=misconception, killed_by=(of,), answer=answer)


MUTANTS = (
    _edit(
        "dead_fraction",
        "silent_once",
        "your unit counts as dead as soon as it is silent for one example; it must be for all",
        ".any(dim=0)",
        ".all(dim=0)",
    ),
    _edit(
        "dead_fraction",
        "alive_at_zero",
        "a unit whose largest pre-activation is exactly 0 is dead: ReLU has no gradient there",
        "+ b > 0",
        "+ b >= 0",
    ),
    _edit(
        "dead_fraction",
        "fraction_alive",
        "this is the share of units that are alive",
        "1 - alive.to(x.dtype).mean()",
        "alive.to(x.dtype).mean()",
    ),
    _edit(
        "dead_fraction",
        "silent_entries",
        "this is the share of all outputs that are 0; a dead unit is 0 for every example",
        "(x @ w.T + b > 0).any(dim=0)",
        "x @ w.T + b > 0",
    ),
    _edit(
        "dead_fraction",
        "over_examples",
        "this is the share of examples for which all units are silent: the axes are swapped",
        "any(dim=0)",
        "any(dim=1)",
    ),
    _edit(
        "dead_fraction",
        "no_bias",
        "your pre-activation lacks the bias",
        "x @ w.T + b",
        "x @ w.T",
    ),
    _edit(
        "sgd_relu_unit",
        "no_gate",
        "your gradient passes where ReLU puts out 0: this is a linear unit",
        " * (before > 0)",
        "",
    ),
    _edit(
        "sgd_relu_unit",
        "error_of_output_only",
        "you compare the output with the target and forget the slope of ReLU, which is 0 for a "
        "silent unit",
        "(before - target) * (before > 0)",
        "before.clamp(min=0) - target",
    ),
    _edit(
        "sgd_relu_unit",
        "gate_open_at_zero",
        "your ReLU has the slope 1 at 0; there it is 0",
        "before > 0",
        "before >= 0",
    ),
    _edit(
        "sgd_relu_unit",
        "bias_stays",
        "your bias does not learn",
        "b - lr * error",
        "b - 0 * error",
    ),
    _edit(
        "sgd_relu_unit",
        "uphill",
        "your steps go up the gradient",
        "w - lr * error * row, b - lr * error",
        "w + lr * error * row, b + lr * error",
    ),
    _edit(
        "sgd_relu_unit",
        "twice_the_gradient",
        "your gradient is that of (f - y)^2; the loss has the factor 1/2",
        "error = (before - target)",
        "error = 2 * (before - target)",
    ),
    _edit(
        "sgd_relu_unit",
        "counts_the_others",
        "you count the steps that have a gradient",
        "int(error == 0)",
        "int(error != 0)",
    ),
    _wrong(
        "after_one_step",
        "bias_forgotten",
        "0",
        "the bias takes a step as well: w becomes 0 and b becomes -1",
    ),
    _wrong(
        "after_one_step",
        "twice_the_step",
        "-3",
        "your gradient is that of (f - y)^2; the loss has the factor 1/2",
    ),
    _wrong(
        "after_one_step",
        "uphill_one_step",
        "3",
        "your step goes up the gradient",
    ),
    _wrong(
        "silent_steps",
        "negatives_only",
        "19",
        "the gradient is 0 at the positive examples as well: the slope of ReLU is 0 there, whatever "
        "the target",
    ),
    _wrong(
        "silent_steps",
        "all_steps",
        "40",
        "the first step has a gradient: it is the one that kills the unit",
    ),
    _wrong(
        "silent_steps",
        "recovers",
        "0",
        "at a pre-activation below 0 the gradient is exactly 0, not small",
    ),
)
