"""Nothing that a student types can become code: the engine of typed answers has no means to.

Every module that a typed text passes through is read here as a syntax tree. It may use no name that
runs text, finds attributes by a computed name or loads objects, and may import only what is listed.
A text that looks like code is then a syntax error in the language of answers, and nothing else.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ENGINE = Path("graders/backproof/answers")
VOCABULARY = Path("graders/backproof/model/vocabulary.py")

RUNNERS = {
    "eval", "exec", "compile", "sympify", "parse_expr", "lambdify", "literal_eval", "mpmathify",
    "__import__", "import_module", "__builtins__", "__subclasses__", "__globals__", "__code__",
    "breakpoint", "globals", "locals", "vars", "setattr", "delattr", "attrgetter", "methodcaller",
    "system", "popen", "loads", "load", "open", "input",
}  # fmt: skip
"""Names that run text, reach objects through it, or read files."""
NOT_THE_BUILTIN = {("re", "compile")}
MODULES = {
    "__future__", "collections", "contextlib", "dataclasses", "difflib", "enum", "fractions",
    "functools", "itertools", "math", "random", "re", "secrets", "typing", "unicodedata",
    "flint", "mpmath",
}  # fmt: skip
OURS = ("backproof.answers", "backproof.model")


def findings(source: str) -> Iterator[str]:
    """What a module does that could run a student's text."""
    tree = ast.parse(source)
    fine = {
        id(node.func)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and _written_out(node)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Name("getattr") if id(node) not in fine:
                yield f"line {node.lineno}: getattr with a computed name"
            case ast.Name(name) if name in RUNNERS:
                yield f"line {node.lineno}: {name}"
            case ast.Attribute(ast.Name(owner), name) if (owner, name) in NOT_THE_BUILTIN:
                continue
            case ast.Attribute(_, name) if name in RUNNERS or name in ("getattr", "__dict__"):
                yield f"line {node.lineno}: .{name}"
            case ast.Constant(str(name)) if name in RUNNERS:
                yield f"line {node.lineno}: the text {name!r}"
            case ast.Import(names):
                for alias in names:
                    if not _allowed(alias.name):
                        yield f"line {node.lineno}: import {alias.name}"
            case ast.ImportFrom(module, names):
                for alias in names:
                    if node.level or alias.name in RUNNERS or not _allowed(str(module)):
                        yield f"line {node.lineno}: from {module} import {alias.name}"


def _written_out(call: ast.Call) -> bool:
    """Whether a call's second argument, getattr's name, is written out."""
    match call.args[1:2]:
        case [ast.Constant(str(name))]:
            return name not in RUNNERS
    return False


def _allowed(module: str) -> bool:
    ours = any(module == name or module.startswith(f"{name}.") for name in OURS)
    return ours or module.split(".")[0] in MODULES


def test_no_module_that_reads_typed_answers_can_run_them(repository: Path) -> None:
    engine = sorted((repository / ENGINE).rglob("*.py"))

    assert {"lexer.py", "parser.py", "evaluate.py", "balls.py"} <= {path.name for path in engine}
    for path in (*engine, repository / VOCABULARY):
        assert not list(findings(path.read_text(encoding="utf-8"))), path


@pytest.mark.parametrize(
    "harmful",
    [
        "x = eval(text)",
        "exec(text)",
        "run = eval\nrun(text)",
        "code = compile(text, '', 'eval')",
        "from sympy import sympify",
        "import sympy",
        "import sympy.parsing.sympy_parser as p\np.parse_expr(text)",
        "import builtins\nbuiltins.eval(text)",
        "__import__(text)",
        "import importlib\nimportlib.import_module(text)",
        "import pickle\npickle.loads(text)",
        "import os\nos.system(text)",
        "import subprocess",
        "import ast\nast.literal_eval(text)",
        "getattr(math, name)(1)",
        "getattr(math, 'ev' + 'al')",
        "find = getattr\nfind(math, name)",
        "list(map(getattr, things, names))",
        "math.__dict__[name]",
        "globals()[name]",
        "print.__globals__['x']",
        "value = mpmath.mpmathify(text)",
        "table = {'e': 'eval'}",
        "open(text)",
        "from . import parser",
        "from backproof import sandbox",
        "from backproof.sandbox import Isolated",
        "import backproof.modelling",
        "def late():\n    import socket",
    ],
)
def test_a_module_that_could_run_text_is_found(harmful: str) -> None:
    assert list(findings(harmful))


def test_harmless_modules_pass() -> None:
    harmless = """
import re
from fractions import Fraction
from backproof.answers.syntax import Node
from backproof.model import Vocabulary
NUMBER = re.compile("[0-9]+")
name = getattr(Fraction, "numerator")
evaluate = {"evaluation": 1, "sum": sum}
"""
    assert not list(findings(harmless))
