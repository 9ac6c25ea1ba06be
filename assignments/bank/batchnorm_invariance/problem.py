"""Scale, shift, bias and the scale of the weights: what batch normalisation sees of them.

The cases follow the power rules of batch normalisation: at least five rows, eps about the size of
the variance, no standardised x, N different from D.
"""

from fractions import Fraction
from typing import Any

import numpy as np
import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Expected,
    FormulaField,
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference.derivations import (
    batch_statistics,
    batchnorm_layers,
    batchnorm_properties,
    batchnorm_scales,
)

PAPER = "Ioffe and Szegedy 2015, section 3"


def identity_parameters(x: torch.Tensor, eps: float) -> tuple[torch.Tensor, torch.Tensor]:
    """Scale and shift with which batch normalisation leaves a batch as it is.

    The layer standardises every feature of x with the biased variance, ``eps`` inside the root, and
    then multiplies by gamma and adds beta.

    Shapes:
        x: (N, D) with N >= 2. Returns ``(gamma, beta)``, each (D,).

    Source:
        Ioffe and Szegedy, "Batch Normalization", ICML 2015, section 3.
    """
    return torch.sqrt(x.var(dim=0, correction=0) + eps), x.mean(dim=0)


def _claim(name: str, prompt: str, *, true: bool) -> AnswerAsk:
    said = "true" if true else "false"
    return AnswerAsk(
        name=name,
        prompt=prompt,
        field=ChoiceField(),
        answer=said,
        also=(said.title(), said.upper()),
    )


def _words(name: str, prompt: str, answer: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=TextField(), answer=answer)


def _formula(name: str, prompt: str, symbols: dict[str, str], *answers: str) -> AnswerAsk:
    return AnswerAsk(
        name=name,
        prompt=prompt,
        field=FormulaField(vocabulary=Vocabulary(symbols=symbols)),
        answer=answers[0],
        also=answers[1:],
    )


ADVANTAGES = (
    "larger learning rates, because gradients depend less on the scale of the weights",
    "less care in initialising, because the output does not change with the scale of the weights",
    "it regularises, by the noise of the batch statistics",
)
POSITIVE = {"alpha": "positive"}
ASKS = (
    *(
        _words(f"advantage_{number}", f"advantage {number}, with its reason", text)
        for number, text in enumerate(ADVANTAGES, 1)
    ),
    _claim("depends_on_others", "the output depends on the other examples", true=True),
    _claim("ridge_shows_it", "dropout's ridge form shows that it regularises", true=False),
    FunctionAsk(reference=identity_parameters),
    AnswerAsk(
        name="relu_fraction",
        prompt="the fraction that a ReLU sets to zero",
        field=NumberField(demand=NumberDemand(absolute=Fraction(1, 1000)), domain="real"),
        answer="1/2",
        also=("0.5", ".50"),
    ),
    _words(
        "why_scale_shift",
        "what would be lost without gamma and beta",
        "the layer could not be the identity, and what follows it would see one fixed range",
    ),
    _claim("bias_needed", "the bias is needed", true=False),
    _claim("bias_gradient_zero", "the gradient of the bias is 0", true=True),
    _claim("beta_replaces_bias", "beta can learn the shift", true=True),
    _claim("scale_matters", "the output changes", true=False),
    _formula(
        "negated_output",
        "the output at alpha = -1",
        {"y": "real", "beta": "real"},
        "2*beta - y",
        "β - (y - β)",
        "-y + beta + beta",
    ),
    AnswerAsk(
        name="shrink",
        prompt="the factor of y - beta",
        field=NumberField(domain="positive"),
        answer="0.001*sqrt((16 + 0.00001)/(0.000016 + 0.00001))",
        also=("0.784", "0.78", "sqrt(16.00001/26)"),
    ),
    _formula("gradient_ratio", "gradient at alpha W over that at W", POSITIVE, "1/alpha", "α^(-1)", "alpha/α^2"),
    _formula("step_ratio", "by which factor the relative step changes", POSITIVE, "1/alpha^2", "α^-2", "(1/alpha)/alpha"),
    AnswerAsk(
        name="weight_angle",
        prompt="the angle between W and its gradient, in degrees",
        field=NumberField(demand=NumberDemand(whole=True), domain="real"),
        answer="90",
        also=("90.0", "180/2"),
    ),
)  # fmt: skip
DERIVATIONS = (
    *batch_statistics.DERIVATIONS,
    *batchnorm_layers.DERIVATIONS,
    *batchnorm_properties.DERIVATIONS,
    *batchnorm_scales.DERIVATIONS,
)


def _batch(
    rng: np.random.Generator, rows: int, features: int, mean: float, eps: float
) -> dict[str, Any]:
    spread = rng.uniform(0.7, 1.6, features)
    return {"x": mean + spread * rng.standard_normal((rows, features)), "eps": eps}


BATCHES = (
    Case(
        id="eps_0_4",
        why="eps = 0.4, about half the variance: whether it stands in gamma shows",
        build=lambda rng: _batch(rng, 6, 4, 2.0, 0.4),
        visibility=Visibility.PUBLIC,
    ),
    Case(
        id="more_features",
        why="more features than rows, a negative mean",
        build=lambda rng: _batch(rng, 5, 8, -1.5, 0.9),
    ),
    Case(
        id="gaps",
        why="tensors that are views with gaps",
        build=lambda rng: _batch(rng, 7, 3, 3.0, 0.25),
        strided=True,
    ),
)


