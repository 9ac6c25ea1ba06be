"""The slope of sigmoid units, what many layers make of it, and sigmoid against ReLU.

The gradients of the code question are those of the derived slope, layer by layer. Weights have both
signs, and units are saturated on either side.
"""

from typing import Any

import numpy as np
import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Expected,
    FormulaField,
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference.derivations import activations
from backproof_reference.results import result

BOOK = "Goodfellow, Bengio and Courville, Deep Learning, sections 6.3 and 8.2.5"
GLOROT = "Glorot and Bengio 2010, Understanding the difficulty of training, section 3"
PIECES = "Montufar et al. 2014, On the Number of Linear Regions of Deep Neural Networks, section 2"
DERIVATIONS = (activations.SIGMOID_GRADIENT, activations.SIGMOID_BOUND)
SLOPE, BOUND = (derivation.id for derivation in DERIVATIONS)


def bias_gradients(x: float, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """Derivatives of the output of a chain of sigmoid units with respect to its biases.

    The chain: a_0 = x, a_l = sigmoid(w_l a_(l-1) + b_l), and the output is a_L.

    Shapes:
        x: one number; w, b: (L,). Returns (L,), the derivative of a_L with respect to b_1, ..., b_L.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.5.
    """
    slopes, a = torch.empty_like(b), x
    for layer in range(len(b)):
        a = torch.sigmoid(w[layer] * a + b[layer])
        slopes[layer] = a * (1 - a)
    gradients, passed = torch.empty_like(b), 1.0
    for layer in reversed(range(len(b))):
        gradients[layer] = passed * slopes[layer]
        passed = gradients[layer] * w[layer]
    return gradients


CHAIN = FormulaField(vocabulary=Vocabulary(symbols={"w": "positive", "L": "int[1, 6]"}))


def _ask(name: str, field: Any, prompt: str, *answers: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answers[0], also=answers[1:])


ASKS = (
    _ask(
        "sigmoid_slope",
        FormulaField(vocabulary=Vocabulary(symbols={"s": "unit"}, aliases={"sigma": "s"})),
        "the slope in terms of the output s",
        "s*(1 - s)",
        "s - s^2",
        "1/4 - (s - 1/2)^2",
    ),
    _ask(
        "largest_slope",
        NumberField(demand=NumberDemand(minimum_digits=1), domain="positive"),
        "the largest slope",
        "1/4",
        "0.25",
        "1/2*(1 - 1/2)",
    ),
    _ask(
        "sigmoid_factor",
        CHAIN,
        "the largest derivative through L layers, sigmoid",
        "(w/4)^L",
        "w^L/4^L",
        "(1/4)^L w^L",
    ),
    _ask(
        "relu_factor",
        CHAIN,
        "the derivative through L layers, ReLU",
        "w^L",
        "w*w^(L-1)",
        "(2w)^L/2^L",
    ),
    _ask(
        "layers_to_thousandth",
        NumberField(demand=NumberDemand(whole=True), domain="positive"),
        "layers that make it less than a thousandth",
        "5",
        "5.0",
        "4 + 1",
    ),
    _ask(
        "least_weight",
        NumberField(demand=NumberDemand(minimum_digits=1), domain="positive"),
        "the weight from which on it need not shrink",
        "4",
        "4.0",
        "1/(1/4)",
    ),
    FunctionAsk(reference=bias_gradients),
    _ask(
        "straight_pieces",
        ChoiceField(options=("relu", "sigmoid")),
        "the net with straight pieces",
        "relu",
        "ReLU",
        "RELU",
    ),
    AnswerAsk(
        name="sigmoid_or_relu",
        prompt="which learns faster, and why",
        field=TextField(),
        answer="ReLU: its slope is 1 where it is active. That of sigmoid is at most 1/4, and nearly 0 "
        "where a unit is saturated; the product over the layers makes the gradients of the first layers "
        "small, and with them their steps.",
    ),
)


def _chain(rng: np.random.Generator, layers: int, x: float) -> dict[str, Any]:
    """Weights between 0.5 and 3 of both signs, the first of them positive."""
    signs = np.where(np.arange(layers) % 3 == 1, -1, 1)
    return {
        "x": x,
        "w": signs * rng.uniform(0.5, 3, layers),
        "b": rng.uniform(-1.5, 1.5, layers),
    }


def _saturated(rng: np.random.Generator) -> dict[str, Any]:
    """One unit nearly at 1, one nearly at 0."""
    chain = _chain(rng, 4, -0.8)
    chain["b"][1], chain["b"][2] = 9.0, -8.0
    return chain


CASES = (
    Case(
        id="three_layers",
        why="three layers, one of them with a negative weight",
        build=lambda rng: _chain(rng, 3, 0.7),
        visibility=Visibility.PUBLIC,
    ),
    Case(id="six_layers", why="six layers", build=lambda rng: _chain(rng, 6, -1.3)),
    Case(id="saturated", why="units that are saturated", build=_saturated),
    Case(id="two_layers", why="two layers, a large input", build=lambda rng: _chain(rng, 2, 2.5)),
)


def _gradients(x: float, w: Any, b: Any) -> dict[str, Any]:
    """The derived gradient of a sigmoid, from the last layer to the first."""
    slope = result(SLOPE)
    inputs, before = [torch.tensor(x, dtype=torch.float64)], []
    for weight, bias in zip(w, b, strict=True):
        before.append(weight * inputs[-1] + bias)
        inputs.append(torch.special.expit(before[-1]))
    passed, found = torch.ones(1, dtype=torch.float64), []
    for weight, z in zip(w.flip(0), reversed(before), strict=True):
        found.append(slope.torch(x=z[None], G=passed))
        passed = weight * found[-1]
    return {"gradients": torch.cat(found[::-1])}


def _typed(name: str, question: str, claim: str, expects: str, *backing: str, **more: Any) -> Check:
    proven = all(source in (SLOPE, BOUND) for source in backing)
    kind = OracleKind.PROVEN if proven else OracleKind.REFERENCE
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=BOOK,
        points=more.pop("points", 1),
        probe=Probe(answer=name),
        oracle=TypedAnswer(**{"kind": kind, "provenance": backing} | more),
    )


