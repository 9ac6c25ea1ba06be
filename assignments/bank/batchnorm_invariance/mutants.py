"""Wrong parameters and wrong statements, each with the sentence that a student reads."""

from backproof import Mutant

_GAMMA = "torch.sqrt(x.var(dim=0, correction=0) + eps)"
_RETURN = f"return {_GAMMA}, x.mean(dim=0)"


def _identity(id: str, misconception: str, new: str) -> Mutant:
    return Mutant(
        id=f"identity_{id}",
        of="identity_parameters",
        misconception=misconception,
        killed_by=("identity_parameters",),
        edit=(_RETURN, f"return {new}"),
    )


def _wrong(
    of: str, id: str, answer: str, misconception: str, rule: str = "", source: str = ""
) -> Mutant:
    return Mutant(
        id=id,
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        rule=rule,
        source=source,
    )


MUTANTS = (
    _wrong(
        "depends_on_others",
        "examples_on_their_own",
        "false",
        "mean and variance are those of the whole mini-batch: change one example, and the outputs of "
        "all change",
    ),
    _wrong(
        "ridge_shows_it",
        "ridge_as_batchnorm",
        "true",
        "the ridge form comes from the masks of dropout, not from rescaling the columns; batch "
        "normalisation regularises by the noise of its batch statistics",
        source="a homework write-up, question 3.2",
    ),
    _identity(
        "variance",
        "your gamma is the variance; the layer divides by its root",
        "x.var(dim=0, correction=0) + eps, x.mean(dim=0)",
    ),
    _identity(
        "without_eps",
        "your gamma leaves out eps, which the layer adds to the variance",
        "x.std(dim=0, correction=0), x.mean(dim=0)",
    ),
    _identity(
        "eps_outside",
        "your gamma adds eps to the deviation; in the layer it stands inside the root",
        "x.std(dim=0, correction=0) + eps, x.mean(dim=0)",
    ),
    _identity(
        "unbiased",
        "your gamma has the variance that is divided by N - 1; the layer's is divided by N",
        "torch.sqrt(x.var(dim=0) + eps), x.mean(dim=0)",
    ),
    _identity(
        "inverse",
        "your gamma divides by the deviation once more; it has to undo the division",
        f"1 / {_GAMMA}, x.mean(dim=0)",
    ),
    _identity(
        "beta_sign",
        "your beta subtracts the mean a second time; it has to add it",
        f"{_GAMMA}, -x.mean(dim=0)",
    ),
    _identity(
        "beta_normalised",
        "your beta is divided by the deviation; it is added after gamma",
        f"{_GAMMA}, x.mean(dim=0) / {_GAMMA}",
    ),
    _identity(
        "over_features",
        "you take mean and variance of each row; every feature has its own",
        "torch.sqrt(x.var(dim=1, correction=0) + eps), x.mean(dim=1)",
    ),
    _wrong(
        "relu_fraction",
        "all_of_them",
        "1",
        "values above the mean are above 0 after it is subtracted, and stay",
    ),
    _wrong(
        "relu_fraction",
        "none_of_them",
        "0",
        "values below the mean are below 0 after it is subtracted",
    ),
    _wrong(
        "bias_needed",
        "bias_is_needed",
        "true",
        "the mean holds the bias as well: it is subtracted again, and nothing is left of it",
    ),
    _wrong(
        "bias_gradient_zero",
        "bias_has_a_gradient",
        "false",
        "the output does not depend on the bias: the path through the mean takes away what the "
        "direct one gives",
    ),
    _wrong(
        "beta_replaces_bias",
        "beta_redundant_too",
        "false",
        "beta is added after the normalisation: nothing subtracts it again",
    ),
    _wrong(
        "scale_matters",
        "scale_changes_output",
        "true",
        "the deviation grows by the same factor and divides it away",
    ),
    _wrong(
        "negated_output",
        "sign_not_seen",
        "y",
        "the deviation is positive, so that it cannot take the sign away",
    ),
    _wrong(
        "negated_output",
        "beta_flipped_too",
        "-y",
        "beta is added after the sign: only y - beta changes its sign",
    ),
    _wrong(
        "negated_output",
        "beta_once",
        "beta - y",
        "y holds beta already; y - beta changes its sign, and beta is added to that",
    ),
    _wrong(
        "shrink",
        "exactly_invariant",
        "1.0",
        "this holds for eps = 0; here eps is of the size of the scaled variance",
    ),
    _wrong(
        "shrink",
        "scale_comes_through",
        "0.0010",
        "the deviation shrinks as well, and divides most of the factor away",
    ),
    _wrong(
        "shrink",
        "root_forgotten",
        "0.615",
        "this is the ratio of the variances; the layer divides by roots",
    ),
    _wrong(
        "shrink",
        "the_other_way_round",
        "1.275",
        "eps weighs more beside a smaller variance: the output shrinks",
    ),
    _wrong(
        "gradient_ratio",
        "gradient_unchanged",
        "1",
        "the output is the same, the gradient is not: a change of W counts relative to its size",
    ),
    _wrong(
        "gradient_ratio",
        "gradient_grows",
        "alpha",
        "the other way round: the larger the weights, the less a given change of them matters",
    ),
    _wrong(
        "step_ratio",
        "weights_not_longer",
        "1/alpha",
        "this is the factor of the gradient; the weights that it is compared with are longer, too",
        rule="gradient_ratio",
    ),
    _wrong(
        "step_ratio",
        "steps_alike",
        "1",
        "the learning rate is the same, the gradient and the length of the weights are not",
        rule="gradient_ratio*alpha",
    ),
    _wrong(
        "weight_angle",
        "along_the_weights",
        "0",
        "a step along W only scales it, and the output does not change with that",
    ),
    _wrong(
        "weight_angle",
        "against_the_weights",
        "180",
        "a step along W only scales it, and the output does not change with that",
    ),
)
