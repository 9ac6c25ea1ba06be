"""Wrong weights of one example, each with the sentence that a student reads."""

from backproof import Mutant

WRITE_UP = "a homework write-up, question 1"
BIAS = "your network has a bias: it is one more input, always 1, and takes a part of the target"
PLAIN = "these are the weights without dropout"
UNSCALED = "kept inputs are not divided by 1 - p in your answer: the weights are too large"
SCALE_LOST = "an input that is kept counts 1/(1-p) times under inverted dropout"
SIDE = "this is what training at p = 0 ends with; the limit from above is another pair of weights"


def _says(of: str, answer: str, id: str, misconception: str, source: str = "") -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        source=source,
    )


def _edit(of: str, id: str, misconception: str, old: str, new: str, *more: str) -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=more or (of,),
        edit=(old, new),
    )


def _ran(id: str, misconception: str, small: str, large: str, *killed_by: str) -> Mutant:
    return Mutant(
        id=f"runs_{id}",
        of="dropout_runs",
        misconception=misconception,
        killed_by=killed_by,
        edit=("[0.5360, 3.5273], [0.3740, 3.4876]", f"{small}, {large}"),
    )


MUTANTS = (
    _says(
        "ols_formula",
        "X.T*X*X.T*y",
        "no_inverse",
        "the inverse is missing: the normal equations are solved, not multiplied. X.T X has rank 1 "
        "here and no inverse of its own",
        WRITE_UP,
    ),
    _says(
        "ols_formula",
        "X.T*y",
        "not_divided",
        "these weights point the right way, but their output is not y",
    ),
    _says("ols_w1", "11110", "no_inverse", "the inverse is missing", WRITE_UP),
    _says("ols_w1", "1", "one_one", "these weights fit, but a shorter pair does, too"),
    _says("ols_w1", "55/51", "bias", BIAS),
    _says("ols_w2", "1111", "no_inverse", "the inverse is missing", WRITE_UP),
    _says("ols_w2", "1", "one_one", "these weights fit, but a shorter pair does, too"),
    _says("ols_w2", "11/102", "bias", BIAS),
    _edit(
        "least_norm_weights",
        "equal_shares",
        "your weights give every input the same share; a shorter vector fits, too",
        "return y * x / (x @ x)",
        "return y / (x * len(x))",
    ),
    _edit(
        "least_norm_weights",
        "no_inverse",
        "your weights are not divided by the squared length of x",
        "return y * x / (x @ x)",
        "return y * x",
    ),
    _edit(
        "least_norm_weights",
        "length_not_squared",
        "your weights are divided by the length of x, not by its square",
        "return y * x / (x @ x)",
        "return y * x / x.norm()",
    ),
    _edit(
        "least_norm_weights",
        "bias",
        BIAS,
        "return y * x / (x @ x)",
        "return y * x / (x @ x + 1)",
    ),
    _says("descent_parameters", "3", "bias", "you count a bias; the model has none"),
    _says("descent_parameters", "4", "two_layers", "the model is a single linear layer"),
    _says("descent_w1", "55/51", "bias", BIAS, WRITE_UP),
    _says("descent_w1", "1", "one_one", "descent from 0 stays on the multiples of x"),
    _says("descent_w1", "0.55", "equal_shares", "that is where a little dropout leads, not none"),
    _says("descent_w2", "11/102", "bias", BIAS, WRITE_UP),
    _says("descent_w2", "1", "one_one", "descent from 0 stays on the multiples of x"),
    _says("descent_w2", "5.5", "equal_shares", "that is where a little dropout leads, not none"),
    _edit(
        "descend",
        "factor_two_lost",
        "your steps are half as long: the loss is a square without 1/2",
        "learning_rate * 2 *",
        "learning_rate *",
    ),
    _edit(
        "descend",
        "ascent",
        "your steps go up the gradient",
        "weights - learning_rate",
        "weights + learning_rate",
    ),
    _edit(
        "descend",
        "from_ones",
        "your weights do not start at 0",
        "torch.zeros_like(x)",
        "torch.ones_like(x)",
    ),
    _edit(
        "descend",
        "one_step_more",
        "your loop makes one step more than asked for",
        "range(steps)",
        "range(steps + 1)",
    ),
    Mutant(
        id="descend_bias",
        of="descend",
        misconception=BIAS,
        killed_by=("descend",),
        code="""
        def descend(x, y, learning_rate, steps):
            weights, bias = torch.zeros_like(x), 0.0
            for _ in range(steps):
                error = weights @ x + bias - y
                weights, bias = (
                    weights - learning_rate * 2 * error * x,
                    bias - learning_rate * 2 * error,
                )
            return weights
        """,
    ),
    _says("masked_rows", "[[10, 1], [10, 0], [0, 1], [0, 0]]", "unscaled", UNSCALED),
    _says("masked_rows", "[[20, 2], [20, 0], [0, 2]]", "three", "nothing kept is a mask, too"),
    _says("table_w1", "22/30", "unscaled", UNSCALED),
    _says("table_w1", "110/101", "plain", PLAIN),
    _says("table_w2", "22/3", "unscaled", UNSCALED),
    _says("table_w2", "11/101", "plain", PLAIN),
    _edit(
        "dropout_rows",
        "unscaled",
        "your kept inputs are not scaled",
        "x * (1 - dropped) / (1 - drop_prob)",
        "x * (1 - dropped)",
    ),
    _edit(
        "dropout_rows",
        "equal_chances",
        "your rows are all as likely; that holds at a rate of 1/2 alone",
        "chances.prod(dim=1)",
        "torch.full_like(chances[:, 0], 1 / len(chances))",
    ),
    _edit(
        "dropout_rows",
        "keep_for_drop",
        "your chances take drop_prob for the probability to keep",
        "drop_prob**dropped * (1 - drop_prob) ** (1 - dropped)",
        "(1 - drop_prob) ** dropped * drop_prob ** (1 - dropped)",
    ),
    _edit(
        "dropout_rows",
        "order_reversed",
        "your rows count with the digit of the last input first",
        "return x * (1 - dropped)",
        "dropped, chances = dropped.flip(1), chances.flip(1)\n    return x * (1 - dropped)",
    ),
    _edit(
        "dropout_minimiser",
        "plain",
        PLAIN,
        "return y * keep / (x * (drop_prob + x.numel() * keep))",
        "return y * x / (x @ x)",
    ),
    _edit(
        "dropout_minimiser",
        "unscaled",
        UNSCALED,
        "return y * keep / (x * (drop_prob + x.numel() * keep))",
        "return y / (x * (drop_prob + x.numel() * keep))",
    ),
    _edit(
        "dropout_minimiser",
        "keep_for_drop",
        "your weights take drop_prob for the probability to keep",
        "keep = 1 - drop_prob",
        "keep, drop_prob = drop_prob, 1 - drop_prob",
    ),
    _edit(
        "dropout_minimiser",
        "limit",
        "your weights do not depend on drop_prob: that is their limit",
        "return y * keep / (x * (drop_prob + x.numel() * keep))",
        "return y / (x * x.numel())",
    ),
    Mutant(
        id="dropout_minimiser_uniform",
        of="dropout_minimiser",
        misconception="your weights take all masks for equally likely",
        killed_by=("dropout_minimiser",),
        code="""
        def dropout_minimiser(x, y, drop_prob):
            return y * (1 - drop_prob) / x * 2 / (1 + len(x))
        """,
    ),
    _edit(
        "masked_descent",
        "unscaled",
        "your kept inputs are not divided by 1 - drop_prob",
        "x * masks / (1 - drop_prob)",
        "x * masks",
    ),
    _edit(
        "masked_descent",
        "summed",
        "your step adds the gradients of the batch; the loss is their mean",
        "(errors @ rows) / len(masks)",
        "(errors @ rows)",
    ),
    _edit(
        "masked_descent",
        "one_mask_a_batch",
        "your step uses one mask for the whole batch",
        "rows = x * masks /",
        "rows = x * masks[:1].expand_as(masks) /",
    ),
    _edit(
        "masked_descent",
        "no_dropout",
        "your model drops nothing",
        "x * masks / (1 - drop_prob)",
        "x * torch.ones_like(masks)",
    ),
    _edit(
        "masked_descent",
        "factor_two_lost",
        "your steps are half as long: the loss is a square without 1/2",
        "learning_rate * 2 *",
        "learning_rate *",
    ),
    _edit(
        "masked_descent",
        "inverted_mask",
        "your model drops where the mask says keep",
        "x * masks /",
        "x * (1 - masks) /",
    ),
    _ran(
        "without_dropout",
        "your runs ended where training without dropout ends",
        "[1.08910891, 0.10891089]",
        "[1.08910891, 0.10891089]",
        "small_batch",
        "large_batch",
    ),
    _ran(
        "least_squares",
        "you report the least squares solution of the table; after so few steps w2 is not there yet",
        "[0.5360, 3.5273]",
        "[0.36666667, 3.66666667]",
        "large_batch",
    ),
    _ran(
        "unscaled",
        "your dropout does not scale what it keeps: the weights come out too large",
        "[0.7333, 7.1]",
        "[0.7333, 7.1]",
        "small_batch",
        "large_batch",
    ),
    _ran(
        "not_trained",
        "your weights are those from before training",
        *["[0.0, 0.0]"] * 2,
        "small_batch",
        "large_batch",
    ),
    _edit(
        "mean_weights",
        "plain",
        "your mean follows the loss without dropout",
        "drop_prob / (1 - drop_prob) * shares",
        "0 * shares",
    ),
    _edit(
        "mean_weights",
        "variance_unscaled",
        "your penalty has the variance of a mask that is not scaled",
        "drop_prob / (1 - drop_prob) * shares",
        "drop_prob * (1 - drop_prob) * shares",
    ),
    _edit(
        "mean_weights",
        "penalises_weights",
        "your penalty treats all weights alike; what is dropped is a weight times its input",
        "drop_prob / (1 - drop_prob) * shares",
        "drop_prob / (1 - drop_prob) * weights / x",
    ),
    Mutant(
        id="mean_weights_converged",
        of="mean_weights",
        misconception="you return where training ends after endlessly many steps",
        killed_by=("mean_weights",),
        code="""
        def mean_weights(x, y, drop_prob, learning_rate, steps):
            keep = 1 - drop_prob
            return y * keep / (x * (drop_prob + len(x) * keep))
        """,
    ),
    _says("least_loss", "0.000", "vanishes", "no weights fit the row in which nothing is kept"),
    _says(
        "least_loss",
        "121/9",
        "clean",
        "this is the loss without dropout at these weights, not the mean over the four rows",
    ),
    _says("least_loss", "121/4", "empty_row", "the rows with one input kept have a loss, too"),
    _says("plain_weight_ratio", "1", "equal", "without dropout, the weights are no equals"),
    _says("plain_weight_ratio", "0.1", "inverted", "this is the ratio the other way round"),
    _says(
        "plain_share_ratio",
        "10",
        "of_weights",
        "this is the ratio of the weights; a share is a weight times its input",
    ),
    _says("plain_share_ratio", "1", "equal", "that holds with dropout"),
    _says("dropout_weight_ratio", "0.1", "inverted", "this is the ratio the other way round"),
    _says("dropout_weight_ratio", "1", "equal", "not the weights become equal with dropout"),
    _says("dropout_share_ratio", "100", "plain", "that is the ratio without dropout"),
    _says("dropout_share_ratio", "10", "of_weights", "this is a ratio of weights"),
    _says("w2_alone", "11", "unscaled", SCALE_LOST, WRITE_UP),
    _says("w2_alone", "3.667", "least_squares", "this fits all four rows together, none alone"),
    _says("w1_alone", "1.1", "unscaled", SCALE_LOST, WRITE_UP),
    _says("w1_alone", "0.3667", "least_squares", "this fits all four rows together, none alone"),
    _says("w1_of_p", "1.1/(2-p)", "unscaled", UNSCALED),
    _says("w1_of_p", "1.1*p/(1+p)", "keep_for_drop", "p is the probability to drop here"),
    _says("w1_of_p", "11*(1-p)/(2-p)", "swapped", "this is the weight of the other input"),
    _says("w2_of_p", "11/(2-p)", "unscaled", UNSCALED),
    _says("w2_of_p", "11*p/(1+p)", "keep_for_drop", "p is the probability to drop here"),
    _says("w2_of_p", "1.1*(1-p)/(2-p)", "swapped", "this is the weight of the other input"),
    _says("w1_limit", "110/101", "other_side", SIDE),
    _says("w1_limit", "1.1", "undivided", "the two inputs share the target between them"),
    _says("w2_limit", "11/101", "other_side", SIDE),
    _says("w2_limit", "11.0", "undivided", "the two inputs share the target between them"),
    _says(
        "one_minimiser_without", "true", "line", "two weights, one equation: a line of solutions"
    ),
    _says(
        "adam_w1",
        "110/101",
        "as_sgd",
        "that is where SGD ends; Adam divides by the size of each gradient",
    ),
    _says("adam_w1", "0.55", "as_dropout", "that is where a little dropout leads"),
    _says(
        "adam_w2",
        "11/101",
        "as_sgd",
        "that is where SGD ends; Adam divides by the size of each gradient",
    ),
    _says("adam_w2", "5.5", "as_dropout", "that is where a little dropout leads"),
    _says(
        "same_at_half",
        "false",
        "two_ends",
        "there is one pair of least loss: whatever converges ends there",
    ),
    _says(
        "where_adam_differs",
        "everywhere but p = 1/2",
        "but_half",
        "for every p between 0 and 1 the least loss belongs to a single pair of weights, not only "
        "in the middle",
        WRITE_UP,
    ),
    _says(
        "where_adam_differs",
        "everywhere",
        "everywhere",
        "where one pair alone has the least loss, whatever converges ends there",
    ),
    _says(
        "where_adam_differs",
        "nowhere",
        "nowhere",
        "where many pairs have the least loss, the path decides",
    ),
)
