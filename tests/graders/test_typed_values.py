"""What counts as a typed answer when it is no text."""

import numpy as np
import pytest
from numpy.typing import NDArray

from backproof.judging import MOST_ENTRIES, typed_text
from backproof.model import (
    AnswerField,
    ChoiceField,
    FormulaField,
    NumberField,
    TextField,
    Value,
    Vocabulary,
)

MATRIX = FormulaField(vocabulary=Vocabulary())
OTHERS = (NumberField(), ChoiceField(), TextField())


def _array(array: NDArray[np.generic]) -> Value:
    return Value(form="array", array=array, dtype=str(array.dtype))


@pytest.mark.parametrize(
    ("array", "text"),
    [
        (np.array([[1.0, 0.5], [0.25, -2.0]]), "[[1, 0.5], [0.25, -2]]"),
        (np.array([[1, 2, 3]]), "[[1, 2, 3]]"),
        (np.array([[0.1 + 0.2], [1 / 3]]), "[[0.3], [0.3333333333333]]"),
        (np.array([[3.5]]), "3.5"),
        (np.array(7), "7"),
    ],
)
def test_a_matrix_of_numbers_is_read_like_a_typed_one(
    array: NDArray[np.generic], text: str
) -> None:
    """A list of rows without quotes, an array or a tensor is a matrix where a formula may be one."""
    assert typed_text(_array(array), MATRIX) == text


@pytest.mark.parametrize("field", OTHERS, ids=lambda field: type(field).__name__)
def test_a_matrix_is_no_answer_where_a_number_or_words_are_due(field: AnswerField) -> None:
    """Several numbers are not one of them, and say nothing in words."""
    assert typed_text(_array(np.ones((2, 2))), field) is None


@pytest.mark.parametrize(
    "array",
    [
        np.ones(3),
        np.ones((2, 2, 2)),
        np.ones((0, 2)),
        np.ones((2, MOST_ENTRIES)),
        np.array([["a", "b"]]),
        np.array([[1j, 2]]),
    ],
    ids=str,
)
def test_other_arrays_are_no_typed_answers(array: NDArray[np.generic]) -> None:
    """Rows, stacks, empty and large tables, and what is no real number."""
    assert typed_text(_array(array), MATRIX) is None


def test_a_text_is_taken_as_it_is() -> None:
    """Whatever the field is."""
    assert typed_text(Value(form="text", text="p^2", array=None), OTHERS[0]) == "p^2"
