"""Settings › Connections: hiring systems, connected step by step; what each lacks, its last events, and a test."""

from __future__ import annotations

import json
import secrets
from datetime import datetime
from itertools import islice
from typing import Any

from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import FieldError, NotFound, Unprocessable
from chalicelib.integrations.ats import connections, event_index
from chalicelib.integrations.ats.health import TITLES
from chalicelib.integrations.ats.items import ConnectionItem
from chalicelib.integrations.ats.preview import describe_effect
from chalicelib.integrations.ats.responses import Event, TriedOut
from chalicelib.rules.model import ATS_EVENT_STATUSES, AtsName
from chalicelib.web import field_errors, page_support
from chalicelib.web.connection_guides import Guide, guide

PAGE = "/settings/connections"
EVENTS_SHOWN = 10
STATUSES = {
    "queued": "Not processed yet",
    "done": "Used",
    "waiting": "Waiting for another event",
    "ignored": "Not needed",
    "unmapped": "Could not be assigned",
    "failed": "Failed",
}
_CREDENTIALS = ("secret", "api_key", "client_id", "subdomain")


def show(request: Request, visitor: Visitor) -> Response:
    """GET /settings/connections: the connected systems, and those that can be."""
    items = connections.list_active(visitor.employer.id)
    return page_support.page(
        "connections.html",
        request,
        visitor,
        connected=[connections.serialize_connection(item, request.now) for item in items],
        titles=TITLES,
        saved=request.query.get("saved") == ["yes"],
    )


def form(request: Request, visitor: Visitor, system: str) -> Response:
    """GET /settings/connections/new/{system}"""
    return _new(request, visitor, _system(system), None, {})


def create(request: Request, visitor: Visitor, system: str) -> Response:
    """POST /settings/connections/new/{system}: the response shows URL and secret; the secret once."""
    from chalicelib.integrations.ats.schema import ConnectionIn  # late: it imports pydantic, 96 ms of a cold start

    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    name = _system(system)
    steps = guide(name)
    origin = page_support.origin(request, visitor)

    def make() -> Response:
        body: dict[str, Any] = {"system": name, **_given(given, steps), "emails_rejections": given.has("emails_rejections")}
        if steps.makes_secret:  # theirs is known only once their webhook has our URL; until then nobody knows this one
            body["secret"] = secrets.token_hex(32)
        wanted = validate(ConnectionIn, body, request.now).model_dump()
        item, made = connections.create(visitor.employer.id, wanted, request.now, committer=request.committer, origin=origin)
        return Response(200, {"id": item.id, "secret": made})

    present = lambda one: any(item.id == one for item in connections.list_active(visitor.employer.id))  # noqa: E731
    try:
        made = page_support.made_once(request, visitor, given, make, present)
    except Unprocessable as error:
        return _new(request, visitor, name, given, _problems(error, steps))
    return _page(request, visitor, connections.read(visitor.employer.id, made["id"]), secret=made["secret"], fresh=True)


def open_one(request: Request, visitor: Visitor, connection: str) -> Response:
    """GET /settings/connections/{connection}"""
    return _page(request, visitor, _read(visitor, connection), saved=request.query.get("saved") == ["yes"])


def change(request: Request, visitor: Visitor, connection: str) -> Response:
    """POST /settings/connections/{connection}: new credentials, a test, a replay, or removal."""
    given = page_support.form(request, visitor)
    item, what = _read(visitor, connection), given.one("do")
    if what == "test":
        return _tested(request, visitor, item, given)
    page_support.managers_only(visitor)
    origin = page_support.origin(request, visitor)
    if what == "remove":
        connections.revoke(visitor.employer.id, item.id, request.now, origin=origin)
        return page_support.see_other(request, f"{PAGE}?saved=yes")
    if what == "replay":
        for status in ("unmapped", "failed"):
            event_index.replay_all(item, status, request.now)
    elif what == "save":
        return _saved(request, visitor, item, given)
    else:
        raise Unprocessable(errors=[FieldError("/do", "is no change of a connection")])
    return page_support.see_other(request, f"{PAGE}/{item.id}?saved=yes")


