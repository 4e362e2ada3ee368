"""Who is who: the same person is found again, another is never taken for them, and nothing sent is dropped in silence."""

from __future__ import annotations

import hashlib
import hmac
from itertools import permutations
from typing import Any

import pytest

from chalicelib.applications.candidates.items import MatchItem
from chalicelib.config import settings
from chalicelib.storage import keys, table
from chalicelib.storage.table import Transaction

AGENCY = "talent@agency.example"


def post(employer: Any, name: str, **fields: Any) -> Any:
    response = employer.post("/v1/candidates", {"name": name, **fields})
    assert response.status in (200, 201), response
    assert (response.status == 201) == response.json["created"]
    return response.json


def codes(record: dict[str, Any]) -> list[str]:
    return [one["code"] for one in record["warnings"]]


@pytest.mark.parametrize("names", [*permutations(["Ann Lee", "Bob Stone", "Cid Park"])])
def test_three_people_at_an_agencys_mailbox_are_three_in_any_order(employer: Any, names: tuple[str, ...]) -> None:
    """Twice: the second time each is found by the mailbox with their name."""
    made = [post(employer, name, email=AGENCY) for name in names]
    again = [post(employer, name.upper(), email=AGENCY) for name in reversed(names)]
    assert len({one["id"] for one in made}) == 3
    assert [one["id"] for one in again] == [one["id"] for one in reversed(made)]
    assert codes(made[0]) == [] and all(codes(one) == ["address_shared"] for one in [*made[1:], *again])
    assert all((one["created"], one["matched_by"]) == (False, "email") for one in again)
    assert len(employer.get("/v1/candidates", query={"email": AGENCY}).json["data"]) == 3


def test_a_second_persons_phone_does_not_land_on_the_first_ones_record(employer: Any) -> None:
    """They wrote from one mailbox; only one of them has the number."""
    ann = post(employer, "Ann Lee", email=AGENCY)
    bob = post(employer, "Bob Stone", email=AGENCY, phone="+12025550124")
    assert ann["id"] != bob["id"]
    assert employer.get(f"/v1/candidates/{ann['id']}").json["phone"] is None


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Zoë Müller", "Zoe\u0308 Mu\u0308ller"),
        ("Sam Carter", "Carter, Sam"),
        ("Sam", "Sam Carter"),
        ("Sam Jay Carter", "sam carter"),
        ("O'Brien", "O’BRIEN"),
    ],
)
def test_a_compatible_name_at_the_same_address_is_the_same_person(employer: Any, first: str, second: str) -> None:
    """By either address, in either order. What the record does not take is named."""
    for one, other, at in ((first, second, {"email": "a@x.example"}), (second, first, {"phone": "+12025550125"})):
        made, again = post(employer, one, **at), post(employer, other, **at)
        assert made["id"] == again["id"] and codes(again) == []
        assert (made["matched_by"], again["matched_by"]) == (None, next(iter(at)))
        assert again["ignored"] in ([], ["/name"]) and again["name"] == one


def test_of_two_compatible_people_neither_is_guessed(employer: Any) -> None:
    """A "Sam" may be Sam Carter or Sam Lee. An equal name, or another address, decides."""
    carter, lee = (
        post(employer, name, email=AGENCY, phone=f"+1202555012{n}") for n, name in enumerate(("Sam Carter", "Sam Lee"))
    )
    sam = post(employer, "Sam", email=AGENCY)
    assert sam["created"] and sam["id"] not in (carter["id"], lee["id"]) and codes(sam) == ["address_shared"]
    assert post(employer, "Sam", email=AGENCY)["id"] == sam["id"]
    assert post(employer, "Sam Lee", email=AGENCY)["id"] == lee["id"]
    assert post(employer, "Sam", phone="+12025550120")["id"] == carter["id"]


def test_an_external_id_decides_whatever_else_is_said(employer: Any) -> None:
    """The hiring system knows who it is; what contradicts the record is listed and changes nothing."""
    ids = [{"system": "lever", "id": "7"}]
    made = post(employer, "Ann Lee", email="ann@x.example", phone="+12025550126", timezone="Europe/Paris", external_ids=ids)
    other = {"email": "new@x.example", "phone": "+12025550127", "timezone": "Asia/Tokyo", "locale": "fr"}
    again = post(employer, "Bob Stone", external_ids=[*ids, {"system": "lever", "id": "8"}], **other)
    assert (again["id"], again["matched_by"]) == (made["id"], "external_id")
    assert again["ignored"] == ["/name", "/email", "/phone", "/timezone"]
    assert (again["name"], again["email"], again["locale"], len(again["external_ids"])) == ("Ann Lee", "ann@x.example", "fr", 2)


