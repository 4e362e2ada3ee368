"""A Hebrew candidate's pages at 360 pixels: right to left, accessible, nothing cut off."""

from __future__ import annotations

from typing import Any

import pytest

from tests.browser.conftest import violations
from tests.engines import code_for

_ENDS_ON_ITS_RIGHT = """place => {
  const words = document.createTreeWalker(document.querySelector(place), NodeFilter.SHOW_TEXT).nextNode();
  const at = index => { const one = new Range(); one.setStart(words, index); one.setEnd(words, index + 1);
    return one.getBoundingClientRect(); };
  const first = at(0), last = at(words.length - 1);
  return last.top > first.top || last.left > first.left; }"""


def test_hebrew_pages_are_accessible_and_run_from_right_to_left(
    visit: Any, booked: Any, employer: Any, clock: Any, run_ticks: Any, tmp_path: Any
) -> None:
    """The number stays in order, and the page does not scroll sideways."""
    employer.patch("/v1/employer", {"call_back_email": "dana@example.com"})
    booked(name="דנה כהן", job_title="טבחית", candidate={"locale": "he-IL"})
    clock.advance(hours=49)
    run_ticks()
    dana = visit(viewport={"width": 360, "height": 740}, color_scheme="light", reduced_motion="reduce", locale="he-IL")
    pages = {"own": dana.link("/f/"), "unsubscribe": dana.link("/u/"), "terms": f"/sms-terms/{employer.employer_id}"}
    for name, path in pages.items():
        dana.open(path)
        dana.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert violations(dana.page) == [], name
        assert dana.page.evaluate("getComputedStyle(document.querySelector('h1')).direction") == "rtl"
        assert dana.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        dana.page.screenshot(path=tmp_path / f"{name}.png", full_page=True)


@pytest.mark.long
def test_a_hebrew_job_seekers_pages_are_accessible_and_run_from_right_to_left(visit: Any, outbox: Any) -> None:
    """Sign-up, the list and an interview, with a name that does not end."""
    jo = visit(viewport={"width": 360, "height": 740}, color_scheme="light", reduced_motion="reduce", locale="he-IL")

    def look(name: str) -> None:
        jo.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        assert violations(jo.page) == [], name
        assert jo.page.evaluate("getComputedStyle(document.querySelector('h1')).direction") == "rtl"
        assert jo.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, name

    def send(action: str, **given: str) -> None:
        form = jo.page.locator(f"form[action$='{action}']")
        for field, value in given.items():
            form.locator(f"[name={field}]").fill(value)
        form.locator("button[type=submit]").first.click()

    jo.open("/my")
    look("start")
    jo.page.locator("[name=timezone]").select_option("Asia/Jerusalem")
    send("/my/start", name="יעל כהן", email="yael@example.com")
    jo.page.locator("[name=code]").wait_for()
    look("sent")
    send("/sign-in-code", code=code_for(outbox, "yael@example.com"))
    jo.page.locator("[name=company]").wait_for()
    send("/my/interviews", company="Wolfeschlegelsteinhausenbergerdorff " * 4, job_title="טבחית", start="2026-06-01T10:00")
    jo.page.locator("[name=what]").first.wait_for()
    look("interview")
    jo.open("/my")
    send("/my/interviews", company="Blue Fern Ltd. (sample)", job_title="Cook <b>", start="2026-06-01T10:00")
    jo.page.locator("[name=what]").first.wait_for()
    assert jo.page.evaluate(_ENDS_ON_ITS_RIGHT, "h1"), "the bracket stands before the name"
    for path in ("/my", "/my/phone", "/my/erase"):
        jo.open(path)
        look(path)
