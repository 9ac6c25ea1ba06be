"""CNN and MLP on images of edges: counts, tables that are read, a log of the student's own, and code.

What only a run can tell is not marked for its value: it is shown in a table, or waits for a person.
The tables were measured with three seeds each.
"""

import math
from typing import Any

import numpy as np
import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Drawing,
    Expected,
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

BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 9.4"
LAYERS = "PyTorch documentation, torch.nn.Conv2d and torch.nn.Linear"
VARIANCE = "Goodfellow, Bengio and Courville, Deep Learning, section 5.4.4"
CALIBRATION = "Guo et al. 2017, On Calibration of Modern Neural Networks, section 3"
WELCH = "Welch 1947, The generalization of Student's problem"
GUIDE = "Dumoulin and Visin 2016, A guide to convolution arithmetic, relationship 1"
COUNT = NumberField(demand=NumberDemand(whole=True), domain="positive")
REAL = NumberField(demand=NumberDemand(minimum_digits=3), domain="positive")
SHORT = NumberField(demand=NumberDemand(minimum_digits=2), domain="positive")
CLASSES = ("horizontal", "vertical", "none")


def kernel_orientation(kernels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """How much kernels respond to edges of either direction.

    A kernel for horizontal edges has rows that differ from each other, one for vertical edges
    columns that do.

    Shapes:
        kernels: (F, K_H, K_W). Returns ``(rows, columns)``, each (F,): for each kernel the variance
        of the means of its rows and that of the means of its columns, variances with divisor K_H
        and K_W.

    Source:
        Montgomery, "Design and Analysis of Experiments", section 5.3 (effects of rows and columns).
    """
    rows = kernels.mean(dim=2).var(dim=1, unbiased=False)
    return rows, kernels.mean(dim=1).var(dim=1, unbiased=False)


def confusion_matrix(labels: torch.Tensor, predicted: torch.Tensor, classes: int) -> torch.Tensor:
    """How often each class is taken for each class.

    Shapes:
        labels, predicted: (N,), whole numbers from 0 to classes - 1. Returns (classes, classes): in
        row i and column j the number of examples of class i that are predicted as class j.

    Source:
        Murphy, "Machine Learning: A Probabilistic Perspective", section 5.7.2.
    """
    counts = torch.zeros(classes, classes, device=labels.device)
    for true, said in zip(labels.tolist(), predicted.tolist(), strict=True):
        counts[true, said] += 1
    return counts


def permute_first_layer(weight: torch.Tensor, order: torch.Tensor) -> torch.Tensor:
    """The weights with which an MLP gives for images with permuted pixels what it gave before.

    Let W be the first layer's weights and x an image, its pixels in one row. The result W' has
    W' x' = W x for every x, where x' = x[order] is the image with permuted pixels.

    Shapes:
        weight: (units, pixels); order: (pixels,), each of the numbers from 0 to pixels - 1 once.
        Returns (units, pixels).

    Source:
        LeCun, Bottou, Bengio and Haffner 1998, section II.A (a fixed order of inputs).
    """
    return weight[:, order]


def edge_report() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The logs of your two networks.

    Returns sizes, cnn_log, mlp_log: in this order, or as a dictionary with these keys.

    Shapes:
        sizes: the numbers of training images and of other images. A log: (epochs, 2), accuracy on
        the training images and on the others in percent. None for what you do not have.

    Source:
        Goodfellow, Bengio and Courville, "Deep Learning", 2016, sections 5.2 and 9.4.
    """
    # The reference's own runs: SGD with momentum 0.9, rate 0.02, batches of 10, torch's seed 0.
    cnn = torch.tensor([[98.8889, 94.3333], [100.0, 96.0]], dtype=torch.float64)
    mlp = torch.tensor([[92.2222, 76.6667], [94.4444, 74.0]], dtype=torch.float64)
    return torch.tensor([90, 300]), cnn, mlp


def _ask(name: str, field: Any, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


def _choice(name: str, options: tuple[str, ...], prompt: str, answer: str) -> AnswerAsk:
    return AnswerAsk(
        name=name,
        prompt=prompt,
        field=ChoiceField(options=options),
        answer=answer,
        also=(answer.capitalize(), answer.upper()),
    )


def _text(name: str, prompt: str, answer: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=TextField(), answer=answer)


BEFORE = -0.8 * math.log(0.6) - 0.2 * math.log(0.4)
AFTER = -0.9 * math.log(0.999) - 0.1 * math.log(0.0001)
ASKS = (
    _ask("cnn_params", COUNT, "trained parameters", "606", "606.0", "(3*49+3) + (9*49+3) + 12"),
    _ask("mlp_params", COUNT, "trained parameters", "39793", "39,793", "785*50 + 51*10 + 33"),
    _text("filters_words", "what the filters show", "bright and dark stripes along one direction"),
    FunctionAsk(reference=kernel_orientation),
    _text(
        "kernels_words",
        "how the kernels compare",
        "with many images they vary along one axis, as edge detectors do; with few they stay random",
    ),
    _ask("frozen_trained", COUNT, "trained parameters", "12", "12.0", "3*3 + 3"),
    _choice("culprit", ("the initial kernels", "the freezing"), "what costs", "the freezing"),
    _text(
        "frozen_words",
        "why",
        "12 parameters cannot adapt to more data: a bias that more images do not take away",
    ),
    FunctionAsk(reference=edge_report),
    _text("epochs_words", "epochs in each part, and what came out", "300 epochs each; 96 %, 74 %"),
    _text("learned_words", "what they look like", "like edge detectors in both directions"),
    _ask("loss_before", REAL, "mean cross-entropy before", f"{BEFORE:.10f}", "0.592", "0.5919"),
    _ask("loss_after", REAL, "mean cross-entropy after", f"{AFTER:.10f}", "0.922", "0.9219"),
    _choice(
        "why_loss_rises",
        ("overconfidence", "underfitting", "too few epochs"),
        "why both rise",
        "overconfidence",
    ),
    _text("tuning_words", "hyper-parameters and accuracies", "rate 0.02, momentum 0.9: 96 %, 80 %"),
    _ask("data_factor", COUNT, "times as many images", "10", "10.00", "100/10"),
    _choice("mlp_learns", ("memorize", "generalize"), "what the MLP does", "memorize"),
    FunctionAsk(reference=confusion_matrix),
    _ask("shifted_accuracy", REAL, "the MLP's accuracy", "1/3", "0.333", "100/300"),
    _choice("vertical_taken_for", CLASSES, "what vertical edges are taken for", "horizontal"),
    _choice("mlp_learned", ("shapes", "places"), "what misleads the MLP", "places"),
    _text(
        "shift_words",
        "why they fail or not",
        "the MLP has weights for every place; a kernel is the same in all places",
    ),
    FunctionAsk(reference=permute_first_layer),
    _choice("who_suffers", ("the CNN", "the MLP", "both", "neither"), "who suffers", "the CNN"),
    _ask("full_kernel", COUNT, "side of the kernel", "28", "28.0", "4*7"),
    _choice("with_larger_kernels", ("increase", "decrease"), "the CNN's accuracy", "increase"),
    _choice(
        "permuted_kernels",
        ("like edge detectors", "without structure"),
        "what they look like",
        "without structure",
    ),
    _ask("welch_t", SHORT, "the statistic, two digits", "0.5735393347", "0.57", "0.574"),
    _choice("better_pooling", ("max", "average", "not decided"), "the better one", "not decided"),
    _text("pooling_words", "what speaks for each", "max keeps the strongest; average is smooth"),
)


def _case(id: str, why: str, build: Any, *, public: bool = False, strided: bool = False) -> Case:
    visibility = Visibility.PUBLIC if public else Visibility.HIDDEN
    return Case(id=id, why=why, build=build, visibility=visibility, strided=strided)


KERNELS = (
    _case(
        "three_kernels",
        "higher than wide",
        lambda rng: {"kernels": rng.normal(size=(3, 5, 4)) + 0.3},
        public=True,
    ),
    _case(
        "wide_kernels",
        "wider than high, many of them",
        lambda rng: {"kernels": rng.normal(size=(7, 3, 6)) - 0.8},
        strided=True,
    ),
    _case(
        "stripes",
        "rows that are constant, and some noise",
        lambda rng: {
            "kernels": rng.normal(size=(4, 6, 1)) + 0.05 * rng.normal(size=(4, 6, 5)),
        },
    ),
)


def _predictions(rng: np.random.Generator, counts: tuple[int, ...]) -> dict[str, Any]:
    """Classes of different sizes, one of them never predicted."""
    labels = rng.permutation(np.repeat(np.arange(len(counts)), counts))
    wrong = rng.random(len(labels)) < 0.5
    predicted = np.where(wrong, rng.integers(0, len(counts) - 1, len(labels)), labels)
    predicted[predicted == 1] = 0
    return {"labels": labels, "predicted": predicted, "classes": len(counts)}


PREDICTIONS = (
    _case(
        "three_classes",
        "classes of different sizes, one never predicted",
        lambda rng: _predictions(rng, (6, 11, 3)),
        public=True,
    ),
    _case(
        "absent_class",
        "the last class occurs in no label",
        lambda rng: _predictions(rng, (9, 5, 14, 7, 0)),
    ),
    _case("four_classes", "one more size", lambda rng: _predictions(rng, (4, 13, 8, 2))),
)


def _layer(rng: np.random.Generator, units: int, pixels: int) -> dict[str, Any]:
    order = rng.permutation(pixels)
    while (order[order] == np.arange(pixels)).any():  # its own inverse, in part
        order = rng.permutation(pixels)
    return {"weight": rng.normal(size=(units, pixels)), "order": order}


ORDERS = (
    _case("five_pixels", "few pixels", lambda rng: _layer(rng, 3, 5), public=True),
    _case("many_pixels", "more pixels", lambda rng: _layer(rng, 4, 24), strided=True),
    _case("more_units", "more units than pixels", lambda rng: _layer(rng, 11, 7)),
)
REPORTED = (
    _case(
        "as_reported",
        "there are no inputs: the numbers are the student's own",
        lambda rng: {},
        public=True,
    ),
    _case("when_graded", "the same when it is graded", lambda rng: {}),
)


def _orientation(kernels: Any) -> dict[str, Any]:
    """Mean squares less squared means, kernel by kernel."""
    along = [kernels.sum(dim=2) / kernels.shape[2], kernels.sum(dim=1) / kernels.shape[1]]
    centred = [means - means.mean(dim=1, keepdim=True) for means in along]
    rows, columns = ((means * means).sum(dim=1) / means.shape[1] for means in centred)
    return {"rows": rows, "columns": columns}


def _confusion(labels: Any, predicted: Any, classes: int) -> dict[str, Any]:
    true, said = (torch.nn.functional.one_hot(z.long(), classes) for z in (labels, predicted))
    return {"counts": (true.T.double() @ said.double())}


def _permuted(weight: Any, order: Any) -> dict[str, Any]:
    """W' P = W for the matrix P that permutes, whose inverse is its transpose."""
    matrix = torch.eye(len(order), dtype=weight.dtype, device=weight.device)[order.long()]
    return {"weight": weight @ matrix.T}


def _typed(name: str, question: str, claim: str, expects: str, read: str, rule: str = "") -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=OracleKind.REFERENCE, provenance=(read,), rule=rule),
    )


