"""L2 penalties as weight decay: the same for plain SGD, not the same with momentum.

The loss is any function of the weights: near w only its gradient g enters, as sum_j g_j w_j.
"""

import sympy as sp
import torch
from sympy import Sum

from backproof_reference.prove import (
    Assumption,
    Derivation,
    Differentiate,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Sizes,
    Step,
    Values,
)

n = sp.Symbol("n", integer=True, positive=True)
a, j = sp.symbols("a j", integer=True)
lam, eta, mu = sp.symbols("lambda eta mu", positive=True)
w, g, h = sp.IndexedBase("w"), sp.IndexedBase("g"), sp.IndexedBase("h")
SETTING = Setting(ranges={a: (sp.S.Zero, n - 1)}, support={"w": (n,), "g": (n,), "h": (n,)})
SIZES: tuple[Sizes, ...] = ({n: 1}, {n: 3})
PENALTY = Assumption(
    text="the penalty is (lambda / 2) sum_j w_j^2: torch's weight_decay", kind="convention"
)


def over_weights(body: Expr) -> Expr:
    """The sum over all weights j."""
    return Sum(body, (j, 0, n - 1))


def _penalty_gradient(values: Values) -> torch.Tensor:
    leaf = values["w"].clone().requires_grad_()
    penalty = values["lambda"] / 2 * torch.linalg.vector_norm(leaf) ** 2
    return torch.autograd.grad(values["g"] @ leaf + penalty, leaf)[0]


GRADIENT = Derivation(
    id="weight_decay.gradient",
    title="Gradient of an L2-regularised loss",
    claim="d/dw_a (L + (lambda / 2) sum_j w_j^2) = g_a + lambda w_a",
    assumptions=(PENALTY,),
    setting=SETTING,
    start=over_weights(g[j] * w[j]) + lam / 2 * over_weights(w[j] ** 2),
    steps=(Step("gradient", g[a] + lam * w[a], "the 1/2 cancels the 2", Differentiate(w[a])),),
    mutants=(
        Mutant(
            "factor-two",
            "2 lambda w belongs to the penalty lambda ||w||^2, without the 1/2.",
            "gradient",
            g[a] + 2 * lam * w[a],
        ),
        Mutant(
            "sign-of-l1",
            "The L2 pull is proportional to the weight; a constant pull is L1.",
            "gradient",
            g[a] + lam,
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={n: 3},
        shapes={"w": (3,), "g": (3,), "lambda": ()},
        expected=_penalty_gradient,
        axes=(a,),
    ),
)


def _trained(values: Values, momentum: float, decoupled: bool, steps: int) -> torch.Tensor:
    """The weights after steps of torch's SGD with the gradients g, then h.

    A decoupled decay multiplies the weights by 1 - eta lambda before each step, as AdamW does.
    """
    rate, decay = float(values["eta"]), float(values["lambda"])
    leaf = values["w"].clone().requires_grad_()
    coupled = 0.0 if decoupled else decay
    optimizer = torch.optim.SGD([leaf], lr=rate, momentum=momentum, weight_decay=coupled)
    for name in ("g", "h")[:steps]:
        if decoupled:
            leaf.data.mul_(1 - rate * decay)
        leaf.grad = values[name].clone()
        optimizer.step()
    return leaf.detach()


SGD = Derivation(
    id="weight_decay.sgd",
    title="For plain SGD an L2 penalty is weight decay",
    claim="w - eta (g + lambda w) = (1 - eta lambda) w - eta g",
    assumptions=(PENALTY, Assumption(text="no momentum, no scaling", kind="convention")),
    setting=SETTING,
    start=w[a] - eta * (g[a] + lam * w[a]),
    steps=(
        Step(
            "decay",
            (1 - eta * lam) * w[a] - eta * g[a],
            "first shrink every weight by the factor 1 - eta lambda, then step",
        ),
    ),
    mutants=(
        Mutant(
            "rate-forgotten",
            "The penalty passes through the step: the factor is 1 - eta lambda, not 1 - lambda.",
            "decay",
            (1 - lam) * w[a] - eta * g[a],
        ),
        Mutant(
            "gradient-shrunk",
            "Only the weight decays, not the gradient.",
            "decay",
            (1 - eta * lam) * (w[a] - eta * g[a]),
        ),
        Mutant(
            "factor-two",
            "2 eta lambda belongs to the penalty lambda ||w||^2, without the 1/2.",
            "decay",
            (1 - 2 * eta * lam) * w[a] - eta * g[a],
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={n: 3},
        shapes={"w": (3,), "g": (3,), "lambda": (), "eta": ()},
        expected=lambda values: _trained(values, 0.0, decoupled=True, steps=1),
        axes=(a,),
    ),
)

# One step is the same either way; the buffers m then differ by lambda w.
first = (1 - eta * lam) * w[a] - eta * g[a]
coupled = first - eta * (mu * (g[a] + lam * w[a]) + h[a] + lam * first)
decoupled = (1 - eta * lam) * first - eta * (mu * g[a] + h[a])
MOMENTUM = Derivation(
    id="weight_decay.momentum",
    title="With momentum an L2 penalty is more than weight decay",
    claim="after two steps of momentum mu, with gradients g and h, the weights of the L2 penalty "
    "and of decoupled weight decay differ by -eta mu lambda w",
    assumptions=(
        PENALTY,
        Assumption(text="buffer m <- mu m + gradient, from 0; step -eta m", kind="convention"),
    ),
    setting=SETTING,
    start=coupled - decoupled,
    steps=(
        Step(
            "difference",
            -eta * mu * lam * w[a],
            "the momentum buffer remembers the decay of the first step and repeats it",
        ),
    ),
    mutants=(
        Mutant(
            "equal",
            "The two are one and the same only without momentum.",
            "difference",
            sp.S.Zero,
        ),
        Mutant(
            "buffer-only",
            "The buffer is multiplied by the learning rate before it moves the weights.",
            "difference",
            -mu * lam * w[a],
        ),
    ),
    sizes=SIZES,
    oracle=Oracle(
        sizes={n: 3},
        shapes={"w": (3,), "g": (3,), "h": (3,), "lambda": (), "eta": (), "mu": ()},
        expected=lambda values: (
            _trained(values, float(values["mu"]), decoupled=False, steps=2)
            - _trained(values, float(values["mu"]), decoupled=True, steps=2)
        ),
        axes=(a,),
    ),
)

DERIVATIONS = (GRADIENT, SGD, MOMENTUM)
