"""Automatic one-edit mutants of a reference: which there are, and that their names are stable."""

import ast

import pytest

from backproof import AnswerAsk, ChoiceField, FormulaField, MatrixSymbol, NumberField, Vocabulary
from backproof.audit.edits import edits_of
from backproof.audit.formula_edits import answer_edits


def ids(
    body: str, *, alike: dict[str, tuple[str, ...]] | None = None, head: str = "f(x)"
) -> set[str]:
    """Edits of one function."""
    code = f"def {head}:\n    {body}\n"
    found = [edit.id.removeprefix("f: ") for edit in edits_of(code, {"f": alike or {}})]
    assert len(found) == len(set(found))
    return set(found)


@pytest.mark.parametrize(
    ("body", "edit"),
    [
        ("return x + y", "return x + y -> return x - y"),
        ("return x - y", "return x - y -> return y - x"),
        ("return x * y", "return x * y -> return x / y"),
        ("return x + y", "return x + y -> return x"),
        ("return x @ y", "return x @ y -> return y @ x"),
        ("return x.T @ y", "return x.T @ y -> return x @ y"),
        ("return -x * y", "return -x * y -> return x * y"),
        ("return x", "return x -> return -x"),
        ("return (x, y)", "return (x, y) -> return (y, x)"),
        ("return x > 0", "return x > 0 -> return x >= 0"),
        ("return x > 0", "return x > 0 -> return x > 1"),
        ("return x and y", "return x and y -> return x or y"),
        ("return x.sum(dim=0)", "return x.sum(dim=0) -> return x.mean(dim=0)"),
        ("return x.sum(dim=0)", "return x.sum(dim=0) -> return x.sum(dim=1)"),
        ("return x.sum(1, keepdim=True)", "return x.sum(1, keepdim=True) -> return x.sum(1)"),
        ("return x.sum(1, keepdim=True)", "x.sum(1, keepdim=True) -> return x.sum(1, keepdim=False)"),
        ("return x.amax(dim=1)", "return x.amax(dim=1) -> return x.amin(dim=1)"),
        ("return x.sqrt() + 1.5", "return x.sqrt() + 1.5 -> return x + 1.5"),
        ("return math.sqrt(x + 1)", "return math.sqrt(x + 1) -> return x + 1"),
        ("return torch.where(x, y, 0.0)", "torch.where(x, y, 0.0) -> return torch.where(y, x, 0.0)"),
        ("return x.detach() * 2.5", "return x.detach() * 2.5 -> return x * 2.5"),
        ("return x[1:n]", "return x[1:n] -> return x[1:n - 1]"),
        ("return x[1:n]", "return x[1:n] -> return x[:n]"),
        ("return [g(i) for i in range(n)]", "range(n)] -> [g(i) for i in range(0, n - 1)]"),
        ("return [g(i) for i in range(n)]", "range(n)] -> [g(i) for i in range(0 + 1, n)]"),
        ("return x if y else z", "return x if y else z -> return z"),
        ("x[0] = 1\n    return x", "x[0] = 1 -> nothing"),
        ("x += y\n    return x", "x += y -> x = y"),
        ("x += y\n    return x", "x += y -> x -= y"),
        ("if x:\n        y = 2\n    return y", "if x: -> y = 2"),
        ("if x:\n        y = 2\n    return y", "if x: -> nothing"),
        ("return torch.einsum('ij,jk->ik', x, y)", "einsum('ij,jk->ik', x, y) -> torch.einsum('ij,jk->ki'"),
    ],
)  # fmt: skip
def test_slips_of_the_pen_are_among_the_edits(body: str, edit: str) -> None:
    """Operators, constants, axes, dropped parts, swapped arguments, ranges and slices."""
    assert any(edit in found for found in ids(body)), ids(body)


def test_defaults_are_edited_under_their_parameters_name() -> None:
    """A wrong default is a mistake of its own."""
    assert "eps=1e-05 -> eps=0.0" in ids("return x + eps", head="f(x, eps=1e-5)")


def test_a_variable_of_the_same_shape_takes_anothers_place() -> None:
    """Where it has a value already, and where more than its size is used."""
    alike = {"x": ("y", "z"), "y": ("x", "z"), "z": ("x", "y")}
    found = ids("z = x * y\n    return z / len(x)", head="f(x, y)", alike=alike)

    assert "z = x * y -> z = y * y" in found
    assert "return z / len(x) -> return x / len(x)" in found
    assert not any("z * y" in name or "len(y)" in name for name in found)


