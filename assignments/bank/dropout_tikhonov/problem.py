"""Dropout and its Tikhonov form: asks, checks and designed cases.

The cases follow the power rules of dropout: p away from 1/2 and from 1 - p of another case, lam
away from 1, N different from D, columns of different norms.
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
    MatrixSymbol,
    OracleKind,
    Probe,
    Property,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference import dropout as reference
from backproof_reference.derivations import dropout, tikhonov, tikhonov_forms
from backproof_reference.results import result

KEEP = FormulaField(vocabulary=Vocabulary(symbols={"p": "unit"}), labels=("c",))
GAMMA = MatrixSymbol(
    name="Gamma",
    shape=("d", "d"),
    properties=frozenset({Property.DIAGONAL, Property.POSITIVE_DEFINITE}),
)
GRAM = FormulaField(vocabulary=Vocabulary(symbols={"p": "unit", "g": "real"}))
ASKS = (
    AnswerAsk(
        name="expected_entry",
        prompt="E[P_ij], with x = X_ij",
        field=FormulaField(vocabulary=Vocabulary(symbols={"p": "unit", "x": "real"})),
        answer="p*x",
        also=("x·p", "(1-p)*0 + p*1*x"),
    ),
    AnswerAsk(
        name="gram_diagonal",
        prompt="E[(P^T P)_ij] for i = j, with g = (X^T X)_ij",
        field=GRAM,
        answer="p*g",
        also=("g·p", "g*(p^2 + p*(1-p))"),
    ),
    AnswerAsk(
        name="gram_off_diagonal",
        prompt="E[(P^T P)_ij] for i != j, with g = (X^T X)_ij",
        field=GRAM,
        answer="p^2*g",
        also=("p·p·g", "g*(p - p*(1-p))"),
    ),
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
                matrices=(MatrixSymbol(name="X", shape=("N", "d")), GAMMA),
            ),
            labels=("X_tilde",),
        ),
        answer="sqrt(lam)*X*inv(Gamma)",
        also=("λ^0.5 * X @ Γ⁻¹", "X_tilde = X@inv(Gamma/sqrt(lam))", "X inv(Gamma) sqrt(lam)"),
    ),
    AnswerAsk(
        name="w_tilde_plain",
        prompt="w_tilde for lam = 1",
        field=FormulaField(
            vocabulary=Vocabulary(matrices=(GAMMA, MatrixSymbol(name="w", shape=("d", "1")))),
            labels=("w_tilde",),
        ),
        answer="Gamma*w",
        also=("w_tilde = Γ @ w", "(w.T Gamma).T"),
    ),
    AnswerAsk(
        name="x_tilde_plain",
        prompt="X_tilde for lam = 1",
        field=FormulaField(
            vocabulary=Vocabulary(matrices=(MatrixSymbol(name="X", shape=("N", "d")), GAMMA)),
            labels=("X_tilde",),
        ),
        answer="X*inv(Gamma)",
        also=("X_tilde = X @ Γ⁻¹", "(inv(Gamma)*X.T).T"),
    ),
    AnswerAsk(
        name="alpha_count",
        prompt="the number of alphas",
        field=FormulaField(vocabulary=Vocabulary(symbols={"N": "int[2, 9]", "d": "int[2, 9]"})),
        answer="d",
        also=("d*1", "(d)"),
    ),
    AnswerAsk(
        name="gamma_hat_entry",
        prompt="Gamma_hat_jj in the entries of X",
        field=FormulaField(
            vocabulary=Vocabulary(
                symbols={"N": "int[2, 4]", "d": "int[2, 3]"},
                arrays=(ArraySymbol(name="X", shape=("N", "d")),),
                indices=(IndexSymbol(name="j", low="0", high="d - 1"),),
            )
        ),
        answer="sqrt(sum(i=0, N-1, X[i,j]^2))",
        also=("sum(k=0, N-1, X[k,j]*X[k,j])^(1/2)", "sqrt(X[0,j]^2 + sum(i=1, N-1, X[i,j]^2))"),
    ),
    AnswerAsk(
        name="column_norm",
        prompt="the length of column j of X_tilde",
        field=FormulaField(vocabulary=Vocabulary(symbols={"p": "unit", "lam": "positive"})),
        answer="sqrt(lam*p/(1-p))",
        also=("√λ / sqrt(1/p - 1)", "(lam/((1-p)/p))^(1/2)"),
    ),
    AnswerAsk(
        name="like_batchnorm",
        prompt="what the rescaling has in common with batch normalisation, and what not",
        field=TextField(),
        answer="both give every feature one scale; nothing is centred, and there is no mini-batch",
    ),
)
DERIVATIONS = (*dropout.DERIVATIONS, *tikhonov.DERIVATIONS, *tikhonov_forms.DERIVATIONS)
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


def _call(function: str, *takes: str, returns: tuple[str, ...]) -> Probe:
    return Probe(calls=(Call(function=function, takes=takes, returns=returns),))


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


RIDGE = _call("ridge_rescaling", "gamma", "lam", returns=("alpha", "beta"))


def _typed(
    name: str, question: str, claim: str, expects: str, proven: str = "tikhonov.dropout"
) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=PAPER,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(provenance=(proven,)),
    )


CHECKS = (
    _typed(
        "expected_entry",
        "expected_entries",
        "expected_entry is the expectation of an entry of P",
        "an entry is kept with probability p and is 0 otherwise",
        "dropout.mean",
    ),
    _typed(
        "gram_diagonal",
        "expected_entries",
        "gram_diagonal is the expectation of a diagonal entry of P^T P",
        "the square of one mask entry, which is 0 or 1",
        "dropout.gram",
    ),
    _typed(
        "gram_off_diagonal",
        "expected_entries",
        "gram_off_diagonal is the expectation of an entry of P^T P off the diagonal",
        "the product of two independent mask entries",
        "dropout.gram",
    ),
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
    _typed(
        "w_tilde_plain",
        "plain_ridge",
        "w_tilde_plain is the vector whose length is penalised",
        "||w_tilde|| equals ||Gamma w|| for every w",
        "tikhonov.ridge",
    ),
    _typed(
        "x_tilde_plain",
        "plain_ridge",
        "x_tilde_plain is the rescaled data matrix",
        "X_tilde w_tilde equals X w for every w",
        "tikhonov.ridge",
    ),
    _typed(
        "alpha_count",
        "column_norms",
        "alpha_count is the number of scales alpha_i",
        "one scale for each entry of w",
        "tikhonov.ridge",
    ),
    _typed(
        "gamma_hat_entry",
        "column_norms",
        "gamma_hat_entry is the j-th diagonal entry of Gamma_hat",
        "a diagonal entry of X^T X, under a root",
        "tikhonov.column_length",
    ),
    _typed(
        "column_norm",
        "column_norms",
        "column_norm is the length of every column of X_tilde",
        "what is left of a column that is divided by its own length: X does not enter",
        "tikhonov.column_length",
    ),
    Check(
        id="like_batchnorm",
        question="column_norms",
        claim="like_batchnorm compares the rescaling with batch normalisation",
        expects="one thing in common at least, and one that differs",
        read="Ioffe and Szegedy 2015, algorithm 1",
        points=1,
        probe=Probe(answer="like_batchnorm"),
        oracle=TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "in common: every feature (column) is brought to one scale of its own, by its norm",
                "not: nothing is centred, the mean of a column stays",
                "not: the whole data set gives the scale, not a mini-batch; no gamma and beta",
                "'it is batch normalisation' without a difference is too much: half the points",
            ),
        ),
    ),
)
