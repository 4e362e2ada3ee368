"""API keys: shown once, stored as a hash, revoked at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from chalicelib.api.route import ROUTES
from chalicelib.auth.api_keys import KeyItem
from chalicelib.storage.keys import employer_pk
from tests.api.test_access import path_with_ids
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
    """Nothing is cached. Revoking again is 404, as of all that was deleted; the list still shows what was."""
    made = employer.post("/v1/keys", {"scopes": ["read"]}).json
    other = employer.using(made["secret"])
    assert other.get("/v1/employer").status == 200
    assert [employer.delete(f"/v1/keys/{made['id']}").status for _ in range(2)] == [204, 404]
    assert other.get("/v1/employer").status == 401
    revoked = {key["id"]: key["revoked_at"] for key in employer.get("/v1/keys").json["data"]}
    assert revoked.pop(made["id"]) is not None
    assert list(revoked.values()) == [None]


def test_a_key_reads_no_other_employer(api: Api, employer: Api) -> None:
    """Another employer's key, ids and parts of its token are treated as unknown."""
    other = api.new_employer(name="Other")
    theirs = other.get("/v1/keys").json["data"][0]["id"]
    assert employer.delete(f"/v1/keys/{theirs}").status == 404
    assert employer.get("/v1/keys", query={"employer_id": other.employer_id}).json["data"] == []
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
        ({"scopes": ["read"], "name": ""}, "/name"),
        ({"scopes": ["read"], "expires_at": "2026-06-02T14:00:00Z"}, "/expires_at"),
        ({"scopes": ["read"], "expires_at": "2027-06-02"}, "/expires_at"),
        ({"scopes": ["read"], "owner": "ci"}, "/owner"),
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


def test_a_key_says_what_it_is_for_and_who_made_it(employer: Api, operator: Api) -> None:
    """The operator's first key has no named maker; a key made by another names it."""
    own = employer.get("/v1/keys").json["data"][0]
    assert own["created_by"] == {"type": "operator", "id": None, "name": None}
    made = employer.post("/v1/keys", {"scopes": ["read"], "name": "Careers site", "expires_at": "2027-01-01T00:00:00Z"}).json
    assert made["name"] == "Careers site" and made["expires_at"].startswith("2027-01-01T00:00:00")
    assert made["created_by"] == {"type": "key", "id": own["id"], "name": None}
    assert employer.get(f"/v1/keys/{made['id']}").json == {name: made[name] for name in made if name != "secret"}


def test_a_key_stops_at_its_expiry(employer: Api, clock: Any) -> None:
    """To the second, with the same response as an unknown key. It stays listed."""
    made = employer.post("/v1/keys", {"scopes": ["read"], "expires_at": clock.text(hours=1)}).json
    other = employer.using(made["secret"])
    clock.advance(minutes=59, seconds=59)
    assert other.get("/v1/employer").status == 200
    clock.advance(seconds=1)
    assert other.get("/v1/employer").status == 401
    assert other.get("/reports/risk").status == 401
    assert employer.get(f"/v1/keys/{made['id']}").json["revoked_at"] is None


def test_the_day_of_the_last_use_costs_one_write_a_day(employer: Api, clock: Any, meter: Any) -> None:
    """Reads stay one read; a new key was never used."""
    made = employer.post("/v1/keys", {"scopes": ["read"]}).json
    assert employer.get(f"/v1/keys/{made['id']}").json["last_used_on"] is None
    other = employer.using(made["secret"])
    for day in ("2026-06-02", "2026-06-03"):
        for writes in (1, 0, 0):
            meter.reset()
            assert other.get("/v1/employer").status == 200
            assert meter.requests["UpdateItem"] == writes and meter.requests["BatchGetItem"] == 1
        assert employer.get(f"/v1/keys/{made['id']}").json["last_used_on"] == day
        clock.advance(days=1)
        employer.get("/v1/employer")


def test_a_request_succeeds_though_its_day_cannot_be_noted(employer: Api, faults: Any) -> None:
    """The note is for people who tidy up; nobody's request depends on it."""
    other = employer.using(employer.post("/v1/keys", {"scopes": ["read"]}).json["secret"])
    faults.answer("UpdateItem", 500, "InternalServerError", times=None)
    assert other.get("/v1/employer").status == 200


