"""What people do with the pages, in a real browser, with JavaScript and without."""

from __future__ import annotations

from typing import Any

import pytest

WITH_AND_WITHOUT = pytest.mark.parametrize(
    "script", [pytest.param(True, id="with script"), pytest.param(False, id="without script", marks=pytest.mark.long)]
)


@pytest.fixture
def waiting(booked: Any, clock: Any) -> Any:
    made = booked()["application"]
    clock.advance(hours=50)
    return made


@WITH_AND_WITHOUT
def test_sign_in_call_log_and_the_score_falls(visit: Any, waiting: Any, employer: Any, script: bool) -> None:
    """The main use of the pages."""
    robin = visit(java_script_enabled=script)
    robin.sign_in()
    assert robin.page.get_by_role("link", name="Call +1 202-555-0123, Sam Sample").get_attribute("href") == "tel:+12025550123"
    before = robin.score()
    robin.page.get_by_role("link", name="Log call", exact=True).click()
    robin.page.get_by_label("Outcome", exact=True).select_option("Reached")
    robin.page.get_by_label("Decision", exact=True).select_option("Rejected")
    robin.page.get_by_label("They agree to be kept in mind").check()
    robin.page.get_by_label("Feedback you gave").fill("Good portfolio.")
    robin.press("Save call")
    robin.page.get_by_text("Saved.").first.wait_for()
    assert robin.score() < before and "Nobody is waiting" in robin.text()
    robin.press("Undo")
    robin.page.get_by_text("1 person is waiting").wait_for()
    assert robin.score() == before
    [contact] = employer.get(f"/v1/applications/{waiting['id']}/contacts").json["data"]
    assert contact["status"] == "voided" and contact["keep_in_mind"]


@WITH_AND_WITHOUT
def test_a_voicemail_is_one_tap(visit: Any, waiting: Any, script: bool) -> None:
    """Without filling in a form."""
    robin = visit(java_script_enabled=script)
    robin.sign_in()
    robin.press("Left a voicemail")
    robin.page.get_by_text("Saved.").first.wait_for()
    assert "1 person is waiting" in robin.text()


@WITH_AND_WITHOUT
def test_the_candidate_says_not_yet_and_the_recruiter_sees_the_dispute(
    visit: Any, waiting: Any, contact: Any, clock: Any, run_ticks: Any, booked: Any, script: bool
) -> None:
    """Both sides of the same call."""
    run_ticks()
    contact(waiting["id"], decision="rejected")
    clock.advance(hours=1)
    sam = visit(java_script_enabled=script)
    sam.open(sam.link("/f/"))
    assert "Did they get in touch?" in sam.text()
    sam.press("Not yet")
    sam.page.get_by_text("You said not yet").wait_for()
    robin = visit(java_script_enabled=script)
    robin.sign_in()
    robin.page.locator(".wrongly").get_by_role("link", name="Sam Sample").click()
    robin.page.get_by_text("Disputed.").wait_for()
    robin.page.get_by_role("link", name="Log call", exact=True).click()
    robin.page.get_by_label("Decision").select_option("Rejected")
    clock.advance(minutes=5)
    robin.press("Save call")
    robin.page.get_by_text("Has heard").wait_for()


@WITH_AND_WITHOUT
def test_unsubscribing_takes_one_button(visit: Any, waiting: Any, run_ticks: Any, outbox: Any, script: bool) -> None:
    """Opening the link alone changes nothing."""
    run_ticks()
    sam = visit(java_script_enabled=script)
    sam.open(sam.link("/u/"))
    sam.press("Stop all emails")
    sam.page.get_by_text("You will get no more emails").first.wait_for()


@WITH_AND_WITHOUT
def test_settings_are_previewed_and_saved(visit: Any, employer: Any, script: bool) -> None:
    """With script while typing, without it by a button."""
    robin = visit(java_script_enabled=script)
    robin.sign_in()
    robin.open("/settings")
    robin.page.get_by_label("Name", exact=True).first.fill("Zoe Quill")
    if not script:
        robin.press("Preview")
    robin.page.locator("#preview").get_by_text("Call Zoe Quill").first.wait_for()
    assert employer.get("/v1/employer").json["call_back_name"] == "Dana"
    robin.page.get_by_role("button", name="Save", exact=True).click()
    robin.page.get_by_text("Saved.").first.wait_for()
    assert employer.get("/v1/employer").json["call_back_name"] == "Zoe Quill"


def test_the_list_is_worked_with_the_keyboard_alone(visit: Any, waiting: Any) -> None:
    """From the top of the page to a logged voicemail; the focus moves to the undo."""
    robin = visit(viewport={"width": 1280, "height": 800})
    robin.sign_in()
    for _ in range(40):
        robin.page.keyboard.press("Tab")
        if robin.page.evaluate("document.activeElement.value") == "voicemail":
            break
    robin.page.keyboard.press("Enter")
    robin.page.get_by_text("Saved.").first.wait_for()
    assert robin.page.evaluate("document.activeElement.textContent") == "Undo"
    # htmx takes 20 ms to attach to new elements; before that the form would be sent without script
    robin.page.wait_for_selector(".htmx-added, .htmx-settling, .htmx-swapping", state="detached")
    robin.page.keyboard.press("Enter")
    robin.page.get_by_text("Undone.").wait_for()