def _saved(request: Request, visitor: Visitor, item: ConnectionItem, given: Form) -> Response:
    from chalicelib.integrations.ats.schema import ConnectionPatch

    steps = guide(item.system)
    body: dict[str, Any] = {name: value for name, value in _given(given, steps).items() if value}
    body |= {"emails_rejections": given.has("emails_rejections")}
    try:
        fields = validate(ConnectionPatch, body, request.now).model_dump(exclude_unset=True)
        connections.change(visitor.employer.id, item.id, fields, request.now, origin=page_support.origin(request, visitor))
    except Unprocessable as error:
        return _page(request, visitor, item, given=given, problems=_problems(error, steps))
    return page_support.see_other(request, f"{PAGE}/{item.id}?saved=yes")


def _tested(request: Request, visitor: Visitor, item: ConnectionItem, given: Form) -> Response:
    try:
        payload = json.loads(given.one("payload"))
    except ValueError:
        payload = None
    if not isinstance(payload, dict):
        problems = {"payload": "Event must be JSON, like the body that the system sends"}
        return _page(request, visitor, item, given=given, problems=problems)
    return _page(request, visitor, item, given=given, effect=describe_effect(item, payload, request.now))


def _system(value: str) -> AtsName:
    for name in TITLES:
        if name == value:
            return name
    raise NotFound


def _read(visitor: Visitor, connection: str) -> ConnectionItem:
    return connections.read(visitor.employer.id, page_support.demand_id(connection, "ats"))


def _given(given: Form, steps: Guide) -> dict[str, str | None]:
    return {name: given.one(name) or None for name in _CREDENTIALS if name in steps.fields or name == "secret"}


def _labels(steps: Guide) -> dict[str, str]:
    return {"secret": "Secret", "payload": "Event", **{name: label for name, (label, _) in steps.fields.items()}}


def _problems(error: Unprocessable, steps: Guide) -> dict[str, str]:
    return field_errors.messages_of(error, _labels(steps), lambda path: path[1:])


def _new(request: Request, visitor: Visitor, system: AtsName, given: Form | None, problems: dict[str, str]) -> Response:
    steps = guide(system)
    return page_support.page(
        "connection_new.html",
        request,
        visitor,
        422 if problems else 200,
        system=system,
        steps=steps,
        fields=_labels(steps),
        typed=field_errors.typed(given, _labels(steps), {}),
        emails_rejections=bool(given and given.has("emails_rejections")),
        problems=problems,
    )


def _page(
    request: Request,
    visitor: Visitor,
    item: ConnectionItem,
    *,
    given: Form | None = None,
    problems: dict[str, str] | None = None,
    secret: str | None = None,
    fresh: bool = False,
    effect: TriedOut | None = None,
    saved: bool = False,
) -> Response:
    steps = guide(item.system)
    known = {"client_id": item.client_id, "subdomain": item.subdomain}
    return page_support.page(
        "connection.html",
        request,
        visitor,
        422 if problems else 200,
        connection=connections.serialize_polled_connection(item, request.now),
        steps=steps,
        fields=_labels(steps),
        typed=field_errors.typed(given, _labels(steps), known),
        problems=problems or {},
        events=_newest(item),
        statuses=STATUSES,
        secret=secret,
        fresh=fresh,
        effect=effect,
        saved=saved,
    )


def _newest(item: ConnectionItem) -> list[Event]:
    """Return the newest events of all statuses, newest first."""
    found: list[Event] = []
    for status in ATS_EVENT_STATUSES:
        listed = list(islice(event_index.ids_with_status(item, status)(None), EVENTS_SHOWN))
        found += [event for event in event_index.read_page(item, listed, status) if event]
    return sorted(found, key=_received_at, reverse=True)[:EVENTS_SHOWN]


def _received_at(event: Event) -> datetime:
    return event.received_at
