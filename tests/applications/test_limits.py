"""The operator's limits: an employer's policy can only lower them."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.auth.employers import employer_of
from chalicelib.rules.employer import Limits
from chalicelib.storage import keys, table
from tests.engines import Api

DEFAULTS = {"sms_monthly_cap_usd": 100, "sms_per_day": 1000, "emails_per_day": 10_000, "users": 500, "api_keys": 50}


def path_of(employer: Api) -> str:
    return f"/v1/employers/{employer.get('/v1/employer').json['id']}"


def faults(answer: Any) -> list[tuple[str, str]]:
    assert (answer.status, answer.json["code"]) == (422, "above_limit"), answer
    return [(one["pointer"], one["message"]) for one in answer.json["errors"]]


def test_limits_have_defaults_and_the_operator_changes_them(operator: Api, employer: Api) -> None:
    """An employer sees its limits. Null takes the default back."""
    path = path_of(employer)
    assert employer.get("/v1/employer").json["limits"] == {**DEFAULTS, "sms_countries": ["US"]}
    changed = operator.patch(path, {"limits": {"users": 3, "sms_countries": ["US", "GB"], "sms_monthly_cap_usd": 5}}).json
    assert changed["limits"] == {**DEFAULTS, "users": 3, "sms_countries": ["US", "GB"], "sms_monthly_cap_usd": 5}
    assert operator.get(path).json["limits"] == employer.get("/v1/employer").json["limits"] == changed["limits"]
    assert operator.patch(path, {"limits": {"users": None}}).json["limits"]["users"] == 500
    made = operator.post("/v1/employers", {"name": "B", "timezone": "Europe/Berlin", "limits": {"sms_per_day": 7}}).json
    assert made["limits"] == {**DEFAULTS, "sms_countries": ["DE"], "sms_per_day": 7}


def test_a_policy_above_the_limits_is_refused(operator: Api, employer: Api) -> None:
    """A key of the employer must not raise what the operator pays. Each field is named, with what was given and the limit."""
    assert operator.patch(path_of(employer), {"limits": {"sms_monthly_cap_usd": 5, "sms_countries": ["US", "CA"]}}).status == 200
    patch = {"policy": {"sms_monthly_cap_usd": 100_000, "sms_countries": ["US", "GB", "FR"], "max_nudges": 1}}
    assert faults(employer.patch("/v1/employer", patch)) == [
        ("/policy/sms_monthly_cap_usd", "is 100000: the limit is 5"),
        ("/policy/sms_countries", "is GB, FR: the limit is US, CA"),
    ]
    assert employer.get("/v1/employer").json["policy"]["max_nudges"] == 2, "nothing is half-written"
    lower = employer.patch("/v1/employer", {"policy": {"sms_monthly_cap_usd": 4, "sms_countries": ["CA"]}})
    assert (lower.status, lower.json["policy"]["sms_countries"]) == (200, ["CA"])
    again = employer.patch("/v1/employer", {"policy": {"sms_monthly_cap_usd": 5, "sms_countries": ["US", "CA"]}})
    assert again.status == 200, "a policy that was lowered can be raised up to the limit"


def test_without_limits_of_its_own_an_employer_raises_neither_money_nor_countries(employer: Api) -> None:
    """The defaults are limits too, and a new number or zone abroad opens no country."""
    assert len(faults(employer.patch("/v1/employer", {"policy": {"sms_monthly_cap_usd": 100_000, "sms_countries": ["LV"]}}))) == 2
    moved = employer.patch("/v1/employer", {"timezone": "Europe/Riga", "call_back_phone": "+37167222333"}).json
    assert moved["policy"]["sms_countries"] == [] and moved["limits"]["sms_countries"] == ["US"]
    assert "above_limit" in [one["code"] for one in moved["warnings"]]


@pytest.mark.parametrize(
    "patch", [{"name": "Your bank"}, {"limits": {"users": 1000}}, {"limits": None}, {"name": "B", "limits": {}}]
)
def test_an_employer_changes_neither_its_name_nor_its_limits(employer: Api, patch: dict[str, Any]) -> None:
    """Its name is on every message that leaves from our domain."""
    before = employer.get("/v1/employer").json
    answer = employer.patch("/v1/employer", {**patch, "digest_to": ["dana@example.com"]})
    assert (answer.status, answer.json["code"]) == (403, "operator_only")
    assert {one["pointer"] for one in answer.json["errors"]} == {f"/{name}" for name in patch}
    assert employer.get("/v1/employer").json == before


def test_policies_stored_before_limits_are_lowered_to_them(employer: Api) -> None:
    """Code of before let an employer write any policy. Countries that it texted stay; money above the default does not."""
    employer_id = employer.get("/v1/employer").json["id"]
    item: Any = table.get(keys.employer_pk(employer_id), "EMP")
    item.limits, item.policy = None, {"sms_monthly_cap_usd": 100_000, "sms_countries": ["US", "CA"]}
    item.save()
    policy = employer_of(item).policy
    assert (policy.sms_monthly_cap_usd, policy.sms_countries) == (Limits().sms_monthly_cap_usd, ("US", "CA"))
    seen = employer.get("/v1/employer").json
    assert seen["policy"]["sms_monthly_cap_usd"] == 100
    assert [one["detail"] for one in seen["warnings"] if one["code"] == "above_limit"] == [
        "The operator's limits lower this policy: sms_monthly_cap_usd is 100000, the limit 100."
    ]
    assert employer.patch("/v1/employer", {"digest_to": ["dana@example.com"]}).status == 200
    assert employer.patch("/v1/employer", {"policy": {"sms_countries": ["CA"]}}).status == 200
    assert faults(employer.patch("/v1/employer", {"policy": {"sms_countries": ["GB"]}}))
    assert employer.patch("/v1/employer", {"policy": {"sms_countries": ["US"]}}).status == 200, (
        "the limit was not lowered with it"
    )


def test_people_and_keys_stay_within_their_number(api: Api, operator: Api, employer: Api) -> None:
    """Another employer's people do not count, and a revoked key makes space for a new one."""
    have = len(employer.get("/v1/keys").json["data"])
    assert operator.patch(path_of(employer), {"limits": {"users": 1, "api_keys": have + 1}}).status == 200
    assert employer.post("/v1/people", {"name": "Kim", "email": "kim@example.com"}).status == 201
    answer = employer.post("/v1/people", {"name": "Lee", "email": "lee@example.com"})
    assert faults(answer) == [("", "would be number 2: the limit of users is 1")]
    assert api.new_employer().post("/v1/people", {"name": "Lee", "email": "lee@example.com"}).status == 201
    key = employer.post("/v1/keys", {"scopes": ["read"]})
    assert key.status == 201
    assert faults(employer.post("/v1/keys", {"scopes": ["read"]}))
    assert employer.delete(f"/v1/keys/{key.json['id']}").status == 204
    assert employer.post("/v1/keys", {"scopes": ["read"]}).status == 201


@pytest.mark.parametrize(
    ("limits", "pointer"),
    [
        ({"sms_countries": ["usa"]}, "/limits/sms_countries/0"),
        ({"sms_monthly_cap_usd": -1}, "/limits/sms_monthly_cap_usd"),
        ({"sms_per_day": 1.5}, "/limits/sms_per_day"),
        ({"emails_per_day": "9"}, "/limits/emails_per_day"),
        ({"users": 10_001}, "/limits/users"),
        ({"api_keys": True}, "/limits/api_keys"),
        ({"texts": 1}, "/limits/texts"),
    ],
)
def test_a_wrong_limit_is_named(operator: Api, employer: Api, limits: dict[str, Any], pointer: str) -> None:
    """By pointer, like every error."""
    answer = operator.patch(path_of(employer), {"limits": limits})
    assert answer.status == 422 and [one["pointer"] for one in answer.json["errors"]] == [pointer]
