"""A small convolutional network with its training: asks, checks and designed cases.

Trajectories are judged against the chain rule written out by hand, without autograd. Height, width,
channels and classes all differ, odd sizes leave a remainder for pooling, batches differ in size, and
training with the learning rate 0 moves running statistics and nothing else.
"""

from typing import Any

import numpy as np

from backproof import (
    Call,
    Case,
    Check,
    Drawing,
    Expected,
    FunctionAsk,
    Operation,
    OracleKind,
    Probe,
    Relation,
    Visibility,
    Waiver,
    given_weights,
)
from backproof_reference import data
from backproof_reference import small_cnn as reference

ASKS = (
    FunctionAsk(reference=reference.make_cnn),
    FunctionAsk(reference=reference.train_steps),
    FunctionAsk(reference=reference.predict),
    FunctionAsk(reference=reference.choose_epoch),
)
BATCHNORM = "Ioffe and Szegedy 2015, section 3.2 and algorithm 2"
DROPOUT = "Srivastava et al. 2014, Dropout, section 4"
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, sections 6.5 and 9.3"
STEPS = "torch.optim, Taking an optimization step; torch.optim.SGD"
SPLIT = "Goodfellow, Bengio and Courville, Deep Learning, section 5.3.1"
WIDE = {"channels": 2, "height": 6, "width": 13, "classes": 5}
TALL = {"channels": 3, "height": 9, "width": 7, "classes": 4}
UNITS, SHOWN = 24, 22
"""Hidden units; the logits that show them are fewer, so that no two parameters have one shape."""

BASE = ("w1", "b1", "w2", "b2", "w3", "b3", "w4", "b4")
NORMAL = ("w1", "gamma1", "beta1", "w2", "gamma2", "beta2", "w3", "b3", "w4", "b4")
LARGE = ("w2", "w3")
"""Parameters that are not judged: they have a thousand entries, and mistakes in them show elsewhere."""


def _waive(rule: str, name: str, reason: str, *checks: str) -> tuple[Waiver, ...]:
    return tuple(Waiver(rule=rule, check=check, name=name, reason=reason) for check in checks)


_UNDROPPED = "dropout has checks of its own, dropout_mask and dropout_predict"
_PLAIN = "batch normalisation has checks of its own, batchnorm_training and batchnorm_predict"
_STILL = "the learning rate 0 moves running statistics and nothing else; training has the others"
_REAL = "the images of the run are square as published; logits and training have others"
_RERUNS = ("rerun_base", "rerun_batchnorm", "rerun_dropout")
WAIVERS = (
    *_waive(
        "half_probability",
        "drop_prob",
        _UNDROPPED,
        "structure",
        "logits",
        "training",
        "predict",
        "batchnorm_structure",
        "batchnorm_training",
        "batchnorm_predict",
        "rerun_base",
        "rerun_batchnorm",
    ),
    *_waive("unused_option", "drop_prob", _UNDROPPED, "structure", "logits", "training", "predict"),
    *_waive("unused_option", "batchnorm", _PLAIN, "logits", "predict", "dropout_mask"),
    *_waive("unit_factor", "lr", _STILL, "batchnorm_predict", "dropout_predict"),
    *_waive("square_image", "w1", "kernels of the table are 3 x 3", "dropout_mask"),
    *_waive("square_image", "w2", "kernels of the table are 3 x 3", "dropout_mask"),
    *(
        waiver
        for name in ("images", "x", "height and width")
        for waiver in _waive("square_image", name, _REAL, *_RERUNS)
    ),
    *_waive("standardised", "", "images are standardised before training", *_RERUNS),
)


# --- cases ----------------------------------------------------------------------------------------


def _given(
    rng: np.random.Generator, size: dict[str, int], images: int, batchnorm: bool = False
) -> dict[str, Any]:
    """A network of this size, its weights, and images of small halves."""
    pixels = rng.integers(-4, 5, (images, size["channels"], size["height"], size["width"])) / 2
    return {
        **size,
        "x": pixels,
        "seed": int(rng.integers(1, 1000)),
        "shapes": reference.cnn_shapes(**size, batchnorm=batchnorm),
    }


