"""Wrong gradients and penalties of weight noise, each with the sentence that a student reads."""

from backproof import Mutant

_FIT = "(y - sum(k=1, n, w[k]*x[k]))"
_HELD = "(y - sum(k=1, n, (w[k] + delta[k])*x[k]))"
_PATH = "(y - sum(k=1, n, w[k]*(1 + sqrt(alpha)*eps[k])*x[k]))"
_SIGN = (
    "your gradient has the wrong sign: the weights enter the residual with a minus sign, and the "
    "chain rule brings it out"
)
_TWO = "your gradient carries a factor 2; the 1/2 of J cancels it"


def _wrong(
    of: str, id: str, answer: str, misconception: str, cause: str = "", source: str = ""
) -> Mutant:
    return Mutant(
        id=f"{of}_{id}",
        of=of,
        misconception=misconception,
        killed_by=(of,),
        answer=answer,
        cause=cause,
        source=source,
    )


def _loss(id: str, misconception: str, edit: tuple[str, str], source: str = "") -> Mutant:
    return Mutant(
        id=id,
        of="weight_noise_loss",
        misconception=misconception,
        killed_by=("weight_noise",),
        source=source,
        edit=edit,
    )


WRITE_UP = "a homework write-up, question 1.6"
MUTANTS = (
    _wrong("grad_held", "sign", f"{_HELD}*x[j]", _SIGN, "gradient_sign", WRITE_UP),
    _wrong("grad_held", "two", f"-2*{_HELD}*x[j]", _TWO, "gradient_two"),
    _wrong(
        "grad_held",
        "noise_dropped",
        f"-{_FIT}*x[j]",
        "this is the mean already: for one draw the noise stays in the residual",
    ),
    _wrong("mean_grad_held", "sign", f"{_FIT}*x[j]", _SIGN, "gradient_sign", WRITE_UP),
    _wrong("mean_grad_held", "two", f"-2*{_FIT}*x[j]", _TWO, "gradient_two"),
    _wrong(
        "grad_path",
        "held",
        f"-{_PATH}*x[j]",
        "you held the noise constant; here w_j stands before its own noise, too, and the chain rule "
        "reaches it",
    ),
    _wrong("grad_path", "sign", f"{_PATH}*(1 + sqrt(alpha)*eps[j])*x[j]", _SIGN, "gradient_sign"),
    _wrong(
        "mean_grad_path",
        "term_lost",
        f"-{_FIT}*x[j]",
        "the term with alpha is missing: the residual and its derivative share the noise of w_j, so "
        "that the mean of their product is more than the product of their means",
    ),
    _wrong("mean_grad_path", "sign", f"{_FIT}*x[j] + alpha*w[j]*x[j]^2", _SIGN, "gradient_sign"),
    _wrong(
        "mean_grad_path",
        "penalty_sign",
        f"-{_FIT}*x[j] - alpha*w[j]*x[j]^2",
        "your penalty pushes weights away from 0; the noise makes large weights costly",
    ),
    _wrong(
        "mean_grad_path",
        "root",
        f"-{_FIT}*x[j] + sqrt(alpha)*w[j]*x[j]^2",
        "your term carries the root of alpha; the mean of the squared noise is alpha w_j^2",
    ),
    _loss(
        "noise_half_lost",
        "your penalty lost the factor 1/2: J halves the whole square, the variance too",
        (
            "return (residual.square() + alpha * (w * x).square().sum()) / 2",
            "return residual.square() / 2 + alpha * (w * x).square().sum()",
        ),
        "a homework write-up, question 1.7",
    ),
    _loss("noise_no_half", "your result lacks the factor 1/2 of J", (".sum()) / 2", ".sum())")),
    _loss(
        "noise_penalty_missing",
        "your result is J without noise; the variance of the prediction is missing",
        ("(residual.square() + alpha * (w * x).square().sum())", "residual.square()"),
    ),
    _loss(
        "noise_alpha_squared",
        "your penalty carries alpha^2; alpha already is a variance",
        ("alpha * (w * x)", "alpha**2 * (w * x)"),
    ),
    _loss(
        "noise_square_of_sum",
        "your penalty is the square of a sum; the noises are independent, so that their variances "
        "add up",
        ("(w * x).square().sum()", "(w * x).sum().square()"),
    ),
    _wrong(
        "gamma_entry",
        "unrooted",
        "alpha*x_k",
        "Gamma is squared in the penalty: it holds the root of alpha",
    ),
    _wrong(
        "gamma_entry",
        "beside_no_half",
        "sqrt(alpha/2)*x_k",
        "this is the entry beside ||Gamma w||^2 without the factor 1/2",
    ),
    _wrong(
        "gamma_entry",
        "squared",
        "alpha*x_k^2",
        "this is the square of the entry: the penalty is the square of Gamma w",
    ),
    _wrong(
        "alpha_of_p",
        "inverted",
        "p/(1-p)",
        "this is the inverse: it grows without bound when nothing is dropped",
    ),
    _wrong(
        "alpha_of_p",
        "mask_variance",
        "p*(1-p)",
        "this is the variance of a mask with the mean p; relative to the square of its mean it is "
        "larger",
    ),
    _wrong(
        "alpha_of_p",
        "drop_rate",
        "1-p",
        "this is the rate of dropping; the variance of a mask that is scaled to the mean 1 has "
        "another formula",
    ),
)
