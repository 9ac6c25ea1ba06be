"""What a net with one hidden ReLU layer learns when it starts at zero, or with equal units.

Unit j has the pre-activation h_j = sum_k W_jk x_k + B_j and the gate r_j, the slope 0 or 1 of ReLU
at h_j, so that relu(h_j) = r_j h_j. The output is sum_j v_j relu(h_j) + c; the loss enters through
its gradient G. A gate is constant around almost every point; at 0 it is 0 in torch.
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
    Substitute,
    Values,
)

m, n = sp.symbols("m n", integer=True, positive=True)
a, f, i, j, k, s = sp.symbols("a f i j k s", integer=True)
G, c, nu, gate = sp.symbols("G_0 c nu r_0", real=True)
W, B, v, r, x = (sp.IndexedBase(name) for name in ("W", "B", "v", "r", "x"))
SETTING = Setting(
    ranges={a: (sp.S.Zero, m - 1), f: (sp.S.Zero, n - 1)},
    support={"W": (m, n), "x": (n,), "v": (m,), "B": (m,), "r": (m,)},
)
SIZES: tuple[Sizes, ...] = ({m: 1, n: 1}, {m: 2, n: 3})
GATES = Assumption(text="the gates r_j are held fixed while differentiating", kind="convention")
ZERO = Assumption(text="all weights and biases are 0", kind="convention")


def hidden(unit: Expr) -> Expr:
    """The pre-activation of a unit."""
    return Sum(W[unit, k] * x[k], (k, 0, n - 1)) + B[unit]


loss = G * (Sum(v[j] * r[j] * hidden(j), (j, 0, m - 1)) + c)


def _gradient(name: str, axes: tuple[Expr, ...] = (), equal: bool = False) -> Oracle:
    """Autograd through torch's layers: all parameters 0, or equal units with open gates."""

    def expected(values: Values) -> torch.Tensor:
        size = values["nu"] if equal else torch.zeros((), dtype=torch.float64)
        leaves = {
            "W": size.repeat(2, 3).requires_grad_(),
            "B": (50 * size).repeat(2).requires_grad_(),
            "v": size.repeat(2).requires_grad_(),
            "c": size.clone().requires_grad_(),
        }
        units = torch.nn.functional.linear(values["x"], leaves["W"], leaves["B"]).relu()
        out = units @ leaves["v"] + leaves["c"]
        return torch.autograd.grad(values["G_0"] * out, leaves[name])[0]

    shapes: dict[str, tuple[int, ...]] = {"x": (3,), "G_0": (), "nu": ()}
    return Oracle(sizes={m: 2, n: 3}, shapes=shapes, expected=expected, axes=axes)


