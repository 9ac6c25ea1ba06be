"""Runs the text of a submission: one module, or a notebook cell by cell.

Errors are recorded, not raised: what was defined before an error can still be graded.
"""

from __future__ import annotations

import linecache
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath
from types import ModuleType
from typing import Any

from backproof.sandbox.failure import load_error

NO_IPYTHON = "notebooks cannot be run here: IPython is not installed beside the grader"


@dataclass(frozen=True, slots=True)
class Loaded:
    """A submission's global names, and one line for every error met on the way.

    undo: takes back what loading changed in this process.
    """

    namespace: dict[str, Any]
    errors: tuple[str, ...]
    undo: Callable[[], None]


def load_module(name: str, text: str) -> Loaded:
    """Run a module's text as Python would on import, under the file's name."""
    module = ModuleType(_module_name(name))
    module.__file__ = name
    # Dataclasses, pickling and `typing` look a class's module up by name.
    sys.modules[module.__name__] = module
    source = text.removeprefix("\ufeff")
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    errors: tuple[str, ...] = ()
    try:
        exec(compile(source, name, "exec", dont_inherit=True), module.__dict__)
    except BaseException as error:  # includes sys.exit() at the top level
        errors = (load_error(error),)

    def undo() -> None:
        sys.modules.pop(module.__name__, None)
        linecache.cache.pop(name, None)

    return Loaded(module.__dict__, errors, undo)


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
    errors = []
    for number, cell in enumerate(cells, start=1):
        error = shell.run_numbered(number, cell)
        if error is not None:
            errors.append(load_error(error))

    def undo() -> None:
        # A shell installs its namespace as __main__.
        if before is not None:
            sys.modules["__main__"] = before

    return Loaded(shell.user_ns, tuple(errors), undo)
