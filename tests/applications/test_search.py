"""People are found by name: `?q=` of candidates and applications, in two reads beside the caller's key."""

from __future__ import annotations

import random
import unicodedata
from typing import Any

import pytest

from chalicelib.applications.candidates import name_pass, search
from chalicelib.applications.candidates.items import CandidateItem, NameItem, NamePassItem
from chalicelib.applications.items import ApplicationItem
from chalicelib.rules.name_search import is_match, words_of
from chalicelib.storage import keys, table
from chalicelib.storage.table import Item, Transaction
from tests.reputation.loading import load_people

PEOPLE = [
    "Anna Anders",
    "Anders Annason",
    "Zoë O’Brien",
    "Zoltan Brienne",
    "José Ángel Muñoz",
    "Łukasz Sample",
    "שָׁלוֹם לוי",
    "王小明",
    "王 小明",
    "Sam Sample",
    "Sam Sample",
    "Sample",
    "???",
]


@pytest.fixture(scope="module")
def saved_people(saved_employer: Any, stack_of_session: Any) -> Any:
    """The people, each with two applications."""
    employer, saved = saved_employer
    stack_of_session.restore(saved)
    for name in PEOPLE:
        person = employer.post("/v1/candidates", {"name": name}).json["id"]
        for job_title in ("Welder", "Fitter"):
            made = employer.post("/v1/applications", {"candidate_id": person, "job_title": job_title})
            assert made.status == 201, made
    return stack_of_session.save()


@pytest.fixture
def people(employer: Any, stack: Any, saved_people: Any) -> Any:
    """The employer of these people, on a table of this test's own."""
    stack.restore(saved_people)
    return employer


def names(tenant: Any, q: str, **query: Any) -> list[str]:
    """All names that a search finds, in order."""
    return [one["name"] for one in rows(tenant, "/v1/candidates", q=q, **query)]


def rows(tenant: Any, path: str, **query: Any) -> list[dict[str, Any]]:
    """All rows of a list, page after page."""
    found: list[dict[str, Any]] = []
    for _ in range(1_000):
        answer = tenant.get(path, query=query)
        assert answer.status == 200, answer
        found += answer.json["data"]
        if not answer.json["has_more"]:
            return found
        query = {**query, "cursor": answer.json["next_cursor"]}
    raise AssertionError("the list never ends")


def entries(tenant: Any) -> set[tuple[str, str]]:
    """(word, candidate id) of all entries of an employer."""
    found = [item for number in range(32) for item in table.query(keys.names_pk(tenant.employer_id, number))]
    return {(item.word, item.candidate_id) for item in found if isinstance(item, NameItem)}


FOUND = [
    ("anna", ["Anna Anders", "Anders Annason"]),
    ("AN an", ["Anna Anders", "Anders Annason", "José Ángel Muñoz"]),
    ("zo b", ["Zoltan Brienne", "Zoë O’Brien"]),
    ("o'brien ZOE", ["Zoë O’Brien"]),
    ("munoz", ["José Ángel Muñoz"]),
    ("jose\u0301 a\u0301", ["José Ángel Muñoz"]),
    ("lukasz", ["Łukasz Sample"]),
    ("שלום", ["שָׁלוֹם לוי"]),
    ("לוי ש", ["שָׁלוֹם לוי"]),
    ("王", ["王 小明", "王小明"]),
    ("小", ["王 小明"]),
    ("sa", ["Sam Sample", "Sam Sample", "Sample", "Łukasz Sample"]),
    ("s", ["Sam Sample", "Sam Sample", "Sample", "Łukasz Sample"]),
    ("sam sam", ["Sam Sample", "Sam Sample", "Sample", "Łukasz Sample"]),
    ("sam samp sampl", ["Sam Sample", "Sam Sample", "Sample", "Łukasz Sample"]),
    ("amp", []),
    ("anna x", []),
    ("x" * 500, []),
    ("a " * 250, ["Anders Annason", "Anna Anders", "José Ángel Muñoz"]),
]


@pytest.mark.parametrize("limit", [1, 2, 100])
def test_every_word_begins_a_word_of_the_name(people: Any, limit: int) -> None:
    """In any order, with or without accents; each person once, over pages of any size."""
    for q, expected in FOUND:
        assert sorted(names(people, q, limit=limit)) == sorted(expected), q
        applications = rows(people, "/v1/applications", q=q, limit=limit)
        assert sorted(one["candidate"]["name"] for one in applications) == sorted(2 * expected), q
        assert len({one["id"] for one in applications}) == 2 * len(expected)


