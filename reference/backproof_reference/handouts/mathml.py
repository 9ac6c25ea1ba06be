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
# Estimated widths, in letters.
_SIGN_EMS = 3.5
_BRACKET_EMS = 0.7
_LONG_BRACKET = 40.0
_THIN = '<mspace width="0.17em"/>'
_COMPOUND = (Terms, Total, Product, Quotient, Power)


def formula(node: Node) -> str:
    """A formula within a line; its text is there for those who do not see it."""
    return f'<math alttext="{escape(to_text(node))}">{to_mathml(node)}</math>'


def lines(node: Node, width: float) -> list[str]:
    """A formula on as many lines as it needs: broken before terms, else between factors."""
    if ems(node) <= width:
        return [to_mathml(node)]
    if not isinstance(node, Terms):
        return _filled(node, width)
    found = []
    for at, (negative, term) in enumerate(node.items):
        first, *more = _filled(term, width)
        found += [row(_sign(negative, first=not at), first), *more]
    return found


def ems(node: Node) -> float:
    """Roughly how wide a formula is, in letters."""
    match node:
        case Number(value):
            return len(str(value))
        case Name(name):
            return _name_ems(name)
        case Entry(array, indices):
            return _name_ems(array) + 0.7 * sum(ems(index) + 0.5 for index in indices)
        case Total(_, _, _, body):
            return _SIGN_EMS + ems(body)
        case Terms(items):
            return 2 * _BRACKET_EMS + sum(ems(term) + 2 for _, term in items)
        case Product(factors):
            return sum(ems(factor) + 0.3 for factor in factors)
        case Quotient(above, below):
            return max(ems(above), ems(below))
        case Power(base, exponent):
            return ems(base) + 0.7 * ems(exponent)
        case Call(function, arguments):
            shown = 1 if function in ("sqrt", "delta") else len(function)
            return shown + 2 * _BRACKET_EMS + sum(ems(argument) + 1 for argument in arguments)


def _filled(node: Node, width: float) -> list[str]:
    """Pieces side by side, and the next line where they no longer fit."""
    found: list[list[str]] = [[]]
    used = 0.0
    for piece, length in _pieces(node, (Terms,)):
        if used and used + length > width:
            found.append([])
            used = 0.0
        found[-1].append(piece)
        used += length
    return [row(_THIN.join(pieces)) for pieces in found]


def _pieces(node: Node, bracketed: tuple[type, ...]) -> list[tuple[str, float]]:
    """What a product or a sum may be broken into, each piece with its length."""
    match node:
        case Total(index, low, high, body):
            return [(_total_sign(index, low, high), _SIGN_EMS), *_pieces(body, (Terms,))]
        case Product(factors):
            *first, last = factors
            pieces = [piece for f in first for piece in _pieces(f, (Terms, Total))]
            return pieces + _pieces(last, (Terms,))
        case Terms(items) if isinstance(node, bracketed) and ems(node) > _LONG_BRACKET:
            inner = []
            for at, (negative, term) in enumerate(items):
                start = _plain("(") if at == 0 else ""
                end = _plain(")") if at == len(items) - 1 else ""
                shown = row(start, _sign(negative, not at), _inside(term, (Terms,)), end)
                inner.append((shown, ems(term) + 2))
            return inner
    return [(_inside(node, bracketed), ems(node))]


def _name_ems(name: str) -> float:
    parts = split(name)
    stem = 1 if parts.stem in GREEK else len(parts.stem)
    return stem + 0.7 * sum(map(len, parts.below))


def _plain(bracket: str) -> str:
    return f'<mo stretchy="false">{bracket}</mo>'


def _sign(negative: bool, first: bool) -> str:
    if first and not negative:
        return ""
    return operator("−" if negative else "+", "prefix" if first else "infix")


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
            return row(_total_sign(index, low, high), _inside(body, (Terms,)))
        case Terms(items):
            return row(*mathml_terms(items))
        case Product(factors):
            *first, last = factors
            shown = [*(_inside(f, (Terms, Total)) for f in first), _inside(last, (Terms,))]
            return row(_THIN.join(shown))
        case Quotient(above, below):
            return f"<mfrac>{to_mathml(above)}{to_mathml(below)}</mfrac>"
        case Power(Entry(array, indices), exponent):
            scripts = _listed(indices) + to_mathml(exponent)
            return f"<msubsup>{mathml_name(array)}{scripts}</msubsup>"
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
        shown.append(_sign(negative, first=not at) + _inside(term, (Terms,)))
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


def _total_sign(index: str, low: Node, high: Node) -> str:
    start = row(mathml_name(index), operator("="), to_mathml(low))
    return f"<munderover>{operator('∑')}{start}{to_mathml(high)}</munderover>"


def _bracket(nodes: tuple[Node, ...]) -> str:
    inner = operator(",").join(map(to_mathml, nodes))
    return row(operator("(", "prefix"), inner, operator(")", "postfix"))


def _listed(nodes: tuple[Node, ...]) -> str:
    return row(operator(",").join(map(to_mathml, nodes)))


def _inside(node: Node, bracketed: tuple[type, ...]) -> str:
    return _bracket((node,)) if isinstance(node, bracketed) else to_mathml(node)
