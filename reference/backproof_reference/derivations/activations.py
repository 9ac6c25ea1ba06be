"""Activation functions: sigmoid, tanh, Swish and leaky ReLU with their derivatives.

The exponential is the only declared function; everything else is algebra on top of it. A layer
applies the function to every entry, so with G = dL/dy the loss sum_i G_i f(x_i) stands for all.
"""

from collections.abc import Callable

import sympy as sp
import torch
from sympy import Rational, Sum
from torch.nn import functional

from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Differentiate,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Sizes,
    Step,
    Values,
    exponential,
)

n = sp.Symbol("n", integer=True, positive=True)
a, i = sp.symbols("a i", integer=True)
beta, alpha = sp.symbols("beta alpha", real=True)
x, G = sp.IndexedBase("x"), sp.IndexedBase("G")
# u_i = exp(-beta x_i); s_i = sigmoid(beta x_i); h_i = sigmoid(2 beta x_i); A_i = |x_i|.
u = sp.IndexedBase("u", positive=True)
s = sp.IndexedBase("s", positive=True)
h = sp.IndexedBase("h", positive=True)
c = sp.IndexedBase("c", positive=True)
A = sp.IndexedBase("A", positive=True)
swish = x[a] * s[a]


def setting(rate: Expr) -> Setting:
    """Exponential and sigmoid of ``rate`` times the input."""
    return Setting(
        ranges={a: (sp.S.Zero, n - 1)},
        support={"x": (n,), "G": (n,)},
        definitions=(
            exponential(u[i], -rate * x[i]),
            Definition(s[i], Rational(-1), 1 + u[i]),
            Definition(h[i], Rational(-1), 1 + u[i] ** 2),
            Definition(c[i], Rational(-1), 1 / u[i] + u[i]),
        ),
    )


PLAIN, SCALED = setting(sp.S.One), setting(beta)
SIZES: tuple[Sizes, ...] = ({n: 1}, {n: 3})
SIGMOID = Assumption(text="sigmoid(z) = 1 / (1 + exp(-z)); exp(2 z) = exp(z)^2", kind="convention")
UPSTREAM = Assumption(text="G = dL/dy is held fixed", kind="convention")


def over_entries(body: Expr) -> Expr:
    """The sum over all entries i."""
    return Sum(body, (i, 0, n - 1))


