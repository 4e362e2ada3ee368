"""Ashby: `Ashby-Signature: sha256=<hex>` over the raw body; one schedule is one interview day.

A hire also fires a stage change and an update: all three say the same of the application, and the latest stands.
Candidate ids change when candidates are merged, so the application's id is what we go by. https://developers.ashbyhq.com
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chalicelib.integrations.ats.merge import Fact, Status
from chalicelib.integrations.ats.payload import Reading, Unmapped, dig, instant, listed, needed, person, stage_of, stored, text
from chalicelib.integrations.ats.signatures import is_hex_of

NAME = "ashby"
ASKS_BACK = False
_APPLICATION = {"candidateStageChange", "candidateHire", "applicationUpdate", "applicationSubmit"}
_SCHEDULE = {"interviewScheduleCreate", "interviewScheduleUpdate"}
_NOT_ON = {
    "NeedsScheduling",
    "WaitingOnCandidateBooking",
    "WaitingOnCandidateAvailability",
    "CandidateAvailabilitySubmitted",
    "Cancelled",
    "Canceled",
    "OnHold",
}
"""Statuses of a schedule that has no hour, or lost the one it had; it may get another."""


def verify_signature(secret: str, headers: Mapping[str, str], raw: bytes, body: Any) -> bool:
    return is_hex_of(headers.get("ashby-signature"), secret, raw, "sha256=")


def event_id(headers: Mapping[str, str], body: Any) -> str | None:
    """One action fires several events under one id: the id counts together with what happened."""
    action, known = text(dig(body, "action")), text(dig(body, "webhookActionId"))
    return f"{action} {known}" if known else None


def read(body: Any, received_at: datetime) -> Reading:
    """Raises Unmapped."""
    action, data = text(dig(body, "action")), dig(body, "data")
    if action == "ping":
        return Reading(note="the ping that Ashby sends when a webhook is made")
    if action in _APPLICATION:
        return Reading(facts=(_application(str(action), dig(data, "application"), received_at),))
    if action in _SCHEDULE:
        return Reading(facts=(_schedule(dig(data, "interviewSchedule"), received_at),))
    if action == "candidateDelete":
        return Reading(people_gone=(needed(dig(data, "candidate", "id"), "candidate"),))
    if action == "candidateMerge":
        return Reading(
            merges=(
                (
                    needed(dig(data, "deletedCandidate", "id"), "candidate"),
                    needed(dig(data, "mergedCandidate", "id"), "candidate"),
                ),
            )
        )
    raise Unmapped(f"there is no mapping for {action!r}")


def _application(action: str, found: Any, received_at: datetime) -> Fact:
    ref = needed(dig(found, "id"), "application")
    at = instant(dig(found, "updatedAt"), received_at) or received_at
    candidate, stage = dig(found, "candidate"), dig(found, "currentInterviewStage")
    status, fields = "hired" if action == "candidateHire" else _status(found, stage), dict[str, Any]()
    archived_at = instant(dig(found, "archivedAt"), received_at) if status in ("rejected", "withdrawn") else None
    who = person(
        dig(candidate, "name"), dig(candidate, "primaryEmailAddress", "value"), dig(candidate, "primaryPhoneNumber", "value")
    )
    fields |= {"person": who} if who else {}
    fields |= {"candidate": text(dig(candidate, "id"))} if text(dig(candidate, "id")) else {}
    fields |= {"job_title": text(dig(found, "job", "title"))} if text(dig(found, "job", "title")) else {}
    if action == "candidateStageChange" and status == "active":
        fields["offered" if dig(stage, "type") == "Offer" else "moved"] = text(dig(stage, "title")) or True
    return Fact(ref, at, status, archived_at, fields)


def _status(found: Any, stage: Any) -> Status:
    status, kind = text(dig(found, "status")), text(dig(stage, "type"))
    if status == "Hired" or kind == "Hired":
        return "hired"
    if status == "Archived" or kind == "Archived":
        return "withdrawn" if dig(found, "archiveReason", "reasonType") == "RejectedByCandidate" else "rejected"
    return "active"


def _schedule(found: Any, received_at: datetime) -> Fact:
    """All its events together: word is owed from the end of the last."""
    ref, application = needed(dig(found, "id"), "schedule"), needed(dig(found, "applicationId"), "application")
    events = listed(dig(found, "interviewEvents"))
    starts = [at for one in events if (at := instant(one.get("startTime"), received_at))]
    ends = [at for one in events if (at := instant(one.get("endTime"), received_at))]
    stamps = [dig(found, "updatedAt"), *(one.get("updatedAt") for one in events)]
    at = max((found_at for stamp in stamps if (found_at := instant(stamp, received_at))), default=received_at)
    status = text(dig(found, "status")) or ""
    fields: dict[str, Any] = {"cancelled": status in _NOT_ON}
    if starts and ends:
        fields |= {"start_at": stored(min(starts)), "end_at": stored(max(ends))}
    name = dig(found, "interviewStage", "title") or dig(events, 0, "interview", "title")
    fields |= {"stage": stage_of(name)} if name else {}
    candidate = text(dig(found, "candidateId"))
    return Fact(application, at, fields={"candidate": candidate} if candidate else {}, interviews={ref: fields})
