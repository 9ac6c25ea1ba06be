"""Source text from the reference's syntax tree: what a student gets, what a solution looks like.

Works on an allow-list: a stub holds the imports that its signature needs, the signature and the
docstring, and nothing else. Comments inside a body never survive.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import textwrap
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

from backproof.loading.parsing import parsed
from backproof.model import (
    AnswerAsk,
    Ask,
    BackproofError,
    ClassAsk,
    FunctionAsk,
    Mutant,
    describe_field,
)

WIDTH = 99


def _module_of(function: Callable[..., Any]) -> ModuleType:
    module = inspect.getmodule(function)
    if module is None:
        raise BackproofError(f"reference {function!r} belongs to no module")
    return module


def _definitions(tree: ast.Module) -> dict[str, ast.stmt]:
    """Top-level names of a module and the statements that define them."""
    found: dict[str, ast.stmt] = {}
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                found[(alias.asname or alias.name).partition(".")[0]] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return found


def _names(node: ast.AST) -> set[str]:
    return {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}


def _needed(tree: ast.Module, wanted: Iterable[str]) -> list[ast.stmt]:
    """The statements of a module behind `wanted`, transitively, in the module's order."""
    defined = _definitions(tree)
    queue, taken = list(wanted), set[str]()
    while queue:
        name = queue.pop()
        if name in defined and name not in taken:
            taken.add(name)
            queue.extend(_names(defined[name]))
    statements = {id(defined[name]): defined[name] for name in taken}
    return sorted(statements.values(), key=lambda node: node.lineno)


def _text(source: str, node: ast.stmt) -> str:
    decorators = getattr(node, "decorator_list", [])
    first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return "\n".join(source.splitlines()[first - 1 : node.end_lineno])


def render_solution(asks: Iterable[Ask], replacing: Mutant | None = None) -> str:
    """The reference solution as a student would hand it in, optionally with one mutant in it.

    Raises:
        BackproofError: the mutant's `edit` does not occur exactly once, or two modules give one
            name two meanings.
    """
    asks = tuple(asks)
    wanted: dict[ModuleType, list[str]] = {}
    for ask in asks:
        if isinstance(ask, FunctionAsk):
            wanted.setdefault(_module_of(ask.reference), []).append(ask.name)
    parts = ["from __future__ import annotations"]
    meanings: dict[str, str] = {}
    for module, names in wanted.items():
        source = inspect.getsource(module)
        for node in _needed(parsed(source), names):
            text = _text(source, node)
            if text.startswith("from __future__") or text in parts:
                continue
            for name in _definitions(ast.Module(body=[node], type_ignores=[])):
                if meanings.setdefault(name, text) != text:
                    raise BackproofError(f"two reference modules define {name!r} differently")
            if replacing and replacing.edit and getattr(node, "name", "") == replacing.of:
                text = _edited(text, replacing)
            parts.append(text)
    parts.extend(f"{ask.name} = {ask.answer!r}" for ask in asks if isinstance(ask, AnswerAsk))
    if replacing and replacing.answer is not None:
        parts.append(f"{replacing.of} = {replacing.answer!r}")
    if replacing and replacing.code:
        parts.append(textwrap.dedent(replacing.code).strip())
    return "\n\n\n".join(parts) + "\n"


def _edited(text: str, mutant: Mutant) -> str:
    assert mutant.edit is not None
    old, new = mutant.edit
    if text.count(old) != 1:
        raise BackproofError(
            f"mutant {mutant.id!r}: the text {old!r} occurs {text.count(old)} times in the "
            f"reference {mutant.of!r}; it must occur exactly once"
        )
    return text.replace(old, new)


def _function_stub(ask: FunctionAsk) -> tuple[list[ast.stmt], str]:
    """The imports that a signature needs, and the signature with its docstring."""
    source = inspect.getsource(_module_of(ask.reference))
    tree = parsed(source)
    defined = _definitions(tree)
    node = defined[ask.name]
    wanted = ast.ClassDef if isinstance(ask, ClassAsk) else ast.FunctionDef
    if not isinstance(node, wanted):
        kind = "class: use FunctionAsk" if wanted is ast.ClassDef else "function: use ClassAsk"
        raise BackproofError(f"reference {ask.name} is no {kind}")
    assert isinstance(node, ast.FunctionDef | ast.ClassDef)
    imported = {name for name, by in defined.items() if isinstance(by, ast.Import | ast.ImportFrom)}
    signature = _signature_names(node)
    if unknown := signature - imported - set(dir(builtins)):
        raise BackproofError(
            f"signature of {ask.name}: {sorted(unknown)} is not imported: no stub can have it; "
            "use Any for what a student may choose"
        )
    if not ast.get_docstring(node, clean=False):
        raise BackproofError(f"reference {ask.name} has no docstring: it is the student's text")
    lines = source.splitlines()
    if isinstance(node, ast.FunctionDef):
        return _needed(tree, signature), _empty(lines, node, ask.name)
    parts = [_header(lines, node)]
    for method in _shown_methods(node):
        parts.append(_empty(lines, method, f"{ask.name}.{method.name}"))
    return _needed(tree, signature), "\n\n".join(parts)


def _shown_methods(node: ast.ClassDef) -> list[ast.FunctionDef]:
    """The methods that a student's class must have: helpers are the reference's own."""
    methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
    return [m for m in methods if not m.name.startswith("_") or m.name.endswith("__")]


def _signature_names(node: ast.FunctionDef | ast.ClassDef) -> set[str]:
    """The names that a stub uses."""
    if isinstance(node, ast.ClassDef):
        parts = (*node.bases, *_shown_methods(node))
        return set().union(
            *(_signature_names(p) if isinstance(p, ast.FunctionDef) else _names(p) for p in parts)
        )
    return {name for part in (node.args, node.returns) if part for name in _names(part)}


def _header(lines: list[str], node: ast.FunctionDef | ast.ClassDef) -> str:
    """A signature with its docstring, if it has one."""
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is not None:
        return "\n".join(lines[node.lineno - 1 : first.end_lineno])
    shown = lines[node.lineno - 1 : first.lineno - 1]
    while shown[-1].strip() == "" or shown[-1].lstrip().startswith("#"):
        shown.pop()
    return "\n".join(shown)


def _empty(lines: list[str], node: ast.FunctionDef, name: str) -> str:
    indent = " " * (node.col_offset + 4)
    return f'{_header(lines, node)}\n{indent}raise NotImplementedError("{name}: yours to write")'


def _answer_stub(ask: AnswerAsk) -> str:
    """An empty answer, with what is asked beside it, or above it where that is long."""
    said = f"{ask.prompt}: {describe_field(ask.field)}"
    line = f'{ask.name} = ""  # {said}'
    if len(line) <= WIDTH:
        return line
    above = textwrap.wrap(said, WIDTH, initial_indent="# ", subsequent_indent="# ")
    return "\n".join([*above, f'{ask.name} = ""'])


def render_stub(ask: Ask) -> tuple[tuple[str, ...], str]:
    """(imports, code) of what a student gets for one ask."""
    if isinstance(ask, AnswerAsk):
        return (), _answer_stub(ask)
    imports, code = _function_stub(ask)
    return tuple(ast.unparse(node) for node in imports), code
