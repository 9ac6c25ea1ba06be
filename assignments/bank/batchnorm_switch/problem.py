"""Batch normalisation's two modes, and what the size of the batch does to its statistics.

Running statistics, mini-batch and population differ in every case, eps and momentum are no small
numbers, and N is small enough that N and N - 1 are far apart.
"""

from typing import Any

import numpy as np

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Expected,
    FormulaField,
    FunctionAsk,
    OracleKind,
    Probe,
    Relation,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference import batchnorm as reference
from backproof_reference.derivations import batch_statistics

BATCH = FormulaField(
    vocabulary=Vocabulary(
        symbols={"sigma": "positive", "m": "int[2, 256]"}, definitions={"sigma2": "sigma^2"}
    )
)
ASKS = (
    FunctionAsk(reference=reference.batchnorm_layer),
    AnswerAsk(
        name="train_and_test",
        prompt="what differs, and why",
        field=TextField(),
        answer="In training each feature is normalised with the mean and the variance of the "
        "mini-batch, which are also collected as exponential moving averages. At test time these "
        "averages are used, frozen, so that the output for a sample does not depend on the others.",
    ),
    AnswerAsk(
        name="batch_mean_variance",
        prompt="variance of the mean of a mini-batch",
        field=BATCH,
        answer="sigma^2/m",
        also=("sigma**2 / m", "m*(sigma/m)^2", "sigma2/m"),
    ),
    AnswerAsk(
        name="batch_variance_mean",
        prompt="expectation of the biased variance of a mini-batch",
        field=BATCH,
        answer="(m-1)/m*sigma^2",
        also=("sigma^2 - sigma^2/m", "(1 - 1/m)*sigma2", "sigma^2*(m-1)/m"),
    ),
    AnswerAsk(
        name="larger_batches_scatter_more",
        prompt="the claim",
        field=ChoiceField(),
        answer="false",
        also=("False", "no"),
    ),
    FunctionAsk(reference=reference.batch_scatter),
)
DERIVATIONS = (batch_statistics.MEAN, batch_statistics.BIASED, batch_statistics.TOTAL)
PAPER = "Ioffe and Szegedy 2015, algorithms 1 and 2"
TORCH = "torch.nn.BatchNorm1d"
MOMENTS = "Casella and Berger 2002, Statistical Inference, theorem 5.2.6"
TOTAL = "Casella and Berger 2002, Statistical Inference, theorem 4.4.7"


def _layer(
    rng: np.random.Generator, rows: int, features: int, training: bool, **more: float
) -> dict[str, Any]:
    """Running statistics that are neither those of the mini-batch nor those of its population."""
    return {
        "x": rng.uniform(1.5, 3.0, features) + 1.4 * rng.standard_normal((rows, features)),
        "gamma": rng.uniform(1.3, 2.6, features) * rng.choice((-1.0, 1.0), features),
        "beta": rng.uniform(0.4, 1.5, features),
        "running_mean": rng.uniform(-2.0, -0.5, features),
        "running_var": rng.uniform(0.2, 0.6, features),
        "training": training,
        **more,
    }


TRAINING = (
    Case(
        id="train",
        why="a small batch, eps about half the variance, momentum no half",
        build=lambda rng: _layer(rng, 5, 3, True, momentum=0.3, eps=0.7),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="train_defaults",
        why="momentum and eps left to their defaults",
        build=lambda rng: _layer(rng, 4, 6, True),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="train_three_rows",
        why="three rows, where N and N - 1 differ most; most of the weight on the new value",
        build=lambda rng: _layer(rng, 3, 4, True, momentum=0.8, eps=0.4),
    ),
    Case(
        id="train_views",
        why="tensors that are views with gaps",
        build=lambda rng: _layer(rng, 7, 2, True, momentum=0.2, eps=1.1),
        strided=True,
    ),
)
TEST = (
    Case(
        id="test",
        why="running statistics far from those of the batch",
        build=lambda rng: _layer(rng, 5, 3, False, momentum=0.3, eps=0.7),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="test_one_row",
        why="a single sample, which has no variance of its own",
        build=lambda rng: _layer(rng, 1, 4, False, momentum=0.6, eps=0.2),
    ),
    Case(
        id="test_defaults",
        why="momentum and eps left to their defaults",
        build=lambda rng: _layer(rng, 6, 5, False),
    ),
)


def _values(rng: np.random.Generator, count: int, sizes: list[int]) -> dict[str, Any]:
    """A skewed sample with a mean, with a slow wave on it: the order of the values matters."""
    wave = np.sin(np.arange(count) / 37)
    return {"x": 2.0 + wave + rng.exponential(1.5, count), "sizes": sizes}


TABLE = (
    Case(
        id="three_sizes",
        why="batches that do not all have a power of two",
        build=lambda rng: _values(rng, 60, [3, 4, 10]),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="powers_of_two",
        why="m = 2, 4, ..., 256, of a thousand values",
        build=lambda rng: _values(rng, 1024, [2, 4, 8, 16, 32, 64, 128, 256]),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="unordered_sizes",
        why="sizes in no order, one of them twice, the whole sample among them",
        build=lambda rng: _values(rng, 90, [15, 2, 90, 15]),
    ),
)


