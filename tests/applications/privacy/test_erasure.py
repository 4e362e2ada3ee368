"""Erasure deletes everything about a person, and says what is kept."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.reputation import recount
from chalicelib.storage import table
from tests.engines import Crash

NAME, EMAIL, PHONE = "Zebulon Quixworth", "zebulon.quixworth@plantedmail.example", "+12025550177"
NOTE, FEEDBACK, ID_ELSEWHERE, TITLE = "planted-note-7f3a", "planted-feedback-91bc", "planted-external-4c2d", "Welder"
PLANTED = ("zebulon", "quixworth", "plantedmail", "2025550177", NOTE, FEEDBACK, ID_ELSEWHERE, "planted-application-id")


def _plant(employer: Any, stack: Any) -> dict[str, Any]:
    """A person in every place: consent, external ids, contacts with notes, messages sent; one wait answered, one open."""
    clock = stack.clock
    person = {
        "name": NAME,
        "email": EMAIL,
        "phone": PHONE,
        "external_ids": [{"system": "ats", "id": ID_ELSEWHERE}],
        "sms_consent": {"given_at": clock.text(hours=-1), "source": "form signed by Zebulon"},
    }
    times = {"stage": "interview", "start_at": clock.text(hours=-2), "end_at": clock.text(hours=-1)}
    ids = [{"system": "ats", "id": "planted-application-id"}]
    application = {"job_title": TITLE, "candidate": person, "external_ids": ids}
    first = employer.post("/v1/interviews", {**times, "application": application})
    assert first.status == 201, first
    told = {"channel": "call", "outcome": "reached", "decision": "rejected", "note": NOTE, "feedback": f"{FEEDBACK} {NAME}"}
    assert employer.post(f"/v1/applications/{first.json['application_id']}/contacts", told).status == 201
    second = employer.post("/v1/interviews", {**times, "application": {"job_title": "Fitter", "candidate": person}})
    assert second.status == 201, second
    clock.advance(hours=48)
    stack.pumps.until_nothing_is_due()
    return {
        "candidate": first.json["application"]["candidate_id"],
        "told": first.json["application_id"],
        "open": second.json["application_id"],
    }


@pytest.fixture(scope="module")
def saved_somebody(saved_employer: Any, stack_of_session: Any) -> tuple[dict[str, Any], Any]:
    """The planted person, and the table that holds them."""
    employer, saved = saved_employer
    stack_of_session.restore(saved)
    return _plant(employer, stack_of_session), stack_of_session.save()


@pytest.fixture
def somebody(employer: Any, stack: Any, saved_somebody: tuple[dict[str, Any], Any]) -> dict[str, Any]:
    """The planted person, on a table of this test's own."""
    who, saved = saved_somebody
    stack.restore(saved)
    return who


def _open_waits(tenant: Any) -> int:
    return tenant.get("/v1/risk").json["tally"]["waiting"]


def _check_tally(employer_id: str) -> None:
    found = recount.recount(employer_id)
    assert found.differences == {}
    assert found.waits > 0


def _left(everything: Any) -> list[str]:
    return [text for text in everything() if any(one in text.lower() for one in PLANTED)]


def test_nothing_of_the_person_is_left_anywhere(employer, somebody, everything, outbox, caplog):
    """The whole table, the queues and our logs are searched for what was planted."""
    caplog.set_level(logging.INFO)
    who = somebody
    assert outbox.to(PHONE), "a message was sent, whose record named the number"
    assert len(_left(everything)) == 7
    answer = employer.delete(f"/v1/candidates/{who['candidate']}")
    assert answer.status == 200, answer
    assert answer.json["finished_at"]
    assert _left(everything) == []
    assert not any(one in caplog.text.lower() for one in PLANTED)


def test_parked_delivery_events_about_the_person_are_erased_too(employer, somebody, everything, clock):
    """They are stored by date, under no employer, and quote addresses."""
    from chalicelib.messaging import reply_store

    who = somebody
    for address, days in ((EMAIL, 0), (PHONE, 12), ("somebody.else@example.com", 3)):
        at = clock() - timedelta(days=days)
        reply_store.create_once(reply_store.parked("ses", f'{{"to": "{address}"', "not JSON", at))
    employer.delete(f"/v1/candidates/{who['candidate']}")
    assert _left(everything) == []
    assert any("somebody.else" in text for text in everything())


