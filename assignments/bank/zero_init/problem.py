"""What a net learns when all its parameters start at zero, with ReLU and with sigmoid units.

The counts of moving parameters are those of the chain rule, layer by layer; the function is tried at
zero, with equal units, with silent units, and in general position.
"""

from typing import Any

import numpy as np
import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    Expected,
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    TextField,
    TypedAnswer,
    Visibility,
)
from backproof_reference.derivations import zero_init
from backproof_reference.results import result


def relu_net_gradients(
    x: torch.Tensor, dout: torch.Tensor, w: torch.Tensor, b: torch.Tensor, v: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    """Gradients of a loss through the net f(x) = v @ relu(w @ x + b) + c, summed over the examples.

    The gradient of relu at 0 is 0. The output bias c does not enter its own gradient.

    Shapes:
        x: (N, D); dout: (N,), the gradient of the loss with respect to each output; w: (H, D);
        b: (H,); v: (H,).
        Returns dw, db, dv, dc of shapes (H, D), (H,), (H,) and ().

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.5.
    """
    before = x @ w.T + b
    dbefore = dout[:, None] * v * (before > 0)
    return dbefore.T @ x, dbefore.sum(0), before.clamp(min=0).T @ dout, dout.sum()


COUNT = NumberField(demand=NumberDemand(whole=True), domain="real")


def _count(name: str, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=COUNT, answer=answer, also=also)


ASKS = (
    FunctionAsk(reference=relu_net_gradients),
    _count("relu_moving", "gradients that are not 0, ReLU, of 25", "1", "1.0", "25 - 24"),
    AnswerAsk(
        name="relu_constant",
        prompt="the constant that is learnt",
        field=NumberField(demand=NumberDemand(minimum_digits=1)),
        answer="1/4",
        also=("0.25", "(5 - 3)/8"),
    ),
    AnswerAsk(
        name="relu_why",
        prompt="which gradients vanish, and why",
        field=TextField(),
        answer="Every hidden unit puts out 0, so the output weights do not move; the weights behind "
        "are 0, so nothing passes back to hidden layers; only the output bias moves.",
    ),
    _count("sigmoid_moving", "gradients that are not 0, sigmoid, of 25", "3", "3.0", "2 + 1"),
    _count("sigmoid_moving_2", "the same in the second step", "13", "13.0", "3 + 4*2 + 2"),
    _count("sigmoid_distinct", "different units of the first hidden layer", "1", "1.0", "4/4"),
    AnswerAsk(
        name="sigmoid_why",
        prompt="why, and what follows for the boundary",
        field=TextField(),
        answer="Equal units get equal gradients and stay equal for ever: the layer is one unit, so "
        "the boundary is where one linear function is constant, a straight line.",
    ),
)
DERIVATIONS = zero_init.DERIVATIONS
NAMES = ("dw", "db", "dv", "dc")


def _net(rng: np.random.Generator, n: int, d: int, h: int) -> dict[str, Any]:
    """Halves and quarters, so that sums are exact; no upstream gradient sums to 0."""
    return {
        "x": rng.integers(-6, 7, (n, d)) / 2 + 0.25,
        "dout": rng.integers(1, 9, n) * np.where(np.arange(n) % 3, 1, -1) / 4 + 2.0,
        "w": rng.integers(-4, 5, (h, d)) / 2,
        "b": rng.integers(-4, 5, h) / 4 + 0.125,
        "v": rng.integers(1, 7, h) / 2 * np.where(np.arange(h) % 2, -1, 1),
    }


def _at_zero(rng: np.random.Generator) -> dict[str, Any]:
    net = _net(rng, 5, 2, 4)
    return net | {name: 0 * net[name] for name in ("w", "b", "v")}


def _half_zero(rng: np.random.Generator) -> dict[str, Any]:
    """Hidden weights of 0 and output weights that are not: here the gate at 0 shows."""
    net = _net(rng, 6, 2, 3)
    return net | {name: 0 * net[name] for name in ("w", "b")}


def _equal(rng: np.random.Generator) -> dict[str, Any]:
    net = _net(rng, 7, 3, 4)
    w = np.tile(net["w"][:1] + 0.5, (4, 1))
    return net | {"w": w, "b": np.full(4, 0.375), "v": np.full(4, 1.5)}


CASES = (
    Case(
        id="zero_start",
        why="all parameters are 0",
        build=_at_zero,
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="general",
        why="units that are silent for some examples",
        build=lambda rng: _net(rng, 5, 3, 4),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="zero_hidden_weights",
        why="every pre-activation is exactly 0, and the output weights are not",
        build=_half_zero,
        visibility=Visibility.PUBLIC,
    ),
    Case(id="more_units", why="other sizes", build=lambda rng: _net(rng, 8, 2, 6)),
    Case(id="equal_units", why="equal units have equal gradients", build=_equal),
    Case(id="zero_hidden_weights_graded", why="the gate at exactly 0", build=_half_zero),
    Case(id="zero_start_graded", why="all parameters are 0, other data", build=_at_zero),
)


PROVEN = {
    "dw": result("zero_init.hidden_weights", "gradient"),
    "db": result("zero_init.hidden_bias", "gradient"),
    "dv": result("zero_init.output_weights", "gradient"),
    "dc": result("zero_init.output_bias"),
}


def _gradients(**inputs: Any) -> dict[str, Any]:
    """The derived gradients of one example, added up over the examples."""
    x, dout, w, b, v = (inputs[name] for name in ("x", "dout", "w", "b", "v"))
    gates = (x @ w.T + b > 0).double()  # 0 where the pre-activation is 0, as in torch
    found = dict.fromkeys(NAMES, 0.0)
    for example, upstream, gate in zip(x, dout, gates, strict=True):
        given = {"x": example, "G_0": upstream, "W": w, "B": b, "v": v, "r": gate}
        for name, proven in PROVEN.items():
            found[name] = found[name] + proven.torch(given)
    return found


READ = "Goodfellow, Bengio and Courville, Deep Learning, section 8.4"


def _typed(
    question: str, name: str, claim: str, expects: str, points: float, **oracle: Any
) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=READ,
        points=points,
        probe=Probe(answer=name),
        oracle=TypedAnswer(**oracle),
    )