def _words(name: str, question: str, claim: str, *rubric: str) -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects="what was observed, and a reason",
        read=BOOK,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(kind=OracleKind.PERSON, rubric=rubric),
    )


def _code(
    function: str,
    question: str,
    claim: str,
    expects: str,
    takes: tuple[str, ...],
    returns: tuple[str, ...],
    cases: tuple[Case, ...],
    compute: Any,
    source: str,
) -> Check:
    return Check(
        id=function,
        question=question,
        claim=claim,
        expects=expects,
        read=source,
        points=2,
        probe=Probe(calls=(Call(function=function, takes=takes, returns=returns),)),
        cases=cases,
        oracle=Expected(compute=compute, kind=OracleKind.REFERENCE, provenance=(source,)),
    )


def _log(network: str) -> Check:
    log = f"{network}_log"
    returns = ("sizes", "cnn_log", "mlp_log")
    return Check(
        id=log,
        question="training",
        claim=f"{log} is a log that a run can have produced",
        expects="percentages that whole numbers of images give, and more than chance",
        read=BOOK,
        points=1,
        probe=Probe(calls=(Call(function="edge_report", takes=(), returns=returns),)),
        cases=REPORTED,
        oracle=Relation(name="run_log", parameters={"log": log, "sizes": "sizes", "classes": 3}),
        draws=(Drawing(name="run_log", parameters={"log": log, "other": "other images"}),),
    )