@pytest.mark.parametrize("path", ["/v1/candidates", "/v1/applications"])
def test_what_names_nobody_is_refused(employer: Any, path: str) -> None:
    """An answer with everybody, or nobody, would be read as the result."""
    for q in ("", "???", " - ", "\u0301", "👍", "x" * 501, "a\u0000", "a\n"):
        answer = employer.get(path, query={"q": q})
        assert answer.status == 422, q
        assert [one["pointer"] for one in answer.json["errors"]] == ["?q"]


def test_composed_and_decomposed_names_are_one(people: Any) -> None:
    """A phone composes what a laptop takes apart."""
    for name in ("Ángel", "שָׁלוֹם", "한국"):
        made = [people.post("/v1/candidates", {"name": unicodedata.normalize(form, name)}).json["id"] for form in ("NFC", "NFD")]
        for form in ("NFC", "NFD"):
            found = rows(people, "/v1/candidates", q=unicodedata.normalize(form, name))
            assert set(made) <= {one["id"] for one in found}


def test_the_filters_hold_beside_the_name(people: Any) -> None:
    """A page may be short; all pages together hold what passes."""
    welders = rows(people, "/v1/applications", q="sam", limit=3)
    decided = [one["id"] for one in welders if one["job_title"] == "Welder"]
    for one in decided:
        assert people.patch(f"/v1/applications/{one}", {"decided": "rejected"}).status == 200
    found = rows(people, "/v1/applications", q="sam", decided="rejected", limit=1)
    assert {one["id"] for one in found} == set(decided)
    of_one = rows(people, "/v1/applications", q="sam", candidate_id=welders[0]["candidate_id"])
    assert {one["id"] for one in of_one} == {one["id"] for one in welders if one["candidate_id"] == welders[0]["candidate_id"]}
    assert rows(people, "/v1/applications", q="anna", candidate_id=welders[0]["candidate_id"]) == []
    one = people.post("/v1/candidates", {"name": "Sam Elsewhere", "email": "sam@example.com", "phone": "+12025550123"}).json["id"]
    for query in ({"email": "sam@example.com"}, {"phone": "+12025550123"}):
        assert [row["id"] for row in rows(people, "/v1/candidates", q="sam", limit=1, **query)] == [one]
        assert rows(people, "/v1/candidates", q="anna", **query) == []


def test_nobody_finds_another_employers_people(people: Any, api: Any) -> None:
    """Nor goes on with another employer's cursor, or another search's."""
    other = api.new_employer()
    assert names(other, "sam") == []
    assert rows(other, "/v1/applications", q="sam") == []
    cursor = people.get("/v1/candidates", query={"q": "sam", "limit": 1}).json["next_cursor"]
    for tenant, q in ((other, "sam"), (people, "anna")):
        assert tenant.get("/v1/candidates", query={"q": q, "limit": 1, "cursor": cursor}).status == 422
    assert people.get("/v1/candidates", query={"limit": 1, "cursor": cursor}).status == 422
    assert search.find(other.employer_id, "sam", 10, f"NAME#sample#{'x' * 31}") == ([], None)


def test_a_renamed_person_is_found_by_the_new_name_alone(people: Any) -> None:
    """By what the two names share as well, once."""
    who = next(one["id"] for one in rows(people, "/v1/candidates", q="anna") if one["name"] == "Anna Anders")
    assert people.patch(f"/v1/candidates/{who}", {"name": "Anna Berg"}).status == 200
    assert names(people, "anna") == ["Anna Berg", "Anders Annason"]
    assert names(people, "berg") == ["Anna Berg"]
    assert names(people, "anders") == ["Anders Annason"]
    assert {one["candidate"]["name"] for one in rows(people, "/v1/applications", q="berg")} == {"Anna Berg"}
    assert {word for word, one in entries(people) if one == who} == {"anna", "berg"}


def test_an_application_that_made_room_is_found_by_the_persons_present_name(people: Any) -> None:
    """Its own copy of the name may be a former one."""
    before = rows(people, "/v1/applications", q="lukasz")
    item = table.get(keys.case_pk(people.employer_id, before[0]["id"]), "APP")
    assert isinstance(item, ApplicationItem)
    transaction = Transaction()
    transaction.update(item, [ApplicationItem.past.set(True), ApplicationItem.name.set("Former Name")])
    transaction.commit()
    assert [one["id"] for one in rows(people, "/v1/applications", q="lukasz")] == [one["id"] for one in before]
    assert rows(people, "/v1/applications", q="former") == []


