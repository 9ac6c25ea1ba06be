"""Running statistics under three orders of the data: a function, numbers, words.

The cases follow the power rules of batch normalisation: at least five rows (biased and unbiased
variance differ), no standardised batch, momentum away from 1/2, T, N and D different.
"""

from fractions import Fraction
from typing import Any

import numpy as np

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Expected,
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    TextField,
    TypedAnswer,
    Visibility,
)
from backproof_reference import batchnorm as reference
from backproof_reference.derivations import batch_statistics

PAPER = "Ioffe and Szegedy 2015, section 3.1"
TORCH = "torch.nn.BatchNorm1d"
TOTAL = "batch_statistics.total_variance"
NUMBER = NumberField(demand=NumberDemand(absolute=Fraction(1, 100)))
SPREAD = NumberField(demand=NumberDemand(absolute=Fraction(1, 100)), domain="positive")


def _number(name: str, prompt: str, *answers: str, field: NumberField = NUMBER) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answers[0], also=answers[1:])


ASKS = (
    FunctionAsk(reference=reference.running_statistics),
    _number("total_variance", "the variance of all values", "10", "10.00", "1 + 3^2", field=SPREAD),
    _number("sorted_mean", "stored mean, sorted", "3 - 6*0.9^50 + 3*0.9^100", "2.97", "2.969"),
    _number("sorted_variance", "stored variance, sorted", "1", "1.00", "1.0", field=SPREAD),
    _number(
        "alternating_mean", "stored mean, alternating", "0.03*(1 - 0.81^50)/0.19", "3/19", "0.16"
    ),
    _number(
        "alternating_variance", "stored variance, alternating", "1", "1.00", "1.", field=SPREAD
    ),
    _number("shuffled_variance", "stored variance, shuffled", "10", "10.0", "1 + 9", field=SPREAD),
    _number(
        "test_value", "what -3 becomes, sorted", "-6 + 6*0.9^50 - 3*0.9^100", "-5.97", "-3 - 2.969"
    ),
    AnswerAsk(
        name="follows",
        prompt="whose mean the stored mean is",
        field=ChoiceField(options=("first batches", "all batches", "last batches")),
        answer="last batches",
        also=("Last batches", "LAST BATCHES"),
    ),
    AnswerAsk(
        name="tracked",
        prompt="the spread that is stored",
        field=ChoiceField(options=("variance", "standard deviation")),
        answer="variance",
        also=("Variance", "VARIANCE"),
    ),
    AnswerAsk(
        name="why_sorted_fails",
        prompt="why sorted batches fail at test time",
        field=TextField(),
        answer="the stored statistics are those of the last class, not of the data",
    ),
)
DERIVATIONS = batch_statistics.DERIVATIONS
MEANS = np.array([-3.0, 3.0])


def _classes(
    rng: np.random.Generator, labels: np.ndarray, features: int, **momentum: float
) -> dict[str, Any]:
    """Rows of two classes, whose means lie 6 apart; labels has the shape (batches, rows)."""
    spread = rng.uniform(0.7, 1.4, features)
    centre = rng.uniform(0.3, 0.9, features)
    noise = rng.standard_normal((*labels.shape, features))
    return {
        "batches": centre + MEANS[labels][..., None] + spread * noise,
        **momentum,
    }


