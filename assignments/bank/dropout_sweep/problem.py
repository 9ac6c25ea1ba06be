"""A network with batch normalisation and dropout, run again, and the log of a sweep over dropout.

The grader trains the student's network itself. The log holds a student's own numbers, which are held
against each other: there is no right answer to compare with.
"""

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
    FunctionAsk,
    NumberDemand,
    NumberField,
    Operation,
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
    Waiver,
)
from backproof_reference import data
from backproof_reference import mnist_cnn as reference


def sweep_report() -> tuple[Any, ...]:
    """The numbers of your runs.

    Returns images, sweep, collapsed, final_share, final_loss: in this order, or as a dictionary
    with these keys.

    Shapes:
        images: the number of test images. sweep: (runs, 2), drop_prob and the share of test images
        that are classified rightly after one epoch, from 0 to 1. collapsed: a list of those values
        of drop_prob at which the network only guesses, in any order, empty if there are none.
        final_share, final_loss: share of right test images, and their mean cross-entropy, of the
        final network.

    Source:
        CS 155 (Caltech), set 4, question 3.
    """
    # Runs of the network of benchmarks/results.py on MNIST, seed 0: a third layer of dropout before
    # the last layer. The final one, without dropout, was trained for two epochs only.
    return (
        10000,
        torch.tensor(
            [
                [0.0, 0.9840],
                [0.1, 0.9779],
                [0.2, 0.9740],
                [0.3, 0.9697],
                [0.4, 0.9635],
                [0.5, 0.9523],
                [0.6, 0.9083],
                [0.7, 0.5904],
                [0.9, 0.1135],
                [1.0, 0.1017],
            ],
            dtype=torch.float64,
        ),
        [0.9, 1.0],
        torch.tensor(0.9863, dtype=torch.float64),
        torch.tensor(0.0390, dtype=torch.float64),
    )


ASKS = (
    FunctionAsk(reference=reference.make_cnn),
    FunctionAsk(reference=sweep_report),
    AnswerAsk(
        name="sweep_words",
        prompt="what worked, what the sweep shows, and the problem",
        field=TextField(),
        answer="Batch normalisation before each ReLU helped most. After one epoch every bit of "
        "dropout costs accuracy, which says nothing of ten epochs; from 0.9 on the network only guesses. "
        "Whoever chooses by the test set has no estimate left: the choice fits the test set, too.",
    ),
    AnswerAsk(
        name="only_digit",
        prompt="the digit of every image",
        field=NumberField(demand=NumberDemand(whole=True), domain="positive"),
        answer="1",
        also=("1.0", "2 - 1"),
    ),
    AnswerAsk(
        name="least_loss",
        prompt="the least mean cross-entropy",
        field=NumberField(demand=NumberDemand(minimum_digits=3), domain="positive"),
        answer="(1 - 0.9247)*ln(2)",
        also=("0.0522", "0.0753*log(2)"),
    ),
)
BATCHNORM = "Ioffe and Szegedy 2015, section 3.2"
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, sections 5.3.1 and 7.12"
ENTROPY = "Goodfellow, Bengio and Courville, Deep Learning, section 6.2.2"
WAIVERS = (
    *(
        Waiver(rule="square_image", check="run", name=name, reason="the images are scikit-learn's")
        for name in ("x", "height and width")
    ),
    Waiver(
        rule="equal_sizes",
        check="run",
        name="batches, axes 3 and 4",
        reason="mini-batches of scikit-learn's images, one for each step",
    ),
)
TEST_SIZES = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
"""Images of each digit in MNIST's test set."""


# --- cases ----------------------------------------------------------------------------------------


def _design(rng: np.random.Generator, height: int, width: int) -> dict[str, Any]:
    return {
        "height": height,
        "width": width,
        "classes": 10,
        "drop_prob": 0.3,
        "x": rng.integers(0, 2, (3, 1, height, width)).astype(np.float64),
    }


