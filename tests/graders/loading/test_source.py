"""Stubs and solutions from the reference's syntax tree."""

import ast
import inspect
from dataclasses import replace

import pytest

from backproof.loading import render_solution, render_stub
from backproof.model import (
    AnswerAsk,
    Assignment,
    BackproofError,
    ClassAsk,
    FormulaField,
    FunctionAsk,
    Mutant,
    Vocabulary,
)
from backproof_reference import conv, dropout, lenet


def test_a_stub_is_signature_and_docstring_only() -> None:
    """Nothing of the body survives, and calling the stub says what to do."""
    imports, code = render_stub(FunctionAsk(reference=conv.conv1d_weight_grad))
    (function,) = ast.parse(code).body

    assert isinstance(function, ast.FunctionDef)
    assert ast.get_docstring(function) == inspect.getdoc(conv.conv1d_weight_grad)
    assert len(function.body) == 2
    assert "yours to write" in code
    assert "unfold" not in code
    assert imports == ("import torch",)


def test_a_typed_answer_is_an_empty_string_with_its_prompt() -> None:
    """The student reads beside the blank what to type."""
    field = FormulaField(vocabulary=Vocabulary(symbols={"p": "unit"}))
    ask = AnswerAsk(name="c", prompt="c in G = c H", field=field, answer="2")
    long = replace(ask, prompt="the factor c by which G differs from H " * 3)

    assert render_stub(ask) == ((), 'c = ""  # c in G = c H: a formula in p')
    assert render_stub(long)[1].splitlines()[-1] == 'c = ""'
    assert all(len(line) < 100 for line in render_stub(long)[1].splitlines())


def test_a_solution_takes_along_the_helpers_that_it_needs() -> None:
    """Private helpers of the reference's module come with it, others do not."""
    code = render_solution([FunctionAsk(reference=dropout.expected_gram)])

    assert "def _require_probability" in code
    assert "def ridge_rescaling" not in code
    compile(code, "solution", "exec")


def test_an_edit_that_no_longer_fits_the_reference_is_an_error() -> None:
    """A mutant whose text is gone would silently test nothing."""
    ask = FunctionAsk(reference=dropout.expected_gram)
    mutant = Mutant(
        id="m", of="expected_gram", misconception="", killed_by=(), edit=("no such text", "")
    )

    with pytest.raises(BackproofError, match="occurs 0 times"):
        render_solution([ask], replacing=mutant)


def test_every_solution_and_mutant_of_the_homework_compiles(first_layers: Assignment) -> None:
    """Rendered sources are Python."""
    for problem in first_layers.problems:
        compile(render_solution(problem.asks), problem.name, "exec")
        for mutant in problem.mutants:
            compile(render_solution(problem.asks, replacing=mutant), mutant.id, "exec")


def test_a_class_stub_is_its_signatures_and_docstrings() -> None:
    """Method bodies, comments and the reference's own helpers do not survive."""
    imports, code = render_stub(ClassAsk(reference=lenet.LeNet5))
    (node,) = ast.parse(code).body

    assert isinstance(node, ast.ClassDef)
    assert ast.get_docstring(node) == inspect.getdoc(lenet.LeNet5)
    assert [part.name for part in node.body if isinstance(part, ast.FunctionDef)] == [
        "__init__",
        "forward",
    ]
    assert "Logits of the ten classes." in code
    assert "conv1" not in code
    assert code.count("yours to write") == 2
    assert imports == ("import torch", "from torch import nn")


class Counter:
    """Counts."""

    def __init__(self, start: int = 0) -> None:
        # a secret of the solution
        self.count = self._checked(start)

    def _checked(self, start: int) -> int:
        return start


def test_comments_and_helpers_stay_out_of_a_class_stub() -> None:
    """Even where a method has no docstring to end at."""
    _, code = render_stub(ClassAsk(reference=Counter))

    assert code.splitlines()[3:] == [
        "    def __init__(self, start: int = 0) -> None:",
        '        raise NotImplementedError("Counter.__init__: yours to write")',
    ]


def test_a_class_under_a_function_ask_is_an_error() -> None:
    """The author reads which of the two to use."""
    with pytest.raises(BackproofError, match="use ClassAsk"):
        render_stub(FunctionAsk(reference=Counter))
    with pytest.raises(BackproofError, match="use FunctionAsk"):
        render_stub(ClassAsk(reference=conv.conv1d_weight_grad))
