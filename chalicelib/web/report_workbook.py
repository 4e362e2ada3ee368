"""The report as a workbook: one table a sheet, with real dates and numbers. Names only for those who may see people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from chalicelib.api.response import Response
from chalicelib.api.spreadsheet import Table, workbook
from chalicelib.config import settings
from chalicelib.reputation import week_people
from chalicelib.reputation.week_people import Found
from chalicelib.rules.risk.report import Risk, assess
from chalicelib.rules.risk.weekly_stats import weekly_stats
from chalicelib.web import formatting, report
from chalicelib.web.labels import WEEK_PARTS
from chalicelib.web.report import Sources

PEOPLE_MOST = 1000
"""The most names of each part: those whose answer was due first."""
_GROUPS = ("group", "heard_on_time", "due", "late_now", "longest_days", "small_sample")
_PEOPLE = ("week", "part", "name", "job_title", "stage", "group", "answer_due", "heard", "page")


def response(sources: Sources, *, with_people: bool) -> Response:
    """Return the workbook: summary, weeks, groups, where the score comes from, history, and people where they may be shown."""
    sheets = [_summary(sources), replace(report.table(sources, "weeks"), name="Weeks")]
    if sources.groups:
        sheets.append(Table("Groups", _GROUPS, [_group(name, assess(of, sources.as_of)) for name, of in sources.groups.items()]))
    sheets += [
        replace(report.table(sources, "contributions"), name="Score"),
        replace(report.table(sources, "history"), name="History"),
    ]
    if with_people:
        sheets.append(_people(sources))
    return workbook(f"report-{sources.as_of:%Y-%m-%d}", sheets, sources.as_of)


def _summary(sources: Sources) -> Table:
    risk, zone = sources.risk, sources.employer.timezone
    heard = risk.heard_on_time
    rows: Sequence[tuple[str, Any]] = (
        ("Employer", sources.employer.name),
        ("Group", sources.group or "all"),
        ("As of", _wall(sources.as_of, zone)),
        ("Times are those of", zone),
        ("Heard on time", heard.on_time),
        ("Due an answer", heard.due),
        ("Share who heard on time", heard.share),
        ("Late now", risk.late_now.count),
        ("Longest wait past the deadline, days", risk.late_now.longest_days),
        ("Score", risk.score),
        ("Band", formatting.BANDS[risk.band]),
        ("Method", risk.method),
    )
    return Table("Summary", ("what", "value"), rows)


def _group(name: str, risk: Risk) -> list[Any]:
    heard, late = risk.heard_on_time, risk.late_now
    return [name, heard.on_time, heard.due, late.count, late.longest_days, "yes" if risk.small_sample else ""]


def _people(sources: Sources) -> Table:
    weeks = weekly_stats(sources.tally, sources.as_of)
    in_all = sum(sum(week.parts) for week in weeks)
    rows = [_person(one, sources.employer.timezone) for one in _found(sources, weeks[0].monday, weeks[-1].sunday)]
    more = max(0, in_all - len(rows))
    return Table("People", _PEOPLE, sorted(rows, key=lambda row: row[0]), f"And {more:,} more." if more else "")


def _found(sources: Sources, first: date, last: date) -> Iterator[Found]:
    for part in WEEK_PARTS:
        yield from week_people.read(sources.employer.id, part, first, last, sources.as_of, sources.group, PEOPLE_MOST)


def _person(one: Found, zone: str) -> list[Any]:
    item, due = one.application, one.word_due_at.date()
    return [
        due - timedelta(days=due.weekday()),
        WEEK_PARTS[one.part],
        item.name,
        item.job_title,
        formatting.STAGE_NAMES[one.stage],
        item.group or "",
        _wall(one.word_due_at, zone),
        _wall(one.answered_at, zone) if one.answered_at else "",
        f"{settings().base_url}/applications/{item.id}",
    ]


def _wall(instant: datetime, zone: str) -> datetime:
    """Return an instant as a cell shows it: the time on the clock there."""
    return instant.astimezone(ZoneInfo(zone))