def test_another_persons_external_id_and_address_are_ignored_by_name(employer: Any) -> None:
    """Two records that a request mixes up stay two, and the answer says what was left out."""
    ann = post(employer, "Ann Lee", email="ann@x.example", external_ids=[{"system": "lever", "id": "7"}])
    double = post(employer, "Ann Lee", phone="+12025550128", external_ids=[{"system": "lever", "id": "8"}])
    mixed = post(
        employer,
        "Ann Lee",
        email="ann@x.example",
        phone="+12025550128",
        external_ids=[{"system": "lever", "id": "7"}, {"system": "lever", "id": "8"}],
    )
    assert mixed["id"] == ann["id"] != double["id"]
    assert mixed["ignored"] == ["/phone", "/external_ids/1"] and mixed["phone"] is None


def test_more_people_than_an_address_lists_are_found_by_their_names(employer: Any) -> None:
    """An agency with thirty people: nobody is barred, nobody doubled, nobody confused."""
    names = [f"Person{number} Agency" for number in range(24)]
    made = [post(employer, name, email=AGENCY) for name in names]
    again = [post(employer, name, email=AGENCY) for name in names]
    assert [one["id"] for one in again] == [one["id"] for one in made] and len({one["id"] for one in made}) == 24
    assert len(employer.get("/v1/candidates", query={"email": AGENCY, "limit": 100}).json["data"]) == 24
    for one in (made[0], made[23]):
        assert employer.delete(f"/v1/candidates/{one['id']}").status == 200
    fresh = [post(employer, names[number], email=AGENCY) for number in (0, 23)]
    assert all(one["created"] for one in fresh)
    assert post(employer, names[5], email=AGENCY)["id"] == made[5]["id"]


@pytest.mark.parametrize("leave", ["erased", "another address"])
def test_people_beyond_the_list_of_an_address_are_found_after_others_left_it(employer: Any, leave: str) -> None:
    """Somebody leaves, or all who are listed do: who found no place in the list is not made twice."""
    made = [post(employer, f"Person{number} Agency", email=AGENCY) for number in range(22)]

    def leaves(number: int) -> None:
        path = f"/v1/candidates/{made[number]['id']}"
        answer = employer.delete(path) if leave == "erased" else employer.patch(path, {"email": f"own{number}@x.example"})
        assert answer.status == 200

    leaves(3)
    assert post(employer, "Person20 Agency", email=AGENCY)["id"] == made[20]["id"]
    for number in {*range(20)} - {3}:
        leaves(number)
    assert post(employer, "Person21 Agency", email=AGENCY)["id"] == made[21]["id"]
    fresh = post(employer, "New Agency", email=AGENCY)
    assert fresh["created"] and post(employer, "New Agency", email=AGENCY)["id"] == fresh["id"]
    assert len(employer.get("/v1/candidates", query={"email": AGENCY, "limit": 100}).json["data"]) == 3


def test_a_shared_address_outlives_those_who_leave_it(employer: Any) -> None:
    """By change of address, by change of name, by erasure: the others are still found, and the leaver is not."""
    ann, bob, cid = (post(employer, name, email=AGENCY) for name in ("Ann Lee", "Bob Stone", "Cid Park"))
    assert employer.patch(f"/v1/candidates/{ann['id']}", {"email": "ann@x.example"}).status == 200
    assert post(employer, "Ann Lee", email=AGENCY)["created"]
    assert employer.delete(f"/v1/candidates/{bob['id']}").status == 200
    assert post(employer, "Bob Stone", email=AGENCY)["created"]
    assert employer.patch(f"/v1/candidates/{cid['id']}", {"name": "Cid Parker"}).status == 200
    assert post(employer, "Cid Parker", email=AGENCY)["id"] == cid["id"]
    assert post(employer, "Cid Park", email=AGENCY)["created"]


def test_a_change_makes_nobody_the_double_of_another(employer: Any) -> None:
    """Taking another's address with a compatible name is refused; sharing it under another name is not."""
    post(employer, "Ann Lee", email="ann@x.example")
    double, bob = (post(employer, name, phone=f"+1202555013{n}") for n, name in enumerate(("Ann", "Bob Stone")))
    refused = employer.patch(f"/v1/candidates/{double['id']}", {"email": "ANN@x.example"})
    assert (refused.status, refused.json["code"]) == (409, "duplicate_candidate")
    assert employer.patch(f"/v1/candidates/{bob['id']}", {"email": "ann@x.example"}).status == 200
    refused = employer.patch(f"/v1/candidates/{bob['id']}", {"name": "Lee, Ann"})
    assert (refused.status, refused.json["code"]) == (409, "duplicate_candidate")