def _run(
    rng: np.random.Generator,
    size: dict[str, int],
    batches: list[list[int]],
    lr: float,
    **more: Any,
) -> dict[str, Any]:
    """Images to train on besides `x`; every class occurs, in unequal numbers."""
    count = 1 + max(map(max, batches))
    given = _given(rng, size, 2, bool(more.get("batchnorm")))
    shape = (count, *given["x"].shape[1:])
    return {
        **given,
        "images": rng.integers(-4, 5, shape) / 2 + 0.25,
        "labels": LABELS[:count] % size["classes"],
        "batches": batches,
        "lr": lr,
        **more,
    }


LABELS = np.array([0, 1, 2, 3, 4, 0, 0, 1])
THREE = [[0, 3, 5], [1, 2, 4, 6], [6, 0]]
FOUR = [[4, 1], [0, 2, 3, 5, 6, 7], [7, 4, 2], [1, 3, 0]]
LOGITS = (
    Case(
        id="wide",
        why="images that are no squares, in which one column is left over",
        build=lambda rng: _given(rng, WIDE, 3),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="tall_views",
        why="other sizes, in which rows are left over twice; views with gaps",
        build=lambda rng: _given(rng, TALL, 4),
        strided=True,
    ),
)
TRAINING = (
    Case(
        id="steps",
        why="three steps on batches of several sizes: what one leaves behind shows in the next",
        build=lambda rng: _run(rng, WIDE, THREE, 0.125),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="more_steps",
        why="four steps, images in no order, another learning rate",
        build=lambda rng: _run(rng, TALL, FOUR, 0.0625),
    ),
)
NORMAL_LOGITS = (
    Case(
        id="normal_shapes",
        why="batch normalisation has parameters of its own, and takes the place of a bias",
        build=lambda rng: _given(rng, WIDE, 3, batchnorm=True) | {"batchnorm": True},
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="normal_shapes_tall",
        why="the same at other sizes",
        build=lambda rng: _given(rng, TALL, 2, batchnorm=True) | {"batchnorm": True},
    ),
)
NORMAL_TRAINING = (
    Case(
        id="normal_steps",
        why="three steps in training mode, the network handed over in the other",
        build=lambda rng: _run(rng, WIDE, THREE, 0.125, batchnorm=True),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="normal_more_steps",
        why="four steps at other sizes",
        build=lambda rng: _run(rng, TALL, FOUR, 0.0625, batchnorm=True),
    ),
)
GATHERED = (
    Case(
        id="gathered",
        why="the learning rate 0 moves nothing but the running statistics, which are neither those "
        "of a fresh network nor those of the images to predict",
        build=lambda rng: _run(rng, WIDE, THREE, 0.0, batchnorm=True),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="gathered_tall",
        why="the same at other sizes",
        build=lambda rng: _run(rng, TALL, FOUR, 0.0, batchnorm=True),
    ),
)
UNDROPPED = (
    Case(
        id="undropped",
        why="the network comes from training; with p = 0.6 a dropped unit is hard to miss",
        build=lambda rng: _run(rng, WIDE, THREE, 0.0, drop_prob=0.6),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="undropped_tall",
        why="the same at other sizes, few units dropped",
        build=lambda rng: _run(rng, TALL, FOUR, 0.0, drop_prob=0.15),
    ),
)


