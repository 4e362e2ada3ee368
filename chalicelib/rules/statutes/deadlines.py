"""The law's clock: which duties a job and its interviews set running, until when, and what has met them.

Dates are counted on the calendar of the place, and a day runs to its midnight there: a notice at 23:59 of the last day is in
time. Where what we are told leaves a question open (was the job advertised? how many work there?), the duty is taken to apply,
and `assumed` says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from chalicelib.rules.model import Advertised, DutyState
from chalicelib.rules.statutes.data import STATUTES, Statute


@dataclass(frozen=True, slots=True)
class Posting:
    """What the law asks about a job. None: not known. `filled_on` is the day somebody was hired for it."""

    jurisdiction: str
    headcount: int | None = None
    advertised: Advertised | None = None
    role_days: int | None = None
    filled_on: date | None = None
    timezone: str | None = None


@dataclass(frozen=True, slots=True)
class HeldInterview:
    """An interview as far as the law asks: when it begins, and whether it was a screening call."""

    id: str
    start_at: datetime
    screen: bool = False


@dataclass(frozen=True, slots=True)
class Notice:
    """Word that reached the candidate: what it decided, whether it was written, and what it named."""

    id: str
    at: datetime
    decision: str | None
    written: bool = False
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Documents:
    """A candidate's own documents: the day on which they were asked back, and the day on which they were returned."""

    asked_on: date
    returned_on: date | None = None


@dataclass(frozen=True, slots=True)
class Duty:
    """One deadline of one statute. `due_on` is the last day, on the calendar of the place; `due_at` the instant it ends (UTC)."""

    statute: str
    basis: str
    due_on: date
    due_at: datetime
    met_at: datetime | None = None
    met_by: str | None = None
    assumed: tuple[str, ...] = ()

    def state(self, now: datetime) -> DutyState:
        if self.met_at is not None:
            return "met" if self.met_at < self.due_at else "met_late"
        return "open" if now < self.due_at else "missed"


@dataclass(frozen=True, slots=True)
class Applicability:
    """Whether a statute applies to a job: why not, or what was taken for granted."""

    statute: Statute
    applies: bool
    why_not: str | None = None
    assumed: tuple[str, ...] = ()


def statutes_for_job(posting: Posting) -> list[Applicability]:
    """Every statute of the job's jurisdiction (bills included, which never apply), answered for this job."""
    return [_answer(statute, posting) for statute in STATUTES if statute.jurisdiction == posting.jurisdiction]


def _answer(statute: Statute, posting: Posting) -> Applicability:
    assumed = []
    if statute.in_force is None:
        return Applicability(statute, False, "a bill, not a law: watched only")
    least, longer = statute.headcount_at_least, statute.longer_than_days
    if least is not None and posting.headcount is None:
        assumed.append(f"at least {least} employees on posting day")
    elif least is not None and posting.headcount is not None and posting.headcount < least:
        return Applicability(statute, False, f"fewer than {least} employees on posting day")
    if statute.advertised_publicly and posting.advertised is None:
        assumed.append("advertised publicly")
    elif statute.advertised_publicly and posting.advertised == "internal":
        return Applicability(statute, False, "restricted to existing employees")
    elif statute.advertised_publicly and posting.advertised == "general_campaign":
        return Applicability(statute, False, "a general campaign that advertises no specific position")
    if longer is not None and posting.role_days is None:
        assumed.append(f"a role of more than {longer} days")
    elif longer is not None and posting.role_days is not None and posting.role_days <= longer:
        return Applicability(statute, False, f"a role of at most {longer} days")
    return Applicability(statute, True, assumed=tuple(assumed))


def duties(
    posting: Posting | None, interviews: list[HeldInterview], notices: list[Notice], documents: Documents | None = None
) -> list[Duty]:
    """Every deadline that this candidate's interviews for the job have set running, in order; met ones say by what.

    `interviews` are those held or booked, no cancelled ones and no no-shows; `notices` those that reached the candidate.
    """
    if posting is None:
        return []
    found: list[Duty] = []
    for answer in statutes_for_job(posting):
        if answer.applies and answer.statute.clock == "after_request":
            found += _after_request(answer, posting, documents)
        elif answer.applies:
            found += _RUN[answer.statute.clock or "after_filling"](answer, posting, interviews, notices)
    return sorted(found, key=lambda duty: (duty.due_at, duty.statute))


def _after_last_interview(
    answer: Applicability, posting: Posting, interviews: list[HeldInterview], notices: list[Notice]
) -> list[Duty]:
    """The clock starts at an interview, and anew at the next one, if that comes before it has run out."""
    statute, zone = answer.statute, _zone(answer.statute, posting)
    held = _in_force(statute, zone, [i for i in interviews if statute.screens_count or not i.screen])
    found = []
    for index, interview in enumerate(held):
        due_on = _plus_days(_day(interview.start_at, zone), statute.days)
        following = held[index + 1] if index + 1 < len(held) else None
        if following and _day(following.start_at, zone) <= due_on:
            continue
        until = following.start_at if following else None
        told = _first(statute, notices, interview.start_at, until)
        found.append(_duty(answer, interview.id, due_on, zone, told))
    return found


