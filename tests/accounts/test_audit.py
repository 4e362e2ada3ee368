"""The audit log: who did what to access, settings and exports. Names of fields, never values; networks, never addresses."""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlsplit

import pytest

from chalicelib.auth.audit_log import truncated
from tests.engines import OPERATOR_KEY, Api, join
from tests.integrations.webhooks.conftest import URL, certificate, internet, receiver

__all__ = ["certificate", "internet", "receiver"]
HERE = "127.0.0.0/24"


def entries(employer: Api, **query: str) -> list[dict[str, Any]]:
    """The entries, oldest first, without the one of the operator's first key."""
    found = employer.get("/v1/audit", query={"limit": 100, **query})
    assert found.status == 200, found
    return [one for one in found.json["data"][::-1] if one["who"]["type"] != "operator" or one["what"] != "key_created"]


def whats(employer: Api) -> list[str]:
    return [one["what"] for one in entries(employer)]


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.77", "203.0.113.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::/48"),
        ("::ffff:203.0.113.77", "203.0.113.0/24"),
        ("fe80::1%eth0", "fe80::/48"),
        (" 198.51.100.1 ", "198.51.100.0/24"),
        ("", None),
        ("example.com", None),
        ("203.0.113.77, 198.51.100.1", None),
    ],
)
def test_an_address_is_truncated_to_its_network(address: str, network: str | None) -> None:
    """A whole address is personal data, and a network is enough to tell the office from elsewhere."""
    assert truncated(address) == network


def test_keys_are_noted_with_who_made_and_revoked_them(employer: Api, clock: Any) -> None:
    """One entry for each key that a revocation reaches."""
    made = employer.post("/v1/keys", {"scopes": ["read", "manage"], "name": "Site"}).json
    clock.advance(seconds=1)
    employer.using(made["secret"]).post("/v1/keys", {"scopes": ["read"], "name": "Below"})
    clock.advance(seconds=1)
    employer.delete(f"/v1/keys/{made['id']}?descendants=true")
    employer.delete(f"/v1/keys/{made['id']}?descendants=true")
    found = entries(employer)
    told = [(one["what"], one["about"]["name"]) for one in found]
    assert told[:2] == [("key_created", "Site"), ("key_created", "Below")]
    assert sorted(told[2:]) == [("key_revoked", "Below"), ("key_revoked", "Site")]
    assert found[1]["who"] == {"type": "key", "id": made["id"], "name": "Site"}
    assert (found[0]["fields"], found[0]["from"], found[0]["count"]) == (["manage", "read"], HERE, 1)


def test_settings_name_fields_and_no_values(employer: Api, operator: Api, clock: Any) -> None:
    """A change without effect is none. What the operator does is told apart."""
    employer.patch("/v1/employer", {"digest_to": ["secret@example.com"], "policy": {"max_nudges": 1}})
    employer.patch("/v1/employer", {"policy": {"max_nudges": 1}})
    for suspended in (True, False):
        clock.advance(seconds=1)
        operator.patch(f"/v1/employers/{employer.employer_id}", {"suspended": suspended})
    clock.advance(seconds=1)
    operator.patch(f"/v1/employers/{employer.employer_id}", {"limits": {"sms_per_day": 7}})
    found = entries(employer)
    assert [(one["what"], one["fields"]) for one in found] == [
        ("settings_changed", ["digest_to", "policy.max_nudges"]),
        ("suspended", ["suspended"]),
        ("unsuspended", ["suspended"]),
        ("limits_changed", ["sms_per_day"]),
    ]
    assert found[1]["who"] == {"type": "operator", "id": None, "name": None}
    assert "secret@" not in str(found)


