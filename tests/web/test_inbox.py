"""The Inbox: candidates' texts, "not yet" answers and disputes, newest first."""

from __future__ import annotations

import re
from typing import Any

import pytest

from chalicelib.messaging import reply_store
from infra.local.feedback import Feedback
from tests.engines import START
from tests.web.conftest import Browser

PHONE = "+12025550123"


@pytest.fixture
def text(stack: Any, clock: Any) -> Any:
    """text("I have a question") -> the candidate's text has arrived."""
    return lambda body, **more: Feedback(stack.app, clock, list).inbound_sms({"from": PHONE, "body": body, **more})


@pytest.fixture
def waiting(booked: Any, clock: Any) -> Any:
    """Returns the application of a candidate who should have heard a day ago."""
    made = booked()
    clock.advance(hours=72)
    return made["application"]


@pytest.fixture
def not_yet(api: Any, link_for: Any, run_ticks: Any) -> Any:
    """not_yet("their words") -> the candidate has said so on their own page."""

    def say(words: str = "") -> None:
        run_ticks()
        sam = Browser(api)
        sam.open(link_for("/f/"))
        sam.submit("/f/", "not_yet", answer="not_yet", feedback=words)

    return say


def test_a_text_is_read_by_people(signed_in: Any, waiting: Any, text: Any, employer: Any) -> None:
    """With the name, the words unchanged and escaped, and a link to the person."""
    text("When do I hear? <b>Sam</b>")
    browser = signed_in()
    browser.open("/inbox")
    assert "&lt;b&gt;Sam&lt;/b&gt;" in browser.html and f"/applications/{waiting['id']}" in browser.html
    assert "Sam Sample" in browser.text and "Mark as seen" in browser.text
    [reply] = employer.get("/v1/replies").json["data"]
    assert (reply["kind"], reply["seen_at"], reply["from"]) == ("text", None, PHONE)


def test_the_first_who_marks_it_as_seen_is_named(signed_in: Any, waiting: Any, text: Any, employer: Any, clock: Any) -> None:
    """Twice is the same as once, also by somebody else."""
    text("When do I hear?")
    robin, kim = signed_in(), signed_in("recruiter", "Kim Hale", "kim@example.com")
    robin.open("/inbox")
    kim.open("/inbox")
    robin.submit("/seen")
    assert "Seen by Robin Hale" in robin.text and "Mark as seen" not in robin.text
    clock.advance(minutes=5)
    kim.submit("/seen")
    assert "Seen by Robin Hale" in kim.text
    [reply] = employer.get("/v1/replies").json["data"]
    again = employer.post(f"/v1/replies/{reply['id']}/seen").json
    assert again == reply and reply["seen_by"]["name"] == "Robin Hale"


def test_a_not_yet_arrives_with_its_words(signed_in: Any, waiting: Any, not_yet: Any, employer: Any) -> None:
    """ "I called twice" reaches people, not only the table."""
    not_yet("I called twice, nobody picks up")
    browser = signed_in()
    browser.open("/inbox")
    assert "Has not heard" in browser.text and "I called twice, nobody picks up" in browser.text
    [reply] = employer.get("/v1/replies").json["data"]
    assert (reply["kind"], reply["from"], reply["body"]) == ("not_yet", None, "I called twice, nobody picks up")
    assert employer.post(f"/v1/replies/{reply['id']}/seen").json["seen_by"]["type"] == "key"
    browser.open("/inbox")
    assert "Mark as seen" not in browser.text


def test_a_dispute_is_told_apart(signed_in: Any, waiting: Any, not_yet: Any, contact: Any, clock: Any, run_ticks: Any) -> None:
    """Somebody logged a call that the candidate did not get."""
    run_ticks()
    contact(waiting["id"], decision="rejected")
    clock.advance(hours=1)
    not_yet()
    browser = signed_in()
    browser.open("/inbox")
    assert "Disputes a logged contact" in browser.text


def test_nobody_reads_or_marks_anothers_replies(waiting: Any, text: Any, api: Any, employer: Any) -> None:
    """Another employer's key, and ids of no reply."""
    text("When do I hear?")
    [reply] = employer.get("/v1/replies").json["data"]
    theirs = api.new_employer(name="Blue Fern")
    assert theirs.get("/v1/replies").json["data"] == []
    assert theirs.post(f"/v1/replies/{reply['id']}/seen").status == 404
    for wrong in ("x", "rep_1", waiting["id"], "sta_" + reply["id"][4:], "rep_0000000000" + "0" * 16):
        assert employer.post(f"/v1/replies/{wrong}/seen").status == 404, wrong


def test_an_erased_persons_words_are_gone(waiting: Any, text: Any, not_yet: Any, employer: Any) -> None:
    """From the list and from the table."""
    text("When do I hear?")
    not_yet("I called twice")
    assert len(employer.get("/v1/replies").json["data"]) == 2
    employer.delete(f"/v1/candidates/{waiting['candidate_id']}")
    assert employer.get("/v1/replies").json["data"] == []


