"""`GET /v1/changes`: what a client is told, in which order, for which token, and at what cost."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.messaging import opt_outs
from tests.operations import interview_body
from tests.reputation.loading import a_load, load


def token_for_now(employer):
    answer = employer.get("/v1/changes")
    assert answer.status == 200 and answer.json["data"] == [] and answer.json["has_more"] is False, answer
    return answer.json["next_since"]


def changes(employer, since, **query):
    """All pages: (rows, next token)."""
    rows = []
    while True:
        answer = employer.get("/v1/changes", query={"since": since, **query})
        assert answer.status == 200, answer
        rows += answer.json["data"]
        since = answer.json["next_since"]
        if not answer.json["has_more"]:
            return rows, since


def told(rows):
    return {(row["type"], row["id"]): row["changes"] for row in rows}


def booked(employer, clock, **fields):
    answer = employer.post("/v1/interviews", interview_body(clock, **fields))
    assert answer.status == 201, answer
    return answer.json


def test_every_record_of_a_booking_is_told_once_with_what_happened(employer, clock):
    since = token_for_now(employer)
    made = booked(employer, clock, hours=24)
    rows, since = changes(employer, since)
    assert told(rows) == {
        ("candidate", made["application"]["candidate_id"]): [],
        ("interview", made["id"]): ["interview.booked"],
        ("application", made["application_id"]): [],
    }
    assert [row.get("application_id") for row in rows if row["type"] == "interview"] == [made["application_id"]]
    assert not any(row["deleted"] for row in rows)
    assert changes(employer, since)[0] == []


def test_what_a_client_does_to_a_record_is_told_by_name(employer, clock):
    made = booked(employer, clock, hours=24)
    application, interview = made["application_id"], made["id"]
    since = token_for_now(employer)
    later = {"start_at": clock.text(hours=30), "end_at": clock.text(hours=31)}
    steps = [
        (
            "patch",
            f"/v1/interviews/{interview}",
            later,
            "interview.moved",
        ),
        ("post", f"/v1/interviews/{interview}/cancel", None, "interview.cancelled"),
        ("post", f"/v1/interviews/{interview}/reinstate", None, "interview.reinstated"),
        ("patch", f"/v1/applications/{application}", {"decided": "rejected"}, "application.decided"),
        ("post", f"/v1/applications/{application}/contacts", {"channel": "call", "outcome": "no_answer"}, "contact.recorded"),
        ("patch", f"/v1/candidates/{made['application']['candidate_id']}", {"name": "Sam Q. Sample"}, "candidate.updated"),
        ("patch", f"/v1/applications/{application}", {"status": "closed"}, "application.closed"),
        ("patch", f"/v1/applications/{application}", {"status": "withdrawn"}, "application.withdrawn"),
    ]
    for method, path, body, event in steps:
        answer = getattr(employer, method)(path, body)
        assert answer.status in (200, 201), answer
        rows, since = changes(employer, since)
        assert event in {one for row in rows for one in row["changes"]}, (event, rows)
        if event == "contact.recorded":
            voided = employer.post(f"{path}/{answer.json['id']}/void")
            assert voided.status == 200
            rows, since = changes(employer, since)
            assert told(rows)[("contact", answer.json["id"])] == ["contact.voided"]


def test_what_happens_between_two_requests_is_told_together(employer, clock):
    made = booked(employer, clock, hours=24)
    since = token_for_now(employer)
    employer.patch(f"/v1/applications/{made['application_id']}", {"decided": "rejected"})
    employer.patch(f"/v1/applications/{made['application_id']}", {"status": "closed"})
    rows, _ = changes(employer, since)
    assert told(rows) == {("application", made["application_id"]): ["application.decided", "application.closed"]}


def test_the_clock_makes_applications_waiting_due_and_overdue(employer, clock):
    """Nothing is written at these instants."""
    since = token_for_now(employer)
    made = booked(employer, clock, hours=1)
    application = ("application", made["application_id"])
    _, since = changes(employer, since)
    clock.advance(hours=1, minutes=59)
    assert changes(employer, since)[0] == []
    clock.advance(minutes=1)
    rows, since = changes(employer, since)
    assert told(rows) == {application: ["interview.waiting"]} and rows[0]["changed_at"] == made["end_at"]
    clock.advance(hours=48)
    rows, since = changes(employer, since)
    assert told(rows) == {application: ["application.due"]}
    clock.advance(hours=1)
    rows, since = changes(employer, since)
    assert told(rows) == {application: ["application.overdue"]}
    assert employer.get(f"/v1/applications/{made['application_id']}").json["overdue"] is True
    assert changes(employer, since)[0] == []


def test_a_wait_that_lapses_is_told(employer, clock, run_ticks):
    made = booked(employer, clock)
    clock.advance(days=360)
    since = token_for_now(employer)
    clock.advance(days=8)
    run_ticks()
    assert "application.lapsed" in told(changes(employer, since)[0])[("application", made["application_id"])]


def test_a_client_that_was_away_for_a_day_is_told_all_in_one_page(employer, clock):
    made = booked(employer, clock, hours=1)
    since = token_for_now(employer)
    clock.advance(days=4)
    rows, _ = changes(employer, since)
    assert told(rows)[("application", made["application_id"])] == ["interview.waiting", "application.due", "application.overdue"]


def test_an_answer_in_time_takes_the_moments_back(employer, clock):
    made = booked(employer, clock)
    told_so = {"channel": "call", "outcome": "reached", "decision": "offer"}
    employer.post(f"/v1/applications/{made['application_id']}/contacts", told_so)
    since = token_for_now(employer)
    clock.advance(days=4)
    assert changes(employer, since)[0] == []


def test_an_interview_that_is_cancelled_before_it_ends_makes_nobody_wait(employer, clock):
    made = booked(employer, clock, hours=1)
    employer.post(f"/v1/interviews/{made['id']}/cancel")
    since = token_for_now(employer)
    clock.advance(days=4)
    assert changes(employer, since)[0] == []


def test_an_application_that_is_closed_before_its_interview_ends_makes_nobody_wait(employer, clock):
    made = booked(employer, clock, hours=1)
    employer.patch(f"/v1/applications/{made['application_id']}", {"status": "closed"})
    since = token_for_now(employer)
    clock.advance(days=4)
    assert changes(employer, since)[0] == []


def test_the_end_of_a_snooze_is_told_of_the_application(employer, clock):
    """Nothing is written then. It has no name: a client reads that nobody is snoozed any more."""
    made = booked(employer, clock, hours=-80)
    where = f"/v1/applications/{made['application_id']}"
    assert employer.patch(where, {"snooze_until": clock.text(hours=5)}).status == 200
    since = token_for_now(employer)
    clock.advance(hours=4, minutes=59)
    assert changes(employer, since)[0] == []
    clock.advance(minutes=1)
    rows, since = changes(employer, since)
    assert told(rows) == {("application", made["application_id"]): []}
    assert employer.get(where).json["snooze_until"] is None
    employer.patch(where, {"snooze_until": clock.text(hours=5)})
    employer.patch(where, {"snooze_until": None})
    _, since = changes(employer, since)
    clock.advance(days=1)
    assert changes(employer, since)[0] == []


def test_an_erased_candidate_leaves_a_tombstone_of_each_record(employer, clock):
    made = booked(employer, clock)
    contact = employer.post(f"/v1/applications/{made['application_id']}/contacts", {"channel": "call", "outcome": "no_answer"})
    since = token_for_now(employer)
    assert employer.delete(f"/v1/candidates/{made['application']['candidate_id']}").status == 200
    rows, _ = changes(employer, since)
    assert {(row["type"], row["id"]) for row in rows if row["deleted"]} == {
        ("candidate", made["application"]["candidate_id"]),
        ("application", made["application_id"]),
        ("interview", made["id"]),
        ("contact", contact.json["id"]),
    }
    assert told(rows)[("candidate", made["application"]["candidate_id"])] == ["candidate.erased"]
    assert "sam" not in str(rows).lower()


def test_messages_are_told_when_they_were_sent(employer, clock, run_ticks):
    booked(employer, clock)
    since = token_for_now(employer)
    clock.advance(hours=48)
    run_ticks()
    rows, _ = changes(employer, since)
    sent = [row for row in rows if row["type"] == "message"]
    assert [row["changes"] for row in sent] == [["message.sent"]]
    assert employer.get(f"/v1/messages/{sent[0]['id']}").json["status"] == "sent"


@pytest.mark.parametrize("limit", [1, 2, 7])
def test_pages_of_any_size_tell_the_same(employer, clock, limit):
    since = token_for_now(employer)
    for number in range(5):
        person = {"candidate": {"name": f"Person {number}"}, "job_title": "Cook"}
        booked(employer, clock, hours=number, application=person)
    clock.advance(days=4)
    whole, _ = changes(employer, since)
    rows, after = changes(employer, since, limit=limit)
    kinds = {key: set() for key in told(whole)}
    for row in rows:
        kinds[(row["type"], row["id"])] |= set(row["changes"])
    assert kinds == {key: set(some) for key, some in told(whole).items()}
    assert changes(employer, after)[0] == []


def test_another_employer_is_told_nothing_and_its_token_is_refused(employer, api, clock):
    other = api.new_employer()
    since = token_for_now(other)
    booked(employer, clock)
    assert changes(other, since)[0] == []
    refused = employer.get("/v1/changes", query={"since": since})
    assert (refused.status, refused.json["errors"][0]["pointer"]) == (422, "?since")


@pytest.mark.parametrize("token", ["nonsense", "AAAA", "x" * 2048, "é"])
def test_a_token_that_is_none_is_refused(employer, token):
    assert employer.get("/v1/changes", query={"since": token}).status == 422


def test_a_token_expires_after_thirty_days_and_the_answer_says_what_to_do(employer, clock):
    since = token_for_now(employer)
    clock.advance(days=29)
    assert employer.get("/v1/changes", query={"since": since}).status == 200
    clock.advance(days=1)
    answer = employer.get("/v1/changes", query={"since": since})
    assert (answer.status, answer.json["code"]) == (410, "token_expired")
    assert "without `since`" in answer.json["detail"]


@pytest.mark.parametrize("scopes", [("write",), ("report",), ("manage",)])
def test_only_a_key_with_read_is_told(api, scopes):
    employer = api.new_employer(scopes=scopes)
    assert employer.get("/v1/changes").status == 403


def test_a_write_that_changes_nothing_is_not_told(employer, clock):
    made = booked(employer, clock)
    since = token_for_now(employer)
    assert employer.post("/v1/interviews", interview_body(clock)).status == 200
    employer.patch(f"/v1/applications/{made['application_id']}", {"decided": None})
    assert changes(employer, since)[0] == []


@pytest.mark.parametrize("webhooks", [False, True])
def test_an_opt_out_and_its_end_are_told_of_the_candidate_and_the_applications(employer, clock, run_ticks, webhooks):
    """STOP by text, then START. Another employer's feed hears nothing."""
    made = booked(employer, clock)
    if webhooks:
        assert employer.post("/v1/webhook_endpoints", {"url": "https://93.184.215.14/"}).status == 201
    since = token_for_now(employer)
    clock.advance(seconds=1)
    opt_outs.opt_out([("sms", "+12025550123")], opt_outs.STOP_WORD, clock())
    run_ticks()
    rows, since = changes(employer, since)
    candidate, application = ("candidate", made["application"]["candidate_id"]), ("application", made["application_id"])
    assert told(rows) == {candidate: ["candidate.opted_out"], application: []}
    clock.advance(seconds=1)
    opt_outs.start("+12025550123", clock())
    rows, since = changes(employer, since)
    assert told(rows).keys() == {candidate, application}
    opt_outs.start("+12025550123", clock())
    assert changes(employer, since)[0] == []


