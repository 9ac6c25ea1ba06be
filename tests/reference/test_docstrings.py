"""Docstrings become the text of a student's stub, so they have a fixed form."""

import ast
import importlib
import inspect

import pytest

TOPICS = [
    "activations",
    "batchnorm",
    "center_loss",
    "conv",
    "conv_variance",
    "dropout",
    "initialization",
    "mobilenet",
    "optimizer_memory",
    "pooling",
    "receptive_field",
    "regularization",
    "relu_nets",
    "softmax",
    "two_weights",
]


def public_functions():
    found = []
    for topic in TOPICS:
        module = importlib.import_module(f"backproof_reference.{topic}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                found.append(pytest.param(function, id=f"{topic}.{name}"))
    return found


@pytest.mark.parametrize("function", public_functions())
def test_every_public_function_states_its_shapes_and_its_source(function):
    """Both sections are there, with something in them."""
    sections = inspect.getdoc(function).split("\n\n")
    for title in ("Shapes:", "Source:"):
        bodies = [section for section in sections if section.startswith(title)]
        assert len(bodies) == 1, title
        assert len(bodies[0]) > len(title) + 10


@pytest.mark.parametrize("function", public_functions())
def test_every_error_a_function_raises_is_announced(function):
    """A function that raises by itself has a Raises section naming the error."""
    tree = ast.parse(inspect.getsource(function))
    raised = {node.exc.func.id for node in ast.walk(tree) if isinstance(node, ast.Raise)}
    for error in raised:
        assert f"Raises:\n    {error}:" in inspect.getdoc(function)


@pytest.mark.parametrize("function", public_functions())
def test_every_argument_and_result_is_typed(function):
    """The stub a student gets is the signature: it must say what goes in and out."""
    signature = inspect.signature(function)
    assert signature.return_annotation is not signature.empty
    assert all(p.annotation is not p.empty for p in signature.parameters.values())


@pytest.mark.parametrize("topic", TOPICS)
def test_a_topic_imports_nothing_of_ours(topic):
    """Its source is taken out and run alone during audits."""
    module = importlib.import_module(f"backproof_reference.{topic}")
    tree = ast.parse(inspect.getsource(module))
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module)
    assert names <= {"torch", "math", "typing"}
