"""A job seeker's phone: from the sign-up to the erasure, with JavaScript and without, and what axe says of every page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.accounts.test_seekers import texted_code
from tests.browser.conftest import Visit, violations
from tests.engines import code_for

JO = "jo@example.com"
LONG = "Wolfeschlegelsteinhausenbergerdorff " * 4
ANSWERS = "Add what they said"


def sound(jo: Visit, name: str) -> None:
    """Asserts that axe finds nothing on the page, in light or dark colours, and that it does not scroll sideways."""
    jo.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
    found = violations(jo.page)
    jo.page.emulate_media(color_scheme="dark")
    found += violations(jo.page, ["color-contrast"])
    jo.page.emulate_media(color_scheme="light")
    sideways = jo.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert (found, sideways) == ([], 0), name


def fill(jo: Visit, **given: str) -> None:
    for label, value in given.items():
        jo.page.get_by_label(label.replace("_", " "), exact=True).fill(value)


def sign_up(jo: Visit, outbox: Any, *, look: bool = False) -> None:
    jo.open("/my")
    if look:
        sound(jo, "start")
        jo.press("Email me a sign-in link")
        sound(jo, "start refused")
    fill(jo, Name="Jo Sample", Email=JO)
    jo.page.get_by_label("Time zone").select_option("America/New_York")
    jo.press("Email me a sign-in link")
    jo.page.get_by_role("heading", name="Check your email").wait_for()
    if look:
        sound(jo, "sent")
    fill(jo, Enter_the_code_from_your_email=code_for(outbox, JO))
    jo.press("Start")
    jo.page.get_by_role("heading", name="My interviews").wait_for()


def confirm_number(jo: Visit, outbox: Any, *, look: bool = False) -> None:
    jo.page.get_by_role("link", name="Get reminders by text").click()
    if look:
        sound(jo, "phone")
    fill(jo, Mobile_number="(202) 555-0123")
    jo.press("Text me a code")
    jo.page.get_by_label("Enter the code from the text").wait_for()
    if look:
        sound(jo, "phone code")
    fill(jo, Enter_the_code_from_the_text=texted_code(outbox))
    jo.press("Confirm number")
    jo.page.get_by_text("Your number is confirmed").wait_for()


def add(jo: Visit, start: str = "2026-06-01T09:00", company: str = "Blue Fern") -> None:
    """Adds an interview at a New York wall time."""
    fill(jo, Company=company, Job_title="Welder", Date_and_time=start, Who_to_call="Dana Reyes, 202-555-0100")
    jo.press("Add interview")
    jo.page.get_by_text("Added.").wait_for()


def reminders(outbox: Any) -> int:
    return sum("o word from" in text["body"] for text in outbox.sms)


@pytest.mark.parametrize(
    "script", [pytest.param(True, id="with script", marks=pytest.mark.long), pytest.param(False, id="without script")]
)
def test_a_job_seekers_story_on_a_phone(visit: Any, outbox: Any, clock: Any, run_ticks: Any, script: bool) -> None:
    """Yesterday's interview, two days, the text, "they said Friday", Friday passes, the second; then everything is erased."""
    jo = visit(java_script_enabled=script, timezone_id="America/New_York")
    sign_up(jo, outbox)
    confirm_number(jo, outbox)
    add(jo)
    assert "Waiting to hear. We remind you on Wed, Jun 3" in jo.text()
    clock.advance(days=2)
    run_ticks()
    assert reminders(outbox) == 1
    jo.open(jo.link("/f/"))
    assert jo.page.get_by_role("link", name="Call +1 202-555-0100").get_attribute("href") == "tel:+12025550100"
    jo.unfold(ANSWERS)
    fill(jo, They_will_answer_by="2026-06-05")
    jo.press("I called and got through")
    jo.page.get_by_text("We remind you again on Fri, Jun 5").wait_for()
    clock.advance(hours=23)
    run_ticks()
    assert reminders(outbox) == 1, "it is Friday morning"
    clock.advance(hours=8, minutes=30)
    run_ticks()
    assert reminders(outbox) == 2
    clock.advance(days=6)
    run_ticks()
    assert reminders(outbox) == 3 and "Still no word" in outbox.sms[-1]["body"], "two for each wait"
    sign_up(jo, outbox)  # the session is over: the same form mails a code again
    jo.page.get_by_role("link", name="Erase everything").click()
    jo.press("Erase everything")
    jo.page.get_by_text("Everything is erased").first.wait_for()
    clock.advance(days=30)
    run_ticks()
    assert len(outbox) == 6, "two sign-in mails, a code, three reminders"
    jo.open("/my")
    jo.page.get_by_role("heading", name="Not heard after your interview?").wait_for()