def cost_of_changes(employer, clock, meter, applications):
    """Requests for nothing new, and for a page with something new of both kinds."""
    load(employer.employer_id, [a_load(clock() + timedelta(hours=5, seconds=number % 7200)) for number in range(applications)])
    since = token_for_now(employer)
    meter.reset()
    nothing = employer.get("/v1/changes", query={"since": since})
    assert nothing.json["data"] == []
    requests_for_nothing = meter.total
    booked(employer, clock)
    clock.advance(hours=6)
    meter.reset()
    page = employer.get("/v1/changes", query={"since": nothing.json["next_since"]})
    assert {row["type"] for row in page.json["data"]} >= {"interview", "application"} and len(page.json["data"]) > 50
    assert sum(meter.write_units.values()) == 0
    return requests_for_nothing, meter.total


def test_nothing_new_costs_two_requests_and_a_page_three(employer, clock, meter):
    assert cost_of_changes(employer, clock, meter, 1_000) <= (2, 3)


@pytest.mark.long
def test_twenty_thousand_applications_cost_no_more(employer, clock, meter):
    assert cost_of_changes(employer, clock, meter, 20_000) <= (2, 3)


def test_a_day_away_takes_three_requests_at_most(employer, clock):
    """Two hundred records that changed."""
    since = token_for_now(employer)
    load(employer.employer_id, [a_load(clock() + timedelta(hours=1, minutes=number)) for number in range(200)])
    booked(employer, clock)
    clock.advance(hours=24)
    pages = 0
    while True:
        answer = employer.get("/v1/changes", query={"since": since})
        pages, since = pages + 1, answer.json["next_since"]
        if not answer.json["has_more"]:
            break
    assert pages <= 3


def test_what_was_decided_stays_once_it_was_told(employer, clock):
    made = booked(employer, clock)
    where = f"/v1/applications/{made['application_id']}"
    before = employer.patch(where, {"decided": "rejected"}).json
    assert (before["decided"], before["told"], before["told_at"]) == ("rejected", None, None)
    clock.advance(minutes=5)
    contact = employer.post(f"{where}/contacts", {"channel": "call", "outcome": "reached", "decision": "rejected"}).json
    after = employer.get(where).json
    assert (after["decided"], after["told"], after["told_at"]) == ("rejected", "rejected", clock.text())
    employer.post(f"{where}/contacts/{contact['id']}/void")
    assert employer.get(where).json["told"] is None