def _call(**inputs: Any) -> dict[str, Any]:
    out, mean, var = reference.batchnorm_layer(**inputs)
    return {"out": out, "running_mean": mean, "running_var": var}


def _scatter(x: Any, sizes: list[int]) -> dict[str, Any]:
    between, within = reference.batch_scatter(x, sizes)
    return {"between": between, "within": within}


LAYER = Probe(
    calls=(
        Call(
            function="batchnorm_layer",
            takes=(
                "x",
                "gamma",
                "beta",
                "running_mean",
                "running_var",
                "training",
                "momentum",
                "eps",
            ),
            returns=("out", "running_mean", "running_var"),
        ),
    )
)
BY_DEFINITION = Expected(
    compute=_call, kind=OracleKind.REFERENCE, provenance=(PAPER, "torch.nn.functional.batch_norm")
)


def _mode(id: str, claim: str, expects: str, read: str, cases: Any, *outputs: str) -> Check:
    return Check(
        id=id,
        question="switch",
        claim=claim,
        expects=expects,
        read=read,
        points=1,
        probe=LAYER,
        outputs=outputs,
        cases=cases,
        oracle=BY_DEFINITION,
    )


def _typed(id: str, claim: str, expects: str, derivation: str) -> Check:
    return Check(
        id=id,
        question="batch_size",
        claim=claim,
        expects=expects,
        read=MOMENTS,
        points=1,
        probe=Probe(answer=id),
        oracle=TypedAnswer(provenance=(derivation,)),
    )


CHECKS = (
    _mode(
        "train_out",
        "in training, out is normalised with the mini-batch's own mean and variance",
        "each feature of x, over the rows of this mini-batch",
        PAPER,
        TRAINING,
        "out",
    ),
    _mode(
        "running_mean",
        "in training, running_mean moves towards the mean of the mini-batch",
        "an exponential moving average: momentum is the weight of the new value",
        TORCH,
        TRAINING,
        "running_mean",
    ),
    _mode(
        "running_var",
        "in training, running_var moves towards the unbiased variance of the mini-batch",
        "an exponential moving average of variances that are divided by N - 1",
        TORCH,
        TRAINING,
        "running_var",
    ),
    _mode(
        "test_out",
        "at test time, out is normalised with the running statistics",
        "each row is treated on its own, whatever the rest of the batch holds",
        PAPER,
        TEST,
        "out",
    ),
    _mode(
        "frozen",
        "at test time, the running statistics stay what they are",
        "what comes in goes out",
        PAPER,
        TEST,
        "running_mean",
        "running_var",
    ),
    Check(
        id="inputs_unchanged",
        question="switch",
        claim="batchnorm_layer leaves its inputs as they are",
        expects="new tensors for what has changed",
        read="PyTorch documentation, In-place semantics",
        points=0.5,
        probe=LAYER,
        cases=(*TRAINING, *TEST),
        oracle=Relation(name="inputs_unchanged"),
        needs=("train_out", "running_mean", "running_var"),
    ),
    Check(
        id="train_and_test",
        question="words",
        claim="train_and_test says what differs between training and test time, and why",
        expects="where mean and variance come from in either mode, and what that is good for",
        read=PAPER,
        points=1,
        probe=Probe(answer="train_and_test"),
        oracle=TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "in training: mean and variance of the mini-batch",
                "at test time: statistics gathered in training, and no others",
                "they are gathered as a running (exponential moving) average",
                "so that the output for a sample does not depend on the rest of its batch",
            ),
        ),
    ),
    _typed(
        "batch_mean_variance",
        "batch_mean_variance is the variance of the mean of m independent samples",
        "the variance of a sum of m independent terms, divided by m squared",
        "batch_statistics.mean_variance",
    ),
    _typed(
        "batch_variance_mean",
        "batch_variance_mean is the expectation of the biased variance of m samples",
        "a little less than the variance of one sample: the values lie closer to their own mean",
        "batch_statistics.biased_variance",
    ),
    _typed(
        "larger_batches_scatter_more",
        "larger_batches_scatter_more says whether the claim is true",
        "how the two formulas change as m grows",
        "batch_statistics.mean_variance",
    ),
    Check(
        id="table",
        question="table",
        claim="between and within are the scatter of the batch means and the mean batch variance",
        expects="one number for each batch size; for each, the two add up to the variance of x",
        read=TOTAL,
        points=2,
        probe=Probe(
            calls=(
                Call(function="batch_scatter", takes=("x", "sizes"), returns=("between", "within")),
            )
        ),
        cases=TABLE,
        oracle=Expected(compute=_scatter, kind=OracleKind.REFERENCE, provenance=(TOTAL,)),
        terms=1024,
    ),
)