GUARDED = '''
def _positive(n):
    """Text."""
    if n < 1:
        raise ValueError(f"at least {1}")


def f(x: int, n: int) -> int:
    """Returns 3 + 4."""
    _positive(n)
    if n > 7:
        raise ValueError("at most 7")
    return x
'''


def test_guards_annotations_and_docstrings_are_left_alone() -> None:
    """What happens to arguments outside the docstring is not graded."""
    assert [edit.id for edit in edits_of(GUARDED, {})] == ["f: return x -> return -x"]


def test_typed_answers_in_the_code_are_left_alone() -> None:
    """They are edited as formulas."""
    assert list(edits_of("c = '2*p'\n", {}, ["c"])) == []


def test_names_of_edits_do_not_change_with_what_stands_around() -> None:
    """An id is the text of the edit: lines and other functions do not enter."""
    code = "def f(x):\n    return x.sum(dim=0) / 2\n"
    moved = "import torch\n\n\ndef g(x):\n    return x\n\n\n# note\n" + code

    names = [edit.id for edit in edits_of(code, {})]
    assert names == [edit.id for edit in edits_of(moved, {}) if edit.scope == "f"]


def test_the_same_text_at_two_places_is_told_apart() -> None:
    """The second one gets a number."""
    code = "def f(x):\n    y = g(x)\n    if x:\n        y = g(x)\n    return y\n"
    names = [edit.id for edit in edits_of(code, {})]

    assert "f: y = g(x) -> y = x" in names
    assert "f: y = g(x) -> y = x (2)" in names


def test_every_edit_is_a_module_that_differs_in_one_function() -> None:
    """The code of an edit parses, and the rest of the solution is as it was."""
    code = "A = 2.0\n\n\ndef f(x):\n    return x[:, 0] * A\n\n\ndef g(x):\n    return f(x) + 1\n"
    edits = list(edits_of(code, {}))

    assert {edit.scope for edit in edits} == {"A", "f", "g"}
    right = {ast.unparse(node) for node in ast.parse(code).body}
    for edit in edits:
        assert len({ast.unparse(node) for node in ast.parse(edit.code).body} - right) == 1
    assert len({edit.code for edit in edits}) == len(edits)


def test_what_a_star_unpacks_is_left_whole() -> None:
    """It has no sign of its own, and a range's ends do not stand there; its neighbours are edited."""
    code = (
        "def f(x, *a, **k):\n    for i in range(*a):\n        x = g(*a, x, **k)\n"
        "    return *a, x, *[*a, x]\n"
    )
    edits = list(edits_of(code, {}))

    for edit in edits:
        ast.parse(edit.code)
    found = {edit.id.partition(" -> ")[2] for edit in edits}
    assert {"return (*a, -x, *[*a, x])", "return (x, *a, *[*a, x])", "x = g(x, *a, **k)"} <= found
    assert not any("-*" in edit.code or "- *" in edit.code for edit in edits)


def answers(answer: str, field: object) -> list[str]:
    ask = AnswerAsk(name="a", prompt="p", field=field, answer=answer)  # type: ignore[arg-type]
    return [edit.id.removeprefix("a: ") for edit in answer_edits(ask)]


def test_formulas_are_edited() -> None:
    """Signs, operators, constants, roots, names, dropped terms."""
    field = FormulaField(vocabulary=Vocabulary(symbols={"p": "unit", "q": "unit"}))
    found = answers("sqrt((1-p)/p)", field)

    assert {
        "-sqrt((1 - p)/p)", "(1 - p)/p", "sqrt((1 - p)*p)", "sqrt((1 + p)/p)", "sqrt((1 - q)/p)",
        "sqrt(1 - p)", "sqrt(1/p)", "sqrt(-p/p)", "sqrt(p/(1 - p))", "sqrt((2 - p)/p)",
    } <= set(found)  # fmt: skip


def test_matrices_are_edited() -> None:
    """Transposes, the order of a product; dividing by a matrix is no formula."""
    words = Vocabulary(
        matrices=(
            MatrixSymbol(name="X", shape=("n", "d")),
            MatrixSymbol(name="Y", shape=("n", "d")),
        )
    )
    found = answers("X.T@Y", FormulaField(vocabulary=words))

    assert {"X@Y", "Y@X.T", "Y.T@Y", "X.T@X"} <= set(found)
    assert not any("/" in text for text in found)


def test_numbers_and_choices_are_edited() -> None:
    """The neighbours of a whole number; every other option."""
    assert answers("32", NumberField()) == ["-32", "33", "31"]
    assert answers("b", ChoiceField(options=("a", "b", "c"))) == ["a", "c"]
