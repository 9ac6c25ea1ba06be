"""Perceptrons on handwritten digits: designed within a budget, trained step by step, run again.

Trajectories are judged against the chain rule and Adam written out by hand, without autograd. Dropout
with probability 0 or 1 is a mask that is known; its randomness has a check of its own.
"""

import functools
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    Drawing,
    Expected,
    FunctionAsk,
    NumberDemand,
    NumberField,
    Operation,
    OracleKind,
    Probe,
    Relation,
    TypedAnswer,
    Visibility,
    Waiver,
    given_weights,
)
from backproof_reference import data
from backproof_reference import mnist_nets as reference

WHOLE = NumberField(demand=NumberDemand(whole=True), domain="positive")


def _count(name: str, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=WHOLE, answer=answer, also=also)


ASKS = (
    FunctionAsk(reference=reference.make_mlp),
    FunctionAsk(reference=reference.train_network),
    FunctionAsk(reference=reference.predict),
    FunctionAsk(reference=reference.make_narrow),
    _count(
        "narrow_parameters",
        "parameters from 784 over 60 and 40 to 10",
        "49950",
        "785*60 + 61*40 + 41*10",
        "49,950",
    ),
    FunctionAsk(reference=reference.make_medium),
    _count(
        "medium_parameters",
        "parameters from 784 over 120 and 80 to 10",
        "104690",
        "785*120 + 121*80 + 81*10",
        "104,690",
    ),
    FunctionAsk(reference=reference.make_wide),
    _count(
        "wide_units",
        "hidden units from 784 over 400, 400 and 100 to 10",
        "900",
        "400 + 400 + 100",
        "900.0",
    ),
    _count(
        "wide_parameters",
        "parameters from 784 over 400, 400 and 100 to 10",
        "515510",
        "785*400 + 401*400 + 401*100 + 101*10",
        "515,510",
    ),
    FunctionAsk(reference=reference.make_trained),
)
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, sections 6.4 and 6.5"
ADAM = "Kingma and Ba 2015, Adam, algorithm 1"
DROPOUT = "Srivastava et al. 2014, Dropout, section 4"
SPLIT = "Goodfellow, Bengio and Courville, Deep Learning, section 5.3.1"
ALLOWED = ("Linear", "ReLU", "Softmax", "Dropout", "Flatten", "Identity")
SHAPING = ("flatten", "view", "reshape", "size", "squeeze", "unsqueeze", "contiguous", "dim")
ALLOWED_OPERATIONS = ("linear", "relu", "softmax", "dropout", *SHAPING)
NAMES = ("w1", "b1", "w2", "b2", "w3", "b3")
RUNS = ("narrow_run", "medium_run", "wide_run")
WAIVERS = tuple(
    Waiver(rule="square_image", check=check, name=name, reason="the images are scikit-learn's")
    for check, names in {**dict.fromkeys(RUNS, ("pixels", "x")), "weights": ("x", "own")}.items()
    for name in names
)


# --- cases ----------------------------------------------------------------------------------------

FLAT = {"features": 3 * 5, "hidden": [8, 7], "classes": 4}
TALL = {"features": 6 * 4, "hidden": [7, 9], "classes": 5}
SIDES = {15: (3, 5), 24: (6, 4)}


def _given(
    rng: np.random.Generator, size: dict[str, Any], images: int, **more: Any
) -> dict[str, Any]:
    """A network of this size, its weights, and images of whole numbers."""
    return {
        **size,
        "x": rng.integers(0, 256, (images, 1, *SIDES[size["features"]])).astype(np.float64),
        "seed": int(rng.integers(1, 1000)),
        "shapes": reference.mlp_shapes(**size),
        **more,
    }


def _run(
    rng: np.random.Generator, size: dict[str, Any], steps: int, lr: float, **more: Any
) -> dict[str, Any]:
    """Images to train on besides those to predict; every class occurs, in unequal numbers."""
    given = _given(rng, size, 7, **more)
    labels = np.concatenate((np.arange(size["classes"]), rng.integers(0, size["classes"] - 1, 9)))
    return {
        **given,
        "labels": rng.permutation(labels),
        "batches": [rng.permutation(len(labels))[: 2 + step % 4].tolist() for step in range(steps)],
        "lr": lr,
        "pixels": rng.integers(0, 256, (len(labels), *given["x"].shape[1:])).astype(np.float64),
    }