def test_people_are_noted_and_told_what_changed_of_their_access(employer: Api, outbox: Any, clock: Any) -> None:
    """The notice goes to the former address: the new one may be somebody else's. A new name tells nobody."""
    made = join(employer, outbox, "max@example.com", "Max").json
    at = f"/v1/people/{made['id']}"
    outbox.clear()
    employer.patch(at, {"name": "Maxine"})
    assert outbox == []
    for change in ({"role": "manager"}, {"email": "maxine@example.com"}):
        clock.advance(seconds=1)
        employer.patch(at, change)
    clock.advance(seconds=1)
    employer.delete(at)
    noted = whats(employer)
    assert set(noted[:2]) == {"person_invited", "invitation_accepted"}
    assert noted[2:] == ["role_changed", "address_changed", "person_removed"]
    assert [one["to"] for one in outbox] == ["max@example.com", "max@example.com", "maxine@example.com"]
    assert "your role is now manager" in outbox[0]["body"] and "maxine@example.com" in outbox[1]["body"]


def test_exports_and_erasures_name_the_candidate_by_id(employer: Api, clock: Any) -> None:
    """Anyone who was erased must not live on in the log."""
    made = employer.post("/v1/candidates", {"name": "Ann Example", "email": "ann@example.com"}).json
    employer.get(f"/v1/candidates/{made['id']}/export")
    clock.advance(seconds=1)
    employer.get("/v1/export")
    clock.advance(seconds=1)
    employer.delete(f"/v1/candidates/{made['id']}")
    employer.delete(f"/v1/candidates/{made['id']}")
    found = entries(employer)
    assert [one["what"] for one in found] == ["export", "export", "erasure"]
    assert [one["about"] and one["about"]["id"] for one in found] == [made["id"], None, made["id"]]
    assert "Ann" not in str(found)


def test_webhooks_are_noted_without_their_secrets(employer: Api, clock: Any, internet: Any) -> None:
    """Their events go to another server: a new address is what a thief of a key would add. Paths hold secrets of the receiver."""
    made = employer.post("/v1/webhook_endpoints", {"url": URL + "?planted=secret"}).json
    path = f"/v1/webhook_endpoints/{made['id']}"
    for change in (
        lambda: employer.patch(path, {"enabled": False}),
        lambda: employer.patch(path, {"enabled": False}),
        lambda: employer.post(f"{path}/rotate_secret"),
        lambda: employer.delete(path),
    ):
        clock.advance(seconds=1)
        assert change().status in (200, 204)
    found = entries(employer)
    assert [(one["what"], one["fields"]) for one in found] == [
        ("webhook_created", []),
        ("webhook_changed", ["enabled"]),
        ("webhook_secret_rotated", ["secrets"]),
        ("webhook_removed", []),
    ]
    assert {one["about"]["name"] for one in found} == {urlsplit(URL).hostname}
    assert "planted" not in str(found) and {one["from"] for one in found} == {HERE}


def test_hiring_systems_are_noted_without_their_keys(employer: Api, clock: Any) -> None:
    made = employer.post("/v1/integrations", {"system": "greenhouse", "secret": "planted-secret"}).json
    clock.advance(seconds=1)
    assert employer.patch(f"/v1/integrations/{made['id']}", {"secret": "planted-secret-2"}).status == 200
    clock.advance(seconds=1)
    assert employer.delete(f"/v1/integrations/{made['id']}").status == 204
    found = entries(employer)
    assert [(one["what"], one["fields"], one["about"]["name"]) for one in found] == [
        ("connection_created", [], "greenhouse"),
        ("connection_changed", ["secret"], "greenhouse"),
        ("connection_removed", [], "greenhouse"),
    ]
    assert "planted" not in str(found)


def test_import_profiles_and_own_addresses_are_noted(employer: Api, operator: Api, clock: Any) -> None:
    """A profile decides what becomes of a file; an own address gets messages while the employer is on trial."""
    profile = {"columns": {"name": ["Who"], "email": ["Mail"]}}
    for change in (
        lambda: employer("PUT", "/v1/import_profiles/ours", profile),
        lambda: employer.delete("/v1/import_profiles/ours"),
        lambda: employer.post("/v1/employer/addresses", {"email": "dana@example.com"}),
        lambda: operator.post(f"/v1/employers/{employer.employer_id}/addresses", {"email": "dana@example.com"}),
        lambda: employer.post("/v1/employer/addresses/remove", {"email": "dana@example.com"}),
        lambda: employer.post("/v1/employer/addresses/remove", {"email": "dana@example.com"}),
    ):
        clock.advance(seconds=1)
        assert change().status in (200, 201, 204)
    found = entries(employer)
    assert [(one["what"], one["who"]["type"]) for one in found] == [
        ("import_profile_changed", "key"),
        ("import_profile_changed", "key"),
        ("own_address_added", "key"),
        ("own_address_verified", "operator"),
        ("own_address_removed", "key"),
    ]


