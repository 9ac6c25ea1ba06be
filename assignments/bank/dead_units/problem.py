"""Dead ReLU units: how many there are, and how the order of examples makes them.

Pre-activations of exactly 0 occur, where the gate is closed. Data, learning rates and orders are
given, so that the count of steps without a gradient is one number and no matter of chance.
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


def dead_fraction(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """The share of the units relu(w @ x + b) that are dead on the examples x.

    A unit is dead when its pre-activation is 0 or less for every example.

    Shapes:
        x: (N, D); w: (H, D); b: (H,). Returns one number between 0 and 1.

    Source:
        Maas, Hannun and Ng, "Rectifier Nonlinearities Improve Neural Network Acoustic Models", 2013,
        section 2.
    """
    alive = (x @ w.T + b > 0).any(dim=0)
    return 1 - alive.to(x.dtype).mean()


def sgd_relu_unit(
    x: torch.Tensor, y: torch.Tensor, w: torch.Tensor, b: torch.Tensor, lr: float
) -> tuple[int, torch.Tensor, torch.Tensor]:
    """Train f(x) = relu(w @ x + b) by one step for each example, in the given order.

    The loss of an example is (f(x) - y)^2 / 2. The gradient of relu at 0 is 0. The inputs are not
    changed.

    Shapes:
        x: (N, D); y: (N,); w: (D,); b: one number.
        Returns the number of steps whose gradient is exactly 0, and w and b after the last step.

    Source:
        CS155 (Caltech), problem set 4, question 1.
    """
    silent = 0
    for row, target in zip(x, y, strict=True):
        before = w @ row + b
        error = (before - target) * (before > 0)
        silent += int(error == 0)
        w, b = w - lr * error * row, b - lr * error
    return silent, w, b


COUNT = NumberField(demand=NumberDemand(whole=True), domain="real")
ASKS = (
    FunctionAsk(reference=dead_fraction),
    FunctionAsk(reference=sgd_relu_unit),
    AnswerAsk(
        name="after_one_step",
        prompt="the pre-activation after one step",
        field=NumberField(demand=NumberDemand(minimum_digits=1)),
        answer="-1",
        also=("-1.0", "1 - 1/2*2 - 1/2*2"),
    ),
    AnswerAsk(
        name="silent_steps",
        prompt="steps whose gradient is 0, of 40",
        field=COUNT,
        answer="39",
        also=("39.0", "40 - 1"),
    ),
    AnswerAsk(
        name="order_why",
        prompt="why, and when",
        field=TextField(),
        answer="Negative examples push the outputs down until the pre-activations are 0 or less for "
        "all inputs; from then on the gradient is exactly 0, whatever the target. It takes an output "
        "with a ReLU, or a learning rate large enough to overshoot; a linear output goes on learning.",
    ),
)


def _units(rng: np.random.Generator, n: int, d: int, biases: list[float]) -> dict[str, Any]:
    """Inputs that are not negative, so that weights below 0 make units that are dead for certain."""
    w = rng.integers(1, 5, (len(biases), d)) / 2
    w[::3] *= -1
    return {"x": rng.integers(0, 7, (n, d)) / 2 + 0.25, "w": w, "b": np.array(biases)}


def _on_the_edge(scale: float) -> dict[str, Any]:
    """The largest pre-activations are 1, 0, -1, 0.5 and -2, in units of `scale`.

    The 0 stays exactly 0 when inputs are moved by a rounding error: all its terms are 0.
    """
    x = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]])
    w = np.array([[2.0, 1.0], [-1.0, -3.0], [0.0, -1.0], [1.5, -6.0], [1.0, 1.0]])
    return {"x": x, "w": scale * w, "b": scale * np.array([-1.0, 0.0, -1.0, -1.0, -3.0])}


FRACTIONS = (
    Case(
        id="seven_units",
        why="seven units, some of them silent for a part of the examples",
        build=lambda rng: _units(rng, 5, 3, [0.5, -2.0, 1.0, 2.0, -8.0, -3.0, 0.0]),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="on_the_edge",
        why="a unit whose largest pre-activation is exactly 0 is dead",
        build=lambda _: _on_the_edge(1.0),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="on_the_edge_graded",
        why="the same unit among larger ones",
        build=lambda _: _on_the_edge(1.5),
    ),
    Case(
        id="eleven_units",
        why="other sizes",
        build=lambda rng: _units(rng, 9, 2, [0.0, -5.0, -2.0, 0.5, -4.0, 1.0, 9.0, 0, -9, -1, 2]),
    ),
)


def _clouds(rng: np.random.Generator, n: int, shuffled: bool) -> dict[str, Any]:
    """Two overlapping clouds, the negative one first."""
    y = np.repeat([-1.0, 1.0], (n, n + 3))
    x = rng.uniform(-1, 1, (2 * n + 3, 2)) + y[:, None] * np.array([0.125, 0.0625])
    order = rng.permutation(len(y)) if shuffled else np.arange(len(y))
    return {
        "x": x[order],
        "y": y[order],
        "w": np.array([0.75, 0.5]),
        "b": np.array(0.625),
        "lr": 0.125,
    }


def _exact_zero(second: float) -> dict[str, Any]:
    """The first pre-activation is exactly 0, with a target above it; the last is below 0."""
    return {
        "x": np.array([[1.0, 0.0], [0.0, 2.0], [1.0, 1.0], [0.0, 1.0]]),
        "y": np.array([1.0, second, -1.0, 1.0]),
        "w": np.array([0.0, 1.0]),
        "b": np.array(0.0),
        "lr": 0.25,
    }


ORDERS = (
    Case(
        id="negatives_first",
        why="all negative examples come first",
        build=lambda rng: _clouds(rng, 15, shuffled=False),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="shuffled",
        why="the same kind of examples, shuffled",
        build=lambda rng: _clouds(rng, 15, shuffled=True),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="exact_zero",
        why="a pre-activation that is exactly 0: the gate is closed",
        build=lambda _: _exact_zero(1.5),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="exact_zero_graded",
        why="the same with another second example",
        build=lambda _: _exact_zero(1.25),
    ),
    Case(
        id="negatives_first_graded",
        why="more examples, negative ones first",
        build=lambda rng: _clouds(rng, 60, shuffled=False),
    ),
    Case(
        id="shuffled_graded",
        why="more examples, shuffled",
        build=lambda rng: _clouds(rng, 60, shuffled=True),
    ),
)


def _fraction(x: Any, w: Any, b: Any) -> dict[str, Any]:
    return {"fraction": dead_fraction(x, w, b)}


def _run(x: Any, y: Any, w: Any, b: Any, lr: float) -> dict[str, Any]:
    silent, w, b = sgd_relu_unit(x, y, w, b, lr)
    return {"silent": torch.tensor(float(silent), dtype=torch.float64), "w": w, "b": b}


READ = "Goodfellow, Bengio and Courville, Deep Learning, section 6.3.1"


def _by_hand(compute: Any) -> Expected:
    return Expected(compute=compute, kind=OracleKind.REFERENCE, provenance=(READ,))


def _typed(name: str, claim: str, expects: str, points: float, **oracle: Any) -> Check:
    oracle = {"kind": OracleKind.REFERENCE, "provenance": (READ,)} | oracle
    return Check(
        id=name,
        question="why",
        claim=claim,
        expects=expects,
        read=READ,
        points=points,
        probe=Probe(answer=name),
        oracle=TypedAnswer(**oracle),
    )


CHECKS = (
    Check(
        id="fraction",
        question="fraction",
        claim="dead_fraction is the share of units that are 0 for every example",
        expects="a unit that is above 0 for a single example is alive",
        read=READ,
        points=1,
        probe=Probe(
            calls=(Call(function="dead_fraction", takes=("x", "w", "b"), returns=("fraction",)),)
        ),
        cases=FRACTIONS,
        oracle=_by_hand(_fraction),
    ),
    Check(
        id="order",
        question="order",
        claim="the steps are those of stochastic gradient descent, and those without a gradient are "
        "counted",
        expects="where the pre-activation is 0 or less the gradient is 0, whatever the target",
        read=READ,
        points=3,
        probe=Probe(
            calls=(
                Call(
                    function="sgd_relu_unit",
                    takes=("x", "y", "w", "b", "lr"),
                    returns=("silent", "w", "b"),
                ),
            )
        ),
        cases=ORDERS,
        oracle=_by_hand(_run),
    ),
    _typed(
        "after_one_step",
        "after_one_step is the pre-activation after the step",
        "both w and b take a step down their gradients",
        1,
    ),
    _typed(
        "silent_steps",
        "silent_steps counts the steps whose gradient is 0",
        "what the gradient is at the pre-activation that the first step has left",
        1,
    ),
    _typed(
        "order_why",
        "the reason names what makes gradients exactly 0, and when it happens",
        "a mechanism, and its conditions",
        1,
        kind=OracleKind.PERSON,
        provenance=(),
        rubric=(
            "negative examples push pre-activations to 0 or below, by the bias above all",
            "then the gradient is exactly 0, so that positive examples change nothing",
            "it takes a ReLU on the output, or a learning rate that overshoots; "
            "hidden units before a linear output rarely die",
        ),
    ),
)
