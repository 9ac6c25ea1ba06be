"""Compare a checked expression, evaluated in floats, with an independent float64 computation."""

import itertools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch

from backproof_reference.prove.evaluate import Atom, Evaluator
from backproof_reference.prove.functions import value_of
from backproof_reference.prove.model import Expr, OracleReport, Setting, Sizes
from backproof_reference.prove.operators import definitions_by_name, indices_of

Values = Mapping[str, torch.Tensor]
# Both sides are float64 computations of a few thousand operations at most: no agreement looser
# than so many roundings, all in one direction, counts as one.
LOOSEST = 4096 * torch.finfo(torch.float64).eps
# Below the noise of half the digits, an expected value is a zero with round-off.
NOISE = math.sqrt(torch.finfo(torch.float64).eps)


@dataclass(frozen=True, kw_only=True)
class Oracle:
    """What torch says about the last expression of a derivation.

    ``shapes`` names every undefined symbol (scalars have shape ``()``); ``expected`` computes the
    result from their values, without the derivation, as a tensor with one axis for each of
    ``axes``. ``prepare`` turns the drawn numbers into legal ones where not every number is legal,
    such as labels or kernel sizes; both sides see what it returns.
    """

    sizes: Sizes
    shapes: Mapping[str, tuple[int, ...]]
    expected: Callable[[Values], torch.Tensor]
    axes: tuple[Any, ...] = ()
    tolerance: float = LOOSEST
    prepare: Callable[[Values], Values] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.tolerance <= LOOSEST:  # NaN is refused as well
            raise ValueError(
                f"the tolerance {self.tolerance:.1e} of an oracle is not within 0 and "
                f"{LOOSEST:.1e}, the round-off of 4096 operations in float64"
            )

    def compare(self, expr: Expr, setting: Setting) -> OracleReport:
        """The largest error, relative to the largest expected entry.

        Where all that is expected is zero, up to round-off, the error is absolute.
        """
        try:
            error, reason = self._error(expr, setting), ""
        except Exception as problem:
            # Like a step that cannot be read: a failure of the derivation, never a pass.
            error, reason = math.nan, f"{type(problem).__name__}: {problem}"
        return OracleReport(max_error=error, tolerance=self.tolerance, reason=reason)

    def _error(self, expr: Expr, setting: Setting) -> float:
        drawn = self._draw()
        values = drawn if self.prepare is None else self.prepare(drawn)
        expected = self.expected(values).detach()
        errors = []
        for index in itertools.product(*map(range, expected.shape)):
            indices = dict(zip(self.axes, index, strict=True))
            found = evaluate(expr, setting, {**self.sizes, **indices}, values)
            errors.append(abs(found - float(expected[index])))
        # torch's maximum, unlike Python's, never loses a NaN.
        largest = torch.tensor(errors, dtype=torch.float64).max()
        scale = float(expected.abs().max())
        return float(largest) / (scale if scale > NOISE else 1.0)

    def _draw(self) -> dict[str, torch.Tensor]:
        # Scalars lie in (0, 1), so that they are legal as probabilities; no array is standardised.
        generator = torch.Generator().manual_seed(0)
        values = {}
        for name, shape in self.shapes.items():
            if shape:
                values[name] = torch.randn(shape, generator=generator, dtype=torch.float64) + 0.5
            else:
                uniform = torch.rand((), generator=generator, dtype=torch.float64)
                values[name] = 0.1 + 0.7 * uniform
        return values


def evaluate(expr: Expr, setting: Setting, env: Mapping[Any, int], values: Values) -> float:
    """The float value of an expression; ``env`` gives the sizes and the free indices.

    Defined symbols are computed from their definition, everything else is looked up in ``values``.
    """
    definitions = definitions_by_name(setting)

    known: dict[Atom, float] = {}  # a defined symbol is met often

    def value(atom: Atom) -> float:
        if atom in known:
            return known[atom]
        if atom.name in definitions:
            definition = definitions[atom.name]
            bound = dict(zip(indices_of(definition.symbol), atom.place, strict=True))
            base = read(definition.base, {**env, **bound})
            number = value_of(definition, base)
            known[atom] = math.nan if number is None else number
            return known[atom]
        if any(at < 0 for at in atom.place):
            raise IndexError(f"{atom} has a negative index")
        return float(values[atom.name][atom.place])

    read = Evaluator(setting, value, float)
    return float(read(expr, env))
