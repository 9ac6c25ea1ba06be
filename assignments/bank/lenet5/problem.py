"""LeNet-5 on colour images: asks, checks and designed cases.

Oracles compute layer by layer, without autograd and without the reference's class. Images hold
small whole numbers, so that public cases are short; weights come from a formula in a seed.
"""

from typing import Any

import numpy as np

from backproof import (
    Call,
    Case,
    Check,
    ClassAsk,
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
from backproof_reference import lenet as reference

ASKS = (
    ClassAsk(reference=reference.LeNet5),
    FunctionAsk(reference=reference.train_step),
)
WAIVERS = (
    Waiver(rule="square_image", reason="LeNet-5 is defined for images of 32 by 32"),
    Waiver(
        rule="equal_sizes",
        check="train_step",
        name="x, axes 3 and 4",
        reason="mini-batches of images of 32 by 32, one for each step",
    ),
)
PAPER = "LeCun et al. 1998, Gradient-based learning applied to document recognition, section II.B"
SHAPES = [list(shape) for shape in reference.LENET5_SHAPES]
NAMES = tuple(f"{kind}{layer}" for layer in range(1, 6) for kind in ("w", "b"))
LARGE = ("w2", "w3", "w4", "w5")
"""Parameters that are not judged: they have thousands of entries, and a mistake in their layers shows
in the others."""


def _images(rng: np.random.Generator, *sizes: int) -> Any:
    return rng.integers(-2, 3, (*sizes, 3, 32, 32)).astype(np.float64)


def _given(rng: np.random.Generator, images: int) -> dict[str, Any]:
    return {
        "x": _images(rng, images),
        "dout": rng.integers(-4, 5, (images, 10)) / 2 + 0.25,
        "seed": int(rng.integers(1, 1000)),
        "shapes": SHAPES,
    }


def _batches(rng: np.random.Generator, steps: int, images: int, **more: float) -> dict[str, Any]:
    return {
        "x": _images(rng, steps, images),
        "y": rng.integers(0, 10, (steps, images)),
        "example": _images(rng, 1),
        "seed": int(rng.integers(1, 1000)),
        "shapes": SHAPES,
        **more,
    }


IMAGES = (
    Case(
        id="two_images",
        why="two images, which must not be mixed, and weights that are all different",
        build=lambda rng: _given(rng, 2),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="four_images",
        why="other weights and images, views with gaps",
        build=lambda rng: _given(rng, 4),
        strided=True,
    ),
)
FRESH = (
    Case(
        id="fresh",
        why="logits of fresh networks differ by chance",
        build=lambda rng: {"x": _images(rng, 4)},
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="fresh_hidden",
        why="the same for other images",
        build=lambda rng: {"x": _images(rng, 7)},
    ),
)
STEPS = (
    Case(
        id="two_steps",
        why="two steps: what the first leaves behind shows in the second",
        build=lambda rng: _batches(rng, 2, 2, lr=0.25),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="momentum",
        why="four steps with momentum",
        build=lambda rng: _batches(rng, 4, 2, lr=0.125, momentum=0.75),
    ),
)

BUILD = Call(function="LeNet5", takes=(), returns=("network",), keeps=("network",))
# Lazy layers have their shapes after a first forward pass.
FIRST = Call(
    function=Operation.FORWARD, takes=("network", "x"), returns=("first",), keeps=("first",)
)
FILL = Call(function=Operation.FILL, takes=("network", "seed", "shapes"), returns=())


def _weights(seed: int, like: Any) -> list[Any]:
    return [like.new_tensor(weight) for weight in given_weights(seed, SHAPES)]


def _structure(**_: Any) -> dict[str, Any]:
    rows = sorted((tuple(shape) for shape in SHAPES), reverse=True)
    return {
        "trainable": sum(int(np.prod(shape)) for shape in SHAPES),
        "unused": 0,
        "shapes": [[*row, *[0] * (5 - len(row))] for row in rows],
    }


def _logits(x: Any, dout: Any, seed: int, shapes: Any) -> dict[str, Any]:
    return {"logits": reference.lenet5_logits(x, _weights(seed, x))}


def _gradients(x: Any, dout: Any, seed: int, shapes: Any) -> dict[str, Any]:
    found = reference.lenet5_gradients(x, _weights(seed, x), dout)
    return dict(zip(("dx", *(f"d{name}" for name in NAMES)), found, strict=True))


def _training(x: Any, y: Any, seed: int, lr: float, momentum: float = 0.0, **_: Any) -> Any:
    losses, weights = reference.lenet5_training(x, y, _weights(seed, x), lr, momentum)
    return {"losses": losses, **dict(zip(NAMES, weights, strict=True))}


def _by_hand(compute: Any, *more: str) -> Expected:
    return Expected(compute=compute, kind=OracleKind.REFERENCE, provenance=(PAPER, *more))


CHECKS = (
    Check(
        id="structure",
        question="structure",
        claim="the network has LeNet-5's parameters",
        expects="five layers, each with a weight of its own shape and a bias, all used by forward",
        read=PAPER,
        points=2,
        probe=Probe(
            calls=(
                BUILD,
                Call(
                    function=Operation.STRUCTURE,
                    takes=("network", "x"),
                    returns=("shapes", "trainable", "unused"),
                ),
            )
        ),
        outputs=("trainable", "shapes", "unused"),
        cases=IMAGES,
        oracle=_by_hand(_structure),
    ),
    Check(
        id="initial_loss",
        question="initial_loss",
        claim="before training, the mean cross-entropy is near that of equal probabilities",
        expects="logits that are small and differ by chance only: torch's default initialisation "
        "does that, and one that is made for deeper layers does not",
        read="derivation softmax.initial_loss; torch.nn.Linear, on its initialisation",
        points=1,
        probe=Probe(
            calls=(
                BUILD,
                Call(function=Operation.FORWARD, takes=("network", "x"), returns=("logits",)),
            ),
            repeat=8,
        ),
        cases=FRESH,
        # 800 networks with torch's default, four at a time on four such images: the mean was 0.0017
        # to 0.0064 above ln 10 (standard deviation 0.0008); with Xavier's, 0.17 to 0.72.
        oracle=Relation(name="chance_loss", parameters={"classes": 10, "within": 0.02}),
        needs=("structure",),
    ),
    Check(
        id="forward",
        question="forward",
        claim="with given weights, the network returns LeNet-5's logits",
        expects="for each image ten numbers of any size and sign",
        read=PAPER,
        points=3,
        probe=Probe(
            calls=(
                BUILD,
                FIRST,
                FILL,
                Call(function=Operation.EVAL, takes=("network",), returns=()),
                Call(function=Operation.FORWARD, takes=("network", "x"), returns=("logits",)),
            )
        ),
        cases=IMAGES,
        oracle=_by_hand(_logits),
        terms=400,
        needs=("structure",),
    ),
    Check(
        id="gradients",
        question="gradients",
        claim="autograd finds the gradients of all parameters",
        expects="every operation on the way from the parameters to the logits can be followed",
        read="Goodfellow, Bengio and Courville, Deep Learning, section 6.5",
        points=1,
        probe=Probe(
            calls=(
                BUILD,
                FIRST,
                FILL,
                Call(
                    function=Operation.BACKWARD,
                    takes=("network", "x", "dout"),
                    returns=("dx", *(f"d{name}" for name in NAMES)),
                    keeps=("dx", *(f"d{name}" for name in LARGE)),
                ),
            )
        ),
        cases=IMAGES,
        oracle=_by_hand(_gradients),
        terms=784,
        needs=("forward",),
    ),
    Check(
        id="train_step",
        question="train_step",
        claim="each step lowers the mean cross-entropy along its own gradient",
        expects="the loss of the mini-batch before the update, and weights that have moved by the "
        "gradient of this mini-batch alone",
        read="torch.optim, Taking an optimization step",
        points=3,
        probe=Probe(
            calls=(
                BUILD,
                Call(
                    function=Operation.FORWARD,
                    takes=("network", "example"),
                    returns=("first",),
                    keeps=("first",),
                ),
                FILL,
                Call(
                    function=Operation.SGD,
                    takes=("network", "lr", "momentum"),
                    returns=("optimizer",),
                    keeps=("optimizer",),
                ),
                Call(
                    function="train_step",
                    takes=("network", "optimizer", "x", "y"),
                    returns=("losses",),
                    each=("x", "y"),
                ),
                Call(function=Operation.READ, takes=("network",), returns=NAMES, keeps=LARGE),
            )
        ),
        cases=STEPS,
        oracle=_by_hand(_training, "Sutskever et al. 2013, on momentum"),
        terms=784,
        needs=("forward",),
    ),
)
