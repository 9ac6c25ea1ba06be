"""What students say of their own runs: plain numbers, held against each other.

There is no right answer to compare with. Final numbers without the epochs before them are neither
right nor wrong: they wait for a person, with the reason.
"""

from dataclasses import replace
from typing import Any

import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    Drawing,
    FunctionAsk,
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
)


def training_report() -> tuple[Any, ...]:
    """The logs of your three runs, and what they show.

    Returns sizes, base_log, base_gap, batchnorm_log, batchnorm_gap, batchnorm_train,
    batchnorm_test, dropout_log, dropout_gap, dropout_train, dropout_test: in this order, or as a
    dictionary with these keys.

    Shapes:
        sizes: two whole numbers. A log: (epochs, 2), training and test accuracy in percent. A gap:
        one number, in percent points. The others: "rose", "fell" or "same". None for what you do
        not have.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, sections 5.2 and 7.12.
    """
    # The reference's own runs on scikit-learn's digits: seed 0, four epochs of 512 images.
    return (
        torch.tensor([512, 359]),
        torch.tensor(
            [[22.6562, 18.9415], [38.2812, 30.0836], [54.6875, 47.0752], [64.6484, 64.624]],
            dtype=torch.float64,
        ),
        torch.tensor(0.02, dtype=torch.float64),
        torch.tensor(
            [[50.9766, 52.6462], [68.5547, 71.5877], [88.6719, 88.8579], [80.2734, 81.6156]],
            dtype=torch.float64,
        ),
        torch.tensor(-1.34, dtype=torch.float64),
        "rose",
        "rose",
        torch.tensor(
            [[54.1016, 50.9749], [55.0781, 51.532], [83.2031, 84.6797], [82.2266, 81.0585]],
            dtype=torch.float64,
        ),
        torch.tensor(1.17, dtype=torch.float64),
        "rose",
        "fell",
    )


WORDS = {
    "base": "Both accuracies still rise after four epochs and end together: nothing is overfitted yet. "
    "The small network of this homework, SGD with momentum, learning rate 0.05, seed 0.",
    "batchnorm": "Both accuracies rise much faster with batch normalisation, and fall once, in the "
    "last epoch. The test accuracy is not behind.",
    "dropout": "The training accuracy rose a little and the test accuracy fell a little; a gap of one "
    "percent point is no sign of overfitting that dropout could take away.",
}
ASKS = (
    FunctionAsk(reference=training_report),
    *(
        AnswerAsk(name=f"{run}_words", prompt="what the log shows", field=TextField(), answer=words)
        for run, words in WORDS.items()
    ),
)
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, sections 5.2 and 7.12"
PROBE = Probe(
    calls=(
        Call(
            function="training_report",
            takes=(),
            returns=(
                "sizes",
                "base_log",
                "base_gap",
                "batchnorm_log",
                "batchnorm_gap",
                "batchnorm_train",
                "batchnorm_test",
                "dropout_log",
                "dropout_gap",
                "dropout_train",
                "dropout_test",
            ),
        ),
    )
)
CASES = (
    Case(
        id="as_reported",
        why="there are no inputs: the numbers are the student's own",
        build=lambda rng: {},
        visibility=Visibility.PUBLIC,
    ),
    Case(id="when_graded", why="the same when it is graded", build=lambda rng: {}),
)
RUBRIC = {
    "base": (
        "the gap between training and test accuracy is named as what shows overfitting",
        "architecture, optimizer, number of epochs and seed are said",
    ),
    "batchnorm": (
        "says what batch normalisation changed, for training and for test accuracy",
        "says whether the gap became smaller or larger",
    ),
    "dropout": (
        "says that dropout costs training accuracy, and what happened to the test accuracy",
        "draws the conclusion from the gap, not from one accuracy alone",
        "does not contradict the numbers",
    ),
}
ACCURACIES = ("train", "test")
LOGS = ("base_log", "batchnorm_log", "dropout_log")
IMAGES = {"sizes": "sizes", "classes": 10, "others": LOGS}


def _check(run: str, id: str, claim: str, expects: str, relation: Relation) -> Check:
    return Check(
        id=id,
        question=run,
        claim=claim,
        expects=expects,
        read=BOOK,
        points=1,
        probe=PROBE,
        cases=CASES,
        oracle=relation,
    )


def _log(run: str) -> Check:
    log = f"{run}_log"
    check = _check(
        run,
        log,
        f"{log} is a log that a run can have produced",
        "a row for each epoch, percentages that whole numbers of images give, and more than chance",
        Relation(name="run_log", parameters={"log": log, **IMAGES}),
    )
    curves = Drawing(name="run_log", parameters={"log": log, "other": "test images"})
    return replace(check, draws=(curves,))


def _gap(run: str) -> Check:
    gap = f"{run}_gap"
    return _check(
        run,
        gap,
        f"{gap} is the gap that the log ends with",
        "training less test accuracy after the last epoch",
        Relation(name="log_gap", parameters={"log": f"{run}_log", "gap": gap, **IMAGES}),
    )


def _change(run: str, before: str, column: int) -> Check:
    said = f"{run}_{ACCURACIES[column]}"
    return _check(
        run,
        said,
        f"{said} says how the {'training' if column == 0 else 'test'} accuracy changed",
        "the last rows of the two logs, compared",
        Relation(
            name="log_direction",
            parameters={
                "log": f"{run}_log",
                "before": f"{before}_log",
                "column": column,
                "said": said,
                **IMAGES,
            },
        ),
    )


def _words(run: str) -> Check:
    return Check(
        id=f"{run}_words",
        question=run,
        claim=f"{run}_words says what the log shows",
        expects="a conclusion that the numbers bear out",
        read=BOOK,
        points=1,
        probe=Probe(answer=f"{run}_words"),
        oracle=TypedAnswer(kind=OracleKind.PERSON, rubric=RUBRIC[run]),
    )


CHECKS = (
    _log("base"),
    _gap("base"),
    _words("base"),
    _log("batchnorm"),
    _gap("batchnorm"),
    _change("batchnorm", "base", 0),
    _change("batchnorm", "base", 1),
    _words("batchnorm"),
    _log("dropout"),
    _gap("dropout"),
    _change("dropout", "batchnorm", 0),
    _change("dropout", "batchnorm", 1),
    _words("dropout"),
)
