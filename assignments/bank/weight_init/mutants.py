"""Wrong laws of first losses and weights, each with the sentence that a student reads."""

from backproof import Mutant

WRITE_UP = "a homework write-up, lab 1 (h)"


def _says(of: str, answer: str, id: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
    )


def _edit(of: str, id: str, misconception: str, old: str, new: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}", of=of, misconception=misconception, killed_by=(of,), edit=(old, new)
    )


NO_HALF = "a ReLU leaves half of the mean square of its input"
MUTANTS = (
    _says("first_loss_formula", "1/C", "probability", "this is the probability, not the loss"),
    _says("first_loss_formula", "-ln(C)", "sign", "a probability below 1 has a positive loss"),
    _says("first_loss_formula", "ln(C)/C", "mean_of_classes", "only the right class counts"),
    _says("first_loss", "3.32", "binary", "your logarithm has base 2"),
    _says("first_loss", "1.00", "decimal", "your logarithm has base 10"),
    _says("first_loss", "0.100", "probability", "this is the probability, not the loss"),
    _says("floor_10", "0.000", "none", "the second softmax never gives a probability of 1"),
    _says("floor_10", "2.303", "chance", "this is the loss of equal probabilities"),
    _says("floor_10", "1.54", "ten_others", "nine classes are wrong, not ten"),
    _says(
        "spread_loss", "ln(C)", "equal", "that is the loss of equal logits: their spread adds to it"
    ),
    _says(
        "spread_loss",
        "ln(C) + sigma^2/2",
        "own_logit",
        "a common shift of all logits changes nothing: that is the factor 1 - 1/C",
    ),
    _says(
        "spread_loss",
        "ln(C) + sigma^2*(1 - 1/C)",
        "no_half",
        "the second order carries a factor 1/2",
    ),
    _says(
        "spread_loss", "ln(C) + sigma/2*(1 - 1/C)", "deviation", "the variance enters, not sigma"
    ),
    _edit(
        "initial_variance",
        "bound_as_deviation",
        "the bound of a uniform law is not its standard deviation: the variance is a third of its "
        "square",
        "1 / (3 * fan_in)",
        "1 / fan_in",
    ),
    _edit(
        "initial_variance",
        "xavier_without_two",
        "Xavier's variance is 2 over the sum of both fans",
        "2 / (fan_in + fan_out)",
        "1 / (fan_in + fan_out)",
    ),
    _edit(
        "initial_variance",
        "kaiming_without_two",
        "the 2 is missing that makes up for what the ReLU takes",
        "return 2 / fan_in",
        "return 1 / fan_in",
    ),
    _edit(
        "initial_variance",
        "kaiming_fan_out",
        "you divided by the number of outputs; fan_in is asked for",
        "return 2 / fan_in",
        "return 2 / fan_out",
    ),
    Mutant(
        id="initial_variance_channels_only",
        of="initial_variance",
        misconception="your fans leave the entries of the kernel out",
        killed_by=("initial_variance",),
        edit=("fans(shape)", "fans(shape[:2])"),
    ),
    Mutant(
        id="initial_variance_deviations",
        of="initial_variance",
        misconception="you return standard deviations",
        killed_by=("initial_variance",),
        code="""
        def initial_variance(shape, scheme):
            fan_in, fan_out = shape[1], shape[0]
            for side in shape[2:]:
                fan_in, fan_out = fan_in * side, fan_out * side
            squares = {"default": 1 / (3 * fan_in), "xavier": 2 / (fan_in + fan_out)}
            return squares.get(scheme, 2 / fan_in) ** 0.5
        """,
    ),
    _edit(
        "kaiming_weights",
        "variance",
        "you multiply by the variance; its root is the factor",
        "math.sqrt(2 / fans(list(draws.shape))[0])",
        "2 / fans(list(draws.shape))[0]",
    ),
    _edit(
        "kaiming_weights",
        "fan_out",
        "you divided by the number of outputs; fan_in is asked for",
        "[0])",
        "[1])",
    ),
    _edit(
        "kaiming_weights",
        "channels_only",
        "your fan leaves the entries of the kernel out",
        "list(draws.shape)",
        "list(draws.shape[:2])",
    ),
    _edit(
        "kaiming_weights",
        "all_entries",
        "you divided by the number of all weights",
        "fans(list(draws.shape))[0]",
        "draws.numel()",
    ),
    _says("default_logits", "q/3", "no_half", NO_HALF),
    _says(
        "default_logits",
        "q/2",
        "bound",
        "the variance of a uniform law is a third of its bound's square",
    ),
    _says("xavier_logits", "2*q*n_in/(n_in + n_out)", "no_half", NO_HALF),
    _says("xavier_logits", "q*n_out/(n_in + n_out)", "outputs", "a logit adds up n_in terms"),
    _says("kaiming_logits", "2*q", "no_half", NO_HALF),
    _says("kaiming_logits", "q/2", "no_two", "Kaiming's variance is 2/n_in"),
    _says(
        "kaiming_start",
        "about the same",
        "same",
        "so it nearly is with Xavier's weights; with Kaiming's in all layers the logits spread much "
        "more: instead of 2.3, the loss starts between 2.8 and 5.2",
        WRITE_UP,
    ),
    _says(
        "kaiming_start",
        "smaller",
        "smaller",
        "before training nothing is known of the labels: logits that spread more cost more",
    ),
)
