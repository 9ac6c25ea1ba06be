"""ReLU nets for OR, AND and XOR on inputs 0 and 1, and why one unit cannot do XOR.

The inputs are indices that run over 0 and 1, so every step is checked on the whole truth table. For
an integer z, relu(z) is how many integers lie in 1 .. z: a sum that the checker can count.
"""

import sympy as sp
import torch
from sympy import Sum

from backproof_reference.prove import (
    Assumption,
    Derivation,
    Expr,
    Mutant,
    Oracle,
    Setting,
    Step,
    Substitute,
    Values,
    Verdict,
)

x_1, x_2, k = sp.symbols("x_1 x_2 k", integer=True)
scale = sp.Symbol("s", positive=True)
SETTING = Setting(ranges={x_1: (sp.S.Zero, sp.S.One), x_2: (sp.S.Zero, sp.S.One)})
FINITE = "relu(x_1 + x_2 - 1) is decided by cases: all four rows of the truth table are checked"
ASSUMPTIONS = (
    Assumption(text="x_1 and x_2 are 0 or 1", kind="range"),
    Assumption(
        text="s > 0 scales the output; with s >= 1 a true output is at least 1, a false one 0",
        kind="sign",
    ),
)


def relu(z: Expr) -> Expr:
    """max(z, 0) of an integer z: the number of integers in 1 .. z."""
    return Sum(sp.S.One, (k, 1, z))


def _truth(function: torch.Tensor) -> Oracle:
    """s times a truth table, rows x_1 = 0, 1 and columns x_2 = 0, 1."""
    return Oracle(
        sizes={},
        shapes={"s": ()},
        expected=lambda values: values["s"] * function.double(),
        axes=(x_1, x_2),
    )


BITS = torch.tensor([0, 1])
OR = Derivation(
    id="relu_nets.or",
    title="OR by one ReLU unit",
    claim="s relu(x_1 + x_2) is s (x_1 + x_2): 0 at (0, 0), and at least s elsewhere",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=scale * (x_1 + x_2),
    steps=(Step("net", scale * relu(x_1 + x_2), "x_1 + x_2 is never negative"),),
    mutants=(
        Mutant(
            "bias-of-one",
            "A bias of 1 makes the output at (0, 0) at least 1, which should be 0.",
            "net",
            scale * relu(x_1 + x_2 + 1),
        ),
        Mutant(
            "negative-bias",
            "A bias of -1 keeps (0, 1) and (1, 0) at 0: that is AND.",
            "net",
            scale * relu(x_1 + x_2 - 1),
        ),
    ),
    sizes=({},),
    oracle=_truth(BITS[:, None] + BITS),
)

AND = Derivation(
    id="relu_nets.and",
    title="AND by one ReLU unit",
    claim="s relu(x_1 + x_2 - 1) is s x_1 x_2: s at (1, 1), and 0 elsewhere",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=scale * x_1 * x_2,
    steps=(Step("net", scale * relu(x_1 + x_2 - 1), "x_1 + x_2 - 1 is positive only at (1, 1)"),),
    mutants=(
        Mutant(
            "no-bias",
            "Without a bias one true input is enough: that is OR.",
            "net",
            scale * relu(x_1 + x_2),
        ),
        Mutant(
            "no-relu",
            "Without ReLU the output at (0, 0) is -s.",
            "net",
            scale * (x_1 + x_2 - 1),
        ),
        Mutant(
            "bias-of-two",
            "A bias of -2 leaves nothing even at (1, 1).",
            "net",
            scale * relu(x_1 + x_2 - 2),
        ),
    ),
    sizes=({},),
    oracle=_truth(BITS[:, None] & BITS),
    level=Verdict.PROVED_AT,
    level_reason=FINITE,
)

