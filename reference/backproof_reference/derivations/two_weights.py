"""A linear model of one example under inverted dropout, and what remains of it as p goes to 0.

The example has d inputs x_j and the target y; input j adds c_j = w_j x_j. EECS182 homework 4,
question 1 is d = 2, x = (10, 1), y = 11. Inverted dropout multiplies each input by M_j, which is
1 / q with probability q = 1 - p and 0 otherwise.
"""

import itertools

import sympy as sp
import torch
from sympy import Sum

from backproof_reference.prove import (
    Assumption,
    Definition,
    Derivation,
    Differentiate,
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

d = sp.Symbol("d", integer=True, positive=True)
a, i, j, k = sp.symbols("a i j k", integer=True)
p, q, D = sp.symbols("p q D", positive=True)
y = sp.Symbol("y_0", real=True)
x = sp.IndexedBase("x", positive=True)
w, M, delta = sp.IndexedBase("w"), sp.IndexedBase("M"), sp.IndexedBase("delta")
SETTING = Setting(
    ranges={a: (sp.S.Zero, d - 1)},
    definitions=(Definition(q, sp.S.One, 1 - p),),
)
SIZES: tuple[Sizes, ...] = ({d: 1}, {d: 2}, {d: 3})
DROP = Assumption(
    text="p is the probability to DROP an input, 0 < p < 1, q = 1 - p; the masks are independent",
    kind="convention",
)
NONZERO = Assumption(text="every x_j is positive (else flip the signs of x_j and w_j)", kind="sign")


def over_inputs(body: Expr) -> Expr:
    """The sum over all inputs j."""
    return Sum(body, (j, 0, d - 1))


def expected_loss(at: Expr) -> Expr:
    """The claimed expected loss where the weights are ``at``, an expression in j."""
    return (over_inputs(at * x[j]) - y) ** 2 + p / q * over_inputs(at**2 * x[j] ** 2)


def minimiser(at: Expr) -> Expr:
    """The claimed weight of input ``at``."""
    return y * q / (x[at] * (p + d * q))


def _loss(values: Values, weights: torch.Tensor) -> torch.Tensor:
    """The mean over all 2^d masks, each with its probability."""
    keep, total = 1 - values["p"], torch.zeros((), dtype=torch.float64)
    for mask in itertools.product((0.0, 1.0), repeat=weights.numel()):
        kept = torch.tensor(mask, dtype=torch.float64)
        chance = torch.where(kept == 1, keep, values["p"]).prod()
        total = total + chance * ((kept / keep * values["x"]) @ weights - values["y_0"]) ** 2
    return total


def _minimum(values: Values) -> torch.Tensor:
    """Weighted least squares over the table of all masked examples."""
    keep, size = 1 - values["p"], values["x"].numel()
    masks = torch.tensor(list(itertools.product((0.0, 1.0), repeat=size)), dtype=torch.float64)
    chances = torch.where(masks == 1, keep, values["p"]).prod(dim=1).sqrt()
    rows = chances[:, None] * masks / keep * values["x"]
    targets = (chances * values["y_0"])[:, None]
    solution: torch.Tensor = torch.linalg.lstsq(rows, targets).solution
    return solution[:, 0]


SHAPES: dict[str, tuple[int, ...]] = {"x": (3,), "p": (), "y_0": ()}
LOSS = Derivation(
    id="two_weights.loss",
    title="Expected loss of one example under inverted dropout",
    claim="E(sum_j M_j w_j x_j - y)^2 = (sum_j w_j x_j - y)^2 + p / (1 - p) sum_j (w_j x_j)^2",
    assumptions=(DROP,),
    setting=SETTING,
    start=(over_inputs(M[j] * w[j] * x[j]) - y) ** 2,
    steps=(
        Step(
            "expectation",
            expected_loss(w[j]),
            "E[M] = 1 and E[M^2] = 1 / q, so M has the variance 1 / q - 1 = p / q",
            Expect(M[i], (sp.S.One, 1 / q)),
        ),
    ),
    mutants=(
        Mutant(
            "plain-dropout",
            "p (1 - p) is the variance of a mask that is not scaled by 1 / (1 - p).",
            "expectation",
            (over_inputs(w[j] * x[j]) - y) ** 2 + p * q * over_inputs(w[j] ** 2 * x[j] ** 2),
        ),
        Mutant(
            "odds-inverted",
            "Without dropout (p = 0) the penalty has to vanish.",
            "expectation",
            (over_inputs(w[j] * x[j]) - y) ** 2 + q / p * over_inputs(w[j] ** 2 * x[j] ** 2),
        ),
        Mutant(
            "weights-only",
            "What is dropped is the contribution w_j x_j: a large input is penalised more.",
            "expectation",
            (over_inputs(w[j] * x[j]) - y) ** 2 + p / q * over_inputs(w[j] ** 2),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={d: 3},
        shapes={**SHAPES, "w": (3,)},
        expected=lambda values: _loss(values, values["w"]),
    ),
)

STATIONARY = Derivation(
    id="two_weights.gradient",
    title="Gradient of the expected loss",
    claim="dE/dw_a = 2 x_a (sum_j c_j - y + p / (1 - p) c_a) with c_j = w_j x_j; it is 0 for all a "
    "at the equal contributions c_a = y q / (p + d q)",
    assumptions=(DROP, NONZERO),
    setting=SETTING,
    start=expected_loss(w[j]),
    steps=(
        Step(
            "gradient",
            2 * x[a] * (over_inputs(w[j] * x[j]) - y + p / q * w[a] * x[a]),
            "chain rule",
            Differentiate(w[a]),
        ),
        Step(
            "minimum",
            sp.S.Zero,
            "c_a = y q / (p + d q) for every a: d c - y + (p / q) c = 0",
            Substitute(w[i], minimiser(i)),
        ),
    ),
    mutants=(
        Mutant(
            "two-lost",
            "The derivative of a square brings a factor 2.",
            "gradient",
            x[a] * (over_inputs(w[j] * x[j]) - y + p / q * w[a] * x[a]),
        ),
        Mutant(
            "no-penalty",
            "The derivative of the penalty pulls every contribution towards 0.",
            "gradient",
            2 * x[a] * (over_inputs(w[j] * x[j]) - y),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={d: 3},
        shapes=SHAPES,
        expected=lambda values: _gradient_at_minimum(values),
        axes=(a,),
    ),
)


def _gradient_at_minimum(values: Values) -> torch.Tensor:
    leaf = _minimum(values).requires_grad_()
    return torch.autograd.grad(_loss(values, leaf), leaf)[0]


shifted = minimiser(j) + delta[j]
MINIMUM = Derivation(
    id="two_weights.minimum",
    title="The minimum under dropout, its value, and why it is the only one",
    claim="at w_j = y q / (x_j (p + d q)) the expected loss is p y^2 / (p + d q); any other "
    "weights w + delta add (sum_j x_j delta_j)^2 + p / q sum_j x_j^2 delta_j^2, which is 0 only "
    "where delta is",
    assumptions=(DROP, NONZERO),
    setting=SETTING,
    start=expected_loss(w[j]),
    steps=(
        Step(
            "certificate",
            p * y**2 / (p + d * q)
            + over_inputs(x[j] * delta[j]) ** 2
            + p / q * over_inputs(x[j] ** 2 * delta[j] ** 2),
            "the terms that are linear in delta cancel, as the gradient is 0",
            Substitute(w[i], minimiser(i) + delta[i]),
        ),
    ),
    mutants=(
        Mutant(
            "loss-vanishes",
            "No weights fit an example whose inputs come and go: a loss remains.",
            "certificate",
            over_inputs(x[j] * delta[j]) ** 2 + p / q * over_inputs(x[j] ** 2 * delta[j] ** 2),
        ),
        Mutant(
            "flat",
            "Without the penalty there would be many minima; with it there is one.",
            "certificate",
            p * y**2 / (p + d * q) + over_inputs(x[j] * delta[j]) ** 2,
        ),
        Mutant(
            "keep-for-drop",
            "p is the probability to drop: the remaining loss vanishes with p.",
            "certificate",
            q * y**2 / (q + d * p)
            + over_inputs(x[j] * delta[j]) ** 2
            + p / q * over_inputs(x[j] ** 2 * delta[j] ** 2),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={d: 3},
        shapes={**SHAPES, "delta": (3,)},
        expected=lambda values: _loss(values, _minimum(values) + values["delta"]),
    ),
)

# The weight as a function of p alone, so that p can be replaced by 0.
weight = y * (1 - p) / (x[a] * (p + d * (1 - p)))
# 1 + (d - 1) q is positive, as d >= 1; D only says so.
BOUNDED = Setting(
    ranges=SETTING.ranges,
    definitions=(*SETTING.definitions, Definition(D, sp.S.One, 1 + (d - 1) * q)),
)
CLOSED = Derivation(
    id="two_weights.distance",
    title="How far dropout is from its limit",
    claim="w_a = y / (d x_a) (1 - p / (1 + (d - 1) (1 - p)))",
    assumptions=(DROP, NONZERO),
    setting=BOUNDED,
    start=minimiser(a),
    steps=(
        Step(
            "denominator",
            y * q / (x[a] * (1 + (d - 1) * q)),
            "p + d q = 1 + (d - 1) q, which is at least 1",
        ),
        Step("distance", y / (d * x[a]) * (1 - p / (1 + (d - 1) * q)), "d q = (p + d q) - p"),
    ),
    mutants=(
        Mutant(
            "unscaled",
            "y / (x_a (1 + ...)) without q forgets that the kept inputs are larger by 1 / q.",
            "denominator",
            y / (x[a] * (1 + (d - 1) * q)),
        ),
        Mutant(
            "constant",
            "The weights do depend on p: dropout shrinks them.",
            "distance",
            y / (d * x[a]),
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(sizes={d: 3}, shapes=SHAPES, expected=_minimum, axes=(a,)),
)

limit = y / (d * x[a])
LIMIT = Derivation(
    id="two_weights.limit",
    title="The limit of little dropout",
    claim="(p y / (d x_a))^2 - (w_a - y / (d x_a))^2 = (p y / (d x_a D))^2 (D - 1) (D + 1) with "
    "D = 1 + (d - 1) (1 - p) >= 1. No factor is negative, so w_a is within p |y| / (d x_a) of "
    "y / (d x_a), and goes there as p goes to 0",
    assumptions=(DROP, NONZERO),
    setting=BOUNDED,
    start=(p * limit) ** 2 - (minimiser(a) - limit) ** 2,
    steps=(
        Step(
            "distance",
            (p * limit) ** 2 - (p * limit / (1 + (d - 1) * q)) ** 2,
            "w_a = y / (d x_a) (1 - p / (1 + (d - 1) q)), see two_weights.distance",
        ),
        Step(
            "signs",
            (p * limit / (1 + (d - 1) * q)) ** 2 * (d - 1) * q * (2 + (d - 1) * q),
            "1 - 1 / D^2 = (D - 1) (D + 1) / D^2 with D - 1 = (d - 1) q",
        ),
    ),
    mutants=(
        Mutant(
            "least-norm",
            "The interpolant of least norm is what gradient descent from 0 finds at p = 0; the "
            "limit is the interpolant with equal contributions: a jump at p = 0.",
            "distance",
            (p * limit) ** 2
            - (limit * p / (1 + (d - 1) * q) - limit + y * x[a] / (d * x[a] ** 2) * q) ** 2,
        ),
        Mutant(
            "not-shared",
            "The d inputs share the target among themselves.",
            "distance",
            (p * limit) ** 2 - (minimiser(a) - d * limit) ** 2,
        ),
        Mutant(
            "root-of-p",
            "The distance to the limit falls like p, not like its root.",
            "distance",
            (p * limit) ** 2 - p * (limit / (1 + (d - 1) * q)) ** 2,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={d: 3},
        shapes=SHAPES,
        expected=lambda values: (
            (values["p"] * values["y_0"] / (3 * values["x"])).square()
            - (_minimum(values) - values["y_0"] / (3 * values["x"])).square()
        ),
        axes=(a,),
    ),
)
DERIVATIONS = (LOSS, STATIONARY, MINIMUM, CLOSED, LIMIT)
