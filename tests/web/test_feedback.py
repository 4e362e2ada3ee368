"""A candidate who was told a rejection may ask why, once; the answer stands on their own page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.applications import feedback
from chalicelib.applications.candidates import links
from chalicelib.holidays import holiday_check
from chalicelib.rules.copy.clean import clean_note
from chalicelib.rules.reminders.next_step import business_day_after
from chalicelib.storage import keys, table
from tests.web.conftest import Browser

ANSWER = {"reasons": ["experience", "skills"], "note": "Your welds were clean."}


@pytest.fixture
def told(booked: Any, contact: Any, clock: Any) -> Any:
    """The application of a candidate who was told a rejection."""
    application = booked()["application"]
    clock.advance(hours=3)
    contact(application["id"], decision="rejected")
    return application


@pytest.fixture
def own_page(api: Any, employer: Any, told: Any, clock: Any) -> Browser:
    return opened(api, employer, told, clock)


def opened(api: Any, employer: Any, application: Any, clock: Any) -> Browser:
    browser = Browser(api)
    browser.open("/f/" + links.token(employer.employer_id, application["id"], clock.now))
    return browser


def request_of(employer: Any, application: Any) -> Any:
    return employer.get(f"/v1/applications/{application['id']}").json["feedback_request"]


def give(employer: Any, application: Any, body: Any = ANSWER, **headers: str) -> Any:
    return employer.post(f"/v1/applications/{application['id']}/feedback", body, **headers)


def test_only_a_told_rejection_can_be_asked_about(api: Any, booked: Any, employer: Any, contact: Any, clock: Any) -> None:
    """Not before, not where nobody was reached, not where the last word is another one, not after a withdrawal."""
    made = booked()["application"]
    clock.advance(hours=3)
    browser = opened(api, employer, made, clock)
    path = browser.path

    def is_refused() -> bool:
        shown = "Please tell me why" in (browser.open(path), browser.text)[1]
        return not shown and browser.post(path + "/why", {}).status == 409 and request_of(employer, made) is None

    assert is_refused()
    contact(made["id"], "voicemail", decision="rejected")
    assert is_refused()
    told = contact(made["id"], decision="rejected")
    browser.open(path)
    assert "Please tell me why" in browser.text
    employer.patch(f"/v1/applications/{made['id']}", {"status": "withdrawn"})
    assert is_refused()
    employer.patch(f"/v1/applications/{made['id']}", {"status": "active"})
    employer.post(f"/v1/applications/{made['id']}/contacts/{told['id']}/void")
    assert is_refused()


def test_a_second_press_changes_nothing(own_page: Browser, employer: Any, told: Any, clock: Any) -> None:
    """The first day stays due, however often the button is pressed."""
    path = own_page.path
    own_page.submit("/why")
    first = request_of(employer, told)
    assert first["asked_at"] == clock.text() and first["answered_at"] is None
    assert "You asked Acme Robotics to tell you why" in own_page.text and "Please tell me why" not in own_page.text
    clock.advance(days=2)
    assert own_page.post(path + "/why", {}).status == 200
    assert request_of(employer, told) == first


def test_opening_the_page_asks_nothing(own_page: Browser, employer: Any, told: Any) -> None:
    """Mail scanners open links."""
    assert own_page.open(own_page.path + "/why").status in (404, 405)
    assert request_of(employer, told) is None


def test_a_strangers_link_asks_nothing(own_page: Browser, employer: Any, told: Any, api: Any) -> None:
    """The link is the proof of identity."""
    assert Browser(api).post(own_page.path[:-3] + "xyz/why", {}).status == 404
    assert request_of(employer, told) is None


@pytest.mark.parametrize(
    ("asked", "zone", "calendar", "due"),
    [
        (datetime(2026, 6, 5, 3, 59, tzinfo=UTC), "America/New_York", None, date(2026, 6, 11)),
        (datetime(2026, 6, 5, 4, 0, tzinfo=UTC), "America/New_York", None, date(2026, 6, 12)),
        (datetime(2026, 6, 6, 15, 0, tzinfo=UTC), "America/New_York", None, date(2026, 6, 12)),
        (datetime(2026, 7, 1, 15, 0, tzinfo=UTC), "America/New_York", "US", date(2026, 7, 9)),
    ],
)
def test_it_is_due_five_business_days_later_where_the_employer_is(asked: Any, zone: str, calendar: Any, due: date) -> None:
    """Midnight is the employer's; weekends and public holidays do not count."""
    assert business_day_after(asked, 5, zone, holiday_check(calendar)) == due