LOGITS = (
    Case(
        id="flat_images",
        why="images that are no squares, a few units more and less",
        build=lambda rng: _given(rng, FLAT, 4),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="tall_images",
        why="other sizes; a second hidden layer that is larger than the first; dropout, which does "
        "nothing in evaluation mode",
        build=lambda rng: _given(rng, TALL, 5, drop_probs=[0.3, 0.2]),
        strided=True,
    ),
)
TRAINING = (
    Case(
        id="twenty_steps",
        why="twenty steps on batches of several sizes, images in no order",
        build=lambda rng: _run(rng, FLAT, 20, 0.0078125),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="twenty_more",
        why="the same at other sizes, another learning rate",
        build=lambda rng: _run(rng, TALL, 20, 0.03125),
    ),
)
DROPPED = (
    Case(
        id="second_dropped",
        why="all units of the second hidden layer are dropped: only the last biases can move",
        build=lambda rng: _run(rng, FLAT, 20, 0.0078125, drop_probs=[0.0, 1.0]),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="first_dropped",
        why="the same for the first hidden layer: the second one sees its own biases only",
        build=lambda rng: _run(rng, TALL, 20, 0.03125, drop_probs=[1.0, 0.0]),
    ),
)
UNDROPPED = (
    Case(
        id="undropped",
        why="the network comes from training; with these probabilities a dropped unit is hard to miss",
        build=lambda rng: _run(rng, FLAT, 3, 0.0078125, drop_probs=[0.0, 1.0]),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="undropped_first",
        why="the same at other sizes; the first hidden layer is dropped",
        build=lambda rng: _run(rng, TALL, 4, 0.03125, drop_probs=[1.0, 0.0]),
    ),
)
UNITS, SHOWN, CALLS = 24, 22, 32
"""Hidden units; the logits that show them are fewer, so that no two parameters have one shape."""


def _masked(rng: np.random.Generator, rows: int, drop_prob: float) -> dict[str, Any]:
    """Weights by which the logits are hidden units themselves, `x` for every image."""
    units = rng.integers(2, 9, UNITS) / 4
    size = {"features": 15, "hidden": [UNITS], "classes": SHOWN}
    return {
        **size,
        "drop_probs": [drop_prob],
        "drop_prob": drop_prob,
        "pixels": rng.integers(0, 256, (rows, 1, 3, 5)).astype(np.float64),
        "x": np.tile(units[:SHOWN], (rows, 1)),
        "w1": np.zeros((UNITS, 15)),
        "b1": units,
        "w2": np.eye(SHOWN, UNITS),
        "b2": np.zeros(SHOWN),
    }