def test_parked_events_that_quote_a_former_address_are_erased_too(employer, somebody, everything, clock):
    """A bounce may come after the record names another address: messages went to the former one."""
    from chalicelib.messaging import reply_store

    who = somebody
    changed = {"name": "Zeb Poe", "email": "new@example.com", "phone": "+12025550199"}
    assert employer.patch(f"/v1/candidates/{who['candidate']}", changed).status == 200
    reply_store.create_once(reply_store.parked("sms_log", f'{{"destination": "{PHONE}"', "not JSON", clock()))
    reply_store.create_once(reply_store.parked("ses", '{"to": "somebody.else@example.com"', "not JSON", clock()))
    employer.delete(f"/v1/candidates/{who['candidate']}")
    assert _left(everything) == []
    assert any("somebody.else" in text for text in everything())


def test_a_stored_idempotent_response_does_not_bring_the_person_back(employer, interview, everything, clock):
    """A retry within a day would otherwise return the name and addresses of an erased person."""
    who = {"name": NAME, "email": EMAIL, "phone": PHONE}
    posts = [("/v1/candidates", who), ("/v1/interviews", interview(1, candidate=who))]
    made = [employer.post(path, body, headers={"Idempotency-Key": path}) for path, body in posts]
    application = made[1].json["application_id"]
    posts.append((f"/v1/applications/{application}/contacts", {"channel": "call", "outcome": "voicemail", "note": NOTE}))
    posts.append((f"/v1/applications/{application}/holding_notice", {"next_word_by": clock.text(days=3)}))
    made += [employer.post(path, body, headers={"Idempotency-Key": path}) for path, body in posts[2:]]
    assert all(answer.status in (200, 201, 202) for answer in made) and all(NAME in str(answer.json) for answer in made[:3])
    employer.delete(f"/v1/candidates/{made[0].json['id']}")
    assert _left(everything) == []
    for path, body in posts:
        again = employer.post(path, body, headers={"Idempotency-Key": path})
        assert (again.status, again.json["code"]) == (409, "idempotency_answer_erased"), path
        assert not any(one in str(again.json).lower() for one in PLANTED)


def test_counts_stay_and_the_open_wait_leaves_them(employer, somebody):
    """An erasure must not change the score of answered waits."""
    who = somebody
    before = employer.get("/v1/risk").json["tally"]
    assert (before["waiting"], before["answered"]) == (1, 1)
    kept = employer.delete(f"/v1/candidates/{who['candidate']}").json["kept"]
    after = employer.get("/v1/risk").json["tally"]
    assert (after["waiting"], after["answered"]) == (0, 1)
    assert employer.get("/v1/call_list").json["data"] == []
    assert kept["waits"] == 2
    assert kept["messages"] >= 1
    _check_tally(employer.employer_id)


def test_every_path_to_an_erased_person_is_not_found(employer, somebody):
    """The same 404 as for an unknown id. Lists leave the records out."""
    who = somebody
    employer.delete(f"/v1/candidates/{who['candidate']}")
    for path in (
        f"candidates/{who['candidate']}",
        f"candidates/{who['candidate']}/export",
        f"applications/{who['told']}",
        f"applications/{who['open']}/contacts",
    ):
        assert employer.get(f"/v1/{path}").status == 404, path
    for path in ("candidates", "applications", "interviews"):
        assert employer.get(f"/v1/{path}").json["data"] == []
    assert employer.get("/v1/candidates", query={"email": EMAIL}).json["data"] == []
    shown = employer.get("/v1/messages", query={"audience": "candidate"}).json["data"]
    assert shown
    assert all(one["to"] is None and one["reason"] is None for one in shown)


