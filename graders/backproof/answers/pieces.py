"""Functions with pieces of which the declared domains leave one: `max(p, 0)` is p for a p > 0."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TypeAlias

from backproof.answers.exact import exact_value
from backproof.answers.syntax import Call, Name, Node, Number, rebuild
from backproof.model.vocabulary import Domain, Kind

_Range: TypeAlias = tuple[Fraction | None, Fraction | None]
"""The least and the largest value, where there is one."""


def settled(node: Node, domains: Mapping[str, Domain]) -> Node:
    """The tree without the pieces that no value of the symbols reaches; relu(x) as max(x, 0)."""
    if isinstance(node, Call) and (found := _settled(node, domains)) is not None:
        return settled(found, domains)
    if isinstance(node, Call) and node.function == "relu":
        node = Call("max", (*node.arguments, Number(Fraction(0))))
    return rebuild(node, lambda child: settled(child, domains))


def _settled(call: Call, domains: Mapping[str, Domain]) -> Node | None:
    if (exact := exact_value(call, {})) is not None:
        return Number(exact)
    ranges = [_range(argument, domains) for argument in call.arguments]
    low, _ = ranges[0]
    match call.function:
        case "abs" | "relu" if low is not None and low >= 0:
            return call.arguments[0]
        case "sign" if low is not None and low > 0:
            return Number(Fraction(1))
        case "max" | "min":
            return _extreme(call, ranges)
    return None


def _extreme(call: Call, ranges: list[_Range]) -> Node | None:
    """The argument of `max` or `min` that is never less (more) than the others, if one is so."""
    if call.function == "min":
        ranges = [(_negative(high), _negative(low)) for low, high in ranges]
    for place, (least, _) in enumerate(ranges):
        others = [high for other, (_, high) in enumerate(ranges) if other != place]
        if least is not None and all(high is not None and high <= least for high in others):
            return call.arguments[place]
    return None


def _negative(value: Fraction | None) -> Fraction | None:
    return None if value is None else -value


def _range(node: Node, domains: Mapping[str, Domain]) -> _Range:
    if (exact := exact_value(node, {})) is not None:
        return exact, exact
    domain = domains.get(node.name) if isinstance(node, Name) else None
    if domain is None or domain.kind in (Kind.REAL, Kind.COMPLEX):
        return None, None
    if domain.kind is Kind.POSITIVE:
        return Fraction(0), None
    return domain.low, domain.high