MASKED = (
    Case(
        id="masked",
        why="units that are all kept or dropped, never 0 by themselves; p is no half",
        build=lambda rng: _masked(rng, 10, 0.3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="masked_often",
        why="a larger probability",
        build=lambda rng: _masked(rng, 8, 0.6),
    ),
)
STRUCTURES = (
    Case(
        id="of_mnist",
        why="images of 28 x 28 pixels",
        build=lambda rng: _design(rng, 28, 28),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="of_others",
        why="images that are no squares",
        build=lambda rng: _design(rng, 9, 7),
    ),
)


def _design(rng: np.random.Generator, height: int, width: int) -> dict[str, Any]:
    return {
        "features": height * width,
        "classes": 10,
        "x": rng.integers(0, 2, (2, 1, height, width)).astype(np.float64),
    }


TRAINED, JUDGED, EPOCHS, BATCH, LR = 512, 320, 10, 32, 0.003
HONEST_LEAST = 0.9
"""The worst of ten honest runs of the reference's networks; the best reach 0.97."""
LEAST = HONEST_LEAST - 3 * (HONEST_LEAST * (1 - HONEST_LEAST) / JUDGED) ** 0.5
HELD_BACK = ("hidden_labels", "least")


def _own_run(rng: np.random.Generator) -> dict[str, Any]:
    """Real images; the classes have other numbers than in the published data set."""
    found = data.digits()
    names = rng.permutation(found.classes)
    images, labels = found.train(rng.permutation(len(found.train_labels))[:TRAINED])
    judged, hidden = found.test(rng.permutation(len(found.test_labels))[:JUDGED])
    return {
        "features": images[0].size,
        "classes": found.classes,
        "pixels": np.round(255 * images),
        "labels": names[labels],
        "batches": [
            order[start : start + BATCH].tolist()
            for order in (rng.permutation(TRAINED) for _ in range(EPOCHS))
            for start in range(0, TRAINED, BATCH)
        ],
        "lr": LR,
        "x": np.round(255 * judged),
        "seed": int(rng.integers(1, 1000)),
        "hidden_labels": names[hidden],
        "least": LEAST,
    }


BANDS = json.loads((Path(__file__).parent / "bands.json").read_text())
"""Mean losses of the reference's networks in twenty runs; made by `benchmarks/bands.py`."""
OWN_RUN = (
    Case(
        id="own_run",
        why="real images, in a run whose accuracy is recomputed",
        build=_own_run,
        withheld=HELD_BACK,
    ),
)


# --- oracles --------------------------------------------------------------------------------------


def _weights(seed: int, shapes: Any, like: Any) -> list[Any]:
    return [like.new_tensor(weight) for weight in given_weights(seed, shapes)]


@functools.cache
def _weights_at_home() -> dict[str, Any]:
    """What the reference would hand in: it stands in where the course's own code is run."""
    images, labels = data.digits().train()
    order = np.random.default_rng(0)
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(0)
        network = reference.make_trained(images[0].size, 10).float()
        batches = [
            chosen.tolist()
            for _ in range(20)
            for chosen in np.array_split(order.permutation(len(labels)), 45)
        ]
        pixels = torch.from_numpy(255 * images).float()
        reference.train_network(network, pixels, torch.from_numpy(labels), batches, LR)
    return {name: value.numpy() for name, value in network.state_dict().items()}


def _handed_in(rng: np.random.Generator) -> dict[str, Any]:
    """All test images, and training images, in no order."""
    found = data.digits()
    x, hidden = found.test(rng.permutation(len(found.test_labels)))
    own, own_labels = found.train(rng.permutation(len(found.train_labels)))
    return {
        "features": x[0].size,
        "classes": found.classes,
        "weights": _weights_at_home(),
        "x": x,
        "own": own,
        "hidden_labels": hidden,
        "own_labels": own_labels,
        "least": HOME_LEAST - 3 * (HOME_LEAST * (1 - HOME_LEAST) / len(hidden)) ** 0.5,
    }


HOME_LEAST = 0.94
"""Honest runs on all training images reach more: see the statement."""
HANDED_IN = (
    Case(
        id="handed_in",
        why="weights of a student's own run, and images whose labels they are not told",
        build=_handed_in,
        withheld=(*HELD_BACK, "own_labels"),
    ),
)


def _structure(shapes: Any, **_: Any) -> dict[str, Any]:
    rows = sorted((tuple(shape) for shape in shapes), reverse=True)
    return {
        "trainable": sum(int(np.prod(shape)) for shape in shapes),
        "unused": 0,
        "shapes": [[*row, *[0] * (5 - len(row))] for row in rows],
    }


def _logits(x: Any, seed: int, shapes: Any, **_: Any) -> dict[str, Any]:
    return {"logits": reference.mlp_logits(x, _weights(seed, shapes, x))}


def _scaled_logits(x: Any, **given: Any) -> dict[str, Any]:
    return _logits(x / 255, **given)


def _trained(
    pixels: Any, labels: Any, batches: Any, lr: float, seed: int, shapes: Any, **more: Any
) -> dict[str, Any]:
    masks = [1.0 - p for p in more.get("drop_probs", [0.0, 0.0])]
    weights = _weights(seed, shapes, pixels)
    losses, after = reference.mlp_training(pixels, labels, batches, weights, lr, masks)
    logits = reference.mlp_logits(more["x"] / 255, after)
    return {"losses": losses, "logits": logits, **dict(zip(NAMES, after, strict=True))}


def _by_hand(compute: Any, *sources: str) -> Expected:
    return Expected(compute=compute, kind=OracleKind.REFERENCE, provenance=(BOOK, *sources))


# --- probes ---------------------------------------------------------------------------------------

FILL = Call(function=Operation.FILL, takes=("network", "seed", "shapes"), returns=())
MODE = {
    mode: Call(function=mode, takes=("network",), returns=())
    for mode in (Operation.TRAIN, Operation.EVAL)
}
# Lazy layers have their shapes after a first forward pass.
FIRST = {
    images: Call(
        function=Operation.FORWARD, takes=("network", images), returns=("first",), keeps=("first",)
    )
    for images in ("x", "pixels")
}


def _build(function: str = "make_mlp", *more: str) -> Call:
    sizes = ("features", "hidden", "classes") if function == "make_mlp" else ("features", "classes")
    return Call(function=function, takes=(*sizes, *more), returns=("network",), keeps=("network",))


def _filled(*more: str) -> tuple[Call, ...]:
    return (_build("make_mlp", *more), MODE[Operation.EVAL], FIRST["x"], FILL)


def _train(keeps: tuple[str, ...] = ()) -> Call:
    return Call(
        function="train_network",
        takes=("network", "pixels", "labels", "batches", "lr"),
        returns=("losses",),
        keeps=keeps,
    )


def _predict(returns: str) -> Call:
    return Call(function="predict", takes=("network", "x"), returns=(returns,))


READ = Call(function=Operation.READ, takes=("network",), returns=NAMES)


# --- checks ---------------------------------------------------------------------------------------


def _designed(question: str, words: str, least: int, units: int, made: str = "") -> Check:
    made = made or f"make_{question}"
    return Check(
        id=f"{question}_design",
        question=question,
        claim=f"{made} has {words}",
        expects="layers of the kinds that are allowed; units of the output layer do not count, and a "
        "hidden layer ends with its ReLU",
        read=BOOK,
        points=2,
        probe=Probe(
            calls=(
                _build(made),
                Call(
                    function=Operation.STRUCTURE,
                    takes=("network", "x"),
                    returns=("layers", "operations", "unused"),
                ),
            )
        ),
        cases=STRUCTURES,
        oracle=Relation(
            name="layer_budget",
            parameters={
                "allowed": ALLOWED,
                "allowed_operations": ALLOWED_OPERATIONS,
                "hidden_layers": least,
                "hidden_units": units,
                "least": {"relu": least},
            },
        ),
    )


def _rerun(question: str) -> Check:
    seed = Call(function=Operation.SEED, takes=("seed",), returns=())
    return Check(
        id=f"{question}_run",
        question=question,
        claim=f"make_{question}, trained by train_network, classifies images that were held back",
        expects="logits, and far more right than by chance after ten epochs of 512 small images",
        read=SPLIT,
        points=0.5,
        probe=Probe(
            calls=(
                seed,
                _build(f"make_{question}"),
                _train(),
                _predict("scores"),
            )
        ),
        cases=OWN_RUN,
        dtype="float32",
        oracle=Relation(name="accuracy", parameters={"logits": True}),
        needs=(f"{question}_design", "training", "predict"),
        draws=(
            Drawing(
                name="losses",
                parameters={
                    "losses": "losses",
                    "epochs": EPOCHS,
                    "band": BANDS.get(f"{question}_run", ()),
                    "of": "twenty runs of ours",
                },
            ),
        ),
    )


def _typed(name: str, question: str, claim: str, expects: str) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=BOOK,
        points=0.5,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=OracleKind.REFERENCE, provenance=(BOOK,)),
    )


