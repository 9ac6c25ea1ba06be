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
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, FunctionType, ModuleType
from typing import Any, NoReturn

import torch

from backproof.model import Rule

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
            _replace(self._stack, self._reached, _operators(what[1]), device)
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


def _replace(
    stack: contextlib.ExitStack, reached: Reached, operators: Iterable[str], device: str
) -> None:
    on_cuda = ("CUDA", "QuantizedCUDA") if device.startswith("cuda") else ()
    libraries: dict[str, torch.library.Library] = {}
    for operator in operators:
        namespace, _, name = operator.partition("::")
        if namespace not in libraries:
            library = torch.library.Library(namespace, "IMPL")  # type: ignore[no-untyped-call]
            stack.callback(library._destroy)
            libraries[namespace] = library
        refuse = functools.partial(_refuse, reached, operator)
        for backend in (*_BACKENDS, *on_cuda):
            # Where nothing would run, there is nothing to refuse: torch itself does.
            if torch._C._dispatch_has_computed_kernel_for_dispatch_key(operator, backend):
                libraries[namespace].impl(name, refuse, backend)  # type: ignore[no-untyped-call]


def _refuse(reached: Reached, operator: str, *args: Any, **named: Any) -> NoReturn:
    reached.refuse(operator)


# --- what is meant ------------------------------------------------------------------------------

_rehearsed: set[str] = set()
"""Operators that the warm parent has; it knows which of them the usual rules mean."""


def rehearse(rules: Iterable[Rule]) -> None:
    """Look for what these rules mean once, for all processes that will be forked of this one."""
    _rehearsed.update(torch._C._dispatch_get_all_op_names())
    _rehearsed_like.cache_clear()
    for rule in rules:
        _operators(rule.operators)
        for _ in _functions(rule.names):
            pass


def _operators(patterns: Iterable[str]) -> list[str]:
    """Operators of these names; those that a later call brings are not seen."""
    # A submission may have brought some, by whatever way: so all are asked for.
    new = set(torch._C._dispatch_get_all_op_names()) - _rehearsed
    found = set[str]()
    for pattern in patterns:
        found.update(_rehearsed_like(pattern), filter(_matches(pattern), new))
    return sorted(found)


def _matches(pattern: str) -> Callable[[str], object]:
    return re.compile(fnmatch.translate(pattern)).match


@functools.cache
def _rehearsed_like(pattern: str) -> list[str]:
    return list(filter(_matches(pattern), _rehearsed))


def _functions(patterns: Iterable[str]) -> Iterator[tuple[str, FunctionType]]:
    """Functions written in Python of these names, in modules that are loaded."""
    seen = set()
    for pattern in patterns:
        owner, _, last = pattern.rpartition(".")
        for place, holder in _holders(owner):
            for name in _names_in(holder, len(vars(holder)), last):
                for function in _bodies(getattr(holder, name, None)):
                    if id(function) not in seen:
                        seen.add(id(function))
                        yield f"{place}.{name}", function


@functools.cache
def _names_in(holder: ModuleType | type, size: int, pattern: str) -> list[str]:
    """Names of a module or class, which has so many (looked for again when it has more)."""
    return list(filter(_matches(pattern), dir(holder)))


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
