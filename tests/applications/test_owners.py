"""Owner, decider and snooze of an application: who sees it, and when."""

from __future__ import annotations

from typing import Any

import pytest

from infra.local.feedback import Feedback
from tests.engines import join


@pytest.fixture
def person(employer: Any, outbox: Any) -> Any:
    """person("Robin") -> the id of somebody who accepted the invitation."""

    def make(name: str, who: Any = employer) -> str:
        join(who, outbox, f"{name.lower()}@example.com", name, "recruiter")
        return str(next(one["id"] for one in who.get("/v1/people").json["data"] if one["name"] == name))

    return make


def waiting(booked: Any, clock: Any, name: str, **application: Any) -> Any:
    made = booked(name=name, candidate={"email": f"{name.lower()}@example.com", "phone": None}, application=application)
    return made["application"]


def names(answer: Any) -> list[str]:
    return [row["candidate"]["name"] for row in answer.json["data"]]


def test_each_owner_has_a_call_list_of_their_own(booked: Any, employer: Any, clock: Any, person: Any) -> None:
    """Set with the interview, or later; the whole list still has everybody."""
    robin, kim = person("Robin"), person("Kim")
    first = waiting(booked, clock, "Ann", owner_id=robin)
    second = waiting(booked, clock, "Bob")
    waiting(booked, clock, "Cid")
    employer.patch(f"/v1/applications/{second['id']}", {"owner_id": robin, "decider_id": kim})
    clock.advance(hours=72)
    assert sorted(names(employer.get(f"/v1/call_list?owner={robin}"))) == ["Ann", "Bob"]
    assert names(employer.get(f"/v1/call_list?owner={kim}")) == []
    assert len(names(employer.get("/v1/call_list"))) == 3
    assert sorted(names(employer.get(f"/v1/applications?owner={robin}"))) == ["Ann", "Bob"]
    assert names(employer.get(f"/v1/applications?owner={robin}&q=ann")) == ["Ann"]
    shown = employer.get(f"/v1/applications/{second['id']}").json
    assert (shown["owner_id"], shown["decider_id"]) == (robin, kim)
    employer.patch(f"/v1/applications/{first['id']}", {"owner_id": kim})
    assert names(employer.get(f"/v1/call_list?owner={kim}")) == ["Ann"]
    assert names(employer.get(f"/v1/call_list?owner={robin}")) == ["Bob"]


def test_the_overdue_of_an_owner_are_listed_as_all_are_the_longest_first(
    booked: Any, employer: Any, clock: Any, person: Any
) -> None:
    """Each page is full; stage and name narrow, and nobody else's are among them."""
    robin = person("Robin")
    for number, ended in enumerate((3, 30, 55)):
        for name, owner in ((f"P{number}", robin), (f"Q{number}", None)):
            booked(ended, name=name, candidate={"email": f"{name}@example.com", "phone": None}, application={"owner_id": owner})
    clock.advance(hours=120)
    overdue = "/v1/applications?overdue=true"
    first = employer.get(f"{overdue}&owner={robin}&limit=2")
    rest = employer.get(f"{overdue}&owner={robin}&limit=2&cursor={first.json['next_cursor']}")
    assert [names(first), names(rest), rest.json["has_more"]] == [["P2", "P1"], ["P0"], False]
    assert names(employer.get(f"{overdue}&owner={robin}&q=p1")) == ["P1"]
    assert names(employer.get(f"{overdue}&owner={robin}&stage=final")) == []
    assert sorted(names(employer.get(f"{overdue}&stage=interview"))) == ["P0", "P1", "P2", "Q0", "Q1", "Q2"]
    assert names(employer.get(f"/v1/applications?overdue=false&owner={robin}")) == []


def test_the_list_of_an_owner_is_paged_in_the_order_of_the_whole_list(
    booked: Any, employer: Any, clock: Any, person: Any, meter: Any
) -> None:
    """No row twice, none lost, and no more requests than the whole list takes."""
    robin = person("Robin")
    for number in range(7):
        who = {"email": f"p{number}@example.com", "phone": None}
        booked(number / 3, name=f"P{number}", candidate=who, application={"owner_id": robin})
    clock.advance(hours=72)
    whole = names(employer.get("/v1/call_list"))
    meter.reset()
    assert names(employer.get(f"/v1/call_list?owner={robin}&limit=50")) == whole
    assert meter.total <= 4
    paged: list[str] = []
    query = {"owner": robin, "limit": 3}
    while True:
        answer = employer.get("/v1/call_list", query=query)
        paged += names(answer)
        if not answer.json["has_more"]:
            break
        query = {**query, "cursor": answer.json["next_cursor"]}
    assert paged == whole


def test_nobody_from_elsewhere_owns_anything(booked: Any, employer: Any, api: Any, clock: Any, person: Any) -> None:
    """Another employer's person is as unknown as one who never was: the same answer."""
    other = api.new_employer(name="Other")
    stranger = person("Stranger", other)
    application = waiting(booked, clock, "Ann")
    told = []
    for one in (stranger, "per_01KT4A4MR0S1K0FS1KR9M52VB2"):
        answer = employer.patch(f"/v1/applications/{application['id']}", {"owner_id": one, "decider_id": one})
        assert answer.status == 422 and [e["pointer"] for e in answer.json["errors"]] == ["/owner_id", "/decider_id"]
        told.append(answer.json["errors"])
    assert told[0] == told[1]
    made = employer.post("/v1/applications", {"candidate": {"name": "Bea"}, "job_title": "Cook", "owner_id": stranger})
    assert made.status == 422 and made.json["errors"][0]["pointer"].endswith("/owner_id")
    assert employer.get(f"/v1/call_list?owner={stranger}").json["data"] == []
    assert employer.get("/v1/call_list?owner=me").status == 422
    assert employer.get("/v1/call_list?owner=nobody").status == 422