def _parameters(question: str) -> Check:
    name = f"{question}_parameters"
    expects = (
        "for each layer, a weight for each pair of units and a bias for each unit that it makes"
    )
    return _typed(name, question, f"{name} counts weights and biases of all layers", expects)


CHECKS = (
    Check(
        id="structure",
        question="training",
        claim="make_mlp has a weight and a bias for each layer",
        expects="fully connected layers of the given sizes, all used by forward, and nothing else to learn",
        read=BOOK,
        points=1,
        probe=Probe(
            calls=(
                _build("make_mlp", "drop_probs"),
                Call(
                    function=Operation.STRUCTURE,
                    takes=("network", "x"),
                    returns=("shapes", "trainable", "unused"),
                ),
            )
        ),
        outputs=("trainable", "shapes", "unused"),
        cases=LOGITS,
        oracle=_by_hand(_structure),
    ),
    Check(
        id="logits",
        question="training",
        claim="with given weights, make_mlp returns the right logits",
        expects="ReLU behind each hidden layer, and numbers of any size and sign at the end",
        read=BOOK,
        points=1,
        probe=Probe(
            calls=(
                *_filled("drop_probs"),
                Call(function=Operation.FORWARD, takes=("network", "x"), returns=("logits",)),
            )
        ),
        cases=LOGITS,
        oracle=_by_hand(_logits),
        needs=("structure",),
    ),
    Check(
        id="dropout_mask",
        question="training",
        claim="in training mode, each hidden unit is dropped with its layer's probability",
        expects="after the ReLU: every unit of every image on its own, the others divided by "
        "1 - drop_prob",
        read=DROPOUT,
        points=1,
        probe=Probe(
            calls=(
                _build("make_mlp", "drop_probs"),
                MODE[Operation.EVAL],
                FIRST["pixels"],
                Call(
                    function=Operation.LOAD,
                    takes=("network", "w1", "b1", "w2", "b2"),
                    returns=(),
                ),
                MODE[Operation.TRAIN],
                Call(function=Operation.FORWARD, takes=("network", "pixels"), returns=("out",)),
            ),
            repeat=CALLS,
        ),
        cases=MASKED,
        oracle=Relation(name="inverted_dropout", parameters={"repeat": CALLS}),
        needs=("logits",),
    ),
    Check(
        id="training",
        question="training",
        claim="train_network takes one step of Adam for each mini-batch",
        expects="the loss of each mini-batch before its step, and weights that have moved by the "
        "gradients of these mini-batches alone",
        read=ADAM,
        points=3,
        probe=Probe(calls=(*_filled("drop_probs"), _train(), READ)),
        cases=TRAINING,
        oracle=_by_hand(_trained, ADAM),
        needs=("logits",),
    ),
    Check(
        id="training_mode",
        question="training",
        claim="train_network drops units, whatever mode the network comes in",
        expects="where all units of a layer are dropped, nothing goes through them, and their weights "
        "stay as they are",
        read=DROPOUT,
        points=1,
        probe=Probe(calls=(*_filled("drop_probs"), _train(), READ)),
        cases=DROPPED,
        oracle=_by_hand(_trained, ADAM, DROPOUT),
        needs=("dropout_mask", "training"),
    ),
    Check(
        id="predict",
        question="training",
        claim="predict returns the network's logits",
        expects="pixels divided by 255, and one number of any size and sign for each image and class",
        read="torch.nn.Module.eval",
        points=1,
        probe=Probe(calls=(*_filled("drop_probs"), _predict("logits"))),
        cases=LOGITS,
        oracle=_by_hand(_scaled_logits),
        needs=("logits",),
    ),
    Check(
        id="predict_undropped",
        question="training",
        claim="at test time no unit is dropped",
        expects="the logits of all units, unscaled, although the network comes from training",
        read=DROPOUT,
        points=1,
        probe=Probe(calls=(*_filled("drop_probs"), _train(("losses",)), _predict("logits"))),
        outputs=("logits",),
        cases=UNDROPPED,
        oracle=_by_hand(_trained, DROPOUT),
        needs=("training_mode", "predict"),
    ),
    _designed("narrow", "at most 100 hidden units", 1, 100),
    _parameters("narrow"),
    _rerun("narrow"),
    _designed("medium", "two hidden layers or more, with at most 200 units", 2, 200),
    _parameters("medium"),
    _rerun("medium"),
    _designed("wide", "three hidden layers or more, with at most 1000 units", 3, 1000),
    _typed(
        "wide_units",
        "wide",
        "wide_units counts the units of all hidden layers",
        "neither the inputs nor the units of the output layer",
    ),
    _parameters("wide"),
    _rerun("wide"),
    _designed("weights", "at most 1000 hidden units", 1, 1000, "make_trained"),
    Check(
        id="weights",
        question="weights",
        claim="with the weights that you hand in, make_trained classifies the test images",
        expects="the weights of this network, trained on the other images",
        read=SPLIT,
        points=2,
        probe=Probe(
            calls=(
                _build("make_trained"),
                Call(function=Operation.RESTORE, takes=("network", "weights"), returns=()),
                MODE[Operation.EVAL],
                Call(function=Operation.FORWARD, takes=("network", "x"), returns=("scores",)),
                Call(function=Operation.FORWARD, takes=("network", "own"), returns=("own_scores",)),
                Call(function=Operation.KERNELS, takes=("network",), returns=("first",)),
            ),
            weights="weights",
        ),
        cases=HANDED_IN,
        dtype="float32",
        oracle=Relation(name="trained_apart", parameters={"logits": True}),
        draws=(
            Drawing(name="kernels", parameters={"weights": "first"}),
            Drawing(
                name="histogram",
                parameters={"weights": "first", "across": "weights of the first layer"},
            ),
        ),
        needs=("weights_design",),
    ),
)
