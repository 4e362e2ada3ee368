"""The tasks of People, Today, Inbox and Settings, one after the other, by the labels of the pages alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.messaging import reply_store
from tests.browser.conftest import Visit

SHEET = b"""Name,Email,Job,Start
Sam Sample,sam@example.com,Welder,2026-05-26T10:00
Kim Sample,kim@example.com,Cook,2026-05-26T10:00
"""


def ways(often: str) -> Any:
    """With and without JavaScript, on a phone and on a desk: one of the four in every run, the others among the long tests."""
    four = {"phone with script": (True, 360), "desk with script": (True, 1280)}
    four |= {"phone without script": (False, 360), "desk without script": (False, 1280)}
    marks = {name: () if name == often else pytest.mark.long for name in four}
    return pytest.mark.parametrize(
        ("script", "width"), [pytest.param(*way, id=name, marks=marks[name]) for name, way in four.items()]
    )


@pytest.fixture
def start(visit: Any) -> Callable[[bool, int], Visit]:
    """start(script, width) -> Robin's browser, signed in."""

    def begin(script: bool, width: int) -> Visit:
        robin = visit(java_script_enabled=script, viewport={"width": width, "height": 740}, reduced_motion="reduce")
        robin.sign_in()
        return robin  # type: ignore[no-any-return]

    return begin


def saved(robin: Visit) -> None:
    robin.page.get_by_role("status").filter(has_text="Saved").first.wait_for()
    if robin.page.evaluate("'htmx' in window"):
        assert robin.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


def field(robin: Visit, label: str, value: str) -> None:
    robin.page.get_by_label(label, exact=True).first.fill(value)


@ways("phone with script")
def test_a_sheet_is_imported_and_a_person_corrected_closed_and_erased(
    start: Any, script: bool, width: int, run_ticks: Any
) -> None:
    """From the file to nothing left, with a no-show, a cancelled and a moved interview on the way."""
    robin = start(script, width)
    page = robin.page
    robin.open("/people")
    page.get_by_role("link", name="Import spreadsheet").click()
    page.get_by_label("File").set_input_files({"name": "people.csv", "mimeType": "text/csv", "buffer": SHEET})
    robin.press("Check file")
    page.get_by_text("2 rows can be imported").wait_for()
    robin.press("Import")
    page.get_by_text("of 2 rows").wait_for()
    run_ticks()
    if not script:
        page.get_by_role("link", name="Refresh").click()
    page.get_by_text("Finished").wait_for()
    page.get_by_role("link", name="People", exact=True).first.click()
    page.get_by_text("1 to 2 of 2, newest first").wait_for()
    page.get_by_role("link", name="Sam Sample", exact=True).click()
    page.get_by_role("link", name="Edit name, email and phone").click()
    field(robin, "Phone", "12")
    robin.press("Save")
    page.get_by_role("link", name="Phone must be a phone number").wait_for()
    field(robin, "Phone", "202-555-0123")
    robin.press("Save")
    saved(robin)
    page.get_by_role("link", name="Call +1 202-555-0123, Sam Sample").wait_for()
    for name in ("Mark as no-show", "Reinstate"):
        robin.press(name)
        saved(robin)
    page.get_by_role("link", name="Move interview").click()
    field(robin, "Date", "2026-06-10")
    robin.press("Move interview")
    saved(robin)
    for name in ("Cancel interview", "Reinstate", "Close application", "Reopen application", "Mark as withdrawn"):
        robin.press(name)
        saved(robin)
    field(robin, "Group: location, department or brand", "Boston")
    robin.press("Save group")
    saved(robin)
    with page.expect_download() as exported:
        page.get_by_role("link", name="Download all data about this person").click()
    assert "sam@example.com" in exported.value.path().read_text()
    robin.unfold("Erase this person")
    page.get_by_label("Yes, erase Sam Sample").check()
    robin.press("Erase")
    page.get_by_text("Nothing about this person is left here").wait_for()
    robin.open("/people?q=sample")
    page.get_by_text("1 to 1 of 1").wait_for()
    assert "Sam Sample" not in robin.text()