def test_wrong_keys_are_counted_by_the_hour(employer: Api, api: Api, clock: Any, caplog: Any, meter: Any) -> None:
    """One entry an hour, however many there are; the attacker does not cause a write with each. Each is logged for the alarm."""
    caplog.set_level(logging.WARNING)
    wrong = (employer.key or "")[:-1] + ("0" if (employer.key or "")[-1] != "0" else "1")
    clock.advance(days=40)  # the count of this process goes on within an hour
    employer.get("/v1/employer")
    meter.reset()
    for _ in range(40):
        assert api.using(wrong).get("/v1/employer").status == 401
    assert meter.requests["UpdateItem"] < 20
    clock.advance(hours=1)
    api.using(wrong).get("/v1/employer")
    found = entries(employer, what="auth_failed")
    assert [one["count"] for one in found] == [32, 1] and {one["about"]["type"] for one in found} == {"key"}
    assert [record.getMessage() for record in caplog.records].count("auth_failed") == 41


def test_a_stranger_writes_nothing_into_a_log(api: Api, stack: Any, caplog: Any) -> None:
    """Keys of employers that do not exist, and guesses at the operator's."""
    caplog.set_level(logging.WARNING)
    ulid = "01KT4A4MR0S1K0FS1KR9M52VB2"
    for key in (f"hb_{ulid}_{ulid}_" + "0" * 40, OPERATOR_KEY[:-1] + "x"):
        assert api.using(key).get("/v1/employer").status == 401
    assert stack.table.client().scan(TableName=stack.table.Item.Meta.table_name)["Count"] == 0
    assert [record.getMessage() for record in caplog.records].count("auth_failed") == 2


def test_the_log_is_the_employers_own_and_for_managers(employer: Api, api: Api) -> None:
    """Another tenant sees its own entries; a key without `manage` sees none."""
    employer.post("/v1/keys", {"scopes": ["read"], "name": "Ours"})
    assert "Ours" not in str(api.new_employer(name="Other").get("/v1/audit").json)
    assert api.new_employer(scopes=("read", "write")).get("/v1/audit").status == 403


def test_the_log_is_paged_filtered_and_ends_after_400_days(employer: Api, clock: Any) -> None:
    """Newest first; `since` is exact to the millisecond; an expired entry is gone though DynamoDB deletes late."""
    for number in range(5):
        clock.advance(minutes=1)
        employer.post("/v1/keys", {"scopes": ["report"], "name": f"key {number}"})
    first = employer.get("/v1/audit", query={"limit": 3, "what": "key_created"}).json
    assert [one["about"]["name"] for one in first["data"]] == ["key 4", "key 3", "key 2"] and first["has_more"]
    rest = employer.get("/v1/audit", query={"limit": 3, "what": "key_created", "cursor": first["next_cursor"]}).json
    assert [one["about"]["name"] for one in rest["data"]] == ["key 1", "key 0", None]
    assert len(entries(employer, since=clock.text(minutes=-1))) == 2
    for odd in ("yesterday", "2026-06-02", ""):
        assert employer.get("/v1/audit", query={"since": odd}).status == 422
    assert "settings_changed" in str(employer.get("/v1/audit", query={"what": "nothing"}).json["errors"])
    clock.advance(days=400)
    assert entries(employer) == []


def test_an_entry_costs_one_more_write(employer: Api, meter: Any) -> None:
    """In the transaction of the change: two more units, and no more requests."""
    meter.reset()
    employer.patch("/v1/employer", {"policy": {"max_nudges": 1}})
    assert meter.requests["TransactWriteItems"] == 1 and meter.total == 2
