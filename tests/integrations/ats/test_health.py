"""A connection says what it lacks, on itself and among the employer's warnings: nobody looks into a list of waiting events."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.integrations.ats.systems import SYSTEMS
from chalicelib.storage import table
from tests.integrations.ats.payloads import ashby, ashby_schedule, greenhouse, held, lever, teamtailor, workable
from tests.integrations.ats.vendor_api import Harvest, Vendor

KEY = "k" * 20
FIELDS: dict[str, dict[str, str]] = {
    "greenhouse": {"client_id": "client-id-1", "api_key": KEY},
    "ashby": {},
    "workable": {"api_key": KEY, "subdomain": "acme"},
    "lever": {"api_key": KEY},
    "teamtailor": {"api_key": KEY},
}


def codes(ats: Any) -> list[str]:
    """The warnings of a connection, which are also the employer's."""
    path = f"/v1/integrations/{ats.id}"
    shown = ats.employer.get(path).json["warnings"]
    (listed,) = [one for one in ats.employer.get("/v1/integrations").json["data"] if one["id"] == ats.id]
    assert listed["warnings"] == shown
    of_employer = {one["code"]: one["detail"] for one in ats.employer.get("/v1/employer").json["warnings"]}
    for one in shown:
        assert one["detail"] in of_employer[f"ats_{one['code']}"]
    assert len([code for code in of_employer if code.startswith("ats_")]) == len(shown)
    return [one["code"] for one in shown]


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_a_new_connection_says_that_no_event_has_come_until_one_comes(
    connect: Callable[..., Any], vendor: Vendor, system: str
) -> None:
    ats = connect(system, **FIELDS[system])
    assert codes(ats) == ["no_events"]
    detail = ats.employer.get(f"/v1/integrations/{ats.id}").json["warnings"][0]["detail"]
    assert SYSTEMS[system].needs[0].kinds[0] in detail
    kinds = detail.partition(" for ")[2].rstrip(".").split(", ")
    assert len(kinds) == len(set(kinds)), "an event that serves several needs is named once"
    ats.tell({"greenhouse": greenhouse, "ashby": ashby, "workable": workable, "lever": lever, "teamtailor": teamtailor}[system]())
    assert codes(ats) == []


def test_greenhouse_without_a_client_says_what_that_means(connect: Callable[..., Any]) -> None:
    assert codes(connect("greenhouse")) == ["no_api_key", "no_events"]


@pytest.mark.parametrize("system", ["workable", "lever", "teamtailor"])
def test_a_connection_that_cannot_work_without_an_api_key_is_refused(employer: Any, system: str) -> None:
    refused = employer.post("/v1/integrations", {"system": system, "secret": "12345678"})
    assert (refused.status, [one["pointer"] for one in refused.json["errors"]]) == (422, ["/api_key"])


def test_a_connection_of_before_without_an_api_key_says_so(connect: Callable[..., Any]) -> None:
    """Workable was once connected without one: its events waited for ever, unseen."""
    ats = connect("workable", **FIELDS["workable"])
    item = table.get(f"EMP#{ats.employer.employer_id}#ATS#{ats.id}", "ATS")
    item.api_key = None
    item.save()
    ats.tell(workable())
    assert codes(ats) == ["no_api_key"]
    assert ats.employer.patch(f"/v1/integrations/{ats.id}", {"api_key": KEY}).json["warnings"] == []
    assert codes(ats) == []


def test_an_interview_of_an_unknown_applicant_is_a_warning_until_the_applicant_is_known(connect: Callable[..., Any]) -> None:
    ats = connect("ashby")
    ats.tell(ashby_schedule())
    assert codes(ats) == ["unknown_applicant"]
    detail = ats.employer.get(f"/v1/integrations/{ats.id}").json["warnings"][0]["detail"]
    assert "candidateStageChange" in detail
    assert "who the applicant is" in ats.events("waiting")[0]["note"]
    ats.tell(ashby())
    assert codes(ats) == [] and len(ats.applications()) == 1


def test_a_polled_interview_of_an_unknown_applicant_is_a_warning(
    connect: Callable[..., Any], harvest: Harvest, run_ticks: Any
) -> None:
    ats = connect("greenhouse", **FIELDS["greenhouse"])
    harvest.pages = [
        [
            {
                "id": 113101,
                "application_id": 265277,
                "starts_at": "2026-06-02T09:00:00Z",
                "ends_at": "2026-06-02T10:00:00Z",
                "status": "scheduled",
                "updated_at": "2026-06-01T10:00:00Z",
            }
        ]
    ]
    run_ticks()
    assert codes(ats) == ["unknown_applicant", "no_events"], "what we ask for ourselves is no sign that the webhook works"
    ats.tell(greenhouse(interviews=held()))
    assert codes(ats) == []


def test_a_refused_key_is_a_warning_until_another_one_is_given(connect: Callable[..., Any], vendor: Vendor) -> None:
    vendor.answers["/opportunities/opp-1"] = (401, {})
    ats = connect("lever", api_key=KEY)
    ats.tell(lever(opportunityId="opp-1"))
    assert codes(ats) == ["api_key_refused"]
    assert ats.employer.patch(f"/v1/integrations/{ats.id}", {"api_key": "another-key-1"}).json["warnings"] == []
    assert codes(ats) == []


