"""Runs the text of a submission: one module, or a notebook cell by cell.

Errors are recorded, not raised: what was defined before an error can still be graded.
"""

from __future__ import annotations
import __future__

import ast
import linecache
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import PurePath
from types import ModuleType
from typing import TYPE_CHECKING, Any

from backproof.sandbox.failure import load_error

if TYPE_CHECKING:  # IPython is not there for every student
    from backproof.sandbox.shell import GradingShell

NO_IPYTHON = "notebooks cannot be run here: IPython is not installed beside the grader"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A submission's global names, and one line for every error met on the way.

    undo: takes back what loading changed in this process.
    shell, cells: of a notebook, what has run so many cells of it and can run more.
    """

    namespace: dict[str, Any]
    errors: tuple[str, ...]
    undo: Callable[[], None]
    shell: GradingShell | None = None
    cells: int = 0


def load_module(name: str, text: str) -> Loaded:
    """Run a module's text as Python would on import, under the file's name."""
    module = ModuleType(_module_name(name))
    module.__file__ = name
    # Dataclasses, pickling and `typing` look a class's module up by name.
    sys.modules[module.__name__] = module
    source = text.removeprefix("\ufeff")
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    errors = tuple(_run_statements(source, name, module.__dict__))

    def undo() -> None:
        sys.modules.pop(module.__name__, None)
        linecache.cache.pop(name, None)

    return Loaded(module.__dict__, errors, undo)


def _run_statements(source: str, name: str, namespace: dict[str, Any]) -> Iterator[str]:
    """Run a module one top-level statement at a time; one that fails does not stop the next.

    A plotting library that is not installed here must not cost the functions below its import.
    """
    try:
        tree = ast.parse(source, name)
    except BaseException as error:  # also what the parser raises for want of memory
        yield load_error(error)
        return
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(getattr(__future__, alias.name, None), "compiler_flag", 0)
    for node in tree.body:
        try:
            statement = ast.Module(body=[node], type_ignores=[])
            exec(compile(statement, name, "exec", flags=flags, dont_inherit=True), namespace)
        except (SystemExit, KeyboardInterrupt) as error:
            yield load_error(error)
            return
        except BaseException as error:
            yield load_error(error)


def _module_name(name: str) -> str:
    stem = PurePath(name).stem or "submission"
    # A file called torch.py must not replace torch.
    return f"submission_{stem}" if stem in sys.modules or stem in sys.stdlib_module_names else stem


def load_notebook(cells: list[str]) -> Loaded:
    """Run a notebook's code cells; one that fails does not stop the next."""
    try:
        from backproof.sandbox.shell import make_shell
    except ImportError:
        return Loaded({}, (NO_IPYTHON,), lambda: None)
    before = sys.modules.get("__main__")
    shell = make_shell()

    def undo() -> None:
        # A shell installs its namespace as __main__.
        if before is not None:
            sys.modules["__main__"] = before

    return load_more(Loaded(shell.user_ns, (), undo, shell), cells)


def load_more(loaded: Loaded, cells: list[str]) -> Loaded:
    """Run further cells of a notebook in its shell."""
    if loaded.shell is None:
        return loaded
    errors = list(loaded.errors)
    for number, cell in enumerate(cells, start=loaded.cells + 1):
        error = loaded.shell.run_numbered(number, cell)
        if error is not None:
            errors.append(load_error(error))
    return replace(loaded, errors=tuple(errors), cells=loaded.cells + len(cells))
