"""Trees as presentation MathML, which browsers show without a script or a network."""

from html import escape

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
from backproof_reference.handouts.typed import to_text

_MARKS = {"hat": "^", "bar": "¯", "tilde": "~"}
_THIN = '<mspace width="0.17em"/>'
_COMPOUND = (Terms, Total, Product, Quotient, Power)


def formula(node: Node) -> str:
    """A formula within a line; its text is there for those who do not see it."""
    return f'<math alttext="{escape(to_text(node))}">{to_mathml(node)}</math>'


def to_mathml(node: Node) -> str:
    """A tree as one MathML element."""
    match node:
        case Number(value):
            return f"<mn>{value}</mn>"
        case Name(name):
            return mathml_name(name)
        case Entry(array, indices):
            return f"<msub>{mathml_name(array)}{_listed(indices)}</msub>"
        case Total(index, low, high, body):
            start = row(mathml_name(index), operator("="), to_mathml(low))
            ends = f"<munderover>{operator('∑')}{start}{to_mathml(high)}</munderover>"
            return row(ends, _inside(body, (Terms,)))
        case Terms(items):
            return row(*mathml_terms(items))
        case Product(factors):
            *first, last = factors
            shown = [*(_inside(f, (Terms, Total)) for f in first), _inside(last, (Terms,))]
            return row(_THIN.join(shown))
        case Quotient(above, below):
            return f"<mfrac>{to_mathml(above)}{to_mathml(below)}</mfrac>"
        case Power(base, exponent):
            return f"<msup>{_inside(base, _COMPOUND)}{to_mathml(exponent)}</msup>"
        case Call("sqrt", (argument,)):
            return f"<msqrt>{to_mathml(argument)}</msqrt>"
        case Call("delta", (Name(), Name()) as arguments):
            return f"<msub><mi>δ</mi>{_listed(arguments)}</msub>"
        case Call("delta", (left, right)):
            inner = row(to_mathml(left), operator("="), to_mathml(right))
            return row(operator("[", "prefix"), inner, operator("]", "postfix"))
        case Call("abs", (argument,)):
            return row(operator("|", "prefix"), to_mathml(argument), operator("|", "postfix"))
        case Call(function, arguments):
            return row(f"<mi>{escape(function)}</mi>", operator("\u2061"), _bracket(arguments))


def mathml_terms(items: tuple[tuple[bool, Node], ...]) -> list[str]:
    """Each term with its sign; together they are the sum."""
    shown = []
    for at, (negative, term) in enumerate(items):
        form = "prefix" if at == 0 else "infix"
        sign = operator("−" if negative else "+", form) if at or negative else ""
        shown.append(sign + _inside(term, (Terms,)))
    return shown


def mathml_name(name: str) -> str:
    """A symbol: Greek, accents, subscripts; words are upright."""
    parts = split(name)
    if parts.differential:
        shown = row(*(f"<mi>{letter}</mi>" for letter in parts.stem))
    else:
        shown = f"<mi>{escape(GREEK.get(parts.stem, parts.stem))}</mi>"
    if parts.accent:
        shown = f'<mover accent="true">{shown}{operator(_MARKS[parts.accent])}</mover>'
    if not parts.below:
        return shown
    pieces = [f"<mn>{p}</mn>" if p.isdigit() else mathml_name(p) for p in parts.below]
    return f"<msub>{shown}{row(operator(',').join(pieces))}</msub>"


def row(*elements: str) -> str:
    """Elements side by side."""
    return f"<mrow>{''.join(elements)}</mrow>"


def operator(sign: str, form: str = "") -> str:
    """An operator; ``form`` says where it stands, where a browser could not tell."""
    where = f' form="{form}"' if form else ""
    return f"<mo{where}>{escape(sign)}</mo>"


def _bracket(nodes: tuple[Node, ...]) -> str:
    inner = operator(",").join(map(to_mathml, nodes))
    return row(operator("(", "prefix"), inner, operator(")", "postfix"))


def _listed(nodes: tuple[Node, ...]) -> str:
    return row(operator(",").join(map(to_mathml, nodes)))


def _inside(node: Node, bracketed: tuple[type, ...]) -> str:
    return _bracket((node,)) if isinstance(node, bracketed) else to_mathml(node)
