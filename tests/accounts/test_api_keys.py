"""API keys: shown once, stored as a hash, revoked at once."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.storage.keys import employer_pk
from tests.engines import Api


def test_a_secret_is_shown_once_and_never_stored(employer: Api, stack: Any) -> None:
    """A reader of the table must not be able to call the API."""
    made = employer.post("/v1/keys", {"scopes": ["write", "read", "write"]})
    assert made.status == 201
    assert made.json["scopes"] == ["read", "write"]
    secret = made.json["secret"]
    assert all("secret" not in key for key in employer.get("/v1/keys").json["data"])
    raw = stack.table.client().scan(TableName=stack.table.Item.Meta.table_name)["Items"]
    assert secret.rpartition("_")[2] not in str(raw)
    assert employer.using(secret).get("/v1/employer").status == 200


def test_a_revoked_key_stops_at_once(employer: Api) -> None:
    """Nothing is cached. Revoking again changes nothing, and the list still shows what was."""
    made = employer.post("/v1/keys", {"scopes": ["read"]}).json
    other = employer.using(made["secret"])
    assert other.get("/v1/employer").status == 200
    for _ in range(2):
        answer = employer.delete(f"/v1/keys/{made['id']}")
        assert (answer.status, answer.json) == (204, "")
    assert other.get("/v1/employer").status == 401
    revoked = {key["id"]: key["revoked_at"] for key in employer.get("/v1/keys").json["data"]}
    assert revoked.pop(made["id"]) is not None
    assert list(revoked.values()) == [None]


def test_a_key_reads_no_other_employer(api: Api, employer: Api) -> None:
    """Another employer's key, ids and parts of its token are treated as unknown."""
    other = api.new_employer(name="Other")
    theirs = other.get("/v1/keys").json["data"][0]["id"]
    assert employer.delete(f"/v1/keys/{theirs}").status == 404
    assert employer.get("/v1/keys", query={"employer_id": other.employer_id}).status == 404
    assert employer.post("/v1/keys", {"scopes": ["read"], "employer_id": other.employer_id}).status == 404
    mine, yours = (who.key.split("_") for who in (employer, other))
    for mixed in ([mine[0], yours[1], mine[2], mine[3]], [mine[0], yours[1], yours[2], mine[3]], [*mine[:3], yours[3]]):
        assert api.using("_".join(mixed)).get("/v1/employer").status == 401


def test_the_operator_names_the_employer(operator: Api, employer: Api) -> None:
    """The operator's own key belongs to no employer."""
    assert operator.get("/v1/keys").json["errors"][0]["pointer"] == "?employer_id"
    assert operator.post("/v1/keys", {"scopes": ["read"]}).json["errors"][0]["pointer"] == "/employer_id"
    assert operator.post("/v1/keys", {"scopes": ["read"], "employer_id": "emp_" + "0" * 26}).status == 422
    keys = operator.get("/v1/keys", query={"employer_id": employer.employer_id}).json["data"]
    assert operator.delete(f"/v1/keys/{keys[0]['id']}", query={"employer_id": employer.employer_id}).status == 204
    assert employer.get("/v1/employer").status == 401


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/scopes"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": "read"}, "/scopes"),
        ({"scopes": ["admin"]}, "/scopes/0"),
        ({"scopes": [["read"]]}, "/scopes/0"),
        ({"scopes": ["read"], "employer_id": "x"}, "/employer_id"),
        ({"scopes": ["read"], "name": "ci"}, "/name"),
    ],
)
def test_a_wrong_body_is_told_by_pointer(employer: Api, body: Any, pointer: str) -> None:
    """No key with scopes that nobody meant."""
    answer = employer.post("/v1/keys", body)
    assert answer.status == 422
    assert [fault["pointer"] for fault in answer.json["errors"]] == [pointer]


def test_keys_are_listed_by_pages_newest_first(employer: Api, clock: Any) -> None:
    """And a cursor of one list serves no other."""
    made = []
    for _ in range(4):
        clock.advance(seconds=1)
        made.append(employer.post("/v1/keys", {"scopes": ["read"]}).json["id"])
    first = employer.get("/v1/keys", query={"limit": 3}).json
    assert ([key["id"] for key in first["data"]], first["has_more"]) == (made[:0:-1], True)
    second = employer.get("/v1/keys", query={"limit": 3, "cursor": first["next_cursor"]}).json
    assert (second["data"][0]["id"], len(second["data"]), second["next_cursor"]) == (made[0], 2, None)
    assert employer.get("/v1/keys", query={"cursor": first["next_cursor"][:-3] + "AAA"}).status == 422


def test_two_keys_never_share_a_secret(employer: Api, stack: Any) -> None:
    """What is kept is a hash of each."""
    for _ in range(3):
        employer.post("/v1/keys", {"scopes": ["read"]})
    kept = [item.secret_sha256 for item in stack.table.query(employer_pk(employer.employer_id), "KEY#")]
    assert len(set(kept)) == len(kept) == 4
