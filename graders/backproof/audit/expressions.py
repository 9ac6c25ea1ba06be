"""What may stand by mistake in place of an expression."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

_OPERATORS: Mapping[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
_NOT_COMMUTATIVE = (ast.Sub, ast.Div, ast.MatMult, ast.FloorDiv, ast.Pow)
_COMPARISONS: Mapping[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "sum": ("mean",),
    "mean": ("sum",),
    "var": ("std",),
    "std": ("var",),
    "max": ("min",),
    "min": ("max",),
    "amax": ("amin",),
    "amin": ("amax",),
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "zeros_like": ("ones_like",),
    "ones_like": ("zeros_like",),
    "new_zeros": ("new_ones",),
    "sqrt": ("square",),
    "square": ("sqrt", "abs"),
    "rsqrt": ("sqrt", "reciprocal"),
    "exp": ("expm1",),
    "log": ("log1p", "log2"),
    "log1p": ("log",),
    "sigmoid": ("tanh",),
    "tanh": ("sigmoid",),
    "softmax": ("log_softmax",),
    "log_softmax": ("softmax",),
    "relu": ("abs",),
    "floor": ("ceil",),
    "ceil": ("floor",),
    "any": ("all",),
    "all": ("any",),
    "prod": ("sum",),
    "sin": ("cos",),
    "cos": ("sin",),
    "cumsum": ("cumprod",),
    "tril": ("triu",),
    "triu": ("tril",),
    "norm": ("sum",),
    "zip": (),
}
_NO_VALUE = ("print",)


def replacements(
    node: ast.expr, ancestors: tuple[ast.AST, ...], alike: Mapping[str, tuple[str, ...]]
) -> Iterator[ast.expr]:
    """Expressions that differ from `node` by one slip.

    ancestors: the nodes around it, outermost first. alike: names that can be taken for each other.
    """
    match node:
        case ast.BinOp():
            yield from _binary(node)
        case ast.UnaryOp(op=ast.USub() | ast.Not(), operand=operand):
            yield operand
        case ast.Constant():
            yield from _constant(node, ancestors)
        case ast.Compare():
            yield from _comparison(node)
        case ast.BoolOp(op=op, values=values):
            yield ast.BoolOp(op=ast.Or() if isinstance(op, ast.And) else ast.And(), values=values)
            if len(values) == 2:
                yield from values
        case ast.IfExp(body=body, orelse=orelse):
            yield body
            yield orelse
        case ast.Call():
            yield from _call(node)
        case ast.Attribute(value=value, attr="T" | "mT" | "H"):
            yield value
        case ast.Slice():
            yield from _slice(node)
        case ast.Subscript(value=value, slice=ast.Name() | ast.BinOp() as index):
            yield from (
                ast.Subscript(value=value, slice=new, ctx=node.ctx) for new in _shifted(index)
            )
        case ast.Name(id=name, ctx=ast.Load()) if not _only_for_its_kind(node, ancestors[-1]):
            yield from (ast.Name(id=other, ctx=ast.Load()) for other in alike.get(name, ()))


_KIND = ("zeros_like", "ones_like", "empty_like", "full_like", "new_zeros", "new_ones", "len")


def _only_for_its_kind(node: ast.Name, holder: ast.AST) -> bool:
    """Whether a variable is called, or only lends its size: all of its kind do that alike."""
    match holder:
        case ast.Attribute(attr="shape" | "dtype" | "device" | "ndim"):
            return True
        case ast.Attribute(attr=method):
            return method in _KIND
        case ast.Call(func=function, args=args):
            if ast.dump(function) == ast.dump(node):
                return True
            name = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
            return name in _KIND and ast.dump(args[0]) == ast.dump(node)
    return False


def _shifted(node: ast.expr) -> Iterator[ast.expr]:
    """Off by one."""
    for op in (ast.Sub, ast.Add):
        yield ast.BinOp(left=node, op=op(), right=ast.Constant(1))


def _binary(node: ast.BinOp) -> Iterator[ast.expr]:
    for turned in _OPERATORS.get(type(node.op), ()):
        yield ast.BinOp(left=node.left, op=turned(), right=node.right)
    if isinstance(node.op, _NOT_COMMUTATIVE):
        yield ast.BinOp(left=node.right, op=node.op, right=node.left)
    yield node.left
    if isinstance(node.op, ast.Sub):
        yield ast.UnaryOp(op=ast.USub(), operand=node.right)
    else:
        yield node.right


def _constant(node: ast.Constant, ancestors: tuple[ast.AST, ...]) -> Iterator[ast.expr]:
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int):
        # Below 0 a position or an axis counts from the end: often the same one.
        yield from (ast.Constant(new) for new in (value - 1, value + 1) if new >= 0)
    elif isinstance(value, float):
        near = (0.0, 1.0, 2 * value, 10 * value) if value else (1.0,)
        yield from (ast.Constant(new) for new in near if new != value)
    elif isinstance(value, str) and "->" in value and _is_einsum(ancestors[-1]):
        yield from (ast.Constant(new) for new in _equations(value))


def _is_einsum(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func).endswith("einsum")


def _equations(equation: str) -> Iterator[str]:
    """The result of an einsum with two neighbouring axes the wrong way round."""
    taken, result = equation.split("->")
    for place in range(len(result) - 1):
        if (pair := result[place : place + 2]).isalpha():
            yield f"{taken}->{result[:place]}{pair[::-1]}{result[place + 2 :]}"


def _comparison(node: ast.Compare) -> Iterator[ast.expr]:
    for place, op in enumerate(node.ops):
        for turned in _COMPARISONS.get(type(op), ()):
            ops = [*node.ops[:place], turned(), *node.ops[place + 1 :]]
            yield ast.Compare(left=node.left, ops=ops, comparators=node.comparators)


def _slice(node: ast.Slice) -> Iterator[ast.expr]:
    """A slice without one of its ends, or off by one."""
    for part in ("lower", "upper", "step"):
        end = getattr(node, part)
        if end is None:
            continue
        others = {name: getattr(node, name) for name in ("lower", "upper", "step")}
        yield ast.Slice(**others | {part: None})
        if not isinstance(end, ast.Constant) and part != "step":
            yield from (ast.Slice(**others | {part: new}) for new in _shifted(end))


def _call(node: ast.Call) -> Iterator[ast.expr]:
    function = node.func
    name = function.attr if isinstance(function, ast.Attribute) else ast.unparse(function)
    if name in _NO_VALUE:
        return
    for other in _FUNCTIONS.get(name, ()):
        yield ast.Call(func=_renamed(function, other), args=node.args, keywords=node.keywords)
    if isinstance(function, ast.Attribute) and not _is_module(function.value):
        yield function.value  # x.sqrt() -> x
    elif len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]  # sqrt(x) -> x
    for place in range(len(node.args) - 1):
        first, second = node.args[place : place + 2]
        args = [*node.args[:place], second, first, *node.args[place + 2 :]]
        yield ast.Call(func=function, args=args, keywords=node.keywords)
    if name == "range":
        yield from _ranges(node)


def _renamed(function: ast.expr, name: str) -> ast.expr:
    if isinstance(function, ast.Attribute):
        return ast.Attribute(value=function.value, attr=name, ctx=ast.Load())
    return ast.Name(id=name, ctx=ast.Load())


def _is_module(node: ast.expr) -> bool:
    text = ast.unparse(node)
    return text.split(".")[0] in ("torch", "math", "np", "numpy", "nn", "F", "super()")


def _ranges(node: ast.Call) -> Iterator[ast.expr]:
    """A loop that begins or ends one too early or too late."""
    if any(isinstance(argument, ast.Starred) for argument in node.args):
        return  # its ends do not stand here
    ends = [ast.Constant(0), *node.args] if len(node.args) == 1 else list(node.args)
    for place in (0, 1):
        for new in _shifted(ends[place]):
            args = [*ends[:place], new, *ends[place + 1 :]]
            yield ast.Call(func=node.func, args=args, keywords=[])
