"""The candidate's page: answers, corrections within a week, and links that scanners open."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.applications.candidates import links
from chalicelib.storage import keys, recipients, table
from tests.web.conftest import Browser, Forms


@pytest.fixture
def made(booked: Any, clock: Any, run_ticks: Any) -> Any:
    """Returns the application of a candidate who has been mailed a reminder."""
    application = booked()["application"]
    clock.advance(hours=49)
    run_ticks()
    return application


@pytest.fixture
def own_page(api: Any, made: Any, link_for: Any) -> Browser:
    browser = Browser(api)
    browser.open(link_for("/f/"))
    return browser


def loop(employer: Any, made: Any) -> str:
    return employer.get(f"/v1/applications/{made['id']}").json["loop"]


def test_the_page_asks_and_says_who_to_call(own_page: Browser) -> None:
    """It shows all that a candidate needs to call."""
    text = own_page.text
    for part in (
        "You had an interview for Welder with Acme Robotics",
        "Did they get in touch?",
        "Yes, good news",
        "Yes, not this time",
        "Not yet",
        "Call +1 202-555-0100",
        "On a voicemail",
        "What could I have done better?",
        "keep me in mind",
        "Stop these messages",
    ):
        assert part in text, part


@pytest.mark.parametrize("change", [{"call_back_phone": None}, {"policy": {"candidate_nudge": "email_reply"}}])
def test_where_writing_is_wanted_or_all_there_is_the_page_speaks_of_writing(
    booked: Any, employer: Any, api: Any, clock: Any, run_ticks: Any, link_for: Any, change: Any
) -> None:
    """A candidate who is asked to write must not be told to call."""
    employer.patch("/v1/employer", {"call_back_email": "dana@example.com", **change})
    booked()
    clock.advance(hours=49)
    run_ticks()
    browser = Browser(api)
    browser.open(link_for("/f/"))
    assert "Who to write to" in browser.text and "What you can write" in browser.text
    for part in ("Who to call", "voicemail", "a call", "555"):
        assert part not in browser.text, part
    assert "Write to dana@example.com" in browser.text
    calendar = browser.open(browser.path + "/calendar.ics").json
    assert "SUMMARY:Write to" in calendar and "dana@example.com" in calendar.replace("\r\n ", "")


def test_a_get_changes_nothing(own_page: Browser, employer: Any, made: Any, meter: Any) -> None:
    """Mail scanners and link previews in chats open links."""
    meter.reset()
    own_page.open(own_page.path)
    own_page.open(own_page.path + "/calendar.ics")
    assert sum(meter.write_units.values()) == 0 and loop(employer, made) == "waiting"


def test_good_news_ends_the_wait(own_page: Browser, employer: Any, made: Any, signed_in: Any) -> None:
    """The candidate's answer counts as word, and the recruiter sees their own words."""
    own_page.submit("/f/", answer="good", feedback="They liked my welds.")
    assert "Thank you" in own_page.text and "You said yes, good news" in own_page.text
    assert loop(employer, made) == "answered"
    browser = signed_in()
    browser.open(f"/applications/{made['id']}")
    assert "The candidate says: heard good news" in browser.text and "They liked my welds." in browser.text


def test_not_yet_against_a_logged_call_disputes_it(
    own_page: Browser, employer: Any, made: Any, contact: Any, signed_in: Any, clock: Any
) -> None:
    """The wait reopens, and Today shows it first."""
    logged = contact(made["id"], decision="rejected")
    clock.advance(hours=1)
    own_page.open(own_page.path)
    assert "noted that they told you: call" in own_page.text
    own_page.submit("/f/", answer="not_yet")
    assert employer.get(f"/v1/applications/{made['id']}/contacts").json["data"][0]["status"] == "disputed"
    assert loop(employer, made) == "waiting"
    browser = signed_in()
    assert "These candidates say nobody got in touch, although a contact was logged: Sam Sample" in browser.text
    browser.open(f"/applications/{made['id']}")
    assert "Disputed." in browser.text and logged["id"] in browser.html
    clock.advance(minutes=5)
    browser.submit("/contacts", outcome="reached", decision="rejected", note="Had called a wrong number before.")
    assert "Has heard" in browser.text
    browser.open("/")
    assert "They say that nobody" not in browser.text


def test_a_correction_within_seven_days_takes_the_answer_back(
    own_page: Browser, employer: Any, made: Any, contact: Any, signed_in: Any, clock: Any
) -> None:
    """The employer had called after all: the dispute is removed."""
    contact(made["id"], decision="rejected")
    clock.advance(hours=1)
    own_page.open(own_page.path)
    own_page.submit("/f/", answer="not_yet")
    clock.advance(days=6)
    own_page.post(own_page.path.partition("?")[0], {"answer": "no", "correct": "yes"})
    assert employer.get(f"/v1/applications/{made['id']}/contacts").json["data"][0]["status"] == "recorded"
    assert loop(employer, made) == "answered"
    assert "They say that nobody" not in signed_in().text


