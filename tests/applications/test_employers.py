"""Employers and their policies."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engines import Api

NEW = {"name": "Acme", "timezone": "America/Toronto"}
DEFAULTS = {
    "word_due_hours": 48,
    "candidate_nudge": "call",
    "max_nudges": 2,
    "second_nudge_days": 5,
    "candidate_window": {"days": ["mon", "tue", "wed", "thu", "fri"], "start": "10:00", "end": "18:00"},
    "digest_time": "09:00",
    "digest_days": ["mon", "tue", "wed", "thu", "fri"],
    "escalate_to": [],
    "report_to": [],
    "escalate_after_business_days": 5,
    "holidays": None,
    "promise_default_days": 7,
    "tell_next_step": False,
    "sms_monthly_cap_usd": 25,
    "sms_countries": ["CA"],
    "jurisdiction": None,
    "headcount": None,
    "retention_months": None,
    "link_seekers": False,
    "language": "en",
    "clock_hours": None,
    "date_order": None,
}


def codes(employer: Any) -> list[str]:
    return [warning["code"] for warning in employer["warnings"]]


def pointers(answer: Any) -> list[str]:
    assert answer.status == 422, answer
    return [fault["pointer"] for fault in answer.json["errors"]]


def test_a_new_employer_has_all_defaults_and_is_on_trial(operator: Api) -> None:
    """Two fields are enough. What is missing is a warning, not an error."""
    made = operator.post("/v1/employers", NEW)
    assert made.status == 201
    assert made.headers["Location"] == f"/v1/employers/{made.json['id']}"
    assert made.json["policy"] == DEFAULTS
    assert (made.json["trial"], made.json["suspended"]) == (True, False)
    assert codes(made.json) == ["trial", "no_call_back", "no_digest_to"]


def test_an_employer_sees_and_changes_itself_only(employer: Api, operator: Api) -> None:
    """No path names an employer, so none can name another one."""
    other = operator.post("/v1/employers", NEW).json
    mine = employer.get("/v1/employer")
    assert mine.json["id"] == employer.employer_id
    changed = employer.patch("/v1/employer", {"call_back_name": "Renamed"}, headers={"If-Match": mine.headers["ETag"]})
    assert (changed.status, changed.json["call_back_name"]) == (200, "Renamed")
    assert changed.headers["ETag"] == employer.get("/v1/employer").headers["ETag"] != mine.headers["ETag"]
    names = {one["id"]: one["call_back_name"] for one in operator.get("/v1/employers").json["data"]}
    assert names == {employer.employer_id: "Renamed", other["id"]: None}


def test_a_stale_if_match_changes_nothing(employer: Api) -> None:
    """Two people change the settings at once."""
    tag = employer.get("/v1/employer").headers["ETag"]
    assert employer.patch("/v1/employer", {"call_back_name": "First"}, headers={"If-Match": tag}).status == 200
    for stale in (tag, "W/" + tag, "nonsense"):
        assert employer.patch("/v1/employer", {"call_back_name": "Second"}, headers={"If-Match": stale}).status == 412
    assert employer.get("/v1/employer").json["call_back_name"] == "First"


def test_a_patch_merges_at_depth_and_null_resets(employer: Api) -> None:
    """RFC 7386: absent keeps a field, null resets it."""
    employer.patch("/v1/employer", {"policy": {"max_nudges": 1, "candidate_window": {"start": "11:00", "days": ["sat"]}}})
    policy = employer.patch("/v1/employer", {"policy": {"holidays": "CA-ON", "candidate_window": {"days": None}}}).json["policy"]
    assert (policy["max_nudges"], policy["holidays"]) == (1, "CA-ON")
    assert policy["candidate_window"] == {"days": ["mon", "tue", "wed", "thu", "fri"], "start": "11:00", "end": "18:00"}
    policy = employer.patch("/v1/employer", {"policy": {"candidate_window": None, "max_nudges": None}}).json["policy"]
    assert (policy["max_nudges"], policy["candidate_window"]["start"], policy["holidays"]) == (2, "10:00", "CA-ON")
    assert employer.patch("/v1/employer", {"policy": None}).json["policy"] == {**DEFAULTS, "sms_countries": ["US"]}


def test_a_patch_without_effect_writes_nothing(employer: Api, meter: Any) -> None:
    """A client that always sends its whole form costs reads only, and the ETag stays."""
    tag = employer.get("/v1/employer").headers["ETag"]
    meter.reset()
    same = employer.patch("/v1/employer", {"call_back_name": "Dana", "policy": {"max_nudges": None}})
    assert same.headers["ETag"] == tag
    assert dict(meter.requests) == {"BatchGetItem": 1}


def test_a_patch_costs_one_read_and_one_write(employer: Api, meter: Any) -> None:
    """Authentication included."""
    meter.reset()
    assert employer.patch("/v1/employer", {"call_back_name": "Robin Hale"}).status == 200
    assert dict(meter.requests) == {"BatchGetItem": 1, "TransactWriteItems": 1}


def test_every_error_is_named_at_once(operator: Api) -> None:
    """By pointer, at any depth."""
    body = {
        "name": "",
        "timezone": "Mars/Olympus",
        "call_back_phone": "555-0100",
        "call_back_email": "dana",
        "digest_to": ["a@b.co", "x"],
        "trial": "no",
        "suspended": False,
        "colour": "red",
        "policy": {
            "word_due_hours": 0,
            "candidate_nudge": "shout",
            "max_nudges": 3,
            "second_nudge_days": 2.5,
            "candidate_window": {"days": [], "start": "9:00", "end": "24:00"},
            "digest_time": "25:00",
            "digest_days": ["monday"],
            "escalate_to": "boss@example.com",
            "escalate_after_business_days": True,
            "holidays": "Narnia",
            "promise_default_days": 31,
            "sms_monthly_cap_usd": -1,
            "sms_countries": ["usa"],
            "extra": None,
        },
    }
    assert pointers(operator.post("/v1/employers", body)) == [
        "/name",
        "/timezone",
        "/call_back_phone",
        "/call_back_email",
        "/digest_to/1",
        "/policy/word_due_hours",
        "/policy/candidate_nudge",
        "/policy/max_nudges",
        "/policy/second_nudge_days",
        "/policy/candidate_window/days",
        "/policy/candidate_window/start",
        "/policy/candidate_window/end",
        "/policy/digest_time",
        "/policy/digest_days/0",
        "/policy/escalate_to",
        "/policy/escalate_after_business_days",
        "/policy/holidays",
        "/policy/promise_default_days",
        "/policy/sms_monthly_cap_usd",
        "/policy/sms_countries/0",
        "/policy/extra",
        "/trial",
        "/suspended",
        "/colour",
    ]


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"name": None}, "/name"),
        ({"timezone": None}, "/timezone"),
        ({"trial": False}, "/trial"),
        ({"id": "emp_x"}, "/id"),
        ({"warnings": []}, "/warnings"),
        ({"policy": []}, "/policy"),
        ({"policy": {"candidate_window": {"start": "18:00"}}}, "/policy/candidate_window/start"),
        ({"policy": {"sms_monthly_cap_usd": True}}, "/policy/sms_monthly_cap_usd"),
        ({"policy": {"holidays": "us"}}, "/policy/holidays"),
        ({"digest_to": ["a@example.com"] * 21}, "/digest_to"),
    ],
)
def test_a_field_that_an_employer_may_not_set_is_refused(employer: Api, patch: Any, pointer: str) -> None:
    """Only the operator ends the trial. Required fields cannot be removed."""
    before = employer.get("/v1/employer")
    assert pointers(employer.patch("/v1/employer", patch)) == [pointer]
    assert employer.get("/v1/employer").json == before.json


def test_the_operator_ends_the_trial_and_suspends(operator: Api) -> None:
    """By id; an unknown id is not found."""
    made = operator.post("/v1/employers", NEW).json
    changed = operator.patch(f"/v1/employers/{made['id']}", {"trial": False, "suspended": True}).json
    assert (changed["trial"], changed["suspended"]) == (False, True)
    assert operator.patch("/v1/employers/emp_" + "0" * 26, {"trial": False}).status == 404
    assert operator.patch("/v1/employers/key_" + made["id"][4:], {"trial": False}).status == 404
    assert operator.patch(f"/v1/employers/{made['id']}", {"trial": None}).status == 422


def test_addresses_are_stored_once_and_numbers_in_e164(operator: Api) -> None:
    """Nobody gets two digests."""
    made = operator.post(
        "/v1/employers", {**NEW, "digest_to": ["a@X.com", "a@x.com"], "call_back_phone": "+44 20 7183 8750"}
    ).json
    assert (made["digest_to"], made["call_back_phone"]) == (["a@x.com"], "+442071838750")
    assert made["policy"]["sms_countries"] == ["CA", "GB"]


def test_an_employer_without_a_country_gets_a_warning(operator: Api) -> None:
    """UTC is in no country. Naming countries ends the warning, and naming none is a choice too."""
    made = operator.post("/v1/employers", {"name": "Remote", "timezone": "UTC"}).json
    assert "no_sms_countries" in codes(made)
    path = f"/v1/employers/{made['id']}"
    named = operator.patch(path, {"policy": {"sms_countries": ["US", "CA", "US"]}}).json
    assert (named["policy"]["sms_countries"], "no_sms_countries" in codes(named)) == (["US", "CA"], False)
    assert (
        operator.patch(path, {"timezone": "Europe/Paris", "policy": {"sms_countries": []}}).json["policy"]["sms_countries"] == []
    )
    assert operator.patch(path, {"policy": {"sms_countries": None}}).json["policy"]["sms_countries"] == ["FR"]


def test_a_jurisdiction_without_a_known_duty_gets_a_warning(employer: Api) -> None:
    """With "CA" for Ontario no statute would be followed, unnoticed."""
    assert "no_statute" in codes(employer.patch("/v1/employer", {"policy": {"jurisdiction": "CA"}}).json)
    assert "no_statute" not in codes(employer.patch("/v1/employer", {"policy": {"jurisdiction": "CA-ON"}}).json)
    assert "no_statute" not in codes(employer.patch("/v1/employer", {"policy": {"jurisdiction": None}}).json)


def test_policy_fields_of_newer_code_are_kept(employer: Api, stack: Any) -> None:
    """Deployments overlap: older code must not erase what newer code wrote."""
    from chalicelib.auth.employers import EmployerItem

    item = stack.table.get(f"EMP#{employer.employer_id}", "EMP")
    item.update([EmployerItem.policy.set({"max_nudges": 1, "sing": True, "candidate_window": {"tune": "C"}})])
    assert employer.get("/v1/employer").json["policy"]["max_nudges"] == 1
    assert employer.patch("/v1/employer", {"policy": {"max_nudges": 2}}).status == 200
    assert stack.table.get(f"EMP#{employer.employer_id}", "EMP").policy["sing"] is True


def test_employers_are_listed_by_pages_newest_first(operator: Api, clock: Any) -> None:
    """Each once."""
    made = []
    for number in range(5):
        clock.advance(seconds=1)
        made.append(operator.post("/v1/employers", {**NEW, "name": f"E{number}"}).json["id"])
    seen, query = [], {"limit": 2}
    while True:
        page = operator.get("/v1/employers", query=query).json
        seen += [one["id"] for one in page["data"]]
        if not page["has_more"]:
            break
        query = {"limit": 2, "cursor": page["next_cursor"]}
    assert seen == made[::-1]
    assert pointers(operator.get("/v1/employers", query={"limit": 0, "name": "E1", "cursor": ""})) == [
        "?limit",
        "?name",
        "?cursor",
    ]


def test_two_changes_at_once_both_happen(employer: Api, faults: Any) -> None:
    """The second one reads again: neither undoes the other."""
    other = employer.using(employer.key)
    faults.before("TransactWriteItems", lambda: other.patch("/v1/employer", {"policy": {"max_nudges": 1}}))
    assert employer.patch("/v1/employer", {"policy": {"second_nudge_days": 9}}).status == 200
    policy = employer.get("/v1/employer").json["policy"]
    assert (policy["max_nudges"], policy["second_nudge_days"]) == (1, 9)


def test_a_concurrent_change_fails_if_match(employer: Api, faults: Any) -> None:
    """The client asked to change only the state that it had seen."""
    other, tag = employer.using(employer.key), employer.get("/v1/employer").headers["ETag"]
    faults.before("TransactWriteItems", lambda: other.patch("/v1/employer", {"call_back_name": "Theirs"}))
    assert employer.patch("/v1/employer", {"call_back_name": "Mine"}, headers={"If-Match": tag}).status == 412
    assert employer.get("/v1/employer").json["call_back_name"] == "Theirs"


def test_a_write_without_a_response_is_unknown(employer: Api, faults: Any) -> None:
    """It may have happened, and the client is told so."""
    faults.lose_response("TransactWriteItems", times=None)
    answer = employer.patch("/v1/employer", {"call_back_name": "Perhaps"})
    assert (answer.status, answer.json["code"]) == (503, "write_unknown")


def test_a_transaction_conflict_is_retried(employer: Api, faults: Any) -> None:
    """The client does not notice."""
    faults.conflict(times=2)
    assert employer.patch("/v1/employer", {"call_back_name": "Later"}).status == 200


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        ("+19005550100", "premium-rate"),
        ("+448712345678", "premium-rate"),
        ("+491805123456", "shared-cost"),
        ("+447012345678", "personal"),
        ("+881612345678", "satellite"),
        ("+870773111632", "satellite"),
        ("+979123456789", "premium-rate"),
        ("+445512345678", "universal access"),
        ("+5540041234", "shared-cost"),
        ("+878101234567890", "international network"),
    ],
)
def test_candidates_are_asked_to_call_no_number_that_costs_them_more(
    employer: Api, interview: Any, number: str, kind: str
) -> None:
    """A stranger's employer must not earn by the calls that we ask for. Neither by an interview's own contact."""
    for answer, pointer in (
        (employer.patch("/v1/employer", {"call_back_phone": number}), "/call_back_phone"),
        (employer.post("/v1/interviews", {**interview(), "call_back": {"phone": number}}), "/call_back/phone"),
    ):
        assert answer.status == 422 and pointers(answer) == [pointer]
        assert kind in answer.json["errors"][0]["message"] and number in answer.json["errors"][0]["message"]
