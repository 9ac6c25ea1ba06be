"""LeNet-5 with options, an epoch of training with weight decay, and an evaluation.

Oracles compute layer by layer, without autograd and without the reference's class. Batches have
several lengths, so that means of batches are no means over images.
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
    ClassAsk,
    Expected,
    FunctionAsk,
    NumberDemand,
    NumberField,
    Operation,
    OracleKind,
    Probe,
    Role,
    TypedAnswer,
    Visibility,
    Waiver,
    given_weights,
)
from backproof_reference import lenet_variants as reference
from backproof_reference.derivations import batchnorm_layers
from backproof_reference.softmax import softmax_cross_entropy

DERIVATIONS = batchnorm_layers.DERIVATIONS
ROLES = {"labels": Role.PLAIN}
WAIVERS = (
    Waiver(rule="square_image", reason="LeNet-5 is defined for images of 32 by 32"),
    *(
        Waiver(
            rule="unused_option",
            check="train_epoch",
            name=option,
            reason="it trains the plain network, whose steps are judged without autograd",
        )
        for option in ("batchnorm", "swish")
    ),
    Waiver(rule="unused_option", check="epoch_mode", name="swish", reason="the mode is the point"),
    Waiver(
        rule="unit_factor",
        check="epoch_mode",
        name="lr",
        reason="the weights are to stay, so that the mode alone shows",
    ),
)
PAPER = "LeCun et al. 1998, Gradient-based learning applied to document recognition, section II.B"
BATCHNORM = "Ioffe and Szegedy 2015, Batch Normalization, section 3.2"
STEPS = "PyTorch documentation, torch.optim: Taking an optimization step; torch.optim.SGD"
EVALUATION = "PyTorch documentation, torch.nn.Module.eval and torch.no_grad"
PLAIN = tuple(f"{kind}{layer}" for layer in range(1, 6) for kind in ("w", "b"))
LARGE = ("w2", "w3", "w4", "w5")
"""Parameters that are not judged: they have thousands of entries, and a mistake shows in the others."""

COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")
BIAS = ("as large as without", "small", "exactly 0")
ASKS = (
    ClassAsk(reference=reference.LeNet5Variant),
    AnswerAsk(name="norm_layers", prompt="layers", field=COUNT, answer="4", also=("2 + 2", "4.0")),
    AnswerAsk(
        name="norm_parameters",
        prompt="trained parameters",
        field=COUNT,
        answer="452",
        also=("2*(6 + 16 + 120 + 84)", "452.0"),
    ),
    AnswerAsk(
        name="bias_gradient",
        prompt="gradient of the bias",
        field=ChoiceField(options=BIAS),
        answer=BIAS[2],
        also=("Exactly 0", " exactly 0 "),
    ),
    FunctionAsk(reference=reference.train_epoch),
    FunctionAsk(reference=reference.evaluate),
)


def _case(id: str, why: str, build: Any, *, public: bool = False, strided: bool = False) -> Case:
    visibility = Visibility.PUBLIC if public else Visibility.HIDDEN
    return Case(id=id, why=why, build=build, visibility=visibility, strided=strided)


def _images(rng: np.random.Generator, images: int) -> Any:
    """Whole numbers, which keep public cases short."""
    return rng.integers(-2, 3, (images, 3, 32, 32)).astype(np.float64)


def _given(images: int, **options: bool) -> Any:
    return lambda rng: {
        "x": _images(rng, images),
        "seed": int(rng.integers(1, 1000)),
        "shapes": reference.variant_shapes(options.get("batchnorm", False)),
        **options,
    }


def _some_right(
    rng: np.random.Generator, images: Any, seed: int, batchnorm: bool, **options: bool
) -> Any:
    """Labels of which every second one is what the network says, in the mode of its use."""
    x = torch.from_numpy(images)
    weights = _weights(seed, reference.variant_shapes(batchnorm), x)
    logits = reference.variant_logits(x, weights, batchnorm, **options).numpy()
    labels = rng.integers(0, 10, len(images))
    labels[::2] = logits.argmax(axis=1)[::2]
    return labels


def _run(
    batches: list[list[int]], lr: float, momentum: float, weight_decay: float, **more: bool
) -> Any:
    def build(rng: np.random.Generator) -> dict[str, Any]:
        images = _images(rng, sum(len(batch) for batch in batches))
        seed, batchnorm = int(rng.integers(1, 1000)), more.get("batchnorm", False)
        return {
            "images": images,
            "labels": _some_right(rng, images, seed, batchnorm, swish=False, training=batchnorm),
            "batches": batches,
            "lr": lr,
            "momentum": momentum,
            "weight_decay": weight_decay,
            "seed": seed,
            "shapes": reference.variant_shapes(batchnorm),
            **more,
        }

    return build


def _judged(images: int, batch_size: int, **more: bool) -> Any:
    def build(rng: np.random.Generator) -> dict[str, Any]:
        x, seed = _images(rng, images), int(rng.integers(1, 1000))
        swish = more.get("swish", False)
        return {
            **more,
            "images": x,
            "labels": _some_right(rng, x, seed, True, swish=swish, training=False),
            "batch_size": batch_size,
            "batchnorm": True,
            "seed": seed,
            "shapes": reference.variant_shapes(True),
        }

    return build


SWISH = (
    _case("relu", "no option", _given(2), public=True),
    _case("swish", "Swish", _given(2, swish=True), public=True),
    _case("relu_graded", "no option, more images", _given(3)),
    _case("swish_graded", "Swish, views with gaps", _given(4, swish=True), strided=True),
)
NORMAL = (
    _case("normal", "batch normalisation", _given(3, batchnorm=True), public=True),
    _case("normal_graded", "batch normalisation, more images", _given(5, batchnorm=True)),
    _case("both", "batch normalisation and Swish", _given(4, batchnorm=True, swish=True)),
)
MODES = (
    _case("mini_batch", "statistics of the mini-batch", _given(4, batchnorm=True), public=True),
    _case("mini_batch_graded", "another mini-batch", _given(6, batchnorm=True, swish=True)),
)
EPOCHS = (
    _case(
        "two_steps",
        "two batches of different lengths",
        _run([[2, 0], [1]], 0.125, 0.75, 0.25),
        public=True,
    ),
    _case(
        "four_steps",
        "four batches in another order than the images",
        _run([[5, 1, 3], [0], [4, 2], [6]], 0.25, 0.875, 0.375),
    ),
    _case(
        "slow_steps",
        "a strong penalty at a low rate",
        _run([[1, 4], [2, 0, 3]], 0.0625, 0.375, 1.5),
    ),
)
STILL = (
    _case(
        "standing_still",
        "a rate of 0, so that the mode alone shows",
        _run([[2, 0], [1, 4, 3]], 0.0, 0.75, 0.25, batchnorm=True),
        public=True,
    ),
    _case(
        "standing_still_graded",
        "the same with other batches",
        _run([[5, 1, 3], [0, 6, 4, 2]], 0.0, 0.375, 0.5, batchnorm=True),
    ),
)
JUDGED = (
    _case("five_images", "a last batch that is shorter", _judged(5, 3), public=True),
    _case("seven_images", "a last batch that is shorter", _judged(7, 4)),
    _case("one_batch", "fewer images than a batch has", _judged(6, 9, swish=True)),
)

BUILD = Call(
    function="LeNet5Variant",
    takes=("batchnorm", "swish"),
    returns=("network",),
    keeps=("network",),
)
FILL = Call(function=Operation.FILL, takes=("network", "seed", "shapes"), returns=())
TRAIN, EVAL = (
    Call(function=mode, takes=("network",), returns=())
    for mode in (Operation.TRAIN, Operation.EVAL)
)
RUN = Call(function=Operation.FORWARD, takes=("network", "x"), returns=("logits",))


EPOCH = Call(
    function="train_epoch",
    takes=("network", "images", "labels", "batches", "lr", "momentum", "weight_decay"),
    returns=("loss", "share"),
)


def _first(images: str) -> tuple[Call, ...]:
    """Lazy layers have their shapes after a first forward pass, in evaluation mode."""
    run = Call(
        function=Operation.FORWARD, takes=("network", images), returns=("first",), keeps=("first",)
    )
    return (BUILD, EVAL, run, FILL)


def _weights(seed: int, shapes: Any, like: Any) -> list[Any]:
    return [like.new_tensor(weight) for weight in given_weights(seed, shapes)]


def _structure(batchnorm: bool = False, **_: Any) -> dict[str, Any]:
    shapes = reference.variant_shapes(batchnorm)
    rows = sorted((tuple(row) for row in shapes), reverse=True)
    return {
        "trainable": sum(int(np.prod(shape)) for shape in shapes),
        "unused": 0,
        "shapes": [[*row, *[0] * (5 - len(row))] for row in rows],
    }


def _logits(
    x: Any, seed: int, shapes: Any, batchnorm: bool = False, swish: bool = False
) -> dict[str, Any]:
    weights = _weights(seed, shapes, x)
    return {"logits": reference.variant_logits(x, weights, batchnorm, swish, training=False)}


def _mini_batch(
    x: Any, seed: int, shapes: Any, batchnorm: bool = False, swish: bool = False
) -> dict[str, Any]:
    weights = _weights(seed, shapes, x)
    return {"logits": reference.variant_logits(x, weights, batchnorm, swish, training=True)}


def _epoch(images: Any, labels: Any, seed: int, shapes: Any, **more: Any) -> dict[str, Any]:
    weights = _weights(seed, shapes, images)
    loss, share, after = reference.epoch_by_hand(images, labels, weights=weights, **more)
    return {"loss": loss, "share": share, **dict(zip(PLAIN, after, strict=True))}


def _standing(
    images: Any, labels: Any, batches: Any, seed: int, shapes: Any, **_: Any
) -> dict[str, Any]:
    """Each mini-batch with its own statistics, and weights as they were given."""
    weights = _weights(seed, shapes, images)
    losses, hits = [], []
    for batch in batches:
        logits = reference.variant_logits(images[batch], weights, True, False, training=True)
        losses += [softmax_cross_entropy(logits, labels[batch])] * len(batch)
        hits.append((logits.argmax(dim=1) == labels[batch]).to(torch.float64))
    return {"loss": torch.stack(losses).mean(), "share": torch.cat(hits).mean()}


def _evaluated(
    images: Any, labels: Any, seed: int, shapes: Any, batchnorm: bool, swish: bool = False, **_: Any
) -> dict[str, Any]:
    weights = _weights(seed, shapes, images)
    logits = reference.variant_logits(images, weights, batchnorm, swish, training=False)
    right = (logits.argmax(dim=1) == labels).to(torch.float64)
    return {"loss": softmax_cross_entropy(logits, labels), "share": right.mean()}


def _code(
    id: str, question: str, claim: str, expects: str, read: str, compute: Any, **more: Any
) -> Check:
    return Check(
        id=id,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        oracle=Expected(compute=compute, kind=OracleKind.REFERENCE, provenance=(read,)),
        terms=784,
        **more,
    )


def _typed(name: str, claim: str, expects: str, proven: str = "") -> Check:
    return Check(
        id=name,
        question="normalisation",
        claim=f"{name} {claim}",
        expects=expects,
        read=BATCHNORM,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(
            kind=OracleKind.PROVEN if proven else OracleKind.REFERENCE,
            provenance=(proven or BATCHNORM,),
        ),
    )


CHECKS = (
    _code(
        "structure",
        "variants",
        "the network has the parameters of its options",
        "five layers with biases, all used by forward, and scale and shift of each normalisation",
        PAPER,
        _structure,
        points=2,
        probe=Probe(
            calls=(
                BUILD,
                EVAL,
                Call(
                    function=Operation.STRUCTURE,
                    takes=("network", "x"),
                    returns=("shapes", "trainable", "unused"),
                ),
            )
        ),
        outputs=("trainable", "shapes", "unused"),
        cases=(*SWISH[:1], *NORMAL),
    ),
    _code(
        "swish",
        "variants",
        "with given weights, the network returns the right logits, with ReLU and with Swish",
        "the activation that is asked for behind each layer but the last",
        PAPER,
        _logits,
        points=2,
        probe=Probe(calls=(*_first("x"), RUN)),
        cases=SWISH,
        needs=("structure",),
    ),
    _code(
        "batchnorm",
        "variants",
        "with batch normalisation, the network returns the right logits",
        "a normalisation between each layer but the last and its activation",
        BATCHNORM,
        _logits,
        points=2,
        probe=Probe(calls=(*_first("x"), RUN)),
        cases=NORMAL,
        needs=("swish",),
    ),
    _code(
        "batchnorm_training",
        "variants",
        "in training mode, the network normalises with the mini-batch's own statistics",
        "layers of torch.nn, or such that know both modes",
        BATCHNORM,
        _mini_batch,
        points=1,
        probe=Probe(calls=(*_first("x"), TRAIN, RUN)),
        cases=MODES,
        needs=("batchnorm",),
    ),
    _typed(
        "norm_layers", "counts the layers of normalisation", "one behind each layer but the last"
    ),
    _typed(
        "norm_parameters",
        "counts their trained parameters",
        "two numbers for each channel or unit; running statistics are not trained",
    ),
    _typed(
        "bias_gradient",
        "says what becomes of the bias",
        "what normalisation does to a number that is added to all examples",
        "batchnorm.bias_gradient",
    ),
    _code(
        "train_epoch",
        "epoch",
        "train_epoch takes the steps of an epoch and tells loss and accuracy",
        "weights that have moved by the gradients of their own mini-batches, with momentum and "
        "weight decay; means over images, not over batches",
        STEPS,
        _epoch,
        points=4,
        probe=Probe(
            calls=(
                *_first("images"),
                EPOCH,
                Call(function=Operation.READ, takes=("network",), returns=PLAIN, keeps=LARGE),
            )
        ),
        cases=EPOCHS,
        needs=("swish",),
    ),
    _code(
        "epoch_mode",
        "epoch",
        "train_epoch trains in training mode",
        "statistics of each mini-batch, whatever mode the network came in",
        STEPS,
        _standing,
        points=1,
        probe=Probe(calls=(*_first("images"), EPOCH)),
        outputs=("loss", "share"),
        cases=STILL,
        needs=("train_epoch", "batchnorm_training"),
    ),
    _code(
        "evaluate",
        "evaluation",
        "evaluate tells loss and accuracy at test time",
        "evaluation mode; means over all images, whatever the lengths of the batches",
        EVALUATION,
        _evaluated,
        points=2,
        probe=Probe(
            calls=(
                *_first("images"),
                TRAIN,
                Call(
                    function="evaluate",
                    takes=("network", "images", "labels", "batch_size"),
                    returns=("loss", "share"),
                ),
            )
        ),
        cases=JUDGED,
        needs=("batchnorm",),
    ),
)
