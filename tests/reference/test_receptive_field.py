"""The receptive field against autograd: from the first to the last input that has a gradient."""

import random

import pytest
import torch
from torch.nn import functional

from backproof_reference.derivations.receptive_field import unrolled
from backproof_reference.prove import Verdict
from backproof_reference.receptive_field import effective_strides, input_span, receptive_fields


def random_stacks(count=200):
    """Stacks of one to five layers; kernels of one tap and strides above the kernel occur."""
    rng = random.Random(5)
    for _ in range(count):
        layers = rng.randint(1, 5)
        yield tuple([rng.randint(1, top) for _ in range(layers)] for top in (4, 3, 3))


STACKS = list(random_stacks())


def seen_by(kernels, strides, dilations, width=1):
    """The input positions with a gradient, for neighbouring outputs somewhere in the middle."""
    x = torch.zeros(1, 1, 5000, dtype=torch.float64, requires_grad=True)
    out = x
    for kernel, stride, dilation in zip(kernels, strides, dilations, strict=True):
        # Positive weights: no gradient cancels.
        ones = torch.ones(1, 1, kernel, dtype=torch.float64)
        out = functional.conv1d(out, ones, stride=stride, dilation=dilation)
    middle = out.shape[2] // 2
    (gradient,) = torch.autograd.grad(out[0, 0, middle : middle + width].sum(), x)
    return gradient.flatten().nonzero().flatten()


@pytest.mark.parametrize("stack", STACKS, ids=str)
def test_the_receptive_field_is_the_span_of_the_gradient(stack):
    """Forward and backward recursion agree with autograd, also for several neighbouring outputs."""
    seen = seen_by(*stack)
    span = int(seen[-1] - seen[0]) + 1
    assert receptive_fields(*stack)[-1] == span
    assert input_span(*stack) == span
    together = seen_by(*stack, width=3)
    assert input_span(*stack, width=3) == int(together[-1] - together[0]) + 1


def test_the_receptive_field_is_not_the_number_of_inputs_that_are_used():
    """Many of the stacks leave holes: counting the gradient's support would be another quantity."""
    with_holes = [stack for stack in STACKS if len(seen_by(*stack)) < input_span(*stack)]
    assert len(with_holes) > 50


@pytest.mark.parametrize(
    ("kernels", "strides", "expected"),
    [
        pytest.param([3, 2, 3, 2], [2, 2, 2, 2], [3, 5, 13, 21], id="Tehran 4.6"),
        pytest.param([3, 2, 3, 2], [1, 2, 1, 2], [3, 4, 8, 10], id="Tehran 4.6, conv stride 1"),
        pytest.param([3, 2, 3, 2], [2, 1, 2, 1], [3, 5, 9, 13], id="Tehran 4.6, pool stride 1"),
        pytest.param([5, 2, 5, 2], [1, 2, 1, 2], [5, 6, 14, 16], id="LeNet-5"),
        pytest.param([5, 2, 3, 2], [1, 2, 1, 2], [5, 6, 10, 12], id="5x5 and 3x3 convolutions"),
        pytest.param([7, 2, 7], [1, 2, 1], [7, 8, 20], id="7x7 convolutions and a pool"),
    ],
)
def test_known_networks_have_known_receptive_fields(kernels, strides, expected):
    """After each layer, and counted backwards for the whole network."""
    assert receptive_fields(kernels, strides) == expected
    assert input_span(kernels, strides) == expected[-1]


def test_residual_network_of_twenty_layers_sees_81_positions():
    """ResNet-20: 19 convolutions of size 3, with stride 2 at the start of stages two and three."""
    strides = [1] * 19
    strides[7] = strides[13] = 2
    assert receptive_fields([3] * 19, strides)[-1] == 81


def test_effective_strides_multiply():
    """The gradient of the next output is shifted by the product of all strides."""
    stack = ([3, 2, 4], [2, 3, 2], [1, 2, 1])
    assert effective_strides(stack[1]) == [2, 6, 12]
    first, both = seen_by(*stack), seen_by(*stack, width=2)
    assert both[-1] - first[-1] == 12


@pytest.mark.parametrize("layers", range(3, 9))
def test_the_backward_recursion_is_proved_with_symbols_for_every_layer(layers):
    """Up to eight layers, written out (SymPy itself writes one or two alike); beyond that the induction steps carry the proof."""
    report = unrolled(layers).check()
    assert report.passed, report
    assert report.level is Verdict.PROVED_ALL_SIZES


def test_without_layers_a_position_sees_itself():
    """The start of both recursions."""
    assert receptive_fields([], []) == []
    assert input_span([], []) == 1
    assert input_span([], [], width=4) == 4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([3], [1, 2]), "got 1, 2 and 1"),
        (([3, 0], [1, 2]), r"every kernel must be at least 1, got \[3, 0\]"),
        (([3], [0]), r"every stride must be at least 1, got \[0\]"),
        (([3], [1], [0]), r"every dilation must be at least 1, got \[0\]"),
    ],
)
def test_impossible_stacks_are_refused_with_the_offending_value(arguments, message):
    """Both directions refuse alike."""
    for function in (receptive_fields, input_span):
        with pytest.raises(ValueError, match=message):
            function(*arguments)


def test_impossible_widths_and_strides_are_refused():
    """No outputs see nothing."""
    with pytest.raises(ValueError, match=r"every width must be at least 1, got \[0\]"):
        input_span([3], [1], width=0)
    with pytest.raises(ValueError, match=r"every stride must be at least 1, got \[-1\]"):
        effective_strides([-1])