def test_after_seven_days_a_yes_stands(own_page: Browser, employer: Any, made: Any, clock: Any) -> None:
    """Figures that rest on an answer must become final."""
    path = own_page.path
    own_page.submit("/f/", answer="good")
    clock.advance(days=8)
    assert own_page.post(path, {"answer": "not_yet"}).status == 409
    assert loop(employer, made) == "answered"


def test_hearing_after_a_not_yet_is_news_and_no_correction(own_page: Browser, employer: Any, made: Any, clock: Any) -> None:
    """Both answers were true when they were given."""
    own_page.submit("/f/", answer="not_yet")
    clock.advance(days=9)
    own_page.open(own_page.path.partition("?")[0])
    assert "Have you heard since then?" in own_page.text
    own_page.submit("/f/", answer="no")
    assert loop(employer, made) == "answered"


def test_an_answer_that_is_sent_again_changes_nothing_that_was_said_later(
    own_page: Browser, employer: Any, made: Any, contact: Any, clock: Any
) -> None:
    """The first one's response was lost, and the browser repeats it after a correction. It must not dispute the call again."""
    contact(made["id"], decision="rejected")
    clock.advance(hours=1)
    own_page.open(own_page.path)
    form = next(one for one in Forms(own_page.html).found if one["action"].startswith("/f/"))
    first = {**dict(form["fields"]), "answer": "not_yet"}
    own_page.post(form["action"], first)
    assert loop(employer, made) != "answered"
    clock.advance(minutes=1)
    own_page.submit("/f/", answer="no", correct="yes")
    assert loop(employer, made) == "answered"
    clock.advance(minutes=1)
    own_page.post(form["action"], first)
    assert loop(employer, made) == "answered" and "You said yes, not this time" in own_page.text
    clock.advance(minutes=1)
    own_page.submit("/f/", answer="not_yet", correct="yes")
    assert loop(employer, made) != "answered", "from the page that shows the answer it is a correction"


def test_a_double_tap_with_words_is_one_answer_and_more_words_are_kept(own_page: Browser, employer: Any, made: Any) -> None:
    form = next(one for one in Forms(own_page.html).found if one["action"].startswith("/f/"))
    for words in ("Too junior", "Too junior", "Too junior, they said"):
        own_page.post(form["action"], {**dict(form["fields"]), "answer": "no", "feedback": words})
    assert len(employer.get(f"/v1/applications/{made['id']}/statements").json["data"]) == 1
    [kept] = table.query(keys.case_pk(employer.get("/v1/employer").json["id"], made["id"]), "STA#")
    assert kept.feedback == "Too junior, they said"


def test_stop_ends_all_messages(own_page: Browser, made: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any) -> None:
    """It has the effect of the STOP keyword."""
    path = own_page.path
    own_page.submit("/stop")
    assert "no more messages" in own_page.text
    own_page.open(path)
    assert "You have stopped these messages" in own_page.text and "/stop" not in own_page.html
    before = len(outbox)
    for _ in range(20):
        clock.advance(hours=12)
        run_ticks()
    assert len([mail for mail in outbox[before:] if mail["to"] == "sam@example.com"]) == 0


def test_the_calendar_file_is_a_calendar_file(own_page: Browser) -> None:
    """The next business morning in the candidate's time zone, with an alarm; lines of at most 75 octets."""
    answer = own_page.open(own_page.path + "/calendar.ics")
    assert answer.headers["Content-Type"].startswith("text/calendar")
    lines = answer.json.split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR" and lines[-2:] == ["END:VCALENDAR", ""]
    assert "DTSTART:20260605T140000Z" in lines and "TRIGGER:-PT5M" in lines
    assert all(len(line.encode()) <= 75 for line in lines)


def test_a_link_is_ours_whole_and_sixty_days_young(own_page: Browser, clock: Any, employer: Any, made: Any) -> None:
    """Any other link shows a message, never somebody else's page."""
    token = own_page.path.removeprefix("/f/")
    for place in range(len(token)):
        other = "A" if token[place] != "A" else "B"
        assert own_page.open(f"/f/{token[:place]}{other}{token[place + 1 :]}").status == 404, place
    for odd in ("x", token[:-1], token + "A", "%00" * 32, "A" * 3000, token.lower()):
        assert own_page.open(f"/f/{odd}").status == 404
    forged = links.token("emp_" + "0" * 26, made["id"], clock.now)
    assert own_page.open(f"/f/{forged}").status == 404
    clock.advance(days=61)
    assert own_page.open(f"/f/{token}").status == 410