def test_an_opt_out_is_kept_after_erasure(employer, somebody, interview, outbox, clock, run_ticks):
    """Without it we would write to somebody who said STOP."""
    from chalicelib.messaging import opt_outs

    who = somebody
    opt_outs.opt_out([("sms", PHONE), ("email", EMAIL)], "link", clock())
    employer.delete(f"/v1/candidates/{who['candidate']}")
    outbox.clear()
    again = {"name": NAME, "email": EMAIL, "phone": PHONE}
    made = employer.post("/v1/interviews", interview(1, candidate=again))
    assert made.status == 201
    assert made.json["application"]["candidate_id"] != who["candidate"]
    clock.advance(days=10)
    run_ticks()
    assert outbox.to(PHONE) == outbox.to(EMAIL) == []


def test_erasing_is_idempotent(employer, somebody):
    """A retry after a lost response gets the same response, legal hold included."""
    path = f"/v1/candidates/{somebody['candidate']}"
    first = employer.delete(path)
    assert (first.status, first.json) == (200, employer.delete(path).json)
    assert [one["candidate_id"] for one in employer.get("/v1/erasures").json["data"]] == [first.json["candidate_id"]]


def test_a_stale_if_match_erases_nobody(employer, somebody):
    """The record has changed since it was read."""
    who = somebody
    assert employer.delete(f"/v1/candidates/{who['candidate']}", headers={"If-Match": '"old"'}).status == 412
    assert employer.get(f"/v1/candidates/{who['candidate']}").status == 200


def test_another_tenant_cannot_erase(api, employer, somebody):
    """An id gives no access."""
    who = somebody
    assert api.new_employer(name="Other").delete(f"/v1/candidates/{who['candidate']}").status == 404
    assert employer.get(f"/v1/candidates/{who['candidate']}").status == 200


def test_under_a_legal_hold_the_evidence_is_kept_and_the_response_says_so(employer, stack, everything):
    """Ontario asks for three years of evidence. The person is removed from it, and told what is kept and why."""
    employer.patch("/v1/employer", {"policy": {"jurisdiction": "CA-ON", "headcount": 40}})
    who = _plant(employer, stack)
    answer = employer.delete(f"/v1/candidates/{who['candidate']}").json
    assert {one["application_id"] for one in answer["legal_hold"]} == {who["told"], who["open"]}
    assert all(one["kept_until"] > "2029" and one["jurisdiction"] == "CA-ON" for one in answer["legal_hold"])
    proof = employer.get(f"/v1/applications/{who['told']}/evidence").json
    assert proof["erased"]
    assert proof["intact"]
    assert [one["what"] for one in proof["entries"]] == ["interview", "contact"]
    assert _left(everything) == []


def test_missing_evidence_is_written_before_the_facts_are_deleted(employer, somebody):
    """The jurisdiction was set after the facts were logged."""
    who = somebody
    employer.patch("/v1/employer", {"policy": {"jurisdiction": "CA-ON"}})
    assert len(employer.delete(f"/v1/candidates/{who['candidate']}").json["legal_hold"]) == 2
    assert employer.get(f"/v1/applications/{who['told']}/evidence").json["intact"]


@pytest.mark.parametrize("after", range(9))
@pytest.mark.parametrize("kind", ["crash_before", "crash_after", "lose_response"])
def test_the_queue_finishes_an_interrupted_erasure(employer, somebody, everything, faults, clock, run_ticks, after, kind):
    """A process may die between any two writes. The erasure is finished once, and the counts are right."""
    who = somebody
    getattr(faults, kind)("TransactWriteItems", after=after)
    try:
        answer = employer.delete(f"/v1/candidates/{who['candidate']}")
        assert answer.status in (200, 503), answer
    except Crash:
        answer = None
    faults.clear()
    clock.advance(minutes=3)
    run_ticks()
    if employer.get(f"/v1/candidates/{who['candidate']}").status == 200:
        assert answer is None or answer.status == 503, "the first write never happened: asking again begins"
        assert employer.delete(f"/v1/candidates/{who['candidate']}").status == 200
    assert _left(everything) == []
    assert _open_waits(employer) == 0
    _check_tally(employer.employer_id)


