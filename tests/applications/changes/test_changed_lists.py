"""`?updated_after=`: every record that changed since, at the cost of what changed."""

from __future__ import annotations

import random
from datetime import timedelta
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib.storage import feed
from chalicelib.storage.feed import feed_pk
from chalicelib.storage.table import Item
from tests.applications.changes.desk import Desk
from tests.applications.changes.test_mirror import LISTS
from tests.operations import interview_body
from tests.reputation.loading import a_load, load

KINDS = ("candidates", "applications", "interviews")


@pytest.fixture
def machine(monkeypatch, clock):
    """The machine's clock, as stamps are made by it, is the product's: nobody travels in time. It moves with each look."""
    looks = iter(range(10**9))
    monkeypatch.setattr(feed, "time", SimpleNamespace(time=lambda: clock().timestamp() + next(looks) / 1e6))


def pages(employer, path, after, **query):
    """All pages as lists of ids."""
    found, cursor = [], {}
    while True:
        answer = employer.get(path, query={"updated_after": after, **query, **cursor})
        assert answer.status == 200, answer
        found.append([one["id"] for one in answer.json["data"]])
        if not answer.json["has_more"]:
            return found
        cursor = {"cursor": answer.json["next_cursor"]}


def changed(employer, path, after, **query):
    return [one for page in pages(employer, path, after, **query) for one in page]


def booked(employer, clock, name, **fields):
    body = interview_body(clock, name=name, **fields)
    body["application"]["candidate"] |= {"email": f"{name.lower()}@example.com", "phone": None}
    answer = employer.post("/v1/interviews", body)
    assert answer.status == 201, answer
    return answer.json


@pytest.mark.usefixtures("machine")
@pytest.mark.parametrize("kind", KINDS)
def test_only_what_changed_is_listed_oldest_change_first(employer, clock, kind):
    first, second = booked(employer, clock, "Ann", hours=30), booked(employer, clock, "Bob", hours=31)
    clock.advance(hours=3)
    after = clock.text()
    ids = {"candidates": lambda made: made["application"]["candidate_id"], "interviews": lambda made: made["id"]}
    id_of = ids.get(kind, lambda made: made["application_id"])
    assert changed(employer, f"/v1/{kind}", after) == []
    for made in (second, first, second):
        clock.advance(minutes=1)
        employer.patch(f"/v1/candidates/{made['application']['candidate_id']}", {"name": f"Cy {clock.text()}"})
        times = {"start_at": clock.text(hours=20), "end_at": clock.text(hours=21)}
        assert employer.patch(f"/v1/interviews/{made['id']}", times).status == 200
    assert changed(employer, f"/v1/{kind}", after) == [id_of(first), id_of(second)]
    assert pages(employer, f"/v1/{kind}", after, limit=1)[:2] == [[id_of(first)], [id_of(second)]]


@pytest.mark.usefixtures("machine")
def test_an_erased_record_is_not_listed(employer, clock):
    booked(employer, clock, "Zed")
    clock.advance(hours=3)
    made, after = booked(employer, clock, "Ann"), clock.text(minutes=-1)
    assert len(changed(employer, "/v1/candidates", after)) == 1
    employer.delete(f"/v1/candidates/{made['application']['candidate_id']}")
    assert [changed(employer, f"/v1/{kind}", after) for kind in KINDS] == [[], [], []]


@pytest.mark.usefixtures("machine")
def test_a_record_that_changes_between_two_pages_is_not_missed(employer, clock):
    booked(employer, clock, "Zed")
    clock.advance(hours=3)
    after, made = clock.text(), []
    for number in range(4):
        clock.advance(minutes=1)
        made.append(booked(employer, clock, f"Ann{number}", hours=30 + number)["application_id"])
    first = employer.get("/v1/applications", query={"updated_after": after, "limit": 2}).json
    clock.advance(minutes=1)
    employer.patch(f"/v1/applications/{made[2]}", {"decided": "rejected"})
    second = employer.get("/v1/applications", query={"updated_after": after, "limit": 2, "cursor": first["next_cursor"]}).json
    assert [[one["id"] for one in page["data"]] for page in (first, second)] == [made[:2], [made[3], made[2]]]


