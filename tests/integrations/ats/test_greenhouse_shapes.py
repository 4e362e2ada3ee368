"""Greenhouse's payloads with every field that its page shows (developers.greenhouse.io/webhooks.html); values are samples."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.applications.privacy.conftest import everything
from tests.integrations.ats.conftest import any_order
from tests.integrations.ats.payloads import greenhouse, held, signed

__all__ = ["everything"]
Json = dict[str, Any]


def whole(action: str, *leave_out: str, **changed: Any) -> Json:
    """An application as Greenhouse sends it, with unused fields and nulls."""
    body = greenhouse(action, **{k: v for k, v in changed.items() if k in ("at", "status", "rejected_at", "stage", "interviews")})
    application = body["payload"]["application"]
    application |= {
        "applied_at": "2026-05-01T00:00:00Z",
        "url": "https://app.greenhouse.io/people/265772?application_id=265277",
        "source": {"id": 27, "public_name": "LinkedIn"},
        "credited_to": None,
        "rejection_reason": None,
        "rejection_details": None,
        "prospect_detail": {"prospect_pool": None, "prospect_stage": None, "prospect_owner": None},
        "custom_fields": {"a_field": {"name": "A field", "type": "short_text", "value": None}},
    }
    application["candidate"] |= {
        "title": None,
        "company": None,
        "created_at": "2026-04-30T01:24:48Z",
        "external_id": None,
        "photo_url": None,
        "is_private": False,
        "addresses": [],
        "website_addresses": [],
        "social_media_addresses": [],
        "educations": [],
        "employments": [],
        "recruiter": None,
        "coordinator": None,
        "attachments": [],
        "tags": ["Imported"],
        "custom_fields": {},
    }
    application["jobs"][0] |= {
        "requisition_id": None,
        "notes": None,
        "confidential": False,
        "status": "open",
        "closed_at": None,
        "departments": [{"id": 7, "name": "Art", "external_id": None}],
        "offices": [],
    }
    application |= {k: v for k, v in changed.items() if k in ("rejection_reason", "jobs", "prospect", "current_stage")}
    for name in leave_out:
        del application[name]
    return body


def test_an_interview_with_its_kit_and_several_interviewers_is_one(connect: Callable[..., Any]) -> None:
    """Interviewers are not stored."""
    ats = connect("greenhouse")
    people = [{"id": 1, "display_name": "Carl Sample", "status": "declined"}, {"id": 2, "display_name": None, "status": None}]
    kit = {"url": "https://app.greenhouse.io/guides/1", "content": "Assess", "questions": [{"id": 1, "question": "Why?"}]}
    steps = [
        {**held()[0], "interviewers": people, "interview_kit": kit},
        {"id": 9, "name": "Take home", "status": "sent", "interviewers": []},
        {"id": 10, "name": "Application Review", "status": "collect_feedback", "interviewers": []},
    ]
    ats.tell(whole("candidate_stage_change", interviews=steps))
    assert ats.application()["loop"] == "waiting"
    assert len(ats.employer.get("/v1/interviews").json["data"]) == 1


def test_a_hire_has_no_status_no_stage_and_no_time(connect: Callable[..., Any]) -> None:
    """It has an offer, and `job` beside `jobs`. The time of its arrival is taken."""
    ats = connect("greenhouse")
    hire = whole("hire_candidate", "status", "rejected_at", "last_activity_at", "current_stage", "prospect")
    hire["payload"]["application"] |= {
        "offer": {"id": 506409, "version": 2, "sent_at": "2026-05-10", "starts_at": "2026-08-23"},
        "opening": {"opening_id": "1234-56", "custom_fields": []},
        "job": {"id": 3485, "name": "Designer", "close_date": None},
    }
    ats.tell(whole("candidate_stage_change", interviews=held()), hire)
    assert (ats.application()["answered_by"], ats.application()["decided"]) == ("candidate", "offer")


@pytest.mark.parametrize("order", any_order(3))
def test_an_unrejection_with_the_rejections_time_counts_in_any_order(connect: Callable[..., Any], order: tuple[int, ...]) -> None:
    """Greenhouse's own sample of an unrejection has the `last_activity_at` of the rejection."""
    ats = connect("greenhouse")
    at = "2026-06-02T13:00:00Z"
    told = [
        whole("candidate_stage_change", at="2026-06-02T12:00:00Z", interviews=held()),
        whole("reject_candidate", at=at, status="rejected", rejected_at=at),
        whole("unreject_candidate", at=at),
    ]
    ats.tell(*[told[n] for n in order])
    assert (ats.application()["decided"], ats.application()["loop"]) == (None, "waiting")


def test_they_rejected_us_is_a_withdrawal(connect: Callable[..., Any]) -> None:
    """Greenhouse calls a withdrawal a rejection of this type. Nobody waits after it."""
    ats = connect("greenhouse")
    reason = {"id": 14, "name": "Took another job", "type": {"id": 2, "name": "They rejected us"}}
    ats.tell(
        whole("candidate_stage_change", interviews=held()),
        whole(
            "reject_candidate",
            at="2026-06-02T13:00:00Z",
            status="rejected",
            rejected_at="2026-06-02T13:00:00Z",
            rejection_reason=reason,
        ),
    )
    assert (ats.application()["status"], ats.application()["decided"], ats.application()["loop"]) == ("withdrawn", None, "closed")


