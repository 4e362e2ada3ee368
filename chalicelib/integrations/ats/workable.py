"""Workable: `X-Workable-Signature`, the HMAC of the raw body, hexadecimal or Base64 (its pages do not say which); the key is the
account's token or the OAuth application's secret. There is no event for an interview.

With an API key the candidate's scheduled events are asked for; without one only what the body says is known.
https://workable.readme.io
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.integrations.ats.http_client import Asker
from chalicelib.integrations.ats.merge import Fact, Status
from chalicelib.integrations.ats.payload import Reading, Unmapped, dig, instant, listed, needed, person, stage_of, stored, text
from chalicelib.integrations.ats.signatures import is_digest_of

NAME = "workable"
ASKS_BACK = True
BASE = "https://{subdomain}.workable.com/spi/v3"
_ID = re.compile(r"[A-Za-z0-9]{1,64}", re.ASCII)
_CONVERSATIONS = {"call", "interview", "meeting"}


def verify_signature(secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
    return is_digest_of(headers.get("x-workable-signature"), secret, raw)


def event_id(headers: Mapping[str, str], body: Any) -> str | None:
    return text(dig(body, "id"))


def asker(api_key: str, subdomain: str | None) -> Asker:
    return Asker(BASE.format(subdomain=subdomain or ""), {"Authorization": f"Bearer {api_key}"})


def fetch(ask: Asker, body: Any) -> Any:
    """The candidate and its scheduled events, as they are now. Raises AskAgain, Unmapped."""
    ref = dig(body, "data", "id")
    if text(dig(body, "event_type")) not in ("candidate_moved", "candidate_created") or not isinstance(ref, str):
        return {}
    if not _ID.fullmatch(ref):
        return {}
    candidate = dig(ask.get(f"/candidates/{ref}"), "candidate")
    if candidate is None:
        return {"gone": True}
    events = listed(dig(ask.get("/events", candidate_id=ref), "events"))
    return {"candidate": candidate, "events": [one for one in events if dig(one, "candidate", "id") == ref]}


def read(body: Any, received_at: datetime, fetched: Any = None) -> Reading:
    """Raises Unmapped."""
    event = text(dig(body, "event_type"))
    ref = dig(body, "data", "id")
    if event == "candidate_deleted" or dig(fetched, "gone"):
        ref = needed(ref, "candidate")
        return Reading(facts=(Fact(ref, received_at, "deleted"),), people_gone=(ref,))
    if event not in ("candidate_moved", "candidate_created"):
        raise Unmapped(f"there is no mapping for {event!r}")
    ref, found = needed(ref, "candidate"), dig(fetched, "candidate") or dig(body, "data")
    at = received_at if dig(fetched, "candidate") else instant(dig(body, "fired_at"), received_at) or received_at
    who = person(dig(found, "name"), dig(found, "email"), dig(found, "phone"))
    fields: dict[str, Any] = {"candidate": ref} | ({"person": who} if who else {})
    fields |= {"job_title": text(dig(found, "job", "title"))} if text(dig(found, "job", "title")) else {}
    status, since = _status(found, at)
    moved = (_move(body, ref, received_at),) if event == "candidate_moved" and status == "active" else ()
    interviews = {
        r: _interview(one, at)
        for one in listed(dig(fetched, "events"))
        if text(one.get("type")) in _CONVERSATIONS and (r := text(one.get("id")))
    }
    return Reading(facts=(Fact(ref, at, status, since, fields, interviews), *moved))


def _move(body: Any, ref: str, now: datetime) -> Fact:
    """A move to another stage, at its own instant, to where the event says: by now it may be another."""
    stage = text(dig(body, "data", "stage"))
    field = "offered" if "offer" in (stage or "").casefold() else "moved"
    return Fact(ref, min(instant(dig(body, "fired_at"), now) or now, now), fields={field: stage or True})


def _status(found: Any, at: datetime) -> tuple[Status, datetime | None]:
    if dig(found, "hired_at"):
        return "hired", instant(dig(found, "hired_at"), at) or at
    if dig(found, "disqualified") is True:
        reason = text(dig(found, "disqualification_reason")) or text(dig(found, "disqualification_reason", "name")) or ""
        withdrew = bool(dig(found, "withdrew")) or "withdr" in reason.casefold()
        return "withdrawn" if withdrew else "rejected", instant(dig(found, "disqualified_at"), at) or at
    return "active", None


def _interview(one: Any, now: datetime) -> dict[str, Any]:
    stage = "screen" if one.get("type") == "call" else stage_of(one.get("title"))
    fields: dict[str, Any] = {"cancelled": one.get("cancelled") is True, "stage": stage}
    start, end = instant(one.get("starts_at"), now), instant(one.get("ends_at"), now)
    return fields | ({"start_at": stored(start), "end_at": stored(end)} if start and end else {})
