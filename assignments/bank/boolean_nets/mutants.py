"""Wrong units and nets, among them those of a write-up."""

from backproof import Mutant

WRITE_UP = "a write-up of CS155, problem set 4, questions 1D and 1E"


def _unit(id: str, of: str, weights: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=id,
        of=of,
        misconception=misconception,
        killed_by=(of.partition("_")[0],),
        code=f"def {of}():\n    return {weights}\n",
        source=source,
    )


MUTANTS = (
    _unit(
        "or_with_bias",
        "or_unit",
        "torch.tensor([1.0, 1.0]), torch.tensor(1.0)",
        "your bias is above 0, so that your unit is true at (0, 0)",
        source=WRITE_UP,
    ),
    _unit(
        "or_is_and",
        "or_unit",
        "torch.tensor([1.0, 1.0]), torch.tensor(-1.0)",
        "your unit is AND: one true input is not enough for it",
    ),
    _unit(
        "or_halves",
        "or_unit",
        "torch.tensor([0.5, 0.5]), torch.tensor(0.0)",
        "with one true input your unit puts out 1/2, which is less than 1",
    ),
    Mutant(
        id="bias_like_the_weights",
        of="or_from_ones",
        answer="true",
        misconception="at (0, 0) such a unit puts out its bias, which is 1 or more, where 0 is due",
        killed_by=("or_from_ones",),
        source=WRITE_UP,
    ),
    _unit(
        "and_is_or",
        "and_unit",
        "torch.tensor([1.0, 1.0]), torch.tensor(0.0)",
        "your unit is OR: it lacks a bias that one true input cannot make up for",
    ),
    _unit(
        "and_threshold",
        "and_unit",
        "torch.tensor([1.0, 1.0]), torch.tensor(-1.5)",
        "your bias is the threshold of a step function; what ReLU leaves at (1, 1) is only 1/2",
    ),
    _unit(
        "and_asymmetric",
        "and_unit",
        "torch.tensor([2.0, 1.0]), torch.tensor(-1.0)",
        "your unit is true as soon as x_1 is",
    ),
    _unit(
        "or_minus_and",
        "xor_net",
        "torch.ones(2, 2), torch.tensor([0.0, -1.0]), torch.tensor([1.0, -1.0]), torch.tensor(0.0)",
        "your net is OR - AND: at (1, 1) the units put out 2 and 1, so AND must be taken away twice",
        source=WRITE_UP,
    ),
    _unit(
        "xor_one_direction",
        "xor_net",
        "torch.tensor([[1.0, -1.0], [0.0, 0.0]]), torch.zeros(2), torch.ones(2), torch.tensor(0.0)",
        "your net knows x_1 and not x_2, but not the other way round",
    ),
    _unit(
        "xor_absolute_sum",
        "xor_net",
        "torch.tensor([[1.0, 1.0], [-1.0, -1.0]]), torch.zeros(2), torch.ones(2), torch.tensor(0.0)",
        "your net is |x_1 + x_2|; |x_1 - x_2| is XOR",
    ),
    Mutant(
        id="xor_in_three_layers",
        of="xor_layers",
        answer="3",
        misconception="OR and AND stand beside each other in one hidden layer: the output layer can "
        "take their difference at once",
        killed_by=("xor_layers",),
    ),
    Mutant(
        id="xor_in_one_layer",
        of="xor_layers",
        answer="1",
        misconception="a single unit that is right at (0, 0), (0, 1) and (1, 0) is wrong at (1, 1)",
        killed_by=("xor_layers",),
    ),
    Mutant(
        id="both_like_either",
        of="least_at_both",
        answer="1",
        misconception="what x_1 and x_2 add to the bias is added twice at (1, 1): w_1 + b >= 1 and "
        "w_2 + b >= 1 give w_1 + w_2 + b >= 2 - b",
        killed_by=("least_at_both",),
    ),
    Mutant(
        id="both_cancel",
        of="least_at_both",
        answer="0",
        misconception="0 is what XOR asks for; the other three rows rule it out, as w_1 and w_2 are "
        "both positive",
        killed_by=("least_at_both",),
    ),
)
