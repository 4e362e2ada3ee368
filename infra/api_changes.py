"""python -m infra.api_changes: what breaks clients of the released API, by docs/openapi.json beside docs/openapi-released.json.

A client breaks where something goes that it uses, or where something is asked for that it does not send. New operations, new
optional parameters, new fields of answers and new values of enums in answers are no breaks: docs/versioning.md says so.
`--release` makes the present document the released one.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parents[1] / "docs"
PRESENT, RELEASED, LOG = DOCS / "openapi.json", DOCS / "openapi-released.json", DOCS / "api-changelog.md"
_DEPTH = 12
_METHODS = ("get", "put", "post", "patch", "delete")
Json = dict[str, Any]


def breaks(old: Json, new: Json) -> list[str]:
    """Returns every break from an old document to a new one, each in one line that names the operation."""
    return list(dict.fromkeys(_breaks(old, new)))


def unannounced(found: Sequence[str], log: str) -> list[str]:
    """Returns the breaks that the changelog of the API does not name word for word."""
    return [one for one in found if one not in log]


def _breaks(old: Json, new: Json) -> Iterator[str]:
    for path, methods in old["paths"].items():
        for method in _METHODS:
            if method not in methods:
                continue
            name = f"{method.upper()} {path}"
            after = new["paths"].get(path, {}).get(method)
            if after is None:
                yield f"{name}: removed"
            else:
                yield from _of_operation(name, _Side(old, methods[method]), _Side(new, after))


class _Side:
    """An operation with the document that its references lead into."""

    def __init__(self, document: Json, operation: Json) -> None:
        self.document, self.operation = document, operation

    def resolved(self, schema: Any) -> Json:
        while isinstance(schema, dict) and "$ref" in schema:
            found: Any = self.document
            for part in schema["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            schema = found
        return schema if isinstance(schema, dict) else {}

    def parameters(self) -> dict[tuple[str, str], Json]:
        found = [self.resolved(one) for one in self.operation.get("parameters", [])]
        return {(one["in"], one["name"]): one for one in found}

    def request(self) -> Json:
        return self._schema(self.resolved(self.operation.get("requestBody", {})))

    def answers(self) -> dict[str, Json]:
        return {status: self._schema(self.resolved(one)) for status, one in self.operation["responses"].items() if status < "300"}

    def _schema(self, holder: Json) -> Json:
        content: Json = holder.get("content", {})
        media = next((content[name] for name in content if "json" in name), {})
        schema: Json = media.get("schema", {})
        return schema


def _of_operation(name: str, old: _Side, new: _Side) -> Iterator[str]:
    before, after = old.parameters(), new.parameters()
    for place, parameter in before.items():
        if place not in after:
            yield f"{name}: parameter {place[1]} removed"
        else:
            wanted = _as_in_url(new.resolved(after[place].get("schema", {})))
            yield from _narrowed(f"{name}: parameter {place[1]}", _as_in_url(old.resolved(parameter.get("schema", {}))), wanted)
    for place, parameter in after.items():
        if parameter.get("required") and not before.get(place, {}).get("required"):
            yield f"{name}: parameter {place[1]} is now required"
    for status, schema in old.answers().items():
        if status not in new.answers():
            yield f"{name}: answer {status} removed"
        else:
            yield from _answer(f"{name}: answer", old, schema, new, new.answers()[status], 0)
    yield from _request(f"{name}: request", old, old.request(), new, new.request(), 0)


def _as_in_url(schema: Json) -> Json:
    """Returns the schema of a parameter as texts: a boolean is `true` or `false` in a URL, by whatever type it is described."""
    return {"type": "string", "enum": ["true", "false"]} if schema.get("type") == "boolean" else schema


def _types(side: _Side, schema: Json) -> set[str]:
    """Returns the types of a schema. What it refers to counts: a component may be renamed, or be made of what stood inline."""
    whole = side.resolved(schema)
    found = whole.get("type", [])
    types = {found} if isinstance(found, str) else set(found)
    for one in (*whole.get("anyOf", []), *whole.get("oneOf", [])):
        types |= _types(side, one)
    return types


def _branches(side: _Side, schema: Json) -> Json:
    """Returns the one branch of a schema that is not null, where there is one."""
    whole = side.resolved(schema)
    branches = [side.resolved(one) for one in (*whole.get("anyOf", []), *whole.get("oneOf", []))]
    branches = [one for one in branches if one.get("type") != "null"]
    return branches[0] if len(branches) == 1 else whole


def _kinds(side: _Side, schema: Json) -> list[Json]:
    """Returns the kinds of a schema that a discriminator tells apart; [] where there is none."""
    whole = side.resolved(schema)
    return [side.resolved(one) for one in whole.get("oneOf", [])] if "discriminator" in whole else []


def _any_kind(side: _Side, schema: Json) -> Json:
    """Returns what a request may hold: of kinds, the fields of all of them, of which it needs those that all need."""
    kinds = _kinds(side, schema)
    if not kinds:
        return _branches(side, schema)
    field = side.resolved(schema)["discriminator"]["propertyName"]
    names = {name for kind in kinds for name in kind["properties"]}
    properties: Json = {name: {"anyOf": [kind["properties"].get(name, {}) for kind in kinds]} for name in names}
    properties[field] = {"type": "string", "enum": [kind["properties"][field]["const"] for kind in kinds]}
    needed = set.intersection(*(set(kind.get("required", [])) for kind in kinds))
    return {"type": "object", "properties": properties, "required": sorted(needed)}


def _answer(where: str, old: _Side, before: Json, new: _Side, after: Json, depth: int) -> Iterator[str]:
    """What an answer no longer has."""
    known = _types(old, before)
    grown = _types(new, after) - known
    if known and grown - {"integer" if "number" in known else ""}:
        yield f"{where} may now be {', '.join(sorted(grown))}"
    if depth > _DEPTH:
        return
    kinds = _kinds(new, after)
    if len(kinds) > 1 and "properties" in _branches(old, before):  # split by a discriminator: the old field is in each kind
        for kind in kinds:
            yield from _answer(where, old, before, new, kind, depth + 1)
        return
    one, other = _branches(old, before), _branches(new, after)
    for field, schema in one.get("properties", {}).items():
        if field not in other.get("properties", {}):
            yield f"{where}.{field} removed"
            continue
        if field in one.get("required", []) and field not in other.get("required", []):
            yield f"{where}.{field} may now be absent"
        yield from _answer(f"{where}.{field}", old, schema, new, other["properties"][field], depth + 1)
    if "items" in one and "items" in other:
        yield from _answer(f"{where}[]", old, one["items"], new, other["items"], depth + 1)


def _request(where: str, old: _Side, before: Json, new: _Side, after: Json, depth: int) -> Iterator[str]:
    """What a request may no longer have, or must have now."""
    one, other = _branches(old, before), _any_kind(new, after)
    if depth > _DEPTH or not one:
        return
    yield from _narrowed(where, {**one, "type": _types(old, before)}, {**other, "type": _types(new, after)})
    for field in other.get("required", []):
        if field not in one.get("required", []):
            yield f"{where}.{field} is now required"
    for field, schema in one.get("properties", {}).items():
        if field not in other.get("properties", {}):
            yield f"{where}.{field} removed"
        else:
            yield from _request(f"{where}.{field}", old, schema, new, other["properties"][field], depth + 1)
    if "items" in one and "items" in other:
        yield from _request(f"{where}[]", old, one["items"], new, other["items"], depth + 1)


def _narrowed(where: str, before: Json, after: Json) -> Iterator[str]:
    """What is no longer accepted."""
    kinds, left = ({found} if isinstance(found := one.get("type", []), str) else set(found) for one in (before, after))
    if kinds and (gone := kinds - left) and left:
        yield f"{where} may no longer be {', '.join(sorted(gone))}"
    if "enum" in after and (lost := [str(one) for one in before.get("enum", []) if one not in after["enum"]]):
        yield f"{where} no longer takes {', '.join(lost)}"
    for bound, is_tighter in (
        ("maxLength", -1),
        ("maximum", -1),
        ("maxItems", -1),
        ("minLength", 1),
        ("minimum", 1),
        ("minItems", 1),
    ):
        if bound in after and (bound not in before or (after[bound] - before[bound]) * is_tighter > 0):
            yield f"{where} has a tighter {bound}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the breaks; 1 where one is not announced."""
    parser = argparse.ArgumentParser(prog="python -m infra.api_changes", description=__doc__)
    parser.add_argument("--release", action="store_true", help="the present document is the released one from now on")
    asked = parser.parse_args(arguments)
    present = json.loads(PRESENT.read_text())
    if asked.release:
        RELEASED.write_text(json.dumps(present, ensure_ascii=False, separators=(",", ":")) + "\n")
        return 0
    found = breaks(json.loads(RELEASED.read_text()), present)
    left = unannounced(found, LOG.read_text())
    print("\n".join([*found, *([f"{len(left)} not announced in {LOG.name}:", *left] if left else [])]))
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
