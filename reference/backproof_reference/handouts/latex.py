"""Trees as LaTeX."""

from backproof_reference.handouts.layout import (
    Call,
    Entry,
    Name,
    Node,
    Number,
    Power,
    Product,
    Quotient,
    Terms,
    Total,
)
from backproof_reference.handouts.names import GREEK, split

_KNOWN = frozenset(["exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min", "det"])
_ACCENTS = {"hat": r"\hat", "bar": r"\bar", "tilde": r"\tilde"}
_COMPOUND = (Terms, Total, Product, Quotient, Power)


def to_latex(node: Node) -> str:
    """A tree as LaTeX."""
    match node:
        case Number(value):
            return str(value)
        case Name(name):
            return latex_name(name)
        case Entry(array, indices):
            base = latex_name(array)
            base = f"{{{base}}}" if "_" in base else base
            return f"{base}_{{{', '.join(map(to_latex, indices))}}}"
        case Total(index, low, high, body):
            ends = f"_{{{latex_name(index)}={to_latex(low)}}}^{{{to_latex(high)}}}"
            return rf"\sum{ends} {_inside(body, (Terms,))}"
        case Terms(items):
            return "".join(latex_terms(items))
        case Product(factors):
            *first, last = factors
            return r" \, ".join(
                [*(_inside(f, (Terms, Total)) for f in first), _inside(last, (Terms,))]
            )
        case Quotient(above, below):
            return rf"\frac{{{to_latex(above)}}}{{{to_latex(below)}}}"
        case Power(base, exponent):
            return f"{_inside(base, _COMPOUND)}^{{{to_latex(exponent)}}}"
        case Call("sqrt", (argument,)):
            return rf"\sqrt{{{to_latex(argument)}}}"
        case Call("delta", (left, right)) if isinstance(left, Name) and isinstance(right, Name):
            return rf"\delta_{{{to_latex(left)}, {to_latex(right)}}}"
        case Call("delta", (left, right)):
            return rf"\left[{to_latex(left)} = {to_latex(right)}\right]"
        case Call("abs", (argument,)):
            return rf"\left|{to_latex(argument)}\right|"
        case Call(function, arguments):
            name = rf"\{function}" if function in _KNOWN else rf"\operatorname{{{function}}}"
            return rf"{name}\left({', '.join(map(to_latex, arguments))}\right)"


def latex_terms(items: tuple[tuple[bool, Node], ...]) -> list[str]:
    """Each term with its sign; together they are the sum."""
    shown = []
    for at, (negative, term) in enumerate(items):
        sign = ("-" if negative else "") if at == 0 else (" - " if negative else " + ")
        shown.append(sign + _inside(term, (Terms,)))
    return shown


def latex_name(name: str) -> str:
    """A symbol: Greek, accents, subscripts; words are upright."""
    parts = split(name)
    if parts.stem in GREEK:
        shown = "l" if parts.stem == "ell" else rf"\{parts.stem}"
        shown = r"\varepsilon" if parts.stem == "epsilon" else shown
    elif len(parts.stem) > 1 and not parts.differential:
        shown = rf"\mathrm{{{parts.stem}}}"
    else:
        shown = parts.stem
    if parts.accent:
        shown = f"{_ACCENTS[parts.accent]}{{{shown}}}"
    if not parts.below:
        return shown
    below = ",".join(piece if len(piece) == 1 else latex_name(piece) for piece in parts.below)
    return f"{shown}_{{{below}}}"


def _inside(node: Node, bracketed: tuple[type, ...]) -> str:
    text = to_latex(node)
    return rf"\left({text}\right)" if isinstance(node, bracketed) else text
