"""Greenhouse: `Signature: sha256 <hex>` over the raw body; interviews are listed in the application's current stage.

There is no event for a scheduled interview, and times come only from the Harvest API: where the connection has an OAuth client,
polls.py asks for them once an hour. Without one, an interview that awaits feedback is over, and is taken to have ended when we
first heard so.
https://developers.greenhouse.io/webhooks.html, https://harvestdocs.greenhouse.io (Harvest v3)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.errors import FieldError
from chalicelib.integrations.ats.http_client import ApiClient, RetryableError
from chalicelib.integrations.ats.merge import Fact, Status
from chalicelib.integrations.ats.payload import (
    DECISIONS_TAKE,
    Need,
    Reading,
    Unmapped,
    dig,
    email_of,
    instant,
    is_conversation,
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

HARVEST_URL, TOKEN_URL = "https://harvest.greenhouse.io/v3", "https://auth.greenhouse.io"
PAGE_SIZE = 500
"""The most that Greenhouse returns at once."""
POLLED = "heardback_polled_interview"
"""Our own name for a polled interview; Greenhouse has no event of that name."""
_POLLED_FIELDS = ("id", "job_interview_id", "application_id", "starts_at", "ends_at", "status", "updated_at")
_WITHOUT_TIME = ("to_be_scheduled", "skipped")
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
_OFFER = {"offer_created", "offer_approved", "offer_updated", "offer_deleted"}
_STATUS_OF_ACTION: dict[str, Status] = {
    "reject_candidate": "rejected",
    "unreject_candidate": "active",
    "hire_candidate": "hired",
    "candidate_hired": "hired",
    "unhire_candidate": "active",
}
_TAKEN_BACK: dict[str, Status] = {"unreject_candidate": "rejected", "unhire_candidate": "hired"}
_GONE = ("delete_candidate", "candidate_anonymized", "anonymize_candidate")
_IDENTIFYING = {"full_name", "email_addresses", "phone_numbers"}
"""Where none of these was anonymised, the person stays as they are."""
_WITHDREW = "they rejected us"
"""A type of rejection reason that every Greenhouse account has: the candidate's own decision."""