def test_an_empty_inbox_says_so_and_a_long_one_has_pages(signed_in: Any, waiting: Any, text: Any, clock: Any) -> None:
    """Newest first; nothing twice and nothing left out."""
    browser = signed_in()
    browser.open("/inbox")
    assert "Nothing yet" in browser.text
    for number in range(27):
        clock.advance(seconds=1)
        text(f"Message {number:02}!", id=f"m{number}")
    browser.open("/inbox")
    assert browser.text.index("Message 26!") < browser.text.index("Message 25!") and "Message 01!" not in browser.text
    older = browser.html.partition('href="/inbox?cursor=')[2].partition('"')[0]
    browser.open(f"/inbox?cursor={older}")
    assert "Message 01!" in browser.text and "Message 00!" in browser.text and "Message 02!" not in browser.text


def test_today_quotes_what_nobody_has_seen(signed_in: Any, employer: Any, booked: Any, clock: Any) -> None:
    """A text that nobody reads is a second silence. Seen, it leaves Today."""
    made = booked()["application"]
    at = clock()
    item = reply_store.reply(
        employer.employer_id, made["id"], "in-1", sender="+12025550123", body="Nobody <b>picks</b> up", understood_as=None, at=at
    )
    assert reply_store.create_once(item)
    browser = signed_in()
    assert "New in the Inbox" in browser.text and "Nobody <b>picks</b> up" in browser.text and "<b>picks" not in browser.html
    employer.post(f"/v1/replies/{item.id}/seen")
    browser.open("/")
    assert "New in the Inbox" not in browser.text


def test_a_page_of_the_inbox_is_seen_at_once_and_stays_the_page(signed_in: Any, waiting: Any, text: Any, clock: Any) -> None:
    """What has arrived since the page was opened stays new. Marking one on an older page leads back to that page."""
    browser = signed_in()
    for number in range(28):
        clock.advance(seconds=1)
        text(f"Message {number:02}!", id=f"m{number}")
    browser.open("/inbox?show=new")
    text("Message 28!", id="m28")
    browser.submit("/inbox/seen", reply=re.findall(r'name="reply" value="(\w+)"', browser.html))
    assert "Message 28!" in browser.text and "Message 27!" not in browser.text and "Message 02!" in browser.text
    browser.open("/inbox")
    older = re.search(r'href="(/inbox\?cursor=[^"]+)"', browser.html)[1]
    browser.open(older)
    assert browser.text.count("Mark as seen") == 3
    browser.submit("/seen")
    assert browser.path == older and browser.text.count("Mark as seen") == 2 and "Seen by Robin Hale" in browser.text
    browser.open("/inbox?show=new")
    assert "Message 28!" in browser.text and browser.text.count("Mark as seen") == 3


def test_nobody_marks_replies_of_another_employer(signed_in: Any, api: Any, waiting: Any, text: Any, employer: Any) -> None:
    """Nor sends the visitor to another site afterwards."""
    text("When do I hear?")
    [reply] = employer.get("/v1/replies").json["data"]
    theirs = api.new_employer(name="Blue Fern")
    made = theirs.post(
        "/v1/interviews",
        {
            "application": {"candidate": {"name": "Kim", "email": "kim@example.com"}, "job_title": "Cook"},
            "stage": "final",
            "start_at": "2026-05-28T14:00:00Z",
            "end_at": "2026-05-28T15:00:00Z",
        },
    ).json
    item = reply_store.reply(
        theirs.employer_id, made["application_id"], "in-9", sender=PHONE, body="Hello", understood_as=None, at=START
    )
    assert reply_store.create_once(item)
    browser = signed_in()
    browser.open("/inbox")
    browser.post("/inbox/seen", {"form_token": browser.token, "reply": [item.id, reply["id"]], "back": "//evil.example/inbox?"})
    assert browser.page.status == 200 and browser.path == "/inbox"
    [kept] = theirs.get("/v1/replies").json["data"]
    assert kept["seen_at"] is None
    assert employer.get("/v1/replies").json["data"][0]["seen_by"]["name"] == "Robin Hale"
    for listed in ([], [reply["id"]] * 26):
        browser.open("/inbox")
        assert browser.post("/inbox/seen", {"form_token": browser.token, "reply": listed}).status == 422


def test_a_mail_says_who_may_have_written_it_and_what_was_not_kept(
    signed_in: Any, waiting: Any, employer: Any, clock: Any
) -> None:
    """On the Inbox, and on the person's page."""
    application = employer.get("/v1/applications").json["data"][0]
    reply = reply_store.reply(
        employer.employer_id,
        application["id"],
        "one",
        sender="kim@example.com",
        body="Hello <b>there</b>",
        understood_as=None,
        at=clock(),
        channel="email",
        sender_check="other_address",
        attachments=2,
    )
    reply_store.store(reply, employer.employer_id, clock(), has_listener=False)
    browser = signed_in()
    for page in ("/inbox", f"/applications/{application['id']}"):
        browser.open(page)
        assert "It came from kim@example.com, which is not the address of this candidate here." in browser.text, page
        assert "2 attachments were not kept." in browser.text and "&lt;b&gt;there" in browser.html
