"""Relations on networks: budgets that leave the design free, and the loss of chance."""

import json
from typing import Any

import numpy as np
import pytest

from backproof.model import Mismatch, Returned, Value
from backproof.tensors import RELATIONS

LAYERS = [
    ["Linear", {"in_features": 784, "out_features": 60, "bias": True}, 47100],
    ["ReLU", {}, 0],
    ["Linear", {"in_features": 60, "out_features": 40, "bias": True}, 2440],
    ["Linear", {"in_features": 40, "out_features": 10, "bias": True}, 410],
]
LIMITS = {
    "allowed": ["Linear", "ReLU", "Flatten", "Dropout"],
    "hidden_layers": 2,
    "hidden_units": 100,
    "entries": 49950,
    "least": {"relu": 2, "Linear": 3},
    "allowed_operations": ["linear", "relu", "flatten"],
}


def text(value: Any) -> Value:
    return Value(form="text", text=value if isinstance(value, str) else json.dumps(value))


def budget(limits: dict[str, Any], **values: Value) -> Mismatch | None:
    given = {
        "layers": text(LAYERS),
        "operations": text({"linear": 3, "relu": 2, "flatten": 1}),
        "trainable": Value(form="number", array=np.asarray(49950)),
    }
    return RELATIONS["layer_budget"]({}, Returned(values=given | values), limits)


def test_a_network_within_its_budget_passes() -> None:
    """100 hidden units in two layers, as many parameters as are allowed; the output is no layer."""
    assert budget(LIMITS) is None
    assert budget({}) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"allowed": ["Linear"]}, "a layer of type 'ReLU'"),
        ({"hidden_layers": 3}, "2 hidden layers, at least 3"),
        ({"hidden_units": 99}, "100 hidden units, at most 99"),
        ({"entries": 49949}, "49950 parameters, at most 49949"),
        ({"least": {"dropout": 1}}, "dropout occurs 0 times, at least 1"),
        ({"least": {"relu": 3}}, "relu occurs 2 times"),
        ({"allowed_operations": ["linear", "relu"]}, "a call of torch's 'flatten'"),
    ],
)
def test_each_limit_is_kept(change: dict[str, Any], words: str) -> None:
    """The sentence says what is there and what is allowed."""
    found = budget(LIMITS | change)
    assert found is not None
    assert words in found.observed


def number(value: Any) -> Value:
    return Value(form="number", array=np.asarray(value))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"unused": number(2)}, "2 weights can be any"),
        ({"unused": text("0")}, "None weights can be any"),
        ({"unused": number([0, 1])}, "could not be read"),
        ({"random": number(0)}, "no dropout shows"),
        ({"random": text("1")}, "no dropout shows"),
    ],
)
def test_layers_that_change_nothing_are_no_layers(value: dict[str, Value], words: str) -> None:
    """What forward leaves out, or throws away, fills no budget."""
    assert budget(LIMITS, unused=number(0), random=number(1)) is None
    found = budget(LIMITS, **value)
    assert found is not None
    assert words in found.observed


@pytest.mark.parametrize("share", [0.3, 0, None])
def test_dropout_has_the_probability_that_is_given(share: float | None) -> None:
    """Or none at all: a layer that drops nothing is no mistake."""
    layers = [*LAYERS, ["Dropout", {"p": share}, 0]]
    given = Returned(values={"layers": text(layers)})
    for due, fits in ((0.3, True), (0.5, share != 0.3)):
        found = RELATIONS["layer_budget"]({"p": due}, given, {"drop_prob": "p"})
        assert (found is None) is fits


@pytest.mark.parametrize(
    "lie",
    [
        "",
        "[",
        "[" * 100_000,
        "3",
        "[[1]]",
        '[["Linear", 3, 4]]',
        '[["Linear", {}, 1], ["Linear", {}, 1]]',
    ],
)
def test_a_structure_that_cannot_be_read_is_no_structure(lie: str) -> None:
    """What the student's process made up does not pass and does not raise."""
    assert budget(LIMITS, layers=text(lie)) is not None


def chance(logits: Any) -> Mismatch | None:
    value = Value(form="tensor", array=np.asarray(logits), dtype="float64")
    returned = Returned(values={"logits": value})
    return RELATIONS["chance_loss"]({}, returned, {"classes": 10, "within": 0.02})


def test_small_logits_have_the_loss_of_chance() -> None:
    """A little noise around any common value."""
    rng = np.random.default_rng(0)
    assert chance(3 + 0.05 * rng.normal(size=(8, 4, 10))) is None


@pytest.mark.parametrize(
    ("logits", "words"),
    [
        (np.random.default_rng(0).normal(size=(8, 4, 10)) * 3, "that of chance is 2.303"),
        (np.zeros((8, 4, 10)), "all logits are equal"),
        (np.full((8, 4, 10), np.nan), "not finite"),
        (np.zeros((8, 4, 9)), "(4, 9)"),
        (np.zeros((8, 10)), "(10,)"),
    ],
)
def test_other_logits_do_not(logits: Any, words: str) -> None:
    """Large, equal, missing and infinite ones are refused with the reason."""
    found = chance(logits)
    assert found is not None
    assert words in found.observed
