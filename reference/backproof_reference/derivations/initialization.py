"""Variance of activations and gradients at initialisation: Xavier and Kaiming.

A symmetric random number z has the law of its size times a fair sign, z = (2 b - 1) r with r = |z|
and b = 1 or 0 with probability 1/2 each, independent of r. So relu(z) = b r and relu(-z) = (1 - b)
r. Only second moments are averaged: the entries of z need not be independent of each other.
"""

import itertools
import math

import sympy as sp
import torch
from sympy import Rational, Sum

from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Expect,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Sizes,
    Step,
    Substitute,
    Values,
)

n, m = sp.symbols("n_in n_out", integer=True, positive=True)
i, j, k = sp.symbols("i j k", integer=True)
v_w, v_x, v_g = sp.symbols("v_w v_x v_g", positive=True)
alpha, mu = sp.symbols("alpha mu", real=True)
z, size, sign = sp.symbols("z r_0 b_0", real=True)
A = sp.Symbol("A", positive=True)
W, x, r, b, g = (sp.IndexedBase(name) for name in ("W", "x", "r", "b", "g"))
HALF = Rational(1, 2)

WEIGHTS = Assumption(
    text="the weights are independent of each other and of everything else, with mean 0 and "
    "variance v_w",
    kind="moment",
)
SYMMETRIC = Assumption(
    text="every pre-activation z_j has a symmetric law with E[z_j^2] = v_x and is 0 with "
    "probability 0, so that z_j = (2 b_j - 1) r_j with a fair b_j independent of r_j",
    kind="moment",
)
NO_BIAS = Assumption(text="biases are 0 at the start", kind="convention")
SIZES: tuple[Sizes, ...] = ({n: 1, m: 2}, {n: 2, m: 3}, {n: 4, m: 1})


def over_inputs(body: Expr) -> Expr:
    """The sum over all inputs j."""
    return Sum(body, (j, 0, n - 1))


def over_outputs(body: Expr) -> Expr:
    """The sum over all outputs k."""
    return Sum(body, (k, 0, m - 1))


RELU_SQUARES = Derivation(
    id="initialization.relu_halves",
    title="Both halves of a square",
    claim="relu(z)^2 + relu(-z)^2 = z^2, where relu(z) = (z + |z|) / 2",
    assumptions=(
        Assumption(text="A = |z|, so A^2 = z^2; at z = 0 both sides are 0", kind="convention"),
    ),
    setting=Setting(definitions=(Definition(A, HALF, z**2),)),
    start=((z + A) / 2) ** 2 + ((-z + A) / 2) ** 2,
    steps=(
        Step("add", (z**2 + A**2) / 2, "the mixed terms cancel"),
        Step("square", z**2, "|z|^2 = z^2"),
    ),
    mutants=(
        Mutant(
            "half",
            "Each of the two is z^2 for one sign of z and 0 for the other: the half only comes "
            "from the mean over both signs.",
            "square",
            z**2 / 2,
        ),
        Mutant("absolute", "relu(z) + relu(-z) is |z|; the squares add up to z^2.", "square", A),
    ),
    sizes=({},),
    oracle=Oracle(
        sizes={},
        shapes={"z": ()},
        expected=lambda values: values["z"].relu().square() + (-values["z"]).relu().square(),
    ),
)


def _signed(sizes: tuple[float, ...]) -> torch.Tensor:
    """Every size with both signs."""
    positive = torch.tensor(sizes, dtype=torch.float64)
    return torch.cat([positive, -positive])


def _relu_moment(values: Values, slope: float = 0.0) -> torch.Tensor:
    """The mean over a symmetric law with eight values, scaled to the given second moment."""
    law = _signed((0.1, 0.6, 1.2, 2.1))
    law = law * (values["v_x"] / law.square().mean()).sqrt()
    return torch.nn.functional.leaky_relu(law, slope).square().mean()


SYMMETRIC_INPUT = Assumption(
    text="z = (2 b_0 - 1) r_0 with r_0 = |z| and a fair b_0, 0 or 1, independent of r_0; "
    "E[z^2] = v_x",
    kind="moment",
)
FAIR = (HALF, HALF)
RELU_MOMENT = Derivation(
    id="initialization.relu_moment",
    title="ReLU halves the second moment of a symmetric input",
    claim="E[relu(z)^2] = E[z^2] / 2, whatever the symmetric law of z",
    assumptions=(SYMMETRIC_INPUT,),
    start=(sign * size) ** 2,
    steps=(
        Step("sign", size**2 / 2, "b_0^2 = b_0 is 1 with probability 1/2", Expect(sign, FAIR)),
        Step("size", v_x / 2, "r_0^2 = z^2", Expect(size, (mu, v_x))),
    ),
    mutants=(
        Mutant(
            "not-halved",
            "ReLU removes one of the two signs, and with it half of the second moment.",
            "sign",
            size**2,
        ),
        Mutant(
            "squared-half",
            "b_0 is 0 or 1, so b_0^2 = b_0: its second moment is 1/2, not 1/4.",
            "sign",
            size**2 / 4,
        ),
        Mutant(
            "variance",
            "relu(z) has a positive mean mu / 2: its second moment is larger than its variance.",
            "size",
            v_x / 2 - mu**2 / 4,
        ),
    ),
    sizes=({},),
    oracle=Oracle(sizes={}, shapes={"v_x": ()}, expected=_relu_moment),
)

