"""Swish: value, gradient, and the shape of its curve.

beta is neither 1 nor the same in two cases; inputs reach far to both sides, where exp overflows.
"""

from fractions import Fraction
from typing import Any

import numpy as np

from backproof import (
    OWN_GRADIENT,
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
    Rule,
    TypedAnswer,
    Visibility,
    Vocabulary,
)
from backproof_reference import activations as reference
from backproof_reference.derivations import activations
from backproof_reference.results import result

DERIVATIONS = activations.DERIVATIONS
PAPER = "Ramachandran, Zoph and Le 2017, Searching for Activation Functions, section 4"
OWN_SWISH = Rule(
    demand="write Swish yourself",
    without="torch's own Swish (SiLU) and hard Swish",
    names=("silu", "SiLU", "hardswish", "Hardswish"),
    operators=("*silu*", "*hardswish*"),
)
REAL = NumberField(demand=NumberDemand(minimum_digits=3))
SLOPE = FormulaField(
    vocabulary=Vocabulary(symbols={"beta": "positive", "f": "real", "s": "unit"}),
    labels=("f'",),
)


def _number(name: str, prompt: str, answer: str, *also: str) -> AnswerAsk:
    return AnswerAsk(name=name, prompt=prompt, field=REAL, answer=answer, also=also)


ASKS = (
    FunctionAsk(reference=reference.swish),
    FunctionAsk(reference=reference.swish_backward),
    AnswerAsk(
        name="swish_slope",
        prompt="the derivative",
        field=SLOPE,
        answer="beta*f + s*(1 - beta*f)",
        also=("s + beta*f*(1 - s)", "s + β·f - s·β·f"),
    ),
    _number("minimum_at", "where the minimum is", "-1.2784645428", "-1.278", "-1.28"),
    _number("minimum", "how low it is", "-0.2784645428", "-0.278", "-0.2785"),
    AnswerAsk(
        name="slope_at_0",
        prompt="slope at 0",
        field=NumberField(demand=NumberDemand(minimum_digits=1, absolute=Fraction(1, 1000))),
        answer="1/2",
        also=("0.5", ".50"),
    ),
    _number("slope_max", "the largest slope", "1.0998393194", "1.0998", "1.100"),
    AnswerAsk(
        name="small_beta",
        prompt="the limit for a small beta",
        field=FormulaField(vocabulary=Vocabulary(symbols={"x": "real"})),
        answer="x/2",
        also=("0.5*x", "x*1/(1 + exp(0))"),
    ),
    AnswerAsk(
        name="large_beta",
        prompt="the limit for a large beta",
        field=ChoiceField(options=("identity", "ReLU", "sigmoid", "step")),
        answer="ReLU",
        also=("relu", "RELU"),
    ),
)


def _case(id: str, why: str, build: Any, *, public: bool = False, strided: bool = False) -> Case:
    visibility = Visibility.PUBLIC if public else Visibility.HIDDEN
    return Case(id=id, why=why, build=build, visibility=visibility, strided=strided)


def _values(shape: tuple[int, ...], scale: float, gradient: bool, **more: float) -> Any:
    def build(rng: np.random.Generator) -> dict[str, Any]:
        inputs = {"x": scale * rng.normal(size=shape) - 0.3}
        return {**inputs, **({"dout": rng.normal(size=shape) + 0.2} if gradient else {}), **more}

    return build


def _cases(gradient: bool) -> tuple[Case, ...]:
    name = "_gradient" if gradient else ""
    return (
        _case(
            f"one{name}",
            "beta left to its default",
            _values((3, 5), 2.0, gradient),
            public=True,
        ),
        _case(
            f"steep{name}",
            "a beta above 1, one axis",
            _values((7,), 1.5, gradient, beta=2.5),
            public=True,
        ),
        _case(
            f"flat{name}",
            "a beta below 1, views with gaps",
            _values((4, 6), 4.0, gradient, beta=0.375),
            strided=True,
        ),
        _case(
            f"default{name}",
            "the default again, three axes",
            _values((2, 3, 4), 3.0, gradient),
        ),
        _case(
            f"far{name}",
            "inputs far out on both sides, where exp(-x) overflows in single precision",
            lambda rng: {
                **_values((5,), 1.0, gradient)(rng),
                "x": np.array([-200.0, -95.5, 0.75, 91.25, 200.0]),
                "beta": 1.25,
            },
        ),
    )


