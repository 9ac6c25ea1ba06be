"""A linear model of one example without dropout: the solution that gradient descent finds.

The same model as in ``two_weights``; for EECS182 homework 4, question 1, x = (10, 1) and y = 11.
"""

import sympy as sp
import torch
from sympy import Sum

from backproof_reference.derivations.two_weights import (
    NONZERO,
    SIZES,
    a,
    d,
    delta,
    i,
    j,
    k,
    over_inputs,
    w,
    x,
    y,
)
from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Mutant,
    Oracle,
    Setting,
    Step,
    Substitute,
    Values,
)

S, eta = sp.symbols("S eta", positive=True)
gap = sp.Symbol("T", real=True)
scale = sp.Symbol("b", real=True)
SETTING = Setting(
    ranges={a: (sp.S.Zero, d - 1)},
    definitions=(Definition(S, sp.S.One, Sum(x[k] ** 2, (k, 0, d - 1))),),
)
least_norm = y / S
FITS = Derivation(
    id="least_norm.fits",
    title="Without dropout: a multiple of the example fits it",
    claim="sum_j w_j x_j = y at w_j = y x_j / S with S = sum_k x_k^2",
    assumptions=(NONZERO,),
    setting=SETTING,
    start=over_inputs(w[j] * x[j]),
    steps=(Step("output", y, "sum_j x_j^2 / S = 1", Substitute(w[i], least_norm * x[i])),),
    mutants=(
        Mutant("no-inverse", "x y is no solution: it has to be divided by S.", "output", y * S),
        Mutant("root", "S is the squared length of x, not its length.", "output", y / S),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={d: 3},
        shapes={"x": (3,), "y_0": ()},
        expected=lambda values: (
            torch.linalg.pinv(values["x"][None, :])[:, 0] @ values["x"] * values["y_0"]
        ),
    ),
)


def _orthogonal(values: Values) -> Values:
    """Other weights fit as well if what is added to them is orthogonal to x."""
    x, added = values["x"], values["delta"]
    return {**values, "delta": added - (added @ x) / (x @ x) * x}


LEAST_NORM = Derivation(
    id="least_norm.minimum",
    title="Without dropout: the interpolant of least norm",
    claim="any w + delta that fits as well as w_j = y x_j / S, so that T = sum_j x_j delta_j = 0, "
    "has the squared norm y^2 / S + sum_j delta_j^2: least at delta = 0",
    assumptions=(
        NONZERO,
        Assumption(text="w + delta fits: T = sum_j x_j delta_j is 0", kind="convention"),
    ),
    setting=Setting(
        ranges=SETTING.ranges,
        definitions=(
            *SETTING.definitions,
            Definition(gap, sp.S.One, Sum(x[k] * delta[k], (k, 0, d - 1))),
        ),
    ),
    start=over_inputs((w[j] + delta[j]) ** 2),
    steps=(
        Step(
            "norm",
            y**2 / S + 2 * y / S * gap + over_inputs(delta[j] ** 2),
            "sum_j (y x_j / S)^2 = y^2 / S",
            Substitute(w[i], least_norm * x[i]),
        ),
        Step(
            "another interpolant",
            y**2 / S + over_inputs(delta[j] ** 2),
            "T = 0",
            Substitute(gap, sp.S.Zero),
        ),
    ),
    mutants=(
        Mutant(
            "no-inverse",
            "(x x^T) y is not a solution: the inverse is missing.",
            "norm",
            y**2 * S**3 + 2 * y * S * over_inputs(x[j] * delta[j]) + over_inputs(delta[j] ** 2),
        ),
        Mutant(
            "bias-counted",
            "With a bias there is one more input, a constant 1: S + 1 in place of S. The model "
            "here has none.",
            "norm",
            y**2 / (S + 1)
            + 2 * y / (S + 1) * over_inputs(x[j] * delta[j])
            + over_inputs(delta[j] ** 2),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={d: 3},
        shapes={"x": (3,), "y_0": (), "delta": (3,)},
        expected=lambda values: (
            (torch.linalg.pinv(values["x"][None, :])[:, 0] * values["y_0"] + values["delta"])
            .square()
            .sum()
        ),
        prepare=_orthogonal,
    ),
)


def _gradient_step(values: Values) -> torch.Tensor:
    weights = (values["b"] * values["x"]).requires_grad_()
    optimizer = torch.optim.SGD([weights], lr=float(values["eta"]))
    loss = (values["x"] @ weights - values["y_0"]) ** 2
    (weights.grad,) = torch.autograd.grad(loss, weights)
    optimizer.step()
    return weights.detach()


DESCENT = Derivation(
    id="least_norm.descent",
    title="Gradient descent from 0 approaches the interpolant of least norm",
    claim="weights b x stay multiples of x, and a step with rate eta takes b - y / S to "
    "(1 - 2 eta S) (b - y / S), a factor between -1 and 1 for 0 < eta < 1 / S",
    assumptions=(
        Assumption(text="loss (sum_j w_j x_j - y)^2, no bias, start at b = 0", kind="convention"),
    ),
    setting=SETTING,
    start=w[a] - 2 * eta * x[a] * (over_inputs(w[j] * x[j]) - y),
    steps=(
        Step(
            "multiple",
            x[a] * (scale - 2 * eta * (scale * S - y)),
            "sum_j b x_j^2 = b S",
            Substitute(w[i], scale * x[i]),
        ),
        Step(
            "contraction",
            x[a] * (y / S + (1 - 2 * eta * S) * (scale - y / S)),
            "y / S is the fixed point",
        ),
    ),
    mutants=(
        Mutant(
            "two-lost",
            "The gradient of a square without 1/2 brings a factor 2.",
            "contraction",
            x[a] * (y / S + (1 - eta * S) * (scale - y / S)),
        ),
        Mutant(
            "other-solution",
            "The steps never leave the multiples of x: weights with equal contributions are out of "
            "reach.",
            "contraction",
            y / (d * x[a]) + (1 - 2 * eta * S) * (scale * x[a] - y / (d * x[a])),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={d: 3},
        shapes={"x": (3,), "y_0": (), "b": (), "eta": ()},
        expected=_gradient_step,
        axes=(a,),
    ),
)

DERIVATIONS = (FITS, LEAST_NORM, DESCENT)