LEAKY_MOMENT = Derivation(
    id="initialization.leaky_relu_moment",
    title="The second moment behind a leaky ReLU",
    claim="E[f(z)^2] = (1 + alpha^2) E[z^2] / 2 for f(z) = z where z > 0 and alpha z elsewhere",
    assumptions=(SYMMETRIC_INPUT,),
    start=((sign - alpha * (1 - sign)) * size) ** 2,
    steps=(
        Step(
            "sign",
            (1 + alpha**2) / 2 * size**2,
            "b_0 and 1 - b_0 are 1 with probability 1/2 and never both",
            Expect(sign, FAIR),
        ),
        Step("size", (1 + alpha**2) / 2 * v_x, "r_0^2 = z^2", Expect(size, (mu, v_x))),
    ),
    mutants=(
        Mutant(
            "alpha-not-squared",
            "The slope is squared with its input.",
            "sign",
            (1 + alpha) / 2 * size**2,
        ),
        Mutant(
            "mean-slope-squared",
            "The mean of the squared slopes is not the square of the mean slope.",
            "sign",
            ((1 + alpha) / 2) ** 2 * size**2,
        ),
    ),
    sizes=({},),
    oracle=Oracle(
        sizes={},
        shapes={"v_x": (), "alpha": ()},
        expected=lambda values: _relu_moment(values, float(values["alpha"])),
    ),
)


def _rows(variance: float | torch.Tensor) -> torch.Tensor:
    """All eight vectors of three entries +-1, spread and scaled to a mean second moment."""
    signs = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=3)), dtype=torch.float64)
    spread = torch.tensor([0.2, 0.8, 2.0], dtype=torch.float64).sqrt()
    return signs * spread * torch.as_tensor(variance, dtype=torch.float64).sqrt()


def _weights(variance: float) -> torch.Tensor:
    """All eight vectors of three weights +-variance^(1/2)."""
    signs = torch.tensor(list(itertools.product((-1.0, 1.0), repeat=3)), dtype=torch.float64)
    return signs * math.sqrt(variance)


def _forward(relu: bool) -> Oracle:
    """The mean square of one output of three inputs, over all signs of weights and inputs."""

    def expected(values: Values) -> torch.Tensor:
        inputs = _rows(values["v_x"])
        inputs = inputs.relu() if relu else inputs
        return (_weights((2 if relu else 1) / 3) @ inputs.T).square().mean()

    return Oracle(sizes={n: 3, m: 2}, shapes={"v_x": ()}, expected=expected)


def _backward(relu: bool) -> Oracle:
    """The mean square of autograd's input gradient, over all signs, for three outputs."""

    def expected(values: Values) -> torch.Tensor:
        slopes = (_weights((2 if relu else 1) / 3) @ _rows(values["v_g"]).T).flatten()
        leaf = torch.tensor([[-0.7], [0.7]], dtype=torch.float64).repeat(1, slopes.numel())
        leaf.requires_grad_()
        loss = (slopes * (leaf.relu() if relu else leaf)).sum()
        return torch.autograd.grad(loss, leaf)[0].square().mean()

    return Oracle(sizes={n: 2, m: 3}, shapes={"v_g": ()}, expected=expected)


INPUTS = Assumption(text="E[x_j^2] = v_x for every input", kind="moment")
UPSTREAM = Assumption(
    text="E[g_k^2] = v_g for every upstream gradient, and the weights are independent of g, as if "
    "the backward pass had weights of its own",
    kind="moment",
)
NO_CROSS = "the weights are independent with mean 0: E[W_j W_l] = v_w where j = l and 0 elsewhere"

XAVIER_FORWARD = Derivation(
    id="initialization.xavier_forward",
    title="The weight variance that keeps the variance of a linear layer",
    claim="E[y^2] = n_in v_w v_x for y = sum_j W_j x_j; it is v_x for v_w = 1 / n_in",
    assumptions=(WEIGHTS, INPUTS, NO_BIAS),
    start=over_inputs(W[j] * x[j]) ** 2,
    steps=(
        Step("weights", v_w * over_inputs(x[j] ** 2), NO_CROSS, Expect(W[i], (sp.S.Zero, v_w))),
        Step("inputs", n * v_w * v_x, "n_in equal terms", Expect(x[i], (mu, v_x))),
        Step("choice", v_x, "v_w = 1 / n_in", Substitute(v_w, 1 / n)),
    ),
    mutants=(
        Mutant(
            "not-summed",
            "The variances of the n_in terms of an output add up.",
            "inputs",
            v_w * v_x,
        ),
        Mutant(
            "outputs-counted",
            "Going forward, one output adds up n_in terms, however many outputs there are.",
            "inputs",
            m * v_w * v_x,
        ),
        Mutant(
            "standard-deviation",
            "The terms are independent: their variances add up, not their standard deviations.",
            "inputs",
            n**2 * v_w * v_x,
        ),
    ),
    sizes=SIZES,
    oracle=_forward(relu=False),
)

