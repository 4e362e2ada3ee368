"""A recruiter's first day: from an employer without any records to a told candidate, by the labels of the pages alone."""

from __future__ import annotations

from typing import Any

import pytest

WAYS = [
    pytest.param(True, 360, id="phone with script"),
    pytest.param(False, 1280, id="desk without script", marks=pytest.mark.long),
    pytest.param(True, 1280, id="desk with script", marks=pytest.mark.long),
    pytest.param(False, 360, id="phone without script", marks=pytest.mark.long),
]


def add_interview(page: Any, name: str, email: str) -> None:
    page.get_by_role("link", name="People", exact=True).click()
    page.get_by_role("link", name="Add interview", exact=True).click()
    given = {
        "Name": name,
        "Email": email,
        "Phone": "+1 202 555 0123",
        "Job title": "Welder",
        "Date": "2026-05-28",
        "Start time": "10:00",
        "End time": "11:00",
        "Time zone": "America/New_York",
    }
    for label, value in given.items():
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("Stage", exact=True).select_option("Final interview")
    page.get_by_role("button", name="Add interview", exact=True).click()
    page.get_by_text("Saved.").first.wait_for()


@pytest.mark.parametrize(("script", "width"), WAYS)
def test_from_nothing_to_a_told_candidate_without_any_api_call(visit: Any, employer: Any, script: bool, width: int) -> None:
    """Every label stands once on its page, also where several people do."""
    robin = visit(java_script_enabled=script, viewport={"width": width, "height": 740})
    robin.sign_in()
    page = robin.page
    page.get_by_role("heading", name="Get started").wait_for()
    for number, name in enumerate(("Sam Sample", "Kim Example", "Lee Example")):
        add_interview(page, name, f"person{number}@example.com")
    page.get_by_role("link", name="Today", exact=True).click()
    assert page.get_by_role("heading", name="Get started").count() == 0
    before = robin.score()
    assert page.get_by_role("link", name="Log call", exact=True).count() == 3
    page.get_by_role("article").filter(has_text="Sam Sample").get_by_role("link", name="Log call", exact=True).click()
    assert page.get_by_label("Outcome", exact=True).count() == page.get_by_label("Decision", exact=True).count() == 1
    page.get_by_label("Outcome").select_option("Reached")
    page.get_by_role("button", name="Save call", exact=True).click()
    page.get_by_text("Decision is missing").first.wait_for()
    page.get_by_label("Decision").select_option("Rejected")
    page.get_by_role("button", name="Save call", exact=True).click()
    page.get_by_text("Saved.").first.wait_for()
    assert robin.score() < before and "2 people are waiting" in robin.text()
    page.get_by_role("link", name="People", exact=True).click()
    page.get_by_label("Search people").fill("sam")
    if not script:
        robin.press("Search")
    page.get_by_text("People called “sam”").wait_for()
    row = page.get_by_role("row").filter(has_text="Sam Sample")
    assert "Has heard" in row.inner_text() and page.get_by_text("Kim Example").count() == 0
    told = [case for case in employer.get("/v1/applications").json["data"] if case["loop"] == "answered"]
    assert [case["candidate"]["name"] for case in told] == ["Sam Sample"]
    sideways = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") if script else 0
    assert sideways <= 0
