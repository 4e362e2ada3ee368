"""Endpoints: which messages went out and what became of them, what candidates answered, whether sending keeps up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chalice import Blueprint

from chalicelib import __version__
from chalicelib.api import pagination
from chalicelib.api.query_params import PAGING, one_of
from chalicelib.api.request import Request
from chalicelib.api.route import route
from chalicelib.errors import FieldError, NotFound, Unprocessable
from chalicelib.messaging import reply_store
from chalicelib.messaging.messages import MessageItem, messages_of
from chalicelib.messaging.reply_store import ReplyItem
from chalicelib.rules.model import AUDIENCES, MESSAGE_CHANNELS, MESSAGE_STATUSES

if TYPE_CHECKING:
    from chalicelib.messaging.responses import Health, Message, Reply

messages = Blueprint(__name__)
Json = dict[str, Any]

LATE_SECONDS = 15 * 60
"""The scheduler runs every minute: what is due for longer is not being sent."""
_FILTERS = {"status": one_of(*MESSAGE_STATUSES), "channel": one_of(*MESSAGE_CHANNELS), "audience": one_of(*AUDIENCES)}


@route(messages, "GET", "/v1/messages", scope="read")
def list_messages(request: Request) -> Json:
    from chalicelib.messaging.message_list import at_places, newest_first, serialize_message

    query = request.read_query({**PAGING, **_FILTERS})
    wanted = {name: value for name, value in query.items() if name in _FILTERS}

    def read(places: Sequence[str]) -> list[Any]:
        found = at_places(places)
        return [serialize_message(item) if isinstance(item, MessageItem) and _fits(item, wanted) else None for item in found]

    return pagination.paginate(request, query, lambda start: newest_first(request.employer_id, MessageItem.kind, start), read)


def _fits(item: MessageItem, wanted: Json) -> bool:
    from chalicelib.messaging.message_list import shown_status

    shown = {"status": shown_status(item), "channel": item.channel, "audience": item.audience}
    return all(shown[name] == value for name, value in wanted.items())


@route(messages, "GET", "/v1/messages/{message_id}", scope="read")
def get_message(request: Request, message_id: str) -> Message:
    """Reads a message."""
    from chalicelib.messaging.message_list import read_message, serialize_message

    request.read_query({})
    return serialize_message(read_message(request.employer_id, message_id))


@route(messages, "POST", "/v1/messages/{message_id}/resolve", scope="manage", operator=True, shows_people=True)
def resolve_message(request: Request, message_id: str) -> Message:
    """Records what a person found out about an `unknown` message. The operator names the employer."""
    from chalicelib.messaging.message_list import resolve, serialize_message
    from chalicelib.messaging.schema import ResolutionIn  # late: pydantic

    given = request.body(ResolutionIn)
    if request.caller.operator and not given.employer_id:
        raise Unprocessable(errors=[FieldError("/employer_id", "is needed with the operator's key")])
    if not request.caller.operator and given.employer_id not in (None, request.employer_id):
        raise NotFound
    by = "the operator" if request.caller.operator else request.caller.actor.id or ""
    return serialize_message(
        resolve(given.employer_id or request.employer_id, message_id, given.status, by, request.now, committer=request.committer)
    )


@route(messages, "GET", "/v1/applications/{application_id}/messages", scope="read")
def list_messages_of_application(request: Request, application_id: str) -> Json:
    from chalicelib.applications import unit_of_work
    from chalicelib.messaging.message_list import serialize_message

    query = request.read_query(PAGING)
    case = unit_of_work.read_application(request.employer_id, application_id)
    found = {item.list_at or "": item for item in messages_of(case.application)}
    return pagination.paginate(
        request, query, pagination.ids_in(found), lambda some: [serialize_message(found[one]) for one in some]
    )


@route(messages, "GET", "/v1/replies", scope="read")
def list_replies(request: Request) -> Json:
    """Lists what candidates said, by text or as a "not yet" on their own page."""
    from chalicelib.messaging import inbox
    from chalicelib.messaging.message_list import newest_first

    query = request.read_query(PAGING)

    def read(places: Sequence[str]) -> list[Any]:
        return [inbox.serialize_entry(entry) if entry else None for entry in inbox.at_places(places)]

    return pagination.paginate(request, query, lambda start: newest_first(request.employer_id, ReplyItem.kind, start), read)


@route(messages, "GET", "/v1/replies/{reply_id}", scope="read")
def get_reply(request: Request, reply_id: str) -> Reply:
    """Reads what a candidate said."""
    from chalicelib.messaging import inbox

    request.read_query({})
    return inbox.serialize_entry(inbox.read(request.employer_id, reply_id))


@route(messages, "GET", "/v1/applications/{application_id}/replies", scope="read")
def list_replies_of_application(request: Request, application_id: str) -> Json:
    from chalicelib.applications import unit_of_work
    from chalicelib.messaging import inbox

    query = request.read_query(PAGING)
    case = unit_of_work.read_application(request.employer_id, application_id)
    found = {item.list_at or "": item for item in reply_store.replies_of(case.application.PK)}
    return pagination.paginate(
        request,
        query,
        pagination.ids_in(found),
        lambda some: [inbox.serialize_entry(inbox.Entry(found[one], case.application)) for one in some],
    )


@route(messages, "POST", "/v1/replies/{reply_id}/seen", scope="write")
def mark_reply_seen(request: Request, reply_id: str) -> Reply:
    """Marks what a candidate said as read. Idempotent."""
    from chalicelib.messaging import inbox

    entry = inbox.mark_seen(request.employer_id, reply_id, request.caller.actor, request.now, committer=request.committer)
    return inbox.serialize_entry(entry)


@route(messages, "GET", "/healthz", public=True)
def healthz(request: Request) -> Health:
    """Answers `late` where something has been due for a quarter of an hour: uptime monitors read it."""
    from chalicelib.jobs import scheduler
    from chalicelib.messaging.responses import Health

    oldest = scheduler.oldest_due_seconds(request.now)
    return Health("ok" if oldest < LATE_SECONDS else "late", oldest, __version__)
