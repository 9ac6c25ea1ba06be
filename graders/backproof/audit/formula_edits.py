"""One-edit changes of typed answers: wrong formulas, numbers and choices."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction

from backproof.answers.numbers import parse_number
from backproof.answers.parser import parse
from backproof.answers.printing import to_text
from backproof.answers.syntax import (
    Call,
    Chain,
    Entry,
    Equation,
    MatrixLiteral,
    Name,
    Negative,
    Node,
    Number,
    Power,
    Sum,
    Transpose,
    add,
    children,
    subtract,
    walk,
)
from backproof.audit.edits import Edit
from backproof.model import AnswerAsk, ChoiceField, FormulaField, NumberField, Vocabulary

_TURNED = {"+": "-", "-": "+", "*": "/", "/": "*", "@": "⊙", "⊙": "@"}
_ONE = Number(Fraction(1))
_CONSTANTS = ("e", "pi")


def answer_edits(ask: AnswerAsk) -> Iterator[Edit]:
    """Wrong answers that differ from the right one by one slip, each once; the id shows it all."""
    seen = {ask.answer}
    for text in _texts(ask):
        if text not in seen:
            seen.add(text)
            yield Edit(id=f"{ask.name}: {text}", scope=ask.name, code=text)


def _texts(ask: AnswerAsk) -> Iterator[str]:
    if ask.answer is None:
        return
    match ask.field:
        case ChoiceField(options=options):
            yield from (o for o in options if o.casefold() != ask.answer.casefold())
        case FormulaField(vocabulary=vocabulary):
            yield from map(to_text, _edited(parse(ask.answer, vocabulary), vocabulary))
        case NumberField():
            yield from map(to_text, _edited(parse_number(ask.answer), Vocabulary()))


def _edited(node: Node, vocabulary: Vocabulary) -> Iterator[Node]:
    if not isinstance(node, Equation):
        yield Negative(node)
    yield from _anywhere(node, vocabulary)


def _anywhere(node: Node, vocabulary: Vocabulary) -> Iterator[Node]:
    """Every tree in which this node, or one below it, is changed once."""
    yield from _here(node, vocabulary)
    operands = children(node)
    for place, operand in enumerate(operands):
        for new in _anywhere(operand, vocabulary):
            yield _with(node, (*operands[:place], new, *operands[place + 1 :]))


def _with(node: Node, operands: tuple[Node, ...]) -> Node:
    """The same node over other operands."""
    match node:
        case Chain(items):
            return Chain(
                tuple((operator, new) for (operator, _), new in zip(items, operands, strict=True))
            )
        case Call(function, _):
            return Call(function, operands)
        case Entry(array, _):
            return Entry(array, operands)
        case Sum(index, _, _, _):
            return Sum(index, *operands)
        case MatrixLiteral(rows):
            width = len(rows[0])
            cells = (operands[start : start + width] for start in range(0, len(operands), width))
            return MatrixLiteral(tuple(cells))
    return type(node)(*operands)  # type: ignore[arg-type]


def _here(node: Node, vocabulary: Vocabulary) -> Iterator[Node]:
    match node:
        case Number(value):
            yield from (Number(value + step) for step in (1, -1) if value + step >= 0)
        case Name(name) if name not in _CONSTANTS:
            yield from (Name(other) for other in _others(name, vocabulary))
        case Chain(items):
            yield from _chain(items, {matrix.name for matrix in vocabulary.matrices})
        case Power(base, exponent):
            yield from (base, Power(base, Negative(exponent)), Power(exponent, base))
        case Negative(operand) | Transpose(operand):
            yield operand
        case Call(_, arguments):
            yield arguments[0]
        case Entry(array, indices):
            for place, index in enumerate(indices):
                for new in (add(index, _ONE), subtract(index, _ONE)):
                    yield Entry(array, (*indices[:place], new, *indices[place + 1 :]))
        case Sum(index, low, high, body):
            yield Sum(index, low, add(high, _ONE), body)
            yield Sum(index, low, subtract(high, _ONE), body)
        case MatrixLiteral(rows):
            yield Transpose(node)
            for place in range(len(rows) - 1):
                swapped = (rows[place + 1], rows[place])
                yield MatrixLiteral((*rows[:place], *swapped, *rows[place + 2 :]))


def _others(name: str, vocabulary: Vocabulary) -> Iterator[str]:
    """Names of the same kind."""
    matrices = {matrix.name: matrix.shape for matrix in vocabulary.matrices}
    arrays = {array.name: len(array.shape) for array in vocabulary.arrays}
    kinds: tuple[dict[str, object], ...] = (
        dict.fromkeys(vocabulary.symbols, "symbol"),
        dict(matrices),
        dict(arrays),
    )
    for names in kinds:
        if name in names:
            yield from (other for other in names if other != name and names[other] == names[name])


def _chain(items: tuple[tuple[str, Node], ...], matrices: Collection[str]) -> Iterator[Node]:
    first = "+" if items[0][0] == "+" else "*"
    for place, (operator, operand) in enumerate(items):
        turned = _TURNED[operator]
        if place and not (turned == "/" and _has_matrix(operand, matrices)):
            yield Chain((*items[:place], (turned, operand), *items[place + 1 :]))
        yield _chain_of(first, (*items[:place], *items[place + 1 :]))
    for place in range(len(items) - 1):
        (left, a), (right, b) = items[place : place + 2]
        if right in "-/@":
            yield Chain((*items[:place], (left, b), (right, a), *items[place + 2 :]))


def _has_matrix(node: Node, matrices: Collection[str]) -> bool:
    """Whether dividing by it would mean several things, which goes to a person."""
    return any(
        isinstance(inner, MatrixLiteral) or (isinstance(inner, Name) and inner.name in matrices)
        for inner in walk(node)
    )


def _chain_of(first: str, items: tuple[tuple[str, Node], ...]) -> Node:
    """What is left of a sum or a product; its first item may have been subtracted or divided by."""
    (operator, operand), *rest = items
    if operator == "/":
        return Chain(((first, _ONE), *items))
    if operator == "-":
        operand = Negative(operand)
    return Chain(((first, operand), *rest)) if rest else operand