@ways("desk without script")
def test_waiting_people_are_called_back_told_and_read(
    start: Any, script: bool, width: int, booked: Any, employer: Any, clock: Any
) -> None:
    """A set time, a notice to several, a rejection by letter, an owner, the Inbox."""
    made = [
        booked(name=f"Person {number}", candidate={"email": f"p{number}@example.com", "phone": None})["application"]["id"]
        for number in range(4)
    ]
    clock.advance(hours=72)
    for number in range(2):
        item = reply_store.reply(
            employer.employer_id, made[0], f"in-{number}", sender="+12025550123", body="When?", understood_as=None, at=clock()
        )
        assert reply_store.create_once(item)
    robin = start(script, width)
    page = robin.page
    page.get_by_role("article").filter(has_text="Person 0").get_by_text("Replied", exact=True).wait_for()
    card = page.get_by_role("article").filter(has_text="Person 1")
    card.locator("summary", has_text="Snooze").click()
    card.get_by_role("link", name="Call back at a set time").click()
    robin.press("Call back then")
    page.get_by_role("link", name="Date is missing").wait_for()
    field(robin, "Date", "2026-06-08")
    field(robin, "Time", "15:00")
    robin.press("Call back then")
    page.get_by_role("heading", name="Today").wait_for()
    assert page.get_by_role("article").filter(has_text="Person 1").count() == 0
    page.get_by_role("link", name="Show all as a table").click()
    page.get_by_role("link", name="Select all on this page").click()
    field(robin, "They will hear by", "2026-06-15")
    robin.press("Preview notices")
    page.get_by_role("heading", name="Send 3 holding notices?").wait_for()
    robin.press("Send 3 notices")
    page.get_by_text("3 notices are on the way").wait_for()
    page.get_by_role("link", name="Inbox", exact=True).click()
    page.get_by_role("button", name="Mark as seen", exact=True).first.click()
    page.get_by_text("Seen by Robin Hale").wait_for()
    page.get_by_role("link", name="Not seen yet").click()
    page.get_by_role("button", name="Mark as seen", exact=True).first.click()
    page.get_by_text("Everything has been seen.").wait_for()
    robin.open("/people?q=person+3")
    page.get_by_role("link", name="Person 3", exact=True).click()
    robin.unfold("Owner and decider")
    owner = page.locator("select[name=owner_id]")
    owner.select_option("Robin Hale")
    page.locator("form", has=owner).get_by_role("button", name="Save").click()
    saved(robin)
    robin.open("/?owner=me")
    assert "Show: Mine" in robin.text()


@ways("phone with script")
def test_settings_team_keys_and_connections_are_worked_without_the_api(
    start: Any, script: bool, width: int, employer: Any
) -> None:
    """A test text, an invitation, a key, a hiring system, a webhook, how long people are kept; the report and its link."""
    robin = start(script, width)
    page = robin.page
    page.get_by_role("link", name="Send yourself a test text").click()
    field(robin, "Your mobile number", "(202) 555-0188")
    robin.press("Text me")
    page.get_by_text("Test text sent.").wait_for()
    robin.open("/settings")
    robin.unfold("Invite someone")
    robin.press("Send invitation")
    page.get_by_role("link", name="Name is missing").wait_for()
    field(robin, "Work email", "kim@example.com")
    page.locator("#person_name").fill("Kim Hale")
    robin.press("Send invitation")
    saved(robin)
    page.get_by_text("not accepted yet").wait_for()
    robin.unfold("Create API key")
    field(robin, "Name of the key", "Careers page")
    robin.press("Create key")
    key = page.get_by_label("API key", exact=True).input_value()
    if script:
        page.get_by_role("button", name="Copy API key").click()
        page.get_by_text("Copied").or_(page.get_by_text("Selected: copy it")).first.wait_for()
    assert employer.using(key).get("/v1/me").status == 200
    field(robin, "Erase people after (months)", "24")
    robin.press("Save privacy")
    saved(robin)
    page.get_by_role("link", name="Hiring systems").click()
    page.get_by_role("link", name="Connect Greenhouse").click()
    page.get_by_role("heading", name="Greenhouse").first.wait_for()
    robin.open("/settings/webhooks")
    field(robin, "URL", "https://127.0.0.1/heardback")
    robin.press("Add webhook")
    page.get_by_role("alert").get_by_role("link", name="URL").wait_for()
    page.get_by_role("link", name="Report", exact=True).click()
    page.get_by_role("heading", level=1).wait_for()
    robin.unfold("Share this report")
    assert employer.get("/v1/employer").json["policy"]["retention_months"] == 24
