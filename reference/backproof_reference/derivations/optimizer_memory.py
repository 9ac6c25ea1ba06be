"""What training keeps in memory for each parameter, by optimizer.

Counted are parameters, gradients and the optimizer's state, not activations, buffers or what the
allocator holds back. Each tensor of the layer below has the same number z of bytes per value.
"""

from collections.abc import Callable

import sympy as sp
import torch
from sympy import Sum

from backproof_reference.prove import (
    Assumption,
    Derivation,
    Expr,
    Mutant,
    Oracle,
    Sizes,
    Step,
    Substitute,
    Values,
)

n, m = sp.symbols("n_in n_out", integer=True, positive=True)
i, k = sp.symbols("i k", integer=True)
width = sp.Symbol("z", positive=True)
copies = sp.Symbol("K", nonnegative=True)
SIZES: tuple[Sizes, ...] = ({n: 1, m: 1}, {n: 2, m: 3}, {n: 5, m: 2})
LAYER = Assumption(text="one linear layer with a bias, all of it trained", kind="convention")
BYTES = Assumption(text="every value takes z bytes: 4 in float32, 8 in float64", kind="convention")


def over_parameters(body: Expr) -> Expr:
    """The sum of the same number over all weights and biases."""
    weights = Sum(body, (i, 0, n - 1), (k, 0, m - 1))
    return weights + Sum(body, (k, 0, m - 1))


parameters = m * (n + 1)
Builder = Callable[[list[torch.nn.Parameter]], torch.optim.Optimizer]


def _counted(build: Builder) -> Oracle:
    """Every tensor that torch holds after one step, entry by entry (without step counters)."""

    def expected(values: Values) -> torch.Tensor:
        layer = torch.nn.Linear(5, 3)
        optimizer = build(list(layer.parameters()))
        layer(torch.ones(1, 5)).sum().backward()
        optimizer.step()
        held = [*layer.parameters(), *(p.grad for p in layer.parameters() if p.grad is not None)]
        for state in optimizer.state.values():
            held += [part for name, part in state.items() if name != "step" and part is not None]
        return values["z"] * sum(part.numel() for part in held)

    return Oracle(sizes={n: 5, m: 3}, shapes={"z": ()}, expected=expected)


def _memory(
    name: str, title: str, states: int, why: str, build: Builder, mistake: tuple[str, str, int]
) -> Derivation:
    """The bytes of parameter, gradient and ``states`` further numbers for each parameter.

    ``mistake`` is the id, the misconception and the numbers of a count that is wrong for it.
    """
    wrong, misconception, counted = mistake
    total = (2 + states) * width * parameters
    return Derivation(
        id=f"optimizer_memory.{name}",
        title=title,
        claim=f"a linear layer keeps {2 + states} z n_out (n_in + 1) bytes: {why}",
        assumptions=(LAYER, BYTES),
        start=over_parameters(width + width + copies * width),
        steps=(
            Step(
                "per parameter",
                over_parameters((2 + states) * width),
                f"parameter, gradient and K = {states} further: {why}",
                Substitute(copies, sp.Integer(states)),
            ),
            Step("count", total, "n_in n_out weights and n_out biases"),
        ),
        mutants=(
            Mutant(wrong, misconception, "per parameter", over_parameters(counted * width)),
            Mutant(
                "state-alone",
                "The parameters and their gradients are held besides the state.",
                "per parameter",
                over_parameters(states * width),
            ),
            Mutant(
                "no-bias",
                "The biases are trained, too.",
                "count",
                (2 + states) * width * m * n,
            ),
            Mutant(
                "values-for-bytes",
                "A value takes z bytes.",
                "count",
                (2 + states) * parameters,
            ),
        ),
        sizes=SIZES,
        oracle=_counted(build),
    )


SGD = _memory(
    "sgd",
    "Memory of plain SGD",
    0,
    "plain SGD keeps no state",
    lambda held: torch.optim.SGD(held, lr=0.1),
    (
        "momentum-counted",
        "Without momentum there is no buffer.",
        3,
    ),
)
MOMENTUM = _memory(
    "momentum",
    "Memory of SGD with momentum",
    1,
    "one velocity",
    lambda held: torch.optim.SGD(held, lr=0.1, momentum=0.9),
    (
        "less-than-sgd",
        "Momentum adds a buffer: it cannot need less than, or as much as, plain SGD.",
        2,
    ),
)
ADAM = _memory(
    "adam",
    "Memory of Adam",
    2,
    "means of the gradient and of its square",
    lambda held: torch.optim.Adam(held, lr=0.1),
    (
        "one-moment",
        "Adam keeps two numbers per parameter, the first and the second moment.",
        3,
    ),
)

DERIVATIONS = (SGD, MOMENTUM, ADAM)