def test_the_link_of_a_message_still_works_after_its_interview_was_moved(
    own_page: Browser, made: Any, employer: Any, clock: Any, outbox: Any, run_ticks: Any
) -> None:
    """First it says when the interview is; after that it asks again, as the new message does."""
    [interview] = employer.get("/v1/interviews").json["data"]
    ahead = {"start_at": clock.text(hours=24 * 6), "end_at": clock.text(hours=24 * 6 + 1)}
    assert employer.patch(f"/v1/interviews/{interview['id']}", ahead).status == 200
    assert own_page.open(own_page.path).status == 200
    assert "You have an interview for Welder with Acme Robotics on Wed, Jun 10" in own_page.text
    assert "Did they get in touch?" not in own_page.text and "Who to call" not in own_page.text
    before = len(outbox.email)
    clock.advance(days=8, hours=2)
    run_ticks()
    assert [mail["to"] for mail in outbox.email[before:]] == ["sam@example.com"]
    assert own_page.open(own_page.path).status == 200
    assert "You had an interview for Welder" in own_page.text
    own_page.submit("/f/", answer="not_yet")
    assert "You said not yet" in own_page.text


def test_the_link_names_nobody(own_page: Browser, made: Any) -> None:
    """Links are in the logs of phones and carriers."""
    assert len(own_page.path) == 35 and "sam" not in own_page.path.lower() and made["id"] not in own_page.path


def test_the_text_carries_the_link_where_there_is_room(booked: Any, clock: Any, outbox: Any, run_ticks: Any) -> None:
    """With this base URL the text with its link is one segment."""
    from chalicelib.rules.copy.gsm7 import SMS_SEPTETS, septets

    booked(candidate={"sms_consent": {"given_at": clock.text(hours=-100), "source": "form"}})
    clock.advance(hours=49)
    run_ticks()
    [text] = outbox.sms
    assert "/f/" in text["body"] and septets(text["body"]) <= SMS_SEPTETS and text["body"].endswith("STOP to opt out")


def test_stop_does_not_reach_a_number_that_the_record_merely_pairs(own_page: Browser, made: Any, employer: Any, api: Any) -> None:
    """The page was reached by mail: it says nothing about a stranger's phone that somebody entered."""
    assert employer.patch(f"/v1/candidates/{made['candidate_id']}", {"phone": "+12025550177"}).status == 200
    own_page.submit("/stop")
    assert recipients.opted_out([("sms", "+12025550177"), ("email", "sam@example.com")]) == {("email", "sam@example.com")}


VICTIM = "vera@example.com"


def notice(employer: Any, made: Any, clock: Any, run_ticks: Any) -> None:
    """The employer says "not yet", by mail."""
    answer = employer.post(f"/v1/applications/{made['id']}/holding_notice", {"next_word_by": clock.text(days=9)})
    assert answer.status == 202, answer
    run_ticks()


@pytest.mark.parametrize("later", [{"minutes": 5}, {"days": 1}], ids=["on the same day", "on another day"])
def test_stop_silences_no_stranger_whom_an_employer_entered(
    own_page: Browser, made: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any, later: Any
) -> None:
    """An employer gets a link at an address of its own, enters a stranger's instead, and presses Stop in their name."""
    assert employer.patch(f"/v1/candidates/{made['candidate_id']}", {"email": VICTIM}).status == 200
    clock.advance(**later)
    notice(employer, made, clock, run_ticks)
    assert outbox.to(VICTIM)
    own_page.submit("/stop")
    assert recipients.opted_out([("email", VICTIM)]) == set()
    sent = len(outbox)
    for _ in range(20):
        clock.advance(hours=12)
        run_ticks()
    assert len(outbox) == sent, "about this application nobody hears any more"
    own_page.open(own_page.path.removesuffix("/stop"))
    assert "/stop" not in own_page.html and "You have stopped these messages" in own_page.text


def test_stop_where_two_addresses_may_have_the_link_says_what_it_ends(
    own_page: Browser, made: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """It promises nothing about reminders of others."""
    employer.patch(f"/v1/candidates/{made['candidate_id']}", {"email": VICTIM})
    notice(employer, made, clock, run_ticks)
    own_page.submit("/stop")
    assert "nothing more about this interview." in own_page.text and "where you got this one" not in own_page.text
    assert recipients.opted_out([("email", "sam@example.com")]) == set()


def test_stop_ends_reminders_of_others_where_the_link_came_from(own_page: Browser, made: Any, employer: Any) -> None:
    """One address alone can have got the link: it speaks for itself."""
    employer.patch(f"/v1/candidates/{made['candidate_id']}", {"email": VICTIM})
    own_page.submit("/stop")
    assert recipients.opted_out([("email", "sam@example.com"), ("email", VICTIM)]) == {("email", "sam@example.com")}
