"""The initialisation scales against torch.nn.init and against what they do to a deep net."""

import math

import pytest
import torch

from backproof_reference.derivations import get
from backproof_reference.derivations import initialization_laws as laws
from backproof_reference.initialization import (
    kaiming_std,
    relu_second_moment,
    uniform_bound,
    xavier_std,
)
from backproof_reference.prove import Setting, evaluate

FANS = [(1, 1), (784, 100), (30, 500)]


@pytest.mark.parametrize(("fan_in", "fan_out"), FANS)
def test_the_standard_deviations_are_those_torch_draws_with(fan_in, fan_out):
    """One stream of normal numbers, scaled by torch and by us."""

    def standard():
        return torch.Generator().manual_seed(0)

    weight = torch.empty(fan_out, fan_in, dtype=torch.float64)
    base = weight.normal_(generator=standard()).clone()
    drawn = torch.nn.init.xavier_normal_(weight, generator=standard())
    torch.testing.assert_close(drawn, xavier_std(fan_in, fan_out) * base, rtol=1e-12, atol=0)
    for mode, fan in (("fan_in", fan_in), ("fan_out", fan_out)):
        for slope in (0.0, 0.2, math.sqrt(5)):
            drawn = torch.nn.init.kaiming_normal_(weight, slope, mode, generator=standard())
            torch.testing.assert_close(drawn, kaiming_std(fan, slope) * base, rtol=1e-12, atol=0)


def test_torchs_default_is_kaiming_with_a_slope_of_the_root_of_five():
    """Bound 1 / sqrt(fan_in), variance 1 / (3 fan_in): six times less than Kaiming's."""
    std = kaiming_std(100, math.sqrt(5))
    assert uniform_bound(std) == pytest.approx(1 / math.sqrt(100))
    assert std**2 == pytest.approx(1 / 300)
    assert kaiming_std(100) ** 2 == pytest.approx(6 * std**2)


@pytest.mark.parametrize(("fan_in", "fan_out"), FANS)
def test_the_reference_functions_equal_the_checked_variances(fan_in, fan_out):
    """The code and the proof describe the same thing."""
    sizes = {laws.n: fan_in, laws.m: fan_out}

    def proved(id):
        return evaluate(get(id).result(), Setting(), sizes, {})

    assert xavier_std(fan_in, fan_out) ** 2 == pytest.approx(proved("initialization_laws.xavier"))
    kaiming = proved("initialization_laws.kaiming_uniform")
    assert kaiming_std(fan_in) ** 2 == pytest.approx(kaiming)
    default = proved("initialization_laws.torch_default")
    assert kaiming_std(fan_in, math.sqrt(5)) ** 2 == pytest.approx(default)


def test_kaiming_keeps_the_scale_through_twenty_relu_layers_and_xavier_does_not():
    """Xavier loses a factor of about 2 a layer."""
    generator = torch.Generator().manual_seed(0)
    width, depth = 256, 20

    def gain(std):
        z = torch.randn(width, 64, generator=generator, dtype=torch.float64)
        for _ in range(depth):
            weight = std * torch.randn(width, width, generator=generator, dtype=torch.float64)
            z = weight @ z.relu()
        return z.square().mean().item()

    assert 0.3 < gain(kaiming_std(width)) < 3
    assert -depth - 2 < math.log2(gain(xavier_std(width, width))) < -depth + 2


def test_both_halves_of_a_square_add_up():
    """Also for a law that is not symmetric; for a symmetric one they are equal."""
    z = torch.tensor([-3.0, -1.0, 0.5, 7.0], dtype=torch.float64)
    positive, negative = relu_second_moment(z)
    assert (positive + negative).item() == z.square().mean().item()
    assert positive != negative
    positive, negative = relu_second_moment(torch.cat([z, -z]))
    assert positive == negative


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: xavier_std(0, 3), "fans must be at least 1, got 0 and 3"),
        (lambda: kaiming_std(0), "fan must be at least 1, got 0"),
        (lambda: uniform_bound(-1.0), r"std must not be negative, got -1\.0"),
    ],
)
def test_impossible_arguments_are_refused(call, message):
    """The message says what was passed."""
    with pytest.raises(ValueError, match=message):
        call()
