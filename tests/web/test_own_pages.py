"""Pages of job seekers, without script: start, add in four fields, the reminder's link, outcomes, the number, export, erase."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from chalicelib import config
from chalicelib.messaging import opt_outs
from chalicelib.rules.model import MessageChannel
from infra.local.environment import INBOUND_MAIL
from tests.accounts.test_seekers import texted_code
from tests.engines import BASE_URL, Api, Outbox, StandingClock, code_for, seek
from tests.web.conftest import Browser

JO = "jo@example.com"


@pytest.fixture
def jo(api: Api, outbox: Outbox) -> Browser:
    """A job seeker's browser, signed up by the code."""
    browser = Browser(api)
    browser.open("/my")
    browser.submit("/my/start", name="Jo Sample", email=JO, timezone="America/New_York")
    browser.submit("/sign-in-code", code=code_for(outbox, JO))
    assert "My interviews" in browser.text and browser.page.status == 200
    return browser


def added(jo: Browser, **fields: str) -> str:
    given = {"company": "Blue Fern", "job_title": "Welder", "start": "2026-06-02T07:00", "contact": "Dana Reyes, +1 202 555 0100"}
    jo.open("/my")
    jo.submit("/my/interviews", **{**given, **fields})
    return jo.path


def test_the_story_on_pages(jo: Browser, outbox: Outbox, clock: StandingClock, run_ticks: Any, api: Api) -> None:
    """Sign up, add, two days, the mail, "they said Friday", Friday, the second, erase everything."""
    path = added(jo)
    assert "Blue Fern" in jo.text and "Waiting to hear" in jo.text and "We remind you on Thu, Jun 4" in jo.text
    clock.advance(hours=50)
    run_ticks()
    link = re.search(rf"{BASE_URL}(/f/[\w-]+)", outbox.to(JO)[-1]["body"])
    assert link is not None
    phone = Browser(api)
    phone.open(link[1])
    assert "Have you heard from Blue Fern?" in phone.text and "Call +1 202-555-0100" in phone.text
    phone.submit(link[1], "called", day="2026-06-05", feedback="Speak louder.")
    assert "Noted. We remind you again on Fri, Jun 5" in phone.text
    clock.advance(hours=29, minutes=30)
    run_ticks()
    assert sum("o word from Blue Fern" in mail["subject"] for mail in outbox.to(JO)) == 2
    jo.open(path.partition("?")[0])
    assert "No answer" in jo.text and "Let it go" in jo.text
    jo.submit("/outcomes", "heard", decision="rejected")
    assert "Heard" in jo.text and "Speak louder." in jo.text
    assert "They called or wrote" in jo.text and "No answer" not in jo.text and "Let it go" not in jo.text
    jo.open("/my")
    assert "You called about 1 job: 1 answered." in jo.text
    jo.open("/my/erase")
    jo.submit("/my/erase")
    assert "Everything is erased" in jo.text
    jo.open("/my")
    assert "Not heard after your interview?" in jo.text


def test_the_mailed_link_starts_too(api: Api, outbox: Outbox) -> None:
    """It shows what is agreed to, and a button: a scanner that opens links starts nothing."""
    api.post("/v1/seekers", {"email": JO, "name": "Jo Sample", "timezone": "America/New_York"})
    browser = Browser(api)
    link = re.search(rf"{BASE_URL}(/invitations/[\w-]+)", outbox.to(JO)[-1]["body"])
    assert link is not None
    browser.open(link[1])
    assert "By starting you agree" in browser.text and "Acme" not in browser.text
    browser.submit("")
    assert "My interviews" in browser.text


