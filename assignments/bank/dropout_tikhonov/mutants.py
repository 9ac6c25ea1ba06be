"""Wrong dropouts and wrong Tikhonov forms: each with the sentence that a student reads."""

from backproof import Mutant

_BODY = "return x * (mask / keep_prob)"
_DRAW = "torch.empty_like(x).bernoulli_(keep_prob)"


def _answer(name: str, text: str, id: str, misconception: str) -> Mutant:
    return Mutant(id=id, of=name, misconception=misconception, killed_by=(name,), answer=text)


MUTANTS = (
    Mutant(
        id="gram_all_squared",
        of="expected_gram",
        misconception="your result uses p^2 on the diagonal too; an entry of a mask times itself is "
        "that entry, so its mean is p",
        killed_by=("expected_gram",),
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
    ),
    _answer(
        "tikhonov_factor",
        "sqrt(p/(1-p))",
        "factor_inverted",
        "this is the inverse: it grows when nothing is dropped",
    ),
    _answer(
        "tikhonov_factor",
        "(1-p)/p",
        "factor_squared",
        "this is the factor of Gamma squared; the penalty is the square of Gamma w",
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
        of="dropout_ridge",
        misconception="your penalty has p / (1 - p) where (1 - p) / p is due",
        killed_by=("ridge_solution",),
        edit=("(1 - keep_prob) / keep_prob", "keep_prob / (1 - keep_prob)"),
    ),
    Mutant(
        id="ridge_gamma_not_squared",
        of="dropout_ridge",
        misconception="your penalty is that of a Gamma without its root: (1 - p) / p times the norms",
        killed_by=("ridge_solution",),
        edit=("math.sqrt((1 - keep_prob) / keep_prob)", "(1 - keep_prob) / keep_prob"),
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
    Mutant(
        id="noise_half_lost",
        of="weight_noise_loss",
        misconception="your penalty lost the factor 1/2: J halves the whole square, the variance too",
        killed_by=("weight_noise",),
        source="a homework write-up, question 1.7",
        edit=(
            "return (residual.square() + alpha * (w * x).square().sum()) / 2",
            "return residual.square() / 2 + alpha * (w * x).square().sum()",
        ),
    ),
    Mutant(
        id="noise_no_half",
        of="weight_noise_loss",
        misconception="your result lacks the factor 1/2 of J",
        killed_by=("weight_noise",),
        edit=(".sum()) / 2", ".sum())"),
    ),
    Mutant(
        id="noise_penalty_missing",
        of="weight_noise_loss",
        misconception="your result is J without noise; the variance of the prediction is missing",
        killed_by=("weight_noise",),
        edit=("(residual.square() + alpha * (w * x).square().sum())", "residual.square()"),
    ),
    Mutant(
        id="noise_alpha_squared",
        of="weight_noise_loss",
        misconception="your penalty carries alpha^2; alpha already is a variance",
        killed_by=("weight_noise",),
        edit=("alpha * (w * x)", "alpha**2 * (w * x)"),
    ),
    Mutant(
        id="not_rescaled",
        of="dropout",
        misconception="your survivors are not scaled: inverted dropout divides by 1 - drop_prob",
        killed_by=("mask",),
        edit=(_BODY, "return x * mask"),
    ),
    Mutant(
        id="keep_for_drop",
        of="dropout",
        misconception="your layer keeps with probability drop_prob",
        killed_by=("mask",),
        edit=("keep_prob = 1 - drop_prob", "keep_prob = max(drop_prob, 1e-9)"),
    ),
    Mutant(
        id="one_mask_per_row",
        of="dropout",
        misconception="your mask is the same for all entries of a row",
        killed_by=("mask",),
        edit=(_DRAW, "torch.empty_like(x[:, :1]).bernoulli_(keep_prob)"),
    ),
    Mutant(
        id="one_mask_per_column",
        of="dropout",
        misconception="your mask is the same for all rows",
        killed_by=("mask",),
        edit=(_DRAW, "torch.empty_like(x[:1]).bernoulli_(keep_prob)"),
    ),
    Mutant(
        id="same_mask_every_call",
        of="dropout",
        misconception="your mask is the same at every call",
        killed_by=("mask",),
        edit=("mask = torch", "torch.manual_seed(0)\n    mask = torch"),
    ),
    Mutant(
        id="fixed_count",
        of="dropout",
        misconception="your layer drops a fixed number of entries",
        killed_by=("mask",),
        edit=(
            f"mask = {_DRAW}",
            "mask = torch.ones(x.numel(), dtype=x.dtype)\n"
            "    mask[torch.randperm(x.numel())[: round(drop_prob * x.numel())]] = 0\n"
            "    mask = mask.reshape(x.shape)",
        ),
    ),
    Mutant(
        id="rate_off_by_a_hundredth",
        of="dropout",
        misconception="your layer drops at a rate that is off by 0.01",
        killed_by=("mask",),
        edit=("bernoulli_(keep_prob)", "bernoulli_(keep_prob - 0.01)"),
    ),
    Mutant(
        id="gaussian",
        of="dropout",
        misconception="your layer multiplies by Gaussian noise: nothing is ever dropped",
        killed_by=("mask",),
        edit=(_BODY, "return x * (1 + torch.randn_like(x) * (drop_prob / keep_prob) ** 0.5)"),
    ),
    Mutant(
        id="active_when_not_training",
        of="dropout",
        misconception="your layer drops entries although training is False",
        killed_by=("identity",),
        edit=("if not training:", "if False:"),
    ),
    Mutant(
        id="scaled_when_not_training",
        of="dropout",
        misconception="your layer scales by 1 - drop_prob at test time; inverted dropout has done "
        "that while training",
        killed_by=("identity",),
        edit=("return x.clone()", "return x * (1 - drop_prob)"),
    ),
)