XOR = Derivation(
    id="relu_nets.xor",
    title="XOR by two hidden ReLU units",
    claim="s relu(x_1 + x_2) - 2 s relu(x_1 + x_2 - 1) is s (x_1 - x_2)^2: s where the inputs "
    "differ, and 0 elsewhere",
    assumptions=ASSUMPTIONS,
    setting=SETTING,
    start=scale * (x_1 - x_2) ** 2,
    steps=(
        Step(
            "net",
            scale * relu(x_1 + x_2) - 2 * scale * relu(x_1 + x_2 - 1),
            "the sum of the inputs, less 2 where both are 1",
        ),
    ),
    mutants=(
        Mutant(
            "or-minus-and",
            "At (1, 1) the unit for OR gives 2 and the one for AND gives 1: their plain difference "
            "is 1, not 0.",
            "net",
            scale * relu(x_1 + x_2) - scale * relu(x_1 + x_2 - 1),
        ),
        Mutant(
            "no-bias",
            "Two equal units are one unit: the second needs the bias -1.",
            "net",
            scale * relu(x_1 + x_2) - 2 * scale * relu(x_1 + x_2),
        ),
        Mutant(
            "linear",
            "Without ReLU the net is affine, and no affine function is XOR.",
            "net",
            scale * (x_1 + x_2) - 2 * scale * (x_1 + x_2 - 1),
        ),
    ),
    sizes=({},),
    oracle=_truth(BITS[:, None] ^ BITS),
    level=Verdict.PROVED_AT,
    level_reason=FINITE,
)

w_1, w_2, b = sp.symbols("w_1 w_2 b", real=True)
e_0, e_1, e_2 = sp.symbols("e_0 e_1 e_2", nonnegative=True)


def _at_both(values: Values) -> torch.Tensor:
    """Solve three rows of the truth table for the weights, and go through the fourth."""
    rows = torch.tensor([[0.0, 0, 1], [1, 0, 1], [0, 1, 1]], dtype=torch.float64)
    seen = torch.stack([-values["e_0"], 1 + values["e_1"], 1 + values["e_2"]])
    unit: torch.Tensor = torch.linalg.solve(rows, seen)
    return unit @ torch.ones(3, dtype=torch.float64)


IMPOSSIBLE = Derivation(
    id="relu_nets.xor_impossible",
    title="No single ReLU unit computes XOR",
    claim="if relu(w_1 x_1 + w_2 x_2 + b) is 0 at (0, 0) and at least 1 at (1, 0) and (0, 1), then "
    "w_1 + w_2 + b >= 2, so that the output at (1, 1) is at least 2 and not 0",
    assumptions=(
        Assumption(
            text="b <= 0, w_1 + b >= 1, w_2 + b >= 1: b = -e_0, w_1 + b = 1 + e_1, "
            "w_2 + b = 1 + e_2 with e_0, e_1, e_2 >= 0",
            kind="range",
        ),
    ),
    start=w_1 + w_2 + b,
    steps=(
        Step("(1, 0)", 1 + e_1 + w_2, "w_1 = 1 + e_1 - b", Substitute(w_1, 1 + e_1 - b)),
        Step("(0, 1)", 2 + e_1 + e_2 - b, "w_2 = 1 + e_2 - b", Substitute(w_2, 1 + e_2 - b)),
        Step(
            "(0, 0)",
            2 + e_0 + e_1 + e_2,
            "b = -e_0; the inequality w_1 + w_2 + b <= 0 of the fourth row is out of reach",
            Substitute(b, -e_0),
        ),
    ),
    mutants=(
        Mutant(
            "bias-helps",
            "A negative bias has to be made up for by both weights: it makes (1, 1) worse.",
            "(0, 0)",
            2 - e_0 + e_1 + e_2,
        ),
        Mutant(
            "no-contradiction",
            "Two outputs of at least 1 add up: 0 at (1, 1) is never reached.",
            "(0, 0)",
            e_0 + e_1 + e_2,
        ),
        Mutant(
            "bias-counted-once",
            "The bias is in both conditions w_1 + b >= 1 and w_2 + b >= 1.",
            "(0, 1)",
            2 + e_1 + e_2,
        ),
    ),
    sizes=({},),
    oracle=Oracle(sizes={}, shapes={"e_0": (), "e_1": (), "e_2": ()}, expected=_at_both),
)

DERIVATIONS = (OR, AND, XOR, IMPOSSIBLE)
