"""Layers with the wrong statistics in one of the modes, wrong formulas, wrong tables."""

from backproof import Mutant

WRITE_UP = "a homework write-up, question 2d"


def _layer(id: str, misconception: str, killed_by: tuple[str, ...], old: str, new: str) -> Mutant:
    return Mutant(
        id=id,
        of="batchnorm_layer",
        misconception=misconception,
        killed_by=killed_by,
        edit=(old, new),
    )


def _wrong(of: str, id: str, answer: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=id,
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
    )


_EMA = "(1 - momentum) * running_{0} + momentum * new_{0}"
MUTANTS = (
    _layer(
        "batch_statistics_at_test_time",
        "at test time you normalise with the statistics of the batch at hand, so that a sample's "
        "output depends on its neighbours",
        ("test_out",),
        "out = batchnorm_inference(x, gamma, beta, running_mean, running_var, eps)",
        "out, _ = batchnorm_forward(x if len(x) > 1 else x.repeat(2, 1), gamma, beta, eps)\n"
        "        out = out[: len(x)]",
    ),
    _layer(
        "running_statistics_in_training",
        "in training you normalise with the running statistics; they are for test time",
        ("train_out",),
        "out, _ = batchnorm_forward(x, gamma, beta, eps)",
        "out = batchnorm_inference(x, gamma, beta, running_mean, running_var, eps)",
    ),
    _layer(
        "unbiased_in_training",
        "in training you divide by the unbiased variance; inside out stands the biased one",
        ("train_out",),
        "out, _ = batchnorm_forward(x, gamma, beta, eps)",
        "out = batchnorm_inference(x, gamma, beta, x.mean(0), x.var(0), eps)",
    ),
    _layer(
        "eps_outside_the_root",
        "at test time your eps stands outside the root",
        ("test_out",),
        "out = batchnorm_inference(x, gamma, beta, running_mean, running_var, eps)",
        "out = gamma * (x - running_mean) / (running_var.sqrt() + eps) + beta",
    ),
    _layer(
        "deviation_for_variance",
        "at test time you divide by running_var as if it were a standard deviation",
        ("test_out",),
        "out = batchnorm_inference(x, gamma, beta, running_mean, running_var, eps)",
        "out = gamma * (x - running_mean) / (running_var + eps) + beta",
    ),
    _layer(
        "mean_centred_only",
        "at test time you use the running mean, but not the running variance",
        ("test_out",),
        "out = batchnorm_inference(x, gamma, beta, running_mean, running_var, eps)",
        "out = gamma * (x - running_mean) + beta",
    ),
    _layer(
        "biased_running_var",
        "your running_var averages the biased variance; the one that is kept for test time is "
        "divided by N - 1",
        ("running_var",),
        "x.var(dim=0, unbiased=True)",
        "x.var(dim=0, unbiased=False)",
    ),
    _layer(
        "running_deviation",
        "your running_var averages standard deviations; it is a variance",
        ("running_var",),
        "x.var(dim=0, unbiased=True)",
        "x.std(dim=0)",
    ),
    _layer(
        "momentum_of_the_old_value",
        "your momentum is the weight of the old running mean; here it is that of the new value",
        ("running_mean",),
        _EMA.format("mean"),
        "momentum * running_mean + (1 - momentum) * new_mean",
    ),
    _layer(
        "momentum_of_the_old_variance",
        "your momentum is the weight of the old running variance; here it is that of the new value",
        ("running_var",),
        _EMA.format("var"),
        "momentum * running_var + (1 - momentum) * new_var",
    ),
    _layer(
        "last_batch_only",
        "your running mean forgets all batches but the last: the old value keeps its share",
        ("running_mean",),
        _EMA.format("mean"),
        "new_mean",
    ),
    _layer(
        "variance_not_tracked",
        "your running variance does not move in training",
        ("running_var",),
        _EMA.format("var"),
        "running_var",
    ),
    Mutant(
        id="statistics_move_at_test_time",
        of="batchnorm_layer",
        misconception="at test time your running statistics still move: test data leaks into the "
        "network",
        killed_by=("frozen",),
        edit=(
            "return out, running_mean, running_var",
            "new_mean = x.mean(dim=0)\n"
            "        return out, (1 - momentum) * running_mean + momentum * new_mean, running_var",
        ),
    ),
    Mutant(
        id="updated_in_place",
        of="batchnorm_layer",
        misconception="you update the running statistics in place; the caller's tensors must stay "
        "what they are",
        killed_by=("inputs_unchanged",),
        edit=(
            "    return (\n        out,\n",
            "    running_mean.mul_(1)\n    running_mean += momentum * (new_mean - running_mean)\n"
            "    running_mean = (running_mean - momentum * new_mean) / (1 - momentum)\n"
            "    return (\n        out,\n",
        ),
    ),
    _wrong(
        "batch_mean_variance",
        "mean_variance_of_one_sample",
        "sigma^2",
        "this is the variance of one sample; averaging m of them makes it smaller",
    ),
    _wrong(
        "batch_mean_variance",
        "mean_variance_grows",
        "m*sigma^2",
        "this is the variance of the sum, which grows with m; the mean divides the sum by m, and so "
        "its variance by m squared",
        source=f"{WRITE_UP}: larger batches have a larger variance",
    ),
    _wrong(
        "batch_mean_variance",
        "mean_variance_squared",
        "sigma^2/m^2",
        "you divided the variance of one sample by m squared; the sum has m of them",
    ),
    _wrong(
        "batch_mean_variance",
        "mean_deviation",
        "sigma/sqrt(m)",
        "this is the standard deviation of the batch mean; its square is asked for",
    ),
    _wrong(
        "batch_variance_mean",
        "variance_unbiased",
        "sigma^2",
        "this is the expectation of the unbiased variance; the biased one divides by m",
    ),
    _wrong(
        "batch_variance_mean",
        "variance_too_large",
        "m/(m-1)*sigma^2",
        "your factor is above 1, but the samples lie closer to their own mean than to mu",
    ),
    _wrong(
        "batch_variance_mean",
        "variance_of_the_mean",
        "sigma^2/m",
        "this is the variance of the batch mean",
    ),
    _wrong(
        "larger_batches_scatter_more",
        "larger_scatter_more",
        "true",
        "you say that larger batches scatter more; averaging over more samples makes mean and "
        "variance steadier, and it is small batches whose statistics differ from the running ones",
        source=f"{WRITE_UP}: larger batches have a larger variance",
    ),
    Mutant(
        id="scatter_unbiased",
        of="batch_scatter",
        misconception="your within averages unbiased variances, so that the two do not add up to the "
        "variance of x",
        killed_by=("table",),
        edit=("unbiased=False", "unbiased=True"),
    ),
    Mutant(
        id="scatter_of_batches_unbiased",
        of="batch_scatter",
        misconception="your between divides by the number of batches less one; the mean over all "
        "batches is asked for",
        killed_by=("table",),
        edit=(
            "(cut.mean(dim=1) - x.mean()).square().mean()",
            "(cut.mean(dim=1) - x.mean()).square().sum() / max(len(cut) - 1, 1)",
        ),
    ),
    Mutant(
        id="scatter_deviation",
        of="batch_scatter",
        misconception="your between is a standard deviation; its square is asked for",
        killed_by=("table",),
        edit=(".square().mean()", ".square().mean().sqrt()"),
    ),
    Mutant(
        id="scatter_strided",
        of="batch_scatter",
        misconception="your batches take every so manieth value; x is cut in its order",
        killed_by=("table",),
        edit=("x.reshape(-1, m)", "x.reshape(m, -1).T"),
    ),
    Mutant(
        id="scatter_as_many_batches",
        of="batch_scatter",
        misconception="you cut x into m batches; each batch is to hold m values",
        killed_by=("table",),
        edit=("x.reshape(-1, m)", "x.reshape(m, -1)"),
    ),
    Mutant(
        id="scatter_around_zero",
        of="batch_scatter",
        misconception="your between is the mean square of the batch means; it is their distance from "
        "the mean of x that counts",
        killed_by=("table",),
        edit=("(cut.mean(dim=1) - x.mean())", "cut.mean(dim=1)"),
    ),
)
