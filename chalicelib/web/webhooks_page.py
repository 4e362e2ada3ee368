"""Settings › Webhooks: endpoints that get events, created, tested, paused, given a new secret and removed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

from chalicelib.api.forms import Form
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.api.validation import validate
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import Conflict, FieldError, NotFound, Unprocessable
from chalicelib.integrations.webhooks import endpoints, events
from chalicelib.integrations.webhooks.items import EndpointItem
from chalicelib.rules.copy.chat import CHAT_EVENTS
from chalicelib.rules.model import SubscribedEvent
from chalicelib.storage.ids import is_id
from chalicelib.web import field_errors, page_support

PAGE = "/settings/webhooks"
FIELDS = {"url": "URL", "format": "Format", "events": "Events"}
FORMATS = {"json": "Signed events, for a program", "slack": "Slack channel", "teams": "Microsoft Teams channel"}
EVENT_NAMES: dict[str, str] = {code: code.replace(".", ": ").replace("_", " ") for code in get_args(SubscribedEvent)}


@dataclass(frozen=True, slots=True)
class TestResult:
    """What became of the test event that was just sent to an endpoint."""

    endpoint_id: str
    status: str
    last_status: str | None


def show(request: Request, visitor: Visitor) -> Response:
    """GET /settings/webhooks"""
    return _page(request, visitor, None, {})


def create(request: Request, visitor: Visitor) -> Response:
    """POST /settings/webhooks: the response shows the secret, once."""
    from chalicelib.integrations.webhooks.schema import EndpointIn  # late: it imports pydantic, 96 ms of a cold start

    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    origin = page_support.origin(request, visitor)

    def make() -> Response:
        wanted = {"url": given.one("url"), "format": given.one("format") or "json", "events": given.get("events", [])}
        body = validate(EndpointIn, wanted, request.now)
        made = endpoints.create(
            visitor.employer.id,
            body.url,
            list(body.events),
            request.now,
            sent_as=body.format,
            committer=request.committer,
            origin=origin,
        )
        return Response(200, {"id": made[0].id, "secret": made[1]})

    present = lambda one: any(item.id == one for item in endpoints.list_all(visitor.employer.id))  # noqa: E731
    try:
        made = page_support.made_once(request, visitor, given, make, present)
    except Unprocessable as error:
        return _page(request, visitor, given, field_errors.messages_of(error, FIELDS, lambda path: path.split("/")[1], given))
    except Conflict as error:
        return _page(request, visitor, given, {"": error.detail}, 409)
    return _page(request, visitor, None, {}, secret=made["secret"], of=made["id"])


def change(request: Request, visitor: Visitor, endpoint: str) -> Response:
    """POST /settings/webhooks/{endpoint}: pauses, resumes, tests, rotates the secret, or removes."""
    given = page_support.form(request, visitor)
    page_support.managers_only(visitor)
    item = endpoints.read(visitor.employer.id, page_support.demand_id(endpoint, "whe"))
    origin, what = page_support.origin(request, visitor), given.one("do")
    if what == "rotate":
        return _rotated(request, visitor, given, item)
    if what == "test":
        return page_support.once(request, visitor, given, lambda: _tested(request, item))
    if what in ("pause", "resume"):
        endpoints.change(visitor.employer.id, item.id, {"enabled": what == "resume"}, request.now, origin=origin)
    elif what == "remove":
        endpoints.remove(visitor.employer.id, item.id, request.now, origin=origin)
    else:
        raise Unprocessable(errors=[FieldError("/do", "is no change of a webhook")])
    return page_support.see_other(request, f"{PAGE}?saved=yes")


def _rotated(request: Request, visitor: Visitor, given: Form, item: EndpointItem) -> Response:
    origin = page_support.origin(request, visitor)

    def make() -> Response:
        _, secret = endpoints.rotate(item.employer_id, item.id, request.now, committer=request.committer, origin=origin)
        return Response(200, {"id": item.id, "secret": secret})

    made = page_support.made_once(request, visitor, given, make, lambda _: True)
    return _page(request, visitor, None, {}, secret=made["secret"], of=item.id)


def _tested(request: Request, item: EndpointItem) -> Response:
    event = events.send_test(item, request.now, request.committer)
    return page_support.see_other(request, f"{PAGE}?test={event.id}#{item.id}")


def _page(
    request: Request,
    visitor: Visitor,
    given: Form | None,
    problems: dict[str, str],
    status: int = 422,
    *,
    secret: str | None = None,
    of: str = "",
) -> Response:
    return page_support.page(
        "webhooks.html",
        request,
        visitor,
        status if problems else 200,
        endpoints=endpoints.list_all(visitor.employer.id),
        most=endpoints.ENDPOINTS_MOST,
        names=EVENT_NAMES,
        fields=FIELDS,
        formats=FORMATS,
        chat_events=CHAT_EVENTS,
        typed=field_errors.typed(given, {"url": "", "format": ""}, {"format": "json"}),
        chosen=given.get("events", []) if given else [],
        problems=problems,
        secret=secret,
        of=of,
        test=_test_result(request, visitor),
        saved=request.query.get("saved") == ["yes"],
    )


def _test_result(request: Request, visitor: Visitor) -> TestResult | None:
    event_id = request.query.get("test", [""])[0]
    if not is_id(event_id, "evt"):
        return None
    try:
        event = events.read(visitor.employer.id, event_id, request.now)
    except NotFound:
        return None
    one = next(events.deliveries(event), None)
    return TestResult(one.endpoint_id, one.status, one.last_status) if one else None
