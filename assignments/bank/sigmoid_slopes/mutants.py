"""Wrong slopes and factors, wrong gradients of a chain."""

from backproof import Mutant


def _wrong(of: str, id: str, answer: str, misconception: str, rule: str = "") -> Mutant:
    return Mutant(
        id=id, of=of, misconception=misconception, killed_by=(of,), answer=answer, rule=rule
    )


def _edit(id: str, misconception: str, old: str, new: str) -> Mutant:
    return Mutant(
        id=id,
        of="bias_gradients",
        misconception=misconception,
        killed_by=("bias_gradients",),
        edit=(old, new),
    )


MUTANTS = (
    _wrong(
        "sigmoid_slope", "output_itself", "s", "this is the output; its slope is 0 at both ends"
    ),
    _wrong(
        "sigmoid_slope",
        "slope_of_tanh",
        "1 - s^2",
        "this is the slope of tanh in terms of its output; sigmoid's is 0 at s = 0 as well",
    ),
    _wrong(
        "sigmoid_slope",
        "missing_square",
        "(1 - s)^2",
        "e^-z / (1 + e^-z)^2 is s times what is missing to 1, not the square of what is missing",
    ),
    _wrong(
        "largest_slope",
        "slope_of_one",
        "1",
        "sigmoid rises by 1 in all, not by 1 per unit of z: at z = 0, s = 1/2",
    ),
    _wrong(
        "largest_slope",
        "output_at_zero",
        "1/2",
        "1/2 is the output at z = 0; the slope there is 1/2 times 1/2",
    ),
    _wrong(
        "sigmoid_factor",
        "one_slope",
        "w^L/4",
        "each layer has a slope of its own, so that there are L of them",
    ),
    _wrong(
        "sigmoid_factor",
        "one_weight",
        "w/4^L",
        "the chain rule takes a weight in every layer as well",
    ),
    _wrong(
        "sigmoid_factor",
        "sum_of_layers",
        "L*w/4",
        "the factors of the layers are multiplied, not added",
    ),
    _wrong(
        "sigmoid_factor",
        "slopes_only",
        "1/4^L",
        "this is the product of the slopes; between two units there is a weight too",
    ),
    _wrong(
        "relu_factor",
        "relu_without_weights",
        "1",
        "the slopes of ReLU are 1; the weights are still there",
    ),
    _wrong(
        "relu_factor",
        "relu_like_sigmoid",
        "(w/4)^L",
        "the slope of an active ReLU is 1, not 1/4",
    ),
    _wrong(
        "layers_to_thousandth",
        "powers_of_two",
        "10",
        "your layers halve the gradient; the largest slope is 1/4",
    ),
    _wrong(
        "layers_to_thousandth",
        "one_layer_less",
        "4",
        "four layers leave at most 1/256, which is more than a thousandth",
    ),
    _wrong(
        "layers_to_thousandth",
        "powers_of_ten",
        "3",
        "your layers divide the gradient by ten; the largest slope is 1/4",
    ),
    _wrong(
        "least_weight",
        "weight_of_one",
        "1",
        "a weight of 1 keeps what a ReLU passes on; a sigmoid passes on a quarter at most",
    ),
    _wrong(
        "least_weight",
        "the_slope_again",
        "1/4",
        "this is the slope; the weight has to make up for it",
        rule="largest_slope",
    ),
    _edit(
        "output_for_slope",
        "you take a unit's output for its slope",
        "a * (1 - a)",
        "a",
    ),
    _edit(
        "no_weights",
        "your derivatives lack the weights between the units",
        "gradients[layer] * w[layer]",
        "gradients[layer]",
    ),
    _edit(
        "weight_of_the_next_bias",
        "you take the weight before a unit where the one behind it is due",
        "gradients[layer] * w[layer]",
        "gradients[layer] * w[layer - 1]",
    ),
    _edit(
        "largest_slopes",
        "you take the largest slope, 1/4, for each unit's own",
        "slopes[layer] = a * (1 - a)",
        "slopes[layer] = 0.25",
    ),
    _edit(
        "order_turned",
        "your derivatives stand in the opposite order: the last unit first",
        "return gradients",
        "return gradients.flip(0)",
    ),
    _edit(
        "own_slope_only",
        "your derivatives are those of each unit's own output, not of the last one's",
        "passed = gradients[layer] * w[layer]",
        "passed = 1.0",
    ),
    _edit(
        "slopes_of_relu",
        "these are the gradients of a chain of ReLU units",
        "        a = torch.sigmoid(w[layer] * a + b[layer])\n        slopes[layer] = a * (1 - a)",
        "        a = torch.relu(w[layer] * a + b[layer])\n        slopes[layer] = float(a > 0)",
    ),
    Mutant(
        id="biases_overwritten",
        of="bias_gradients",
        misconception="you write the derivatives over the biases of the caller",
        killed_by=("inputs_unchanged",),
        edit=("gradients, passed = torch.empty_like(b)", "gradients, passed = b"),
    ),
    Mutant(
        id="gradients_of_weights",
        of="bias_gradients",
        misconception="these are the derivatives with respect to the weights: the input of each unit is "
        "in them",
        killed_by=("bias_gradients",),
        code="""
        def bias_gradients(x, w, b):
            w, a = w.clone().requires_grad_(), torch.as_tensor(x, dtype=b.dtype)
            for weight, bias in zip(w, b):
                a = torch.sigmoid(weight * a + bias)
            return torch.autograd.grad(a, w)[0]
        """,
    ),
    _wrong(
        "straight_pieces",
        "sigmoid_in_pieces",
        "sigmoid",
        "sigmoid bends everywhere; ReLU is linear on either side of 0, and so is a net of it in pieces",
    ),
)
