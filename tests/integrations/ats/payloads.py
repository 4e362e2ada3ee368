"""Payloads in the shapes that the vendors document, and their signatures. People and numbers are samples."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

SECRET = "a-shared-secret-of-the-tests"
Json = dict[str, Any]


def hex_of(message: bytes, secret: str = SECRET) -> str:
    return hmac.digest(secret.encode(), message, "sha256").hex()


def signed(system: str, body: Json, secret: str = SECRET) -> tuple[bytes, dict[str, str]]:
    """(raw body, headers) as the system would send them."""
    if system == "lever":
        body = {**body, "signature": hex_of(f"{body['token']}{body['triggeredAt']}".encode(), secret)}
    if system == "teamtailor":
        body = {**body, "signature": base64.b64encode(hex_of(body["payload"]["data"]["id"].encode(), secret).encode()).decode()}
    raw = json.dumps(body).encode()
    header = {
        "greenhouse": ("signature", "sha256 "),
        "ashby": ("ashby-signature", "sha256="),
        "workable": ("x-workable-signature", ""),
    }.get(system)
    return raw, {header[0]: header[1] + hex_of(raw, secret)} if header else {}


def stamped(raw: bytes, secret: str = SECRET, stamp: str = "1780401600") -> str:
    """Teamtailor's `TT-Signature` of a body."""
    return base64.b64encode(f"t={stamp},v2={hex_of(stamp.encode() + b'.' + raw, secret)}".encode()).decode()


def greenhouse(
    action: str = "candidate_stage_change",
    at: str = "2026-06-02T12:00:00Z",
    *,
    ref: int = 265277,
    status: str = "active",
    rejected_at: str | None = None,
    stage: str = "Assessment",
    interviews: list[Json] | None = None,
    job: str = "Designer",
    **person: Any,
) -> Json:
    who = {
        "first_name": "Giuseppe",
        "last_name": "Hurley",
        "email": "giuseppe.hurley@example.com",
        "phone": "202-555-0134",
        "candidate_id": 265772,
        **person,
    }
    return {
        "action": action,
        "payload": {
            "application": {
                "id": ref,
                "status": status,
                "rejected_at": rejected_at,
                "last_activity_at": at,
                "prospect": False,
                "current_stage": {"id": 71416, "name": stage, "interviews": interviews or []},
                "candidate": {
                    "id": who["candidate_id"],
                    "first_name": who["first_name"],
                    "last_name": who["last_name"],
                    "can_email": True,
                    "phone_numbers": [{"value": "330-281-8004", "type": "home"}, {"value": who["phone"], "type": "mobile"}],
                    "email_addresses": [{"value": who["email"], "type": "personal"}],
                },
                "jobs": [{"id": 3485, "name": job}],
            }
        },
    }


def held(ref: int = 113101, status: str = "awaiting_feedback", name: str = "Assessment") -> list[Json]:
    return [{"id": ref, "name": name, "status": status, "interviewers": [{"id": 2622, "display_name": "Carl Sample"}]}]


def ashby(
    action: str = "candidateStageChange",
    at: str | None = "2026-06-02T12:00:00.000Z",
    *,
    status: str = "Active",
    stage: str = "Onsite",
    kind: str = "Active",
    action_id: str = "",
    **more: Any,
) -> Json:
    application = {
        "id": "9f3c0f9e-app",
        "createdAt": "2026-05-01T09:00:00.000Z",
        "status": status,
        "customFields": [],
        "candidate": {
            "id": "cand-1",
            "name": "Ada Sample",
            "primaryEmailAddress": {"value": "ada@example.com"},
            "primaryPhoneNumber": {"value": "+12025550135", "type": "Mobile"},
        },
        "currentInterviewStage": {"id": "st-1", "title": stage, "type": kind, "orderInInterviewPlan": 3},
        "job": {"id": "job-1", "title": "Engineer"},
        **({"updatedAt": at} if at else {}),
        **more,
    }
    return {"webhookActionId": action_id or f"{action}-{at}", "action": action, "data": {"application": application}}


def ashby_schedule(
    action: str = "interviewScheduleCreate",
    at: str = "2026-06-01T12:00:00.000Z",
    *,
    status: str = "Scheduled",
    start: str = "2026-06-02T10:00:00.000Z",
    end: str = "2026-06-02T13:00:00.000Z",
    ref: str = "sch-1",
) -> Json:
    middle = "2026-06-02T11:00:00.000Z"
    return {
        "webhookActionId": f"{action}-{at}-{status}",
        "action": action,
        "data": {
            "interviewSchedule": {
                "id": ref,
                "status": status,
                "applicationId": "9f3c0f9e-app",
                "updatedAt": at,
                "interviewStage": {"title": "Onsite"},
                "interviewEvents": [
                    {"id": "ev-1", "startTime": start, "endTime": middle, "interviewerUserIds": ["u1"]},
                    {"id": "ev-2", "startTime": middle, "endTime": end, "interviewerUserIds": ["u2"]},
                ],
            }
        },
    }


def workable(event: str = "candidate_moved", at: str = "2026-06-02T12:00:00Z", **data: Any) -> Json:
    return {
        "id": f"{event}-{at}",
        "event_type": event,
        "fired_at": at,
        "resource_type": "candidate",
        "data": {
            "id": "cand1",
            "name": "Wanda Sample",
            "email": "wanda@example.com",
            "phone": "+12025550136",
            "stage": "Interview",
            "disqualified": False,
            "job": {"shortcode": "GROOV001", "title": "Analyst"},
            **data,
        },
    }


def lever(event: str = "candidateStageChange", at: int = 1780401600000, **data: Any) -> Json:
    return {
        "id": f"{event}-{at}",
        "event": event,
        "triggeredAt": at,
        "token": "a7c1d6a1b3",
        "data": {"candidateId": "op-1", "opportunityId": "op-1", "fromStageId": "s1", "toStageId": "s2", **data},
    }


def teamtailor(event: str = "job_application.update", ref: str = "4711") -> Json:
    attributes = {"cover-letter": None, "updated-at": "2026-06-02T12:00:00Z"}
    return {"payload": {"event_name": event, "data": {"id": ref, "type": "job-applications", "attributes": attributes}}}


SAMPLES: dict[str, list[Json]] = {
    "greenhouse": [
        greenhouse(),
        greenhouse("reject_candidate", status="rejected", rejected_at="2026-06-03T09:00:00Z"),
        {"action": "interview_deleted", "payload": {"interview": {"id": 31087450}}},
    ],
    "ashby": [ashby(), ashby_schedule(), ashby("candidateHire", status="Hired", kind="Hired")],
    "workable": [workable(), workable("candidate_created")],
    "lever": [lever(), lever("interviewCreated", interviewId="iv-1")],
    "teamtailor": [teamtailor(), teamtailor("job_application.destroy")],
}
