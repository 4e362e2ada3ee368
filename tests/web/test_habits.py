"""Times and dates are in the habit that the employer chose, on every page and in every mail to the team."""

from __future__ import annotations

import re
from typing import Any

_TWELVE_HOURS = re.compile(r"\b\d{1,2}:\d\d [AaPp][Mm]\b")
_MONTH_FIRST = re.compile(r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]* \d{1,2}\b")
PAGES = ("/", "/waiting", "/people", "/inbox", "/settings", "/reports/risk", "/statutes", "/people/cards", "/people/add")


def test_no_page_and_no_mail_of_an_employer_in_new_york_is_american_where_it_chose_otherwise(
    signed_in: Any, employer: Any, booked: Any, contact: Any, clock: Any, run_ticks: Any, outbox: Any
) -> None:
    """24 hours and the day first. What candidates read keeps the habit of their own country."""
    ahead = booked(-48, name="Ann Ahead", candidate={"email": "ahead@example.com"})
    made = booked()["application"]
    browser = signed_in()
    browser.open("/settings")
    browser.submit("/settings#company", clock_hours="24", date_order="day_first")
    employer.patch("/v1/employer", {"digest_to": ["robin@example.com"], "policy": {"digest_time": "09:00"}})
    clock.advance(hours=75)
    run_ticks()
    contact(made["id"], "voicemail")
    employer.post(f"/v1/applications/{made['id']}/snooze", {"until": clock.now.replace(hour=23).isoformat()})
    people = [f"/applications/{one}" for one in (made["id"], ahead["application"]["id"])]
    found, days = {}, 0
    for path in (*PAGES, *people, f"{people[0]}/log", f"{people[0]}/call-back"):
        assert browser.open(path).status == 200, path
        text = re.sub(r"<(option|figure)\b.*?</\1>", "", browser.html, flags=re.DOTALL)  # choices, and what candidates read
        found[path] = _TWELVE_HOURS.findall(text) + _MONTH_FIRST.findall(text)
        days += len(re.findall(r"\b\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)", text))
    assert not {path: one for path, one in found.items() if one}
    assert days > 10, "pages do show dates"
    mails = [one["body"] for one in outbox if one.get("to") == "robin@example.com"]
    assert not [one for one in mails if _TWELVE_HOURS.search(one) or _MONTH_FIRST.search(one)]
