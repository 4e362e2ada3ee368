"""Greenhouse: `Signature: sha256 <hex>` over the raw body; interviews stand inside the application's current stage.

There is no event for a scheduled interview, and times come only from the Harvest API: so where there is an OAuth client,
polls.py asks for them once an hour. Without, an interview that awaits feedback is over by then, and is taken to have ended
when we first heard so.
https://developers.greenhouse.io/webhooks.html, https://harvestdocs.greenhouse.io (Harvest v3)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.integrations.ats.http_client import Asker, RetryableError
from chalicelib.integrations.ats.merge import Fact, Status
from chalicelib.integrations.ats.payload import (
    Reading,
    Unmapped,
    dig,
    instant,
    is_conversation,
    listed,
    needed,
    person,
    stage_of,
    stored,
    text,
)
from chalicelib.integrations.ats.signatures import is_hex_of

NAME = "greenhouse"
ASKS_BACK = False
HARVEST, SIGN_IN = "https://harvest.greenhouse.io/v3", "https://auth.greenhouse.io"
POLLED = "heardback_polled_interview"
"""What we call a row of a poll; Greenhouse has no event of that name."""
_POLLED_FIELDS = ("id", "job_interview_id", "application_id", "starts_at", "ends_at", "status", "updated_at")
PAGE = 500
"""The most that Greenhouse gives at once."""
_OFF = ("to_be_scheduled", "skipped")
_HELD = ("awaiting_feedback", "complete", "completed")
_APPLICATION = {
    "candidate_stage_change",
    "reject_candidate",
    "unreject_candidate",
    "hire_candidate",
    "unhire_candidate",
    "application_updated",
    "new_candidate_application",
    "candidate_hired",
    "update_application",
}
_GONE = ("delete_candidate", "candidate_anonymized", "anonymize_candidate")
_NAMED = {"full_name", "email_addresses", "phone_numbers"}
"""Of what can be anonymised, what says who somebody is. Less than that leaves the person as they are."""
_TAKEN_BACK: dict[str, Status] = {"unreject_candidate": "rejected", "unhire_candidate": "hired"}
_WITHDREW = "they rejected us"
"""A type of rejection reason that every Greenhouse account has: the candidate's own decision."""


