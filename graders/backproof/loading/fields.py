"""Fields of typed answers as plain data: a release says what may be typed, never what is right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from typing import Any

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
)

_KINDS: Mapping[str, type[AnswerField]] = {
    "formula": FormulaField,
    "number": NumberField,
    "quantity": QuantityField,
    "choice": ChoiceField,
    "text": TextField,
}


def pack_field(field: AnswerField) -> dict[str, Any]:
    """A field as JSON data. Critical points stay with the course: they would say where to look."""
    kind = next(name for name, type_ in _KINDS.items() if isinstance(field, type_))
    match field:
        case FormulaField():
            return {
                "kind": kind,
                "form": field.form.value,
                "labels": list(field.labels),
                "vocabulary": _pack_vocabulary(field.vocabulary),
            }
        case NumberField():
            return {"kind": kind, "demand": _pack_demand(field.demand), "domain": field.domain}
        case QuantityField():
            return {"kind": kind, "demand": _pack_demand(field.demand)}
        case ChoiceField():
            return {"kind": kind, "options": list(field.options), "several": field.several}
        case TextField():
            return {"kind": kind}


def unpack_field(packed: Mapping[str, Any]) -> AnswerField:
    """The field that `pack_field` made this data of.

    Raises:
        KeyError, ValueError, TypeError: it did not.
    """
    match packed["kind"]:
        case "formula":
            return FormulaField(
                form=Form(packed["form"]),
                labels=tuple(packed["labels"]),
                vocabulary=_unpack_vocabulary(packed["vocabulary"]),
            )
        case "number":
            return NumberField(demand=_unpack_demand(packed["demand"]), domain=packed["domain"])
        case "quantity":
            return QuantityField(demand=_unpack_demand(packed["demand"]))
        case "choice":
            return ChoiceField(options=tuple(packed["options"]), several=packed["several"])
        case "text":
            return TextField()
        case other:
            raise ValueError(f"unknown kind of typed answer {other!r}")


def _pack_demand(demand: NumberDemand) -> dict[str, Any]:
    return {n: str(v) if isinstance(v, Fraction) else v for n, v in asdict(demand).items()}


def _unpack_demand(packed: Mapping[str, Any]) -> NumberDemand:
    exact = {n: packed[n] and Fraction(packed[n]) for n in ("relative", "absolute")}
    return NumberDemand(**{**packed, **exact})


def _pack_vocabulary(words: Vocabulary) -> dict[str, Any]:
    packed = {
        "symbols": dict(words.symbols),
        "definitions": dict(words.definitions),
        "matrices": [
            {"name": m.name, "shape": list(m.shape), "properties": sorted(m.properties)}
            for m in words.matrices
        ],
        "arrays": [{"name": a.name, "shape": list(a.shape), "base": a.base} for a in words.arrays],
        "indices": [asdict(index) for index in words.indices],
        "constraints": list(words.constraints),
        "aliases": dict(words.aliases),
        "allow_complex": words.allow_complex,
    }
    packed = {name: value for name, value in packed.items() if value}
    if words.functions != Vocabulary().functions:
        packed["functions"] = sorted(words.functions)
    return packed


def _unpack_vocabulary(packed: Mapping[str, Any]) -> Vocabulary:
    matrices = (
        MatrixSymbol(
            name=m["name"],
            shape=(m["shape"][0], m["shape"][1]),
            properties=frozenset(map(Property, m["properties"])),
        )
        for m in packed.get("matrices", ())
    )
    arrays = (
        ArraySymbol(name=a["name"], shape=tuple(a["shape"]), base=a["base"])
        for a in packed.get("arrays", ())
    )
    return Vocabulary(
        symbols=packed.get("symbols", {}),
        definitions=packed.get("definitions", {}),
        matrices=tuple(matrices),
        arrays=tuple(arrays),
        indices=tuple(IndexSymbol(**index) for index in packed.get("indices", ())),
        constraints=tuple(packed.get("constraints", ())),
        aliases=packed.get("aliases", {}),
        functions=frozenset(packed.get("functions", Vocabulary().functions)),
        allow_complex=packed.get("allow_complex", False),
    )
