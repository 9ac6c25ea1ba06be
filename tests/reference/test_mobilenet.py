"""Costs of layers against torch: parameters are counted in modules, operations by its counter."""

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from backproof_reference.mobilenet import (
    convolution_multiply_adds,
    convolution_parameters,
    multiplier_cost_ratio,
    output_size,
    separable_cost_ratio,
    separable_multiply_adds,
    separable_parameters,
)

CHANNELS = [(3, 64), (64, 128), (128, 256)]  # Tehran 5: three layers, kernel 4, stride 2, padding 1
MAPS = [(256, 256), (128, 128), (64, 64)]


def parameters(*layers):
    return sum(tensor.numel() for layer in layers for tensor in layer.parameters())


def multiply_adds(x, *layers):
    with torch.no_grad(), FlopCounterMode(display=False) as counter:
        nn.Sequential(*layers)(x)
    return counter.get_total_flops() // 2


LAYERS = [(3, 8, 3, 2, 1, 9), (4, 6, 4, 3, 0, 11), (5, 5, 1, 1, 0, 4), (2, 7, 5, 1, 2, 6)]


@pytest.mark.parametrize(
    ("channels_in", "channels_out", "kernel", "stride", "padding", "size"), LAYERS
)
@pytest.mark.parametrize("bias", [False, True])
def test_counts_equal_those_of_torch(
    channels_in, channels_out, kernel, stride, padding, size, bias
):
    """Full and separable layers, with a remainder at the border, with and without bias."""
    options = {"stride": stride, "padding": padding, "bias": bias}
    full = nn.Conv2d(channels_in, channels_out, kernel, **options)
    depthwise = nn.Conv2d(channels_in, channels_in, kernel, groups=channels_in, **options)
    pointwise = nn.Conv2d(channels_in, channels_out, 1, bias=bias)
    x = torch.zeros(1, channels_in, size, size + 1)
    with torch.no_grad():
        map_out = tuple(full(x).shape[2:])
    extents = [output_size(extent, kernel, stride, padding) for extent in (size, size + 1)]
    assert tuple(extents) == map_out
    layer = (channels_in, channels_out, kernel)
    assert convolution_parameters(*layer, bias=bias) == parameters(full)
    assert separable_parameters(*layer, bias=bias) == parameters(depthwise, pointwise)
    assert convolution_multiply_adds(*layer, map_out) == multiply_adds(x, full)
    assert separable_multiply_adds(*layer, map_out) == multiply_adds(x, depthwise, pointwise)


def test_parameters_of_the_two_networks_of_tehran_5_2():
    """Depthwise separable 44 272, full 658 432; with biases 44 915 and 658 880."""
    for bias, separable, full in ((False, 44_272, 658_432), (True, 44_915, 658_880)):
        assert sum(separable_parameters(*pair, 4, bias) for pair in CHANNELS) == separable
        assert sum(convolution_parameters(*pair, 4, bias=bias) for pair in CHANNELS) == full


def test_multiply_adds_of_the_two_networks_of_tehran_5_3():
    """For an input of 512 x 512; a quarter of it for 256 x 256."""
    maps, size = [], 512
    for _ in CHANNELS:
        size = output_size(size, 4, 2, 1)
        maps.append((size, size))
    assert maps == MAPS
    pairs = list(zip(CHANNELS, maps, strict=True))
    separable = sum(separable_multiply_adds(*pair, 4, area) for pair, area in pairs)
    full = sum(convolution_multiply_adds(*pair, 4, area) for pair, area in pairs)
    assert (separable, full) == (309_329_920, 4_496_293_888)
    assert (separable // 4, full // 4) == (77_332_480, 1_124_073_472)
    assert round(full / separable, 2) == 14.54
    assert round(658_432 / 44_272, 2) == 14.87


def test_cost_ratios_of_tehran_5_5():
    """5/64, 9/128 and 17/256, for parameters and multiply-adds alike."""
    for pair, area, ratio in zip(CHANNELS, MAPS, (5 / 64, 9 / 128, 17 / 256), strict=True):
        assert separable_cost_ratio(pair[1], 4) == ratio
        assert separable_parameters(*pair, 4) == ratio * convolution_parameters(*pair, 4)
        full = convolution_multiply_adds(*pair, 4, area)
        assert separable_multiply_adds(*pair, 4, area) == ratio * full


@pytest.mark.parametrize(("alpha", "rho"), [(0.5, 0.5), (0.25, 1.0), (1.0, 0.5), (0.75, 0.25)])
def test_multipliers_of_tehran_5_6_equal_the_counted_costs(alpha, rho):
    """Parameters do not feel rho; both ratios lie between alpha^2 and alpha."""
    small = (int(alpha * 64), int(alpha * 128), 4)
    area = (int(rho * 32), int(rho * 32))
    operations, weights = multiplier_cost_ratio(128, 4, alpha, rho)
    expected = separable_multiply_adds(*small, area) / separable_multiply_adds(64, 128, 4, (32, 32))
    assert operations == pytest.approx(expected, rel=1e-14)
    expected = separable_parameters(*small) / separable_parameters(64, 128, 4)
    assert weights == pytest.approx(expected, rel=1e-14)
    assert alpha**2 <= weights <= alpha


def test_costs_of_the_two_layers_of_coms573_1():
    """Kernel 3 with padding 1, 128 to 256 channels at stride 2, then 512 at stride 1, on 64 x 64."""
    first, second = (128, 256, 3), (256, 512, 3)
    assert convolution_parameters(*first) + convolution_parameters(*second) == 1_474_560
    biased = [convolution_parameters(*layer, bias=True) for layer in (first, second)]
    assert sum(biased) == 1_475_328
    size = output_size(64, 3, 2, 1)
    assert (size, output_size(size, 3, 1, 1)) == (32, 32)
    costs = [convolution_multiply_adds(*layer, (32, 32)) for layer in (first, second)]
    assert costs == [301_989_888, 1_207_959_552]
    assert sum(costs) == 1_509_949_440


def test_what_does_not_fit_is_refused_with_the_offending_value():
    """Kernels, groups and multipliers."""
    with pytest.raises(ValueError, match="kernel 5 is larger than the input 2 padded by 1"):
        output_size(2, 5, 1, 1)
    with pytest.raises(ValueError, match="groups=3 does not fit 4 and 6 channels"):
        convolution_parameters(4, 6, 3, groups=3)
    for alpha, rho in ((0.0, 1.0), (1.5, 1.0), (0.5, 0.0), (0.5, 2.0)):
        with pytest.raises(ValueError, match=f"got alpha={alpha} and rho={rho}"):
            multiplier_cost_ratio(8, 3, alpha, rho)