def _every_two_months(
    answer: Applicability, posting: Posting, interviews: list[HeldInterview], notices: list[Notice]
) -> list[Duty]:
    """Two months from the start of the selection, and again from each notice, until a decision is told or the job is filled."""
    statute, zone = answer.statute, _zone(answer.statute, posting)
    held = _in_force(statute, zone, interviews)
    if not held:
        return []
    basis, since, found = held[0].id, held[0].start_at, list[Duty]()
    while True:
        due_on = add_months(_day(since, zone), 2)
        if posting.filled_on is not None and posting.filled_on <= due_on:
            return found
        told = _first(statute, notices, since, None)
        found.append(_duty(answer, basis, due_on, zone, told))
        if told is None or told.decision in ("offer", "rejected"):
            return found
        basis, since = told.id, told.at


def _after_filling(answer: Applicability, posting: Posting, interviews: list[HeldInterview], notices: list[Notice]) -> list[Duty]:
    """From the day somebody was hired. Who was told an offer or a rejection before is told."""
    statute, zone = answer.statute, _zone(answer.statute, posting)
    held = _in_force(statute, zone, interviews)
    if posting.filled_on is None or not held or any(n.decision == "offer" for n in notices):
        return []
    told = _first(statute, notices, held[0].start_at, None)
    return [_duty(answer, "filled", _plus_days(posting.filled_on, statute.days), zone, told)]


def _after_request(answer: Applicability, posting: Posting, documents: Documents | None) -> list[Duty]:
    """From the day on which the candidate asked. Returning them is all that meets it: no notice does."""
    if documents is None:
        return []
    zone, due_on = _zone(answer.statute, posting), _plus_days(documents.asked_on, answer.statute.days)
    returned_on = documents.returned_on
    met_at = datetime(returned_on.year, returned_on.month, returned_on.day, tzinfo=zone).astimezone(UTC) if returned_on else None
    return [
        Duty(
            answer.statute.id,
            "documents",
            due_on,
            end_of_day(due_on, zone),
            met_at,
            "returned" if met_at else None,
            answer.assumed,
        )
    ]


_RUN = {"after_last_interview": _after_last_interview, "every_two_months": _every_two_months, "after_filling": _after_filling}


def _in_force(statute: Statute, zone: ZoneInfo, interviews: list[HeldInterview]) -> list[HeldInterview]:
    first = statute.in_force
    return sorted((i for i in interviews if first and _day(i.start_at, zone) >= first), key=lambda i: (i.start_at, i.id))


def _first(statute: Statute, notices: list[Notice], since: datetime, until: datetime | None) -> Notice | None:
    """The first notice with the right content: after the interview began, and before the next one did."""
    good = [n for n in notices if satisfies(n, statute) and n.at > since and (until is None or n.at <= until)]
    return min(good, key=lambda n: (n.at, n.id), default=None)


def satisfies(notice: Notice, statute: Statute) -> bool:
    """Whether a notice says what the statute asks for. A holding notice (`pending`) does for Ontario."""
    return (
        notice.decision in statute.answers and (notice.written or not statute.written) and notice.names.issuperset(statute.names)
    )


def _duty(answer: Applicability, basis: str, due_on: date, zone: ZoneInfo, told: Notice | None) -> Duty:
    return Duty(
        answer.statute.id,
        basis,
        due_on,
        end_of_day(due_on, zone),
        told.at if told else None,
        told.id if told else None,
        answer.assumed,
    )


def _zone(statute: Statute, posting: Posting) -> ZoneInfo:
    return ZoneInfo(posting.timezone or statute.zone)


def _day(instant: datetime, zone: ZoneInfo) -> date:
    return instant.astimezone(zone).date()


def _plus_days(day: date, days: int) -> date:
    return date.fromordinal(day.toordinal() + days)


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which a day ends there: the next midnight, in UTC."""
    following = _plus_days(day, 1)
    return datetime(following.year, following.month, following.day, tzinfo=zone).astimezone(UTC)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last: 31 December + 2 is 28 or 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - date(year, month + 1, 1)).days))


WARN_DAYS = (30, 10, 2)
"""How long before a deadline the digest names it."""


def crossed_warning(due_at: datetime, after: datetime, until: datetime) -> int | None:
    """The smallest of 30, 10 and 2 days before the deadline that lies in (after, until]; None where none does."""
    crossed = [days for days in WARN_DAYS if after < _before(due_at, days) <= until]
    return min(crossed, default=None)


def _before(instant: datetime, days: int) -> datetime:
    return datetime.fromtimestamp(instant.timestamp() - days * 86400, UTC)


def notice_channels(*, email: str | None, phone: str | None, takes_texts: bool, opted_out: bool) -> list[str]:
    """How a notice may go out, best proof first. After STOP never by text: then email, post or a call."""
    ways = ["email"] if email else []
    ways += ["letter"]
    ways += ["call"] if phone else []
    return ways + (["sms"] if phone and takes_texts and not opted_out else [])
