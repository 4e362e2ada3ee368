"""The report page: the figures of `GET /v1/risk` as text, charts and tables, with the numbers behind each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from operator import attrgetter
from typing import Any

from chalicelib.api.spreadsheet import Table
from chalicelib.applications.law.due_list import Unmet
from chalicelib.reputation import statutory_summary, trend
from chalicelib.reputation.trend import Point
from chalicelib.rules import experience
from chalicelib.rules.employer import Employer
from chalicelib.rules.experience import Answer, Figures
from chalicelib.rules.risk import contributions, weekly_stats
from chalicelib.rules.risk.advice import advise, shown_what_ifs
from chalicelib.rules.risk.contributions import LATE_BANDS, Contribution
from chalicelib.rules.risk.model import CONSTANTS, PRIOR_WAITS
from chalicelib.rules.risk.report import Risk, assess
from chalicelib.rules.tally import Tally
from chalicelib.web import formatting, render, report_words, weekly_chart

_CONTRIBUTIONS = ("stage", "state", "lateness", "waits", "points", "reviews_by_now", "reviews_in_30_days")
_WEEKS = ("week", "waits", "heard_on_time", "not_heard_yet", "median_lateness", "late", "not_yet")
_HISTORY = ("date", "score", "band", "method")
_BOTH = (
    "table",
    "stage_or_week",
    "state",
    "lateness",
    "waits",
    "points",
    "reviews_by_now",
    "reviews_in_30_days",
    "heard_on_time",
    "not_heard_yet",
    "median_lateness",
    "late",
    "not_yet",
)
"""Both tables in one, as the file was before it could be chosen."""
TABLES = ("contributions", "weeks", "history")


@dataclass(frozen=True, slots=True)
class Sources:
    """The data of a report, shown as a page or as a spreadsheet: of the employer, or of one of its groups."""

    employer: Employer
    tally: Tally
    snapshots: list[Point]
    as_of: datetime
    unmet: Unmet
    """Statutory deadlines that are not met."""
    group: str | None = None
    groups: Mapping[str, Tally] = field(default_factory=dict)
    """The tallies of all groups, on the report of the whole employer."""
    found: Sequence[Answer] = ()
    """How candidates found it."""

    @property
    def risk(self) -> Risk:
        return assess(self.tally, self.as_of, self.employer.review_days)


def html(sources: Sources, **frame: Any) -> str:
    """Render the report of one employer, in its time zone. `frame` holds the values of the page's frame."""
    risk = sources.risk
    advice = advise(sources.tally, risk)
    weeks = weekly_stats.weekly_stats(sources.tally, sources.as_of)
    return render.html(
        "report.html",
        employer=sources.employer,
        group=sources.group,
        groups=[_group(name, assess(tally, sources.as_of)) for name, tally in sources.groups.items()],
        risk=risk,
        heading=report_words.heading(risk),
        sentence=report_words.sentence(risk, advice),
        as_of=formatting.full_moment(sources.as_of, sources.employer.timezone),
        band=formatting.BANDS[risk.band],
        contributions=_by_stage(contributions.contributions(sources.tally, sources.as_of), risk),
        constants=CONSTANTS,
        trend=trend.trend_of(sources.snapshots, risk),
        chart=weekly_chart.chart(weeks, sources.employer.timezone),
        what_ifs=shown_what_ifs(risk, advice.can_be_called),
        can_be_called=advice.can_be_called,
        late=LATE_BANDS,
        experience=_experience(sources),
        shown_from=experience.SHOWN_FROM,
        by_law=statutory_summary.summarize(sources.unmet, sources.as_of),
        watches=bool(sources.employer.policy.jurisdiction) and sources.group is None,
        **frame,
    )


def _group(name: str, risk: Risk) -> dict[str, Any]:
    return {"name": name, "heard": risk.heard_on_time, "late": risk.late_now, "small": risk.small_sample}


def _experience(sources: Sources) -> list[tuple[str, Figures]]:
    """Return how candidates found it, by stage and then by group, where five have answered."""
    by_stage = experience.by_stage(sources.found)
    rows = [(formatting.STAGE_NAMES[stage], one) for stage, one in by_stage.items()]
    rows += experience.by_group(sources.found, list(sources.groups)).items()
    return [(name, one) for name, one in rows if one.answers]


def message(title: str, detail: str, path: str) -> str:
    """Render a page that only shows a message."""
    return render.html("said.html", title=title, paragraphs=[detail], visitor=None, here=path)


def table(sources: Sources, which: str | None) -> Table:
    """Return the score's contributions or the weeks; None is both in one."""
    name = f"risk-{which}" if which else "risk"
    if which == "history":
        points = [[point.day, point.score, point.band, point.method] for point in sources.snapshots]
        return Table(f"{name}-{sources.as_of:%Y-%m-%d}", _HISTORY, points)
    name = f"{name}-{sources.as_of:%Y-%m-%d}"
    if which == "contributions":
        return Table(name, _CONTRIBUTIONS, list(_contribution_rows(sources)))
    if which == "weeks":
        return Table(name, _WEEKS, list(_week_rows(sources)))
    both: list[list[Any]] = [["contributions", *row, "", "", "", "", ""] for row in _contribution_rows(sources)]
    both += [["weeks", monday, "", "", owed, "", "", "", *others] for monday, owed, *others in _week_rows(sources)]
    return Table(name, _BOTH, both)


def _contribution_rows(sources: Sources) -> Iterator[list[Any]]:
    risk = sources.risk
    for one in contributions.contributions(sources.tally, sources.as_of):
        line = _line(one, risk)
        figures = [Decimal(f"{line[name]:.{places}f}") for name, places in (("score", 4), ("incurred", 6), ("coming", 6))]
        yield [one.stage, one.state, one.band, one.waits, *figures]


def _week_rows(sources: Sources) -> Iterator[list[Any]]:
    for week in weekly_stats.weekly_stats(sources.tally, sources.as_of):
        median = LATE_BANDS[week.median] if week.median is not None else ""
        _, late, not_yet, _ = week.parts
        yield [week.monday, week.owed, week.on_time, week.still_open, median, late, not_yet]


def _by_stage(lines: Iterable[Contribution], risk: Risk) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        (formatting.STAGE_NAMES[stage], [_line(one, risk) for one in of_stage])
        for stage, of_stage in groupby(lines, key=attrgetter("stage"))
    ]


def _line(one: Contribution, risk: Risk) -> dict[str, Any]:
    """Return a contribution as a row: what it adds to the score and to the expected reviews."""
    return {
        "state": "no reply yet" if one.state == "open" else "answered",
        "band": one.band,
        "waits": one.waits,
        "score": 100 * one.harm / (risk.tally.waits + PRIOR_WAITS),
        "incurred": one.incurred["central"],
        "coming": one.next_30_days["central"],
    }
