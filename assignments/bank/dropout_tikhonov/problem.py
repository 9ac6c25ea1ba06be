"""Dropout and its Tikhonov form: asks, checks and designed cases.

The cases follow the power rules of dropout: p away from 1/2 and from 1 - p of another case, lam
away from 1, N different from D, columns of different norms.
"""

from typing import Any

import numpy as np

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    Expected,
    FormulaField,
    FunctionAsk,
    MatrixSymbol,
    OracleKind,
    Probe,
    Property,
    Relation,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference import dropout as reference
from backproof_reference.derivations import dropout, tikhonov, weight_noise
from backproof_reference.results import result

KEEP = FormulaField(vocabulary=Vocabulary(symbols={"p": "unit"}), labels=("c",))
ASKS = (
    FunctionAsk(reference=reference.expected_gram),
    FunctionAsk(reference=reference.expected_dropout_loss),
    AnswerAsk(
        name="tikhonov_factor",
        prompt="c in Gamma = c * Gamma_hat",
        field=KEEP,
        answer="sqrt((1-p)/p)",
        also=("sqrt(1/p - 1)", "((1-p)/p)^(1/2)", "sqrt(p*(1-p))/p", "c = √(1−p)/√p"),
    ),
    AnswerAsk(
        name="w_from_w_hat",
        prompt="w",
        field=FormulaField(
            vocabulary=Vocabulary(symbols={"p": "unit", "w_hat": "real"}), labels=("w",)
        ),
        answer="p*w_hat",
        also=("w_hat·p", "w = w_hat - (1-p)*w_hat"),
    ),
    FunctionAsk(reference=reference.dropout_ridge),
    FunctionAsk(reference=reference.ridge_rescaling),
    AnswerAsk(
        name="x_tilde",
        prompt="X_tilde, with inv(...) for an inverse",
        field=FormulaField(
            vocabulary=Vocabulary(
                symbols={"lam": "positive"},
                matrices=(
                    MatrixSymbol(name="X", shape=("N", "d")),
                    MatrixSymbol(
                        name="Gamma",
                        shape=("d", "d"),
                        properties=frozenset({Property.DIAGONAL, Property.POSITIVE_DEFINITE}),
                    ),
                ),
            ),
            labels=("X_tilde",),
        ),
        answer="sqrt(lam)*X*inv(Gamma)",
        also=("λ^0.5 * X @ Γ⁻¹", "X_tilde = X@inv(Gamma/sqrt(lam))", "X inv(Gamma) sqrt(lam)"),
    ),
    FunctionAsk(reference=reference.weight_noise_loss),
    FunctionAsk(reference=reference.dropout),
)
DERIVATIONS = (*dropout.DERIVATIONS, *tikhonov.DERIVATIONS, *weight_noise.DERIVATIONS)
PAPER = "Srivastava et al. 2014, section 9.1"


def _regression(rng: np.random.Generator, rows: int, features: int, keep: float) -> dict[str, Any]:
    x = rng.standard_normal((rows, features)) * rng.uniform(0.5, 2.5, features) + 0.5
    return {
        "x": x,
        "y": rng.standard_normal(rows) + x.sum(1),
        "w_hat": rng.uniform(0.5, 2.0, features) * rng.choice((-1.0, 1.0), features),
        "keep_prob": keep,
    }


