"""The people behind one number of the report, for those who are signed in: a link of the report shows no names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import get_args
from urllib.parse import urlencode

from chalicelib.api.query_params import one_of, text
from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications import groups, tally_items
from chalicelib.auth.sessions import Visitor
from chalicelib.errors import NotFound
from chalicelib.reputation import week_people
from chalicelib.reputation.week_people import Found
from chalicelib.rules.risk.weekly_stats import Week, weekly_stats
from chalicelib.rules.tally import WeekPart
from chalicelib.web import formatting, page_support
from chalicelib.web.labels import WEEK_PARTS

PARTS: tuple[WeekPart, ...] = get_args(WeekPart)


@dataclass(frozen=True, slots=True)
class Line:
    """One person as the list shows them."""

    name: str
    path: str
    job_title: str
    stage: str
    due: str
    heard: str


def show(request: Request, visitor: Visitor) -> Response:
    """GET /reports/people?week=<Monday>&part=<part>&group=<group>: up to a hundred, and how many more there are."""
    query = request.read_query({"week": _day, "part": one_of(*PARTS), "group": text})
    employer, group = visitor.employer, query.get("group")
    group = groups.demand(employer.id, group) if group else None
    week = _week(weekly_stats(tally_items.read(employer.id, request.now, group), request.now), query.get("week"))
    part: WeekPart = query.get("part", "waiting")
    found = week_people.read(employer.id, part, week.monday, week.sunday, request.now, group)
    in_all = week.parts[PARTS.index(part)]
    return page_support.page(
        "report_people.html",
        request,
        visitor,
        part=WEEK_PARTS[part],
        monday=week.monday,
        group=group,
        in_all=max(in_all, len(found)),
        more=max(0, in_all - len(found)),
        lines=[_line(one, visitor) for one in found],
        back="/reports/risk" + (f"?{urlencode({'group': group})}" if group else ""),
    )


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise ValueError("must be a date, such as 2026-11-16") from error


def _week(weeks: list[Week], monday: date | None) -> Week:
    """Return the week that begins on that Monday. Raises NotFound for one that the report does not show."""
    found = next((week for week in weeks if week.monday == monday), None)
    if found is None:
        raise NotFound
    return found


def _line(one: Found, visitor: Visitor) -> Line:
    zone, item = visitor.employer.timezone, one.application
    return Line(
        item.name,
        f"/applications/{item.id}",
        item.job_title,
        formatting.STAGE_NAMES[one.stage],
        formatting.moment(one.word_due_at, zone),
        formatting.moment(one.answered_at, zone) if one.answered_at else "Not yet heard",
    )