def _value(function: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Oracle:
    """A function of the entries and of beta."""
    return Oracle(
        sizes={n: 4},
        shapes={"x": (4,), "beta": ()},
        expected=lambda values: function(values["x"], values["beta"]),
        axes=(a,),
    )


def _gradient(
    function: Callable[[torch.Tensor, Values], torch.Tensor], upstream: bool = True
) -> Oracle:
    """Autograd through torch's own function."""

    def expected(values: Values) -> torch.Tensor:
        leaf = values["x"].clone().requires_grad_()
        weights = values["G"] if upstream else torch.ones_like(leaf)
        return torch.autograd.grad(function(leaf, values), leaf, weights)[0]

    shapes: dict[str, tuple[int, ...]] = {"x": (4,), "G": (4,), "beta": (), "alpha": ()}
    return Oracle(sizes={n: 4}, shapes=shapes, expected=expected, axes=(a,))


SIGMOID_GRADIENT = Derivation(
    id="activations.sigmoid_backward",
    title="Gradient of the sigmoid",
    claim="dL/dx_a = G_a s_a (1 - s_a), where s = sigmoid(x)",
    assumptions=(SIGMOID, UPSTREAM),
    setting=PLAIN,
    start=over_entries(G[i] * s[i]),
    steps=(
        Step(
            "chain rule",
            G[a] * s[a] ** 2 * u[a],
            "s = (1 + u)^(-1) with u = exp(-x), so ds = -s^2 du and du = -u dx",
            Differentiate(x[a]),
        ),
        Step("by the output", G[a] * s[a] * (1 - s[a]), "s u = s (1/s - 1) = 1 - s"),
    ),
    mutants=(
        Mutant(
            "square-forgotten",
            "The derivative is s - s^2: the output times what is missing to 1.",
            "by the output",
            G[a] * s[a],
        ),
        Mutant(
            "input-for-output",
            "The rule s (1 - s) is about the output s of the sigmoid, not about its input x.",
            "by the output",
            G[a] * x[a] * (1 - x[a]),
        ),
        Mutant(
            "sign",
            "The sigmoid rises everywhere: both minus signs of the chain rule cancel.",
            "chain rule",
            -G[a] * s[a] ** 2 * u[a],
        ),
    ),
    sizes=SIZES,
    oracle=_gradient(lambda leaf, values: leaf.sigmoid()),
)

SIGMOID_BOUND = Derivation(
    id="activations.sigmoid_slope",
    title="The slope of the sigmoid is at most one quarter",
    claim="1/4 - s (1 - s) = (1/2 - s)^2, so the slope is 1/4 where s = 1/2 and less elsewhere",
    assumptions=(SIGMOID,),
    setting=PLAIN,
    start=Rational(1, 4) - s[a] * (1 - s[a]),
    steps=(Step("square", (Rational(1, 2) - s[a]) ** 2, "complete the square in s"),),
    mutants=(
        Mutant(
            "slope-one",
            "At x = 0 the slope is s (1 - s) = 1/4, not 1: n sigmoid layers shrink a gradient at "
            "least by 4^n, before weights.",
            "square",
            Rational(3, 4) + (Rational(1, 2) - s[a]) ** 2,
        ),
        Mutant(
            "linear",
            "The distance from 1/4 is quadratic in the distance of s from 1/2.",
            "square",
            Rational(1, 2) - s[a],
        ),
    ),
    sizes=SIZES,
    oracle=_value(lambda at, beta: 0.25 - _slope(torch.sigmoid, at)),
)


def _slope(function: Callable[[torch.Tensor], torch.Tensor], at: torch.Tensor) -> torch.Tensor:
    leaf = at.clone().requires_grad_()
    return torch.autograd.grad(function(leaf).sum(), leaf)[0]


TANH = Derivation(
    id="activations.tanh_sigmoid",
    title="tanh is a stretched sigmoid",
    claim="tanh(x) = 2 sigmoid(2 x) - 1",
    assumptions=(SIGMOID, Assumption(text="tanh(x) = sinh(x) / cosh(x)", kind="convention")),
    setting=PLAIN,
    start=(1 / u[a] - u[a]) * c[a],
    steps=(
        Step(
            "stretch",
            2 * h[a] - 1,
            "multiply (1/u - u) / (1/u + u) by u: (1 - u^2) / (1 + u^2) with u^2 = exp(-2 x)",
        ),
    ),
    mutants=(
        Mutant(
            "not-stretched",
            "The slope of tanh at 0 is 1 and that of 2 sigmoid(x) - 1 is 1/2: the input is doubled "
            "too.",
            "stretch",
            2 * s[a] - 1,
        ),
        Mutant(
            "not-shifted",
            "tanh lies between -1 and 1, so twice a sigmoid has to be shifted down by 1.",
            "stretch",
            2 * h[a],
        ),
    ),
    sizes=SIZES,
    oracle=_value(lambda at, beta: at.tanh()),
)

tanh = 2 * h[i] - 1
TANH_GRADIENT = Derivation(
    id="activations.tanh_backward",
    title="Gradient of tanh",
    claim="dL/dx_a = G_a (1 - tanh(x_a)^2)",
    assumptions=(SIGMOID, UPSTREAM),
    setting=PLAIN,
    start=over_entries(G[i] * tanh),
    steps=(
        Step(
            "gradient",
            G[a] * (1 - (2 * h[a] - 1) ** 2),
            "tanh(x) = 2 h - 1 with h = sigmoid(2 x), and dh/dx = 2 h (1 - h)",
            Differentiate(x[a]),
        ),
    ),
    mutants=(
        Mutant(
            "sigmoid-rule",
            "t (1 - t) is the rule of the sigmoid; for tanh it is (1 - t) (1 + t).",
            "gradient",
            G[a] * (2 * h[a] - 1) * (2 - 2 * h[a]),
        ),
        Mutant(
            "inner-derivative",
            "The inner derivative of sigmoid(2 x) is 2.",
            "gradient",
            G[a] * (1 - (2 * h[a] - 1) ** 2) / 2,
        ),
    ),
    sizes=SIZES,
    oracle=_gradient(lambda leaf, values: leaf.tanh()),
)

SWISH = Derivation(
    id="activations.swish_backward",
    title="Gradient of Swish",
    claim="for f(x) = x sigmoid(beta x): dL/dx_a = G_a (beta f + sigmoid(beta x) (1 - beta f))",
    assumptions=(SIGMOID, UPSTREAM, Assumption(text="beta is a constant", kind="convention")),
    setting=SCALED,
    start=over_entries(G[i] * x[i] * s[i]),
    steps=(
        Step(
            "product rule",
            G[a] * (s[a] + beta * x[a] * s[a] * (1 - s[a])),
            "the slope of s = sigmoid(beta x) is beta s (1 - s)",
            Differentiate(x[a]),
        ),
        Step(
            "by the output",
            G[a] * (beta * swish + s[a] * (1 - beta * swish)),
            "collect x s = f",
        ),
    ),
    mutants=(
        Mutant(
            "sigmoid-only",
            "The product rule has two terms: the sigmoid depends on x as well.",
            "product rule",
            G[a] * s[a],
        ),
        Mutant(
            "slope-only",
            "The product rule has two terms: the factor x has a derivative as well.",
            "product rule",
            G[a] * beta * x[a] * s[a] * (1 - s[a]),
        ),
        Mutant(
            "inner-derivative",
            "The inner derivative of sigmoid(beta x) is beta.",
            "product rule",
            G[a] * (s[a] + x[a] * s[a] * (1 - s[a])),
        ),
        Mutant(
            "beta-misplaced",
            "beta goes with f in both places, not with the sigmoid.",
            "by the output",
            G[a] * (swish + beta * s[a] * (1 - swish)),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient(lambda leaf, values: leaf * torch.sigmoid(values["beta"] * leaf)),
)

SWISH_MINIMUM = Derivation(
    id="activations.swish_stationary",
    title="Where the slope of Swish is 0",
    claim="for f(x) = x sigmoid(x): f' = sigmoid(x) (1 + x - f); the sigmoid is never 0, so the "
    "slope is 0 exactly where f = 1 + x",
    assumptions=(SIGMOID,),
    setting=PLAIN,
    start=over_entries(x[i] * s[i]),
    steps=(
        Step(
            "factor",
            s[a] * (1 + x[a] - swish),
            "s + x s (1 - s) = s (1 + x - x s)",
            Differentiate(x[a]),
        ),
    ),
    mutants=(
        Mutant(
            "relu-like",
            "Unlike ReLU, Swish falls for very negative x: its slope is negative there.",
            "factor",
            s[a],
        ),
        Mutant("sign", "At x = 0 the slope is 1/2.", "factor", s[a] * (1 - x[a] + swish)),
    ),
    sizes=SIZES,
    oracle=_gradient(lambda leaf, values: functional.silu(leaf), upstream=False),
)

ABSOLUTE = Setting(
    ranges={a: (sp.S.Zero, n - 1)},
    support={"x": (n,), "G": (n,)},
    definitions=(Definition(A[i], Rational(1, 2), x[i] ** 2),),
)
NONZERO = Assumption(text="no x_i is 0; A = |x|, so A^2 = x^2", kind="range")


def leaky(at: Expr) -> Expr:
    """x where x > 0 and alpha x where x < 0, by the absolute value."""
    return ((1 + alpha) * x[at] + (1 - alpha) * A[at]) / 2


LEAKY = Derivation(
    id="activations.leaky_relu_backward",
    title="Gradient of the leaky ReLU",
    claim="dL/dx_a = G_a ((1 + alpha) + (1 - alpha) x_a / |x_a|) / 2: G_a where x_a > 0, alpha G_a "
    "where x_a < 0",
    assumptions=(UPSTREAM, NONZERO),
    setting=ABSOLUTE,
    start=over_entries(G[i] * leaky(i)),
    steps=(
        Step(
            "gradient",
            G[a] * ((1 + alpha) + (1 - alpha) * x[a] / A[a]) / 2,
            "d|x|/dx = x / |x|",
            Differentiate(x[a]),
        ),
    ),
    mutants=(
        Mutant(
            "dead-side",
            "The leak lets a gradient through where x < 0; it is alpha, not 0.",
            "gradient",
            G[a] * (1 + x[a] / A[a]) / 2,
        ),
        Mutant(
            "sides-swapped",
            "The slope is alpha on the negative side and 1 on the positive side.",
            "gradient",
            G[a] * ((1 + alpha) - (1 - alpha) * x[a] / A[a]) / 2,
        ),
    ),
    sizes=SIZES,
    oracle=_gradient(lambda leaf, values: functional.leaky_relu(leaf, float(values["alpha"]))),
)

DERIVATIONS = (
    SIGMOID_GRADIENT,
    SIGMOID_BOUND,
    TANH,
    TANH_GRADIENT,
    SWISH,
    SWISH_MINIMUM,
    LEAKY,
)
