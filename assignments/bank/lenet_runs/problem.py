"""Runs of students: logs held against themselves, tables that are read, and words.

Nothing here is marked for the height of an accuracy. Words of single final numbers wait for a
person, as logs with a single row do.
"""

import math
from dataclasses import replace
from fractions import Fraction
from typing import Any

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Drawing,
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
)

BOOK = "Goodfellow, Bengio and Courville, Deep Learning, sections 5.2 and 7.4"
RATES_BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 11.4.1"
BATCHNORM = "Ioffe and Szegedy 2015, Batch Normalization, section 3.3"
SWISH = "Ramachandran, Zoph and Le 2017, Searching for Activation Functions, section 5"
ERRORS = "Goodfellow, Bengio and Courville, Deep Learning, section 5.4.2"
CUDA = "PyTorch documentation, CUDA semantics"
RESNET = "He et al. 2016, Deep Residual Learning for Image Recognition, section 4.2"
ERROR = 100 * math.sqrt((0.735 * 0.265 + 0.73 * 0.27) / 5000)


def _log_rows(text: str) -> list[list[float]]:
    """Numbers from a table: rows between commas."""
    return [[float(number) for number in row.split()] for row in text.split(",")]


def lenet_report() -> tuple[Any, ...]:
    """What came out of your runs of LeNet-5.

    Returns sizes, base_log, base_gap, augmented_log, batchnorm_log, swish_log: in this order, or as
    a dictionary with these keys.

    Shapes:
        sizes: the numbers of training and of validation images. A log: (epochs, 2), training and
        validation accuracy in percent. base_gap: one number, in percent points. None for what you
        do not have.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 5.2.
    """
    # An example of what may be returned.
    base = _log_rows("46.2 52.02, 60.5 61.3, 81.9 63.14")
    augmented = _log_rows("44.1 51.6, 58.2 62.24, 70.4 70.02")
    batchnorm = _log_rows("48.6 57.3, 63.7 66.92, 73.2 72.14")
    swish = _log_rows("49.5 58.06, 64.3 67.48, 74.1 72.38")
    return [45000, 5000], base, 18.76, augmented, batchnorm, swish


def sweep_report() -> tuple[Any, ...]:
    """What came out of your runs with several learning rates and strengths of the L2 penalty.

    Returns sizes, rates_log, strengths_log: in this order, or as a dictionary with these keys.

    Shapes:
        sizes: the numbers of training and of validation images. rates_log: (8, 2), strengths_log:
        (5, 2): training and validation accuracy in percent after the last epoch, a row for each
        run, in the order of the question. None for what you do not have.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 11.4.
    """
    # An example of what may be returned.
    rates = _log_rows(
        "10.0 10.0, 70.2 69.1, 74.6 72.9, 75.1 73.04, 73.9 72.36, 71.8 71.1, 66.3 66.8, 60.1 61.22"
    )
    strengths = _log_rows("61.8 61.54, 71.9 71.22, 73.9 72.36, 74.3 72.5, 74.4 72.18")
    return [45000, 5000], rates, strengths


def resnet_report() -> tuple[Any, ...]:
    """What came out of your run of ResNet-20.

    Returns sizes, resnet_log: in this order, or as a dictionary with these keys.

    Shapes:
        sizes: the numbers of training and of validation images. resnet_log: (epochs, 2), training
        and validation accuracy in percent. None for what you do not have.

    Source:
        He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", CVPR 2016.
    """
    # An example of what may be returned.
    return [45000, 5000], _log_rows("51.3 58.2, 88.9 84.66, 97.6 91.28")


COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")
EVIDENCE = (
    "training runs without an error",
    "torch.cuda.is_available() is true",
    "nvidia-smi lists your process with its memory",
)
RATES = ("0.001", "0.002", "0.005", "0.01", "0.02", "0.05", "0.1", "1.0")
STRENGTHS = ("0.0", "0.00001", "0.0001", "0.001", "0.01")
CONTROLS = ("0.735 - 0.70", "0.735 - 0.73")


