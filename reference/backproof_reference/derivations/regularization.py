"""L1 and L2 penalties: their proximal steps with exact zeros, and weight decay.

A proximal step minimises F(t) = (t - v)^2 / 2 + penalty(t). It is separable, so one weight is
followed. That a point t* is the minimum is shown by a certificate: F(t) = F(t*) + terms that are
nowhere negative, as an identity in t. Such a certificate is checked like any other equality.
"""

import sympy as sp
import torch

from backproof_reference.prove import (
    Assumption,
    Derivation,
    Expr,
    Mutant,
    Oracle,
    Step,
    Substitute,
    Values,
)

t, v = sp.symbols("t v", real=True)
lam, eta = sp.symbols("lambda eta", positive=True)
share = sp.Symbol("theta", nonnegative=True)
sign_1, sign_2 = sp.symbols("sigma_1 sigma_2", real=True)
# The certificates are equalities for every A; that none of their terms is negative needs |t|.
A = sp.Symbol("A", nonnegative=True)

ABSOLUTE = Assumption(text="A = |t|: A >= t and A >= -t", kind="sign")
WEIGHT = Assumption(text="lambda > 0", kind="sign")


def _above(minimum: Expr) -> Expr:
    """F at a positive minimum, and what lies above it."""
    least = (minimum - v) ** 2 / 2 + lam * minimum
    return least + (t - minimum) ** 2 / 2 + lam * (A - t)


def _below(minimum: Expr) -> Expr:
    """F at a negative minimum, and what lies above it."""
    least = (minimum - v) ** 2 / 2 - lam * minimum
    return least + (t - minimum) ** 2 / 2 + lam * (A + t)


def _prox_value(values: Values) -> torch.Tensor:
    """F(t) as it is written, without any case."""
    at, start, weight = values["t"], values["v"], values["lambda"]
    return 0.5 * torch.nn.functional.mse_loss(at, start) + weight * at.abs()


def _with_modulus(values: Values) -> Values:
    """A is |t|, of a t that is not positive: scalars are drawn from (0.1, 0.8)."""
    t = values["t"] - 1
    return {**values, "t": t, "A": t.abs()}


PROX_ORACLE = Oracle(
    sizes={},
    shapes={"t": (), "v": (), "lambda": ()},
    expected=_prox_value,
    prepare=_with_modulus,
)
prox_l1 = (t - v) ** 2 / 2 + lam * A
POSITIVE = Derivation(
    id="regularization.l1_prox_positive",
    title="L1 proximal step: the positive case",
    claim="if v > lambda, (t - v)^2 / 2 + lambda |t| is least at t* = v - lambda",
    assumptions=(
        WEIGHT,
        ABSOLUTE,
        Assumption(text="v > lambda, so that t* > 0 and |t*| = t*", kind="range"),
    ),
    start=prox_l1,
    steps=(
        Step(
            "certificate",
            _above(v - lam),
            "F(t) - F(t*) = (t - t*)^2 / 2 + lambda (|t| - t): neither term is negative, and the "
            "first is 0 only at t*",
        ),
    ),
    mutants=(
        Mutant(
            "hard-threshold",
            "The step also shrinks the weights it keeps: v - lambda, not v.",
            "certificate",
            _above(v),
        ),
        Mutant(
            "half",
            "The penalty is lambda |t| beside half a square: its slope is lambda, not lambda / 2.",
            "certificate",
            _above(v - lam / 2),
        ),
        Mutant("sign", "A penalty pulls towards 0.", "certificate", _above(v + lam)),
        Mutant(
            "scaling",
            "Scaling is what an L2 penalty does; L1 subtracts.",
            "certificate",
            _above(v / (1 + lam)),
        ),
    ),
    sizes=({},),
    oracle=PROX_ORACLE,
)

NEGATIVE = Derivation(
    id="regularization.l1_prox_negative",
    title="L1 proximal step: the negative case",
    claim="if v < -lambda, (t - v)^2 / 2 + lambda |t| is least at t* = v + lambda",
    assumptions=(
        WEIGHT,
        ABSOLUTE,
        Assumption(text="v < -lambda, so that t* < 0 and |t*| = -t*", kind="range"),
    ),
    start=prox_l1,
    steps=(
        Step(
            "certificate",
            _below(v + lam),
            "F(t) - F(t*) = (t - t*)^2 / 2 + lambda (|t| + t): neither term is negative, and the "
            "first is 0 only at t*",
        ),
    ),
    mutants=(
        Mutant(
            "same-side",
            "The penalty pulls a negative weight up, by + lambda.",
            "certificate",
            _below(v - lam),
        ),
        Mutant("hard-threshold", "Kept weights are shrunk, too.", "certificate", _below(v)),
    ),
    sizes=({},),
    oracle=PROX_ORACLE,
)