def test_today_and_the_timeline_name_it_until_it_is_answered(
    own_page: Browser, employer: Any, told: Any, signed_in: Any, clock: Any
) -> None:
    """It is overdue from the day after the due day, and gone with the answer, which the candidate reads."""
    path = own_page.path
    own_page.submit("/why")
    browser = signed_in()
    assert "Asked for feedback: Sam Sample" in browser.text and "overdue" not in browser.text.partition("Asked for")[2][:80]
    clock.advance(days=9)
    browser = signed_in()
    assert "overdue" in browser.text.partition("Asked for feedback")[2][:80]
    browser.open(f"/applications/{told['id']}")
    assert "The candidate asks for feedback" in browser.text
    browser.submit(
        "/feedback", reason=["experience", "skills"], note="See https://evil.example or call 1-900-555-0199. Good welds."
    )
    assert "Feedback given on the candidate" in browser.text
    browser.open("/")
    assert "Asked for feedback" not in browser.text
    own_page.open(path)
    assert "experience in this kind of work" in own_page.text and "Good welds." in own_page.text
    assert "evil" not in own_page.text and "0199" not in own_page.text
    kinds = [one["type"] for one in employer.get(f"/v1/applications/{told['id']}/timeline").json["data"]]
    assert kinds[0] == "feedback" and "feedback_request" in kinds


def test_it_is_overdue_from_the_employers_midnight_after_the_due_day(
    own_page: Browser, employer: Any, told: Any, signed_in: Any, clock: Any
) -> None:
    """The whole due day is left for the answer, in New York."""
    own_page.submit("/why")
    midnight = datetime.fromisoformat(request_of(employer, told)["due_on"] + "T00:00-04:00") + timedelta(days=1)
    for at, overdue in ((midnight - timedelta(seconds=1), False), (midnight, True)):
        clock.set(at)
        assert ("overdue" in signed_in().text.partition("Asked for feedback")[2][:80]) is overdue


