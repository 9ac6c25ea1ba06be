"""Checked expressions for use: as LaTeX, as a typed answer, as NumPy and torch functions.

``result("batchnorm.dx")`` costs nothing: the derivation is checked the first time that anything is
asked of its result, once in a process, and one that does not pass hands out nothing. So a bank of
problems can name its results while it is loaded. Where a record of an earlier check is found (see
``backproof_reference.record``) the check is not repeated; ``backproof-prove check`` and the tests
never read such a record.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import sympy as sp
import torch
from torch import Tensor

from backproof_reference import derivations, record
from backproof_reference.handouts.latex import to_latex
from backproof_reference.handouts.layout import Reader
from backproof_reference.handouts.typed import NoTypedFormError, typed
from backproof_reference.prove import Derivation, Expr, Sizes, evaluate
from backproof_reference.prove.evaluate import whole
from backproof_reference.prove.operators import definitions_by_name, indices_of
from backproof_reference.prove.vectorised import evaluate_all


@functools.cache
def result(id: str, step: str | None = None) -> Result:
    """The result of a step of a derivation, the last one unless named.

    Raises:
        KeyError: if there is no such derivation or step.
    """
    return Result(derivations.get(id), step)


@dataclass(frozen=True, eq=False)
class Result:
    """A checked expression; asking for anything of it raises ValueError if it is not proved."""

    derivation: Derivation
    step: str | None = None

    def __post_init__(self) -> None:
        names = [step.name for step in self.derivation.steps]
        if self.step is not None and self.step not in names:
            raise KeyError(f"{self.derivation.id} has no step {self.step!r}, only {names}")

    @functools.cached_property
    def expr(self) -> Expr:
        """The expression, once its derivation passes.

        Raises:
            ValueError: the derivation does not pass.
        """
        if record.passed(self.derivation):
            steps = {step.name: step.expr for step in self.derivation.steps}
            return steps[self.step] if self.step else self.derivation.steps[-1].expr
        expr = self.derivation.result(self.step)
        record.remember(self.derivation)
        return expr

    @functools.cached_property
    def axes(self) -> tuple[Any, ...]:
        """The free indices, in the order of the axes of ``numpy`` and ``torch``."""
        first = self.derivation.oracle.axes
        used = set(self.expr.free_symbols)
        others = [index for index in self.derivation.setting.ranges if index in used]
        return (*first, *(index for index in others if index not in first))

    @property
    def latex(self) -> str:
        """The expression as LaTeX, named roots by their names."""
        return to_latex(Reader()(self.expr))

    @functools.cached_property
    def text(self) -> str:
        """The expression as a typed answer, named roots written out.

        Raises:
            NoTypedFormError: see ``text_with``.
        """
        return self.text_with(())

    def text_with(self, names: tuple[str, ...]) -> str:
        """The typed answer in which the named roots ``names`` stand by their names.

        Raises:
            NoTypedFormError: it has a Kronecker delta or another function that typed answers lack,
                or it reads an array outside its support, which has no value there.
        """
        text = typed(self.expr, self.derivation.setting, names)
        for sizes in self.derivation.sizes:
            self._require_inside(sizes)
        return text

    def torch(self, values: Mapping[str, Any] | None = None, /, **more: Any) -> Tensor:
        """The values over all free indices, as a float64 tensor; differentiable.

        Arrays, scalars and sizes are given by name, as keywords or in a mapping (for names such as
        ``lambda``). A size may be left out where the shape of an array with a declared support
        tells it. Every other array is read at its entries, so a wrong shape may raise IndexError.

        Raises:
            ValueError: a name is unknown or missing, shapes and sizes contradict each other, or
                the sizes violate an assumption.
        """
        given = {**(values or {}), **more}
        sizes, tensors = self._sorted(given)
        try:
            setting = self.derivation.setting
            return evaluate_all(self.expr, setting, sizes, tensors, self.axes)
        except KeyError as error:
            raise ValueError(f"{self.derivation.id} needs a value of {error}") from error

    def numpy(
        self, values: Mapping[str, Any] | None = None, /, **more: Any
    ) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The values over all free indices, as a float64 array (see ``torch``)."""
        found = self.torch(values, **more).detach().cpu().numpy()
        return np.asarray(found, dtype=np.float64)

    def _sorted(self, given: Mapping[str, Any]) -> tuple[Sizes, dict[str, Tensor]]:
        """Sizes and values, told apart by the derivation's own size symbols."""
        symbols = {str(symbol): symbol for symbol in self.derivation.sizes[0]}
        arrays = self._arrays
        unknown = given.keys() - symbols.keys() - arrays
        if unknown:
            known = sorted(arrays | symbols.keys())
            raise ValueError(f"{self.derivation.id} has no {sorted(unknown)}, only {known}")
        tensors = {
            name: torch.as_tensor(value, dtype=torch.float64)  # never by way of single precision
            for name, value in given.items()
            if name not in symbols
        }
        sizes = {symbols[name]: int(value) for name, value in given.items() if name in symbols}
        self._infer(sizes, tensors)
        missing = [str(symbol) for symbol in symbols.values() if symbol not in sizes]
        if missing:
            raise ValueError(f"{self.derivation.id}: give the sizes {', '.join(missing)}")
        self._require_shapes(sizes, tensors)
        self.derivation.require_allowed(sizes)
        return sizes, tensors

    @functools.cached_property
    def _arrays(self) -> set[str]:
        """The names of everything but sizes that may be given a value."""
        return _names(self.derivation, self.expr)

    def _infer(self, sizes: dict[Any, int], tensors: Mapping[str, Tensor]) -> None:
        for name, shape in self.derivation.setting.support.items():
            if name in tensors:
                for extent, length in zip(shape, tensors[name].shape, strict=False):
                    if extent in self.derivation.sizes[0]:
                        sizes.setdefault(extent, length)

    def _require_shapes(self, sizes: Sizes, tensors: Mapping[str, Tensor]) -> None:
        for name, shape in self.derivation.setting.support.items():
            if name in tensors:
                wanted = tuple(whole(extent, sizes) for extent in shape)
                if tuple(tensors[name].shape) != wanted:
                    found = tuple(tensors[name].shape)
                    raise ValueError(f"{name} has the shape {found}, these sizes want {wanted}")

    def _require_inside(self, sizes: Sizes) -> None:
        """Refuse an expression that relies on zeros outside a support."""
        setting = self.derivation.setting
        probe = _Probe(self.derivation, sizes)
        spans = [setting.ranges[axis] for axis in self.axes]
        within = [range(whole(low, sizes), whole(high, sizes) + 1) for low, high in spans]
        for place in itertools.product(*within):
            env = {**sizes, **dict(zip(self.axes, place, strict=True))}
            try:
                evaluate(self.expr, replace(setting, support={}), env, probe)
            except IndexError as error:
                at = ", ".join(f"{symbol} = {size}" for symbol, size in sizes.items())
                raise NoTypedFormError(
                    f"{self.derivation.id}: at {at}, {error}; a typed answer has no value there"
                ) from error


