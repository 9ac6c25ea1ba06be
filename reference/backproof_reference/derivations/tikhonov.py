"""Dropout in linear regression as Tikhonov regularisation, and that as ridge regression."""

import sympy as sp
import torch
from sympy import Rational, Sum

from backproof_reference.derivations.dropout import (
    BERNOULLI,
    LOSS,
    PLAIN_SUM,
    SETTING,
    SIZES,
    N,
    X,
    a,
    d,
    expected_loss,
    fit,
    i,
    j,
    k,
    over_features,
    over_rows,
    p,
    penalty,
    w,
    y,
)
from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Differentiate,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Step,
    Substitute,
    Values,
)

lam = sp.Symbol("lambda", positive=True)
v = sp.IndexedBase("v")
# c = sqrt((1 - p) / p) and norm_j, the length of column j: Gamma_jj = c norm_j.
c = sp.Symbol("c", positive=True)
root_lam = sp.Symbol("l", positive=True)
norm = sp.IndexedBase("norm", positive=True)
Gamma = sp.IndexedBase("Gamma", positive=True)

WITH_ROOTS = Setting(
    ranges=SETTING.ranges,
    definitions=(
        Definition(c, Rational(1, 2), (1 - p) / p),
        Definition(norm[j], Rational(1, 2), Sum(X[k, j] ** 2, (k, 0, N - 1))),
        Definition(root_lam, Rational(1, 2), lam),
    ),
)
INTERIOR = Assumption(text="0 < p < 1 and no column of X is zero", kind="sign")