def _sorted(batches: int, rows: int) -> np.ndarray:
    return np.repeat(np.arange(2), batches // 2)[:, None].repeat(rows, axis=1)


def _alternating(batches: int, rows: int) -> np.ndarray:
    return np.tile(np.arange(2), batches // 2)[:, None].repeat(rows, axis=1)


def _shuffled(rng: np.random.Generator, batches: int, rows: int) -> np.ndarray:
    return rng.permuted(np.tile(np.arange(2), (batches * rows + 1) // 2)[: batches * rows]).reshape(
        batches, rows
    )


BATCHES = (
    Case(
        id="sorted_by_class",
        why="batches of one class, then batches of the other",
        build=lambda rng: _classes(rng, _sorted(12, 7), 3, momentum=0.1),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="alternating_classes",
        why="batches of one class, the classes in turn",
        build=lambda rng: _classes(rng, _alternating(10, 6), 4, momentum=0.2),
    ),
    Case(
        id="shuffled_classes",
        why="batches of both classes, the momentum left out",
        build=lambda rng: _classes(rng, _shuffled(rng, 9, 5), 2),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="one_batch",
        why="a single batch: the start values weigh 0.7",
        build=lambda rng: _classes(rng, _shuffled(rng, 1, 8), 3, momentum=0.3),
    ),
    Case(
        id="long_training",
        why="so many batches that the start values are forgotten, views with gaps",
        build=lambda rng: _classes(rng, _sorted(60, 5), 2, momentum=0.15),
        strided=True,
    ),
    Case(
        id="default_momentum",
        why="the momentum left out: few batches, so that another one shows",
        build=lambda rng: _classes(rng, _alternating(4, 7), 3),
    ),
)


def _running(batches: Any, **momentum: float) -> dict[str, Any]:
    mean, variance = reference.running_statistics(batches, **momentum)
    return {"running_mean": mean, "running_var": variance}


PROBE = Probe(
    calls=(
        Call(
            function="running_statistics",
            takes=("batches", "momentum"),
            returns=("running_mean", "running_var"),
        ),
    )
)


def _code(id: str, claim: str, expects: str) -> Check:
    return Check(
        id=id,
        question="code",
        claim=claim,
        expects=expects,
        read=TORCH,
        points=1,
        probe=PROBE,
        outputs=(id,),
        cases=BATCHES,
        oracle=Expected(compute=_running, kind=OracleKind.REFERENCE, provenance=(PAPER, TORCH)),
    )


def _typed(
    name: str, question: str, claim: str, expects: str, proven: str = "", rule: str = ""
) -> Check:
    cited = TypedAnswer(kind=OracleKind.REFERENCE, provenance=(TORCH,), rule=rule)
    return Check(
        id=name,
        question=question,
        claim=claim,
        expects=expects,
        read=PAPER,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(provenance=(proven,)) if proven else cited,
    )


CHECKS = (
    _code(
        "running_mean",
        "running_mean is the stored mean at the end",
        "each batch mean enters with the weight momentum, and loses a share of it with every later "
        "batch",
    ),
    _code(
        "running_var",
        "running_var is the stored variance at the end",
        "each batch variance, divided by N - 1, enters with the weight momentum; the start is 1",
    ),
    _typed(
        "total_variance",
        "numbers",
        "total_variance is the variance of all values together",
        "the variance within the classes and that between their means",
        proven=TOTAL,
    ),
    _typed(
        "sorted_mean",
        "numbers",
        "sorted_mean is the stored mean after batches sorted by class",
        "what is left of the first half after 50 batches of B, and the mean of B",
    ),
    _typed(
        "sorted_variance",
        "numbers",
        "sorted_variance is the stored variance after batches sorted by class",
        "a batch of one class shows the variance within that class only",
    ),
    _typed(
        "alternating_mean",
        "numbers",
        "alternating_mean is the stored mean after alternating batches",
        "a value that lags behind the last batch, and returns to itself after two batches",
    ),
    _typed(
        "alternating_variance",
        "numbers",
        "alternating_variance is the stored variance after alternating batches",
        "a batch of one class shows the variance within that class only",
    ),
    _typed(
        "shuffled_variance",
        "numbers",
        "shuffled_variance is the stored variance after shuffled batches",
        "a batch of both classes shows the variance of all values",
        proven=TOTAL,
    ),
    _typed(
        "test_value",
        "numbers",
        "test_value is what the mean of class A becomes at test time",
        "the distance from the stored mean, in stored deviations",
        rule="(-3 - sorted_mean)/sqrt(sorted_variance)",
    ),
    _typed(
        "follows",
        "order",
        "follows says which batches the stored mean follows",
        "how the weight of a batch changes with every batch after it",
    ),
    _typed(
        "tracked",
        "order",
        "tracked is the measure of spread that is stored",
        "what stands in the paper's algorithm 2 and in torch's running_var",
    ),
    Check(
        id="why_sorted_fails",
        question="order",
        claim="why_sorted_fails explains the loss at test time",
        expects="both statistics compared with those of the data, and with those while training",
        read=PAPER,
        points=2,
        probe=Probe(answer="why_sorted_fails"),
        oracle=TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "while training every batch is normalised by its own statistics, at test time by "
                "the stored ones",
                "the stored mean follows the last batches, that is one class (1 point)",
                "the stored variance is that within a class, without the part between the class "
                "means: total variance (1 point)",
            ),
        ),
    ),
)
