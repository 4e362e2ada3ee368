"""Lever: the body's `signature` is the HMAC of token + triggeredAt and does not cover the data.

So only the id of an opportunity is taken from the data, and the opportunity is read from Lever's API. Lever makes a signature
token for each kind of event: all of them are the connection's secret, separated by spaces.
https://hire.lever.co/developer/documentation
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from chalicelib.errors import FieldError
from chalicelib.integrations.ats.credentials import missing_api_key, missing_secret, short_secrets, split_secrets
from chalicelib.integrations.ats.http_client import ApiClient
from chalicelib.integrations.ats.merge import Fact, Status
from chalicelib.integrations.ats.payload import (
    DECISIONS_TAKE,
    Need,
    Reading,
    Unmapped,
    dig,
    email_of,
    instant,
    is_test,
    objects,
    person,
    present_fields,
    required,
    stage_of,
    text,
    times,
)
from chalicelib.integrations.ats.signatures import is_hex_hmac

API_URL = "https://api.lever.co/v1"
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


class Lever:
    """Lever's events prove little: what they are about is fetched from its API."""

    name = "lever"
    fetches = True
    signs_event_id = True
    without_api_key = "an event of Lever's proves nothing by itself. Give `api_key`."
    needs = (
        Need("interviews", ("interviewCreated", "interviewUpdated")),
        Need("stages", ("candidateStageChange",), tells_who=True),
        Need("decisions", ("candidateArchiveChange", "candidateHired"), DECISIONS_TAKE),
    )

    def kind(self, body: Any) -> str | None:
        return text(dig(body, "event"))

    def credential_errors(self, given: Mapping[str, Any]) -> list[FieldError]:
        return [*missing_secret(self.name, given), *missing_api_key(self.name, given), *short_secrets(given)]

    def verify_signature(self, secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
        token, at = dig(body, "token"), dig(body, "triggeredAt")
        if not isinstance(token, str) or isinstance(at, bool) or not isinstance(at, int | str) or not token:
            return False
        given, message = dig(body, "signature"), f"{token}{at}".encode("utf-8", "replace")
        return isinstance(given, str) and any(is_hex_hmac(given, one, message) for one in split_secrets(secret))

    def event_id(self, headers: Mapping[str, str], body: Any) -> str | None:
        """None: the signature covers no id, so only an equal body is the same event."""
        return None

    def signed_part(self, body: Any) -> bytes | None:
        return f"{dig(body, 'token')}{dig(body, 'triggeredAt')}".encode("utf-8", "replace")

    def fetch(self, api_key: str, subdomain: str | None, body: Any) -> Any:
        """The opportunity with its interviews, posting and archive reason, as they are now."""
        ref = _opportunity(body)
        if text(dig(body, "event")) not in _EVENTS or not ref:
            return {}
        lever = ApiClient(API_URL, {}, (api_key, ""))
        opportunity = dig(lever.get_record(f"/opportunities/{ref}", "data", expand=["stage", "owner"]), "data")
        if opportunity is None:
            return {"gone": True}
        posting = _id(dig(opportunity, "posting")) or _id(dig(body, "data", "postingId"))
        application = _id(dig(opportunity, "applications", 0))
        if not posting and application:
            found = lever.get(f"/opportunities/{ref}/applications/{application}")
            posting = _id(dig(found, "data", "posting"))
        reason = _id(dig(opportunity, "archived", "reason"))
        return {
            "opportunity": opportunity,
            "interviews": objects(dig(lever.get(f"/opportunities/{ref}/interviews"), "data")),
            "posting": dig(lever.get(f"/postings/{posting}", expand=["hiringManager"]), "data") if posting else None,
            "reason": dig(lever.get(f"/archive_reasons/{reason}"), "data") if reason else None,
        }

    def read_event(self, body: Any, received_at: datetime, fetched: Any = None) -> Reading:
        """What was fetched is as of `received_at`, the time of the fetch."""
        event = text(dig(body, "event"))
        if is_test(event) or dig(body, "data") == {}:
            return Reading(note="a test of the webhook, as Lever's settings page sends it: it is about nobody")
        if event not in _EVENTS:
            raise Unmapped(f"there is no mapping for {event!r}")
        ref = required(_opportunity(body), "opportunity")
        if dig(fetched, "gone"):
            return Reading(facts=(Fact(ref, received_at, "deleted"),))
        found = dig(fetched, "opportunity")
        if found is None:
            raise Unmapped("without an API key an event of Lever's proves nothing: it is not covered by its signature")
        status, since = _status(found, dig(fetched, "reason"), received_at)
        fact = Fact(ref, received_at, status, since, _fields(found, fetched), _interviews(event, body, fetched, received_at))
        moved = (_move(body, ref, dig(found, "stage"), received_at),) if event == "candidateStageChange" else ()
        return Reading(facts=(fact, *moved))


def _id(value: Any) -> str | None:
    """Return an id that may stand in a path; None for anything else."""
    return value if isinstance(value, str) and _ID.fullmatch(value) else None


def _opportunity(body: Any) -> str | None:
    return _id(dig(body, "data", "opportunityId")) or _id(dig(body, "data", "candidateId"))


def _fields(found: Any, fetched: Any) -> dict[str, Any]:
    return present_fields(
        person=person(dig(found, "name"), dig(found, "emails", 0), dig(found, "phones", 0, "value")),
        candidate=text(dig(found, "contact")),
        job_title=text(dig(fetched, "posting", "text")),
        recruiter=email_of(dig(found, "owner", "email")),
        hiring_manager=email_of(dig(fetched, "posting", "hiringManager", "email")),
    )


def _interviews(event: str, body: Any, fetched: Any, now: datetime) -> dict[str, Any]:
    stage = dig(fetched, "opportunity", "stage", "text")
    interviews = {ref: _interview(one, stage, now) for one in objects(dig(fetched, "interviews")) if (ref := _id(one.get("id")))}
    deleted = _id(dig(body, "data", "interviewId")) if event == "interviewDeleted" else None
    if deleted and deleted not in interviews:
        interviews[deleted] = {"cancelled": True}
    return interviews


def _interview(one: Any, stage: Any, now: datetime) -> dict[str, Any]:
    fields: dict[str, Any] = {"cancelled": bool(one.get("canceledAt")), "stage": stage_of(one.get("subject"), stage)}
    start, minutes = instant(one.get("date"), now), one.get("duration")
    if start and isinstance(minutes, int) and 0 < minutes <= 1440:
        fields |= times(start, start + timedelta(minutes=minutes))
    return fields


def _move(body: Any, ref: str, stage: Any, now: datetime) -> Fact:
    """A move to another stage, at its own signed time. Where the stage has changed since, another event says so."""
    to, stage_name = dig(body, "data", "toStageId"), None
    if to is None or to == dig(stage, "id"):
        stage_name = text(dig(stage, "text"))
    field = "offered" if "offer" in (stage_name or "").casefold() else "moved"
    return Fact(ref, min(instant(dig(body, "triggeredAt"), now) or now, now), fields={field: stage_name or True})


def _status(found: Any, reason: Any, now: datetime) -> tuple[Status, datetime | None]:
    archived_at = instant(dig(found, "archived", "archivedAt"), now)
    if archived_at is None:
        return "active", None
    if text(dig(reason, "type")) == "hired":
        return "hired", archived_at
    return "withdrawn" if _WITHDREW.search(text(dig(reason, "text")) or "") else "rejected", archived_at