@pytest.mark.long
def test_axe_finds_nothing_on_a_job_seekers_pages_and_nothing_scrolls_sideways(
    visit: Any, outbox: Any, clock: Any, run_ticks: Any
) -> None:
    """Every page of theirs, refused forms, long names and both ends of an interview included."""
    jo = visit(timezone_id="America/New_York", color_scheme="light", reduced_motion="reduce")
    sign_up(jo, outbox, look=True)
    sound(jo, "empty list")
    jo.press("Add interview")
    sound(jo, "list refused")
    confirm_number(jo, outbox, look=True)
    add(jo, "2026-06-12T09:00", LONG)
    sound(jo, "coming up")
    jo.open("/my")
    add(jo)
    clock.advance(days=2)
    run_ticks()
    own, link = jo.page.url.partition("?")[0], jo.link("/f/")
    jo.open(own)
    sound(jo, "waiting")
    jo.open(link)
    sound(jo, "link")
    jo.press("No answer")
    jo.page.get_by_text("Noted.").wait_for()
    sound(jo, "link tried")
    jo.page.get_by_label("Feedback, for your next interview").fill("W" * 300)
    jo.press("They called or wrote")
    sound(jo, "link heard")
    jo.open(own)
    sound(jo, "heard")
    for path in ("/my", "/my/phone", "/my/erase", "/my/interviews/nope"):
        jo.open(path)
        sound(jo, path.replace("/", " "))


@pytest.mark.parametrize(
    "script", [pytest.param(True, id="with script"), pytest.param(False, id="without script", marks=pytest.mark.long)]
)
def test_a_candidate_keeps_the_employers_interview_in_their_own_list(
    visit: Any, employer: Any, outbox: Any, clock: Any, run_ticks: Any, script: bool
) -> None:
    """From the reminder's page by the sign-up to the list: the page asks, shows who to call, and ends the link again."""
    employer.patch("/v1/employer", {"policy": {"link_seekers": True}})
    times = {"start_at": clock.text(hours=-52), "end_at": clock.text(hours=-51)}
    application = {"job_title": "Welder", "candidate": {"name": "Jo Sample", "email": JO}}
    assert employer.post("/v1/interviews", {"stage": "interview", **times, "application": application}).status == 201
    run_ticks()
    jo = visit(java_script_enabled=script, timezone_id="America/New_York", reduced_motion="reduce")
    look = sound if script else lambda *_: None
    jo.open(jo.link("/f/"))
    look(jo, "candidate's page")
    jo.page.get_by_role("link", name="Keep this interview in my own list").click()
    fill(jo, Name="Jo Sample", Email=JO)
    jo.page.get_by_label("Time zone").select_option("America/New_York")
    jo.press("Email me a sign-in link")
    fill(jo, Enter_the_code_from_your_email=code_for(outbox, JO))
    jo.press("Start")
    jo.page.get_by_role("heading", name="Keep this interview in your list").wait_for()
    look(jo, "linking")
    jo.press("Keep it in my list")
    jo.page.get_by_text("It is in your list.").wait_for()
    look(jo, "linked")
    jo.page.get_by_text("own record").first.click() if not script else None
    jo.press("End this link")
    jo.page.get_by_text("No longer linked.").wait_for()