def test_a_closed_deployment_shows_no_sign_up(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from chalicelib import config

    monkeypatch.setenv("HEARDBACK_SEEKERS_OPEN", "false")
    config.forget()
    try:
        browser = Browser(api)
        assert browser.open("/my/start").status == 404
        browser.open("/my")
        assert browser.path.startswith("/sign-in")
    finally:
        monkeypatch.undo()
        config.forget()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("Dana Reyes, +1 202 555 0100", ("Dana Reyes", "+1 202-555-0100")),
        ("202-555-0100", ("Blue Fern", "+1 202-555-0100")),
        ("Dana <dana@bluefern.example>", ("Dana", "dana@bluefern.example")),
        ("Dana Reyes", ("Dana Reyes", "the number is in your invitation")),
        ("", ("Blue Fern", "the number is in your invitation")),
    ],
)
def test_whom_to_call_is_one_field(jo: Browser, typed: str, shown: tuple[str, str]) -> None:
    """A name, a number, an address, in any order and as people write them."""
    added(jo, contact=typed)
    assert all(one in jo.text for one in shown), jo.text


def test_no_reminder_is_announced_for_a_time_that_has_passed(jo: Browser, clock: StandingClock) -> None:
    """An interview that is entered late at night, after its reminder was due: it goes the next morning."""
    clock.advance(hours=12, minutes=20)
    path = added(jo, start="2026-05-30T07:00")
    assert "We remind you on Wed, Jun 3 at 10:00 AM" in jo.text
    jo.open("/my")
    assert "We remind you on Wed, Jun 3 at 10:00 AM" in jo.text, path


def test_a_fault_stands_at_its_field_and_nothing_typed_is_lost(jo: Browser) -> None:
    added(jo, company="", start="soon", contact="+19005550123")
    assert jo.page.status == 422 and "Company is missing" in jo.text and "Date and time must be" in jo.text
    assert 'value="Welder"' in jo.html and "Who to call must be a number at the usual price" in jo.text


@pytest.mark.parametrize(
    ("start", "shown"),
    [
        ("2026-06-02T00:00", "Tue, Jun 2 at 12:00 AM"),
        ("2026-11-01T01:30", "Sun, Nov 1 at 1:30 AM"),
        ("2027-03-14T02:30", "Date and time must be a time that your clocks show: they skip this hour"),
        ("9999-12-31T23:59", "Date and time must be"),
    ],
)
def test_midnights_and_clock_changes_are_those_of_the_seekers_zone(jo: Browser, start: str, shown: str) -> None:
    """The hour that comes twice is the first of the two; the one that is skipped is refused."""
    added(jo, start=start)
    assert shown in jo.text, jo.text


def test_they_said_today_counts_until_midnight(jo: Browser, clock: StandingClock) -> None:
    """Said at six in the evening, it is reminded of the next morning; yesterday is refused."""
    added(jo)
    clock.advance(hours=8)
    jo.submit("/outcomes", "called", day="2026-06-02")
    assert "We remind you on Wed, Jun 3 at 10:00 AM" in jo.text, jo.text
    jo.submit("/outcomes", "called", day="2026-06-01")
    assert jo.page.status == 422 and "They will answer by: must be after now" in jo.text


def test_a_double_press_adds_one(jo: Browser) -> None:
    jo.open("/my")
    token = dict(next(form for form in _forms(jo) if form["action"].endswith("/my/interviews"))["fields"])["form_token"]
    given = {"company": "Blue Fern", "job_title": "Welder", "start": "2026-06-02T07:00", "contact": "", "form_token": token}
    for _ in range(2):
        jo.post("/my/interviews", given)
    jo.open("/my")
    assert jo.text.count("Blue Fern") == 1


def _forms(browser: Browser) -> list[Any]:
    from tests.web.conftest import Forms

    return Forms(browser.html).found


def test_a_tap_twice_is_one_outcome(jo: Browser, clock: StandingClock) -> None:
    """The page that was open before is no second call."""
    path = added(jo).partition("?")[0]
    form = next(one for one in _forms(jo) if one["action"].endswith("/outcomes"))
    for _ in range(2):
        jo.post(f"{path}/outcomes", {**dict(form["fields"]), "what": "called", "decision": "", "day": "", "feedback": ""})
    assert exported(jo).count('"outcome":"reached"') == 1


