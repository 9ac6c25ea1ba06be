"""One-edit changes of a reference solution: automatic mutants, made in memory from its syntax tree.

An edit is one slip of the pen: an operator, a constant, an axis, a forgotten term, call, root or
statement, swapped arguments, another variable of the same shape. Its id is the text before and
after it, so that it does not change with line numbers.

Guards (`if ...: raise`, and functions of nothing else) are left alone: what happens to arguments
outside the docstring is not graded. Annotations, docstrings and messages are no code.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import TypeAlias

from backproof.audit.expressions import replacements

SHORT, LONG = 24, 90
"""An id shows this much around an edit at least, and cuts out what is longer than that."""

Alike: TypeAlias = Mapping[str, Mapping[str, tuple[str, ...]]]
"""For each function: a variable, and the others that hold the same kind of value."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One changed solution. scope: the function or class of the reference that it changes."""

    id: str
    scope: str
    code: str


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a node stands: `holder.field`, or `holder.field[index]`."""

    holder: ast.AST
    field: str
    index: int | None
    ancestors: tuple[ast.AST, ...]

    @property
    def node(self) -> ast.AST:
        found = getattr(self.holder, self.field)
        node: ast.AST = found if self.index is None else found[self.index]
        return node

    def put(self, nodes: list[ast.AST]) -> None:
        """Put nodes in place of the one that stands here (just one, outside of a list)."""
        if self.index is None:
            setattr(self.holder, self.field, nodes[0])
        else:
            getattr(self.holder, self.field)[self.index : self.index + 1] = nodes


def edits_of(code: str, alike: Alike, leave: Collection[str] = ()) -> Iterator[Edit]:
    """All one-edit changes of a solution, in the order of its text, each different code once.

    code: the whole solution. alike: see `variables.alike`. leave: top-level names to leave alone.
    """
    tree = ast.parse(code)
    _drop_docstrings(tree)
    guards = _guard_functions(tree)
    texts = [ast.unparse(statement) for statement in tree.body]
    for number, statement in enumerate(tree.body):
        scope = _scope(statement)
        if scope is None or scope in leave:
            continue
        seen_text, seen_id = {texts[number]}, Counter[str]()
        for name, text in _edited(statement, guards, alike):
            if text in seen_text:
                continue
            seen_text.add(text)
            seen_id[name] += 1
            suffix = f" ({seen_id[name]})" if seen_id[name] > 1 else ""
            parts = [*texts[:number], text, *texts[number + 1 :]]
            yield Edit(id=f"{scope}: {name}{suffix}", scope=scope, code="\n\n\n".join(parts) + "\n")


def _edited(
    statement: ast.stmt, guards: Collection[str], alike: Alike
) -> Iterator[tuple[str, str]]:
    """What is changed, and the text of the changed statement; the statement is left as it was."""
    for place in _places(statement, guards):
        for change in _changes(place, _others(place, alike, guards)):
            around = _around(place)
            own = around is place.node
            before = _label(place) + _shown(around)
            undo = _apply(place, change)
            text = ast.unparse(ast.fix_missing_locations(statement))
            shown = [_shown(node) for node in change] if own else [_shown(around)]
            undo()
            yield f"{before} -> {_label(place)}{'; '.join(shown) or 'nothing'}", text


def _drop_docstrings(tree: ast.Module) -> None:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and ast.get_docstring(node):
            node.body[:1] = [] if len(node.body) > 1 else [ast.Pass()]


def _scope(statement: ast.stmt) -> str | None:
    """The top-level name that a statement defines; None for imports and the like."""
    match statement:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return name
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            return name
    return None


def _others(place: _Place, alike: Alike, guards: Collection[str]) -> Mapping[str, tuple[str, ...]]:
    """The variables that can be taken for each other at a place: those that have a value there."""
    function = _function_around(place)
    if function is None or not isinstance(place.node, ast.Name):
        return {}
    bound = {argument.arg for argument in ast.walk(function.args) if isinstance(argument, ast.arg)}
    bound |= {
        inner.node.id
        for inner in _below(function, (), guards, stored=True)
        if isinstance(inner.node, ast.Name) and inner.node.lineno < place.node.lineno
    }
    return {
        name: tuple(other for other in others if other in bound)
        for name, others in alike.get(function.name, {}).items()
    }


def _function_around(place: _Place) -> ast.FunctionDef | None:
    inner = [node for node in place.ancestors if isinstance(node, ast.FunctionDef)]
    return inner[-1] if inner else None


def _apply(place: _Place, change: list[ast.AST]) -> Callable[[], None]:
    """Make a change; the result takes it back."""
    if place.index is None:
        old = place.node
        place.put(change)
        return lambda: place.put([old])
    siblings = getattr(place.holder, place.field)
    before = list(siblings)
    place.put(change)
    if not siblings and isinstance(before[0], ast.stmt):  # a block must not be empty
        siblings.append(ast.Pass())

    def undo() -> None:
        siblings[:] = before

    return undo


def _changes(place: _Place, alike: Mapping[str, tuple[str, ...]]) -> Iterator[list[ast.AST]]:
    node = place.node
    if isinstance(node, ast.stmt):
        yield from _statement_changes(node, place)
    elif isinstance(node, ast.expr):
        for new in replacements(deepcopy(node), place.ancestors, alike):
            yield [new]
    elif isinstance(node, ast.keyword) and node.arg not in (None, "strict"):
        yield []


def _statement_changes(node: ast.stmt, place: _Place) -> Iterator[list[ast.AST]]:
    match node:
        case ast.AugAssign(target, op, value):
            yield []
            yield [ast.Assign(targets=[target], value=value)]
            turned = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult}
            if type(op) in turned:
                yield [ast.AugAssign(target=target, op=turned[type(op)](), value=value)]
        case ast.Expr():
            yield []
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute()]):
            yield []
        case ast.Assign(targets=[ast.Name(id=name)]) if _assigned_before(name, place):
            yield []
        case ast.If(body=body, orelse=orelse):
            yield list(body)
            yield list(orelse)
        case ast.Return(value=value) if value is not None:
            for new in _signs(value):
                yield [ast.Return(value=new)]


def _signs(value: ast.expr) -> Iterator[ast.expr]:
    """Results of the wrong sign, each on its own; a tuple in another order."""
    if not isinstance(value, ast.Tuple):
        if not isinstance(value, ast.Constant | ast.ListComp | ast.List | ast.Dict):
            yield ast.UnaryOp(op=ast.USub(), operand=value)
        return
    items = value.elts
    for place, item in enumerate(items):
        if isinstance(item, ast.Starred):
            continue  # has no sign of its own
        turned = ast.UnaryOp(op=ast.USub(), operand=item)
        yield ast.Tuple(elts=[*items[:place], turned, *items[place + 1 :]], ctx=ast.Load())
    for place in range(len(items) - 1):
        swapped = [items[place + 1], items[place]]
        yield ast.Tuple(elts=[*items[:place], *swapped, *items[place + 2 :]], ctx=ast.Load())


def _assigned_before(name: str, place: _Place) -> bool:
    """Whether a function has given a name a value before: dropping this one leaves the old."""
    function = _function_around(place)
    if function is None:
        return False
    here = getattr(place.node, "lineno", 0)
    return any(
        (isinstance(node, ast.arg) and node.arg == name)
        or (
            isinstance(node, ast.Name)
            and isinstance(node.ctx, ast.Store)
            and node.id == name
            and node.lineno < here
        )
        for node in ast.walk(function)
    )


# --- what is edited at all -----------------------------------------------------------------------


def _guard_functions(tree: ast.Module) -> frozenset[str]:
    """Functions that only refuse arguments."""
    guards: frozenset[str] = frozenset()
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    while True:  # a guard may call another one
        found = frozenset(f.name for f in functions if all(_is_guard(s, guards) for s in f.body))
        if found == guards:
            return guards
        guards = found


def _is_guard(statement: ast.stmt, guards: Collection[str]) -> bool:
    match statement:
        case ast.Raise() | ast.Assert() | ast.Pass():
            return True
        case ast.If(body=body, orelse=[]) | ast.For(body=body, orelse=[]):
            return all(_is_guard(inner, guards) for inner in body)
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id=name))):
            return name in guards
    return False


def _places(statement: ast.stmt, guards: Collection[str]) -> Iterator[_Place]:
    """Every place under a top-level statement that may be edited, in the order of the text."""
    if isinstance(statement, ast.FunctionDef) and statement.name in guards:
        return
    yield from _below(statement, (), guards)


_NOT_CODE = {"annotation", "returns", "decorator_list", "bases", "type_comment", "ctx", "exc"}


def _below(
    holder: ast.AST,
    ancestors: tuple[ast.AST, ...],
    guards: Collection[str],
    *,
    stored: bool = False,
) -> Iterator[_Place]:
    """Places under a node, without guards: names that get a value, or else everything but them."""
    inside = (*ancestors, holder)
    for field, value in ast.iter_fields(holder):
        if field in _NOT_CODE:
            continue
        listed = isinstance(value, list)
        for index, node in enumerate(value if listed else [value]):
            if not isinstance(node, ast.AST) or (
                isinstance(node, ast.stmt) and _is_guard(node, guards)
            ):
                continue
            is_stored = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
            if is_stored == stored:
                yield _Place(holder, field, index if listed else None, inside)
            yield from _below(node, inside, guards, stored=stored)


# --- names of edits ------------------------------------------------------------------------------


_SIMPLE = ast.Assign | ast.AugAssign | ast.Return | ast.Expr | ast.comprehension


def _around(place: _Place) -> ast.AST:
    """The edited node, or what is around it where that alone says too little."""
    node = place.node
    if isinstance(node, ast.stmt):
        return node
    length = 0 if isinstance(node, ast.keyword) else len(_text(node))
    for ancestor in reversed(place.ancestors):
        if length >= SHORT or not isinstance(ancestor, ast.expr | ast.keyword | _SIMPLE):
            break
        length = len(_text(ancestor))
        if length > LONG and not isinstance(node, ast.keyword):
            break
        node = ancestor
    return node


def _label(place: _Place) -> str:
    """The parameter that a default belongs to."""
    if not isinstance(place.holder, ast.arguments) or place.index is None:
        return ""
    arguments = place.holder
    named = [*arguments.posonlyargs, *arguments.args][-len(arguments.defaults) :]
    owner = named if place.field == "defaults" else arguments.kwonlyargs
    return f"{owner[place.index].arg}="


def _shown(node: ast.AST) -> str:
    text = _text(node)
    return text if len(text) <= LONG else f"{text[: LONG - 30]} ... {text[-25:]}"


def _text(node: ast.AST) -> str:
    lines = ast.unparse(node).splitlines()
    return lines[0] if isinstance(node, ast.stmt) else " ".join(" ".join(lines).split())