REGRESSION = (
    Case(
        id="keep_0_3",
        why="p = 0.3: p, 1 - p and p(1 - p) all differ",
        build=lambda rng: _regression(rng, 7, 4, 0.3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="keep_0_8",
        why="p = 0.8, more features than rows",
        build=lambda rng: _regression(rng, 4, 6, 0.8),
    ),
    Case(
        id="keep_0_15",
        why="p = 0.15, tensors that are views with gaps",
        build=lambda rng: _regression(rng, 9, 3, 0.15),
        strided=True,
    ),
)


def _scales(rng: np.random.Generator, features: int, lam: float) -> dict[str, Any]:
    return {"gamma": rng.uniform(0.3, 3.0, features), "lam": lam}


SCALES = (
    Case(
        id="lam_2_5",
        why="lam = 2.5: lam, its root and its inverse differ",
        build=lambda rng: _scales(rng, 4, 2.5),
        visibility=Visibility.PUBLIC,
    ),
    Case(id="lam_0_3", why="lam below 1", build=lambda rng: _scales(rng, 6, 0.3)),
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


def _masked(value: float, shape: tuple[int, int], drop: float, **more: Any) -> dict[str, Any]:
    return {"x": np.full(shape, value), "drop_prob": drop, **more}


MASKS = (
    Case(
        id="drop_0_3",
        why="drop_prob = 0.3 on constant data",
        build=lambda rng: _masked(2.0, (60, 50), 0.3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="drop_0_2",
        why="drop_prob = 0.2, many entries: a rate that is off by 0.01 shows",
        build=lambda rng: {"x": rng.uniform(0.5, 2.0, (250, 200)), "drop_prob": 0.2},
    ),
    Case(
        id="drop_0_7",
        why="drop_prob = 0.7: keeping and dropping cannot be mixed up",
        build=lambda rng: {"x": -rng.uniform(0.5, 2.0, (250, 200)), "drop_prob": 0.7},
    ),
)
IDENTITY = (
    Case(
        id="evaluation",
        why="training = False",
        build=lambda rng: {"x": rng.standard_normal((6, 5)), "drop_prob": 0.4, "training": False},
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="evaluation_hidden",
        why="training = False, tensors that are views with gaps",
        build=lambda rng: {"x": rng.standard_normal((5, 8)), "drop_prob": 0.7, "training": False},
        strided=True,
    ),
    Case(
        id="drop_nothing",
        why="drop_prob = 0 while training",
        build=lambda rng: {"x": rng.standard_normal((4, 7)), "drop_prob": 0.0, "training": True},
    ),
)
REPEAT = 8


def _call(function: str, *takes: str, returns: tuple[str, ...], repeat: int = 1) -> Probe:
    return Probe(calls=(Call(function=function, takes=takes, returns=returns),), repeat=repeat)


def _proven(compute: Any, *provenance: str) -> Expected:
    return Expected(compute=compute, kind=OracleKind.PROVEN, provenance=provenance)


def _gram(x: Any, keep_prob: float, **_: Any) -> dict[str, Any]:
    return {"gram": result("dropout.gram").torch(X=x, p=keep_prob)}


def _loss(x: Any, y: Any, w_hat: Any, keep_prob: float) -> dict[str, Any]:
    return {"loss": result("dropout.loss").torch(X=x, y=y, w=w_hat, p=keep_prob)}


def _ridge(x: Any, y: Any, keep_prob: float, **_: Any) -> dict[str, Any]:
    return {"w": reference.dropout_ridge(x, y, keep_prob)}


def _rescaling(gamma: Any, lam: float) -> dict[str, Any]:
    alpha, beta = reference.ridge_rescaling(gamma, lam)
    return {"alpha": alpha, "beta": beta}


def _weight_noise(w: Any, x: Any, y: float, alpha: float) -> dict[str, Any]:
    return {"loss": result("weight_noise.loss").torch(w=w, x=x, y_0=y, alpha=alpha)}


def _identity(x: Any, **_: Any) -> dict[str, Any]:
    return {"out": x}


RIDGE = _call("ridge_rescaling", "gamma", "lam", returns=("alpha", "beta"))
DROPOUT = ("x", "drop_prob", "training")


def _typed(name: str, question: str, claim: str, expects: str) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=PAPER,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(provenance=("tikhonov.dropout",)),
    )


CHECKS = (
    Check(
        id="expected_gram",
        question="expected_gram",
        claim="gram is the expectation of P^T P",
        expects="two different laws: products of two different entries, and squares of one entry",
        read=PAPER,
        points=1,
        probe=_call("expected_gram", "x", "keep_prob", returns=("gram",)),
        outputs=("gram",),
        cases=REGRESSION,
        oracle=_proven(_gram, "dropout.gram"),
    ),
    Check(
        id="expected_loss",
        question="expected_loss",
        claim="loss is the expectation of ||y - P w_hat||^2 over all masks",
        expects="the loss of the mean prediction plus the variance of the prediction",
        read=PAPER,
        points=1,
        probe=_call("expected_dropout_loss", "x", "y", "w_hat", "keep_prob", returns=("loss",)),
        outputs=("loss",),
        cases=REGRESSION,
        oracle=_proven(_loss, "dropout.loss"),
    ),
    _typed(
        "tikhonov_factor",
        "tikhonov",
        "c is the factor in Gamma = c * Gamma_hat",
        "a factor that vanishes when nothing is dropped and grows as p goes to 0",
    ),
    _typed(
        "w_from_w_hat",
        "tikhonov",
        "w is what w_hat becomes on average",
        "the weights for which the mean prediction is X w",
    ),
    Check(
        id="ridge_solution",
        question="ridge_solution",
        claim="w minimises ||y - Xw||^2 + ||Gamma w||^2",
        expects="the gradient of the regularised loss is 0 there",
        read=PAPER,
        points=1,
        probe=_call("dropout_ridge", "x", "y", "keep_prob", returns=("w",)),
        outputs=("w",),
        cases=REGRESSION,
        oracle=_proven(_ridge, "tikhonov.normal_equations"),
    ),
    Check(
        id="alpha",
        question="ridge_form",
        claim="alpha turns w into w_tilde",
        expects="lam ||w_tilde||^2 equals ||Gamma w||^2 for every w",
        read=PAPER,
        points=1,
        probe=RIDGE,
        outputs=("alpha",),
        cases=SCALES,
        oracle=_proven(_rescaling, "tikhonov.ridge"),
    ),
    Check(
        id="beta",
        question="ridge_form",
        claim="beta scales the columns of X",
        expects="X_tilde w_tilde equals X w for every w",
        read=PAPER,
        points=1,
        probe=RIDGE,
        outputs=("beta",),
        cases=SCALES,
        oracle=_proven(_rescaling, "tikhonov.ridge"),
    ),
    _typed(
        "x_tilde",
        "ridge_form",
        "X_tilde is the rescaled data matrix",
        "X_tilde w_tilde equals X w for every w",
    ),
    Check(
        id="weight_noise",
        question="weight_noise",
        claim="loss is the expectation of J over the noise on the weights",
        expects="the squared error of the mean prediction and the variance of the prediction, both "
        "under the same factor 1/2",
        read="Bishop 1995, Training with noise is equivalent to Tikhonov regularization",
        points=1,
        probe=_call("weight_noise_loss", "w", "x", "y", "alpha", returns=("loss",)),
        outputs=("loss",),
        cases=NOISE,
        oracle=_proven(_weight_noise, "weight_noise.loss"),
    ),
    Check(
        id="mask",
        question="dropout",
        claim="every entry is dropped on its own with probability drop_prob, survivors are scaled "
        "so that the mean stays x",
        expects="independent entries, a fresh mask at every call, survivors equal to "
        "x / (1 - drop_prob)",
        read="Srivastava et al. 2014, section 10",
        points=2,
        probe=_call("dropout", *DROPOUT, returns=("out",), repeat=REPEAT),
        outputs=("out",),
        cases=MASKS,
        oracle=Relation(name="inverted_dropout", parameters={"repeat": REPEAT, "dtype": "float32"}),
        dtype="float32",
    ),
    Check(
        id="identity",
        question="dropout",
        claim="nothing changes when not training, or when drop_prob is 0",
        expects="out equals x",
        read="Srivastava et al. 2014, section 10",
        points=1,
        probe=_call("dropout", *DROPOUT, returns=("out",)),
        outputs=("out",),
        cases=IDENTITY,
        oracle=_proven(_identity, "dropout.mean"),
        needs=("mask",),
    ),
)