def test_a_known_owner_is_not_overwritten_by_a_booking(booked: Any, employer: Any, clock: Any, person: Any) -> None:
    """An empty one is filled; another one is told as ignored."""
    robin, kim = person("Robin"), person("Kim")
    body = {"candidate": {"name": "Ann", "email": "ann@example.com"}, "job_title": "Welder"}
    employer.post("/v1/applications", body)
    filled = employer.post("/v1/applications", {**body, "owner_id": robin}).json
    assert (filled["owner_id"], filled["created"], filled["ignored"]) == (robin, False, [])
    kept = employer.post("/v1/applications", {**body, "owner_id": kim}).json
    assert (kept["owner_id"], kept["ignored"]) == (robin, ["/owner_id"])


def test_who_leaves_the_team_owns_nothing_any_more(booked: Any, employer: Any, clock: Any, person: Any, run_ticks: Any) -> None:
    """The candidate must not be somebody's who is gone: they join the unowned."""
    robin, kim = person("Robin"), person("Kim")
    mine = waiting(booked, clock, "Ann", owner_id=robin, decider_id=kim)
    decided = waiting(booked, clock, "Bob", owner_id=kim, decider_id=robin)
    employer.delete(f"/v1/people/{robin}")
    run_ticks()
    found = [employer.get(f"/v1/applications/{one['id']}").json for one in (mine, decided)]
    assert [(one["owner_id"], one["decider_id"]) for one in found] == [(None, kim), (kim, None)]
    assert employer.get(f"/v1/applications?owner={robin}").json["data"] == []


def test_a_snoozed_wait_leaves_the_call_list_and_still_counts(booked: Any, employer: Any, clock: Any) -> None:
    """It comes back by itself, without any job."""
    application = waiting(booked, clock, "Ann")
    clock.advance(hours=72)
    before = employer.get("/v1/risk").json["tally"]
    answer = employer.patch(f"/v1/applications/{application['id']}", {"snooze_until": clock.text(days=3)})
    assert answer.status == 200 and answer.json["snooze_until"] == clock.text(days=3)
    assert names(employer.get("/v1/call_list")) == []
    assert names(employer.get("/v1/call_list?snoozed=true")) == ["Ann"]
    assert employer.get("/v1/risk").json["tally"]["overdue"] == before["overdue"] == 1
    clock.advance(days=3, seconds=1)
    assert names(employer.get("/v1/call_list")) == ["Ann"] and names(employer.get("/v1/call_list?snoozed=true")) == []
    assert employer.get(f"/v1/applications/{application['id']}").json["snooze_until"] is None


@pytest.mark.parametrize("until", [{"hours": -1}, {"days": 91}])
def test_a_snooze_ends_in_the_future_and_not_too_far(booked: Any, employer: Any, clock: Any, until: Any) -> None:
    """A snooze of years would be a deletion."""
    application = waiting(booked, clock, "Ann")
    answer = employer.patch(f"/v1/applications/{application['id']}", {"snooze_until": clock.text(**until)})
    assert answer.status == 422 and answer.json["errors"][0]["pointer"] == "/snooze_until"


def test_who_does_not_wait_cannot_be_snoozed(employer: Any, clock: Any) -> None:
    """There is nothing to put off."""
    made = employer.post("/v1/applications", {"candidate": {"name": "Bea"}, "job_title": "Cook"}).json
    answer = employer.patch(f"/v1/applications/{made['id']}", {"snooze_until": clock.text(days=1)})
    assert (answer.status, answer.json["code"]) == (409, "not_waiting")


@pytest.mark.parametrize("said", ["text", "dispute", "told"])
def test_a_reply_a_dispute_or_word_ends_a_snooze(
    booked: Any, employer: Any, clock: Any, run_ticks: Any, stack: Any, said: str, contact: Any
) -> None:
    """Who speaks up is not put off."""
    made = booked(candidate={"sms_consent": {"given_at": clock.text(hours=-99), "source": "form"}})["application"]
    clock.advance(hours=73)
    run_ticks()
    employer.patch(f"/v1/applications/{made['id']}", {"snooze_until": clock.text(days=30)})
    if said == "text":
        feedback = Feedback(stack.app, stack.clock, lambda: stack.outbox)
        feedback.inbound_sms({"from": "+12025550123", "body": "I called twice, nobody picks up"})
    elif said == "dispute":
        employer.post(f"/v1/applications/{made['id']}/statements", {"heard": False})
    else:
        contact(made["id"], decision="pending", next_word_by=clock.text(days=7))
    assert employer.get(f"/v1/applications/{made['id']}").json["snooze_until"] is None


def test_an_erasure_takes_the_lists_along(booked: Any, employer: Any, clock: Any, person: Any) -> None:
    """Nothing of the person is listed under their owner."""
    robin = person("Robin")
    application = waiting(booked, clock, "Ann", owner_id=robin, decider_id=robin)
    employer.patch(f"/v1/applications/{application['id']}", {"snooze_until": clock.text(days=3)})
    assert employer.delete(f"/v1/candidates/{application['candidate_id']}").status == 200
    clock.advance(hours=72)
    for path in (f"/v1/applications?owner={robin}", f"/v1/call_list?owner={robin}", "/v1/call_list?snoozed=true"):
        assert employer.get(path).json["data"] == []
    assert employer.delete(f"/v1/people/{robin}").status == 204
