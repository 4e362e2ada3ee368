"""JSON schemas of request models (pydantic) and of responses (dataclasses)."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import core_schema

from chalicelib.api.serialize import ResponseBody, is_required, json_name, make_dataclass
from chalicelib.openapi.fields import said_of
from chalicelib.openapi.samples import leads_to_object, sample_of

Json = dict[str, Any]
SCHEMA_REF = "#/components/schemas/{model}"


def schemas_of(models: Sequence[type[Any]]) -> Json:
    """Return {name: schema} of models and of all that they contain."""
    _make_all(ResponseBody)
    _Schemas.classes.clear()
    adapters: list[tuple[str, Literal["validation"], TypeAdapter[Any]]] = [
        (model.__name__, "validation", TypeAdapter(model)) for model in models
    ]
    _, found = TypeAdapter.json_schemas(adapters, ref_template=SCHEMA_REF, schema_generator=_Schemas)
    schemas: Json = {name: _without_titles(schema) for name, schema in found["$defs"].items()}
    for name, schema in schemas.items():
        for field, one in schema.get("properties", {}).items():
            schema["properties"][field] = described(one, *said_of(_Schemas.classes[name], field))
    return schemas


def described(schema: Json, says: str, example: Any) -> Json:
    """Return the schema of a field with what `fields` says of it, before what its type says of itself."""
    of_type = schema.get("description", "")
    whole = says if of_type.lower() in says.lower() else f"{says} {of_type}."
    examples = {} if example is None or "examples" in schema else {"examples": [example]}
    return {**schema, **({"description": whole} if whole else {}), **examples}


def add_samples(schemas: Json) -> None:
    """Give each field an example that has none, unless its example is made of another model's fields."""
    for schema in schemas.values():
        for one in schema.get("properties", {}).values():
            if "examples" not in one and not leads_to_object(one, schemas):
                one["examples"] = [sample_of(one, schemas)]


def _make_all(kind: type) -> None:
    """Make dataclasses of all responses: pydantic reads them as such."""
    subclasses: list[type] = kind.__subclasses__()
    for one in subclasses:
        make_dataclass(one)
        _make_all(one)


class _Schemas(GenerateJsonSchema):
    """Describes a response by its docstring, requires all fields that are always there, and names them as in JSON."""

    classes: ClassVar[dict[str, type[Any]]] = {}
    """The models by their names."""

    def model_schema(self, schema: core_schema.ModelSchema) -> Json:
        self.classes[schema["cls"].__name__] = schema["cls"]
        return super().model_schema(schema)

    def dataclass_schema(self, schema: core_schema.DataclassSchema) -> Json:
        made, cls = super().dataclass_schema(schema), schema["cls"]
        self.classes[cls.__name__] = cls
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
