"""The JSON Schema of the JSON report, read off the model: it cannot be out of date."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from backproof.model import Report
from backproof.reporting.jsonreport import SCHEMA

_PLAIN = {str: "string", bool: "boolean", int: "integer", type(None): "null"}
_INFINITE = ("inf", "-inf", "nan")


def report_schema() -> dict[str, Any]:
    """The schema of what `backproof grade --json` writes (draft 2020-12)."""
    definitions: dict[str, Any] = {}
    report = _schema(Report, definitions)
    for name in ("points", "max_points", "waiting"):
        definitions["Report"]["properties"][name] = {"type": "number"}
        definitions["Report"]["required"].append(name)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Reports of backproof grade",
        "type": "object",
        "properties": {
            "schema": {"const": SCHEMA},
            "complete": {"type": "boolean"},
            "reports": {"type": "array", "items": report},
        },
        "required": ["schema", "complete", "reports"],
        "$defs": dict(sorted(definitions.items())),
    }


def _schema(of: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    origin, arguments = get_origin(of), get_args(of)
    if of in _PLAIN:
        return {"type": _PLAIN[of]}
    if of is float:  # JSON has no infinity: it is written as its name
        return {"anyOf": [{"type": "number"}, {"enum": list(_INFINITE)}]}
    if origin in (Union, types.UnionType):
        return {"anyOf": [_schema(one, definitions) for one in arguments]}
    if origin is tuple:
        return _tuple(arguments, definitions)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(arguments[1], definitions)}
    if isinstance(of, type) and issubclass(of, Enum):
        return {"enum": [member.value for member in of]}
    if origin is Literal:
        return {"enum": list(arguments)}
    if dataclasses.is_dataclass(of):
        return _object(of, definitions)
    raise TypeError(f"{of} has no JSON form")


def _tuple(arguments: tuple[Any, ...], definitions: dict[str, Any]) -> dict[str, Any]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        return {"type": "array", "items": _schema(arguments[0], definitions)}
    size = len(arguments)
    items = [_schema(one, definitions) for one in arguments]
    return {"type": "array", "prefixItems": items, "minItems": size, "maxItems": size}


def _object(of: Any, definitions: dict[str, Any]) -> dict[str, Any]:
    name = of.__name__
    if name not in definitions:
        definitions[name] = {}  # before its fields, which may hold another one
        hints = get_type_hints(of)
        fields = [field.name for field in dataclasses.fields(of)]
        definitions[name] |= {
            "type": "object",
            "properties": {field: _schema(hints[field], definitions) for field in fields},
            "required": fields,
            "additionalProperties": False,
        }
    return {"$ref": f"#/$defs/{name}"}
