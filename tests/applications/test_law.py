"""Statutory duties over HTTP: which statutes apply to a posting, an application's deadlines, and its evidence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.applications.items import ContactItem
from chalicelib.storage import ids, keys, table
from tests.engines import join

ONTARIO = {"jurisdiction": "CA-ON", "headcount": 40}


@pytest.fixture
def ontario(employer: Any) -> Any:
    """An employer that follows the law of Ontario."""
    assert employer.patch("/v1/employer", {"policy": ONTARIO}).status == 200
    return employer


def _posting(api: Any, **fields: Any) -> Any:
    known = {"job_title": "Welder", "jurisdiction": "CA-ON", "headcount": 40, "advertised": "public"}
    return api("PUT", "/v1/postings", {**known, **fields})


def test_an_interview_sets_the_statutory_deadline(ontario: Any, booked: Callable[..., Any]) -> None:
    """The call list shows it beside ours. 2 June and 45 days are 17 July."""
    duty = booked()["application"]["duties"][0]
    assert (duty["statute"], duty["due_on"], duty["state"]) == ("ca-on-interview-45", "2026-07-17", "open")
    assert duty["due_at"] == "2026-07-18T04:00:00.000Z" and duty["source"] and duty["unverified_since"] is None
    assert duty["assumed"] == ["advertised publicly"]
    row = ontario.get("/v1/call_list").json["data"][0]
    assert row["statutory_due_on"] == "2026-07-17"


def test_without_a_jurisdiction_no_statute_is_followed(employer: Any, booked: Callable[..., Any]) -> None:
    """No deadline, no evidence, no postings."""
    application = booked()["application"]
    assert application["duties"] == []
    assert employer.get(f"/v1/applications/{application['id']}/evidence").json["entries"] == []
    assert _posting(employer).json["code"] == "no_jurisdiction"


def test_a_holding_notice_meets_the_duty_and_voiding_it_opens_it_again(
    ontario: Any, booked: Callable[..., Any], contact: Any
) -> None:
    """A contact that tells nothing of a decision is not enough."""
    case = booked()["application"]
    friendly = contact(case["id"])
    assert friendly["application"]["duties"][0]["state"] == "open", "a call that tells nothing of a decision is not enough"
    told = contact(case["id"], decision="pending")
    assert told["application"]["duties"][0]["state"] == "met"
    undone = ontario.post(f"/v1/applications/{case['id']}/contacts/{told['id']}/void")
    assert undone.json["application"]["duties"][0]["state"] == "open"


def test_a_changed_posting_moves_its_applications_deadlines(ontario: Any, booked: Callable[..., Any], run_ticks: Any) -> None:
    """Headcount may be learned later. Other jobs stay as they are."""
    welder, clerk = booked()["application"], booked(job_title="Clerk")["application"]
    answer = _posting(ontario, headcount=24, job_title=" welder ")
    assert answer.status == 201 and [s["why_not"] for s in answer.json["statutes"]] == ["fewer than 25 employees on posting day"]
    run_ticks()
    assert ontario.get(f"/v1/applications/{welder['id']}").json["duties"] == []
    assert ontario.get(f"/v1/applications/{clerk['id']}").json["duties"] != []
    assert _posting(ontario, headcount=25).status == 200
    run_ticks()
    assert ontario.get(f"/v1/applications/{welder['id']}").json["duties"][0]["assumed"] == []
    assert len(ontario.get("/v1/postings").json["data"]) == 1
    assert len(ontario.get("/v1/postings", query={"job_title": "WELDER"}).json["data"]) == 1


def test_postings_are_listed_newest_first_a_page_at_a_time(ontario: Any, clock: Any) -> None:
    """As every list."""
    titles = ["Welder", "Clerk", "Cook", "Fitter", "Nurse"]
    for title in titles:
        clock.advance(minutes=1)
        _posting(ontario, job_title=title)
    first = ontario.get("/v1/postings", query={"limit": 3}).json
    second = ontario.get("/v1/postings", query={"limit": 3, "cursor": first["next_cursor"]}).json
    assert [one["job_title"] for one in first["data"] + second["data"]] == titles[::-1] and not second["has_more"]
    assert ontario.get("/v1/postings", query={"job_title": "Pilot"}).json["data"] == []


def test_after_stop_email_letter_and_call_are_left(ontario: Any, booked: Callable[..., Any], clock: Any) -> None:
    """A text after STOP would break another law."""
    from chalicelib.messaging import opt_outs

    consent = {"given_at": clock.text(), "source": "form"}
    case = booked(candidate={"phone": "+447400123456", "sms_consent": consent})["application"]
    path = f"/v1/applications/{case['id']}/duties"
    assert ontario.get(path).json["ways_to_tell"] == ["email", "letter", "call", "sms"]
    opt_outs.opt_out([("sms", "+447400123456")], "stop_word", clock.now)
    assert ontario.get(path).json["ways_to_tell"] == ["email", "letter", "call"]


def test_deadlines_in_thirty_ten_and_two_days_are_found_once(
    ontario: Any, booked: Callable[..., Any], contact: Any, clock: Any
) -> None:
    """As the digest asks every morning."""
    from chalicelib.applications.law.due_list import falling_due

    case = booked()["application"]
    due = datetime(2026, 7, 18, 4, tzinfo=UTC)
    found = {}
    for day in range(3, 48):
        morning = datetime(2026, 6, 1, 13, tzinfo=UTC).timestamp() + 86400 * day
        before, now = (datetime.fromtimestamp(t, UTC) for t in (morning - 86400, morning))
        for mark, item in falling_due(ontario.employer_id, before, now):
            assert item.id == case["id"]
            found[mark] = (due - now).days
    assert found == {30: 29, 10: 9, 2: 1}
    contact(case["id"], decision="rejected")
    assert falling_due(ontario.employer_id, clock.now, due.replace(day=17)) == []


def test_the_evidence_holds_the_facts_and_nothing_about_the_person(
    ontario: Any, booked: Callable[..., Any], contact: Any
) -> None:
    """It serves an inspector in three years, also after the candidate was erased."""
    case = booked()["application"]
    notice = {"text": "Dear Sam, not yet", "names": ["candidate"]}
    told = contact(case["id"], decision="pending", feedback="Sam was nervous", notice=notice)
    ontario.post(f"/v1/applications/{case['id']}/contacts/{told['id']}/void")
    pack = ontario.get(f"/v1/applications/{case['id']}/evidence")
    assert [(e["number"], e["what"]) for e in pack.json["entries"]] == [(1, "interview"), (2, "contact"), (3, "contact")]
    assert pack.json["entries"][2]["voided_at"] and not pack.json["entries"][1]["voided_at"]
    assert len(pack.json["entries"][1]["notice"]["sha256"]) == 64
    assert pack.json["intact"] and pack.json["kept_until"] > "2029-06-02"
    assert "Sam" not in str(pack.json) and "example.com" not in str(pack.json)
    page = ontario.get(f"/v1/applications/{case['id']}/evidence", query={"format": "html"})
    assert page.headers["Content-Type"].startswith("text/html") and "Every entry is as it was written." in page.json


@pytest.mark.parametrize("how", ["changed", "removed", "cut off"])
def test_tampering_with_the_evidence_is_detected(ontario: Any, booked: Callable[..., Any], contact: Any, how: str) -> None:
    """An entry changed, removed, or missing at the end."""
    from chalicelib.applications.law import evidence
    from chalicelib.applications.law.items import EvidenceItem

    case = booked()["application"]
    contact(case["id"], decision="pending")
    first, second = evidence.read(ontario.employer_id, case["id"])
    transaction = table.Transaction()
    if how == "changed":
        transaction.update(first, [EvidenceItem.entry.set({**first.entry, "status": "cancelled"})])
    else:
        transaction.delete(first if how == "removed" else second)
    transaction.commit()
    pack = ontario.get(f"/v1/applications/{case['id']}/evidence").json
    assert (pack["intact"], pack["broken_at"]) == (False, {"changed": 1, "removed": 1, "cut off": 2}[how])


def test_evidence_is_kept_when_the_application_is_deleted(ontario: Any, booked: Callable[..., Any]) -> None:
    """The response says that the candidate was erased."""
    case = booked()["application"]
    transaction = table.Transaction()
    for item in table.query(keys.case_pk(ontario.employer_id, case["id"])):
        transaction.delete(item)
    transaction.commit()
    pack = ontario.get(f"/v1/applications/{case['id']}/evidence").json
    assert pack["erased"] and pack["intact"] and len(pack["entries"]) == 1
    other = case["id"][:-1] + ("0" if case["id"][-1] != "0" else "1")
    assert ontario.get(f"/v1/applications/{other}/evidence").status == 404


def test_evidence_that_begins_late_includes_older_facts(employer: Any, booked: Callable[..., Any], clock: Any) -> None:
    """An employer may set its jurisdiction late. Applications with many facts can still be written, and no fact is lost, not
    even where the candidate is erased next."""
    case = booked()["application"]
    path = f"/v1/applications/{case['id']}"
    _log_attempts(employer.employer_id, case["id"], 120, clock)
    employer.patch("/v1/employer", {"policy": {"jurisdiction": "CA-ON"}})
    assert employer.post(path + "/contacts", {"channel": "email", "outcome": "sent"}).status == 201
    begun = employer.get(path + "/evidence").json["entries"]
    assert len(begun) <= 41 and begun[-1]["what"] == "contact" and begun[0]["what"] == "interview"
    assert employer.delete(f"/v1/candidates/{case['candidate_id']}").status == 200
    kept = employer.get(path + "/evidence").json
    assert kept["intact"] and len({entry["id"] for entry in kept["entries"]}) == len(kept["entries"]) == 122


def _log_attempts(employer_id: str, application_id: str, number: int, clock: Any) -> None:
    """Contacts of an application, written straight into the table: 120 requests take eight seconds."""
    pk = keys.case_pk(employer_id, application_id)
    for begin in range(0, number, 60):
        transaction = table.Transaction()
        for minute in range(begin, begin + 60):
            contact_id = ids.case_id("con", application_id, clock.now + timedelta(minutes=minute), set())
            fields = {"channel": "call", "outcome": "no_answer", "occurred_at": clock.now, "recorded_at": clock.now}
            transaction.create(ContactItem(pk, f"CON#{contact_id}", id=contact_id, **fields))
        transaction.commit()


def test_documents_asked_back_start_a_deadline(employer: Any, booked: Callable[..., Any], clock: Any) -> None:
    """The first date starts it, the second meets it, both are evidence."""
    employer.patch("/v1/employer", {"policy": {"jurisdiction": "KR", "headcount": 30}})
    path = f"/v1/applications/{booked()['application']['id']}"
    clock.advance(days=10)
    asked = employer.patch(path, {"documents_asked_on": "2026-06-03"}).json
    duty = asked["duties"][0]
    assert (duty["statute"], duty["due_on"], duty["state"]) == ("kr-documents-14", "2026-06-17", "open")
    for wrong in ({"documents_returned_on": "2026-06-02"}, {"documents_asked_on": None, "documents_returned_on": "2026-06-05"}):
        assert employer.patch(path, wrong).json["errors"][0]["pointer"] == "/documents_returned_on"
    back = employer.patch(path, {"documents_returned_on": "2026-06-10"}).json
    assert (back["duties"][0]["state"], back["duties"][0]["met_by"]) == ("met", "returned")
    entries = employer.get(path + "/evidence").json["entries"]
    assert [(e["what"], e.get("asked_on"), e.get("returned_on")) for e in entries] == [
        ("interview", None, None),
        ("documents", "2026-06-03", None),
        ("documents", "2026-06-03", "2026-06-10"),
    ]
    assert employer.get(path + "/evidence").json["intact"]


@pytest.mark.parametrize("field", ["documents_asked_on", "documents_returned_on"])
def test_documents_are_neither_asked_for_nor_returned_on_a_day_to_come(
    employer: Any, booked: Callable[..., Any], clock: Any, field: str
) -> None:
    """A slip of the year would meet the duty or put its deadline off. Somewhere it is tomorrow already."""
    employer.patch("/v1/employer", {"policy": {"jurisdiction": "KR", "headcount": 30}})
    path = f"/v1/applications/{booked()['application']['id']}"
    assert employer.patch(path, {"documents_asked_on": "2026-06-02"}).status == 200
    refused = employer.patch(path, {field: "2026-06-04"})
    assert (refused.status, refused.json["errors"]) == (422, [{"pointer": f"/{field}", "message": "must not be in the future"}])
    assert employer.patch(path, {field: "2026-06-03"}).status == 200


def test_bills_are_listed_as_watched(ontario: Any) -> None:
    """They have no deadline."""
    status = {s["id"]: s["status"] for s in ontario.get("/v1/statutes").json["data"]}
    assert status["us-nj-s2136"] == "watch" and status["ca-on-interview-45"] == "in_force"
    assert not any("FR" in one for one in status)


@pytest.mark.parametrize(
    "wrong",
    [
        {"headcount": 0},
        {"headcount": "25"},
        {"filled_on": "2026-02-30"},
        {"filled_on": "20260601"},
        {"jurisdiction": "Ontario"},
        {"advertised": "yes"},
        {"timezone": "Toronto"},
        {"salary": 1},
    ],
)
def test_a_wrong_posting_is_refused(ontario: Any, wrong: dict[str, Any]) -> None:
    """A typing error must not move a statutory deadline."""
    assert _posting(ontario, **wrong).status == 422


def test_the_digest_names_a_deadline_in_thirty_days_once(
    ontario: Any, booked: Callable[..., Any], outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """Not every morning."""
    join(ontario, outbox, "hr@example.com")
    assert ontario.patch("/v1/employer", {"digest_to": ["hr@example.com"]}).status == 200
    booked()
    clock.advance(days=13)
    run_ticks()
    for _ in range(5):
        clock.advance(days=1)
        run_ticks()
    told = [mail for mail in outbox.to("hr@example.com") if "By law" in mail["body"]]
    assert [mail["at"][:10] for mail in told] == ["2026-06-18"]
    assert "Sam Sample (Welder) by Jul 17, 2026" in told[0]["body"] and "Sam Sample (Welder) by Jul 17, 2026" in told[0]["html"]
