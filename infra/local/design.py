"""The page /design: every component of the pages in every state, to try a changed style sheet on. Never packaged for AWS."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from chalicelib.rules.risk.weekly_stats import Week
from chalicelib.web import render
from chalicelib.web.weekly_chart import chart

TEMPLATE = Path(__file__).with_name("design.html")
_FIRST_MONDAY = date(2026, 9, 14)
_WEEKS = ((0, 0, 0, None), (4, 4, 0, 0), (8, 3, 2, 2), (10, 4, 6, None), (6, 0, 6, None), (2, 2, 0, 0))
"""(due, on time, still waiting, median) of sample weeks."""
_FIELDS = ("plain", "hinted", "wrong", "chosen", "chosen_wrong", "lines", "lines_wrong", "from", "to")
_PROBLEMS = {
    "wrong": "Enter an email address, like robin@example.com",
    "chosen_wrong": "Choose a decision",
    "lines_wrong": "Line 1: enter an email address, like robin@example.com",
}


def _person(number: int, **differs: Any) -> SimpleNamespace:
    usual = {"phone": "+12025550123", "phone_extension": None, "email": "sample@example.com", "disputed": False}
    at = datetime(2026, 11, 23, 14, tzinfo=UTC)
    about = {"id": f"app_{number}", "name": f"Sample Person {number}", "job_title": "Welder", "snooze_until": at}
    return SimpleNamespace(**{**usual, **about, **differs})


def _card(application: SimpleNamespace, **differs: Any) -> SimpleNamespace:
    usual = {
        "late": "2 days past due",
        "stage": "Interview",
        "began": " on Mon 23 Nov",
        "attempts": "",
        "script": ["Thank them."],
    }
    states = {"decided": "", "decided_code": None, "said": None, "back_since": "", "snoozed": ""}
    return SimpleNamespace(**{"application": application, **usual, **states, **differs})


def _cards() -> list[SimpleNamespace]:
    """Return the card of Today in each of its states: replied, disputed, called back, snoozed, out of reach, by email alone."""
    return [
        _card(_person(2), said=SimpleNamespace(kind="text", words="I am free after four")),
        _card(_person(3, disputed=True), said=SimpleNamespace(kind="dispute", words="Nobody called me")),
        _card(_person(4), back_since="Mon 23 Nov, 14:00", attempts="Tried 10 min ago by Robin Hale"),
        _card(_person(5), snoozed="Mon 23 Nov", decided="Rejected, not told", decided_code="rejected"),
        _card(_person(6, phone=None), decided="Offer, not told", decided_code="offer"),
        _card(_person(7, phone=None, email=None)),
    ]


def page() -> dict[str, Any]:
    """Return the page as a response of the local server."""
    weeks = [
        Week(_FIRST_MONDAY + timedelta(weeks=at), due, on_time, waiting, median, 0, 0)
        for at, (due, on_time, waiting, median) in enumerate(_WEEKS)
    ]
    typed = {**dict.fromkeys(_FIELDS, ""), "wrong": "robin at example", "from": "09:00", "to": "17:30", "chosen": "a"}
    values = {"typed": typed, "problems": _PROBLEMS, "fields": dict.fromkeys(_FIELDS, ""), "chart": chart(weeks, "Europe/Berlin")}
    values |= {"cards": _cards(), "call_backs": [_person(8), _person(9, phone=None)]}
    html = render.environment().from_string(TEMPLATE.read_text(encoding="utf-8")).render(visitor=None, here="/design", **values)
    return {"statusCode": 200, "headers": dict(render.HEADERS), "multiValueHeaders": {}, "body": html}


PAGES = {"/design": page}
