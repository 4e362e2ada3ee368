"""Lever: the body's `signature` is the HMAC of token + triggeredAt and does not cover the data.

So nothing of the data is believed but the id of an opportunity, which is then read from Lever's API. Lever makes a signature
token for each kind of event: all of them are the connection's secret, apart by spaces.
https://hire.lever.co/developer/documentation
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.integrations.ats.http_client import Asker
from chalicelib.integrations.ats.merge import Fact, Status
from chalicelib.integrations.ats.payload import Reading, Unmapped, dig, instant, listed, needed, person, stage_of, stored, text
from chalicelib.integrations.ats.signatures import is_hex_of, tokens

NAME = "lever"
ASKS_BACK = True
BASE = "https://api.lever.co/v1"
_EVENTS = {
    "interviewCreated",
    "interviewUpdated",
    "interviewDeleted",
    "candidateStageChange",
    "candidateArchiveChange",
    "candidateHired",
    "applicationCreated",
    "candidateDeleted",
}
_ID = re.compile(r"[A-Za-z0-9-]{1,64}", re.ASCII)
_WITHDREW = re.compile(r"withdr|declined|not interested|accepted (another|other)", re.IGNORECASE)


def verify_signature(secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
    token, at = dig(body, "token"), dig(body, "triggeredAt")
    if not isinstance(token, str) or isinstance(at, bool) or not isinstance(at, int | str) or not token:
        return False
    given, message = dig(body, "signature"), f"{token}{at}".encode("utf-8", "replace")
    return isinstance(given, str) and any(is_hex_of(given, one, message) for one in tokens(secret))


def event_id(headers: Mapping[str, str], body: Any) -> str | None:
    """None: the token is signed and the rest is not, so only the very same body is the same event."""
    return None


def asker(api_key: str, subdomain: str | None) -> Asker:
    return Asker(BASE, {}, (api_key, ""))


def fetch(ask: Asker, body: Any) -> Any:
    """The opportunity with its interviews, posting and archive reason, as they are now. Raises AskAgain, Unmapped."""
    ref = _opportunity(body)
    if text(dig(body, "event")) not in _EVENTS or not ref:
        return {}
    opportunity = dig(ask.get(f"/opportunities/{ref}", expand="stage"), "data")
    if opportunity is None:
        return {"gone": True}
    posting = _id(dig(opportunity, "posting")) or _id(dig(body, "data", "postingId"))
    application = _id(dig(opportunity, "applications", 0))
    if not posting and application:
        found = ask.get(f"/opportunities/{ref}/applications/{application}")
        posting = _id(dig(found, "data", "posting"))
    reason = _id(dig(opportunity, "archived", "reason"))
    return {
        "opportunity": opportunity,
        "interviews": listed(dig(ask.get(f"/opportunities/{ref}/interviews"), "data")),
        "posting": dig(ask.get(f"/postings/{posting}"), "data") if posting else None,
        "reason": dig(ask.get(f"/archive_reasons/{reason}"), "data") if reason else None,
    }


def _id(value: Any) -> str | None:
    """An id that may stand in a path: of the body nothing else may."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _opportunity(body: Any) -> str | None:
    return _id(dig(body, "data", "opportunityId")) or _id(dig(body, "data", "candidateId"))


def read(body: Any, received_at: datetime, fetched: Any = None) -> Reading:
    """Raises Unmapped. What was fetched is as of `received_at`, the instant of asking."""
    event = text(dig(body, "event"))
    if event not in _EVENTS:
        raise Unmapped(f"there is no mapping for {event!r}")
    ref = needed(_opportunity(body), "opportunity")
    if dig(fetched, "gone"):
        return Reading(facts=(Fact(ref, received_at, "deleted"),))
    found = dig(fetched, "opportunity")
    if found is None:
        raise Unmapped("without an API key an event of Lever's proves nothing: it is not covered by its signature")
    name, at = dig(found, "name"), received_at
    who = person(name, dig(found, "emails", 0), dig(found, "phones", 0, "value"))
    stage = dig(found, "stage", "text")
    fields: dict[str, Any] = {"person": who} if who else {}
    fields |= {"candidate": text(dig(found, "contact"))} if text(dig(found, "contact")) else {}
    fields |= {"job_title": text(dig(fetched, "posting", "text"))} if text(dig(fetched, "posting", "text")) else {}
    interviews = {r: _interview(one, stage, at) for one in listed(dig(fetched, "interviews")) if (r := _id(one.get("id")))}
    deleted = _id(dig(body, "data", "interviewId")) if event == "interviewDeleted" else None
    if deleted and deleted not in interviews:
        interviews[deleted] = {"cancelled": True}
    status, since = _status(found, dig(fetched, "reason"), at)
    moved = (_move(body, ref, dig(found, "stage"), at),) if event == "candidateStageChange" else ()
    return Reading(facts=(Fact(ref, at, status, since, fields, interviews), *moved))


def _move(body: Any, ref: str, stage: Any, now: datetime) -> Fact:
    """A move to another stage, at its own (signed) instant. Where the stage is another by now, its own event tells of it."""
    to, is_there = dig(body, "data", "toStageId"), None
    if to is None or to == dig(stage, "id"):
        is_there = text(dig(stage, "text"))
    field = "offered" if "offer" in (is_there or "").casefold() else "moved"
    return Fact(ref, min(instant(dig(body, "triggeredAt"), now) or now, now), fields={field: is_there or True})


def _status(found: Any, reason: Any, now: datetime) -> tuple[Status, datetime | None]:
    archived_at = instant(dig(found, "archived", "archivedAt"), now)
    if archived_at is None:
        return "active", None
    if text(dig(reason, "type")) == "hired":
        return "hired", archived_at
    return "withdrawn" if _WITHDREW.search(text(dig(reason, "text")) or "") else "rejected", archived_at


def _interview(one: Any, stage: Any, now: datetime) -> dict[str, Any]:
    fields: dict[str, Any] = {"cancelled": bool(one.get("canceledAt")), "stage": stage_of(one.get("subject"), stage)}
    start, minutes = instant(one.get("date"), now), one.get("duration")
    if start and isinstance(minutes, int) and 0 < minutes <= 1440:
        fields |= {"start_at": stored(start), "end_at": stored(start + timedelta(minutes=minutes))}
    return fields
