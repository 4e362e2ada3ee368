"""Ashby: `Ashby-Signature: sha256=<hex>` over the raw body; one schedule is one interview day.

A hire also fires a stage change and an update. All three say the same of the application, and the latest counts.
Candidate ids change when candidates are merged, so applications are identified by their own id. https://developers.ashbyhq.com
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.errors import FieldError
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

_APPLICATION = {"candidateStageChange", "candidateHire", "applicationUpdate", "applicationSubmit"}
_SCHEDULE = {"interviewScheduleCreate", "interviewScheduleUpdate"}
_OFFER = {"offerCreate", "offerUpdate", "offerDelete"}
_WITHOUT_TIME = {
    "NeedsScheduling",
    "WaitingOnCandidateBooking",
    "WaitingOnCandidateAvailability",
    "CandidateAvailabilitySubmitted",
    "Cancelled",
    "Canceled",
    "OnHold",
}
"""Statuses of a schedule that has no time yet, or lost it and may get another."""


class Ashby:
    """Ashby's events are complete: its API is not asked."""

    name = "ashby"
    fetches = False
    signs_event_id = True
    without_api_key = None
    needs = (
        Need("interviews", ("interviewScheduleCreate", "interviewScheduleUpdate")),
        Need("applicants", ("applicationSubmit", "candidateStageChange", "applicationUpdate"), tells_who=True),
        Need("decisions", ("candidateStageChange", "candidateHire", "applicationUpdate"), DECISIONS_TAKE),
    )

    def kind(self, body: Any) -> str | None:
        return text(dig(body, "action"))

    def credential_errors(self, given: Mapping[str, Any]) -> list[FieldError]:
        return []

    def verify_signature(self, secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
        return is_hex_hmac(headers.get("ashby-signature"), secret, raw, "sha256=")

    def event_id(self, headers: Mapping[str, str], body: Any) -> str | None:
        """One action fires several events under one id, so the action is a part of the id."""
        action, action_id = text(dig(body, "action")), text(dig(body, "webhookActionId"))
        return f"{action} {action_id}" if action_id else None

    def signed_part(self, body: Any) -> bytes | None:
        return None

    def fetch(self, api_key: str, subdomain: str | None, body: Any) -> Any:
        return None

    def read_event(self, body: Any, received_at: datetime, fetched: Any = None) -> Reading:
        action, data = text(dig(body, "action")), dig(body, "data")
        if is_test(action):
            return Reading(note="the test that Ashby sends when a webhook is made")
        if action in _APPLICATION:
            return Reading(facts=(_application(str(action), dig(data, "application"), received_at),))
        if action in _SCHEDULE:
            return Reading(facts=(_schedule(dig(data, "interviewSchedule"), received_at),))
        if action in _OFFER:
            return Reading(facts=(_offer(str(action), dig(data, "offer"), received_at),))
        if action == "candidateDelete":
            return Reading(people_gone=(required(dig(data, "candidate", "id"), "candidate"),))
        if action == "candidateMerge":
            former = required(dig(data, "deletedCandidate", "id"), "candidate")
            present = required(dig(data, "mergedCandidate", "id"), "candidate")
            return Reading(merges=((former, present),))
        raise Unmapped(f"there is no mapping for {action!r}")


def _application(action: str, found: Any, received_at: datetime) -> Fact:
    ref = required(dig(found, "id"), "application")
    at = instant(dig(found, "updatedAt"), received_at) or received_at
    candidate, stage = dig(found, "candidate"), dig(found, "currentInterviewStage")
    status = "hired" if action == "candidateHire" else _status(found, stage)
    archived_at = instant(dig(found, "archivedAt"), received_at) if status in ("rejected", "withdrawn") else None
    fields = present_fields(
        person=person(
            dig(candidate, "name"), dig(candidate, "primaryEmailAddress", "value"), dig(candidate, "primaryPhoneNumber", "value")
        ),
        candidate=text(dig(candidate, "id")),
        job_title=text(dig(found, "job", "title")),
        recruiter=_on_hiring_team(found, "recruiter"),
        hiring_manager=_on_hiring_team(found, "hiring manager"),
    )
    if action == "candidateStageChange" and status == "active":
        fields["offered" if dig(stage, "type") == "Offer" else "moved"] = text(dig(stage, "title")) or True
    return Fact(ref, at, status, archived_at, fields)


def _on_hiring_team(found: Any, role: str) -> str | None:
    """Return the email of the first on the application's, or the job's, hiring team with a role."""
    team = [*objects(dig(found, "hiringTeam")), *objects(dig(found, "job", "hiringTeam"))]
    having = (one for one in team if (text(one.get("role")) or "").casefold() == role)
    return next((email for one in having if (email := email_of(one.get("email")))), None)


def _offer(action: str, found: Any, received_at: datetime) -> Fact:
    """An offer is a decision. A deleted one takes it back; what the candidate says to it does not."""
    ref = required(dig(found, "applicationId"), "application")
    at = instant(dig(found, "updatedAt"), received_at) or received_at
    return Fact(ref, at, fields={"offered": action != "offerDelete"})


def _status(found: Any, stage: Any) -> Status:
    status, kind = text(dig(found, "status")), text(dig(stage, "type"))
    if status == "Hired" or kind == "Hired":
        return "hired"
    if status == "Archived" or kind == "Archived":
        return "withdrawn" if dig(found, "archiveReason", "reasonType") == "RejectedByCandidate" else "rejected"
    return "active"


def _schedule(found: Any, received_at: datetime) -> Fact:
    """Read all events of a schedule as one interview: word is owed from the end of the last."""
    ref, application = required(dig(found, "id"), "schedule"), required(dig(found, "applicationId"), "application")
    events = objects(dig(found, "interviewEvents"))
    starts = [at for one in events if (at := instant(one.get("startTime"), received_at))]
    ends = [at for one in events if (at := instant(one.get("endTime"), received_at))]
    updates = [dig(found, "updatedAt"), *(one.get("updatedAt") for one in events)]
    at = max((updated_at for one in updates if (updated_at := instant(one, received_at))), default=received_at)
    interview: dict[str, Any] = {"cancelled": (text(dig(found, "status")) or "") in _WITHOUT_TIME}
    interview |= times(min(starts, default=None), max(ends, default=None))
    name = dig(found, "interviewStage", "title") or dig(events, 0, "interview", "title")
    interview |= {"stage": stage_of(name)} if name else {}
    fields = present_fields(candidate=text(dig(found, "candidateId")))
    return Fact(application, at, fields=fields, interviews={ref: interview})