OUTPUT_WEIGHTS = Derivation(
    id="zero_init.output_weights",
    title="Output weights do not learn from silent units",
    claim="dL/dv_a = G relu(h_a), which is 0 where all parameters are 0",
    assumptions=(GATES, ZERO),
    setting=SETTING,
    start=loss,
    steps=(
        Step("gradient", G * r[a] * hidden(a), "the output is linear in v", Differentiate(v[a])),
        Step("no weights", G * r[a] * B[a], "W = 0", Substitute(W[i, s], sp.S.Zero)),
        Step("no biases", sp.S.Zero, "B = 0: every unit puts out 0", Substitute(B[i], sp.S.Zero)),
    ),
    mutants=(
        Mutant(
            "upstream-only",
            "The gradient of a weight is the upstream gradient times what the weight multiplies.",
            "gradient",
            G * r[a],
        ),
        Mutant(
            "own-weight",
            "v_a does not enter its own gradient.",
            "gradient",
            G * v[a] * r[a] * hidden(a),
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("v", (a,)),
)

HIDDEN_WEIGHTS = Derivation(
    id="zero_init.hidden_weights",
    title="Hidden weights do not learn through output weights of 0",
    claim="dL/dW_af = G v_a r_a x_f, which is 0 where v is 0, whatever the gates are",
    assumptions=(GATES, ZERO),
    setting=SETTING,
    start=loss,
    steps=(
        Step("gradient", G * v[a] * r[a] * x[f], "chain rule", Differentiate(W[a, f])),
        Step("no way back", sp.S.Zero, "v = 0", Substitute(v[i], sp.S.Zero)),
    ),
    mutants=(
        Mutant(
            "direct",
            "The gradient reaches a hidden weight only through the output weight of its unit.",
            "gradient",
            G * r[a] * x[f],
        ),
        Mutant(
            "no-gate",
            "A silent unit (gate 0) passes nothing back.",
            "gradient",
            G * v[a] * x[f],
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("W", (a, f)),
)

HIDDEN_BIAS = Derivation(
    id="zero_init.hidden_bias",
    title="Hidden biases do not learn through output weights of 0",
    claim="dL/dB_a = G v_a r_a, which is 0 where v is 0, whatever the gates are",
    assumptions=(GATES, ZERO),
    setting=SETTING,
    start=loss,
    steps=(
        Step("gradient", G * v[a] * r[a], "chain rule: h_a = ... + B_a", Differentiate(B[a])),
        Step("no way back", sp.S.Zero, "v = 0", Substitute(v[i], sp.S.Zero)),
    ),
    mutants=(
        Mutant(
            "direct",
            "The gradient reaches a hidden bias only through the output weight of its unit.",
            "gradient",
            G * r[a],
        ),
        Mutant(
            "as-a-weight",
            "A bias is added, not multiplied by an input.",
            "gradient",
            G * v[a] * r[a] * x[0],
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("B", (a,)),
)

OUTPUT_BIAS = Derivation(
    id="zero_init.output_bias",
    title="The output bias does learn",
    claim="dL/dc = G, also where all parameters are 0: the net learns a constant",
    assumptions=(ZERO,),
    setting=SETTING,
    start=loss,
    steps=(Step("gradient", G, "the bias is added to the output", Differentiate(c)),),
    mutants=(
        Mutant(
            "all-zero",
            "Not every gradient vanishes: the output bias sees G itself.",
            "gradient",
            sp.S.Zero,
        ),
        Mutant("own-value", "The bias does not enter its own gradient.", "gradient", G * c),
    ),
    sizes=SIZES,
    oracle=_gradient("c"),
)

SYMMETRY = Derivation(
    id="zero_init.symmetry",
    title="Equal units have equal gradients",
    claim="where all units have the same gate r_0 and the same output weight nu, dL/dW_af = G nu "
    "r_0 x_f for every unit a, that is G nu x_f where the gate is open: their weights take the "
    "same step",
    assumptions=(
        GATES,
        Assumption(
            text="all units have the same weights and biases, so the same h and the same gate r_0; "
            "in the last step the gate is open",
            kind="convention",
        ),
    ),
    setting=SETTING,
    start=loss,
    steps=(
        Step("gradient", G * v[a] * r[a] * x[f], "chain rule", Differentiate(W[a, f])),
        Step("output weights", G * nu * r[a] * x[f], "v_a = nu", Substitute(v[i], nu)),
        Step(
            "gates", G * nu * gate * x[f], "r_a = r_0: nothing depends on a", Substitute(r[i], gate)
        ),
        Step(
            "open",
            G * nu * x[f],
            "r_0 = 1; at r_0 = 0 all gradients are 0",
            Substitute(gate, sp.S.One),
        ),
    ),
    mutants=(
        Mutant(
            "breaks-symmetry",
            "The data cannot tell equal units apart: only different starting values can.",
            "output weights",
            G * nu * r[a] * x[a],
        ),
        Mutant(
            "shared",
            "The units do not share the gradient: each gets all of it.",
            "open",
            G * nu * x[f] / m,
        ),
    ),
    sizes=SIZES,
    oracle=_gradient("W", (a, f), equal=True),
)

DERIVATIONS = (OUTPUT_WEIGHTS, HIDDEN_WEIGHTS, HIDDEN_BIAS, OUTPUT_BIAS, SYMMETRY)
