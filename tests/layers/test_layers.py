"""The architecture: who may import whom, no cycles, nothing too long."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOTS = {
    "backproof": Path("graders/backproof"),
    "backproof_reference": Path("reference/backproof_reference"),
}

ALLOWED = {
    # layer: the layers below it that it may import
    "model": set(),
    "tensors": {"model"},
    "answers": {"model"},
    "loading": {"model"},
    "sandbox": {"model"},
    "answer_key": {"model", "tensors", "loading", "sandbox"},
    "fence": {"model", "answers"},
    "judging": {"model", "tensors", "answers", "fence"},
    "rules": {"model", "loading", "judging"},
    "grading": {"model", "rules", "tensors", "answer_key", "judging"},
    "intake": {"model", "loading"},
    "similarity": {"model"},
    "reporting": {"model"},
    "batch": {"model", "loading", "sandbox", "answer_key", "grading", "reporting"},
    "audit": {
        "model", "tensors", "answers", "loading", "sandbox", "answer_key", "fence", "judging",
        "grading",
    },
    "authoring": {"model", "loading", "answer_key", "grading", "reporting", "tensors"},
    "frontends": {
        "model", "loading", "sandbox", "answer_key", "grading", "reporting", "audit", "authoring",
        "tensors", "answers", "fence", "batch", "intake", "similarity",
    },
}  # fmt: skip
MAX_LINES = 400
MAX_FUNCTION_LINES = 60


def modules(repository: Path, package: str) -> Iterator[tuple[str, Path]]:
    root = repository / ROOTS[package]
    for path in sorted(root.rglob("*.py")):
        parts = (package, *path.relative_to(root).with_suffix("").parts)
        yield ".".join(parts).removesuffix(".__init__"), path


def imports(path: Path) -> Iterator[str]:
    """Names of modules that a module imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: relative import"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def needed_modules(path: Path, known: dict[str, Path]) -> set[str]:
    """The modules that must exist before this one: `from package import module` needs the module."""
    needed = set()
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                needed.add(full if full in known else node.module)
        elif isinstance(node, ast.Import):
            needed |= {alias.name for alias in node.names}
    return needed & known.keys()


def layer(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def test_each_layer_imports_only_the_layers_below_it(repository: Path) -> None:
    """The layers of the design hold for every import, lazy ones included."""
    for module, path in modules(repository, "backproof"):
        for name in imports(path):
            if name.startswith("backproof.") and layer(module) and layer(name) != layer(module):
                assert layer(name) in ALLOWED[layer(module)], f"{module} imports {name}"


def test_graders_and_reference_never_import_each_other(repository: Path) -> None:
    """The two distributions only meet in the problems of the bank."""
    for package, other in (
        ("backproof", "backproof_reference"),
        ("backproof_reference", "backproof"),
    ):
        for module, path in modules(repository, package):
            for name in imports(path):
                assert name.split(".")[0] != other, f"{module} imports {name}"


def test_the_students_process_imports_nothing_that_knows_an_answer(repository: Path) -> None:
    """Whatever the sandbox imports, it is the sandbox or the model."""
    for module, path in modules(repository, "backproof"):
        if layer(module) == "sandbox":
            ours = {layer(name) for name in imports(path) if name.startswith("backproof.")}
            assert ours <= {"sandbox", "model"}, f"{module} imports {ours}"


@pytest.mark.parametrize("package", ROOTS)
def test_there_is_no_import_cycle(repository: Path, package: str) -> None:
    """Modules can be read in an order in which everything used has been read before."""
    known = dict(modules(repository, package))
    graph = {module: needed_modules(path, known) - {module} for module, path in known.items()}
    done: set[str] = set()
    while ready := {m for m, needs in graph.items() if m not in done and needs <= done}:
        done |= ready

    assert done == graph.keys(), f"cycle among {sorted(graph.keys() - done)}"


@pytest.mark.parametrize("package", ROOTS)
def test_modules_and_functions_stay_short(repository: Path, package: str) -> None:
    """No module over 400 lines, no function over 60."""
    for module, path in modules(repository, package):
        text = path.read_text()
        assert len(text.splitlines()) <= MAX_LINES, module
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno:
                assert node.end_lineno - node.lineno < MAX_FUNCTION_LINES, f"{module}.{node.name}"


def test_the_cycle_test_can_fail() -> None:
    """A module that imports itself through another one is found (the test of the test)."""
    graph = {"a": {"b"}, "b": {"a"}, "c": set()}
    done: set[str] = set()
    while ready := {m for m, needs in graph.items() if m not in done and needs <= done}:
        done |= ready

    assert done == {"c"}
