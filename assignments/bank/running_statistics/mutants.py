"""Wrong running statistics and wrong numbers, each with the sentence that a student reads."""

from backproof import Mutant

_MEAN = "running_mean = (1 - momentum) * running_mean + momentum * batch.mean(dim=0)"
_VAR = "running_var = (1 - momentum) * running_var + momentum * batch.var(dim=0)"


def _code(
    id: str,
    misconception: str,
    old: str,
    new: str,
    *killed_by: str,
    cause: str = "",
    source: str = "",
) -> Mutant:
    return Mutant(
        id=id,
        of="running_statistics",
        misconception=misconception,
        killed_by=killed_by or ("running_var",),
        cause=cause,
        source=source,
        edit=(old, new),
    )


def _wrong(of: str, id: str, answer: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
    )


_WITHIN = "the means of the classes differ as well: their variance, 9, adds to that within"
_BETWEEN = "a batch of one class does not show the distance between the classes"
_DEVIATION = "this is the standard deviation; the variance is stored"
MUTANTS = (
    _code(
        "biased_stored",
        "your running_var takes the variance that is divided by N; the unbiased one is stored",
        "batch.var(dim=0)",
        "batch.var(dim=0, correction=0)",
    ),
    _code(
        "deviation_stored",
        "your running_var is the running mean of standard deviations; the variance is stored",
        _VAR,
        "running_var = (1 - momentum) * running_var + momentum * batch.std(dim=0)",
        source="a homework write-up, question 3.4",
    ),
    _code(
        "deviation_squared",
        "your running_var is the square of a running standard deviation; the variances themselves "
        "are averaged",
        "return running_mean, running_var",
        "deviation = torch.ones_like(running_mean)\n"
        "    for batch in batches:\n"
        "        deviation = (1 - momentum) * deviation + momentum * batch.std(dim=0)\n"
        "    return running_mean, deviation**2",
    ),
    _code(
        "momentum_of_the_old",
        "your momentum weighs the stored value; here it is the weight of the new one",
        "running_mean = torch.zeros_like",
        "momentum = 1 - momentum\n    running_mean = torch.zeros_like",
        "running_mean",
        "running_var",
    ),
    _code(
        "default_of_keras",
        "your momentum is 0.01 where none is given, as in Keras; here it is 0.1",
        "momentum: float = 0.1",
        "momentum: float = 0.01",
        "running_mean",
        "running_var",
    ),
    _code(
        "variance_starts_at_0",
        "your running_var starts at 0; it starts at 1",
        "torch.ones_like(batches[0, 0])",
        "torch.zeros_like(batches[0, 0])",
    ),
    _code(
        "start_at_the_first",
        "your statistics start at those of the first batch; they start at 0 and 1",
        "for batch in batches:",
        "running_mean, running_var = batches[0].mean(dim=0), batches[0].var(dim=0)\n"
        "    for batch in batches:",
        "running_mean",
        "running_var",
    ),
    _code(
        "last_batch_alone",
        "your statistics are those of the last batch; earlier ones keep a share",
        "return running_mean, running_var",
        "return batches[-1].mean(dim=0), batches[-1].var(dim=0)",
        "running_mean",
        "running_var",
    ),
    _code(
        "all_batches_alike",
        "your statistics weigh all batches alike; later ones weigh more",
        "return running_mean, running_var",
        "return batches.mean(dim=(0, 1)), batches.var(dim=1).mean(dim=0)",
        "running_mean",
        "running_var",
    ),
    _code(
        "variance_around_the_stored_mean",
        "your variances are taken around the stored mean; each batch's are around its own",
        "batch.var(dim=0)",
        "(batch - running_mean).square().sum(dim=0) / (len(batch) - 1)",
    ),
    _wrong("total_variance", "within_alone", "1", _WITHIN),
    _wrong(
        "total_variance",
        "between_alone",
        "9",
        "the values scatter within their class as well: its variance, 1, is missing",
    ),
    _wrong("total_variance", "deviation", "3.16", _DEVIATION),
    _wrong(
        "sorted_mean",
        "all_alike",
        "0",
        "this is the mean of all values; the stored mean forgets, and the last 50 batches are of B",
    ),
    _wrong(
        "sorted_mean",
        "first_half",
        "-2.97",
        "this is the stored mean had B come first: the last batches count most",
    ),
    _wrong(
        "sorted_mean",
        "from_zero",
        "2.98",
        "this starts at 0 with class B; the first half has brought the stored mean near -3",
    ),
    _wrong("sorted_variance", "of_all", "10", _BETWEEN),
    _wrong(
        "sorted_variance",
        "between_alone",
        "9",
        "this is the variance of the class means; no batch holds both classes",
    ),
    _wrong(
        "alternating_mean",
        "all_alike",
        "0",
        "the last batch counts more than the one before it: the stored mean swings about 0 and ends "
        "on the side of B",
    ),
    _wrong(
        "alternating_mean",
        "class_b",
        "3",
        "one batch moves the stored mean by a tenth of the distance only",
    ),
    _wrong(
        "alternating_mean",
        "other_side",
        "-0.16",
        "this is the value after a batch of A; the last batch is one of B",
    ),
    _wrong("alternating_variance", "of_all", "10", _BETWEEN),
    _wrong(
        "alternating_variance",
        "between_alone",
        "9",
        "this is the variance of the class means; no batch holds both classes",
    ),
    _wrong("shuffled_variance", "within_alone", "1", _WITHIN),
    _wrong("shuffled_variance", "deviation", "3.16", _DEVIATION),
    _wrong(
        "test_value",
        "as_while_training",
        "0",
        "this is what a batch of A sees while training; at test time the stored mean is subtracted",
    ),
    _wrong(
        "test_value",
        "sign",
        "5.97",
        "the stored mean is subtracted from the value, not the other way round",
    ),
    _wrong(
        "test_value",
        "shuffled",
        "-0.95",
        "this uses the statistics of shuffled training",
    ),
    _wrong(
        "follows",
        "first",
        "first batches",
        "the weight of a batch shrinks by 1 - momentum with every batch after it",
    ),
    _wrong(
        "follows",
        "all",
        "all batches",
        "the weight of a batch shrinks by 1 - momentum with every batch after it: at a momentum of "
        "0.1 the last twenty have nearly all of it",
    ),
    _wrong(
        "tracked",
        "deviation",
        "standard deviation",
        "the paper and torch store the variance, and take the root with eps when it is used",
        "a homework write-up, question 3.4",
    ),
)
