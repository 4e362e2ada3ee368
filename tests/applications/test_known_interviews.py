"""A known interview: named where a request contradicts it, moved by its external id, reinstated, booked again."""

from __future__ import annotations

from typing import Any

import pytest

REF = [{"system": "calendar", "id": "evt-1"}]


def times(clock: Any, hours: float) -> dict[str, str]:
    return {"start_at": clock.text(hours=hours), "end_at": clock.text(hours=hours + 1)}


def test_the_answer_says_whether_it_was_booked_and_who_was_found(employer: Any, interview: Any) -> None:
    """A client that repeats itself is told so."""
    first, again = (employer.post("/v1/interviews", interview()).json for _ in range(2))
    assert (first["created"], first["matched_by"], first["ignored"], first["warnings"]) == (True, None, [], [])
    assert (again["created"], again["matched_by"], again["id"]) == (False, "email", first["id"])
    other = interview(name="Sam S. Sample", candidate={"phone": "+12025550177", "timezone": "Europe/Paris"})
    said = employer.post("/v1/interviews", other).json
    assert said["ignored"] == ["/application/candidate/name", "/application/candidate/phone"]
    shared = employer.post("/v1/interviews", interview(name="Kim Other")).json
    assert [one["code"] for one in shared["warnings"]] == ["address_shared", "address_shared"]


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"stage": "final"}, ["/stage"]),
        ({"end_at": 2}, ["/end_at"]),
        ({"next_word_by": 72}, ["/next_word_by"]),
        ({"call_back": {"name": "Kim", "phone": "+12025550177"}}, ["/call_back/name", "/call_back/phone"]),
        ({"stage": "screen", "end_at": 3}, ["/stage", "/end_at"]),
    ],
)
def test_other_values_for_a_known_interview_are_a_conflict(
    employer: Any, interview: Any, clock: Any, change: dict[str, Any], pointers: list[str]
) -> None:
    """It names the interview and every field, and nothing is written: not even what was new about the person."""
    body = interview(ended=-24, candidate={"phone": None})
    made = employer.post("/v1/interviews", body).json
    stated = {name: clock.text(hours=24 + value) if isinstance(value, int) else value for name, value in change.items()}
    person = body["application"] | {"candidate": body["application"]["candidate"] | {"phone": "+12025550177"}}
    refused = employer.post("/v1/interviews", {**body, **stated, "application": person})
    assert (refused.status, refused.json["code"]) == (409, "interview_conflict")
    assert [one["pointer"] for one in refused.json["errors"]] == pointers
    assert made["id"] in refused.json["detail"] and all(made["id"] in one["message"] for one in refused.json["errors"])
    kept = employer.get(f"/v1/interviews/{made['id']}").json
    assert kept["updated_at"] == made["updated_at"] and kept["application"]["candidate"]["phone"] is None


def test_what_is_not_stated_again_is_no_conflict(employer: Any, interview: Any, clock: Any) -> None:
    """A second system may know less."""
    full = interview(ended=-24, next_word_by=clock.text(hours=90), call_back={"name": "Kim", "phone": "+12025550177"})
    made = employer.post("/v1/interviews", full).json
    del full["next_word_by"], full["call_back"]
    again = employer.post("/v1/interviews", full)
    assert (again.status, again.json["id"]) == (200, made["id"]) and again.json["next_word_by"] is not None


def test_the_same_external_id_moves_its_interview(employer: Any, interview: Any, clock: Any) -> None:
    """Its wait moves with it; a repeat changes nothing; the record keeps what the request does not state."""
    made = employer.post("/v1/interviews", interview(external_ids=REF, call_back={"name": "Kim", "phone": "+12025550177"})).json
    assert made["external_ids"] == REF
    moved = interview(external_ids=REF, stage="final") | times(clock, 48)
    for _ in range(2):
        again = employer.post("/v1/interviews", moved)
        assert (again.status, again.json["created"], again.json["matched_by"]) == (200, False, "external_id")
        assert (again.json["id"], again.json["stage"], again.json["call_back"]["name"]) == (made["id"], "final", "Kim")
        assert again.json["application"]["word_due_at"] == clock.text(hours=48 + 1 + 48)
    assert len(employer.get("/v1/interviews").json["data"]) == 1


def test_an_external_id_finds_its_interview_whoever_is_named(employer: Any, interview: Any, clock: Any) -> None:
    """By external id it is that person's; what differs is listed. Another application's id is a contradiction."""
    made = employer.post("/v1/interviews", interview(external_ids=REF)).json
    other = employer.post("/v1/applications", {"candidate": {"name": "Kim"}, "job_title": "Cook"}).json
    renamed = employer.post("/v1/interviews", interview(external_ids=REF, name="Kim Other", job_title="Cook")).json
    assert renamed["id"] == made["id"]
    assert renamed["ignored"] == ["/application/candidate/name", "/application/job_title"]
    refused = employer.post("/v1/interviews", interview(external_ids=REF, application_id=other["id"]))
    assert (refused.status, refused.json["code"]) == (409, "interview_conflict")
    assert [one["pointer"] for one in refused.json["errors"]] == ["/application_id"]


