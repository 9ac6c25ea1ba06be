"""Submissions whose code is the same, whatever it is called: a list for a person, no verdict.

Put aside are names of one's own, comments, docstrings, annotations, formatting, how modules are
imported and in which order things are defined. What is the same then may have been copied, or be
the only sensible way to write it, so that whoever reads the list gets its size beside it, and short
or common solutions are left out.
"""

from __future__ import annotations

import ast
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from backproof.model import Submission

PARSED_HERE = 1 << 16
"""Characters of one cell: the parser takes minutes for some that are longer."""
TELLING = 60
"""Pieces of syntax: shorter definitions, `return dout * (x > 0)`, are the same by themselves."""
COMMON = 0.25
"""What more of a class than this have written in the same way is the way to write it."""
FEW = 4
"""A group of up to so many is never called common."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Definition:
    """A function or class at the top of a submission. size: in pieces of syntax."""

    name: str
    digest: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Submissions that share code. names: what it is called in the first of them."""

    submissions: Sequence[str]
    names: Sequence[str]
    size: int
    whole: bool
    """Whether it is all code of these submissions, but for short definitions."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Similar:
    """Groups, those with the most code in common first, and who could not be compared, and why."""

    groups: Sequence[Group]
    left_out: Sequence[tuple[str, str]]


def find_similar(submissions: Iterable[Submission], given: Sequence[str] = ()) -> Similar:
    """Groups of submissions with the same code.

    given: source text that everybody has got; definitions that are the same in it do not count.
    """
    handed_out = {d.digest for text in given for d in definitions([text])}
    found: dict[str, list[Definition]] = {}
    left_out = []
    for submission in submissions:
        if submission.fault:
            left_out.append((submission.name, submission.fault))
            continue
        try:
            own = definitions(submission.cells)
        except ValueError as error:
            left_out.append((submission.name, str(error)))
            continue
        found[submission.name] = [d for d in own if d.digest not in handed_out]
    wholes = _wholes(found)
    together = [frozenset(group.submissions) for group in wholes]
    parts = [g for g in _parts(found) if not any(set(g.submissions) <= w for w in together)]
    groups = sorted([*wholes, *parts], key=lambda g: (not g.whole, -g.size, g.submissions))
    return Similar(groups=groups, left_out=left_out)


def _wholes(found: Mapping[str, list[Definition]]) -> list[Group]:
    """Submissions whose telling definitions are all the same."""
    by_code: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, own in found.items():
        if telling := tuple(sorted(d.digest for d in own if d.size >= TELLING)):
            by_code[telling].append(name)
    return [
        _group(names, [d for d in found[names[0]] if d.size >= TELLING], whole=True)
        for names in by_code.values()
        if len(names) > 1
    ]


def _parts(found: Mapping[str, list[Definition]]) -> Iterator[Group]:
    """Single definitions that a few have in the same form, joined where the same few share more."""
    by_digest: dict[str, dict[str, Definition]] = defaultdict(dict)
    for name, own in found.items():
        for definition in own:
            if definition.size >= TELLING:
                by_digest[definition.digest][name] = definition
    by_group: dict[tuple[str, ...], list[Definition]] = defaultdict(list)
    for owners in by_digest.values():
        if 1 < len(owners) <= max(FEW, COMMON * len(found)):
            by_group[tuple(owners)].append(next(iter(owners.values())))
    for names, shared in by_group.items():
        yield _group(names, shared, whole=False)


def _group(names: Sequence[str], shared: Sequence[Definition], *, whole: bool) -> Group:
    return Group(
        submissions=sorted(names),
        names=[definition.name for definition in shared],
        size=sum(definition.size for definition in shared),
        whole=whole,
    )


def definitions(cells: Iterable[str]) -> list[Definition]:
    """The functions and classes at the top of a submission, whatever else it holds.

    Raises:
        ValueError: why it cannot be compared, in words.
    """
    body: list[ast.stmt] = []
    for number, cell in enumerate(cells, 1):
        text = "\n".join(line for line in cell.splitlines() if line.lstrip()[:1] not in ("%", "!"))
        if len(text) > PARSED_HERE:
            raise ValueError(f"cell {number} has {len(text)} characters")
        try:
            body += ast.parse(text).body
        except SyntaxError:
            continue  # the rest of a notebook may still be somebody else's
        except (ValueError, RecursionError, MemoryError) as error:
            raise ValueError(f"cell {number} cannot be read: {error}") from error
    able = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    own = {name for statement in body for name in _at_the_top(statement)}
    modules = _imports(body)
    try:
        return [_definition(node, own, modules) for node in body if isinstance(node, able)]
    except (RecursionError, MemoryError) as error:
        raise ValueError("its code is nested too deep") from error


def _at_the_top(statement: ast.stmt) -> Iterator[str]:
    """Names that a submission gives to its own functions, classes and constants."""
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield statement.name
    elif isinstance(statement, ast.Assign | ast.AnnAssign):
        for node in ast.walk(statement):
            yield from _bound(node)


def _definition(
    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef,
    own: set[str],
    modules: Mapping[str, str],
) -> Definition:
    name = node.name
    plain = _Plain(node, own, modules).visit(node)
    plain.name = ""
    text = ast.dump(plain, annotate_fields=False)
    return Definition(
        name=name,
        digest=hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest(),
        size=sum(1 for _ in ast.walk(plain)),
    )


def _imports(body: Iterable[ast.stmt]) -> dict[str, str]:
    """What each imported name stands for: `F` is torch.nn.functional."""
    names: dict[str, str] = {}
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Import):
                names |= {a.asname: a.name for a in node.names if a.asname}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return names


class _Plain(ast.NodeTransformer):
    """A definition without everything that a copyist would change first."""

    def __init__(self, top: ast.AST, own: set[str], modules: Mapping[str, str]) -> None:
        self._own, self._modules = own, modules
        self._names: dict[str, str] = {}
        self._attributes: set[str] = set()
        if isinstance(top, ast.ClassDef):
            self._attributes |= {n for s in top.body for n in _bound(s)}
        for node in ast.walk(top):
            for name in _bound(node):
                if node is not top:
                    self._names.setdefault(name, "")
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
                self._attributes.add(node.attr)
        self._numbers: dict[str, str] = {}

    def _called(self, name: str) -> str:
        """Names of one's own are numbered as they come."""
        if name in self._names or name in self._attributes:
            return self._numbers.setdefault(name, f"v{len(self._numbers)}")
        return "own" if name in self._own else name

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self._modules and node.id not in self._names:
            first, *more = self._modules[node.id].split(".")
            found: ast.expr = ast.Name(first, ast.Load())
            for part in more:
                found = ast.Attribute(found, part, ast.Load())
            return found
        return ast.Name(self._called(node.id), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.AST:
        value = self.visit(node.value)
        attr = self._called(node.attr) if node.attr in self._attributes else node.attr
        return ast.Attribute(value, attr, node.ctx)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        return ast.arg(self._called(node.arg))

    def visit_Call(self, node: ast.Call) -> ast.AST:
        if isinstance(node.func, ast.Name) and node.func.id in self._own:
            for keyword in node.keywords:  # parameters of one's own
                keyword.arg = keyword.arg and "own"
        return self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        if node.value is None:
            return None
        return ast.Assign([self.visit(node.target)], self.visit(node.value))

    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if isinstance(node.value, ast.Constant):  # a docstring, or words between the lines
            return None
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        return ast.FunctionDef(
            name=self._called(node.name),
            args=self.visit(node.args),
            body=[new for old in node.body if (new := self.visit(old)) is not None],
            decorator_list=[self.visit(decorator) for decorator in node.decorator_list],
        )

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        node.name = self._called(node.name)
        return self.generic_visit(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        if node.name:
            node = ast.ExceptHandler(node.type, self._called(node.name), node.body)
        return self.generic_visit(node)


def _bound(node: ast.AST) -> Iterator[str]:
    """The names that one piece of syntax binds."""
    if isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        if not node.name.startswith("__"):
            yield node.name
    elif isinstance(node, ast.ExceptHandler) and node.name:
        yield node.name
