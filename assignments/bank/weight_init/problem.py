"""Loss and weights before training: laws as formulas, variances of given shapes as code.

Shapes have fans that all differ, kernels are not square, and both kinds of layers occur.
"""

from typing import Any

import torch

from backproof import (
    AnswerAsk,
    Call,
    Case,
    Check,
    ChoiceField,
    Drawing,
    Expected,
    FormulaField,
    FunctionAsk,
    NumberDemand,
    NumberField,
    OracleKind,
    Probe,
    Role,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference import initialization as reference
from backproof_reference.derivations import (
    initialization,
    initialization_laws,
    softmax_start,
)
from backproof_reference.results import result

DERIVATIONS = (
    *softmax_start.DERIVATIONS,
    *initialization.DERIVATIONS,
    *initialization_laws.DERIVATIONS,
)
ROLES = {"draws": Role.PLAIN}
START = "derivation softmax.initial_loss; Goodfellow, Bengio and Courville, Deep Learning, 6.2.2"
TORCH = "PyTorch documentation, torch.nn.CrossEntropyLoss"
HE = "He et al. 2015, Delving Deep into Rectifiers, section 2.2"
GLOROT = "Glorot and Bengio 2010, equation 12; He et al. 2015, section 2.2; torch.nn.init"

LOSS = NumberField(demand=NumberDemand(minimum_digits=3), domain="positive")
CLASSES = Vocabulary(symbols={"C": "int[2, 50]"})
SPREAD = Vocabulary(symbols={"C": "int[2, 50]", "sigma": "positive"}, aliases={"s": "sigma"})
LAYER = Vocabulary(
    symbols={"q": "positive", "n_in": "int[2, 500]", "n_out": "int[2, 500]"},
    aliases={"nin": "n_in", "nout": "n_out"},
)


def _formula(name: str, words: Vocabulary, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(
        name=name, prompt=prompt, field=FormulaField(vocabulary=words), answer=answer, also=also
    )


def _number(name: str, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=LOSS, answer=answer, also=also)


ASKS = (
    _formula("first_loss_formula", CLASSES, "the loss", "ln(C)", "-log(1/C)", "log(C)"),
    _number("first_loss", "the loss for ten classes", "ln(10)", "2.30", "2.303", "2.302585"),
    _number("floor_10", "the least loss", "ln(1 + 9/exp(1))", "1.461", "1.46", "1.46115"),
    _formula(
        "spread_loss",
        SPREAD,
        "the mean loss",
        "ln(C) + sigma^2/2*(1 - 1/C)",
        "log(C) + s²(C - 1)/(2C)",
        "ln(C) + 0.5*sigma^2 - sigma^2/(2*C)",
    ),
    FunctionAsk(reference=reference.initial_variance),
    FunctionAsk(reference=reference.kaiming_weights),
    _formula("default_logits", LAYER, "torch's default", "q/6", "n_in*1/(3*n_in)*q/2", "(1/6)q"),
    _formula(
        "xavier_logits",
        LAYER,
        "Xavier",
        "q*n_in/(n_in + n_out)",
        "n_in*2/(n_in + n_out)*q/2",
        "q/(1 + n_out/n_in)",
    ),
    _formula("kaiming_logits", LAYER, "Kaiming", "q", "n_in*2/n_in*q/2", "1*q"),
    AnswerAsk(
        name="kaiming_start",
        prompt="loss before training",
        field=ChoiceField(options=("smaller", "about the same", "larger")),
        answer="larger",
        also=("Larger", "LARGER"),
    ),
    AnswerAsk(
        name="init_words",
        prompt="your own runs",
        field=TextField(),
        answer="Kaiming in all layers starts at 3.8 instead of 2.30, and learns faster at first; the "
        "best validation accuracy is the same within a percent point.",
    ),
)


def _case(id: str, why: str, build: Any, *, public: bool = False, strided: bool = False) -> Case:
    visibility = Visibility.PUBLIC if public else Visibility.HIDDEN
    return Case(id=id, why=why, build=build, visibility=visibility, strided=strided)


def _shape(shape: list[int], scheme: str) -> Any:
    return lambda rng: {"shape": shape, "scheme": scheme}


VARIANCES = (
    _case("default_linear", "a linear layer", _shape([7, 12], "default"), public=True),
    _case("xavier_linear", "a linear layer", _shape([30, 8], "xavier"), public=True),
    _case("kaiming_conv", "a convolution", _shape([7, 3, 5, 4], "kaiming"), public=True),
    _case("default_conv", "a convolution", _shape([16, 6, 5, 3], "default")),
    _case("xavier_conv", "a convolution, kernel not square", _shape([4, 9, 2, 5], "xavier")),
    _case("kaiming_linear", "a linear layer", _shape([84, 120], "kaiming")),
    _case("kaiming_wide", "more outputs than inputs", _shape([50, 2, 3, 7], "kaiming")),
)
DRAWS = (
    _case(
        "linear",
        "a linear layer",
        lambda rng: {"draws": rng.normal(size=(12, 20))},
        public=True,
    ),
    _case(
        "convolution",
        "a convolution, kernel not square",
        lambda rng: {"draws": rng.normal(size=(4, 3, 2, 5))},
        public=True,
    ),
    _case(
        "strided",
        "views with gaps, more outputs",
        lambda rng: {"draws": rng.normal(size=(9, 2, 4, 3))},
        strided=True,
    ),
    _case("tall", "a linear layer, more inputs", lambda rng: {"draws": rng.normal(size=(8, 25))}),
)


def _fans(shape: Any) -> tuple[int, int]:
    """Counted: the weights of one output, and those that one input meets."""
    weight = torch.empty(tuple(shape))
    return weight[0].numel(), weight[:, 0].numel()


def _variance(shape: Any, scheme: str) -> dict[str, Any]:
    fan_in, fan_out = _fans(shape)
    laws = {
        "default": lambda: result("initialization_laws.torch_default").torch(
            n_in=fan_in, n_out=fan_out
        ),
        "xavier": lambda: result("initialization_laws.xavier").torch(n_in=fan_in, n_out=fan_out),
        "kaiming": lambda: result("initialization_laws.kaiming_uniform").torch(
            n_in=fan_in, n_out=fan_out
        ),
    }
    return {"variance": laws[scheme]()}


def _weights(draws: Any) -> dict[str, Any]:
    fan_in, fan_out = _fans(draws.shape)
    variance = result("initialization_laws.kaiming_uniform").torch(n_in=fan_in, n_out=fan_out)
    return {"weight": draws * variance.sqrt().to(draws)}


def _check(
    name: str,
    question: str,
    claim: str,
    expects: str,
    read: str,
    *,
    proven: str = "",
    rule: str = "",
) -> Check:
    return Check(
        id=name,
        question=question,
        claim=f"{name} {claim}",
        expects=expects,
        read=read,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(
            rule=rule,
            kind=OracleKind.PROVEN if proven else OracleKind.REFERENCE,
            provenance=(proven or read,),
        ),
    )


def _code(
    function: str,
    claim: str,
    expects: str,
    takes: tuple[str, ...],
    returns: str,
    cases: tuple[Case, ...],
    compute: Any,
    *provenance: str,
    draws: tuple[Drawing, ...] = (),
) -> Check:
    return Check(
        id=function,
        question="variances",
        claim=claim,
        expects=expects,
        read=GLOROT,
        points=2,
        probe=Probe(calls=(Call(function=function, takes=takes, returns=(returns,)),)),
        outputs=(returns,),
        cases=cases,
        oracle=Expected(compute=compute, kind=OracleKind.PROVEN, provenance=provenance),
        draws=draws,
    )


LOGITS = "the sum of the variances of n_in terms, and what ReLU leaves of a mean square"
CHECKS = (
    _check(
        "first_loss_formula",
        "first_loss",
        "is the loss of equal probabilities",
        "minus the logarithm of the probability of the right class",
        START,
        proven="softmax.equal_probabilities",
    ),
    _check(
        "first_loss",
        "first_loss",
        "is that loss for ten classes",
        "your formula for ten classes",
        START,
        proven="softmax.equal_probabilities",
    ),
    _check(
        "floor_10",
        "floor",
        "is the least loss with a softmax too many",
        "the loss at outputs that are 1 for the right class and 0 for the others",
        TORCH,
    ),
    _check(
        "spread_loss",
        "spread",
        "is the mean loss of logits that are spread",
        "what the curvature of the loss adds to its value at equal logits",
        START,
        proven="softmax.initial_loss",
    ),
    _code(
        "initial_variance",
        "initial_variance is the variance of the weights by each of the three schemes",
        "fans that count the entries of a kernel",
        ("shape", "scheme"),
        "variance",
        VARIANCES,
        _variance,
        "initialization_laws.torch_default",
        "initialization_laws.xavier",
        "initialization_laws.kaiming_uniform",
        "initialization.kaiming_forward",
    ),
    _code(
        "kaiming_weights",
        "kaiming_weights scales standard normal numbers to Kaiming's variance",
        "one factor for all weights of a layer: the standard deviation",
        ("draws",),
        "weight",
        DRAWS,
        _weights,
        "initialization_laws.kaiming_uniform",
        "initialization.kaiming_forward",
        draws=(Drawing(name="histogram", parameters={"weights": "weight", "normal": True}),),
    ),
    _check(
        "default_logits",
        "last_layer",
        "is the variance of a logit with torch's default",
        LOGITS,
        HE,
        proven="initialization_laws.torch_default",
    ),
    _check(
        "xavier_logits",
        "last_layer",
        "is the variance of a logit with Xavier's weights",
        LOGITS,
        GLOROT,
        proven="initialization_laws.xavier",
    ),
    _check(
        "kaiming_logits",
        "last_layer",
        "is the variance of a logit with Kaiming's weights",
        LOGITS,
        HE,
        proven="initialization.kaiming_forward",
    ),
    _check(
        "kaiming_start",
        "compare",
        "compares the losses before training",
        "what the spread of the logits does to the loss, and which scheme spreads them more",
        START,
        proven="softmax.initial_loss",
    ),
    Check(
        id="init_words",
        question="own_runs",
        claim="init_words says what was seen",
        expects="numbers of own runs, and what they show",
        read=HE,
        points=1,
        probe=Probe(answer="init_words"),
        oracle=TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "first losses by number: with Kaiming's weights in all layers between 2.8 and 5.2, "
                "with the default 2.30, with Xavier's 2.3 to 2.45",
                "'similar first losses' nearly holds for Xavier's weights, or with a spared last layer",
                "differences of the best accuracy below a percent point are chance",
            ),
        ),
    ),
)
