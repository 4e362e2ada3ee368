"""By the API: links to the report for people without an account, and the public heard-back rate."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.engines import BASE_URL
from tests.reputation.loading import a_load, load

KEY = {"Idempotency-Key": "share-once"}


def path_of(made):
    return made.json["url"].removeprefix(BASE_URL)


def test_a_link_for_days_is_made_listed_and_ended(employer, api, clock):
    """A hiring system shares the report without a person at the page."""
    load(employer.employer_id, [a_load(clock.now - timedelta(days=9))])
    made = employer.post("/v1/report_shares", {"days": 7})
    assert (made.status, made.json["group"], made.json["expires_at"]) == (201, None, clock.text(days=7))
    page = api.get(path_of(made))
    assert page.status == 200 and "0 of 1 heard on time" in page.json and "Candidate " not in page.json
    [listed] = employer.get("/v1/report_shares").json["data"]
    assert listed == {name: value for name, value in made.json.items() if name != "url"}
    assert employer.delete(f"/v1/report_shares/{listed['id']}").status == 204
    assert api.get(path_of(made)).status == 410
    assert employer.delete(f"/v1/report_shares/{listed['id']}").status == 404
    assert employer.get("/v1/report_shares").json["data"] == []


def test_the_same_request_twice_makes_one_link(employer):
    """A lost answer is asked for again: two links would be one that nobody knows of."""
    first, again = (employer.post("/v1/report_shares", {"days": 30}, headers=KEY) for _ in range(2))
    assert first.json == again.json
    assert len(employer.get("/v1/report_shares").json["data"]) == 1


def test_another_employer_ends_no_link_and_sees_none(employer, api):
    """Links belong to who made them."""
    made = employer.post("/v1/report_shares", {"days": 90})
    other = api.new_employer(name="Blue Fern")
    assert other.delete(f"/v1/report_shares/{made.json['id']}").status == 404
    assert other.get("/v1/report_shares").json["data"] == []
    assert api.get(path_of(made)).status == 200


@pytest.mark.parametrize("body", [{"days": 8}, {}, {"days": 7, "group": "Nowhere"}, {"days": "7"}])
def test_only_these_days_and_known_groups_are_shared(employer, body):
    """A link that nobody ends must end by itself."""
    assert employer.post("/v1/report_shares", body).status == 422


def test_who_may_only_read_shares_and_publishes_nothing(api):
    """Figures for outsiders are the manager's to give."""
    reader = api.new_employer(scopes=("read", "write"))
    for method, path, body in (
        ("POST", "/v1/report_shares", {"days": 7}),
        ("GET", "/v1/report_shares", None),
        ("PUT", "/v1/heard_back_rate", {"taking_part": True}),
    ):
        assert reader(method, path, body).status == 403, path
    assert reader.get("/v1/heard_back_rate").json["taking_part"] is False


def test_an_employer_joins_and_leaves_the_public_rate(employer, api, clock):
    """Twice is once, and leaving is shown as leaving."""
    load(employer.employer_id, [a_load(clock.now - timedelta(days=9)) for _ in range(20)])
    for _ in range(2):
        joined = employer("PUT", "/v1/heard_back_rate", {"taking_part": True})
        assert joined.status == 200
        assert (joined.json["taking_part"], joined.json["on_time"], joined.json["due"]) == (True, 0, 20)
    page = joined.json["page_url"].removeprefix(BASE_URL)
    assert "0% heard back on time" in api.get(page).json
    clock.advance(hours=1)
    for _ in range(2):
        left = employer("PUT", "/v1/heard_back_rate", {"taking_part": False}).json
        assert (left["taking_part"], left["left_at"], left["due"]) == (False, clock.text(), None)
    assert "left this programme" in api.get(page).json


def test_an_employer_on_trial_publishes_no_rate(api):
    """Nobody has checked who it is."""
    assert api.new_employer(trial=True)("PUT", "/v1/heard_back_rate", {"taking_part": True}).json["code"] == "on_trial"