def test_an_external_id_joins_an_interview_that_is_known_by_its_start(employer: Any, interview: Any, clock: Any) -> None:
    """A recruiter booked it by hand, the calendar sends it too; then it moves."""
    made = employer.post("/v1/interviews", interview(ended=-24)).json
    joined = employer.post("/v1/interviews", interview(ended=-24, external_ids=REF)).json
    assert (joined["id"], joined["external_ids"], joined["created"]) == (made["id"], REF, False)
    moved = employer.post("/v1/interviews", interview(external_ids=REF) | times(clock, 48)).json
    assert moved["id"] == made["id"]
    two = [*REF, {"system": "calendar", "id": "evt-2"}]
    fresh = employer.post("/v1/interviews", interview(external_ids=two) | times(clock, 70))
    assert fresh.json["id"] == made["id"] and len(fresh.json["external_ids"]) == 2


def test_a_move_by_external_id_obeys_the_rules_of_a_change(employer: Any, interview: Any, clock: Any) -> None:
    """A cancelled one stays cancelled, and two interviews never share a slot."""
    made = employer.post("/v1/interviews", interview(external_ids=REF) | times(clock, 24)).json
    employer.post("/v1/interviews", interview() | times(clock, 48))
    taken = employer.post("/v1/interviews", interview(external_ids=REF) | times(clock, 48))
    assert (taken.status, taken.json["code"]) == (409, "duplicate_interview")
    assert employer.post(f"/v1/interviews/{made['id']}/cancel").status == 200
    refused = employer.post("/v1/interviews", interview(external_ids=REF) | times(clock, 72))
    assert (refused.status, refused.json["code"]) == (409, "interview_cancelled") and "reinstate" in refused.json["detail"]


def test_another_employers_external_id_is_not_theirs(employer: Any, api: Any, interview: Any) -> None:
    """Two tenants use one calendar product."""
    made = employer.post("/v1/interviews", interview(external_ids=REF)).json
    theirs = api.new_employer().post("/v1/interviews", interview(external_ids=REF)).json
    assert theirs["created"] and theirs["id"] != made["id"]


def test_an_erased_interviews_external_id_is_free(employer: Any, interview: Any) -> None:
    """The key goes with the person."""
    made = employer.post("/v1/interviews", interview(external_ids=REF)).json
    assert employer.delete(f"/v1/candidates/{made['application']['candidate_id']}").status == 200
    again = employer.post("/v1/interviews", interview(external_ids=REF))
    assert again.status == 201 and again.json["id"] != made["id"]


def test_a_no_show_is_taken_back(employer: Any, interview: Any) -> None:
    """The candidate was there after all: word is owed from the interview's end. Twice is the same."""
    made = employer.post("/v1/interviews", interview()).json
    path = f"/v1/interviews/{made['id']}"
    assert employer.post(f"{path}/no_show").json["application"]["loop"] == "idle"
    for _ in range(2):
        back = employer.post(f"{path}/reinstate")
        assert (back.status, back.json["status"], back.json["application"]["loop"]) == (200, "scheduled", "waiting")
        assert back.json["application"]["word_due_at"] == made["application"]["word_due_at"]


def test_a_cancelled_interview_is_taken_back(employer: Any, interview: Any, clock: Any) -> None:
    """Unless the application takes none any more."""
    made = employer.post("/v1/interviews", interview() | times(clock, 24)).json
    path = f"/v1/interviews/{made['id']}"
    employer.post(f"{path}/cancel")
    assert employer.patch(f"/v1/applications/{made['application_id']}", {"status": "closed"}).status == 200
    refused = employer.post(f"{path}/reinstate")
    assert (refused.status, refused.json["code"]) == (409, "application_closed")
    employer.patch(f"/v1/applications/{made['application_id']}", {"status": "active"})
    assert employer.post(f"{path}/reinstate").json["application"]["loop"] == "booked"


@pytest.mark.parametrize("action", ["no_show", "cancel"])
def test_the_slot_of_a_missed_interview_can_be_booked_anew(employer: Any, interview: Any, clock: Any, action: str) -> None:
    """Then the first one can no longer be taken back."""
    body = interview() | times(clock, 0.5)
    made = employer.post("/v1/interviews", body).json
    if action == "no_show":
        clock.advance(hours=2)
    assert employer.post(f"/v1/interviews/{made['id']}/{action}").status == 200
    fresh = employer.post("/v1/interviews", body)
    assert fresh.status == 201 and fresh.json["id"] != made["id"]
    refused = employer.post(f"/v1/interviews/{made['id']}/reinstate")
    assert (refused.status, refused.json["code"]) == (409, "duplicate_interview")


def test_nobody_elses_interview_is_reinstated(employer: Any, api: Any, interview: Any) -> None:
    """Another tenant, and an id of nothing."""
    made = employer.post("/v1/interviews", interview()).json
    assert api.new_employer().post(f"/v1/interviews/{made['id']}/reinstate").status == 404
    assert employer.post(f"/v1/interviews/int_{'0' * 26}/reinstate").status == 404