class _Probe(dict[str, Any]):
    """Some value for every entry inside its support, and none outside."""

    def __init__(self, derivation: Derivation, sizes: Sizes) -> None:
        self.derivation = derivation
        self.sizes = sizes

    def __missing__(self, name: str) -> _Entries:
        shape = self.derivation.setting.support.get(name)
        lengths = None if shape is None else tuple(whole(extent, self.sizes) for extent in shape)
        return _Entries(name, lengths)


@dataclass(frozen=True)
class _Entries:
    name: str
    lengths: tuple[int, ...] | None

    def __getitem__(self, place: tuple[int, ...]) -> float:
        for at, length in zip(place, self.lengths or (), strict=self.lengths is not None):
            if not 0 <= at < length:
                raise IndexError(f"{self.name}{list(place)} is outside the support of {self.name}")
        return 0.3 + 0.5 / (2 + sum(place))  # what it is does not matter


def _names(derivation: Derivation, expr: Expr) -> set[str]:
    setting = derivation.setting
    named = definitions_by_name(setting)
    found = set(derivation.oracle.shapes) | set(setting.support)
    for part in (expr, *(each.base for each in named.values())):
        found |= {symbol.name for symbol in part.free_symbols if isinstance(symbol, sp.Symbol)}
    indices = {index.name for index in setting.ranges}
    indices |= {index.name for each in named.values() for index in indices_of(each.symbol)}
    return found - indices - named.keys() - {size.name for size in derivation.sizes[0]}
