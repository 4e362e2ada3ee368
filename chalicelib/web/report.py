"""The report for people: the figures of `GET /v1/risk` in words, charts and tables, each of them opened up on the same page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from chalicelib.applications.law.due_list import Unmet
from chalicelib.reputation import statutory_summary, trend
from chalicelib.reputation.trend import Point
from chalicelib.rules.model import STAGES, Employer
from chalicelib.rules.risk import report as rules
from chalicelib.rules.risk import weekly_stats
from chalicelib.rules.risk.model import CONSTANTS, PRIOR_WAITS
from chalicelib.rules.risk.report import LATE_BANDS, Contribution, Risk
from chalicelib.rules.tally import Tally
from chalicelib.web import render, words

CSV_COLUMNS = (
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
)


@dataclass(frozen=True, slots=True)
class Sources:
    """What a report is made of: read once, shown as a page or as a spreadsheet."""

    employer: Employer
    tally: Tally
    snapshots: list[Point]
    as_of: datetime
    unmet: Unmet
    """Deadlines that a law sets and nothing has met."""


def html(sources: Sources, **around: Any) -> str:
    """The report page of one employer, times on the employer's clock. `around` is for the page's frame."""
    risk = rules.assess(sources.tally, sources.as_of)
    return render.html(
        "report.html",
        employer=sources.employer,
        risk=risk,
        as_of=words.full_moment(sources.as_of, sources.employer.timezone),
        band=words.BANDS[risk.band],
        stages=[(words.STAGES_IN_WORDS[stage], risk.tally.by_stage[stage]) for stage in STAGES],
        contributions=_by_stage(rules.contributions(sources.tally, sources.as_of), risk),
        constants=CONSTANTS,
        trend=trend.of(sources.snapshots, risk),
        weeks=weekly_stats.weekly_stats(sources.tally, sources.as_of),
        late=LATE_BANDS,
        by_law=statutory_summary.of(sources.unmet, sources.as_of),
        watches=bool(sources.employer.policy.jurisdiction),
        **around,
    )


def said(title: str, detail: str, path: str) -> str:
    """A page that only says something."""
    return render.html("said.html", title=title, paragraphs=[detail], visitor=None, here=path)


def csv_text(sources: Sources) -> str:
    """The lines that the score is a sum of, and the weeks (RFC 4180). Nothing in it was typed by anybody."""
    risk = rules.assess(sources.tally, sources.as_of)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(CSV_COLUMNS)
    for one in rules.contributions(sources.tally, sources.as_of):
        line = _line(one, risk)
        writer.writerow(
            [
                "contributions",
                one.stage,
                one.state,
                one.band,
                one.waits,
                f"{line['score']:.4f}",
                f"{line['incurred']:.6f}",
                f"{line['coming']:.6f}",
                "",
                "",
                "",
            ]
        )
    for week in weekly_stats.weekly_stats(sources.tally, sources.as_of):
        median = LATE_BANDS[week.median] if week.median is not None else ""
        writer.writerow(["weeks", week.monday.isoformat(), "", "", week.owed, "", "", "", week.on_time, week.still_open, median])
    return text.getvalue()


def _by_stage(lines: Iterable[Contribution], risk: Risk) -> list[tuple[str, list[dict[str, Any]]]]:
    return [
        (words.STAGES_IN_WORDS[stage], [_line(one, risk) for one in of_stage])
        for stage, of_stage in groupby(lines, key=attrgetter("stage"))
    ]


def _line(one: Contribution, risk: Risk) -> dict[str, Any]:
    """A contribution as a row: what it adds to the score, to what has been written, and to what is coming."""
    return {
        "state": "no word yet" if one.state == "open" else "answered",
        "band": one.band,
        "waits": one.waits,
        "score": 100 * one.harm / (risk.tally.waits + PRIOR_WAITS),
        "incurred": one.incurred["central"],
        "coming": one.next_30_days["central"],
    }