def _value(x: Any, beta: float = 1.0) -> dict[str, Any]:
    """The definition, with an exponential that cannot overflow."""
    small = (-(beta * x).abs()).exp()
    return {
        "out": (beta * x >= 0).to(x) * x / (1 + small)
        + (beta * x < 0).to(x) * x * small / (1 + small)
    }


def _gradient(dout: Any, x: Any, beta: float = 1.0) -> dict[str, Any]:
    found = result("activations.swish_backward").torch(x=x.flatten(), G=dout.flatten(), beta=beta)
    return {"dx": found.reshape(x.shape).to(x)}


def _typed(name: str, question: str, claim: str, expects: str, proven: str = "") -> Check:
    return Check(
        id=name,
        question=question,
        claim=f"{name} {claim}",
        expects=expects,
        read=PAPER,
        points=1,
        probe=Probe(answer=name),
        oracle=TypedAnswer(
            kind=OracleKind.PROVEN if proven else OracleKind.REFERENCE,
            provenance=(proven or PAPER,),
        ),
    )


def _code(
    id: str,
    function: str,
    takes: tuple[str, ...],
    returns: str,
    claim: str,
    expects: str,
    **more: Any,
) -> Check:
    return Check(
        id=id,
        claim=claim,
        expects=expects,
        read=PAPER,
        probe=Probe(calls=(Call(function=function, takes=takes, returns=(returns,)),)),
        outputs=(returns,),
        **more,
    )


PROVEN = ("activations.swish_backward",)
CHECKS = (
    _code(
        "swish",
        "swish",
        ("x", "beta"),
        "out",
        "out is Swish of every entry",
        "each entry times the sigmoid of beta times that entry",
        question="forward",
        points=2,
        cases=_cases(False),
        forbids=(OWN_SWISH,),
        oracle=Expected(compute=_value, kind=OracleKind.REFERENCE, provenance=(PAPER,)),
    ),
    _code(
        "swish_backward",
        "swish_backward",
        ("dout", "x", "beta"),
        "dx",
        "dx is the gradient with respect to x",
        "both terms of the product rule, and beta where it belongs",
        question="backward",
        points=2,
        cases=_cases(True),
        forbids=(OWN_GRADIENT, OWN_SWISH),
        oracle=Expected(compute=_gradient, kind=OracleKind.PROVEN, provenance=PROVEN),
    ),
    _code(
        "far_out",
        "swish_backward",
        ("dout", "x", "beta"),
        "dx",
        "dx stays finite far out, in single precision",
        "slopes near 1 on the right and near 0 on the left",
        question="backward",
        points=1,
        dtype="float32",
        cases=(
            _case(
                "far_single",
                "exp(200) is infinite in single precision",
                lambda rng: {
                    "dout": rng.normal(size=4) + 0.2,
                    "x": np.array([-200.0, -100.5, 100.25, 200.0]),
                },
                public=True,
            ),
            _case(
                "farther_single",
                "further out, another beta",
                lambda rng: {
                    "dout": rng.normal(size=5) + 0.2,
                    "x": np.array([-150.0, -90.0, 2.5, 120.0, 180.0]),
                    "beta": 1.5,
                },
            ),
            _case(
                "far_default",
                "further out, beta left to its default",
                lambda rng: {
                    "dout": rng.normal(size=3) + 0.2,
                    "x": np.array([-160.0, 99.0, 130.0]),
                },
            ),
        ),
        needs=("swish_backward",),
        oracle=Expected(compute=_gradient, kind=OracleKind.PROVEN, provenance=PROVEN),
    ),
    _typed(
        "swish_slope",
        "slope",
        "is the derivative",
        "the product rule, with what the sigmoid and the function already are",
        PROVEN[0],
    ),
    _typed(
        "minimum_at",
        "curve",
        "is where the slope is 0",
        "a negative number, found by iteration",
        "activations.swish_stationary",
    ),
    _typed(
        "minimum",
        "curve",
        "is the least value",
        "the function where its slope is 0",
        "activations.swish_stationary",
    ),
    _typed("slope_at_0", "curve", "is the slope at 0", "your formula at 0", PROVEN[0]),
    _typed(
        "slope_max",
        "curve",
        "is the largest slope",
        "the slope has a maximum of its own",
        PROVEN[0],
    ),
    _typed("small_beta", "curve", "is the limit", "the sigmoid of a small number"),
    _typed(
        "large_beta", "curve", "names the limit", "the sigmoid of a large number of either sign"
    ),
)
