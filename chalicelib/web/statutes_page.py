"""The statutes for people: what each law asks of which employers, its source, and when we last checked it. Not legal advice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from chalicelib.api.request import Request
from chalicelib.api.response import Response
from chalicelib.applications.items import ApplicationItem
from chalicelib.applications.law.duties import read_duty
from chalicelib.auth.sessions import Visitor
from chalicelib.rules.copy.clock import date_with_year
from chalicelib.rules.statutes.data import BY_ID, STATUTES, Statute, unverified_since
from chalicelib.web import page_support

_NAMES = {
    "employer": "your company’s name",
    "candidate": "the candidate’s name",
    "process_start": "when the process began",
    "position": "the position",
    "sender": "who sends it",
    "sender_role": "the sender’s role",
    "selection_body": "who conducts the selection, where that is not the employer",
}
PLACES = {"CA-ON": "Ontario", "IL": "Israel", "KR": "South Korea", "US-NJ": "New Jersey", "US-PA": "Pennsylvania"}


@dataclass(frozen=True, slots=True)
class Row:
    """One statute in words."""

    place: str
    law: str
    asks: str
    by_when: str
    applies: list[str]
    names: list[str]
    source: str
    is_link: bool
    verified: str
    is_own: bool
    is_bill: bool


def show(request: Request, visitor: Visitor) -> Response:
    """GET /statutes"""
    own, zone = visitor.employer.policy.jurisdiction, visitor.employer.timezone
    rows = [_row(one, own, zone, request.now.date()) for one in STATUTES]
    return page_support.page(
        "statutes.html",
        request,
        visitor,
        rows=sorted(rows, key=lambda row: (not row.is_own, row.is_bill)),
        own=PLACES.get(own or "", own),
    )


def _row(statute: Statute, own: str | None, zone: str, today: date) -> Row:
    since = unverified_since(statute, today)
    checked = date_with_year(statute.verified_on, zone)
    return Row(
        place=PLACES.get(statute.jurisdiction, statute.jurisdiction),
        law=statute.law,
        asks=statute.duty,
        by_when=by_when(statute),
        applies=list(applies_to(statute, zone)),
        names=[_NAMES[name] for name in statute.names],
        source=statute.source,
        is_link=statute.source.startswith("https://"),
        verified=f"{checked}. Not checked again since {date_with_year(since, zone)}: ask a lawyer" if since else checked,
        is_own=statute.jurisdiction == own,
        is_bill=statute.in_force is None,
    )


@dataclass(frozen=True, slots=True)
class DutyLine:
    """A deadline of one candidate: what the law asks, by when, and what the latest notice still lacks."""

    asks: str
    due: str
    state: str
    lacks: list[str]


_STATES = {"open": "open", "met": "met", "met_late": "met late", "missed": "missed"}
_LACKS = {"decision": "a decision", "writing": "writing: tell it by email, text or letter", **_NAMES}


def lacks_in_words(lacks: Iterable[str]) -> list[str]:
    """Return in words what a notice lacks."""
    return [_LACKS.get(one, one) for one in lacks]


def duties_of(application: ApplicationItem, zone: str, now: datetime) -> list[DutyLine]:
    """Return the deadlines of an application in words, soonest first."""
    found = [read_duty(stored) for stored in application.duties or () if stored["statute"] in BY_ID]
    return [
        DutyLine(
            BY_ID[duty.statute].duty,
            date_with_year(duty.due_on, zone),
            _STATES[duty.state(now)],
            lacks_in_words(duty.lacks),
        )
        for duty in found
    ]


def by_when(statute: Statute) -> str:
    """Return the deadline in words."""
    days = "at once" if not statute.days else "within 1 day" if statute.days == 1 else f"within {statute.days} days"
    return {
        "after_last_interview": f"{days} of the last interview",
        "every_two_months": "every two months while the selection goes on",
        "after_filling": f"{days} of filling the position" if statute.days else "as soon as the position is filled",
        "after_request": f"{days} of the candidate’s request",
        None: "no deadline yet",
    }[statute.clock]


def applies_to(statute: Statute, zone: str) -> list[str]:
    """Return which employers and candidates the statute covers, one condition an entry."""
    found = [f"in force since {date_with_year(statute.in_force, zone)}"] if statute.in_force else ["a bill, not in force"]
    if statute.phases:
        found += [f"from {least} employees since {date_with_year(since, zone)}" for least, since in statute.phases]
    elif statute.headcount_at_least:
        found.append(f"{statute.headcount_at_least} employees or more")
    found += ["jobs that are advertised publicly"] if statute.advertised_publicly else []
    found += [f"jobs longer than {statute.longer_than_days} days"] if statute.longer_than_days else []
    found += ["work done there"] if statute.work_inside else []
    found += ["not food service"] if statute.no_food_service else []
    return [*found, *(["in writing"] if statute.written else [])]