def test_what_is_typed_after_going_back_is_another_outcome(jo: Browser, clock: StandingClock) -> None:
    """They called; then, from the same page: "they said no". The first tap, sent again, is neither."""
    path = added(jo).partition("?")[0]
    form = next(one for one in _forms(jo) if one["action"].endswith("/outcomes"))
    for decision in ("", "rejected", ""):
        given = {"what": "heard", "decision": decision, "day": "", "feedback": ""}
        jo.post(f"{path}/outcomes", {**dict(form["fields"]), **given})
        clock.advance(minutes=1)
    said = re.findall(r'"heard":true', exported(jo))
    assert (len(said), exported(jo).count('"decision":"rejected"')) == (2, 1)


def exported(jo: Browser) -> str:
    """Everything that is kept of them, as JSON without spaces."""
    return json.dumps(jo.open("/my/export").json, separators=(",", ":"))


def test_a_number_is_confirmed_on_its_page(jo: Browser, outbox: Outbox) -> None:
    """As people write it: without a country code it is of their own country."""
    jo.open("/my/phone")
    jo.submit("/my/phone", phone="(202) 555-0123")
    assert "on its way to +1 202-555-0123" in jo.text
    jo.submit("/my/phone/confirm", code="000 000")
    assert "This code does not work" in jo.text or texted_code(outbox) == "000000"
    jo.submit("/my/phone/confirm", code=texted_code(outbox))
    assert "Your number is confirmed" in jo.text and "+1 202-555-0123 by text" in jo.text
    jo.open("/my/phone")
    jo.submit("/my/phone", phone="020 7946 0958")
    assert jo.page.status == 422


def test_a_calendar_file_is_added(jo: Browser) -> None:
    from tests.applications.test_own_interviews import calendar

    jo.open("/my")
    body = (
        f'--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{jo.token}\r\n'
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a.ics"\r\nContent-Type: text/calendar\r\n\r\n'
    ).encode()
    jo.post("/my/calendar", body + calendar() + b"\r\n--x--\r\n", Content_Type="multipart/form-data; boundary=x")
    assert "On your list: 1. Left out: 0." in jo.text and "Bluefern" in jo.text
    jo.post("/my/calendar", body + b"no calendar\r\n--x--\r\n", Content_Type="multipart/form-data; boundary=x")
    assert jo.page.status == 422 and "The calendar file" in jo.text
    jo.submit("/my/language", language="es")
    body = body.replace(re.search(rb"\r\n\r\n(\S+)\r\n--x\r\n", body)[1], jo.token.encode())  # type: ignore[index]
    for content, said in (
        (b"no calendar", "No se puede leer el archivo de calendario."),
        (b"", "Elija un archivo de calendario."),
    ):
        jo.post("/my/calendar", body + content + b"\r\n--x--\r\n", Content_Type="multipart/form-data; boundary=x")
        assert jo.page.status == 422 and said in jo.text and "The calendar" not in jo.text


def test_deleting_is_asked_for_on_the_page(jo: Browser) -> None:
    path = added(jo).partition("?")[0]
    jo.submit("/delete")
    assert "Deleted." in jo.text and "Blue Fern" not in jo.text
    assert jo.open(path).status == 404


def test_pages_of_employers_and_seekers_are_apart(jo: Browser, signed_in: Any) -> None:
    """Each is sent to their own; another seeker's interview is not found."""
    path = added(jo).partition("?")[0]
    for other in ("/", "/people", "/settings", "/waiting", "/inbox"):
        jo.open(other)
        assert jo.path == "/my", other
    jo.post("/people/add", {})
    assert jo.path == "/my"
    robin = signed_in()
    robin.open(path)
    assert robin.path == "/" and "Blue Fern" not in robin.text


def test_names_are_shown_as_they_are_and_never_as_markup(jo: Browser) -> None:
    added(jo, company="<script>alert(1)</script> & Söhne", job_title="Welder <b>", contact="<img src=x> Dana")
    assert "<script>alert" not in jo.html and "<img src" not in jo.html and "<b>" not in jo.html
    jo.open("/my")
    assert "<script>alert" not in jo.html and "& Söhne" in jo.text