def test_a_person_without_letters_can_get_some_and_lose_them(people: Any) -> None:
    """A name of signs is entered nowhere."""
    who = next(one["id"] for one in people.get("/v1/candidates", query={"limit": 100}).json["data"] if one["name"] == "???")
    for name, found in (("Quentin", ["Quentin"]), ("!!!", [])):
        people.patch(f"/v1/candidates/{who}", {"name": name})
        assert names(people, "quentin") == found


def test_an_erased_person_is_not_found_and_leaves_no_entry(people: Any) -> None:
    """Between two pages too: the next page goes on after the place where they stood."""
    first = people.get("/v1/candidates", query={"q": "s", "limit": 2}).json
    gone = first["data"][1]["id"]
    assert people.delete(f"/v1/candidates/{gone}").status == 200
    rest = rows(people, "/v1/candidates", q="s", limit=2, cursor=first["next_cursor"])
    assert len({one["id"] for one in [*first["data"], *rest]}) == 4
    assert gone not in {one["id"] for one in rows(people, "/v1/candidates", q="s")}
    assert gone not in {one["candidate_id"] for one in rows(people, "/v1/applications", q="s")}
    assert gone not in {candidate for _, candidate in entries(people)}


def test_pages_lose_and_repeat_nobody_while_others_are_written(people: Any) -> None:
    """New people and new applications of those already shown come between the pages."""
    for path in ("/v1/candidates", "/v1/applications"):
        before = {one["id"] for one in rows(people, path, q="s")}
        page = people.get(path, query={"q": "s", "limit": 1}).json
        seen = [one["id"] for one in page["data"]]
        while page["has_more"]:
            people.post("/v1/candidates", {"name": f"Samuel {len(seen)}"})
            for shown in page["data"]:
                who = shown.get("candidate_id") or shown["id"]
                people.post("/v1/applications", {"candidate_id": who, "job_title": f"Job {len(seen)}"})
            page = people.get(path, query={"q": "s", "limit": 1, "cursor": page["next_cursor"]}).json
            seen += [one["id"] for one in page["data"]]
        assert len(seen) == len(set(seen))
        assert before <= set(seen)


def test_a_person_is_found_as_soon_as_they_are_written(employer: Any, booked: Any) -> None:
    """By the interview that creates them, and by each further application."""
    booked(name="Quentin Sample")
    booked(name="Quentin Sample", job_title="Fitter")
    assert names(employer, "quentin") == ["Quentin Sample"]
    assert {one["job_title"] for one in rows(employer, "/v1/applications", q="quent", limit=1)} == {"Fitter", "Welder"}


def test_a_retry_and_a_double_click_enter_nobody_twice(employer: Any, interview: Any, faults: Any) -> None:
    """A lost answer of the table neither."""
    body = interview(name="Quentin Sample")
    faults.lose_response("TransactWriteItems")
    for _ in range(3):
        assert employer.post("/v1/interviews", body).status in (200, 201, 503)
    assert names(employer, "q") == ["Quentin Sample"]
    assert len(entries(employer)) == 2


def test_a_random_history_of_names_is_found_as_a_list_would_be(employer: Any) -> None:
    """Created, renamed, erased: the search agrees with reading everybody, for every word that anybody has."""
    dice = random.Random(5)  # noqa: S311
    parts = ["Sam", "Sample", "Ann", "Anna", "Anders", "O’Neil", "Zoë", "李", "李小", "Ng", "N"]
    known: dict[str, str] = {}
    for _ in range(60):
        name = " ".join(dice.choices(parts, k=dice.randint(1, 3)))
        act = dice.random()
        if act < 0.5 or not known:
            known[employer.post("/v1/candidates", {"name": name}).json["id"]] = name
            continue
        who = dice.choice(sorted(known))
        if act < 0.8:
            assert employer.patch(f"/v1/candidates/{who}", {"name": name}).status == 200
            known[who] = name
        else:
            assert employer.delete(f"/v1/candidates/{who}").status == 200
            del known[who]
    for q in ("s", "sam", "an", "ann a", "n", "o n", "zoe", "李", "李 a", "sample sam"):
        expected = {who for who, name in known.items() if is_match(words_of(q), words_of(name))}
        found = [one["id"] for one in rows(employer, "/v1/candidates", q=q, limit=3)]
        assert len(found) == len(set(found))
        assert set(found) == expected, q
    assert {who for _, who in entries(employer)} == set(known)


