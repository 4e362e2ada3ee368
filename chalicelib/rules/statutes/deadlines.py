"""Computes the statutory deadlines of a job and its interviews, and what has met them.

Dates are those of the place, and a day ends at its midnight there: a notice at 23:59 of the last day is in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from chalicelib.rules.model import DutyState
from chalicelib.rules.statutes.applicability import Applicability, Posting, statutes_for_job
from chalicelib.rules.statutes.data import Statute, in_force_from


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
    lacks: tuple[str, ...] = ()
    """What the latest notice that did not meet the duty still lacks: "decision", "writing", or what it has to name."""

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
    held = _counted(rule, posting, zone, [i for i in interviews if statute.screens_count or not i.screen])
    found = []
    for index, interview in enumerate(held):
        due_on = _plus_days(_day(interview.start_at, zone), statute.days)
        following = held[index + 1] if index + 1 < len(held) else None
        if following and _day(following.start_at, zone) <= due_on:
            continue
        until = following.start_at if following else None
        found.append(_duty(rule, posting, interview.id, due_on, notices, interview.start_at, until))
    return found


def _every_two_months(
    rule: Applicability, posting: Posting, interviews: list[HeldInterview], notices: list[Notice]
) -> list[Duty]:
    """Counts two months from the first interview, and from each notice, until a decision or the hiring."""
    zone = _zone(rule.statute, posting)
    held = _counted(rule, posting, zone, interviews)
    if not held:
        return []
    basis, since, found = held[0].id, held[0].start_at, list[Duty]()
    while True:
        due_on = add_months(_day(since, zone), 2)
        if posting.filled_on is not None and posting.filled_on <= due_on:
            return found
        notice = _first(rule, posting, notices, since)
        found.append(_duty(rule, posting, basis, due_on, notices, since))
        if notice is None or notice.decision in ("offer", "rejected"):
            return found
        basis, since = notice.id, notice.at


def _after_filling(rule: Applicability, posting: Posting, interviews: list[HeldInterview], notices: list[Notice]) -> list[Duty]:
    """Counts from the day on which somebody was hired. An earlier notice of a decision meets the duty."""
    zone = _zone(rule.statute, posting)
    held = _counted(rule, posting, zone, interviews)
    if posting.filled_on is None or not held or any(n.decision == "offer" for n in notices):
        return []
    due_on = _plus_days(posting.filled_on, rule.statute.days)
    return [_duty(rule, posting, "filled", due_on, notices, held[0].start_at)]


def _after_request(rule: Applicability, posting: Posting, documents: Documents | None) -> list[Duty]:
    """Counts from the candidate's request. Only the return of the documents meets the duty. A request may come too late."""
    within, decided_on = rule.statute.asked_within_days, posting.filled_on
    if documents is None or (within and decided_on and documents.asked_on > _plus_days(decided_on, within)):
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


def _counted(rule: Applicability, posting: Posting, zone: ZoneInfo, interviews: list[HeldInterview]) -> list[HeldInterview]:
    first = in_force_from(rule.statute, posting.headcount)
    return sorted((i for i in interviews if first and _day(i.start_at, zone) >= first), key=lambda i: (i.start_at, i.id))


def _first(
    rule: Applicability, posting: Posting, notices: list[Notice], since: datetime, until: datetime | None = None
) -> Notice | None:
    """Returns the first notice that satisfies the statute, after `since` and not after `until`."""
    good = [n for n in _between(notices, since, until) if not lacking(n, rule.statute, posting)]
    return min(good, key=lambda n: (n.at, n.id), default=None)


def _between(notices: list[Notice], since: datetime, until: datetime | None) -> list[Notice]:
    return [n for n in notices if n.at > since and (until is None or n.at <= until)]


def lacking(notice: Notice, statute: Statute, posting: Posting) -> tuple[str, ...]:
    """Returns what a notice lacks of what the statute asks for. For Ontario a holding notice (`pending`) lacks nothing."""
    lacks = ["decision"] if notice.decision not in statute.answers else []
    lacks += ["writing"] if statute.written and not notice.written else []
    names = (*statute.names, "selection_body") if statute.names and posting.selection_body else statute.names
    return (*lacks, *(name for name in names if name not in notice.names))


def _duty(
    rule: Applicability,
    posting: Posting,
    basis: str,
    due_on: date,
    notices: list[Notice],
    since: datetime,
    until: datetime | None = None,
) -> Duty:
    notice = _first(rule, posting, notices, since, until)
    latest = max(_between(notices, since, until), key=lambda n: (n.at, n.id), default=None)
    return Duty(
        rule.statute.id,
        basis,
        due_on,
        end_of_day(due_on, _zone(rule.statute, posting)),
        notice.at if notice else None,
        notice.id if notice else None,
        rule.assumed,
        lacking(latest, rule.statute, posting) if latest and not notice else (),
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
