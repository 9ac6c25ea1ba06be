"""Gaussian noise on the weights: its gradient in two readings, and the Tikhonov form of the loss.

The two readings differ by the term that E[J] adds: noise that is held constant hides it from the
gradient. In the cases alpha, its root and its square differ, and no weight is 0.
"""

from typing import Any

import numpy as np

from backproof import (
    AnswerAsk,
    ArraySymbol,
    Call,
    Case,
    Check,
    Expected,
    FormulaField,
    FunctionAsk,
    IndexSymbol,
    OracleKind,
    Probe,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference import dropout as reference
from backproof_reference.derivations import weight_noise, weight_noise_batch, weight_noise_readings
from backproof_reference.results import result


def _field(*arrays: str, **symbols: str) -> FormulaField:
    """A formula in entries of w, x and further arrays, all of them numbered from 1."""
    return FormulaField(
        vocabulary=Vocabulary(
            symbols={"y": "real", "n": "int[2, 4]", **symbols},
            arrays=tuple(
                ArraySymbol(name=name, shape=("n",), base=1) for name in ("w", "x", *arrays)
            ),
            indices=(IndexSymbol(name="j", low="1", high="n"),),
        )
    )


def _ask(name: str, prompt: str, field: FormulaField, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


_FIT = "(y - sum(k=1, n, w[k]*x[k]))"
_HELD = "(y - sum(k=1, n, (w[k] + delta[k])*x[k]))"
_PATH = "(y - sum(k=1, n, w[k]*(1 + sqrt(alpha)*eps[k])*x[k]))"
ASKS = (
    _ask(
        "grad_held",
        "dJ/dw_j for one draw of delta, which is held constant",
        _field("delta"),
        f"-{_HELD}*x[j]",
        "x[j]*(sum(k=1, n, w[k]*x[k]) + sum(k=1, n, delta[k]*x[k]) - y)",
        "sum(i=1, n, (w[i] + delta[i])*x[i]*x[j]) - y*x[j]",
    ),
    _ask(
        "mean_grad_held",
        "its mean",
        _field(),
        f"-{_FIT}*x[j]",
        "x[j]*(sum(k=1, n, w[k]*x[k]) - y)",
        "sum(i=1, n, w[i]*x[i]*x[j]) - y*x[j]",
    ),
    _ask(
        "grad_path",
        "dJ/dw_j for one draw of eps, through the noise",
        _field("eps", alpha="positive"),
        f"-{_PATH}*(1 + sqrt(alpha)*eps[j])*x[j]",
        "(sum(k=1, n, w[k]*(1 + eps[k]*alpha^(1/2))*x[k]) - y)*x[j]*(1 + eps[j]*alpha^(1/2))",
        f"-{_PATH}*x[j] - sqrt(alpha)*eps[j]*x[j]*{_PATH}",
    ),
    _ask(
        "mean_grad_path",
        "its mean",
        _field(alpha="positive"),
        f"-{_FIT}*x[j] + alpha*w[j]*x[j]^2",
        "x[j]*(sum(k=1, n, w[k]*x[k]) - y + alpha*w[j]*x[j])",
        f"α w[j] x[j]^2 - x[j]*{_FIT}",
    ),
    FunctionAsk(reference=reference.weight_noise_loss),
    _ask(
        "gamma_entry",
        "Gamma_kk",
        FormulaField(vocabulary=Vocabulary(symbols={"alpha": "positive", "x_k": "positive"})),
        "sqrt(alpha)*x_k",
        "√α · x_k",
        "sqrt(alpha*x_k^2)",
    ),
    _ask(
        "alpha_of_p",
        "the alpha at which weight noise and dropout agree",
        FormulaField(vocabulary=Vocabulary(symbols={"p": "unit"}), labels=("alpha",)),
        "(1-p)/p",
        "1/p - 1",
        "alpha = p*(1-p)/p^2",
    ),
)
DERIVATIONS = (
    *weight_noise.DERIVATIONS,
    *weight_noise_batch.DERIVATIONS,
    *weight_noise_readings.DERIVATIONS,
)
BISHOP = "Bishop 1995, Training with noise is equivalent to Tikhonov regularization"
KINGMA = (
    "Kingma, Salimans and Welling 2015, Variational dropout and the local reparameterization trick"
)


def _noise(rng: np.random.Generator, features: int, alpha: float) -> dict[str, Any]:
    return {
        "w": rng.uniform(0.5, 2.0, features) * rng.choice((-1.0, 1.0), features),
        "x": rng.uniform(0.5, 2.0, features),
        "y": float(rng.uniform(3.0, 5.0)),
        "alpha": alpha,
    }


NOISE = (
    Case(
        id="alpha_0_4",
        why="alpha = 0.4: alpha, its root and its square differ",
        build=lambda rng: _noise(rng, 5, 0.4),
        visibility=Visibility.PUBLIC,
    ),
    Case(id="alpha_1_7", why="alpha above 1", build=lambda rng: _noise(rng, 3, 1.7)),
)


def _weight_noise(w: Any, x: Any, y: float, alpha: float) -> dict[str, Any]:
    return {"loss": result("weight_noise.loss").torch(w=w, x=x, y_0=y, alpha=alpha)}


def _typed(
    name: str,
    question: str,
    claim: str,
    expects: str,
    proven: str,
    rule: str = "",
    read: str = BISHOP,
) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(rule=rule, provenance=(f"weight_noise.{proven}",)),
    )


CHECKS = (
    _typed(
        "grad_held",
        "constant",
        "grad_held is the derivative of J with respect to w_j, the noise being a constant",
        "the chain rule: twice the half of the residual, times what w_j does to the residual",
        "constant_gradient",
    ),
    _typed(
        "mean_grad_held",
        "constant",
        "mean_grad_held is its mean over the noise",
        "the gradient is linear in the noise, and the noise has mean 0",
        "constant_gradient",
    ),
    _typed(
        "grad_path",
        "pathwise",
        "grad_path is the derivative of J with respect to w_j, through the noise",
        "the chain rule, with everything that w_j stands before",
        "pathwise_gradient",
        read=KINGMA,
    ),
    _typed(
        "mean_grad_path",
        "pathwise",
        "mean_grad_path is its mean over the noise",
        "the gradient of E[J]: the residual and its derivative share a noise, and the mean of its "
        "square is not 0",
        "pathwise_gradient",
        read=KINGMA,
    ),
    Check(
        id="weight_noise",
        question="loss",
        claim="loss is the expectation of J over the noise on the weights",
        expects="the squared error of the mean prediction and the variance of the prediction, both "
        "under the same factor 1/2",
        read=BISHOP,
        points=2,
        probe=Probe(
            calls=(
                Call(
                    function="weight_noise_loss",
                    takes=("w", "x", "y", "alpha"),
                    returns=("loss",),
                ),
            )
        ),
        outputs=("loss",),
        cases=NOISE,
        oracle=Expected(
            compute=_weight_noise, kind=OracleKind.PROVEN, provenance=("weight_noise.loss",)
        ),
    ),
    _typed(
        "gamma_entry",
        "tikhonov",
        "gamma_entry is the k-th diagonal entry of Gamma beside 1/2 ||Gamma w||^2",
        "a standard deviation: its square, times w_k^2, is the variance of w_k's part of the "
        "prediction",
        "loss",
    ),
    _typed(
        "alpha_of_p",
        "tikhonov",
        "alpha_of_p makes weight noise and dropout the same in the mean",
        "nothing when every input is kept, without bound as none is",
        "as_dropout",
        read="Srivastava et al. 2014, section 10",
    ),
)