def test_a_candidate_of_an_older_version_is_found_by_phone(employer: Any) -> None:
    """It has a key of the phone with the name, in the spelling that was given; it is found by the new key from then on."""
    phone, name = "+5491123456789", "Ana  Lopez"
    made = post(employer, name, phone=phone)

    def digest(*parts: str) -> str:
        return hmac.new(settings().hash_secret.encode(), "\x1f".join(parts).encode(), hashlib.sha256).hexdigest()[:32]

    employer_id = employer.get("/v1/employer").json["id"]
    former = keys.match_pk(employer_id, digest("candidate", "phone", phone, "ana lopez"))
    transaction = Transaction()
    transaction.delete(MatchItem(keys.match_pk(employer_id, digest("candidate", "phone", "+541123456789")), "MATCH"))
    transaction.create(MatchItem(former, "MATCH", record_id=made["id"]))
    transaction.commit()
    assert post(employer, "Ana Lopez", phone="+541123456789")["id"] == made["id"]
    assert post(employer, "Lopez", phone=phone)["id"] == made["id"]
    assert employer.delete(f"/v1/candidates/{made['id']}").status == 200
    assert table.get(former, "MATCH") is None
    assert post(employer, "Ana Lopez", phone=phone)["created"]


def test_an_application_says_who_was_found_and_what_was_left_out(employer: Any) -> None:
    """By the candidate's address, and then by the application's own external id."""
    person = {"name": "Ann Lee", "email": "ann@x.example", "timezone": "Europe/Paris"}
    ids = [{"system": "lever", "id": "a1"}]
    first = employer.post("/v1/applications", {"candidate": person, "job_title": "Cook", "external_ids": ids}).json
    assert (first["created"], first["matched_by"], first["ignored"], first["warnings"]) == (True, None, [], [])
    second = employer.post("/v1/applications", {"candidate": person | {"timezone": "Asia/Tokyo"}, "job_title": "Baker"}).json
    assert (second["created"], second["matched_by"], second["ignored"]) == (True, "email", ["/candidate/timezone"])
    moved = {"candidate": person | {"phone": "+12025550129"}, "job_title": "Head cook", "external_ids": ids}
    third = employer.post("/v1/applications", moved).json
    assert (third["id"], third["created"], third["matched_by"]) == (first["id"], False, "external_id")
    assert third["ignored"] == ["/job_title"] and third["candidate"]["phone"] == "+12025550129"
    by_id = employer.post("/v1/applications", {"candidate_id": first["candidate_id"], "job_title": "cook "}).json
    assert (by_id["id"], by_id["created"], by_id["matched_by"]) == (first["id"], False, None)


def test_a_job_title_in_another_composition_is_the_same_job(employer: Any) -> None:
    """Files from a Mac spell letters with combining marks."""
    person = {"name": "Ann Lee", "email": "ann@x.example"}
    one, other = (
        employer.post("/v1/applications", {"candidate": person, "job_title": t}).json
        for t in ("Chef pâtissier", "chef pa\u0302tissier")
    )
    assert one["id"] == other["id"] and other["ignored"] == []


def test_external_ids_are_bounded_with_a_clear_answer(employer: Any) -> None:
    """By number and by size, on candidates and applications: never an error of ours."""
    person = {"name": "Ida", "email": "ida@x.example"}
    for begin in range(0, 240, 20):
        refs = [{"system": "é" * 190, "id": f"{'é' * 190}{number}"} for number in range(begin, begin + 20)]
        response = employer.post("/v1/candidates", {**person, "external_ids": refs})
        application = employer.post("/v1/applications", {"candidate": person, "job_title": "Cook", "external_ids": refs})
        assert response.status == application.status or begin == 0
    for last in (response, application):
        assert (last.status, last.json["code"]) == (409, "too_many_external_ids") and "200" in last.json["detail"]


def test_another_employers_people_are_not_looked_at(employer: Any, api: Any) -> None:
    """Neither found nor warned of."""
    other_employer = api.new_employer()
    post(employer, "Ann Lee", email=AGENCY)
    theirs = post(other_employer, "Ann Lee", email=AGENCY)
    assert theirs["created"] and codes(theirs) == []
    assert codes(post(other_employer, "Bob Stone", email=AGENCY)) == ["address_shared"]
