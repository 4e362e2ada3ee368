"""A Hebrew candidate's pages at 360 pixels: right to left, accessible, nothing cut off."""

from __future__ import annotations

from typing import Any

from tests.browser.conftest import violations


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