def test_events_that_never_come_while_others_do_are_named_after_a_week(connect: Callable[..., Any], clock: Any) -> None:
    """Each event is a subscription of its own, and one is easily forgotten."""
    ats = connect("ashby")
    ats.tell(ashby())
    clock.advance(days=6)
    ats.tell(ashby(at="2026-06-08T12:00:00.000Z"))
    assert codes(ats) == []
    clock.advance(days=2)
    ats.tell(ashby(at="2026-06-10T12:00:00.000Z"))
    assert codes(ats) == ["missing_events"]
    assert "interviewScheduleCreate" in ats.employer.get(f"/v1/integrations/{ats.id}").json["warnings"][0]["detail"]
    ats.tell(ashby_schedule())
    assert codes(ats) == []


def test_a_revoked_connection_warns_of_nothing(connect: Callable[..., Any]) -> None:
    first, second = connect("ashby"), connect("lever", api_key=KEY)
    assert first.employer.delete(f"/v1/integrations/{first.id}").status == 204
    warned = [one for one in first.employer.get("/v1/employer").json["warnings"] if one["code"].startswith("ats_")]
    assert [one["detail"][:5] for one in warned] == ["Lever"]
    assert codes(second) == ["no_events"]


def test_another_employer_sees_no_warning_of_this_one(connect: Callable[..., Any], api: Any) -> None:
    connect("ashby").tell(ashby_schedule())
    other = api.new_employer(name="Other")
    assert not [one for one in other.get("/v1/employer").json["warnings"] if one["code"].startswith("ats_")]


def test_events_that_show_nothing_new_write_no_note(connect: Callable[..., Any], meter: Any) -> None:
    """A note is one transaction the first time, and none from then on."""
    ats = connect("ashby")
    ats.tell(ashby(), ashby_schedule())
    meter.reset()
    ats.tell(ashby(at="2026-06-02T12:00:01.000Z"))
    again = meter.requests["TransactWriteItems"]
    item = table.get(f"EMP#{ats.employer.employer_id}#ATS#{ats.id}", "ATS")
    item.health = {**item.health, "heard": {}}
    item.save()
    meter.reset()
    ats.tell(ashby(at="2026-06-02T12:00:02.000Z"))
    assert meter.requests["TransactWriteItems"] == again + 1


# --- offers are decisions, and tests are tests ------------------------------------------------------------------------


def _offer(action: str, **fields: Any) -> dict[str, Any]:
    return {
        "action": action,
        "payload": {"id": 1, "application_id": 265277, "job_id": 3, "version": 1, "offer_status": "Created", **fields},
    }


@pytest.mark.parametrize("action", ["offer_created", "offer_approved", "offer_updated"])
def test_an_offer_at_greenhouse_is_a_decision_that_the_candidate_was_not_told(
    connect: Callable[..., Any], clock: Any, action: str
) -> None:
    ats = connect("greenhouse")
    ats.tell(greenhouse(interviews=held(), at=clock.text(hours=-30)))
    ats.tell(_offer(action))
    assert (ats.application()["decided"], ats.application()["loop"]) == ("offer", "waiting")
    ats.tell(_offer("offer_updated", offer_status="Deprecated"))
    assert ats.application()["decided"] == "offer"
    clock.advance(minutes=1)
    ats.tell(_offer("offer_deleted"))
    assert ats.application()["decided"] is None
    assert ats.events("unmapped") == []


def test_an_offer_at_ashby_is_a_decision(connect: Callable[..., Any]) -> None:
    ats = connect("ashby")
    ats.tell(ashby(), ashby_schedule())
    offer = {"id": "offer-1", "applicationId": ashby()["data"]["application"]["id"], "updatedAt": "2026-06-03T09:00:00.000Z"}
    ats.tell({"action": "offerCreate", "data": {"offer": offer}})
    assert ats.application()["decided"] == "offer"
    ats.tell({"action": "offerDelete", "data": {"offer": {**offer, "updatedAt": "2026-06-03T10:00:00.000Z"}}})
    assert ats.application()["decided"] is None


def test_an_offer_of_nobody_is_unmapped(connect: Callable[..., Any]) -> None:
    ats = connect("greenhouse")
    ats.tell({"action": "offer_created", "payload": {"id": 1}})
    assert [one["note"] for one in ats.events("unmapped")] == ["the event names no application"]


TESTS = {
    "greenhouse": {"action": "ping", "web_hook_id": 5},
    "ashby": {"action": "ping", "data": {}},
    "workable": {"id": "t", "event_type": "test", "data": {}},
    "lever": {"event": "candidateHired", "triggeredAt": 1791000000000, "token": "sample-token-of-48-characters", "data": {}},
    "teamtailor": {"payload": {"event_name": "test", "data": {"id": "1"}}},
}


@pytest.mark.parametrize("system", sorted(SYSTEMS))
def test_a_test_of_the_webhook_is_a_test_and_shows_that_it_works(
    connect: Callable[..., Any], vendor: Vendor, system: str
) -> None:
    ats = connect(system, **FIELDS[system])
    ats.tell(TESTS[system])
    assert len(ats.events("ignored")) == 1 and ats.events("unmapped") == []
    assert "test" in ats.events("ignored")[0]["note"]
    assert {path for path, _ in vendor.asked} <= {"/token"}, "nothing but the poll's token is asked for"
    assert codes(ats) == []
