"""A cell of a notebook that ends its process costs that cell, and no other."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("IPython")

from backproof.model import Call, Fault, Limits, Probe, Returned, Stopped, Submission
from backproof.sandbox import Isolated

DOUBLE = "def double(x):\n    return 2 * x"
EXIT = "import os\nos._exit(3)"


def probed(runner: Isolated, *cells: str, name: str = "hw.ipynb", function: str = "double"):
    """What a call comes to, twice: the second time after the first may have ended its process."""
    submission = Submission(
        name="ada", path=Path(name), digest="", cells=cells, is_notebook=name.endswith("ipynb")
    )
    probe = Probe(calls=(Call(function=function, takes=("x",), returns=("y",)),))
    inputs = {"x": np.ones(3)}
    with runner.open(submission) as session:
        return [
            session.run(probe, inputs, dtype="float64", device="cpu", strided=False)
            for _ in range(2)
        ]


def is_twice(outcome) -> bool:
    return isinstance(outcome, Returned) and bool((outcome.values["y"].array == 2).all())


@pytest.mark.parametrize("cells", [(DOUBLE, EXIT), (EXIT, DOUBLE), (EXIT, DOUBLE, EXIT, EXIT)])
def test_a_cell_that_ends_the_interpreter_costs_no_other_cell(runner: Isolated, cells) -> None:
    assert all(is_twice(outcome) for outcome in probed(runner, *cells))


def test_a_cell_that_crashes_the_interpreter_costs_no_other_cell(runner: Isolated) -> None:
    crash = "import ctypes\nctypes.string_at(0)"
    assert all(is_twice(outcome) for outcome in probed(runner, DOUBLE, crash))


def test_a_cell_that_hangs_costs_no_other_cell() -> None:
    """Not even one that holds off the interrupt."""
    hang = "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
    with Isolated(Limits(load_seconds=3)) as runner:
        assert all(is_twice(outcome) for outcome in probed(runner, hang, DOUBLE))


def test_cells_after_it_go_on_from_those_before_it(runner: Isolated) -> None:
    cells = ("factor = 2", EXIT, "def double(x):\n    return factor * x")
    assert all(is_twice(outcome) for outcome in probed(runner, *cells))


def test_a_name_that_was_to_be_made_there_is_missed_with_the_reason(runner: Isolated) -> None:
    """The student reads which cell it was, and what it did."""
    for outcome in probed(runner, "x = 1", f"{DOUBLE}\n{EXIT}"):
        assert isinstance(outcome, Stopped)
        assert outcome.fault is Fault.MISSING
        assert "cell 2" in outcome.message
        assert "left out: your code ended the interpreter (exit code 3)" in outcome.message


def test_a_call_that_ends_the_process_still_does_so(runner: Isolated) -> None:
    """Leaving out is for loading; and the next call finds the rest of the notebook again."""
    cells = (DOUBLE, EXIT, "def leave(x):\n    os._exit(4)", "import os")
    for outcome in probed(runner, *cells, function="leave"):
        assert isinstance(outcome, Stopped)
        assert outcome.fault is Fault.CRASHED
        assert "exit code 4" in outcome.message


def test_a_notebook_of_such_cells_is_given_up(runner: Isolated) -> None:
    """It must not start processes without end."""
    for outcome in probed(runner, *[EXIT] * 9, DOUBLE):
        assert isinstance(outcome, Stopped)
        assert outcome.fault is Fault.CRASHED


def test_a_module_is_no_notebook(runner: Isolated) -> None:
    """One file of text has no cells to leave out."""
    for outcome in probed(runner, f"{DOUBLE}\n{EXIT}", name="hw.py"):
        assert isinstance(outcome, Stopped)
        assert outcome.fault is Fault.CRASHED
