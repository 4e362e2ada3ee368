"""Splits a schema by a field that says which kind it is: `oneOf` with a discriminator, which generators understand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.applications.contacts.responses import Contact
from chalicelib.integrations.webhooks.payloads import EVENT_DATA
from chalicelib.messaging.responses import Reply
from chalicelib.messaging.timeline import responses as timeline
from chalicelib.openapi.schemas import SCHEMA_REF

Json = dict[str, Any]
_NEEDS = {
    "greenhouse": (),
    "ashby": (),
    "workable": ("secret", "api_key", "subdomain"),
    "lever": ("secret", "api_key"),
    "teamtailor": ("secret", "api_key"),
}
"""Which credentials a connection must have."""
_PAYLOADS = {
    "application": timeline.TimelineOpened,
    "interview": timeline.TimelineInterview,
    "contact": Contact,
    "statement": timeline.TimelineStatement,
    "message": timeline.TimelineMessage,
    "holding_notice": timeline.TimelineMessage,
    "letter": timeline.TimelineMessage,
    "reply": Reply,
    "dispute": Reply,
    "decision": timeline.TimelineDecision,
    "status": timeline.TimelineStatus,
    "feedback_request": timeline.TimelineFeedbackRequest,
    "feedback": timeline.TimelineFeedback,
}
"""What the payload of an entry of a timeline is."""


def event_name(kind: str) -> str:
    """Return the name of the schema of an event: `InterviewBookedEvent`."""
    return _pascal(kind) + "Event"


def split_all(schemas: Json) -> None:
    """Split the schemas that say by a field which kind they are."""
    base = schemas["ToldEvent"]["properties"]["data"]
    data: dict[str, Json] = {kind: {"data": _instead(base, one.__name__)} for kind, one in EVENT_DATA.items()}
    _split(schemas, "ToldEvent", "type", {kind: event_name(kind) for kind in EVENT_DATA}, data)
    base = schemas["TimelineEntry"]["properties"]["payload"]
    payloads = {kind: {"payload": _instead(base, one.__name__)} for kind, one in _PAYLOADS.items()}
    _split(schemas, "TimelineEntry", "type", {kind: f"Timeline{_pascal(kind)}Entry" for kind in _PAYLOADS}, payloads)
    given = {
        system: {name: _not_null(schemas["ConnectionIn"]["properties"][name]) for name in needs}
        for system, needs in _NEEDS.items()
    }
    _split(schemas, "ConnectionIn", "system", {system: f"{_pascal(system)}ConnectionIn" for system in _NEEDS}, given)


def _pascal(kind: str) -> str:
    return "".join(part.capitalize() for part in kind.replace(".", "_").split("_"))


def _instead(schema: Json, model: str) -> Json:
    return {"$ref": SCHEMA_REF.format(model=model), "description": schema["description"]}


def _not_null(schema: Json) -> Json:
    """Return the schema of a field that must be given."""
    [one] = [one for one in schema["anyOf"] if one.get("type") != "null"]
    return {**{name: value for name, value in schema.items() if name != "anyOf"}, **one}


def _split(schemas: Json, name: str, field: str, names: Mapping[str, str], changed: Mapping[str, Json]) -> None:
    """Replace a schema by one for each value of a field. `changed` are the properties that differ: they are required."""
    base = schemas[name]
    for value, variant in names.items():
        said = {**base["properties"][field]}
        for key in ("$ref", "enum"):
            said.pop(key, None)
        fixed = {field: {**said, "type": "string", "const": value, "examples": [value]}}
        properties = {**base["properties"], **fixed, **changed[value]}
        schemas[variant] = {**base, "properties": properties, "required": sorted({*base["required"], *changed[value]})}
    refs = {value: SCHEMA_REF.format(model=variant) for value, variant in names.items()}
    about = {"description": base["description"]} if "description" in base else {}
    schemas[name] = {
        **about,
        "oneOf": [{"$ref": ref} for ref in refs.values()],
        "discriminator": {"propertyName": field, "mapping": refs},
    }
