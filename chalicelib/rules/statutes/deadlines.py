"""Computes the statutory deadlines of a job and its interviews, and what has met them.

Dates are those of the place, and a day ends at its midnight there: a notice at 23:59 of the last day is in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from chalicelib.rules.model import DutyState
from chalicelib.rules.statutes.applicability import Applicability, Posting, statutes_for_job
from chalicelib.rules.statutes.data import Statute


@dataclass(frozen=True, slots=True)
class HeldInterview:
    """An interview that was not cancelled: its start, and whether it was a screening call."""

    id: str
    start_at: datetime
    screen: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """A contact that reached the candidate: its decision, whether it was written, and what it named."""

    id: str
    at: datetime
    decision: str | None
    written: bool = False
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Documents:
    """A candidate's documents: the day of the request to return them, and the day of their return."""

    asked_on: date
    returned_on: date | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """One deadline of one statute. `due_on` is the last day at the place, `due_at` its end in UTC."""

    statute: str
    basis: str
    due_on: date
    due_at: datetime
    met_at: datetime | None = None
    met_by: str | None = None
    assumed: tuple[str, ...] = ()

    def state(self, now: datetime) -> DutyState:
        """Whether the duty is open, met, met late or missed."""
        if self.met_at is not None:
            return "met" if self.met_at < self.due_at else "met_late"
        return "open" if now < self.due_at else "missed"


def duties(
    posting: Posting | None, interviews: list[HeldInterview], notices: list[Notice], documents: Documents | None = None
) -> list[Duty]:
    """Returns every deadline of a candidate's interviews for the job, in order.

    `interviews` are those held or booked, without cancelled ones and no-shows. `notices` are those that reached the candidate.
    """
    if posting is None:
        return []
    found: list[Duty] = []
    for rule in statutes_for_job(posting):
        if rule.applies and rule.statute.clock == "after_request":
            found += _after_request(rule, posting, documents)
        elif rule.applies:
            found += _CLOCKS[rule.statute.clock or "after_filling"](rule, posting, interviews, notices)
    return sorted(found, key=lambda duty: (duty.due_at, duty.statute))


def _after_last_interview(
    rule: Applicability, posting: Posting, interviews: list[HeldInterview], notices: list[Notice]
) -> list[Duty]:
    """Counts from each interview; the next interview restarts the count where it comes in time."""
    statute, zone = rule.statute, _zone(rule.statute, posting)
    held = _counted(statute, zone, [i for i in interviews if statute.screens_count or not i.screen])
    found = []
    for index, interview in enumerate(held):
        due_on = _plus_days(_day(interview.start_at, zone), statute.days)
        following = held[index + 1] if index + 1 < len(held) else None
        if following and _day(following.start_at, zone) <= due_on:
            continue
        until = following.start_at if following else None
        notice = _first(statute, notices, interview.start_at, until)
        found.append(_duty(rule, interview.id, due_on, zone, notice))
    return found


def _every_two_months(
    rule: Applicability, posting: Posting, interviews: list[HeldInterview], notices: list[Notice]
) -> list[Duty]:
    """Counts two months from the first interview, and from each notice, until a decision or the hiring."""
    statute, zone = rule.statute, _zone(rule.statute, posting)
    held = _counted(statute, zone, interviews)
    if not held:
        return []
    basis, since, found = held[0].id, held[0].start_at, list[Duty]()
    while True:
        due_on = add_months(_day(since, zone), 2)
        if posting.filled_on is not None and posting.filled_on <= due_on:
            return found
        notice = _first(statute, notices, since, None)
        found.append(_duty(rule, basis, due_on, zone, notice))
        if notice is None or notice.decision in ("offer", "rejected"):
            return found
        basis, since = notice.id, notice.at