COUNTED = "a parameter's gradient is what it multiplies times what comes back to its unit"
CHECKS = (
    Check(
        id="gradients",
        question="gradients",
        claim="dw, db, dv and dc are the gradients of the net's parameters",
        expects="for each example the chain rule, then the sum over the examples",
        read="Goodfellow, Bengio and Courville, Deep Learning, section 6.5; derivations zero_init",
        points=3,
        probe=Probe(
            calls=(
                Call(
                    function="relu_net_gradients", takes=("x", "dout", "w", "b", "v"), returns=NAMES
                ),
            )
        ),
        cases=CASES,
        oracle=Expected(
            compute=_gradients,
            kind=OracleKind.PROVEN,
            provenance=tuple(derivation.id for derivation in DERIVATIONS),
        ),
    ),
    _typed(
        "relu",
        "relu_moving",
        "relu_moving counts the gradients that are not 0",
        COUNTED,
        1,
        provenance=(
            "zero_init.output_weights",
            "zero_init.hidden_weights",
            "zero_init.output_bias",
        ),
    ),
    _typed(
        "relu",
        "relu_constant",
        "relu_constant is the constant of the least loss",
        "the constant at which the gradient of the only parameter that moves is 0",
        1,
        provenance=("zero_init.output_bias",),
    ),
    _typed(
        "relu",
        "relu_why",
        "the reason says which gradients vanish, and what makes them vanish",
        "both directions: what goes forward is 0, and what comes back is 0",
        1,
        kind=OracleKind.PERSON,
        rubric=(
            "hidden units put out 0, so the gradients of the weights behind them are 0",
            "the weights behind are 0 (and ReLU'(0) = 0), so nothing comes back to hidden layers",
            "the output bias does learn: 'no gradient', 'cannot update' is incomplete",
            "no points for 'vanishing gradients because of depth'",
        ),
    ),
    _typed(
        "sigmoid",
        "sigmoid_moving",
        "sigmoid_moving counts the gradients that are not 0 at the start",
        COUNTED,
        1,
        kind=OracleKind.REFERENCE,
        provenance=("Goodfellow, Bengio and Courville, Deep Learning, section 6.5",),
    ),
    _typed(
        "sigmoid",
        "sigmoid_moving_2",
        "sigmoid_moving_2 counts the gradients that are not 0 in the second step",
        COUNTED,
        1,
        kind=OracleKind.REFERENCE,
        provenance=("Goodfellow, Bengio and Courville, Deep Learning, section 6.5",),
    ),
    _typed(
        "sigmoid",
        "sigmoid_distinct",
        "sigmoid_distinct counts the different units after training",
        "what the gradients of units are that start equal",
        1,
        kind=OracleKind.REFERENCE,
        provenance=("Goodfellow, Bengio and Courville, Deep Learning, section 8.4",),
    ),
    _typed(
        "sigmoid",
        "sigmoid_why",
        "the reason is that equal units stay equal, and says what such a layer can do",
        "symmetry, and its consequence for the boundary",
        1,
        kind=OracleKind.PERSON,
        rubric=(
            "units of a layer with equal weights get equal gradients: they stay equal for ever",
            "each layer is worth one unit, so the boundary is (nearly) a straight line",
            "'the gradient of sigmoid is small but not 0' says why it learns slowly, not this",
        ),
    ),
)
