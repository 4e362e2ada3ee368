"""Composes an example of a schema from the examples of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
_REF = "#/components/schemas/"
_FORMATS = {"date-time": "2026-06-04T14:00:00.000Z", "date": "2026-06-04", "email": "sam@example.com"}
_NUMBER = 2


def sample_of(schema: Json, schemas: Mapping[str, Json]) -> Any:
    """Return an example of a schema: its own, or one made of its parts. Raises KeyError where a text has none."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return sample_of(schemas[schema["$ref"].removeprefix(_REF)], schemas)
    if branches := schema.get("anyOf", schema.get("oneOf")):
        return sample_of(next(one for one in branches if one.get("type") != "null"), schemas)
    if "properties" in schema:
        return {name: sample_of(one, schemas) for name, one in schema["properties"].items()}
    return _of_type(schema, schemas)


def _of_type(schema: Json, schemas: Mapping[str, Json]) -> Any:
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if kind == "array":
        return [sample_of(schema["items"], schemas)]
    if kind == "boolean":
        return True
    if kind in ("integer", "number"):
        return min(max(_NUMBER, schema.get("minimum", _NUMBER)), schema.get("maximum", _NUMBER))
    return {} if kind == "object" else _FORMATS[schema["format"]]


def leads_to_object(schema: Json, schemas: Mapping[str, Json]) -> bool:
    """Return whether a schema is an object of a model, or a list of such: its example is made of that model's fields."""
    if "$ref" in schema:
        named = schemas[schema["$ref"].removeprefix(_REF)]
        return "properties" in named or leads_to_object(named, schemas)
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ())] + ([schema["items"]] if "items" in schema else [])
    return any(leads_to_object(one, schemas) for one in parts)