class Greenhouse:
    """Greenhouse's events are complete but for interview times, which are polled (see `list_interviews`)."""

    name = "greenhouse"
    fetches = False
    without_api_key = (
        "Greenhouse tells no times of interviews, so an interview counts from when it first says that it awaits feedback. "
        "Give `client_id` and `api_key` of a Harvest V3 client."
    )
    needs = (
        Need("interviews and stages", ("candidate_stage_change",), tells_who=True),
        Need("rejections", ("reject_candidate",), DECISIONS_TAKE),
        Need("hires", ("hire_candidate", "candidate_hired"), 3 * DECISIONS_TAKE),
    )
    signs_event_id = False
    """Its id comes in a header, which the signature does not cover."""

    def kind(self, body: Any) -> str | None:
        return text(dig(body, "action"))

    def credential_errors(self, given: Mapping[str, Any]) -> list[FieldError]:
        if bool(given.get("client_id")) == bool(given.get("api_key")):
            return []
        missing = "/api_key" if given.get("client_id") else "/client_id"
        return [FieldError(missing, "is required too: client_id and api_key are id and secret of a Harvest v3 OAuth client")]

    def verify_signature(self, secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
        return is_hex_hmac(headers.get("signature"), secret, raw, "sha256 ")

    def event_id(self, headers: Mapping[str, str], body: Any) -> str | None:
        return headers.get("greenhouse-event-id")

    def signed_part(self, body: Any) -> bytes | None:
        return None

    def fetch(self, api_key: str, subdomain: str | None, body: Any) -> Any:
        return None

    def read_event(self, body: Any, received_at: datetime, fetched: Any = None) -> Reading:
        action, payload = text(dig(body, "action")), dig(body, "payload")
        if is_test(action):
            return Reading(note="the test that Greenhouse sends when a webhook is made")
        if action in _APPLICATION:
            return Reading(facts=(_application(str(action), dig(payload, "application"), received_at),))
        if action in _OFFER:
            return _offer(str(action), payload, received_at)
        if action in ("delete_application", "application_deleted"):
            ref = required(dig(payload, "application", "id"), "application")
            return Reading(facts=(Fact(ref, received_at, "deleted"),))
        if action in _GONE:
            return _deleted_or_anonymised(payload, received_at)
        if action == "merge_candidate":
            return _merged(payload)
        if action in ("update_candidate", "candidate_updated"):
            return _updated_candidate(payload, received_at)
        if action == POLLED:
            return Reading(facts=(_polled_interview(dig(payload, "interview"), received_at),))
        if action == "interview_deleted":
            return Reading(interviews_gone=(required(dig(payload, "interview", "id"), "interview"),))
        raise Unmapped(f"there is no mapping for {action!r}")


def list_interviews(
    client_id: str, client_secret: str, since: str, cursor: str | None
) -> tuple[list[dict[str, Any]], str | None]:
    """Fetch one page of interviews changed since then, as event bodies, and the cursor of the next page.

    Raises RetryableError, Unmapped.
    """
    response = ApiClient(TOKEN_URL, {}, (client_id, client_secret)).post_form("/token", grant_type="client_credentials")
    harvest = ApiClient(HARVEST_URL, {"Authorization": f"Bearer {_access_token(response)}"})
    query = {"cursor": cursor} if cursor else {"per_page": str(PAGE_SIZE), "updated_at": f"gte|{since}"}
    rows, next_cursor = harvest.get_page("/interviews", **query)
    interviews = [{name: row.get(name) for name in _POLLED_FIELDS} for row in objects(rows)]
    return [{"action": POLLED, "payload": {"interview": one}} for one in interviews], next_cursor


def _access_token(response: Any) -> str:
    token = dig(response, "access_token")
    if not isinstance(token, str) or not token.isascii() or not token.isprintable():
        raise RetryableError("no access token in the answer")
    return token


def _application(action: str, found: Any, received_at: datetime) -> Fact:
    ref = required(dig(found, "id"), "application")
    at = instant(dig(found, "last_activity_at"), received_at) or received_at
    status = _status(action, found)
    since = instant(dig(found, "rejected_at"), received_at) if status in ("rejected", "withdrawn") else None
    candidate = dig(found, "candidate")
    fields = present_fields(
        person=_person(candidate),
        candidate=text(dig(candidate, "id")),
        job_title=text(dig(found, "jobs", 0, "name")) or text(dig(found, "job", "name")),
        recruiter=email_of(dig(candidate, "recruiter", "email")) or _on_hiring_team(found, "recruiters"),
        hiring_manager=_on_hiring_team(found, "hiring_managers"),
    )
    if action == "candidate_stage_change":
        stage = text(dig(found, "current_stage", "name")) or ""
        fields["offered" if "offer" in stage.casefold() else "moved"] = stage or True
    interviews, held = _interviews(found)
    return Fact(ref, at, status, since, fields, interviews, held, _TAKEN_BACK.get(action))


def _on_hiring_team(found: Any, role: str) -> str | None:
    """Return the first person with a role on the job's hiring team whose email the event tells: many tell ids alone."""
    job = dig(found, "jobs", 0) or dig(found, "job")
    return next((email for one in objects(dig(job, "hiring_team", role)) if (email := email_of(one.get("email")))), None)


def _offer(action: str, offer: Any, received_at: datetime) -> Reading:
    """An offer is a decision. A deleted one takes it back; what the candidate says to it does not.

    The event has no time of its own, so that of its arrival is taken. A former version tells nothing of the present one.
    """
    if (text(dig(offer, "offer_status")) or "").casefold() == "deprecated":
        return Reading(note="a former version of an offer")
    ref = required(dig(offer, "application_id") or dig(offer, "offer", "application_id"), "application")
    return Reading(facts=(Fact(ref, received_at, fields={"offered": action != "offer_deleted"}),))


def _status(action: str, found: Any) -> Status:
    """Take the status from the action where that says it, otherwise from the application."""
    in_body = text(dig(found, "status"))
    of_body: Status = "rejected" if in_body == "rejected" else "hired" if in_body == "hired" else "active"
    status = _STATUS_OF_ACTION.get(action, of_body)
    reason = text(dig(found, "rejection_reason", "type", "name")) or ""
    return "withdrawn" if status == "rejected" and reason.casefold() == _WITHDREW else status


def _person(candidate: Any) -> dict[str, Any] | None:
    names = (text(dig(candidate, "first_name")), text(dig(candidate, "last_name")))
    return person(" ".join(filter(None, names)), dig(candidate, "email_addresses", 0, "value"), _mobile_first(candidate))


def _mobile_first(candidate: Any) -> Any:
    numbers = objects(dig(candidate, "phone_numbers"))
    mobile = [number for number in numbers if number.get("type") == "mobile"]
    return dig([*mobile, *numbers], 0, "value")


def _interviews(found: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    stage = dig(found, "current_stage")
    interviews, held = {}, []
    for one in objects(dig(stage, "interviews")):
        ref, name = text(one.get("id")), one.get("name")
        if ref and is_conversation(name or dig(stage, "name")):
            interviews[ref] = {"stage": stage_of(name, dig(stage, "name"))}
            held += [ref] if one.get("status") in _HELD else []
    return interviews, tuple(held)


def _polled_interview(row: Any, received_at: datetime) -> Fact:
    """Read the times of an interview. The stage may list it under the plan's id too: that entry is then cancelled."""
    ref, interview = required(dig(row, "application_id"), "application"), required(dig(row, "id"), "interview")
    at = instant(dig(row, "updated_at"), received_at) or received_at
    known = times(instant(dig(row, "starts_at"), received_at), instant(dig(row, "ends_at"), received_at))
    interviews: dict[str, Any] = {interview: {"cancelled": text(dig(row, "status")) in _WITHOUT_TIME, **known}}
    planned = text(dig(row, "job_interview_id"))
    if known and planned and planned != interview:
        interviews[planned] = {"cancelled": True}
    return Fact(ref, at, interviews=interviews)


def _merged(payload: Any) -> Reading:
    """Applications keep their ids; the candidate has another id from now on."""
    former, present = required(dig(payload, "person", "id"), "candidate"), text(dig(payload, "person", "new_candidate_id"))
    return Reading(merges=((former, present),)) if present else Reading(note="a merger that does not name the remaining person")


def _updated_candidate(payload: Any, received_at: datetime) -> Reading:
    """Names and addresses. The event has no time of its own, so that of its arrival is taken."""
    ref, found = required(dig(payload, "candidate", "id"), "candidate"), _person(dig(payload, "candidate"))
    return Reading(people=((ref, received_at, found),)) if found else Reading(note="a candidate without a name")


def _deleted_or_anonymised(payload: Any, received_at: datetime) -> Reading:
    """The person leaves our records, and so do the applications that Greenhouse names."""
    candidate = required(
        dig(payload, "candidate_id")
        or dig(payload, "person", "id")
        or dig(payload, "candidate", "id")
        or dig(payload, "person_id"),
        "candidate",
    )
    fields = dig(payload, "anonymized_fields")
    if isinstance(fields, list) and fields and not _IDENTIFYING & {one for one in fields if isinstance(one, str)}:
        return Reading(note="anonymised, but not who it is")
    refs = dig(payload, "person", "deleted_application_ids")
    applications = [ref for one in refs if (ref := text(one))] if isinstance(refs, list) else []
    return Reading(facts=tuple(Fact(ref, received_at, "deleted") for ref in applications), people_gone=(candidate,))
