"""The linter of test data: each power rule refuses a coincidence, and is quiet without it."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
import torch

from backproof import Call, Case, Check, Expected, FunctionAsk, OracleKind, Probe, Role, Waiver
from backproof.answer_key import AnswerKey
from backproof.audit.power import Power, audit_power
from backproof.audit.rules import RULES
from backproof.model import Problem, Question, Visibility

Inputs = dict[str, Any]


def power_of(
    function: Callable[..., Any],
    *cases: Inputs,
    roles: Mapping[str, Role] | None = None,
    waivers: tuple[Waiver, ...] = (),
    visibility: Visibility = Visibility.HIDDEN,
) -> Power:
    """What the linter says of a problem with one check and these cases."""
    check = Check(
        id="out",
        question="q",
        claim="c",
        expects="e",
        read="r",
        points=1,
        probe=Probe(
            calls=(
                Call(
                    function=function.__name__,
                    takes=tuple(function.__annotations__),
                    returns=("out",),
                ),
            )
        ),
        oracle=Expected(
            compute=lambda **_: {"out": torch.zeros(1)},
            kind=OracleKind.REFERENCE,
            provenance=("book",),
        ),
        cases=tuple(
            Case(id=f"case_{n}", why="w", build=lambda _, given=given: given, visibility=visibility)
            for n, given in enumerate(cases)
        ),
    )
    problem = Problem(
        name="sample",
        title="Sample",
        text="",
        questions=(Question(key="q", title="Q", text=""),),
        asks=(FunctionAsk(reference=function),),
        checks=(check,),
        roles=roles or {},
        waivers=waivers,
    )
    return audit_power(problem, AnswerKey("power tests"))


def mask(x: Any, keep_prob: Any) -> None: ...
def ridge(x: Any, lam: Any) -> None: ...
def linear(x: Any, bias: Any) -> None: ...
def normalise(x: Any, eps: Any = 1e-5) -> None: ...
def infer(x: Any, running_var: Any, eps: Any) -> None: ...
def convolve(x: Any, w: Any, stride: Any, padding: Any) -> None: ...
def pool(x: Any, kernel: Any, stride: Any) -> None: ...
def grouped(x: Any, w: Any, groups: Any = 1) -> None: ...
def cost(channels_in: Any, channels_out: Any, height: Any, width: Any) -> None: ...
def center(features: Any, centers: Any, labels: Any) -> None: ...
def entropy(logits: Any, labels: Any) -> None: ...
def backward(dout: Any, x: Any) -> None: ...
def field(kernels: Any, strides: Any) -> None: ...


def some(*shape: int, mean: float = 2.0, std: float = 1.5) -> Any:
    return mean + std * np.random.default_rng(0).standard_normal(shape)


def counted(*counts: int) -> Any:
    return np.repeat(np.arange(len(counts)), counts)


def standardised(*shape: int) -> Any:
    x = some(*shape)
    return (x - x.mean(0)) / x.std(0)


def centred(*shape: int) -> Any:
    x = some(*shape)
    return x - x.mean(0)


SYMMETRIC = np.array([[1.0, 2.0, 1.0], [3.0, 4.0, 3.0], [1.0, 2.0, 1.0]]).reshape(1, 1, 3, 3)
LAYER = {"x": some(2, 3, 7, 8), "w": some(5, 3, 2, 4), "stride": 3, "padding": 1}
CENTERS = {"features": some(9, 4), "centers": some(3, 4)}
BROKEN = [
    # rule, function, a broken case, the same without the coincidence, what is said
    ("half_probability", mask, {"x": some(4, 3), "keep_prob": 0.5}, {"keep_prob": 0.3},
     "keep_prob = 0.5 in every hidden case (case_0): p and 1 - p are the same at 1/2"),
    ("half_probability", mask, {"x": some(4, 3), "keep_prob": 1.0}, {"keep_prob": 0.8},
     "keep_prob = 1 in"),
    ("unit_factor", ridge, {"x": some(4, 3), "lam": 1.0}, {"lam": 2.5},
     "lam = 1 in every hidden case (case_0): at 1 a factor, its root, its square and its inverse"),
    ("unit_factor", linear, {"x": some(4, 3), "bias": np.zeros(3)}, {"bias": some(3)},
     "bias = 0 in"),
    ("small_epsilon", normalise, {"x": some(5, 3), "eps": 1e-5}, {"eps": 0.5},
     "eps = 1e-05 beside a variance of"),
    ("small_epsilon", normalise, {"x": some(5, 3), "eps": 0.0}, {"eps": 0.5}, "eps = 0 beside"),
    ("small_epsilon", infer, {"x": some(5, 3), "running_var": some(3) ** 2, "eps": 1e-5},
     {"running_var": np.full(3, 2e-5)}, "its place or its absence does not show"),
    ("symmetric_kernel", convolve, LAYER | {"w": np.tile(SYMMETRIC, (5, 3, 1, 1))},
     {"w": some(5, 3, 2, 4)}, "w is equal to itself read backwards in"),
    ("symmetric_kernel", convolve, {"x": some(2, 7), "w": np.array([1.0, 2, 1]), "stride": 2,
     "padding": 1}, {"w": np.array([1.0, 2, 3])}, "flipped or transposed by mistake would pass"),
    ("square_kernel", convolve, LAYER | {"w": some(5, 3, 4, 4)}, {"w": some(5, 3, 2, 4)},
     "w is (5, 3, 4, 4) in every hidden case (case_0): height and width of the kernel"),
    ("square_image", convolve, LAYER | {"x": some(2, 3, 7, 7)}, {"x": some(2, 3, 7, 8)},
     "x is (2, 3, 7, 7) in every hidden case (case_0): height and width could be swapped"),
    ("square_image", cost, {"channels_in": 3, "channels_out": 8, "height": 7, "width": 7},
     {"width": 9}, "height and width are both 7"),
    ("equal_channels", convolve, LAYER | {"w": some(3, 3, 2, 4)}, {"w": some(5, 3, 2, 4)},
     "w has 3 channels in and out in"),
    ("equal_channels", grouped, {"x": some(2, 6, 7, 8), "w": some(6, 3, 2, 4), "groups": 2},
     {"w": some(4, 3, 2, 5)}, "w has 6 channels in and out in"),
    ("equal_channels", cost, {"channels_in": 8, "channels_out": 8, "height": 7, "width": 9},
     {"channels_in": 3}, "channels_in and channels_out are both 8"),
    ("equal_sizes", mask, {"x": some(4, 4), "keep_prob": 0.3}, {"x": some(4, 5)},
     "x is (4, 4) in every hidden case (case_0): these two axes could be swapped unseen"),
    ("one_sample", mask, {"x": some(1, 4), "keep_prob": 0.3}, {"x": some(2, 4)},
     "x is (1, 4) in every hidden case (case_0): a mean over the batch shows with two"),
    ("one_sample", normalise, {"x": some(2, 4), "eps": 0.5}, {"x": some(3, 4)},
     "x is (2, 4) in every hidden case (case_0): a mean over the batch shows with two"),
    ("equal_classes", center, CENTERS | {"labels": counted(4, 0, 4, 1)[:8]},
     {"labels": counted(4, 0, 5)}, "labels has [4, 4] examples of its classes in"),
    ("no_empty_class", center, CENTERS | {"labels": counted(4, 2, 3)},
     {"labels": counted(4, 0, 5)}, "labels has examples of all 3 classes in"),
    ("no_empty_class", entropy, {"logits": some(5, 3), "labels": counted(2, 1, 2)},
     {"labels": counted(2, 3, 0)}, "what happens to a class without examples does not show"),
    ("standardised", mask, {"x": standardised(5, 3), "keep_prob": 0.3}, {"x": some(5, 3)},
     "x has mean 0 and variance 1 in every feature in"),
    ("zero_upstream", backward, {"dout": centred(5, 3), "x": some(5, 3)}, {"dout": some(5, 3)},
     "dout sums to 0 in"),
    ("zero_upstream", backward, {"dout": np.ones((5, 3)), "x": some(5, 3)}, {"dout": some(5, 3)},
     "dout is constant in"),
    ("no_remainder", convolve, LAYER | {"stride": 2, "x": some(2, 3, 4, 6)},
     {"x": some(2, 3, 5, 6)}, "stride = 2 on (4, 6) leaves nothing over in"),
    ("no_remainder", pool, {"x": some(2, 3, 8, 6), "kernel": 2, "stride": 2},
     {"x": some(2, 3, 8, 7)}, "the rounding of the output size does not show"),
    ("unused_option", grouped, {"x": some(2, 6, 7, 8), "w": some(4, 6, 2, 3)},
     {"w": some(4, 3, 2, 5), "groups": 2}, "groups stays at its default, 1 in"),
    ("unused_option", field, {"kernels": [3, 2], "strides": [1, 1]}, {"strides": [1, 2]},
     "strides is 1 in every hidden case (case_0): a solution that ignores it would pass"),
]  # fmt: skip


def faults_of(rule: str, found: Power) -> list[str]:
    return [fault for fault in found.faults if fault.endswith(f"(rule {rule})")]


@pytest.mark.parametrize(("rule", "function", "inputs", "mended", "said"), BROKEN)
def test_a_coincidence_is_refused_with_its_reason(
    rule: str, function: Callable[..., Any], inputs: Inputs, mended: Inputs, said: str
) -> None:
    """The sentence says where, which parameter, its value, and what could pass."""
    faults = faults_of(rule, power_of(function, inputs))

    assert len(faults) == 1
    assert faults[0].startswith("out: ")
    assert said in faults[0]


@pytest.mark.parametrize(("rule", "function", "inputs", "mended", "said"), BROKEN)
def test_one_case_without_the_coincidence_is_enough(
    rule: str, function: Callable[..., Any], inputs: Inputs, mended: Inputs, said: str
) -> None:
    """A special case does no harm beside an ordinary one."""
    assert faults_of(rule, power_of(function, inputs, inputs | mended)) == []


def test_every_rule_has_such_a_test() -> None:
    """No rule that was never seen to refuse."""
    assert {rule for rule, *_ in BROKEN} == {rule.name for rule in RULES}


def test_cases_that_students_have_do_not_count() -> None:
    """A coincidence in the hidden cases is one, whatever the public ones hold."""
    half, third = ({"x": some(4, 3), "keep_prob": p} for p in (0.5, 0.3))

    assert faults_of("half_probability", power_of(mask, half))
    public_only = power_of(mask, half, third, visibility=Visibility.PUBLIC)
    assert faults_of("half_probability", public_only) == []


def test_a_role_can_be_declared() -> None:
    """A name that says nothing is declared; a declared one is no longer what its name says."""

    def thin(x: Any, q: Any) -> None: ...

    inputs = {"x": some(4, 3), "q": 0.5}

    assert power_of(thin, inputs).faults == []
    assert faults_of("half_probability", power_of(thin, inputs, roles={"q": Role.PROBABILITY}))
    plain = power_of(mask, {"x": some(4, 4), "keep_prob": 0.5}, roles={"keep_prob": Role.PLAIN})
    assert faults_of("half_probability", plain) == []
    assert faults_of("equal_sizes", plain)


def test_a_square_matrix_can_be_declared() -> None:
    """Recurrent weights have two equal sizes by nature."""
    inputs = {"x": some(4, 4), "keep_prob": 0.3}

    assert power_of(mask, inputs, roles={"x": Role.SQUARE}).faults == []


WAIVER = Waiver(rule="half_probability", name="keep_prob", reason="the paper's value")
HALF = {"x": some(4, 3), "keep_prob": 0.5}


def test_a_rule_can_be_waived_with_a_reason() -> None:
    """What is waived is no fault, is counted, and is shown with its reason."""
    found = power_of(mask, HALF, waivers=(WAIVER,))

    assert found.faults == []
    assert found.waived == {"out": 1}
    assert found.waivers == ["half_probability keep_prob: the paper's value"]


@pytest.mark.parametrize(
    ("waiver", "said"),
    [
        (Waiver(rule="half", reason="r"), "a waiver of 'half', which is no rule; known: half_p"),
        (Waiver(rule="unit_factor", reason="r"), "waiver unit_factor waives nothing: take it out"),
        (Waiver(rule="unit_factor", check="in", reason="r"), "in 'in', which is no check"),
        (Waiver(rule="half_probability", reason=" "), "a waiver of half_probability without a rea"),
    ],
)
def test_a_waiver_that_is_not_right_is_a_fault(waiver: Waiver, said: str) -> None:
    """A waiver without a rule, a place, an effect or a reason is refused."""
    assert said in "\n".join(power_of(mask, HALF, waivers=(waiver,)).faults)


def test_a_waiver_is_for_its_own_parameter() -> None:
    """Another parameter's coincidence is not waived with it."""
    other = Waiver(rule="half_probability", name="p", reason="r")

    assert faults_of("half_probability", power_of(mask, HALF, waivers=(other,)))
