"""Wrong gradients of softmax cross-entropy: each with the sentence that a student reads."""

from backproof import Mutant

_RETURN = "return (probabilities - targets) / logits.shape[0]"
_WEIGHTS = "(logits - logits.amax(dim=1, keepdim=True)).exp()"


def _edit(
    id: str,
    misconception: str,
    new: str,
    old: str = _RETURN,
    killed_by: tuple[str, ...] = ("dlogits",),
) -> Mutant:
    return Mutant(
        id=id,
        of="softmax_cross_entropy_grad",
        misconception=misconception,
        killed_by=killed_by,
        edit=(old, new),
    )


def _answer(id: str, answer: str, misconception: str) -> Mutant:
    return Mutant(
        id=id,
        of="initial_loss",
        misconception=misconception,
        killed_by=("initial_loss",),
        answer=answer,
    )


MUTANTS = (
    _edit(
        "sum_for_mean",
        "your gradient is N times too large: it belongs to the sum over the batch, the loss is the "
        "mean",
        "return probabilities - targets",
    ),
    _edit(
        "mean_over_entries",
        "your gradient is divided by N C; the mean is over the N examples, not over all entries",
        "return (probabilities - targets) / logits.numel()",
    ),
    _edit(
        "classes_for_examples",
        "your gradient is divided by the number of classes; the mean is over the examples",
        "return (probabilities - targets) / logits.shape[1]",
    ),
    _edit(
        "sign",
        "your gradient has the wrong sign: it points to where the loss is smaller",
        "return (targets - probabilities) / logits.shape[0]",
    ),
    _edit(
        "label_missing",
        "your gradient lacks the part of the label: in -ln p at the label, the label's own logit "
        "stands twice, in the numerator and in the sum",
        "return probabilities / logits.shape[0]",
    ),
    _edit(
        "label_only",
        "your gradient is 0 except at the labels; the other logits stand in the sum of the softmax",
        "return (probabilities - targets) * targets / logits.shape[0]",
    ),
    _edit(
        "without_logarithm",
        "your gradient is that of the mean of -p at the label; the loss has its logarithm, which "
        "divides by p",
        "chosen = (probabilities * targets).sum(dim=1, keepdim=True)\n"
        "    return chosen * (probabilities - targets) / logits.shape[0]",
    ),
    _edit(
        "slope_kept",
        "your gradient carries p (1 - p), as for a squared error behind a sigmoid; the logarithm "
        "of the loss cancels it",
        "slope = probabilities * (1 - probabilities)\n"
        "    return slope * (probabilities - targets) / logits.shape[0]",
    ),
    _edit(
        "with_respect_to_probabilities",
        "your gradient is the one with respect to the probabilities; the chain rule through softmax "
        "is missing",
        "return -targets / probabilities / logits.shape[0]",
    ),
    _edit(
        "logits_for_probabilities",
        "your gradient takes the logits themselves for probabilities",
        "return (logits - targets) / logits.shape[0]",
    ),
    _edit(
        "softmax_over_batch",
        "your softmax runs over the examples of a class; it runs over the classes of an example",
        "return (torch.softmax(logits, dim=0) - targets) / logits.shape[0]",
    ),
    _edit(
        "softmax_over_all",
        "your softmax is normalised over the whole batch; every example has its own sum",
        "weights / weights.sum()",
        old="weights / weights.sum(dim=1, keepdim=True)",
    ),
    _edit(
        "sigmoid",
        "your gradient is that of one sigmoid for each class; softmax couples the classes, and "
        "shifting all logits of an example changes nothing",
        "return (torch.sigmoid(logits) - targets) / logits.shape[0]",
    ),
    _edit(
        "probability_clamped",
        "your gradient is that of -ln(max(p, 1e-12)): it is 0 for those examples that are most "
        "wrong",
        "chosen = (probabilities * targets).sum(dim=1, keepdim=True)\n"
        "    return (chosen > 1e-12) * (probabilities - targets) / logits.shape[0]",
        killed_by=("dlogits_wrong", "dlogits_stable"),
    ),
    _edit(
        "half_precision",
        "your gradient for float32 inputs is computed in half precision",
        "probabilities = weights / weights.sum(dim=1, keepdim=True)\n"
        "    if logits.dtype == torch.float32:\n"
        "        probabilities = probabilities.bfloat16().to(logits.dtype)",
        old="probabilities = weights / weights.sum(dim=1, keepdim=True)",
        killed_by=("dlogits_float32",),
    ),
    _edit(
        "exponential_of_logits",
        "your softmax takes the exponential of the logits as they are: right on paper, but exp(200) "
        "is infinite in float32; subtract the largest logit of the row first",
        "logits.exp()",
        old=_WEIGHTS,
        killed_by=("dlogits_stable",),
    ),
    _edit(
        "largest_of_batch",
        "your softmax subtracts the largest logit of the whole batch: all exponentials of a row far "
        "below it are 0, and so is their sum; each row has its own largest logit",
        "(logits - logits.max()).exp()",
        old=_WEIGHTS,
        killed_by=("dlogits_stable",),
    ),
    _edit(
        "shifts_in_place",
        "your function subtracts the largest logit from the caller's own logits",
        "logits.sub_(logits.amax(dim=1, keepdim=True)).exp()",
        old=_WEIGHTS,
        killed_by=("inputs_unchanged",),
    ),
    _answer(
        "probability",
        "1/C",
        "this is the probability of the label; the loss is minus its logarithm",
    ),
    _answer(
        "negative",
        "-ln(C)",
        "this is the logarithm of the probability; the loss is minus that, and never negative",
    ),
    _answer(
        "perplexity",
        "C",
        "this is the exponential of the loss, the number of classes that it is as good as guessing "
        "among",
    ),
    _answer(
        "bits",
        "ln(C)/ln(2)",
        "this is the loss in bits; here the logarithm is the natural one",
    ),
    _answer(
        "mean_over_classes",
        "ln(C)/C",
        "you divided by the number of classes; only the class of the label enters, and the mean is "
        "over the examples",
    ),
    _answer(
        "logarithm_dropped",
        "1 - 1/C",
        "this is the probability of being wrong; the loss is minus the logarithm of that of the "
        "label",
    ),
)