DESIGNS = (
    Case(
        id="of_mnist",
        why="images of 28 x 28 pixels",
        build=lambda rng: _design(rng, 28, 28),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="of_others",
        why="images that are no squares",
        build=lambda rng: _design(rng, 12, 20),
    ),
)
TRAINED, JUDGED, EPOCHS, BATCH, LR = 512, 320, 10, 32, 0.003
HONEST_LEAST = 0.9
"""Honest runs of the reference's network reach more: see the statement."""
LEAST = HONEST_LEAST - 3 * (HONEST_LEAST * (1 - HONEST_LEAST) / JUDGED) ** 0.5


def _own_run(rng: np.random.Generator) -> dict[str, Any]:
    """Real images in mini-batches; the classes have other numbers than in the published data set."""
    found = data.digits()
    names = rng.permutation(found.classes)
    images, labels = found.train(rng.permutation(len(found.train_labels))[:TRAINED])
    x, hidden = found.test(rng.permutation(len(found.test_labels))[:JUDGED])
    order = np.concatenate([rng.permutation(TRAINED) for _ in range(EPOCHS)]).reshape(-1, BATCH)
    return {
        "height": images.shape[2],
        "width": images.shape[3],
        "classes": found.classes,
        "drop_prob": 0.1,
        "batches": images[order],
        "labels": names[labels][order],
        "lr": LR,
        "x": x,
        "seed": int(rng.integers(1, 1000)),
        "hidden_labels": names[hidden],
        "least": LEAST,
    }


BANDS = json.loads((Path(__file__).parent / "bands.json").read_text())
"""Losses of the reference's network in twenty runs, and the sweep of docs/results.md, by check; made
by `benchmarks/bands.py`."""
OWN_RUN = (
    Case(
        id="own_run",
        why="real images, in a run whose accuracy is recomputed",
        build=_own_run,
        withheld=("hidden_labels", "least"),
    ),
)
REPORTED = (
    Case(
        id="as_reported",
        why="there are no inputs: the numbers are the student's own",
        build=lambda rng: {},
        visibility=Visibility.PUBLIC,
    ),
    Case(id="when_graded", why="the same when it is graded", build=lambda rng: {}),
)


# --- checks ---------------------------------------------------------------------------------------

DROPOUTS = "dropout|dropout1d|dropout2d|alpha_dropout|feature_alpha_dropout"
BUILD = Call(
    function="make_cnn",
    takes=("height", "width", "classes", "drop_prob"),
    returns=("network",),
    keeps=("network",),
)
REPORT = Probe(
    calls=(
        Call(
            function="sweep_report",
            takes=(),
            returns=("images", "sweep", "collapsed", "final_share", "final_loss"),
        ),
    )
)


def _mode(mode: Operation) -> Call:
    return Call(function=mode, takes=("network",), returns=())


def _reported(
    id: str,
    claim: str,
    expects: str,
    relation: str,
    *needs: str,
    draws: tuple[Drawing, ...] = (),
    **names: Any,
) -> Check:
    return Check(
        id=id,
        question="sweep",
        claim=claim,
        expects=expects,
        read=BOOK,
        points=1,
        probe=REPORT,
        cases=REPORTED,
        oracle=Relation(name=relation, parameters={"images": "images", **names}),
        needs=needs,
        draws=draws,
    )


def _typed(name: str, claim: str, expects: str, read: str) -> Check:
    return Check(
        id=name,
        question="readings",
        claim=claim,
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=OracleKind.REFERENCE, provenance=(read,)),
    )