def test_a_message_being_sent_ends_as_unknown_without_address(employer, somebody, everything, clock):
    """Its sender may get an error that quotes the address, and has nothing left to settle."""
    who = somebody
    pk = table.query_index("listing", f"{employer.employer_id}#MSG")[0][0]["PK"]["S"]
    message = table.query(pk, "MSG#")[0]
    message.status, message.claim, message.reason = "sending", "token", f"rejected: {EMAIL}"
    message.save()
    employer.delete(f"/v1/candidates/{who['candidate']}")
    stripped = table.get(*message.key)
    assert (stripped.status, stripped.to, stripped.claim, stripped.reason) == ("unknown", None, None, None)


def test_a_candidate_with_very_many_external_ids_can_be_erased(employer, interview):
    """Some hiring systems make a new id for every form."""
    for begin in range(0, 120, 20):
        refs = [{"system": "forms", "id": str(number)} for number in range(begin, begin + 20)]
        body = interview(candidate={"name": "Ida Many", "email": "ida@example.com", "external_ids": refs})
        made = employer.post("/v1/interviews", {**body, "application": {**body["application"], "external_ids": refs}})
        assert made.status in (200, 201), made
    path = f"/v1/candidates/{made.json['application']['candidate_id']}"
    assert len(employer.get(path).json["external_ids"]) == 120
    assert employer.delete(path).json["finished_at"] is not None
    again = employer.post("/v1/interviews", body)
    assert again.status == 201 and again.json["application"]["candidate_id"] not in path


def test_retention_erases_inactive_candidates_only(employer, somebody, interview, clock, stack, everything):
    """The nightly run applies the employer's rule."""
    who = somebody
    assert employer.patch("/v1/employer", {"policy": {"retention_months": 6}}).status == 200
    clock.advance(days=100)
    active = {"name": "Ann Active", "email": "ann@example.com", "phone": "+12025550178"}
    kept = employer.post("/v1/interviews", interview(1, candidate=active)).json["application"]["candidate_id"]
    _run_nightly(stack)
    assert employer.get(f"/v1/candidates/{who['candidate']}").status == 200, "half a year is not over"
    clock.set(clock() + timedelta(days=90))
    _run_nightly(stack)
    assert employer.get(f"/v1/candidates/{who['candidate']}").status == 404
    assert employer.get(f"/v1/candidates/{kept}").status == 200
    assert employer.get("/v1/erasures").json["data"][0]["cause"] == "retention"
    assert _left(everything) == []
    _check_tally(employer.employer_id)


def test_nobody_is_erased_by_retention_while_something_is_still_ahead(employer, interview, clock, stack):
    """The day by which they are to hear, a snooze, a deadline of a statute, their own consent to be kept."""
    policy = {"retention_months": 1, "jurisdiction": "CA-ON", "headcount": 40}
    assert employer.patch("/v1/employer", {"policy": policy}).status == 200

    def book(name: str, **fields: Any) -> str:
        who = {"name": name, "email": f"{name.lower()}@example.com"}
        made = employer.post("/v1/interviews", interview(1, candidate=who, **fields))
        assert made.status == 201, made
        return f"/v1/applications/{made.json['application_id']}"

    told = {"channel": "call", "outcome": "reached", "decision": "rejected"}
    kept = {**told, "keep_in_mind": True, "keep_in_mind_until": clock.text(days=100)}
    assert employer.post(f"{book('Told')}/contacts", told).status == 201
    assert employer.post(f"{book('Kept')}/contacts", kept).status == 201
    employer.patch(book("Snoozed"), {"snooze_until": clock.text(days=80)})
    book("Promised", next_word_by=clock.text(days=60))
    book("Owed")
    for days, left in (
        (35, {"Kept", "Snoozed", "Promised", "Owed"}),
        (20, {"Kept", "Snoozed", "Promised"}),
        (20, {"Kept", "Snoozed"}),
        (20, {"Kept"}),
        (20, set[str]()),
    ):
        clock.advance(days=days)
        _run_nightly(stack)
        assert {one["name"] for one in employer.get("/v1/candidates").json["data"]} == left, days


def _run_nightly(stack: Any) -> None:
    from infra.local import events

    stack.app.nightly(events.schedule(stack.clock(), "nightly"), events.Context(900))