CHECKS = (
    _typed(
        "cnn_params",
        "filters",
        "cnn_params counts the parameters of the CNN",
        "weights and biases of all layers",
        LAYERS,
    ),
    _typed(
        "mlp_params",
        "filters",
        "mlp_params counts the parameters of the MLP",
        "weights and biases of all layers",
        LAYERS,
    ),
    _words(
        "filters_words",
        "filters",
        "filters_words describes the learned filters",
        "a pattern is named: stripes or one bright and one dark side, along an axis",
        "compared with the untrained ones, which have no direction",
    ),
    _words(
        "kernels_words",
        "kernels",
        "kernels_words compares the kernels",
        "where accuracy is high, learned kernels have one direction, as edge detectors have",
        "with few images they stay near where they started",
    ),
    _code(
        "kernel_orientation",
        "kernels",
        "kernel_orientation returns the spread of the means of rows and of columns",
        "a number for each kernel and direction",
        ("kernels",),
        ("rows", "columns"),
        KERNELS,
        _orientation,
        "Montgomery, Design and Analysis of Experiments, section 5.3",
    ),
    _typed(
        "frozen_trained",
        "frozen",
        "frozen_trained counts what is trained beside frozen convolutions",
        "weights and biases of the layer that is not frozen",
        LAYERS,
    ),
    _typed(
        "culprit",
        "frozen",
        "culprit is what the rows of the table differ in",
        "the second and the third row, compared",
        VARIANCE,
    ),
    _words(
        "frozen_words",
        "frozen",
        "frozen_words explains the loss of accuracy",
        "what is left to train is a handful of numbers: it cannot use more data (a bias)",
        "random weights that are all trained have the larger variance, which more data reduces",
        "'bias and variance' without what is frozen is half an answer",
    ),
    _log("cnn"),
    _log("mlp"),
    _words(
        "epochs_words",
        "training",
        "epochs_words lists the epochs and what came out",
        "the number of epochs of each part",
        "the accuracies of both networks; without them the answer is incomplete",
        "30 epochs are too few: at 10 images per class the CNN is then below 50 %",
    ),
    _words(
        "learned_words",
        "learned",
        "learned_words describes the kernels of the trained network",
        "they have directions, like edge detectors",
    ),
    _typed(
        "loss_before",
        "loss_up",
        "loss_before is the mean cross-entropy before",
        "the mean of minus the natural logarithm of the true class's probability",
        CALIBRATION,
    ),
    _typed(
        "loss_after",
        "loss_up",
        "loss_after is the mean cross-entropy after",
        "the mean of minus the natural logarithm of the true class's probability",
        CALIBRATION,
    ),
    _typed(
        "why_loss_rises",
        "loss_up",
        "why_loss_rises names what makes the loss rise",
        "the probabilities of the images that are wrong, before and after",
        CALIBRATION,
    ),
    _words(
        "tuning_words",
        "tuning",
        "tuning_words lists what was tried",
        "several settings, the best of them, and the accuracies of both networks",
    ),
    _typed(
        "data_factor",
        "more_data",
        "data_factor is how many times as many images the MLP needs",
        "the lowest runs of both rows, compared",
        BOOK,
    ),
    _typed(
        "mlp_learns",
        "more_data",
        "mlp_learns says what the MLP does with few images",
        "its accuracy on training images and on others, compared",
        BOOK,
    ),
    _code(
        "confusion_matrix",
        "shift",
        "confusion_matrix counts how often each class is taken for each class",
        "a row for each true class, a column for each predicted one",
        ("labels", "predicted", "classes"),
        ("counts",),
        PREDICTIONS,
        _confusion,
        "Murphy, Machine Learning: A Probabilistic Perspective, section 5.7.2",
    ),
    _typed(
        "shifted_accuracy",
        "shift",
        "shifted_accuracy is the MLP's accuracy",
        "the share of all images that lies on the diagonal",
        "Murphy, Machine Learning: A Probabilistic Perspective, section 5.7.2",
    ),
    _typed(
        "vertical_taken_for",
        "shift",
        "vertical_taken_for is the prediction for vertical edges",
        "one row of the confusion matrix",
        BOOK,
    ),
    _typed(
        "mlp_learned",
        "shift",
        "mlp_learned is what the MLP has learned",
        "what the training images of a class have in common, and where that lies in validation",
        BOOK,
    ),
    _words(
        "shift_words",
        "shift",
        "shift_words explains both networks",
        "the MLP has a weight for each place: parts of the image where training had no edge, or "
        "only those of the other class, mislead it",
        "the CNN's kernel is the same in all places, and the mean over the map forgets the place",
        "whether the CNN takes moved edges for none differs from run to run: not required",
    ),
    _code(
        "permute_first_layer",
        "permuted",
        "permute_first_layer makes an MLP for permuted pixels",
        "the same output for permuted images as before for the images themselves",
        ("weight", "order"),
        ("weight",),
        ORDERS,
        _permuted,
        "the transpose of a permutation matrix is its inverse",
    ),
    _typed(
        "who_suffers",
        "permuted",
        "who_suffers is whose accuracy falls",
        "what permuted pixels are to each of the two networks",
        BOOK,
    ),
    _typed(
        "full_kernel",
        "larger_kernels",
        "full_kernel is the side of a kernel that sees the whole image",
        "a kernel with a single place",
        GUIDE,
    ),
    _typed(
        "with_larger_kernels",
        "larger_kernels",
        "with_larger_kernels is the tendency of the CNN's accuracy",
        "how much of an image whose neighbours are scattered one output sees",
        BOOK,
    ),
    _typed(
        "permuted_kernels",
        "permuted_kernels",
        "permuted_kernels says what kernels for permuted pixels look like",
        "what is left of an edge among neighbours",
        BOOK,
    ),
    _typed(
        "welch_t",
        "pooling",
        "welch_t is Welch's statistic for the two poolings",
        "variances with divisor n - 1, each divided by its number of runs",
        WELCH,
    ),
    _typed(
        "better_pooling",
        "pooling",
        "better_pooling is what these runs show",
        "a difference, compared with what runs scatter by",
        WELCH,
    ),
    _words(
        "pooling_words",
        "pooling",
        "pooling_words says what speaks for each pooling",
        "max keeps the strongest response; average uses all and is smooth",
        "'easy to compute' holds for both",
    ),
)
