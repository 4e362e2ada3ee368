"""The page /design: every component of the pages in every state, to try a changed style sheet on. Never packaged for AWS."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
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


def page() -> dict[str, Any]:
    """Return the page as a response of the local server."""
    weeks = [
        Week(_FIRST_MONDAY + timedelta(weeks=at), due, on_time, waiting, median, 0, 0)
        for at, (due, on_time, waiting, median) in enumerate(_WEEKS)
    ]
    typed = {**dict.fromkeys(_FIELDS, ""), "wrong": "robin at example", "from": "09:00", "to": "17:30", "chosen": "a"}
    values = {"typed": typed, "problems": _PROBLEMS, "fields": dict.fromkeys(_FIELDS, ""), "chart": chart(weeks, "Europe/Berlin")}
    html = render.environment().from_string(TEMPLATE.read_text(encoding="utf-8")).render(visitor=None, here="/design", **values)
    return {"statusCode": 200, "headers": dict(render.HEADERS), "multiValueHeaders": {}, "body": html}


PAGES = {"/design": page}