def _choice(name: str, options: tuple[str, ...], prompt: str, answer: str) -> AnswerAsk:
    return AnswerAsk(
        name=name,
        prompt=prompt,
        field=ChoiceField(options=options),
        answer=answer,
        also=(answer.upper(), f" {answer} "),
    )


def _text(name: str, prompt: str, answer: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=TextField(), answer=answer)


ASKS = (
    FunctionAsk(reference=lenet_report),
    FunctionAsk(reference=sweep_report),
    FunctionAsk(reference=resnet_report),
    _choice("gpu_evidence", EVIDENCE, "what shows it", EVIDENCE[2]),
    _choice("validation_first", ("falls", "rises"), "validation accuracy at first", "rises"),
    _choice(
        "run_problem",
        ("underfitting", "overfitting", "vanishing gradients"),
        "the problem",
        "overfitting",
    ),
    _text("first_run_words", "what the log shows", "training rises on, validation stops at 63 %"),
    AnswerAsk(
        name="crop_places",
        prompt="places of the crop",
        field=COUNT,
        answer="81",
        also=("9^2", "81.0"),
    ),
    _choice("flip", ("vertical", "horizontal"), "the flip", "horizontal"),
    _text("augmentation_words", "options and results", "padding 4, flips: 70 %; padding 8: 69 %"),
    _choice("batchnorm_effect", ("lower", "no difference", "higher"), "the effect", "higher"),
    _text("batchnorm_words", "your run", "two percent points higher, and faster at first"),
    _choice("larger_rate", ("without", "with", "neither"), "the network", "with"),
    _choice("rate_one", ("they learn", "they guess", "they overfit"), "at 1.0", "they guess"),
    _text("larger_rate_words", "your runs", "at 0.1: 68 % with, 35 % without"),
    _choice("swish_control", CONTROLS, "the difference", CONTROLS[1]),
    AnswerAsk(
        name="gain_error",
        prompt="standard error, percent points",
        field=NumberField(demand=NumberDemand(), domain="positive"),
        answer=f"{ERROR:.10f}",
        also=("0.885", "0.89", "100*sqrt((0.735*0.265 + 0.73*0.27)/5000)"),
    ),
    _choice("swish_better", ("yes", "no", "not decided"), "better", "not decided"),
    _text("swish_words", "your run", "0.2 percent points more than ReLU, which is chance"),
    _choice("chance_rate", RATES, "the rate", "1.0"),
    _text("rates_words", "what a large rate does", "steps overshoot; 0.02 is best here"),
    _choice("worst_strength", STRENGTHS, "the strength", "0.01"),
    _text("strengths_words", "what the penalty does", "0.01 underfits; below 0.0001 no difference"),
    AnswerAsk(
        name="images_right",
        prompt="images",
        field=COUNT,
        answer=str(Fraction("0.9066") * 5000),
        also=("0.9066*5000", "4533.0"),
    ),
    _choice("impossible", ("0.9066", "0.9067", "0.9068"), "the accuracy", "0.9067"),
    _text("resnet_words", "how you have trained", "0.1, divided by 10 at 80 and 120 epochs; ..."),
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
RETURNS = {
    "lenet_report": (
        "sizes",
        "base_log",
        "base_gap",
        "augmented_log",
        "batchnorm_log",
        "swish_log",
    ),
    "sweep_report": ("sizes", "rates_log", "strengths_log"),
    "resnet_report": ("sizes", "resnet_log"),
}


def _report(id: str, question: str, claim: str, expects: str, relation: Relation) -> Check:
    function = next(name for name, returns in RETURNS.items() if id in returns)
    return Check(
        id=id,
        question=question,
        claim=claim,
        expects=expects,
        read=BOOK,
        points=1,
        probe=Probe(calls=(Call(function=function, takes=(), returns=RETURNS[function]),)),
        cases=CASES,
        oracle=relation,
    )


def _images(log: str) -> dict[str, Any]:
    """What is known of a log's images, and the logs of other networks beside it."""
    others = next(returns for returns in RETURNS.values() if log in returns)
    return {
        "sizes": "sizes",
        "classes": 10,
        "others": tuple(name for name in others if name.endswith("_log")),
    }


def _log(log: str, question: str) -> Check:
    check = _report(
        log,
        question,
        f"{log} is a log that a run can have produced",
        "percentages that whole numbers of images give, and more than chance",
        Relation(name="run_log", parameters={"log": log, **_images(log)}),
    )
    curves = Drawing(name="run_log", parameters={"log": log, "other": "validation images"})
    return replace(check, draws=(curves,))


def _typed(name: str, question: str, expects: str, read: str) -> Check:
    return Check(
        id=name,
        question=question,
        claim=f"{name} is right",
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=OracleKind.REFERENCE, provenance=(read,)),
    )


