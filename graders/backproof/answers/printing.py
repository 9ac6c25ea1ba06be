"""A tree as text (parses back to the same tree) and as LaTeX."""

from __future__ import annotations

from fractions import Fraction

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
    SetOf,
    Sum,
    Transpose,
)
from backproof.model.vocabulary import SPELLED, canonical

_GREEK = frozenset(SPELLED.values()) - {"ell"}
_LATEX_FUNCTIONS = frozenset(
    [
        "exp",
        "log",
        "sin",
        "cos",
        "tan",
        "sinh",
        "cosh",
        "tanh",
        "max",
        "min",
        "det",
    ]  # the ones that LaTeX has
)
_ACCENTS = {"_hat": r"\hat", "_bar": r"\bar", "_tilde": r"\tilde"}


def to_text(node: Node) -> str:
    """Canonical text: explicit products, `^`, brackets only where needed."""
    return _text(node, 0)


def _level(node: Node) -> int:
    match node:
        case Chain() if node.is_sum:
            return 10
        case Chain():
            return 20
        case Negative():
            return 25
        case Power():
            return 30
        case Number(value) if value.denominator != 1 and not _decimal(node):
            return 20
        case _:
            return 40


def _decimal(node: Number) -> bool:
    return bool(node.shown)


def _number(node: Number) -> str:
    if node.shown:
        return node.shown
    value = node.value
    return f"{value.numerator}" if value.denominator == 1 else f"{value}"


def _text(node: Node, needed: int) -> str:
    text = _bare(node)
    negative = isinstance(node, Number) and node.value < 0
    return f"({text})" if _level(node) < needed or (negative and needed) else text


def _bare(node: Node) -> str:
    match node:
        case Number():
            return _number(node)
        case Name(name):
            return name
        case Negative(operand):
            return "-" + _text(operand, 26 if isinstance(operand, Negative) else 25)
        case Chain(items):
            return _chain(items, " " if node.is_sum else "", 11 if node.is_sum else 21)
        case Power(base, exponent):
            return f"{_text(base, 31)}^{_text(exponent, 30)}"
        case Call(function, arguments):
            return f"{function}({', '.join(map(to_text, arguments))})"
        case Entry(array, indices):
            return f"{array}[{', '.join(map(to_text, indices))}]"
        case Sum(index, low, high, body):
            return f"sum({index}={to_text(low)}, {to_text(high)}, {to_text(body)})"
        case Transpose(operand):
            return _text(operand, 31) + ".T"
        case MatrixLiteral(rows):
            return "[" + ", ".join(f"[{', '.join(map(to_text, row))}]" for row in rows) + "]"
        case Equation(left, right):
            return f"{to_text(left)} = {to_text(right)}"
        case SetOf(members):
            return "{" + ", ".join(map(to_text, members)) + "}"


def _chain(items: tuple[tuple[str, Node], ...], space: str, needed: int) -> str:
    parts = []
    for place, (operator, operand) in enumerate(items):
        text = _text(operand, needed)
        divided = place + 1 < len(items) and items[place + 1][0] == "/"
        if divided:
            text = _in_front_of_division(operand, text)
        parts.append(f"{space}{operator}{space}{text}" if place else text)
    return "".join(parts)


def _in_front_of_division(node: Node, text: str) -> str:
    """A power in brackets: x^1/2 looks like a root."""
    if isinstance(node, Power):
        return f"({text})"
    if isinstance(node, Negative) and isinstance(node.operand, Power):
        return f"-({text[1:]})"
    return text


def to_latex(node: Node) -> str:
    """LaTeX for showing to a student what was understood."""
    match node:
        case Number(value, shown):
            return shown or _latex_fraction(value)
        case Name(name):
            return _latex_name(name)
        case Negative(operand):
            return "-" + _latex_at(operand, 26 if isinstance(operand, Negative) else 25)
        case Chain(items):
            return _latex_sum(items) if node.is_sum else _latex_product(items)
        case Power(base, exponent):
            return f"{_latex_at(base, 31)}^{{{to_latex(exponent)}}}"
        case Call(function, arguments):
            return _latex_call(function, arguments)
        case Entry(array, indices):
            return f"{_latex_name(array)}_{{{', '.join(map(to_latex, indices))}}}"
        case Sum(index, low, high, body):
            ends = f"_{{{index}={to_latex(low)}}}^{{{to_latex(high)}}}"
            return rf"\sum{ends} {_latex_at(body, 11)}"
        case Transpose(operand):
            return _latex_at(operand, 31) + r"^{\top}"
        case MatrixLiteral(rows):
            inner = r" \\ ".join(" & ".join(map(to_latex, row)) for row in rows)
            return rf"\begin{{pmatrix}} {inner} \end{{pmatrix}}"
        case Equation(left, right):
            return f"{to_latex(left)} = {to_latex(right)}"
        case SetOf(members):
            return r"\left\{" + ", ".join(map(to_latex, members)) + r"\right\}"


def _latex_at(node: Node, needed: int) -> str:
    text = to_latex(node)
    return rf"\left({text}\right)" if _level(node) < needed else text


def _latex_fraction(value: Fraction) -> str:
    if value.denominator == 1:
        return str(value.numerator)
    return rf"\frac{{{value.numerator}}}{{{value.denominator}}}"


def _latex_name(name: str) -> str:
    stem, accent = name, ""
    for suffix, command in _ACCENTS.items():
        if suffix in name:
            stem, accent = name.replace(suffix, "", 1), command
    head, _, below = canonical(stem).partition("_")
    shown = rf"\{head}" if head in _GREEK else head
    if len(head) > 1 and head not in _GREEK:
        shown = rf"\mathrm{{{head}}}"
    if accent:
        shown = f"{accent}{{{shown}}}"
    return shown + (f"_{{{below.replace('_', ',')}}}" if below else "")


def _latex_sum(items: tuple[tuple[str, Node], ...]) -> str:
    parts = [_latex_at(items[0][1], 11)]
    parts += [f" {operator} {_latex_at(operand, 11)}" for operator, operand in items[1:]]
    return "".join(parts)


def _latex_product(items: tuple[tuple[str, Node], ...]) -> str:
    """A product; each division takes everything before it as its numerator."""
    signs = {"*": r" \cdot ", "@": r" \, ", "⊙": r" \odot "}
    # A fraction needs no brackets around the first factor, a product does: print it once.
    over = len(items) > 1 and items[1][0] == "/"
    done = to_latex(items[0][1]) if over else _latex_at(items[0][1], 21)
    for operator, operand in items[1:]:
        if operator == "/":
            done = rf"\frac{{{done}}}{{{to_latex(operand)}}}"
        else:
            done += signs[operator] + _latex_at(operand, 21)
    return done


def _latex_call(function: str, arguments: tuple[Node, ...]) -> str:
    # Each argument is printed once: twice at every level would take forever.
    match function:
        case "factorial":
            return _latex_at(arguments[0], 40) + "!"
        case "inv":
            return _latex_at(arguments[0], 31) + "^{-1}"
    inner = ", ".join(map(to_latex, arguments))
    match function:
        case "sqrt":
            return rf"\sqrt{{{inner}}}"
        case "abs":
            return rf"\left|{inner}\right|"
        case "floor":
            return rf"\left\lfloor {inner} \right\rfloor"
        case "ceil":
            return rf"\left\lceil {inner} \right\rceil"
    name = rf"\{function}" if function in _LATEX_FUNCTIONS else rf"\operatorname{{{function}}}"
    return rf"{name}\left({inner}\right)"