def verify_signature(secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
    return is_hex_of(headers.get("signature"), secret, raw, "sha256 ")


def event_id(headers: Mapping[str, str], body: Any) -> str | None:
    return headers.get("greenhouse-event-id")


def poll(client_id: str, client_secret: str, since: str, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """Interviews changed since then, one page, as bodies of events; and where the list goes on. Raises AskAgain, Unmapped."""
    token = _token(Asker(SIGN_IN, {}, (client_id, client_secret)).post("/token", grant_type="client_credentials"))
    harvest = Asker(HARVEST, {"Authorization": f"Bearer {token}"})
    query = {"cursor": cursor} if cursor else {"per_page": str(PAGE), "updated_at": f"gte|{since}"}
    rows, following = harvest.page("/interviews", **query)
    told = [{name: row.get(name) for name in _POLLED_FIELDS} for row in listed(rows)]
    return [{"action": POLLED, "payload": {"interview": one}} for one in told], following


def _token(answer: Any) -> str:
    token = dig(answer, "access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise RetryableError("no access token in the answer")
    return token


def read(body: Any, received_at: datetime) -> Reading:
    """Raises Unmapped."""
    action, payload = text(dig(body, "action")), dig(body, "payload")
    if action == "ping":
        return Reading(note="the ping that Greenhouse sends when a webhook is made")
    if action in _APPLICATION:
        return Reading(facts=(_application(str(action), dig(payload, "application"), received_at),))
    if action in ("delete_application", "application_deleted"):
        ref = needed(dig(payload, "application", "id"), "application")
        return Reading(facts=(Fact(ref, received_at, "deleted"),))
    if action in _GONE:
        return _gone(payload, received_at)
    if action == "merge_candidate":
        return _merger(payload)
    if action in ("update_candidate", "candidate_updated"):
        return _renamed(payload, received_at)
    if action == POLLED:
        return Reading(facts=(_polled(dig(payload, "interview"), received_at),))
    if action == "interview_deleted":
        return Reading(interviews_gone=(needed(dig(payload, "interview", "id"), "interview"),))
    raise Unmapped(f"there is no mapping for {action!r}")


def _application(action: str, found: Any, received_at: datetime) -> Fact:
    ref = needed(dig(found, "id"), "application")
    at = instant(dig(found, "last_activity_at"), received_at) or received_at
    status, fields = _status(action, found), dict[str, Any]()
    since = instant(dig(found, "rejected_at"), received_at) if status in ("rejected", "withdrawn") else None
    candidate = dig(found, "candidate")
    who = _person(candidate)
    fields |= {"person": who} if who else {}
    fields |= {"candidate": text(dig(candidate, "id"))} if text(dig(candidate, "id")) else {}
    title = text(dig(found, "jobs", 0, "name")) or text(dig(found, "job", "name"))
    fields |= {"job_title": title} if title else {}
    if action == "candidate_stage_change":
        stage = text(dig(found, "current_stage", "name")) or ""
        fields["offered" if "offer" in stage.casefold() else "moved"] = stage or True
    interviews, held = _interviews(found)
    return Fact(ref, at, status, since, fields, interviews, held, _TAKEN_BACK.get(action))


def _status(action: str, found: Any) -> Status:
    """The action says it for four of them; otherwise the snapshot does."""
    said: Status | None = {
        "reject_candidate": "rejected",
        "unreject_candidate": "active",
        "hire_candidate": "hired",
        "candidate_hired": "hired",
        "unhire_candidate": "active",
    }.get(action)  # type: ignore[assignment]
    told = text(dig(found, "status"))
    status = said or ("rejected" if told == "rejected" else "hired" if told == "hired" else "active")
    reason = text(dig(found, "rejection_reason", "type", "name")) or ""
    return "withdrawn" if status == "rejected" and reason.casefold() == _WITHDREW else status


def _person(candidate: Any) -> dict[str, Any] | None:
    names = (text(dig(candidate, "first_name")), text(dig(candidate, "last_name")))
    return person(" ".join(filter(None, names)), dig(candidate, "email_addresses", 0, "value"), _mobile_first(candidate))


def _mobile_first(candidate: Any) -> Any:
    numbers = listed(dig(candidate, "phone_numbers"))
    mobile = [number for number in numbers if number.get("type") == "mobile"]
    return dig([*mobile, *numbers], 0, "value")


def _interviews(found: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    stage = dig(found, "current_stage")
    interviews, held = {}, []
    for one in listed(dig(stage, "interviews")):
        ref, name = text(one.get("id")), one.get("name")
        if ref and is_conversation(name or dig(stage, "name")):
            interviews[ref] = {"stage": stage_of(name, dig(stage, "name"))}
            held += [ref] if one.get("status") in _HELD else []
    return interviews, tuple(held)


def _polled(row: Any, received_at: datetime) -> Fact:
    """A row of the list of interviews: when it is. The stage's own entry for it, where it goes by the plan's id, gives way."""
    ref, interview = needed(dig(row, "application_id"), "application"), needed(dig(row, "id"), "interview")
    at = instant(dig(row, "updated_at"), received_at) or received_at
    start, end = instant(dig(row, "starts_at"), received_at), instant(dig(row, "ends_at"), received_at)
    told: dict[str, Any] = {"cancelled": text(dig(row, "status")) in _OFF}
    planned = text(dig(row, "job_interview_id"))
    interviews = {interview: told}
    if start and end:
        told |= {"start_at": stored(start), "end_at": stored(end)}
        if planned and planned != interview:
            interviews[planned] = {"cancelled": True}
    return Fact(ref, at, interviews=interviews)


def _merger(payload: Any) -> Reading:
    """Applications keep their ids; the candidate goes by another one from now on."""
    former, present = needed(dig(payload, "person", "id"), "candidate"), text(dig(payload, "person", "new_candidate_id"))
    return Reading(merges=((former, present),)) if present else Reading(note="a merger that does not say into whom")


def _renamed(payload: Any, received_at: datetime) -> Reading:
    """Names and addresses, of no application in particular. No instant is told: the arrival's counts."""
    ref, who = needed(dig(payload, "candidate", "id"), "candidate"), _person(dig(payload, "candidate"))
    return Reading(people=((ref, received_at, who),)) if who else Reading(note="a candidate without a name")


def _gone(payload: Any, received_at: datetime) -> Reading:
    """Deleted or anonymised: the person leaves our records, and so do the applications that Greenhouse names."""
    who = needed(
        dig(payload, "candidate_id")
        or dig(payload, "person", "id")
        or dig(payload, "candidate", "id")
        or dig(payload, "person_id"),
        "candidate",
    )
    fields = dig(payload, "anonymized_fields")
    if isinstance(fields, list) and fields and not _NAMED & {one for one in fields if isinstance(one, str)}:
        return Reading(note="anonymised, but not who it is")
    refs = dig(payload, "person", "deleted_application_ids")
    applications = [ref for one in refs if (ref := text(one))] if isinstance(refs, list) else []
    return Reading(facts=tuple(Fact(ref, received_at, "deleted") for ref in applications), people_gone=(who,))