XAVIER_BACKWARD = Derivation(
    id="initialization.xavier_backward",
    title="The weight variance that keeps the variance of the gradient",
    claim="E[dx^2] = n_out v_w v_g for dx = sum_k W_k g_k; it is v_g for v_w = 1 / n_out",
    assumptions=(WEIGHTS, UPSTREAM),
    start=over_outputs(W[k] * g[k]) ** 2,
    steps=(
        Step("weights", v_w * over_outputs(g[k] ** 2), NO_CROSS, Expect(W[i], (sp.S.Zero, v_w))),
        Step("gradients", m * v_w * v_g, "n_out equal terms", Expect(g[i], (mu, v_g))),
        Step("choice", v_g, "v_w = 1 / n_out", Substitute(v_w, 1 / m)),
    ),
    mutants=(
        Mutant(
            "inputs-counted",
            "Going backward, one input adds up the gradients of its n_out outputs.",
            "gradients",
            n * v_w * v_g,
        ),
        Mutant(
            "not-summed",
            "The variances of the n_out terms add up.",
            "gradients",
            v_w * v_g,
        ),
    ),
    sizes=SIZES,
    oracle=_backward(relu=False),
)

KAIMING_FORWARD = Derivation(
    id="initialization.kaiming_forward",
    title="Kaiming initialisation, forward",
    claim="E[y^2] = n_in v_w v_x / 2 for y = sum_j W_j relu(z_j) with E[z_j^2] = v_x; it is v_x "
    "for v_w = 2 / n_in",
    assumptions=(WEIGHTS, SYMMETRIC, NO_BIAS),
    start=over_inputs(W[j] * b[j] * r[j]) ** 2,
    steps=(
        Step(
            "weights",
            v_w * over_inputs(b[j] ** 2 * r[j] ** 2),
            NO_CROSS,
            Expect(W[i], (sp.S.Zero, v_w)),
        ),
        Step(
            "signs",
            v_w / 2 * over_inputs(r[j] ** 2),
            "b_j^2 = b_j is 1 with probability 1/2",
            Expect(b[i], FAIR),
        ),
        Step("sizes", n * v_w * v_x / 2, "r_j^2 = z_j^2", Expect(r[i], (mu, v_x))),
        Step("choice", v_x, "v_w = 2 / n_in", Substitute(v_w, 2 / n)),
    ),
    mutants=(
        Mutant(
            "relu-ignored",
            "That is the rule for a linear layer: ReLU lets half of the second moment through.",
            "sizes",
            n * v_w * v_x,
        ),
        Mutant(
            "quarter",
            "The gate is 0 or 1, so its square has mean 1/2, not 1/4.",
            "signs",
            v_w / 4 * over_inputs(r[j] ** 2),
        ),
        Mutant(
            "outputs-counted",
            "Going forward, one output adds up n_in terms.",
            "sizes",
            m * v_w * v_x / 2,
        ),
    ),
    sizes=SIZES,
    oracle=_forward(relu=True),
)

KAIMING_BACKWARD = Derivation(
    id="initialization.kaiming_backward",
    title="Kaiming initialisation, backward",
    claim="E[dz^2] = n_out v_w v_g / 2 for dz = relu'(z) sum_k W_k g_k; it is v_g for "
    "v_w = 2 / n_out",
    assumptions=(
        WEIGHTS,
        UPSTREAM,
        Assumption(
            text="relu'(z) = b_0 is 1 or 0 with probability 1/2 each, independent of g",
            kind="moment",
        ),
    ),
    start=(sign * over_outputs(W[k] * g[k])) ** 2,
    steps=(
        Step(
            "weights",
            v_w * sign**2 * over_outputs(g[k] ** 2),
            NO_CROSS,
            Expect(W[i], (sp.S.Zero, v_w)),
        ),
        Step("gate", v_w / 2 * over_outputs(g[k] ** 2), "E[b_0^2] = 1/2", Expect(sign, FAIR)),
        Step("gradients", m * v_w * v_g / 2, "n_out equal terms", Expect(g[i], (mu, v_g))),
        Step("choice", v_g, "v_w = 2 / n_out", Substitute(v_w, 2 / m)),
    ),
    mutants=(
        Mutant(
            "gate-ignored",
            "The derivative of ReLU blocks the gradient of half of the inputs.",
            "gate",
            v_w * over_outputs(g[k] ** 2),
        ),
        Mutant(
            "inputs-counted",
            "Going backward, one input adds up the gradients of its n_out outputs.",
            "gradients",
            n * v_w * v_g / 2,
        ),
    ),
    sizes=SIZES,
    oracle=_backward(relu=True),
)

DERIVATIONS = (
    RELU_SQUARES,
    RELU_MOMENT,
    LEAKY_MOMENT,
    XAVIER_FORWARD,
    XAVIER_BACKWARD,
    KAIMING_FORWARD,
    KAIMING_BACKWARD,
)