def _words(name: str, question: str, *rubric: str) -> Check:
    return Check(
        id=name,
        question=question,
        claim=f"{name} describes own runs",
        expects="numbers of own runs, and what they show",
        read=BOOK,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=OracleKind.PERSON, rubric=rubric),
    )


CHECKS = (
    _typed("gpu_evidence", "gpu", "what can only be seen when the model is there", CUDA),
    _log("base_log", "first_run"),
    _report(
        "base_gap",
        "first_run",
        "base_gap is the gap that the log ends with",
        "training less validation accuracy after the last epoch",
        Relation(
            name="log_gap",
            parameters={"log": "base_log", "gap": "base_gap", **_images("base_log")},
        ),
    ),
    _typed("validation_first", "first_run", "what a network that learns does to new images", BOOK),
    _typed(
        "run_problem", "first_run", "training and validation accuracy at the end, compared", BOOK
    ),
    _words(
        "first_run_words",
        "first_run",
        "training accuracy rises on, validation accuracy stops: overfitting",
        "loss and accuracy are told apart",
        "what helps is named: augmentation, a penalty, dropout, early stopping",
    ),
    _log("augmented_log", "augmentation"),
    _typed(
        "crop_places", "augmentation", "places along both axes, the first and the last too", BOOK
    ),
    _typed("flip", "augmentation", "whether what is in the image can look like that", BOOK),
    _words(
        "augmentation_words",
        "augmentation",
        "options of both are named, with an accuracy",
        "about 70 % is what others have reached",
    ),
    _log("batchnorm_log", "batchnorm"),
    _typed("batchnorm_effect", "batchnorm", "both pairs of runs, compared", BATCHNORM),
    _words(
        "batchnorm_words", "batchnorm", "how training changed, with an accuracy of both networks"
    ),
    _typed("larger_rate", "larger_rate", "the row for 0.1", BATCHNORM),
    _typed("rate_one", "larger_rate", "the accuracy of one class for all images", BATCHNORM),
    _words(
        "larger_rate_words",
        "larger_rate",
        "accuracies of both networks at one and the same large rate",
        "a rate of 1.0 is too large for both",
    ),
    _log("swish_log", "swish"),
    _typed("swish_control", "swish", "two runs that differ in the activation alone", SWISH),
    _typed("gain_error", "swish", "variances of independent numbers add up", ERRORS),
    _typed("swish_better", "swish", "a difference, compared with its standard error", ERRORS),
    _words("swish_words", "swish", "compared with ReLU at the same normalisation, with numbers"),
    _log("rates_log", "rates"),
    _typed("chance_rate", "rates", "the run that learns nothing", RATES_BOOK),
    _words(
        "rates_words",
        "rates",
        "too large a rate overshoots; too small a one is not finished in these epochs",
        "which rate is best depends on the number of epochs: any of 0.1 to 0.005 has the points",
    ),
    _log("strengths_log", "strengths"),
    _typed("worst_strength", "strengths", "the run with the lowest accuracies", BOOK),
    _words(
        "strengths_words",
        "strengths",
        "a strong penalty underfits: both accuracies fall",
        "below 0.001 the differences are within what runs scatter by",
    ),
    _log("resnet_log", "resnet"),
    _typed("images_right", "resnet", "a share of 5,000 images", ERRORS),
    _typed("impossible", "resnet", "a whole number of images", ERRORS),
    _words(
        "resnet_words",
        "resnet",
        "rate and decay, penalty, epochs; also momentum, batch size and augmentation",
        "a single final accuracy cannot be checked: ask for the predictions or the log",
    ),
)