def test_a_key_grants_only_what_it_has(employer: Api, clock: Any) -> None:
    """Neither a scope that it lacks, nor a life longer than its own."""
    ends = clock.text(days=1)
    manager = employer.using(employer.post("/v1/keys", {"scopes": ["manage", "read"], "expires_at": ends}).json["secret"])
    refused = manager.post("/v1/keys", {"scopes": ["read", "write"], "expires_at": ends})
    assert (refused.status, refused.json["code"]) == (403, "missing_scope")
    assert [fault["pointer"] for fault in refused.json["errors"]] == ["/scopes/1"]
    for longer in ({}, {"expires_at": clock.text(days=1, seconds=1)}):
        answer = manager.post("/v1/keys", {"scopes": ["read"], **longer})
        assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "/expires_at"
    for scope in ("manage", "read", "report"):
        assert manager.post("/v1/keys", {"scopes": [scope], "expires_at": ends}).status == 201


def test_what_a_key_made_is_revoked_with_it_where_asked(employer: Api) -> None:
    """All generations, through a revoked one too, and nothing of another's. Without the parameter only the key itself."""

    def made_by(maker: Api) -> tuple[str, Api]:
        new = maker.post("/v1/keys", {"scopes": ["read", "manage"]}).json
        return new["id"], employer.using(new["secret"])

    child_id, child = made_by(employer)
    grandchild_id, grandchild = made_by(child)
    _, great_grandchild = made_by(grandchild)
    _, sibling = made_by(employer)
    assert employer.delete(f"/v1/keys/{child_id}").status == 204
    assert employer.delete(f"/v1/keys/{grandchild_id}?descendants=false").status == 204
    assert [one.get("/v1/employer").status for one in (child, grandchild, great_grandchild, sibling)] == [401, 401, 200, 200]
    assert employer.delete(f"/v1/keys/{child_id}?descendants=true").status == 204
    assert [one.get("/v1/employer").status for one in (great_grandchild, sibling, employer)] == [401, 200, 200]
    assert employer.delete(f"/v1/keys/{child_id}?descendants=yes").status == 422


def test_an_employer_has_at_most_fifty_active_keys(employer: Api, operator: Api, clock: Any) -> None:
    """Revoked and expired ones do not count, and two requests at once do not both make the last one."""
    made = [employer.post("/v1/keys", {"scopes": ["report"]}).json["id"] for _ in range(47)]
    employer.post("/v1/keys", {"scopes": ["report"], "expires_at": clock.text(hours=1)})
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: employer.post("/v1/keys", {"scopes": ["read"]}), range(4)))
    assert sorted(one.status for one in told) == [201, 422, 422, 422]
    assert {one.json["code"] for one in told if one.status == 422} == {"above_limit"}
    assert operator.post("/v1/keys", {"scopes": ["read"], "employer_id": employer.employer_id}).json["code"] == "above_limit"
    employer.delete(f"/v1/keys/{made[0]}")
    assert employer.post("/v1/keys", {"scopes": ["read"]}).status == 201
    clock.advance(hours=1)
    assert employer.post("/v1/keys", {"scopes": ["read"]}).status == 201


FIGURES = {
    "GET /v1/risk",
    "GET /v1/risk/history",
    "GET /v1/experience",
    "GET /v1/risk/learned",
    "GET /v1/heard_back_rate",
    "POST /v1/report_links",
}


def test_a_report_key_sees_figures_and_no_people(api: Api) -> None:
    """Every other route refuses it; `read` includes it."""
    reporter, reader = api.new_employer(scopes=("report",)), api.new_employer(scopes=("read",))
    for spec in ROUTES:
        if not (spec.public or spec.session) and f"{spec.method} {spec.path}" not in FIGURES:
            assert reporter(spec.method, path_with_ids(spec)).status == 403, spec
    for one in (reporter, reader):
        assert {one(*route.split(" ")).status for route in FIGURES} == {200, 201}
        assert one.get("/reports/risk").status == one.get("/reports/risk.csv").status == 200


def test_a_key_of_an_earlier_version_still_works(employer: Api, stack: Any) -> None:
    """It has none of the newer attributes: they are null, and it may do what it could do."""
    made = employer.post("/v1/keys", {"scopes": ["read"], "name": "old"}).json
    item = stack.table.get(employer_pk(employer.employer_id), f"KEY#{made['id']}")
    item.update([KeyItem.name.remove(), KeyItem.created_by.remove()])
    assert employer.using(made["secret"]).get("/v1/employer").status == 200
    shown = employer.get(f"/v1/keys/{made['id']}").json
    assert (shown["name"], shown["created_by"], shown["expires_at"]) == (None, None, None)
