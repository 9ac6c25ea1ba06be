"""Functions out of reach: everything of a name, nothing else, and only for as long as is said."""

import contextlib
import sys
from types import ModuleType

import numpy as np
import pytest
import torch
from torch.nn import functional

from backproof.model import OWN_BATCH_NORM, OWN_CONVOLUTION, OWN_GRADIENT, Rule
from backproof.sandbox.forbidden import Forbidden, OutOfReach, rehearse

X = torch.arange(24.0).reshape(1, 2, 3, 4)
W = torch.ones(2, 2, 2, 2)
BOUND = np.convolve
REFUSED = {
    OWN_CONVOLUTION: (
        lambda: functional.conv2d(X, W),
        lambda: torch.nn.Conv2d(2, 1, 2)(X),
        lambda: functional.conv_transpose2d(X, W),
        lambda: functional.conv2d(X.clone().requires_grad_(), W),
        lambda: torch.ops.aten.convolution(X, W, None, [1, 1], [0, 0], [1, 1], False, [0, 0], 1),
        lambda: torch.nn.grad.conv2d_input(X.shape, W, torch.ones(1, 2, 2, 3)),
        lambda: torch.func.vmap(lambda x: torch.conv2d(x[None], W))(X),
        lambda: np.convolve([1, 2], [3, 4]),
        lambda: BOUND([1, 2], [3, 4]),
    ),
    OWN_BATCH_NORM: (
        lambda: functional.batch_norm(X, None, None, training=True),
        lambda: torch.nn.BatchNorm2d(2).eval()(X),
        lambda: functional.layer_norm(X, (4,)),
        lambda: functional.group_norm(X, 2),
        lambda: functional.instance_norm(X),
        lambda: torch.native_batch_norm(X, None, None, None, None, True, 0.1, 1e-5),
    ),
    OWN_GRADIENT: (
        lambda: torch.autograd.grad((x := X.clone().requires_grad_()).sum(), x),
        lambda: X.clone().requires_grad_().sum().backward(),
        lambda: torch.func.grad(torch.sum)(X),
        lambda: torch.func.jvp(torch.sum, (X,), (X,)),
        lambda: torch.autograd.functional.jacobian(torch.sum, X),
    ),
}
CALLS = [(rule, call) for rule, calls in REFUSED.items() for call in calls]


@contextlib.contextmanager
def inside(rule: Rule):
    forbidden = Forbidden()
    forbidden.put(rule.names, rule.operators, "cpu")
    try:
        yield forbidden
    finally:
        forbidden.lift()


@pytest.mark.filterwarnings("ignore:.*is deprecated:FutureWarning")
@pytest.mark.parametrize(("rule", "call"), CALLS)
def test_every_way_to_it_is_refused_and_comes_back(rule, call):
    """Under any name, with and without gradients; afterwards all is as before."""
    with pytest.raises(OutOfReach), inside(rule):
        call()
    call()


@pytest.mark.parametrize("rule", REFUSED)
def test_everything_else_works(rule):
    """Products, sums, views, statistics and Fourier transforms are the student's own tools."""
    with inside(rule):
        columns = functional.unfold(X, 2)
        torch.einsum("nkp,ok->nop", columns, W.reshape(2, -1))
        functional.fold(columns, (3, 4), 2)
        torch.fft.irfft(torch.fft.rfft(X))
        torch.var_mean(X, dim=(0, 2, 3))
        torch.linalg.norm(X)
        functional.pad(X, (1, 1))
        X.to_sparse().to_dense()
        np.array([1.0]) @ np.array([2.0])


def test_what_is_out_of_reach_stays_so_until_something_else_is():
    forbidden = Forbidden()

    def put(*rules: Rule):
        names = tuple(name for rule in rules for name in rule.names)
        operators = tuple(name for rule in rules for name in rule.operators)
        return forbidden.put(names, operators, "cpu")

    try:
        reached = put(OWN_CONVOLUTION)
        with pytest.raises(OutOfReach):
            functional.conv2d(X, W)
        assert reached.name

        assert put(OWN_CONVOLUTION) is reached
        assert reached.name == "", "that was the request before"
        with pytest.raises(OutOfReach):
            np.convolve([1, 2], [3, 4])

        put(OWN_BATCH_NORM)
        functional.conv2d(X, W)
        np.convolve([1, 2], [3, 4])
        with pytest.raises(OutOfReach):
            functional.batch_norm(X, None, None, training=True)

        assert put() is None
        functional.batch_norm(X, None, None, training=True)
    finally:
        forbidden.lift()


def test_a_module_that_is_imported_later_is_reached_by_the_next_request(monkeypatch):
    late = ModuleType("late")

    def convolve(a, b):
        return a * b

    late.convolve = convolve
    rule = Rule(
        names=("late.convolve",), operators=(), demand="multiply yourself", without="`convolve`"
    )
    with inside(rule) as forbidden:
        assert late.convolve(2, 3) == 6
        monkeypatch.setitem(sys.modules, "late", late)
        forbidden.put(rule.names, rule.operators, "cpu")
        with pytest.raises(OutOfReach):
            convolve(2, 3)
    assert convolve(2, 3) == 6


def test_operators_that_a_submission_brings_are_reached_too():
    """What the usual rules mean is looked up before a submission is loaded, which may add more."""
    rehearse((OWN_CONVOLUTION,))
    library = torch.library.Library("backproof_tests", "DEF")
    library.define("conv9d(Tensor x) -> Tensor")
    library.impl("conv9d", lambda x: x * 9, "CPU")
    try:
        with inside(OWN_CONVOLUTION), pytest.raises(OutOfReach):
            torch.ops.backproof_tests.conv9d(X)
        assert torch.equal(torch.ops.backproof_tests.conv9d(X), X * 9)
    finally:
        library._destroy()
