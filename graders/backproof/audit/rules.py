"""Power rules: coincidences in test data that let wrong solutions pass.

A rule looks at one case and says, of each of its subjects (parameters, or axes of them), in which
way it coincides, or None where it does not. It is broken where a subject coincides in every case.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from backproof.audit.roles import role_of
from backproof.model import Role

Finding: TypeAlias = tuple[str, str | None]
"""A subject, and how it coincides."""

LEAST_EPSILON = 0.01
"""Of the variance: below this, forgetting epsilon or misplacing it hardly shows."""
ALMOST = 1e-2
NEUTRAL = {"stride": 1, "strides": 1, "dilation": 1, "dilations": 1, "groups": 1, "padding": 0}
"""Options of a convolution, and the value with which they do nothing."""
_PAIRS = (
    ("channels_in", "channels_out"), ("in_channels", "out_channels"), ("c_in", "c_out"),
    ("height", "width"), ("rows", "columns"), ("h", "w"),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Look:
    """One case as the rules see it: inputs by parameter name, with the reference's defaults.

    given: names that the case itself sets. roles: declared by the problem.
    """

    inputs: Mapping[str, Any]
    given: frozenset[str]
    defaults: Mapping[str, Any]
    roles: Mapping[str, str]

    def of(self, *roles: Role) -> Iterator[tuple[str, Any]]:
        """Parameters in one of these roles."""
        return ((n, v) for n, v in self.inputs.items() if role_of(n, v, self.roles) in roles)

    @cached_property
    def arrays(self) -> Mapping[str, NDArray[Any]]:
        """Numerical arrays that are not declared to be plain."""
        return {
            name: value
            for name, value in self.inputs.items()
            if isinstance(value, np.ndarray)
            and value.dtype.kind in "fiu"
            and self.roles.get(name) != Role.PLAIN
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Rule:
    """why: what the coincidence hides. of_function: all cases of a function count together."""

    name: str
    why: str
    find: Callable[[Look], Iterator[Finding]]
    of_function: bool = False


def _half(look: Look) -> Iterator[Finding]:
    for name, value in look.of(Role.PROBABILITY):
        yield name, f"{name} = {value:g}" if value in (0, 0.5, 1) else None


def _unit(look: Look) -> Iterator[Finding]:
    for name, value in look.of(Role.FACTOR):
        values = np.asarray(value, dtype=float)
        flat = bool(np.isin(values, (0.0, 1.0)).all())
        yield name, f"{name} = {values.flat[0]:g}" if flat and values.size else None
    for name, value in look.of(Role.SHIFT):
        flat = not np.any(value)
        yield name, f"{name} = 0" if flat else None


def _epsilon(look: Look) -> Iterator[Finding]:
    variances = [float(np.mean(value)) for _, value in look.of(Role.VARIANCE)]
    if not variances:
        variances = [
            float(np.mean(np.var(value, axis=axis)))
            for _, value in look.of(Role.SAMPLES)
            for axis in (0, -1)
        ]
    for name, value in look.of(Role.EPSILON):
        if not variances:
            continue
        small = value <= 0 or value < LEAST_EPSILON * min(variances)
        said = f"{name} = {value:g} beside a variance of {min(variances):.2g}"
        yield name, said if small else None


def _symmetric(look: Look) -> Iterator[Finding]:
    for name, kernel in look.of(Role.KERNEL):
        if not isinstance(kernel, np.ndarray) or kernel.ndim == 0:
            continue
        axes = tuple(range(2, kernel.ndim)) or (0,)
        flipped = np.array_equal(kernel, np.flip(kernel, axes))
        turned = kernel.ndim == 4 and np.array_equal(kernel, np.swapaxes(kernel, 2, 3))
        said = "equal to itself " + ("read backwards" if flipped else "transposed")
        yield name, f"{name} is {said}" if flipped or turned else None


def _axes(look: Look) -> Iterator[tuple[str, NDArray[Any], int, int]]:
    for name, value in look.arrays.items():
        if value.ndim >= 2 and role_of(name, value, look.roles) is not Role.SQUARE:
            for first, second in combinations(range(value.ndim), 2):
                yield name, value, first, second


def _is_kernel(look: Look, name: str, value: NDArray[Any]) -> bool:
    return role_of(name, value, look.roles) is Role.KERNEL and value.ndim == 4


def _equal(name: str, value: NDArray[Any], first: int, second: int) -> Finding:
    """Whether two axes are of one length; not asked where both have length 1."""
    same = value.shape[first] == value.shape[second]
    return f"{name}, axes {first} and {second}", f"{name} is {value.shape}" if same else None


def _square_kernel(look: Look) -> Iterator[Finding]:
    for name, value, first, second in _axes(look):
        if _is_kernel(look, name, value) and (first, second) == (2, 3):
            yield _equal(name, value, first, second)


def _square_image(look: Look) -> Iterator[Finding]:
    for name, value, first, second in _axes(look):
        if value.ndim == 4 and not _is_kernel(look, name, value) and (first, second) == (2, 3):
            yield _equal(name, value, first, second)
    yield from _pairs(look, _PAIRS[3:])


def _channels(look: Look) -> Iterator[Finding]:
    for name, value, first, second in _axes(look):
        if _is_kernel(look, name, value) and (first, second) == (0, 1):
            channels = value.shape[1] * int(look.inputs.get("groups", 1))
            same = channels == value.shape[0]
            yield name, f"{name} has {channels} channels in and out" if same else None
    yield from _pairs(look, _PAIRS[:3])


def _pairs(look: Look, pairs: tuple[tuple[str, str], ...]) -> Iterator[Finding]:
    for names in pairs:
        first, second = map(look.inputs.get, names)
        if isinstance(first, int) and isinstance(second, int):
            said = f"{' and '.join(names)} are both {first}"
            yield " and ".join(names), said if first == second else None


def _sizes(look: Look) -> Iterator[Finding]:
    for name, value, first, second in _axes(look):
        if value.ndim != 4 or (first, second) != (2, 3):
            kernel = _is_kernel(look, name, value) and (first, second) == (0, 1)
            if not kernel and min(value.shape) > 0:
                yield _equal(name, value, first, second)


def _samples(look: Look) -> Iterator[Finding]:
    normalises = any(True for _ in look.of(Role.EPSILON)) and not any(look.of(Role.VARIANCE))
    least = 3 if normalises else 2
    for name, value in look.of(Role.SAMPLES, Role.UPSTREAM, Role.SCORES):
        if isinstance(value, np.ndarray) and value.ndim >= 2:
            few = value.shape[0] < least
            yield name, f"{name} is {value.shape}" if few else None


def _counts(labels: NDArray[Any]) -> list[int]:
    return [int(count) for count in np.unique(labels, return_counts=True)[1]]


def _equal_classes(look: Look) -> Iterator[Finding]:
    for name, labels in look.of(Role.LABELS):
        counts = _counts(labels)
        same = len(set(counts)) <= 1
        yield name, f"{name} has {counts} examples of its classes" if same else None


def _empty_class(look: Look) -> Iterator[Finding]:
    sizes = [value.shape[0] for _, value in look.of(Role.CLASSES)]
    sizes += [value.shape[-1] for _, value in look.of(Role.SCORES)]
    for name, labels in look.of(Role.LABELS) if sizes else ():
        full = len(_counts(labels)) == sizes[0]
        yield name, f"{name} has examples of all {sizes[0]} classes" if full else None


def _standardised(look: Look) -> Iterator[Finding]:
    for name, value in look.of(Role.SAMPLES):
        axis = (0, *range(2, value.ndim))
        if math.prod(value.shape[a] for a in axis) < 2:
            continue
        means, stds = value.mean(axis=axis), value.std(axis=axis)
        flat = bool(np.all(np.abs(means) < ALMOST) and np.all(np.abs(stds - 1) < ALMOST))
        yield name, f"{name} has mean 0 and variance 1 in every feature" if flat else None


def _upstream(look: Look) -> Iterator[Finding]:
    for name, value in look.of(Role.UPSTREAM):
        values = np.asarray(value, dtype=float)
        if values.size < 2:
            continue
        axis = (0, *range(2, values.ndim)) if values.ndim > 1 else None
        room = ALMOST * np.abs(values).sum(axis=axis)
        if bool(np.all(np.abs(values.sum(axis=axis)) <= room)):
            yield name, f"{name} sums to 0"
        else:
            yield name, f"{name} is constant" if bool(np.ptp(values) == 0) else None


def _remainder(look: Look) -> Iterator[Finding]:
    images = [v for _, v in look.of(Role.SAMPLES) if v.ndim >= 3]
    kernels = [v for _, v in look.of(Role.KERNEL) if isinstance(v, np.ndarray) and v.ndim >= 3]
    stride = look.inputs.get("stride")
    if not isinstance(stride, int) or not images:
        return
    size = look.inputs.get("kernel_size", look.inputs.get("kernel", look.inputs.get("size")))
    spatial = images[0].shape[2:]
    sides = kernels[0].shape[2:] if kernels else (size,) * len(spatial)
    if not all(isinstance(side, int) for side in sides):
        return
    padding, dilation = (int(look.inputs.get(n, d)) for n, d in (("padding", 0), ("dilation", 1)))
    left = [
        (length + 2 * padding - dilation * (side - 1) - 1) % stride
        for length, side in zip(spatial, sides, strict=True)
    ]
    yield "stride", None if any(left) else f"stride = {stride} on {spatial} leaves nothing over"


def _options(look: Look) -> Iterator[Finding]:
    for name, default in look.defaults.items():
        value = look.inputs[name]
        used = name in look.given and not _same(value, default)
        yield name, None if used else f"{name} stays at its default, {default!r}"
    for name, neutral in NEUTRAL.items():
        if name in look.inputs and name not in look.defaults:
            idle = bool(np.all(np.asarray(look.inputs[name]) == neutral))
            yield name, f"{name} is {neutral}" if idle else None


def _same(value: Any, default: Any) -> bool:
    return value is default or bool(np.array_equal(value, default))


RULES = (
    Rule(
        name="half_probability",
        why="p and 1 - p are the same at 1/2, p and p^2 at 0 and 1: drop for keep would pass",
        find=_half,
    ),
    Rule(
        name="unit_factor",
        why="at 1 a factor, its root, its square and its inverse are the same, and at 0 a term is "
        "gone: forgetting it would pass",
        find=_unit,
    ),
    Rule(
        name="small_epsilon",
        why="where epsilon is far below the variance, its place or its absence does not show",
        find=_epsilon,
    ),
    Rule(
        name="symmetric_kernel",
        why="a kernel that is flipped or transposed by mistake would pass",
        find=_symmetric,
    ),
    Rule(
        name="square_kernel",
        why="height and width of the kernel could be swapped unseen",
        find=_square_kernel,
    ),
    Rule(name="square_image", why="height and width could be swapped unseen", find=_square_image),
    Rule(
        name="equal_channels",
        why="input and output channels could be swapped unseen",
        find=_channels,
    ),
    Rule(name="equal_sizes", why="these two axes could be swapped unseen", find=_sizes),
    Rule(
        name="one_sample",
        why="a mean over the batch shows with two examples at least, a variance with three",
        find=_samples,
    ),
    Rule(
        name="equal_classes",
        why="a mean over a class in place of its sum differs by one factor only",
        find=_equal_classes,
    ),
    Rule(
        name="no_empty_class",
        why="what happens to a class without examples does not show",
        find=_empty_class,
    ),
    Rule(
        name="standardised",
        why="x and its standardised form are the same: one for the other would pass",
        find=_standardised,
    ),
    Rule(
        name="zero_upstream",
        why="the paths through the mean and through the bias get no gradient from a sum of 0, and "
        "those through the statistics get none from a constant",
        find=_upstream,
    ),
    Rule(
        name="no_remainder",
        why="the rounding of the output size does not show",
        find=_remainder,
        of_function=True,
    ),
    Rule(
        name="unused_option",
        why="a solution that ignores it would pass",
        find=_options,
        of_function=True,
    ),
)