def test_an_update_without_jobs_keeps_the_title_and_a_prospect_is_not_stored(connect: Callable[..., Any]) -> None:
    """`jobs` is empty in the page's own sample of an update; a prospect has neither job nor stage."""
    ats = connect("greenhouse")
    ats.tell(whole("candidate_stage_change", interviews=held()), whole("application_updated", at="2026-06-02T12:30:00Z", jobs=[]))
    assert ats.application()["job_title"] == "Designer"
    prospect = whole("application_updated", jobs=[], prospect=True, current_stage=None)
    prospect["payload"]["application"]["id"] = 5
    ats.tell(prospect)
    assert len(ats.applications()) == 1 and len(ats.events("waiting")) == 1


def _updated(last_name: str) -> Json:
    return {
        "action": "update_candidate",
        "payload": {
            "candidate": {
                "id": 265772,
                "first_name": "Giuseppe",
                "last_name": last_name,
                "title": None,
                "external_id": "946aa514658",
                "phone_numbers": [{"value": "202-555-0134", "type": "mobile"}],
                "email_addresses": [],
                "tags": [],
                "recruiter": None,
            }
        },
    }


def test_a_candidates_new_name_reaches_known_and_later_applications(connect: Callable[..., Any], clock: Any) -> None:
    """The event names no application."""
    ats = connect("greenhouse")
    ats.tell(whole("candidate_stage_change", interviews=held()), _updated("Married"))
    assert ats.application()["candidate"]["name"] == "Giuseppe Married"
    clock.advance(minutes=1)
    ats.tell(whole("application_updated", at="2026-06-02T12:40:00Z", interviews=held()))
    assert ats.application()["candidate"]["name"] == "Giuseppe Married", "an older snapshot does not undo it"
    other = connect("greenhouse")
    other.tell(_updated("Before"))
    assert [e["note"] for e in other.events("ignored")] == ["of nobody who is known here; it is remembered for when they are"]


GONE = {"action": "candidate_anonymized", "payload": {"candidate_id": 457456, "anonymized_fields": ["full_name", "attachments"]}}
MERGED = {
    "action": "merge_candidate",
    "payload": {
        "person": {
            "id": 265772,
            "first_name": "Giuseppe",
            "last_name": "Hurley",
            "company": None,
            "is_private": False,
            "can_email": False,
            "new_candidate_id": 457456,
        }
    },
}


def test_nothing_of_an_anonymised_person_is_kept(connect: Callable[..., Any], everything: Any) -> None:
    """Except for event bodies, which are deleted after a month."""
    ats = connect("greenhouse")
    ats.tell(
        whole("candidate_stage_change", interviews=held()),
        _updated("Planted"),
        MERGED,
        GONE,
        whole("application_updated", at="2026-06-02T12:40:00Z", interviews=held()),
        _updated("Planted"),
    )
    kept = [text for text in everything() if "EVT#" not in text]
    assert not [text for text in kept if "planted" in text.lower() or "giuseppe" in text.lower()]


@pytest.mark.parametrize("order", any_order(3))
def test_a_merged_and_then_anonymised_candidate_is_gone_in_any_order(connect: Callable[..., Any], order: tuple[int, ...]) -> None:
    """The application has the former id, and the anonymisation only the new one."""
    ats = connect("greenhouse")
    told = [whole("candidate_stage_change", interviews=held()), MERGED, GONE]
    ats.tell(*[told[n] for n in order])
    assert ats.events("unmapped") == [] and ats.events("failed") == []
    names = [case["candidate"]["name"] for case in ats.applications()]
    assert names in (["Anonymised candidate"], []), "a candidate who is gone before the first interview is never stored"
    assert "Hurley" not in str(ats.employer.get("/v1/candidates").json)


def test_a_candidate_is_found_by_the_name_that_they_have_now(connect: Callable[..., Any]) -> None:
    """Renamed, merged, anonymised: the search follows, and nobody stays under the former name."""
    ats = connect("greenhouse")

    def found(q: str) -> int:
        return len(ats.employer.get("/v1/candidates", query={"q": q}).json["data"])

    ats.tell(greenhouse(interviews=held()))
    assert (found("hurl giu"), found("sample")) == (1, 0)
    ats.tell(MERGED, greenhouse("application_updated", "2026-06-02T12:30:00Z", interviews=held(), last_name="Sample"))
    assert (found("hurley"), found("giuseppe sample")) == (0, 1)
    ats.tell(GONE)
    assert (found("giuseppe"), found("anonymised")) == (0, 1)


def test_a_candidate_whose_title_was_anonymised_keeps_the_name(connect: Callable[..., Any]) -> None:
    """Only identifying fields count."""
    ats = connect("greenhouse")
    ats.tell(
        whole("candidate_stage_change", interviews=held()),
        {"action": "candidate_anonymized", "payload": {"candidate_id": 265772, "anonymized_fields": ["current_title", "tags"]}},
    )
    assert ats.application()["candidate"]["name"] == "Giuseppe Hurley"


def test_a_deleted_application_is_closed(connect: Callable[..., Any]) -> None:
    """The event has only its id and its candidate's."""
    ats = connect("greenhouse")
    ats.tell(
        whole("candidate_stage_change", interviews=held()),
        {
            "action": "delete_application",
            "payload": {
                "application": {
                    "id": 265277,
                    "candidate_id": 265772,
                    "job_id": 3485,
                    "rejected_at": None,
                    "prospect": False,
                    "referrer_id": None,
                }
            },
        },
    )
    assert ats.application()["status"] == "closed"


@pytest.mark.parametrize("name", ["Signature", "SIGNATURE", "signature", "sIgNaTuRe"])
def test_header_names_are_case_insensitive(connect: Callable[..., Any], name: str) -> None:
    """Gateways change the case."""
    ats = connect("greenhouse")
    raw, headers = signed("greenhouse", whole("candidate_stage_change"))
    assert ats.api.post(ats.path, raw, headers={name: headers["signature"]}).status == 200
