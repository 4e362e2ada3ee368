"""JSON schemas of request models (pydantic) and of responses (dataclasses)."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Sequence
from typing import Any, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from chalicelib.api.serialize import ResponseBody, is_required, json_name, make_dataclass

Json = dict[str, Any]
SCHEMA_REF = "#/components/schemas/{model}"


def schemas_of(models: Sequence[type[Any]]) -> Json:
    """Return {name: schema} of models and of all that they contain."""
    _make_all(ResponseBody)
    adapters: list[tuple[str, Literal["validation"], TypeAdapter[Any]]] = [
        (model.__name__, "validation", TypeAdapter(model)) for model in models
    ]
    _, found = TypeAdapter.json_schemas(adapters, ref_template=SCHEMA_REF, schema_generator=_Schemas)
    return {name: _without_titles(schema) for name, schema in found["$defs"].items()}


def _make_all(kind: type) -> None:
    """Make dataclasses of all responses: pydantic reads them as such."""
    subclasses: list[type] = kind.__subclasses__()
    for one in subclasses:
        make_dataclass(one)
        _make_all(one)


class _Schemas(GenerateJsonSchema):
    """Describes a response by its docstring, requires all fields that are always there, and names them as in JSON."""

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> Json:
        made, cls = super().dataclass_schema(schema), schema["cls"]
        fields = dataclasses.fields(cls)
        made["properties"] = {json_name(name): one for name, one in made.get("properties", {}).items()}
        made.pop("required", None)
        if required := [json_name(field.name) for field in fields if is_required(field)]:
            made["required"] = required
        doc = cls.__doc__ or ""
        if not doc.startswith(f"{cls.__name__}("):  # what a dataclass without a docstring gets
            made["description"] = inspect.cleandoc(doc)
        return made


def _without_titles(schema: Any) -> Any:
    """Leave out titles, which repeat names, and defaults, which a merge patch does not have."""
    if isinstance(schema, list):
        return [_without_titles(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    fields = schema.get("properties", {})
    kept = {name: _without_titles(value) for name, value in schema.items() if name not in ("title", "default", "properties")}
    if fields:
        kept["properties"] = {name: _without_titles(value) for name, value in fields.items()}
    return kept
