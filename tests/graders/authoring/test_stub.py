"""The student's module."""

import ast
from dataclasses import replace
from typing import Any

import pytest
import torch

from backproof.authoring.stub import asks_by_question, render_imports, render_module
from backproof.model import Ask, Assignment, BackproofError, FunctionAsk


@pytest.fixture(scope="module")
def module(first_layers: Assignment) -> str:
    return render_module(first_layers)


@pytest.fixture(scope="module")
def loaded(module: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {}
    exec(compile(module, "first_layers.py", "exec"), namespace)
    return namespace


def asked(assignment: Assignment) -> list[Ask]:
    """What the questions of a homework ask for: not every part of their problems."""
    return [ask for _, asks in asks_by_question(assignment) for ask in asks]


def test_every_ask_stands_in_the_module_once(first_layers: Assignment, module: str) -> None:
    """A function that several questions use is asked for by the first of them."""
    defined = [
        node.name if isinstance(node, ast.FunctionDef) else node.targets[0].id
        for node in ast.parse(module).body
        if isinstance(node, ast.FunctionDef | ast.Assign)
    ]

    assert sorted(defined) == sorted(ask.name for ask in asked(first_layers))


def test_functions_are_yours_to_write_and_answers_empty(
    first_layers: Assignment, loaded: dict[str, Any]
) -> None:
    """The module runs; its functions raise, its typed answers are blank."""
    for ask in asked(first_layers):
        if isinstance(ask, FunctionAsk):
            arguments = [None] * loaded[ask.name].__code__.co_argcount
            with pytest.raises(NotImplementedError, match="yours to write"):
                loaded[ask.name](*arguments)
        else:
            assert loaded[ask.name] == ""


def test_a_backward_function_is_asked_for_where_it_is_marked_first(
    first_layers: Assignment,
) -> None:
    """A check of the forward pass that waits for the gradients does not drag them along."""
    asked = {q.number: [ask.name for ask in asks] for q, asks in asks_by_question(first_layers)}

    assert asked["3.1"] == ["batchnorm_forward"]
    assert asked["3.1a"] == ["batchnorm_backward"]
    assert asked["3.1b"] == []


def test_question_headings_carry_number_title_and_points(module: str) -> None:
    """A student finds each question of the sheet again."""
    assert "# --- 3.1a The gradient with respect to the input (4 points) ---" in module
    assert "# --- 2.3 The gradient with respect to the bias (1 point) ---" in module


def test_what_a_cache_holds_is_left_to_the_student(module: str) -> None:
    """The reference's own type of its cache does not appear."""
    assert "-> tuple[torch.Tensor, Any]:" in module
    assert "Cache" not in module


def test_torch_is_always_imported_and_each_import_stands_once(first_layers: Assignment) -> None:
    """A homework of typed answers alone still starts with torch at hand."""
    every = [ask for problem in first_layers.problems for ask in problem.asks]

    assert render_imports([]) == "import torch"
    assert render_imports(every) == "from typing import Any\n\nimport torch"


def test_no_line_is_too_long(module: str) -> None:
    """The module is readable in half a screen."""
    assert max(map(len, module.splitlines())) <= 100


def twice(values: torch.Tensor) -> torch.Tensor:
    """Twice the values."""
    return 2 * values


def test_two_problems_may_not_ask_for_one_name(first_layers: Assignment) -> None:
    """One module can hold one function of a name: the message names both problems."""
    first, *_, last = first_layers.questions
    doubled = [
        replace(question, problem=replace(question.problem, asks=(FunctionAsk(reference=twice),)))
        for question in (first, last)
    ]

    with pytest.raises(BackproofError, match=r"'dropout_tikhonov' and 'batchnorm' both.*'twice'"):
        asks_by_question(replace(first_layers, questions=tuple(doubled)))