Gamma_v = c * norm[j] * v[j]
TIKHONOV = Derivation(
    id="tikhonov.dropout",
    title="Dropout as Tikhonov regularisation of w = p w_hat",
    claim="with v = p w and Gamma = sqrt((1 - p) / p) diag(X^T X)^(1/2), the expected loss is "
    "||y - X v||^2 + ||Gamma v||^2",
    assumptions=(BERNOULLI, PLAIN_SUM, INTERIOR),
    setting=WITH_ROOTS,
    start=LOSS.steps[-1].expr,
    steps=(
        Step(
            "rescale",
            fit(sp.S.One, v) + penalty((1 - p) / p, v),
            "w_j = v_j / p",
            Substitute(w[i], v[i] / p),
        ),
        Step(
            "Gamma",
            fit(sp.S.One, v) + over_features(Gamma_v**2),
            "Gamma_jj^2 = (1 - p) / p * sum_k X_kj^2",
        ),
    ),
    mutants=(
        Mutant(
            "factor-kept",
            "Substituting w = v / p divides p (1 - p) by p^2.",
            "rescale",
            fit(sp.S.One, v) + penalty(p * (1 - p), v),
        ),
        Mutant(
            "factor-inverted",
            "The penalty vanishes without dropout (p = 1); it must not blow up there.",
            "rescale",
            fit(sp.S.One, v) + penalty(p / (1 - p), v),
        ),
        Mutant(
            "map-inverted",
            "The mean prediction of the masked model is p X w_hat, so that w = p w_hat, not "
            "w_hat / p.",
            "rescale",
            fit(p**2, v) + penalty(p**3 * (1 - p), v),
        ),
        Mutant(
            "root-of-odds-lost",
            "Gamma holds the root of (1 - p) / p: the diagonal of X^T X alone is the penalty of "
            "p = 1/2 only.",
            "Gamma",
            fit(sp.S.One, v) + penalty(sp.S.One, v),
        ),
        Mutant(
            "diagonal-without-root",
            "Gamma is squared in the penalty: it holds the roots of the diagonal of X^T X.",
            "Gamma",
            fit(sp.S.One, v) + over_features((c * norm[j] ** 2 * v[j]) ** 2),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes={"X": (2, 3), "y": (2,), "v": (3,), "p": ()},
        expected=lambda values: expected_loss(values, values["v"] / values["p"]),
    ),
)


def _ridge_gradient(values: Values) -> torch.Tensor:
    weight = values["v"].clone().requires_grad_()
    loss = (values["y"] - values["X"] @ weight).square().sum()
    loss = loss + (values["Gamma"] * weight).square().sum()
    return torch.autograd.grad(loss, weight)[0]


tikhonov = fit(sp.S.One, v) + over_features(Gamma[j] ** 2 * v[j] ** 2)
residual = y[k] - over_features(X[k, j] * v[j])
NORMAL = Derivation(
    id="tikhonov.normal_equations",
    title="Gradient of the Tikhonov loss",
    claim="the gradient is -2 X^T (y - X v) + 2 Gamma^2 v; it vanishes at the minimiser",
    assumptions=(PLAIN_SUM,),
    setting=SETTING,
    start=tikhonov,
    steps=(
        Step(
            "gradient",
            -2 * over_rows(X[k, a] * residual) + 2 * Gamma[a] ** 2 * v[a],
            "chain rule on both squares",
            Differentiate(v[a]),
        ),
    ),
    mutants=(
        Mutant(
            "gamma-not-squared",
            "The penalty is quadratic in Gamma.",
            "gradient",
            -2 * over_rows(X[k, a] * residual) + 2 * Gamma[a] * v[a],
        ),
        Mutant(
            "sign",
            "The residual enters with a minus sign.",
            "gradient",
            2 * over_rows(X[k, a] * residual) + 2 * Gamma[a] ** 2 * v[a],
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes={"X": (2, 3), "y": (2,), "v": (3,), "Gamma": (3,)},
        expected=_ridge_gradient,
        axes=(a,),
    ),
)


def ridge(column_scale: Expr, weight_scale: Expr) -> Expr:
    """||y - X_tilde v_tilde||^2 + lam ||v_tilde||^2 for scales that may depend on j."""
    scaled = weight_scale * v[j]
    prediction = over_features(X[k, j] * column_scale * scaled)
    return over_rows((y[k] - prediction) ** 2) + lam * over_features(scaled**2)


def _tikhonov_loss(values: Values) -> torch.Tensor:
    error = (values["y"] - values["X"] @ values["v"]).square().sum()
    return error + (torch.diag(values["Gamma"]) @ values["v"]).square().sum()


RIDGE = Derivation(
    id="tikhonov.ridge",
    title="A Tikhonov penalty as a ridge penalty",
    claim="alpha_j = Gamma_jj / lam^(1/2) and beta_j = lam^(1/2) / Gamma_jj turn "
    "||y - X v||^2 + ||Gamma v||^2 into ||y - X_tilde v_tilde||^2 + lam ||v_tilde||^2",
    assumptions=(Assumption(text="lam > 0 and every Gamma_jj > 0", kind="sign"),),
    setting=WITH_ROOTS,
    start=tikhonov,
    steps=(
        Step(
            "rescale",
            ridge(root_lam / Gamma[j], Gamma[j] / root_lam),
            "lam alpha_j^2 = Gamma_jj^2 fixes alpha; alpha_j beta_j = 1 keeps the prediction",
        ),
    ),
    mutants=(
        Mutant(
            "beta-not-inverted",
            "The columns are scaled inversely to the weights: beta_j = 1 / alpha_j.",
            "rescale",
            ridge(root_lam * Gamma[j], Gamma[j] / root_lam),
        ),
        Mutant(
            "lam-without-root",
            "The penalty is quadratic: alpha carries the square root of lam.",
            "rescale",
            ridge(lam / Gamma[j], Gamma[j] / lam),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes={"X": (2, 3), "y": (2,), "v": (3,), "Gamma": (3,), "lambda": ()},
        expected=_tikhonov_loss,
    ),
)

NORMS = Derivation(
    id="tikhonov.column_norm",
    title="Rescaled columns have one length",
    claim="||X_tilde_a||^2 = lam p / (1 - p) for every column a of X_tilde",
    assumptions=(INTERIOR,),
    setting=WITH_ROOTS,
    start=over_rows((root_lam / (c * norm[a]) * X[k, a]) ** 2),
    steps=(
        Step(
            "length", lam * p / (1 - p), "Gamma_aa^2 is (1 - p) / p times the squared column norm"
        ),
    ),
    mutants=(
        Mutant(
            "depends-on-column",
            "Dividing by its own norm makes every column equally long.",
            "length",
            lam * p / (1 - p) * over_rows(X[k, a] ** 2),
        ),
        Mutant(
            "keep-and-drop-swapped",
            "Gamma grows with the rate of dropping, and X_tilde divides by it.",
            "length",
            lam * (1 - p) / p,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 3, d: 2},
        shapes={"X": (3, 2), "p": (), "lambda": ()},
        expected=lambda values: (
            (
                values["X"]
                * values["lambda"].sqrt()
                / (values["X"].norm(dim=0) * ((1 - values["p"]) / values["p"]).sqrt())
            )
            .square()
            .sum(dim=0)
        ),
        axes=(a,),
    ),
)

DERIVATIONS = (TIKHONOV, NORMAL, RIDGE, NORMS)
