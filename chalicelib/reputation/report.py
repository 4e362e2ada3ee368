"""The report for people: the figures of `GET /v1/risk` in words and tables, each of them opened up on the same page."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from hashlib import sha256
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from chalicelib.rules import risk as rules
from chalicelib.rules.records import STAGES, Employer
from chalicelib.rules.risk import Contribution, Range, Risk
from chalicelib.rules.silence import PRIOR_WAITS
from chalicelib.rules.tally import Tally

if TYPE_CHECKING:
    from jinja2 import Environment

_WEB = Path(__file__).parent.parent / "web"
_DAY_AT_LEAST = 48
BAND_WORDS = {"low": "Low", "moderate": "Moderate", "high": "High", "severe": "Severe"}
STAGE_WORDS = {"screen": "Screening call", "interview": "Interview", "final": "Final interview"}


def html(employer: Employer, tally: Tally, as_of: datetime) -> str:
    """The report page of one employer, times on the employer's clock."""
    risk = rules.assess(tally, as_of)
    return _environment().get_template("report.html").render(
        css=_css(), employer=employer, risk=risk, as_of=_when(as_of, employer.timezone), band=BAND_WORDS[risk.band],
        stages=[(STAGE_WORDS[stage], risk.tally.by_stage[stage]) for stage in STAGES],
        contributions=_by_stage(rules.contributions(tally, as_of), risk), constants=rules.CONSTANTS)


def words(title: str, detail: str) -> str:
    """A page that only says something."""
    return _environment().get_template("words.html").render(css=_css(), title=title, detail=detail)


@cache
def style_hash() -> str:
    """The page's one style sheet, as its Content-Security-Policy names it."""
    return "sha256-" + base64.b64encode(sha256(_css().encode()).digest()).decode()


@cache
def _css() -> str:
    return (_WEB / "report.css").read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # 41 ms that only pages pay

    environment = Environment(loader=FileSystemLoader(_WEB / "templates"), autoescape=True, undefined=StrictUndefined,
                              trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(reviews=reviews, spread=spread, hours=hours, one=lambda value: f"{value:.1f}")
    environment.globals["count"] = count
    return environment


def _when(instant: datetime, zone: str) -> str:
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%B %Y, %H:%M} ({zone})"


def _by_stage(lines: Iterable[Contribution], risk: Risk) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(STAGE_WORDS[stage], [_line(one, risk) for one in of_stage])
            for stage, of_stage in groupby(lines, key=attrgetter("stage"))]


def _line(one: Contribution, risk: Risk) -> dict[str, Any]:
    """A contribution as a row: what it adds to the score, to what has been written, and to what is coming."""
    return {"state": "no word yet" if one.state == "open" else "answered", "band": one.band, "waits": one.waits,
            "score": 100 * one.harm / (risk.tally.waits + PRIOR_WAITS),
            "incurred": one.incurred["central"], "coming": one.next_30_days["central"]}


def reviews(value: float) -> str:
    """Expected reviews as people can use them: never more digits than there is knowledge."""
    if value == 0:
        return "0"
    if value < 0.01:
        return "<0.01"
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def spread(value: Range) -> str:
    """low to high"""
    return f"{reviews(value['low'])} to {reviews(value['high'])}"


def hours(value: int) -> str:
    """So many hours in words: days from two days on."""
    return count(value, "hour") if value < _DAY_AT_LEAST else count(value // 24, "day")


def count(number: int, noun: str) -> str:
    """1 candidate, 2 candidates"""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