def test_what_was_told_is_shown_before_the_next_interview(jo: Browser) -> None:
    """Of the same company first."""
    added(jo, company="Old Oak")
    jo.submit("/outcomes", "heard", decision="rejected", feedback="Bring samples.")
    added(jo, company="Blue Fern")
    jo.submit("/outcomes", "heard", decision="rejected", feedback="Arrive early.")
    added(jo, company="old oak", job_title="Fitter", start="2026-06-03T09:00")
    told = jo.text
    assert told.index("Bring samples.") < told.index("Arrive early.")


def test_the_address_for_invitations_is_shown_where_mail_comes_in_and_can_be_changed(
    jo: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    jo.open("/my")
    assert "Forward an invitation" not in jo.text
    for name, value in INBOUND_MAIL.items():
        monkeypatch.setenv(name, value)
    config.forget()
    jo.open("/my")
    address = re.compile(r"i-[0-9a-z]{26}-[0-9a-f]{20}@reply\.heardback\.example")
    [before] = address.findall(jo.text)
    jo.submit("/my/invitation_address")
    assert "You have another address for invitations." in jo.text
    [after] = address.findall(jo.text)
    assert after != before
    monkeypatch.undo()
    config.forget()


def test_the_language_is_chosen_on_the_list_also_for_what_is_due_already(
    jo: Browser, outbox: Outbox, clock: StandingClock, run_ticks: Any
) -> None:
    """Twice is once; a language that we do not have changes nothing."""
    added(jo)
    for code in ("he", "he", "xx"):
        jo.open("/my")
        jo.submit("/my/language", language=code)
    assert jo.page.status == 422 and "Choose a language" in jo.text
    assert json.loads(exported(jo))["seeker"]["locale"] == "he"
    clock.advance(hours=50)
    run_ticks()
    mail = outbox.to(JO)[-1]
    assert mail["subject"] == "אין תשובה מ-Blue Fern? התקשרו ושאלו" and 'dir="rtl"' in mail["html"]


def test_a_language_of_another_country_stays_as_it_is(api: Api, outbox: Outbox) -> None:
    """es-MX is Spanish: choosing Spanish keeps Mexico."""
    seek(api, outbox, locale="es-MX")
    browser = Browser(api)
    browser.open("/sign-in")
    browser.submit("/sign-in", email=JO)
    assert "Accéder" not in outbox.to(JO)[-1]["body"] and "Ver sus entrevistas" in outbox.to(JO)[-1]["body"]
    browser.submit("/sign-in-code", code=code_for(outbox, JO))
    for code, locale in (("es", "es-MX"), ("fr", "fr"), ("en", "en")):
        browser.open("/my")
        browser.submit("/my/language", language=code)
        assert json.loads(exported(browser))["seeker"]["locale"] == locale


@pytest.mark.parametrize(
    ("language", "shown"),
    [("en", "This code does not work. Check the newest email"), ("es-MX", "Este código no sirve. Mire el correo")],
)
def test_a_wrong_code_leaves_a_job_seeker_where_they_are(language: str, shown: str, api: Api, outbox: Outbox) -> None:
    """In their language, and not on the page of employers' people; the right code still starts."""
    browser = Browser(api, language)
    browser.open("/my")
    browser.submit("/my/start", name="Jo Sample", email=JO, timezone="America/New_York")
    right = code_for(outbox, JO) if language == "en" else re.findall(r": ([0-9]{6})$", outbox.to(JO)[-1]["body"], re.MULTILINE)[0]
    browser.submit("/sign-in-code", code=f"{(int(right) + 1) % 10**6:06}")
    assert browser.page.status == 422 and shown in browser.text and "manager" not in browser.text
    browser.submit("/sign-in-code", code=right)
    assert browser.path == "/my" and browser.page.status == 200


def test_the_first_mails_link_leads_to_the_list_later_too(jo: Browser, api: Api, outbox: Outbox) -> None:
    """It is the only mail of ours that many have: used up, it leads where they sign in."""
    link = re.search(rf"{BASE_URL}(/invitations/[\w-]+)", outbox.to(JO)[0]["body"])
    assert link is not None
    jo.open(link[1])
    assert jo.path == "/my" and "My interviews" in jo.text
    stranger = Browser(api)
    stranger.open(link[1])
    assert stranger.path == "/my/start"


def test_signing_out_leads_back_to_where_job_seekers_sign_in(jo: Browser) -> None:
    jo.submit("/sign-out")
    assert jo.path == "/my/start" and "Work email" not in jo.text


def test_a_day_that_is_over_is_told_on_the_page_and_what_was_typed_is_kept(
    jo: Browser, api: Api, outbox: Outbox, clock: StandingClock, run_ticks: Any
) -> None:
    """On the reminder's page, and on the list's page of that interview."""
    path = added(jo).partition("?")[0]
    clock.advance(hours=50)
    run_ticks()
    link = re.search(rf"{BASE_URL}(/f/[\w-]+)", outbox.to(JO)[-1]["body"])
    assert link is not None
    for browser, address, form in ((Browser(api), link[1], link[1]), (jo, path, "/outcomes")):
        browser.open(address)
        browser.submit(form, "called", day="2026-06-01", feedback="Speak louder.")
        assert browser.page.status == 422 and "Not saved. They will answer by: must be after now" in browser.text
        assert 'value="2026-06-01"' in browser.html and "Speak louder." in browser.html
        browser.submit(form, "called", day="2026-06-09", decision="advancing")
        assert "Not saved. They will answer by: goes with no decision: leave it empty" in browser.text
        assert '<option value="advancing" selected>' in browser.html
    phone = Browser(api)
    phone.open(link[1])
    phone.submit(link[1], "called", day="2026-06-09", feedback="Speak louder.")
    assert "Noted. We remind you again on Tue, Jun 9" in phone.text


def test_a_number_that_is_none_is_told_in_plain_words(jo: Browser) -> None:
    jo.open("/my/phone")
    jo.submit("/my/phone", phone="12345")
    assert "The number must be a phone number, like +1 202 555 0123" in jo.text and "E.164" not in jo.text


def test_what_was_typed_after_the_session_ended_is_kept(jo: Browser, api: Api, outbox: Outbox) -> None:
    jo.open("/my")
    jo.cookies.clear()
    jo.submit("/my/interviews", company="Blue Fern", job_title="Welder", start="2026-06-02T07:00", contact="Dana")
    assert "You have been signed out" in jo.text and "Blue Fern" in jo.text and 'href="/my/start"' in jo.html
    kept = jo.html
    again = Browser(api)
    again.open("/my")
    again.submit("/my/start", name="Jo Sample", email=JO, timezone="America/New_York")
    again.submit("/sign-in-code", code=re.findall(r": ([0-9]{6})$", outbox.to(JO)[-1]["body"], re.MULTILINE)[0])
    jo.cookies, jo.page = again.cookies, jo.page._replace(json=kept)
    jo.submit("/my/interviews")
    if "Added." not in jo.text:
        jo.submit("/my/interviews")
    assert "Added." in jo.text and "Blue Fern" in jo.text


@pytest.mark.parametrize(
    ("stopped", "shown"),
    [
        ((), "Reminders go to +1 202-555-0123 by text, and to jo@example.com."),
        (("sms",), "Reminders go to jo@example.com."),
        (("email",), "Reminders go to +1 202-555-0123 by text."),
        (("sms", "email"), "You have stopped these messages: no reminders are sent to you."),
    ],
)
def test_the_list_says_where_reminders_still_go(
    stopped: tuple[MessageChannel, ...], shown: str, jo: Browser, outbox: Outbox, clock: StandingClock
) -> None:
    """It must announce none to anyone who has ended them."""
    jo.open("/my/phone")
    jo.submit("/my/phone", phone="(202) 555-0123")
    jo.submit("/my/phone/confirm", code=texted_code(outbox))
    added(jo)
    own = jo.path.partition("?")[0]
    addresses: dict[MessageChannel, str] = {"sms": "+12025550123", "email": JO}
    opt_outs.opt_out([(channel, addresses[channel]) for channel in stopped], "stop_word", clock())
    for path in ("/my", own):
        jo.open(path)
        assert ("We remind you on" in jo.text) == (len(stopped) < 2), path
        assert ("No more reminders about this one" in jo.text) == (len(stopped) == 2), path
    jo.open("/my")
    assert shown in jo.text
