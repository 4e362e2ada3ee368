"""The sending wing's doors: which messages went out and what became of them, and whether sending keeps up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chalice import Blueprint

from chalicelib.access.routes import Call, route
from chalicelib.applications import amending, lists
from chalicelib.errors import Fault, NotFound, Unprocessable
from chalicelib.followups import feedback_table, tick
from chalicelib.followups.messages import (
    AUDIENCES,
    CHANNELS,
    STATUSES,
    MessageItem,
    at_places,
    message_json,
    messages_of,
    newest_first,
    resolve,
    shown_status,
)
from chalicelib.http import PAGING, one_of

messages = Blueprint(__name__)
Json = dict[str, Any]

LATE_SECONDS = 15 * 60
"""Something due for longer is not being sent: a tick comes every minute."""
_FILTERS = {"status": one_of(*STATUSES), "channel": one_of(*CHANNELS), "audience": one_of(*AUDIENCES)}


@route(messages, "GET", "/v1/messages", scope="read")
def list_messages(call: Call) -> Json:
    query = call.read_query({**PAGING, **_FILTERS})
    wanted = {name: value for name, value in query.items() if name in _FILTERS}

    def read(places: Sequence[str]) -> list[Json | None]:
        return [message_json(item) if item and _fits(item, wanted) else None
                for item in at_places(places)]

    return lists.page(call, query, lambda start: newest_first(call.employer_id, start), read)


def _fits(item: MessageItem, wanted: Json) -> bool:
    shown = {"status": shown_status(item), "channel": item.channel, "audience": item.audience}
    return all(shown[name] == value for name, value in wanted.items())


@route(messages, "POST", "/v1/messages/{message_id}/resolve", scope="manage", operator=True)
def resolve_message(call: Call, message_id: str) -> Json:
    """For what is `unknown`: a person has looked. The operator names the employer."""
    from chalicelib.followups.schema import ResolutionIn  # late: pydantic

    given = call.body(ResolutionIn)
    if call.caller.operator and not given.employer_id:
        raise Unprocessable(errors=[Fault("/employer_id", "is needed with the operator's key")])
    if not call.caller.operator and given.employer_id not in (None, call.employer_id):
        raise NotFound
    by = "the operator" if call.caller.operator else call.caller.key_id or ""
    return message_json(resolve(given.employer_id or call.employer_id, message_id, given.status, by, call.now))


@route(messages, "GET", "/v1/applications/{application_id}/messages", scope="read")
def list_messages_of_application(call: Call, application_id: str) -> Json:
    query = call.read_query(PAGING)
    case = amending.read_application(call.employer_id, application_id)
    found = {item.list_at or "": item for item in messages_of(case.application)}
    return lists.page(call, query, lists.of(found), lambda some: [message_json(found[one]) for one in some])


@route(messages, "GET", "/v1/replies", scope="read")
def list_replies(call: Call) -> Json:
    """What candidates answered by text, whatever was made of it."""
    query = call.read_query(PAGING)
    return lists.page(call, query, lambda start: feedback_table.newest_first(call.employer_id, start), feedback_table.at_places)


@route(messages, "GET", "/v1/applications/{application_id}/replies", scope="read")
def list_replies_of_application(call: Call, application_id: str) -> Json:
    query = call.read_query(PAGING)
    case = amending.read_application(call.employer_id, application_id)
    found = {item.list_at or "": item for item in feedback_table.replies_of(case.application.PK)}
    return lists.page(call, query, lists.of(found), lambda some: [feedback_table.reply_json(found[one]) for one in some])


@route(messages, "GET", "/healthz", public=True)
def healthz(call: Call) -> Json:
    """`late` where something has been due for a quarter of an hour: alarms look here."""
    oldest = tick.oldest_due_seconds(call.now)
    return {"status": "ok" if oldest < LATE_SECONDS else "late", "oldest_due_seconds": oldest}
