"""Every derivation, by id.

``python -m pytest tests/reference`` checks them all; a grader asks for one with ``get(id)`` and
uses its checked expression, ``get(id).result()``. A module of derivations is imported when one of
them is asked for: importing all of them takes longer than importing SymPy.
"""

import functools
import pkgutil
from importlib import import_module
from itertools import takewhile
from typing import Any

from backproof_reference.prove import Derivation

ALL: tuple[Derivation, ...]
"""All of them, in the order of their modules' names."""


def get(id: str) -> Derivation:
    """The derivation with this id.

    Raises:
        KeyError: if there is none; the message lists the ids there are.
    """
    # Most modules are called as their derivations' ids begin: the likeliest first.
    likely = sorted(_modules(), key=lambda name: _in_common(name, id), reverse=True)
    for name in likely:
        for derivation in _of(name):
            if derivation.id == id:
                return derivation
    known = (derivation.id for derivation in _all())
    raise KeyError(f"no derivation {id!r}; there are {', '.join(known)}")


def __getattr__(name: str) -> Any:
    if name == "ALL":
        return _all()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _in_common(left: str, right: str) -> int:
    """How many letters both begin with."""
    return sum(
        1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(left, right, strict=False))
    )


@functools.cache
def _modules() -> tuple[str, ...]:
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def _of(module: str) -> tuple[Derivation, ...]:
    found: tuple[Derivation, ...] = import_module(f"{__name__}.{module}").DERIVATIONS
    return found


@functools.cache
def _all() -> tuple[Derivation, ...]:
    return tuple(derivation for name in _modules() for derivation in _of(name))