def test_the_digest_names_who_asked(
    own_page: Browser,
    employer: Any,
    told: Any,
    operator: Any,
    outbox: Any,
    clock: Any,
    run_ticks: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody else waits: the request alone is worth a digest."""
    operator.patch(f"/v1/employers/{employer.employer_id}", {"digest_to": ["team@example.com"]})
    own_page.submit("/why")

    def mails_of_next_day() -> list[str]:
        outbox.clear()
        clock.advance(hours=24)
        run_ticks()
        return [one["body"] for one in outbox if one["to"] == "team@example.com"]

    [mail] = mails_of_next_day()
    assert "Asked for feedback: Sam Sample (Welder) by Jun 9, 2026." in mail
    monkeypatch.setattr(feedback, "READ_MOST", 1)
    [mail] = mails_of_next_day()
    assert "Asked for feedback: Sam Sample (Welder) by Jun 9, 2026; and perhaps others." in mail
    give(employer, told)
    assert mails_of_next_day() == []


def test_the_same_answer_twice_is_one_and_another_replaces_it(own_page: Browser, employer: Any, told: Any, clock: Any) -> None:
    """A stale If-Match is refused."""
    own_page.submit("/why")
    before = employer.get(f"/v1/applications/{told['id']}").headers["ETag"]
    first = give(employer, told)
    assert first.status == 200 and first.json["feedback_request"]["reasons"] == ANSWER["reasons"]
    clock.advance(hours=1)
    again = give(employer, told)
    assert again.json["feedback_request"] == first.json["feedback_request"]
    assert again.headers["ETag"] == first.headers["ETag"]
    assert give(employer, told, {"reasons": ["location"]}, headers={"If-Match": before}).status == 412
    assert give(employer, told, {"reasons": ["location"]}).json["feedback_request"]["note"] is None


def test_an_answer_needs_a_request_a_criterion_and_the_right_tenant(
    own_page: Browser, employer: Any, told: Any, api: Any
) -> None:
    """No free words alone, nothing without a question, and nothing of another employer's."""
    assert give(employer, told).json["code"] == "feedback_not_asked"
    own_page.submit("/why")
    for body in ({"reasons": []}, {"reasons": ["age"]}, {"note": "No."}, {"reasons": ["skills"], "note": "x" * 501}):
        assert give(employer, told, body).status == 422, body
    assert give(api.new_employer(), told).status == 404
    assert request_of(employer, told)["answered_at"] is None


def test_an_erased_candidate_leaves_no_request(own_page: Browser, employer: Any, told: Any) -> None:
    """The list, the page and the export hold nothing; before it the export holds all."""
    own_page.submit("/why")
    give(employer, told, {"reasons": ["skills"], "note": "Good welds."})
    other = "/v1/candidates/" + told["candidate_id"]
    assert "Good welds." in str(employer.get(other + "/export").json)
    path = own_page.path
    assert employer.delete(other).status == 200
    assert own_page.post(path + "/why", {}).status in (404, 410)
    assert table.query_first(keys.feedback_pk(employer.employer_id), "FEEDBACK#", 10) == []


def test_an_open_request_leaves_the_list_with_an_erasure_or_a_withdrawal(own_page: Browser, employer: Any, told: Any) -> None:
    """A withdrawn application that is reopened is asked about again."""
    own_page.submit("/why")

    def listed() -> int:
        return len(table.query_first(keys.feedback_pk(employer.employer_id), "FEEDBACK#", 10))

    assert listed() == 1
    for status, count in (("closed", 1), ("withdrawn", 0), ("active", 1)):
        employer.patch(f"/v1/applications/{told['id']}", {"status": status})
        assert listed() == count, status
    employer.delete("/v1/candidates/" + told["candidate_id"])
    assert listed() == 0


def test_a_long_note_is_cleaned_to_its_end() -> None:
    """A link behind the length of a name goes too."""
    note = "Good welds. " * 30 + "See evil.example/x now"
    assert "evil" not in clean_note(note) and len(clean_note(note)) > 300


def test_the_change_feed_tells_a_request_and_its_answer(own_page: Browser, employer: Any, told: Any, clock: Any) -> None:
    """A client that follows the feed reads the application again."""

    def changed(since: str) -> Any:
        clock.advance(minutes=1)
        page = employer.get("/v1/changes", query={"since": since} if since else {}).json
        return [one["id"] for one in page["data"]], page["next_since"]

    _, since = changed("")
    own_page.submit("/why")
    asked, since = changed(since)
    give(employer, told)
    answered, _ = changed(since)
    assert told["id"] in asked and told["id"] in answered


@pytest.mark.parametrize(
    ("locale", "button", "reason"),
    [("es", "Díganme por qué", "experiencia en"), ("he", "אנא אמרו לי למה", "ניסיון"), ("ko", "이유를 알려 주세요", "경험")],
)
def test_the_page_asks_and_answers_in_the_candidates_language(
    own_page: Browser, employer: Any, told: Any, locale: str, button: str, reason: str
) -> None:
    """The criteria are translated; the note stands as it was written."""
    employer.patch("/v1/candidates/" + told["candidate_id"], {"locale": locale})
    path = own_page.path
    own_page.open(path)
    assert button in own_page.text
    own_page.submit("/why")
    give(employer, told)
    own_page.open(path)
    assert reason in own_page.text and "Your welds were clean." in own_page.text


def test_a_key_that_only_reads_gives_no_feedback(own_page: Browser, employer: Any, told: Any, api: Any) -> None:
    """Answers need `write`."""
    own_page.submit("/why")
    key = employer.post("/v1/keys", {"scopes": ["read"]}).json
    assert give(api.using(key["secret"]), told).status == 403
