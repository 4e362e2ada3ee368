"""Workable: `X-Workable-Signature`, the HMAC of the raw body, hexadecimal or Base64 (its pages do not say which).

The key is the account's token or the OAuth application's secret. There is no event for an interview: with an API key the
candidate's scheduled events are fetched; without one only what the body says is known.
https://workable.readme.io
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.errors import FieldError
from chalicelib.integrations.ats.credentials import missing_secret
from chalicelib.integrations.ats.http_client import ApiClient
from chalicelib.integrations.ats.merge import Fact, Status
from chalicelib.integrations.ats.payload import (
    KeyRefused,
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
from chalicelib.integrations.ats.signatures import is_hex_or_base64_hmac

API_URL = "https://{subdomain}.workable.com/spi/v3"
_ID = re.compile(r"[A-Za-z0-9]{1,64}", re.ASCII)
_EVENTS = ("candidate_moved", "candidate_created")
_CONVERSATIONS = {"call", "interview", "meeting"}


class Workable:
    """Workable's events tell of no interview: these are fetched from its API."""

    name = "workable"
    fetches = True
    signs_event_id = True
    without_api_key = "Workable's events tell of no interview, so nobody is reminded. Give `api_key` and `subdomain`."
    needs = (Need("candidates", ("candidate_created", "candidate_moved"), tells_who=True),)

    def kind(self, body: Any) -> str | None:
        return text(dig(body, "event_type"))

    def credential_errors(self, given: Mapping[str, Any]) -> list[FieldError]:
        errors = missing_secret(self.name, given)
        if not given.get("api_key"):
            errors.append(FieldError("/api_key", "is required: Workable's events tell of no interview, so it must be asked"))
        if given.get("api_key") and not given.get("subdomain"):
            errors.append(FieldError("/subdomain", "is required with api_key: the part before .workable.com"))
        return errors

    def verify_signature(self, secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
        return is_hex_or_base64_hmac(headers.get("x-workable-signature"), secret, raw)

    def event_id(self, headers: Mapping[str, str], body: Any) -> str | None:
        return text(dig(body, "id"))

    def signed_part(self, body: Any) -> bytes | None:
        return None

    def fetch(self, api_key: str, subdomain: str | None, body: Any) -> Any:
        """The candidate and its scheduled events, as they are now."""
        ref = dig(body, "data", "id")
        if text(dig(body, "event_type")) not in _EVENTS or not isinstance(ref, str) or not _ID.fullmatch(ref):
            return {}
        workable = ApiClient(API_URL.format(subdomain=subdomain or ""), {"Authorization": f"Bearer {api_key}"})
        candidate = dig(workable.get_record(f"/candidates/{ref}", "candidate"), "candidate")
        if candidate is None:
            return {"gone": True}
        events = objects(dig(workable.get("/events", candidate_id=ref), "events"))
        theirs = [one for one in events if dig(one, "candidate", "id") == ref]
        return {"candidate": candidate, "events": theirs, "members": _members(workable, candidate)}

    def read_event(self, body: Any, received_at: datetime, fetched: Any = None) -> Reading:
        event, ref = text(dig(body, "event_type")), dig(body, "data", "id")
        if is_test(event):
            return Reading(note="a test of the webhook: it is about nobody")
        if event == "candidate_deleted" or dig(fetched, "gone"):
            ref = required(ref, "candidate")
            return Reading(facts=(Fact(ref, received_at, "deleted"),), people_gone=(ref,))
        if event not in _EVENTS:
            raise Unmapped(f"there is no mapping for {event!r}")
        ref = required(ref, "candidate")
        fact = _application(ref, body, fetched, received_at)
        moved = (_move(body, ref, received_at),) if event == "candidate_moved" and fact.status == "active" else ()
        return Reading(facts=(fact, *moved))


def _members(workable: ApiClient, candidate: Any) -> list[Any]:
    """Fetch the hiring team of the candidate's job. Its scope may be missing: nobody is then known."""
    job = dig(candidate, "job", "shortcode")
    if not isinstance(job, str) or not _ID.fullmatch(job):
        return []
    try:
        return objects(dig(workable.get(f"/jobs/{job}/members"), "members"))
    except KeyRefused:
        return []


def _member(fetched: Any, role: str) -> str | None:
    having = (one for one in objects(dig(fetched, "members")) if one.get("collaboration_role") == role)
    return next((email for one in having if (email := email_of(one.get("email")))), None)


def _application(ref: str, body: Any, fetched: Any, received_at: datetime) -> Fact:
    found = dig(fetched, "candidate") or dig(body, "data")
    at = received_at if dig(fetched, "candidate") else instant(dig(body, "fired_at"), received_at) or received_at
    fields = present_fields(
        candidate=ref,
        person=person(dig(found, "name"), dig(found, "email"), dig(found, "phone")),
        job_title=text(dig(found, "job", "title")),
        recruiter=_member(fetched, "recruiter"),
        hiring_manager=_member(fetched, "hiring_manager"),
    )
    interviews = {
        interview: _interview(one, at)
        for one in objects(dig(fetched, "events"))
        if text(one.get("type")) in _CONVERSATIONS and (interview := text(one.get("id")))
    }
    status, since = _status(found, at)
    return Fact(ref, at, status, since, fields, interviews)


def _move(body: Any, ref: str, now: datetime) -> Fact:
    """A move to another stage, at its own time, to the stage that the event names: it may have changed since."""
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
    known = times(instant(one.get("starts_at"), now), instant(one.get("ends_at"), now))
    return {"cancelled": one.get("cancelled") is True, "stage": stage, **known}