CHAINED = Probe(
    calls=(Call(function="bias_gradients", takes=("x", "w", "b"), returns=("gradients",)),)
)
CHECKS = (
    _typed(
        "sigmoid_slope",
        "slope",
        "sigmoid_slope is the slope of the sigmoid",
        "the derivative of 1/(1 + e^-z), with e^-z written by s",
        SLOPE,
    ),
    _typed(
        "largest_slope",
        "slope",
        "largest_slope is the largest value of the slope",
        "the slope where the output is halfway between 0 and 1",
        BOUND,
    ),
    _typed(
        "sigmoid_factor",
        "chain",
        "sigmoid_factor bounds the derivative through L sigmoid layers",
        "the chain rule: in each layer a weight and a slope",
        SLOPE,
        BOUND,
    ),
    _typed(
        "relu_factor",
        "chain",
        "relu_factor is the derivative through L active ReLU layers",
        "the chain rule: in each layer a weight and a slope",
        BOOK,
    ),
    _typed(
        "layers_to_thousandth",
        "chain",
        "layers_to_thousandth is the least number of layers that makes it less than a thousandth",
        "the first power of the largest slope that is below",
        SLOPE,
        BOUND,
    ),
    _typed(
        "least_weight",
        "chain",
        "least_weight is the weight from which on the gradient need not shrink",
        "a weight that makes up for the largest slope",
        SLOPE,
        BOUND,
        rule="1/largest_slope",
    ),
    Check(
        id="bias_gradients",
        question="code",
        claim="gradients are the derivatives of the output with respect to the biases",
        expects="for each bias, the slopes from its own unit on, and the weights behind it",
        read=BOOK,
        points=2,
        probe=CHAINED,
        cases=CASES,
        oracle=Expected(compute=_gradients, kind=OracleKind.PROVEN, provenance=(SLOPE,)),
    ),
    Check(
        id="inputs_unchanged",
        question="code",
        claim="the caller's weights and biases are left as they were",
        expects="w and b hold after the call what they held before",
        read="torch documentation, in-place operations on tensors",
        points=0,
        probe=CHAINED,
        outputs=(),
        cases=CASES[:1],
        oracle=Relation(name="inputs_unchanged"),
        needs=("bias_gradients",),
    ),
    _typed(
        "straight_pieces",
        "compare",
        "straight_pieces is the net whose boundary is made of straight pieces",
        "what a composition of linear functions and of such units is between its kinks",
        PIECES,
    ),
    _typed(
        "sigmoid_or_relu",
        "compare",
        "sigmoid_or_relu says which learns faster, and why",
        "how large the gradients are that reach the first layers",
        kind=OracleKind.PERSON,
        provenance=(),
        rubric=(
            "ReLU learns faster: its slope is 1 where it is active",
            "the slope of sigmoid is at most 1/4, and near 0 where a unit is saturated",
            "the product of the slopes over the layers makes the first layers slow",
        ),
    ),
)
