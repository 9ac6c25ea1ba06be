"""What a step does to the expression above it, in words."""

from backproof_reference.handouts.layout import Node, Reader
from backproof_reference.handouts.typed import to_text
from backproof_reference.prove import (
    Differentiate,
    Expect,
    Expr,
    OneHot,
    Reindex,
    Substitute,
)

Part = str | Node


def parts(op: object) -> tuple[Part, ...]:
    """The sentence on an operator, text and formulas by turns."""
    read = Reader()
    match op:
        case Differentiate(wrt):
            return "the derivative with respect to ", read(wrt)
        case Expect(variable, moments):
            return "the expectation over ", read(variable), *moments_of(moments)
        case Substitute(old, new):
            return "write ", read(new), " for ", read(old)
        case Reindex(indices):
            listed: list[Part] = ["count backwards the sum over "]
            for at, index in enumerate(indices):
                listed += [", "] * bool(at) + [read(index)]
            return tuple(listed)
        case OneHot(variable):
            return "use that each row of ", read(variable), " has at most one 1, all else 0"
    return _further(op)


def described(op: object) -> str:
    """The sentence as plain text."""
    return "".join(part if isinstance(part, str) else to_text(part) for part in parts(op))


def _further(op: object) -> tuple[Part, ...]:
    """Operators that not every engine has."""
    if type(op).__name__ == "Split":
        end, indices = getattr(op, "end", ""), getattr(op, "indices", ())
        return f"take the {end} term out of the sum over ", *map(Reader(), indices)
    return (f"operation {type(op).__name__}",)


def moments_of(moments: tuple[Expr, ...]) -> list[Part]:
    """The raw moments, in words and formulas."""
    shown: list[Part] = [" with the moments " if len(moments) > 1 else " with the mean "]
    for at, moment in enumerate(moments):
        shown += [", "] * bool(at) + [Reader()(moment)]
    return shown
