"""An employer on trial can send to its own verified addresses only."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.engines import Api

OWN, OTHER = "dana@acme.example", "sam@example.com"


def interviewed(employer: Api, clock: Any, email: str) -> str:
    made = employer.post(
        "/v1/interviews",
        {
            "application": {"candidate": {"name": "Sam", "email": email}, "job_title": "Engineer"},
            "stage": "final",
            "start_at": clock.text(hours=-1),
            "end_at": clock.text(),
        },
    )
    assert made.status == 201, made
    return made.json["application_id"]


def fates(employer: Api, application_id: str) -> list[tuple[str, str | None]]:
    return [(one["status"], one["reason"]) for one in employer.get(f"/v1/applications/{application_id}/messages").json["data"]]


def link_in(outbox: Any) -> str:
    return re.search(r"http://heardback\.example(/v/\S+)", outbox.to(OWN)[-1]["body"])[1]


def test_on_trial_only_verified_addresses_get_messages(api: Api, clock: Any, outbox: Any, run_ticks: Any) -> None:
    """Other messages are listed with the reason."""
    employer = api.new_employer(trial=True, digest_to=[OWN, OTHER])
    assert employer.post("/v1/employer/addresses", {"email": OWN}).json["verified"] is False
    assert employer.get(link_in(outbox)).status == 200
    assert employer.get("/v1/employer/addresses").json["data"][0]["verified"] is False
    assert api.post(link_in(outbox)).status == api.post(link_in(outbox)).status == 200
    assert employer.get("/v1/employer/addresses").json["data"][0]["verified_by"] == "link"
    own, other = interviewed(employer, clock, OWN), interviewed(employer, clock, OTHER)
    outbox.clear()
    clock.advance(hours=48)
    run_ticks()
    assert fates(employer, own) == [("sent", None)]
    assert fates(employer, other) == [("suppressed", "on trial: not one of the employer's verified addresses")]
    assert {entry["to"] for entry in outbox} == {OWN}
    digests = employer.get("/v1/messages", query={"audience": "employer", "status": "suppressed"}).json["data"]
    assert {one["to"] for one in digests} == {OTHER}


def test_the_operator_verifies_a_number_and_ends_the_trial(
    api: Api, operator: Api, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """A number has no mailbox for a link; one PATCH ends the trial."""
    employer = api.new_employer(trial=True)
    path = f"/v1/employers/{employer.employer_id}"
    assert employer.post("/v1/employer/addresses", {"phone": "+1 202 555 0144"}).json["verified"] is False
    assert operator.post(f"{path}/addresses", {"phone": "+12025550144"}).json["verified_by"] == "operator"
    assert outbox == []
    application = interviewed(employer, clock, OTHER)
    assert operator.patch(path, {"trial": False}).status == 200
    clock.advance(hours=48)
    run_ticks()
    assert fates(employer, application) == [("sent", None)]


def test_a_link_verifies_its_address_until_that_is_removed(api: Api, clock: Any, outbox: Any) -> None:
    """A forged or expired link, or one of a removed address, verifies nothing."""
    employer = api.new_employer(trial=True)
    employer.post("/v1/employer/addresses", {"email": OWN})
    link = link_in(outbox)
    assert api.post(link[:-2] + "AA").status == 404
    assert employer.post("/v1/employer/addresses/remove", {"email": OWN}).status == 200
    assert api.post(link).status == 404
    employer.post("/v1/employer/addresses", {"email": OWN})
    clock.advance(days=3)
    assert api.post(link_in(outbox)).status == 404


@pytest.mark.parametrize("body", [{}, {"email": OWN, "phone": "+12025550144"}, {"email": "x"}, {"verified": True, "email": OWN}])
def test_one_address_is_added_at_a_time(employer: Api, body: Any) -> None:
    """And no client can call an address verified."""
    assert employer.post("/v1/employer/addresses", body).status == 422


def test_verification_mails_to_one_address_are_limited(api: Api, outbox: Any) -> None:
    """The mail goes to somebody who may not have asked for it."""
    employer = api.new_employer(trial=True)
    answers = [employer.post("/v1/employer/addresses", {"email": OWN}).status for _ in range(8)]
    assert answers.count(201) == 5 and answers[-1] == 429 and len(outbox.to(OWN)) == 5