def _identity_parameters(x: Any, eps: float) -> dict[str, Any]:
    gamma, beta = identity_parameters(x, eps)
    return {"gamma": gamma, "beta": beta}


def _typed(name: str, question: str, expects: str, oracle: TypedAnswer, claim: str = "") -> Check:
    return Check(
        id=name,
        question=question,
        claim=claim or f"the statement {name} is judged rightly",
        expects=expects,
        read=oracle.provenance[0] if oracle.kind is OracleKind.REFERENCE else PAPER,
        points=1,
        probe=Probe(answer=name),
        oracle=oracle,
    )


def _proven(derivation: str, rule: str = "") -> TypedAnswer:
    return TypedAnswer(rule=rule, provenance=(derivation,))


def _cited(source: str) -> TypedAnswer:
    return TypedAnswer(kind=OracleKind.REFERENCE, provenance=(source,))


_ADVANTAGE = TypedAnswer(
    kind=OracleKind.PERSON,
    rubric=(
        "any one of these, and not the one of another answer:",
        "larger learning rates, better conditioned: gradients depend less on the scale of weights",
        "less sensitive to the initialisation: the output does not change with that scale",
        "regularises: the statistics of a random mini-batch are noise",
        "'as dropout in the ridge form' is no reason: nothing there is normalised by a mini-batch",
    ),
)
CHECKS = (
    *(
        _typed(
            f"advantage_{number}",
            "advantages",
            "one advantage that the other two answers do not name, and why it is one",
            _ADVANTAGE,
            f"advantage_{number} names an advantage with its reason",
        )
        for number in (1, 2, 3)
    ),
    _typed(
        "depends_on_others",
        "advantages",
        "where the mean and the variance come from",
        _cited("Ioffe and Szegedy 2015, section 3.4"),
    ),
    _typed(
        "ridge_shows_it",
        "advantages",
        "what is random in dropout, and what in batch normalisation",
        _cited("Ioffe and Szegedy 2015, section 3.4"),
    ),
    Check(
        id="identity_parameters",
        question="identity",
        claim="gamma and beta undo the normalisation",
        expects="the output of the layer equals x, whatever eps is",
        read=PAPER,
        points=2,
        probe=Probe(
            calls=(
                Call(function="identity_parameters", takes=("x", "eps"), returns=("gamma", "beta")),
            )
        ),
        outputs=("gamma", "beta"),
        cases=BATCHES,
        oracle=Expected(
            compute=_identity_parameters,
            kind=OracleKind.REFERENCE,
            provenance=(PAPER, "batchnorm.identity"),
        ),
    ),
    _typed(
        "relu_fraction",
        "identity",
        "how the normalised values lie about 0",
        _cited(PAPER),
        "relu_fraction is the fraction of the normalised values that a ReLU sets to zero",
    ),
    _typed(
        "why_scale_shift",
        "identity",
        "what the layer can be with gamma and beta, and cannot be without",
        TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "the identity can be represented: gamma = sqrt(sigma^2 + eps), beta = mu",
                "the range that the following nonlinearity sees can be learned (else half of the "
                "inputs of a ReLU are negative, a sigmoid stays in its linear part)",
                "'the outputs of all layers become similar' is not supported",
            ),
        ),
        "why_scale_shift says what gamma and beta are for",
    ),
    _typed(
        "bias_needed", "bias", "what the mean does to a constant", _proven("batchnorm.bias_before")
    ),
    _typed(
        "bias_gradient_zero",
        "bias",
        "how the loss answers to a number that the output does not depend on",
        _proven("batchnorm.bias_gradient"),
    ),
    _typed(
        "beta_replaces_bias",
        "bias",
        "whether beta is added before or after the mean is taken away",
        _proven("batchnorm.bias_before"),
    ),
    _typed(
        "scale_matters",
        "scale",
        "what the deviation does when all values grow by one factor",
        _proven("batchnorm.scale_invariance"),
    ),
    _typed(
        "negated_output",
        "scale",
        "the deviation is positive at either sign, and beta comes last",
        _proven("batchnorm.sign_flip"),
        "negated_output is the output of the layer at alpha = -1",
    ),
    _typed(
        "shrink",
        "scale",
        "the variance is scaled, eps is not",
        _proven("batchnorm.scale_with_fixed_eps"),
        "shrink is the factor of y - beta",
    ),
    _typed(
        "gradient_ratio",
        "scale",
        "the same output at larger weights: how the loss answers to a change of one of them",
        _proven("batchnorm.scaled_weight_gradient"),
        "gradient_ratio is the gradient at alpha W over that at W",
    ),
    _typed(
        "step_ratio",
        "scale",
        "the length of the step over the length of the weights, both changed",
        _proven("batchnorm.scaled_weight_gradient", rule="gradient_ratio/alpha"),
        "step_ratio is the factor of the relative step",
    ),
    _typed(
        "weight_angle",
        "scale",
        "the loss does not change along W",
        _proven("batchnorm.weight_gradient_orthogonal"),
        "weight_angle is the angle between W and the gradient",
    ),
)