CHECKS = (
    Check(
        id="design",
        question="network",
        claim="make_cnn has convolution, batch normalisation and dropout, within its budget",
        expects="at least one of each, all of them on the way to the logits, and at most 999,999 "
        "parameters",
        read=BATCHNORM,
        points=2,
        probe=Probe(
            calls=(
                BUILD,
                _mode(Operation.TRAIN),
                Call(
                    function=Operation.STRUCTURE,
                    takes=("network", "x"),
                    returns=("layers", "operations", "trainable", "unused", "random"),
                ),
            )
        ),
        cases=DESIGNS,
        oracle=Relation(
            name="layer_budget",
            parameters={
                "least": {"conv2d": 1, "batch_norm": 1, DROPOUTS: 1},
                "entries": 999_999,
                "drop_prob": "drop_prob",
            },
        ),
    ),
    Check(
        id="run",
        question="network",
        claim="your network, trained here, classifies images that were held back",
        expects="logits, and far more right than by chance after ten epochs of 512 small images",
        read=BOOK,
        points=1,
        probe=Probe(
            calls=(
                Call(function=Operation.SEED, takes=("seed",), returns=()),
                BUILD,
                Call(
                    function=Operation.FORWARD,
                    takes=("network", "x"),
                    returns=("first",),
                    keeps=("first",),
                ),
                Call(
                    function=Operation.ADAM,
                    takes=("network", "lr"),
                    returns=("optimizer",),
                    keeps=("optimizer",),
                ),
                _mode(Operation.TRAIN),
                Call(
                    function=Operation.STEP,
                    takes=("network", "optimizer", "batches", "labels"),
                    returns=("losses",),
                    each=("batches", "labels"),
                ),
                _mode(Operation.EVAL),
                Call(function=Operation.FORWARD, takes=("network", "x"), returns=("scores",)),
                Call(function=Operation.KERNELS, takes=("network",), returns=("kernels",)),
            )
        ),
        cases=OWN_RUN,
        dtype="float32",
        outputs=("scores",),
        oracle=Relation(name="accuracy", parameters={"logits": True}),
        needs=("design",),
        draws=(
            Drawing(
                name="losses",
                parameters={
                    "losses": "losses",
                    "epochs": EPOCHS,
                    "band": BANDS.get("run", ()),
                    "of": "twenty runs of ours",
                },
            ),
            Drawing(name="kernels", parameters={"weights": "kernels"}),
        ),
    ),
    _reported(
        "sweep",
        "sweep is a log that runs can have produced",
        "ten or more values of drop_prob from 0 to 1, and shares that whole numbers of images give",
        "sweep_log",
        sweep="sweep",
        least=10,
        classes=10,
        draws=(
            Drawing(
                name="sweep",
                parameters={
                    "sweep": "sweep",
                    "setting": "drop_prob",
                    "band": BANDS.get("sweep", ()),
                    "of": "a network of ours",
                },
            ),
        ),
    ),
    _reported(
        "collapsed",
        "collapsed names the values of drop_prob at which the network only guesses",
        "a share that is not much more than that of one class among ten",
        "sweep_collapsed",
        "sweep",
        sweep="sweep",
        collapsed="collapsed",
        classes=10,
        sizes=TEST_SIZES,
    ),
    _reported(
        "final",
        "final_share and final_loss can belong to one network",
        "a whole number of images, and a mean loss of at least ln 2 times the share of wrong ones",
        "final_claim",
        share="final_share",
        loss="final_loss",
        classes=10,
    ),
    Check(
        id="sweep_words",
        question="sweep",
        claim="sweep_words says what worked, what the sweep shows, and what the problem is",
        expects="conclusions that your numbers bear out",
        read=BOOK,
        points=1,
        probe=Probe(answer="sweep_words"),
        oracle=TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "names a strategy of the design, and how it was seen to work",
                "one epoch says little of regularisation: dropout slows the first one down",
                "choosing by the test set fits it: a validation set is needed",
                "does not contradict the numbers",
            ),
        ),
    ),
    _typed(
        "only_digit",
        "only_digit is the class that gets all images",
        "a class with as many images as are classified rightly",
        BOOK,
    ),
    _typed(
        "least_loss",
        "least_loss is what the wrong images cost at least",
        "the share of wrong images, and the least cross-entropy of one",
        ENTROPY,
    ),
)