inner = lam * (1 - share) - lam * share
ZERO = Derivation(
    id="regularization.l1_prox_zero",
    title="L1 proximal step: exact zeros",
    claim="if |v| <= lambda, (t - v)^2 / 2 + lambda |t| is least at t* = 0 exactly; v is then "
    "lambda times a subgradient of |t| at 0, a number between -1 and 1",
    assumptions=(
        WEIGHT,
        ABSOLUTE,
        Assumption(
            text="|v| <= lambda: v = (1 - theta) lambda + theta (-lambda) with 0 <= theta <= 1",
            kind="range",
        ),
    ),
    start=(t - inner) ** 2 / 2 + lam * A,
    steps=(
        Step(
            "certificate",
            inner**2 / 2 + t**2 / 2 + lam * (1 - share) * (A - t) + lam * share * (A + t),
            "F(0) = v^2 / 2, and no other term is negative; t^2 / 2 is 0 only at t = 0",
        ),
    ),
    mutants=(
        Mutant(
            "soft-threshold-everywhere",
            "v - lambda would be negative here: the slope of the penalty changes sign at 0, so the "
            "step stops there.",
            "certificate",
            (inner - lam - inner) ** 2 / 2
            + lam * (lam - inner)
            + (t - inner + lam) ** 2 / 2
            + lam * (A - t),
        ),
        Mutant(
            "kept",
            "A weight below the threshold is removed, not kept: at t = v the penalty still counts.",
            "certificate",
            lam * A + (t - inner) ** 2 / 2 - inner**2 / 2,
        ),
    ),
    sizes=({},),
    oracle=Oracle(
        sizes={},
        shapes={"t": (), "theta": (), "lambda": ()},
        expected=lambda values: _prox_value(
            {**values, "v": torch.lerp(values["lambda"], -values["lambda"], values["theta"])}
        ),
        prepare=_with_modulus,
    ),
)


def _ridge(minimum: Expr) -> Expr:
    """The L2 proximal objective around its minimum."""
    least = (minimum - v) ** 2 / 2 + lam / 2 * minimum**2
    return least + (1 + lam) / 2 * (t - minimum) ** 2


L2_PROX = Derivation(
    id="regularization.l2_prox",
    title="L2 proximal step: shrinking without zeros",
    claim="(t - v)^2 / 2 + (lambda / 2) t^2 is least at t* = v / (1 + lambda), which is 0 only if "
    "v is",
    assumptions=(WEIGHT, Assumption(text="the penalty is (lambda / 2) t^2", kind="convention")),
    start=(t - v) ** 2 / 2 + lam / 2 * t**2,
    steps=(
        Step(
            "certificate",
            _ridge(v / (1 + lam)),
            "complete the square: F(t) - F(t*) = (1 + lambda) (t - t*)^2 / 2",
        ),
    ),
    mutants=(
        Mutant("subtracting", "L2 scales; only L1 subtracts.", "certificate", _ridge(v - lam)),
        Mutant(
            "first-order",
            "1 - lambda is the plain gradient step; the proximal step divides by 1 + lambda.",
            "certificate",
            _ridge(v * (1 - lam)),
        ),
        Mutant(
            "factor-two",
            "With (lambda / 2) t^2 the slope of the penalty is lambda t, not 2 lambda t.",
            "certificate",
            _ridge(v / (1 + 2 * lam)),
        ),
    ),
    sizes=({},),
    oracle=Oracle(
        sizes={},
        shapes={"t": (), "v": (), "lambda": ()},
        expected=lambda values: (
            0.5 * torch.nn.functional.mse_loss(values["t"], values["v"])
            + values["lambda"] / 2 * values["t"].square()
        ),
    ),
)

CYCLE = Derivation(
    id="regularization.l1_gradient_cycle",
    title="A subgradient step jumps over zero",
    claim="a subgradient step of an L1 penalty takes a weight r with 0 < r < eta lambda to "
    "r - eta lambda < 0, and the next one back to r: it is never 0",
    assumptions=(
        Assumption(text="eta > 0 and lambda > 0", kind="sign"),
        Assumption(text="0 < r < eta lambda: r = (1 - theta) eta lambda", kind="range"),
        Assumption(text="no gradient of the data; step w - eta lambda sign(w)", kind="convention"),
    ),
    start=(1 - share) * eta * lam - eta * lam * sign_1 - eta * lam * sign_2,
    steps=(
        Step(
            "first sign",
            (1 - share) * eta * lam - eta * lam - eta * lam * sign_2,
            "r > 0 has the sign 1",
            Substitute(sign_1, sp.S.One),
        ),
        Step(
            "overshoot",
            -share * eta * lam - eta * lam * sign_2,
            "the weight is now -theta eta lambda, below 0",
        ),
        Step(
            "second sign",
            (1 - share) * eta * lam,
            "a negative weight has the sign -1: the step goes up by eta lambda, back to r",
            Substitute(sign_2, -sp.S.One),
        ),
    ),
    mutants=(
        Mutant(
            "lands-on-zero",
            "A subgradient step has the fixed length eta lambda; it meets 0 only by coincidence.",
            "overshoot",
            -eta * lam * sign_2,
        ),
        Mutant(
            "proportional",
            "Away from 0 the slope of lambda |w| is lambda, however small the weight is.",
            "first sign",
            (1 - share) * eta * lam * (1 - eta * lam) - eta * lam * sign_2,
        ),
        Mutant(
            "stays-small",
            "The second step is as long as the first one.",
            "second sign",
            -share * eta * lam,
        ),
    ),
    sizes=({},),
    oracle=Oracle(
        sizes={},
        shapes={"theta": (), "eta": (), "lambda": ()},
        expected=lambda values: _l1_step(
            _l1_step((1 - values["theta"]) * values["eta"] * values["lambda"], values), values
        ),
    ),
)


def _l1_step(weight: torch.Tensor, values: Values) -> torch.Tensor:
    """One step of torch's SGD on lambda |w|."""
    leaf = weight.clone().requires_grad_()
    optimizer = torch.optim.SGD([leaf], lr=float(values["eta"]))
    (leaf.grad,) = torch.autograd.grad(values["lambda"] * leaf.abs(), leaf)
    optimizer.step()
    return leaf.detach()


DERIVATIONS = (POSITIVE, NEGATIVE, ZERO, L2_PROX, CYCLE)
