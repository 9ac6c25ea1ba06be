"""L1 against L2: penalties of a whole network, steps, and what becomes of small weights.

In the steps there are weights that cross zero, stop at it, and are it.
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
    Relation,
    Role,
    TextField,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference import regularization as reference
from backproof_reference.derivations import regularization, weight_decay
from backproof_reference.results import result

DERIVATIONS = (*regularization.DERIVATIONS, *weight_decay.DERIVATIONS)
ROLES = {"w": Role.PLAIN, "grad": Role.PLAIN}
BOOK = "Goodfellow, Bengio and Courville, Deep Learning, section 7.1"
DECAY = "PyTorch documentation, torch.optim.SGD; Loshchilov and Hutter 2019, section 2"
PROXIMAL = "Parikh and Boyd 2014, Proximal Algorithms, sections 4.2 and 6.5.2"
PRUNING = "Han et al. 2015, Learning both Weights and Connections, section 3"

PULL = FormulaField(
    vocabulary=Vocabulary(
        symbols={"eta": "positive", "lambda": "positive", "w": "positive"},
        aliases={"lr": "eta", "lam": "lambda"},
    )
)
CYCLE = FormulaField(
    vocabulary=Vocabulary(
        symbols={"eta": "positive", "lambda": "positive", "r": "positive"},
        constraints=("lambda*eta - r",),
        aliases={"lr": "eta", "lam": "lambda"},
    )
)
ZEROS = ("weight decay", "SGD on the loss with an L1 penalty", "proximal steps")


def _formula(name: str, field: FormulaField, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=field, answer=answer, also=also)


ASKS = (
    FunctionAsk(reference=reference.l1_penalty),
    FunctionAsk(reference=reference.weight_decay_step),
    FunctionAsk(reference=reference.l1_step),
    FunctionAsk(reference=reference.proximal_step),
    _formula("l1_pull", PULL, "the L1 penalty", "eta*lambda", "lr·lam", "λ·η"),
    _formula("l2_pull", PULL, "the L2 penalty", "eta*lambda*w", "η·λ·w", "w*lambda*eta"),
    AnswerAsk(
        name="equal_pull",
        prompt="size of a weight",
        field=NumberField(
            demand=NumberDemand(minimum_digits=1, absolute=Fraction(1, 100)), domain="positive"
        ),
        answer="100",
        also=("1/0.01", "100.0"),
    ),
    _formula("after_one", CYCLE, "after one step", "r - eta*lambda", "-(η·λ - r)", "-lr*lam + r"),
    _formula("after_two", CYCLE, "after two steps", "r", "(r - eta*lambda) + eta*lambda", "1*r"),
    AnswerAsk(
        name="exact_zeros",
        prompt="what makes exact zeros",
        field=ChoiceField(options=ZEROS),
        answer=ZEROS[2],
        also=("Proximal steps", "PROXIMAL STEPS"),
    ),
    FunctionAsk(reference=reference.share_below),
    AnswerAsk(
        name="histogram_words",
        prompt="both distributions",
        field=TextField(),
        answer="With L1 at 1e-3, 80 % of the weights are below 0.01, with L2 at 1e-3, 25 %; the "
        "large ones that are left are larger than with L2. None is exactly 0.",
    ),
)


def _case(id: str, why: str, build: Any, *, public: bool = False, strided: bool = False) -> Case:
    visibility = Visibility.PUBLIC if public else Visibility.HIDDEN
    return Case(id=id, why=why, build=build, visibility=visibility, strided=strided)


def _parameters(rng: np.random.Generator, shapes: list[tuple[int, ...]], lam: float) -> Any:
    """Eighths of whole numbers, which add up without rounding."""
    return {"parameters": [rng.integers(-17, 14, shape) / 8 for shape in shapes], "lam": lam}


NETWORKS = (
    _case(
        "three_layers",
        "weights and biases of a convolution and two linear layers",
        lambda rng: _parameters(rng, [(2, 1, 3, 2), (2,), (4, 3), (4,), (3, 4), (3,)], 0.375),
        public=True,
    ),
    _case(
        "convolution",
        "a kernel with four axes, its bias, scale and shift",
        lambda rng: _parameters(rng, [(5, 2, 3, 4), (5,), (5,), (5,), (3, 7), (3,)], 0.0625),
    ),
    _case(
        "one_row",
        "a weight of one row, no bias",
        lambda rng: _parameters(rng, [(1, 6), (2, 3, 4)], 2.5),
    ),
)


def _step(shape: tuple[int, ...], lr: float, **strength: float) -> Any:
    """Weights of which some cross 0, some come near it, and some are 0 at the start."""

    def build(rng: np.random.Generator) -> dict[str, Any]:
        w = rng.normal(size=shape) * 0.5
        w.flat[::4] *= 0.01
        w.flat[5] = 0.0
        grad = rng.normal(size=shape)
        grad.flat[::3] *= 0.01
        return {"w": w, "grad": grad, "lr": lr, **strength}

    return build


def _steps(key: str, name: str) -> tuple[Case, ...]:
    return (
        _case(
            f"{name}_matrix",
            "some weights are near 0, one is 0",
            _step((3, 4), 0.25, **{key: 0.75}),
            public=True,
        ),
        _case(
            f"{name}_kernel", "four axes", _step((2, 3, 4, 5), 0.375, **{key: 0.3}), strided=True
        ),
        _case(f"{name}_strong", "a strong penalty", _step((7,), 0.125, **{key: 5.0})),
    )


def _weights(shape: tuple[int, ...], tau: float) -> Any:
    return lambda rng: {"w": rng.normal(size=shape), "tau": tau}


DECAYED = _steps("weight_decay", "decay")
SHARES = (
    _case("matrix", "two axes", _weights((4, 5), 0.5), public=True),
    _case("kernel", "four axes", _weights((3, 2, 4, 3), 0.25)),
    _case("wide", "a bound that most are below", _weights((23,), 1.25)),
)


def _penalty(parameters: Any, lam: float) -> dict[str, Any]:
    total = sum(np.abs(np.asarray(p)).sum() for p in parameters if len(np.shape(p)) >= 2)
    return {"penalty": lam * total}


def _decayed(w: Any, grad: Any, lr: float, weight_decay: float) -> dict[str, Any]:
    given = {"w": w.flatten(), "g": grad.flatten(), "eta": lr, "lambda": weight_decay}
    return {"w": result("weight_decay.sgd").torch(given).reshape(w.shape).to(w)}


def _subgradient(w: Any, grad: Any, lr: float, lam: float) -> dict[str, Any]:
    """Sign by sign."""
    up, down = w > 0, w < 0
    return {"w": w - lr * grad - lr * lam * up.to(w) + lr * lam * down.to(w)}


def _proximal(w: Any, grad: Any, lr: float, lam: float) -> dict[str, Any]:
    """The three cases of soft thresholding."""
    v, t = w - lr * grad, lr * lam
    return {"w": torch.where(v > t, v - t, torch.where(v < -t, v + t, torch.zeros_like(v)))}


def _share(w: Any, tau: float) -> dict[str, Any]:
    return {"share": ((w < tau) & (w > -tau)).double().mean()}


def _code(
    function: str,
    question: str,
    claim: str,
    expects: str,
    read: str,
    takes: tuple[str, ...],
    returns: str,
    cases: tuple[Case, ...],
    oracle: Expected,
) -> Check:
    return Check(
        id=function,
        question=question,
        claim=f"{function} {claim}",
        expects=expects,
        read=read,
        points=2,
        probe=Probe(calls=(Call(function=function, takes=takes, returns=(returns,)),)),
        outputs=(returns,),
        cases=cases,
        oracle=oracle,
    )


def _reference(compute: Any, source: str) -> Expected:
    return Expected(compute=compute, kind=OracleKind.REFERENCE, provenance=(source,))


def _typed(
    name: str, question: str, claim: str, expects: str, read: str, proven: str = ""
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
            kind=OracleKind.PROVEN if proven else OracleKind.REFERENCE,
            provenance=(proven or read,),
        ),
    )


def _untouched(function: str, strength: str, cases: tuple[Case, ...]) -> Check:
    call = Call(function=function, takes=("w", "grad", "lr", strength), returns=("w",))
    return Check(
        id=f"{function}_unchanged",
        question="steps",
        claim=f"{function} leaves the caller's weights as they were",
        expects="w and grad hold after the call what they held before",
        read="torch documentation, in-place operations on tensors",
        points=0.5,
        probe=Probe(calls=(call,)),
        outputs=(),
        cases=cases,
        oracle=Relation(name="inputs_unchanged"),
        needs=(function,),
    )


GRADIENT = ("w", "grad", "lr")
CHECKS = (
    _code(
        "l1_penalty",
        "penalty",
        "is the L1 penalty of all weights",
        "lam times a sum over weights of layers; no biases, no means",
        BOOK,
        ("parameters", "lam"),
        "penalty",
        NETWORKS,
        _reference(_penalty, BOOK),
    ),
    _code(
        "weight_decay_step",
        "steps",
        "takes a step with an L2 penalty",
        "the gradient of the loss and that of (weight_decay / 2) ||w||^2",
        DECAY,
        (*GRADIENT, "weight_decay"),
        "w",
        DECAYED,
        Expected(
            compute=_decayed,
            kind=OracleKind.PROVEN,
            provenance=("weight_decay.gradient", "weight_decay.sgd"),
        ),
    ),
    _code(
        "l1_step",
        "steps",
        "takes a step with an L1 penalty",
        "the same pull on every weight that is not 0, against its sign",
        BOOK,
        (*GRADIENT, "lam"),
        "w",
        _steps("lam", "sign"),
        _reference(_subgradient, BOOK),
    ),
    _code(
        "proximal_step",
        "steps",
        "takes a proximal step",
        "a step down the loss alone, then soft thresholding at the learning rate times lam",
        PROXIMAL,
        (*GRADIENT, "lam"),
        "w",
        _steps("lam", "proximal"),
        _reference(_proximal, PROXIMAL),
    ),
    _untouched("weight_decay_step", "weight_decay", DECAYED[:1]),
    _typed(
        "l1_pull",
        "pull",
        "is what the L1 penalty takes off in a step",
        "the learning rate times the slope of the penalty at w",
        BOOK,
        "regularization.l1_gradient_cycle",
    ),
    _typed(
        "l2_pull",
        "pull",
        "is what the L2 penalty takes off in a step",
        "the learning rate times the slope of the penalty at w, with its factor 1/2",
        BOOK,
        "weight_decay.sgd",
    ),
    _typed(
        "equal_pull",
        "pull",
        "is the weight at which both pull equally",
        "both pulls, each with its own strength",
        BOOK,
    ),
    _typed(
        "after_one",
        "cycle",
        "is the weight after one step",
        "a step of a length that does not depend on the weight",
        BOOK,
        "regularization.l1_gradient_cycle",
    ),
    _typed(
        "after_two",
        "cycle",
        "is the weight after two steps",
        "the sign of the weight after the first step",
        BOOK,
        "regularization.l1_gradient_cycle",
    ),
    _typed(
        "exact_zeros",
        "cycle",
        "names what makes weights exactly 0",
        "what each of the three does to a weight that is near 0",
        PROXIMAL,
        "regularization.l1_prox_zero",
    ),
    _code(
        "share_below",
        "compare",
        "is the share of small weights",
        "weights of both signs, out of all",
        PRUNING,
        ("w", "tau"),
        "share",
        SHARES,
        _reference(_share, PRUNING),
    ),
    Check(
        id="histogram_words",
        question="compare",
        claim="histogram_words compares both distributions",
        expects="numbers of own runs, at strengths that can be compared",
        read=BOOK,
        points=1,
        probe=Probe(answer="histogram_words"),
        oracle=TypedAnswer(
            kind=OracleKind.PERSON,
            rubric=(
                "with L1 more weights are near 0, and a few stay large: told by a share below a bound",
                "none is exactly 0 under SGD: 'no zeros' is no sign that L1 does nothing",
                "strengths are matched (1 against 0.01 compares strengths, not penalties)",
            ),
        ),
    ),
)
