"""What a release says about typed answers."""

import json
from fractions import Fraction

import pytest

from backproof.loading.fields import pack_field, unpack_field
from backproof.model import (
    AnswerField,
    ArraySymbol,
    ChoiceField,
    Form,
    FormulaField,
    IndexSymbol,
    MatrixSymbol,
    NumberDemand,
    NumberField,
    Property,
    QuantityField,
    TextField,
    Vocabulary,
    describe_field,
)

WORDS = Vocabulary(
    symbols={"p": "unit", "N": "int[4, 9]", "K": "int[2, 3]"},
    definitions={"q": "1 - p"},
    matrices=(
        MatrixSymbol(name="X", shape=("n", "d"), properties=frozenset({Property.SYMMETRIC})),
    ),
    arrays=(ArraySymbol(name="x", shape=("N - K + 1",), base=1),),
    indices=(IndexSymbol(name="j", low="0", high="K - 1"),),
    constraints=("N - K",),
    aliases={"prob": "p"},
    functions=frozenset({"sqrt"}),
    allow_complex=True,
)
FIELDS = (
    FormulaField(vocabulary=WORDS, form=Form.FACTORED, labels=("c",)),
    FormulaField(vocabulary=Vocabulary()),
    NumberField(demand=NumberDemand(minimum_digits=3, relative=Fraction(1, 100)), domain="unit"),
    NumberField(demand=NumberDemand(whole=True)),
    QuantityField(demand=NumberDemand(absolute=Fraction(1, 3))),
    ChoiceField(options=("a", "b", "c"), several=True),
    TextField(),
)


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_comes_back_as_it_was(field: AnswerField) -> None:
    assert unpack_field(json.loads(json.dumps(pack_field(field)))) == field


def test_critical_points_stay_with_the_course() -> None:
    """They would say where an answer is tried."""
    field = FormulaField(vocabulary=WORDS, critical=({"p": Fraction(1, 7)},))

    assert "1/7" not in json.dumps(pack_field(field))


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind of typed answer 'essay'"):
        unpack_field({"kind": "essay"})


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (FormulaField(vocabulary=Vocabulary(symbols={"p": "unit"})), "a formula in p"),
        (FIELDS[2], "a number, 3 significant digits or more, to within 1 %"),
        (FIELDS[3], "a whole number"),
        (FIELDS[4], "a number with its unit, 2 significant digits or more, to within 0.333333"),
        (ChoiceField(), "true or false"),
        (FIELDS[5], "one or more of: a, b, c"),
        (TextField(), "a sentence or two, read by a person"),
    ],
)
def test_students_read_what_to_type(field: AnswerField, words: str) -> None:
    assert describe_field(field) == words
