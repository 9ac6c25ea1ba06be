"""Puts functions out of reach while a check runs (beside the student's code).

Torch's operators are replaced in its dispatcher, below every name that Python has for them, in all
threads. Functions that are written in Python get another body, so that names bound before are
reached, too. What this process says about it is as untrusted as the rest: a submission that takes
this apart is looked for in its text, and an answer counts only if it is right all the same.
"""

from __future__ import annotations

import contextlib
import fnmatch
import functools
import re
import sys
from collections.abc import Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any, NoReturn

import torch

_BACKENDS = ("CPU", "MkldnnCPU", "QuantizedCPU")


class OutOfReach(BaseException):
    """A function was called that is out of reach. No `except Exception` catches it."""


class Reached:
    """Which of the functions was called last, if any."""

    def __init__(self) -> None:
        self.name = ""

    def refuse(self, name: str) -> NoReturn:
        """Note a call and end it."""
        self.name = name
        raise OutOfReach(name)


class Forbidden:
    """What is out of reach now. It stays so until something else is to be, or it is lifted.

    Most checks of a problem forbid the same, and to put it out of reach takes longer than they do.
    """

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._what: tuple[tuple[str, ...], tuple[str, ...], str] = ((), (), "")
        self._modules = 0
        self._reached = Reached()

    def put(self, names: Iterable[str], operators: Iterable[str], device: str) -> Reached | None:
        """Nothing of these can be called from now on; the patterns are those of `model.Rule`.

        None when there is nothing to forbid.
        """
        what = (tuple(names), tuple(operators), device)
        nothing = not what[0] and not what[1]
        if nothing or what != self._what:
            self.lift()
        if nothing:
            return None
        if what != self._what:
            for operator in _operators(what[1]):
                _replace(self._stack, self._reached, operator, device)
            self._what = what
        if len(sys.modules) != self._modules:  # some have been imported since
            self._modules = len(sys.modules)
            for name, function in _functions(what[0]):
                if not _refuses(function):
                    self._stack.callback(setattr, function, "__code__", function.__code__)
                    function.__code__ = _refusing(function.__code__, name)
        self._reached.name = ""
        return self._reached

    def lift(self) -> None:
        """All can be called again."""
        self._stack.close()
        self._what, self._modules = ((), (), ""), 0


@functools.cache  # what a module brings that is imported in a later call is not looked for
def _operators(patterns: tuple[str, ...]) -> list[str]:
    if not patterns:
        return []
    wanted = re.compile("|".join(map(fnmatch.translate, patterns)))
    return [name for name in _operator_names() if wanted.match(name)]


@functools.cache
def _operator_names() -> list[str]:
    return list(torch._C._dispatch_get_all_op_names())


def _replace(stack: contextlib.ExitStack, reached: Reached, operator: str, device: str) -> None:
    namespace, _, name = operator.partition("::")
    library = torch.library.Library(namespace, "IMPL")  # type: ignore[no-untyped-call]
    stack.callback(library._destroy)

    def refuse(*args: Any, **named: Any) -> NoReturn:
        reached.refuse(operator)

    on_cuda = ("CUDA", "QuantizedCUDA") if device.startswith("cuda") else ()
    for backend in (*_BACKENDS, *on_cuda):
        library.impl(name, refuse, backend)  # type: ignore[no-untyped-call]


def _functions(patterns: tuple[str, ...]) -> Iterator[tuple[str, FunctionType]]:
    """Functions written in Python of these names, in modules that are loaded."""
    seen = set()
    for pattern in patterns:
        owner, _, last = pattern.rpartition(".")
        matches = re.compile(fnmatch.translate(last)).match  # known to `re` after the first time
        for place, holder in _holders(owner):
            for name in filter(matches, dir(holder)):
                for function in _bodies(getattr(holder, name, None)):
                    if id(function) not in seen:
                        seen.add(id(function))
                        yield f"{place}.{name}", function


def _holders(owner: str) -> list[tuple[str, Any]]:
    if isinstance(module := sys.modules.get(owner), ModuleType):
        return [(owner, module)]
    parent, _, name = owner.rpartition(".")
    kind = getattr(sys.modules.get(parent), name, None)
    return [(owner, kind)] if isinstance(kind, type) else []


def _bodies(value: Any) -> Iterator[FunctionType]:
    """A function and all that it wraps: any of them may have been kept under another name."""
    for _ in range(10):
        value = getattr(value, "_implementation", value)  # NumPy's dispatching functions
        if isinstance(value, FunctionType):
            yield value
        value = getattr(value, "__wrapped__", None)


def _refuses(function: FunctionType) -> bool:
    return any(isinstance(constant, OutOfReach) for constant in function.__code__.co_consts)


def _refusing(code: CodeType, name: str) -> CodeType:
    """A body for a function with this `code`, which must keep the names of its closure."""

    def body(*args: Any, **named: Any) -> NoReturn:
        raise "marker"  # type: ignore[misc]  # noqa: B016  replaced by the exception below

    constants = [OutOfReach(name) if c == "marker" else c for c in body.__code__.co_consts]
    return body.__code__.replace(co_consts=tuple(constants), co_freevars=code.co_freevars)
