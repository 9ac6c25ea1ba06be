"""The IPython shell that runs a notebook's cells: no history, no terminal, no commands."""

from __future__ import annotations

from typing import Any

from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type
from traitlets.config import Config


class _CellCompiler(CachingCompiler):
    """Names code after its cell, so that a traceback says "cell 3, line 2"."""

    cell = "cell"

    def get_code_name(self, raw_code: str, transformed_code: str, number: int) -> str:
        return self.cell


class GradingShell(InteractiveShell):
    """A shell in which nothing but Python can happen."""

    compile: _CellCompiler
    compiler_class = Type(_CellCompiler)

    def init_magics(self) -> None:
        """Keep every magic but `%matplotlib`, whose back ends need a kernel."""
        super().init_magics()  # type: ignore[no-untyped-call]

        def matplotlib(line: str) -> None:
            """`%matplotlib inline` often shares its cell with definitions: never stop them."""

        self.magics_manager.register_function(matplotlib, magic_kind="line")

    def run_numbered(self, number: int, cell: str) -> BaseException | None:
        """Run one cell and return what it raised."""
        self.compile.cell = f"cell {number}"
        result = self.run_cell(cell, store_history=False)  # type: ignore[no-untyped-call]
        error: BaseException | None = result.error_before_exec or result.error_in_exec
        return error

    def enable_gui(self, gui: str | None = None) -> None:
        """A plotting back end may ask for an event loop: there is none, and that is no error."""

    def system(self, cmd: str) -> None:
        """`!pip install ..` above the imports must not cost the rest of its cell."""
        print(f"(not run while grading: {cmd})")

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> Any:
        """`files = !ls` finds nothing."""
        self.system(cmd)
        return [] if split else ""

    def showtraceback(self, *args: Any, **kwargs: Any) -> None:
        """Errors are reported by the grader, with the student's own frames only."""

    def showsyntaxerror(self, *args: Any, **kwargs: Any) -> None:
        """See `showtraceback`."""


def make_shell() -> GradingShell:
    """The shell of this process, without history and colours."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    if InteractiveShell.initialized():
        return GradingShell(config=config)  # type: ignore[no-untyped-call]
    # The singleton is what `from IPython import get_ipython` looks for.
    shell: GradingShell = GradingShell.instance(config=config)
    return shell