def _masked(rng: np.random.Generator, rows: int, drop_prob: float) -> dict[str, Any]:
    """Weights by which the logits are units themselves, `x` for every image."""
    size = {**WIDE, "classes": SHOWN}
    zeros = [np.zeros(shape) for shape in reference.cnn_shapes(**size, batchnorm=False)]
    units = rng.integers(2, 9, UNITS) / 4
    weights = dict(zip(BASE, zeros, strict=True)) | {"b3": units, "w4": np.eye(SHOWN, UNITS)}
    return {
        **size,
        "drop_prob": drop_prob,
        "images": rng.integers(-4, 5, (rows, 2, 6, 13)) / 2,
        "x": np.tile(units[:SHOWN], (rows, 1)),
        **weights,
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
HELD_BACK = ("hidden_labels", "least")
LEAST, LEAST_PHOTOGRAPHS = 0.4, 0.15
"""Shares to be classified rightly: far above chance, 0.1, and far below what honest runs reach."""
CALLS = 32


def _own_run(rng: np.random.Generator, **more: Any) -> dict[str, Any]:
    """Real images, standardised; the classes have other numbers than in the published data set."""
    found = data.photographs()
    names = rng.permutation(found.classes)
    images, labels = found.train(rng.permutation(len(found.train_labels))[:512])
    x, hidden = found.test(rng.permutation(len(found.test_labels))[:320])
    mean, spread = images.mean(), images.std()
    batches = [
        order[start : start + 32].tolist()
        for order in (rng.permutation(512) for _ in range(4))
        for start in range(0, 512, 32)
    ]
    return {
        "channels": found.channels,
        "height": images.shape[2],
        "width": images.shape[3],
        "classes": found.classes,
        "images": (images - mean) / spread,
        "labels": names[labels],
        "batches": batches,
        "lr": 0.05,
        "x": (x - mean) / spread,
        "seed": int(rng.integers(1, 1000)),
        "hidden_labels": names[hidden],
        "least": LEAST if found.name == "digits" else LEAST_PHOTOGRAPHS,
        **more,
    }


def _rerun_case(id: str, why: str, **more: Any) -> Case:
    return Case(id=id, why=why, build=lambda rng: _own_run(rng, **more), withheld=HELD_BACK)


EPOCHS = (
    Case(
        id="tie",
        why="two epochs are equally good on the validation set; another is best on the test set",
        build=lambda rng: {
            "validation": np.array([50, 75, 62, 75, 68]),
            "test": np.array([43, 56, 87, 62, 75]),
        },
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="many_epochs",
        why="thirty epochs in no order",
        build=lambda rng: {
            "validation": rng.permutation(30) + 40,
            "test": rng.permutation(30) + 31,
        },
    ),
)


# --- oracles --------------------------------------------------------------------------------------


def _weights(seed: int, shapes: Any, like: Any) -> list[Any]:
    return [like.new_tensor(weight) for weight in given_weights(seed, shapes)]


def _structure(shapes: Any, **_: Any) -> dict[str, Any]:
    rows = sorted((tuple(shape) for shape in shapes), reverse=True)
    return {
        "trainable": sum(int(np.prod(shape)) for shape in shapes),
        "unused": 0,
        "shapes": [[*row, *[0] * (5 - len(row))] for row in rows],
    }


def _logits(x: Any, seed: int, shapes: Any, **_: Any) -> dict[str, Any]:
    running = reference.fresh_statistics(x)
    return {"logits": reference.cnn_logits(x, _weights(seed, shapes, x), running, False)}


def _trained(
    images: Any, labels: Any, batches: Any, lr: float, seed: int, shapes: Any, **more: Any
) -> dict[str, Any]:
    normal = bool(more.get("batchnorm"))
    weights = _weights(seed, shapes, images)
    losses, after, running = reference.cnn_training(images, labels, batches, weights, lr, normal)
    logits = reference.cnn_logits(more["x"], after, running, normal)
    names = NORMAL if normal else BASE
    return {"losses": losses, "logits": logits, **dict(zip(names, after, strict=True))}


def _chosen(validation: Any, test: Any) -> dict[str, Any]:
    epoch, reported = reference.choose_epoch(validation, test)
    return {"epoch": epoch, "reported": reported}


def _by_hand(compute: Any, *sources: str) -> Expected:
    return Expected(compute=compute, kind=OracleKind.REFERENCE, provenance=(BOOK, *sources))


# --- probes ---------------------------------------------------------------------------------------

SIZES = ("channels", "height", "width", "classes")
FILL = Call(function=Operation.FILL, takes=("network", "seed", "shapes"), returns=())
MODE = {
    mode: Call(function=mode, takes=("network",), returns=())
    for mode in (Operation.TRAIN, Operation.EVAL)
}
STRUCTURE = Call(
    function=Operation.STRUCTURE, takes=("network", "x"), returns=("shapes", "trainable", "unused")
)
PREDICT = Call(function="predict", takes=("network", "x"), returns=("logits",))
# Lazy layers have their shapes after a first forward pass.
FIRST = Call(
    function=Operation.FORWARD, takes=("network", "x"), returns=("first",), keeps=("first",)
)


def _build(*more: str) -> Call:
    return Call(
        function="make_cnn", takes=(*SIZES, *more), returns=("network",), keeps=("network",)
    )


def _train(keeps: tuple[str, ...] = ()) -> Call:
    return Call(
        function="train_steps",
        takes=("network", "images", "labels", "batches", "lr"),
        returns=("losses",),
        keeps=keeps,
    )


def _filled(*more: str) -> tuple[Call, ...]:
    """A network in evaluation mode, so that lazy layers get shapes and statistics stay fresh."""
    return (_build(*more), MODE[Operation.EVAL], FIRST, FILL)


def _trajectory(names: tuple[str, ...], *more: str) -> Probe:
    read = Call(function=Operation.READ, takes=("network",), returns=names, keeps=LARGE)
    return Probe(calls=(*_filled(*more), _train(), read))


def _after_training(*more: str) -> Probe:
    return Probe(calls=(*_filled(*more), _train(("losses",)), PREDICT))


KERNELS = Call(function=Operation.KERNELS, takes=("network",), returns=("kernels",))


def _rerun(id: str, what: str, case: Case, needs: tuple[str, ...], *more: str) -> Check:
    seed = Call(function=Operation.SEED, takes=("seed",), returns=())
    scores = Call(function="predict", takes=("network", "x"), returns=("scores",))
    return Check(
        id=id,
        question="rerun",
        claim=f"{what}, trained by train_steps, classifies images that were held back",
        expects="far more than by chance, after four epochs of 512 small images",
        read=SPLIT,
        points=1,
        probe=Probe(calls=(seed, _build(*more), _train(), scores, KERNELS)),
        cases=(case,),
        dtype="float32",
        oracle=Relation(name="accuracy"),
        needs=needs,
        draws=(
            Drawing(name="losses", parameters={"losses": "losses", "epochs": 4}),
            Drawing(name="kernels", parameters={"weights": "kernels"}),
        ),
    )


LAYERS = "the layers of the table, in their order, and no other"
CHECKS = (
    Check(
        id="structure",
        question="network",
        claim="the base network has the parameters of the table",
        expects="two convolutions and two fully connected layers, each with weight and bias, all used by "
        "forward",
        read=BOOK,
        points=1,
        probe=Probe(calls=(_build(), STRUCTURE)),
        outputs=("trainable", "shapes", "unused"),
        cases=LOGITS,
        oracle=_by_hand(_structure),
    ),
    Check(
        id="logits",
        question="network",
        claim="with given weights, the base network returns the right logits",
        expects=LAYERS,
        read=BOOK,
        points=2,
        probe=Probe(
            calls=(
                *_filled(),
                Call(function=Operation.FORWARD, takes=("network", "x"), returns=("logits",)),
            )
        ),
        cases=LOGITS,
        oracle=_by_hand(_logits),
        needs=("structure",),
    ),
    Check(
        id="training",
        question="training",
        claim="each step lowers the mean cross-entropy of its own mini-batch",
        expects="the loss of each mini-batch before its step, and weights that have moved by the "
        "gradients of these mini-batches alone, with momentum",
        read=STEPS,
        points=3,
        probe=_trajectory(BASE),
        cases=TRAINING,
        oracle=_by_hand(_trained, STEPS),
        needs=("logits",),
    ),
    Check(
        id="predict",
        question="predict",
        claim="predict returns the network's logits",
        expects="one number of any size and sign for each image and class",
        read="torch.nn.Module.eval",
        points=1,
        probe=Probe(calls=(*_filled(), PREDICT)),
        cases=LOGITS,
        oracle=_by_hand(_logits),
        needs=("logits",),
    ),
    Check(
        id="batchnorm_structure",
        question="batchnorm",
        claim="batch normalisation scales and shifts each channel, and takes the place of the bias",
        expects="for each convolution a weight that forward uses, no bias, and for each of its channels "
        "two numbers",
        read=BATCHNORM,
        points=1,
        probe=Probe(calls=(_build("batchnorm"), STRUCTURE)),
        outputs=("trainable", "shapes", "unused"),
        cases=NORMAL_LOGITS,
        oracle=_by_hand(_structure, BATCHNORM),
        needs=("structure",),
    ),
    Check(
        id="batchnorm_training",
        question="batchnorm",
        claim="training normalises each channel with the statistics of the mini-batch",
        expects="training mode, whatever mode the network came in, and batch normalisation between "
        "convolution and ReLU",
        read=BATCHNORM,
        points=2,
        probe=_trajectory(NORMAL, "batchnorm"),
        cases=NORMAL_TRAINING,
        oracle=_by_hand(_trained, BATCHNORM, STEPS),
        needs=("batchnorm_structure", "training"),
    ),
    Check(
        id="batchnorm_predict",
        question="batchnorm",
        claim="prediction normalises with the statistics that training has gathered",
        expects="evaluation mode: what else is in the batch does not matter",
        read=BATCHNORM,
        points=2,
        probe=_after_training("batchnorm"),
        outputs=("logits",),
        cases=GATHERED,
        oracle=_by_hand(_trained, BATCHNORM),
        needs=("batchnorm_training", "predict"),
    ),
    Check(
        id="dropout_mask",
        question="dropout",
        claim="in training mode, each of the 24 units is dropped with probability drop_prob",
        expects="after the ReLU: every unit of every image on its own, the others divided by "
        "1 - drop_prob",
        read=DROPOUT,
        points=2,
        probe=Probe(
            calls=(
                _build("drop_prob"),
                MODE[Operation.EVAL],
                Call(
                    function=Operation.FORWARD,
                    takes=("network", "images"),
                    returns=("first",),
                    keeps=("first",),
                ),
                Call(function=Operation.LOAD, takes=("network", *BASE), returns=()),
                MODE[Operation.TRAIN],
                Call(function=Operation.FORWARD, takes=("network", "images"), returns=("out",)),
            ),
            repeat=CALLS,
        ),
        cases=MASKED,
        oracle=Relation(name="inverted_dropout", parameters={"repeat": CALLS}),
        needs=("logits",),
    ),
    Check(
        id="dropout_predict",
        question="dropout",
        claim="at test time no unit is dropped",
        expects="the logits of all units, unscaled",
        read=DROPOUT,
        points=2,
        probe=_after_training("drop_prob"),
        outputs=("logits",),
        cases=UNDROPPED,
        oracle=_by_hand(_trained, DROPOUT),
        needs=("dropout_mask", "training", "predict"),
    ),
    _rerun(
        "rerun_base",
        "the base network",
        _rerun_case("own_run", "real images, in a run whose accuracy is recomputed"),
        ("training", "predict"),
    ),
    _rerun(
        "rerun_batchnorm",
        "the network with batch normalisation",
        _rerun_case("own_run_batchnorm", "the same with batch normalisation", batchnorm=True),
        ("batchnorm_predict",),
        "batchnorm",
    ),
    _rerun(
        "rerun_dropout",
        "the network with batch normalisation and dropout",
        _rerun_case("own_run_dropout", "the same with both", batchnorm=True, drop_prob=0.25),
        ("batchnorm_predict", "dropout_predict"),
        "batchnorm",
        "drop_prob",
    ),
    Check(
        id="choose_epoch",
        question="selection",
        claim="choose_epoch keeps the network that is best on the validation set",
        expects="a choice that the test set has no part in, and how the chosen network does on the test set",
        read=SPLIT,
        points=1,
        probe=Probe(
            calls=(
                Call(
                    function="choose_epoch",
                    takes=("validation", "test"),
                    returns=("epoch", "reported"),
                ),
            )
        ),
        cases=EPOCHS,
        oracle=Expected(compute=_chosen, kind=OracleKind.REFERENCE, provenance=(SPLIT,)),
    ),
)
