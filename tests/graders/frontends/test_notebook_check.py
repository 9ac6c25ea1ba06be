"""`backproof.check` in a notebook's marking cell."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

import backproof
from backproof.frontends.notebook import NotYetRight, SelfCheckError
from backproof.loading import load_released, render_solution
from backproof.model import Assignment, Curves, Picture
from backproof.sandbox import worker

Notebook = Callable[..., None]


@pytest.fixture
def folder(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with public cases, in which the notebook runs."""
    released = repository / "assignments" / "first_layers" / "release"
    (tmp_path / "public_cases.json").write_bytes((released / "public_cases.json").read_bytes())
    (tmp_path / "first_layers.py").write_bytes((released / "first_layers.py").read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def notebook(folder: Path, first_layers: Assignment, monkeypatch: pytest.MonkeyPatch) -> Notebook:
    """Run code as the cells of a notebook: the right solution, or one with a mutant in it."""

    def run(mutant: str = "", stub: bool = False, more: str = "") -> None:
        main = ModuleType("__main__")
        asks = [ask for problem in first_layers.problems for ask in problem.asks]
        known = {m.id: m for problem in first_layers.problems for m in problem.mutants}
        code = render_solution(asks, replacing=known.get(mutant))
        if stub:
            code = (folder / "first_layers.py").read_text()
        exec(compile(f"{code}\n{more}", "cell", "exec"), vars(main))
        monkeypatch.setitem(sys.modules, "__main__", main)

    return run


def test_a_right_question_says_so(notebook: Notebook, capsys: pytest.CaptureFixture[str]) -> None:
    """One line, and no exception."""
    notebook()
    backproof.check("3.1a")
    assert capsys.readouterr().out == "3.1a: all public checks pass\n"


def test_a_wrong_question_is_explained_in_five_parts(notebook: Notebook) -> None:
    """The known misconception and the public expected value are among them."""
    notebook(mutant="detached_mean")
    with pytest.raises(NotYetRight) as caught:
        backproof.check("3.1a")

    text = str(caught.value)
    assert text.startswith("3.1a: not right yet\n\n  checked:")
    for part in ("checked:", "yours:", "expected:", "likely cause:", "read:", "here:"):
        assert text.count(f"  {part}") == 1  # float32 fails for the same reason: said once
    assert "treats the mean as a constant" in text
    assert "dx[0, 1] should be 0.356831716" in text


def test_an_unwritten_function_is_called_so(notebook: Notebook) -> None:
    """No exception type, no frame: there is nothing to explain yet."""
    notebook(stub=True)
    with pytest.raises(NotYetRight, match="`batchnorm_forward` is not written yet") as caught:
        backproof.check("3.1")

    assert "NotImplementedError" not in str(caught.value)


def test_the_functions_are_those_of_the_moment(
    notebook: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    """A cell that is run again counts."""
    notebook(stub=True)
    with pytest.raises(NotYetRight):
        backproof.check("2.1")
    notebook()
    backproof.check("2.1")
    assert "all public checks pass" in capsys.readouterr().out


def test_typed_answers_are_recorded_and_not_judged(
    notebook: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever can be read, right or wrong, gets the same words: how it was read."""
    notebook(more="tikhonov_factor = '1/p*p'")
    backproof.check("1.3")
    assert capsys.readouterr().out == (
        "1.3: tikhonov_factor: your answer is '1/p*p', read as 1/p*p; "
        "judged when your homework is graded\n"
        "  w_from_w_hat: your answer is 'p*w_hat', read as p*w_hat; "
        "judged when your homework is graded\n"
    )


def test_a_typed_answer_that_cannot_be_read_is_named(notebook: Notebook) -> None:
    """In time to mend it: what is wrong with the spelling, and where."""
    notebook(more="tikhonov_factor = 'sqrt(1-q)'")
    with pytest.raises(NotYetRight, match="unknown name `q`"):
        backproof.check("1.3")


def test_an_empty_typed_answer_is_named(notebook: Notebook) -> None:
    """A blank that was overlooked is what the self-check can see."""
    notebook(more="w_from_w_hat = ' '")
    with pytest.raises(NotYetRight, match="w_from_w_hat: no answer was typed"):
        backproof.check("1.3")


def test_a_question_does_not_wait_for_later_ones(
    notebook: Notebook, capsys: pytest.CaptureFixture[str]
) -> None:
    """The forward pass is right, although the gradients are not written."""
    notebook(more="def batchnorm_backward(dout, cache):\n    raise NotImplementedError")
    backproof.check("3.1")
    assert capsys.readouterr().out == "3.1: all public checks pass\n"


def test_an_unknown_number_names_the_known_ones(notebook: Notebook) -> None:
    """A typing error in the cell is not taken for a wrong solution."""
    notebook()
    with pytest.raises(SelfCheckError, match=r"no question '3.1x'; it has 1.1, 1.2.*3.1d"):
        backproof.check("3.1x")


def test_damaged_public_cases_are_named(folder: Path, notebook: Notebook) -> None:
    """The student is told what to do about it."""
    notebook()
    (folder / "public_cases.json").write_text(json.dumps({"schema": "else"}))
    with pytest.raises(SelfCheckError, match="'else'"):
        backproof.check("1.1")


def test_elsewhere_the_cell_fails_and_says_where_to_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without public cases a marking cell must not look as if it had passed."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SelfCheckError, match=r"no public_cases\.json"):
        backproof.check("1.1")


def test_nothing_is_checked_while_grading(
    notebook: Notebook, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A student's own call inside a graded notebook costs no time and no marks."""
    monkeypatch.setattr(worker, "ACTIVE", True)
    notebook(mutant="detached_mean")
    backproof.check("3.1a")
    assert capsys.readouterr().out == "backproof: no self-check while this is being graded\n"


def test_ipython_shows_the_explanation_without_a_traceback(folder: Path) -> None:
    """The cell fails, for nbgrader's Validate, and still reads like a sentence."""
    (folder / "cells.ipy").write_text(
        'exec(open("first_layers.py").read())\nimport backproof\nbackproof.check("3.1a")\n'
    )
    done = subprocess.run(
        [sys.executable, "-m", "IPython", "--colors=NoColor", "cells.ipy"],
        capture_output=True,
        text=True,
        env=os.environ | {"IPYTHONDIR": str(folder / "ipython")},
        timeout=120,
        check=False,
    )
    shown = done.stdout + done.stderr

    assert "3.1a: not right yet\n\n  checked:        dx is the gradient" in shown
    assert "Traceback" not in shown
    assert "selfcheck.py" not in shown


def test_a_log_is_drawn_in_the_notebook_right_or_wrong(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Training curves stand above what is said of them."""
    released = repository / "assignments" / "coms573_hw5" / "release" / "public_cases.json"
    (tmp_path / "public_cases.json").write_bytes(released.read_bytes())
    monkeypatch.chdir(tmp_path)
    seen: list[Picture] = []
    monkeypatch.setattr("backproof.frontends.notebook._show", seen.extend)
    homework = load_released(released)
    question = next(
        q.number
        for q in homework.questions
        if q.problem.name == "training_report" and q.key == "base"
    )
    for last in (81.0, 181.0):
        main = ModuleType("__main__")
        report = {
            "sizes": (1000, 100),
            "base_log": [[40.0, 38.0], [60.0, 55.0], [last, 61.0]],
            "base_gap": 20.0,
        }
        rest = ("log", "gap", "train", "test")
        names = [f"{run}_{what}" for run in ("batchnorm", "dropout") for what in rest]
        answer = report | dict.fromkeys(names)
        vars(main)["training_report"] = lambda answer=answer: answer
        vars(main)["base_words"] = "Three epochs of SGD; the gap grows, so it overfits."
        monkeypatch.setitem(sys.modules, "__main__", main)
        seen.clear()
        if last <= 100:
            backproof.check(question)
        else:
            with pytest.raises(NotYetRight, match="base_log"):
                backproof.check(question)

        (curves,) = (picture for picture in seen if isinstance(picture, Curves))
        assert curves.lines[0].y == (40.0, 60.0, last)