def test_a_search_for_several_common_words_reads_a_bounded_number_and_goes_on(
    people: Any, meter: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page may be short or empty. All pages together hold everybody."""
    monkeypatch.setattr(search, "READ_MOST", 2)
    pages, query = 0, {"q": "sam luk", "limit": 1}
    found: list[str] = []
    while True:
        meter.reset()
        page = people.get("/v1/candidates", query=query).json
        assert meter.total <= 3
        pages += 1
        found += [one["name"] for one in page["data"]]
        if not page["has_more"]:
            break
        query = {**query, "cursor": page["next_cursor"]}
    assert found == ["Łukasz Sample"]
    assert pages > 1


@pytest.mark.long
def test_twenty_thousand_people_cost_no_more_requests(employer: Any, clock: Any, meter: Any) -> None:
    """A rare name, a common one, and two common words of which few people have both."""
    load_people(employer.employer_id, clock(), 20_000)
    for path in ("/v1/candidates", "/v1/applications"):
        for q, most in (("sample000999", 5), ("sam", 60), ("z s", 130)):
            meter.reset()
            page = employer.get(path, query={"q": q}).json
            assert page["data"], q
            assert meter.total <= 3, q
            assert sum(meter.read_units.values()) <= most, q


# --- what older versions write ----------------------------------------------------------------------------------------


def _without_entries(tenant: Any) -> None:
    """Makes the table as a version without the search wrote it."""
    for number in range(32):
        for item in table.query(keys.names_pk(tenant.employer_id, number)):
            item.delete()
    for one in rows(tenant, "/v1/candidates"):
        _update(_key(tenant, one["id"]), CandidateItem.found_as.remove())


def _key(tenant: Any, candidate_id: str) -> tuple[str, str]:
    return keys.candidate_pk(tenant.employer_id, candidate_id), "CAND"


def _update(key: tuple[str, str], *actions: Any) -> None:
    transaction = Transaction()
    transaction.update(CandidateItem(*key), actions)
    transaction.commit()


def test_the_nightly_job_enters_people_that_an_older_version_stored(people: Any, clock: Any) -> None:
    """Until then they may be missed. Nothing of theirs changes for clients."""
    expected, present = names(people, "s"), entries(people)
    path = f"/v1/candidates/{rows(people, '/v1/candidates', q='anna')[0]['id']}"
    etag = people.get(path).headers["ETag"]
    _without_entries(people)
    assert names(people, "s") == []
    assert name_pass.run(clock()) == {"names_entered": len(PEOPLE), "names_deleted": 0, "names_failed": 0}
    assert (names(people, "s"), entries(people), people.get(path).headers["ETag"]) == (expected, present, etag)
    assert name_pass.run(clock())["names_entered"] == 0


def test_a_pass_that_was_cut_off_goes_on_where_it_stopped(people: Any, api: Any, clock: Any, monkeypatch: Any) -> None:
    """One employer's many records take no run from the others'."""
    other = api.new_employer()
    for number in range(3):
        other.post("/v1/candidates", {"name": f"Other {number}"})
    present = {tenant.employer_id: entries(tenant) for tenant in (people, other)}
    for tenant in (people, other):
        _without_entries(tenant)
    monkeypatch.setattr(name_pass, "READ_MOST", 4)
    monkeypatch.setattr(name_pass, "_PAGE", 2)
    first = name_pass.run(clock())
    assert 0 < first["names_entered"] < len(PEOPLE) + 3
    while name_pass.run(clock()) and len(_finished(people, other)) < 2:
        continue
    assert {tenant.employer_id: entries(tenant) for tenant in (people, other)} == present


def _finished(*tenants: Any) -> list[Any]:
    states = table.get_many([(f"EMP#{one.employer_id}#NAMES", "NAMEPASS") for one in tenants]).values()
    return [one for one in states if isinstance(one, NamePassItem) and one.finished_at]


def test_entries_that_an_older_version_left_find_nobody_and_are_deleted(people: Any, clock: Any) -> None:
    """It renames and erases without them. A week later the next pass looks again."""
    renamed, erased = (one["id"] for one in rows(people, "/v1/candidates", q="anna"))
    assert name_pass.run(clock())["names_deleted"] == 0
    _update(_key(people, renamed), CandidateItem.name.set("Berta Berg"))
    Item(*_key(people, erased)).delete()
    assert names(people, "an") == ["José Ángel Muñoz"]
    assert name_pass.run(clock.advance(days=6)) == {"names_entered": 0, "names_deleted": 0, "names_failed": 0}
    assert name_pass.run(clock.advance(days=1)) == {"names_entered": 1, "names_deleted": 2, "names_failed": 0}
    assert names(people, "berg") == ["Berta Berg"]
    assert erased not in {who for _, who in entries(people)}
    assert {word for word, who in entries(people) if who == renamed} == {"berta", "berg"}


def test_an_application_that_an_older_version_added_is_entered_at_night(people: Any, clock: Any) -> None:
    """It counts as not entered where the number of applications differs."""
    who = rows(people, "/v1/candidates", q="lukasz")[0]["id"]
    people.post("/v1/applications", {"candidate_id": who, "job_title": "Cook"})
    for item in table.query(keys.names_pk(people.employer_id, ord("l") % 32)):
        if isinstance(item, NameItem) and item.candidate_id == who:
            transaction = Transaction()
            transaction.update(NameItem(*item.key), [NameItem.applications.set(item.applications[:2])])
            transaction.commit()
    _update(_key(people, who), CandidateItem.found_as.set({"name": "lukasz sample", "applications": 2}))
    assert len(rows(people, "/v1/applications", q="lukasz")) == 2
    assert name_pass.run(clock())["names_entered"] == 1
    assert len(rows(people, "/v1/applications", q="lukasz")) == 3


def test_a_person_without_entries_is_entered_by_the_next_change_and_erased_as_any_other(people: Any) -> None:
    """No need to wait for the night."""
    changed, gone = (one["id"] for one in rows(people, "/v1/candidates", q="anna"))
    _without_entries(people)
    people.patch(f"/v1/candidates/{changed}", {"locale": "de"})
    assert [one["id"] for one in rows(people, "/v1/candidates", q="anna")] == [changed]
    assert people.delete(f"/v1/candidates/{gone}").status == 200
    assert {who for _, who in entries(people)} == {changed}


def test_a_rename_during_the_nightly_pass_leaves_no_former_entry(people: Any, clock: Any, faults: Any) -> None:
    """The rename read the person before the pass entered them, and is written after it."""
    who = rows(people, "/v1/candidates", q="lukasz")[0]["id"]
    _without_entries(people)
    faults.before("TransactWriteItems", lambda: name_pass.run(clock()))
    assert people.patch(f"/v1/candidates/{who}", {"name": "Lars Other"}).status == 200
    assert {word for word, one in entries(people) if one == who} == {"lars", "other"}


def test_the_nightly_pass_enters_nobody_who_is_being_erased(people: Any, clock: Any, faults: Any) -> None:
    """An entry would outlive the person."""
    who = rows(people, "/v1/candidates", q="lukasz")[0]["id"]
    _without_entries(people)
    faults.before("TransactWriteItems", lambda: people.delete(f"/v1/candidates/{who}"))
    assert name_pass.run(clock())["names_entered"] == len(PEOPLE) - 1
    assert who not in {one for _, one in entries(people)}


def test_retention_deletes_the_entries(people: Any, clock: Any, stack: Any) -> None:
    """As an erasure that somebody asks for."""
    assert people.patch("/v1/employer", {"policy": {"retention_months": 6}}).status == 200
    stack.clock.advance(days=200)
    stack.pumps.nightly()
    assert entries(people) == set()


def test_a_page_of_people_for_the_pages(people: Any) -> None:
    """`find` takes what somebody typed, whatever it is."""
    some, start = search.find(people.employer_id, "sam", 3, None)
    rest, end = search.find(people.employer_id, "sam", 3, start)
    assert len(some) == 3 and len(rest) == 1 and end is None
    assert search.find(people.employer_id, "?", 3, None) == ([], None)
    for odd in ("", "NAME#", "\U0010ffff", "NAME#zzz#x", "made up"):
        found, _ = search.find(people.employer_id, "sam", 100, odd)
        assert len(found) in (0, 4)
