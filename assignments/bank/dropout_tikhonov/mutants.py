"""Wrong dropouts and wrong Tikhonov forms: each with the sentence that a student reads."""

from backproof import Mutant

SQUARED = "one mask entry taken for two"
UNSQUARED = "two mask entries taken for one"
BEFORE, INVERTED, ROOTLESS = "penalty of w_hat", "factor inverted", "factor without its root"


def _answer(name: str, text: str, id: str, misconception: str, cause: str = "") -> Mutant:
    return Mutant(
        id=id, of=name, misconception=misconception, killed_by=(name,), answer=text, cause=cause
    )


MUTANTS = (
    _answer(
        "expected_entry",
        "(1-p)*x",
        "entry_drop_for_keep",
        "here p is the probability to keep, not to drop",
    ),
    _answer(
        "expected_entry",
        "x",
        "entry_rescaled",
        "this is the mean under inverted dropout; here nothing is rescaled",
    ),
    _answer(
        "gram_diagonal",
        "p^2*g",
        "diagonal_squared",
        "the two factors are one and the same mask entry: its square is itself, with the mean p",
        cause=SQUARED,
    ),
    _answer(
        "gram_diagonal",
        "p*(1-p)*g",
        "diagonal_variance",
        "this takes the variance of the mask for its second moment",
    ),
    _answer(
        "gram_off_diagonal",
        "p*g",
        "off_diagonal_p",
        "two different entries of a mask are independent: the mean of their product is p^2",
        cause=UNSQUARED,
    ),
    _answer(
        "gram_off_diagonal",
        "(p^2 + p*(1-p))*g/2",
        "off_diagonal_averaged",
        "this mixes the law of the diagonal into the other entries",
    ),
    _answer(
        "gram_off_diagonal",
        "0",
        "off_diagonal_zero",
        "the mask entries are independent, but their means are not 0",
    ),
    _answer(
        "alpha_count",
        "N",
        "one_alpha_per_example",
        "there is one scale for each weight, and w has d entries; N counts the examples",
    ),
    _answer(
        "alpha_count",
        "N*d",
        "one_alpha_per_entry",
        "alpha scales w, not the entries of X",
    ),
    _answer(
        "gamma_hat_entry",
        "sum(i=0, N-1, sum(k=0, d-1, X[i,k]))",
        "sum_of_all_entries",
        "you summed all entries of X; Gamma_hat_jj is the length of column j alone: the root of its "
        "sum of squares",
    ),
    _answer(
        "gamma_hat_entry",
        "sum(i=0, N-1, X[i,j])",
        "sum_of_column",
        "this is the sum of column j; its length is the root of its sum of squares",
    ),
    _answer(
        "gamma_hat_entry",
        "sum(i=0, N-1, X[i,j]^2)",
        "norm_without_root",
        "this is the entry of X^T X, the square of the length: the root is missing",
    ),
    _answer(
        "column_norm",
        "sqrt(lam*(1-p)/p)",
        "length_inverted",
        "Gamma grows with the rate of dropping, and X_tilde is divided by it",
    ),
    _answer(
        "column_norm",
        "lam*p/(1-p)",
        "length_squared",
        "this is the sum of the squares of a column: its length is the root",
    ),
    _answer(
        "column_norm",
        "1",
        "unit_length",
        "the columns are equally long, but not of length 1: X_tilde carries the root of lam and the "
        "factor c of Gamma",
    ),
    _answer(
        "column_norm",
        "sqrt(lam)",
        "length_without_p",
        "you divided by Gamma_hat; Gamma has the factor c as well",
    ),
    Mutant(
        id="gram_all_squared",
        of="expected_gram",
        misconception="your result uses p^2 on the diagonal too; an entry of a mask times itself is "
        "that entry, so its mean is p",
        killed_by=("expected_gram",),
        cause=SQUARED,
        edit=(
            "keep_prob**2 * gram + variance * torch.diag(gram.diagonal())",
            "keep_prob**2 * gram",
        ),
    ),
    Mutant(
        id="gram_all_p",
        of="expected_gram",
        misconception="your result uses p off the diagonal too; two different entries of a mask are "
        "independent, so the mean of their product is p^2",
        killed_by=("expected_gram",),
        cause=UNSQUARED,
        edit=("keep_prob**2 * gram + variance * torch.diag(gram.diagonal())", "keep_prob * gram"),
    ),
    Mutant(
        id="gram_of_rows",
        of="expected_gram",
        misconception="your result is made from X X^T; P^T P has one row for each feature",
        killed_by=("expected_gram",),
        edit=("gram = x.T @ x", "gram = x @ x.T"),
    ),
    Mutant(
        id="gram_drop_for_keep",
        of="expected_gram",
        misconception="your result takes p for the probability to drop; here it is the one to keep",
        killed_by=("expected_gram",),
        edit=("gram = x.T @ x", "gram = x.T @ x\n    keep_prob = 1 - keep_prob"),
    ),
    Mutant(
        id="loss_without_variance",
        of="expected_dropout_loss",
        misconception="your result is the loss of the mean prediction; the variance of the "
        "prediction is missing",
        killed_by=("expected_loss",),
        edit=("return fit + variance * (x.square() @ w_hat.square()).sum()", "return fit"),
    ),
    Mutant(
        id="loss_variance_p",
        of="expected_dropout_loss",
        misconception="your penalty carries p; the variance of a Bernoulli variable is p (1 - p)",
        killed_by=("expected_loss",),
        edit=("variance = keep_prob * (1 - keep_prob)", "variance = keep_prob"),
    ),
    Mutant(
        id="loss_fit_unscaled",
        of="expected_dropout_loss",
        misconception="your fit is ||y - X w_hat||^2; the mean of P is p X",
        killed_by=("expected_loss",),
        edit=(
            "fit = (y - keep_prob * (x @ w_hat)).square().sum()",
            "fit = (y - x @ w_hat).square().sum()",
        ),
    ),
    Mutant(
        id="loss_mean_squared",
        of="expected_dropout_loss",
        misconception="your loss is divided by N; the loss here is a plain sum of squares",
        killed_by=("expected_loss",),
        edit=(
            "return fit + variance * (x.square() @ w_hat.square()).sum()",
            "return (fit + variance * (x.square() @ w_hat.square()).sum()) / len(y)",
        ),
    ),
    _answer(
        "tikhonov_factor",
        "sqrt(p*(1-p))",
        "factor_before_substitution",
        "this is the factor in front of w_hat; w = p w_hat still has to be put in",
        cause=BEFORE,
    ),
    _answer(
        "tikhonov_factor",
        "sqrt(p/(1-p))",
        "factor_inverted",
        "this is the inverse: it grows when nothing is dropped",
        cause=INVERTED,
    ),
    _answer(
        "tikhonov_factor",
        "(1-p)/p",
        "factor_squared",
        "this is the factor of Gamma squared; the penalty is the square of Gamma w",
        cause=ROOTLESS,
    ),
    _answer(
        "w_from_w_hat",
        "w_hat/p",
        "w_divided",
        "the other way round: w_hat sees an input that is smaller by p, w does not",
    ),
    _answer(
        "w_from_w_hat",
        "(1-p)*w_hat",
        "w_drop_for_keep",
        "here p is the probability to keep, not to drop",
    ),
    Mutant(
        id="ridge_inverted",
        cause=INVERTED,
        of="dropout_ridge",
        misconception="your penalty has p / (1 - p) where (1 - p) / p is due",
        killed_by=("ridge_solution",),
        edit=("(1 - keep_prob) / keep_prob", "keep_prob / (1 - keep_prob)"),
    ),
    Mutant(
        id="ridge_gamma_not_squared",
        cause=ROOTLESS,
        of="dropout_ridge",
        misconception="your penalty is that of a Gamma without its root: (1 - p) / p times the norms",
        killed_by=("ridge_solution",),
        edit=("math.sqrt((1 - keep_prob) / keep_prob)", "(1 - keep_prob) / keep_prob"),
    ),
    Mutant(
        id="ridge_of_w_hat",
        cause=BEFORE,
        of="dropout_ridge",
        misconception="your penalty is the one in front of w_hat, with p (1 - p); w = p w_hat still "
        "has to be put in",
        killed_by=("ridge_solution",),
        edit=("(1 - keep_prob) / keep_prob", "(1 - keep_prob) * keep_prob"),
    ),
    Mutant(
        id="ridge_plain",
        of="dropout_ridge",
        misconception="your penalty treats all features alike; dropout weighs each by its norm",
        killed_by=("ridge_solution",),
        edit=("* x.norm(dim=0)", "* torch.ones_like(x[0])"),
    ),
    Mutant(
        id="ridge_returns_w_hat",
        of="dropout_ridge",
        misconception="you return the weights of the masked model; the question asks for w, whose "
        "prediction X w is the mean prediction",
        killed_by=("ridge_solution",),
        edit=("return solution.squeeze(1)", "return solution.squeeze(1) / keep_prob"),
    ),
    Mutant(
        id="alpha_lam_unrooted",
        of="ridge_rescaling",
        misconception="your scales use lam where its square root is due: the penalty is squared",
        killed_by=("alpha", "beta"),
        edit=(
            "return gamma / math.sqrt(lam), math.sqrt(lam) / gamma",
            "return gamma / lam, lam / gamma",
        ),
    ),
    Mutant(
        id="beta_not_inverted",
        of="ridge_rescaling",
        misconception="your beta multiplies by Gamma; X_tilde w_tilde must stay X w, so beta is "
        "1 / alpha",
        killed_by=("beta",),
        source="a homework write-up, question 1.4",
        edit=("math.sqrt(lam) / gamma", "math.sqrt(lam) * gamma"),
    ),
    Mutant(
        id="alpha_beta_swapped",
        of="ridge_rescaling",
        misconception="your alpha and beta are each other's",
        killed_by=("alpha", "beta"),
        edit=(
            "return gamma / math.sqrt(lam), math.sqrt(lam) / gamma",
            "return math.sqrt(lam) / gamma, gamma / math.sqrt(lam)",
        ),
    ),
    _answer(
        "x_tilde",
        "sqrt(lam)*X*Gamma",
        "x_tilde_not_inverted",
        "X_tilde w_tilde must stay X w: where w is multiplied by Gamma, X is divided by it",
    ),
    _answer("x_tilde", "X*inv(Gamma)", "x_tilde_without_lam", "the root of lam is missing"),
    _answer(
        "w_tilde_plain",
        "inv(Gamma)*w",
        "w_tilde_inverted",
        "the penalty is the length of Gamma w: w is multiplied, not divided",
    ),
    _answer(
        "w_tilde_plain",
        "Gamma@Gamma@w",
        "w_tilde_squared",
        "the penalty squares by itself: Gamma stands in it once",
    ),
    _answer(
        "x_tilde_plain",
        "X*Gamma",
        "x_tilde_plain_not_inverted",
        "X_tilde w_tilde must stay X w: where w is multiplied by Gamma, X is divided by it",
    ),
    _answer(
        "x_tilde_plain",
        "X@inv(Gamma)@inv(Gamma)",
        "x_tilde_plain_squared",
        "X_tilde w_tilde must stay X w: one inverse undoes one Gamma",
    ),
)