def _after_filling(rule: Applicability, posting: Posting, interviews: list[HeldInterview], notices: list[Notice]) -> list[Duty]:
    """Counts from the day on which somebody was hired. An earlier notice of a decision meets the duty."""
    statute, zone = rule.statute, _zone(rule.statute, posting)
    held = _counted(statute, zone, interviews)
    if posting.filled_on is None or not held or any(n.decision == "offer" for n in notices):
        return []
    notice = _first(statute, notices, held[0].start_at, None)
    return [_duty(rule, "filled", _plus_days(posting.filled_on, statute.days), zone, notice)]


def _after_request(rule: Applicability, posting: Posting, documents: Documents | None) -> list[Duty]:
    """Counts from the candidate's request. Only the return of the documents meets the duty."""
    if documents is None:
        return []
    zone, due_on = _zone(rule.statute, posting), _plus_days(documents.asked_on, rule.statute.days)
    returned_on = documents.returned_on
    met_at = datetime(returned_on.year, returned_on.month, returned_on.day, tzinfo=zone).astimezone(UTC) if returned_on else None
    return [
        Duty(
            rule.statute.id,
            "documents",
            due_on,
            end_of_day(due_on, zone),
            met_at,
            "returned" if met_at else None,
            rule.assumed,
        )
    ]


_CLOCKS = {"after_last_interview": _after_last_interview, "every_two_months": _every_two_months, "after_filling": _after_filling}


def _counted(statute: Statute, zone: ZoneInfo, interviews: list[HeldInterview]) -> list[HeldInterview]:
    first = statute.in_force
    return sorted((i for i in interviews if first and _day(i.start_at, zone) >= first), key=lambda i: (i.start_at, i.id))


def _first(statute: Statute, notices: list[Notice], since: datetime, until: datetime | None) -> Notice | None:
    """Returns the first notice that satisfies the statute, after `since` and not after `until`."""
    good = [n for n in notices if satisfies(n, statute) and n.at > since and (until is None or n.at <= until)]
    return min(good, key=lambda n: (n.at, n.id), default=None)


def satisfies(notice: Notice, statute: Statute) -> bool:
    """Whether a notice says what the statute asks for. For Ontario a holding notice (`pending`) is enough."""
    return (
        notice.decision in statute.answers and (notice.written or not statute.written) and notice.names.issuperset(statute.names)
    )


def _duty(rule: Applicability, basis: str, due_on: date, zone: ZoneInfo, notice: Notice | None) -> Duty:
    return Duty(
        rule.statute.id,
        basis,
        due_on,
        end_of_day(due_on, zone),
        notice.at if notice else None,
        notice.id if notice else None,
        rule.assumed,
    )


def _zone(statute: Statute, posting: Posting) -> ZoneInfo:
    return ZoneInfo(posting.timezone or statute.zone)


def _day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def _plus_days(day: date, days: int) -> date:
    return date.fromordinal(day.toordinal() + days)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Returns the next midnight in the zone, in UTC."""
    following = _plus_days(day, 1)
    return datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """Returns the same day of a later month, or its last day: 31 December + 2 is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - date(year, month + 1, 1)).days))


WARN_DAYS = (30, 10, 2)
"""The digest names a deadline so many days before it."""


def crossed_warning(due_at: datetime, after: datetime, until: datetime) -> int | None:
    """Returns the smallest of the warning marks that lies in (after, until], or None."""
    crossed = [days for days in WARN_DAYS if after < _before(due_at, days) <= until]
    return min(crossed, default=None)


def _before(instant: datetime, days: int) -> datetime:
    return datetime.fromtimestamp(instant.timestamp() - days * 86400, UTC)


def notice_channels(*, email: str | None, phone: str | None, takes_texts: bool, opted_out: bool) -> list[str]:
    """Returns the ways to send a notice, best proof first; after STOP never by text."""
    ways = ["email"] if email else []
    ways += ["letter"]
    ways += ["call"] if phone else []
    return ways + (["sms"] if phone and takes_texts and not opted_out else [])
