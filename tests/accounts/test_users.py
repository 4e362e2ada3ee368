"""/v1/people: the people who may sign in to an employer's pages."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

ROBIN = {"name": "Robin Hale", "email": "robin@example.com", "role": "manager"}


def test_a_person_is_made_read_changed_and_removed(employer: Any) -> None:
    """The whole life of a person's account."""
    made = employer.post("/v1/people", ROBIN)
    assert made.status == 201 and made.json.items() >= ROBIN.items()
    path = made.headers["Location"]
    assert employer.get(path).json == made.json and employer.get(path).headers["ETag"] == made.headers["ETag"]
    changed = employer.patch(path, {"role": "recruiter"}, headers={"If-Match": made.headers["ETag"]})
    assert changed.json["role"] == "recruiter" and changed.headers["ETag"] != made.headers["ETag"]
    assert employer.patch(path, {"name": "R"}, headers={"If-Match": made.headers["ETag"]}).status == 412
    assert employer.delete(path).status == 204
    assert employer.get(path).status == employer.delete(path).status == 404


def test_an_address_is_one_person_at_an_employer_and_may_be_another_elsewhere(api: Any, employer: Any) -> None:
    """A sign-in link must lead to one person; agencies work for many employers."""
    employer.post("/v1/people", ROBIN)
    again = employer.post("/v1/people", {**ROBIN, "email": "ROBIN@example.com"})
    assert again.status == 409 and again.json["code"] == "duplicate_person"
    assert api.new_employer().post("/v1/people", ROBIN).status == 201
    kim = employer.post("/v1/people", {**ROBIN, "email": "kim@example.com"}).json["id"]
    assert employer.patch(f"/v1/people/{kim}", {"email": "robin@example.com"}).status == 409
    assert employer.patch(f"/v1/people/{kim}", {"email": "kim2@example.com"}).status == 200
    assert employer.post("/v1/people", {**ROBIN, "email": "kim@example.com"}).status == 201


@pytest.mark.parametrize(("field", "value"), [("email", "x"), ("role", "owner"), ("name", ""), ("name", 5), ("email", None)])
def test_every_error_is_named(employer: Any, field: str, value: Any) -> None:
    """By its pointer, as for every other record."""
    answer = employer.post("/v1/people", {**ROBIN, field: value})
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == f"/{field}"


def test_the_list_has_pages_newest_first(employer: Any, clock: Any) -> None:
    """As in every other list."""
    for number in range(5):
        employer.post("/v1/people", {**ROBIN, "email": f"p{number}@example.com"})
        clock.advance(seconds=1)
    first = employer.get("/v1/people", query={"limit": 3}).json
    rest = employer.get("/v1/people", query={"limit": 3, "cursor": first["next_cursor"]}).json
    assert [one["email"][1] for one in first["data"] + rest["data"]] == list("43210") and not rest["has_more"]


def test_only_a_key_that_manages_sees_people(api: Any) -> None:
    """Colleagues' addresses are personal data."""
    reader = api.new_employer(scopes=("read", "write"))
    assert reader.get("/v1/people").status == reader.post("/v1/people", ROBIN).status == 403


@pytest.mark.parametrize("keys", [False, True], ids=["without a key", "with an Idempotency-Key"])
def test_people_invited_at_the_same_moment_are_no_more_than_the_operator_allows(employer: Any, operator: Any, keys: bool) -> None:
    """The count is taken again where another person was added meanwhile."""
    assert operator.patch(f"/v1/employers/{employer.employer_id}", {"limits": {"users": 2}}).status == 200

    def invite(number: int) -> Any:
        headers = {"Idempotency-Key": f"person {number}".replace(" ", "-")} if keys else {}
        return employer.post("/v1/people", {**ROBIN, "email": f"p{number}@example.com"}, headers=headers)

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(invite, range(6)))
    assert sorted({one.status for one in told} - {409}) == [201, 422] and len(employer.get("/v1/people").json["data"]) == 2
    assert {one.json["code"] for one in told if one.status == 422} == {"above_limit"}
