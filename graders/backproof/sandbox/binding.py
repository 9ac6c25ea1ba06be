"""How arguments find the parameters of a student's function (runs beside the student's code)."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from backproof.model import Fault
from backproof.sandbox.failure import Failed

_BY_POSITION = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


def bind(
    function: Callable[..., Any], name: str, takes: tuple[str, ...], values: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Positional and keyword arguments for one call.

    By keyword where the student kept the names that are asked for, else all by position, in the
    order that is asked for. Names without a value are left to the student's default.
    """
    signatures = _signatures_of(function)
    if signatures is None:
        # Some built-in functions have no signature: position is all there is.
        return tuple(values[take] for take in takes if take in values), {}
    signature, own = signatures
    given = [take for take in takes if take in values]
    if all(_accepts(signature, take) for take in given):
        args, kwargs = _by_keyword(signature, {take: values[take] for take in given})
    else:
        args, kwargs = _by_position(signature, takes, values)
    _check(name, signature, own, takes, args, kwargs)
    return args, kwargs


_Signatures: TypeAlias = tuple[inspect.Signature, inspect.Signature]
_known: dict[int, tuple[Callable[..., Any], _Signatures]] = {}


def _signatures_of(function: Callable[..., Any]) -> _Signatures | None:
    """What a function says that it takes, and what it takes itself; None where nobody can tell.

    They differ below a decorator that copies the wrapped signature. Found out once for each
    function, which is kept alive, so that its id stays its own.
    """
    known = _known.get(id(function))
    if known is not None:
        return known[1]
    try:
        signature = inspect.signature(function)
        own = inspect.signature(function, follow_wrapped=False)
    except (TypeError, ValueError):
        return None
    found = (signature, signature if own == signature else own)
    _known[id(function)] = (function, found)
    return found


def _accepts(signature: inspect.Signature, name: str) -> bool:
    parameter = signature.parameters.get(name)
    if parameter is not None:
        return parameter.kind not in _VARIADIC
    kinds = {parameter.kind for parameter in signature.parameters.values()}
    # (*args, **kwargs) says nothing about names, so position is the safer guess there.
    return inspect.Parameter.VAR_KEYWORD in kinds and (
        inspect.Parameter.VAR_POSITIONAL not in kinds
    )


def _by_keyword(
    signature: inspect.Signature, values: dict[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    arguments: dict[str, Any] = {}
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            extra = {k: v for k, v in values.items() if not _named(signature, k)}
            arguments[parameter.name] = extra
        elif parameter.name in values and parameter.kind not in _VARIADIC:
            arguments[parameter.name] = values[parameter.name]
    bound = inspect.BoundArguments(signature, arguments)
    return bound.args, dict(bound.kwargs)


def _named(signature: inspect.Signature, name: str) -> bool:
    parameter = signature.parameters.get(name)
    return parameter is not None and parameter.kind not in _VARIADIC


def _by_position(
    signature: inspect.Signature, takes: tuple[str, ...], values: Mapping[str, Any]
) -> tuple[tuple[Any, ...], dict[str, Any]]:
    # Names that the student kept as keyword-only have no place to go to.
    named = {
        p.name: values[p.name]
        for p in signature.parameters.values()
        if p.kind is inspect.Parameter.KEYWORD_ONLY and p.name in takes and p.name in values
    }
    placed = [take for take in takes if take not in named]
    parameters = [p.name for p in signature.parameters.values() if p.kind in _BY_POSITION]
    if len(parameters) < len(placed):
        return tuple(values[take] for take in placed if take in values), named
    # A skipped name keeps its place, so that the student's default stands in for it.
    matched = {
        p: values[take] for p, take in zip(parameters, placed, strict=False) if take in values
    }
    bound = inspect.BoundArguments(signature, matched)
    return bound.args, dict(bound.kwargs) | named


def _check(
    name: str,
    signature: inspect.Signature,
    own: inspect.Signature,
    takes: tuple[str, ...],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> None:
    try:
        signature.bind(*args, **kwargs)
        if own is not signature:
            own.bind(*args, **kwargs)
    except TypeError as error:
        raise Failed(
            Fault.SIGNATURE,
            f"`{name}` is called as {name}({', '.join(takes)}), but yours is "
            f"{name}{_shown(signature)}: {error}",
        ) from None


def _shown(signature: inspect.Signature) -> str:
    bare = [p.replace(annotation=inspect.Parameter.empty) for p in signature.parameters.values()]
    try:
        text = str(signature.replace(parameters=bare, return_annotation=inspect.Signature.empty))
    except Exception:  # a default's own repr may fail; the names alone must do
        text = f"({', '.join(signature.parameters)})"
    return text if len(text) <= 300 else text[:297] + "..."
