"""Demands on how an answer is written, checked on its tree without evaluating it."""

from __future__ import annotations

import math

from backproof.answers.syntax import Call, Chain, Name, Negative, Node, Number, walk
from backproof.model.typed import Form


def has_form(node: Node, form: Form) -> bool:
    """Whether a tree has the form."""
    bare = node.operand if isinstance(node, Negative) else node
    match form:
        case Form.ANY:
            return True
        case Form.NUMBER:
            return isinstance(bare, Number)
        case Form.FRACTION:
            return _lowest_terms(bare)
        case Form.FACTORED:
            return not (isinstance(bare, Chain) and bare.is_sum)
        case Form.EXPANDED:
            return not any(_product_of_sum(inner) for inner in walk(node))
        case Form.PLAIN:
            return not any(
                isinstance(inner, Call) or (isinstance(inner, Name) and inner.name in ("e", "pi"))
                for inner in walk(node)
            )


def _product_of_sum(node: Node) -> bool:
    return (
        isinstance(node, Chain)
        and not node.is_sum
        and any(isinstance(operand, Chain) and operand.is_sum for _, operand in node.items)
    )


def _lowest_terms(node: Node) -> bool:
    if isinstance(node, Number):
        return node.value.denominator == 1
    match node:
        case Chain((("*", Number(above)), ("/", Number(below)))):
            whole = above.denominator == below.denominator == 1
            return whole and below > 1 and math.gcd(int(above), int(below)) == 1
    return False
