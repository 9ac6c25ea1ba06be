"""The rescaled data matrix of dropout's Tikhonov form, the lengths of its columns, the minimiser.

With Gamma the diagonal penalty of ``tikhonov.dropout``, X_tilde = sqrt(lam) X inv(Gamma) and
w_tilde = Gamma v / sqrt(lam) make an ordinary ridge regression of it.
"""

import sympy as sp
import torch
from sympy import Rational

from backproof_reference.derivations.dropout import (
    PLAIN_SUM,
    SETTING,
    SIZES,
    N,
    X,
    a,
    d,
    expected_loss,
    i,
    j,
    k,
    over_features,
    over_rows,
    p,
    y,
)
from backproof_reference.derivations.tikhonov import (
    INTERIOR,
    TIKHONOV,
    WITH_ROOTS,
    Gamma,
    c,
    lam,
    norm,
    residual,
    root_lam,
    tikhonov,
    v,
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

w_tilde = sp.IndexedBase("t")
length = sp.Symbol("L", positive=True)


def ridge_loss(data: Expr, strength: Expr = lam) -> Expr:
    """||y - data w_tilde||^2 + strength ||w_tilde||^2; ``data`` is an entry at row k, column j."""
    prediction = over_features(data * w_tilde[j])
    return over_rows((y[k] - prediction) ** 2) + strength * over_features(w_tilde[j] ** 2)


def _tikhonov_loss(values: Values) -> torch.Tensor:
    """The Tikhonov loss of v = sqrt(lam) inv(Gamma) w_tilde."""
    weight = torch.diag(values["Gamma"]).inverse() @ values["t"] * values["lambda"].sqrt()
    error = (values["y"] - values["X"] @ weight).square().sum()
    return error + (values["Gamma"] * weight).square().sum()


CHANGE = Derivation(
    id="tikhonov.change_of_variables",
    title="The data matrix of the ridge form",
    claim="with w_tilde = Gamma v / lam^(1/2) and X_tilde = lam^(1/2) X inv(Gamma), "
    "||y - X v||^2 + ||Gamma v||^2 is ||y - X_tilde w_tilde||^2 + lam ||w_tilde||^2",
    assumptions=(PLAIN_SUM, Assumption(text="lam > 0 and every Gamma_jj > 0", kind="sign")),
    setting=Setting(
        ranges=SETTING.ranges, definitions=(Definition(root_lam, Rational(1, 2), lam),)
    ),
    start=tikhonov,
    steps=(
        Step(
            "new variables",
            ridge_loss(root_lam * X[k, j] / Gamma[j]),
            "v_j = lam^(1/2) w_tilde_j / Gamma_jj: column j of X is divided by Gamma_jj",
            Substitute(v[i], root_lam * w_tilde[i] / Gamma[i]),
        ),
    ),
    mutants=(
        Mutant(
            "multiplied-by-gamma",
            "The columns are scaled inversely to the weights: X inv(Gamma), not X Gamma.",
            "new variables",
            ridge_loss(root_lam * X[k, j] * Gamma[j]),
        ),
        Mutant(
            "rows-scaled",
            "Gamma has one entry for each feature: it scales columns, so it stands to the right "
            "of X.",
            "new variables",
            ridge_loss(root_lam * X[k, j] / Gamma[k]),
        ),
        Mutant(
            "lam-without-root",
            "The penalty is quadratic: X_tilde carries the square root of lam.",
            "new variables",
            ridge_loss(lam * X[k, j] / Gamma[j]),
        ),
        Mutant(
            "lam-dropped",
            "Writing the penalty with lam scales the data by its root.",
            "new variables",
            ridge_loss(X[k, j] / Gamma[j]),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes={"X": (2, 3), "y": (2,), "t": (3,), "Gamma": (3,), "lambda": ()},
        expected=_tikhonov_loss,
    ),
)

column_of_x_tilde = root_lam / (c * norm[j]) * X[k, j]


def _dropout_of_ridge(values: Values) -> torch.Tensor:
    """The expected loss over all masks, at the weights that belong to w_tilde."""
    keep = values["p"]
    scale = ((1 - keep) / keep).sqrt() * values["X"].norm(dim=0)
    return expected_loss(values, values["lambda"].sqrt() * values["t"] / scale / keep)


DROPOUT_RIDGE = Derivation(
    id="tikhonov.dropout_ridge",
    title="Dropout as ridge regression",
    claim="the expected dropout loss is ||y - X_tilde w_tilde||^2 + lam ||w_tilde||^2, where "
    "column j of X_tilde is column j of X divided by its length, times (lam p / (1 - p))^(1/2)",
    assumptions=(PLAIN_SUM, INTERIOR),
    setting=WITH_ROOTS,
    start=TIKHONOV.steps[-1].expr,
    steps=(
        Step(
            "new variables",
            ridge_loss(column_of_x_tilde),
            "v_j = lam^(1/2) w_tilde_j / Gamma_jj with Gamma_jj = c norm_j",
            Substitute(v[i], root_lam * w_tilde[i] / (c * norm[i])),
        ),
    ),
    mutants=(
        Mutant(
            "squared-norm",
            "A column is divided by its length, not by its squared length.",
            "new variables",
            ridge_loss(root_lam / (c * norm[j] ** 2) * X[k, j]),
        ),
        Mutant(
            "norm-not-divided",
            "Gamma holds the lengths of the columns, and X_tilde divides by it.",
            "new variables",
            ridge_loss(root_lam * c * norm[j] * X[k, j]),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes={"X": (2, 3), "y": (2,), "t": (3,), "p": (), "lambda": ()},
        expected=_dropout_of_ridge,
    ),
)

WITH_LENGTH = Setting(
    ranges=WITH_ROOTS.ranges,
    definitions=(
        *WITH_ROOTS.definitions,
        Definition(length, Rational(1, 2), lam * p / (1 - p)),
    ),
)


def _lengths(values: Values) -> torch.Tensor:
    """The squared lengths of the columns of X_tilde, from the matrices themselves."""
    keep = values["p"]
    Gamma_matrix = torch.diag((((1 - keep) / keep) * (values["X"].T @ values["X"]).diag()).sqrt())
    x_tilde = values["lambda"].sqrt() * values["X"] @ Gamma_matrix.inverse()
    lengths: torch.Tensor = torch.linalg.vector_norm(x_tilde, dim=0)
    return lengths.square()


LENGTH = Derivation(
    id="tikhonov.column_length",
    title="The common length of the columns of X_tilde",
    claim="every column of X_tilde has the length (lam p / (1 - p))^(1/2), whatever X is",
    assumptions=(INTERIOR,),
    setting=WITH_LENGTH,
    start=over_rows((root_lam / (c * norm[a]) * X[k, a]) ** 2),
    steps=(
        Step(
            "pull out",
            lam / (c**2 * norm[a] ** 2) * over_rows(X[k, a] ** 2),
            "the scale of a column does not depend on the row",
        ),
        Step("norm", lam / c**2, "norm_a^2 = sum_k X_ka^2 cancels"),
        Step("length", length**2, "c^2 = (1 - p) / p, and a length is positive"),
    ),
    mutants=(
        Mutant(
            "sum-of-entries",
            "Gamma_jj holds the length of column j, the root of its sum of squares, not the sum of "
            "its entries.",
            "norm",
            lam / c**2 * over_rows(X[k, a]) ** 2 / norm[a] ** 2,
        ),
        Mutant(
            "unit-length",
            "The columns are equally long, but of length 1 only if lam p = 1 - p.",
            "length",
            sp.S.One,
        ),
        Mutant(
            "keep-and-drop-swapped",
            "Gamma grows with the rate of dropping, and X_tilde divides by it.",
            "length",
            lam * (1 - p) / p,
        ),
        Mutant(
            "lam-forgotten",
            "X_tilde carries the root of lam.",
            "length",
            p / (1 - p),
        ),
        Mutant(
            "squared-length",
            "The sum of squares is the squared length: the length has a root.",
            "length",
            length,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 3, d: 2},
        shapes={"X": (3, 2), "p": (), "lambda": ()},
        expected=_lengths,
        axes=(a,),
    ),
)


def _dropout_gradient(values: Values) -> torch.Tensor:
    """Autograd through the expected loss over all masks, in v = p w_hat."""
    weight = values["v"].clone().requires_grad_()
    return torch.autograd.grad(expected_loss(values, weight / values["p"]), weight)[0]


NORMAL = Derivation(
    id="tikhonov.dropout_normal_equations",
    title="The minimiser of the expected dropout loss",
    claim="the gradient in v = p w_hat is -2 X^T y + 2 (X^T X + (1 - p) / p diag(X^T X)) v, so "
    "that v solves (X^T X + (1 - p) / p diag(X^T X)) v = X^T y, and w_hat = v / p",
    assumptions=(PLAIN_SUM, INTERIOR),
    setting=WITH_ROOTS,
    start=TIKHONOV.steps[0].expr,
    steps=(
        Step(
            "gradient",
            -2 * over_rows(X[k, a] * residual) + 2 * (1 - p) / p * over_rows(X[k, a] ** 2) * v[a],
            "chain rule on both squares",
            Differentiate(v[a]),
        ),
        Step(
            "normal equations",
            -2 * over_rows(X[k, a] * y[k])
            + 2 * over_features(over_rows(X[k, a] * X[k, j]) * v[j])
            + 2 * (1 - p) / p * over_rows(X[k, a] ** 2) * v[a],
            "multiply out; at the minimiser this is zero",
        ),
    ),
    mutants=(
        Mutant(
            "ridge",
            "The penalty weighs each weight by its column of X: it is not a multiple of the "
            "identity.",
            "gradient",
            -2 * over_rows(X[k, a] * residual) + 2 * (1 - p) / p * v[a],
        ),
        Mutant(
            "sign",
            "The residual enters with a minus sign.",
            "gradient",
            2 * over_rows(X[k, a] * residual) + 2 * (1 - p) / p * over_rows(X[k, a] ** 2) * v[a],
        ),
        Mutant(
            "diagonal-only",
            "Dropout adds to the diagonal of X^T X: it does not remove the rest.",
            "normal equations",
            -2 * over_rows(X[k, a] * y[k]) + 2 / p * over_rows(X[k, a] ** 2) * v[a],
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={N: 2, d: 3},
        shapes={"X": (2, 3), "y": (2,), "v": (3,), "p": ()},
        expected=_dropout_gradient,
        axes=(a,),
    ),
)

DERIVATIONS = (CHANGE, DROPOUT_RIDGE, LENGTH, NORMAL)