@pytest.mark.usefixtures("machine")
def test_other_filters_hold(employer, clock):
    booked(employer, clock, "Zed")
    clock.advance(hours=3)
    after = clock.text(minutes=-1)
    ann, bob = (booked(employer, clock, name, hours=30)["application_id"] for name in ("Ann", "Bob"))
    employer.patch(f"/v1/applications/{bob}", {"decided": "rejected"})
    assert changed(employer, "/v1/applications", after, decided="rejected") == [bob]
    assert changed(employer, "/v1/applications", after, q="ann") == [ann]


@pytest.mark.usefixtures("machine")
def test_what_was_stored_before_there_was_a_feed_is_listed_too(employer, clock):
    """A version before this one wrote it."""
    after = clock.text(minutes=-1)
    made = [booked(employer, clock, name, hours=30)["application_id"] for name in ("Ann", "Bob")]
    for item in Item.query(feed_pk(employer.employer_id)):
        item.delete()
    assert sorted(changed(employer, "/v1/applications", after)) == sorted(made)
    clock.advance(hours=2)
    booked(employer, clock, "Cy", hours=30)
    assert len(changed(employer, "/v1/applications", after)) == 3


def test_a_clock_that_is_not_the_machines_loses_nothing(employer, clock):
    """The local stack travels in time."""
    made = []
    for name in ("Ann", "Bob", "Cy"):
        clock.advance(days=2)
        made.append(booked(employer, clock, name, hours=30)["application_id"])
    assert sorted(changed(employer, "/v1/applications", clock.text(days=-3))) == sorted(made[1:])


def cost(employer, clock, meter, applications):
    """Requests for nothing new, and for a page of what changed."""
    load(employer.employer_id, [a_load(clock() + timedelta(hours=5, seconds=number % 7200)) for number in range(applications)])
    booked(employer, clock, "Zed")
    clock.advance(hours=2)
    after = clock.text()
    meter.reset()
    assert changed(employer, "/v1/applications", after) == []
    requests_for_nothing = meter.total
    booked(employer, clock, "Ann", hours=30)
    meter.reset()
    answer = employer.get("/v1/applications", query={"updated_after": clock.text(minutes=-1)})
    assert len(answer.json["data"]) == 1
    assert sum(meter.write_units.values()) == 0 and sum(meter.read_units.values()) <= 10
    return requests_for_nothing, meter.total


@pytest.mark.usefixtures("machine")
def test_it_costs_what_changed(employer, clock, meter):
    assert cost(employer, clock, meter, 1_000) <= (3, 4)


@pytest.mark.long
@pytest.mark.usefixtures("machine")
def test_it_costs_no_more_beside_twenty_thousand(employer, clock, meter):
    assert cost(employer, clock, meter, 20_000) <= (3, 4)


def after_any_history(api, stack, clock, seed, limit):
    """What is listed is what changed, also where writes go on between pages."""
    chance = random.Random(seed)  # noqa: S311 - a test's dice
    employer = api.new_employer()
    desk = Desk(employer, stack, chance)
    desk.book()
    for _ in range(6):
        desk.act()
        clock.advance(seconds=1)
    clock.advance(minutes=chance.choice((5, 120)))
    after = clock.text()
    clock.advance(seconds=1)
    found = {kind: set() for kind in KINDS}
    for _ in range(8):
        desk.act()
        clock.advance(seconds=1)
    for kind in KINDS:
        cursor, acts_left = {}, 5
        while True:
            page = employer.get(f"/v1/{kind}", query={"updated_after": after, "limit": limit, **cursor}).json
            found[kind] |= {one["id"] for one in page["data"]}
            if not page["has_more"]:
                break
            cursor = {"cursor": page["next_cursor"]}
            if acts_left and chance.random() < 0.4:
                acts_left -= 1
                desk.act()
                clock.advance(seconds=1)
        whole = employer.get(LISTS[kind.removesuffix("s")], query={"limit": 100}).json["data"]
        missing = {one["id"] for one in whole if one["updated_at"] > after} - found[kind]
        gone = found[kind] - {one["id"] for one in whole}
        assert not missing, (seed, kind)
        assert all(employer.get(f"/v1/{kind}/{one}").status == 404 for one in gone)


@pytest.mark.usefixtures("machine")
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9), limit=st.integers(1, 5))
def test_all_that_changed_is_listed_after_any_history(api, stack, clock, seed, limit):
    after_any_history(api, stack, clock, seed, limit)
